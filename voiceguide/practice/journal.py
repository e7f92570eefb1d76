"""The listener's journal: which sessions were played or marked done, and how the pain was.

One SQLite file of the listener's own. Every write is one transaction of its own, so that two
programs can write at once and a kill at any moment leaves whole sessions behind. A damaged file
is kept aside under another name, and a new one is begun.
"""

from __future__ import annotations

import contextlib
import errno
import math
import os
import sqlite3
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from voiceguide import folders
from voiceguide.errors import NotFoundError, VoiceguideError
from voiceguide.practice.records import FIELDS, LONGEST, Record, check_pain, from_row

if sys.platform != "win32":
    import fcntl

FILE_NAME = "journal.sqlite3"
WAIT = 15.0
"""How long another program that is writing is waited for, in seconds."""

_GLANCE = 0.05
"""Seconds between two looks at whether another program is done."""

# What makes version n of the file out of version n - 1. Never changed once released, only added to.
_STEPS = (
    (
        "CREATE TABLE sessions ("
        " id INTEGER PRIMARY KEY AUTOINCREMENT,"
        " started TEXT NOT NULL,"
        " track TEXT NOT NULL,"
        " seconds REAL NOT NULL,"
        " pain_before INTEGER,"
        " pain_after INTEGER)",
    ),
    (
        "ALTER TABLE sessions ADD COLUMN ended TEXT",
        "ALTER TABLE sessions ADD COLUMN side TEXT",
        "ALTER TABLE sessions ADD COLUMN tool TEXT",
        "ALTER TABLE sessions ADD COLUMN completed INTEGER NOT NULL DEFAULT 1",
        "ALTER TABLE sessions ADD COLUMN marked INTEGER NOT NULL DEFAULT 0",
    ),
    ("ALTER TABLE sessions ADD COLUMN skipped INTEGER NOT NULL DEFAULT 0",),
)
VERSION = len(_STEPS)
_COLUMNS = ", ".join(FIELDS)


def default_path() -> Path:
    """Where the listener's journal is."""
    return folders.data() / FILE_NAME


def record(path: Path, **what: Any) -> int:
    """Open the journal, add one session to it, close it; see `Journal.record`."""
    with Journal(path) as journal:
        return journal.record(**what)


@dataclass(frozen=True, slots=True)
class Read:
    """All that a journal holds.

    Attributes:
        records: the oldest first.
        note: a sentence for the listener, where something had to be set aside or left out.
    """

    records: tuple[Record, ...]
    note: str | None = None


def read() -> Read:
    """All sessions of the listener's journal; none, and no file is made, where there is no journal.

    Raises:
        VoiceguideError: as `Journal`.
    """
    path = default_path()
    try:
        if not path.exists():
            return Read(())
    except OSError:
        pass  # to open it says why
    with Journal(path) as journal:
        found = journal.records()
        return Read(found, journal.note)


class Journal:
    """The journal in a file, which is made where there is none.

    Args:
        path: the file, or None for the listener's own.

    Attributes:
        path: the file.
        note: a sentence for the listener, where something had to be set aside or left out.

    Raises:
        VoiceguideError: it cannot be opened, or a newer version has written it.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path = path or default_path()
        self._limit = _Limit()
        self.note: str | None = None
        with self._sentences():
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Another program that still looked at a damaged file after it was set aside would take
            # the new one's rollback journal for that file's, and use it up.
            with _alone(path.parent):
                self._connection = self._connected()

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()

    def record(
        self,
        *,
        started: datetime,
        track: str,
        seconds: float,
        ended: datetime | None = None,
        side: str | None = None,
        tool: str | None = None,
        completed: bool = True,
        skipped: bool = False,
        marked: bool = False,
        pain_before: int | None = None,
        pain_after: int | None = None,
    ) -> int:
        """Add a session; once this returns, it survives whatever comes.

        Times without an offset are taken as local. Returns the session's id.

        Raises:
            UsageError: a pain is not from 0 to 10.
            VoiceguideError: it cannot be written; the journal is as it was.
        """
        values = {
            "started": _stamp(started),
            "ended": _stamp(ended),
            "track": track,
            "side": side,
            "tool": tool,
            "seconds": min(float(seconds), LONGEST),
            "completed": completed,
            "skipped": skipped,
            "marked": marked,
            "pain_before": check_pain(pain_before),
            "pain_after": check_pain(pain_after),
        }
        marks = ", ".join(f":{name}" for name in values)
        with self._writing() as connection:
            done = connection.execute(
                f"INSERT INTO sessions ({', '.join(values)}) VALUES ({marks})", values
            )
            assert done.lastrowid is not None
            return done.lastrowid

    def records(self) -> tuple[Record, ...]:
        """All sessions, the oldest first; what cannot be read is left out and told in `note`."""
        with self._sentences():
            rows = self._connection.execute(f"SELECT {_COLUMNS} FROM sessions").fetchall()
        found = [made for row in rows if (made := from_row(row)) is not None]
        if lost := len(rows) - len(found):
            some = "one session" if lost == 1 else f"{lost} sessions"
            self.note = f'{some} in "{self.path}" cannot be read and {"is" if lost == 1 else "are"} left out'
        return tuple(sorted(found, key=lambda r: (r.started, r.id)))

    def get(self, ident: int) -> Record:
        """The session of an id.

        Raises:
            NotFoundError: there is none.
        """
        with self._sentences():
            query = f"SELECT {_COLUMNS} FROM sessions WHERE id = ?"
            try:
                row = self._connection.execute(query, (ident,)).fetchone()
            except OverflowError:  # no id is so large
                row = None
        found = row and from_row(row)
        if not found:
            raise NotFoundError(f"there is no session {ident}", settings=("session",))
        return found

    def delete(self, ident: int) -> Record:
        """Remove a session for good; returns what it was.

        Raises:
            NotFoundError: there is none.
        """
        gone = self.get(ident)
        with self._writing() as connection:
            connection.execute("DELETE FROM sessions WHERE id = ?", (ident,))
        return gone

    def say_pain(
        self, ident: int, *, before: int | None = None, after: int | None = None
    ) -> Record:
        """Write down how the pain was; None leaves what is there.

        Raises:
            NotFoundError: there is no such session.
            UsageError: a pain is not from 0 to 10.
        """
        values = (check_pain(before), check_pain(after), ident)
        self.get(ident)
        with self._writing() as connection:
            connection.execute(
                "UPDATE sessions SET pain_before = coalesce(?, pain_before),"
                " pain_after = coalesce(?, pain_after) WHERE id = ?",
                values,
            )
        return self.get(ident)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._sentences(), _transaction(self._connection):
            yield self._connection

    @contextlib.contextmanager
    def _sentences(self) -> Iterator[None]:
        """Turns what SQLite and the system say in its body into one sentence, in limited time."""
        self._limit.start()
        try:
            yield
        except sqlite3.Error as error:
            raise VoiceguideError(f'the journal "{self.path}" {_reason(error)}') from error
        except OSError as error:
            raise VoiceguideError(
                f'the journal "{self.path}" cannot be opened: {error.strerror or error}'
            ) from error

    def _connected(self) -> sqlite3.Connection:
        _make(self.path)
        try:
            return _opened(self.path, self._limit)
        except _Damaged:
            aside = _set_aside(self.path)
        _make(self.path)
        self.note = f'the journal was damaged and is kept as "{aside}"; a new one is begun'
        return _opened(self.path, self._limit)


class _Limit:
    """Ends a statement that takes too long, such as one with an endless trigger of somebody's."""

    _STEPS = 100_000

    def __init__(self) -> None:
        self._until = math.inf

    def start(self) -> None:
        """From now on there is so much time."""
        self._until = time.monotonic() + WAIT

    def watch(self, connection: sqlite3.Connection) -> None:
        """Look at the clock every so many steps of a connection."""
        connection.set_progress_handler(lambda: time.monotonic() > self._until, self._STEPS)


class _Damaged(Exception):
    """The file is no journal, or no longer."""


# SQLITE_ERROR too: no statement of ours is wrong where the tables are as they should be.
_BROKEN = {
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_FORMAT,
    sqlite3.SQLITE_ERROR,
}
_REASONS = {
    sqlite3.SQLITE_FULL: "cannot be written: the disk is full; free some space",
    sqlite3.SQLITE_BUSY: "is being written by another program; try again",
    sqlite3.SQLITE_LOCKED: "is being written by another program; try again",
    sqlite3.SQLITE_INTERRUPT: f"takes longer than {WAIT:.0f} s: has it a trigger of your own? Remove it",
    sqlite3.SQLITE_READONLY: "cannot be written: it is read-only; make it and its folder writable",
    sqlite3.SQLITE_PERM: "cannot be written: that is not allowed; make it and its folder writable",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened: look at its folder, and whether it may be written",
    sqlite3.SQLITE_IOERR: "cannot be read or written: the disk failed or is full",
}


def _reason(error: sqlite3.Error) -> str:
    # Some errors come from the Python side and have no code.
    code = getattr(error, "sqlite_errorcode", None)
    known = None if code is None else _REASONS.get(code & 0xFF)
    return known or f"cannot be used: {error}"


def _make(path: Path) -> None:
    """An empty file that only the listener may read, where there is none."""
    if path.exists():
        if not path.is_file():
            raise OSError(errno.EINVAL, "it is no ordinary file")
        return
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _opened(path: Path, limit: _Limit) -> sqlite3.Connection:
    """A connection to a whole journal of this version."""
    connection = sqlite3.connect(path, timeout=WAIT, isolation_level=None)
    limit.watch(connection)
    try:
        connection.text_factory = lambda raw: raw.decode(errors="replace")
        # What is deleted is overwritten; a rollback journal works on every kind of drive.
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA synchronous = FULL")
        _check_whole(connection)
        # A trigger or a view of the listener's own may be there; what it calls is not trusted.
        connection.execute("PRAGMA trusted_schema = OFF")
        if connection.execute(
            "SELECT 1 FROM sqlite_master WHERE type = 'view' AND name = 'sessions'"
        ).fetchone():
            raise _Damaged("a database of something else")
        _migrate(connection, path)
        connection.execute(f"SELECT {_COLUMNS} FROM sessions LIMIT 1").fetchone()
    except UnicodeDecodeError as error:
        # Python cannot even read what SQLite says of it.
        connection.close()
        raise _Damaged from error
    except sqlite3.DatabaseError as error:
        connection.close()
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _BROKEN:
            raise _Damaged from error
        raise
    except BaseException:
        connection.close()
        raise
    return connection


def _check_whole(connection: sqlite3.Connection) -> None:
    # Through SQLite alone: to close the file by another handle would drop this program's locks.
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise _Damaged(found)


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    if _version(connection) == VERSION:
        return
    with _transaction(connection):
        # Read again now that nobody else can write.
        version = _version(connection)
        if version > VERSION:
            raise VoiceguideError(
                f'the journal "{path}" was written by a newer voiceguide: install that one again'
            )
        if version == 0 and connection.execute("SELECT 1 FROM sqlite_master").fetchone():
            raise _Damaged("a database of something else")
        if version < 0:
            raise _Damaged("no such version")
        for step in _STEPS[version:]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {VERSION}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A full disk may have rolled it back already.
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _set_aside(path: Path) -> Path:
    """Move a damaged journal to a name of its own, with what SQLite left beside it."""
    stem = f"{path.stem}-damaged-{datetime.now():%Y%m%d-%H%M%S}"
    aside = path.with_name(stem + path.suffix)
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{stem}-{number}{path.suffix}")
    # The rollback journal goes first: left behind, it would be played into the new file.
    for tail in ("-journal", "-wal", "-shm", ""):
        with contextlib.suppress(FileNotFoundError):
            Path(f"{path}{tail}").rename(f"{aside}{tail}")
    return aside


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Only one program at a time is in its body, for a folder; a killed one is none.

    Raises:
        sqlite3.OperationalError: another one stays in it for longer than `WAIT`, as for a database.
    """
    if sys.platform == "win32":
        yield  # an open file cannot be renamed there, so nothing can be taken away
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        until = time.monotonic() + WAIT
        while not _locked(handle):
            if time.monotonic() > until:
                raise _busy()
            time.sleep(_GLANCE)
        yield
    finally:
        os.close(handle)


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _busy() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return error


def _stamp(when: datetime | None) -> str | None:
    if when is None:
        return None
    return (when if when.tzinfo else when.astimezone()).isoformat(timespec="seconds")
