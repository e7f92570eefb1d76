"""`voiceguide check`."""

from __future__ import annotations

import click

from voiceguide.cli.messages import report, safe, show_problems
from voiceguide.cli.output import print_json, progress_bar

_EXAMPLE = """\b
Example:
  voiceguide check my-session.md
"""


@click.command("check", epilog=_EXAMPLE)
@click.argument("names", metavar="FILE...", nargs=-1, required=True)
@click.option("--voice", metavar="ENGINE[:NAME]", help="The voice that measures the sentences.")
@click.option("--json", "as_json", is_flag=True, help="The findings as JSON.")
def command(names: tuple[str, ...], voice: str | None, as_json: bool) -> int:
    """Find every mistake in scripts, and how long their sessions last.

    Exits with 1 when there are errors; warnings alone are no error.
    """
    from voiceguide.errors import ScriptError, VoiceguideError
    from voiceguide.session import Checked, check
    from voiceguide.units import format_seconds

    code = 0
    results = []
    for name in names:
        try:
            with progress_bar(name, quiet=as_json) as progress:
                found = check(name, voice=voice, progress=progress)
        except ScriptError as error:
            found = Checked(error.problems, None)
        except VoiceguideError as error:
            if len(names) == 1:
                raise
            report(error)
            code = max(code, error.exit_code)
            continue
        if not found.ok:
            code = max(code, 1)
        reach = found.reach
        if as_json:
            lengths = reach and {
                "shortest": reach.shortest, "usual": reach.usual, "longest": reach.longest,
            }  # fmt: skip
            results.append(
                {"file": name, "ok": found.ok, "problems": [p.as_dict() for p in found.problems],
                 "length": lengths}
            )  # fmt: skip
            continue
        if found.problems:
            show_problems(found.problems)
        if reach:
            state = "fine" if found.ok else "has errors"
            click.echo(
                f"{safe(name)}: {state}; shortest {format_seconds(reach.shortest)}, "
                f"usual {format_seconds(reach.usual)}, longest {format_seconds(reach.longest)}"
            )
    if as_json:
        print_json(results)
    return code
