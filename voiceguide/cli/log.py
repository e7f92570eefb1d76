"""`voiceguide log`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from voiceguide.cli.messages import safe, width
from voiceguide.cli.output import print_json, print_table
from voiceguide.cli.params import NamedChoice, NumberType, WholeType, completed, track_names
from voiceguide.cli.prose import columns, note
from voiceguide.cli.usage import Command
from voiceguide.errors import UsageError
from voiceguide.units import format_seconds

if TYPE_CHECKING:
    from voiceguide.practice.records import Record

_EXAMPLE = """\b
Examples:
  voiceguide log
  voiceguide log --add hips --when yesterday --pain-before 6 --pain-after 4
  voiceguide log --edit 12 --pain-after 3
  voiceguide log --export journal.csv
"""
_SHOWN = 20
_pain = WholeType(0, 10)


@click.command("log", cls=Command, bare="--add", epilog=_EXAMPLE)
@click.option(
    "--add",
    "track",
    metavar="TRACK",
    shell_complete=completed(track_names),
    help="Mark a track as done.",
)
@click.option(
    "--edit", "edited", type=WholeType(), metavar="ID", help="Say the pain of a session afterwards."
)
@click.option(
    "--delete",
    "deleted",
    type=WholeType(),
    metavar="ID",
    multiple=True,
    help="Remove a session for good. May be repeated.",
)
@click.option(
    "--export",
    "target",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the whole journal as .csv or .json.",
)
@click.option(
    "--when",
    metavar="DATE",
    help='With --add: when it was, as 2026-03-02 or "2026-03-02 18:30"; now by default.',
)
@click.option(
    "--minutes",
    type=NumberType(0.1, 1440),
    metavar="N",
    help="With --add: how long it was; the track's own length by default.",
)
@click.option(
    "--side",
    type=NamedChoice(["left", "right", "both"]),
    help="With --add: which side was worked.",
)
@click.option("--tool", metavar="T", help="With --add: what it was done with.")
@click.option(
    "--pain-before",
    type=_pain,
    metavar="N",
    help="With --add and --edit: the pain before, 0 to 10.",
)
@click.option(
    "--pain-after", type=_pain, metavar="N", help="With --add and --edit: the pain after, 0 to 10."
)
@click.option(
    "--all", "everything", is_flag=True, help=f"List every session, not the last {_SHOWN} alone."
)
@click.option("--csv", "as_csv", is_flag=True, help="The sessions as CSV.")
@click.option("--json", "as_json", is_flag=True, help="The sessions as JSON.")
@click.option("--force", is_flag=True, help="With --export: replace a file that is there.")
def command(
    track: str | None,
    edited: int | None,
    deleted: tuple[int, ...],
    target: Path | None,
    everything: bool,
    as_csv: bool,
    as_json: bool,
    force: bool,
    **about: Any,
) -> None:
    """Show the journal, add to it, delete from it.

    It holds the sessions that were played or marked as done, and the pain before and after where
    you said it. It is yours, and stays on this machine.
    """
    _check(track, edited, deleted, target, about)
    alone = track is None and edited is None and not deleted and target is None
    if as_csv and as_json:
        raise UsageError("--csv and --json contradict each other")
    if (as_csv or everything) and not alone:
        raise UsageError("--csv and --all are for the list of sessions")
    if as_json and target is not None:
        raise UsageError("--export writes a file, and its name says whether it is JSON")
    if force and target is None:
        raise UsageError("--force replaces a file: give --export FILE too")
    if target is not None:
        _export(target, force)
    elif alone:
        _list(everything, as_csv, as_json)
    else:
        changed, done = _change(track, edited, deleted, about)
        if as_json:
            print_json([record.to_dict() for record in changed])
        else:
            for record in changed:
                click.echo(f"{done} session {record.id}: {_in_words(record)}")


def _check(
    track: str | None,
    edited: int | None,
    deleted: tuple[int, ...],
    target: Path | None,
    about: dict[str, Any],
) -> None:
    """Refuse options that contradict each other."""
    if sum((track is not None, edited is not None, bool(deleted), target is not None)) > 1:
        raise UsageError("--add, --edit, --delete and --export are one at a time")
    pains = ("pain_before", "pain_after")
    for name, value in about.items():
        needs = "--add or --edit" if name in pains else "--add"
        if value is not None and track is None and (edited is None or name not in pains):
            raise UsageError(f"--{name.replace('_', '-')} goes with {needs}")
    if edited is not None and all(about[name] is None for name in pains):
        raise UsageError("--edit says the pain afterwards: give --pain-before or --pain-after")


def _change(
    track: str | None, edited: int | None, deleted: tuple[int, ...], about: dict[str, Any]
) -> tuple[list[Record], str]:
    """Change the journal; the sessions that were, and what was done with them."""
    from voiceguide.practice.journal import Journal
    from voiceguide.practice.marking import mark_done

    if track is not None:
        made, said = mark_done(track, **about)
        note(said)
        return [made], "Added"
    with Journal() as journal:
        note(journal.note)
        if edited is not None:
            before, after = about["pain_before"], about["pain_after"]
            return [journal.say_pain(edited, before=before, after=after)], "Changed"
        for ident in deleted:
            journal.get(ident)  # all of them are there before the first one goes
        return [journal.delete(ident) for ident in dict.fromkeys(deleted)], "Deleted"


def _records() -> tuple[Record, ...]:
    from voiceguide.practice import journal

    past = journal.read()
    note(past.note)
    return past.records


def _list(everything: bool, as_csv: bool, as_json: bool) -> None:
    from voiceguide.practice.records import to_csv

    records = _records()
    if as_json:
        print_json([record.to_dict() for record in records])
    elif as_csv:
        click.echo(safe(to_csv(records)), nl=False)
    elif not records:
        click.echo("The journal is empty.", err=True)
    else:
        shown = records if everything else records[-_SHOWN:]
        if len(shown) < len(records):
            click.echo(f"{len(records) - len(shown)} older ones: --all lists them.", err=True)
        names, rows = ["id", "when", "track", "pain"], []
        roomy = width(sys.stdout) is None or columns() >= 64
        for r in shown:
            row = [str(r.id), f"{r.started:%Y-%m-%d}", _track(r), _pains(r)]
            if roomy:
                row[1] += f"{r.started: %H:%M}"
                row += [format_seconds(round(r.seconds)), _kind(r)]
            rows.append(row)
        print_table([*names, "length", ""] if roomy else names, rows, right=("id", "length"))


def _track(record: Record) -> str:
    return record.track if record.side in (None, "both") else f"{record.track}, {record.side}"


def _pains(record: Record) -> str:
    if record.pain_before is None and record.pain_after is None:
        return ""
    before, after = (
        "?" if pain is None else str(pain) for pain in (record.pain_before, record.pain_after)
    )
    return f"{before} to {after}"


def _kind(record: Record) -> str:
    if record.marked:
        return "marked"
    return "" if record.completed else "skipped" if record.skipped else "in part"


def _in_words(record: Record) -> str:
    pain = _pains(record)
    return (
        f"{safe(_track(record))}, {record.started:%Y-%m-%d %H:%M}, "
        f"{format_seconds(round(record.seconds))}" + (f", pain {pain}" if pain else "")
    )


def _export(target: Path, force: bool) -> None:
    from voiceguide.practice.records import write

    records = _records()
    write(target, records, force=force)
    many = "1 session" if len(records) == 1 else f"{len(records)} sessions"
    click.echo(f"{safe(str(target))}  {many}")
