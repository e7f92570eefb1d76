"""Players by name, built in or from other packages, and the choice of one."""

from __future__ import annotations

from voiceguide.errors import MissingError, SinkError, VoiceguideError
from voiceguide.plugins import Found, Registry
from voiceguide.sinks.devices import Player

BUILT_IN = {
    "miniaudio": "voiceguide.sinks.miniaudio_player:Miniaudio",
    "simpleaudio": "voiceguide.sinks.simpleaudio_player:Simpleaudio",
}
"""Name: where the player is; the first that works here is the default."""

PLAYERS: Registry[Player] = Registry("player", "voiceguide.players", BUILT_IN, SinkError)


def player_names() -> tuple[str, ...]:
    """All players that can be named, built-in ones first."""
    return PLAYERS.names()


def open_player(name: str) -> Player:
    """The player of a name, its device not opened yet.

    Raises:
        NotFoundError: there is no such player.
        MissingError: it is not installed; the message names the command that brings it.
        SinkError: it cannot be loaded.
    """
    return PLAYERS.load(name)


def choose_player(name: str | None = None) -> Player:
    """The player that was named, or the first that works here.

    Raises:
        NotFoundError, MissingError: as `open_player`.
        SinkError: none of them finds a device.
    """
    if name is not None:
        return PLAYERS.checked(name)[0]
    problems: list[VoiceguideError] = []
    for known, _ in PLAYERS.defaults():
        try:
            return PLAYERS.checked(known)[0]
        except VoiceguideError as error:
            problems.append(error)
    if problems and all(isinstance(problem, MissingError) for problem in problems):
        raise problems[0]
    raise SinkError(
        "there is no sound device here to play on: "
        "plug one in, or make a file with voiceguide export"
    )


def players() -> tuple[Found, ...]:
    """Every player and whether it can be heard here."""
    return PLAYERS.survey()
