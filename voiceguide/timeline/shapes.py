"""The order in which the shapes of a plan are tried.

First all optional blocks, then without the last, and so on; within each the counts at their usual,
then those nearest to it, the last count of the script moved first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from voiceguide.plan import Plan, Shape

MOST_TRIED = 3000
"""Shapes tried for one number of optional blocks; past it the length counts as out of reach."""


def widest(plan: Plan) -> tuple[Shape, Shape]:
    """The shapes of the shortest and of the longest session."""
    least = Shape(plan.optional, tuple(count.least for count in plan.counts))
    most = Shape(0, tuple(count.greatest for count in plan.counts))
    return least, most


def shapes(plan: Plan, ends: Callable[[Shape], tuple[int, int]], target: int) -> Iterator[Shape]:
    """Shapes in the order of preference, leaving out those that cannot reach a target.

    Args:
        plan: what is shaped.
        ends: the least and greatest frames of a shape.
        target: frames wanted.
    """
    for dropped in range(plan.optional + 1):
        if not plan.counts:
            yield Shape(dropped, ())
            continue
        low = ends(Shape(dropped, tuple(count.least for count in plan.counts)))[0]
        high = ends(Shape(dropped, tuple(count.greatest for count in plan.counts)))[1]
        if low <= target <= high:
            yield from _nearest_first(plan, dropped)
        else:
            yield plan_edge(plan, dropped, longer=target > high)


def plan_edge(plan: Plan, dropped: int, *, longer: bool) -> Shape:
    """The longest or the shortest shape without some optional blocks."""
    return Shape(dropped, tuple(count.greatest if longer else count.least for count in plan.counts))


def _nearest_first(plan: Plan, dropped: int) -> Iterator[Shape]:
    usual = tuple(count.usual for count in plan.counts)
    most = sum(
        max(count.greatest - count.usual, count.usual - count.least) for count in plan.counts
    )
    tried = 0
    for distance in range(most + 1):
        for counts in _moved(plan, usual, len(usual) - 1, distance):
            yield Shape(dropped, counts)
            tried += 1
            if tried >= MOST_TRIED:
                return


def _moved(
    plan: Plan, counts: tuple[int, ...], last: int, distance: int
) -> Iterator[tuple[int, ...]]:
    """All counts whose moves up to an index add up to a distance, the last moved farthest first."""
    if distance == 0:
        yield counts
        return
    if last < 0:
        return
    count = plan.counts[last]
    room = sum(max(c.greatest - c.usual, c.usual - c.least) for c in plan.counts[:last])
    for move in range(
        min(distance, max(count.greatest - count.usual, count.usual - count.least)), -1, -1
    ):
        if distance - move > room:
            break
        for value in dict.fromkeys((count.usual + move, count.usual - move)):
            if count.least <= value <= count.greatest:
                changed = (*counts[:last], value, *counts[last + 1 :])
                yield from _moved(plan, changed, last - 1, distance - move)
