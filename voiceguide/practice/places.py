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
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, get_args

from voiceguide.plan.model import BreathGuide, Options, Pace
from voiceguide.player.player import LOUDEST_PERCENT
from voiceguide.practice import state
from voiceguide.practice.checked import (
    Check,
    fields_of,
    flag,
    left_out,
    maybe,
    number,
    one_of,
    text,
    whole,
)
from voiceguide.practice.more import MOST
from voiceguide.session.request import Request
from voiceguide.speech.registry import FASTEST, SLOWEST
from voiceguide.units import LONGEST, Side, SideChoice

_SUFFIX = ".session.json"
_LOCK = ".lock"
_KEPT = 20
_WRITING = 600.0
"""Seconds after which a file that was not finished was left by a program that was killed."""
_AGE = 90 * 86_400.0
_AHEAD = 86_400.0
"""Seconds that a clock may have been ahead when a place was kept."""

_INTERVALS = 10_000


def added(value: Any) -> bool:
    """Whether these can be seconds on top of intervals, by their index."""
    seconds = number(0.1, MOST)
    return (
        isinstance(value, dict)
        and len(value) <= _INTERVALS
        and all(isinstance(k, str) and k.isdecimal() and len(k) < 6 for k in value)
        and all(map(seconds, value.values()))
    )


REQUEST: Mapping[str, Check] = {
    "name": text,
    "voice": maybe(text),
    "speed": number(SLOWEST, FASTEST),
    "mono": flag,
}
OPTIONS: Mapping[str, Check] = {
    "side": one_of(get_args(SideChoice)),
    "start": maybe(one_of(get_args(Side))),
    "sore": maybe(one_of(get_args(Side))),
    "tool": maybe(text),
    "pace": one_of(get_args(Pace)),
    "length": maybe(number(1.0, LONGEST)),
    "background": maybe(text),
    "breath": one_of(get_args(BreathGuide)),
}
HOW: Mapping[str, Check] = {
    "player": maybe(text),
    "device": maybe(text),
    "volume": whole(0, LOUDEST_PERCENT),
}
"""How a session is played, as it is kept."""
_FIELDS: Mapping[str, Check] = {
    "track": text,
    "title": text,
    "step": lambda value: isinstance(value, str),
    "seconds": number(0.0, LONGEST),
    "missed": number(0.0, LONGEST),
    "of": number(0.0, LONGEST),
    "when": number(0.0, 1e12),
    "added": added,
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a session was left.

    Attributes:
        request: what made the session; files in it are named in full.
        how: player, device and volume, as they were.
        track: the track's name, or the script's whole path; of each, one place is kept.
        title: of the session.
        step: of its chapter.
        seconds, of: how far it was heard, and how long it is.
        missed: seconds before the place that were skipped.
        when: seconds since the epoch.
        added: seconds on top of intervals, by their index; see `Session.extended`.
    """

    request: Request
    how: dict[str, Any]
    track: str
    title: str
    step: str
    seconds: float
    missed: float
    of: float
    when: float
    added: dict[str, float] = field(default_factory=dict)


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

    def forget(self, track: str) -> None:
        """The session came to its end: no older place of its track is worth anything either."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
        self.close()
        for entry in left():
            if entry.place.track == track:
                entry.take()

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
    """A place that can be resumed.

    Attributes:
        note: what of it could not be used, as a sentence for the listener, or None.
    """

    place: Place
    path: Path
    note: str | None = None

    def take(self) -> None:
        """Somebody resumes from it: it is not there for anybody else."""
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Places:
    """Where sessions were left.

    Attributes:
        places: those that nobody plays now, one a track, the latest first.
        note: a sentence for the listener where some cannot be used at all, or None.
    """

    places: tuple[LeftPlace, ...]
    note: str | None = None


def left() -> list[LeftPlace]:
    """The places that can be resumed, the latest first."""
    return list(read().places)


def read() -> Places:
    """Where sessions were left, and what of it cannot be used."""
    try:
        paths = list(state.folder().glob("*" + _SUFFIX))
        parts = list(state.folder().glob(".*.json.*"))
    except OSError:
        return Places(())
    for part in parts:
        with contextlib.suppress(OSError):
            if time.time() - part.stat().st_mtime > _WRITING:
                part.unlink()
    found, odd = [], 0
    for path in paths:
        if _in_use(path.with_suffix(_LOCK)):
            continue
        try:
            entry = _read(path)
        except OSError:  # it was resumed meanwhile
            continue
        if entry is not None:
            found.append(entry)
        else:
            odd += 1
    found.sort(key=lambda entry: entry.place.when, reverse=True)
    latest: dict[str, LeftPlace] = {}
    for entry in found:
        if latest.setdefault(entry.place.track, entry) is not entry or len(latest) > _KEPT:
            entry.take()
    kept = list(latest.values())[:_KEPT]
    fresh = tuple(entry for entry in kept if time.time() - entry.place.when < _AGE)
    some = "one file" if odd == 1 else f"{odd} files"
    note = f'{some} in "{state.folder()}" can\'t be read as a place to resume' if odd else None
    return Places(fresh, note)


def _read(path: Path) -> LeftPlace | None:
    """The place in a file, or None where it cannot be used.

    Raises:
        OSError: the file is gone.
    """
    try:
        data = state.read(path)
    except FileNotFoundError:
        raise
    except (OSError, ValueError, RecursionError):
        return None
    good, odd = fields_of(data, _FIELDS)
    request, wrong = _request_of(data.get("request") if isinstance(data, dict) else None)
    if request is None or "seconds" not in good:
        return None
    how, unusable = fields_of(data.get("how", {}), HOW)
    now = time.time()
    if not 0 <= good.get("when", -1) <= now + _AHEAD:
        good["when"] = min(now, path.stat().st_mtime)
    usual = {"track": request.name, "title": request.name, "step": "", "missed": 0.0}
    place = Place(request=request, how=how, **{"of": good["seconds"], **usual, **good})
    return LeftPlace(
        place, path, left_out(f'what was kept of "{place.title}"', (*odd, *wrong, *unusable))
    )


def _request_of(data: object) -> tuple[Request | None, tuple[str, ...]]:
    """What made the session, and what of it cannot be used; None where it has no name."""
    good, odd = fields_of(data, REQUEST)
    if "name" not in good:
        return None, odd
    options, wrong = fields_of(data.get("options", {}) if isinstance(data, dict) else {}, OPTIONS)
    return Request(options=Options(**options), **good), (*odd, *wrong)


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
