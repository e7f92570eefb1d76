"""From looks at a transport to the events between them; pure."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from voiceguide.player.events import (
    Clock,
    Countdown,
    DeviceBack,
    DeviceLost,
    Ended,
    Failed,
    Jumped,
    Left,
    LengthChanged,
    PlayerEvent,
    SentenceBegan,
    SentenceEnded,
    StateChanged,
    StepBegan,
    VolumeChanged,
)
from voiceguide.player.moment import Guide, Stretch
from voiceguide.player.playable import FINAL, Status
from voiceguide.timeline import Timeline

_CLOCK = 0.25
"""Seconds between two `Clock`s."""
_CAUGHT_UP = 30.0
"""Seconds between two looks across which nothing that was heard is left out."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a player did at a moment.

    Attributes:
        error: what went wrong where it failed.
    """

    status: Status
    error: BaseException | None = None

    def same_but_place(self, other: Look) -> bool:
        """Whether nothing differs but how far it is."""
        one, two = self.status, other.status
        return one.timeline is two.timeline and (
            (one.state, one.notice, one.volume, one.jumps, one.whole)
            == (two.state, two.notice, two.volume, two.jumps, two.whole)
        )


class Watcher:
    """Compares each look at a player with the one before."""

    def __init__(self, lead: Timeline | None) -> None:
        self._lead = lead
        self._guide: Guide | None = None
        self._last: Status | None = None
        self._lost = False
        self._step: tuple[int, str] | None = None
        self._said: Stretch | None = None
        self._runs: Stretch | None = None
        self._shown_left = 0
        self._clock = -1

    def guide(self, timeline: Timeline) -> Guide:
        """What happens when in a timeline."""
        if self._guide is None or self._guide.timeline is not timeline:
            self._guide = Guide(timeline, self._lead)
        return self._guide

    def see(self, look: Look) -> Iterator[PlayerEvent]:
        """What happened since the last look, in order."""
        now, last = look.status, self._last
        self._last = now
        at, guide = now.seconds, self.guide(now.timeline)
        jumped = last is not None and now.jumps != last.jumps
        if jumped:  # before all else: what went before was at another place
            yield Jumped(at)
        if last is None or (now.length, now.whole) != (last.length, last.whole):
            yield LengthChanged(at, now.length, now.whole)
        # What was heard meanwhile comes before what is reported of the moment itself.
        if last is not None and not jumped and last.state == "playing":
            for moment in guide.changes(last.seconds, at, _CAUGHT_UP):
                yield from self._place(guide, moment, playing=True)
        if last is not None and now.volume != last.volume:
            yield VolumeChanged(at, now.volume)
        if now.state == "playing" and self._lost:
            self._lost = False
            yield DeviceBack(at)
        if now.state in FINAL:
            yield from self._close(at)
        if last is None or (now.state, now.notice) != (last.state, last.notice):
            yield StateChanged(at, now.state, now.notice)
        if now.state == "lost" and not self._lost:
            self._lost = True
            yield DeviceLost(at, now.notice or "")
        if now.state in FINAL:
            yield self._end(look)
            return
        yield from self._place(guide, at, playing=now.state == "playing")
        if now.state == "playing" and (quarter := math.floor(at / _CLOCK)) != self._clock:
            self._clock = quarter
            yield Clock(at)

    def due(self, status: Status) -> float | None:
        """Seconds until something happens that no look announces, or None for never."""
        if status.state != "playing":
            return None
        at = status.seconds
        soon = [(math.floor(at / _CLOCK) + 1) * _CLOCK - at]
        soon += [moment - at for moment in self.guide(status.timeline).changes(at, at + _CLOCK)]
        if self._runs is not None:
            left = self._runs.end - at
            soon.append(left - (math.ceil(left) - 1))
        return min(soon)

    def _place(self, guide: Guide, at: float, *, playing: bool) -> Iterator[PlayerEvent]:
        said = guide.sentence(at) if playing else self._said
        if said is not None and not said.start <= at < said.end:
            said = None
        runs = guide.running(at)
        if self._said is not None and said != self._said:
            yield SentenceEnded(at, self._said.text)
        if self._runs is not None and runs != self._runs:
            yield Countdown(at, self._runs.text, 0.0, self._runs.lasts)
        moment = guide.step(at)
        if moment is not None and moment[:2] != self._step:
            number, title, notes = moment
            self._step = number, title
            yield StepBegan(at, title, number, len(guide.timeline.chapters), notes)
        if runs is not None:
            left = math.ceil(runs.end - at)
            if runs != self._runs or left != self._shown_left:
                self._shown_left = left
                yield Countdown(at, runs.text, runs.end - at, runs.lasts)
        if said is not None and said != self._said:
            yield SentenceBegan(at, said.text, said.lasts)
        self._said, self._runs = said, runs

    def _close(self, at: float) -> Iterator[PlayerEvent]:
        if self._said is not None:
            yield SentenceEnded(at, self._said.text)
        if self._runs is not None:
            yield Countdown(at, self._runs.text, 0.0, self._runs.lasts)
        self._said = self._runs = None

    def _end(self, look: Look) -> PlayerEvent:
        at = look.status.seconds
        if look.error is not None:
            return Failed(at, look.error)
        return Ended(at) if look.status.state == "ended" else Left(at)
