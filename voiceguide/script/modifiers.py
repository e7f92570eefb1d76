"""The brackets at a heading's end."""

from __future__ import annotations

import re
from typing import Any

from voiceguide.errors import Location, did_you_mean
from voiceguide.script.durations import WRITTEN, scan_elastic
from voiceguide.script.inline import Inline
from voiceguide.script.model import Count, Modifiers, Variable
from voiceguide.script.source import Findings
from voiceguide.script.speech import read_parts
from voiceguide.units import DurationError

_FORMS = ("each side", "first side", "second side", "optional", "10s between", "3 times",
          "2-4 times", "with TOOL", "with TOOL or TOOL")  # fmt: skip
_TIMES = re.compile(r"([0-9]{1,9})(?:[ ]?[-\u2013][ ]?([0-9]{1,9}))? times")
_BETWEEN = re.compile(r"([0-9].*?) between")
_GAP = re.compile(r"([0-9][0-9.:]* ?[a-z]*) (?:between|gap|rest|pause|break)")
_COUNT = re.compile(r"(?:repeat )?(?:x ?)?([0-9]{1,9}) ?(?:x|times?|rounds?|reps?|sets?)?")
_KINDS = tuple(map(re.compile, ("each side", "optional", r"[0-9] ?(?:x\b|times)", " between")))
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
    least = int(match[1])
    greatest = int(match[2]) if match[2] else least
    if least < 1:
        raise ValueError("zero times means never")
    if least > greatest:
        raise ValueError("the smaller number comes first")
    if greatest > MOST_TIMES:
        raise ValueError(f"at most {MOST_TIMES:,} times")
    return Count(least, (least + greatest) // 2, greatest)


def read_heading(
    inline: Inline, findings: Findings, *, title: bool
) -> tuple[tuple[str | Variable, ...], Modifiers]:
    """A heading's own words and its modifiers. The title (`#`) takes none."""
    text = inline.text
    brackets = [i for i, c in enumerate(text) if c in "()" and i not in inline.literal]
    stop = len(text)
    modifiers = Modifiers()
    if (
        not title
        and len(brackets) >= 2
        and text.rstrip()[-1:] == ")"
        and brackets[-1] == len(text.rstrip()) - 1
        and text[brackets[-2]] == "("
    ):
        stop = brackets[-2]
        modifiers = _read_modifiers(inline, stop + 1, brackets[-1], findings)
        brackets = brackets[:-2]
    is_open = False
    before = len(findings.problems)
    for at in brackets:
        if findings.crowded and before < len(findings.problems):
            break
        closing = text.find(")", at) if text[at] == "(" and not title else -1
        if closing > 0 and _reads(text[at + 1 : closing]):
            findings.add(
                "bracket", "modifiers stand in one bracket at the end of the heading",
                *inline.place(at), length=closing + 1 - at,
                hint="join them by commas there, as in (each side, 3 times)" if stop < len(text)
                else "take away what stands behind it",
            )  # fmt: skip
        elif text[at] == "(" or not is_open:
            findings.add(
                "bracket",
                _bracket_message(text, at, title=title),
                *inline.place(at),
                hint=("put modifiers at a step (##), or " if title else "")
                + f"write \\{text[at]} for a bracket that is part of the title",
            )  # fmt: skip
        is_open = text[at] == "("
    parts: list[str | Variable] = []
    for part, _ in read_parts(inline.cut(0, stop), findings, brackets="wrong"):
        if isinstance(part, str):
            parts.append(re.sub(r"\s+", " ", part))
        elif isinstance(part, Variable):
            parts.append(part)
    if not any(isinstance(p, Variable) or p.strip() for p in parts):
        findings.add(
            "empty-heading", "this heading has no words", *inline.place(0),
            hint="write what the step is called",
        )  # fmt: skip
    return tuple(parts), modifiers


def _bracket_message(text: str, at: int, *, title: bool) -> str:
    if title:
        return "the title takes no modifiers"
    if text[at] == "(" and text.rfind(")") < at:
        return "this bracket is never closed"
    if text[at] == ")":
        return "this bracket closes nothing"
    return "this bracket holds no modifiers: they stand at the end of the line"


def _read_modifiers(inline: Inline, start: int, end: int, findings: Findings) -> Modifiers:
    before = len(findings.problems)
    found: dict[str, Any] = {}
    places: dict[str, Location] = {}
    at = start
    for piece in inline.text[start:end].split(",", _MOST_MODIFIERS):
        part = inline.cut(at, at + len(piece))
        at += len(piece) + 1
        text = re.sub(r"\s+", " ", part.text)
        line, column = part.place(0)
        try:
            entry = _read_one(text)
        except ValueError as error:
            wrong = error if isinstance(error, DurationError) else None
            findings.add(
                "bad-modifier", f'"{text}": {error}', *part.place(wrong.offset if wrong else 0),
                length=wrong.length if wrong else len(text), hint=wrong.hint if wrong else "as in 3 times or 2-4 times",
            )  # fmt: skip
            continue
        if entry is None:
            findings.add(
                "unknown-modifier",
                f'"{text[:40]}" is not a modifier' if text else "a modifier is missing",
                line, column, length=len(text), expected="one of " + ", ".join(_FORMS),
                hint=_hint_for(text) if text else "take the comma away",
            )  # fmt: skip
            continue
        key, value = entry
        if key in found:
            same = "says again what another modifier says"
            other = "contradicts another modifier"
            findings.add(
                "modifier-twice", f'"{text}" {same if found[key] == value else other}',
                line, column, length=len(text), hint="keep one of them",
            )  # fmt: skip
            continue
        found[key] = value
        places[key] = Location(findings.source.name, line, column)
    if "between" in found and not ("each_side" in found or "count" in found):
        place = places["between"]
        findings.add(
            "between-alone", "a gap stands between repeats, and this step does not repeat", place.line, place.column,
            length=7, hint="add each side or 3 times, or leave the gap out",
        )  # fmt: skip
    keys = list(found)
    broken = len(findings.problems) > before
    outside = "count" not in found or (
        "each_side" in found and keys.index("each_side") < keys.index("count")
    )
    return Modifiers(**found, sides_outside=outside, broken=broken, locations=places)


def _hint_for(text: str) -> str:
    """What may have been meant with a modifier that is none."""
    if ";" in text or sum(bool(kind.search(text)) for kind in _KINDS) > 1:
        return "put commas between modifiers, as in (each side, 10s between)"
    if gap := _GAP.search(text):
        return f"write {gap[1]} between"
    if count := _COUNT.fullmatch(text):
        return f"write {int(count[1])} times" if int(count[1]) > 1 else "leave it out"
    if re.match(r"(?:left|right)\b", text):
        return "write each side; the listener may choose one of the two"
    if WRITTEN.match(text):
        return f"how long it lasts stands in a cue below, as in - hold {text[:20]}"
    return did_you_mean(text, _FORMS) or "write \\( for a bracket that is part of the title"


def _reads(text: str) -> bool:
    """Whether a text is modifiers, joined by commas."""
    try:
        return all(_read_one(" ".join(piece.split())) for piece in text.split(",", _MOST_MODIFIERS))
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
