"""WAV, FLAC, Ogg, Opus and M4A, judged by decoders that are not ours."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import mutagen.flac
import mutagen.mp4
import mutagen.oggopus
import mutagen.oggvorbis
import mutagen.wave
import numpy as np
import pytest
from needs import needs
from sinks_support import by_ffmpeg, by_libsndfile, feed, job, picture, sound

from voiceguide.errors import SinkError
from voiceguide.sinks.base import Tags
from voiceguide.sinks.registry import open_file

FORMATS = ["wav", "flac", "ogg", "opus"]
PNG = picture()


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("frames", [1, 1000, 16_384, 16_385, 100_001])
@pytest.mark.parametrize("name", FORMATS)
def test_exact_length(name, frames, channels, tmp_path):
    """Two decoders give all frames; Opus at 48 kHz.

    But for Vorbis, which ffmpeg does not cut at its last frame in short files; there the file's
    own count stands in for it.
    """
    path = tmp_path / f"x.{name}"
    samples = sound(3, channels=channels)[:frames]
    feed(open_file(path, job(frames, channels=channels)), samples)
    wanted = round(frames * 48_000 / 44_100) if name == "opus" else frames
    assert len(by_libsndfile(path)) == wanted
    if name == "ogg":
        assert mutagen.oggvorbis.OggVorbis(path).info.length == frames / 44_100
    else:
        assert len(by_ffmpeg(path, channels)) == wanted


@pytest.mark.parametrize("name", ["wav", "flac"])
def test_lossless_formats_round_to_16_bits(name, tmp_path):
    """What comes out is what went in, to half a step."""
    samples = sound(2)
    feed(open_file(tmp_path / f"x.{name}", job(len(samples))), samples)
    assert np.abs(by_libsndfile(tmp_path / f"x.{name}") - samples).max() <= 1.01 / 32_768
    assert np.abs(by_ffmpeg(tmp_path / f"x.{name}", 2) - samples).max() <= 1.01 / 32_768


@pytest.mark.parametrize(("name", "rate"), [("ogg", 44_100), ("opus", 48_000)])
def test_lossy_formats_stay_in_step(name, rate, tmp_path):
    """A burst is found where it was, within a millisecond."""
    samples = np.zeros((2 * 44_100, 1), np.float32)
    samples[66_150 : 66_150 + 441, 0] = 0.5 * np.sin(np.arange(441) * 0.2)
    feed(open_file(tmp_path / f"x.{name}", job(len(samples), channels=1)), samples)
    got = np.abs(by_libsndfile(tmp_path / f"x.{name}")[:, 0])
    middle = (got**2 * np.arange(len(got))).sum() / (got**2).sum() / rate
    assert abs(middle - (66_150 + 220) / 44_100) < 0.001


@pytest.mark.parametrize("name", [*FORMATS, "m4a"])
def test_the_same_bytes_again(name, tmp_path):
    """For another size of blocks, and in another process."""
    samples = sound(3)
    digests = set()
    for block in (16_384, 1001):
        feed(open_file(tmp_path / f"x.{name}", job(len(samples)), force=True), samples, block)
        digests.add(hashlib.sha256((tmp_path / f"x.{name}").read_bytes()).hexdigest())
    program = (
        f"import sys; sys.path.insert(0, {str(__file__.rpartition('/')[0])!r})\n"
        "from pathlib import Path\nfrom sinks_support import feed, job, sound\n"
        "from voiceguide.sinks.registry import open_file\n"
        "samples = sound(3)\n"
        "feed(open_file(Path(sys.argv[1]), job(len(samples)), force=True), samples, 50_000)"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path / f"x.{name}")], check=True)
    digests.add(hashlib.sha256((tmp_path / f"x.{name}").read_bytes()).hexdigest())
    assert len(digests) == 1


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("flac", mutagen.flac.FLAC),
        ("ogg", mutagen.oggvorbis.OggVorbis),
        ("opus", mutagen.oggopus.OggOpus),
    ],
)
def test_comments(name, kind, tmp_path):
    """Titles, chapters, words and cover in Vorbis comments."""
    given = Tags("T", "Al", "Ar", "Ge", "Co", "fr", PNG)
    samples = sound(4)
    made = job(len(samples), tags=given, words=("One.", "Two."))
    feed(open_file(tmp_path / f"x.{name}", made), samples)
    got = kind(tmp_path / f"x.{name}")
    keys = ("title", "album", "artist", "genre", "comment", "language", "lyrics")
    assert [got[key] for key in keys] == [
        [v] for v in ("T", "Al", "Ar", "Ge", "Co", "fre", "One.\nTwo.")
    ]
    assert got["chapter001"] == ["00:00:00.000"]
    assert got["chapter002"] == ["00:00:02.000"]
    assert got["chapter002name"] == ["Step 2"]
    if name == "flac":
        assert got.pictures[0].data == PNG
    else:
        assert "metadata_block_picture" in got


def test_tags_in_wav(tmp_path):
    """WAV holds an ID3 tag."""
    samples = sound(2)
    made = job(len(samples), tags=Tags("T", cover=PNG))
    feed(open_file(tmp_path / "x.wav", made), samples)
    got = mutagen.wave.WAVE(tmp_path / "x.wav")
    assert str(got["TIT2"]) == "T"
    assert len(got.tags.getall("CHAP")) == 2


@needs("ffmpeg")
@pytest.mark.parametrize("name", ["m4a", "m4b"])
def test_m4a(name, tmp_path):
    """The sound is as long as the session, and tags and cover are there."""
    samples = sound(5)
    made = job(len(samples), tags=Tags("T", comment="C", cover=PNG), bitrate=96)
    feed(open_file(tmp_path / f"x.{name}", made), samples)
    got = mutagen.mp4.MP4(tmp_path / f"x.{name}")
    assert got["\xa9nam"] == ["T"]
    assert got["\xa9lyr"] == ["Lie down."]
    assert bytes(got["covr"][0]) == PNG
    assert got["stik"] == [2 if name == "m4b" else 1]
    decoded = by_ffmpeg(tmp_path / f"x.{name}", 2)
    assert abs(len(decoded) - len(samples)) < 1024


def test_a_wav_file_has_a_limit(tmp_path):
    """Over 4 GB another format is named, before a file is there."""
    with pytest.raises(SinkError, match=r"\.flac"):
        open_file(tmp_path / "x.wav", job(10 * 3600 * 44_100))
    assert list(tmp_path.iterdir()) == []


def test_an_ffmpeg_that_fails(tmp_path, monkeypatch):
    """One sentence with what it said; nothing is left."""
    fake = tmp_path / "bin" / "ffmpeg"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\necho broken inside >&2\nexit 3\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(fake.parent), prepend=":")
    target = tmp_path / "out" / "x.m4b"
    target.parent.mkdir()
    samples = sound(5)
    sink = open_file(target, job(len(samples)))
    with pytest.raises(SinkError, match="ffmpeg failed: broken inside"):
        feed(sink, samples)
    sink.abort()
    assert list(target.parent.iterdir()) == []
