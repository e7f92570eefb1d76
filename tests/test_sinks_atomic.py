"""Files that are whole or not there: for real, with full disks and killed processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from needs import needs
from sinks_support import by_libsndfile, feed, job, names, sound

from voiceguide.errors import ExistsError, SinkError, UsageError
from voiceguide.sinks.atomic import SUFFIX, AtomicFile, check_target, write_text
from voiceguide.sinks.registry import open_file

FORMATS = ["mp3", "wav", "flac", "ogg", "opus", pytest.param("m4b", marks=needs("ffmpeg"))]


def leftovers(folder) -> list[str]:
    return [name for name in names(folder) if name.endswith(SUFFIX)]


def test_the_file_appears_whole(tmp_path):
    """Until it is closed there is no target; then there is nothing else."""
    target = tmp_path / "x.txt"
    part = AtomicFile(target)
    part.stream.write(b"words")
    assert not target.exists()
    assert leftovers(tmp_path) == [part.path.name]
    part.commit()
    assert target.read_bytes() == b"words"
    assert names(tmp_path) == ["x.txt"]


def test_an_existing_file_needs_force(tmp_path):
    """Without it nothing begins; with it the old one stays until the new one is whole."""
    target = tmp_path / "x.txt"
    target.write_text("old")
    with pytest.raises(ExistsError, match="already there"):
        AtomicFile(target)
    part = AtomicFile(target, force=True)
    part.stream.write(b"new")
    assert target.read_text() == "old"
    part.commit()
    assert target.read_text() == "new"


def test_a_file_made_meanwhile_is_not_overwritten(tmp_path):
    """Without force, also not one that came while we were at work."""
    target = tmp_path / "x.txt"
    part = AtomicFile(target)
    target.write_text("theirs")
    with pytest.raises(SinkError, match="meanwhile"):
        part.commit()
    assert target.read_text() == "theirs"
    assert leftovers(tmp_path) == []


def test_a_link_stays_a_link(tmp_path):
    """What it points to is replaced."""
    (tmp_path / "there").mkdir()
    real = tmp_path / "there" / "x.txt"
    real.write_text("old")
    link = tmp_path / "link.txt"
    link.symlink_to(real)
    write_text(link, "new", force=True)
    assert link.is_symlink()
    assert real.read_text() == "new"


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("folder", UsageError, "is a folder"),
        ("none/x.mp3", SinkError, "no such folder"),
        ("file/x.mp3", SinkError, "no such folder"),
        ("n" * 256 + ".mp3", SinkError, "name is too long"),
        ("a\0b.mp3", UsageError, "zero character"),
        ("pipe", UsageError, "not an ordinary file"),
    ],
)
def test_targets_that_cannot_be(name, error, words, tmp_path):
    """One sentence each, before any work, and nothing is left behind."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x")
    os.mkfifo(tmp_path / "pipe")
    before = names(tmp_path)
    for attempt in (check_target, AtomicFile):
        with pytest.raises(error, match=words):
            attempt(tmp_path / name, force=True)
    assert names(tmp_path) == before


@pytest.mark.parametrize("name", ["n" * 251 + ".mp3", "ü" * 125 + ".mp3"])
def test_the_longest_name(name, tmp_path):
    """A name that the system allows is allowed, though the temporary one has to be shortened."""
    write_text(tmp_path / name, "words")
    assert names(tmp_path) == [name]


def test_leftovers_of_the_dead_go_those_of_the_living_stay(tmp_path):
    """A file that nobody has locked is removed by the next export, a locked one is not."""
    dead = tmp_path / f".x.mp3.0123{SUFFIX}"
    dead.write_text("half")
    alive = AtomicFile(tmp_path / "y.txt")
    write_text(tmp_path / "z.txt", "words")
    assert not dead.exists()
    assert alive.path.exists()
    alive.commit()
    assert names(tmp_path) == ["y.txt", "z.txt"]


WRITER = """
    import sys
    from pathlib import Path
    sys.path.insert(0, {tests!r})
    from sinks_support import job, sound
    from voiceguide.sinks.registry import open_file
    block = sound(5)
    sink = open_file(Path(sys.argv[1]), job(10**9), force=True)
    print("ready", flush=True)
    while True:
        sink.write(block)
"""


@pytest.mark.parametrize("name", ["mp3", "flac", "m4b"])
def test_killed_in_the_middle(name, tmp_path):
    """The old file is untouched, one temporary file stays, the next export removes it."""
    target = tmp_path / f"x.{name}"
    target.write_text("old")
    program = textwrap.dedent(WRITER.format(tests=str(Path(__file__).parent)))
    with subprocess.Popen(
        [sys.executable, "-c", program, str(target)], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(0.3)
        process.send_signal(signal.SIGKILL)
    assert target.read_text() == "old"
    assert len(leftovers(tmp_path)) == 1
    samples = sound(1)
    feed(open_file(tmp_path / "next.wav", job(len(samples))), samples)
    assert names(tmp_path) == ["next.wav", target.name]


@pytest.mark.parametrize("name", FORMATS)
def test_aborted_in_the_middle(name, tmp_path):
    """The old file is untouched and nothing else is left."""
    target = tmp_path / f"x.{name}"
    target.write_text("old")
    sink = open_file(target, job(10**6), force=True)
    sink.write(sound(4))
    sink.abort()
    assert names(tmp_path) == [target.name]
    assert target.read_text() == "old"


@pytest.mark.parametrize("name", FORMATS)
def test_a_session_that_breaks_off(name, tmp_path):
    """Fewer frames than announced make no file that looks complete."""
    sink = open_file(tmp_path / f"x.{name}", job(100_000))
    sink.write(sound(1))
    with pytest.raises(SinkError, match=r"ended at 0:01\.000 instead of 0:02\.268"):
        sink.close()
    assert names(tmp_path) == []


FULL = """
    import resource, signal, sys
    from pathlib import Path
    sys.path.insert(0, {tests!r})
    from sinks_support import feed, job, sound
    from voiceguide.errors import SinkError
    from voiceguide.sinks.registry import open_file
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    samples = sound(6)
    target = Path(sys.argv[1])
    limit = int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    sink = None
    try:
        sink = open_file(target, job(len(samples)), force=True)
        feed(sink, samples)
    except SinkError as error:
        if sink:
            sink.abort()
        print(error)
"""


@pytest.mark.parametrize("name", FORMATS)
def test_no_room_at_any_point(name, tmp_path):
    """However far the file gets before the system takes no more - its head, the sound, the last
    bytes, the tags: one sentence, the old file, nothing else."""
    target = tmp_path / f"x.{name}"
    samples = sound(6)
    feed(open_file(target, job(len(samples))), samples)
    size = target.stat().st_size
    target.write_text("old")
    program = textwrap.dedent(FULL.format(tests=str(Path(__file__).parent)))
    for limit in (10, size // 2, size - 400, size - 1):
        done = subprocess.run(
            [sys.executable, "-c", program, str(target), str(limit)],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        assert done.stderr == ""
        # The system ends ffmpeg by a signal then, so it cannot say why.
        reason = "ffmpeg failed" if name == "m4b" else "the file would be larger"
        assert reason in done.stdout or "the file would be larger" in done.stdout
        assert done.stdout.count("\n") == 1
        assert names(tmp_path) == [target.name]
        assert target.read_text() == "old"


def test_two_exports_of_one_name_at_once(tmp_path):
    """Each works in its own file; the last to finish stays, whole."""
    target = tmp_path / "x.flac"
    short, long = sound(1), sound(2)
    first = open_file(target, job(len(short)), force=True)
    second = open_file(target, job(len(long)), force=True)
    first.write(short)
    second.write(long)
    second.close()
    assert len(by_libsndfile(target)) == len(long)
    first.close()
    assert len(by_libsndfile(target)) == len(short)
    assert names(tmp_path) == ["x.flac"]
