"""`voiceguide publish`."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import click

from voiceguide.errors import UsageError, VoiceguideError

_EXAMPLE = """\b
Examples:
  voiceguide publish -o site piriformis hamstrings --minutes 5,10
  voiceguide publish -o site --all --url https://clinic.example/massage/ --dry-run
"""
_SPEED = 60.0
"""Seconds of sound that one core renders in a second, about; said before it begins."""


class _Several(click.ParamType[Any]):
    """Words with commas between them."""

    name = "list"

    def __init__(self, *known: str) -> None:
        self._known = known

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, tuple):
            return value
        words = tuple(dict.fromkeys(word.strip() for word in value.split(",") if word.strip()))
        for word in words:
            if self._known and word not in self._known:
                self.fail(f'"{word}" is none of {", ".join(self._known)}', param, ctx)
        return words or self.fail("there is nothing between the commas", param, ctx)


class _Minutes(_Several):
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        words = super().convert(value, param, ctx)
        try:
            return tuple(float(word) * 60 for word in words if 0 < float(word) <= 1440)
        except ValueError:
            self.fail(f'"{value}" are no minutes: write them as 5,10,15', param, ctx)


@click.command("publish", epilog=_EXAMPLE)
@click.argument("names", nargs=-1, metavar="[TRACK]...")
@click.option("--all", "everything", is_flag=True, help="Every track of the library.")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Of the site.",
)
@click.option(
    "--minutes",
    "lengths",
    type=_Minutes(),
    default=(),
    metavar="N,N",
    help="Lengths, such as 5,10,15; by default each track's own.",
)
@click.option(
    "--side",
    "sides",
    type=_Several("both", "left", "right"),
    default="both",
    metavar="S,S",
    help="both, left, right; both by default.",
)
@click.option(
    "--sore",
    "sores",
    type=_Several("none", "left", "right"),
    default="none",
    metavar="S,S",
    help="none, left, right; none by default.",
)
@click.option(
    "--voice",
    "voices",
    type=_Several(),
    default=(),
    metavar="V,V",
    help="Voices, as voiceguide voices lists them.",
)
@click.option(
    "--url", metavar="URL", help="Where the site will be: podcast apps need the whole address."
)
@click.option(
    "--title",
    default="voiceguide",
    show_default=True,
    help="Of the site and its feed, such as a clinic's name.",
)
@click.option("--contact", metavar="TEXT", help="A line on how to reach you.")
@click.option("--privacy", metavar="TEXT", help="A line on privacy.")
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=None,
    metavar="N",
    help="Processes; one a core by default.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="A Dask cluster instead, such as tcp://10.0.0.5:8786, or local.",
)
@click.option("--dry-run", is_flag=True, help="Only tell what there is to do.")
@click.option("--prune", is_flag=True, help="Take away sessions that the site no longer names.")
@click.option("--json", "as_json", is_flag=True, help="Tell it as JSON.")
def command(
    names: tuple[str, ...],
    everything: bool,
    output: Path,
    lengths: tuple[float, ...],
    sides: tuple[Any, ...],
    sores: tuple[str, ...],
    voices: tuple[str, ...],
    url: str | None,
    title: str,
    contact: str | None,
    privacy: str | None,
    workers: int | None,
    scheduler: str | None,
    dry_run: bool,
    prune: bool,
    as_json: bool,
) -> int:
    """Write sessions as a site for any static host, with a podcast feed.

    The site is the page over prepared MP3s. Run it again after a change: only what changed is
    rendered, and one that was interrupted continues.
    """
    from voiceguide.catalogue.editions import Asked, editions
    from voiceguide.catalogue.work import is_there
    from voiceguide.publish import site

    if bool(names) == everything:
        raise click.UsageError("give tracks, or --all for every one")
    if url is not None and not url.startswith(("https://", "http://")):
        raise click.UsageError(f'"{url}" is no address: write it with https://')
    clinic = site.Clinic(title, contact, privacy, url and url.rstrip("/") + "/")
    site.check_folder(output)
    asked = Asked(
        names,
        lengths,
        sides,
        tuple(None if sore == "none" else sore for sore in sores),  # type: ignore[misc]
        voices or (None,),
    )
    found, notes = editions(asked)
    for note in notes:
        click.echo(f"Note: {note}.", err=True)
    count = workers or _cores()
    waiting = [each for each in found if not is_there(output / site.SESSIONS, each.id)]
    waiting.sort(key=lambda each: -each.seconds)  # so that no worker has a long one left at the end
    hours = sum(each.seconds for each in waiting) / 3600
    told: dict[str, Any] = {
        "sessions": len(found),
        "to_render": len(waiting),
        "hours": round(hours, 2),
        "megabytes": round(sum(each.size for each in found) / 1e6, 1),
        "minutes_about": round(hours * 3600 / _SPEED / count / 60, 1),
    }
    if not as_json or dry_run:
        _say(told, as_json=as_json)
    if dry_run:
        return 0
    began = time.monotonic()
    folder = site.begin(output)
    missed = _render(waiting, folder, count, scheduler)
    found = [each for each in found if each.id not in missed]
    if not found:
        raise UsageError("nothing is left to publish")
    site.finish(output, found, clinic)
    gone = site.prune(output) if prune else 0
    done = {
        **told,
        "sessions": len(found),
        "pruned": gone,
        "seconds": round(time.monotonic() - began, 1),
        "path": str(output),
    }
    if as_json:
        click.echo(json.dumps(done, indent=2))
    else:
        click.echo(f"{output}: {len(found)} sessions, {len(waiting) - len(missed)} of them new")
    return 0


def _render(waiting: list[Any], folder: Path, count: int, scheduler: str | None) -> dict[str, str]:
    """Sessions that turned out to have no such length, by their names, with the reason."""
    from voiceguide.catalogue import work
    from voiceguide.publish import workers

    missed: dict[str, str] = {}
    if not waiting:
        return missed
    jobs = (
        workers.on_cluster(waiting, scheduler, count)
        if scheduler
        else workers.in_processes(waiting, count)
    )
    shown = sys.stderr.isatty()
    try:
        for number, made in enumerate(jobs, 1):
            if made.missed is None:
                work.write(folder, made)
            else:
                missed[made.id] = made.missed
            if shown:
                click.echo(f"\r{number} of {len(waiting)} sessions", err=True, nl=False)
    except KeyboardInterrupt:
        raise VoiceguideError("stopped; the same command continues") from None
    finally:
        if shown:
            click.echo(err=True)
    for reason in missed.values():
        click.echo(f"Note: left out: {reason}.", err=True)
    return missed


def _say(told: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(told, indent=2))
        return
    click.echo(
        f"{told['sessions']} sessions, {told['megabytes']:.0f} MB; {told['to_render']} to render:"
        f" {told['hours']:.1f} hours of sound, about {max(1, round(told['minutes_about']))} min",
        err=True,
    )


def _cores() -> int:
    import os

    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
