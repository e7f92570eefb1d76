"""Everything that can go wrong, and where.

The tree of exceptions. `cli` is the only place that turns one into a message and an exit code;
every message is one sentence that says what is wrong, where, and what to do. It names no flag and
no button: `settings` tells which of the caller's choices is at fault, and each front end says in
its own words how to change it::

    VoiceguideError            exit code 1
    +-- UsageError             exit code 2: the call itself is wrong
    |   +-- NotFoundError      no such track, file, sound, voice, step ...
    |   +-- ExistsError        a file is already there, and was not to be replaced
    |   +-- MissingError       an optional part is not installed; names the command that brings it
    +-- ScriptError            one or more located problems in a script
    +-- LengthError            the session cannot be as long as asked
    +-- SpeechError            a voice failed
    +-- SoundError             a sound file cannot be used
    +-- SinkError              the result cannot be written or played

A finding in a script is a `Problem`: a value, not an exception, so that one run can report all
of them. `ScriptError` carries them.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

Severity = Literal["error", "warning"]


class VoiceguideError(Exception):
    """Base of all errors that are meant for the listener.

    Attributes:
        settings: which settings to change to get further: fields of `Request` or `Options`, or
            arguments of `export` and `play`; empty where no setting helps.
    """

    exit_code = 1

    def __init__(self, message: str, *, settings: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.settings = settings


class UsageError(VoiceguideError):
    """The call is wrong: options that contradict each other, an unknown value."""

    exit_code = 2


class NotFoundError(UsageError):
    """Something was named that does not exist."""


class ExistsError(UsageError):
    """A file is already there; the setting `force` replaces it."""

    def __init__(self, message: str, *, settings: tuple[str, ...] = ("force",)) -> None:
        super().__init__(message, settings=settings)


class MissingError(UsageError):
    """Something is not installed here.

    Attributes:
        how: the command that brings it, which the message names too; empty where there is none.
    """

    how: str = ""


class LengthError(VoiceguideError):
    """The asked length is out of reach.

    Attributes:
        reachable: the nearest lengths that can be reached, in seconds, ascending: the shortest
            and the longest, or the two on either side of a gap.
        gap: whether it lies in such a gap.
    """

    def __init__(
        self, message: str, reachable: tuple[float, ...] = (), *, gap: bool = False
    ) -> None:
        super().__init__(message)
        self.reachable, self.gap = reachable, gap


class SpeechError(VoiceguideError):
    """A voice raised, hung, or gave nothing that can be heard."""


class SoundError(VoiceguideError):
    """A sound file is missing, broken, or of a kind that cannot be read here."""


class SinkError(VoiceguideError):
    """The result cannot be written or played."""


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a script.

    Attributes:
        source: the file's name, as the user gave it.
        line: from 1.
        column: in characters, from 1.
    """

    source: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.source}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of a script's text that puts a problem right.

    Attributes:
        line, column: the first character that is replaced, both from 1.
        length: how many characters of the line are replaced.
        text: what stands there afterwards; may hold line ends.
    """

    line: int
    column: int
    length: int
    text: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One located finding in a script.

    Attributes:
        code: stable, lower case with hyphens; what tests and editors key on.
        message: what is wrong, one sentence.
        location: the first character of what is wrong.
        source_line: the whole line of the file, without its line end.
        length: how many characters are wrong, at least 1; they get the carets.
        expected: what would have been right here, or None.
        hint: what to write instead, often the word that was probably meant, or None.
        severity: an error stops the compilation, a warning does not.
        included_from: the include cues that led here, outermost first.
        fix: what to change, where that is safe: the same as the hint says.
    """

    code: str
    message: str
    location: Location
    source_line: str = ""
    length: int = 1
    expected: str | None = None
    hint: str | None = None
    severity: Severity = "error"
    included_from: tuple[Location, ...] = ()
    fix: Edit | None = None

    def as_dict(self) -> dict[str, object]:
        """The finding as JSON-ready values, file, line and column at the top level."""
        data = asdict(self)
        place = data.pop("location")
        data["included_from"] = [str(where) for where in self.included_from]
        return {
            "code": data.pop("code"),
            "severity": data.pop("severity"),
            "file": place["source"],
            "line": place["line"],
            "column": place["column"],
            **data,
        }


class ScriptError(VoiceguideError):
    """A script that does not compile.

    Attributes:
        problems: every finding of the run, in file order; at least one is an error.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        errors = [p for p in self.problems if p.severity == "error"]
        first = errors[0] if errors else self.problems[0]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        super().__init__(f"{first.location}: {first.message}{more}")


def did_you_mean(word: str, known: Iterable[str], *, count: int = 1) -> str | None:
    """A question naming the nearest known words, or None where none is near.

    >>> did_you_mean("piriformus", ["piriformis", "calves"])
    'did you mean "piriformis"?'
    """
    names = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(word[:80].casefold(), names, n=count, cutoff=0.6)
    if not near:
        return None
    return "did you mean " + " or ".join(f'"{names[n]}"' for n in near) + "?"
