"""Places of a script, in lines and characters from 1, and those of the protocol, in UTF-16 from 0."""

from __future__ import annotations

import re
from bisect import bisect_right

from lsprotocol.types import Position, Range

from voiceguide.errors import Edit, Problem
from voiceguide.script.source import file_lines, line_starts

_ENDS = re.compile(r"\r\n|\r|\n")


class Places:
    """Both ways between a text's places as voiceguide counts them and as an editor does.

    An editor ends a line at LF, CR or CRLF; a script also at the separators that other programs
    leave in a text.

    Attributes:
        lines: the script's lines.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._own = line_starts(text)
        self.lines = file_lines(text)
        self._theirs = [0, *(end.end() for end in _ENDS.finditer(text))]

    @property
    def end(self) -> Position:
        """Behind the last character."""
        return self._position(len(self._text))

    def position(self, line: int, column: int) -> Position:
        """A place of a script, both from 1, as the editor's."""
        start = self._own[min(max(line, 1), len(self._own)) - 1]
        return self._position(min(start + column - 1, len(self._text)))

    def line(self, line: int) -> str:
        """A line of the script, from 1; empty past the end."""
        return self.lines[line - 1] if line <= len(self.lines) else ""

    def place(self, position: Position) -> tuple[int, int]:
        """An editor's place as line and column, both from 1."""
        start = self._theirs[min(position.line, len(self._theirs) - 1)]
        at, units = start, 0
        while at < len(self._text) and units < position.character and self._text[at] not in "\r\n":
            units += 1 + (ord(self._text[at]) > 0xFFFF)
            at += 1
        line = max(1, bisect_right(self._own, at))
        return line, max(0, at - self._own[line - 1]) + 1

    def of_problem(self, problem: Problem) -> Range:
        """What is marked of a problem; where an include led to it, the include."""
        where = problem.included_from[0] if problem.included_from else problem.location
        length = 1 if problem.included_from else problem.length
        first = self.position(where.line, where.column)
        return Range(first, self.position(where.line, where.column + length))

    def of_edit(self, edit: Edit) -> Range:
        """What an edit replaces."""
        first = self.position(edit.line, edit.column)
        return Range(first, self.position(edit.line, edit.column + edit.length))

    def _position(self, at: int) -> Position:
        line = bisect_right(self._theirs, at) - 1
        before = self._text[self._theirs[line] : at]
        return Position(line, len(before.encode("utf-16-le", "surrogatepass")) // 2)
