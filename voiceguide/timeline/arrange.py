"""A plan and the lengths of its clips to a timeline; the only place where seconds become frames.

`measure` tells how long a session can be, `arrange` places it: as written, or fitted to a length.
Fitting is one closed pass: first the shape is settled, then one number t for all that is elastic.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from voiceguide.audio import AudioFormat
from voiceguide.errors import LengthError, Problem, ScriptError
from voiceguide.plan import Plan, Shape, Utterance
from voiceguide.plan.model import Item
from voiceguide.timeline.longer import lengthened
from voiceguide.timeline.measured import MeasuredItems, measure_items
from voiceguide.timeline.model import Timeline
from voiceguide.timeline.placing import place
from voiceguide.timeline.shapes import Search, widest
from voiceguide.units import (
    LONGEST,
    Seconds,
    format_clock,
    format_seconds,
    to_frames,
    to_seconds,
)

_STEPS = 60
_LONGEST_TEXT = "a session lasts at most 24 hours"


@dataclass(frozen=True, slots=True)
class Reach:
    """How long a session can be, in seconds.

    Attributes:
        shortest, longest: what fitting can reach.
        usual: as written, nothing fitted.
    """

    shortest: Seconds
    usual: Seconds
    longest: Seconds


@dataclass(frozen=True, slots=True)
class Arranged:
    """A timeline, and what the words made of it.

    Attributes:
        warnings: intervals that had to be raised, sentences that wait long; for the author.
    """

    timeline: Timeline
    warnings: tuple[Problem, ...]


class _MeasuredShape:
    """One shape of a plan with its lengths."""

    def __init__(
        self, plan: Plan, shape: Shape, lengths: Mapping[Utterance, int], rate: int
    ) -> None:
        self.shape = shape
        self.items: tuple[Item, ...] = plan.unfold(shape)
        self.measured: MeasuredItems = measure_items(self.items, lengths, plan, rate)

    def total(self, t: float) -> int:
        return self.measured.total(t)


def measure(plan: Plan, lengths: Mapping[Utterance, int], format: AudioFormat) -> Reach:  # noqa: A002
    """How long a session can be.

    Raises:
        ScriptError: an interval cannot hold its sentences, or a limit is passed.
    """
    rate = format.rate
    usual = _MeasuredShape(plan, plan.usual, lengths, rate)
    least, most = widest(plan)
    shortest = min(_MeasuredShape(plan, shape, lengths, rate).total(-1.0) for shape in least)
    longest = max(_MeasuredShape(plan, shape, lengths, rate).total(1.0) for shape in most)
    return Reach(
        to_seconds(shortest, rate), to_seconds(usual.total(0.0), rate), to_seconds(longest, rate)
    )


def arrange(
    plan: Plan,
    lengths: Mapping[Utterance, int],
    format: AudioFormat,  # noqa: A002
    length: Seconds | None = None,
    more: Mapping[int, Seconds] | None = None,
) -> Arranged:
    """The events of a session on exact frames.

    Args:
        plan: what happens.
        lengths: frames of every utterance of `plan.utterances(fitted=length is not None)`.
        format: of the session.
        length: to end on, to the frame; None for as written.
        more: seconds that some intervals get on top of that, by their place among the intervals.

    Raises:
        LengthError: the length is out of reach, or what is added makes it too long.
        ScriptError: an interval cannot hold its sentences, or a limit is passed.
    """
    rate = format.rate
    if length is None:
        found, t = _MeasuredShape(plan, plan.usual, lengths, rate), 0.0
        target = found.total(t)
    else:
        target = to_frames(length, rate)
        found, t = _fit(plan, lengths, rate, target)
    if target > to_frames(LONGEST, rate):
        raise ScriptError([_too_long(plan, found, t, rate)])
    if not target:
        raise ScriptError([_nothing(plan)])
    measured = found.measured
    if more:
        measured, added = lengthened(found.items, measured, t, more, plan, rate)
        target += added
        if target > to_frames(LONGEST, rate):
            raise LengthError(_LONGEST_TEXT, (LONGEST,))
    timeline = place(plan, found.items, measured, t, target, format)
    return Arranged(timeline, tuple(found.measured.warnings))


def _too_long(plan: Plan, found: _MeasuredShape, t: float, rate: int) -> Problem:
    """Where a session passes its longest."""
    at, where = 0, plan.survey.script.root.location
    for index, item in enumerate(found.items):
        where = getattr(item, "location", None) or where
        at += found.measured.frames(index, t)
        if at > to_frames(LONGEST, rate):
            break
    lasts = format_clock(to_seconds(found.total(t), rate))
    return plan.survey.problem(
        "session-too-long",
        f"here the session passes 24 hours; it lasts {lasts} hours",
        where,
        expected="at most 24 hours",
        hint="make it shorter, or repeat it fewer times",
    )


def _nothing(plan: Plan) -> Problem:
    tool = f' with "{plan.survey.tool}"' if plan.survey.tool else ""
    return plan.survey.problem(
        "nothing-to-play",
        f"nothing is left to say or play{tool}",
        plan.survey.script.root.location,
        hint="write something that holds for every tool and side",
    )


def _fit(
    plan: Plan, lengths: Mapping[Utterance, int], rate: int, target: int
) -> tuple[_MeasuredShape, float]:
    """The first shape that reaches a length, and its t."""
    if target > to_frames(LONGEST, rate):
        raise LengthError(_LONGEST_TEXT, (LONGEST,))
    search = Search(plan, lengths, rate, target)
    shape = search.find()
    if shape is None:
        search.look_around()
        reach = measure(plan, lengths, AudioFormat(rate))
        raise _out_of_reach(plan, to_seconds(target, rate), reach, search.below, search.above, rate)
    found = _MeasuredShape(plan, shape, lengths, rate)
    return found, _solve(found, target)


def _solve(found: _MeasuredShape, target: int) -> float:
    """The greatest t whose total does not pass the target."""
    low, high = -1.0, 1.0
    if found.total(high) <= target:
        return high
    if found.total(0.0) == target:
        return 0.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if found.total(middle) <= target:
            low = middle
        else:
            high = middle
    return low


def _out_of_reach(
    plan: Plan, asked: Seconds, reach: Reach, below: int | None, above: int | None, rate: int
) -> LengthError:
    name = f'"{plan.title}"'
    text = format_seconds(asked)
    if asked < reach.shortest or asked > reach.longest:
        ends = (reach.shortest, reach.longest)
        if reach.shortest == reach.longest:
            return LengthError(
                f"{name} lasts {format_seconds(ends[0])} and cannot be {text}: nothing in it is elastic",
                ends[:1],
            )
        # Rounded inwards, so that what the message offers can be had.
        return LengthError(
            f"{name} cannot be {text} long: it lasts from {_precise(ends[0], up=True)} "
            f"to {_precise(ends[1])}",
            ends,
        )
    near = tuple(to_seconds(f, rate) for f in (below, above) if f is not None)
    shown = " or ".join(_precise(s, up=k == 1) for k, s in enumerate(near))
    return LengthError(f"{name} cannot be exactly {text} long: the nearest are {shown}", near)


def _precise(seconds: float, *, up: bool = False) -> str:
    """To a tenth of a second, rounded down or up."""
    tenths = -(-round(seconds * 1e6) // 100_000) if up else round(seconds * 1e6) // 100_000
    return format_seconds(tenths / 10)
