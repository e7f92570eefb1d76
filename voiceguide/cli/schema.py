"""`voiceguide schema`."""

from __future__ import annotations

import click

from voiceguide.cli.output import print_json
from voiceguide.cli.usage import Command

_EXAMPLE = """\b
Example:
  voiceguide schema > front-matter.schema.json
"""


@click.command("schema", cls=Command, epilog=_EXAMPLE)
def command() -> None:
    """Print the JSON Schema of a script's front matter, for editors to complete and check it."""
    from voiceguide.library.environment import LibraryEnvironment
    from voiceguide.script.schema import front_matter_schema

    print_json(front_matter_schema(LibraryEnvironment(listing=True)))
