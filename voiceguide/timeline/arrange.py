"""A plan and the lengths of its clips to a timeline; the only place where seconds become frames.

`Arranger.reach` tells how long a session can be, `Arranger.arrange` places it: as written, or fitted
to a length. Fitting is one closed pass, see `fitting`.
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


class Arranger:
    """Sessions of one plan in one voice; what is unfolded for one of them serves the next.

    Args:
        plan: what happens.
        lengths: frames of every utterance of `plan.utterances`, fitted unless all is as written.
        format: of the sessions.
    """

    def __init__(
        self,
        plan: Plan,
        lengths: Mapping[Utterance, int],
        format: AudioFormat,  # noqa: A002
    ) -> None:
        self._plan = plan
        self._format = format
        self._rate = format.rate
        self._most = to_frames(LONGEST, format.rate)
        self._fitting = Fitting(plan, lengths, format.rate)

    def reach(self) -> Reach:
        """How long a session can be.

        Raises:
            ScriptError: an interval cannot hold its sentences, a limit is passed, or nothing is
                heard.
        """
        fitting = self._fitting
        if not fitting.heard:
            raise ScriptError([_nothing(self._plan)])
        shortest = fitting.shape(fitting.ladder[0].shape).total(LEAST)
        usual = fitting.shape(self._plan.usual).total(USUAL)
        longest = fitting.shape(fitting.ladder[len(fitting.ladder) - 1].shape).total(GREATEST)
        if not usual:
            raise ScriptError([_nothing(self._plan)])
        # A block may be shorter than the gap that its own takes the place of.
        shortest = min(shortest, usual)
        longest = max(shortest, min(max(usual, longest), self._most))
        return Reach(*(to_seconds(frames, self._rate) for frames in (shortest, usual, longest)))

    def arrange(
        self, length: Seconds | None = None, more: Mapping[int, Seconds] | None = None
    ) -> Arranged:
        """The events of a session on exact frames.

        Args:
            length: to end on, to the frame; None for as written.
            more: seconds that some intervals get on top of that, by their place among the
                intervals.

        Raises:
            LengthError: the length is out of reach, or what is added makes it too long.
            ScriptError: as `reach`.
        """
        plan, rate = self._plan, self._rate
        if length is None:
            found, levels = self._fitting.shape(plan.usual), USUAL
            target = found.total(levels)
        else:
            target = to_frames(length, rate)
            found, levels = self._fit(target)
        if target > self._most:
            raise ScriptError([_too_long(plan, found, levels, rate)])
        happens = any(isinstance(item, ChapterMark) for item in found.items)
        if not happens or not target or not any(sounds(item) for item in found.items):
            raise ScriptError([_nothing(plan)])
        measured = found.measured
        if more:
            measured, added = lengthened(found.items, measured, levels, more, plan, rate)
            target += added
            if target > self._most:
                raise LengthError(_LONGEST_TEXT, (LONGEST,))
        timeline, warnings = place(plan, found.items, measured, levels, target, self._format)
        return Arranged(timeline, (*found.measured.warnings, *warnings))

    def check_length(self, length: Seconds) -> None:
        """Whether a length can be had, without the events.

        Raises:
            LengthError: it is out of reach.
        """
        self._fit(to_frames(length, self._rate))

    def _fit(self, target: int) -> tuple[MeasuredShape, Levels]:
        if target > self._most:
            raise LengthError(_LONGEST_TEXT, (LONGEST,))
        if not self._fitting.heard:
            raise ScriptError([_nothing(self._plan)])
        found = self._fitting.find(target)
        if isinstance(found, Missed):
            asked = to_seconds(target, self._rate)
            raise _out_of_reach(self._plan, asked, self.reach(), found, self._rate)
        return found.shape, found.levels


def measure(plan: Plan, lengths: Mapping[Utterance, int], format: AudioFormat) -> Reach:  # noqa: A002
    """How long a session can be; see `Arranger.reach`."""
    return Arranger(plan, lengths, format).reach()


def arrange(
    plan: Plan,
    lengths: Mapping[Utterance, int],
    format: AudioFormat,  # noqa: A002
    length: Seconds | None = None,
    more: Mapping[int, Seconds] | None = None,
) -> Arranged:
    """The events of a session on exact frames; see `Arranger.arrange`."""
    return Arranger(plan, lengths, format).arrange(length, more)


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
    message = f"{name} cannot be exactly {text} long: the nearest are {shown}"
    return LengthError(message, near, gap=True)


def _precise(seconds: float, *, up: bool = False) -> str:
    """To a tenth of a second, rounded down or up."""
    tenths = -(-round(seconds * 1e6) // 100_000) if up else round(seconds * 1e6) // 100_000
    return format_seconds(tenths / 10)
