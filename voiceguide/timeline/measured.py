"""Items with their lengths in frames: fixed ones added up, elastic ones as functions of t."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

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
from voiceguide.timeline.nested import IntervalContent, Placed, joint, ring
from voiceguide.units import Elastic, Seconds, format_seconds, to_frames, to_seconds

SORE = 1.5
"""How much longer the elastic durations of the sore side are."""
LONG_WAIT = 2.0
"""A sentence that waits longer than this, in seconds, is worth a warning."""


@dataclass(frozen=True, slots=True)
class MeasuredItem:
    """How long one item takes.

    Attributes:
        fixed: frames, where it does not give.
        elastic: its duration, where it does.
        tail: frames that it sounds past its end, over what follows, at most.
        chimes: the content of an interval whose chimes may sound past its end, or None.
        runs: where a sentence repeats in it, the contents that its length must hold.
        count, unit: index of the elastic count of what it repeats, or None; frames of one.
    """

    fixed: int = 0
    elastic: Elastic | None = None
    sore: bool = False
    tail: int = 0
    chimes: IntervalContent | None = None
    runs: tuple[IntervalContent, ...] = ()
    count: int | None = None
    unit: int = 0

    def frames(self, t: float, rate: int) -> int:
        """How long it takes for some t."""
        if self.elastic is None:
            return self.fixed
        frames: int = to_frames(stretch(self.elastic, t, sore=self.sore), rate)
        # The same for every run of a cue, so that both sides are equal.
        return joint(self.runs, frames) if self.runs else frames

    def reach(self, frames: int) -> int:
        """When its last sound has faded, where it takes some frames."""
        return self.chimes.faded(frames) if self.chimes else frames + self.tail


def stretch(elastic: Elastic, t: float, *, sore: bool) -> float:
    """Seconds of an elastic duration; on the sore side longer, held to its greatest."""
    seconds = elastic.at(t)
    return min(seconds * SORE, elastic.greatest) if sore else seconds


class MeasuredItems:
    """The items of one shape with their lengths.

    Attributes:
        contents: what is inside each interval, by the item's index.
        lengths: frames of each utterance.
        warnings: for the author.
        longest_tail: frames that a session sounds past its last item, at most.
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
        self.longest_tail = max((item.tail for item in items), default=0)
        self._items = items
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
        items = list(self._items)
        for index, (frames, content) in changed.items():
            items[index] = _measured_interval(MeasuredItem(frames), content, [content])
        contents = {**self.contents, **{index: content for index, (_, content) in changed.items()}}
        return MeasuredItems(items, contents, self.lengths, self.warnings, self._rate)

    def frames(self, index: int, t: float) -> int:
        """The length of one item."""
        return self._items[index].frames(t, self._rate)

    def total(self, t: float) -> int:
        """The session's length, its last sound included; it never falls as t grows."""
        at = reach = 0
        for fixed, fixed_reach, item in self._row:
            if fixed_reach:
                reach = max(reach, at + fixed_reach)
            at += fixed
            if item is not None:
                frames = item.frames(t, self._rate)
                if item.tail:
                    reach = max(reach, at + item.reach(frames))
                at += frames
        return max(at, reach)

    def terms(self, paths: Sequence[tuple[int, ...]], t: float) -> dict[tuple[int, ...], int]:
        """The lengths of a model's items, added up by the counts that multiply them.

        Args:
            paths: for each item, the counts that it is a further round of.
        """
        found: dict[tuple[int, ...], int] = {}
        for item, path in zip(self._items, paths, strict=True):
            if item.count is None:
                frames = item.frames(t, self._rate)
            else:
                frames, path = item.unit, (*path, item.count)
            if frames:
                found[path] = found.get(path, 0) + frames
        return found


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
    gap = to_frames(plan.survey.gaps.sentence, rate)
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
    raised = {
        cue: _raise(plan, intervals[cue], same, rate, lengths, warnings)
        for cue, same in runs.items()
    }

    def measured(index: int, item: Item) -> MeasuredItem:
        match item:
            case Say():
                return MeasuredItem(lengths[item.utterance])
            case Quiet():
                return _elastic(item.duration, item.sore, rate)
            case IntervalRun():
                elastic = _elastic(raised[item.cue], item.sore, rate)
                return _measured_interval(elastic, contents[index], runs[item.cue])
            case Breaths():
                return _measured_breaths(item, rate)
            case Strikes():
                frames = to_frames(item.sound.strike, rate) * item.count
                return MeasuredItem(frames, tail=max(0, ring(item, rate) - frames))
            case PlayedSound():
                return MeasuredItem(item.sound.frames)
            case BackgroundChange() | ChapterMark():
                return MeasuredItem()
            case _:
                assert_never(item)

    rows = [measured(index, item) for index, item in enumerate(items)]
    return MeasuredItems(rows, contents, lengths, warnings, rate)


def _measured_interval(
    duration: MeasuredItem, content: IntervalContent, runs: list[IntervalContent]
) -> MeasuredItem:
    return replace(
        duration,
        tail=content.rings,
        chimes=content if content.rings else None,
        runs=tuple(runs) if any(run.repeats for run in runs) else (),
    )


def _measured_breaths(breaths: Breaths, rate: int) -> MeasuredItem:
    unit = breath_frames(breaths, rate)
    if breaths.count is not None:
        return MeasuredItem(unit * breaths.count, count=breaths.elastic, unit=unit)
    assert breaths.duration is not None
    # Phases become frames one by one, and may so take a frame more than the whole.
    one, given = to_seconds(unit, rate), breaths.duration
    least, usual, greatest = (
        Seconds(max(one, seconds)) for seconds in (given.least, given.usual, given.greatest)
    )
    return _elastic(Elastic(least, usual, greatest), breaths.sore, rate)


def _elastic(duration: Elastic, sore: bool, rate: int) -> MeasuredItem:
    if duration.is_fixed:
        return MeasuredItem(to_frames(duration.usual, rate))
    return MeasuredItem(elastic=duration, sore=sore)


def breath_frames(breaths: Breaths, rate: int) -> int:
    """Frames of one breath."""
    return sum(to_frames(seconds, rate) for _, seconds in breaths.phases)


def _raise(
    plan: Plan,
    interval: IntervalRun,
    contents: list[IntervalContent],
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
        least = joint(contents, at_least)
        usual = joint(contents, max(least, at_usual))
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
                hint="choose a faster --speed, or count down from fewer",
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
