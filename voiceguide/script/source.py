"""The text of one script file, and the findings in it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from voiceguide.errors import Edit, Location, Problem, ScriptError, Severity

MAX_BYTES = 1 << 20
"""A script is at most this many bytes long."""
MAX_LINES = 100_000
"""A script has at most this many lines; a longer one has more events than any session holds."""
MOST_PROBLEMS = 1000
"""Problems reported of one run, at most."""
MOST_ON_LINE = 20
"""Problems reported of one line, at most."""

# Besides control characters: direction overrides, which show a text other than it is; what is not
# seen and splits words, as web pages do; and the stand-in that marks a directive in a sentence.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2064"
    "\u2066-\u2069\ud800-\udfff\ufffc\ufeff]"
)
# Spaces of other widths and those that do not break, and so with hyphens, as word processors write.
_SAME = (
    {ord(c): " " for c in "\xa0\u1680\u202f\u205f\u3000"}
    | dict.fromkeys(range(0x2000, 0x200B), " ")
    | dict.fromkeys((0x2010, 0x2011, 0x2212), "-")
)
_LINE_END = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_UNSEEN = "\xad\u200b\u2060\ufeff"
# What is not seen and has no meaning, and tags around a coloured box of another program.
_DROPPED = re.compile(
    rf"[{_UNSEEN}]|(?:(?<=^)|(?<=\n))[ \t]*</?aside>[ \t]?|</aside>[ \t]*(?=\n|$)"
)

_DROPPED_ALL = re.compile(f"{_DROPPED.pattern}|{_FORBIDDEN.pattern}")


@dataclass(frozen=True, slots=True)
class Source:
    """One script file's text.

    Attributes:
        name: as the user gave it, or as it is shown in messages.
        text: line ends are "\\n", all spaces and hyphens plain ones, and what is not seen left out.
        folder: where its own includes and sounds are looked up first.
        identity: tells whether two sources are the same file.
        strict: whether characters that no script holds are kept, so that they can be reported.
        lines: the text by line, without line ends.
        raw_lines: the same with all that the file has.
        columns: of the lines that are shorter, by number, where in the file each character stands.
        leftovers: line, column and text of tags that were left out.
    """

    name: str
    text: str
    folder: PurePath | None = None
    identity: str = ""
    strict: bool = True
    lines: tuple[str, ...] = field(init=False, repr=False, compare=False)
    raw_lines: tuple[str, ...] = field(init=False, repr=False, compare=False)
    columns: Mapping[int, tuple[int, ...]] = field(init=False, repr=False, compare=False)
    leftovers: tuple[tuple[int, int, str], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        text = _LINE_END.sub("\n", self.text.removeprefix("\ufeff"))
        if not text.isascii():
            text = text.translate(_SAME)
        lines = raw = tuple(text.split("\n"))
        columns: dict[int, tuple[int, ...]] = {}
        leftovers: list[tuple[int, int, str]] = []
        dropped = _DROPPED if self.strict else _DROPPED_ALL
        if dropped.search(text):
            kept = list(raw)
            for number, line in enumerate(raw, 1):
                if found := list(dropped.finditer(line)):
                    gone = {k for match in found for k in range(*match.span())}
                    columns[number] = tuple(k for k in range(len(line)) if k not in gone)
                    kept[number - 1] = "".join(line[k] for k in columns[number])
                    leftovers += [(number, m.start() + 1, m[0]) for m in found if "aside" in m[0]]
            lines = tuple(kept)
            text = "\n".join(lines)
        for name, value in (
            ("text", text),
            ("lines", lines),
            ("raw_lines", raw),
            ("columns", columns),
            ("leftovers", tuple(leftovers)),
        ):
            object.__setattr__(self, name, value)

    def line(self, number: int) -> str:
        """A line by its number, from 1; empty past the end."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def raw_line(self, number: int) -> str:
        """A line as the file has it."""
        return self.raw_lines[number - 1] if 0 < number <= len(self.raw_lines) else ""

    def raw_column(self, number: int, column: int) -> int:
        """Where in the file a character of a line stands; both columns from 1."""
        columns = self.columns.get(number)
        if columns is None:
            return column
        if 1 <= column <= len(columns):
            return columns[column - 1] + 1
        last = columns[-1] + 1 if columns else 0
        return max(1, last + column - len(columns))


_ANY_END = re.compile("\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")


def line_starts(text: str) -> list[int]:
    """Where each line of a file begins, as its problems count lines: index of its first column."""
    return [int(text.startswith("\ufeff")), *(end.end() for end in _ANY_END.finditer(text))]


def file_lines(text: str) -> list[str]:
    """The lines of a file, as its problems count lines and columns."""
    starts = line_starts(text)
    ends = [*starts[1:], len(text)]
    return [
        text[a:b].rstrip("\r\n\x0b\x0c\x85\u2028\u2029") for a, b in zip(starts, ends, strict=True)
    ]


def decode(data: bytes, name: str, folder: PurePath | None = None, identity: str = "") -> Source:
    """A file's bytes as a source.

    Raises:
        ScriptError: it is too large, or is not UTF-8 text.
    """

    def fail(code: str, message: str, line: int, column: int, shown: str, hint: str) -> ScriptError:
        where = Location(name, line, column)
        return ScriptError(
            [Problem(code, message, where, visible(shown, one_for_one=True), hint=hint)]
        )

    if len(data) > MAX_BYTES:
        raise too_large(name, len(data))
    if b"\x00" in data[:8192]:
        raise fail(
            "not-text",
            "this is not a text file",
            1,
            1,
            "",
            "a script is plain text, saved as UTF-8, in a file whose name ends in .md",
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = Source(name, data[: error.start].decode("utf-8")).raw_lines
        line, column = len(before), len(before[-1]) + 1
        shown = Source(name, data.decode("utf-8", "replace")).raw_line(line)
        raise fail(
            "not-utf-8",
            f"the byte 0x{data[error.start]:02x} here is not part of any letter in UTF-8",
            line,
            column,
            shown,
            "save the file with the encoding UTF-8",
        ) from error
    return Source(name, text, folder, identity)


def too_large(name: str, size: int) -> ScriptError:
    """The error for a script of too many bytes."""
    hint = f"at most {MAX_BYTES:,} bytes: move parts of it to files of their own and include them"
    where = Location(name, 1, 1)
    return ScriptError(
        [Problem("script-too-large", f"the script is too large: {size:,} bytes", where, hint=hint)]
    )


class Findings:
    """Collects the problems of one source.

    Attributes:
        source: the file.
        chain: the include cues that led to it, outermost first.
        problems: what was found, in the order of finding.
        language: of the script, by which its sentences are cut.
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
        self.language = "en"
        self._shown: tuple[int, str] = (0, "")
        self._on_line = 0

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
        fix: str | Edit | None = None,
        severity: Severity = "error",
    ) -> None:
        """Report one problem at a line and column, both from 1.

        Args:
            fix: what to write in place of the marked characters, which without a hint is the hint;
                or a change of others, in columns of `line`.

        Raises:
            ScriptError: there are too many to be of use.
        """
        shown = self._line(line)
        if line in self.source.columns:
            first = self.source.raw_column(line, column)
            length = self.source.raw_column(line, column + length - 1) - first + 1
            column = first
        # Warnings alone are never too many: they stop nothing.
        full = self._on_line >= MOST_ON_LINE - 1 or len(self.problems) >= MOST_PROBLEMS - 1
        if severity == "warning" and full:
            return
        self._on_line += 1
        if self._on_line > MOST_ON_LINE:
            return
        if self._on_line == MOST_ON_LINE:
            code, severity, expected = "too-many-problems", "error", None
            message = "this line has still more problems, which are not shown"
            hint = "fix those before it, and check again"
        room = len(shown) - column + 1
        if isinstance(fix, Edit):
            edit: Edit | None = self._raw(fix)
        else:
            edit = None if fix is None else Edit(line, column, max(0, min(length, room)), fix)
        if edit is not None and hint is None:
            hint = f"write {edit.text}" if edit.text else "leave it out"
        length = max(1, min(length, room))
        self.problems.append(
            Problem(
                code,
                visible(message),
                Location(self.source.name, line, column),
                shown,
                length,
                expected,
                None if hint is None else visible(hint, one_for_one=True),
                severity,
                self.chain,
                edit,
            )
        )
        if len(self.problems) == MOST_PROBLEMS:
            self.problems.append(
                Problem(
                    "too-many-problems",
                    f"there are more than {MOST_PROBLEMS:,} problems, and the rest is not shown",
                    Location(self.source.name, line, column),
                    shown,
                    hint="fix those before it, and check again",
                    included_from=self.chain,
                )
            )
            raise ScriptError(in_order(self.problems))

    def _raw(self, edit: Edit) -> Edit:
        """A change in the columns of the file."""
        first = self.source.raw_column(edit.line, edit.column)
        last = self.source.raw_column(edit.line, edit.column + edit.length)
        return Edit(edit.line, first, last - first, edit.text)

    @property
    def crowded(self) -> bool:
        """Whether the line last reported on has so many problems that further ones are not shown."""
        return self._on_line >= MOST_ON_LINE

    def raise_errors(self) -> None:
        """Raise all problems as one `ScriptError` if one of them is an error."""
        if any(p.severity == "error" for p in self.problems):
            raise ScriptError(in_order(self.problems))

    def _line(self, number: int) -> str:
        """A line as it is shown; many problems of one long line share it."""
        if self._shown[0] != number:
            self._shown = number, visible(self.source.raw_line(number), one_for_one=True)
            self._on_line = 0
        return self._shown[1]


class FoundError(Exception):
    """What is read has something to report."""


class NoFindings(Findings):
    """For what is only remembered where there is nothing to report: reporting ends the reading.

    Raises:
        FoundError: something is reported.
    """

    def __init__(self, source: Source | str, language: str = "en") -> None:
        """
        Args:
            source: or its name, where no more of it is needed.
        """
        super().__init__(Source(source, "") if isinstance(source, str) else source)
        self.language = language

    def add(self, *_: Any, **__: Any) -> None:
        raise FoundError


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """By place within each file, the script before what it includes, none twice."""
    # A file that is included twice has its mistakes once.
    found = {(p.code, p.message, p.location): p for p in reversed(list(problems))}
    unique = list(reversed(found.values()))
    files = {p.location.source: k for k, p in reversed(list(enumerate(unique)))}
    files.update((p.location.source, -1) for p in unique if not p.included_from)
    return tuple(
        sorted(
            unique,
            key=lambda p: (files[p.location.source], p.location.line, p.location.column),
        )
    )


def check_characters(findings: Findings) -> bool:
    """Whether a source is free of characters that no script holds; the others are reported."""
    before = len(findings.problems)
    if not has_forbidden(findings.source.text):
        return True
    for number, content in enumerate(findings.source.lines, 1):
        for match in _FORBIDDEN.finditer(content):
            findings.add(
                "control-character",
                f"an invisible character (U+{ord(match[0]):04X}) stands here",
                number,
                match.start() + 1,
                fix="",
            )
    return len(findings.problems) == before


def has_forbidden(text: str) -> bool:
    """Whether a text holds characters that steer a terminal or deceive the eye."""
    return _FORBIDDEN.search(text) is not None


def visible(text: str, *, one_for_one: bool = False) -> str:
    """The text with anything that could steer a terminal made visible.

    Args:
        one_for_one: keep every character's column, tabs included.
    """
    if one_for_one:
        return _FORBIDDEN.sub("\ufffd", text.replace("\t", " "))
    return _FORBIDDEN.sub(lambda m: f"\\x{ord(m[0]):02x}", text)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The one known word that a word is a slip of, or None: a wrong guess is worse than none."""
    found = difflib.get_close_matches(word[:80].casefold(), tuple(known), n=1, cutoff=0.8)
    return found[0] if found else None
