"""A clock that jumps, by days and years, while a session is made or heard."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest
from cli_support import SCRIPT, environment, start, voiceguide, works
from needs import need
from sound_server import SoundServer

DAY = 86_400
JUMPS = (-DAY, 400 * DAY, -30 * 365 * DAY, 0)
PLAYED = "# Short\n\nLie down.\n\n## Roll\n\n- roll 4s\n"

# What a process asks for the time of day goes through here; timers and waits do not.
FALSE_CLOCK = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t which, struct timespec *now) {
    int done = syscall(SYS_clock_gettime, which, now);
    const char *name = getenv("FALSE_CLOCK");
    if (done == 0 && name != NULL && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) {
        char text[32] = {0};
        int file = open(name, O_RDONLY | O_CLOEXEC);
        if (file >= 0) {
            if (read(file, text, sizeof text - 1) > 0) now->tv_sec += atol(text);
            close(file);
        }
    }
    return done;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec precise;
    int done = clock_gettime(CLOCK_REALTIME, &precise);
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return done;
}

time_t time(time_t *into) {
    struct timespec precise;
    clock_gettime(CLOCK_REALTIME, &precise);
    if (into != NULL) *into = precise.tv_sec;
    return precise.tv_sec;
}
"""


class Clock:
    """The clock that some processes see."""

    def __init__(self, folder: Path) -> None:
        need("gcc")
        self._file = folder / "clock"
        library = folder / "false_clock.so"
        subprocess.run(
            ["gcc", "-shared", "-fPIC", "-o", library, "-x", "c", "-"],
            input=FALSE_CLOCK, text=True, check=True,
        )  # fmt: skip
        self.set(0)
        self.env = {"LD_PRELOAD": str(library), "FALSE_CLOCK": str(self._file)}

    def set(self, by: int) -> None:
        """Put it so many seconds forward; it is never read half-written."""
        new = self._file.with_suffix(".new")
        new.write_text(str(by))
        new.replace(self._file)


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    """One that is right, until it is set."""
    return Clock(tmp_path)


def test_the_clock_of_these_tests_jumps(clock: Clock) -> None:
    """Else they would show nothing."""
    clock.set(-400 * DAY)
    code = "import time; print(time.time(), time.monotonic())"
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **clock.env},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    wall, steady = map(float, done.stdout.split())
    assert abs(time.time() - 400 * DAY - wall) < 60
    assert abs(time.monotonic() - steady) < 60


def test_an_export_is_the_same(clock: Clock, tmp_path: Path) -> None:
    """Byte for byte, from an empty cache and from a full one, whatever the clock does."""
    (tmp_path / "a.md").write_text(SCRIPT)
    command = ("export", "a.md", "--voice", "pyttsx3", "-o")
    works(*command, "plain.mp3", at=tmp_path)
    env = environment(VOICEGUIDE_CACHE=str(tmp_path / "clips"), **clock.env)
    for name in ("first.mp3", "again.mp3"):
        running = start(*command, name, at=tmp_path, env=env)
        turn = 0
        while running.poll() is None:
            clock.set(JUMPS[turn % len(JUMPS)])
            turn += 1
            time.sleep(0.02)
        _, said = running.communicate()
        assert running.returncode == 0, said
        assert turn > len(JUMPS)
        assert (tmp_path / name).read_bytes() == (tmp_path / "plain.mp3").read_bytes()


def _begun(running: subprocess.Popen[bytes]) -> None:
    """Wait until a session is heard: its first step is named."""
    assert running.stdout is not None
    while not (line := running.stdout.readline()).startswith(b"["):
        assert line, running.communicate()


def test_a_session_is_heard_and_kept(clock: Clock, tmp_path: Path) -> None:
    """In its own time; the journal says how long it took, and not that it ended before it began."""
    (tmp_path / "a.md").write_text(PLAYED)
    works("timeline", "a.md", "--voice", "pyttsx3", at=tmp_path)
    with SoundServer() as server:
        places = {"VOICEGUIDE_HOME": str(tmp_path / "home"), "PYTHONUNBUFFERED": "1"}
        env = environment(**places, **server.env, **clock.env)
        began = time.monotonic()
        running = start("play", "a.md", "--voice", "pyttsx3", at=tmp_path, env=env)
        _begun(running)
        for by in JUMPS[:-1]:
            time.sleep(1)
            assert running.poll() is None
            clock.set(by)
        _, said = running.communicate(timeout=60)
        took = time.monotonic() - began
    assert running.returncode == 0, said
    clock.set(0)  # sessions of days to come are not listed
    (kept,) = json.loads(works("log", "--json", at=tmp_path, env=env))
    lasted = datetime.fromisoformat(kept["ended"]) - datetime.fromisoformat(kept["started"])
    assert kept["completed"] and kept["seconds"] > 4
    # Both are kept to the second.
    assert abs(lasted.total_seconds() - kept["seconds"]) < took - kept["seconds"] + 1


@pytest.mark.parametrize("by", [-2 * DAY, 2 * DAY])
def test_a_session_is_gone_on_with(by: int, clock: Clock, tmp_path: Path) -> None:
    """The clock was put right since it was left."""
    (tmp_path / "a.md").write_text(PLAYED)
    with SoundServer() as server:
        places = {"VOICEGUIDE_HOME": str(tmp_path / "home"), "PYTHONUNBUFFERED": "1"}
        env = environment(**places, **server.env, **clock.env)
        running = start("play", "a.md", "--voice", "pyttsx3", at=tmp_path, env=env)
        _begun(running)
        time.sleep(1)
        running.terminate()
        assert b"voiceguide resume" in running.communicate(timeout=30)[1]
        clock.set(by)
        done = voiceguide("resume", at=tmp_path, env=env)
    assert done.code == 0, done.err
