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


class Growing:
    """A session as an MP3 without tags, written by a thread of its own, read by as many as like.

    Any byte can be asked for at once; what is not there yet is waited for. The frames are those of
    an exported MP3, so that its download sounds alike; their first one has no checksum of the rest.

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
        self._done = 0
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
        return self._done

    def wait(self, count: int | None = None, timeout: float | None = None) -> bool:
        """Wait until so many bytes are there, or all; whether they came within some seconds.

        Raises:
            SinkError: it was closed before, or could not be written.
            VoiceguideError: a sound could not be read.
        """
        wanted = self.size if count is None else min(count, self.size)

        def over() -> bool:
            return self._done >= wanted or self._error is not None

        with self._changed:
            came = self._changed.wait_for(over, timeout)
        if self._done < wanted and self._error is not None:
            raise self._error
        return came

    def read(self, start: int, most: int = _PIECE) -> bytes:
        """Bytes from a place on, at least one and at most so many; none past the end.

        Raises:
            SinkError, VoiceguideError: as `wait`.
        """
        if start >= self.size:
            return b""
        self.wait(start + 1)
        try:
            with self.path.open("rb") as file:
                file.seek(start)
                return file.read(min(most, self._done - start))
        except OSError as error:
            raise SinkError(f"{self.path} cannot be read: {error.strerror}") from error

    def chunks(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """All bytes from a place up to another, or to the end, as they come.

        Raises:
            SinkError, VoiceguideError: as `wait`.
        """
        end = self.size if end is None else min(end, self.size)
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
        if not (self._keep and self._done == self.size):
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
        from voiceguide.mix import blocks
        from voiceguide.sinks.mp3 import Mp3Sink

        sink = Mp3Sink(
            _Part(self.path, cast(BinaryIO, _Told(self._file, self._grow))), job, bare=True
        )
        try:
            for block in blocks(session.timeline, session.clips):
                if self._stopped:
                    raise SinkError(f"{self.path.name} was closed before it was whole")
                sink.write(block)
        except BaseException:
            sink.abort()
            raise
        sink.close()
        if self._done != self.size:
            raise SinkError(f"{self.path} has {self._done} bytes instead of {self.size}")

    def _grow(self, count: int) -> None:
        with self._changed:
            self._done += count
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


class _Told:
    """A file that tells how many bytes each write added to it."""

    def __init__(self, file: BinaryIO, tell: Callable[[int], None]) -> None:
        self._file = file
        self._tell = tell

    def write(self, data: bytes) -> int:
        self._file.write(data)
        self._tell(len(data))
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
