"""`voiceguide today`."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from voiceguide.cli.answers import listener_options
from voiceguide.cli.days import as_dict, asked_first, from_option, tell, tell_unknown
from voiceguide.cli.output import print_json
from voiceguide.cli.prose import note
from voiceguide.cli.usage import Command

if TYPE_CHECKING:
    from voiceguide.practice.listener import Listener

_EXAMPLE = """\b
Example:
  voiceguide today --pain buttock --side left --minutes 15 --remember
"""


@click.command("today", cls=Command, bare="--pain", epilog=_EXAMPLE)
@listener_options
@from_option("The day")
@click.option("--json", "as_json", is_flag=True, help="The day as JSON.")
def command(listener: Listener, start: date, as_json: bool) -> int:
    """Tell what to work today: one muscle, or a day of rest.

    It follows from what you answered (with voiceguide find --remember, or by options) and from
    what the journal says was done.
    """
    from voiceguide.practice.planning import plan_days

    if not as_json and (stopped := asked_first()) is not None:
        return stopped
    planned = plan_days(listener, start)
    note(planned.note)
    (day,) = planned.days
    if as_json:
        print_json(as_dict(day))
    else:
        tell(day, heading="Today" if start == date.today() else f"{start:%A}, {start}")
        tell_unknown(listener)
    return 0
