"""The player in a terminal of its own: keys, sizes, signals, and a terminal left as it was."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from sound_server import SoundServer
from terminal import Terminal

from voiceguide.practice import safety

SCRIPT = """# Rehearsal

Lie down and let go. This is said slowly, so that there is time to press a key.

## Roll

- roll 40s
  - at 20s: Halfway.

## Rest

- rest 40s
"""
PLAY = [sys.executable, "-m", "voiceguide", "play"]
RESUME = [sys.executable, "-m", "voiceguide", "resume"]


@pytest.fixture(scope="module")
def server() -> Iterator[SoundServer]:
    """One sound server for all of them."""
    with SoundServer() as running:
        yield running


@pytest.fixture
def env(server: SoundServer, tmp_path: Path) -> dict[str, str]:
    """An environment with a listener who has seen the cautions."""
    home = tmp_path / "home"
    (home / "state").mkdir(parents=True)
    (home / "state" / "safety.json").write_text(json.dumps({"none_applies": time.time()}))
    env = {**os.environ, **server.env, "VOICEGUIDE_HOME": str(home), "TERM": "xterm-256color"}
    env.update(LANG="C.UTF-8", LC_ALL="C.UTF-8")
    for name in ("NO_COLOR", "COLUMNS", "LINES"):  # a runner of tests may have set its own
        env.pop(name, None)
    return env


@pytest.fixture
def script(tmp_path: Path) -> str:
    """The script's path."""
    path = tmp_path / "rehearsal.md"
    path.write_text(SCRIPT)
    return str(path)


def _play(script: str, *more: str) -> list[str]:
    return [*PLAY, script, "--voice", "pyttsx3", *more]


def _elapsed(text: str) -> int:
    """Seconds that the screen says have passed."""
    clocks = re.findall(r"^(\d+):(\d\d) ", text, re.MULTILINE)
    return int(clocks[-1][0]) * 60 + int(clocks[-1][1])


def _restored(terminal: Terminal) -> bool:
    """Settings as they were, cursor shown, the first screen back, wrapping on."""
    return terminal.settings() == terminal.before and all(
        terminal.raw.rfind(on) > terminal.raw.rfind(off)
        for on, off in (
            (b"\x1b[?25h", b"\x1b[?25l"),
            (b"\x1b[?1049l", b"\x1b[?1049h"),
            (b"\x1b[?7h", b"\x1b[?7l"),
        )
    )


def _kept(env: dict[str, str]) -> list[dict[str, object]]:
    """The places that were kept."""
    folder = Path(env["VOICEGUIDE_HOME"]) / "state"
    return [json.loads(path.read_text()) for path in folder.glob("*.session.json")]


def test_keys_do_what_they_say(script: str, env: dict[str, str]) -> None:
    """Each key of the help, and the place that `resume` goes on from."""
    with Terminal(_play(script), env) as terminal:
        terminal.until("Lie down")
        terminal.press(" ")
        terminal.until("PAUSED")
        terminal.press(" ")
        terminal.until(lambda text: "playing" in text)
        terminal.press("n")
        text = terminal.until("2/3  Roll")
        start = _elapsed(text)
        assert "then rest" in text or "then" in text
        assert "\u2588" in text  # the large countdown
        terminal.press("\x1b[C")
        terminal.until(lambda text: _elapsed(text) >= start + 15)
        terminal.press("\x1bOD")
        terminal.until(lambda text: _elapsed(text) < start + 10)
        terminal.press("\x1b[6~")
        terminal.until("3/3  Rest")
        terminal.press("n")
        terminal.until("this is the last step")
        terminal.press("p")
        terminal.until("2/3  Roll")
        terminal.press("\x1b[C")
        terminal.until(lambda text: _elapsed(text) >= start + 14)
        terminal.press("r")
        terminal.until(lambda text: _elapsed(text) <= start + 3)
        terminal.press("00")
        terminal.until("volume 110 %")
        terminal.press("9")
        terminal.until("volume 105 %")
        terminal.press("?")
        terminal.until("repeat this step")
        terminal.press("?")
        terminal.until("roll")
        terminal.press(
            "xyz\x1b[99~\x1bq\x1b]11;rgb:0000/0000/0000\x1b\\\x1b[200~q9\x1b[201~"
        )  # nothing
        terminal.press("\x1b")
        terminal.read(0.5)
        assert "volume 105 %" in terminal.text
        terminal.press("q")
        assert terminal.end() == 0
        assert _restored(terminal)
        assert "voiceguide resume continues" in terminal.text
    (place,) = _kept(env)
    with Terminal([*RESUME], env) as terminal:
        terminal.until(lambda text: "2/3  Roll" in text and "volume 105 %" in text)
        seconds = place["seconds"]
        assert isinstance(seconds, float)
        assert abs(_elapsed(terminal.text) - seconds) < 3
        terminal.press("q")
        assert terminal.end() == 0


@pytest.mark.parametrize(
    ("how", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129), ("\x03", 130)],
)
def test_signals_end_it_cleanly(
    script: str, env: dict[str, str], how: signal.Signals | str, code: int
) -> None:
    """The terminal is as it was, the place is kept, the exit code tells."""
    with Terminal(_play(script), env) as terminal:
        terminal.until("playing")
        if isinstance(how, str):
            terminal.press(how)
        else:
            terminal.send(how)
        assert terminal.end() == code
        assert _restored(terminal)
    assert len(_kept(env)) == 1


def test_a_closed_window(script: str, env: dict[str, str]) -> None:
    """The session ends, and its place is kept."""
    with Terminal(_play(script), env) as terminal:
        terminal.until("playing")
        terminal.hang_up()
        assert terminal.process.wait(60) == 129
    assert len(_kept(env)) == 1


def test_a_terminal_that_takes_nothing(
    script: str, env: dict[str, str], server: SoundServer
) -> None:
    """Ctrl-S holds up the screen alone: the session plays on, and still ends when it is told to."""
    with Terminal(_play(script), env) as terminal:
        terminal.until("playing")
        terminal.press("\x13")
        time.sleep(4)
        assert server.streams() == 1
        terminal.send(signal.SIGTERM)
        assert terminal.process.wait(60) == 143
    (place,) = _kept(env)
    seconds = place["seconds"]
    assert isinstance(seconds, float) and seconds > 3


def test_an_error_in_mid_session(tmp_path: Path, env: dict[str, str]) -> None:
    """One sentence on a terminal that is as it was."""
    sound = tmp_path / "long.wav"
    soundfile.write(sound, np.zeros(44_100, np.int16), 44_100)
    path = tmp_path / "broken.md"
    path.write_text("# Broken\n\n- pause 12s\n- play long.wav\n- pause 5s\n")
    with Terminal(_play(str(path)), env) as terminal:
        terminal.until("playing")
        sound.unlink()
        assert terminal.end() == 1
        assert _restored(terminal)
        assert "long.wav" in terminal.text
    assert len(_kept(env)) == 1


def test_sizes(script: str, env: dict[str, str]) -> None:
    """Whatever the window becomes, the panel fits into it, and the session goes on."""
    with Terminal(_play(script, "--from", "2"), env) as terminal:
        terminal.until("2/3  Roll")
        for columns, rows in ((40, 12), (24, 6), (12, 3), (2, 1), (200, 60), (80, 24)):
            terminal.resize(columns, rows)
            terminal.read(0.6)
            assert terminal.process.poll() is None
        assert "\u2588" in terminal.text
        terminal.resize(40, 12)
        text = terminal.until(lambda text: "roll 0:" in text)
        assert "2/3  Roll" in text
        terminal.press("q")
        assert terminal.end() == 0
        # Lines are cleared before they are written: after a full one the cursor of a real terminal
        # still stands on its last character, and clearing then would take it away.
        raw = bytes(terminal.raw)
        assert raw.count(b"\x1b[K") == len(re.findall(rb";1H(?:\x1b\[0?m)?\x1b\[K", raw)) > 0


def test_plain_terminals(script: str, env: dict[str, str]) -> None:
    """NO_COLOR leaves out every colour and weight, a plain locale every sign beyond ASCII."""
    env.update(NO_COLOR="1", LANG="C", LC_ALL="C")
    with Terminal(_play(script, "--from", "2"), env) as terminal:
        text = terminal.until("2/3  Roll")
        terminal.until("######")
        assert "=" in text or "-" in text
        terminal.press("q")
        assert terminal.end() == 0
        panel = terminal.raw[terminal.raw.index(b"\x1b[?1049h") :]
        assert panel.isascii()
        assert not re.search(rb"\x1b\[[0-9;]*m", panel)


def test_stopped_and_brought_back(script: str, env: dict[str, str]) -> None:
    """Ctrl-Z pauses and gives the terminal back; fg plays on."""
    env["PS1"] = "ready> "
    with Terminal(["bash", "--norc", "--noprofile", "-i"], env) as terminal:
        terminal.until("ready>")
        terminal.press(" ".join(_play(script)) + "\n")
        terminal.until("playing")
        terminal.read(1.5)
        terminal.press("\x1a")
        terminal.until("Stopped")
        kept = _kept(env)[0]["seconds"]
        assert isinstance(kept, float)
        time.sleep(2)
        terminal.press("fg\n")
        text = terminal.until(lambda text: "playing" in text and "Rehearsal" in text)
        assert _elapsed(text) <= kept + 2
        terminal.press("q")
        terminal.until("voiceguide resume continues")
        terminal.press("exit\n")
        terminal.end()


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (50, 20), (20, 6)])
def test_the_dangers_are_asked_before_a_first_session(
    script: str, env: dict[str, str], columns: int, rows: int
) -> None:
    """All of them, a screen at a time, and nothing starts before the listener says none applies."""
    (Path(env["VOICEGUIDE_HOME"]) / "state" / "safety.json").unlink()
    known = safety.needed()
    assert known is not None
    seen = ""
    with Terminal(_play(script), env, columns=columns, rows=rows) as terminal:
        while "playing" not in (
            text := terminal.until(lambda text: "y if any" in text or "playing" in text)
        ):
            assert b"\x1b[?1049h" not in terminal.raw
            seen += " " + text
            terminal.press(" \r")
            terminal.read(0.3)
            assert "y if any" in terminal.text and terminal.process.poll() is None
            terminal.press("n")
            terminal.read(0.3)
        terminal.press("q")
        assert terminal.end() == 0
    said = " ".join(seen.split())
    if columns > 20:
        for text in (*known.emergency, *known.do_not_start):
            assert text in said.replace(" - ", " ")
    with Terminal(_play(script), env) as terminal:
        terminal.until("playing")
        terminal.press("q")
        terminal.end()
        assert b"any does" not in terminal.raw


@pytest.mark.parametrize(
    ("keys", "told"), [("y", "Get emergency help now"), ("ny", "See a doctor first")]
)
def test_nothing_starts_where_a_danger_applies(
    script: str, env: dict[str, str], keys: str, told: str
) -> None:
    """What to do is said, and the next time it is asked again."""
    (Path(env["VOICEGUIDE_HOME"]) / "state" / "safety.json").unlink()
    for _ in range(2):
        with Terminal(_play(script), env) as terminal:
            for key in keys:
                terminal.until("y if any")
                terminal.press(key)
                terminal.read(0.3)
            terminal.until("Don't start")
            assert told in terminal.text.split("Don't start")[-1]
            assert terminal.end() == 1
            assert terminal.settings() == terminal.before


@pytest.fixture
def short(tmp_path: Path) -> str:
    """A script that is over soon."""
    path = tmp_path / "short.md"
    path.write_text("# Short\n\nLie down.\n")
    return str(path)


def _journal(env: dict[str, str]) -> list[dict[str, object]]:
    """What the journal holds."""
    done = subprocess.run(
        [sys.executable, "-m", "voiceguide", "log", "--json"],
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    records: list[dict[str, object]] = json.loads(done.stdout)
    return records


def test_the_pain_is_asked_after_a_session(short: str, env: dict[str, str]) -> None:
    """One question; what is no answer is asked again, and the journal has what was said."""
    with Terminal(_play(short), env) as terminal:
        text = terminal.until("Pain now, 0 to 10? (Enter skips)")
        assert "Session finished." in text
        terminal.press("eleven\n")
        terminal.until("A whole number")
        terminal.press("4\n")
        assert terminal.end() == 0
        assert terminal.settings() == terminal.before
    with Terminal(_play(short, "--ask-pain"), env) as terminal:
        terminal.until("Pain now")
        terminal.press("7\n")
        terminal.until("Session finished.")
        terminal.press("\x03")
        assert terminal.end() == 0
    first, second = sorted(_journal(env), key=lambda record: str(record["id"]))
    assert (first["pain_before"], first["pain_after"]) == (None, 4)
    assert (second["pain_before"], second["pain_after"]) == (7, None)
    assert first["completed"] and second["completed"]


def test_skipping_to_the_end_is_not_finishing(script: str, env: dict[str, str]) -> None:
    """It is told so, and the journal has it so."""
    with Terminal(_play(script), env) as terminal:
        terminal.until("playing")
        for _ in range(8):
            terminal.press("\x1b[C")
            terminal.read(0.2)
        terminal.until("The end, with parts of it skipped.")
        terminal.press("\n")
        assert terminal.end() == 0
    (record,) = _journal(env)
    assert (record["completed"], record["skipped"]) == (False, True)
    assert _kept(env) == []


def test_lines_where_there_is_no_terminal(script: str, env: dict[str, str]) -> None:
    """Steps and sentences as they come, no codes; an early end of the reader harms nothing."""
    (Path(env["VOICEGUIDE_HOME"]) / "state" / "safety.json").unlink()
    running = subprocess.Popen(
        _play(script, "--start-in", "2s"),
        env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert running.stdout is not None and running.stderr is not None
    lines = [running.stdout.readline().decode() for _ in range(5)]
    assert lines[0] == "Rehearsal\n"
    assert [line.strip() for line in lines[1:3]] == ["Two", "One"]
    assert lines[3] == "[0:00] Rehearsal\n"
    assert lines[4] == "  Lie down and let go.\n"
    running.stdout.close()
    time.sleep(2)
    assert running.poll() is None
    running.send_signal(signal.SIGTERM)
    assert running.wait(60) == 143
    told = running.stderr.read().decode()
    running.stderr.close()
    assert "emergency help" in told
    assert "voiceguide resume continues" in told
