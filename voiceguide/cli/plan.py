"""`voiceguide plan`."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from voiceguide.cli.answers import listener_options
from voiceguide.cli.days import as_dict, asked_first, from_option, tell, tell_unknown
from voiceguide.cli.messages import safe
from voiceguide.cli.output import print_json
from voiceguide.cli.params import DurationType, WholeType
from voiceguide.cli.prose import blank, note
from voiceguide.cli.usage import Command

if TYPE_CHECKING:
    from voiceguide.practice.listener import Listener

_EXAMPLE = """\b
Examples:
  voiceguide plan --pain lower-back --side left --minutes 15
  voiceguide plan --weeks 2 --ics massage.ics --at 20:00
"""


class _TimeType(click.ParamType[Any]):
    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, time):
            return value
        try:
            return datetime.strptime(value, "%H:%M").time()
        except ValueError:
            self.fail(f'"{value}" is no time of day; write it as 18:30', param, ctx)


@click.command("plan", cls=Command, bare="--pain", epilog=_EXAMPLE)
@listener_options
@from_option("The first day")
@click.option(
    "--weeks",
    type=WholeType(1, 26),
    default=1,
    show_default=True,
    metavar="N",
    help="How many weeks, 1 to 26.",
)
@click.option(
    "--ics", type=click.Path(path_type=Path), metavar="FILE", help="Write it as a calendar file."
)
@click.option(
    "--at",
    type=_TimeType(),
    metavar="HH:MM",
    help="The time of day in the calendar; without, whole days.",
)
@click.option(
    "--remind",
    type=DurationType(),
    metavar="D",
    help="With --at: a reminder so long before, such as 15m.",
)
@click.option("--force", is_flag=True, help="Replace a calendar file that is there.")
@click.option("--json", "as_json", is_flag=True, help="The days as JSON.")
def command(
    listener: Listener,
    start: date,
    weeks: int,
    ics: Path | None,
    at: time | None,
    remind: float | None,
    force: bool,
    as_json: bool,
) -> int:
    """Plan the days to come: one muscle a day, the sore side first, rest after strong work.

    Missed a day? Run plan again; it picks up from your journal.
    """
    from voiceguide.practice import calendar
    from voiceguide.practice.planning import describe, plan_days
    from voiceguide.sinks.atomic import check_target, write_bytes

    if at is not None and ics is None:
        raise click.UsageError("--at is the time in a calendar file: give --ics FILE too")
    if remind is not None and at is None:
        raise click.UsageError("--remind comes before a time of day: give --at HH:MM too")
    if force and ics is None:
        raise click.UsageError("--force replaces a calendar file: give --ics FILE too")
    if ics is not None:
        check_target(ics, force=force)
    if not as_json and (stopped := asked_first()) is not None:
        return stopped
    planned = plan_days(listener, start, weeks * 7)
    note(planned.note)
    days = planned.days
    if ics is not None:
        zone = calendar.local_zone()
        for day in calendar.without(days, at, zone) if at is not None else ():
            note(
                f"there is no {at:%H:%M} on {day.day}, as the clocks go forward: it is an hour later"
            )
        made = calendar.calendar(
            days,
            describe,
            owner=calendar.owner(),
            stamp=datetime.now(UTC),
            at=at,
            zone=zone,
            remind=None if remind is None else timedelta(seconds=remind),
        )
        write_bytes(ics, made, force=force)
    if as_json:
        print_json([as_dict(day) for day in days])
    elif ics is not None:
        click.echo(f"{safe(str(ics))}  {len(days)} days from {start}")
    else:
        for number, day in enumerate(days):
            if number:
                blank()
            tell(day, heading=f"{day.day:%a} {day.day}")
        tell_unknown(listener)
    return 0
