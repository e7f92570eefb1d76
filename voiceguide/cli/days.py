"""Days of the plan as text and JSON, for `today` and `plan`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from voiceguide.cli.choices import both, quoted
from voiceguide.cli.prose import say, say_command

if TYPE_CHECKING:
    from voiceguide.practice.listener import Listener
    from voiceguide.practice.schedule import Day

F = TypeVar("F", bound=Callable[..., Any])


class DayType(click.ParamType[Any]):
    """A day: 2026-03-02, today or tomorrow."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        from datetime import date, timedelta

        if isinstance(value, date):
            return value
        near = {"yesterday": -1, "today": 0, "tomorrow": 1}
        word = value.strip().casefold()
        try:
            if word in near:
                return date.today() + timedelta(days=near[word])
            return date.fromisoformat(word.upper())
        except ValueError:
            self.fail(f'"{value}" is no date; write it as 2026-03-02, or today', param, ctx)


def from_option(what: str) -> Callable[[F], F]:
    """The option --from; `what` says which day it is."""
    return click.option(
        "--from",
        "start",
        type=DayType(),
        default="today",
        metavar="DATE",
        help=f"{what}, as 2026-03-02 or tomorrow; today by default.",
    )


def asked_first() -> int | None:
    """Before days are planned: None where nothing forbids a massage, else the exit code.

    The listener is asked where that was not answered lately, or shown it where nobody can be asked.
    """
    from voiceguide.cli import cautions
    from voiceguide.cli.offer import can_ask
    from voiceguide.cli.signals import Signals

    if not can_ask():
        cautions.show_once()
        return None
    with Signals() as signals:
        return cautions.confirmed(signals)


def tell(day: Day, *, heading: str) -> None:
    """One day: what, why, and the commands."""
    say(f"{heading}: {day.title}", bold=True)
    say(day.why, indent=2)
    if day.muscle is None and day.tasks:
        say("If you like:", indent=2)
    for task in day.tasks:
        length = f", {task.minutes} min" if task.minutes else ""
        say(f"{(task.summary or task.title).rstrip('.')}{length}", indent=2)
        say_command(quoted("play", task.track, task.options), indent=4)
    if day.note:
        say(day.note, indent=2)
    if day.done:
        say("Done already.", indent=2, fg="green")


def tell_unknown(listener: Listener) -> None:
    """On stderr, where the plan is anybody's: how it becomes the listener's own."""
    if not listener.pain:
        text = "You have not said where it hurts, so each muscle has its turn:"
        say(f"{text} voiceguide find --remember asks.", err=True)


def as_dict(day: Day) -> dict[str, Any]:
    """A day as JSON-ready values."""
    return {
        "date": day.day.isoformat(),
        "muscle": day.muscle,
        "title": day.title,
        "why": day.why,
        "minutes": day.minutes,
        "done": day.done,
        "note": day.note,
        "sessions": [
            {"track": task.track, "title": task.title, "minutes": task.minutes}
            | both(task.track, task.options)
            for task in day.tasks
        ],
    }
