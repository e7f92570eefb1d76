"""The listener's own scripts, as files to be written: read, saved, begun; nothing is ever lost.

A text is saved over the version that it was made from, and over no other: what another editor has
written meanwhile is told, and stays.
"""

from __future__ import annotations

import hashlib
import re
import threading
from dataclasses import dataclass
from pathlib import Path

from voiceguide.errors import ExistsError, NotFoundError, UsageError
from voiceguide.library.finding import user_folder
from voiceguide.script.source import MAX_BYTES
from voiceguide.sinks.atomic import write_bytes

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_lock = threading.Lock()
_elsewhere: dict[str, Path] = {}
"""Files of other folders that are written here too, by name."""


class ChangedError(UsageError):
    """The file is not what the text was made from."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A script's file as it is now.

    Attributes:
        text: with line ends as "\\n".
        version: tells this content from any other.
    """

    name: str
    text: str
    version: str


def path_of(name: str) -> Path:
    """Where a script of the listener's own is, or would be.

    Raises:
        UsageError: a script can't have that name.
    """
    if name in _elsewhere:
        return _elsewhere[name]
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"\"{name[:40]}\" can't be a script's name: use small letters, digits and hyphens"
        )
    return user_folder("scripts") / f"{name}.md"


def name_for(path: Path) -> str:
    """The name by which a file is written here from now on, whichever folder it is in.

    Raises:
        NotFoundError: it is not there.
    """
    path = path.absolute()
    if not path.is_file():
        raise NotFoundError(f'there is no file "{path}"')
    if path.parent == user_folder("scripts").absolute() and _NAME.fullmatch(path.stem):
        return path.stem
    plain = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-")[:50] or "script"
    name, number = plain, 2
    while name in names() and _elsewhere.get(name) != path:
        name, number = f"{plain}-{number}", number + 1
    _elsewhere[name] = path
    return name


def names() -> list[str]:
    """Those that can be written here."""
    try:
        found = [path.stem for path in user_folder("scripts").glob("*.md")]
    except OSError:
        found = []
    return sorted({*_elsewhere, *(name for name in found if _NAME.fullmatch(name))})


def version_of(name: str) -> str:
    """The version of a file, or "" where there is none."""
    try:
        return _version(path_of(name).read_bytes())
    except OSError:
        return ""


def read(name: str) -> Draft:
    """A script's text.

    Raises:
        NotFoundError: there is none, or it isn't text.
    """
    path = path_of(name)
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except FileNotFoundError:
        raise NotFoundError(f'there is no script "{name}" of your own') from None
    except UnicodeDecodeError:
        raise NotFoundError(f'"{path}" isn\'t text in UTF-8: save it as UTF-8 first') from None
    return Draft(name, re.sub("\r\n?", "\n", text), _version(data))


def write(name: str, text: str, base: str) -> Draft:
    """Save a text.

    Args:
        base: the version that it was made from; "" for a file that is new.

    Raises:
        ChangedError: the file has another version now, and stays as it is.
        UsageError: it is too large.
        SinkError: it can't be written.
    """
    path = path_of(name)
    with _lock:
        if version_of(name) != base:
            raise ChangedError(f'"{name}" was changed elsewhere: look at both before you save')
        if base and b"\r\n" in path.read_bytes():
            text = text.replace("\n", "\r\n")
        data = text.encode()
        if len(data) > MAX_BYTES:
            raise UsageError(f"a script has at most {MAX_BYTES >> 20} MiB")
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, data, force=True)
    return read(name)


def begin(name: str, like: str | None = None) -> Draft:
    """A new script: a short session with comments, or a copy of a track.

    Args:
        like: the track's name.

    Raises:
        ExistsError: there is one of this name.
        NotFoundError: there is no such track.
    """
    from voiceguide.library.tracks import find, open_track
    from voiceguide.workshop.drafting import Wishes, new

    path = path_of(name)
    if path.exists():
        raise ExistsError(f'there is a script "{name}" already')
    if like is None:
        text = new(Wishes(title=name.replace("-", " ").capitalize()))
    else:
        text = open_track(find(like).ref)[0].text
    return write(name, text, "")


def _version(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:24]
