"""A timeline and its clips to blocks of samples.

The session is rendered in quanta that start at fixed frames, whatever blocks are asked for and
wherever one starts, so that all ways of cutting it give the same samples. Only what overlaps a
quantum is touched: cost grows with what sounds, memory not at all.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from voiceguide.audio import Clip
from voiceguide.audio.room import room
from voiceguide.timeline import Event, Timeline
from voiceguide.units import to_factor

if TYPE_CHECKING:
    from voiceguide.audio import Samples

QUANTUM = 16_384
"""Frames rendered at once."""
CEILING = to_factor(-2.5)
"""No sample passes this; an MP3 decoder's overshoot then stays below -1 dBTP."""
_CELL = 32
_REACH = 40

Clips = Callable[[str], Clip]


def blocks(
    timeline: Timeline, clips: Clips, *, start: int = 0, size: int = QUANTUM
) -> Iterator[Samples]:
    """The session's samples, from a frame on.

    Args:
        timeline: what sounds when.
        clips: gives the clip of a key; asked once each time an event begins.
        start: first frame.
        size: frames of a block; the last one may be shorter.

    Returns:
        float32 blocks of shape (frames, channels).
    """
    if size == QUANTUM and start % QUANTUM == 0:
        yield from _quanta(timeline, clips, start // QUANTUM)
        return
    skip = start % QUANTUM
    held: list[Samples] = []
    count = 0
    for quantum in _quanta(timeline, clips, start // QUANTUM):
        part = quantum[skip:]
        skip = 0
        while count + len(part) >= size:
            take = size - count
            yield np.concatenate([*held, part[:take]]) if held else part[:take]
            held, count, part = [], 0, part[take:]
        if len(part):
            held.append(part)
            count += len(part)
    if held:
        yield np.concatenate(held)


def _quanta(timeline: Timeline, clips: Clips, first: int) -> Iterator[Samples]:
    """Limited quanta from an index on."""
    total = -(-timeline.frames // QUANTUM)
    if first >= total:
        return
    raw = _Raw(timeline, clips, max(0, first - 1))
    empty = np.zeros((0, timeline.format.channels), np.float32)
    before = raw.next() if first else empty
    now = raw.next()
    peaks = [_peak(before), _peak(now)]
    for index in range(first, total):
        after = raw.next() if index + 1 < total else empty
        peaks = [*peaks[-2:], _peak(after)]
        yield now if max(peaks) <= CEILING else _limited(before, now, after)
        before, now = now, after


def _peak(samples: Samples) -> float:
    return max(float(np.max(samples)), -float(np.min(samples))) if len(samples) else 0.0


def _limited(before: Samples, now: Samples, after: Samples) -> Samples:
    """The middle of three quanta, turned down where it would pass the ceiling.

    The gain falls and rises smoothly around a peak, so it depends on what lies beside the quantum.
    """
    around = np.concatenate([before, now, after])
    cells = -(-len(around) // _CELL)
    peaks = np.zeros(cells * _CELL, np.float32)
    peaks[: len(around)] = np.abs(around).max(axis=1)
    wanted = CEILING / np.maximum(peaks.reshape(cells, _CELL).max(axis=1), CEILING)
    # One cell more than the smoothing reaches, since samples lie between the middles of two cells.
    padded = np.pad(wanted, _REACH + 1, constant_values=1.0)
    lowest = np.lib.stride_tricks.sliding_window_view(padded, 2 * _REACH + 3).min(axis=1)
    window = np.hanning(2 * _REACH + 3)[1:-1]
    # Beyond the session's ends it stays as it is, or a peak right there would not be turned down.
    padded = np.pad(lowest, _REACH, mode="edge")
    views = np.lib.stride_tricks.sliding_window_view(padded, 2 * _REACH + 1)
    smooth = (views * (window / window.sum())).sum(axis=1)
    middles = np.arange(cells) * _CELL + _CELL / 2
    frames = np.arange(len(before), len(before) + len(now))
    gain = np.interp(frames, middles, smooth).astype(np.float32)
    limited: Samples = now * gain[:, None]
    return limited


class _Raw:
    """Unlimited quanta, one after another."""

    def __init__(self, timeline: Timeline, clips: Clips, index: int) -> None:
        self._timeline = timeline
        self._clips = clips
        self._index = index
        at = index * QUANTUM
        self._events = [e for e in timeline.events if e.clip is not None and e.end > at]
        self._next = 0
        self._active: list[tuple[Event, Clip, _Envelope | None]] = []

    def next(self) -> Samples:
        start = self._index * QUANTUM
        end = min(start + QUANTUM, self._timeline.frames)
        self._index += 1
        channels = self._timeline.format.channels
        out = np.zeros((end - start, channels), np.float32)
        middle = np.zeros(end - start, np.float32)
        sounds = False
        while self._next < len(self._events) and self._events[self._next].start < end:
            event = self._events[self._next]
            self._next += 1
            assert event.clip is not None
            envelope = _Envelope(event.envelope) if event.envelope else None
            self._active.append((event, self._clips(event.clip), envelope))
        for event, clip, envelope in self._active:
            low, high = max(start, event.start), min(end, event.end)
            if low >= high:
                continue
            gain = (envelope.gain(low, high) if envelope else 1.0) * event.gain
            samples = _scaled(_read(clip, event, low, high), gain)
            into = slice(low - start, high - start)
            if samples.shape[1] == 1:
                middle[into] += samples[:, 0]
                sounds = True
            elif channels == 2:
                out[into] += samples
            else:
                middle[into] += (samples[:, 0] + samples[:, 1]) * np.float32(0.5)
                sounds = True
        self._active = [entry for entry in self._active if entry[0].end > end]
        if sounds:
            for channel in range(channels):
                out[:, channel] += middle
        if self._timeline.gain != 1.0:
            out *= np.float32(self._timeline.gain)
        if self._timeline.room:
            out += room(start, end - start, channels)
        return out


def _scaled(samples: Samples, gain: float | NDArray[np.float32]) -> Samples:
    """Samples with one gain, or with one for each frame."""
    if isinstance(gain, np.ndarray):
        return samples * gain[:, None]
    return samples if gain == 1.0 else samples * np.float32(gain)


def _read(clip: Clip, event: Event, low: int, high: int) -> Samples:
    if not event.loop:
        return clip.read(low - event.start, high - low)
    at = (low - event.start) % clip.frames
    count = high - low
    if at + count <= clip.frames:
        return clip.read(at, count)
    parts = []
    while count:
        take = min(count, clip.frames - at)
        parts.append(clip.read(at, take))
        at = 0
        count -= take
    return np.concatenate(parts)


class _Envelope:
    """A gain curve, straight between its corners, whose frames rise."""

    def __init__(self, corners: tuple[tuple[int, float], ...]) -> None:
        self._at = [at for at, _ in corners]
        self._gain = [gain for _, gain in corners]

    def gain(self, low: int, high: int) -> float | NDArray[np.float32]:
        """One factor where the curve is level from `low` to `high`, else one for each frame."""
        first = max(0, bisect_right(self._at, low) - 1)
        last = min(len(self._at), bisect_left(self._at, high - 1) + 1)
        gains = self._gain[first:last]
        if min(gains) == max(gains):
            return gains[0]
        curve = np.interp(np.arange(low, high), self._at[first:last], gains)
        return curve.astype(np.float32)
