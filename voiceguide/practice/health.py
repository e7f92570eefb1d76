"""What works on this machine, and what fixes the rest."""

from __future__ import annotations

import contextlib
import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from voiceguide._version import __version__
from voiceguide.plugins import brings

_BASE = (
    "click",
    "icalendar",
    "lameenc",
    "markdown_it",
    "mutagen",
    "numpy",
    "PIL",
    "platformdirs",
    "rich",
    "ruamel",
    "soundfile",
    "soxr",
    "tzlocal",
)
"""Modules without which some command fails, however little is asked of it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        works: True, False, or None where it is optional and not there.
        fix: what to do about it, or None.
        script: the track at fault, or None.
    """

    name: str
    works: bool | None
    detail: str
    fix: str | None = None
    script: Path | None = None


def findings() -> Iterator[Finding]:
    """Everything that is looked at, one after another; some of it takes a second."""
    yield _program()
    yield _libraries()
    yield from _voices()
    yield from _formats()
    yield from _players()
    yield _media_keys()
    yield _awake()
    yield _library()
    yield _cache()


def _program() -> Finding:
    detail = f"voiceguide {__version__}, Python {platform.python_version()} on {sys.platform}"
    return Finding("program", True, detail)


def _libraries() -> Finding:
    """Those that every installation has."""
    missing = [name for name in _BASE if find_spec(name) is None]
    if not missing:
        return Finding("libraries", True, f"{len(_BASE)} of them, all installed")
    packages = " ".join(brings(name).removeprefix("pip install ") for name in missing)
    return Finding("libraries", False, f"missing: {', '.join(missing)}", f"pip install {packages}")


def _voices() -> list[Finding]:
    from voiceguide.speech.registry import default_engine_name, voices

    known = voices()
    found = []
    default = default_engine_name()
    for engine in dict.fromkeys(v.engine for v in known):
        own = [v for v in known if v.engine == engine]
        ready = [v for v in own if v.ready]
        note = " (used by default)" if engine == default else ""
        if ready:
            found.append(Finding(f"voice {engine}", True, f"{len(ready)} ready{note}"))
        else:
            how = next((v.how for v in own if v.how), own[0].note)
            works = None if engine != "pyttsx3" else False
            found.append(Finding(f"voice {engine}", works, "not ready", how))
    return found


def _formats() -> list[Finding]:
    from voiceguide.sinks.registry import formats

    return [
        Finding(f"format {f.name}", True if f.works else None, f.about, f.how or f.detail)
        for f in formats()
    ]


def _players() -> list[Finding]:
    """Every player; that none can be heard here keeps nobody from making files."""
    from voiceguide.sinks.players import players

    known = players()
    best = next((player.name for player in known if player.works), None)
    return [
        Finding(
            f"player {player.name}",
            True if player.works else None,
            player.detail + (" (used by default)" if player.name == best else ""),
            player.how,
        )
        for player in known
    ]


def _media_keys() -> Finding:
    from voiceguide.player.media_keys import media_keys

    found = media_keys()
    return Finding("media keys", True if found.works else None, found.detail, found.fix)


def _awake() -> Finding:
    """Whether the machine lets itself be kept from sleeping while a session plays."""
    try:
        from wakepy import keep

        with keep.running(on_fail="pass") as mode:
            works = bool(mode.active)
    except Exception as error:  # whatever a desktop's services answer
        return Finding("no sleep", None, f"cannot be told: {error}")
    if works:
        return Finding("no sleep", True, "the machine stays awake while a session plays")
    return Finding(
        "no sleep", None, "nothing here can be asked to keep the machine awake, as a desktop can"
    )


def _library() -> Finding:
    """All tracks; a listener's own are read whole, since nobody else has tried them."""
    from voiceguide.errors import VoiceguideError
    from voiceguide.library.environment import LibraryEnvironment
    from voiceguide.library.finding import user_folder
    from voiceguide.library.tracks import NOT_READ, entries, linked_folders
    from voiceguide.script import parse

    known = entries()
    detail = f"{len(known)} tracks; your own go into {user_folder('scripts')}"
    for entry in known:
        problem, own = entry.problem, entry.track.origin == "own"
        if own and not problem:
            try:
                parse(entry.track.source(), LibraryEnvironment())
            except VoiceguideError as error:
                problem = str(error)
        if problem:
            works = None if own else False
            return Finding("library", works, f"{problem}; {detail}", script=entry.track.path)
    if links := linked_folders():
        named = ", ".join(f'"{link}"' for link in links)
        how = "put the scripts themselves there, or a link to each of them"
        return Finding("library", None, f"{named}, a link to a folder, {NOT_READ}; {detail}", how)
    return Finding("library", True, detail)


def _cache() -> Finding:
    from voiceguide.speech.cache import default_folder

    folder = default_folder()
    size = 0
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for path in folder.glob("*.clip"):
            with contextlib.suppress(FileNotFoundError):  # another program made room meanwhile
                size += path.stat().st_size
        probe = folder / f".doctor-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        return Finding(
            "cache",
            None,
            f"{folder} cannot be written: {error.strerror}",
            f"make {folder} writable, or set VOICEGUIDE_CACHE to a folder that is",
        )
    return Finding("cache", True, f"{size / 1e6:.0f} MB of spoken sentences in {folder}")
