"""`voiceguide resume`."""

from __future__ import annotations

import click

from voiceguide.cli.play import player_options
from voiceguide.cli.usage import Command

_EXAMPLE = """\b
Example:
  voiceguide resume
"""


@click.command("resume", cls=Command, epilog=_EXAMPLE)
@player_options
def command(player: str | None, device: str | None, volume: int | None) -> int:
    """Go on where the last session was left, with its options.

    A sentence that was cut is said again from its beginning. A session that is being played
    elsewhere, or that was heard to its end, is not gone on with.
    """
    from voiceguide.cli.listening import listen
    from voiceguide.errors import NotFoundError
    from voiceguide.practice.listening import resumed
    from voiceguide.practice.places import left

    places = left()
    if not places:
        raise NotFoundError("no session was left half-way: voiceguide play TRACK starts one")
    return listen(lambda: resumed(places[0], player=player, device=device, volume=volume))
