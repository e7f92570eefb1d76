"""`voiceguide tracks`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import click

from voiceguide.cli.messages import safe
from voiceguide.cli.output import print_json, print_table
from voiceguide.cli.params import comma, completed, muscle_option
from voiceguide.cli.usage import Command

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
    from voiceguide.library import catalogue
    from voiceguide.library.tracks import entries

    found = entries()
    tools = {t for entry in found for t in entry.front.tools} | set(catalogue.tools())
    muscle = _one_of(muscle, "muscle", {m.id: m.name for m in catalogue.muscles().values()})
    kind = _one_of(kind, "kind", {name: name for name in catalogue.kinds()})
    tool = _one_of(tool, "tool", {name: name for name in tools})
    chosen = [
        entry
        for entry in found
        if (muscle is None or muscle in entry.front.muscles)
        and (tool is None or tool in entry.front.tools)
        and (kind is None or kind == entry.front.kind)
    ]
    if as_json:
        print_json(
            [
                {
                    "name": e.track.name, "title": e.title, "kind": e.front.kind,
                    "muscles": list(e.front.muscles), "tools": list(e.front.tools),
                    "position": e.front.position, "level": e.front.level,
                    "summary": e.front.summary, "length": e.front.length,
                    "origin": e.track.origin, "path": str(e.track.path), "problem": e.problem,
                }
                for e in chosen
            ]
        )  # fmt: skip
        return
    for entry in chosen:
        if entry.problem:
            click.echo(f"Warning: {safe(entry.problem)}; voiceguide check tells more", err=True)
    from voiceguide.units import format_seconds

    print_table(
        ("track", "kind", "muscles", "tools", "usual", "what it is"),
        (
            (
                e.track.name, e.front.kind, comma(e.front.muscles), comma(e.front.tools),
                format_seconds(e.front.length) if e.front.length else "-",
                (e.front.summary or e.title) + _yours(e),
            )
            for e in chosen
        ),
        right=("usual",), spare=("muscles", "kind", "tools"),
    )  # fmt: skip
    if not chosen:
        click.echo("No track is like that; voiceguide tracks lists them all.", err=True)


def _yours(entry: Entry) -> str:
    if entry.track.origin != "own":
        return ""
    return " (yours, broken)" if entry.problem else " (yours)"


def _one_of(value: str | None, what: str, known: Mapping[str, str]) -> str | None:
    from voiceguide.practice.finder import choose

    return None if value is None else choose(value, dict(sorted(known.items())), what)
