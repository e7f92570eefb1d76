"""Which shape a session of some length has, and how far it is drawn out: the dose before the rest.

A session grows on one ladder, whatever the script. On its lowest rung the least of everything is
done, without optional blocks. From there

1. the intervals that press grow to their usual length, all else staying at its least; then the
   silences between sentences do;
2. rounds and breaths come in, evenly, up to their usual number;
3. optional blocks come in, the first in the script first, each with the least of its own rounds and
   breaths, which then come in too;
4. what does not press grows to its usual length: this is the session as written;
5. all grows together to its greatest, rounds and breaths evenly with it.

Where a step needs more room than there is yet, what does not press fills it, and gives it back as
the step is taken: so pressing time never falls as a session grows, as long as that suffices. Where
not even the greatest of everything fills it, other rounds and breaths make up for it, and if they
cannot, the step is taken and what presses gives way.

A length is looked for among estimates. One session is unfolded, whose parts tell how long each
rung is; only what is chosen is unfolded in earnest, and the estimate put right by it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from math import floor, prod

from voiceguide.plan import Plan, Shape, Utterance
from voiceguide.plan.model import Item, Origin, sounds
from voiceguide.plan.survey import Numbers
from voiceguide.timeline.measured import (
    GREATEST,
    LEAST,
    USUAL,
    Levels,
    MeasuredItem,
    MeasuredItems,
    measure_items,
)

DOSE = Levels(0.0, -1.0, 0.0)
"""What presses has its usual length, and so have the silences between sentences; all else its least."""
_HALVINGS = 40

Counts = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rung:
    """A step of growth.

    Attributes:
        shape: what is done.
        levels: how far it is drawn out when the session is just long enough for the rung.
        onward: how far it will be when the next rung is reached.
    """

    shape: Shape
    levels: Levels
    onward: Levels

    @property
    def way(self) -> tuple[Levels, ...]:
        """The levels that it goes through from its shortest to its longest, straight between."""
        return (
            LEAST,
            Levels(self.levels.press, -1.0, -1.0),
            self.levels,
            self.onward,
            Levels(self.onward.press, 1.0, self.onward.gap),
            GREATEST,
        )


class Ladder:
    """All rungs, from the shortest to the longest session.

    Args:
        numbers: of the script.
        needed: how many of the optional blocks must be in, or nothing is heard.
    """

    def __init__(self, numbers: Numbers, needed: int) -> None:
        counts = numbers.counts
        self._least = tuple(count.least for count in counts)
        self._usual = tuple(count.usual for count in counts)
        self._greatest = tuple(count.greatest for count in counts)
        self._block_of = numbers.block_of
        self._blocks, self._needed = len(numbers.optional), needed
        rooms = Counter[int]()
        for count, block in zip(counts, numbers.block_of, strict=True):
            rooms[max(block, needed - 1)] += count.usual - count.least
        # Where each stage begins: with the blocks that are needed in, then with one more each.
        sizes = (1 + rooms[block] for block in range(needed - 1, self._blocks))
        self._begins = list(accumulate(sizes, initial=0))
        self._late = sum(self._greatest) - sum(self._usual)

    def __len__(self) -> int:
        return self._begins[-1] + 1 + self._late

    def __getitem__(self, index: int) -> Rung:
        shape, levels = self._at(index)
        onward = self._at(index + 1)[1] if index + 1 < len(self) else GREATEST
        return Rung(shape, levels, onward)

    def _at(self, index: int) -> tuple[Shape, Levels]:
        late = index - self._begins[-1]
        if late < 0:
            return self._early(index), DOSE
        if not late:
            return Shape(0, self._usual), USUAL
        counts, level = spread(self._usual, self._greatest, late)
        return Shape(0, counts), Levels(level, level, level)

    def _early(self, index: int) -> Shape:
        stage = bisect_right(self._begins, index) - 1
        newest = self._needed - 1 + stage
        reached = tuple(
            usual if block < newest and stage else least
            for least, usual, block in zip(self._least, self._usual, self._block_of, strict=True)
        )
        within = tuple(
            usual if (block == newest if stage else block <= newest) else before
            for before, usual, block in zip(reached, self._usual, self._block_of, strict=True)
        )
        counts, _ = spread(reached, within, index - self._begins[stage])
        return Shape(self._blocks - 1 - newest, counts)


def spread(least: Counts, greatest: Counts, steps: int) -> tuple[Counts, float]:
    """Numbers grown evenly by so many steps in all, the first of those that are due first.

    Returns:
        the numbers, and how far they have come, from 0 to 1.
    """
    rooms = [high - low for low, high in zip(least, greatest, strict=True)]
    # The j-th of n steps is due at j / (n + 1), so that none is due at either end.
    alike = Counter(room for room in rooms if room)

    def taken(room: int, share: float) -> int:
        return min(room, floor(share * (room + 1)))

    low, high = 0.0, 1.0 if steps else 0.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if sum(taken(room, middle) * number for room, number in alike.items()) < steps:
            low = middle
        else:
            high = middle
    moved = [taken(room, low) for room in rooms]
    due = [index for index, room in enumerate(rooms) if taken(room, high) > moved[index]]
    for index in due[: steps - sum(moved)]:
        moved[index] += 1
    return tuple(number + more for number, more in zip(least, moved, strict=True)), high


class MeasuredShape:
    """One shape of a plan with its lengths.

    Attributes:
        items: what happens.
        origins: where each comes from.
        measured: how long each takes.
    """

    def __init__(
        self, plan: Plan, shape: Shape, lengths: Mapping[Utterance, int], rate: int
    ) -> None:
        self.items, self.origins = plan.trace(shape)
        self.measured: MeasuredItems = measure_items(self.items, lengths, plan, rate)

    def total(self, levels: Levels) -> int:
        """Frames of the session."""
        return self.measured.total(levels)

    def solve(self, way: Sequence[Levels], target: int) -> Levels:
        """The farthest point on a way from shorter to longer whose total does not pass a target."""
        reached = way[0]
        for one, other in pairwise(way):
            if self.total(other) > target:
                return self._between(one, other, target)
            reached = other
        return reached

    def _between(self, one: Levels, other: Levels, target: int) -> Levels:
        low, high = 0.0, 1.0
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            if self.total(one.towards(other, middle)) <= target:
                low = middle
            else:
                high = middle
        return one.towards(other, low)


class _Sum:
    """Frames of all that comes from one place: fixed, and at the least, usual, greatest levels."""

    def __init__(self) -> None:
        self.fixed = 0
        self.press = [0.0, 0.0, 0.0]
        self.rest = [0.0, 0.0, 0.0]
        self.gap = [0.0, 0.0, 0.0]

    def add(self, item: MeasuredItem, rate: int) -> None:
        if item.count is not None:
            self.fixed += item.unit
        elif item.elastic is None:
            self.fixed += item.fixed
        else:
            ends: list[float] = getattr(self, item.drawn)
            given = item.elastic
            for index, seconds in enumerate((given.least, given.usual, given.greatest)):
                ends[index] += seconds * rate

    def at(self, levels: Levels) -> float:
        press, rest = _at(self.press, levels.press), _at(self.rest, levels.rest)
        return self.fixed + press + rest + _at(self.gap, levels.gap)


def _at(ends: Sequence[float], level: float) -> float:
    """As `Elastic.at`."""
    least, usual, greatest = ends
    return usual + level * (greatest - usual if level >= 0 else usual - least)


class Estimate:
    """How long a session of any shape is, but for a few frames and for what rounds say.

    Args:
        model: of the plan.

    Attributes:
        needed: how many of the optional blocks must be in, or nothing is heard; None where nothing
            is heard in any case.
    """

    def __init__(self, numbers: Numbers, model: MeasuredShape, rate: int) -> None:
        self._numbers = numbers
        items = model.measured.items
        self.needed = _needed(model.items, items, model.origins)
        self._sums: dict[tuple[Counts, int], _Sum] = {}
        for item, origin in zip(items, model.origins, strict=True):
            path = origin.path if item.count is None else (*origin.path, item.count)
            self._sums.setdefault((path, origin.optional), _Sum()).add(item, rate)

    def total(self, shape: Shape, levels: Levels) -> float:
        """Frames of a session."""
        factors = self._factors(shape.counts)
        inside = len(self._numbers.optional) - shape.dropped
        return sum(
            found.at(levels) * prod(factors[index] for index in path)
            for (path, optional), found in self._sums.items()
            if optional < inside
        )

    def gains(self, shape: Shape) -> list[float]:
        """For each count, the frames that one more of it adds at the least levels."""
        gains = [0.0] * len(shape.counts)
        factors = self._factors(shape.counts)
        inside = len(self._numbers.optional) - shape.dropped
        for (path, optional), found in self._sums.items():
            if optional < inside:
                for index in path:
                    others = prod(factors[other] for other in path if other != index)
                    gains[index] += found.at(LEAST) * others * self._share(index)
        return gains

    def _share(self, index: int) -> float:
        """What one more of a count adds to its factor."""
        numbers = self._numbers
        every = numbers.counts[index].greatest - 1
        return 1 / every if index in numbers.exact_counts else 1.0

    def _factors(self, counts: Counts) -> list[float]:
        """What each count multiplies: of breaths all, of rounds those after the first."""
        numbers = self._numbers
        factors: list[float] = []
        for index, (value, count) in enumerate(zip(counts, numbers.counts, strict=True)):
            if index in numbers.breath_counts:
                factors.append(value)
            elif index in numbers.exact_counts:
                # All of its rounds are unfolded; on average they are alike.
                factors.append((value - 1) / (count.greatest - 1))
            else:
                factors.append(value - 1)
        return factors


def _needed(
    items: Sequence[Item], measured: Sequence[MeasuredItem], origins: Sequence[Origin]
) -> int | None:
    """How many optional blocks bring something to hear, and time in which it is heard."""
    heard = [o.optional for i, o in zip(items, origins, strict=True) if sounds(i)]
    # A silence that nobody wrote is none of the session's own.
    takes_time = [
        origin.optional
        for item, one, origin in zip(items, measured, origins, strict=True)
        if (one.fixed or one.elastic or one.unit) and getattr(item, "location", None)
    ]
    return max(min(heard), min(takes_time)) + 1 if heard and takes_time else None


@dataclass(frozen=True, slots=True)
class Fitted:
    """A session of a length that was asked for."""

    shape: MeasuredShape
    levels: Levels


@dataclass(frozen=True, slots=True)
class Missed:
    """A length that cannot be had, and the nearest in frames that can, on either side, or None."""

    below: int | None
    above: int | None


class Fitting:
    """Finds sessions of a plan by their length.

    Args:
        plan: what is shaped; something must be heard in it.
        lengths: frames of each utterance.
        rate: frames a second.

    Attributes:
        shapes: those that were unfolded, with their lengths.
    """

    def __init__(self, plan: Plan, lengths: Mapping[Utterance, int], rate: int) -> None:
        self._plan = plan
        self._lengths = lengths
        self._rate = rate
        self.shapes: dict[Shape, MeasuredShape] = {}

    @cached_property
    def _estimate(self) -> Estimate:
        return Estimate(self._plan.survey.numbers, self.shape(self._plan.model), self._rate)

    @cached_property
    def ladder(self) -> Ladder:
        """From the shortest session to the longest."""
        return Ladder(self._plan.survey.numbers, self._estimate.needed or 0)

    @property
    def heard(self) -> bool:
        """Whether anything is heard in any of its sessions."""
        return self._estimate.needed is not None

    def shape(self, shape: Shape) -> MeasuredShape:
        """A shape with its lengths."""
        if shape not in self.shapes:
            self.shapes[shape] = MeasuredShape(self._plan, shape, self._lengths, self._rate)
        return self.shapes[shape]

    def find(self, target: int) -> Fitted | Missed:
        """The session of a length in frames: on the highest rung that there is room for."""
        low, high = (
            -1,
            len(self.ladder),
        )  # too short even at its longest; too long at its own levels
        bias = 0.0
        while high - low > 1:
            index = min(max(self._highest(target - bias), low + 1), high - 1)
            rung = self.ladder[index]
            found = self.shape(rung.shape)
            own = found.total(rung.levels)
            if own > target:
                high = index
            elif found.total(GREATEST) < target:
                low = index
            else:
                return Fitted(found, found.solve(rung.way, target))
            bias = own - self._estimate.total(rung.shape, rung.levels)
        return self._in_a_gap(low, high, target)

    def _in_a_gap(self, low: int, high: int, target: int) -> Fitted | Missed:
        """Between the longest of one rung and the next at its own levels: what presses most."""
        tried: list[tuple[Shape, tuple[Levels, ...]]] = []
        below = above = None
        if high < len(self.ladder):
            rung = self.ladder[high]
            above = self.shape(rung.shape).total(LEAST)
            fewer = self._fewer(rung, target)
            tried += [(fewer, rung.way[2:]), (fewer, rung.way), (rung.shape, rung.way)]
        if low >= 0:
            rung = self.ladder[low]
            below = self.shape(rung.shape).total(GREATEST)
            tried.append((self._more(rung, target), (LEAST, Levels(1.0, -1.0, 0.0), GREATEST)))
        found = [
            Fitted(measured, measured.solve(way, target))
            for measured, way in ((self.shape(shape), way) for shape, way in tried)
            if measured.total(way[0]) <= target <= measured.total(GREATEST)
        ]
        if not found:
            return Missed(below, above)
        return max(found, key=lambda fitted: fitted.shape.measured.pressing(fitted.levels))

    def _fewer(self, rung: Rung, target: int) -> Shape:
        """A shape with fewer rounds and breaths, so that its own levels come nearer to a target."""
        excess = self.shape(rung.shape).total(rung.levels) - target
        counts = list(rung.shape.counts)
        least = [count.least for count in self._plan.survey.numbers.counts]
        steps = self._steps(rung.shape)
        for step, index in steps:
            taken = min(counts[index] - least[index], floor(excess / step))
            counts[index] -= taken
            excess -= floor(taken * step)
        for _, index in reversed(steps):
            if excess > 0 and counts[index] > least[index]:
                counts[index] -= 1
                break
        return Shape(rung.shape.dropped, tuple(counts))

    def _more(self, rung: Rung, target: int) -> Shape:
        """A shape with just so many more rounds and breaths that it reaches a target."""
        short = target - self.shape(rung.shape).total(GREATEST)
        counts = list(rung.shape.counts)
        greatest = [count.greatest for count in self._plan.survey.numbers.counts]
        steps = self._steps(rung.shape)
        for step, index in steps:
            taken = min(greatest[index] - counts[index], floor(short / step))
            counts[index] += taken
            short -= floor(taken * step)
        for _, index in reversed(steps):
            if short > 0 and counts[index] < greatest[index]:
                counts[index] += 1
                break
        return Shape(rung.shape.dropped, tuple(counts))

    def _steps(self, shape: Shape) -> list[tuple[float, int]]:
        """The frames that one more of each count adds, the largest first."""
        gains = self._estimate.gains(shape)
        return sorted(((gain, i) for i, gain in enumerate(gains) if gain >= 1), reverse=True)

    def _highest(self, target: float) -> int:
        """The highest rung that by the estimate is no longer than a target at its own levels."""
        low, high = 0, len(self.ladder)
        while high - low > 1:
            middle = (low + high) // 2
            rung = self.ladder[middle]
            if self._estimate.total(rung.shape, rung.levels) <= target:
                low = middle
            else:
                high = middle
        return low
