"""`voiceguide serve`."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import click

from voiceguide.errors import VoiceguideError

if TYPE_CHECKING:
    from voiceguide.web.serving import Serving

_EXAMPLE = """\b
Example:
  voiceguide serve
  voiceguide serve --lan
"""
PORT = 8737


@click.command("serve", epilog=_EXAMPLE)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=PORT,
    show_default=True,
    help="Of the address.",
)
@click.option("--lan", is_flag=True, help="Let phones in your home network in, by a code.")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.option(
    "--https",
    nargs=2,
    type=click.Path(path_type=Path),
    metavar="CERT KEY",
    help="Files of a certificate that your phone trusts, and of its key.",
)
@click.option(
    "--name",
    "names",
    multiple=True,
    metavar="HOST",
    help="A further name that this computer is reached by, such as the one in the certificate.",
)
def command(
    port: int,
    lan: bool,
    no_browser: bool,
    https: tuple[Path, Path] | None,
    names: tuple[str, ...],
) -> int:
    """Open the page in your browser, and on your phone.

    Sessions play in the browser; the journal, the places and your answers are the same as here.
    Without --lan only this computer can open it.
    """
    from voiceguide.web.serving import Serving

    serving = Serving(port, lan=lan, https=https, names=names)
    with serving:
        click.echo(f"voiceguide is at {serving.local_address}")
        if lan:
            _tell_lan(serving)
        else:
            click.echo("Only this computer can open it; --lan lets your phone in, too.", err=True)
        run(serving, serving.local_address, browser=not no_browser)
    return 0


def run(serving: Serving, address: str, *, browser: bool) -> None:
    """Answer until Ctrl-C, with an address opened in the browser where that is wanted."""
    click.echo("Press Ctrl-C to end it.", err=True)
    if browser and sys.stdout.isatty():
        click.launch(address)
    Thread(target=_warm, name="warm", daemon=True).start()
    serving.run()
    click.echo("Ended.", err=True)


def _warm() -> None:
    """Read what the first screen shows, while the browser opens."""
    from voiceguide.page import home, library

    with contextlib.suppress(VoiceguideError):
        home.home_to_dict()
        library.catalogue_to_dict()


def _tell_lan(serving: Serving) -> None:
    address = serving.address()
    if address is None:
        click.echo(
            "This computer is in no network, so no phone can reach it: join one and start again.",
            err=True,
        )
        return
    import segno

    code, lasts = serving.passes.invite()
    url = f"{address}#pair={code}"
    click.echo(f"\nOn your phone, in the same network, scan this or open {address}")
    click.echo(
        f"and type the code {code[:4]}-{code[4:]}. It works once, for {lasts / 60:.0f} minutes.\n"
    )
    if sys.stdout.isatty():
        segno.make(url, error="l").terminal(compact=True)
    if serving.note:
        click.echo(serving.note, err=True)
