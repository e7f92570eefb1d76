"""WAV, FLAC, Ogg Vorbis and Opus through libsndfile, tagged by mutagen."""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar

from voiceguide.audio import AudioFormat
from voiceguide.errors import SinkError, UsageError
from voiceguide.plugins import require
from voiceguide.sinks import ogg, tags
from voiceguide.sinks.base import FileJob, Part, Sink
from voiceguide.sinks.pcm import Reblock

if TYPE_CHECKING:
    from voiceguide.audio import Samples
    from voiceguide.sinks.pcm import Pcm

_BLOCK = 16_384
_WAV_LIMIT = 2**32 - 2**20
"""A WAV file's sizes have 32 bits; some room for tags."""
_OPUS_RATE = 48_000


class _Format:
    """What the formats have in common: libsndfile's names, and no choice of bitrate."""

    name: ClassVar[str]
    about: ClassVar[str]
    default = False
    kind: ClassVar[tuple[str, str]]

    def check(self) -> str:
        """Raises MissingError: a library is not installed."""
        for module in ("soundfile", "mutagen"):
            require(module, self.name)
        return self.about

    def accept(self, audio: AudioFormat, bitrate: int | None) -> None:
        """Raises UsageError: a bitrate is asked for, and quality decides here."""
        del audio
        if bitrate is not None:
            raise UsageError(
                f"{self.name} has no bitrate: that is for MP3, M4A and M4B", settings=("bitrate",)
            )

    def create(self, part: Part, job: FileJob) -> Sink:
        """A sink that writes into a new, empty file."""
        self.accept(job.format, job.bitrate)
        return SoundFileSink(part, job, *self.kind)


class Wav(_Format):
    """The file format `wav`."""

    name = "WAV"
    about = "WAV, 16 bit, uncompressed"
    kind = ("WAV", "PCM_16")

    def create(self, part: Part, job: FileJob) -> Sink:
        if job.timeline.frames * job.format.channels * 2 > _WAV_LIMIT:
            raise SinkError("a WAV file holds at most 4 GB; choose .flac for a session this long")
        return super().create(part, job)


class Flac(_Format):
    """The file format `flac`."""

    name = "FLAC"
    about = "FLAC, lossless"
    kind = ("FLAC", "PCM_16")


class Vorbis(_Format):
    """The file format `ogg`."""

    name = "Ogg Vorbis"
    about = "Ogg Vorbis"
    kind = ("OGG", "VORBIS")


class Opus(_Format):
    """The file format `opus`, always at 48 kHz."""

    name = "Opus"
    about = "Ogg Opus"
    kind = ("OGG", "OPUS")


class _Stream:
    """A binary file for libsndfile, which calls it from C, where exceptions get lost.

    Attributes:
        error: the first thing that went wrong.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.error: OSError | None = None

    def write(self, data: bytes) -> int:
        if self.error is None:
            try:
                return self._stream.write(data)
            except OSError as error:
                self.error = error
        return 0

    def readinto(self, buffer: Any) -> int:
        count: int = self._stream.readinto(buffer)  # type: ignore[attr-defined]
        return count

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if self.error is None:
            try:
                return self._stream.seek(offset, whence)
            except OSError as error:
                self.error = error
        return 0

    def tell(self) -> int:
        return self._stream.tell() if self.error is None else 0


class SoundFileSink:
    """Writes a file of one of libsndfile's kinds.

    Args:
        part: a new, empty file.
        major, subtype: libsndfile's names.
    """

    def __init__(self, part: Part, job: FileJob, major: str, subtype: str) -> None:
        import soundfile

        self._file = part.stream
        self._stream = _Stream(part.stream)
        self._job = job
        self._kind = subtype if major == "OGG" else major
        self._resampler: Any = None
        rate = job.format.rate
        if subtype == "OPUS" and rate != _OPUS_RATE:
            import soxr

            self._resampler = soxr.ResampleStream(
                rate, _OPUS_RATE, job.format.channels, dtype="float32", quality="HQ"
            )
            rate = _OPUS_RATE
        self._length = round(job.timeline.frames * rate / job.format.rate)
        self._written = 0
        # One size of blocks for libsndfile, so that its bytes do not depend on the caller's.
        self._blocks = Reblock(_BLOCK, job.format.channels)
        self._sound = soundfile.SoundFile(
            self._stream, "w", rate, job.format.channels, subtype, format=major
        )
        self._check()

    def write(self, block: Samples) -> None:
        if self._resampler is not None:
            block = self._resampler.resample_chunk(block)
        self._add(block)

    def close(self) -> None:
        import numpy as np

        if self._resampler is not None:
            channels = self._job.format.channels
            self._add(self._resampler.resample_chunk(np.empty((0, channels), "f4"), last=True))
        self._put(self._blocks.rest())
        self._sound.close()
        self._check()
        with tags.saving():
            _TAGGERS[self._kind](self._file, self._job)

    def abort(self) -> None:
        # Nothing is to be written any more, so whatever it says does not matter.
        self._stream.error = self._stream.error or OSError()
        if not self._sound.closed:
            self._sound.close()

    def _add(self, block: Samples) -> None:
        for full in self._blocks.add(block):
            self._put(full)

    def _put(self, samples: Pcm) -> None:
        samples = samples[: self._length - self._written]
        try:
            self._sound.write(samples)
        except (RuntimeError, AssertionError) as error:
            self._check()
            raise SinkError(f"libsndfile cannot write: {error}") from error
        self._check()
        self._written += len(samples)

    def _check(self) -> None:
        if self._stream.error is not None:
            raise self._stream.error


def _tag_wav(stream: BinaryIO, job: FileJob) -> None:
    stream.seek(0)
    made = tags.mutagen("wave").WAVE(stream)
    made.add_tags()
    for frame in tags.id3_frames(job.timeline, job.describe()):
        made.tags.add(frame)
    stream.seek(0)
    made.save(stream, v2_version=3, padding=lambda _: tags.PADDING)


def _tag_flac(stream: BinaryIO, job: FileJob) -> None:
    stream.seek(0)
    made = tags.mutagen("flac").FLAC(stream)
    if made.tags is None:
        made.add_tags()
    told = job.describe()
    for key, value in tags.vorbis_comments(job.timeline, told):
        made.tags.append((key, value))
    if told.cover:
        made.add_picture(tags.flac_picture(told.cover))
    stream.seek(0)
    made.save(stream, padding=lambda _: tags.PADDING)


def _tag_ogg(stream: BinaryIO, job: FileJob) -> None:
    ogg.number_stream(stream)
    stream.seek(0)
    if b"OpusHead" in stream.read(64):
        kind = tags.mutagen("oggopus").OggOpus
    else:
        kind = tags.mutagen("oggvorbis").OggVorbis
    stream.seek(0)
    made = kind(stream)
    told = job.describe()
    for key, value in tags.vorbis_comments(job.timeline, told):
        made.tags.append((key, value))
    if told.cover:
        picture = base64.b64encode(tags.flac_picture(told.cover).write()).decode()
        made.tags.append(("METADATA_BLOCK_PICTURE", picture))
    stream.seek(0)
    made.save(stream, padding=lambda _: 0)


_TAGGERS = {"WAV": _tag_wav, "FLAC": _tag_flac, "VORBIS": _tag_ogg, "OPUS": _tag_ogg}
