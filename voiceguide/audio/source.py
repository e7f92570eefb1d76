"""A sound file as soundfile reads it: at its own rate, folded to at most two channels."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile

from voiceguide.audio.container import Container, cut, too_long
from voiceguide.errors import SoundError
from voiceguide.units import LONGEST

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from voiceguide.audio import Samples

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


class Source:
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


def _folding(channels: int, ogg: bool) -> NDArray[np.float32] | None:
    """The matrix that makes two channels of more, never louder than full scale; None for 1 or 2."""
    if channels <= 2:
        return None
    layout = _LAYOUTS.get(channels, (_BOTH,) * channels)
    weights = np.array(layout, np.float32)
    if ogg and channels in _OGG_ORDER:
        weights = weights[list(_OGG_ORDER[channels])]
    return np.ascontiguousarray(weights / weights.sum(axis=0), np.float32)
