"""`voiceguide schema`."""

from __future__ import annotations

import click

from voiceguide.cli.output import print_json
from voiceguide.cli.params import NamedChoice
from voiceguide.cli.usage import Command

_EXAMPLE = """\b
Examples:
  voiceguide schema > front-matter.schema.json
  voiceguide schema timeline
"""
_KINDS = ("front-matter", "timeline")


@click.command("schema", cls=Command, epilog=_EXAMPLE)
@click.argument("kind", type=NamedChoice(_KINDS), default=_KINDS[0], metavar="[KIND]")
def command(kind: str) -> None:
    """Print the JSON Schema of a script's front matter, for editors to complete and check it.

    With "timeline", that of what voiceguide timeline --json prints.
    """
    if kind == "timeline":
        from voiceguide.timeline.schema import timeline_schema

        print_json(timeline_schema())
        return
    from voiceguide.library.environment import LibraryEnvironment
    from voiceguide.script.schema import front_matter_schema

    print_json(front_matter_schema(LibraryEnvironment(listing=True)))
