"""WAV, FLAC, Ogg, Opus and M4A, judged by decoders that are not ours."""

from __future__ import annotations

import hashlib
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

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
from voiceguide.sinks import ffmpeg
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
    given = Tags("T", "Al", "Ar", "Ge", "Co", "fr", PNG, "Gr", (7, 41))
    samples = sound(4)
    made = job(len(samples), tags=given, words=("One.", "Two."))
    feed(open_file(tmp_path / f"x.{name}", made), samples)
    got = kind(tmp_path / f"x.{name}")
    keys = ("title", "album", "artist", "genre", "comment", "language", "lyrics")
    assert [got[key] for key in keys] == [
        [v] for v in ("T", "Al", "Ar", "Ge", "Co", "fre", "One.\nTwo.")
    ]
    places = ("grouping", "tracknumber", "tracktotal")
    assert [got[key] for key in places] == [["Gr"], ["7"], ["41"]]
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
    given = Tags("T", comment="C", cover=PNG, grouping="Gr", track=(7, 41))
    made = job(len(samples), tags=given, bitrate=96)
    feed(open_file(tmp_path / f"x.{name}", made), samples)
    got = mutagen.mp4.MP4(tmp_path / f"x.{name}")
    assert got["\xa9nam"] == ["T"]
    assert got["\xa9lyr"] == ["Lie down."]
    assert bytes(got["covr"][0]) == PNG
    assert got["\xa9grp"] == ["Gr"] and got["trkn"] == [(7, 41)]
    assert got["stik"] == [2 if name == "m4b" else 1]


@needs("ffmpeg")
@pytest.mark.parametrize(
    ("rate", "channels", "frames"),
    [
        (44_100, 2, 100_352),
        (44_100, 2, 100_353),
        (44_100, 1, 100_351),
        (48_000, 2, 77_777),
        (22_050, 1, 30_000),
    ],
)
def test_m4a_is_exact(rate, channels, frames, tmp_path):
    """It is as long as the session to the frame, by what it says and by what is decoded, and each
    frame stands where it belongs."""
    samples = sound(5, rate=rate, channels=channels)[:frames]
    path = tmp_path / "x.m4a"
    feed(open_file(path, job(frames, rate=rate, channels=channels, bitrate=256)), samples)
    command = "ffprobe -v error -of csv=p=0 -show_entries stream=duration_ts:stream=time_base"
    said = subprocess.run([*command.split(), str(path)], capture_output=True, text=True).stdout
    assert f"1/{rate},{frames}" in said
    decoded = by_ffmpeg(path, channels)
    assert len(decoded) == frames
    noise = np.square(decoded - samples).sum() / np.square(samples).sum()
    assert 10 * np.log10(noise) < -10


def test_a_wav_file_has_a_limit(tmp_path):
    """Over 4 GB another format is named, before a file is there."""
    with pytest.raises(SinkError, match=r"\.flac"):
        open_file(tmp_path / "x.wav", job(10 * 3600 * 44_100))
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def fake_ffmpeg(tmp_path, monkeypatch):
    """Puts a shell script in the place of ffmpeg; what is given is what stands in it."""

    def put(script: str) -> None:
        fake = tmp_path / "bin" / "ffmpeg"
        fake.parent.mkdir()
        fake.write_text("#!/bin/sh\n" + script)
        fake.chmod(0o755)
        monkeypatch.setenv("PATH", str(fake.parent), prepend=":")
        monkeypatch.setattr(ffmpeg, "_PATIENCE", 1.0)
        monkeypatch.setattr(ffmpeg, "_LAST_WORDS", 0.5)

    return put


def ended(pid: int) -> bool:
    """Whether a process has ended, or does within some seconds; nobody may have waited for it."""
    for _ in range(100):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("sleep 1000 & echo $! >&2; wait", "takes no more sound"),
        ("exec 0<&-\nsleep 1000 & echo $! >&2; wait", "takes no more sound"),
        ("cat >/dev/null; sleep 1000 & echo $! >&2; wait", "did not end"),
    ],
    ids=["reads nothing", "stops to read", "does not end"],
)
def test_an_ffmpeg_that_hangs(script, told, fake_ffmpeg, tmp_path):
    """It is given up in time, with all that it started; nothing is left."""
    pids = tmp_path / "pids"
    fake_ffmpeg(f"exec 2>{pids}\necho $$ >&2\n{script}\n")
    (tmp_path / "out").mkdir()
    samples = sound(60, channels=1)
    sink = open_file(tmp_path / "out" / "x.m4b", job(len(samples), channels=1))
    start = time.monotonic()
    with pytest.raises(SinkError, match=told):
        feed(sink, samples)
    sink.abort()
    assert time.monotonic() - start < 20
    assert list((tmp_path / "out").iterdir()) == []
    started = [int(line) for line in pids.read_text().split()]
    assert len(started) == 2
    assert all(ended(pid) for pid in started)


def test_leaving_while_ffmpeg_hangs(fake_ffmpeg, tmp_path, monkeypatch):
    """An interrupt while it is waited for ends it, and leaves no file."""
    pids = tmp_path / "pids"
    fake_ffmpeg(f"echo $$ >{pids}\nexec sleep 1000\n")
    monkeypatch.setattr(ffmpeg, "_PATIENCE", 60.0)
    (tmp_path / "out").mkdir()
    samples = sound(60, channels=1)
    sink = open_file(tmp_path / "out" / "x.m4b", job(len(samples), channels=1))
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 1.0)
    try:
        with pytest.raises(KeyboardInterrupt):
            feed(sink, samples)
    finally:
        signal.signal(signal.SIGALRM, before)
    sink.abort()
    assert list((tmp_path / "out").iterdir()) == []
    assert ended(int(pids.read_text()))


@needs("ffmpeg")
def test_an_ffmpeg_that_stops_early(fake_ffmpeg, tmp_path):
    """A file that is too short is not believed, whatever the exit status says."""
    real = shutil.which("ffmpeg")
    fake_ffmpeg(f'{real} -t 3 "$@"\ncat >/dev/null\nexit 0\n')
    (tmp_path / "out").mkdir()
    samples = sound(20)
    sink = open_file(tmp_path / "out" / "x.m4a", job(len(samples)))
    with pytest.raises(SinkError, match="ffmpeg wrote 0:03 instead of 0:20"):
        feed(sink, samples)
    assert list((tmp_path / "out").iterdir()) == []


def test_an_ffmpeg_that_fails(fake_ffmpeg, tmp_path):
    """One sentence with what it said; nothing is left."""
    fake_ffmpeg("echo broken inside >&2\nexit 3\n")
    target = tmp_path / "out" / "x.m4b"
    target.parent.mkdir()
    samples = sound(5)
    sink = open_file(target, job(len(samples)))
    with pytest.raises(SinkError, match="ffmpeg failed: broken inside"):
        feed(sink, samples)
    sink.abort()
    assert list(target.parent.iterdir()) == []
