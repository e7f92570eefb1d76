"""One gain for a session, so that every session is as loud as every other.

How loud each clip is, a tenth of a second at a time, is known before anything is mixed. Laid where
the timeline lays the clips, with their gains and curves, and added up, that tells how loud the
session will be, gated as BS.1770 says. Nothing is rendered for it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from voiceguide.timeline import Event, Timeline
from voiceguide.units import to_factor

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from voiceguide.audio.loudness import Doubles, Floats

TARGET = -16.0
"""LUFS of a stereo session; a mono one has 3 less, the same on one channel."""

MOST_UP, MOST_DOWN = 6.0, 6.0
"""Decibels by which a session is made louder or softer at most."""

_AT_ONCE = 1 << 17
"""Numbers that are added up at once."""

Energies = Callable[[str], "Floats"]
"""How loud the clip of a key is, as `audio.loudness.energies` tells it."""


@dataclass(frozen=True, slots=True)
class Levelling:
    """What is done about a session's loudness.

    Attributes:
        found: LUFS that it would have; minus infinity where nothing is heard.
        wanted: LUFS that it should have.
        db: its gain, in decibels.
    """

    found: float
    wanted: float
    db: float

    @property
    def off(self) -> float:
        """By how many LU it misses what is wanted, below 0 where it stays too soft."""
        return self.found + self.db - self.wanted if math.isfinite(self.found) else 0.0


def levelling(timeline: Timeline, energies: Energies) -> Levelling:
    """The gain that a session should have."""
    found = predict(timeline, energies)
    wanted = TARGET if timeline.format.channels == 2 else TARGET - 10 * math.log10(2)
    if not math.isfinite(found):
        return Levelling(found, wanted, 0.0)
    return Levelling(found, wanted, min(MOST_UP, max(-MOST_DOWN, wanted - found)))


def levelled(timeline: Timeline, energies: Energies, gain: float | None = None) -> Timeline:
    """A timeline with its gain, or with one that was settled before, and with its room."""
    if gain is None:
        gain = to_factor(levelling(timeline, energies).db)
    return replace(timeline, gain=gain, room=True)


def predict(timeline: Timeline, energies: Energies) -> float:
    """Integrated loudness of a session without its gain, in LUFS, before peaks are limited."""
    from voiceguide.audio.loudness import gated

    return gated(course(timeline, energies))


def course(timeline: Timeline, energies: Energies) -> Doubles:
    """Energy of each tenth of a second of a session, in seconds of full scale, all channels added."""
    import numpy as np

    from voiceguide.audio.loudness import CELL

    cell = timeline.format.rate // CELL
    total = np.zeros(-(-timeline.frames // cell) + 1)
    channel = 0 if timeline.format.channels == 2 else 1
    alike: dict[tuple[object, ...], list[Event]] = {}
    for event in timeline.events:
        if event.clip is None or event.frames <= 0:
            continue
        if event.loop:
            _add_loop(total, event, energies(event.clip)[:, channel], cell)
        else:
            curve = tuple((at - event.start, gain) for at, gain in event.envelope)
            alike.setdefault((event.clip, event.frames, event.gain, curve), []).append(event)
    for events in alike.values():
        assert events[0].clip is not None
        _add_all(total, events, energies(events[0].clip)[:, channel], cell)
    return total[:-1]


def _add_all(total: Doubles, events: Sequence[Event], own: Floats, cell: int) -> None:
    """Events that sound alike, the energies of each split between the cells it lies in."""
    import numpy as np

    one = events[0]
    loud = own[: -(-one.frames // cell)].astype(np.float64) * one.gain**2
    loud *= _curve(one, (np.arange(len(loud)) + 0.5) * cell + one.start)
    starts = np.array([event.start for event in events])
    first, into = starts // cell, (starts % cell) / cell
    shares = np.stack([1 - into, into])
    at = np.stack([first, first + 1])
    # Many tenths of a second at once, in the order in which one after the other would be added.
    piece = max(1, _AT_ONCE // (2 * len(events)))
    for begin in range(0, len(loud), piece):
        part = loud[begin : begin + piece]
        places = at + np.arange(begin, begin + len(part))[:, None, None]
        places = np.minimum(places, len(total) - 1)
        np.add.at(total, places.ravel(), (part[:, None, None] * shares).ravel())


def _add_loop(total: Doubles, event: Event, own: Floats, cell: int) -> None:
    """An event that repeats its clip until its end."""
    import numpy as np

    first, last = event.start // cell, min(len(total) - 1, -(-event.end // cell))
    edges = (np.arange(first, last + 1) * cell).clip(event.start, event.end)
    sums = np.concatenate([[0.0], np.cumsum(own, dtype=np.float64)])
    rounds, at = np.divmod((edges - event.start) / cell, len(own))
    reached = rounds * sums[-1] + np.interp(at, np.arange(len(sums)), sums)
    loud: Doubles = np.diff(reached) * event.gain**2
    total[first:last] += loud * _curve(event, (edges[1:] + edges[:-1]) / 2)


def _curve(event: Event, frames: NDArray[np.floating[Any]]) -> Doubles:
    """An event's curve at some frames, as power."""
    import numpy as np

    if not event.envelope:
        return np.ones(len(frames))
    corners = np.array(event.envelope)
    power: Doubles = np.interp(frames, corners[:, 0], corners[:, 1]) ** 2
    return power
