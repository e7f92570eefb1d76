"""The tracks: the built-in scripts and the listener's own, by name."""

from __future__ import annotations

import contextlib
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from voiceguide.errors import NotFoundError, ScriptError, did_you_mean
from voiceguide.library.data import data_folder
from voiceguide.library.environment import LibraryEnvironment, read_source
from voiceguide.library.finding import check_name, is_folder, user_folder
from voiceguide.library.heads import Head, KeptHeads, kept_heads
from voiceguide.script import Source, parse
from voiceguide.script.model import FrontMatter
from voiceguide.script.parse import read_head

Origin = Literal["built-in", "own"]
_ORIGINS: tuple[Origin, ...] = ("own", "built-in")


NOT_READ = "is not looked into"
"""What is told of a link to a folder."""


@dataclass(frozen=True, slots=True)
class Track:
    """An entry of the library.

    Attributes:
        name: the script file's name without its suffix.
        origin: whether it ships or is the listener's.
        path: the script.
        inside: its path below the library's folder, without the suffix.
        ref: the name, or where another track has the same one what tells the two apart:
            `find` takes it.
    """

    name: str
    origin: Origin
    path: Path
    inside: str
    ref: str

    @property
    def shown(self) -> str:
        """How the script is called in messages."""
        if self.origin == "own":
            return str(self.path)
        return self.path.relative_to(data_folder("scripts")).as_posix()

    @property
    def file_name(self) -> str:
        """A name for a file made of it, without a suffix, that no other track's file gets."""
        return self.name if self.ref == self.name else self.ref.replace("/", "-")

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
        front: what lists and choices need of it; where things stand in the file is left out.
        problem: why it cannot be played, or None; title and front matter are there if they can
            be read. A built-in script is looked at no further than that.
    """

    track: Track
    title: str
    front: FrontMatter
    problem: str | None = None


def plain(name: str) -> str:
    """A name as it is compared: letters of any size and form, and whatever stands between them."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFKD", name).casefold())
    return re.sub(r"[\W_]+", "-", folded).strip("-") or folded.strip()


def tracks() -> tuple[Track, ...]:
    """All tracks, built-in ones first, each group by name."""
    found: list[tuple[Origin, Path, str]] = []
    for origin in reversed(_ORIGINS):
        folder = _folder(origin)
        paths = (path for path in _files(folder) if is_track(path, folder))
        inside = ((path, path.relative_to(folder).with_suffix("").as_posix()) for path in paths)
        found += [(origin, path, where) for path, where in sorted(inside, key=lambda p: p[0].stem)]
    alike = Counter(plain(path.stem) for _, path, _ in found)
    close = Counter((origin, plain(path.stem)) for origin, path, _ in found)
    made = []
    for origin, path, inside_ in found:
        ref = path.stem
        if alike[plain(ref)] > 1:
            ref = f"{origin}/{path.stem if close[origin, plain(ref)] == 1 else inside_}"
        made.append(Track(path.stem, origin, path, inside_, ref))
    return tuple(made)


def _folder(origin: Origin) -> Path:
    return user_folder("scripts") if origin == "own" else data_folder("scripts")


def _files(folder: Path) -> Iterator[Path]:
    """Markdown files in a folder and those in it; no link to a folder is followed."""
    if is_folder(folder):
        for here, below, names in os.walk(folder):
            # A folder of such a name is told of as a track that can't be read.
            yield from (Path(here, name) for name in (*below, *names) if name.endswith(".md"))


def linked_folders() -> tuple[Path, ...]:
    """Links to folders among the listener's own scripts: what is in them is no track."""
    folder = user_folder("scripts")
    if not is_folder(folder):
        return ()
    links = (Path(here, name) for here, names, _ in os.walk(folder) for name in names)
    return tuple(path for path in links if path.is_symlink())


def is_track(path: Path, folder: Path) -> bool:
    """Whether a Markdown file of a library folder is a track: parts, documents and hidden files,
    such as those that editors and systems leave, are not.

    Nor is one whose name steers a terminal or looks like an option: names go into lists, files
    and commands.
    """
    inside = path.relative_to(folder)
    if any(part.startswith(".") for part in inside.parts):
        return False
    named = path.stem == path.stem.lower() and path.stem.isprintable() and path.stem[0] != "-"
    return named and "parts" not in inside.parts[:-1]


def entries() -> tuple[Entry, ...]:
    """All tracks with title and front matter, read without opening a sound.

    A listener's own scripts are read whole, since nobody else has tried them; what was found is
    kept, so that this is done once for each text.
    """
    environment = LibraryEnvironment(listing=True)
    with kept_heads(user_folder("scripts"), user_folder("sounds")) as kept:
        return tuple(_entry(track, environment, kept) for track in tracks())


def _entry(track: Track, environment: LibraryEnvironment, kept: KeptHeads) -> Entry:
    title, front, problem = track.name, FrontMatter(), None
    try:
        source = track.source()
        if track.origin == "own":
            check_name(track.name, "script")
            known = kept.find(source.text)
            if known is not None:
                return Entry(track, known.title, known.front)
        title, front = read_head(source, environment)
        if track.origin == "own":
            parse(source, environment)
    except (ScriptError, NotFoundError) as error:
        problem = str(error)
    else:
        if track.origin == "own":
            kept.keep(source.text, Head(title, front))
    return Entry(track, title, front, problem)


def find(name: str) -> Track:
    """The track of a name, which may be shortened as long as one only begins so.

    What stands between words may be written as spaces, hyphens or underscores, and letters in
    any case. `own/NAME` and `built-in/NAME` tell two tracks of one name apart, and so does the
    path below the library's folder. A title is taken, too.

    Raises:
        NotFoundError: there is none, or more than one.
    """
    known, given = tracks(), name
    name = name.strip()
    for origin in _ORIGINS:
        if name.casefold().startswith(origin + "/"):
            name = name[len(origin) + 1 :]
            known = tuple(track for track in known if track.origin == origin)
    exact, wanted = unicodedata.normalize("NFC", name), plain(name)
    ways: list[Callable[[Track], bool]] = [
        lambda track: unicodedata.normalize("NFC", track.name) == exact,
        lambda track: wanted != "" and plain(track.name) == wanted,
        lambda track: wanted != "" and plain(track.name).startswith(wanted),
    ]
    if "/" in given:  # what tells two tracks apart counts before their names
        ways.insert(0, lambda track: plain(track.inside) == wanted)
        ways.insert(0, lambda track: unicodedata.normalize("NFC", track.inside) == exact)
    for number, way in enumerate(ways):
        found = [track for track in known if way(track)]
        if len(found) == 1:
            return found[0]
        if found and number == len(ways) - 1:
            names = ", ".join(track.ref for track in found[:8])
            raise NotFoundError(f'"{name}" could be {names}: write more of the name')
        if found:
            paths = " and ".join(f'{track.ref} ("{track.path}")' for track in found)
            raise NotFoundError(
                f'there are {_many(len(found))} tracks "{name}": say which, {paths}'
            )
    if (titled := _titled(wanted, known)) is not None:
        return titled
    # A near name counts as far as it is as one writes it.
    hint = did_you_mean(wanted, [track.ref for track in known], count=2)
    if hint is None:
        raise NotFoundError(f'there is no track "{given}"', settings=("name",))
    raise NotFoundError(f'there is no track "{given}": {hint}')


def _many(number: int) -> str:
    return "two" if number == 2 else str(number)


def _titled(wanted: str, known: Iterable[Track]) -> Track | None:
    """The one track of a title, or None."""
    environment = LibraryEnvironment(listing=True)
    found = []
    for track in known:
        with contextlib.suppress(ScriptError, NotFoundError):
            if plain(read_head(track.source(), environment)[0]) == wanted:
                found.append(track)
    return found[0] if len(found) == 1 and wanted else None


def open_track(name: str) -> tuple[Source, Track | None]:
    """The script of a track's name or a file's path.

    Raises:
        NotFoundError: there is neither.
        ScriptError: the file is not text.
    """
    path = Path(name)
    looks_like_file = name.lower().endswith((".md", ".markdown", ".txt")) or "\\" in name
    folders = ("own", "built-in")
    if not looks_like_file and (
        path.parts[:1] and path.parts[0].casefold() in folders or len(path.parts) < 2
    ):
        try:
            track = find(name)
        except NotFoundError:
            if not os.path.exists(path):  # noqa: PTH110 - pathlib's raises where a name is too long
                raise
        else:
            return track.source(), track
    return read_source(path), None
