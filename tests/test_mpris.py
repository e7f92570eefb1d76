"""Media keys on a session bus of our own, pressed with playerctl."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
from needs import need
from sound_server import SoundServer
from waiting import wait_for

from voiceguide.player.media_keys import media_keys

SCRIPT = """---
lead-in: 0s
---

# Rehearsal

- pause 40s

## Roll

- roll 40s

## Rest

- rest 40s
"""


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[str]:
    """The address of a session bus."""
    need("dbus-daemon", "dbus-monitor", "dbus-send", "playerctl")
    path = tmp_path / "bus"
    daemon = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--nopidfile", f"--address=unix:path={path}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    wait_for(path.exists)
    yield f"unix:path={path}"
    daemon.terminate()
    daemon.wait()


@pytest.fixture
def env(bus: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """An environment with sound and a bus."""
    with SoundServer() as server:
        yield {
            **os.environ, **server.env, "DBUS_SESSION_BUS_ADDRESS": bus,
            "VOICEGUIDE_HOME": str(tmp_path / "home"),
        }  # fmt: skip


@contextlib.contextmanager
def _playing(
    tmp_path: Path, env: dict[str, str], errors: int | IO[bytes] = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[bytes]]:
    path = tmp_path / "rehearsal.md"
    path.write_text(SCRIPT)
    running = subprocess.Popen(
        [sys.executable, "-m", "voiceguide", "play", str(path), "--voice", "silent"],
        env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors,
    )  # fmt: skip
    try:
        yield running
    finally:
        if running.poll() is None:
            running.send_signal(signal.SIGTERM)
        running.wait(10)


def _ctl(env: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        ["playerctl", "-p", "voiceguide", *words], env=env, capture_output=True, text=True
    )
    return done.stdout.strip()


def test_every_button(tmp_path: Path, env: dict[str, str]) -> None:
    """What playerctl asks and presses, against what it is told."""
    with _playing(tmp_path, env) as running:
        wait_for(lambda: _ctl(env, "status") == "Playing")
        assert "voiceguide" in _ctl(env, "-l")
        shown = _ctl(env, "metadata", "--format", "{{title}}|{{album}}|{{mpris:length}}")
        assert shown == "Rehearsal|Rehearsal|121500000"
        _ctl(env, "pause")
        wait_for(lambda: _ctl(env, "status") == "Paused")
        still = _ctl(env, "position")
        time.sleep(0.3)
        assert _ctl(env, "position") == still
        _ctl(env, "play")
        wait_for(lambda: _ctl(env, "status") == "Playing")
        _ctl(env, "play-pause")
        wait_for(lambda: _ctl(env, "status") == "Paused")
        _ctl(env, "next")
        wait_for(lambda: _ctl(env, "metadata", "title") == "Roll")
        assert float(_ctl(env, "position")) == 40
        _ctl(env, "next")
        wait_for(lambda: float(_ctl(env, "position")) == 81.5)
        _ctl(env, "previous")
        wait_for(lambda: float(_ctl(env, "position")) == 40)
        _ctl(env, "position", "12")
        wait_for(lambda: float(_ctl(env, "position")) == 12)
        _ctl(env, "position", "5+")
        wait_for(lambda: float(_ctl(env, "position")) == 17)
        _ctl(env, "position", "2-")
        wait_for(lambda: float(_ctl(env, "position")) == 15)
        _ctl(env, "volume", "0.5")
        wait_for(lambda: float(_ctl(env, "volume")) == 0.5)
        _ctl(env, "stop")
        assert running.wait(60) == 0


def test_jumps_and_changes_are_signalled(tmp_path: Path, env: dict[str, str]) -> None:
    """Whoever watches is told of a seek, a step and a pause, and gets no refusal."""
    with _playing(tmp_path, env):
        wait_for(lambda: _ctl(env, "status") == "Playing")
        log = tmp_path / "log"
        with log.open("wb") as out:
            watching = subprocess.Popen(
                ["dbus-monitor", "--session", "type=signal"], env=env, stdout=out
            )
            wait_for(lambda: log.stat().st_size)
            _ctl(env, "next")
            wait_for(lambda: re.search(r"member=Seeked\s+int64 40000000", log.read_text()))
            wait_for(lambda: '"Roll"' in log.read_text())
            _ctl(env, "pause")
            wait_for(lambda: '"Paused"' in log.read_text())
            watching.terminate()
            watching.wait()
        for call, wanted in (
            ("org.freedesktop.DBus.Introspectable.Introspect", "SetPosition"),
            ("org.mpris.MediaPlayer2.Player.OpenUri string:x", "NotSupported"),
            ("org.mpris.MediaPlayer2.Player.Seek string:x", "UnknownMethod"),
            ("org.freedesktop.DBus.Properties.GetAll string:org.mpris.MediaPlayer2", "Identity"),
            ("org.freedesktop.DBus.Properties.GetAll string:org.other", "UnknownInterface"),
            (
                "org.freedesktop.DBus.Properties.Get string:org.mpris.MediaPlayer2 string:Colour",
                "UnknownProperty",
            ),
        ):
            sent = subprocess.run(
                [
                    "dbus-send", "--session", "--print-reply",
                    "--dest=org.mpris.MediaPlayer2.voiceguide", "/org/mpris/MediaPlayer2",
                    *call.split(),
                ],
                env=env, capture_output=True, text=True,
            )  # fmt: skip
            assert wanted in sent.stdout + sent.stderr, call


def test_whatever_is_sent_the_screen_stays_clean(tmp_path: Path, env: dict[str, str]) -> None:
    """A program that sets what cannot be set is refused, and nothing is written about it."""
    player = "string:org.mpris.MediaPlayer2.Player"
    with (tmp_path / "errors").open("wb") as errors, _playing(tmp_path, env, errors):
        wait_for(lambda: _ctl(env, "status") == "Playing")
        for call, wanted in (
            (f"Set {player} string:Volume variant:string:loud", "InvalidSignature"),
            (f"Set {player} string:Volume", "UnknownMethod"),
            (f"Set {player} string:Volume variant:double:nan", "method return"),
            (f"Set {player} string:Volume variant:double:inf", "method return"),
            (f"Get {player}", "UnknownMethod"),
            ("GetAll int32:3", "UnknownMethod"),
        ):
            sent = subprocess.run(
                [
                    "dbus-send", "--session", "--print-reply",
                    "--dest=org.mpris.MediaPlayer2.voiceguide", "/org/mpris/MediaPlayer2",
                    *f"org.freedesktop.DBus.Properties.{call}".split(),
                ],
                env=env, capture_output=True, text=True,
            )  # fmt: skip
            assert wanted in sent.stdout + sent.stderr, call
        wait_for(lambda: float(_ctl(env, "volume")) == 1.3)
        _ctl(env, "stop")
    said = (tmp_path / "errors").read_text()
    assert "Traceback" not in said and "exception" not in said, said


def test_two_players_have_two_names(tmp_path: Path, env: dict[str, str]) -> None:
    """Each can be steered by itself, and each keeps a place of its own."""
    with _playing(tmp_path, env) as one:
        wait_for(lambda: _ctl(env, "status") == "Playing")
        with _playing(tmp_path, env) as two:
            second = f"voiceguide.instance{two.pid}"
            wait_for(lambda: second in _ctl(env, "-a", "-l"))
            for running, seconds in ((one, "30"), (two, "60")):
                name = "voiceguide" if running is one else second
                subprocess.run(["playerctl", "-p", name, "position", seconds], env=env, check=True)
            time.sleep(0.5)
    kept = sorted((tmp_path / "home" / "state").glob("*.session.json"))
    places = sorted(float(re.search(r'"seconds": ([\d.]+)', p.read_text())[1]) for p in kept)  # type: ignore[index]
    assert len(places) == 2
    assert 30 <= places[0] < 34 and 60 <= places[1] < 64


def test_no_bus_is_no_trouble(bus: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It plays without one; `doctor` says why there are no media keys."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus)
    assert media_keys().works
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "none"))
    found = media_keys()
    assert not found.works
    assert "session bus" in found.detail
