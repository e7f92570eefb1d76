"""What a bare `voiceguide` offers on a terminal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import click

from voiceguide.cli.messages import safe
from voiceguide.cli.offer import answer
from voiceguide.cli.prose import blank, note, say
from voiceguide.units import format_clock


def welcome(run: Callable[[list[str]], int]) -> int:
    """Ask what to do, and do it; returns the exit code.

    Args:
        run: runs a command of so many words.
    """
    offers: list[tuple[str, Callable[[], int]]] = []
    if (left := _left()) is not None:
        offers.append((left, lambda: run(["resume"])))
    offers += [
        ("Play what is due today", _today),
        ("Find what to work: say where it hurts", lambda: run(["find"])),
        ("List all tracks", lambda: run(["tracks"])),
    ]
    say("What would you like to do?", err=True, bold=True)
    for number, (text, _) in enumerate(offers, 1):
        say(text, first=f"{number:>2}", hang=4, err=True)
    say("voiceguide --help lists all commands.", err=True, dim=True)
    said = answer(f"1 to {len(offers)}, or Enter to leave")
    if not said.isdecimal() or not 1 <= int(said) <= len(offers):
        return 0
    blank(err=True)
    return offers[int(said) - 1][1]()


def _left() -> str | None:
    """The session that can be resumed, in words."""
    from voiceguide.practice.places import left

    places = left()
    if not places:
        return None
    place = places[0].place
    at = f"{format_clock(place.seconds)} of {format_clock(place.of)}"
    return f"Resume {safe(place.title)} at {at}"


def _today() -> int:
    """Tell what is due today, and offer to play it."""
    from voiceguide.cli.days import asked_first, tell, tell_unknown
    from voiceguide.cli.offer import offer_play
    from voiceguide.practice.listener import Listener, recall
    from voiceguide.practice.planning import plan_days

    if (stopped := asked_first()) is not None:
        return stopped
    listener = recall(note) or Listener()
    planned = plan_days(listener, date.today())
    note(planned.note)
    (day,) = planned.days
    tell(day, heading="Today")
    tell_unknown(listener)
    click.echo(err=True)
    return offer_play([(task.track, task.options) for task in day.tasks])
