"""A device with a queue: what a player's own thread takes from, and what can be cut short."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from voiceguide.audio import AudioFormat
from voiceguide.sinks.devices import FADE, PREFILL, DeviceLost
from voiceguide.sinks.pcm import to_int16

if TYPE_CHECKING:
    from voiceguide.audio import Samples
    from voiceguide.sinks.pcm import Pcm

QUEUE = 3.0
"""Seconds that may wait to be played."""
HISTORY = 2.0
"""Seconds of what was handed on that may still be taken back."""
_GLIDE = 0.02
_TICK = 0.02


class QueuedDevice(ABC):
    """A `Device` with a queue: blocks are written at one end and taken at the other.

    A subclass starts its device in `_start`; whenever the device wants sound, on whatever thread,
    `_take` gives it. Positions are counted in written frames; `_taken` is the next to be taken.
    """

    def __init__(self, audio: AudioFormat) -> None:
        import numpy as np

        self.audio = audio
        self.gain = 1.0
        self._gain_now = 1.0
        self._capacity = int((QUEUE + HISTORY) * audio.rate)
        self._ring: Pcm = np.zeros((self._capacity, audio.channels), np.int16)
        self._written = 0
        self._taken = 0
        self._rise = 0
        self._fade_in = True
        self._started = False
        self._released = False
        self._changed = threading.Condition(threading.RLock())

    # What a subclass does

    @abstractmethod
    def _start(self) -> None:
        """Let the device run; it takes what it needs from now on."""

    @abstractmethod
    def _release(self) -> None:
        """Let go of the device, at once."""

    @abstractmethod
    def _played_out(self) -> bool:
        """Whether all that was written has been heard."""

    @abstractmethod
    def _lost(self) -> str | None:
        """What happened to the device, or None while it plays."""

    @property
    @abstractmethod
    def heard(self) -> int:
        """Frames that have been heard."""

    def _cut_point(self) -> int:
        """The first frame that can still be changed; the lock is held."""
        return self._taken

    def _retracted(self, start: int) -> None:  # noqa: B027 - most devices take nothing back
        """Frames from `start` on, already taken, are taken again; the lock is held."""

    # What it gets from here

    def _take(self, count: int) -> tuple[Pcm, int]:
        """The next frames with the volume on them, then silence; and how many are no silence."""
        import numpy as np

        with self._changed:
            real = min(count, self._written - self._taken)
            out = np.zeros((count, self.audio.channels), np.int16)
            self._copy_out(self._taken, out[:real])
            self._taken += real
            self._scale(out[:real])
            self._changed.notify_all()
        return out, real

    def _scale(self, block: Pcm) -> None:
        import numpy as np

        target = self.gain
        if self._gain_now == target == 1.0 or not len(block):
            return
        gains = np.full(len(block), target, np.float32)
        if self._gain_now != target:
            glide = min(len(block), int(_GLIDE * self.audio.rate))
            gains[:glide] = np.linspace(self._gain_now, target, glide + 1)[1:]
            self._gain_now = target
        scaled = np.rint(block * gains[:, None])
        block[:] = np.clip(scaled, -32_768, 32_767)

    def _copy_out(self, start: int, out: Pcm) -> None:
        done = 0
        while done < len(out):
            at = (start + done) % self._capacity
            count = min(len(out) - done, self._capacity - at)
            out[done : done + count] = self._ring[at : at + count]
            done += count

    def _copy_in(self, start: int, block: Pcm) -> None:
        done = 0
        while done < len(block):
            at = (start + done) % self._capacity
            count = min(len(block) - done, self._capacity - at)
            self._ring[at : at + count] = block[done : done + count]
            done += count

    # Device

    @property
    def room(self) -> int:
        """Frames that can be written without waiting."""
        with self._changed:
            return max(0, int(QUEUE * self.audio.rate) - (self._written - self._taken))

    def write(self, block: Samples) -> None:
        """Queue samples; waits for room.

        Raises:
            DeviceLost: the device went away.
        """
        import numpy as np

        pcm = np.empty(block.shape, np.int16)
        to_int16(block, pcm)
        at = 0
        while at < len(pcm):
            with self._changed:
                count = min(self.room, len(pcm) - at)
                if not count:
                    self._begin()
                    self._changed.wait(0.1)
                else:
                    part = pcm[at : at + count]
                    self._copy_in(self._written, self._faded_in(part))
                    self._written += count
                    at += count
            self.check()
        if self._written - self._taken >= PREFILL * self.audio.rate:
            self._begin()

    def _faded_in(self, part: Pcm) -> Pcm:
        import numpy as np

        fade = int(FADE * self.audio.rate)
        if self._fade_in:
            self._fade_in, self._rise = False, 0
        if self._rise >= fade:
            return part
        count = min(len(part), fade - self._rise)
        gains = (np.arange(count) + self._rise + 1) / (fade + 1)
        self._rise += count
        part = part.copy()
        part[:count] = np.rint(part[:count] * gains[:, None])
        return part

    def _begin(self) -> None:
        with self._changed:
            if self._started or self._released:
                return
            self._started = True
            self._gain_now = self.gain
        self._start()

    def cut(self) -> int:
        """Fade out and forget the rest; see `Device.cut`."""
        import numpy as np

        with self._changed:
            start = min(self._cut_point(), self._written)
            end = min(start + int(FADE * self.audio.rate), self._written)
            tail = np.empty((end - start, self.audio.channels), np.int16)
            self._copy_out(start, tail)
            gains = 1 - (np.arange(len(tail)) + 1) / (len(tail) + 1)
            self._copy_in(start, np.rint(tail * gains[:, None]).astype(np.int16))
            self._written = end
            if start < self._taken:
                self._retracted(start)
                self._taken = start
            self._fade_in = True
            self._changed.notify_all()
            return end

    def check(self) -> None:
        """Raises DeviceLost: the device does not play any more."""
        if self._started and not self._released and (reason := self._lost()):
            raise DeviceLost(reason)

    def close(self) -> None:
        """Play what was written to its end, and let go.

        Raises:
            DeviceLost: the device went away before.
        """
        try:
            if self._written:
                self._begin()
                while not self._played_out():
                    self.check()
                    time.sleep(_TICK)
        finally:
            self.abort()

    def abort(self) -> None:
        """Let go at once."""
        with self._changed:
            if self._released:
                return
            self._released = True
            self._changed.notify_all()
        self._release()
