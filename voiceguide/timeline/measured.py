"""Items with their lengths in frames: fixed ones added up, elastic ones as functions of levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, assert_never

from voiceguide.errors import Location, Problem, ScriptError
from voiceguide.plan import Plan, Utterance
from voiceguide.plan.model import (
    BackgroundChange,
    Breaths,
    ChapterMark,
    CountdownWords,
    IntervalRun,
    Item,
    PlayedSound,
    Quiet,
    Say,
    Strikes,
)
from voiceguide.script.model import PRESSING
from voiceguide.timeline.nested import IntervalContent, Placed, Runs, ring
from voiceguide.units import Elastic, Seconds, Side, format_seconds, to_frames, to_seconds

SORE = 1.5
"""How much longer the elastic durations of the sore side are."""
LONG_WAIT = 2.0
"""A sentence that waits longer than this, in seconds, is worth a warning."""


@dataclass(frozen=True, slots=True)
class Levels:
    """How far the elastic durations of a session are drawn out, from -1 (least) to 1 (greatest).

    Attributes:
        press: of the intervals that press.
        rest: of what was written beside them.
        gap: of the silences between sentences that nobody wrote.
    """

    press: float
    rest: float
    gap: float

    def towards(self, other: Levels, share: float) -> Levels:
        """A point on the straight way to others."""
        return Levels(
            self.press + share * (other.press - self.press),
            self.rest + share * (other.rest - self.rest),
            self.gap + share * (other.gap - self.gap),
        )


Drawn = Literal["press", "rest", "gap"]
"""The level that draws an item out."""
LEAST, USUAL, GREATEST = Levels(-1.0, -1.0, -1.0), Levels(0.0, 0.0, 0.0), Levels(1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class MeasuredItem:
    """How long one item takes.

    Attributes:
        fixed: frames, where it does not give.
        elastic: its duration, where it does.
        drawn: what draws it out: `press` where a muscle is pressed in it.
        tail: frames that it sounds past its end, over what follows, at most.
        chimes: the content of an interval whose chimes may sound past its end, or None.
        runs: where a sentence repeats in it, all that its length must hold.
        count, unit: index of the elastic count of what it repeats, or None; frames of one.
    """

    fixed: int = 0
    elastic: Elastic | None = None
    drawn: Drawn = "rest"
    tail: int = 0
    chimes: IntervalContent | None = None
    runs: Runs | None = None
    count: int | None = None
    unit: int = 0

    def frames(self, levels: Levels, rate: int) -> int:
        """How long it takes."""
        if self.elastic is None:
            return self.fixed
        frames: int = to_frames(self.elastic.at(getattr(levels, self.drawn)), rate)
        # The same for every run of a cue, so that both sides are equal.
        return self.runs.shortest(frames) if self.runs else frames

    def reach(self, frames: int) -> int:
        """When its last sound has faded, where it takes some frames."""
        return self.chimes.faded(frames) if self.chimes else frames + self.tail


class MeasuredItems:
    """The items of one shape with their lengths.

    Attributes:
        contents: what is inside each interval, by the item's index.
        lengths: frames of each utterance.
        warnings: for the author.
        items: how long each takes.
    """

    def __init__(
        self,
        items: list[MeasuredItem],
        contents: dict[int, IntervalContent],
        lengths: Mapping[Utterance, int],
        warnings: list[Problem],
        rate: int,
    ) -> None:
        self.contents = contents
        self.lengths = lengths
        self.warnings = warnings
        self.items = items
        self._rate = rate
        # Runs of fixed pieces are added up once; solving for t looks only at the rest.
        self._row: list[tuple[int, int, MeasuredItem | None]] = []
        fixed, reach = 0, 0
        for item in items:
            if item.elastic is not None:
                self._row.append((fixed, reach, item))
                fixed, reach = 0, 0
            else:
                fixed += item.fixed
                if item.tail:
                    reach = max(reach, fixed - item.fixed + item.reach(item.fixed))
        self._row.append((fixed, reach, None))

    def with_intervals(self, changed: Mapping[int, tuple[int, IntervalContent]]) -> MeasuredItems:
        """The same with other intervals: frames and content, by the item's index."""
        items = list(self.items)
        for index, (frames, content) in changed.items():
            tail, chimes = content.rings, content if content.rings else None
            items[index] = MeasuredItem(frames, None, items[index].drawn, tail, chimes)
        contents = {**self.contents, **{index: content for index, (_, content) in changed.items()}}
        return MeasuredItems(items, contents, self.lengths, self.warnings, self._rate)

    def frames(self, index: int, levels: Levels) -> int:
        """The length of one item."""
        return self.items[index].frames(levels, self._rate)

    def pressing(self, levels: Levels) -> int:
        """How long muscles are pressed in it."""
        return sum(item.frames(levels, self._rate) for item in self.items if item.drawn == "press")

    def total(self, levels: Levels) -> int:
        """The session's length, its last sound included; it never falls as levels grow."""
        at = reach = 0
        for fixed, fixed_reach, item in self._row:
            if fixed_reach:
                reach = max(reach, at + fixed_reach)
            at += fixed
            if item is not None:
                frames = item.frames(levels, self._rate)
                if item.tail:
                    reach = max(reach, at + item.reach(frames))
                at += frames
        return max(at, reach)


def measure_items(
    items: Sequence[Item],
    lengths: Mapping[Utterance, int],
    plan: Plan,
    rate: int,
) -> MeasuredItems:
    """Lengths for every item of a shape.

    Raises:
        ScriptError: an interval cannot hold its sentences.
    """
    gap = to_frames(plan.survey.gaps.sentence.least, rate)
    known: dict[tuple[int, tuple[object, ...]], IntervalContent] = {}
    contents: dict[int, IntervalContent] = {}
    runs: dict[int, list[IntervalContent]] = {}
    intervals: dict[int, IntervalRun] = {}
    for index, item in enumerate(items):
        if isinstance(item, IntervalRun):
            intervals.setdefault(item.cue, item)
            key = (item.cue, item.nested)
            if key not in known:
                known[key] = IntervalContent(item, lengths, rate, gap)
                runs.setdefault(item.cue, []).append(known[key])
            contents[index] = known[key]
    warnings: list[Problem] = []
    joint = {cue: Runs(different) for cue, different in runs.items()}
    raised = {
        cue: _raise(plan, intervals[cue], different, joint[cue], rate, lengths, warnings)
        for cue, different in runs.items()
    }

    sore = plan.survey.options.sore
    pressing = PRESSING + (("count",) if plan.survey.script.front.kind == "release" else ())

    def measured(index: int, item: Item) -> MeasuredItem:
        match item:
            case Say():
                return MeasuredItem(lengths[item.utterance])
            case Quiet():
                silence = _elastic(on_side(item.duration, item.side, sore), rate)
                return silence if item.location else replace(silence, drawn="gap")
            case IntervalRun():
                elastic = _elastic(on_side(raised[item.cue], item.side, sore), rate)
                interval = _measured_interval(item, elastic, contents[index], joint[item.cue], rate)
                return replace(interval, drawn="press") if item.label in pressing else interval
            case Breaths():
                return _measured_breaths(item, sore, rate)
            case Strikes():
                frames = to_frames(item.sound.strike, rate) * item.count
                return MeasuredItem(frames, tail=max(0, ring(item, rate) - frames))
            case PlayedSound():
                return MeasuredItem(played_frames(item, rate))
            case BackgroundChange() | ChapterMark():
                return MeasuredItem()
            case _:
                assert_never(item)

    rows = [measured(index, item) for index, item in enumerate(items)]
    return MeasuredItems(rows, contents, lengths, warnings, rate)


def _measured_interval(
    interval: IntervalRun,
    duration: MeasuredItem,
    content: IntervalContent,
    runs: Runs,
    rate: int,
) -> MeasuredItem:
    repeating = runs if runs.repeats else None
    return replace(
        duration,
        fixed=repeating.shortest(duration.fixed)
        if repeating and not duration.elastic
        else duration.fixed,
        count=interval.elastic,
        unit=to_frames(interval.unit, rate),
        tail=content.rings,
        chimes=content if content.rings else None,
        runs=repeating,
    )


def played_frames(played: PlayedSound, rate: int) -> int:
    """How much of a sound is played."""
    if played.duration is None:
        return played.sound.frames
    return min(played.sound.frames, to_frames(played.duration, rate))


def _measured_breaths(breaths: Breaths, sore: Side | None, rate: int) -> MeasuredItem:
    unit = breath_frames(breaths, rate)
    if breaths.count is not None:
        return MeasuredItem(unit * breaths.count, count=breaths.elastic, unit=unit)
    assert breaths.duration is not None
    # Phases become frames one by one, and may so take a frame more than the whole.
    one, given = to_seconds(unit, rate), breaths.duration
    least, usual, greatest = (
        Seconds(max(one, seconds)) for seconds in (given.least, given.usual, given.greatest)
    )
    return _elastic(on_side(Elastic(least, usual, greatest), breaths.side, sore), rate)


def _elastic(duration: Elastic, rate: int) -> MeasuredItem:
    if duration.is_fixed:
        return MeasuredItem(to_frames(duration.usual, rate))
    return MeasuredItem(elastic=duration)


def on_side(duration: Elastic, side: Side | None, sore: Side | None) -> Elastic:
    """A duration on one of two sides of which one is sore, or on none.

    The sore side has half as much again at every level. It never passes the greatest that is
    written, so the other side stays as far below that, unless its usual lies there.
    """
    if duration.is_fixed or side is None or sore is None:
        return duration
    least, usual, greatest = duration.least, duration.usual, duration.greatest
    highest = Seconds(max(usual, greatest / SORE))
    if side != sore:
        return Elastic(least, usual, highest)
    return Elastic(
        Seconds(min(least * SORE, greatest)), Seconds(min(usual * SORE, greatest)), greatest
    )


def breath_frames(breaths: Breaths, rate: int) -> int:
    """Frames of one breath."""
    return sum(to_frames(seconds, rate) for _, seconds in breaths.phases)


def _raise(
    plan: Plan,
    interval: IntervalRun,
    contents: list[IntervalContent],
    runs: Runs,
    rate: int,
    lengths: Mapping[Utterance, int],
    warnings: list[Problem],
) -> Elastic:
    """The interval's duration, raised where its sentences would not end inside it."""
    for nested in interval.nested:
        if isinstance(nested.what, CountdownWords):
            _check_countdown(plan, nested.what, lengths, rate, nested.location)
    written = interval.duration
    at_least, at_usual = to_frames(written.least, rate), to_frames(written.usual, rate)
    try:
        least = runs.shortest(at_least)
        usual = runs.shortest(max(least, at_usual))
    except OverflowError:
        problem = plan.survey.problem(
            "words-never-fit",
            f"the words in this {interval.label} fit into no length: some come again too soon",
            interval.location,
            length=len(interval.label),
            hint="repeat them less often, or use fewer words",
        )
        raise ScriptError([problem]) from None
    if least > at_least or usual > at_usual:
        lasts, needs = (written.least, least) if least > at_least else (written.usual, usual)
        seconds = -(-needs * 10 // rate) / 10
        warnings.append(
            plan.survey.problem(
                "raised-interval",
                f"the words in this {interval.label} need {format_seconds(seconds)}, and it has "
                f"{format_seconds(lasts)}: it is made longer",
                interval.location,
                length=len(interval.label),
                hint=f"give it at least {format_seconds(-(-seconds // 1))}, or use fewer words",
                severity="warning",
            )
        )
    _warn_of_waits(plan, contents, usual, rate, warnings)
    if least == at_least and usual == at_usual:
        return written
    low = max(written.least, to_seconds(least, rate))
    middle = max(written.usual, to_seconds(usual, rate))
    return Elastic(Seconds(low), Seconds(middle), Seconds(max(written.greatest, middle)))


def _check_countdown(
    plan: Plan,
    counted: CountdownWords,
    lengths: Mapping[Utterance, int],
    rate: int,
    where: Location,
) -> None:
    for utterance in counted.words:
        if lengths[utterance] > rate:
            seconds = to_seconds(lengths[utterance], rate)
            problem = plan.survey.problem(
                "countdown-too-slow",
                f'this voice takes {seconds:.1f} s for "{utterance.text}", '
                "and a countdown has a second for each number",
                where,
                hint="have the voice speak faster, or count down from fewer",
            )
            raise ScriptError([problem])


def _warn_of_waits(
    plan: Plan, contents: list[IntervalContent], frames: int, rate: int, warnings: list[Problem]
) -> None:
    """One warning for each sentence of the script that waits long, with its longest wait."""
    longest: dict[Location, Placed] = {}
    for content in contents:
        for placed in content.place(frames):
            known = longest.get(placed.location)
            if known is None or abs(placed.waited) > abs(known.waited):
                longest[placed.location] = placed
    for placed in longest.values():
        seconds = to_seconds(abs(placed.waited), rate)
        if seconds <= LONG_WAIT or not isinstance(placed.what, Utterance):
            continue
        how = (
            f"waits {seconds:.1f} s for the sentence before it"
            if placed.waited > 0
            else f"starts {seconds:.1f} s before its time, or it would not end in time"
        )
        warnings.append(
            plan.survey.problem(
                "sentence-waits",
                f'"{placed.what.text[:60]}" {how}',
                placed.location,
                length=len(placed.what.text),
                hint="move it, or use fewer words",
                severity="warning",
            )
        )
