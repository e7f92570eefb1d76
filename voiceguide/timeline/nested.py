"""What happens inside an interval, on frames counted from its start.

Sentences anchored to the start (`at`, `every`, `halfway`) wait for the one before them. Those
anchored to the end (`left`, `end`) would run past it whatever the interval's length if their words
take longer than the time they have; they start earlier instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
        waited: frames that it starts after its own moment; negative where it starts earlier.
    """

    start: int
    what: Utterance | Strikes
    location: Location
    waited: int = 0


@dataclass(frozen=True, slots=True)
class _Group:
    """Sentences that follow each other from one moment on."""

    anchor: int
    order: int
    offsets: tuple[int, ...]
    frames: int
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
        self._chimes: list[tuple[int, Timed]] = []
        self._from_start: list[_Group] = []
        self._repeated: list[_Group] = []
        self._halfway: list[_Group] = []
        self._from_end: list[_Group] = []
        for order, timed in enumerate(span.timed):
            if isinstance(timed.what, Countdown):
                self._countdown = timed
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

    def _add_group(self, order: int, timed: Timed) -> None:
        assert isinstance(timed.what, tuple)
        offsets, at = [], 0
        for seconds, utterance, _ in timed.what:
            at += to_frames(seconds, self._rate)
            offsets.append(at)
            at += self._lengths[utterance]
        group = _Group(to_frames(timed.seconds, self._rate), order, tuple(offsets), at, timed)
        lists = {"every": self._repeated, "halfway": self._halfway, "left": self._from_end,
                 "end": self._from_end}  # fmt: skip
        lists.get(timed.moment, self._from_start).append(group)

    def _pull_back(self) -> None:
        """Turn the end's anchors into leads that hold whatever the interval's length."""
        wanted = sorted(
            (_Group(g.anchor or g.frames, g.order, g.offsets, g.frames, g.timed) for g in self._from_end),
            key=lambda g: (-g.anchor, g.order),
        )  # fmt: skip
        done: int | None = None
        for group in wanted:
            start = -group.anchor if done is None else max(-group.anchor, done)
            done = start + group.frames + self._gap
        if done is None or done - self._gap <= -self._reserved:
            self._from_end = wanted
            return
        limit = -self._reserved
        leads: list[_Group] = []
        for group in reversed(wanted):
            start = min(-group.anchor, limit - group.frames)
            leads.append(_Group(-start, group.order, group.offsets, group.frames, group.timed))
            limit = start - self._gap
        self._from_end = leads[::-1]

    def shortest(self, frames: int) -> int:
        """The least length from `frames` on that holds all sentences.

        Raises:
            OverflowError: no length does: something repeats faster than it is said.
        """
        if not self.speaks:
            return frames
        for _ in range(_MOST_ROUNDS):
            end = self._place_speech(frames)[1]
            needed = end + self._reserved if end else 0
            if needed <= frames:
                return frames
            frames = needed
        raise OverflowError

    def place(self, frames: int) -> list[Placed]:
        """All sentences and chimes for an interval of some length, by start."""
        placed = self._place_speech(frames)[0]
        if self._countdown is not None:
            what = self._countdown.what
            assert isinstance(what, Countdown)
            for number, utterance in enumerate(what.words, 1):
                start = frames - to_frames(number, self._rate)
                placed.append(Placed(start, utterance, self._countdown.location))
        for _, timed in self._chimes:
            assert isinstance(timed.what, Strikes)
            for start in self._moments(timed, frames):
                placed.append(Placed(start, timed.what, timed.location))
        return sorted(placed, key=lambda p: p.start)

    def _moments(self, timed: Timed, frames: int) -> list[int]:
        distance = to_frames(timed.seconds, self._rate)
        if timed.moment == "every":
            return list(range(distance, frames, distance))
        return [{"start": 0, "halfway": frames // 2, "at": distance,
                 "left": frames - distance, "end": frames}[timed.moment]]  # fmt: skip

    def _place_speech(self, frames: int) -> tuple[list[Placed], int]:
        """The sentences, and the frame at which the last one ends."""
        groups = [(g.anchor, g.order, g) for g in self._from_start]
        groups += [(frames // 2, g.order, g) for g in self._halfway]
        groups += [(max(0, frames - g.anchor), g.order, g) for g in self._from_end]
        for group in self._repeated:
            groups += [(at, group.order, group) for at in range(group.anchor, frames, group.anchor)]
        groups.sort(key=lambda entry: entry[:2])
        placed: list[Placed] = []
        free = 0
        end = 0
        for anchor, _, group in groups:
            start = max(anchor, free)
            assert isinstance(group.timed.what, tuple)
            # A group that was pulled back from the end started before its own moment.
            own = frames - to_frames(group.timed.seconds, self._rate)
            waited = start - own if group.timed.moment == "left" else start - anchor
            for offset, (_, utterance, where) in zip(group.offsets, group.timed.what, strict=True):
                placed.append(Placed(start + offset, utterance, where, waited))
            end = start + group.frames
            free = end + self._gap
        return placed, end
