"""Players: sinks whose `write` blocks, because somebody listens.

To add a player, write one module with a class as `Player` describes it, most easily with a
`QueuedDevice` of its own, and register it by name in `BUILT_IN` or, from another package, as an
entry point of the group `voiceguide.players`.
"""

from __future__ import annotations

import importlib
import threading
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Protocol

from voiceguide.audio import AudioFormat
from voiceguide.errors import (
    MissingError,
    NotFoundError,
    SinkError,
    UsageError,
    VoiceguideError,
    did_you_mean,
)
from voiceguide.sinks.base import Sink
from voiceguide.sinks.pcm import to_int16

if TYPE_CHECKING:
    from voiceguide.audio import Samples
    from voiceguide.sinks.pcm import Pcm

GROUP = "voiceguide.players"
"""Entry points of other packages: the name is the player's, the object its class."""

BUILT_IN = {
    "miniaudio": "voiceguide.sinks.miniaudio_player:Miniaudio",
    "simpleaudio": "voiceguide.sinks.simpleaudio_player:Simpleaudio",
}
"""Name: where the class is; the first that works here is the default."""

FADE = 0.006
"""Seconds over which sound comes and goes where it would click."""
QUEUE = 3.0
"""Seconds that may wait to be played."""
PREFILL = 0.8
"""Seconds that are there before a device starts."""
HISTORY = 2.0
"""Seconds of what was handed on that may still be taken back."""
LOUDEST = 1.3
"""Greatest gain; the mixer's ceiling times this stays within full scale."""
_GLIDE = 0.02
_TICK = 0.02


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


class Player(Protocol):
    """A way to be heard.

    Attributes:
        name: as `--player` takes it.
    """

    @property
    def name(self) -> str: ...

    def check(self) -> str:
        """What it plays through here, in a few words.

        Raises:
            MissingError: it is not installed; the message names the command that brings it.
            SinkError: there is no device.
        """
        ...

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


@dataclass(frozen=True, slots=True)
class PlayerInfo:
    """A player as `doctor` lists it.

    Attributes:
        detail: what it plays through, or why it does not.
        works: whether it can be heard here.
        mend: the command that brings it, or None.
    """

    name: str
    works: bool
    detail: str
    mend: str | None = None


def player_names() -> tuple[str, ...]:
    """All players that can be named, built-in ones first."""
    return (*BUILT_IN, *sorted(_plug_ins()))


def _plug_ins() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP) if point.name not in BUILT_IN}


def open_player(name: str) -> Player:
    """The player of a name, its device not opened yet.

    Raises:
        NotFoundError: there is no such player.
        MissingError: it is not installed; the message names the command that brings it.
        SinkError: it cannot be loaded.
    """
    if name in BUILT_IN:
        module, _, attribute = BUILT_IN[name].partition(":")
        made: Player = getattr(importlib.import_module(module), attribute)()
        return made
    points = _plug_ins()
    if name not in points:
        names = player_names()
        hint = did_you_mean(name, names) or f"there are {', '.join(names)}"
        raise NotFoundError(f'there is no player "{name}": {hint}')
    try:
        loaded: Player = points[name].load()()
    except Exception as error:  # another package's module may fail in any way
        raise SinkError(f'the player "{name}" cannot be loaded: {error}') from error
    return loaded


def _checked(name: str) -> tuple[Player, str]:
    """A player that works here, and what it plays through; raises as `Player.check` does."""
    player = open_player(name)
    try:
        return player, player.check()
    except VoiceguideError:
        raise
    except Exception as error:  # as above
        raise SinkError(f'the player "{name}" fails: {error}') from error


def choose_player(name: str | None = None) -> Player:
    """The player that was named, or the first that works here.

    Raises:
        NotFoundError, MissingError: as `open_player`.
        SinkError: none of them finds a device.
    """
    if name is not None:
        return _checked(name)[0]
    problems: list[VoiceguideError] = []
    for known in player_names():
        try:
            return _checked(known)[0]
        except VoiceguideError as error:
            problems.append(error)
    if all(isinstance(problem, MissingError) for problem in problems):
        raise problems[0]
    raise SinkError(
        "there is no sound device here to play on: "
        "plug one in, or make a file with voiceguide export"
    )


def players() -> tuple[PlayerInfo, ...]:
    """Every player and whether it can be heard here."""
    found = []
    for name in player_names():
        try:
            detail = _checked(name)[1]
        except MissingError as error:
            mend = str(error).partition(": ")[2]
            found.append(PlayerInfo(name, False, "not installed", mend))
        except VoiceguideError as error:
            found.append(PlayerInfo(name, False, str(error)))
        else:
            found.append(PlayerInfo(name, True, detail))
    return tuple(found)


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
    return UsageError(f"the player {name} has no --device: it plays where the system plays")
