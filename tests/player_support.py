"""A device that keeps what it plays, faster than time, and sessions made to be recognised."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from voiceguide.audio import RATE, ArrayClip, AudioFormat, Clip
from voiceguide.errors import SinkError
from voiceguide.mix import blocks
from voiceguide.player.playable import Playable, Status
from voiceguide.player.player import Player
from voiceguide.sinks.devices import FADE
from voiceguide.sinks.pcm import to_int16
from voiceguide.sinks.queued import QueuedDevice
from voiceguide.timeline import Chapter, Event, Timeline
from voiceguide.units import Frames

FADED = int(FADE * RATE)


class TapeDevice(QueuedDevice):
    """Takes what is written, some times faster than time, and keeps it.

    Attributes:
        tape: what was heard, in pieces.
        cuts: what each `cut` returned.
        speed: how many times faster than time it plays.
        slow: seconds that letting go of it takes.
        limit: frames that it plays at most, or None for all.
    """

    def __init__(self, audio: AudioFormat, speed: float = 8.0) -> None:
        super().__init__(audio)
        self.slow = 0.0
        self.tape: list[NDArray[np.int16]] = []
        self.cuts: list[int] = []
        self.dead = False
        self.speed = speed
        self.limit: int | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _start(self) -> None:
        self._thread.start()

    def _run(self) -> None:
        last = time.monotonic()
        while not self._released and not self.dead:
            now = time.monotonic()
            count = int((now - last) * RATE * self.speed)
            if self.limit is not None:
                count = min(count, self.limit - self._taken)
            block, real = self._take(max(0, count))
            last = now
            self.tape.append(block[:real])
            time.sleep(0.005)

    def cut(self) -> int:
        end = super().cut()
        self.cuts.append(end)
        return end

    @property
    def heard(self) -> int:
        return self._taken

    def _played_out(self) -> bool:
        return self._taken == self._written

    def _lost(self) -> str | None:
        return "the sound device is gone" if self.dead else None

    def _release(self) -> None:
        if self._thread.is_alive():
            self._thread.join(2)
        time.sleep(self.slow)

    def samples(self) -> NDArray[np.int16]:
        """All that was heard, int16 of shape (frames, channels)."""
        return np.concatenate([*self.tape, np.zeros((0, self.audio.channels), np.int16)])


class Deck:
    """Opens tape devices, as a player does.

    Attributes:
        devices: all that were opened.
        missing: whether there is none to be opened now.
        limit: frames that a device plays at most, or None for all.
    """

    def __init__(self, speed: float = 8.0) -> None:
        self.devices: list[TapeDevice] = []
        self.missing = False
        self.limit: int | None = None
        self._speed = speed

    def __call__(self, frames: int | None) -> TapeDevice:  # noqa: ARG002
        if self.missing:
            raise SinkError("no device")
        self.devices.append(TapeDevice(AudioFormat(), self._speed))
        self.devices[-1].limit = self.limit
        return self.devices[-1]

    def heard(self) -> NDArray[np.int16]:
        """What all devices played, one after another."""
        return np.concatenate([device.samples() for device in self.devices])


def make_playable(
    seconds: float,
    *,
    sentences: tuple[tuple[float, float], ...] = (),
    steps: tuple[float, ...] = (0.0,),
    ready: float | None = None,
) -> Playable:
    """A session of noise, no two pieces of which are alike.

    Args:
        sentences: from and to, in seconds; they sound by themselves no more than the noise does.
        steps: where chapters start.
        ready: seconds that are certain, or None for all.
    """
    frames = round(seconds * RATE)
    noise = np.random.default_rng(1).uniform(-0.4, 0.4, (frames, 1)).astype(np.float32)
    events = [Event("sound", Frames(0), Frames(frames), clip="noise")]
    events += [
        Event("voice", Frames(round(a * RATE)), Frames(round((b - a) * RATE)), text=f"At {a}.")
        for a, b in sentences
    ]
    ends = [*steps[1:], seconds]
    chapters = tuple(
        Chapter(f"Step {k + 1}", Frames(round(a * RATE)), Frames(round(b * RATE)))
        for k, (a, b) in enumerate(zip(steps, ends, strict=True))
    )
    clip: Clip = ArrayClip(noise)
    timeline = Timeline(
        AudioFormat(), Frames(frames), chapters, tuple(sorted(events, key=lambda e: e.start))
    )
    return Playable(timeline, lambda _: clip, frames if ready is None else round(ready * RATE))


def exported(session: Playable, start: int = 0) -> NDArray[np.int16]:
    """What a WAV export holds from a frame on, int16 of shape (frames, channels)."""
    mixed = np.concatenate(list(blocks(session.timeline, session.clips)))
    pcm = np.empty(mixed.shape, np.int16)
    to_int16(mixed, pcm)
    return pcm[start:]


def until(player: Player, condition: Callable[[Status], bool], seconds: float = 10.0) -> Status:
    """Wait for a status."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        status = player.status()
        if condition(status):
            return status
        time.sleep(0.005)
    raise AssertionError(f"never came to pass; at last {status}")


def at_second(seconds: float) -> Callable[[Status], bool]:
    """Whether a place has been reached."""
    return lambda status: status.seconds >= seconds


def in_state(*states: str) -> Callable[[Status], bool]:
    """Whether a state has been reached."""
    return lambda status: status.state in states


def frame_of(status: Status) -> int:
    """The place as a frame."""
    return round(status.seconds * RATE)
