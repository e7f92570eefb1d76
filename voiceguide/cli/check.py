"""`voiceguide check`."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from voiceguide.cli.messages import count, format_problem, report, safe, width, wrapped
from voiceguide.cli.output import print_json, progress_bar
from voiceguide.cli.params import NamedChoice
from voiceguide.cli.usage import Command

if TYPE_CHECKING:
    from voiceguide.errors import Problem
    from voiceguide.session import Checked

_EXAMPLE = """\b
Examples:
  voiceguide check my-session.md
  voiceguide check *.md --json
  voiceguide check my-session.md --spoken
  voiceguide check my-session.md --fix
  voiceguide check --explain bad-count
  voiceguide check *.md --format github
"""


@click.command("check", cls=Command, epilog=_EXAMPLE)
@click.argument("names", metavar="FILE...", nargs=-1)
@click.option("--voice", metavar="ENGINE[:NAME]", help="The voice that measures the sentences.")
@click.option("--spoken", is_flag=True, help="Each sentence that is said otherwise than written.")
@click.option("--fix", is_flag=True, help="Fix what can only mean one thing, in the file.")
@click.option("--explain", metavar="CODE", help="What a mistake's code stands for.")
@click.option(
    "--format",
    "form",
    type=NamedChoice(("text", "json", "sarif", "github")),
    help="How the findings are told: for a program, a code host, or GitHub's checks.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
def command(
    names: tuple[str, ...],
    voice: str | None,
    spoken: bool,
    fix: bool,
    explain: str | None,
    form: str | None,
    as_json: bool,
) -> int:
    """Find every mistake in scripts, and how long their sessions last.

    Each mistake comes with its line, a mark below what is wrong, and what to write instead. Exits
    with 1 when there are errors; warnings alone are no error.
    """
    from voiceguide.errors import ScriptError, VoiceguideError
    from voiceguide.session import Checked, check

    if explain is not None:
        _explain(explain)
        return 0
    if not names:
        raise click.UsageError("voiceguide check needs FILE, or --explain CODE")
    if as_json and form not in (None, "json"):
        raise click.UsageError("--json is --format json: leave one of them out")
    form = "json" if as_json else form or "text"
    quiet = form != "text"
    code = 0
    results = []
    problems: list[Problem] = []
    for name in names:
        try:
            if fix:
                _mend(name, quiet=quiet)
            with progress_bar(name, quiet=quiet) as progress:
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
        problems += found.problems
        if form == "json":
            results.append(
                {
                    "file": name,
                    "ok": found.ok,
                    "problems": [problem.as_dict() for problem in found.problems],
                    "length": asdict(reach) if reach else None,
                    **({"spoken": [asdict(each) for each in found.spoken]} if spoken else {}),
                }
            )
        elif form == "text":
            if spoken:
                _print_spoken(found)
            _print(name, found)
    if form == "json":
        print_json(results)
    elif form == "sarif":
        from voiceguide.workshop.reports import sarif

        print_json(sarif(problems))
    elif form == "github":
        from voiceguide.workshop.reports import github

        for problem in problems:
            click.echo(safe(github(problem)))
    return code


def _explain(code: str) -> None:
    """What a code stands for, with what is wrong and what is right."""
    from voiceguide.script.codes import explain

    found = explain(code)
    columns = width(sys.stdout)
    click.echo(click.style(found.title, bold=True))
    click.echo(wrapped(found.text, columns))
    for heading, example in (("Not so:", found.wrong), ("But so:", found.right)):
        if example:
            click.echo(f"\n{heading}")
            click.echo("\n".join(f"  {line}" for line in example.splitlines()))


def _mend(name: str, *, quiet: bool) -> None:
    """Make the edits that are safe, until there are none; the file is written once, whole."""
    from pathlib import Path

    from voiceguide.sinks.atomic import write_text
    from voiceguide.workshop.fixes import fixed

    path = Path(name)
    if not path.is_file():
        return  # a track's name, or nothing: the check says so
    was = path.read_bytes().decode("utf-8", "surrogateescape")
    text, count = fixed(was, path)
    if count:
        write_text(path, text, force=True)
        if not quiet:
            click.echo(
                f"{safe(name)}: {count} {'place' if count == 1 else 'places'} fixed", err=True
            )


def _print_spoken(found: Checked) -> None:
    """Each sentence below its line's number, and what is said below it."""
    for each in found.spoken:
        click.echo(f"{each.line:3} | {safe(each.text)}")
        click.echo(f"    | {click.style(safe(each.said), bold=True)}\n")


def _print(name: str, found: Checked) -> None:
    from voiceguide.cli.prose import reach_texts

    columns = width(sys.stdout)
    for problem in found.problems:
        click.echo(format_problem(problem, columns) + "\n")
    parts = [count(found.problems) or "fine"]
    if reach := found.reach:
        shortest, usual, longest = reach_texts(reach.shortest, reach.usual, reach.longest)
        elastic = f"shortest {shortest}, usual {usual}, longest {longest}"
        parts.append(f"always lasts {usual}" if reach.shortest == reach.longest else elastic)
    colour = "green" if not found.problems else "yellow" if found.ok else "red"
    parts[0] = click.style(parts[0], fg=colour, bold=True)
    click.echo(f"{safe(name)}: {'; '.join(parts)}")
