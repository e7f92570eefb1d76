"""`voiceguide watch`."""

from __future__ import annotations

from pathlib import Path

import click

_EXAMPLE = """\b
Example:
  voiceguide watch my-session.md
"""


@click.command("watch", epilog=_EXAMPLE)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="Of the address; by default a free one.",
)
@click.option("--no-browser", is_flag=True, help="Only print the address.")
def command(file: Path, port: int, no_browser: bool) -> int:
    """See and hear a script while you write it.

    Opens the page on this one script: what is wrong, the session drawn, the words as they are said.
    Write in the page, or in any editor: what you save there appears at once.
    """
    from voiceguide.web.command import run
    from voiceguide.web.serving import Serving
    from voiceguide.workshop import desk

    name = desk.name_for(file)
    with Serving(port) as serving:
        address = f"{serving.local_address}&to=write/{name}"
        click.echo(f"{file} is at {address}")
        run(serving, address, browser=not no_browser)
    return 0
