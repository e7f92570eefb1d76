"""Sounds of a kind that soundfile does not read: through ffmpeg, where that is installed."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import soundfile

from voiceguide.errors import SoundError

if TYPE_CHECKING:
    from voiceguide.audio import Samples

FOREIGN_LONGEST = 600
"""Seconds; what needs ffmpeg is held whole, so it may not be longer."""

_SECONDS = 20
"""Of computing, that ffmpeg may take."""
_AS = (
    "aformat=channel_layouts=mono|stereo:"
    "sample_rates=8000|11025|12000|16000|22050|24000|32000|44100|48000"
)
"""What ffmpeg makes of it; a small file may say that it has 200 channels, and all are held."""


def through_ffmpeg(path: Path) -> tuple[Samples, int]:
    """A file's samples, whole, of shape (frames, channels), and their rate in hertz.

    Raises:
        SoundError: ffmpeg is not installed, or the file is damaged, too long or no sound.
    """
    suffix = path.suffix or "this kind of sound"
    program = shutil.which("ffmpeg")
    if program is None:
        raise SoundError(
            f"{path}: {suffix} needs ffmpeg, which is not installed here; "
            "install it, or use WAV, FLAC, OGG or MP3"
        )
    # A file may name others, or addresses, as its parts: none of those is opened. The limits
    # bound time and memory; AU is a frame that needs no length beforehand.
    command = [
        program,
        *["-v", "quiet", "-nostdin", "-protocol_whitelist", "file"],
        *("-i", f"file:{path.resolve()}"),
        *f"-map 0:a:0 -t {FOREIGN_LONGEST + 1} -af {_AS} -f au -acodec pcm_s16be".split(),
        *f"-timelimit {_SECONDS} pipe:1".split(),
    ]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=True,
            timeout=4 * _SECONDS,
        )
        samples, made_at = soundfile.read(io.BytesIO(done.stdout), dtype="float32", always_2d=True)
    except (OSError, ValueError, subprocess.SubprocessError, soundfile.SoundFileError) as error:
        raise SoundError(
            f"{path} cannot be read, even by ffmpeg: it is damaged, far too large, or no sound"
        ) from error
    if not len(samples):
        raise SoundError(f"{path} holds no sound")
    if len(samples) > FOREIGN_LONGEST * made_at:
        raise SoundError(
            f"{path} is longer than {FOREIGN_LONGEST // 60} minutes, too long for {suffix}; "
            "convert it to FLAC, OGG or MP3"
        )
    return samples, made_at
