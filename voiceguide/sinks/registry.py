"""Which kinds of files there are, and the way to write one."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from voiceguide.audio import AudioFormat
from voiceguide.errors import (
    MissingError,
    NotFoundError,
    SinkError,
    UsageError,
    VoiceguideError,
    did_you_mean,
)
from voiceguide.sinks.atomic import AtomicFile
from voiceguide.sinks.base import FileFormat, FileJob, Sink
from voiceguide.units import format_clock, to_seconds

if TYPE_CHECKING:
    from voiceguide.audio import Samples

GROUP = "voiceguide.sinks"
"""Entry points of plug-ins: the name is the suffix without its dot, the object a `FileFormat`."""

BUILT_IN = {
    "mp3": ("voiceguide.sinks.mp3:Mp3", "MP3 with chapters, cover and words"),
    "wav": ("voiceguide.sinks.soundfile_sink:Wav", "WAV, 16 bit, uncompressed"),
    "flac": ("voiceguide.sinks.soundfile_sink:Flac", "FLAC, lossless"),
    "ogg": ("voiceguide.sinks.soundfile_sink:Vorbis", "Ogg Vorbis"),
    "opus": ("voiceguide.sinks.soundfile_sink:Opus", "Ogg Opus"),
    "m4a": ("voiceguide.sinks.ffmpeg:M4a", "AAC with chapters, through ffmpeg"),
    "m4b": ("voiceguide.sinks.ffmpeg:M4b", "audiobook with chapters, through ffmpeg"),
}
"""Suffix without its dot: where the format's class is, and what it is."""


@dataclass(frozen=True, slots=True)
class FormatInfo:
    """One kind of file.

    Attributes:
        name: its suffix without the dot.
        missing: what is not installed and what brings it, or None where the format works here.
    """

    name: str
    description: str
    missing: str | None


def format_names() -> tuple[str, ...]:
    """All formats that can be named, built-in ones first; nothing is loaded."""
    return (*BUILT_IN, *_plug_ins())


def formats() -> tuple[FormatInfo, ...]:
    """All kinds of files, built in and from plug-ins, and what works here."""
    found = []
    for name, (_, description) in BUILT_IN.items():
        found.append(FormatInfo(name, description, _missing(name)))
    for name, point in _plug_ins().items():
        found.append(FormatInfo(name, f"plug-in {point.value}", _missing(name)))
    return tuple(found)


def format_name(path: Path) -> str:
    """The format that a file's name asks for.

    Raises:
        UsageError: it has no suffix.
        NotFoundError: there is no such format; the message lists them.
    """
    if not path.suffix:
        raise UsageError(f'"{path}" has no suffix to tell the format; use one of {_listed()}')
    return _known(path.suffix[1:], f'"{path}": ')


def file_sink(name: str) -> FileFormat:
    """The format of a name such as `mp3`, ready to be used.

    Raises:
        NotFoundError: there is no such format; the message lists them.
        MissingError: what it needs is not installed.
        SinkError: it cannot be loaded.
    """
    name = _known(name.removeprefix("."))
    try:
        if name in BUILT_IN:
            module, _, attribute = BUILT_IN[name][0].partition(":")
            factory = getattr(importlib.import_module(module), attribute)
        else:
            factory = _plug_ins()[name].load()
        made: FileFormat = factory() if isinstance(factory, type) else factory
        made.check(AudioFormat(), None)
    except VoiceguideError:
        raise
    except ModuleNotFoundError as error:
        raise MissingError(
            f"the format {name} needs a library that is not installed ({error.name}); "
            f"pip install {error.name} brings it"
        ) from error
    except Exception as error:  # another package's module may fail in any way
        raise SinkError(f"the format {name} cannot be loaded: {error}") from error
    return made


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
    made.check(job.format, job.bitrate)
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


def _plug_ins() -> dict[str, EntryPoint]:
    points = {point.name.casefold(): point for point in entry_points(group=GROUP)}
    return {name: point for name, point in points.items() if name not in BUILT_IN}


def _listed() -> str:
    return ", ".join(f".{name}" for name in format_names())


def _known(name: str, where: str = "") -> str:
    plain = name.casefold()
    if plain in (names := format_names()):
        return plain
    question = did_you_mean(plain, names)
    raise NotFoundError(
        f"{where}there is no format .{name}; {f'{question} The' if question else 'the'} "
        f"formats are {_listed()}"
    )


def _missing(name: str) -> str | None:
    try:
        file_sink(name)
    except VoiceguideError as error:
        return str(error)
    return None
