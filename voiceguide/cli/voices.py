"""`voiceguide voices`."""

from __future__ import annotations

from dataclasses import asdict

import click

from voiceguide.cli.output import print_json, print_table
from voiceguide.cli.usage import Command

_EXAMPLE = """\b
Example:
  voiceguide voices --language en
"""


@click.command("voices", cls=Command, bare="--language", epilog=_EXAMPLE)
@click.option("--language", metavar="TAG", help="Only voices that speak this language, such as en.")
@click.option("--json", "as_json", is_flag=True, help="The list as JSON.")
def command(language: str | None, as_json: bool) -> None:
    """List the voices, their language, their licence, and whether they are ready."""
    from voiceguide.speech.base import same_language
    from voiceguide.speech.registry import voices

    found = [v for v in voices() if language is None or same_language(v.language, language)]
    if as_json:
        print_json([asdict(voice) for voice in found])
        return
    print_table(
        ("voice", "language", "licence", "ready", "about"),
        (
            (
                f"{v.engine}:{v.name}" if v.name else v.engine,
                v.language,
                v.licence,
                "yes" if v.ready else "no",
                v.note if v.ready else v.how or v.note,
            )
            for v in found
        ),
        spare=("licence", "language"),
        least=15,
    )
    if not found:
        click.echo(f'No voice speaks "{language}".', err=True)
