"""What happens inside an interval, on frames counted from its start.

Sentences anchored to the start (`at`, `every`, `halfway`) wait for the one before them. Those
anchored to the end (`left`, `end`) would run past it whatever the interval's length if their words
take longer than the time they have; they start earlier instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from voiceguide.errors import Location
from voiceguide.plan.model import (
    CountdownWords,
    CountedWords,
    IntervalRun,
    NestedCue,
    NestedSpeech,
    Strikes,
    Utterance,
)
from voiceguide.script.model import SoundRef
from voiceguide.units import to_frames

_MOST_ROUNDS = 200


@dataclass(frozen=True, slots=True)
class Tick:
    """A short sound in place of a number that does not fit its time; `sound` is struck softly."""

    sound: SoundRef


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
    what: Utterance | Strikes | Tick
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
    nested: NestedCue
    speech: NestedSpeech


@dataclass(frozen=True, slots=True)
class _Chime:
    """A chime with its place among the cues of its interval."""

    order: int
    nested: NestedCue
    strikes: Strikes


@dataclass(frozen=True, slots=True)
class _Counted:
    """A countdown with its place among the cues of its interval."""

    order: int
    counted: CountdownWords
    location: Location


class IntervalContent:
    """Places what is inside one interval, for any length of it.

    Args:
        interval: the interval.
        lengths: frames of each utterance.
        rate: frames a second.
        gap: frames between two sentences.
    """

    def __init__(
        self, interval: IntervalRun, lengths: Mapping[Utterance, int], rate: int, gap: int
    ) -> None:
        self._lengths = lengths
        self._rate = rate
        self._gap = gap
        self._countdown: _Counted | None = None
        self._counted: CountedWords | None = None
        self._where = interval.location
        self._chimes: list[_Chime] = []
        self._from_start: list[_Group] = []
        self._repeated: list[_Group] = []
        self._halfway: list[_Group] = []
        self._from_end: list[_Group] = []
        self._reserved = 0
        for order, nested in enumerate(interval.nested):
            match nested.what:
                case CountdownWords():
                    self._countdown = _Counted(order, nested.what, nested.location)
                    self._reserved = to_frames(nested.seconds, rate)
                case CountedWords():
                    self._counted = nested.what
                case Strikes():
                    self._chimes.append(_Chime(order, nested, nested.what))
                case NestedSpeech():
                    self._add_group(order, nested, nested.what)
                case _:
                    assert_never(nested.what)
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
        return max((ring(chime.strikes, self._rate) for chime in self._chimes), default=0)

    def faded(self, frames: int) -> int:
        """The frame at which the last chime has faded, for an interval of some length; or 0."""
        faded = 0
        for chime in self._chimes:
            if moments := self._moments(chime.nested, frames):
                faded = max(faded, moments[-1] + ring(chime.strikes, self._rate))
        return faded

    def _add_group(self, order: int, nested: NestedCue, speech: NestedSpeech) -> None:
        offsets, at = [], 0
        for sentence in speech.sentences:
            at += to_frames(sentence.gap, self._rate)
            offsets.append(at)
            at += self._lengths[sentence.utterance]
        written = to_frames(speech.after, self._rate) if speech.after is not None else None
        moment = to_frames(nested.seconds, self._rate)
        anchor = at + (written or 0) if nested.moment == "end" else moment
        if self._counted is not None and nested.moment in ("start", "at", "halfway"):
            anchor = self._among_numbers(self._counted, moment, at, nested.moment == "halfway")
        after = self._gap if written is None else written
        group = _Group(anchor, moment, order, tuple(offsets), at, after, nested, speech)
        match nested.moment:
            case "start" | "at":
                self._from_start.append(group)
            case "halfway" if self._counted is not None:
                self._from_start.append(group)
            case "every":
                self._repeated.append(group)
            case "halfway":
                self._halfway.append(group)
            case "left" | "end":
                self._from_end.append(group)
            case "last":
                raise AssertionError("only a countdown is for the last seconds")
            case _:
                assert_never(nested.moment)

    def _among_numbers(self, counted: CountedWords, moment: int, frames: int, before: bool) -> int:
        """Where words for a moment of a count begin: behind its number; or so that they end before
        it, as near to that as the number before allows."""
        if not before:
            return moment + self._number_at(counted, moment)
        earlier = max(0, moment - to_frames(counted.each, self._rate))
        return max(moment - self._gap - frames, earlier + self._number_at(counted, earlier))

    def _number_at(self, counted: CountedWords, moment: int) -> int:
        """Frames of the number that is said at a moment, with the gap behind it; 0 for none."""
        for index, word in enumerate(counted.words):
            if to_frames(index * counted.each, self._rate) == moment:
                frames = self._lengths[word]
                return frames + self._gap if frames <= to_frames(counted.each, self._rate) else 0
        return 0

    def _count(self, counted: CountedWords, placed: list[Placed]) -> list[Placed]:
        """The numbers of a count, each where nothing else is said; else a tick."""
        said = [
            (p.start, p.start + self._lengths[p.what])
            for p in placed
            if isinstance(p.what, Utterance)
        ]
        found = []
        for index, word in enumerate(counted.words):
            start = to_frames(index * counted.each, self._rate)
            end = start + self._lengths[word]
            fits = end <= to_frames((index + 1) * counted.each, self._rate)
            free = all(end <= begins or ends <= start for begins, ends in said)
            what = word if fits and free else Tick(counted.tick)
            found.append(Placed(start, what, self._where, -1))
        return found

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
                kept = group.after if last and group.speech.after is not None else 0
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
            where, order = self._countdown.location, self._countdown.order
            for number, utterance in enumerate(self._countdown.counted.words, 1):
                start = frames - to_frames(number, self._rate)
                placed.append(Placed(start, utterance, where, order))
        if self._counted is not None:
            placed += self._count(self._counted, placed)
        for chime in self._chimes:
            for start in self._moments(chime.nested, frames):
                placed.append(Placed(start, chime.strikes, chime.nested.location, chime.order))
        return sorted(placed, key=lambda p: (p.start, p.order))

    def _moments(self, nested: NestedCue, frames: int) -> Sequence[int]:
        """When a chime is struck, in an interval of some length."""
        seconds = to_frames(nested.seconds, self._rate)
        match nested.moment:
            case "start":
                return [0]
            case "at":
                return [seconds]
            case "every":
                return range(seconds, frames, seconds)
            case "halfway":
                return [frames // 2]
            case "left":
                return [frames - seconds]
            case "end":
                return [frames]
            case "last":
                raise AssertionError("only a countdown is for the last seconds")
            case _:
                assert_never(nested.moment)

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
            # A group that was pulled back from the end starts before its own moment.
            own = frames - group.moment if group.nested.moment == "left" else anchor
            waited = start - own
            for offset, said in zip(group.offsets, group.speech.sentences, strict=True):
                where, order = said.location, group.order
                placed.append(Placed(start + offset, said.utterance, where, order, waited))
                waited = 0
            end = start + group.frames
            free = end + group.after
        return placed, end


def ring(strikes: Strikes, rate: int) -> int:
    """Frames from a chime's first strike until its last has faded."""
    return to_frames(strikes.sound.strike, rate) * (strikes.count - 1) + strikes.sound.frames


class Runs:
    """All that differs between the runs of one cue; its lengths are the same for each of them.

    Args:
        contents: each different content once.
    """

    def __init__(self, contents: Sequence[IntervalContent]) -> None:
        self._contents = contents
        self._known: dict[int, int] = {}
        self.repeats = any(content.repeats for content in contents)

    def shortest(self, frames: int) -> int:
        """The least length from `frames` on that holds the sentences of every run.

        Raises:
            OverflowError: no length does.
        """
        if frames not in self._known:
            self._known[frames] = _joint(self._contents, frames)
        return self._known[frames]


def _joint(runs: Sequence[IntervalContent], frames: int) -> int:
    for _ in range(_MOST_ROUNDS):
        before = frames
        for content in runs:
            frames = content.shortest(frames)
        if frames == before or len(runs) == 1:
            return frames
    raise OverflowError
