"""What happens inside an interval, on frames counted from its start.

Sentences anchored to the start (`at`, `every`, `halfway`) wait for the one before them. Those
anchored to the end (`left`, `end`) would run past it whatever the interval's length if their words
take longer than the time they have; they start earlier instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from voiceguide.errors import Location
from voiceguide.plan.model import Countdown, Span, Strikes, Timed, Utterance
from voiceguide.units import to_frames

_MOST_ROUNDS = 200


@dataclass(frozen=True, slots=True)
class Placed:
    """A sentence or a chime inside an interval.

    Attributes:
        start: frames after the interval's start.
        what: the sentence, or the chime.
        order: of the cue that it belongs to, as written.
        waited: frames that it starts after its own moment; negative where it starts earlier.
    """

    start: int
    what: Utterance | Strikes
    location: Location
    order: int
    waited: int = 0


@dataclass(frozen=True, slots=True)
class _Group:
    """Sentences that follow each other from one moment on.

    Attributes:
        anchor: frames after the start or before the end at which they begin, or between repeats.
        moment: the same as written: of a text at the end, 0.
        offsets: where each sentence starts.
        frames: how long they take.
        after: silence behind them.
    """

    anchor: int
    moment: int
    order: int
    offsets: tuple[int, ...]
    frames: int
    after: int
    timed: Timed


class Inside:
    """Places what is inside one interval, for any length of it.

    Args:
        span: the interval.
        lengths: frames of each utterance.
        rate: frames a second.
        gap: frames between two sentences.
    """

    def __init__(self, span: Span, lengths: Mapping[Utterance, int], rate: int, gap: int) -> None:
        self._lengths = lengths
        self._rate = rate
        self._gap = gap
        self._countdown: Timed | None = None
        self._countdown_order = 0
        self._chimes: list[tuple[int, Timed]] = []
        self._from_start: list[_Group] = []
        self._repeated: list[_Group] = []
        self._halfway: list[_Group] = []
        self._from_end: list[_Group] = []
        for order, timed in enumerate(span.timed):
            if isinstance(timed.what, Countdown):
                self._countdown, self._countdown_order = timed, order
            elif isinstance(timed.what, Strikes):
                self._chimes.append((order, timed))
            else:
                self._add_group(order, timed)
        self._reserved = to_frames(self._countdown.seconds, rate) if self._countdown else 0
        self._pull_back()

    @property
    def speaks(self) -> bool:
        """Whether any sentence stands in it."""
        return bool(self._from_start or self._repeated or self._halfway or self._from_end)

    @property
    def repeats(self) -> bool:
        """Whether a sentence repeats, so that a longer interval may hold less well."""
        return bool(self._repeated)

    @property
    def rings(self) -> int:
        """Frames from the first strike of a chime until its last has faded; of the longest."""
        return max((ring(timed.what, self._rate) for _, timed in self._chimes), default=0)

    def faded(self, frames: int) -> int:
        """The frame at which the last chime has faded, for an interval of some length; or 0."""
        return max(
            (
                self._moments(timed, frames)[-1] + ring(timed.what, self._rate)
                for _, timed in self._chimes
                if timed.moment != "every" or self._moments(timed, frames)
            ),
            default=0,
        )

    def _add_group(self, order: int, timed: Timed) -> None:
        assert isinstance(timed.what, tuple)
        offsets, at = [], 0
        for seconds, utterance, _ in timed.what:
            at += to_frames(seconds, self._rate)
            offsets.append(at)
            at += self._lengths[utterance]
        written = to_frames(timed.after, self._rate) if timed.after is not None else None
        moment = to_frames(timed.seconds, self._rate)
        anchor = at + (written or 0) if timed.moment == "end" else moment
        after = self._gap if written is None else written
        group = _Group(anchor, moment, order, tuple(offsets), at, after, timed)
        lists = {"every": self._repeated, "halfway": self._halfway, "left": self._from_end,
                 "end": self._from_end}  # fmt: skip
        lists.get(timed.moment, self._from_start).append(group)

    def _pull_back(self) -> None:
        """Turn the end's anchors into leads that hold whatever the interval's length."""
        wanted = sorted(self._from_end, key=lambda g: (-g.moment, g.order))
        free = end = None
        for group in wanted:
            start = -group.anchor if free is None else max(-group.anchor, free)
            end = start + group.frames
            free = end + group.after
        if end is not None and end > -self._reserved:
            limit = -self._reserved
            for index, group in reversed(list(enumerate(wanted))):
                last = index == len(wanted) - 1
                kept = group.after if last and group.timed.after is not None else 0
                start = min(-group.anchor, limit - group.frames - (kept if last else group.after))
                wanted[index] = replace(group, anchor=-start)
                limit = start
        self._from_end = wanted

    def shortest(self, frames: int) -> int:
        """The least length from `frames` on that holds all sentences.

        Raises:
            OverflowError: no length does: something repeats faster than it is said.
        """
        if not self.speaks:
            return frames
        if sum((g.frames + g.after) / max(1, g.anchor) for g in self._repeated) >= 1:
            raise OverflowError
        for _ in range(_MOST_ROUNDS):
            end = self._place_speech(frames)[1]
            needed = end + self._reserved if end else 0
            if needed <= frames:
                return frames
            frames = needed
        raise OverflowError

    def place(self, frames: int) -> list[Placed]:
        """All sentences and chimes for an interval of some length, by start and as written."""
        placed = self._place_speech(frames)[0]
        if self._countdown is not None:
            what = self._countdown.what
            assert isinstance(what, Countdown)
            for number, utterance in enumerate(what.words, 1):
                start = frames - to_frames(number, self._rate)
                where = self._countdown.location
                placed.append(Placed(start, utterance, where, self._countdown_order))
        for order, timed in self._chimes:
            assert isinstance(timed.what, Strikes)
            for start in self._moments(timed, frames):
                placed.append(Placed(start, timed.what, timed.location, order))
        return sorted(placed, key=lambda p: (p.start, p.order))

    def _moments(self, timed: Timed, frames: int) -> Sequence[int]:
        distance = to_frames(timed.seconds, self._rate)
        if timed.moment == "every":
            return range(distance, frames, distance)
        return [{"start": 0, "halfway": frames // 2, "at": distance,
                 "left": frames - distance, "end": frames}[timed.moment]]  # fmt: skip

    def _place_speech(self, frames: int) -> tuple[list[Placed], int]:
        """The sentences, and the frame at which the last one ends."""
        groups = [(g.anchor, g.order, g) for g in self._from_start]
        groups += [(frames // 2, g.order, g) for g in self._halfway]
        for group in self._repeated:
            groups += [(at, group.order, group) for at in range(group.anchor, frames, group.anchor)]
        groups += [(max(0, frames - g.anchor), g.order, g) for g in self._from_end]
        groups.sort(key=lambda entry: entry[:2])
        placed: list[Placed] = []
        free = end = 0
        for anchor, _, group in groups:
            start = max(anchor, free)
            assert isinstance(group.timed.what, tuple)
            # A group that was pulled back from the end starts before its own moment.
            own = frames - group.moment if group.timed.moment == "left" else anchor
            waited = start - own
            for offset, (_, utterance, where) in zip(group.offsets, group.timed.what, strict=True):
                placed.append(Placed(start + offset, utterance, where, group.order, waited))
                waited = 0
            end = start + group.frames
            free = end + group.after
        return placed, end


def ring(what: object, rate: int) -> int:
    """Frames from a chime's first strike until its last has faded."""
    assert isinstance(what, Strikes)
    return to_frames(what.sound.strike, rate) * (what.count - 1) + what.sound.frames


def joint(insides: Sequence[Inside], frames: int) -> int:
    """The least length from `frames` on that holds the sentences of every run of a cue.

    Raises:
        OverflowError: no length does.
    """
    for _ in range(_MOST_ROUNDS):
        before = frames
        for inside in insides:
            frames = inside.shortest(frames)
        if frames == before or len(insides) == 1:
            return frames
    raise OverflowError
