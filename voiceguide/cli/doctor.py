"""`voiceguide doctor`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from voiceguide.cli.messages import safe, width, wrapped
from voiceguide.cli.output import print_json
from voiceguide.cli.usage import Command

if TYPE_CHECKING:
    from voiceguide.practice.health import Finding

_EXAMPLE = """\b
Example:
  voiceguide doctor
"""
_MARKS = {True: ("ok", "green"), None: ("--", "yellow"), False: ("no", "red")}


@click.command("doctor", cls=Command, epilog=_EXAMPLE)
@click.option("--json", "as_json", is_flag=True, help="The findings as JSON.")
def command(as_json: bool) -> int:
    """Show what works here, and how to fix the rest.

    Exits with 1 when no session can be made here.
    """
    from voiceguide.practice.health import findings

    found = list(findings())
    if as_json:
        keys = ("name", "works", "detail")
        print_json([{k: getattr(f, k) for k in keys} | {"fix": _fix(f)} for f in found])
    else:
        columns = width(sys.stdout)
        for finding in found:
            mark, colour = _MARKS[finding.works]
            line = wrapped(f"{mark}  {finding.name}: {safe(finding.detail)}", columns, indent=6)
            click.echo(click.style(mark, fg=colour, bold=True) + line.removeprefix(mark))
            if (fix := _fix(finding)) and finding.works is not True:
                click.echo(wrapped(f"      To fix: {safe(fix)}", columns, indent=8))
    return 1 if any(finding.works is False for finding in found) else 0


def _fix(finding: Finding) -> str | None:
    """What to do about it, as a command where one helps."""
    return f'voiceguide check "{finding.script}"' if finding.script else finding.fix
