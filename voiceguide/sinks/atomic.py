"""Files that are whole or not there.

A result grows in a temporary file beside its target and takes the target's name once complete.
While it grows it is locked, so that a later export into the folder can tell what a killed process
left behind (nobody holds the lock) from what another one is writing now.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from voiceguide.errors import ExistsError, SinkError, UsageError

SUFFIX = ".voiceguide-part"
_NAME_LIMIT = 255

_REASONS = {
    errno.ENOSPC: "the disk is full; free some space or choose another folder",
    errno.EDQUOT: "the disk quota is used up; free some space or choose another folder",
    errno.EFBIG: "the file would be larger than this system allows",
    errno.EROFS: "the folder is read-only",
    errno.EACCES: "writing there is not allowed",
    errno.EPERM: "writing there is not allowed",
    errno.ENOENT: "there is no such folder; make it first",
    errno.ENOTDIR: "there is no such folder; make it first",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
    errno.EIO: "the disk failed",
}


def sink_error(path: Path, error: OSError) -> SinkError:
    """The sentence for what the system said while a file was being written."""
    reason = _REASONS.get(error.errno or 0) or error.strerror or str(error) or "unknown error"
    elsewhere = error.errno in (errno.EROFS, errno.EACCES, errno.EPERM)
    return SinkError(f'cannot write "{path}": {reason}', settings=("path",) if elsewhere else ())


def check_target(path: Path, *, force: bool) -> None:
    """Refuse what cannot be written, before any work is done for it.

    Raises:
        UsageError: a folder or a device has this name.
        ExistsError: a file has this name, and `force` is not set.
        SinkError: the folder is missing or cannot be written to.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        mode = None
    except ValueError as error:
        raise UsageError("a file name cannot hold a zero character") from error
    except OSError as error:
        raise sink_error(path, error) from error
    if mode is not None:
        if stat.S_ISDIR(mode):
            raise UsageError(f'"{path}" is a folder; give the name of a file in it')
        if not stat.S_ISREG(mode):
            raise UsageError(f'"{path}" is not an ordinary file; choose another name')
        if not force:
            raise ExistsError(f'"{path}" is already there')
    folder = _real(path).parent
    if not folder.is_dir():
        raise sink_error(path, OSError(errno.ENOENT, ""))
    if hasattr(os, "statvfs") and os.statvfs(folder).f_flag & os.ST_RDONLY:
        raise sink_error(path, OSError(errno.EROFS, ""))
    if not os.access(folder, os.W_OK | os.X_OK):
        raise sink_error(path, OSError(errno.EACCES, ""))


class AtomicFile:
    """A file in the making: the `Part` that sinks write to.

    Args:
        path: the name it gets in the end; links are followed.
        force: whether a file that is there then may be replaced.

    Raises:
        UsageError, SinkError: as `check_target`.
    """

    def __init__(self, path: Path, *, force: bool = False) -> None:
        check_target(path, force=force)
        self._shown = path
        self._target = _real(path)
        self._force = force
        remove_leftovers(self._target.parent)
        with self.errors():
            self._path, self._stream = _new_part(self._target)

    @property
    def path(self) -> Path:
        return self._path

    @property
    def stream(self) -> BinaryIO:
        return self._stream

    @contextlib.contextmanager
    def errors(self) -> Iterator[None]:
        """Turns what the system says in its body into a SinkError about this file."""
        try:
            yield
        except OSError as error:
            raise sink_error(self._shown, error) from error

    def commit(self) -> None:
        """Give the complete file its name.

        Raises:
            SinkError: it could not be; the temporary file is gone, the target is as it was.
        """
        try:
            with self.errors():
                self._stream.flush()
                os.fsync(self._stream.fileno())
                if not self._force and self._target.exists():
                    raise SinkError(f'"{self._shown}" was made by someone else meanwhile')
                if sys.platform == "win32":
                    self._stream.close()
                # Renamed while still locked, so that nobody takes it for a leftover.
                self._path.replace(self._target)
                self._stream.close()
        except BaseException:
            self.discard()
            raise

    def discard(self) -> None:
        """Remove the temporary file."""
        # Closing writes what is buffered, which may fail again on a full disk.
        with contextlib.suppress(OSError):
            self._stream.close()
        with contextlib.suppress(OSError):
            self._path.unlink()


def write_text(path: Path, text: str, *, force: bool = False) -> None:
    """Write a text file in UTF-8; see `write_bytes`."""
    write_bytes(path, text.encode(), force=force)


def write_bytes(path: Path, data: bytes, *, force: bool = False) -> None:
    """Write a file, whole or not at all.

    Raises:
        UsageError, SinkError: as `check_target`, or it could not be written.
    """
    part = AtomicFile(path, force=force)
    try:
        with part.errors():
            part.stream.write(data)
    except BaseException:
        part.discard()
        raise
    part.commit()


def remove_leftovers(folder: Path) -> None:
    """Remove temporary files in a folder whose process is no more."""
    with contextlib.suppress(OSError):
        for path in folder.glob(f".*{SUFFIX}"):
            with contextlib.suppress(OSError):
                _remove_if_dead(path)


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _new_part(target: Path) -> tuple[Path, BinaryIO]:
    while True:
        tail = f".{secrets.token_hex(4)}{SUFFIX}"
        room = _NAME_LIMIT - 1 - len(tail)
        name = os.fsdecode(os.fsencode(target.name)[:room])
        path = target.with_name(f".{name}{tail}")
        stream = path.open("x+b")
        if _locked(stream):
            return path, stream
        stream.close()


if sys.platform == "win32":

    def _locked(stream: BinaryIO) -> bool:
        """Windows keeps an open file from being removed: that is lock enough."""
        return not stream.closed

    def _remove_if_dead(path: Path) -> None:
        path.unlink()

else:
    import fcntl

    def _locked(stream: BinaryIO) -> bool:
        """Lock a new file; False if it was taken for a leftover before that."""
        # Some network drives have no locks; there leftovers stay.
        with contextlib.suppress(OSError):
            fcntl.flock(stream, fcntl.LOCK_EX)
        return os.fstat(stream.fileno()).st_nlink > 0

    def _remove_if_dead(path: Path) -> None:
        # Not through a link, and without waiting, should it be a pipe.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if stat.S_ISREG(os.fstat(handle).st_mode):
                path.unlink()
        finally:
            os.close(handle)
