"""Faults put in on purpose: kills, interrupts, broken caches, broken voices, two at once."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import soundfile
from cli_support import (
    SCRIPT,
    environment,
    kill_exports,
    listing,
    namespace,
    parts,
    refused,
    start,
    voiceguide,
    works,
)
from waiting import wait_for

LONG = ("export", "piriformis", "--minutes", "15", "--force", "-o", "out.mp3")


def test_kill_9_at_random_moments(tmp_path: Path) -> None:
    """The old file or the new one, whole, and at most one temporary file, which then goes."""
    assert kill_exports(tmp_path, 10, seed=7).total() == 10


def test_kill_9_while_the_file_grows(tmp_path: Path) -> None:
    """The temporary file stays hidden beside the old one; the next export removes it."""
    (tmp_path / "out.mp3").write_bytes(b"old")
    (tmp_path / "ok.md").write_text(SCRIPT)
    export = start(*LONG, "--voice", "silent", at=tmp_path)
    wait_for(lambda: parts(tmp_path) and parts(tmp_path)[0].stat().st_size > 100_000)
    export.kill()
    export.communicate()
    (left,) = parts(tmp_path)
    assert left.name.startswith(".out.mp3.")
    assert (tmp_path / "out.mp3").read_bytes() == b"old"
    works("export", "ok.md", "--voice", "silent", "-o", "other.mp3", at=tmp_path)
    assert set(listing(tmp_path)) == {"ok.md", "other.mp3", "out.mp3"}


@pytest.mark.parametrize(
    ("number", "code", "said"),
    [
        (signal.SIGINT, 130, b"interrupted"),
        (signal.SIGTERM, 143, b""),
        (signal.SIGHUP, 129, b""),
    ],
)
@pytest.mark.parametrize("suffix", ["mp3", "m4a"])
def test_ended_while_the_file_grows(
    suffix: str, number: int, code: int, said: bytes, tmp_path: Path
) -> None:
    """By Ctrl-C, by kill, by a closed window: its exit code, one word at most, the old file as it
    was, and nothing beside it or among the system's temporary files."""
    folder, temporary = tmp_path / "out", tmp_path / "temporary"
    folder.mkdir()
    temporary.mkdir()
    old = folder / f"out.{suffix}"
    old.write_bytes(b"old")
    command = [*LONG[:-1], old.name, "--voice", "silent", "--transcript", "vtt"]
    export = start(*command, at=folder, env=environment(TMPDIR=str(temporary)))
    wait_for(lambda: parts(folder) and parts(folder)[0].stat().st_size > 100_000)
    export.send_signal(number)
    out, err = export.communicate(timeout=10)
    assert (export.returncode, out, err.strip()) == (code, b"", said)
    assert listing(folder) == {old.name: b"old"}
    assert listing(temporary) == {}


@pytest.mark.parametrize("voice", ["natural", "pyttsx3"])
def test_ctrl_c_while_it_speaks(voice: str, tmp_path: Path) -> None:
    """Ends within seconds; what was spoken so far is whole, and is used by the next."""
    folder, cache = tmp_path / "out", tmp_path / "clips"
    folder.mkdir()
    (folder / "long.md").write_text(
        "# T\n\n" + "".join(f"This is the sentence with the number {k}.\n" for k in range(400))
    )
    env = environment(VOICEGUIDE_CACHE=str(cache))
    export = start("export", "long.md", "--voice", voice, at=folder, env=env)
    wait_for(lambda: cache.is_dir() and len(list(cache.glob("*.clip"))) > 3)
    export.send_signal(signal.SIGINT)
    out, err = export.communicate(timeout=10)
    assert (export.returncode, out, err.strip()) == (130, b"", b"interrupted")
    assert list(listing(folder)) == ["long.md"]
    entries = listing(cache)
    assert 3 < len(entries) < 400
    (folder / "short.md").write_text("# T\n\nThis is the sentence with the number 0.\n")
    works("export", "short.md", "--voice", voice, at=folder, env=env)
    assert {name: entries[name] for name in listing(cache) if name in entries} == entries


def test_damaged_clips_are_made_anew(tmp_path: Path) -> None:
    """Cut, emptied, swapped, rotten, from the future: the same sound, and a cache that is mended."""
    sentences = [f"Sentence {'abcdefghij'[k]}." for k in range(10)]
    (tmp_path / "a.md").write_text("# T\n\n" + " ".join(sentences) + "\n")
    cache = tmp_path / "clips"
    env = environment(VOICEGUIDE_CACHE=str(cache))
    args = ("export", "a.md", "--voice", "silent", "--force")
    works(*args, at=tmp_path, env=env)
    first, whole = (tmp_path / "a.mp3").read_bytes(), listing(cache)
    one, two, three, four, five, six, seven, eight, nine, ten = sorted(cache.iterdir())
    one.write_bytes(one.read_bytes()[: one.stat().st_size // 2])
    two.write_bytes(b"")
    shutil.copy(four, three)
    five.write_bytes(five.read_bytes()[:-2000] + b"\x55" * 2000)
    six.write_bytes(os.urandom(six.stat().st_size))
    seven.write_bytes(seven.read_bytes() + b"\0\0")
    eight.unlink()
    os.utime(nine, (4e9, 4e9))
    os.utime(ten, (0, 0))
    done = voiceguide(*args, at=tmp_path, env=env)
    assert (done.code, done.err) == (0, "")
    assert (tmp_path / "a.mp3").read_bytes() == first
    assert listing(cache) == whole


@pytest.mark.parametrize("how", ["a folder in place of a clip", "a file in place of the cache"])
def test_a_cache_of_the_wrong_kind(how: str, tmp_path: Path) -> None:
    """Is worked around, with one warning."""
    (tmp_path / "a.md").write_text("# T\n\nHello there.\n")
    cache = tmp_path / "clips"
    env = environment(VOICEGUIDE_CACHE=str(cache))
    args = ("export", "a.md", "--voice", "silent", "--force")
    works(*args, at=tmp_path, env=env)
    first = (tmp_path / "a.mp3").read_bytes()
    (entry,) = cache.iterdir()
    entry.unlink()
    if how.startswith("a folder"):
        entry.mkdir()
    else:
        cache.rmdir()
        cache.write_text("not a folder")
    done = voiceguide(*args, at=tmp_path, env=env)
    assert done.code == 0
    assert done.err.count("\n") == 1 and "clips cannot be kept" in done.err
    assert (tmp_path / "a.mp3").read_bytes() == first


def test_a_full_disk_under_the_cache(tmp_path: Path) -> None:
    """The session is made all the same. Where no disk can be mounted, the cache cannot be made."""
    (tmp_path / "a.md").write_text(SCRIPT)
    (tmp_path / "file").write_text("")
    small = namespace()
    cache = tmp_path / "clips" if small else tmp_path / "file" / "clips"
    mount = 'mkdir -p "$0"; mount -t tmpfs -o size=64k none "$0"; exec "$@"'
    prefix = [*small, "sh", "-c", mount, str(cache)] if small else []
    done = subprocess.run(
        [*prefix, sys.executable, "-m", "voiceguide", "export", "a.md", "--voice", "silent"],
        cwd=tmp_path, env=environment(VOICEGUIDE_CACHE=str(cache)), capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0 and done.stdout.startswith("a.mp3")
    assert done.stderr.count("\n") == 1 and "clips cannot be kept" in done.stderr


ROGUE = """
import time
import numpy as np
from voiceguide.speech.base import VoiceInfo

NOISE = np.random.default_rng(1).uniform(-0.5, 0.5, 22_050).astype(np.float32)
ANSWERS = {
    "nothing": lambda: None,
    "empty": lambda: (np.zeros(0, np.float32), 22_050),
    "silence": lambda: (np.zeros(22_050, np.float32), 22_050),
    "numbers": lambda: ([0.1] * 1000, 22_050),
    "doubles": lambda: (NOISE.astype(np.float64), 22_050),
    "stereo": lambda: (np.stack([NOISE, NOISE], axis=1), 22_050),
    "nan": lambda: (NOISE * np.float32("nan"), 22_050),
    "endless": lambda: (np.tile(NOISE, 100), 22_050),
    "rate": lambda: (NOISE, 0),
    "rate-text": lambda: (NOISE, "22050"),
    "raises": lambda: 1 / 0,
    "exits": lambda: (_ for _ in ()).throw(SystemExit(0)),
    "hangs": lambda: time.sleep(3600),
    "good": lambda: (NOISE, 22_050),
}

class Rogue:
    name = "rogue"
    repeatable = True
    workers = 1

    def __init__(self, voice):
        self.identity = f"rogue {voice}"
        self.answer = ANSWERS[voice]

    def speak(self, text):
        return self.answer()

    def close(self):
        pass

class Rogues:
    about = "one that cannot be trusted"
    default = False

    def check(self):
        return self.about

    def open(self, voice, *, speed, language):
        return Rogue(voice)

    def voices(self):
        return [VoiceInfo("rogue", name, "en", "none", True) for name in ANSWERS]
"""


@pytest.fixture
def plugged(tmp_path: Path) -> dict[str, str]:
    """An environment in which another package brings the engines `rogue` and `broken`."""
    place = tmp_path / "site"
    meta = place / "rogue-1.0.dist-info"
    meta.mkdir(parents=True)
    (place / "rogue.py").write_text(ROGUE)
    (place / "broken.py").write_text("raise RuntimeError('no luck')\n")
    (meta / "METADATA").write_text("Metadata-Version: 2.1\nName: rogue\nVersion: 1.0\n")
    (meta / "entry_points.txt").write_text(
        "[voiceguide.engines]\nrogue = rogue:Rogues\nbroken = broken\n"
    )
    path = os.pathsep.join(filter(None, (str(place), os.environ.get("PYTHONPATH"))))
    return environment(PYTHONPATH=path, VOICEGUIDE_CACHE=str(tmp_path / "clips"))


BAD_VOICES = {
    "nothing": "something that is not sound",
    "empty": "no sound",
    "silence": "no sound",
    "numbers": "something that is not sound",
    "doubles": "something that is not sound",
    "stereo": "something that is not sound",
    "nan": "samples that are not numbers",
    "endless": "100 seconds of sound",
    "rate": "a sample rate of 0",
    "rate-text": "a sample rate of 22050",
    "raises": "ZeroDivisionError",
    "exits": "SystemExit",
}


@pytest.mark.parametrize("voice", BAD_VOICES)
def test_a_voice_that_fails(voice: str, plugged: dict[str, str], tmp_path: Path) -> None:
    """One sentence names the engine, what it gave and at which words; nothing is left."""
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "a.md").write_text("# T\n\nHello there.\n")
    done = voiceguide("export", "a.md", "--voice", f"rogue:{voice}", at=folder, env=plugged)
    refused(done, 1, 'voice "rogue"', BAD_VOICES[voice], '"Hello there."')
    assert list(listing(folder)) == ["a.md"]
    assert not list((tmp_path / "clips").glob("*"))


def test_voices_of_other_packages(plugged: dict[str, str], tmp_path: Path) -> None:
    """A good one is used and listed; one that cannot even be imported is told of."""
    (tmp_path / "a.md").write_text("# T\n\nHello there.\n")
    works("export", "a.md", "--voice", "rogue:good", at=tmp_path, env=plugged)
    listed = works("voices", "--all", at=tmp_path, env=plugged)
    assert "rogue:good\ten\tnone\tyes" in listed
    assert "broken" in listed and "no luck" in listed
    args = ("export", "a.md", "--force", "--voice")
    refused(voiceguide(*args, "broken", at=tmp_path, env=plugged), 1, "broken", "no luck")
    done = voiceguide(*args, "rogue:unheard-of", at=tmp_path, env=plugged)
    refused(done, 1, "rogue", "unheard-of")
    assert voiceguide("doctor", at=tmp_path, env=plugged).code == 0


def test_a_voice_that_hangs(plugged: dict[str, str], tmp_path: Path) -> None:
    """Is given up after its time limit, here a short one, and so is the program."""
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "a.md").write_text("# T\n\nHello there.\n")
    code = (
        "import sys\nfrom voiceguide.speech import render\n"
        "for f in (render.render, render.render_iter): f.__kwdefaults__['limit'] = 0.5\n"
        "from voiceguide.cli import run; sys.exit(run(sys.argv[1:]))"
    )
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", code, "export", "a.md", "--voice", "rogue:hangs"],
        cwd=folder, env=plugged, capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert time.monotonic() - began < 10
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        'Error: the voice "rogue" hangs at "Hello there."; choose another with --voice\n'
    )
    assert list(listing(folder)) == ["a.md"]


def test_two_exports_at_once(tmp_path: Path) -> None:
    """Of the same and of different tracks, over one cold cache and in one folder."""
    (tmp_path / "a.md").write_text(SCRIPT)
    (tmp_path / "b.md").write_text(SCRIPT.replace("A short", "Another"))
    env = environment(VOICEGUIDE_CACHE=str(tmp_path / "clips"))
    how = ("--voice", "pyttsx3", "--minutes", "1.5")
    running = [
        start("export", f"{name}.md", *how, "-o", f"{name}{k}.mp3", at=tmp_path, env=env)
        for name in "ab"
        for k in range(2)
    ]
    for export in running:
        _, err = export.communicate(timeout=60)
        assert (export.returncode, err) == (0, b"")
    works("export", "a.md", *how, at=tmp_path, env=env)
    works("export", "b.md", *how, at=tmp_path, env=env)
    made = {path.name: path.read_bytes() for path in tmp_path.glob("*.mp3")}
    assert made["a0.mp3"] == made["a1.mp3"] == made["a.mp3"]
    assert made["b0.mp3"] == made["b1.mp3"] == made["b.mp3"] != made["a.mp3"]
    assert parts(tmp_path) == [] and not list((tmp_path / "clips").glob("*.tmp"))


@pytest.mark.parametrize("force", [True, False])
def test_two_exports_to_one_file(force: bool, tmp_path: Path) -> None:
    """The file is one of the two, whole; without --force the later one is refused."""
    (tmp_path / "a.md").write_text(SCRIPT)
    args = ("export", "a.md", "--voice", "silent", "-o", "one.mp3", *["--force"] * force)
    lengths = ("1.5", "2")
    running = [start(*args, "--minutes", length, at=tmp_path) for length in lengths]
    ended = [(export.communicate(timeout=60)[1], export.returncode) for export in running]
    assert parts(tmp_path) == []
    minutes = soundfile.info(tmp_path / "one.mp3").frames / 44_100 / 60
    codes = [code for _, code in ended]
    if force:
        assert codes == [0, 0] and minutes in (1.5, 2)
    else:
        assert sorted(codes)[0] == 0 and sorted(codes)[1] in (1, 2)
        assert minutes == float(lengths[codes.index(0)])
        said = ended[1 - codes.index(0)][0].decode()
        assert said.startswith("Error: ") and said.count("\n") == 1


@pytest.mark.parametrize(
    ("module", "package"),
    [("soundfile", "soundfile"), ("numpy", "numpy"), ("ruamel", "ruamel.yaml"), ("PIL", "pillow")],
)
def test_a_base_library_that_is_gone(module: str, package: str, tmp_path: Path) -> None:
    """One sentence names it and the command that brings it."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "class Gone:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.split('.')[0] == {module!r}:\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Gone())\n"
    )
    env = environment(PYTHONPATH=str(tmp_path))
    done = voiceguide("export", "piriformis", "--voice", "silent", at=tmp_path, env=env)
    refused(done, 2, module, f"is not installed: pip install {package}")
