"""`voiceguide voices`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from voiceguide.cli.messages import safe
from voiceguide.cli.offer import agreed, can_ask
from voiceguide.cli.output import print_json, print_table, progress_bar
from voiceguide.cli.usage import Command
from voiceguide.errors import UsageError

if TYPE_CHECKING:
    from voiceguide.speech.base import VoiceInfo

_EXAMPLE = """\b
Examples:
  voiceguide voices
  voiceguide voices --install natural:emma
"""
_MANY = 10
"""An engine with more voices is one line, unless they are asked for."""


@click.command("voices", cls=Command, bare="--language", epilog=_EXAMPLE)
@click.option("--language", metavar="TAG", help="Only voices that speak this language, such as en.")
@click.option("--all", "everything", is_flag=True, help="Every voice of every engine.")
@click.option(
    "--install",
    "wanted",
    metavar="ENGINE:NAME",
    help="Fetch the file of a voice from the network, after asking.",
)
@click.option("--yes", "sure", is_flag=True, help="With --install: fetch it without asking.")
@click.option("--json", "as_json", is_flag=True, help="The list as JSON.")
def command(
    language: str | None, everything: bool, wanted: str | None, sure: bool, as_json: bool
) -> int:
    """Show the voices that can be used here, and the command that brings each of the others.

    Scripts are in English. Nothing but --install touches the network.
    """
    from voiceguide.speech.base import same_language
    from voiceguide.speech.registry import voices

    if wanted is not None:
        if language is not None or everything or as_json:
            raise UsageError("--install fetches one voice: leave the other options out")
        return _install(wanted, sure)
    if sure:
        raise UsageError("--yes goes with --install")
    found = [v for v in voices() if language is None or same_language(v.language, language)]
    if as_json:
        print_json([asdict(voice) for voice in found])
        return 0
    print_table(
        ("voice", "language", "licence", "ready", "about"),
        _rows(found, together=not everything and language is None),
        spare=("licence", "language"),
        least=15,
    )
    if not found:
        click.echo(f'No voice speaks "{language}".', err=True)
    return 0


def _rows(found: Iterable[VoiceInfo], *, together: bool) -> Iterator[tuple[str, ...]]:
    """A row for each voice, those that are ready first; or for each engine of very many."""
    found = sorted(found, key=lambda voice: not voice.ready)
    number = Counter(voice.engine for voice in found)
    told = set()
    for v in found:
        ready = "yes" if v.ready else "no"
        if together and number[v.engine] > _MANY:
            if v.engine not in told:
                told.add(v.engine)
                about = f"{number[v.engine]} voices: voiceguide voices --all lists them"
                yield (v.engine, "many", v.licence, ready, about)
            continue
        name = f"{v.engine}:{v.name}" if v.name else v.engine
        yield (name, v.language, v.licence, ready, v.note if v.ready else v.how or v.note)


def _install(wanted: str, sure: bool) -> int:
    """Fetch a voice, after its size and licence were told and somebody agreed."""
    from voiceguide.speech.registry import fetch, offer

    found = offer(wanted)
    if found is None:
        click.echo(f"{safe(wanted)} is ready: voiceguide play TRACK --voice {safe(wanted)}")
        return 0
    size = f"{found.size / 1e6:.1f} MB"
    click.echo(f"{found.voice}: {size} from {found.address}, licence {found.licence}.", err=True)
    if not sure:
        if not can_ask():
            raise UsageError("there is no terminal to ask at: --yes fetches it")
        if not agreed("Fetch it now?"):
            click.echo("Nothing was fetched.", err=True)
            return 1
    with progress_bar(found.voice) as progress:
        told = None
        if progress is not None:
            bar = progress

            def told(done: int, total: int) -> None:
                bar("fetching", done, total)

        path = fetch(wanted, told)
    click.echo(safe(str(path)))
    return 0
