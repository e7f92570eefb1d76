"""Inline Markdown to plain characters that remember where they stood."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from html.entities import html5
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

from voiceguide.script.source import Findings, has_forbidden

MOST_MARKED = 100_000
"""Characters of one paragraph that holds emphasis, escapes or entities, at most."""
_LINE_END = re.compile("\n")
_TICK = re.compile("`")
_MARKUP = re.compile(r"[\\*_&]|  \n")
_HTML = re.compile(r"<(?=[A-Za-z/!?])[^>\n]{0,200}>?")


_STRUCK = re.compile(r"~~(?=\S)[^~\n]{1,200}~~")
_PLAIN = re.compile(r"[^*_\\&\n]+")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_ENTITY = re.compile(r"&(?:#[xX]([0-9a-fA-F]{1,6})|#([0-9]{1,7})|([A-Za-z][A-Za-z0-9]{1,31}));")


@cache
def _parser() -> MarkdownIt:
    """Only its emphasis is used: all else is too simple to ask for where it stood."""
    parser = MarkdownIt("commonmark")
    parser.inline.ruler.enableOnly(["emphasis"])
    parser.inline.ruler2.enableOnly(["balance_pairs", "emphasis"])
    return parser


def _tokens(content: str) -> list[Any]:
    """The tokens of a run, each with the index of its first character as `meta`.

    Types: `text`, `literal` (escaped, so never a directive), and those of emphasis.
    """
    parser = _parser()
    tokens: list[Any] = []
    state = StateInline(content, parser, {}, tokens)
    (emphasis,) = parser.inline.ruler.getRules("")

    def push(kind: str, text: str, length: int) -> None:
        token = state.push(kind, "", 0)
        token.content, token.meta = text, {"at": state.pos}
        state.pos += length

    while state.pos < len(content):
        at, first = state.pos, len(tokens)
        if match := _PLAIN.match(content, at):
            push("text", match[0], len(match[0]))
        elif match := _ESCAPED.match(content, at):
            push("literal", match[1], 2)
        elif content.startswith("\\\n", at):
            push("text", " ", 2)
        elif match := _ENTITY.match(content, at):
            value = _entity(match)
            push("literal" if value else "text", value or match[0], len(match[0]))
        elif content[at] in "*_" and emphasis(state, False):
            for index in range(first, len(tokens)):
                tokens[index].meta = {"at": at + index - first, "run": at}
        else:
            push("text", " " if content[at] == "\n" else content[at], 1)
    for rule in parser.inline.ruler2.getRules(""):
        rule(state)
    return tokens


def _entity(match: re.Match[str]) -> str | None:
    """The character of `&amp;` and the like; None for a name that there is not."""
    if match[3]:
        return html5.get(match[3] + ";")
    code = int(match[1], 16) if match[1] else int(match[2])
    valid = 0 < code < 0x110000 and not 0xD800 <= code < 0xE000
    return chr(code) if valid else "\ufffd"


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
        elif self._offsets:
            # Past the end; a piece that was cut empty stands where it was cut.
            offset = self._offsets[-1] + (1 if self.text else 0)
        else:
            offset = 0
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
        if self._offsets is None:
            offsets = tuple(range(start, max(end, start + 1)))
        elif start < len(self._offsets):
            offsets = self._offsets[start : max(end, start + 1)]
        else:
            offsets = (self._offsets[-1] + 1 if self._offsets else 0,)
        if len(self.literal) < end - start:
            literal = frozenset(i - start for i in self.literal if start <= i < end)
        else:
            literal = frozenset(i - start for i in range(start, end) if i in self.literal)
        return Inline(self.text[start:end], literal, offsets, self._starts, self._places)

    def put(self, at: int, length: int, text: str) -> Inline:
        """It with other characters in place of some, which keep their places."""
        return self.rewritten(re.compile(f"(?s)(?<=^.{{{at}}}).{{{length}}}"), lambda _: text)

    def rewritten(
        self, pattern: re.Pattern[str], to: Callable[[re.Match[str]], str], end: int | None = None
    ) -> Inline:
        """It with all that a pattern finds before an index replaced.

        Every character keeps the place of an old one.
        """
        end = len(self.text) if end is None else end
        matches = [(m.start(), m.end(), to(m)) for m in pattern.finditer(self.text, 0, end)]
        if all(self.text[start:end] == new for start, end, new in matches):
            return self
        kept: list[int] = []
        parts: list[str] = []
        at = 0
        for start, end, new in matches:
            kept += range(at, start)
            kept += (start + min(k, max(0, end - start - 1)) for k in range(len(new)))
            parts += self.text[at:start], new
            at = end
        kept += range(at, len(self.text))
        parts.append(self.text[at:])
        old = self._offsets
        offsets = tuple(kept) if old is None else tuple(old[min(k, len(old) - 1)] for k in kept)
        literal = frozenset(i for i, k in enumerate(kept) if k in self.literal)
        return Inline("".join(parts), literal, offsets, self._starts, self._places)


def blank_comments(content: str) -> str:
    """The text with every HTML comment turned into as many spaces; line ends stay."""
    if "<!--" not in content:
        return content
    parts: list[str] = []
    done = at = 0
    while (start := content.find("<!--", at)) >= 0:
        at = start + 1
        lead = start
        while lead > done and content[lead - 1] == "\\":
            lead -= 1
        if (start - lead) % 2:
            continue
        end = content.find("-->", start + 2)
        if end < 0:
            break
        end += 3
        parts += content[done:start], re.sub(r"[^\n]", " ", content[start:end])
        done = at = end
    return "".join((*parts, content[done:]))


def read_inline(content: str, places: tuple[tuple[int, int], ...], findings: Findings) -> Inline:
    """The plain text of an inline run.

    Args:
        content: the run, its lines joined by "\\n".
        places: line and column of the first character of each of those lines.
        findings: gets what is not in the language: raw HTML, code marks, lone emphasis marks.
    """
    starts = [0, *(found.end() for found in _LINE_END.finditer(content))]
    content = blank_comments(content)
    if _MARKUP.search(content) and len(content) <= MOST_MARKED:
        inline = _without_markup(content, tuple(starts), places, findings)
    else:
        text = content.replace("\n", " ").replace("\t", " ")
        inline = Inline(text, frozenset(), None, tuple(starts), places)
        if len(content) > MOST_MARKED and _MARKUP.search(content):
            findings.add(
                "paragraph-too-long",
                f"this paragraph has {len(content):,} characters",
                *places[0],
                expected=f"at most {MOST_MARKED:,} where words are emphasised",
                hint="make several paragraphs of it",
            )
    _reject_markup(inline, findings)
    return inline


def _without_markup(
    content: str, starts: tuple[int, ...], places: tuple[tuple[int, int], ...], findings: Findings
) -> Inline:
    chars: list[str] = []
    offsets: list[int] = []
    literal: set[int] = set()
    lone: list[int] = []
    meant: dict[int, bool] = {}
    forbidden: list[int] = []
    for token in _tokens(content):
        at = token.meta["at"]
        if token.type == "literal":
            if has_forbidden(token.content):
                forbidden.append(at)
                continue
            literal.update(range(len(chars), len(chars) + len(token.content)))
            chars.extend(token.content)
            offsets.extend([at] * len(token.content))
        elif token.type == "text":
            run = token.meta.get("run")
            if run is not None and token.content:
                if run not in meant:
                    meant[run] = _marks_emphasis(content, run)
                if meant[run]:
                    lone.append(len(chars))
            chars.extend(token.content)
            offsets.extend(range(at, at + len(token.content)))
    text = "".join(chars).replace("\t", " ")
    inline = Inline(text, frozenset(literal), tuple(offsets), starts, places)
    for first, end in _runs(lone):
        sign = text[first:end]
        inside = text[first - 1 : first].isalnum() and text[end : end + 1].isalnum()
        findings.add(
            "lone-mark",
            f'this "{sign[:20]}" marks no words: its partner is missing',
            *inline.place(first),
            length=len(sign),
            hint=f"take it away, add its partner, or write \\{sign[0]} for the plain sign",
            fix=None if inside else "",
        )
    plain = Inline(content, frozenset(), None, starts, places)
    for at in forbidden:
        findings.add(
            "control-character",
            "this stands for an invisible character",
            *plain.place(at),
            length=len(entity[0]) if (entity := _ENTITY.match(content, at)) else 1,
            fix="",
        )
    return inline


def _runs(indices: list[int]) -> list[tuple[int, int]]:
    """Rising indices as stretches, each from its first to behind its last."""
    found: list[tuple[int, int]] = []
    for index in indices:
        if found and found[-1][1] == index:
            found[-1] = found[-1][0], index + 1
        else:
            found.append((index, index + 1))
    return found


def _marks_emphasis(content: str, at: int) -> bool:
    """Whether the run of signs that starts at an index was meant as a mark, not as plain signs."""
    sign = content[at]
    after = at + 1
    while after < len(content) and content[after] == sign:
        after += 1
    left = content[at - 1] if at else " "
    right = content[after] if after < len(content) else " "
    if left.isspace() and right.isspace():
        return False
    return not (sign == "_" and left.isalnum() and right.isalnum())


def _reject_markup(inline: Inline, findings: Findings) -> None:
    for match in _HTML.finditer(inline.text):
        if match.start() in inline.literal:
            continue
        place = inline.place(match.start())
        if match[0].startswith("<!--"):
            findings.add(
                "open-comment",
                "this comment is never closed",
                *place,
                length=len(match[0]),
                hint="end it with -->",
                fix=f"{match[0]} -->",
            )
            break
        if "://" in match[0] or "@" in match[0]:
            findings.add(
                "link",
                "a link is not in the script language",
                *place,
                length=len(match[0]),
                hint="write plain words",
            )
            continue
        findings.add(
            "html",
            "HTML is not in the script language",
            *place,
            length=len(match[0]),
            hint="leave it out, or write \\< for the sign itself",
            fix="",
        )
    if (struck := _STRUCK.search(inline.text)) and struck.start() not in inline.literal:
        findings.add(
            "struck-out",
            "struck-out words (~~) are not in the script language",
            *inline.place(struck.start()),
            length=len(struck[0]),
            hint="leave the ~~ signs out, or the words with them",
            fix=struck[0].strip("~"),
        )
    marks = [m.start() for m in _TICK.finditer(inline.text) if m.start() not in inline.literal]
    if marks:
        line, column = inline.place(marks[0])
        last = max(k for k in marks if inline.place(k)[0] == line)
        run = inline.text[marks[0] : last + 1]
        findings.add(
            "code",
            "code marks (`) are not in the script language",
            line,
            column,
            length=inline.place(last)[1] + 1 - column,
            hint="leave the ` signs out",
            fix=run.replace("`", ""),
        )
