"""`voiceguide play`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from voiceguide.cli.params import DurationType, WholeType, session_options, track_argument
from voiceguide.cli.usage import Command
from voiceguide.errors import UsageError

if TYPE_CHECKING:
    from voiceguide.practice.listening import StartAt
    from voiceguide.session import Request

_EXAMPLE = """\b
Examples:
  voiceguide play piriformis
  voiceguide play hamstrings --minutes 10 --sore left --start-in 20s
  voiceguide play evening.md --from 3

\b
Keys: space pauses, left and right skip 15 s, n and p go to the next and
the previous step, r repeats this one, m lengthens what runs by 30 s, 9 and 0
are for the volume, q quits, ? helps.
"""


def list_devices(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    """Print the devices of every player, and end."""
    if not wanted or ctx.resilient_parsing:
        return
    from voiceguide.cli.messages import safe
    from voiceguide.errors import VoiceguideError
    from voiceguide.sinks.players import open_player, player_names

    found = False
    for name in player_names():
        try:
            devices = open_player(name).devices()
        except VoiceguideError:
            continue
        for device in devices:
            found = True
            click.echo(f"{name}\t{safe(device)}")
    if not found:
        click.echo("No device can be told apart here; voiceguide doctor tells more.", err=True)
    ctx.exit()


_LISTENING = (
    click.option(
        "--player",
        metavar="NAME",
        help="miniaudio or simpleaudio; by default the first that works.",
    ),
    click.option(
        "--device",
        metavar="NAME",
        help="Part of a device's name, as --list-devices shows it.",
    ),
    click.option("--volume", type=WholeType(0, 130), metavar="N", help="In per cent, 0 to 130."),
    click.option(
        "--ask-pain",
        is_flag=True,
        help="Ask how the pain is before it starts, as is done when it ends.",
    ),
    click.option(
        "--list-devices",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=list_devices,
        help="Print the sound devices, and end.",
    ),
)


def listening_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say how a session is played."""
    for option in reversed(_LISTENING):
        function = option(function)
    return function


@click.command("play", cls=Command, epilog=_EXAMPLE)
@track_argument()
@click.option(
    "--start-in",
    type=DurationType(),
    metavar="D",
    help="Count down aloud before it starts, such as 20s.",
)
@click.option(
    "--from",
    "begin",
    metavar="STEP|TIME",
    help="Begin at a step's number, or at a time such as 1:30.",
)
@listening_options
@session_options
def command(
    name: str,
    make: Callable[[str], Request],
    start_in: float | None,
    begin: str | None,
    player: str | None,
    device: str | None,
    volume: int | None,
    ask_pain: bool,
) -> int:
    """Play a session, hands-free.

    It goes on by itself to the end. What is heard is what voiceguide export writes.
    """
    from voiceguide.cli.listening import listen
    from voiceguide.practice.listening import Listening, Playback

    if start_in is not None:
        from voiceguide.session.lead import check_lead

        check_lead(start_in)
    playback = Playback(player, device, 100 if volume is None else volume, start_in)
    start = _parse_start(begin) if begin is not None else None
    return listen(lambda: Listening(make(name), playback, start), ask_pain=ask_pain)


def _parse_start(text: str) -> StartAt:
    """`--from`: a step's number, or a time.

    Raises:
        UsageError: it is neither.
    """
    from voiceguide.practice.listening import StartAt
    from voiceguide.units import DurationError, parse_duration

    plain = text.strip()
    if plain.isdecimal() and len(plain) < 10:
        return StartAt(step=int(plain))
    try:
        return StartAt(seconds=parse_duration(plain))
    except DurationError as error:
        raise UsageError(f"--from takes a step's number or a time such as 1:30: {error}") from error
