"""Inline Markdown to plain characters that remember where they stood."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

from voiceguide.script.source import Findings

_MARKUP = re.compile(r"[\\*_&]|  \n")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_HTML = re.compile(r"<(?=[A-Za-z/!?])[^>\n]{0,200}>?")


class _Located(StateInline):
    """Notes where in the source each token's text began.

    A rule moves `pos` only after it has pushed its token or added to `pending`, so `pos` at that
    moment is where the token begins.
    """

    def __init__(self, *args: Any) -> None:
        self._pending = ""
        self._began = 0
        super().__init__(*args)

    @property
    def pending(self) -> str:
        return self._pending

    @pending.setter
    def pending(self, value: str) -> None:
        if not self._pending:
            self._began = self.pos
        self._pending = value

    def pushPending(self) -> Any:  # noqa: N802 - the library's name
        began = self._began
        token = super().pushPending()
        token.meta = {"pos": began}
        return token

    def push(self, ttype: str, tag: str, nesting: Any) -> Any:
        token = super().push(ttype, tag, nesting)
        token.meta = {"pos": self.pos}
        return token


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark")
    parser.inline.ruler.enableOnly(["text", "newline", "escape", "emphasis", "entity"])
    parser.inline.ruler2.enableOnly(["balance_pairs", "emphasis"])
    return parser


@dataclass(frozen=True, slots=True)
class Inline:
    """A run of text without its markup.

    Attributes:
        text: plain characters; line ends are spaces.
        literal: indexes of characters that were escaped, and so are never directives.
    """

    text: str
    literal: frozenset[int]
    _offsets: tuple[int, ...] | None
    _starts: tuple[int, ...]
    _places: tuple[tuple[int, int], ...]

    def place(self, index: int) -> tuple[int, int]:
        """Line and column, both from 1, of a character; one past the end is allowed."""
        if self._offsets is None:
            offset = index
        elif index < len(self._offsets):
            offset = self._offsets[index]
        else:
            offset = self._offsets[-1] + 1 if self._offsets else 0
        row = bisect_right(self._starts, offset) - 1
        line, column = self._places[row]
        return line, column + offset - self._starts[row]

    def cut(self, start: int, end: int | None = None) -> Inline:
        """A part of it, white space at both ends left out."""
        end = len(self.text) if end is None else end
        while start < end and self.text[start] == " ":
            start += 1
        while end > start and self.text[end - 1] == " ":
            end -= 1
        offsets = self._offsets or tuple(range(len(self.text)))
        return Inline(
            self.text[start:end],
            frozenset(i - start for i in self.literal if start <= i < end),
            offsets[start:end] or (offsets[start - 1] + 1 if offsets else 0,),
            self._starts,
            self._places,
        )


def read_inline(content: str, places: tuple[tuple[int, int], ...], findings: Findings) -> Inline:
    """The plain text of an inline run.

    Args:
        content: the run, its lines joined by "\\n".
        places: line and column of the first character of each of those lines.
        findings: gets raw HTML and code marks, which are not in the language.
    """
    starts = [0]
    for i, char in enumerate(content):
        if char == "\n":
            starts.append(i + 1)
    content = _COMMENT.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), content)
    literal: set[int] = set()
    offsets: list[int] | None = None
    if _MARKUP.search(content):
        text, offsets, literal = _without_markup(content)
    else:
        text = content.replace("\n", " ").replace("\t", " ")
    inline = Inline(
        text,
        frozenset(literal),
        None if offsets is None else tuple(offsets),
        tuple(starts),
        places,
    )
    _reject_markup(inline, findings)
    return inline


def _without_markup(content: str) -> tuple[str, list[int], set[int]]:
    parser = _parser()
    tokens: list[Any] = []
    state = _Located(content, parser, {}, tokens)
    parser.inline.tokenize(state)
    for rule in parser.inline.ruler2.getRules(""):
        rule(state)
    chars: list[str] = []
    offsets: list[int] = []
    literal: set[int] = set()
    marks = 0
    for token in tokens:
        at = token.meta["pos"]
        if token.type == "text":
            # Delimiters of one run all note the run's first position.
            if len(token.content) == 1 and token.content in "*_" and content[at] == token.content:
                at += marks
                marks += 1
            chars.extend(token.content)
            offsets.extend(range(at, at + len(token.content)))
            continue
        marks = 0
        if token.type in ("softbreak", "hardbreak"):
            chars.append(" ")
            offsets.append(at)
        elif token.type == "text_special":
            literal.update(range(len(chars), len(chars) + len(token.content)))
            chars.extend(token.content)
            offsets.extend([at] * len(token.content))
    return "".join(chars).replace("\t", " ").replace("\n", " "), offsets, literal


def _reject_markup(inline: Inline, findings: Findings) -> None:
    for match in _HTML.finditer(inline.text):
        if match.start() not in inline.literal:
            line, column = inline.place(match.start())
            findings.add(
                "html", "raw HTML is not in the script language", line, column,
                length=len(match[0]), hint="write plain words, or \\< for the sign itself",
            )  # fmt: skip
    at = inline.text.find("`")
    while at >= 0 and at in inline.literal:
        at = inline.text.find("`", at + 1)
    if at >= 0:
        line, column = inline.place(at)
        findings.add(
            "code", "code marks are not in the script language", line, column,
            hint="leave the ` signs out",
        )  # fmt: skip
