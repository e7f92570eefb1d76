"""`play`, `resume` and `doctor` as commands: what they refuse, keep and tell."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from needs import need, needs
from sound_server import SoundServer

from voiceguide.sinks import players, simpleaudio_player

SCRIPT = "# Short\n\nLie down.\n\n## Roll\n\n- roll 5s\n  - end: chime\n"


@pytest.fixture(scope="module")
def server() -> Iterator[SoundServer]:
    """One sound server for all of them."""
    with SoundServer() as running:
        yield running


@pytest.fixture
def env(server: SoundServer, tmp_path: Path) -> dict[str, str]:
    """An environment with sound and a listener who has been asked for dangers."""
    (tmp_path / "home" / "state").mkdir(parents=True)
    answered = json.dumps({"none_applies": time.time()})
    (tmp_path / "home" / "state" / "safety.json").write_text(answered)
    return {**os.environ, **server.env, "VOICEGUIDE_HOME": str(tmp_path / "home")}


@pytest.fixture
def script(tmp_path: Path) -> str:
    """The script's path."""
    path = tmp_path / "short.md"
    path.write_text(SCRIPT)
    return str(path)


def _run(env: dict[str, str], *words: str, cwd: Path | None = None) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    done = subprocess.run(
        [sys.executable, "-m", "voiceguide", *words],
        env=env, cwd=cwd, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--player", "simplaudio"], 2, 'did you mean "simpleaudio"?'),
        (["--device", "gramophone"], 2, 'there is no sound device "gramophone"'),
        pytest.param(
            ["--player", "simpleaudio", "--device", "x"],
            2,
            "cannot choose a device: it plays where the system plays (--device)",
            marks=needs("simpleaudio"),
        ),
        (["--from", "9"], 2, "there is no step 9: the session has 2"),
        (["--from", "\u00b2"], 2, "--from takes a step's number or a time"),
        (["--from", "9" * 5000], 2, "--from takes a step's number or a time"),
        (["--from", "1h"], 2, "--from takes a step's number or a time"),
        (["--from", "10m"], 2, "it cannot begin at 10m"),
        (["--volume", "131"], 2, "131"),
        (["--start-in", "11m"], 2, "starts in 1s to 10m"),
        (["--minutes", "600"], 1, "cannot be"),
        (["--voice", "gramophone"], 2, "no voice engine"),
    ],
)
def test_refusals(env: dict[str, str], script: str, words: list[str], code: int, told: str) -> None:
    """One sentence each, and no place is kept."""
    done = _run(env, "play", script, *words)
    assert done[0] == code
    assert told in done[2]
    assert "Traceback" not in done[2]
    assert not list(Path(env["VOICEGUIDE_HOME"]).glob("state/*.session.json"))


@pytest.mark.parametrize(
    "player", ["", "miniaudio", pytest.param("simpleaudio", marks=needs("simpleaudio"))]
)
def test_no_device_is_one_sentence(
    player: str, env: dict[str, str], script: str, tmp_path: Path
) -> None:
    """It offers the export, and no library writes beside it."""
    env.update(PULSE_SERVER=f"unix:{tmp_path}/none", XDG_RUNTIME_DIR=str(tmp_path))
    del env["ALSA_CONFIG_PATH"]
    code, out, err = _run(env, "play", script, *(["--player", player] if player else []))
    assert (code, out) == (1, "")
    assert "voiceguide export" in err
    assert len(err.splitlines()) == 1


@pytest.mark.usefixtures("script")
def test_a_session_is_kept_resumed_and_written_down(env: dict[str, str], tmp_path: Path) -> None:
    """From another folder, with its options; once heard to its end there is nothing to resume."""
    env["PYTHONUNBUFFERED"] = "1"
    running = subprocess.Popen(
        [sys.executable, "-m", "voiceguide", "play", "short.md", "--from", "2", "--volume", "70"],
        env=env, cwd=tmp_path, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert running.stdout is not None
    assert [running.stdout.readline() for _ in range(2)][1].endswith("Roll\n")
    running.terminate()
    _, told = running.communicate(timeout=20)
    assert "voiceguide resume continues" in told
    assert running.returncode == 143
    (kept,) = Path(env["VOICEGUIDE_HOME"]).glob("state/*.session.json")
    assert json.loads(kept.read_text())["how"]["volume"] == 70
    code, out, err = _run(env, "resume", cwd=Path("/"))
    assert (code, err) == (0, "")
    assert "Roll" in out
    code, _, err = _run(env, "resume")
    assert code == 2
    assert "no session was stopped halfway" in err
    code, out, _ = _run(env, "log", "--json")
    (written,) = json.loads(out)
    assert written["track"] == "short"
    # It was begun at its second step: what was never heard was skipped.
    assert (written["completed"], written["skipped"]) == (False, True)
    assert 3 < written["seconds"] < 12


def test_a_folder_that_goes_while_a_session_plays(env: dict[str, str], script: str) -> None:
    """The session plays on, and can be gone on with; an export into such a folder is a sentence."""
    env["PYTHONUNBUFFERED"] = "1"
    folder = Path(script).parent / "gone"
    folder.mkdir()
    running = subprocess.Popen(
        [sys.executable, "-m", "voiceguide", "play", script],
        env=env, cwd=folder, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert running.stdout is not None and running.stdout.readline() == "Short\n"
    folder.rmdir()
    while not (line := running.stdout.readline()).endswith("Roll\n"):
        assert line
    running.terminate()
    _, told = running.communicate(timeout=20)
    assert running.returncode == 143 and "voiceguide resume continues" in told
    (kept,) = Path(env["VOICEGUIDE_HOME"]).glob("state/*.session.json")
    assert json.loads(kept.read_text())["request"]["name"] == script
    code, _, told = _run(env, "resume", "--device", "gramophone")
    assert code == 2 and "no sound device" in told
    line = f"mkdir {folder}; cd {folder}; rmdir {folder}; exec {sys.executable} -m voiceguide"
    done = subprocess.run(
        ["sh", "-c", f"{line} export {script} --voice silent"],
        env={**env, "PYTHONSAFEPATH": "1"}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1 and "is there no longer" in done.stderr


def test_doctor_and_the_list_of_devices(env: dict[str, str]) -> None:
    """Both players are named, the default one too, and where they play."""
    _, out, _ = _run(env, "doctor", "--json")
    found = {entry["name"]: entry for entry in json.loads(out)}
    assert "used by default" in found["player miniaudio"]["detail"]
    assert {"media keys", "no sleep"} <= set(found)
    code, out, _ = _run(env, "play", "--list-devices")
    assert code == 0
    assert out.startswith("miniaudio\t")
    need("simpleaudio")
    assert found["player simpleaudio"]["works"] is True


def test_a_player_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the command that brings it."""
    monkeypatch.setattr(simpleaudio_player.importlib.util, "find_spec", lambda _: None)
    (found,) = [p for p in players.players() if p.name == "simpleaudio"]
    assert not found.works
    assert found.how == 'pip install "simpleaudio-patched==1.0.5"'


@needs("simpleaudio")
def test_a_player_that_can_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    """That release is refused, and the message says how to replace it."""
    monkeypatch.setattr(simpleaudio_player, "PACKAGE", "another-simpleaudio")
    (found,) = [p for p in players.players() if p.name == "simpleaudio"]
    assert found.how is not None
    assert "pip uninstall simpleaudio" in found.how


def test_leaving_in_the_countdown_keeps_the_place(env: dict[str, str], script: str) -> None:
    """The step that it was to begin with, not the session's beginning."""
    words = ["play", script, "--voice", "pyttsx3", "--from", "2", "--start-in", "30s"]
    running = subprocess.Popen(
        [sys.executable, "-m", "voiceguide", *words], env=env, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert running.stdout is not None
    running.stdout.readline()  # it plays
    running.terminate()
    running.communicate(timeout=30)
    (kept,) = Path(env["VOICEGUIDE_HOME"]).glob("state/*.session.json")
    place = json.loads(kept.read_text())
    assert place["seconds"] > 1 and place["step"] == "Roll"
