"""M4A and M4B: the sound is piped through ffmpeg, where that is installed."""

from __future__ import annotations

import errno
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from voiceguide.audio import AudioFormat
from voiceguide.errors import SinkError, UsageError
from voiceguide.plugins import not_installed, require
from voiceguide.sinks import tags
from voiceguide.sinks.base import FileJob, Part, Sink
from voiceguide.sinks.pcm import Reblock
from voiceguide.sinks.pipe import Pipe
from voiceguide.sinks.transcript import one_line
from voiceguide.units import format_clock, to_seconds

if TYPE_CHECKING:
    from voiceguide.audio import Samples

HOW = "apt install ffmpeg, brew install ffmpeg or winget install ffmpeg"

_LEAST, _GREATEST = 32, 320
_BLOCK = 65_536
_PACKET = 1_024
"""Frames in a packet of AAC."""
_PATIENCE = 30.0
"""Seconds that ffmpeg may take for a block, and to end once it has all the sound."""
_LAST_WORDS = 5.0
"""Seconds it gets to say what is wrong once it reads no more."""
_LOOSE = 0.15
"""Seconds by which its file may differ from the session: packets at both ends."""


class M4a:
    """The file format `m4a`."""

    about = "AAC with chapters, through ffmpeg"
    default = False
    kind: ClassVar[int] = 1
    """What players file it under: 1 is music, 2 is audiobooks."""

    def check(self) -> str:
        """Raises MissingError: ffmpeg is not installed, or a library."""
        if (found := shutil.which("ffmpeg")) is None:
            raise not_installed("ffmpeg, which M4A and M4B need,", f"{HOW}; .mp3 works without")
        require("mutagen", "M4A")
        return f"through {found}"

    def accept(self, audio: AudioFormat, bitrate: int | None) -> None:
        """Raises UsageError: a bitrate is out of range."""
        del audio
        if bitrate is not None and not _LEAST <= bitrate <= _GREATEST:
            raise UsageError(
                f"AAC has no bitrate of {bitrate} kbit/s; choose one from {_LEAST} to {_GREATEST}"
            )

    def create(self, part: Part, job: FileJob) -> Sink:
        """A sink that writes into a new, empty file."""
        self.accept(job.format, job.bitrate)
        return FfmpegSink(part, job, kind=self.kind)


class M4b(M4a):
    """The file format `m4b`."""

    about = "audiobook with chapters, through ffmpeg"
    kind = 2


class FfmpegSink:
    """Writes AAC in an MP4 file.

    AAC comes in packets of 1024 frames, and decoders give the last one whole. So silence goes
    before the sound, as much as makes its end that of a packet; the file tells players to skip it.

    Args:
        part: a new, empty file.
        kind: what players file it under.
    """

    def __init__(self, part: Part, job: FileJob, *, kind: int) -> None:
        self._part = part
        self._job = job
        self._kind = kind
        self._blocks = Reblock(_BLOCK, job.format.channels)
        self._lead = -job.timeline.frames % _PACKET
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the sink
        self._folder = tempfile.TemporaryDirectory(prefix="voiceguide-")
        try:
            chapters = Path(self._folder.name, "chapters.txt")
            chapters.write_text(_chapters(job), encoding="utf-8")
            self._process = self._started(chapters)
        except BaseException:
            self._clean_up()
            raise
        self._pipe = Pipe(self._process)
        self._send(bytes(2 * job.format.channels * self._lead))

    def write(self, block: Samples) -> None:
        for full in self._blocks.add(block):
            self._send(full.tobytes())

    def close(self) -> None:
        try:
            self._send(self._blocks.rest().tobytes())
            status = self._pipe.end(_PATIENCE)
            if status is None:
                raise SinkError("ffmpeg did not end; try again, or choose .mp3")
            if status:
                raise self._failure()
        finally:
            self._pipe.kill()
            self._clean_up()
        with tags.saving():
            self._tag()

    def abort(self) -> None:
        self._pipe.kill()
        self._clean_up()

    def _started(self, chapters: Path) -> subprocess.Popen[bytes]:
        audio = self._job.format
        bitrate = self._job.bitrate or 64 * audio.channels
        command = [
            shutil.which("ffmpeg") or "ffmpeg",
            *("-nostats", "-v", "error", "-y"),
            *f"-f s16le -ar {audio.rate} -ac {audio.channels} -i pipe:0".split(),
            *("-f", "ffmetadata", "-i", str(chapters)),
            *("-map", "0:a", "-map_metadata", "1", "-map_chapters", "1"),
            *f"-af asetpts=PTS-{self._lead} -c:a aac -b:a {bitrate}k".split(),
            *("-threads", "1", "-fflags", "+bitexact", "-flags:a", "+bitexact"),
            *("-movie_timescale", str(audio.rate), "-f", "ipod", str(self._part.path)),
        ]
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
            bufsize=0,
            # Ctrl-C is for us; we end it.
            start_new_session=True,
        )

    def _send(self, data: bytes) -> None:
        if self._pipe.send(data, _PATIENCE):
            return
        if self._pipe.end(_LAST_WORDS):
            raise self._failure()
        raise SinkError("ffmpeg takes no more sound; try again, or choose .mp3")

    def _failure(self) -> Exception:
        """What ffmpeg said, as an error."""
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace")
        if "No space left" in said:
            return OSError(errno.ENOSPC, "")
        if "File too large" in said:
            return OSError(errno.EFBIG, "")
        last = one_line(said.strip().rpartition("\n")[2])[:200]
        return SinkError(f"ffmpeg failed: {last or f'exit status {self._process.returncode}'}")

    def _clean_up(self) -> None:
        self._errors.close()
        self._folder.cleanup()

    def _tag(self) -> None:
        mp4 = tags.mutagen("mp4")
        job, told = self._job, self._job.describe()
        made = mp4.MP4(self._part.path)
        # A program that was ended early may say that all went well.
        wanted = to_seconds(job.timeline.frames, job.format.rate)
        if abs(made.info.length - wanted) > _LOOSE:
            raise SinkError(
                f"ffmpeg wrote {format_clock(made.info.length)} instead of {format_clock(wanted)}; "
                "try again, or choose .mp3"
            )
        made["\xa9nam"] = one_line(told.title)
        made["\xa9alb"] = one_line(told.album)
        made["\xa9ART"] = one_line(told.artist)
        made["\xa9gen"] = one_line(told.genre)
        if told.grouping:
            made["\xa9grp"] = one_line(told.grouping)
        if told.track:
            made["trkn"] = [told.track]
        if told.comment:
            made["\xa9cmt"] = one_line(told.comment)
        if words := tags.lyrics(job.timeline):
            made["\xa9lyr"] = words
        made["stik"] = [self._kind]
        if told.cover:
            jpeg = tags.picture_type(told.cover) == "image/jpeg"
            kind = mp4.MP4Cover.FORMAT_JPEG if jpeg else mp4.MP4Cover.FORMAT_PNG
            made["covr"] = [mp4.MP4Cover(told.cover, kind)]
        made.save(padding=lambda _: 0)


def _chapters(job: FileJob) -> str:
    """The chapters in ffmpeg's own text format, in frames."""
    lines = [";FFMETADATA1"]
    for chapter in job.timeline.chapters:
        title = one_line(chapter.title)
        for character in "\\=;#":
            title = title.replace(character, f"\\{character}")
        lines += [
            "[CHAPTER]",
            f"TIMEBASE=1/{job.format.rate}",
            f"START={chapter.start}",
            f"END={chapter.end}",
            f"title={title}",
        ]
    return "\n".join(lines) + "\n"
