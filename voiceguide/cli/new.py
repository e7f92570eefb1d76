"""`voiceguide new`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from voiceguide.cli.messages import safe
from voiceguide.cli.params import completed
from voiceguide.cli.usage import Command

_EXAMPLE = """\b
Examples:
  voiceguide new
  voiceguide new neck.md --title "Neck, evening" --tool "tennis ball"
  voiceguide new neck.md --from notes.txt
"""


def _muscles() -> Iterable[str]:
    from voiceguide.library import catalogue

    return catalogue.muscles()


def _tools() -> Iterable[str]:
    from voiceguide.library import catalogue

    return catalogue.tools()


@click.command("new", cls=Command, epilog=_EXAMPLE)
@click.argument("file", metavar="[FILE]", required=False, type=click.Path(path_type=Path))
@click.option("--title", metavar="TEXT", help="Its name; the file is called by it, too.")
@click.option(
    "--muscle",
    metavar="MUSCLE",
    shell_complete=completed(_muscles),
    help="The muscle that it works.",
)
@click.option(
    "--tool", metavar="TOOL", shell_complete=completed(_tools), help="What it is done with."
)
@click.option("--one-side", is_flag=True, help="Not done on each side.")
@click.option(
    "--from",
    "notes",
    metavar="NOTES",
    type=click.Path(path_type=Path),
    help="Make a draft of a text file.",
)
@click.option("--force", is_flag=True, help="Replace a file of this name.")
def command(
    file: Path | None,
    title: str | None,
    muscle: str | None,
    tool: str | None,
    one_side: bool,
    notes: Path | None,
    force: bool,
) -> int:
    """Begin a script of your own: a short session with comments, to be changed.

    Asks for its name, muscle and tool, unless options say so. --from makes a draft of your notes: every
    place where you have to decide is marked with HERE.
    """
    from voiceguide.cli.offer import can_ask
    from voiceguide.sinks.atomic import check_target, write_text
    from voiceguide.workshop.drafting import MARK, Wishes, file_name, from_notes, new

    if notes is None and title is None:
        if file is not None:
            title = file.stem.replace("-", " ").capitalize()
        elif can_ask():
            title = click.prompt("What is it called?", err=True).strip()
            muscle = muscle or _chosen("Which muscle?", _muscles())
            tool = tool or _chosen("What with?", _tools())
            one_side = one_side or not click.confirm("On each side?", default=True, err=True)
        else:
            raise click.UsageError("give FILE, or --title")
    muscle, tool = _known("muscle", muscle, _muscles()), _known("tool", tool, _tools())
    path = file or Path(file_name(title or (notes.stem if notes else "session")))
    if not path.suffix:
        path = path.with_suffix(".md")
    check_target(path, force=force)
    if notes is None:
        text = new(Wishes(title or path.stem, muscle, tool, not one_side))
    else:
        from voiceguide.library.environment import read_source

        text = from_notes(read_source(notes).text, path, Wishes(title or "", muscle, tool))
    write_text(path, text, force=force)
    click.echo(safe(str(path)))
    marks = text.count(MARK)
    if marks:
        click.echo(
            f"{marks} {'place needs' if marks == 1 else 'places need'} you: look for {MARK}",
            err=True,
        )
    click.echo(f'Next: change it, then voiceguide check "{safe(str(path))}"', err=True)
    return 0


def _known(what: str, said: str | None, names: Iterable[str]) -> str | None:
    """A name as the catalogue has it.

    Raises:
        NotFoundError: there is none.
    """
    from voiceguide.errors import NotFoundError, did_you_mean

    known = list(names)
    if said is None or (small := said.casefold()) in known:
        return said and small
    hint = did_you_mean(said, known) or f"there are {', '.join(known)}"
    other = f"; for another {what}, leave --{what} out" if what == "muscle" else ""
    raise NotFoundError(f'there is no {what} "{said[:40]}": {hint}{other}')


def _chosen(question: str, known: Iterable[str]) -> str | None:
    """One of some names, or None after Enter."""
    names = list(known)
    choice = click.Choice([*names, ""], case_sensitive=False)
    said: str = click.prompt(
        f"{question} ({', '.join(names)}; Enter for none)",
        type=choice,
        default="",
        show_default=False,
        show_choices=False,
        err=True,
    )
    return said or None
