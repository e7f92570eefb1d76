"""More time in an interval: whatever came before it, and the beginning of it, stay as they are.

What is counted from an interval's start, and its halfway, keep their moments; what is counted from
its end moves with it, and what repeats goes on repeating. So a listener who hears the interval
already can be given more of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from voiceguide.plan import Plan
from voiceguide.plan.model import IntervalRun, Item
from voiceguide.timeline.measured import Levels, MeasuredItems
from voiceguide.timeline.nested import IntervalContent
from voiceguide.units import Seconds, to_frames, to_seconds


def interval_indices(items: Sequence[Item]) -> list[int]:
    """Which of some items are intervals, in order."""
    return [index for index, item in enumerate(items) if isinstance(item, IntervalRun)]


def lengthened(
    items: Sequence[Item],
    measured: MeasuredItems,
    levels: Levels,
    more: Mapping[int, Seconds],
    plan: Plan,
    rate: int,
) -> tuple[MeasuredItems, int]:
    """Measured items with more time in some intervals, and the frames that this adds.

    An interval whose repeated words would not end inside it becomes a little longer still.

    Args:
        more: seconds, by the interval's place among the intervals.
    """
    gap = to_frames(plan.survey.gaps.sentence.least, rate)
    places = interval_indices(items)
    changed: dict[int, tuple[int, IntervalContent]] = {}
    added = 0
    for number, seconds in more.items():
        index = places[number]
        interval = items[index]
        assert isinstance(interval, IntervalRun)
        before = measured.frames(index, levels)
        run = _halfway_kept(interval, to_seconds(before // 2, rate))
        content = IntervalContent(run, measured.lengths, rate, gap)
        after = content.shortest(before + to_frames(seconds, rate))
        changed[index] = after, content
        added += after - before
    return measured.with_intervals(changed), added


def _halfway_kept(interval: IntervalRun, middle: Seconds) -> IntervalRun:
    """An interval whose halfway is a moment after its start."""
    return replace(
        interval,
        nested=tuple(
            replace(cue, moment="at", seconds=middle) if cue.moment == "halfway" else cue
            for cue in interval.nested
        ),
    )
