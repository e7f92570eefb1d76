"""What a player tells while it plays.

    def show(event: PlayerEvent) -> None:
        match event:
            case SentenceBegan(text=text):
                print(text)
            case Countdown(label=label, left=left):
                print(label, round(left))

    unsubscribe = player.subscribe(show)

Each event comes at its moment, on one thread of the player's own, which is not the one that makes
the sound. Places and lengths are seconds of the session, below 0 while something leads in; volumes
are per cent.
"""

from __future__ import annotations

from dataclasses import dataclass

from voiceguide.player.playable import State


@dataclass(frozen=True, slots=True)
class StateChanged:
    """It plays, waits, pauses, has lost its device or is over; or the notice changed.

    Attributes:
        notice: what the listener should know, or None.
    """

    seconds: float
    state: State
    notice: str | None


@dataclass(frozen=True, slots=True)
class Clock:
    """The place while something is heard, four times a second: for whoever shows it."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Jumped:
    """The place changed other than by playing on."""

    seconds: float


@dataclass(frozen=True, slots=True)
class LengthChanged:
    """More of the session is known.

    Attributes:
        length: of the session.
        whole: whether that is final.
    """

    seconds: float
    length: float
    whole: bool


@dataclass(frozen=True, slots=True)
class StepBegan:
    """The place came into another step; also while it is paused.

    Attributes:
        title: with ", left side" or the like.
        number, steps: which step it is, from 1, and how many there are.
        notes: texts to be shown meanwhile.
    """

    seconds: float
    title: str
    number: int
    steps: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SentenceBegan:
    """A sentence is being said.

    Attributes:
        lasts: how long it is.
    """

    seconds: float
    text: str
    lasts: float


@dataclass(frozen=True, slots=True)
class SentenceEnded:
    """A sentence is over, or was left."""

    seconds: float
    text: str


@dataclass(frozen=True, slots=True)
class Countdown:
    """An interval, a phase of a breath or a pause begins, has another second less, or is over.

    What leads in before a session is counted down, too, as "starting in".

    Attributes:
        label: what it is called, such as "roll" or "breathe in".
        left: what is left of it; 0 where it is over or was left.
        lasts: how long it is.
    """

    seconds: float
    label: str
    left: float
    lasts: float


@dataclass(frozen=True, slots=True)
class DeviceLost:
    """The sound device went away; another one is waited for.

    Attributes:
        reason: what happened, as a sentence.
    """

    seconds: float
    reason: str


@dataclass(frozen=True, slots=True)
class DeviceBack:
    """It plays again after the device was lost."""

    seconds: float


@dataclass(frozen=True, slots=True)
class VolumeChanged:
    """The volume is another one.

    Attributes:
        volume: in per cent, 0 to 130.
    """

    seconds: float
    volume: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The session was played to its end; the last event."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Left:
    """The session was stopped before its end; the last event."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Failed:
    """Playing failed; the last event.

    Attributes:
        error: what `Player.wait` raises.
    """

    seconds: float
    error: BaseException


PlayerEvent = (
    StateChanged
    | Clock
    | Jumped
    | LengthChanged
    | StepBegan
    | SentenceBegan
    | SentenceEnded
    | Countdown
    | DeviceLost
    | DeviceBack
    | VolumeChanged
    | Ended
    | Left
    | Failed
)
"""Any of them."""

LAST = (Ended, Left, Failed)
"""The last event of a player is one of them."""
