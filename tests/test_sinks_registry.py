"""Which formats there are, and what is said where one is not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sinks_support import job, sound

from voiceguide.errors import MissingError, NotFoundError, UsageError, VoiceguideError
from voiceguide.sinks.null import NullSink
from voiceguide.sinks.registry import file_sink, format_name, formats, open_file


def test_all_formats_work_here():
    """Those of the documentation, each with a description."""
    found = formats()
    assert [f.name for f in found][:7] == ["mp3", "wav", "flac", "ogg", "opus", "m4a", "m4b"]
    assert all(f.works and f.about for f in found)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("x.mp4", r'no format "mp4": did you mean "mp3"\? There are .*opus'),
        ("x.docx", r'"x\.docx": there is no format "docx": there are mp3, wav'),
        ("x", "no suffix"),
        (".mp3", "no suffix"),
    ],
)
def test_a_bad_suffix(path, words):
    """The message lists the formats, with the nearest where one is near."""
    with pytest.raises(UsageError, match=words):
        format_name(Path(path))


def test_suffixes_in_capitals():
    """They are the same."""
    assert format_name(Path("X.MP3")) == "mp3"


def test_a_bad_format_leaves_nothing(tmp_path):
    """It fails before a file is made."""
    with pytest.raises(NotFoundError):
        open_file(tmp_path / "x.xyz", job(100))
    with pytest.raises(UsageError, match="bitrate"):
        open_file(tmp_path / "x.mp3", job(100, bitrate=7))
    with pytest.raises(UsageError, match="bitrate"):
        open_file(tmp_path / "x.flac", job(100, bitrate=128))
    with pytest.raises(UsageError, match="bitrate"):
        open_file(tmp_path / "x.m4a", job(100, bitrate=2000))
    assert list(tmp_path.iterdir()) == []


def test_a_name_overrides_the_suffix(tmp_path):
    """`format_name` decides where it is given."""
    samples = sound(1)
    sink = open_file(tmp_path / "x.bin", job(len(samples)), format_name="wav")
    sink.write(samples)
    sink.close()
    assert (tmp_path / "x.bin").read_bytes()[:4] == b"RIFF"


def test_without_ffmpeg(tmp_path, monkeypatch):
    """M4B says what brings it; the list of formats says so, too."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingError, match="apt install ffmpeg"):
        file_sink("m4b")
    missing = {f.name: f.how for f in formats() if not f.works}
    assert missing.keys() == {"m4a", "m4b"}
    assert "apt install ffmpeg" in str(missing["m4a"])


PLUG_IN = """
class Raw:
    about = "bare samples"
    default = False
    def check(self):
        return self.about
    def accept(self, audio, bitrate):
        pass
    def create(self, part, job):
        return Sink(part.stream)
class Sink:
    def __init__(self, stream):
        self.stream = stream
    def write(self, block):
        self.stream.write(block.tobytes())
    def close(self):
        pass
    def abort(self):
        pass
"""


def test_a_plug_in_from_an_entry_point(tmp_path, monkeypatch):
    """An installed package adds a format without a change here."""
    (tmp_path / "raw_sink.py").write_text(PLUG_IN)
    info = tmp_path / "raw_sink-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: raw-sink\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[voiceguide.sinks]\nraw = raw_sink:Raw\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert ("raw", "bare samples") in {(f.name, f.about) for f in formats() if f.works}
    samples = sound(1)
    sink = open_file(tmp_path / "x.raw", job(len(samples)))
    sink.write(samples)
    sink.close()
    assert (tmp_path / "x.raw").read_bytes() == samples.tobytes()


@pytest.mark.parametrize("fault", ["raise RuntimeError('no luck')", "raise ImportError('no luck')"])
def test_a_plug_in_that_fails(fault, tmp_path, monkeypatch):
    """It is told of where it is listed or asked for, and stops nothing else."""
    (tmp_path / "odd_sink.py").write_text(fault + "\n")
    info = tmp_path / "odd_sink-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: odd-sink\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[voiceguide.sinks]\nodd = odd_sink:Odd\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert "no luck" in {f.name: f.detail for f in formats()}["odd"]
    with pytest.raises(VoiceguideError, match='the format "odd" cannot be loaded: no luck'):
        open_file(tmp_path / "x.odd", job(100))
    assert not (tmp_path / "x.odd").exists()


def test_a_library_that_is_gone(monkeypatch):
    """What brings it is told, before anything is written."""
    monkeypatch.setitem(sys.modules, "lameenc", None)
    with pytest.raises(
        MissingError, match="lameenc, which .* is not installed: pip install lameenc"
    ):
        file_sink("mp3")


def test_looking_up_a_name_loads_no_library():
    """The command line may list formats without numpy, libsndfile or mutagen."""
    program = (
        "import sys; from pathlib import Path; from voiceguide.sinks.registry import format_name;"
        "format_name(Path('x.opus'));"
        "print({'numpy', 'soundfile', 'mutagen', 'lameenc', 'pydub', 'soxr'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "set()\n"


def test_the_null_sink_counts_and_hashes():
    """The digest is that of the samples, whatever the blocks."""
    samples = sound(1)
    whole, cut = NullSink(digest=True), NullSink(digest=True)
    whole.write(samples)
    for at in range(0, len(samples), 1000):
        cut.write(samples[at : at + 1000])
    whole.close()
    cut.abort()
    assert whole.hexdigest == cut.hexdigest
    assert (whole.frames, whole.closed, cut.aborted) == (44_100, True, True)
    assert 0.1 < whole.peak <= 1
    assert NullSink().hexdigest is None
