"""`voiceguide timeline`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from voiceguide.cli.messages import safe
from voiceguide.cli.output import print_json, print_table, progress_bar
from voiceguide.cli.params import session_options, track_argument
from voiceguide.cli.usage import Command
from voiceguide.units import format_clock, format_seconds

if TYPE_CHECKING:
    from voiceguide.session import Request
    from voiceguide.timeline import Timeline

_EXAMPLE = """\b
Example:
  voiceguide timeline piriformis --minutes 10 --json
"""


@click.command("timeline", cls=Command, epilog=_EXAMPLE)
@track_argument()
@session_options
@click.option("--json", "as_json", is_flag=True, help="All events as JSON, times in seconds.")
def command(name: str, make: Callable[[str], Request], as_json: bool) -> None:
    """Show what happens when in a session: words, chimes, breaths, intervals."""
    from voiceguide.session import compile  # noqa: A004

    with progress_bar(name, quiet=as_json) as progress:
        session = compile(make(name), progress=progress)
    if session.note:
        click.echo(f"Note: {safe(session.note)}.", err=True)
    if as_json:
        print_json(session.timeline.to_dict())
    else:
        _print(session.timeline)


def _print(timeline: Timeline) -> None:
    rate = timeline.format.rate

    def clock(frame: int) -> str:
        return format_clock(frame / rate, decimals=1)

    rows = []
    chapter = -1
    for event in timeline.events:
        if event.chapter != chapter and event.lane != "background":
            chapter = event.chapter
            begun = timeline.chapters[chapter]
            rows.append((clock(begun.start), "", "chapter", begun.title))
        what = event.text or " ".join(filter(None, (event.label, event.sound)))
        rows.append((clock(event.start), format_seconds(event.frames / rate), event.lane, what))
    rows.append((clock(timeline.frames), "", "end", ""))
    print_table(("start", "lasts", "lane", "what"), rows, right=("start", "lasts"))
