"""The command line as a listener runs it: other processes, their output, their leftovers."""

from __future__ import annotations

import fcntl
import functools
import os
import pty
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import warm

COMMAND = (sys.executable, "-m", "voiceguide")
PART = ".voiceguide-part"

SCRIPT = """\
# A short session

Lie on your back. Let your weight sink.

## Breathe

- breathe in 4s, out 6s, 3 times

## Hold (each side)

Rest on your {side} side.

- hold 15s (10s-60s)
  - halfway: Halfway.
  - end: chime bowl

## End

- chime end
"""


@dataclass(frozen=True)
class Done:
    """What a command left: exit code, stdout, stderr."""

    code: int
    out: str
    err: str


@functools.lru_cache(maxsize=1)
def _own_folders() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="voiceguide-tests-")


def environment(**changes: str | None) -> dict[str, str]:
    """The environment of a command: no colour or width asked for, folders of the tests' own.

    All tests of a run share one cache of clips. A change to None takes a variable away.
    """
    folder = Path(_own_folders().name)
    unwanted = ("NO_COLOR", "COLUMNS", "VOICEGUIDE_DEBUG")
    values = {key: value for key, value in os.environ.items() if key not in unwanted}
    values |= {
        "VOICEGUIDE_CACHE": str(folder / "clips"),
        "VOICEGUIDE_HOME": str(folder / "home"),
        "PYTHONWARNINGS": "error",
    }
    for key, value in changes.items():
        if value is None:
            values.pop(key, None)
        else:
            values[key] = value
    return values


def voiceguide(
    *words: str | Path | bytes, at: Path, env: dict[str, str] | None = None, timeout: float = 120
) -> Done:
    """Run `voiceguide` with some arguments in a folder, without a terminal."""
    usual, env = environment(), env or environment()
    plain = all(isinstance(word, str | Path) for word in words)
    if plain and warm.serves(usual, env):
        with (
            Path(os.devnull).open("rb") as none,
            tempfile.TemporaryFile() as out_file,
            tempfile.TemporaryFile() as err_file,
        ):
            streams = (none.fileno(), out_file.fileno(), err_file.fileno())
            code = warm.run(
                [str(word) for word in words],
                at=at,
                usual=usual,
                env=env,
                streams=streams,
                timeout=timeout,
            )
            said = []
            for file in (out_file, err_file):
                file.seek(0)
                said.append(file.read().decode("utf-8", "replace"))
        return Done(code, said[0], said[1])
    done = subprocess.run(
        [*COMMAND, *words], cwd=at, env=env, timeout=timeout,
        capture_output=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    out, err = (part.decode("utf-8", "replace") for part in (done.stdout, done.stderr))
    return Done(done.returncode, out, err)


def works(*words: str | Path, at: Path, env: dict[str, str] | None = None) -> str:
    """The stdout of a command that must succeed."""
    done = voiceguide(*words, at=at, env=env)
    assert done.code == 0, done.err
    return done.out


def refused(done: Done, code: int, *parts: str) -> str:
    """The one sentence of a command that was refused: checks code, streams and wording.

    A script's problems count as one: their first line is the sentence.
    """
    assert done.code == code, done
    assert done.out == ""
    assert "Traceback" not in done.err and "unforeseen" not in done.err
    lines = done.err.splitlines()
    assert lines, "nothing was said"
    if "error[" not in lines[0]:
        assert len(lines) == 1, done.err
        assert lines[0].startswith("Error: ")
    for part in parts:
        assert part in done.err
    return lines[0]


def listing(folder: Path) -> dict[str, bytes | None]:
    """Everything in a folder, with the bytes of files."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


def parts(folder: Path) -> list[Path]:
    """Temporary files of exports in a folder."""
    return [path for path in folder.iterdir() if path.name.endswith(PART)]


def start(
    *words: str | Path, at: Path, env: dict[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """A command on its way, which Ctrl-C reaches alone."""
    return subprocess.Popen(
        [*COMMAND, *words], cwd=at, env=env or environment(),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip


def on_terminal(
    *words: str | Path, at: Path, env: dict[str, str] | None = None, columns: int = 80
) -> tuple[int, str]:
    """Run a command on a terminal of its own; its exit code and all that the terminal was sent."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    values = (env or environment()) | {"TERM": "xterm-256color"}
    command = subprocess.Popen(
        [*COMMAND, *words], cwd=at, env=values, stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    sent = bytearray()
    while True:
        try:
            part = os.read(ours, 65_536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        sent += part
    os.close(ours)
    return command.wait(60), sent.decode("utf-8", "replace").replace("\r\n", "\n")


def powerless() -> list[str]:
    """What takes root's power over files away from a command; nothing for those without it."""
    drop = "--bounding-set=-dac_override,-dac_read_search"
    return ["setpriv", drop] if os.geteuid() == 0 else []


def namespace() -> list[str] | None:
    """What gives a command mounts of its own, or None where that is not allowed."""
    for words in (["unshare", "-m"], ["unshare", "-rm"]):
        probe = [*words, "mount", "-t", "tmpfs", "none", "/mnt"]
        if shutil.which("unshare") and subprocess.run(probe, capture_output=True).returncode == 0:
            return words
    return None


def kill_exports(folder: Path, count: int, seed: int, name: str = "out.mp3") -> Counter[str]:
    """Kill exports over an old file at random moments with SIGKILL.

    After each, the target must be the old file or the new one, whole, with at most one temporary
    file beside it; an export that is let finish must then leave the new one alone.

    Returns:
        how often which was found: "old", "old + part", "new", ...
    """
    (folder / "a.md").write_text(SCRIPT)
    target = folder / name
    words = ("export", "a.md", "--voice", "silent", "--force", "-o", name)
    assert voiceguide(*words, "--length", "75s", at=folder).code == 0
    old = target.read_bytes()
    began = time.monotonic()
    assert voiceguide(*words, "--length", "80s", at=folder).code == 0
    lasts = time.monotonic() - began
    new = target.read_bytes()
    assert old != new
    tally: Counter[str] = Counter()
    chance = random.Random(seed)
    for _ in range(count):
        target.write_bytes(old)
        export = start(*words, "--length", "80s", at=folder)
        time.sleep(chance.uniform(0.1, 1.05) * lasts)
        export.send_signal(signal.SIGKILL)
        export.communicate()
        left = parts(folder)
        found = target.read_bytes()
        assert len(left) <= 1, left
        assert {path.name for path in folder.iterdir()} - {p.name for p in left} == {"a.md", name}
        assert found in (old, new)
        tally[("old" if found == old else "new") + " + part" * len(left)] += 1
    assert voiceguide(*words, "--length", "80s", at=folder).code == 0
    assert target.read_bytes() == new and parts(folder) == []
    return tally
