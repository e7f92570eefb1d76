"""What a player and its device are: sinks whose `write` blocks, because somebody listens.

A new player is one file with two classes: a `Player`, and the `Device` that it opens, most easily a
subclass of `queued.QueuedDevice`, which needs only to be started, asked and let go::

    class Speaker:
        about = "a speaker of one's own"
        default = True

        def check(self) -> str:
            return f"plays on {require('speaker', 'the player speaker').NAME}"

        def devices(self) -> tuple[str, ...]:
            return ()

        def open(self, audio, *, device=None, frames=None) -> Device:
            if device is not None:
                raise no_choice("speaker")
            return SpeakerDevice(audio)

Its name is a row in `players.BUILT_IN`, or in another package an entry point of the group
`voiceguide.players`; see `voiceguide.plugins`.
"""

from __future__ import annotations

from typing import Protocol

from voiceguide.audio import AudioFormat
from voiceguide.errors import NotFoundError, SinkError, UsageError
from voiceguide.plugins import PlugIn
from voiceguide.sinks.base import Sink

FADE = 0.006
"""Seconds over which sound comes and goes where it would click."""
PREFILL = 0.8
"""Seconds that are there before a device starts."""
LOUDEST = 1.3
"""Greatest gain; the mixer's ceiling times this stays within full scale."""


class DeviceLost(SinkError):
    """The device went away while it played."""


class Device(Sink, Protocol):
    """A sink that is heard.

    `write` blocks until there is room. `close` plays what was written to its end, then lets go of
    the device; `abort` lets go at once. `cut` comes before either, or before more is written.
    """

    gain: float
    """Factor of the volume, 0 to `LOUDEST`; a change glides."""

    @property
    def room(self) -> int:
        """Frames that can be written without waiting."""
        ...

    @property
    def heard(self) -> int:
        """Frames that have been heard, of those that were written; an estimate to some 0.1 s."""
        ...

    def cut(self) -> int:
        """Fade out as soon as can be, and forget what would have been heard after it.

        What is written next fades in and is heard right after.

        Returns:
            how many of the frames that were written are heard.
        """
        ...

    def check(self) -> None:
        """Raises DeviceLost: the device does not play any more."""
        ...


class Player(PlugIn, Protocol):
    """A way to be heard; what a player's entry point names."""

    def devices(self) -> tuple[str, ...]:
        """Names that `open` takes, where it can tell."""
        ...

    def open(
        self, audio: AudioFormat, *, device: str | None = None, frames: int | None = None
    ) -> Device:
        """A device that is ready to be written to.

        Args:
            device: part of its name, or None for the system's choice.
            frames: the most that will be written, where it is known.

        Raises:
            NotFoundError: there is no device of that name.
            SinkError: there is no device, or it cannot be opened.
        """
        ...


def match_device(wanted: str, names: tuple[str, ...]) -> int:
    """Which of a player's devices is meant by a name or a part of it.

    Raises:
        NotFoundError: none is, or more than one.
    """
    folded = wanted.strip().casefold()
    exact = [k for k, name in enumerate(names) if name.casefold() == folded]
    near = [k for k, name in enumerate(names) if folded and folded in name.casefold()]
    if exact or len(near) == 1:
        return (exact or near)[0]
    listed = ", ".join(f'"{name}"' for name in names) or "none"
    if near:
        both = " and ".join(f'"{names[k]}"' for k in near)
        raise NotFoundError(f'"{wanted}" is part of {both}: write more of the name')
    raise NotFoundError(f'there is no sound device "{wanted}": there are {listed}')


def no_choice(name: str) -> UsageError:
    """The error of a player that plays where the system tells it to."""
    return UsageError(
        f"the player {name} cannot choose a device: it plays where the system plays",
        settings=("device",),
    )
