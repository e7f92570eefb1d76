"""Texts as they are spoken at one place: variables filled in, words respelled."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from voiceguide.plan.survey import Survey
from voiceguide.script.model import Variable
from voiceguide.units import Side

_KEPT = "\ufffc"  # stands in no script


@dataclass(frozen=True, slots=True)
class Run:
    """What holds while a block is unfolded.

    Attributes:
        side, turn: the side being worked, and whether it is the first or the second.
        round, rounds: of the innermost block that repeats; 0 outside.
        path: the elastic counts of the blocks around it that are past their first round.
        say: respellings, the outermost script's first.
    """

    side: Side | None = None
    turn: Literal["first", "second"] | None = None
    round: int = 0
    rounds: int = 0
    path: tuple[int, ...] = ()
    say: tuple[Mapping[str, str], ...] = ()


def filled(survey: Survey, parts: tuple[str | Variable, ...], run: Run) -> str:
    """A text with its variables filled in."""
    return "".join(p if isinstance(p, str) else _value(survey, p.name, run) for p in parts)


def _value(survey: Survey, name: str, run: Run) -> str:
    if name == "tool":
        return survey.tool or ""
    if name == "muscle":
        return survey.muscle
    if name == "round":
        return str(run.round)
    if name == "rounds":
        return str(run.rounds)
    assert run.side is not None
    other: Side = "right" if run.side == "left" else "left"
    return survey.words.sides[run.side if name == "side" else other]


def respell(
    text: str, tables: tuple[Mapping[str, str], ...], normalise: Callable[[str], str] = str
) -> str:
    """A text with words respelled; the first table that knows a word decides.

    All else is turned into words by `normalise`, which keeps the character U+FFFC as it is.
    """
    merged: dict[str, str] = {}
    for table in reversed(tables):
        merged.update(table)
    if not merged:
        return normalise(text)
    longest_first = sorted(merged, key=len, reverse=True)
    pattern = r"(?<!\w)(?:" + "|".join(re.escape(word) for word in longest_first) + r")(?!\w)"
    # A few letters match others than those that they become in lower case, as the Turkish i does.
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(merged.get(match[0].casefold(), match[0]))
        return _KEPT

    said = normalise(re.sub(pattern, keep, text, flags=re.IGNORECASE))
    return re.sub(_KEPT, lambda _: kept.pop(0), said)
