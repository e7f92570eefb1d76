"""Player `simpleaudio`, from the release that the package `simpleaudio-patched` brings.

The library plays one buffer, of which it makes no copy. So it is given one long stretch of memory
that costs nothing until it is touched; a thread fills it a little ahead of the ear and gives it
back to the system behind. The library tells neither where it is nor that a device is lost but by
being done too early: the place is reckoned by the clock.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import mmap
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from voiceguide.audio import AudioFormat
from voiceguide.errors import SinkError
from voiceguide.plugins import brings_extra, not_installed
from voiceguide.sinks.alsa import hush
from voiceguide.sinks.devices import no_choice
from voiceguide.sinks.queued import QueuedDevice

if TYPE_CHECKING:
    from voiceguide.sinks.pcm import Pcm

PACKAGE = "simpleaudio-patched"
HOW = brings_extra("simpleaudio")

_AHEAD = 0.9
"""Seconds filled ahead of the ear: what a busy machine may be late by."""
_LEAD = 0.35
"""Seconds ahead of the ear that the device may have taken already, drift of the clock included."""
_BEHIND = 2.0
"""Seconds behind the ear that are kept."""
_PERIOD = 0.05
_IDLE = 0.3
"""Seconds that pass after the last sample before the library is told to stop."""
_MOST = 2**31 - 2**20
"""Bytes of the longest stretch: the library counts them in 32 bits."""
_WAIT = 1.5
_NO_RESERVE = getattr(mmap, "MAP_NORESERVE", 0x4000 if sys.platform == "linux" else 0)


class Simpleaudio:
    """Plays on the system's default device."""

    about = "the system's default device"
    default = True

    def check(self) -> str:
        """What it plays through; see `Player.check`."""
        library = _library()
        _play(library, memoryview(bytes(4 * 441)), AudioFormat(), probing=True)
        return "plays on the system's default device"

    def devices(self) -> tuple[str, ...]:
        """None: it cannot tell."""
        return ()

    def open(
        self, audio: AudioFormat, *, device: str | None = None, frames: int | None = None
    ) -> SimpleaudioDevice:
        """A device; see `Player.open`."""
        if device is not None:
            raise no_choice("simpleaudio")
        return SimpleaudioDevice(audio, frames)


def _library() -> Any:
    if not importlib.util.find_spec("simpleaudio"):
        raise not_installed('the player "simpleaudio"', HOW)
    try:
        importlib.metadata.version(PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        # The plain package frees memory that another thread is using, and takes Python with it.
        raise not_installed(
            "the release of simpleaudio that does not crash",
            f"pip uninstall simpleaudio, then {HOW}",
        ) from None
    try:
        import simpleaudio
    except ImportError as error:
        raise SinkError(f'the player "simpleaudio" cannot be loaded ({error}): {HOW}') from error
    hush()
    return simpleaudio


_kept: list[tuple[Any, Any]] = []
"""What the library may still be reading, with the play object that does."""


def _play(library: Any, data: Any, audio: AudioFormat, *, probing: bool = False) -> Any:
    _kept[:] = [entry for entry in _kept if entry[0].is_playing()]
    try:
        playing = library.play_buffer(data, audio.channels, 2, audio.rate)
    except Exception as error:  # its own kind, whose place differs between its releases
        raise SinkError(
            'the player "simpleaudio" finds no sound device: '
            "plug one in, or make a file with voiceguide export"
        ) from error
    if probing:
        playing.stop()
        _kept.append((playing, data))
    return playing


class SimpleaudioDevice(QueuedDevice):
    """A stretch of memory being played."""

    def __init__(self, audio: AudioFormat, frames: int | None = None) -> None:
        super().__init__(audio)
        self._library = _library()
        size = 2 * audio.channels
        most = _MOST // size
        # What waits at the end, and what a late thread may leave out.
        wanted = most if frames is None else min(most, int(1.02 * frames) + 60 * audio.rate)
        self._memory = _stretch(wanted * size)
        import numpy as np

        self._frames = len(self._memory) // size
        self._view: Pcm = np.frombuffer(self._memory, np.int16, self._frames * audio.channels)
        self._view = self._view.reshape(-1, audio.channels)
        self._filled = 0
        self._skipped = 0
        self._freed = 0
        self._since = 0.0
        self._playing: Any = None
        self._ended: float | None = None
        self._filler: threading.Thread | None = None

    def _start(self) -> None:
        self._fill(0)
        try:
            self._playing = _play(self._library, self._view, self.audio)
        except SinkError:
            self._since = self._ended = time.monotonic()
            return
        self._since = time.monotonic()
        self._filler = threading.Thread(target=self._run, name="filler", daemon=True)
        self._filler.start()

    def _now(self) -> int:
        """The frame of the memory that is heard now."""
        return int((time.monotonic() - self._since) * self.audio.rate)

    def _run(self) -> None:
        while not self._released:
            with self._changed:
                self._fill(self._now())
                self._changed.wait(_PERIOD)
            self._give_back()
            if self._ended is None and not self._playing.is_playing():
                self._ended = time.monotonic()

    def _fill(self, now: int) -> None:
        rate = self.audio.rate
        with self._changed:
            waiting = self._written - self._taken
            late = now + int(_LEAD * rate) - self._filled
            if waiting and now and late > 0:  # the device is past where it belongs
                self._filled += late
                self._skipped += late
            count = min(waiting, min(now + int(_AHEAD * rate), self._frames) - self._filled)
            if count > 0:
                block, _ = self._take(count)
                self._view[self._filled : self._filled + count] = block
                self._filled += count

    def _give_back(self) -> None:
        if not hasattr(self._memory, "madvise") or not hasattr(mmap, "MADV_DONTNEED"):
            return
        size = 2 * self.audio.channels
        keep = (self._now() - int(_BEHIND * self.audio.rate)) * size
        keep = min(keep, len(self._memory)) // mmap.PAGESIZE * mmap.PAGESIZE
        if keep > self._freed + (1 << 20):
            self._memory.madvise(mmap.MADV_DONTNEED, self._freed, keep - self._freed)
            self._freed = keep

    @property
    def heard(self) -> int:
        """Frames that have been heard."""
        with self._changed:
            if not self._since:
                return 0
            return max(0, min(self._taken, self._now() - self._skipped))

    def _cut_point(self) -> int:
        if not self._since:
            return self._taken
        return max(0, min(self._taken, self._now() + int(_LEAD * self.audio.rate) - self._skipped))

    def _retracted(self, start: int) -> None:
        at = start + self._skipped
        self._view[at : self._filled] = 0
        self._filled = at

    def _played_out(self) -> bool:
        with self._changed:
            return self._taken == self._written and (
                self._now() > self._filled + int(_IDLE * self.audio.rate)
            )

    def _lost(self) -> str | None:
        if self._ended is not None:
            if self._now() >= self._frames - int(_AHEAD * self.audio.rate):
                return "the player simpleaudio cannot play on for so long"
            return "the sound device is gone"
        return None

    def _release(self) -> None:
        if self._filler is not None and self._filler is not threading.current_thread():
            self._filler.join(1.0)
        if self._playing is None:
            return
        playing = self._playing
        _kept.append((playing, self._view))
        # It reads on for a moment: the memory has to stay, and the program too.
        with self._changed:
            at = self._now() + int(_LEAD * self.audio.rate)
            self._view[max(0, at) :][: int(2 * self.audio.rate)] = 0
        playing.stop()
        until = time.monotonic() + _WAIT
        while playing.is_playing() and time.monotonic() < until:
            time.sleep(0.02)
        _kept[:] = [entry for entry in _kept if entry[0].is_playing()]


def _stretch(size: int) -> mmap.mmap:
    """Memory of so many bytes, or of less where there is not so much; untouched, it costs nothing."""
    while True:
        try:
            if sys.platform == "win32":
                return mmap.mmap(-1, size)
            return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANON | _NO_RESERVE)
        except (OSError, ValueError, OverflowError):
            if size < 1 << 24:
                raise SinkError("there is too little memory to play") from None
            size //= 2
