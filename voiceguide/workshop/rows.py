"""A script cut into blocks of lines, each with its lines in the canonical form."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from voiceguide.script import Script, Source
from voiceguide.script.blocks import MOST_ITEMS, markdown_tokens
from voiceguide.script.forms import canonical_text
from voiceguide.script.items import CUES
from voiceguide.script.model import FrontMatter, Paragraph, Step
from voiceguide.script.modifiers import is_modifier
from voiceguide.script.speech import written_silence

_ID = re.compile(r"\s*\{#[^{}]*\}\s*$")
_UNIT = re.compile(r"(?<=[0-9]) ?(s|m)(?:ecs?|econds?|ins?|inutes?)?\b(?!\.)")
_DASH = re.compile(r"(?<=[0-9sm]) ?[-\u2013] ?(?=[0-9])")
_WHEN_ENDS = re.compile(r" *:(?![0-9]) *")
_SPACES = re.compile(r"[ \t]+")
_BRACKET = re.compile(r" *\(([^()]*)\)$")
_SILENCE = re.compile(r"(?<!\\)\[([^\[\]\n]*)\](?![(\[])")
_LINE = re.compile(r"([a-z-]+)[ \t]*:[ \t]*(.*)")
_QUOTE_MARKS = re.compile(r"^[\s>]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """Some lines that belong together.

    Attributes:
        old, new: the lines as they are, and in the canonical form.
        apart: whether an empty line stands above, if anything does.
    """

    old: tuple[str, ...]
    new: tuple[str, ...]
    apart: bool = True


def joined(made: Iterable[Piece]) -> str:
    """The text of some pieces."""
    lines: list[str] = []
    for piece in made:
        if not piece.new:
            continue
        if piece.apart and lines:
            lines.append("")
        lines += piece.new
    return "\n".join(lines) + "\n" if lines else ""


def pieces(source: Source, script: Script) -> list[Piece]:
    """All lines of a source, front matter first; lines between blocks that are empty are in none."""
    from voiceguide.script.frontmatter import cut_front
    from voiceguide.script.source import Findings

    lines = source.lines
    cut = cut_front(source, Findings(source))
    if cut is None:
        return [_raw(lines)]
    made = _front(lines[: cut.end], script.front)
    at = cut.end
    spoken = _spoken(script.root, script.source)
    for first, end, new in _blocks(source, cut.end, spoken):
        first = max(first, at)
        if any(line.strip() for line in lines[at:first]):
            made.append(_raw(lines[at:first]))
        while end > first and not lines[end - 1].strip():
            end -= 1
        if end > first:
            old = tuple(line.rstrip() for line in lines[first:end])
            comment = old[0].lstrip().startswith("<!--")
            apart = first > at or not (comment or (made and _ends_in_comment(made[-1])))
            made.append(Piece(old, old if new is None else tuple(new), apart))
        at = max(at, end)
    if any(line.strip() for line in lines[at:]):
        made.append(_raw(lines[at:]))
    return made


def _raw(lines: tuple[str, ...]) -> Piece:
    kept = [line.rstrip() for line in lines]
    while kept and not kept[0]:
        del kept[0]
    while kept and not kept[-1]:
        del kept[-1]
    return Piece(tuple(kept), tuple(kept))


def _ends_in_comment(piece: Piece) -> bool:
    return bool(piece.new) and piece.new[-1].endswith("-->")


def _spoken(step: Step, name: str) -> set[int]:
    """The lines on which the paragraphs of a file begin, from 1."""
    found: set[int] = set()
    for node in step.content:
        if isinstance(node, Step):
            found |= _spoken(node, name)
        elif isinstance(node, Paragraph) and node.location.source == name:
            found.add(node.location.line)
    return found


def _blocks(
    source: Source, start: int, spoken: set[int]
) -> list[tuple[int, int, list[str] | None]]:
    """The outermost blocks: first line and end, both from 0, and new lines, or None for the old."""
    tokens = markdown_tokens(source, start)
    found: list[tuple[int, int, list[str] | None]] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        stop = at + 1
        if token.nesting == 1:
            stop = _closing(tokens, at) + 1
        if token.map is not None:
            first, end = token.map
            found.append((first, end, _block(source, tokens[at:stop], spoken)))
        at = stop
    return found


def _closing(tokens: list[Any], at: int) -> int:
    """The index of the token that closes the one at an index."""
    depth = 0
    for index in range(at, len(tokens)):
        depth += tokens[index].nesting
        if depth == 0:
            return index
    return len(tokens) - 1


def _block(source: Source, tokens: list[Any], spoken: set[int]) -> list[str] | None:
    """The new lines of a block; None for one that stays."""
    first, end = tokens[0].map
    while end > first and not source.lines[end - 1].strip():  # as behind an empty note
        end -= 1
    match tokens[0].type:
        case "heading_open":
            return [_heading(int(tokens[0].tag[1]), tokens[1].content)]
        case "paragraph_open":
            return _paragraph(tokens[1].content)
        case "bullet_list_open":
            return _list(source, tokens, spoken)
        case "ordered_list_open":
            return _numbered(tokens)
        case "blockquote_open":
            return [_note(line) for line in source.lines[first:end]]
        case "hr":
            return []
        case _:
            return None


def _heading(level: int, content: str) -> str:
    text = _SPACES.sub(" ", _ID.sub("", content.replace("\n", " "))).strip()
    if level > 1 and (bracket := _BRACKET.search(text)) and is_modifier(bracket[1]):
        text = f"{text[: bracket.start()]} ({_modifiers(bracket[1])})"
    return f"{'#' * level} {text}"


def _modifiers(inside: str) -> str:
    parts = []
    for part in inside.split(","):
        small = part.strip().lower().removesuffix(".")
        parts.append(_durations(canonical_text(canonical_text(small, "modifier"), "times")))
    return ", ".join(parts)


def _paragraph(content: str) -> list[str]:
    return [_SILENCE.sub(_silence, line.strip()) for line in content.split("\n")]


def _silence(match: re.Match[str]) -> str:
    """A silence in words as its duration; what is none stays."""
    duration = written_silence(match[1])
    return match[0] if duration is None else f"[{_durations(duration.strip().lower())}]"


def _note(line: str) -> str:
    words = _QUOTE_MARKS.sub("", line).rstrip()
    return f"> {words}" if words else ">"


def _numbered(tokens: list[Any]) -> list[str] | None:
    """The items of a numbered list as paragraphs, if they hold nothing else."""
    lines: list[str] = []
    at = 1
    while at < len(tokens) - 1:
        end = _closing(tokens, at)
        inner = tokens[at + 1 : end]
        if [t.type for t in inner] != ["paragraph_open", "inline", "paragraph_close"]:
            return None
        number = int(tokens[at].info or 0)
        lead = f"{number}{tokens[at].markup} " if number > MOST_ITEMS else ""
        if lines:
            lines.append("")
        lines += _paragraph(lead + inner[1].content)
        at = end + 1
    return lines


def _list(source: Source, tokens: list[Any], spoken: set[int]) -> list[str] | None:
    """A list of cues; its items that are spoken become paragraphs. None if it holds other blocks.

    An empty line between two items stays, unless there is one between any two.
    """
    items = _items(tokens, 0)
    if items is None:
        return None
    gaps = [not source.lines[first - 1].strip() for first, _, _ in items[1:]]
    grouped = not all(gaps)
    lines: list[str] = []
    below = False
    for (first, depth, content), gap in zip(items, (False, *gaps), strict=True):
        if depth == 0 and first + 1 in spoken:
            if lines:
                lines.append("")
            lines += _paragraph(content)
            below = True
            continue
        if below or (gap and grouped):
            lines.append("")
        below = False
        words = " ".join(row.strip() for row in content.split("\n"))
        lines.append(f"{'  ' * depth}- {_item(words, depth)}")
    return lines


def _items(tokens: list[Any], depth: int) -> list[tuple[int, int, str]] | None:
    """The items of a list and of those in it: line, from 0, depth and content."""
    found: list[tuple[int, int, str]] = []
    at = 1
    while at < len(tokens) - 1:
        end = _closing(tokens, at)
        first = tokens[at].map[0]
        inner = at + 1
        if inner == end or tokens[inner].type != "paragraph_open":
            return None
        found.append((first, depth, tokens[inner + 1].content))
        inner += 3
        while inner < end:
            close = _closing(tokens, inner)
            if tokens[inner].type != "bullet_list_open":
                return None
            below = _items(tokens[inner : close + 1], depth + 1)
            if below is None:
                return None
            found += below
            inner = close + 1
        at = end + 1
    return found


def _item(text: str, depth: int) -> str:
    """The canonical form of a cue, or of a timed cue below one."""
    text = canonical_text(_SPACES.sub(" ", text).strip(), "box")
    if not depth:
        return _cue(text)
    ends = _WHEN_ENDS.search(text)
    if ends is None:
        return text
    when = canonical_text(_durations(text[: ends.start()].lower()), "moment")
    what = text[ends.end() :]
    small = what.lower()
    if small.startswith("chime") or small.rstrip(".") == "countdown":
        what = _cue(small)
    else:
        what = _SILENCE.sub(_silence, what)
    return f"{when}: {what}"


def _cue(text: str) -> str:
    name = text.split(" ", 1)[0].lower().rstrip(":=.,")
    if name not in CUES:
        return text
    if name in ("play", "include"):
        return canonical_text(name + text[len(name) :], "cue")
    text = canonical_text(text.lower(), "cue")
    if name != "background":
        text = _durations(text)
    return canonical_text(text, "times") if name in ("breathe", "chime", "count") else text


def _durations(text: str) -> str:
    """Every duration of a text with short units, close to its number."""
    return _DASH.sub("-", _UNIT.sub(r"\1", canonical_text(text, "time")))


def _front(lines: tuple[str, ...], front: FrontMatter) -> list[Piece]:
    """The front matter, a piece a line, so that each is kept or not by itself."""
    writers: dict[str, Callable[[str], str]] = {
        "muscles": lambda _: _listed(front.muscles),
        "tools": lambda _: _listed(front.tools),
        "length": lambda value: _durations(value.lower()),
    }
    made: list[Piece] = []
    for number, line in enumerate(lines):
        old = line.rstrip()
        new = old
        match = _LINE.fullmatch(old)
        if match is not None and match[2]:
            key, value = match.groups()
            write = writers.get(key)
            bare = not re.search(r"[#\"'&*{}|>]", value)
            # An item that runs on in the lines below is left as it is.
            below = lines[number + 1] if number + 1 < len(lines) else ""
            if write is not None and bare and not below[:1].isspace():
                value = write(value) or value
            new = f"{key}: {value}"
        if old or made:
            made.append(Piece((old,), (new,), apart=False))
    while made and made[-1].old == ("",):
        made.pop()
    return made


def _listed(values: tuple[str, ...]) -> str:
    return f"[{', '.join(values)}]" if values else ""
