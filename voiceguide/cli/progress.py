"""`voiceguide progress`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from voiceguide.cli.days import DayType
from voiceguide.cli.messages import safe
from voiceguide.cli.output import print_json
from voiceguide.cli.prose import blank, columns, note, say, unicode
from voiceguide.cli.usage import Command
from voiceguide.errors import UsageError

_EXAMPLE = """\b
Examples:
  voiceguide progress
  voiceguide progress --since 2026-01-01 -o progress.png
"""


@click.command("progress", cls=Command, epilog=_EXAMPLE)
@click.option("--since", type=DayType(), metavar="DATE", help="Only sessions from that day on.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write it as a picture, PNG or SVG.",
)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON.")
def command(since: date | None, output: Path | None, force: bool, as_json: bool) -> None:
    """Show pain and sessions over time, from the journal.

    Nothing is sent anywhere: the journal and the picture stay on this machine.
    """
    from voiceguide.pictures import chart
    from voiceguide.practice import journal
    from voiceguide.practice.progress import check_picture, points, to_dict, write_picture

    if force and output is None:
        raise UsageError("--force replaces a picture: give -o FILE too")
    if output:
        check_picture(output)
    past = journal.read()
    note(past.note)
    shown = points(past.records, since)
    if output:
        write_picture(output, shown, force=force)
    if as_json:
        print_json(to_dict(shown))
    elif output:
        click.echo(safe(str(output)))
    elif not shown:
        click.echo("The journal has no session in that time yet.", err=True)
    else:
        for sentence in chart.summary(shown).sentences():
            say(sentence)
        blank()
        click.echo(chart.text(shown, columns(), unicode=unicode()), nl=False)
