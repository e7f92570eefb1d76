"""Finding scripts and sounds by name: in a folder, in the listener's library, in the built-in one.

A name is a path below one of those folders; one that climbs out, also through a link, is refused.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath

from voiceguide import folders
from voiceguide.errors import NotFoundError

_BAD = re.compile(r"[\x00-\x1f\x7f-\x9f\\:*?\"<>|]")
_DEVICE = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])(?:[ .].*)?",
    re.IGNORECASE,
)
_LONGEST = 300
# An open pipe that nobody writes to is not waited for; what is read is bytes on every system.
_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def user_folder(kind: str) -> Path:
    """The listener's own scripts or sounds."""
    return folders.data() / kind


def check_name(name: str, what: str) -> None:
    """Refuse a name that is no path below a folder.

    Raises:
        NotFoundError: it is absolute, climbs out, or holds signs that no name has.
    """
    if len(name) > _LONGEST:
        raise NotFoundError(f"a {what}'s name has at most {_LONGEST} characters")
    if found := _BAD.search(name):
        raise NotFoundError(f"a {what}'s name cannot hold {found[0]!r}")
    path = PurePath(name)
    if path.is_absolute() or name.startswith(("/", "~")):
        raise NotFoundError(
            f'"{name}" is an absolute path; name a {what} below the script\'s folder'
        )
    if ".." in path.parts:
        raise NotFoundError(f'"{name}" climbs out of its folder; name a {what} below it')
    for part in path.parts:
        # Files that are told apart elsewhere would be one there, or none.
        if _DEVICE.fullmatch(part):
            raise NotFoundError(f'"{part}" is the name of a device on Windows; rename the {what}')
        if part.endswith((" ", ".")):
            raise NotFoundError(f'"{part}" ends in a space or a dot; rename the {what}')


def is_folder(path: Path) -> bool:
    """Whether a folder is there that can be looked into; a path that cannot be is none."""
    try:
        return path.is_dir() and os.access(path, os.R_OK | os.X_OK)
    except OSError:
        return False


def read_ordinary(path: Path, most: int) -> bytes:
    """A file's bytes, of which one more than `most` are read at most; nothing is waited for.

    Raises:
        OSError: it is not there, cannot be read, or is a folder, a pipe or a device.
    """
    # Asked before, for opening a device can do something; and after, should it have changed.
    mode = os.stat(path).st_mode  # noqa: PTH116 - pathlib's takes twice as long
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder")
    _check_ordinary(mode)
    handle = os.open(path, _READ)
    with os.fdopen(handle, "rb") as file:
        _check_ordinary(os.fstat(handle).st_mode)
        return file.read(most + 1)


def _check_ordinary(mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "it is no ordinary file")


def below(folder: Path, name: str, suffixes: Iterable[str]) -> Path | None:
    """The file of a name below a folder, with one of the suffixes where it has none of them."""
    if not os.path.isdir(folder):  # noqa: PTH112
        return None
    for candidate in _candidates(str(folder), name, tuple(suffixes)):
        # As text first: most of those asked for are not there.
        if not os.path.isfile(candidate):  # noqa: PTH113
            continue
        found = Path(candidate)
        try:
            if not _leads_on(str(folder), name, candidate) or (
                found.resolve().is_relative_to(folder.resolve())
            ):
                return found
        except OSError:
            continue
    return None


def _leads_on(folder: str, name: str, candidate: str) -> bool:
    """Whether a name has a link or a step upwards in it, so that it may lead out of its folder."""
    parts = PurePath(name).parts
    # Windows has junctions, which are no links and lead on as they do.
    if os.name == "nt" or PurePath(name).is_absolute() or ".." in parts:
        return True
    inside = [folder]
    for part in parts[:-1]:
        inside.append(os.path.join(inside[-1], part))  # noqa: PTH118
    return any(map(os.path.islink, (*inside[1:], candidate)))


def _candidates(folder: str, name: str, suffixes: tuple[str, ...]) -> Iterator[str]:
    where = os.path.join(folder, name)  # noqa: PTH118
    if name.lower().endswith(suffixes):
        yield where
    else:
        for suffix in suffixes:
            yield where + suffix
