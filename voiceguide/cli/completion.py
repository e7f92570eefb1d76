"""`voiceguide completion`."""

from __future__ import annotations

import click

from voiceguide.cli.params import NamedChoice
from voiceguide.cli.usage import Command

_EXAMPLE = """\b
Example, for bash:
  voiceguide completion bash >> ~/.bashrc
"""


@click.command("completion", cls=Command, epilog=_EXAMPLE)
@click.argument("shell", type=NamedChoice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell: commands, options and track names."""
    from click.shell_completion import get_completion_class

    made = get_completion_class(shell)
    assert made is not None
    complete = made(ctx.find_root().command, {}, "voiceguide", "_VOICEGUIDE_COMPLETE")
    click.echo(complete.source())
