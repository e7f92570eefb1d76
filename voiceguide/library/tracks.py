"""The tracks: the built-in scripts and the listener's own, by name."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from voiceguide.errors import NotFoundError, ScriptError, did_you_mean
from voiceguide.library.data import data_folder
from voiceguide.library.environment import LibraryEnvironment, read_source
from voiceguide.library.finding import is_folder, user_folder
from voiceguide.script import Source, parse
from voiceguide.script.model import FrontMatter
from voiceguide.script.parse import read_head

Origin = Literal["built-in", "own"]


@dataclass(frozen=True, slots=True)
class Track:
    """An entry of the library.

    Attributes:
        name: the script file's name without its suffix.
        origin: whether it ships or is the listener's.
        path: the script.
    """

    name: str
    origin: Origin
    path: Path

    @property
    def shown(self) -> str:
        """How the script is called in messages."""
        if self.origin == "own":
            return str(self.path)
        return self.path.relative_to(data_folder("scripts")).as_posix()

    def source(self) -> Source:
        """The script's text.

        Raises:
            NotFoundError, ScriptError: as `environment.read_source`.
        """
        return read_source(self.path, shown=self.shown)


@dataclass(frozen=True, slots=True)
class Entry:
    """A track with what its script says of itself.

    Attributes:
        problem: why it cannot be played, or None; title and front matter are there if they can
            be read. A built-in script is looked at no further than that.
    """

    track: Track
    title: str
    front: FrontMatter
    problem: str | None = None


def tracks() -> tuple[Track, ...]:
    """All tracks, built-in ones first, each group by name."""
    found: list[Track] = []
    origins: tuple[tuple[Origin, Path], ...] = (
        ("built-in", data_folder("scripts")),
        ("own", user_folder("scripts")),
    )
    for origin, folder in origins:
        if not is_folder(folder):
            continue
        paths = (p for p in folder.rglob("*.md") if is_track(p, folder))
        found += sorted((Track(p.stem, origin, p) for p in paths), key=lambda t: t.name)
    return tuple(found)


def is_track(path: Path, folder: Path) -> bool:
    """Whether a Markdown file of a library folder is a track: parts and documents are not.

    Nor is one whose name steers a terminal or looks like an option: names go into lists, files
    and commands.
    """
    inside = path.relative_to(folder)
    named = path.stem == path.stem.lower() and path.stem.isprintable() and path.stem[0] != "-"
    return named and "parts" not in inside.parts[:-1]


def entries() -> tuple[Entry, ...]:
    """All tracks with title and front matter, read without opening a sound.

    A listener's own scripts are read whole, since nobody else has tried them.
    """
    environment = LibraryEnvironment(listing=True)
    found = []
    for track in tracks():
        title, front, problem = track.name, FrontMatter(), None
        try:
            source = track.source()
            title, front = read_head(source, environment)
            if track.origin == "own":
                parse(source, environment)
        except (ScriptError, NotFoundError) as error:
            problem = str(error)
        found.append(Entry(track, title, front, problem))
    return tuple(found)


def find(name: str) -> Track:
    """The track of a name, which may be shortened as long as one only begins so.

    Hyphens may be written as spaces or underscores, and letters in any case.
    `own/NAME` and `built-in/NAME` tell two tracks of one name apart.

    Raises:
        NotFoundError: there is none, or more than one.
    """
    known, given = tracks(), name
    for origin in ("own", "built-in"):
        if name.startswith(origin + "/"):
            name = name.removeprefix(origin + "/")
            known = tuple(track for track in known if track.origin == origin)
    wanted = re.sub(r"[\s_]+", "-", name.strip().casefold())
    exact = [track for track in known if track.name == wanted]
    if len(exact) == 1:
        return exact[0]
    if exact:
        paths = " and ".join(f'{track.origin}/{track.name} ("{track.path}")' for track in exact)
        raise NotFoundError(f'there are two tracks "{name}": say which, {paths}')
    begin = [track for track in known if wanted and track.name.startswith(wanted)]
    if len(begin) == 1:
        return begin[0]
    if begin:
        names = ", ".join(track.name for track in begin[:8])
        raise NotFoundError(f'"{name}" could be {names}: write more of the name')
    names_known = [track.name for track in known]
    hint = did_you_mean(wanted, names_known, count=2)
    if hint is None:
        raise NotFoundError(f'there is no track "{given}"', settings=("name",))
    raise NotFoundError(f'there is no track "{given}": {hint}')


def open_track(name: str) -> tuple[Source, Track | None]:
    """The script of a track's name or a file's path.

    Raises:
        NotFoundError: there is neither.
        ScriptError: the file is not text.
    """
    path = Path(name)
    looks_like_file = name.lower().endswith((".md", ".markdown", ".txt")) or "\\" in name
    folders = ("own", "built-in")
    if not looks_like_file and (path.parts[:1] and path.parts[0] in folders or len(path.parts) < 2):
        try:
            track = find(name)
        except NotFoundError:
            if not os.path.exists(path):  # noqa: PTH110 - pathlib's raises where a name is too long
                raise
        else:
            return track.source(), track
    return read_source(path), None
