"""The names around a script, from the catalogue and the folders: what `script.parse` asks."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from functools import cached_property, lru_cache
from pathlib import Path, PurePath

from voiceguide.audio import RATE
from voiceguide.errors import NotFoundError, SoundError, did_you_mean
from voiceguide.library import catalogue
from voiceguide.library.data import data_folder
from voiceguide.library.finding import below, check_name, read_ordinary, user_folder
from voiceguide.library.sounds import MANIFEST, SoundInfo, load_manifest
from voiceguide.script import SoundKind, SoundRef, Source, decode
from voiceguide.script.model import Phase
from voiceguide.script.source import MAX_BYTES, too_large
from voiceguide.units import Seconds

SOUND_SUFFIXES = (
    ".wav",
    ".flac",
    ".ogg",
    ".mp3",
    ".opus",
    ".m4a",
    ".aac",
    ".aiff",
    ".aif",
    ".wma",
    ".mp4",
)
_MOST_LIFT = 12.0
"""Decibels by which a sound of the listener's is made louder at most."""
_STRIKE = 2.5
_NAMES = {"chime": "chime", "sound": "sound", "bed": "background"}


class LibraryEnvironment:
    """The built-in library and the listener's own.

    Args:
        listing: only names are wanted; no sound of the listener's is opened, and its length is 0.
    """

    def __init__(self, *, listing: bool = False) -> None:
        self._listing = listing
        self._known: dict[tuple[str, str, str], SoundRef] = {}

    @cached_property
    def muscles(self) -> Mapping[str, str]:
        return {key: muscle.spoken for key, muscle in catalogue.muscles().items()}

    @cached_property
    def tools(self) -> Collection[str]:
        return tuple(catalogue.tools())

    @cached_property
    def cautions(self) -> Collection[str]:
        return tuple(catalogue.cautions())

    @cached_property
    def _own_sounds(self) -> Path:
        return user_folder("sounds")

    @cached_property
    def _own_scripts(self) -> Path:
        return user_folder("scripts")

    @cached_property
    def _shipped_scripts(self) -> Path:
        return data_folder("scripts")

    @cached_property
    def sounds(self) -> Mapping[str, SoundInfo]:
        """The built-in sounds."""
        folder = data_folder("sounds")
        return _manifest(folder, *_version(folder / MANIFEST))

    def tones(self) -> dict[Phase, SoundRef]:
        """The swell of each breath phase that has one."""
        phases: tuple[Phase, ...] = ("in", "hold", "out")
        return {
            phase: self._built_in(self.sounds[f"breath-{phase}"])
            for phase in phases
            if f"breath-{phase}" in self.sounds
        }

    def sound(self, name: str, kind: SoundKind, folder: PurePath | None) -> SoundRef:
        key = (name, kind, str(folder))
        if key not in self._known:
            self._known[key] = self._find_sound(name, kind, folder)
        return self._known[key]

    def bed(self, name: str) -> SoundRef:
        """The background that a listener names: a sound of the library, or any file of theirs.

        Raises:
            VoiceguideError: there is none, or it cannot be read.
        """
        path = Path(os.path.expanduser(name))  # noqa: PTH111 - pathlib's raises
        if os.path.isfile(path):  # noqa: PTH113 - as above
            return self._own(path.name, path)
        if len(path.parts) > 1:
            raise NotFoundError(f'there is no sound file "{name}"')
        return self.sound(name, "bed", None)

    def _find_sound(self, name: str, kind: SoundKind, folder: PurePath | None) -> SoundRef:
        check_name(name, "sound")
        folders = [Path(folder)] if folder is not None else []
        for place in (*folders, self._own_sounds):
            if (path := below(place, name, SOUND_SUFFIXES)) is not None:
                return self._own(name, path)
        if info := self.sounds.get(name):
            if kind != "sound" and info.kind != kind:
                known = [n for n, s in self.sounds.items() if s.kind == kind]
                raise NotFoundError(
                    f'"{name}" is a {_NAMES.get(info.kind, info.kind)}, not a {_NAMES[kind]}: '
                    f"there are {', '.join(known)}"
                )
            return self._built_in(info)
        known = [n for n, s in self.sounds.items() if kind == "sound" or s.kind == kind]
        hint = did_you_mean(name, known)
        file = " or the file is missing" if name.lower().endswith(SOUND_SUFFIXES) else ""
        raise NotFoundError(
            f'there is no {_NAMES[kind]} "{name}"{file}: {hint or "there are " + ", ".join(known)}'
        )

    def _built_in(self, info: SoundInfo) -> SoundRef:
        return SoundRef(info.name, str(info.path), info.frames, Seconds(info.strike), info.loudness)

    def _own(self, name: str, path: Path) -> SoundRef:
        if self._listing:
            return SoundRef(name, str(path), 0)
        from voiceguide.audio.files import clip_loudness, open_clip

        clip = open_clip(path)
        if not clip.frames:
            raise SoundError(f'"{path}" holds no sound')
        strike = min(_STRIKE, clip.frames / RATE)
        loudness = clip_loudness(clip)
        return SoundRef(name, str(path), clip.frames, Seconds(strike), loudness, _MOST_LIFT)

    def script(self, name: str, folder: PurePath | None) -> Source:
        check_name(name, "script")
        folders = [Path(folder)] if folder is not None else []
        for place in (*folders, self._own_scripts, self._shipped_scripts):
            if (path := below(place, name, (".md",))) is not None:
                return read_source(path, shown=self._shown(path, place))
        raise NotFoundError(f'there is no script "{name}" to include')

    def _shown(self, path: Path, place: Path) -> str:
        """Files of the library are shown by their name in it, others by their path."""
        if place == self._shipped_scripts:
            return path.relative_to(place).as_posix()
        return str(path)


def _version(path: Path) -> tuple[int, int]:
    """What tells a file from what it was: its time and size; zeros where it can't be told."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size


@lru_cache(maxsize=4)
def _manifest(folder: Path, *_: int) -> Mapping[str, SoundInfo]:
    return load_manifest(folder)


def read_source(path: Path, *, shown: str | None = None) -> Source:
    """A script file's text.

    Raises:
        NotFoundError: it is not there, is a folder, or cannot be read.
        ScriptError: it is not text.
    """
    name = shown or str(path)
    try:
        data = read_ordinary(path, MAX_BYTES)
        size = max(len(data), path.stat().st_size) if len(data) > MAX_BYTES else 0
    except FileNotFoundError:
        raise NotFoundError(f'there is no file "{name}"') from None
    except IsADirectoryError:
        raise NotFoundError(f'"{name}" is a folder; give the path of a script in it') from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise NotFoundError(f'"{name}" cannot be read: {reason}') from error
    if size > MAX_BYTES:
        raise too_large(name, size)
    return decode(data, name, path.parent, _identity(path))


def _identity(path: Path) -> str:
    """What tells whether two paths are the same file, so that none includes itself."""
    if os.path.islink(path):  # noqa: PTH114 - asked for each include; pathlib's is slower
        return os.path.realpath(path)
    return os.path.join(_real(os.path.abspath(path.parent)), path.name)  # noqa: PTH100, PTH118


@lru_cache(maxsize=64)
def _real(folder: str) -> str:
    return os.path.realpath(folder)
