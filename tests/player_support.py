"""A deck of devices that keep what they play, and sessions made to be recognised."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from voiceguide.audio import RATE, ArrayClip, AudioFormat, Clip
from voiceguide.mix import blocks
from voiceguide.player.playable import Playable, Status
from voiceguide.player.player import Player
from voiceguide.sinks.devices import FADE
from voiceguide.sinks.pcm import to_int16
from voiceguide.testing import TapeDevice, TapePlayer
from voiceguide.timeline import Chapter, Event, Timeline
from voiceguide.units import Frames

FADED = int(FADE * RATE)


class Deck(TapePlayer):
    """Opens tape devices, as a transport asks for them.

    Attributes:
        dead: whether what is opened now plays nothing.
    """

    dead = False

    def __call__(self, frames: int | None) -> TapeDevice:
        device = self.open(AudioFormat(), frames=frames)
        device.dead = self.dead
        return device


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


def until(player: Player, condition: Callable[[Status], bool], seconds: float = 60.0) -> Status:
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
