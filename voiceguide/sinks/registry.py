"""File formats by name, built in or from other packages, and the way to write a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from voiceguide.errors import NotFoundError, SinkError, UsageError
from voiceguide.plugins import Found, Registry
from voiceguide.sinks.atomic import AtomicFile
from voiceguide.sinks.base import FileFormat, FileJob, Sink
from voiceguide.units import format_clock, to_seconds

if TYPE_CHECKING:
    from voiceguide.audio import Samples

BUILT_IN = {
    "mp3": "voiceguide.sinks.mp3:Mp3",
    "wav": "voiceguide.sinks.soundfile_sink:Wav",
    "flac": "voiceguide.sinks.soundfile_sink:Flac",
    "ogg": "voiceguide.sinks.soundfile_sink:Vorbis",
    "opus": "voiceguide.sinks.soundfile_sink:Opus",
    "m4a": "voiceguide.sinks.ffmpeg:M4a",
    "m4b": "voiceguide.sinks.ffmpeg:M4b",
}
"""Suffix without its dot: where the format is."""

FORMATS: Registry[FileFormat] = Registry("format", "voiceguide.sinks", BUILT_IN, SinkError)


def format_names() -> tuple[str, ...]:
    """All formats that can be named, built-in ones first; nothing is loaded."""
    return FORMATS.names()


def formats() -> tuple[Found, ...]:
    """All kinds of files, built in and from plug-ins, and what works here."""
    return FORMATS.survey()


def format_name(path: Path) -> str:
    """The format that a file's name asks for.

    Raises:
        UsageError: it has no suffix.
        NotFoundError: there is no such format; the message lists them.
    """
    if not path.suffix:
        raise UsageError(
            f'"{path}" has no suffix to tell the format; use one of .{", .".join(format_names())}'
        )
    try:
        return FORMATS.known(path.suffix[1:])
    except NotFoundError as error:
        raise NotFoundError(f'"{path}": {error}') from error


def file_sink(name: str) -> FileFormat:
    """The format of a name such as `mp3`, ready to be used.

    Raises:
        NotFoundError: there is no such format; the message lists them.
        MissingError: what it needs is not installed.
        SinkError: it cannot be loaded.
    """
    return FORMATS.checked(name.removeprefix("."))[0]


def open_file(
    path: Path, job: FileJob, *, format_name: str | None = None, force: bool = False
) -> Sink:
    """A sink that makes a file, which appears under its name when the sink is closed.

    Args:
        format_name: such as `mp3`; by default what the path's suffix says.
        force: whether a file of that name may be replaced.

    Raises:
        UsageError, SinkError: the file cannot be written so or there.
    """
    name = format_name or _name_of(path)
    made = file_sink(name)
    made.accept(job.format, job.bitrate)
    part = AtomicFile(path, force=force)
    try:
        with part.errors():
            return FileSink(part, made.create(part, job), job)
    except BaseException:
        part.discard()
        raise


_name_of = format_name


class FileSink:
    """A file's sink and its temporary file; whatever goes wrong, nothing is left behind."""

    def __init__(self, part: AtomicFile, inner: Sink, job: FileJob) -> None:
        self._part = part
        self._inner = inner
        self._job = job
        self._frames = 0

    def write(self, block: Samples) -> None:
        with self._part.errors():
            self._inner.write(block)
        self._frames += len(block)

    def close(self) -> None:
        try:
            expected = self._job.timeline.frames
            if self._frames != expected:
                rate = self._job.format.rate
                raise SinkError(
                    "the sound ended at "
                    f"{format_clock(to_seconds(self._frames, rate), decimals=3)} instead of "
                    f"{format_clock(to_seconds(expected, rate), decimals=3)}"
                )
            with self._part.errors():
                self._inner.close()
        except BaseException:
            self.abort()
            raise
        self._part.commit()

    def abort(self) -> None:
        try:
            self._inner.abort()
        finally:
            self._part.discard()
