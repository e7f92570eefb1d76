"""`voiceguide resume`."""

from __future__ import annotations

import contextlib
import os
from dataclasses import replace

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
    from voiceguide.cli.listening import How, listen
    from voiceguide.errors import NotFoundError
    from voiceguide.player.playable import Playable, sentence_start
    from voiceguide.practice.places import left
    from voiceguide.session.request import request_from_dict

    places = left()
    if not places:
        raise NotFoundError("no session was left half-way: voiceguide play TRACK starts one")
    place = places[0].place
    try:
        kept = How(**place.how)
        if not all(isinstance(name, str | None) for name in (kept.player, kept.device)):
            raise TypeError
        if type(kept.volume) is not int or not 0 <= kept.volume <= 130:
            raise TypeError
    except TypeError:
        kept = How()
    how = replace(
        kept,
        player=player or kept.player,
        device=device or kept.device,
        volume=kept.volume if volume is None else volume,
    )
    with contextlib.suppress(OSError, ValueError):  # it may be there no longer
        os.chdir(place.folder)  # names of files counted from there

    def start(score: Playable) -> int:
        timeline = score.timeline
        frame = min(round(place.seconds * timeline.format.rate), timeline.frames - 1)
        return sentence_start(timeline, max(0, frame))

    return listen(request_from_dict(place.request), how, start, places[0].take)
