"""The text of one script file, and the findings in it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePath

from voiceguide.errors import Location, Problem, ScriptError, Severity

MAX_BYTES = 1 << 20
"""A script is at most this many bytes long."""

# Besides control characters: direction overrides, which show a text other than it is, and the
# stand-in that marks a directive inside a sentence.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffc\ufeff]")


@dataclass(frozen=True, slots=True)
class Source:
    """One script file's text.

    Attributes:
        name: as the user gave it, or as it is shown in messages.
        text: line ends are "\\n".
        folder: where its own includes and sounds are looked up first.
        identity: tells whether two sources are the same file.
        lines: the text by line, without line ends.
    """

    name: str
    text: str
    folder: PurePath | None = None
    identity: str = ""
    lines: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        text = self.text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "lines", tuple(text.split("\n")))

    def line(self, number: int) -> str:
        """A line by its number, from 1; empty past the end."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""


def decode(data: bytes, name: str, folder: PurePath | None = None, identity: str = "") -> Source:
    """A file's bytes as a source.

    Raises:
        ScriptError: it is too large, is not UTF-8 text, or holds characters that no text has.
    """

    def fail(code: str, message: str, line: int, column: int, shown: str, hint: str) -> ScriptError:
        where = Location(name, line, column)
        return ScriptError([Problem(code, message, where, shown, hint=hint)])

    if len(data) > MAX_BYTES:
        raise too_large(name, len(data))
    if b"\x00" in data[:8192]:
        raise fail(
            "not-text", "this is not a text file", 1, 1, "",
            "a script is a Markdown file; give the path of a .md file",
        )  # fmt: skip
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        line = before.count("\n") + 1
        column = len(before) - (before.rfind("\n") + 1) + 1
        shown = data.split(b"\n")[line - 1].decode("utf-8", "replace").rstrip("\r")
        raise fail(
            "not-utf-8", f"byte 0x{data[error.start]:02x} is not UTF-8", line, column, shown,
            "save the file as UTF-8",
        ) from error  # fmt: skip
    source = Source(name, text, folder, identity)
    findings = Findings(source)
    for number, content in enumerate(source.lines, 1):
        for match in _FORBIDDEN.finditer(content):
            findings.add(
                "control-character", f"the character U+{ord(match[0]):04X} cannot stand in a script",
                number, match.start() + 1, hint="delete it",
            )  # fmt: skip
            break
    findings.raise_errors()
    return source


def too_large(name: str, size: int) -> ScriptError:
    """The error for a script of too many bytes."""
    hint = f"at most {MAX_BYTES:,} bytes: move parts of it to files of their own and include them"
    where = Location(name, 1, 1)
    return ScriptError(
        [Problem("script-too-large", f"the script has {size:,} bytes", where, hint=hint)]
    )


class Findings:
    """Collects the problems of one source.

    Attributes:
        source: the file.
        chain: the include cues that led to it, outermost first.
        problems: what was found, in the order of finding.
    """

    def __init__(
        self,
        source: Source,
        chain: tuple[Location, ...] = (),
        problems: list[Problem] | None = None,
    ) -> None:
        self.source = source
        self.chain = chain
        self.problems: list[Problem] = [] if problems is None else problems

    def add(
        self,
        code: str,
        message: str,
        line: int,
        column: int,
        *,
        length: int = 1,
        expected: str | None = None,
        hint: str | None = None,
        severity: Severity = "error",
    ) -> None:
        """Report one problem at a line and column, both from 1."""
        shown = self.source.line(line)
        length = max(1, min(length, len(shown) - column + 1))
        self.problems.append(
            Problem(
                code,
                _visible(message),
                Location(self.source.name, line, column),
                _visible(shown, tabs=True),
                length,
                expected,
                hint,
                severity,
                self.chain,
            )  # fmt: skip
        )

    def raise_errors(self) -> None:
        """Raise all problems as one `ScriptError` if one of them is an error."""
        if any(p.severity == "error" for p in self.problems):
            raise ScriptError(in_order(self.problems))


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """By place within each file, files in the order of their first finding, none twice."""
    unique = list(dict.fromkeys(problems))
    files = {p.location.source: k for k, p in reversed(list(enumerate(unique)))}
    return tuple(
        sorted(
            unique,
            key=lambda p: (files[p.location.source], p.location.line, p.location.column),
        )
    )


def _visible(text: str, *, tabs: bool = False) -> str:
    """The text with anything that could steer a terminal made visible."""
    plain = text.replace("\t", " ") if tabs else text
    return _FORBIDDEN.sub(lambda m: f"\\x{ord(m[0]):02x}" if not tabs else "\ufffd", plain)
