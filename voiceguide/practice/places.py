"""Where sessions were left: small files of JSON.

Each player writes a file of its own and holds a lock on it while it runs, so that two of them
spoil nothing of each other; a file is replaced whole, so that a kill at any moment leaves the old
one or the new one. A session that was heard to its end leaves none.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
import time
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, BinaryIO

from voiceguide.practice import state

_SUFFIX = ".session.json"
_LOCK = ".lock"
_KEPT = 20
_WRITING = 600.0
"""Seconds after which a file that was not finished was left by a program that was killed."""
_AGE = 90 * 86_400.0
_MOST = 1e12
"""Seconds; what is more, or is no number, was not written here."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a session was left.

    Attributes:
        request: what made the session, as `session.request.request_as_dict` gives it; files in it
            are named in full.
        how: the player's own options.
        title: of the session.
        step: of its chapter.
        seconds, of: how far it was heard, and how long it is.
        when: seconds since the epoch.
    """

    request: dict[str, Any]
    how: dict[str, Any]
    title: str
    step: str
    seconds: float
    of: float
    when: float


class KeptPlace:
    """Keeps the place of one session that is being played.

    A folder that cannot be written is no error: there is nothing to resume then, and `problem`
    says why.

    Attributes:
        problem: why the last place could not be kept, or None.
    """

    def __init__(self) -> None:
        name = f"{int(time.time())}-{os.getpid()}-{secrets.token_hex(3)}"
        self._path = state.folder() / (name + _SUFFIX)
        self._lock: BinaryIO | None = None
        self.problem: str | None = None

    def save(self, place: Place) -> None:
        """Keep a place instead of the last one."""
        try:
            if self._lock is None:
                self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._lock = self._path.with_suffix(_LOCK).open("wb")
                _lock(self._lock)
            state.replace(self._path, asdict(place))
        except OSError as error:
            self.problem = f"{self._path.parent} cannot be written ({error.strerror or error})"
        else:
            self.problem = None

    def forget(self) -> None:
        """The session was heard to its end."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """Leave what was kept to `voiceguide resume`."""
        if self._lock is None:
            return
        lock, self._lock = self._lock, None
        # Removed while it is held, where the system allows it: then it was nobody else's.
        with contextlib.suppress(OSError):
            self._path.with_suffix(_LOCK).unlink()
        lock.close()
        with contextlib.suppress(OSError):
            self._path.with_suffix(_LOCK).unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class LeftPlace:
    """A place that can be gone on from."""

    place: Place
    path: Path

    def take(self) -> None:
        """Somebody goes on from it: it is not there for anybody else."""
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)


def left() -> list[LeftPlace]:
    """The places where sessions were left that nobody plays now, the latest first."""
    found = []
    try:
        paths = list(state.folder().glob("*" + _SUFFIX))
        parts = list(state.folder().glob(".*.json.*"))
    except OSError:
        return []
    for part in parts:
        with contextlib.suppress(OSError):
            if time.time() - part.stat().st_mtime > _WRITING:
                part.unlink()
    for path in paths:
        place = _read(path)
        if place is None or _in_use(path.with_suffix(_LOCK)):
            continue
        found.append(LeftPlace(place, path))
    found.sort(key=lambda entry: entry.place.when, reverse=True)
    for entry in found[_KEPT:]:
        entry.take()
    return [entry for entry in found[:_KEPT] if time.time() - entry.place.when < _AGE]


def _read(path: Path) -> Place | None:
    """The place in a file, or None where it cannot be used."""
    try:
        data = state.read(path)
        place = Place(**{field.name: data[field.name] for field in fields(Place)})
        # Written by hand or by another version, anything may stand there.
        good = (
            isinstance(place.request, dict)
            and isinstance(place.how, dict)
            and all(isinstance(text, str) for text in (place.title, place.step))
            and all(
                type(number) in (int, float) and 0 <= number < _MOST
                for number in (place.seconds, place.of, place.when)
            )
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return place if good else None


if sys.platform == "win32":

    def _lock(stream: BinaryIO) -> None:
        """An open file cannot be removed there: that is lock enough."""

    def _in_use(path: Path) -> bool:
        try:
            path.unlink(missing_ok=True)
        except OSError:
            return True
        return False

else:
    import fcntl

    def _lock(stream: BinaryIO) -> None:
        """Hold a file until it is closed or the program ends, however it ends."""
        with contextlib.suppress(OSError):  # some network drives have no locks
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _in_use(path: Path) -> bool:
        """Whether a program that runs holds a file; one that nobody holds is removed."""
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            return False
        except OSError:
            return True
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)
        except BlockingIOError:
            return True
        except OSError:
            return False
        finally:
            os.close(handle)
        return False
