"""An MP3 for a server: its size is known before its first byte is, and it is read while it grows."""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, cast

from voiceguide.errors import ExistsError, SinkError, VoiceguideError
from voiceguide.session.pipeline import Session

if TYPE_CHECKING:
    from voiceguide.sinks.base import FileJob

_PIECE = 1 << 16
_SOON = 1 << 18
"""Bytes that are not worth to be made out of turn: they come within a second or two."""


class Growing:
    """A session as an MP3 without tags, written by a thread of its own, read by as many as like.

    Any byte can be asked for at once; what is not there yet is waited for, and with `ask` it is
    made before the rest. The frames are those of an exported MP3, so that its download sounds alike;
    their first one has no checksum of the rest.

    Attributes:
        path: the file.
        size: of the whole file, in bytes.
    """

    def __init__(
        self,
        session: Session,
        path: Path | str | None = None,
        *,
        bitrate: int | None = None,
        folder: Path | None = None,
    ) -> None:
        """
        Args:
            path: of a new file, kept once it is whole; or None for one that goes with `close`.
            folder: where that one is; by default where the system keeps such files.
            bitrate: in kbit/s; 64 a channel by default.

        Raises:
            UsageError: there is no such bitrate.
            ExistsError: a file is already there.
            SinkError: the file cannot be written.
        """
        from voiceguide.sinks.base import FileJob, Tags
        from voiceguide.sinks.mp3 import Mp3, bare_size

        told = Tags(session.title)
        job = FileJob(session.timeline.format, session.timeline, lambda: told, bitrate)
        Mp3().accept(job.format, bitrate)
        self.size = bare_size(job)
        self.path, self._file = _new_file(path, folder)
        self._keep = path is not None
        self._there: list[tuple[int, int]] = [(0, 0)]
        self._asked: int | None = None
        self._at = 0
        self._stopped = False
        self._error: VoiceguideError | None = None
        self._changed = threading.Condition()
        self._thread = threading.Thread(
            target=self._run, args=(session, job), name="growing", daemon=True
        )
        self._thread.start()

    def __enter__(self) -> Growing:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def done(self) -> int:
        """How many bytes are there, from the first on; they never change again."""
        return self._there[0][1]

    def until(self, start: int) -> int:
        """The byte up to which all are there from a place on; the place itself where none is."""
        with self._changed:
            return next((end for begin, end in self._there if begin <= start < end), start)

    def ask(self, start: int) -> None:
        """Somebody waits for a place: unless it comes soon, it is made before the rest."""
        with self._changed:
            soon = self._at <= start < self._at + _SOON
            if self.until(start) == start < self.size and not soon:
                self._asked = start

    def wait(self, count: int | None = None, timeout: float | None = None) -> bool:
        """Wait until so many bytes are there, or all; whether they came within some seconds.

        Raises:
            SinkError: it was closed before, or could not be written.
            VoiceguideError: a sound could not be read.
        """
        wanted = self.size if count is None else min(count, self.size)

        return self._wait_for(lambda: self.done >= wanted, timeout)

    def wait_at(self, start: int, timeout: float | None = None) -> bool:
        """Wait until the byte at a place is there; whether it came. Raises as `wait`."""
        return self._wait_for(lambda: self.until(start) > start or start >= self.size, timeout)

    def _wait_for(self, came: Callable[[], bool], timeout: float | None) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: came() or self._error is not None, timeout)
            if came():
                return True
            if self._error is not None:
                raise self._error
            return False

    def read(self, start: int, most: int = _PIECE) -> bytes:
        """Bytes from a place on, at least one and at most so many; none past the end.

        Raises:
            SinkError, VoiceguideError: as `wait`.
        """
        if start >= self.size:
            return b""
        self.wait_at(start)
        try:
            with self.path.open("rb") as file:
                file.seek(start)
                return file.read(min(most, self.until(start) - start))
        except OSError as error:
            raise SinkError(f"{self.path} cannot be read: {error.strerror}") from error

    def chunks(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """All bytes from a place up to another, or to the end, as they come.

        Raises:
            SinkError, VoiceguideError: as `wait`.
        """
        end = self.size if end is None else min(end, self.size)
        self.ask(start)
        while start < end:
            piece = self.read(start, min(_PIECE, end - start))
            yield piece
            start += len(piece)

    def close(self) -> None:
        """Stop writing; the file goes unless it is whole and has a name of its own.

        Whoever waits for more gets a SinkError.
        """
        self._stopped = True
        self._thread.join()
        if not (self._keep and self.done == self.size):
            self._fail(SinkError(f"{self.path.name} was closed before it was read"))
            with contextlib.suppress(OSError):
                self.path.unlink()

    # The thread

    def _run(self, session: Session, job: FileJob) -> None:
        from voiceguide.sinks.atomic import sink_error

        try:
            with self._file:
                self._render(session, job)
        except VoiceguideError as error:
            self._fail(error)
        except OSError as error:
            self._fail(sink_error(self.path, error))
        except Exception as error:  # whoever reads must not wait for ever
            self._fail(SinkError(f"{self.path} cannot be written: {error}"))

    def _render(self, session: Session, job: FileJob) -> None:
        """From the place that is asked for, or the first gap, until nothing is missing."""
        while self.done < self.size:
            with self._changed:
                wanted, self._asked = self._asked, None
                self._at = place = self.done if wanted is None else wanted
            if self._render_from(session, job, place) and self.until(place) == place:
                raise SinkError(f"{self.path} has {self.done} bytes instead of {self.size}")

    def _render_from(self, session: Session, job: FileJob, place: int) -> bool:
        """Make what is missing from a place on; whether nothing else was asked for meanwhile."""
        from voiceguide.mix import blocks
        from voiceguide.sinks.mp3 import Mp3Sink, stretch_at

        number = stretch_at(job, place)
        target = _Placed(self._file, self._add)
        sink = Mp3Sink(_Part(self.path, cast(BinaryIO, target)), job, bare=True, first=number)
        target.at = sink.begins
        with self._changed:
            end = next((begin for begin, _ in self._there if begin > place), self.size)
        try:
            for block in blocks(session.timeline, session.clips, start=sink.first_sample):
                if self._stopped:
                    raise SinkError(f"{self.path.name} was closed before it was whole")
                if self._asked is not None or (end < self.size and target.at >= end):
                    sink.abort()
                    return self._asked is None
                sink.write(block)
        except BaseException:
            sink.abort()
            raise
        sink.close()
        return True

    def _add(self, start: int, end: int) -> None:
        """Bytes came, which may overlap what is there."""
        with self._changed:
            rows = sorted([*self._there, (start, end)])
            merged = [rows[0]]
            for begin, until in rows[1:]:
                if begin <= merged[-1][1]:
                    merged[-1] = (merged[-1][0], max(until, merged[-1][1]))
                else:
                    merged.append((begin, until))
            self._there = merged
            self._at = end
            self._changed.notify_all()

    def _fail(self, error: VoiceguideError) -> None:
        with self._changed:
            self._error = self._error or error
            self._changed.notify_all()


@dataclass(frozen=True, slots=True)
class _Part:
    """What the encoder writes to."""

    path: Path
    stream: BinaryIO


class _Placed:
    """A file that is written from a place on, and tells which bytes came."""

    def __init__(self, file: BinaryIO, tell: Callable[[int, int], None]) -> None:
        self._file = file
        self._tell = tell
        self.at = 0

    def write(self, data: bytes) -> int:
        self._file.seek(self.at)
        self._file.write(data)
        self.at += len(data)
        self._tell(self.at - len(data), self.at)
        return len(data)


def _new_file(path: Path | str | None, folder: Path | None) -> tuple[Path, BinaryIO]:
    """An empty file, unbuffered."""
    from voiceguide.sinks.atomic import sink_error

    wanted = Path(path) if path is not None else None
    try:
        if wanted is not None:
            return wanted, wanted.open("xb", buffering=0)
        handle, name = tempfile.mkstemp(
            prefix=f"voiceguide-{os.getpid()}-", suffix=".mp3", dir=folder
        )
        return Path(name), os.fdopen(handle, "wb", buffering=0)
    except FileExistsError as error:
        raise ExistsError(f'"{wanted}" is already there', settings=()) from error
    except OSError as error:
        raise sink_error(wanted or folder or Path(tempfile.gettempdir()), error) from error
