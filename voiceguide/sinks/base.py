"""What a sink is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Protocol

from voiceguide.audio import AudioFormat
from voiceguide.plugins import PlugIn

if TYPE_CHECKING:
    from pathlib import Path

    from voiceguide.audio import Samples
    from voiceguide.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Tags:
    """What a player shows of a file.

    Attributes:
        language: BCP 47.
        cover: a PNG or JPEG file's bytes, or None.
        grouping: what the file belongs to within its album, or empty.
        track: its number in the album and how many there are, or None.
    """

    title: str
    album: str = "voiceguide"
    artist: str = "voiceguide"
    genre: str = "Spoken & Audio"
    comment: str = ""
    language: str = "en"
    cover: bytes | None = None
    grouping: str = ""
    track: tuple[int, int] | None = None


class Sink(Protocol):
    """Takes the blocks of a session, in order.

    `write` takes float32 samples of shape (frames, channels) of any number of frames; a device's
    `write` blocks until there is room. `close` makes the result whole; `abort` leaves no result.
    Exactly one of the two is called, once.
    """

    def write(self, block: Samples) -> None: ...

    def close(self) -> None: ...

    def abort(self) -> None: ...


@dataclass(frozen=True, slots=True)
class FileJob:
    """All that a file sink needs besides the blocks.

    Attributes:
        format: of the blocks.
        timeline: chapters and words; its `frames` is the number of frames that will be written.
        describe: gives what players show, the same each time. A cover takes a while to draw: it is
            best asked for when the sound is under way.
        bitrate: in kbit/s, or None for the sink's own choice.
    """

    format: AudioFormat
    timeline: Timeline
    describe: Callable[[], Tags]
    bitrate: int | None = None


class Part(Protocol):
    """A new, empty file that becomes the result once it is complete.

    Attributes:
        path: its name for now, for libraries that want to open it themselves.
        stream: open for reading and writing.
    """

    @property
    def path(self) -> Path: ...

    @property
    def stream(self) -> BinaryIO: ...


class FileFormat(PlugIn, Protocol):
    """How one kind of file is written; what a format's entry point names.

    A new format is one file::

        class Raw:
            about = "samples without a header"
            default = False

            def check(self) -> str:
                return self.about

            def accept(self, audio: AudioFormat, bitrate: int | None) -> None:
                if bitrate is not None:
                    raise UsageError("raw samples have no bitrate")

            def create(self, part: Part, job: FileJob) -> Sink:
                return RawSink(part.stream)

    Its suffix without the dot is a row in `registry.BUILT_IN`, or in another package an entry
    point of the group `voiceguide.sinks`; see `voiceguide.plugins`.
    """

    def accept(self, audio: AudioFormat, bitrate: int | None) -> None:
        """Called before any work.

        Raises:
            UsageError: such sound cannot be written, or not at this bitrate in kbit/s.
        """
        ...

    def create(self, part: Part, job: FileJob) -> Sink:
        """A sink that writes into `part`, and leaves opening, closing and renaming it alone."""
        ...
