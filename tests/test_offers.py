"""What the commands offer at a terminal, and what is said before something long or lasting."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cli_support import environment, voiceguide, works
from talking import talk

from voiceguide.cli import run
from voiceguide.library import tracks as library
from voiceguide.practice import safety
from voiceguide.practice.listener import Listener, recall, remember
from voiceguide.practice.needs import drafted, needed
from voiceguide.practice.planning import plan_days
from voiceguide.session import Request


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of the test's own, and a working folder."""
    folder = tmp_path / "home"
    monkeypatch.setenv("VOICEGUIDE_HOME", str(folder))
    monkeypatch.setenv("VOICEGUIDE_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return folder


def test_a_bare_call_offers_what_to_do() -> None:
    """On a terminal; without one it is the help, as before."""
    shown = talk(["\n"])
    assert "1  Play what is due today" in shown and "Resume" not in shown
    shown = talk(["3\n"])
    assert "piriformis-find" in shown
    done = subprocess.run(
        [sys.executable, "-m", "voiceguide"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2 and "Usage: voiceguide" in done.stderr


def test_today_from_the_bare_call() -> None:
    """The warning signs come first, then the day, and an offer to play it."""
    shown = talk(["1\n", "n", "n", "\n"])
    assert "does any of these apply" in shown and "Today: Piriformis" in shown
    assert "Play it now?" in shown
    assert safety.needed() is None
    shown = talk(["1\n", "\n"])
    assert "does any of these apply" not in shown


@pytest.mark.parametrize("line", ["today", "plan"])
def test_warning_signs_before_a_plan(line: str) -> None:
    """Asked where they were not answered lately; one that applies ends it."""
    shown = talk(["y"], line, code=1)
    assert "Get emergency help now" in shown and "Piriformis" not in shown
    safety.confirm()
    assert "Piriformis" in talk([], line)


def test_find_ends_with_an_offer() -> None:
    """Two muscles with their reasons, then whether to keep the answers, and which to play."""
    shown = talk(["no\n", "buttock\n", "left\n", "0\n", "0\n", "y\n", "\n"], "find")
    assert shown.count("Find the spot:") == 2 and shown.count("Release it:") == 2
    assert "--all shows them" in shown and shown.index("Ask a doctor") < shown.index("Piriformis\n")
    assert "Keep your answers" in shown and "Play one now?" in shown
    kept = recall()
    assert kept is not None and (kept.pain, kept.side) == (("buttock",), "left")
    assert safety.needed() is None


def test_arrow_keys_are_no_error() -> None:
    """They count for nothing beside what is typed."""
    shown = talk(["\x1b[A\x1bOBno\n", "\x1b[Dbuttock\x1b[C\n", "q\n"], "find")
    assert "Which side hurts more?" in shown and "I didn't understand" not in shown


def test_the_mildest_tool_that_is_there(home: Path) -> None:
    """Where none is named: of what the listener has; else the track's own first one."""
    assert drafted(Request("hips")).request.options.tool is None
    assert needed(drafted(Request("hips"))) == "You need: a tennis ball."
    remember(Listener(tools=("massage ball", "lacrosse ball")))
    made = drafted(Request("hips"))
    assert made.request.options.tool == "massage ball" and "massage ball" in str(needed(made))
    named = drafted(Request("hips", made.request.options), Listener(tools=("tennis ball",)))
    assert named.request.options.tool == "massage ball"
    remember(Listener(tools=()))
    assert drafted(Request("hips")).request.options.tool is None
    both = "You need: a tennis ball and a massage ball."
    assert needed(drafted(Request("gluteus-maximus-two-balls"))) == both
    assert needed(drafted(Request("hips-hands"))) is None
    (home / "listener.json").write_text("{")
    assert drafted(Request("hips")).request.options.tool is None


def test_tracks_muscle_by_muscle(tmp_path: Path) -> None:
    """Grouped, with a length for each, also for those that find a spot."""
    from cli_support import on_terminal

    rows = [line.split("\t") for line in works("tracks", at=tmp_path).splitlines()]
    assert all(re.fullmatch(r"[\dms]+", row[4]) for row in rows)
    first = [row[2].split(", ")[0] for row in rows]
    assert [m for n, m in enumerate(first) if not n or m != first[n - 1]] == list(
        dict.fromkeys(first)
    )
    _, shown = on_terminal("tracks", at=tmp_path, columns=100)
    lines = [line.strip() for line in re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines()]
    assert lines.index("Piriformis") < lines.index("Calves") < lines.index("For the whole body")


@pytest.mark.parametrize("columns", [50, 80, 120])
def test_tables_are_readable_at_any_width(tmp_path: Path, columns: int) -> None:
    """No word is lost, and what a track is has room to be read."""
    from cli_support import on_terminal

    _, shown = on_terminal("tracks", "--muscle", "hips", at=tmp_path, columns=columns)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines()
    assert max(map(len, lines)) <= columns and len(lines) < 30
    told = " ".join(" ".join(lines).split())
    for row in works("tracks", "--muscle", "hips", at=tmp_path).splitlines():
        for word in row.split("\t")[5].split():
            assert f" {word} " in f"{told} "


@pytest.mark.parametrize("tools", [("massage ball",), ("tennis ball",), ()])
def test_one_tool_leaves_most_days_with_work(tools: tuple[str, ...]) -> None:
    """With one tool named, the hands fill the other days: a rest is a sixth of them."""
    listener = Listener(pain=("buttock",), tools=tools)
    days = plan_days(listener, date(2026, 3, 2), 364).days
    assert sum(day.muscle is None for day in days) <= 364 // 6


def test_plan_tells_of_an_hour_that_is_left_out(home: Path, tmp_path: Path) -> None:
    words = ("plan", "--pain", "hips", "--from", "2026-03-23", "--ics", "p.ics", "--at", "02:30")
    env = environment(VOICEGUIDE_HOME=str(home), TZ="Europe/Berlin")
    done = voiceguide(*words, at=tmp_path, env=env)
    assert done.code == 0
    assert "there is no 02:30 on 2026-03-29, as the clocks go forward" in done.err


def test_commands_are_cut_so_that_they_can_be_copied(home: Path, tmp_path: Path) -> None:
    """On a phone's terminal: between words, with the sign by which a shell reads on."""
    from cli_support import on_terminal

    env = environment(VOICEGUIDE_HOME=str(home))
    words = ("plan", "--pain", "buttock", "--side", "left", "--tool", "tennis ball", "--from")
    words = (*words, "2026-03-02")
    told = json.loads(works(*words, "--json", at=tmp_path, env=env))
    safety.confirm()
    _, shown = on_terminal(*words, at=tmp_path, columns=44, env=env)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines()
    assert max(map(len, lines)) <= 44
    copied = " ".join(line.strip() for line in lines).replace(" \\ ", " ")
    for day in told:
        for session in day["sessions"]:
            assert session["command"] in copied


# ------------------------------------------------------------------------------ export --all


@pytest.fixture
def small_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two short tracks in place of those that ship."""
    folder = tmp_path / "shipped"
    folder.mkdir()
    for name in ("one", "two"):
        (folder / f"{name}.md").write_text(f"# {name.title()}\n\nHello.\n\n- hold 20s\n")
    monkeypatch.setattr(library, "data_folder", lambda kind: folder)  # noqa: ARG005
    return folder


def test_export_all_says_how_much_and_continues(
    small_library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before it starts; what is there is kept without an error, so that it continues."""
    line = ["export", "--all", "-o", "out/", "--voice", "silent", "--mono"]
    assert run(line) == 0
    told = capsys.readouterr().err
    assert "2 sessions, 1 min of sound, about 0 MB" in told
    before = (tmp_path / "out" / "one.mp3").stat().st_mtime_ns
    (tmp_path / "out" / "two.mp3").unlink()
    assert run(line) == 0
    out, told = capsys.readouterr()
    assert "1 file is already there and kept" in told and "1 session," in told
    assert [Path(row.split("  ")[0]).name for row in out.splitlines()] == ["two.mp3"]
    assert (tmp_path / "out" / "one.mp3").stat().st_mtime_ns == before
    assert run(line) == 0
    assert "2 files are already there and kept" in capsys.readouterr().err
    assert run([*line, "--force"]) == 0
    assert (tmp_path / "out" / "one.mp3").stat().st_mtime_ns != before


def test_export_all_tells_what_clashes(
    small_library: Path, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Tracks of one name get files of their own; what would still be one file is named, and the
    rest is written."""
    scripts = home / "scripts"
    for name in ("one", "a/one", "a-one"):
        path = scripts / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# Own\n\nHello.\n\n- hold 20s\n")
    (scripts / "own-a-one.md").write_text("# Own\n\nHello.\n\n- hold 20s\n")
    assert run(["export", "--all", "-o", "out/", "--voice", "silent"]) == 1
    told = capsys.readouterr().err
    assert "its file would be that of" in told and "own/a/one" in told
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == ["a-one.mp3", "built-in-one.mp3", "own-a-one.mp3", "own-one.mp3", "two.mp3"]


def test_a_transcript_that_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is told with what was written."""
    (tmp_path / "s.md").write_text("# S\n\nHello.\n\n- hold 20s\n")

    def made_meanwhile(*words: object, **more: object) -> str:
        (tmp_path / "s.vtt").mkdir()
        return "WEBVTT\n"

    monkeypatch.setattr("voiceguide.sinks.transcript.write_transcript", made_meanwhile)
    assert run(["export", "s.md", "--voice", "silent", "--transcript", "vtt"]) != 0
    told = " ".join(capsys.readouterr().err.split())
    assert '"s.mp3" is written, but not its transcript' in told and (tmp_path / "s.mp3").is_file()


# ------------------------------------------------------------------------------------ voices


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[str]]:
    """A server on this machine with the file of one voice; what was asked of it."""
    voices = pytest.importorskip("hibari.voices", reason="pip install hibari-tts")
    data = b"a voice " * 100_000
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("HIBARI_HOME", str(tmp_path / "hibari"))
    monkeypatch.setattr(voices, "BASE_URL", f"http://127.0.0.1:{server.server_port}/")
    digest = hashlib.sha256(data).hexdigest()
    monkeypatch.setitem(voices.VOICES["emma"], "sha256", digest)
    monkeypatch.setitem(voices.VOICES["emma"], "bytes", len(data))
    yield asked
    server.shutdown()
    server.server_close()


def test_a_voice_is_fetched_after_a_yes(
    shelf: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its size, licence and address first; without a terminal only with --yes."""
    assert run(["voices", "--install", "natural:emma"]) == 2
    told = capsys.readouterr().err
    assert (
        re.search(r"\d\.\d MB", told) and "Apache-2.0" in told and "--yes" in told and shelf == []
    )
    assert run(["voices", "--install", "natural:emma", "--yes"]) == 0
    assert len(shelf) == 1
    (written,) = (tmp_path / "hibari").iterdir()
    assert str(written) in capsys.readouterr().out and written.stat().st_size == 800_000
    assert run(["voices", "--install", "natural:emma"]) == 0
    assert "is ready" in capsys.readouterr().out and len(shelf) == 1


def test_voices_that_are_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence each; nothing is fetched."""
    for line in (
        ["--install", "natural:ema"],
        ["--install", "pyttsx3:en"],
        ["--install", "natural:emma", "--all"],
        ["--yes"],
    ):
        assert run(["voices", *line]) == 2
        assert capsys.readouterr().err.startswith("Error: ")


def test_voices_keep_to_what_is_asked(tmp_path: Path) -> None:
    """One line for an engine of very many, unless they are asked for."""
    lines = works("voices", at=tmp_path).splitlines()
    assert len(lines) < 12 and sum(line.startswith("pyttsx3") for line in lines) == 1
    ready = [line.split("\t")[3] for line in lines]
    assert ready == sorted(ready, reverse=True)
    assert len(works("voices", "--all", at=tmp_path).splitlines()) > 20


# ----------------------------------------------------------------------- missing libraries


@pytest.mark.parametrize(
    ("module", "package", "line"),
    [
        ("mutagen", "mutagen", ["export", "s.md", "--voice", "silent"]),
        ("PIL", "pillow", ["export", "s.md", "--voice", "silent"]),
        ("soundfile", "soundfile", ["export", "s.md", "--voice", "silent", "--format", "flac"]),
        ("icalendar", "icalendar", ["plan", "--ics", "p.ics"]),
        ("markdown_it", "markdown-it-py", ["show", "s.md"]),
    ],
)
def test_a_missing_library_is_named(
    module: str, package: str, line: list[str], tmp_path: Path
) -> None:
    """With the command that brings it; `doctor` names it, too."""
    (tmp_path / "s.md").write_text("# S\n\nHello.\n\n- hold 20s\n")
    (tmp_path / "stubs").mkdir()
    (tmp_path / "stubs" / "sitecustomize.py").write_text(
        "import sys\nclass Missing:\n    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.partition('.')[0] == {module!r}:\n"
        f"            raise ModuleNotFoundError(f'No module named {{name!r}}', name=name)\n"
        "sys.meta_path.insert(0, Missing())\n"
    )
    env = environment(PYTHONPATH=str(tmp_path / "stubs"))
    done = voiceguide(*line, at=tmp_path, env=env)
    assert done.code in (1, 2) and "Traceback" not in done.err
    assert f"pip install {package}" in done.err, done.err
