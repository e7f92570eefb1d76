"""`voiceguide timeline`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from voiceguide.cli.messages import safe
from voiceguide.cli.output import print_json, print_table, progress_bar
from voiceguide.cli.params import session_options, track_argument
from voiceguide.cli.usage import Command
from voiceguide.errors import UsageError
from voiceguide.units import format_clock, format_seconds

if TYPE_CHECKING:
    from voiceguide.pictures.lanes import Kind, Theme
    from voiceguide.session import Request, Session
    from voiceguide.timeline import Timeline

_EXAMPLE = """\b
Examples:
  voiceguide timeline piriformis --minutes 10 --json
  voiceguide timeline calves --plot calves.svg --sides
"""
_PICTURES = (".svg", ".png", ".html")


@click.command("timeline", cls=Command, epilog=_EXAMPLE)
@track_argument()
@session_options
@click.option("--json", "as_json", is_flag=True, help="All events as JSON, times in seconds.")
@click.option(
    "--plot",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Draw it instead: FILE ends in .svg, .png or .html.",
)
@click.option("--sides", is_flag=True, help="Draw the second side below the first.")
@click.option(
    "--theme",
    type=click.Choice(("light", "dark", "auto")),
    help="Colours of the picture; auto follows the viewer's system. A PNG is light unless you say dark.",
)
@click.option("--force", is_flag=True, help="Replace a picture that is there.")
def command(
    name: str,
    make: Callable[[str], Request],
    as_json: bool,
    plot: Path | None,
    sides: bool,
    theme: Theme | None,
    force: bool,
) -> None:
    """Show what happens when in a session: words, chimes, breaths, intervals."""
    from voiceguide.session import compile  # noqa: A004

    if plot is None:
        for flag, given in (("--sides", sides), ("--theme", theme), ("--force", force)):
            if given:
                raise UsageError(f"{flag} is for a picture: give --plot FILE too")
    else:
        _check_plot(plot, theme, as_json=as_json, force=force)
    with progress_bar(name, quiet=as_json) as progress:
        session = compile(make(name), progress=progress)
    if session.note:
        click.echo(f"Note: {safe(session.note)}.", err=True)
    if plot is not None:
        _plot(session, plot, theme or "auto", sides=sides, force=force)
    elif as_json:
        print_json(session.timeline.to_dict())
    else:
        _print(session.timeline)


def _check_plot(path: Path, theme: Theme | None, *, as_json: bool, force: bool) -> None:
    from voiceguide.sinks.atomic import check_target

    if as_json:
        raise UsageError("--json prints, --plot draws: give one of them")
    kind = path.suffix.lower()
    if kind not in _PICTURES:
        raise UsageError(f'"{path}": the name of a picture ends in .svg, .png or .html')
    if kind == ".png" and theme == "auto":
        raise UsageError("a PNG can't change its colours: give --theme light or --theme dark")
    check_target(path, force=force)


def _plot(session: Session, path: Path, theme: Theme, *, sides: bool, force: bool) -> None:
    from voiceguide.pictures.lanes import drawn
    from voiceguide.sinks.atomic import write_bytes

    kind: Kind = path.suffix.lower()  # type: ignore[assignment]  # checked
    write_bytes(path, drawn(session.timeline, session.title, kind, theme, sides=sides), force=force)
    click.echo(safe(str(path)))


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
