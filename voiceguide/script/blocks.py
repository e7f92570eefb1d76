"""Markdown to headings, paragraphs, lists and notes; what else it holds is reported."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from markdown_it import MarkdownIt

from voiceguide.errors import Edit
from voiceguide.script.inline import Inline, blank_comments, read_inline
from voiceguide.script.items import Item
from voiceguide.script.meant import Meant, read_line
from voiceguide.script.model import INTERVALS
from voiceguide.script.source import Findings, FoundError, NoFindings, Source

_MAX_DEPTH = 10
_REMEMBERED = 50_000
"""Characters of a text whose tokens and blocks are remembered."""
MOST_ITEMS = 99
"""A greater number at the start of a line is a year or the like, not that of an item."""

_REFUSED = {
    "ordered_list_open": (
        "numbered-list",
        "a numbered list cannot stand in a cue",
        "move it to the left margin",
    ),
    "table_open": ("table", "tables are not in the script language", "write paragraphs and cues"),
    "fence": ("code", "code blocks are not in the script language", "write a paragraph"),
    "code_block": (
        "code",
        "four spaces at the start of a line make it a code block, which is not in the script language",
        "take the spaces away",
    ),
}
_QUOTE_MARKS = re.compile(r"^[\s>]+")


@cache
def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"maxNesting": _MAX_DEPTH})
    # A definition such as "[x]: y" would vanish; as a paragraph it is an error with a place.
    return parser.disable(["reference", "inline"]).enable("table")


def markdown_tokens(source: Source, start: int, end: int | None = None) -> list[Any]:
    """The block tokens of some lines, which keep their numbers."""
    text = "\n" * start + "\n".join(source.lines[start:end])
    # Parts are included again and again, and an editor reads all of them at each keystroke.
    return _parsed(text) if len(text) <= _REMEMBERED else _markdown().parse(text)


@lru_cache(maxsize=64)
def _parsed(text: str) -> list[Any]:
    return _markdown().parse(text)


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, paragraph, list, or note, before its words are read."""

    kind: str
    line: int
    inline: Inline | None = None
    level: int = 0
    items: tuple[Item, ...] = ()


def read_blocks(findings: Findings, start: int) -> list[Block]:
    """Headings, paragraphs, lists and notes of a source, from a line on; all else is reported."""
    source = findings.source
    if len(source.text) <= _REMEMBERED:
        with contextlib.suppress(FoundError):
            return list(_without_findings(source, start))
    return BlockReader(findings, start).read(markdown_tokens(source, start))


@lru_cache(maxsize=64)
def _without_findings(source: Source, start: int) -> tuple[Block, ...]:
    reader = BlockReader(NoFindings(source), start)
    return tuple(reader.read(markdown_tokens(source, start)))


class BlockReader:
    """Block tokens to headings, paragraphs, lists and notes; all else is reported."""

    def __init__(self, findings: Findings, start: int) -> None:
        self._findings = findings
        self._start = start
        self._deep = False
        self._level = 0
        self._covered = bytearray(len(findings.source.lines) + 1)

    def read(self, tokens: list[Any]) -> list[Block]:
        blocks: list[Block] = []
        at = 0
        while at < len(tokens):
            token = tokens[at]
            if token.type in ("heading_open", "paragraph_open"):
                if token.type == "paragraph_open":
                    blocks += self._paragraph(tokens[at + 1])
                else:
                    inline = self._inline(tokens[at + 1], "heading")
                    self._level = int(token.tag[1])
                    self._cover(token)
                    self._warn_underlined(token)
                    blocks.append(Block("heading", token.map[0] + 1, inline, self._level))
                at += 3
            elif token.type == "bullet_list_open":
                items, at = self._list(tokens, at + 1)
                blocks.append(Block("list", token.map[0] + 1, items=tuple(items)))
            elif token.type == "ordered_list_open":
                found, at = self._numbered(tokens, at + 1)
                blocks += found
            elif token.type == "blockquote_open":
                block, at = self._note(tokens, at)
                blocks.append(block)
            else:
                at = self._refuse(tokens, at)
        self._check_all_covered()
        for line, column, tag in self._findings.source.leftovers:
            self._leftover(line, column, len(tag))
        return blocks

    def _cover(self, token: Any) -> None:
        first, end = token.map
        self._covered[first:end] = b"\x01" * (end - first)

    def _paragraph(self, token: Any, lead: str = "") -> list[Block]:
        """A paragraph; lines of it that were meant as cues are reported, and read on as such.

        Args:
            lead: words before its first line that Markdown took for a mark.
        """
        self._cover(token)
        blocks: list[Block] = []
        rows: list[str] = []
        places: list[tuple[int, int]] = []

        def close() -> None:
            if rows:
                inline = read_inline("\n".join(rows), tuple(places), self._findings)
                blocks.append(Block("paragraph", places[0][0], inline))
            rows.clear()
            places.clear()

        written = (lead + token.content).split("\n")
        for row, text in enumerate(written):
            number = token.map[0] + row + 1
            # A line of a paragraph is what remains of the source line after its indent and mark.
            text = text.strip()
            column = max(0, self._findings.source.line(number).rfind(text) if text else 0) + 1
            meant = self._check_meant(text, number, column, alone=len(written) == 1)
            if meant is None:
                rows.append(text)
                places.append((number, column))
                continue
            close()
            place = (number, column + meant.at)
            item = Item(read_inline(text[meant.at :], (place,), self._findings), ())
            blocks.append(Block("list", number, items=(item,)))
        close()
        return blocks

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
                    "runs-on",
                    "this line runs on from the cue above it",
                    number,
                    1,
                    length=len(shown),
                    hint="to have it spoken, put an empty line above it; "
                    "to continue the cue, indent it by two spaces",
                    fix=f"\n{shown}",
                )
                rows = rows[:row]
                break
            rows[row] = text
            places.append((number, max(0, column) + 1))
        return read_inline("\n".join(rows), tuple(places), self._findings)

    def _check_meant(self, text: str, line: int, column: int, *, alone: bool) -> Meant | None:
        """Words that were meant as a heading or a cue must not be read aloud.

        Returns:
            the cue that a line has to be read on as, or None.
        """
        if text.startswith("#"):
            self._not_a_heading(text, line, column)
            return None
        meant = read_line(text, alone=alone)
        if meant is None:
            return None
        following = self._findings.source.line(line + 1).strip()
        if meant.kind == "line" and not alone and following[:1].islower():
            return None  # a sentence that is wrapped here
        # What follows without an empty line would run on from the cue.
        apart = following and not following.startswith("- ")
        fix = f"- {meant.cue}" + ("\n" if apart else "")
        if meant.kind == "sign":
            timed = "a timed cue belongs below an interval, indented by two spaces, with a hyphen"
            self._findings.add(
                "not-a-cue",
                f'this would be spoken: a cue starts with "- ", and this with "{meant.sign}"',
                line,
                column,
                length=len(text),
                hint=timed if meant.is_timed else f"write - {meant.cue}",
                fix=None if meant.is_timed else fix,
            )
            return None if meant.is_timed else meant
        if meant.kind == "bare":
            self._findings.add(
                "not-a-cue",
                "this would be spoken: a cue starts with a hyphen and a space",
                line,
                column,
                length=len(text),
                hint=f"write - {meant.cue}, or end it with a full stop to have it spoken",
                fix=fix,
            )
            return meant if meant.cue == text else None
        if meant.kind == "line":
            self._findings.add(
                "spoken-cue",
                "this line reads like a cue, and is spoken",
                line,
                column,
                length=len(text),
                hint=f"write - {meant.cue}, or end it with a full stop to have it spoken",
                fix=fix,
                severity="warning",
            )
        elif meant.kind == "property":
            self._findings.add(
                "spoken-property",
                "this looks like a property of the document, and is spoken",
                line,
                column,
                length=len(text),
                hint=f"put it into a comment: {meant.cue}",
                fix=meant.cue,
                severity="warning",
            )
        else:
            hint = "leave it out, or end it with a full stop"
            silence = f"{meant.cue}\n" if meant.cue and apart else meant.cue
            self._findings.add(
                "spoken-direction",
                "this reads like a direction for the speaker, and is spoken",
                line,
                column,
                length=len(text),
                hint=f"write {meant.cue}" if meant.cue else hint,
                fix=silence,
                severity="warning",
            )
        return None

    def _not_a_heading(self, text: str, line: int, column: int) -> None:
        marks = len(text) - len(text.lstrip("#"))
        words = text[marks:].strip()
        if marks < 7:
            message = "this is not a heading: a space is missing behind the # signs"
        else:
            message = "this is not a heading: it has too many # signs"
        self._findings.add(
            "not-a-heading",
            message,
            line,
            column,
            length=len(text),
            fix=f"{self._marks(marks)} {words}",
        )

    def _marks(self, marks: int) -> str:
        """The signs of a heading that fits below the one above it: one title, and no level skipped."""
        return "#" * (max(2, min(marks, self._level + 1)) if self._level else 1)

    def _warn_underlined(self, token: Any) -> None:
        if token.markup == "-":
            self._findings.add(
                "underlined",
                "the dashes below make this a heading, which is not spoken",
                token.map[0] + 1,
                1,
                severity="warning",
                hint="put an empty line above the dashes to have it spoken, or write ## before it",
            )

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
                    self._below(*self._first_char(token), inline.text if inline else "")
                    at += 3
                elif token.type == "heading_open":
                    self._cover(token)
                    line, column = self._first_char(token)
                    marks = int(token.tag[1])
                    self._findings.add(
                        "heading-in-cue",
                        "a heading cannot stand in a list",
                        line,
                        column,
                        hint=f"move it to the left margin, and start it with {self._marks(marks)}",
                        fix=Edit(line, 1, column - 1 + marks, self._marks(marks))
                        if token.markup.startswith("#")
                        else None,
                    )
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
                        "empty-cue",
                        "a list mark stands here without a cue",
                        line,
                        column,
                        hint="one hyphen a line, indented by two spaces for each cue that it is below",
                        fix=Edit(line, column, 2, ""),
                    )
                    items += below
                elif not self._deep:
                    self._findings.add(
                        "empty-cue",
                        "this cue is empty",
                        line,
                        column,
                        expected="a cue, as in pause 5s",
                        hint="write a cue, or delete the line",
                        fix="",
                    )
            else:
                items.append(Item(inline, below))
        return items, at + 1

    def _below(self, line: int, column: int, cue: str) -> None:
        """A paragraph below a cue."""
        interval = cue.split(" ")[0].lower() in INTERVALS
        text = self._findings.source.line(line).strip()
        meant = read_line(text, alone=True)
        if meant is not None and meant.kind == "sign":
            self._findings.add(
                "not-a-cue",
                f'a cue starts with "- ", and this with "{meant.sign}"',
                line,
                column,
                length=meant.at,
                fix="- " if interval and meant.is_timed else None,
            )
            return
        self._findings.add(
            "paragraph-in-cue",
            "a cue is one line",
            line,
            column,
            hint="to have this spoken after the cue, move it to the left margin",
            fix=None if meant or text.startswith("#") else Edit(line, 1, column - 1, ""),
        )

    def _numbered(self, tokens: list[Any], at: int) -> tuple[list[Block], int]:
        """The items of a numbered list as paragraphs; `at` is behind its opening token."""
        blocks: list[Block] = []
        while tokens[at].type != "ordered_list_close":
            opening = tokens[at]
            at += 1
            # A year, say: its number is not that of an item. Tokens are remembered, so they stay.
            lead = ""
            if int(opening.info or 0) > MOST_ITEMS:
                lead = f"{opening.info}{opening.markup} "
            while tokens[at].type != "list_item_close":
                token = tokens[at]
                if token.type == "paragraph_open":
                    blocks += self._paragraph(tokens[at + 1], lead)
                    lead = ""
                    at += 3
                elif token.type == "bullet_list_open":
                    items, at = self._list(tokens, at + 1)
                    blocks.append(Block("list", token.map[0] + 1, items=tuple(items)))
                elif token.type == "ordered_list_open":
                    found, at = self._numbered(tokens, at + 1)
                    blocks += found
                elif token.type == "blockquote_open":
                    block, at = self._note(tokens, at)
                    blocks.append(block)
                else:
                    at = self._refuse(tokens, at)
            at += 1
            if opening.map is not None:
                self._covered[opening.map[0]] = 1
        return blocks, at + 1

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
                    "runs-on",
                    "this line runs on from the note above it, and is not spoken",
                    number,
                    1,
                    length=len(row),
                    hint="to have it spoken, put an empty line above "
                    "it; to continue the note, start it with >",
                    fix=f"\n{row}",
                )
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
        if token.type == "hr":
            self._leftover(line, column, len(self._findings.source.line(line).strip()))
            return at + 1
        code, message, hint = _REFUSED[token.type]
        length = 1
        if token.type in ("fence", "table_open"):
            length = len(self._findings.source.line(line).strip())
        fix = Edit(line, 1, column - 1, "") if token.type == "code_block" else None
        self._findings.add(code, message, line, column, length=length, hint=hint, fix=fix)
        if token.nesting == 1:
            depth = 0
            while True:
                depth += tokens[at].nesting
                at += 1
                if depth == 0:
                    return at
        return at + 1

    def _leftover(self, line: int, column: int, length: int) -> None:
        self._findings.add(
            "leftover",
            "this mark of another program is left out",
            line,
            column,
            length=length,
            fix="",
            severity="warning",
        )

    def _html(self, token: Any) -> None:
        rest = blank_comments(token.content)
        if not rest.strip():
            return
        before = rest[: len(rest) - len(rest.lstrip())]
        line = token.map[0] + 1 + before.count("\n")
        shown = self._findings.source.line(line)
        text = rest.lstrip().split("\n")[0].rstrip()
        column = max(0, shown.rfind(text)) + 1
        fix = None
        if text.startswith("<!--"):
            message, hint, code = "this comment is never closed", "end it with -->", "open-comment"
            fix = f"{text} -->"
        elif text.startswith("<"):
            message, code = "HTML is not in the script language", "html"
            alone = re.fullmatch(r"<[^<>]*>", text)
            hint, fix = ("leave it out", "") if alone else ("write plain words", None)
        else:
            message, hint, code = (
                "this text stands behind a comment and would not be spoken",
                "put it on a line of its own, below an empty line",
                "text-after-comment",
            )
            fix = f"\n\n{text}"
        self._findings.add(code, message, line, column, length=len(text), hint=hint, fix=fix)

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
            "nested-too-deep",
            "this line is nested too deep",
            line,
            len(shown) - len(shown.lstrip()) + 1,
            length=len(shown),
            hint="move it to the left",
        )
