"""`voiceguide tracks`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from voiceguide.cli.messages import safe
from voiceguide.cli.output import print_json, print_table
from voiceguide.cli.params import comma, completed, muscle_option
from voiceguide.cli.usage import Command
from voiceguide.units import format_seconds

if TYPE_CHECKING:
    from voiceguide.library.tracks import Entry

_EXAMPLE = """\b
Example:
  voiceguide tracks --muscle piriformis --kind release
"""


def _kinds() -> Iterable[str]:
    from voiceguide.library import catalogue

    return catalogue.kinds()


@click.command("tracks", cls=Command, bare="--muscle", epilog=_EXAMPLE)
@muscle_option("Only tracks for this muscle.")
@click.option("--tool", metavar="T", help="Only tracks that can be done with this tool.")
@click.option(
    "--kind",
    metavar="K",
    shell_complete=completed(_kinds),
    help="Only tracks of this kind: release, find, warm-up, stretch, breathing, check-in or routine.",
)
@click.option("--json", "as_json", is_flag=True, help="The list as JSON.")
def command(muscle: str | None, tool: str | None, kind: str | None, as_json: bool) -> None:
    """List the tracks, built-in ones and your own."""
    from voiceguide.library.tracks import NOT_READ, linked_folders
    from voiceguide.practice.known_lengths import usual_lengths
    from voiceguide.practice.tracks import choose_tracks, group_of, to_dict

    chosen = choose_tracks(muscle, tool, kind)
    known = usual_lengths(chosen)
    if as_json:
        print_json([to_dict(entry, known.get(entry.track.ref)) for entry in chosen])
        return
    for entry in chosen:
        if entry.problem:
            click.echo(f"Warning: {safe(entry.problem)}; voiceguide check tells more", err=True)
    print_table(
        ("track", "kind", "muscles", "tools", "usual", "what it is"),
        (_row(entry, known.get(entry.track.ref)) for entry in chosen),
        right=("usual",),
        spare=("muscles", "kind", "tools"),
        least=44,
        groups=[group_of(entry) for entry in chosen],
    )
    for path in linked_folders():
        click.echo(f'Note: "{safe(str(path))}" is a link to a folder, and {NOT_READ}.', err=True)
    if not chosen:
        click.echo("No track is like that; voiceguide tracks lists them all.", err=True)


def _row(entry: Entry, length: float | None) -> tuple[str, ...]:
    front = entry.front
    usual = format_seconds(round(length)) if length else "-"
    about = (front.summary or entry.title) + _yours(entry)
    return entry.track.ref, front.kind, comma(front.muscles), comma(front.tools), usual, about


def _yours(entry: Entry) -> str:
    if entry.track.origin != "own":
        return ""
    return " (yours, broken)" if entry.problem else " (yours)"
