"""What the tests of file sinks share: sound, timelines, and decoders that are not ours."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import numpy as np
import soundfile
from needs import need
from PIL import Image

from voiceguide.audio import AudioFormat
from voiceguide.sinks.base import FileJob, Tags
from voiceguide.timeline.model import Chapter, Event, Timeline
from voiceguide.units import Frames


class MemoryPart:
    """A part in memory."""

    def __init__(self) -> None:
        self.stream = io.BytesIO()
        self.path = Path("memory")


def sound(
    seconds: float, *, rate: int = 44_100, channels: int = 2, bed: float = 0.02, seed: int = 1
):
    """Something like speech with pauses over a bed of noise; float32, (frames, channels)."""
    random = np.random.default_rng(seed)
    count = round(seconds * rate)
    voice = np.zeros(count)
    at = 0
    while at < count:
        length = min(count - at, int(rate * random.uniform(0.5, 3)))
        time = np.arange(length) / rate
        pitch = random.uniform(90, 140)
        swell = np.clip(np.sin(2 * np.pi * 4 * time), 0, 1) ** 0.5
        formant = random.uniform(400, 2500)
        for k in range(1, 25):
            weight = np.exp(-(((k * pitch - formant) / 800) ** 2)) / k
            voice[at : at + length] += 0.3 * weight * swell * np.sin(2 * np.pi * pitch * k * time)
        voice[at : at + length] += 0.02 * (1 - swell) * random.standard_normal(length)
        at += length + int(rate * random.uniform(0.3, 3))
    noise = np.cumsum(random.standard_normal((count, channels)), axis=0)
    noise -= np.roll(noise, 50, axis=0)
    block = voice[:, None] + bed * noise / 7
    return np.clip(block, -1, 1).astype(np.float32)


def timeline(
    frames: int, audio: AudioFormat, chapters: int = 2, words: tuple[str, ...] = ("Lie down.",)
) -> Timeline:
    """Chapters of about equal length, and a sentence every two seconds, half a second long."""
    borders = [frames * i // chapters for i in range(chapters + 1)]
    return Timeline(
        audio,
        Frames(frames),
        tuple(
            Chapter(f"Step {i + 1}", Frames(borders[i]), Frames(borders[i + 1]))
            for i in range(chapters)
        ),
        tuple(
            Event("voice", Frames(2 * i * audio.rate), Frames(audio.rate // 2), text=text)
            for i, text in enumerate(words)
        ),
    )


def job(frames: int, *, rate: int = 44_100, channels: int = 2, bitrate=None, tags=None, **more):
    """A job for a session of some frames."""
    audio = AudioFormat(rate, channels)
    told = tags or Tags("A title")
    return FileJob(audio, timeline(frames, audio, **more), lambda: told, bitrate)


def feed(sink, samples, block: int = 16_384) -> None:
    """Write all samples in blocks of one size, and close."""
    for at in range(0, len(samples), block):
        sink.write(samples[at : at + block])
    sink.close()


def names(folder: Path) -> list[str]:
    """What is in a folder, sorted."""
    return sorted(path.name for path in folder.iterdir())


def picture() -> bytes:
    """A small PNG file."""
    buffer = io.BytesIO()
    Image.new("RGB", (40, 40), (90, 120, 90)).save(buffer, "PNG")
    return buffer.getvalue()


def by_libsndfile(path: Path):
    """Decoded samples, (frames, channels)."""
    return soundfile.read(path, always_2d=True, dtype="float32")[0]


def _piped(command: list[str], channels: int):
    need(command[0])
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    assert done.stderr == b""
    return np.frombuffer(done.stdout, "<i2").reshape(-1, channels).astype(np.float32) / 32_768


def by_ffmpeg(path: Path, channels: int):
    """Decoded samples; ffmpeg must find nothing to complain about."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:a", "-f", "s16le", "-"]
    return _piped(command, channels)


def by_mpg123(path: Path, channels: int):
    """Decoded samples; mpg123 must find nothing to complain about."""
    return _piped(["mpg123", "-q", "-s", str(path)], channels)
