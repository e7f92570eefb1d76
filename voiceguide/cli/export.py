"""`voiceguide export`."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from voiceguide.cli import cautions
from voiceguide.cli.messages import report, safe, show_problems
from voiceguide.cli.output import print_json, progress_bar
from voiceguide.cli.params import (
    NO_TRACK,
    NamedChoice,
    WholeType,
    completed,
    session_options,
    track_argument,
)
from voiceguide.cli.signals import Signals
from voiceguide.cli.usage import Command

if TYPE_CHECKING:
    from voiceguide.session import Exported, Progress, Request

_EXAMPLE = """\b
Examples:
  voiceguide export piriformis --minutes 10
  voiceguide export hamstrings --sore left --background rain -o hamstrings.m4b
  voiceguide export first-session --html
  voiceguide export --all -o sessions/
"""
_SLASHES = ("/", os.sep)


def _formats() -> Iterable[str]:
    from voiceguide.sinks.registry import format_names

    return format_names()


@click.command("export", cls=Command, epilog=_EXAMPLE)
@track_argument(several=True, required=False)
@click.option("--all", "everything", is_flag=True, help="Every track of the library.")
@click.option(
    "-o",
    "--output",
    metavar="PATH",
    help="File, or folder for several; by default the track's name here.",
)
@click.option(
    "--format",
    "format_name",
    metavar="F",
    shell_complete=completed(_formats),
    help="mp3, wav, flac, ogg, opus, m4a or m4b; by default what PATH says, else mp3.",
)
@session_options
@click.option(
    "--bitrate", type=WholeType(), metavar="K", help="In kbit/s; 128 for stereo MP3 by default."
)
@click.option(
    "--rate",
    type=WholeType(),
    metavar="HZ",
    help="Of the file; 44100 by default. 22050 with --mono makes the smallest files.",
)
@click.option(
    "--transcript", type=NamedChoice(["vtt", "srt", "lrc"]), help="The words in a file beside it."
)
@click.option(
    "--html", is_flag=True, help="Beside it a page with player, steps and words, all in one file."
)
@click.option("--json", "as_json", is_flag=True, help="Tell what was written as JSON.")
@click.option("--force", is_flag=True, help="Replace files that are there.")
def command(
    names: tuple[str, ...],
    everything: bool,
    output: str | None,
    format_name: str | None,
    make: Callable[[str], Request],
    as_json: bool,
    **how: Any,
) -> int:
    """Write sessions as sound files, with chapters, cover and words."""
    from voiceguide.cli.batch import batch
    from voiceguide.errors import VoiceguideError

    if everything and names:
        raise click.UsageError("give tracks or --all, not both")
    if not everything and not names:
        raise click.UsageError(f"{NO_TRACK}, --all takes all of them")
    if everything:
        from voiceguide.library.tracks import tracks

        names = tuple(track.ref for track in tracks())
    written, code, kept = [], 0, 0
    # Whoever ends it, nothing half-written stays.
    with Signals(), _targets(names, output, format_name, everything=everything) as planned:
        pairs = list(zip(names, planned, strict=True))
        if everything:
            pairs, kept, code = _sorted_out(pairs, force=bool(how["force"]), quiet=as_json)
        names, targets = tuple(n for n, _ in pairs), [path for _, path in pairs]
        requests = [make(name) for name in names]
        if everything and not as_json:
            _announce(requests, targets, kept, how["bitrate"])
        calls = [
            partial(_export, request, path, format_name, how)
            for request, path in zip(requests, targets, strict=True)
        ]
        with batch(calls) as running:
            for index, (name, path) in enumerate(zip(names, targets, strict=True)):
                try:
                    with progress_bar(path.name, quiet=as_json) as progress:
                        done = running.result(index, progress)
                except VoiceguideError as error:
                    if len(names) == 1 and not everything:
                        raise
                    report(error, about=name)
                    code = 1
                    continue
                written.append(_as_dict(done))
                if not as_json:
                    _tell(done)
    if as_json:
        print_json(written)
    elif written:
        cautions.show_once()
    return code


def _export(
    request: Request, path: Path, format_name: str | None, how: dict[str, Any], progress: Progress
) -> Exported:
    from voiceguide.page.single import write_html
    from voiceguide.session import export
    from voiceguide.sinks.atomic import check_target

    how = dict(how)
    if html := how.pop("html"):
        check_target(path.with_suffix(".html"), force=how["force"])
    done = export(request, path, format_name=format_name, progress=progress, **how)
    if html:
        write_html(done.session, path, force=how["force"])
    return done


@contextlib.contextmanager
def _targets(
    names: tuple[str, ...], output: str | None, format_name: str | None, *, everything: bool
) -> Iterator[list[Path]]:
    """A path for each name, in a folder that is there, and goes again where nothing came into it."""
    paths = _paths(names, output, format_name, everything=everything)
    folder = paths[0].parent
    made = len(names) > 1 or output is not None and output.endswith(_SLASHES)
    made = made and not _is_folder(folder)
    if made:
        try:
            folder.mkdir(parents=True)
        except OSError as error:
            from voiceguide.sinks.atomic import sink_error

            raise sink_error(folder, error) from error
    try:
        yield paths
    finally:
        if made:
            with contextlib.suppress(OSError):
                folder.rmdir()


def _sorted_out(
    pairs: list[tuple[str, Path]], *, force: bool, quiet: bool
) -> tuple[list[tuple[str, Path]], int, int]:
    """Of all tracks those to be written, how many are there already, and the exit code.

    Files that are there stay as they are, so that an export that was interrupted goes on.
    """
    taken: dict[str, str] = {}
    chosen, kept, code = [], 0, 0
    for name, path in pairs:
        other = taken.setdefault(path.name.casefold(), name)
        if other != name:
            if not quiet:
                click.echo(
                    f"{safe(name)}: its file would be that of {safe(other)}, so it is left out",
                    err=True,
                )
            code = 1
        elif not force and path.exists():
            kept += 1
        else:
            chosen.append((name, path))
    return chosen, kept, code


def _announce(requests: list[Request], targets: list[Path], kept: int, bitrate: int | None) -> None:
    """Before a long export: how much there is to be written, as far as that can be told."""
    from voiceguide.practice.lengths import estimated_size, usual_of

    if kept:
        are = "1 file is" if kept == 1 else f"{kept} files are"
        click.echo(f"{are} already there and kept; --force replaces them.", err=True)
    seconds = [usual_of(request) for request in requests]
    known = sum(length for length in seconds if length)
    if not requests or not known:
        return
    minutes = round(known / 60)
    lasts = f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
    size = estimated_size(targets[0].suffix, known, mono=requests[0].mono, bitrate=bitrate)
    large = f", about {size / 1e6:.0f} MB" if size else ""
    many = "1 session" if len(requests) == 1 else f"{len(requests)} sessions"
    click.echo(
        f"{many}, {lasts} of sound{large}. Ctrl-C stops; the same command continues.", err=True
    )


def _paths(
    names: tuple[str, ...], output: str | None, format_name: str | None, *, everything: bool = False
) -> list[Path]:
    if output == "":
        raise click.UsageError("-o needs the name of a file or a folder")
    suffix = (format_name or "mp3").lstrip(".").lower()
    stems = [_stem(name, alone=len(names) == 1) for name in names]
    into = output is not None and (output.endswith(_SLASHES) or _is_folder(output))
    if len(names) == 1 and not into:
        return [Path(output) if output is not None else Path(f"{stems[0]}.{suffix}")]
    folder = Path(output or ".")
    if not into and output is not None and folder.suffix:
        raise click.UsageError(
            f'"{output}" is one file, and there are {len(names)} sessions: give a folder'
        )
    clashing = sorted({stem for stem in stems if stems.count(stem) > 1})
    if clashing and not everything:
        raise click.UsageError(
            f'two of the sessions would be "{clashing[0]}.{suffix}": export them one by one'
        )
    return [folder / f"{stem}.{suffix}" for stem in stems]


def _is_folder(path: Path | str) -> bool:
    return os.path.isdir(path)  # noqa: PTH112 - pathlib's raises where a name is too long


def _stem(name: str, *, alone: bool) -> str:
    """A file's name without its suffix, or the track's whole name where it was shortened.

    Raises:
        NotFoundError: there is neither; of several, each is told of when its turn comes.
    """
    from voiceguide.errors import VoiceguideError
    from voiceguide.library.tracks import find

    if name.lower().endswith((".md", ".markdown", ".txt")):
        return Path(name).stem
    try:
        return find(name).file_name
    except VoiceguideError:
        if alone and not os.path.exists(name):  # noqa: PTH110 - as above
            raise
        return Path(name).name


def _as_dict(done: Exported) -> dict[str, Any]:
    return {
        "path": str(done.path),
        "title": done.session.title,
        "duration": done.seconds,
        "frames": done.frames,
        "size": done.size,
        "voice": done.session.voice,
        "chapters": len(done.session.timeline.chapters),
        "transcript": str(done.transcript) if done.transcript else None,
        "note": done.session.note,
    }


def _tell(done: Exported) -> None:
    from voiceguide.cli.voice_hint import hint
    from voiceguide.units import format_clock

    session = done.session
    if session.note:
        click.echo(f"Note: {safe(session.note)}.", err=True)
    if session.warnings and session.loaded.track is None:
        show_problems(session.warnings)
    hint(session.request.voice, session.voice)
    mega = done.size / 1e6
    click.echo(f"{safe(str(done.path))}  {format_clock(done.seconds)}  {mega:.1f} MB")
    if done.transcript:
        click.echo(safe(str(done.transcript)))
    sys.stdout.flush()
