"""`voiceguide timeline`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

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
        print_json(as_dict(session.timeline))
    else:
        _print(session.timeline)


def as_dict(timeline: Timeline) -> dict[str, Any]:
    """The timeline as JSON-ready values, in seconds."""
    rate = timeline.format.rate

    def seconds(frames: int) -> float:
        return round(frames / rate, 6)

    return {
        "duration": seconds(timeline.frames),
        "sample_rate": rate,
        "frames": timeline.frames,
        "chapters": [
            {"title": c.title, "start": seconds(c.start), "end": seconds(c.end)}
            for c in timeline.chapters
        ],
        "events": [
            {
                "lane": e.lane,
                "start": seconds(e.start),
                "duration": seconds(e.frames),
                **({"text": e.text} if e.text is not None else {}),
                **({"sound": e.sound} if e.sound is not None else {}),
                **({"label": e.label} if e.label is not None else {}),
                "line": e.location.line if e.location else None,
                "file": e.location.source if e.location else None,
                "chapter": e.chapter,
                "side": e.side,
            }
            for e in timeline.events
        ],
    }


def _print(timeline: Timeline) -> None:
    rate = timeline.format.rate
    rows = []
    chapter = -1
    for event in timeline.events:
        if event.chapter != chapter and event.lane != "background":
            chapter = event.chapter
            title = timeline.chapters[chapter].title
            rows.append(
                (
                    format_clock(timeline.chapters[chapter].start / rate, decimals=1),
                    "",
                    "chapter",
                    title,
                )
            )
        what = event.text or " ".join(filter(None, (event.label, event.sound)))
        rows.append(
            (
                format_clock(event.start / rate, decimals=1),
                format_seconds(event.frames / rate),
                event.lane,
                what,
            )
        )
    rows.append((format_clock(timeline.frames / rate, decimals=1), "", "end", ""))
    print_table(("start", "lasts", "lane", "what"), rows, right=("start", "lasts"))
