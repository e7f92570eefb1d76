"""Finding scripts and sounds by name: in a folder, in the listener's library, in the built-in one.

A name is a path below one of those folders; one that climbs out, also through a link, is refused.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath

from voiceguide.errors import NotFoundError

_BAD = re.compile(r"[\x00-\x1f\x7f\\:*?\"<>|]")


def user_folder(kind: str) -> Path:
    """The listener's own scripts or sounds: below `$VOICEGUIDE_HOME`, else the data folder."""
    if named := os.environ.get("VOICEGUIDE_HOME"):
        return Path(named) / kind
    import platformdirs

    try:
        return Path(platformdirs.user_data_dir("voiceguide", appauthor=False)) / kind
    except RuntimeError:  # there is no home, so there is nothing in it
        return Path(os.devnull, "voiceguide", kind)


def check_name(name: str, what: str) -> None:
    """Refuse a name that is no path below a folder.

    Raises:
        NotFoundError: it is absolute, climbs out, or holds signs that no name has.
    """
    if _BAD.search(name):
        raise NotFoundError(f"a {what}'s name cannot hold {_BAD.search(name)[0]!r}")  # type: ignore[index]
    path = PurePath(name)
    if path.is_absolute() or name.startswith(("/", "~")):
        raise NotFoundError(
            f'"{name}" is an absolute path; name a {what} below the script\'s folder'
        )
    if ".." in path.parts:
        raise NotFoundError(f'"{name}" climbs out of its folder; name a {what} below it')
    if len(name) > 300:
        raise NotFoundError(f"a {what}'s name has at most 300 characters")


def below(folder: Path, name: str, suffixes: Iterable[str]) -> Path | None:
    """The file of a name below a folder, with one of the suffixes where it has none of them."""
    for candidate in _candidates(folder, name, tuple(suffixes)):
        try:
            if candidate.is_file() and candidate.resolve().is_relative_to(folder.resolve()):
                return candidate
        except OSError:
            continue
    return None


def _candidates(folder: Path, name: str, suffixes: tuple[str, ...]) -> Iterator[Path]:
    if name.lower().endswith(suffixes):
        yield folder / name
    else:
        for suffix in suffixes:
            yield folder / (name + suffix)
