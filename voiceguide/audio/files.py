"""Reading a sound file of any kind as a clip at the session's rate.

soundfile reads WAV, FLAC, OGG and MP3; what it cannot read goes through ffmpeg, where that is
installed. Short files are held in memory; long ones are read piece by piece, each piece by itself
and from the same place, so that what is read does not depend on where reading began.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from voiceguide.audio import RATE, ArrayClip
from voiceguide.audio.container import examine
from voiceguide.audio.foreign import through_ffmpeg
from voiceguide.audio.source import Source
from voiceguide.errors import SoundError

if TYPE_CHECKING:
    from voiceguide.audio import Clip, Samples

SHORT = 60
"""Seconds; a shorter file is held in memory."""
PIECE = 10
"""Seconds read at once of a long file."""
_LEAD = 1
"""Seconds read on either side of a piece, for the resampling filter to settle in."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How much there is of a sound.

    Attributes:
        frames: its length at the rate that was asked for.
        channels: 1 or 2.
    """

    frames: int
    channels: int


def open_clip(path: Path, rate: int = RATE) -> Clip:
    """A sound file as a clip.

    Args:
        rate: that of the session, in hertz; what differs is resampled.

    Raises:
        SoundError: it is missing, broken, empty, endless or not a sound; reading a long one can
            raise it later too, where the damage lies within.
    """
    container = examine(path)
    if container.kind == "foreign":
        return _Held(_resampled(*through_ffmpeg(path), rate), path)
    source = Source(path, container)
    try:
        if source.frames > SHORT * min(source.rate, 48_000):
            return _Stream(source, rate)
        samples = source.read(0, source.frames)
    except BaseException:
        source.close()
        raise
    source.close()
    return _Held(_resampled(samples, source.rate, rate), path)


def probe(path: Path, rate: int = RATE) -> Extent:
    """How long a sound file is, without decoding it (but for kinds that need ffmpeg).

    Raises:
        SoundError: as `open_clip`.
    """
    container = examine(path)
    if container.kind == "foreign":
        samples, made_at = through_ffmpeg(path)
        return Extent(_scaled(len(samples), made_at, rate), samples.shape[1])
    source = Source(path, container)
    source.close()
    return Extent(_scaled(source.frames, source.rate, rate), source.channels)


def clip_loudness(clip: Clip, rate: int = RATE) -> float:
    """How loud a clip is in a stereo session, in LUFS; of a long one by six pieces along its way.

    Returns:
        minus infinity for silence.
    """
    from voiceguide.audio.loudness import loudness

    piece = PIECE * rate
    if clip.frames <= SHORT * rate:
        samples = clip.read(0, clip.frames)
    else:
        starts = np.linspace(0, clip.frames - piece, 6).astype(int)
        samples = np.concatenate([clip.read(int(start), piece) for start in starts])
    if samples.shape[1] == 1:
        samples = np.broadcast_to(samples, (len(samples), 2))
    return loudness(samples, rate)


def _changed(path: Path) -> SoundError:
    return SoundError(f"{path} is shorter than it was: it was changed meanwhile; start again")


@dataclass(frozen=True, slots=True, weakref_slot=True)
class _Held(ArrayClip):
    """A short file as a clip."""

    path: Path

    def read(self, start: int, count: int) -> Samples:
        # A session is laid out first, and opens its sounds again when they are due.
        if start + count > self.frames:
            raise _changed(self.path)
        return self.samples[start : start + count]


class _Stream:
    """A long file as a clip: a piece at a time, the last two of them kept."""

    def __init__(self, source: Source, rate: int) -> None:
        self._source = source
        self._rate = rate
        self._frames = _scaled(source.frames, source.rate, rate)
        self._pieces: dict[int, Samples] = {}
        self._lock = threading.Lock()
        # A file that is cut shows at its end, and should before an hour of it has been played.
        source.read(source.frames - 1, 1)

    @property
    def frames(self) -> int:
        return self._frames

    @property
    def channels(self) -> int:
        return self._source.channels

    def read(self, start: int, count: int) -> Samples:
        if start < 0 or count < 0 or start + count > self._frames:
            if 0 <= start < self._frames < start + count:
                raise _changed(self._source.path)
            raise ValueError(f"frames {start} to {start + count} of a clip of {self._frames}")
        length = PIECE * self._rate
        parts = [np.empty((0, self.channels), np.float32)]
        with self._lock:
            for index in range(start // length, -(-(start + count) // length)):
                first = index * length
                piece = self._piece(index)
                parts.append(piece[max(0, start - first) : start + count - first])
        return np.concatenate(parts)

    def _piece(self, index: int) -> Samples:
        """Whole seconds of the file are whole frames at either rate, so pieces meet exactly."""
        if index not in self._pieces:
            if len(self._pieces) > 1:
                self._pieces.pop(next(iter(self._pieces)))
            source, rate = self._source, self._rate
            lead = 0 if source.rate == rate else _LEAD
            first = max(0, index * PIECE - lead)
            last = min(source.frames, ((index + 1) * PIECE + lead) * source.rate)
            raw = source.read(first * source.rate, last - first * source.rate)
            skip = (index * PIECE - first) * rate
            count = min(PIECE * rate, self._frames - index * PIECE * rate)
            self._pieces[index] = _exactly(_resampled(raw, source.rate, rate)[skip:], count)
        return self._pieces[index]


def _scaled(frames: int, rate: int, wanted: int) -> int:
    return max(1, (frames * wanted + rate // 2) // rate)


def _exactly(samples: Samples, frames: int) -> Samples:
    """That many frames: cut, or filled up with silence by the frame that rounding took."""
    missing = frames - samples.shape[0]
    return np.pad(samples, ((0, missing), (0, 0))) if missing > 0 else samples[:frames]


def _resampled(samples: Samples, rate: int, wanted: int) -> Samples:
    if rate == wanted:
        return samples
    import soxr

    made: Samples = soxr.resample(samples, rate, wanted, "HQ").astype(np.float32, copy=False)
    return _exactly(made, _scaled(samples.shape[0], rate, wanted))
