"""`voiceguide fmt`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from voiceguide.cli.messages import report, safe
from voiceguide.cli.usage import Command

if TYPE_CHECKING:
    from voiceguide.workshop.formatting import Formatted

_EXAMPLE = """\b
Examples:
  voiceguide fmt my-session.md
  voiceguide fmt --write *.md
  voiceguide fmt --check scripts/*.md
"""


@click.command("fmt", cls=Command, epilog=_EXAMPLE)
@click.argument("names", metavar="FILE...", nargs=-1, required=True)
@click.option("--check", is_flag=True, help="Only tell which files would change.")
@click.option("--diff", is_flag=True, help="Show what would change.")
@click.option("--write", is_flag=True, help="Change the files.")
def command(names: tuple[str, ...], check: bool, diff: bool, write: bool) -> int:
    """Bring scripts into one form; what is said, and when, stays the same.

    Prints the script, unless told to do otherwise. Comments stay. Where a script has mistakes of mere
    form, such as another list mark, they are fixed, and what is left to you is listed. --check exits
    with 1 when a file would change.
    """
    from voiceguide.errors import VoiceguideError
    from voiceguide.library.environment import LibraryEnvironment, read_source
    from voiceguide.workshop.formatting import formatted

    if check + diff + write > 1:
        raise click.UsageError("--check, --diff and --write are three ways: choose one")
    environment = LibraryEnvironment()
    code = 0
    for name in names:
        path = Path(name)
        try:
            read_source(path)  # what is no script is refused here
            was = path.read_bytes().decode("utf-8")
            made = formatted(was, path, environment)
            if write and made.text != was:
                from voiceguide.sinks.atomic import write_text

                write_text(path, made.text, force=True)
        except VoiceguideError as error:
            if len(names) == 1:
                raise
            report(error)
            code = max(code, error.exit_code)
            continue
        changed = made.text != was
        if check or write:
            if changed:
                told = "would change" if check else "formatted"
                click.echo(f"{safe(name)}: {told}", err=write)
            code = max(code, int(check and changed))
        elif diff:
            _show_difference(name, was, made.text)
        else:
            click.echo(made.text, nl=False)
        _tell_left(made)
    return code


def _show_difference(name: str, was: str, now: str) -> None:
    import difflib

    lines = difflib.unified_diff(
        was.splitlines(), now.splitlines(), name, name, "as it is", "formatted", lineterm=""
    )
    for line in lines:
        colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
        click.echo(click.style(safe(line), fg=colour))


def _tell_left(made: Formatted) -> None:
    """What is wrong with a script still, a line for each."""
    for problem in made.left:
        if not problem.included_from:
            said = f"{problem.severity}: {problem.message} ({problem.code})"
            click.echo(safe(f"{problem.location}: {said}"), err=True)
