"""Which shape of a plan a session of some length has.

Shapes are tried in the order of preference: first with all optional blocks, then without the last,
and so on; within each the counts at their usual, then those nearest to it, the last count of the
script moved first. A session only grows with its counts, so that whole families of shapes can be
ruled out by their longest and their shortest; and breaths only add up, so that shapes that differ
in nothing else are told apart without unfolding them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from voiceguide.plan import Plan, Shape
from voiceguide.timeline.solid import Solid, Stretch, total_of

MOST_TRIED = 20_000
"""Shapes looked at, at most; past it a length counts as out of reach."""
MOST_UNFOLDED = 300
"""Shapes unfolded, at most."""

Solidify = Callable[[Shape], Solid]


def widest(plan: Plan) -> tuple[Shape, Shape]:
    """The shapes of the shortest and of the longest session."""
    least = Shape(plan.optional, tuple(count.least for count in plan.counts))
    most = Shape(0, tuple(count.greatest for count in plan.counts))
    return least, most


class Search:
    """Looks for the first shape that reaches a length.

    Attributes:
        below, above: the nearest lengths in frames that were met on either side, or None.
    """

    def __init__(self, plan: Plan, solidify: Solidify, target: int, slack: int) -> None:
        """
        Args:
            plan: what is shaped.
            solidify: gives the lengths of a shape.
            target: frames wanted.
            slack: frames by which a session may grow less than its counts tell.
        """
        self._plan = plan
        self._solidify = solidify
        self._target = target
        self._slack = slack
        self._known: dict[tuple[int, tuple[int, ...]], tuple[list[Stretch], list[Stretch]]] = {}
        self._tried = 0
        self.below: int | None = None
        self.above: int | None = None

    def find(self) -> Shape | None:
        """The first shape that reaches the target, or None."""
        for dropped in range(self._plan.optional + 1):
            for shape in self._nearest_first(dropped):
                if self._meet(shape):
                    return shape
        return None

    def _exhausted(self) -> bool:
        return self._tried >= MOST_TRIED or len(self._known) >= MOST_UNFOLDED

    def _ends(self, shape: Shape) -> tuple[int, int]:
        """The shortest and longest session of a shape, in frames."""
        self._tried += 1
        plan = self._plan
        # Numbers of breaths are left open in what is kept.
        rest = tuple(
            usual if number in plan.breath_counts else count
            for number, (usual, count) in enumerate(
                zip(plan.usual().counts, shape.counts, strict=True)
            )
        )
        key = (shape.dropped, rest)
        if key not in self._known:
            solid = self._solidify(Shape(*key))
            self._known[key] = solid.stretches(-1.0), solid.stretches(1.0)
        low, high = self._known[key]
        return total_of(low, shape.counts), total_of(high, shape.counts)

    def _meet(self, shape: Shape) -> bool:
        """Whether a shape reaches the target; remembers by how little it does not."""
        low, high = self._ends(shape)
        if low <= self._target <= high:
            return True
        if high < self._target:
            self.below = high if self.below is None else max(self.below, high)
        else:
            self.above = low if self.above is None else min(self.above, low)
        return False

    def _can_meet(self, dropped: int, lows: tuple[int, ...], highs: tuple[int, ...]) -> bool:
        """Whether some shape between two may reach the target."""
        if self._exhausted():
            return False
        low, high = Shape(dropped, lows), Shape(dropped, highs)
        if self._ends(low)[0] - self._slack > self._target:
            self._meet(low)
            return False
        if self._ends(high)[1] + self._slack < self._target:
            self._meet(high)
            return False
        return True

    def _nearest_first(self, dropped: int) -> Iterator[Shape]:
        counts = self._plan.counts
        usual = tuple(count.usual for count in counts)
        most = sum(max(c.greatest - c.usual, c.usual - c.least) for c in counts)
        lows, highs = tuple(c.least for c in counts), tuple(c.greatest for c in counts)
        if not self._can_meet(dropped, lows, highs):
            return
        for distance in range(most + 1):
            if self._exhausted():
                return
            for found in self._moved(dropped, usual, len(usual) - 1, distance):
                yield Shape(dropped, found)

    def _moved(
        self, dropped: int, counts: tuple[int, ...], last: int, distance: int
    ) -> Iterator[tuple[int, ...]]:
        """All counts whose moves up to an index add up to a distance, the last moved farthest first."""
        if distance == 0:
            yield counts
            return
        if last < 0:
            return
        before = self._plan.counts[: last + 1]
        lows = (*(max(c.least, c.usual - distance) for c in before), *counts[last + 1 :])
        highs = (*(min(c.greatest, c.usual + distance) for c in before), *counts[last + 1 :])
        if not self._can_meet(dropped, lows, highs):
            return
        count = before[-1]
        room = sum(max(c.greatest - c.usual, c.usual - c.least) for c in before[:-1])
        farthest = min(distance, max(count.greatest - count.usual, count.usual - count.least))
        for move in range(farthest, -1, -1):
            if distance - move > room:
                break
            for value in dict.fromkeys((count.usual + move, count.usual - move)):
                if count.least <= value <= count.greatest:
                    changed = (*counts[:last], value, *counts[last + 1 :])
                    yield from self._moved(dropped, changed, last - 1, distance - move)
