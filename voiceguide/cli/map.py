"""`voiceguide map`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from voiceguide.cli.messages import safe
from voiceguide.cli.params import muscle_option
from voiceguide.cli.prose import say
from voiceguide.cli.usage import Command
from voiceguide.errors import UsageError

_EXAMPLE = """\b
Examples:
  voiceguide map --muscle piriformis
  voiceguide map -o body.svg
"""


@click.command("map", cls=Command, bare="--muscle", epilog=_EXAMPLE)
@muscle_option("Light up one muscle, and where its pain is felt.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE.svg",
    help="Write the picture as SVG; - for standard output.",
)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def command(muscle: str | None, output: Path | None, force: bool) -> None:
    """Show the muscles on the body, front and back, and where their pain is felt."""
    from voiceguide.library import catalogue
    from voiceguide.pictures import body
    from voiceguide.practice.tracks import muscle_id
    from voiceguide.sinks.atomic import write_text

    if force and output is None:
        raise UsageError("--force replaces a picture: give -o FILE too")
    muscles = catalogue.muscles()
    if muscle is not None:
        muscle = muscle_id(muscle)
    if output is None:
        draw(muscle)
        if muscle is None:
            say("The muscles; --muscle NAME lights one up, and where its pain is felt.", bold=True)
        for each in [muscles[muscle]] if muscle else muscles.values():
            say(f"{each.name.capitalize()}: {each.where}", hang=2)
            if muscle:
                say(f"Its pain is felt: {each.felt[0].lower()}{each.felt[1:]}", hang=2)
    elif str(output) == "-":
        click.echo(body.body_svg(muscle), nl=False)
    elif output.suffix.lower() != ".svg":
        raise UsageError(f'"{output}": the picture is an SVG, so its name ends in .svg')
    else:
        write_text(output, body.body_svg(muscle), force=force)
        click.echo(safe(str(output)))


def draw(muscle: str | None, *, widest: int | None = None) -> None:
    """The body as text on stdout, as well as the terminal can, at most so many columns wide."""
    from voiceguide.cli.params import color
    from voiceguide.cli.prose import columns, unicode
    from voiceguide.pictures.terminal import terminal

    wanted = color()
    coloured = sys.stdout.isatty() if wanted is None else wanted
    room = min(columns(), widest or columns())
    click.echo(terminal(muscle, room, color=coloured, unicode=unicode()), nl=False)
