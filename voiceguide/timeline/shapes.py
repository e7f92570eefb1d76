"""Which shape of a plan a session of some length has.

Shapes are tried in the order of preference: first with all optional blocks, then without the last,
and so on; within each the counts at their usual, then those nearest to it, the last count of the
script moved first. There may be millions of them, so two things are used. A session only grows
with its counts, so that whole families of shapes are ruled out by their longest and their
shortest. And each further round of a block takes the same time as its second, so that one unfolded
session, a model, tells the lengths of all that differ in nothing but their counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import prod

from voiceguide.plan import Plan, Shape, Utterance
from voiceguide.plan.model import ElasticCount, Item
from voiceguide.timeline.measured import MeasuredItems, measure_items
from voiceguide.units import to_frames

MOST_TRIED = 10_000
"""Lengths worked out for one number of optional blocks, at most; past it, moving one count after
the other must do. For all together it may be five times as many."""
MOST_UNFOLDED = 300
"""Shapes unfolded, at most."""
_SLACK = 60.0

Counts = tuple[int, ...]


def widest(plan: Plan) -> tuple[list[Shape], list[Shape]]:
    """The shapes among which are the shortest and the longest session.

    An optional block may be shorter than the gap that its `pause 0s` stands in for, so leaving it
    out does not always make a session shorter.
    """
    numbers = plan.survey.numbers
    least = tuple(count.least for count in numbers.counts)
    most = tuple(count.greatest for count in numbers.counts)
    number = range(len(numbers.optional) + 1)
    return [Shape(d, least) for d in number], [Shape(d, most) for d in number]


@dataclass(frozen=True, slots=True)
class _Model:
    """Lengths at both ends of t, by the counts that multiply them.

    Attributes:
        tail: of the longest last sound.
    """

    low: Mapping[Counts, int]
    high: Mapping[Counts, int]
    tail: int


class Search:
    """Looks for the first shape that reaches a length.

    Args:
        plan: what is shaped.
        lengths: frames of each utterance.
        rate: frames a second.
        target: frames wanted.

    Attributes:
        below, above: the nearest lengths in frames that were met on either side, or None.
    """

    def __init__(
        self, plan: Plan, lengths: Mapping[Utterance, int], rate: int, target: int
    ) -> None:
        self._plan = plan
        self._numbers = plan.survey.numbers
        self._counts = self._numbers.counts
        self._optional = len(self._numbers.optional)
        self._lengths = lengths
        self._rate = rate
        self._target = target
        # Where a text says how many rounds there are, more of them may be said in less time.
        self._slack = to_frames(_SLACK, rate) if self._numbers.exact_counts else 0
        self._models: dict[tuple[int, Counts], _Model] = {}
        self._gained: dict[int, list[tuple[int, int]]] = {}
        self._ends: dict[Shape, tuple[int, int]] = {}
        self._tried = self._until = self._dropped = 0
        self._near = False
        self.below: int | None = None
        self.above: int | None = None

    def find(self) -> Shape | None:
        """The first shape that reaches the target, or None."""
        for dropped in range(self._optional + 1):
            self._begin(dropped)
            for shape in self._nearest_first(dropped):
                if self._meets(shape):
                    return shape
            if self._exhausted():
                for shape in self._one_by_one(dropped):
                    if self._meets(shape):
                        return shape
        return None

    def look_around(self) -> None:
        """Find the lengths nearest to a target that no shape reaches."""
        counts = self._counts
        usual = tuple(count.usual for count in counts)
        self._near = True
        self._tried = max(0, self._tried - MOST_TRIED)
        for dropped in range(self._optional + 1):
            self._begin(dropped)
            for end in zip(*((c.least, c.greatest) for c in counts), strict=True):
                self._meets(Shape(dropped, end))
            for distance in range(sum(_room(c) for c in counts) + 1):
                if self._exhausted():
                    break
                for found in self._moved(dropped, usual, distance):
                    self._meets(Shape(dropped, found))

    def _begin(self, dropped: int) -> None:
        """A new budget, as long as there is any."""
        self._until = min(self._tried + MOST_TRIED, 5 * MOST_TRIED)
        self._dropped = dropped

    def _exhausted(self) -> bool:
        unfolded = len(self._models) + len(self._ends) - self._dropped
        return self._tried >= self._until or unfolded >= MOST_UNFOLDED

    # Lengths

    def _measured(self, items: Sequence[Item]) -> MeasuredItems:
        return measure_items(items, self._lengths, self._plan, self._rate)

    def _model(self, dropped: int, counts: Counts) -> _Model:
        plan = self._plan
        exact = tuple(
            count if index in self._numbers.exact_counts else usual
            for index, (count, usual) in enumerate(zip(counts, plan.usual.counts, strict=True))
        )
        key = (dropped, exact)
        if key not in self._models:
            items, paths = plan.unfold_model(Shape(dropped, exact))
            measured = self._measured(items)
            low, high = measured.terms(paths, -1.0), measured.terms(paths, 1.0)
            self._models[key] = _Model(low, high, measured.longest_tail)
        return self._models[key]

    def _gains(self, dropped: int) -> list[tuple[int, int]]:
        """For each count, the frames that one more of it adds at most, at both ends of t."""
        if dropped not in self._gained:
            most = tuple(count.greatest for count in self._counts)
            model, factors = self._model(dropped, most), self._factors(most)
            gains = [[0, 0] for _ in most]
            for end, terms in enumerate((model.low, model.high)):
                for path, frames in terms.items():
                    for index in path:
                        gains[index][end] += frames * prod(factors[i] for i in path if i != index)
            self._gained[dropped] = [(low, high) for low, high in gains]
        return self._gained[dropped]

    def _factors(self, counts: Counts) -> list[int]:
        """What each count multiplies: of breaths all count, of rounds those after the first."""
        # Rounds that differ in what is said are unfolded already.
        return [
            1
            if index in self._numbers.exact_counts
            else count - (index not in self._numbers.breath_counts)
            for index, count in enumerate(counts)
        ]

    def _sum(self, terms: Mapping[Counts, int], counts: Counts) -> int:
        """A session's length without its last sound, for some counts."""
        # Longer scripts cost more for each look.
        self._tried += 1 + len(counts) // 100
        factors = self._factors(counts)
        return sum(frames * prod(factors[i] for i in path) for path, frames in terms.items())

    def _real_ends(self, shape: Shape) -> tuple[int, int]:
        """The shortest and longest session of a shape, its last sound included."""
        if shape not in self._ends:
            measured = self._measured(self._plan.unfold(shape))
            self._ends[shape] = measured.total(-1.0), measured.total(1.0)
        return self._ends[shape]

    # What meets the target

    def _meets(self, shape: Shape) -> bool:
        model = self._model(shape.dropped, shape.counts)
        low = self._sum(model.low, shape.counts)
        high = self._sum(model.high, shape.counts) + model.tail
        if high < self._target and self.below is not None and high <= self.below:
            return False
        if low > self._target and self.above is not None and low >= self.above:
            return False
        low, high = self._real_ends(shape)
        if high < self._target:
            self.below = high if self.below is None else max(self.below, high)
        elif low > self._target:
            self.above = low if self.above is None else min(self.above, low)
        else:
            return True
        return False

    def _can_meet(self, dropped: int, counts: Counts, free: int, distance: int) -> bool:
        """Whether moving the first counts from their usual may reach, or come nearer to, the target."""
        if self._exhausted():
            return False
        model = self._model(dropped, counts)
        moving = self._counts[:free]
        pairs = list(zip(self._gains(dropped), moving, strict=False))
        down = _most([(gain[0], count.usual - count.least) for gain, count in pairs], distance)
        up = _most([(gain[1], count.greatest - count.usual) for gain, count in pairs], distance)
        low = self._sum(model.low, counts) - down - self._slack
        high = self._sum(model.high, counts) + up + model.tail + self._slack
        if low > self._target:
            return self._near and (self.above is None or low < self.above)
        if high < self._target:
            return self._near and (self.below is None or high > self.below)
        return True

    # The order of preference

    def _nearest_first(self, dropped: int) -> Iterator[Shape]:
        counts = self._counts
        usual = tuple(count.usual for count in counts)
        # Within a distance there is only more to choose from than within a shorter one.
        first, last = 0, sum(_room(count) for count in counts)
        if not self._can_meet(dropped, usual, len(usual), last):
            return
        most = last
        while first < last:
            middle = (first + last) // 2
            if self._can_meet(dropped, usual, len(usual), middle):
                last = middle
            else:
                first = middle + 1
        for distance in range(first, most + 1):
            if self._exhausted():
                return
            for found in self._moved(dropped, usual, distance):
                yield Shape(dropped, found)

    def _one_by_one(self, dropped: int) -> Iterator[Shape]:
        """Shapes on the way from the usual to the least and the greatest, one step at a time."""
        for longer in (True, False):
            ends = [c.greatest if longer else c.least for c in self._counts]
            steps = sum(abs(end - c.usual) for end, c in zip(ends, self._counts, strict=True))
            first, last = 0, steps
            while first < last:
                middle = (first + last) // 2
                counts = self._on_the_way(ends, middle)
                model = self._model(dropped, counts)
                if longer:
                    passed = self._sum(model.high, counts) + model.tail >= self._target
                else:
                    passed = self._sum(model.low, counts) <= self._target
                first, last = (first, middle) if passed else (middle + 1, last)
            for step in (first, min(first + 1, steps)):
                yield Shape(dropped, self._on_the_way(ends, step))

    def _on_the_way(self, ends: list[int], steps: int) -> Counts:
        """The counts after some steps towards their ends, the last count of the script first."""
        counts = [count.usual for count in self._counts]
        for index in range(len(counts) - 1, -1, -1):
            whole = ends[index] - counts[index]
            taken = min(abs(whole), steps)
            counts[index] += taken if whole > 0 else -taken
            steps -= taken
        return tuple(counts)

    def _moved(self, dropped: int, usual: Counts, distance: int) -> Iterator[Counts]:
        """All counts whose moves add up to a distance, the last one moved farthest first."""
        every = self._counts
        rooms = [0, *accumulate(_room(count) for count in every)]
        # Each entry is a choice for the last counts, as a chain, with how many are still free.
        stack: list[tuple[_Chain, int, int]] = [(None, len(every), distance)]
        while stack:
            chain, free, left = stack.pop()
            counts = _changed(usual, chain)
            if left == 0:
                yield counts
                continue
            if not free or not self._can_meet(dropped, counts, free, left):
                continue
            index, count = free - 1, every[free - 1]
            choices: list[tuple[_Chain, int, int]] = []
            for move in range(min(left, _room(count)), -1, -1):
                if left - move > rooms[index]:
                    break
                for value in dict.fromkeys((count.usual + move, count.usual - move)):
                    if count.least <= value <= count.greatest:
                        link = (chain, index, value) if move else chain
                        choices.append((link, index, left - move))
            stack.extend(reversed(choices))


_Chain = tuple["_Chain", int, int] | None


def _changed(usual: Counts, chain: _Chain) -> Counts:
    """The counts with the choices of a chain."""
    if chain is None:
        return usual
    counts = list(usual)
    while chain is not None:
        chain, index, value = chain
        counts[index] = value
    return tuple(counts)


def _room(count: ElasticCount) -> int:
    """How far a count may move from its usual."""
    return max(count.greatest - count.usual, count.usual - count.least)


def _most(gains: list[tuple[int, int]], moves: int) -> int:
    """The most that some moves add up to, where each count has a gain a move and room for some."""
    total = 0
    for gain, room in sorted(gains, reverse=True):
        taken = min(room, moves)
        total += gain * taken
        moves -= taken
        if not moves:
            break
    return total
