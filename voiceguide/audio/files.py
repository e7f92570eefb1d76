"""Reading a sound file of any kind as a clip at the session's rate.

soundfile reads WAV, FLAC, OGG and MP3; what it cannot read goes through ffmpeg, where that is
installed. Short files are held in memory; long ones are read piece by piece, each piece by itself
and from the same place, so that what is read does not depend on where reading began.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile

from voiceguide.audio import RATE, ArrayClip
from voiceguide.audio.container import Container, cut, examine, too_long
from voiceguide.errors import SoundError
from voiceguide.units import LONGEST

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from voiceguide.audio import Clip, Samples

SHORT = 60
"""Seconds; a shorter file is held in memory."""
PIECE = 10
"""Seconds read at once of a long file."""
FOREIGN_LONGEST = 600
"""Seconds; what needs ffmpeg is held whole, so it may not be longer."""

_FOREIGN_SECONDS = 20
"""Of computing, that ffmpeg may take."""
_FOREIGN_AS = (
    "aformat=channel_layouts=mono|stereo:"
    "sample_rates=8000|11025|12000|16000|22050|24000|32000|44100|48000"
)
"""What ffmpeg makes of it; a small file may say that it has 200 channels, and all are held."""

_LEAD = 1
"""Seconds read on either side of a piece, for the resampling filter to settle in."""
_BLOCK = 65_536
_RATES = range(4_000, 384_001)
_CHANNELS = 64
_LOUDEST = 64.0
"""A value further from zero, 36 dB over full scale, is no sound but a damaged file."""
_UNKNOWN = 2**63 - 1
_LOOSE = 2_304
"""How many frames the stated length of an MP3 may be wrong by; silence takes their place."""

_SIDE = 0.7071
_LEFT, _RIGHT, _BOTH, _NONE = (1.0, 0.0), (0.0, 1.0), (_SIDE, _SIDE), (0.0, 0.0)
_REAR_LEFT, _REAR_RIGHT = (_SIDE, 0.0), (0.0, _SIDE)
_LAYOUTS: dict[int, tuple[tuple[float, float], ...]] = {
    3: (_LEFT, _RIGHT, _BOTH),
    4: (_LEFT, _RIGHT, _REAR_LEFT, _REAR_RIGHT),
    5: (_LEFT, _RIGHT, _BOTH, _REAR_LEFT, _REAR_RIGHT),
    6: (_LEFT, _RIGHT, _BOTH, _NONE, _REAR_LEFT, _REAR_RIGHT),
    7: (_LEFT, _RIGHT, _BOTH, _NONE, _BOTH, _REAR_LEFT, _REAR_RIGHT),
    8: (_LEFT, _RIGHT, _BOTH, _NONE, _REAR_LEFT, _REAR_RIGHT, _REAR_LEFT, _REAR_RIGHT),
}
"""How loud each channel is on the left and the right, in the order of WAV and FLAC."""
_OGG_ORDER = {
    3: (0, 2, 1),
    5: (0, 2, 1, 3, 4),
    6: (0, 2, 1, 4, 5, 3),
    7: (0, 2, 1, 5, 6, 4, 3),
    8: (0, 2, 1, 6, 7, 4, 5, 3),
}
"""Which of those Vorbis and Opus have, in their order."""


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
        return _Held(_through_ffmpeg(path, rate), path)
    source = _Source(path, container)
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
        samples = _through_ffmpeg(path, rate)
        return Extent(samples.shape[0], samples.shape[1])
    source = _Source(path, container)
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


_remarks = threading.Lock()


@contextlib.contextmanager
def _without_remarks() -> Iterator[None]:
    """Keeps libmpg123 from writing to standard error whatever it finds odd about an MP3.

    It offers no way to ask for that through soundfile. What this program itself would write there
    meanwhile is lost, so the body is kept short.
    """
    with _remarks:
        try:
            kept = os.dup(2)
        except OSError:  # there is none
            yield
            return
        try:
            with open(os.devnull, "wb") as nothing:  # noqa: PTH123 - no path, but a device
                os.dup2(nothing.fileno(), 2)
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def _changed(path: Path) -> SoundError:
    return SoundError(f"{path} is shorter than it was: it was changed meanwhile; start again")


class _Source:
    """A file that soundfile reads, at its own rate, folded to at most two channels."""

    def __init__(self, path: Path, container: Container) -> None:
        self.path = path
        self._loose = _LOOSE if container.kind == "mp3" else 0
        try:
            self._file: Any = self._opened()
        # A TypeError comes where the name says that the samples stand there without a header.
        except (soundfile.SoundFileError, TypeError, OSError) as error:
            raise self._unreadable(container) from error
        try:
            self.frames, self._fold = self._examine(container)
        except BaseException:
            self.close()
            raise
        self.rate: int = self._file.samplerate
        self.channels: int = min(2, self._file.channels)

    def _opened(self) -> Any:
        with self._unremarked():
            return soundfile.SoundFile(self.path)

    def _unremarked(self) -> contextlib.AbstractContextManager[None]:
        return _without_remarks() if self._loose else contextlib.nullcontext()

    def _unreadable(self, container: Container) -> SoundError:
        kind = "sound" if container.kind == "other" else container.kind.upper()
        return SoundError(
            f"{self.path} cannot be read as {kind}: it is damaged, or of a rare kind; "
            "make it anew as WAV or FLAC"
        )

    def _examine(self, container: Container) -> tuple[int, NDArray[np.float32] | None]:
        file, path = self._file, self.path
        if file.samplerate not in _RATES:
            raise SoundError(
                f"{path} says that it has {file.samplerate:,} frames a second; "
                f"{_RATES.start:,} to {_RATES.stop - 1:,} can be used"
            )
        if file.channels > _CHANNELS:
            raise SoundError(
                f"{path} has {file.channels} channels; at most {_CHANNELS} can be used"
            )
        frames: int = file.frames
        if container.frames is not None:
            if frames < container.frames - _LOOSE:
                raise SoundError(
                    f"{path} is an MP3 of varying bit rate that does not tell its length; "
                    "make it anew, or convert it to WAV or FLAC"
                )
            frames = container.frames
        if frames == _UNKNOWN:
            raise SoundError(f"{path} does not tell its length; make it anew, or convert it to WAV")
        if frames > LONGEST * file.samplerate:
            raise too_long(path)
        if frames <= 0:
            raise SoundError(f"{path} holds no sound: it has 0 frames")
        return frames, _folding(file.channels, file.format == "OGG")

    def read(self, start: int, count: int) -> Samples:
        """Samples of shape (count, channels), from a frame on."""
        out = np.empty((count, self.channels), np.float32)
        try:
            if self._loose and self._file.tell():
                # The last bits of an MP3 depend on how many frames were decoded before these.
                self._file.close()
                self._file = self._opened()
            with self._unremarked():
                self._file.seek(start)
            for at in range(0, count, _BLOCK):
                with self._unremarked():
                    block = self._file.read(min(_BLOCK, count - at), "float32", always_2d=True)
                missing = min(_BLOCK, count - at) - len(block)
                if missing > self._loose:
                    raise cut(self.path)
                if missing:
                    block = np.pad(block, ((0, missing), (0, 0)))
                self._check(block)
                out[at : at + len(block)] = block if self._fold is None else block @ self._fold
        except soundfile.SoundFileError as error:
            raise cut(self.path) from error
        return out

    def _check(self, block: Samples) -> None:
        # NaN fails the comparison as well.
        if not np.max(np.abs(block)) <= _LOUDEST:
            raise SoundError(
                f"{self.path} is damaged: it holds values that are not numbers, or far beyond "
                "full scale; make it anew"
            )

    def close(self) -> None:
        self._file.close()


@dataclass(frozen=True, slots=True)
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

    def __init__(self, source: _Source, rate: int) -> None:
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


def _folding(channels: int, ogg: bool) -> NDArray[np.float32] | None:
    """The matrix that makes two channels of more, never louder than full scale; None for 1 or 2."""
    if channels <= 2:
        return None
    layout = _LAYOUTS.get(channels, (_BOTH,) * channels)
    weights = np.array(layout, np.float32)
    if ogg and channels in _OGG_ORDER:
        weights = weights[list(_OGG_ORDER[channels])]
    return np.ascontiguousarray(weights / weights.sum(axis=0), np.float32)


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


def _through_ffmpeg(path: Path, rate: int) -> Samples:
    """A file of a kind that soundfile does not read, whole."""
    suffix = path.suffix or "this kind of sound"
    program = shutil.which("ffmpeg")
    if program is None:
        raise SoundError(
            f"{path}: {suffix} needs ffmpeg, which is not installed here; "
            "install it, or use WAV, FLAC, OGG or MP3"
        )
    # A file may name others, or addresses, as its parts: none of those is opened. The limits
    # bound time and memory; AU is a frame that needs no length beforehand.
    command = [
        program, "-v", "quiet", "-nostdin", "-protocol_whitelist", "file",
        "-i", f"file:{path.resolve()}", "-map", "0:a:0", "-t", str(FOREIGN_LONGEST + 1),
        "-af", _FOREIGN_AS, "-f", "au", "-acodec", "pcm_s16be",
        "-timelimit", str(_FOREIGN_SECONDS), "pipe:1",
    ]  # fmt: skip
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            check=True, timeout=4 * _FOREIGN_SECONDS,
        )  # fmt: skip
        samples, made_at = soundfile.read(io.BytesIO(done.stdout), dtype="float32", always_2d=True)
    except (OSError, ValueError, subprocess.SubprocessError, soundfile.SoundFileError) as error:
        raise SoundError(
            f"{path} cannot be read, even by ffmpeg: it is damaged, far too large, or no sound"
        ) from error
    if not len(samples):
        raise SoundError(f"{path} holds no sound")
    if len(samples) > FOREIGN_LONGEST * made_at:
        raise SoundError(
            f"{path} is longer than {FOREIGN_LONGEST // 60} minutes, too long for {suffix}; "
            "convert it to FLAC, OGG or MP3"
        )
    return _resampled(samples, made_at, rate)
