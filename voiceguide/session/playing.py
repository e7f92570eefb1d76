"""A session that is heard here and now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voiceguide.errors import UsageError
from voiceguide.plan.model import Options
from voiceguide.player.events import LAST, PlayerEvent
from voiceguide.player.playable import Playable
from voiceguide.player.player import Player
from voiceguide.session.pipeline import Session
from voiceguide.session.preparation import Preparation
from voiceguide.session.request import Progress, Request
from voiceguide.session.streaming import start_frame
from voiceguide.units import format_seconds

if TYPE_CHECKING:
    from voiceguide.audio import AudioFormat
    from voiceguide.sinks.devices import Device
    from voiceguide.sinks.devices import Player as PlayerPlugIn


def play(
    request: Session | Request | str,
    options: Options | None = None,
    *,
    voice: str | None = None,
    speed: float = 1.0,
    mono: bool = False,
    start: float = 0.0,
    start_in: float | None = None,
    volume: int = 100,
    player: str | PlayerPlugIn | None = None,
    device: str | None = None,
    progress: Progress | None = None,
) -> Player:
    """Play a session on a sound device; returns as soon as it plays.

    Given a request, sound begins while later sentences are still being spoken, unless it is fitted
    to a length or has a sore side.

    Args:
        request, options, voice, speed, mono: a session, or what `compile` takes to make one.
        start: where it begins, in seconds.
        start_in: seconds that are counted down before it, 1 to 600, or None.
        volume: in per cent, 0 to 130.
        player: by name, or one of your own such as `testing.TapePlayer()`; None for the best.
        device: part of its name, or None for the system's choice.
        progress: told how much is spoken.

    Returns:
        What pauses, seeks, steps and stops it, and tells of events; see `Player`.

    Raises:
        VoiceguideError: as `compile`.
        UsageError: it has no such place to start at.
        SinkError: there is no sound device.
    """
    from voiceguide.session.lead import check_lead, make_lead

    preparation = Preparation.of(request, options, voice, speed, mono)
    made, first = preparation.draft, start_frame(preparation, start)
    if start_in is not None:
        check_lead(start_in)
    opener = DeviceOpener(made.request.format, player, device)
    try:
        preparation.start(progress)
        _check_start(start, preparation.until(first))
        lead = make_lead(made, start_in) if start_in is not None else None
        playing = Player(
            preparation,
            opener,
            start=start,
            lead=lead,
            volume=volume,
            device=opener.take_first(),
        )
    except BaseException:
        preparation.stop()
        opener.close()
        raise

    def ended(event: PlayerEvent) -> None:
        if isinstance(event, LAST):
            preparation.stop()

    playing.subscribe(ended)
    playing.start()
    return playing


def _check_start(start: float, known: Playable) -> None:
    length = known.timeline.frames / known.timeline.format.rate
    if known.whole and start >= length:
        raise UsageError(
            f"the session lasts {format_seconds(length)}: "
            f"it cannot start at {format_seconds(start)}"
        )


class DeviceOpener:
    """Finds the player, and opens the device whenever playing begins.

    Args:
        player: by name, or a plug-in; None for the best that works here.
        device: part of its name, or None for the system's choice.

    Raises:
        VoiceguideError: there is no such player or device.
    """

    def __init__(
        self, audio: AudioFormat, player: str | PlayerPlugIn | None, device: str | None
    ) -> None:
        from voiceguide.sinks.players import choose_player

        if player is None or isinstance(player, str):
            player = choose_player(player)
        self._player = player
        self._format = audio
        self._name = device
        # What can fail without a voice does so before anything is spoken.
        self._first: Device | None = self(None)

    def take_first(self) -> Device | None:
        """The device that was opened first, once."""
        device, self._first = self._first, None
        return device

    def close(self) -> None:
        """Let go of a device that nobody took."""
        if (device := self.take_first()) is not None:
            device.abort()

    def __call__(self, frames: int | None) -> Device:
        return self._player.open(self._format, device=self._name, frames=frames)
