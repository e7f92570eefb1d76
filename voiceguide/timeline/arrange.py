"""A plan and the lengths of its clips to a timeline; the only place where seconds become frames.

`measure` tells how long a session can be, `arrange` places it: as written, or fitted to a length.
Fitting is one closed pass, see `fitting`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from voiceguide.audio import AudioFormat
from voiceguide.errors import LengthError, Problem, ScriptError
from voiceguide.plan import Plan, Utterance
from voiceguide.plan.model import ChapterMark, sounds
from voiceguide.timeline.fitting import Fitting, MeasuredShape, Missed
from voiceguide.timeline.longer import lengthened
from voiceguide.timeline.measured import GREATEST, LEAST, USUAL, Levels
from voiceguide.timeline.model import Timeline
from voiceguide.timeline.placing import place
from voiceguide.units import (
    LONGEST,
    Seconds,
    format_clock,
    format_seconds,
    to_frames,
    to_seconds,
)

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


def measure(plan: Plan, lengths: Mapping[Utterance, int], format: AudioFormat) -> Reach:  # noqa: A002
    """How long a session can be.

    Raises:
        ScriptError: an interval cannot hold its sentences, a limit is passed, or nothing is heard.
    """
    return _reach(plan, _fitting(plan, lengths, format.rate), format.rate)


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
        ScriptError: an interval cannot hold its sentences, a limit is passed, or nothing is heard.
    """
    rate = format.rate
    if length is None:
        found, levels = MeasuredShape(plan, plan.usual, lengths, rate), USUAL
        target = found.total(levels)
    else:
        target = to_frames(length, rate)
        found, levels = _fit(plan, lengths, rate, target)
    if target > to_frames(LONGEST, rate):
        raise ScriptError([_too_long(plan, found, levels, rate)])
    happens = any(isinstance(item, ChapterMark) for item in found.items)
    if not happens or not target or not any(sounds(item) for item in found.items):
        raise ScriptError([_nothing(plan)])
    measured = found.measured
    if more:
        measured, added = lengthened(found.items, measured, levels, more, plan, rate)
        target += added
        if target > to_frames(LONGEST, rate):
            raise LengthError(_LONGEST_TEXT, (LONGEST,))
    timeline, warnings = place(plan, found.items, measured, levels, target, format)
    return Arranged(timeline, (*found.measured.warnings, *warnings))


def _fitting(plan: Plan, lengths: Mapping[Utterance, int], rate: int) -> Fitting:
    fitting = Fitting(plan, lengths, rate)
    if not fitting.heard:
        raise ScriptError([_nothing(plan)])
    return fitting


def _reach(plan: Plan, fitting: Fitting, rate: int) -> Reach:
    shortest = fitting.shape(fitting.ladder[0].shape).total(LEAST)
    usual = fitting.shape(plan.usual).total(USUAL)
    longest = fitting.shape(fitting.ladder[len(fitting.ladder) - 1].shape).total(GREATEST)
    if not usual:
        raise ScriptError([_nothing(plan)])
    # A block may be shorter than the gap that its own takes the place of.
    ends = min(shortest, usual), min(max(usual, longest), to_frames(LONGEST, rate))
    return Reach(*(to_seconds(frames, rate) for frames in (ends[0], usual, max(ends))))


def _too_long(plan: Plan, found: MeasuredShape, levels: Levels, rate: int) -> Problem:
    """Where a session passes its longest."""
    at, where = 0, plan.survey.script.root.location
    for index, item in enumerate(found.items):
        where = getattr(item, "location", None) or where
        at += found.measured.frames(index, levels)
        if at > to_frames(LONGEST, rate):
            break
    lasts = format_clock(to_seconds(found.total(levels), rate))
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
        f"nothing is left to hear{tool}",
        plan.survey.script.root.location,
        hint="write something that is spoken or played, whatever the tool and the side",
    )


def _fit(
    plan: Plan, lengths: Mapping[Utterance, int], rate: int, target: int
) -> tuple[MeasuredShape, Levels]:
    if target > to_frames(LONGEST, rate):
        raise LengthError(_LONGEST_TEXT, (LONGEST,))
    fitting = _fitting(plan, lengths, rate)
    found = fitting.find(target)
    if isinstance(found, Missed):
        reach = _reach(plan, fitting, rate)
        raise _out_of_reach(plan, to_seconds(target, rate), reach, found, rate)
    return found.shape, found.levels


def _out_of_reach(
    plan: Plan, asked: Seconds, reach: Reach, missed: Missed, rate: int
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
    near = tuple(to_seconds(f, rate) for f in (missed.below, missed.above) if f is not None)
    shown = " or ".join(_precise(s, up=k == 1) for k, s in enumerate(near))
    return LengthError(f"{name} cannot be exactly {text} long: the nearest are {shown}", near)


def _precise(seconds: float, *, up: bool = False) -> str:
    """To a tenth of a second, rounded down or up."""
    tenths = -(-round(seconds * 1e6) // 100_000) if up else round(seconds * 1e6) // 100_000
    return format_seconds(tenths / 10)
