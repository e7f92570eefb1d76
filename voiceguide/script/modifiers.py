"""The brackets at a heading's end."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, cast

from voiceguide.errors import Edit, Location
from voiceguide.script.durations import WRITTEN, scan_elastic
from voiceguide.script.forms import canonical, canonical_text
from voiceguide.script.inline import Inline
from voiceguide.script.model import Count, Modifiers, Variable
from voiceguide.script.source import Findings, FoundError, NoFindings, nearest
from voiceguide.script.speech import read_parts
from voiceguide.units import DurationError

_REMEMBERED = 500
"""Characters of a heading that is remembered."""
_FORMS = (
    "each side",
    "first side",
    "second side",
    "optional",
    "10s between",
    "3 times",
    "2-4 times",
    "with TOOL",
    "with TOOL or TOOL",
)
_TIMES = re.compile(r"([0-9]{1,9})(?:[ ]?[-\u2013][ ]?([0-9]{1,9}))? times|(1) time")
_BETWEEN = re.compile(r"([0-9].*?) between")
_BACKWARDS = re.compile(r"([0-9]{1,9}) ?[-\u2013] ?([0-9]{1,9}) times")
_GAP = re.compile(r"([0-9][0-9.:]* ?[a-z]*) (?:between|gap|rest|pause|break)")
_COUNT = re.compile(r"(?:repeat )?(?:x ?)?([0-9]{1,9}) ?(?:x|times?|rounds?|reps?|sets?)?")
_KINDS = tuple(map(re.compile, ("each side", "optional", r"[0-9] ?(?:x\b|times)", " between")))
_ID = re.compile(r"\s*(\{#[^{}]*\})\s*$")
_WORDS = (
    "each side sides both per left right first second optional between gap times time rounds round"
    " sets reps repeat repetitions twice with"
)
_MODIFIER_WORDS = frozenset(_WORDS.split())
"""Words of modifiers, and of what is nearly one."""
_TIMES_ALONE = re.compile(r"(?:^|,)\s*(?:[x\u00d7] ?[0-9]+|[0-9]+ ?[x\u00d7])\b|[0-9] ?[x\u00d7]$")
MOST_TIMES = 10_000
_MOST_MODIFIERS = 20


def read_count(text: str) -> Count | None:
    """`3 times` or `2-4 times`; the usual of a range is its middle, rounded down.

    Raises:
        ValueError: with what is wrong about the numbers.
    """
    match = _TIMES.fullmatch(text)
    if not match:
        return None
    least = int(match[1] or match[3])
    greatest = int(match[2]) if match[2] else least
    if least < 1:
        raise ValueError("zero times means never")
    if least > greatest:
        raise ValueError("the smaller number comes first")
    if greatest > MOST_TIMES:
        raise ValueError(f"at most {MOST_TIMES:,} times")
    return Count(least, (least + greatest) // 2, greatest)


@dataclass(frozen=True, slots=True)
class _Bracket:
    """A round bracket of a heading: where it opens, and behind where it closes or the text ends."""

    start: int
    end: int
    closed: bool


_Heading = tuple[tuple[str | Variable, ...], Modifiers]


def read_heading(
    inline: Inline, findings: Findings, *, title: bool, tools: Collection[str] = ()
) -> _Heading:
    """A heading's own words and its modifiers. The title (`#`) takes none.

    Args:
        tools: names of tools, which may be written in any case.
    """
    if len(inline.text) <= _REMEMBERED:
        with contextlib.suppress(FoundError):
            return _without_findings(inline, findings.source.name, title, tuple(tools))
    return _read_heading(inline, findings, title=title, tools=tools)


@lru_cache(maxsize=512)
def _without_findings(
    inline: Inline,
    name: str,
    title: bool,  # noqa: FBT001
    tools: tuple[str, ...],
) -> _Heading:
    return _read_heading(inline, NoFindings(name), title=title, tools=tools)


def _read_heading(
    inline: Inline, findings: Findings, *, title: bool, tools: Collection[str]
) -> _Heading:
    inline = _without_id(inline, findings)
    text = inline.text
    modifiers = Modifiers()
    stop = len(text)
    brackets = _brackets(inline)
    last = brackets[-1] if brackets else None
    if last and last.closed and last.end == len(text.rstrip()) and not title:
        inside = text[last.start + 1 : last.end - 1]
        if is_modifier(inside):
            stop = last.start
            modifiers = _read_modifiers(inline, last.start + 1, last.end - 1, findings, tools)
            brackets.pop()
        elif WRITTEN.search(inside):
            findings.add(
                "time-in-title",
                "a time in a heading is part of its name, and nothing lasts that long",
                *inline.place(last.start),
                length=last.end - last.start,
                hint=f"write the cue - hold {canonical_text(inside.strip()[:20], 'time')} below it",
                severity="warning",
            )
    before = len(findings.problems)
    for bracket in brackets:
        if findings.crowded and before < len(findings.problems):
            break
        inside = text[bracket.start + 1 : bracket.end - bracket.closed]
        if is_modifier(inside):
            _refuse_bracket(inline, bracket, findings, title=title, joined=stop < len(text))
    parts: list[str | Variable] = []
    for part, _ in read_parts(inline.cut(0, stop), findings, brackets="wrong"):
        if isinstance(part, str):
            parts.append(re.sub(r"\s+", " ", part))
        elif isinstance(part, Variable):
            parts.append(part)
    if not any(isinstance(p, Variable) or p.strip() for p in parts):
        findings.add(
            "empty-heading",
            "this heading has no words",
            *inline.place(0),
            hint="write what the step is called",
        )
    return tuple(parts), modifiers


def _without_id(inline: Inline, findings: Findings) -> Inline:
    """A heading without the `{#name}` that Google Docs puts behind it."""
    match = _ID.search(inline.text)
    if match is None or match.start(1) in inline.literal:
        return inline
    findings.add(
        "leftover",
        "this mark of another program is left out",
        *inline.place(match.start(1)),
        length=len(match[1]),
        fix="",
        severity="warning",
    )
    return inline.cut(0, match.start())


def _brackets(inline: Inline) -> list[_Bracket]:
    """The outermost round brackets of a heading; one that is never closed goes to the end."""
    found: list[_Bracket] = []
    depth = start = 0
    for at, char in enumerate(inline.text):
        if char not in "()" or at in inline.literal:
            continue
        if char == "(":
            start = start if depth else at
            depth += 1
        elif depth:
            depth -= 1
            if not depth:
                found.append(_Bracket(start, at + 1, True))
    if depth:
        found.append(_Bracket(start, len(inline.text), False))
    return found


def is_modifier(inside: str) -> bool:
    """Whether the words of a bracket were meant as modifiers: they share a word with one, or nearly.

    All else is part of the title.
    """
    plain = re.sub(r"\{[^}]*\}", " ", inside.lower())
    if not plain.strip():
        return "{" not in inside
    if _TIMES_ALONE.search(plain) or set(re.findall(r"[a-z]+", plain)) & _MODIFIER_WORDS:
        return True
    return any(nearest(piece.strip(), _FORMS) for piece in plain.split(",", _MOST_MODIFIERS))


def _refuse_bracket(
    inline: Inline, bracket: _Bracket, findings: Findings, *, title: bool, joined: bool
) -> None:
    """Modifiers that stand where none can."""
    text = inline.text[bracket.start : bracket.end].rstrip()
    place = inline.place(bracket.start)
    inside = text[1:-1] if bracket.closed else text[1:]
    escaped = f"\\({inside}" + ("\\)" if bracket.closed else "")
    if title:
        findings.add(
            "bracket",
            "the title takes no modifiers",
            *place,
            length=len(text),
            hint=f"put modifiers at a step (##), or write {escaped} to have them in the title",
            fix=escaped,
        )
    elif not bracket.closed:
        findings.add(
            "bracket",
            "this bracket is never closed",
            *place,
            length=len(text),
            hint=f"write {text})" if _reads(inside) else "put a ) behind it",
            fix=f"{text})" if _reads(inside) else None,
        )
    else:
        findings.add(
            "bracket",
            "modifiers stand in one bracket at the end of the heading",
            *place,
            length=len(text),
            hint="join them by commas there, as in (each side, 3 times)"
            if joined
            else "move it to the end of the line",
        )


def _read_modifiers(
    inline: Inline, start: int, end: int, findings: Findings, tools: Collection[str]
) -> Modifiers:
    before = len(findings.problems)
    removals: dict[str, Edit] = {}
    written = {tool.casefold(): tool for tool in tools}
    found: dict[str, Any] = {}
    places: dict[str, Location] = {}
    pieces = _pieces(inline, start, end)
    for number, piece in enumerate(pieces):
        part, text = piece.text, re.sub(r"\s+", " ", piece.text.text)
        line, column = part.place(0)

        def removed(piece: _Piece = piece, number: int = number) -> Edit:
            """Without this modifier and its comma, or without the bracket where it is the only one."""
            if len(pieces) == 1:
                return _removal(inline, start - 1, end + 1)
            if number == 0:
                return _removal(inline, piece.start, piece.end + 1)
            return _removal(inline, piece.start - 1, piece.end)

        try:
            entry = _read_one(text)
        except ValueError as error:
            wrong = error if isinstance(error, DurationError) else None
            backwards = _BACKWARDS.fullmatch(text)
            swapped = f"{backwards[2]}-{backwards[1]} times" if backwards else None
            findings.add(
                "bad-modifier",
                f'"{text}": {error}',
                *part.place(wrong.offset if wrong else 0),
                length=wrong.length if wrong else len(text),
                hint=wrong.hint if wrong else None if swapped else "as in 3 times or 2-4 times",
                fix=getattr(wrong, "fix", None) if wrong else swapped,
            )
            continue
        if entry is None:
            hint, fix = _hint_for(text, alone=len(pieces) == 1)
            whole = len(pieces) == 1 and (fix or "").startswith("\\(")
            findings.add(
                "unknown-modifier",
                f'"{text[:40]}" is not a modifier' if text else "a modifier is missing",
                line,
                column,
                length=len(text),
                expected="one of " + ", ".join(_FORMS),
                hint=hint,
                fix=_removal(inline, start - 1, end + 1, fix or "")
                if whole
                else removed()
                if fix == ""
                else fix,
            )
            continue
        key, value = entry
        if key == "tools":
            named = cast(tuple[str, ...], value)
            value = tuple(written.get(tool.casefold(), tool) for tool in named)
        if key in found:
            same = "says again what another modifier says"
            other = "contradicts another modifier"
            findings.add(
                "modifier-twice",
                f'"{text}" {same if found[key] == value else other}',
                line,
                column,
                length=len(text),
                hint="keep one of them",
                fix=removed(),
            )
            continue
        found[key] = value
        places[key] = Location(findings.source.name, line, column)
        removals[key] = removed()
    if "between" in found and not ("each_side" in found or "count" in found):
        place = places["between"]
        findings.add(
            "between-alone",
            "a gap stands between repeats, and this step does not repeat",
            place.line,
            place.column,
            length=7,
            hint="add each side or 3 times, or leave the gap out",
            fix=removals["between"],
        )
    keys = list(found)
    broken = len(findings.problems) > before
    outside = "count" not in found or (
        "each_side" in found and keys.index("each_side") < keys.index("count")
    )
    return Modifiers(**found, sides_outside=outside, broken=broken, locations=places)


@dataclass(frozen=True, slots=True)
class _Piece:
    """One modifier in the canonical form, and where it stands in its heading's text."""

    text: Inline
    start: int
    end: int


def _removal(inline: Inline, start: int, end: int, text: str = "") -> Edit:
    """The change that puts a text in place of a part of a heading."""
    line, column = inline.place(start)
    last, stop = inline.place(max(start, end - 1))
    return Edit(line, column, stop + 1 - column if last == line else 0, text)


def _pieces(inline: Inline, start: int, end: int) -> list[_Piece]:
    """What stands between the commas of a bracket."""
    found: list[_Piece] = []
    at = start
    for piece in inline.text[start:end].split(",", _MOST_MODIFIERS):
        first, last = at, at + len(piece)
        part = inline.cut(first, last)
        at = last + 1
        if len(part.text.lower()) == len(part.text):
            part = replace(part, text=part.text.lower().removesuffix("."))
        part = canonical(part, "time", "modifier", "times")
        comma = part.text.find(",")
        both = [part] if comma < 0 else [part.cut(0, comma), part.cut(comma + 1)]
        found += [_Piece(each, first, last) for each in both]
    return found


def _hint_for(text: str, *, alone: bool) -> tuple[str | None, str | None]:
    """What may have been meant with a modifier that is none, and what to write in its place."""
    if not text:
        return "leave it out" if alone else "take the comma away", ""
    if ";" in text:
        return "put commas between modifiers", text.replace(";", ",")
    if sum(bool(kind.search(text)) for kind in _KINDS) > 1:
        return "put commas between modifiers, as in (each side, 10s between)", None
    if gap := _GAP.search(text):
        return None, f"{gap[1]} between"
    if count := _COUNT.fullmatch(text):
        return None, f"{int(count[1])} times" if int(count[1]) > 1 else ""
    if re.match(r"(?:left|right|both)\b|(?:each|every|per|both|on each) (?:[a-z]+)$", text):
        return "write each side; the listener may choose one of the two", "each side"
    if WRITTEN.match(text):
        cue = f"how long it lasts stands in a cue below, as in - hold {text[:20]}"
        return f"leave it out: {cue}", ""
    near = nearest(text, [form for form in _FORMS if "TOOL" not in form])
    if near:
        return f'did you mean "{near}"?', near
    if alone:
        return f"write \\({text}\\) for a bracket that is part of the title", f"\\({text}\\)"
    return "leave it out", ""


def _reads(inside: str) -> bool:
    """Whether a text is modifiers, joined by commas."""
    plain = Inline(inside, frozenset(), None, (0,), ((1, 1),))
    try:
        return all(_read_one(piece.text.text) for piece in _pieces(plain, 0, len(inside)))
    except ValueError:
        return False


def _read_one(text: str) -> tuple[str, object] | None:
    if text == "each side":
        return "each_side", True
    if text in ("first side", "second side"):
        return "only", text.split()[0]
    if text == "optional":
        return "optional", True
    if (count := read_count(text)) is not None:
        return "count", count
    if match := _BETWEEN.fullmatch(text):
        gap, end = scan_elastic(match[1])
        if end != len(match[1]) or not gap.is_fixed:
            raise DurationError(
                "a gap is one fixed duration", 0, len(match[1]), "as in 10s between"
            )
        return "between", gap.usual
    if text.startswith("with ") and not text.endswith(" between"):
        tools = tuple(tool.strip() for tool in text[5:].split(" or ", _MOST_MODIFIERS))
        return ("tools", tools) if all(tools) else None
    return None
