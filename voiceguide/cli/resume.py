"""`voiceguide resume`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from voiceguide.cli.messages import safe
from voiceguide.cli.params import complete_tracks
from voiceguide.cli.play import listening_options
from voiceguide.cli.usage import Command

if TYPE_CHECKING:
    from voiceguide.practice.places import LeftPlace

_EXAMPLE = """\b
Examples:
  voiceguide resume
  voiceguide resume piriformis
  voiceguide resume --list
"""


@click.command("resume", cls=Command, epilog=_EXAMPLE)
@click.argument("name", required=False, metavar="[TRACK]", shell_complete=complete_tracks)
@click.option("--list", "as_list", is_flag=True, help="Print what can be resumed, and end.")
@listening_options
def command(
    name: str | None,
    as_list: bool,
    player: str | None,
    device: str | None,
    volume: int | None,
    ask_pain: bool,
) -> int:
    """Continue where a session was stopped, with its options: the latest one, or a track's.

    A sentence that was cut off is said again. Finished sessions can't be resumed, nor those that
    are playing right now.
    """
    from voiceguide.cli.listening import listen
    from voiceguide.cli.prose import note
    from voiceguide.errors import NotFoundError
    from voiceguide.practice.listening import resumed
    from voiceguide.practice.places import read
    from voiceguide.practice.remembering import track_key

    found = read()
    note(found.note)
    places = found.places
    if as_list:
        return _list(places)
    if name is not None:
        key = track_key(name)
        places = tuple(entry for entry in places if entry.place.track == key)
        if not places:
            raise NotFoundError(f'"{name}" was not stopped halfway: voiceguide play starts it')
    if not places:
        raise NotFoundError("no session was stopped halfway: voiceguide play TRACK starts one")
    note(places[0].note)
    return listen(
        lambda: resumed(places[0], player=player, device=device, volume=volume), ask_pain=ask_pain
    )


def _list(places: tuple[LeftPlace, ...]) -> int:
    from voiceguide.cli.output import print_table
    from voiceguide.units import format_clock

    if not places:
        click.echo("No session was stopped halfway.", err=True)
        return 0
    rows = [
        [
            safe(Path(entry.place.track).stem),
            f"{format_clock(entry.place.seconds)} of {format_clock(entry.place.of)}",
            f"{datetime.fromtimestamp(entry.place.when):%Y-%m-%d %H:%M}",
        ]
        for entry in places
    ]
    print_table(["track", "place", "when"], rows)
    return 0
