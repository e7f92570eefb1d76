"""The background: which sound is heard when, and how loud, as a gain curve compiled beforehand."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from voiceguide.audio.shape import VOICE_LUFS
from voiceguide.errors import Location
from voiceguide.script.model import SoundRef
from voiceguide.timeline.model import Event
from voiceguide.units import Frames, Seconds, to_factor, to_frames

DUCK_DB = 4.0
"""The background is at least this much softer under speech than between it; 6 dB at most."""
LOUDEST_DB = -14.0
"""Highest level of a background between words, in dB relative to the voice."""
UNDER_VOICE_DB = 20.0
"""The background is at least this far below the voice while it speaks (WCAG 2.2, criterion 1.4.7)."""
_FADE = 3.0
_ATTACK = 0.4
_RELEASE = 1.4
_HOLD = 2.0
_LEAST = 0.5
_MOST_LIFT = 60.0

Curve = list[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Change:
    """From a frame on: a sound at a level in dB relative to the voice, or none.

    Attributes:
        fade: seconds in which it comes, or None for the usual.
    """

    start: int
    sound: SoundRef | None
    gain: float
    location: Location
    fade: Seconds | None = None


def background_events(
    changes: Sequence[Change], speech: Sequence[tuple[int, int]], frames: int, rate: int
) -> list[Event]:
    """The events of the background lane.

    Args:
        changes: in playing order.
        speech: (start, end) of all that it makes room for, by start.
        frames: the session's length; every sound has faded by then.
        rate: frames a second.
    """
    ducked = _merge(speech, to_frames(_HOLD, rate))
    events = []
    for run in _runs(changes, frames):
        first = run[0]
        assert first.sound is not None
        ends, following = _end_of(run, changes, frames)
        # What follows says how this one goes; nothing else said, it goes as it came.
        last = first if following is None or following.fade is None else following
        fade = _fade(last, frames, rate)
        end = max(min(frames, ends + fade), first.start + 1)
        # What is too soft to be measured has no loudness.
        lift = min(VOICE_LUFS - first.sound.loudness, _MOST_LIFT)
        most = min(LOUDEST_DB, first.sound.most - lift)
        run = [replace(change, gain=min(change.gain, most)) for change in run]
        level = _levels(run, end, fade, frames, rate)
        curve = _duck(level, ducked, first.start, end, rate)
        scale = to_factor(lift)
        events.append(
            Event(
                "background",
                Frames(first.start),
                Frames(end - first.start),
                clip=first.sound.key,
                sound=first.sound.name,
                envelope=tuple((at, gain * scale) for at, gain in curve),
                loop=True,
                location=first.location,
            )
        )
    return events


def _runs(changes: Sequence[Change], frames: int) -> list[list[Change]]:
    """Changes of one and the same sound that continues unbroken."""
    runs: list[list[Change]] = []
    current: str | None = None
    for index, change in enumerate(changes):
        following = changes[index + 1].start if index + 1 < len(changes) else frames
        if following <= change.start:
            continue
        key = change.sound.key if change.sound else None
        if key is not None:
            if key == current:
                runs[-1].append(change)
            else:
                runs.append([change])
        current = key
    return runs


def _end_of(run: list[Change], changes: Sequence[Change], frames: int) -> tuple[int, Change | None]:
    """Where something else begins, and what; changes at the same frame count as the last of them."""
    later = bisect_right(changes, run[-1].start, key=lambda change: change.start)
    if later >= len(changes):
        return frames, None
    start = changes[later].start
    last = bisect_right(changes, start, key=lambda change: change.start) - 1
    return start, changes[last]


def _fade(change: Change, frames: int, rate: int) -> int:
    seconds = _FADE if change.fade is None else change.fade
    return max(1, min(to_frames(seconds, rate), (frames - change.start) // 2))


def _levels(run: list[Change], end: int, fade_out: int, frames: int, rate: int) -> Curve:
    """Fade in, changes of level, fade out; factors relative to the voice's level."""
    half = max(1, (end - run[0].start) // 2)
    fade, fade_out = min(_fade(run[0], frames, rate), half), min(fade_out, half)
    level = to_factor(run[0].gain)
    curve: Curve = [(run[0].start, 0.0), (run[0].start + fade, level)]
    fading = end - fade_out
    for change in run[1:]:
        begin = max(change.start, curve[-1][0])
        if begin >= fading:
            break
        curve.append((begin, level))
        level = to_factor(change.gain)
        own = fade if change.fade is None else _fade(change, frames, rate)
        curve.append((min(begin + own, fading), level))
    curve += [(fading, level), (end, 0.0)]
    return curve


def _merge(speech: Sequence[tuple[int, int]], hold: int) -> list[tuple[int, int]]:
    """Stretches of speech; the background does not come up again in gaps shorter than `hold`."""
    merged: list[tuple[int, int]] = []
    for start, end in speech:
        if merged and start - merged[-1][1] < hold:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _duck(level: Curve, speech: list[tuple[int, int]], start: int, end: int, rate: int) -> Curve:
    attack, release = to_frames(_ATTACK, rate), to_frames(_RELEASE, rate)
    ducked: Curve = []
    starts = [s for s, _ in speech]
    first = max(0, bisect_right(starts, start) - 1)
    for begin, stop in speech[first:]:
        if begin > end + attack:
            break
        if stop + release < start:
            continue
        ducked += [(begin - attack, 0.0), (begin, 1.0), (stop, 1.0), (stop + release, 0.0)]
    corners = sorted({at for at, _ in (*level, *ducked) if start <= at <= end} | {start, end})
    at_level, at_duck = _Reader(level), _Reader(ducked)
    curve: Curve = []
    for at in corners:
        gain, depth = at_level(at), at_duck(at)
        floor = min(gain * to_factor(-DUCK_DB), to_factor(-UNDER_VOICE_DB))
        curve.append((at, gain + depth * (min(gain, floor) - gain)))
    return curve


class _Reader:
    """Reads a curve at rising frames."""

    def __init__(self, curve: Curve) -> None:
        self._curve = curve
        self._at = 0

    def __call__(self, frame: int) -> float:
        curve = self._curve
        if not curve:
            return 0.0
        while self._at + 1 < len(curve) and curve[self._at + 1][0] <= frame:
            self._at += 1
        left, value = curve[self._at]
        if frame <= left or self._at + 1 == len(curve):
            return value if frame >= left else curve[0][1]
        right, then = curve[self._at + 1]
        return value + (then - value) * (frame - left) / (right - left)
