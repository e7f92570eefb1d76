"""`voiceguide show`."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from typing import Any

import click

from voiceguide.cli.messages import safe, width, wrapped
from voiceguide.cli.output import print_json, progress_bar
from voiceguide.cli.params import comma, track_argument
from voiceguide.cli.prose import reach_texts
from voiceguide.cli.usage import Command
from voiceguide.units import format_clock

_EXAMPLE = """\b
Example:
  voiceguide show piriformis
"""
_LEVELS = {
    "emergency": "Stop and get help at once",
    "do not start": "Do not start with",
    "ask first": "Ask a doctor first with",
    "during": "While you work",
}


@click.command("show", cls=Command, epilog=_EXAMPLE)
@track_argument()
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
def command(name: str, as_json: bool) -> None:
    """Tell what a track is for, its cautions, steps, lengths and tools."""
    from voiceguide.practice.tracks import cautions, muscle_facts
    from voiceguide.session import compile, reach  # noqa: A004

    with progress_bar(name, quiet=as_json) as progress:
        session = compile(name, progress=progress)
        lengths = reach(session, progress=progress)
    track, front = session.loaded.track, session.script.front
    rate = session.timeline.format.rate
    data: dict[str, Any] = {
        "name": track.name if track else name,
        "title": session.script.title,
        "summary": front.summary,
        "kind": front.kind,
        "level": front.level,
        "position": front.position,
        "muscles": [muscle_facts(m) for m in front.muscles],
        "tools": list(front.tools),
        "length": {
            "shortest": lengths.shortest,
            "usual": session.seconds,
            "longest": lengths.longest,
        },
        "cautions": [asdict(mind) for mind in cautions(front.cautions)],
        "steps": [
            {"title": c.title, "start": c.start / rate, "notes": list(c.notes)}
            for c in session.timeline.chapters
        ],
    }
    if as_json:
        print_json(data)
    else:
        _print(data)


def _can_draw() -> bool:
    from voiceguide.cli.prose import unicode

    return sys.stdout.isatty() and unicode() and os.environ.get("TERM", "") != "dumb"


def _print(data: dict[str, Any]) -> None:
    columns = width(sys.stdout)

    def text(words: str, indent: int = 0) -> None:
        click.echo(wrapped(safe(words), columns, indent=indent))

    def line(head: str, words: str) -> None:
        filled = wrapped(f"{head}: {safe(words)}", columns, indent=4)
        click.echo(filled.replace(f"{head}:", click.style(f"{head}:", bold=True), 1))

    click.echo(click.style(safe(data["title"]), bold=True))
    if data["summary"]:
        text(data["summary"])
    click.echo()
    text(f"Type: {data['kind']}. Level: {data['level']}.")
    if data["position"]:
        line("Position", data["position"])
    if data["tools"]:
        line("Tools", comma(data["tools"]))
    lengths = data["length"]
    shortest, usual, longest = reach_texts(*(lengths[k] for k in ("shortest", "usual", "longest")))
    elastic = f"{usual}; from {shortest} to {longest} with --length"
    line("Length", f"always {usual}" if shortest == longest else elastic)
    for muscle in data["muscles"]:
        click.echo()
        line(muscle["name"].capitalize(), muscle["where"])
        line("  Felt at", muscle["felt"])
        line("  To find it", muscle["find"])
        for caution in muscle["mind"]:
            line("  Mind", caution)
    if 0 < len(data["muscles"]) <= 2 and _can_draw():
        from voiceguide.cli.map import draw

        click.echo()
        draw(data["muscles"][0]["id"], widest=64)
    click.echo()
    level = None
    for caution in data["cautions"]:
        if caution["level"] != level:
            level = caution["level"]
            click.echo(click.style(f"{_LEVELS.get(level, level)}:", bold=True))
        text(f"  - {caution['text']}", 4)
    click.echo("This is not medical advice.")
    click.echo()
    click.echo(click.style("Steps:", bold=True))
    for step in data["steps"]:
        text(f"  {format_clock(step['start']):>6}  {step['title']}", 10)
        for note in step["notes"]:
            text(f"          {note}", 10)
