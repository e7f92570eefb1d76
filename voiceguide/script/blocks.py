"""Markdown to headings, paragraphs, lists and notes; what else it holds is reported."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from markdown_it import MarkdownIt

from voiceguide.script.inline import Inline, blank_comments, read_inline
from voiceguide.script.items import CUES, Item
from voiceguide.script.model import INTERVALS
from voiceguide.script.source import Findings, Source

_MAX_DEPTH = 10

_REFUSED = {
    "ordered_list_open": ("numbered-list", "numbered lists are not in the script language", "write a paragraph to have it spoken, or start each cue with a hyphen and a space"),
    "table_open": ("table", "tables are not in the script language", "write paragraphs and cues"),
    "fence": ("code", "code blocks are not in the script language", "write a paragraph"),
    "code_block": ("code", "four spaces at the start of a line make it a code block, which is not in the script language", "take the spaces away"),
    "hr": ("thematic-break", "dividing lines are not in the script language", "write the cue - pause 5s, or start a new step with ##"),
}  # fmt: skip
_CUE_SIGN = re.compile(r"[-+*\u2022\u00b7\u2013\u2014\u2212][ \t]?([a-z]+)(?![a-z])")
_BARE_CUE = re.compile(rf"(?:pause|breathe|{'|'.join(INTERVALS)})[ ]+[0-9][0-9.:]*[ ]?[a-z]*")
_NUMBER = r"[0-9][0-9.:]*"
_ALONE = re.compile(
    rf"(?:pause|{'|'.join(INTERVALS)}) (?:for )?{_NUMBER}(?: ?(?:[-\u2013]|to) ?{_NUMBER})?"
    r" ?(?:s|secs?|seconds?|m|mins?|minutes?)?(?: ?\([^)]*\))?(?<!\.)"
    r"|breathe (?:in [0-9]|box\b|4-7-8).*[a-z0-9]"
    r"|(?-i:chime(?: [a-z]+)?(?:, [0-9]+ times)?|background (?:[a-z]+|[a-z]+ at .*dB)"
    r"|play \S+\.[a-z0-9]+(?: at .*dB)?|include \S+(?<!\.))",
    re.IGNORECASE,
)
"""A paragraph of its own that was meant as a cue: it ends like none of speech."""
_QUOTE_MARKS = re.compile(r"^[\s>]+")


@cache
def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"maxNesting": _MAX_DEPTH})
    # A definition such as "[x]: y" would vanish; as a paragraph it is an error with a place.
    return parser.disable(["reference", "inline"]).enable("table")


def markdown_tokens(source: Source, start: int, end: int | None = None) -> list[Any]:
    """The block tokens of some lines, which keep their numbers."""
    text = "\n" * start + "\n".join(source.lines[start:end])
    return _markdown().parse(text)


@dataclass(slots=True)
class Block:
    """A heading, paragraph, list, or note, before its words are read."""

    kind: str
    line: int
    inline: Inline | None = None
    level: int = 0
    items: tuple[Item, ...] = ()


class BlockReader:
    """Block tokens to headings, paragraphs, lists and notes; all else is reported."""

    def __init__(self, findings: Findings, start: int) -> None:
        self._findings = findings
        self._start = start
        self._deep = False
        self._covered = bytearray(len(findings.source.lines) + 1)

    def read(self, tokens: list[Any]) -> list[Block]:
        blocks: list[Block] = []
        at = 0
        while at < len(tokens):
            token = tokens[at]
            if token.type in ("heading_open", "paragraph_open"):
                kind = "heading" if token.type == "heading_open" else "paragraph"
                inline = self._inline(tokens[at + 1], kind)
                level = int(token.tag[1]) if kind == "heading" else 0
                if kind == "heading":
                    self._cover(token)
                    self._warn_underlined(token)
                blocks.append(Block(kind, token.map[0] + 1, inline, level))
                at += 3
            elif token.type == "bullet_list_open":
                items, at = self._list(tokens, at + 1)
                blocks.append(Block("list", token.map[0] + 1, items=tuple(items)))
            elif token.type == "blockquote_open":
                block, at = self._note(tokens, at)
                blocks.append(block)
            else:
                at = self._refuse(tokens, at)
        self._check_all_covered()
        return blocks

    def _cover(self, token: Any) -> None:
        first, end = token.map
        self._covered[first:end] = b"\x01" * (end - first)

    def _inline(self, token: Any, kind: str) -> Inline:
        self._cover(token)
        rows = token.content.split("\n")
        places: list[tuple[int, int]] = []
        for row, text in enumerate(rows):
            number = token.map[0] + row + 1
            shown = self._findings.source.line(number)
            # A line of a paragraph is what remains of the source line after its indent and list
            # mark; a heading's has its marks cut off at both ends.
            text = text.strip()
            column = shown.rfind(text) if text else len(shown)
            if kind == "cue" and row and not shown[:1].isspace():
                self._findings.add(
                    "runs-on", "this line runs on from the cue above it", number, 1,
                    length=len(shown), hint="to have it spoken, put an empty line above it; "
                    "to go on with the cue, indent it by two spaces",
                )  # fmt: skip
                rows = rows[:row]
                break
            if kind == "paragraph":
                self._check_meant(text, number, max(0, column) + 1, alone=len(rows) == 1)
            rows[row] = text
            places.append((number, max(0, column) + 1))
        return read_inline("\n".join(rows), tuple(places), self._findings)

    def _check_meant(self, text: str, line: int, column: int, *, alone: bool) -> None:
        """Words that were meant as a heading or a cue must not be read aloud."""
        if text.startswith("#"):
            marks = len(text) - len(text.lstrip("#"))
            self._findings.add(
                "not-a-heading",
                "this is not a heading: "
                + ("a space is missing behind the # signs" if marks < 7 else "it has too many # signs"),
                line, column, length=marks,
                hint=f"write {'#' * marks} {text[marks : marks + 30].strip()}" if marks < 7
                else "write at most six",
            )  # fmt: skip
        elif (sign := _CUE_SIGN.match(text)) and sign[1] in CUES:
            self._findings.add(
                "not-a-cue", f'this would be spoken: a cue starts with "- ", and this with "{sign[0][: -len(sign[1])]}"',
                line, column, length=len(sign[0]), hint=f"write - {sign[1]} ...",
            )  # fmt: skip
        elif _BARE_CUE.fullmatch(text) or (alone and len(text) < 80 and _ALONE.fullmatch(text)):
            self._findings.add(
                "not-a-cue", "this would be spoken: a cue starts with a hyphen and a space",
                line, column, length=len(text),
                hint=f"write - {text[:1].lower()}{text[1:]}, or end it with a full stop to have it spoken",
            )  # fmt: skip

    def _warn_underlined(self, token: Any) -> None:
        if token.markup == "-":
            self._findings.add(
                "underlined", "the dashes below make this a heading, which is not spoken",
                token.map[0] + 1, 1, severity="warning",
                hint="put an empty line above the dashes to have it spoken, or write ## before it",
            )  # fmt: skip

    def _list(self, tokens: list[Any], at: int) -> tuple[list[Item], int]:
        """The items of a bullet list; `at` is behind its opening token."""
        items: list[Item] = []
        while tokens[at].type != "bullet_list_close":
            opening = tokens[at]
            inline: Inline | None = None
            below: tuple[Item, ...] = ()
            at += 1
            while tokens[at].type != "list_item_close":
                token = tokens[at]
                if token.type == "paragraph_open" and inline is None:
                    inline = self._inline(tokens[at + 1], "cue")
                    at += 3
                elif token.type == "bullet_list_open":
                    found, at = self._list(tokens, at + 1)
                    below += tuple(found)
                elif token.type == "blockquote_open":
                    _, at = self._note(tokens, at)
                elif token.type == "paragraph_open":
                    self._cover(token)
                    line, column = self._first_char(token)
                    self._findings.add(
                        "paragraph-in-cue", "a cue is one line", line, column,
                        hint="to have this spoken after the cue, move it to the left margin",
                    )  # fmt: skip
                    at += 3
                elif token.type == "heading_open":
                    self._cover(token)
                    line, column = self._first_char(token)
                    self._findings.add(
                        "heading-in-cue", "a heading cannot stand in a list", line, column,
                        hint="move it to the left margin",
                    )  # fmt: skip
                    at += 3
                else:
                    at = self._refuse(tokens, at)
            at += 1
            if inline is None:
                self._covered[opening.map[0]] = 1
                line, column = self._first_char(opening)
                if opening.level + 1 >= _MAX_DEPTH:
                    self._too_deep(line)
                elif below:
                    self._findings.add(
                        "empty-cue", "a list mark stands here without a cue", line, column,
                        hint="one hyphen a line, indented by two spaces for each cue that it is below",
                    )  # fmt: skip
                elif not self._deep:
                    self._findings.add(
                        "empty-cue", "this cue is empty", line, column,
                        expected="a cue, as in pause 5s", hint="write a cue, or delete the line",
                    )  # fmt: skip
            else:
                items.append(Item(inline, below))
        return items, at + 1

    def _note(self, tokens: list[Any], at: int) -> tuple[Block, int]:
        opening = tokens[at]
        depth = 0
        while True:
            depth += tokens[at].type == "blockquote_open"
            depth -= tokens[at].type == "blockquote_close"
            at += 1
            if depth == 0:
                break
        self._cover(opening)
        first, end = opening.map
        rows, places = [], []
        for number, row in enumerate(self._findings.source.lines[first:end], first + 1):
            lead = _QUOTE_MARKS.match(row)
            if row.strip() and (lead is None or ">" not in lead[0]) and number > first + 1:
                self._findings.add(
                    "runs-on", "this line runs on from the note above it, and is not spoken",
                    number, 1, length=len(row), hint="to have it spoken, put an empty line above "
                    "it; to go on with the note, start it with >",
                )  # fmt: skip
                break
            rows.append(row[lead.end() :].strip() if lead else row.strip())
            places.append((number, lead.end() + 1 if lead else 1))
        inline = read_inline("\n".join(rows), tuple(places), self._findings)
        return Block("note", opening.map[0] + 1, inline), at

    def _first_char(self, token: Any) -> tuple[int, int]:
        shown = self._findings.source.line(token.map[0] + 1)
        return token.map[0] + 1, len(shown) - len(shown.lstrip()) + 1

    def _refuse(self, tokens: list[Any], at: int) -> int:
        """Report a block that is not in the language; returns the index behind it."""
        token = tokens[at]
        if token.map is not None:
            self._cover(token)
        if token.type == "html_block":
            self._html(token)
            return at + 1
        line, column = self._first_char(token)
        code, message, hint = _REFUSED[token.type]
        length = 1
        if token.type in ("hr", "fence", "table_open"):
            length = len(self._findings.source.line(line).strip())
        self._findings.add(code, message, line, column, length=length, hint=hint)
        if token.nesting == 1:
            depth = 0
            while True:
                depth += tokens[at].nesting
                at += 1
                if depth == 0:
                    return at
        return at + 1

    def _html(self, token: Any) -> None:
        rest = blank_comments(token.content)
        if not rest.strip():
            return
        before = rest[: len(rest) - len(rest.lstrip())]
        line = token.map[0] + 1 + before.count("\n")
        shown = self._findings.source.line(line)
        text = rest.lstrip().split("\n")[0].rstrip()
        column = max(0, shown.rfind(text)) + 1
        if text.startswith("<!--"):
            message, hint, code = "this comment is never closed", "end it with -->", "open-comment"
        elif text.startswith("<"):
            message, hint, code = (
                "HTML is not in the script language",
                "write plain words",
                "html",
            )
        else:
            message, hint, code = (
                "this text stands behind a comment and would not be spoken",
                "put it on a line of its own, below an empty line",
                "text-after-comment",
            )
        self._findings.add(code, message, line, column, length=len(text), hint=hint)

    def _check_all_covered(self) -> None:
        """No line is ever dropped, whatever the Markdown library makes of it."""
        lines = self._findings.source.lines
        for index in range(self._start, len(lines)):
            if not self._covered[index] and lines[index].strip():
                self._too_deep(index + 1)
                return

    def _too_deep(self, line: int) -> None:
        """Report it once: the Markdown library leaves out all that follows."""
        if self._deep:
            return
        self._deep = True
        shown = self._findings.source.line(line)
        self._findings.add(
            "nested-too-deep", "this line is nested too deep", line,
            len(shown) - len(shown.lstrip()) + 1, length=len(shown), hint="move it to the left",
        )  # fmt: skip
