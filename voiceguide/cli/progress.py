"""`voiceguide progress`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from voiceguide.cli.days import DayType
from voiceguide.cli.messages import safe
from voiceguide.cli.output import print_json
from voiceguide.cli.prose import blank, columns, say, unicode
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
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE",
    help="Write it as a picture, PNG or SVG.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON.")
def command(since: date | None, output: Path | None, force: bool, as_json: bool) -> None:
    """Show pain and sessions over time, from the journal.

    Nothing is sent anywhere: the journal and the picture stay on this machine.
    """
    from voiceguide.cli.answers import journal_records
    from voiceguide.pictures import chart

    if force and output is None:
        raise UsageError("--force replaces a picture: give -o FILE too")
    kind = output.suffix.lower() if output else ""
    if output and kind not in (".png", ".svg"):
        raise UsageError(
            f'"{output}": the picture is a PNG or an SVG; end its name in .png or .svg'
        )
    points = [
        chart.Point(r.started, r.seconds / 60, r.pain_before, r.pain_after)
        for r in journal_records()
        if since is None or r.day >= since
    ]
    if not points and not output:
        if as_json:
            print_json({"sessions": 0})
        else:
            click.echo("The journal has no session in that time yet.", err=True)
        return
    found = chart.summary(points)
    if output:
        _write(output, chart.png(points) if kind == ".png" else chart.svg(points).encode(), force)
    if as_json:
        unit, counted = chart.buckets(points)
        print_json(
            {
                "sessions": found.sessions, "minutes": round(found.minutes, 1),
                "first": found.first.isoformat(), "last": found.last.isoformat(),
                "pain_before": found.pain_before, "pain_after": found.pain_after,
                f"by_{unit}": [{"start": b.start.isoformat(), "sessions": b.sessions} for b in counted],
            }
        )  # fmt: skip
    elif output:
        click.echo(safe(str(output)))
    else:
        for sentence in found.sentences():
            say(sentence)
        blank()
        click.echo(chart.text(points, columns(), unicode=unicode()), nl=False)


def _write(path: Path, data: bytes, force: bool) -> None:
    from voiceguide.sinks.atomic import AtomicFile

    part = AtomicFile(path, force=force)
    try:
        with part.errors():
            part.stream.write(data)
    except BaseException:
        part.discard()
        raise
    part.commit()
