"""The commands of the library: find, map, today, plan, log and progress."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
import shlex
import sqlite3
import subprocess
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from cli_support import COMMAND, environment, powerless, works
from talking import talk

from voiceguide.cli import run
from voiceguide.library.tracks import entries
from voiceguide.pictures.chart import Point, buckets, summary, svg, text
from voiceguide.plan import Options
from voiceguide.practice.journal import Journal
from voiceguide.practice.lengths import Estimates


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of the test's own, and a working folder."""
    folder = tmp_path / "home"
    monkeypatch.setenv("VOICEGUIDE_HOME", str(folder))
    monkeypatch.chdir(tmp_path)
    return folder


class Shell:
    """Runs the command line in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.code = 0
        self.err = ""

    def __call__(self, line: str, *, code: int = 0) -> str:
        self._capsys.readouterr()
        self.code = run(shlex.split(line))
        out, self.err = self._capsys.readouterr()
        assert self.code == code, self.err
        return out

    def json(self, line: str) -> Any:
        """What it writes, read as JSON."""
        return json.loads(self(line))


@pytest.fixture
def sh(capsys: pytest.CaptureFixture[str]) -> Shell:
    """The command line."""
    return Shell(capsys)


# ------------------------------------------------------------------------------------ find


def test_find_as_json(sh: Shell) -> None:
    """Where it hurts, side and tool by options: muscles, reasons, tracks and commands."""
    data = sh.json('find --pain lower-back --side left --tool "tennis ball" --json')
    assert data["stopped"] is False and data["not_medical_advice"] is True
    assert data["answers"] == {
        "pain": ["lower-back"],
        "side": "left",
        "worse": [],
        "tools": ["tennis ball"],
        "red_flags": None,
        "level": "beginner",
    }
    assert [m["muscle"] for m in data["muscles"]][:2] == ["gluteus-medius", "gluteus-maximus"]
    first = data["muscles"][0]
    commands = [t["command"] for t in first["tracks"]]
    assert 'voiceguide play gluteus-medius --sore left --tool "tennis ball"' in commands
    assert all(shlex.split(t["command"]) == t["words"] for t in first["tracks"])
    assert first["reasons"]
    # Nobody answered the red flags, so they are there to be asked.
    assert {c["id"] for c in data["red_flags_to_ask"]} >= {"saddle-numbness", "hot-calf"}
    assert not sh.json("find --pain hips --no-red-flags --json")["red_flags_to_ask"]


def test_find_stops_at_a_red_flag(sh: Shell) -> None:
    """It says what to do and proposes nothing; that is an answer, so the code is 0."""
    data = sh.json("find --pain buttock --red-flag saddle --json")
    assert data["stopped"] is True and data["muscles"] == []
    assert [c["id"] for c in data["because"]] == ["saddle-numbness"]
    out = sh("find --red-flag fever --red-flag chest --pain buttock")
    assert "Get help at once" in out and "emergency help" in out and "play" not in out
    out = sh("find --red-flag fracture")
    assert "No massage for now" in out and "play" not in out


def test_find_as_text(sh: Shell) -> None:
    """Reasons, commands, and the warnings where nobody answered them."""
    out = sh("find --pain 'back of the thigh' --side right --worse sitting --no-red-flags")
    assert "Hamstrings" in out and "edge of the chair" in out
    assert 'voiceguide play hamstrings --sore right --tool "tennis ball"' in out
    assert "not medical advice" in out and "No tool given, so this assumes a tennis ball" in out
    assert "Don't start" not in out and out.count("Find the spot:") == 2
    assert sh("find --pain thigh --all --no-red-flags").count("Find the spot:") == 3
    assert "Don't start" in sh("find --pain thigh --tool hands")


def test_find_what_is_wrong(sh: Shell) -> None:
    """One sentence and code 2, with the word that was probably meant."""
    for line, words in (
        ("find", "give --pain"),
        ("find --pain butock", 'did you mean "buttock"'),
        ("find --pain buttock --tool tenisball", 'did you mean "tennis ball"'),
        ("find --pain buttock --side lft", 'did you mean "left"'),
        ("find --pain buttock --worse siting", 'did you mean "sitting"'),
        ("find --pain buttock --red-flag fevr", 'did you mean "fever"'),
        ("find --pain buttock --red-flag fever --no-red-flags", "contradict"),
    ):
        assert sh(line, code=2) == ""
        assert words in " ".join(sh.err.split()), sh.err
        assert len(sh.err.strip().split("\n")) <= 4


def _find(*answers: str, words: tuple[str, ...] = ()) -> str:
    """The finder on a terminal, answered line by line; everything it showed."""
    return talk([f"{each}\n" for each in answers], "find", *words)


def test_find_asks() -> None:
    """Numbers or words, a slip asked again, and back to change an answer."""
    shown = _find("no", "2", "left", "b", "b", "buttok", "butt", "1", "sitting", "3", "", "")
    assert shown.count("Where does it hurt?") == 2 and 'Did you mean "buttock"?' not in shown
    assert 'did you mean "buttock"?' in shown
    assert "Piriformis" in shown and "1. Find the spot" in shown
    assert 'voiceguide play piriformis --sore left --tool "tennis ball"' in shown


def test_find_asks_red_flags_first() -> None:
    """They come before anything else, want a clear answer, and one yes ends it."""
    shown = _find("yes", "1")
    assert shown.index("numbness") < shown.index("Do any of these apply")
    assert "Write the number" in shown and "emergency help" in shown
    assert "Where does it hurt?" not in shown and "play" not in shown


def test_find_asks_back_where_both_legs_hurt() -> None:
    """Both sides of a calf are an emergency sign: yes stops, no asks the side again."""
    shown = _find("no", "calf", "both", "0", "0", "no", "neither", "", "")
    assert "You said both sides." in shown and shown.count("Which side hurts more?") == 2
    assert "Calves" in shown and "--sore" not in shown
    shown = _find("no", "calf", "both", "0", "0", "yes")
    assert "get emergency help" in shown and "Find the spot" not in shown


@pytest.mark.parametrize("line", ["find", "today", "plan", "find --json", "find --no-red-flags"])
def test_both_legs_are_refused_where_nobody_can_be_asked(sh: Shell, line: str) -> None:
    """In a sentence with the question, and what to say where it is not so."""
    assert sh(f"{line} --pain calf --side both", code=2) == ""
    told = " ".join(sh.err.split())
    assert "both legs?" in told and "--side left, right or neither" in told
    sh(f"{line} --pain calf --side neither")


def test_find_asks_only_what_is_missing() -> None:
    """With a place given nothing but the red flags is asked; q ends it."""
    shown = _find("no", "", "", words=("--pain", "calf"))
    assert "Where does it hurt?" not in shown and "Calves" in shown
    assert "Nothing was proposed" in _find("q")


# ------------------------------------------------------------------------------------- map


def test_map(sh: Shell, tmp_path: Path) -> None:
    """As text, as an SVG file and on standard output; one muscle lit up by a short name."""
    assert "Piriformis" in sh("map") and "where it is felt" in sh("map")
    assert "Its pain is felt" in sh("map --muscle piri")
    assert sh("map --muscle medius -o m.svg") == "m.svg\n"
    picture = (tmp_path / "m.svg").read_text(encoding="utf-8")
    assert ET.fromstring(picture).tag.endswith("svg") and "gluteus medius" in picture
    assert sh("map --muscle medius -o -") == picture
    sh("map -o m.svg", code=2)
    assert "already there" in sh.err and (tmp_path / "m.svg").read_text() == picture
    sh("map -o m.png", code=2)
    assert ".svg" in sh.err
    sh("map --muscle pirformis", code=2)
    assert 'did you mean "piriformis"' in " ".join(sh.err.split())


# -------------------------------------------------------------------------- today and plan


def test_today_and_plan_agree(sh: Shell) -> None:
    """Today is the plan's first day; the answers can be remembered and forgotten."""
    asked = "--pain buttock --side left --minutes 15 --from 2026-03-02"
    today = sh.json(f"today {asked} --json")
    assert (today["date"], today["muscle"], today["minutes"]) == ("2026-03-02", "piriformis", 15)
    assert today == sh.json(f"plan {asked} --json")[0]
    assert sh.json("today --from 2026-03-02 --json") != today
    sh(f"today {asked} --remember")
    assert sh.json("today --from 2026-03-02 --json") == today
    assert sh.json("today --from 2026-03-02 --minutes 9 --json")["minutes"] == 9
    assert sh.json("today --from 2026-03-02 --json") == today
    assert "Monday, 2026-03-02: Piriformis" in sh("today --from 2026-03-02")
    assert len(sh.json("plan --weeks 2 --from 2026-03-02 --json")) == 14
    assert sh.json("today --forget --from 2026-03-02 --json") != today
    assert sh.json("today --from 2026-03-02 --json") != today


def test_find_can_remember(sh: Shell) -> None:
    """What the finder was told is what today and plan go by; a stop is not remembered."""
    sh("find --pain calf --side right --tool hands --no-red-flags --remember")
    words = sh.json("today --from 2026-03-02 --json")["sessions"][0]["words"]
    assert words[:4] == ["voiceguide", "play", "calves-rolling-pin", "--sore"]
    sh("find --pain buttock --red-flag fever --remember")
    assert "not kept" in sh.err
    assert sh.json("today --from 2026-03-02 --json")["muscle"] == "calves"


def test_remembered_answers_that_make_no_sense(sh: Shell, home: Path) -> None:
    """A damaged file is one sentence; a word that no longer exists is passed over."""
    home.mkdir()
    file = home / "listener.json"
    for damaged in ("{", "[]", "[" * 100_000, '"x"'):
        file.write_text(damaged)
        sh("today", code=1)
        assert "damaged" in sh.err and "listener.json" in sh.err.replace("\n       ", "")
    file.write_bytes(b"\xff\xfe")
    sh("today", code=1)
    assert "voiceguide find --remember asks again" in " ".join(sh.err.split())
    sh("find --pain hips --no-red-flags --remember")
    sh("today")
    file.write_text('{"pain": ["elbow", "hips"], "side": 3, "minutes": "x", "tools": [7]}')
    assert sh.json("today --from 2026-03-02 --json")["muscle"] == "gluteus-medius"
    file.unlink()
    file.mkdir()
    sh("today", code=1)
    assert "cannot be read" in sh.err


def test_plan_for_the_calendar(sh: Shell, tmp_path: Path) -> None:
    """A calendar file of two weeks, whole or not at all, and not over another file."""
    sh("plan --pain hips --weeks 2 --from 2026-03-02 --ics p.ics --at 20:00")
    data = (tmp_path / "p.ics").read_bytes()
    assert data.count(b"BEGIN:VEVENT\r\n") == 14
    assert re.search(rb"\r\nDTSTART(;TZID=[^:]+)?:20260302T200000Z?\r\n", data)
    whole = data.replace(b"\r\n ", b"")
    assert b"voiceguide play" not in whole and b"You need: a tennis ball." in whole
    assert b"\n" not in data.replace(b"\r\n", b"")
    sh("plan --ics p.ics", code=2)
    assert "already there" in sh.err and (tmp_path / "p.ics").read_bytes() == data
    sh("plan --ics p.ics --force --from 2026-03-02")
    assert b"VALUE=DATE" in (tmp_path / "p.ics").read_bytes()
    sh("plan --ics nowhere/p.ics", code=1)
    assert "no such folder" in sh.err
    sh("plan --at 20:00", code=2)
    sh("plan --ics q.ics --remind 10m", code=2)
    assert "give --at" in sh.err
    sh("plan --ics r.ics --at 20:00 --remind 10m --from 2026-03-02")
    assert b"TRIGGER:-PT10M" in (tmp_path / "r.ics").read_bytes()
    sh("plan --ics q.ics --at 25:00", code=2)
    assert "18:30" in sh.err
    sh("plan --from someday", code=2)
    assert "2026-03-02" in sh.err


@pytest.mark.parametrize("minutes", [4, 5, 10, 15, 20, 30])
def test_what_is_planned_can_be_played(sh: Shell, minutes: int) -> None:
    """Every command of a plan compiles to exactly its minutes in a voice that is installed."""
    from voiceguide.session import Request, compile  # noqa: A004

    days = sh.json(f"plan --pain buttock --side left --minutes {minutes} --weeks 1 --json")
    for session in (s for day in days for s in day["sessions"]):
        words = session["words"]
        given = dict(zip(words[3::2], words[4::2], strict=True))
        length = float(given.pop("--minutes")) * 60
        options: Any = {name.removeprefix("--"): value for name, value in given.items()}
        made = compile(Request(words[2], Options(length=length, **options), voice="pyttsx3"))  # type: ignore[arg-type]
        assert made.seconds == length


def test_lengths_are_estimated_within_a_few_hundredths() -> None:
    """What is reckoned from letters is near what a voice takes, for each built-in track."""
    from voiceguide.session import check

    reach = Estimates()
    for name in ("piriformis-hands", "hips-find", "slow-breathing", "daily-five"):
        entry = next(e for e in entries() if e.track.name == name)
        tool = next(iter(entry.front.tools), None)
        found = reach(name, Options(tool=tool))
        spoken = check(name, voice="pyttsx3").reach
        assert found and spoken
        assert found[0] == pytest.approx(spoken.shortest, rel=0.03)
        assert found[1] == pytest.approx(spoken.longest, rel=0.03)


# ------------------------------------------------------------------------------------- log


def test_log_add_edit_delete(sh: Shell, home: Path) -> None:
    """Mark done with the track's own length, say the pain later, take it out again."""
    out = sh('log --add piriformis --when "2026-03-02 18:30" --pain-before 6')
    assert re.match(r"Added session 1: piriformis, 2026-03-02 18:30, \d+m\S*, pain 6 to \?\n", out)
    assert "pain 6 to 4" in sh("log --edit 1 --pain-after 4")
    (record,) = sh.json("log --json")
    assert record["marked"] is True and record["seconds"] > 300 and record["ended"] is None
    assert (record["pain_before"], record["pain_after"]) == (6, 4)
    sh("log --add calves-find --when 2026-03-01 --minutes 4 --side left --tool hands")
    first, _ = sh.json("log --json")
    assert (first["track"], first["side"], first["tool"]) == ("calves-find", "left", "hands")
    assert first["seconds"] == 240 and first["started"].startswith("2026-03-01T12:00")
    lines = sh("log").splitlines()
    assert [line.split("\t")[2] for line in lines] == ["calves-find, left", "piriformis"]
    sh("log --delete 1 --delete 9", code=2)
    assert "no session 9" in sh.err and len(sh.json("log --json")) == 2
    assert "Deleted session 1" in sh("log --delete 1")
    assert len(sh.json("log --json")) == 1
    assert (home / "journal.sqlite3").exists()


def test_log_as_csv_and_files(sh: Shell, tmp_path: Path) -> None:
    """CSV and JSON, on standard output and in files, hold the same sessions."""
    sh("log --add hips --when yesterday --pain-before 3")
    sh("log --add hips-find")
    rows = list(csv.DictReader(io.StringIO(sh("log --csv"))))
    assert [row["track"] for row in rows] == ["hips", "hips-find"]
    assert rows[0]["pain_before"] == "3" and rows[0]["pain_after"] == ""
    sh("log --export j.csv")
    written = (tmp_path / "j.csv").read_bytes()
    assert written.startswith(b"\xef\xbb\xbf") and written.decode("utf-8-sig") == sh("log --csv")
    sh("log --export j.json")
    assert json.loads((tmp_path / "j.json").read_text()) == sh.json("log --json")
    sh("log --export j.json", code=2)
    assert "already there" in sh.err
    sh("log --export j.json --force")
    sh("log --export j.txt", code=2)
    assert ".csv or .json" in sh.err


def test_log_holds_no_formula(sh: Shell, home: Path) -> None:
    """A file's name that a spreadsheet would reckon with is words there; quotes come back."""
    home.mkdir()
    names = ['=HYPERLINK("http://x","y")', "+1", "-1", "@a", 'a, "b"', "plain"]
    with Journal(home / "journal.sqlite3") as journal:
        for name in names:
            journal.record(started=datetime(2026, 3, 2, 18), track=name, seconds=60)
    rows = list(csv.DictReader(io.StringIO(sh("log --csv"))))
    assert [row["track"] for row in rows] == [f"'{name}" for name in names[:4]] + names[4:]
    assert [row["track"] for row in sh.json("log --json")] == names


def test_log_of_nothing(sh: Shell, home: Path) -> None:
    """An empty journal is no error, and asking does not make one."""
    assert sh("log") == "" and "empty" in sh.err
    assert sh.json("log --json") == []
    assert sh.json("progress --json") == {"sessions": 0}
    assert sh("progress") == ""
    assert not home.exists()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("log --add pirformis", 'did you mean "piriformis"'),
        ("log --add hips --when someday", "I can't read"),
        ("log --add hips --when 2999-01-01", "still to come"),
        ("log --add hips --pain-after 11", "11"),
        ("log --add hips --pain-after x", "x"),
        ("log --add hips --tool tenis", "tennis ball"),
        ("log --add hips --delete 1", "one at a time"),
        ("log --pain-after 3", "goes with --add or --edit"),
        ("log --edit 1 --minutes 3", "goes with --add"),
        ("log --edit 1", "--pain-before or --pain-after"),
        ("log --edit 7 --pain-after 1", "no session 7"),
        ("log --delete 7", "no session 7"),
        ("log --csv --json", "contradict"),
        ("log --edit 99999999999999999999 --pain-after 1", "no session 9999"),
        ("log --delete 99999999999999999999", "no session 9999"),
        ("log --add hips --when 0226-03-02", "too long ago"),
        ("log --add hips --when 0001-01-01", "too long ago"),
        ("log --add hips --when 9999-12-31T23:59-12:00", "still to come"),
        ("log --add hips --csv", "for the list of sessions"),
        ("log --delete 1 --all", "for the list of sessions"),
        ("log --export j.csv --json", "its name says"),
        ("log --force", "give --export FILE too"),
        ("plan --force", "give --ics FILE too"),
        ("progress --force", "give -o FILE too"),
        ("map --force", "give -o FILE too"),
        ("plan --from 9999-12-30", "the calendar ends"),
        ("today --from 0001-01-01", "the calendar ends"),
    ],
)
def test_log_what_is_wrong(sh: Shell, line: str, words: str) -> None:
    """One sentence, code 2, and nothing written down."""
    assert sh(line, code=2) == ""
    assert words in " ".join(sh.err.split())
    assert sh.json("log --json") == []


def test_log_minutes_end_now(sh: Shell) -> None:
    """Without a time of day it ended now; what would end later is refused."""
    sh("log --add hips --minutes 30")
    (record,) = sh.json("log --json")
    started, ended = (datetime.fromisoformat(record[name]) for name in ("started", "ended"))
    assert ended - started == timedelta(minutes=30)
    assert abs(datetime.now().astimezone() - ended) < timedelta(minutes=2)
    lately = datetime.now() - timedelta(minutes=5)
    sh(f'log --add hips --when "{lately:%Y-%m-%d %H:%M}" --minutes 30', code=2)
    assert "not over yet" in sh.err
    sh(f'log --add hips --when "{lately:%Y-%m-%d %H:%M}" --minutes 5')


@pytest.mark.parametrize(
    ("when", "there"),
    [("2026-03-29 01:59", True), ("2026-03-29 02:30", False), ("2026-10-25 02:30", True)],
)
def test_log_when_the_clocks_change(when: str, there: bool, tmp_path: Path) -> None:
    """An hour that the day did not have is told; one that it had twice is taken."""
    day = Path("/usr/share/zoneinfo/Europe/Berlin")
    zone = "Europe/Berlin" if day.exists() else "CET-1CEST,M3.5.0,M10.5.0/3"
    env = environment(TZ=zone, VOICEGUIDE_HOME=str(tmp_path / "home"))
    words = [*COMMAND, "log", "--add", "hips", "--minutes", "5", "--when", when]
    done = subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode == (0 if there else 2)
    assert there or "the clocks went forward" in done.stderr


def test_rows_that_nothing_here_wrote(sh: Shell, home: Path, tmp_path: Path) -> None:
    """A year 9999 and seconds without number are left out and told; the rest is shown."""
    sh("log --add hips --minutes 5")
    with contextlib.closing(sqlite3.connect(home / "journal.sqlite3")) as connection:
        row = "INSERT INTO sessions (started, track, seconds) VALUES (?, 'far', ?)"
        connection.execute(row, ("9999-12-31T10:00:00+00:00", 3))
        connection.execute(row, ("2026-03-02T10:00:00+00:00", 1e300))
        connection.commit()
    for line in ("progress", "progress --json", "progress -o p.png", "log", "today"):
        out = sh(line)
        assert "2 sessions" in sh.err and "left out" in sh.err and "e+300" not in out


def test_a_hint_names_an_option_that_is_there(tmp_path: Path) -> None:
    """A folder that can't be written: with the option that says where, and none where none does."""
    folder = tmp_path / "data"
    folder.mkdir(0o500)
    env = environment(VOICEGUIDE_HOME=str(folder))
    lines = {
        f"plan --ics {folder}/p.ics": "--ics",
        f"map -o {folder}/m.svg": "--output",
        f"log --export {folder}/j.csv": "--export",
        "plan --remember": None,
        "find --pain hips --no-red-flags --remember": None,
    }
    for line, option in lines.items():
        words = [*powerless(), *COMMAND, *line.split()]
        done = subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, text=True)
        said = done.stderr
        assert done.returncode == 1 and "Traceback" not in said, said
        named = re.findall(r"--?[a-z]+", said.replace(str(folder), ""))
        assert named == ([option] if option else []), said


def test_log_a_damaged_journal(sh: Shell, home: Path) -> None:
    """The listener is told where it is kept, once, and can go on."""
    home.mkdir()
    (home / "journal.sqlite3").write_bytes(b"no journal" * 999)
    out = sh("log --add hips --minutes 5")
    assert "Added session 1" in out and "damaged" in sh.err and "kept as" in sh.err
    assert len(list(home.glob("journal-damaged-*"))) == 1
    sh("log")
    assert sh.err == ""


def test_what_was_logged_moves_the_plan(sh: Shell) -> None:
    """A muscle that was marked done today is told, and tomorrow it is another's turn."""
    before = sh.json("today --pain buttock --json")
    assert (before["muscle"], before["done"]) == ("piriformis", False)
    sh("log --add piriformis-hands --minutes 8")
    assert sh.json("today --pain buttock --json") == {**before, "done": True}
    assert "Done already" in sh("today --pain buttock")
    tomorrow = sh.json("today --pain buttock --from tomorrow --json")
    assert tomorrow["muscle"] == "gluteus-maximus"


# -------------------------------------------------------------------------------- progress


def _fill(home: Path, number: int = 30) -> None:
    home.mkdir()
    first = datetime(2026 if number <= 30 else 2025, 1, 5, 18)
    with Journal(home / "journal.sqlite3") as journal:
        for n in range(number):
            journal.record(
                started=first + timedelta(days=2 * n), track="hips",
                seconds=600, pain_before=8 - n % 30 // 6 if n % 3 else None, pain_after=n % 5,
            )  # fmt: skip


def test_progress_in_the_terminal(sh: Shell, home: Path) -> None:
    """Figures in words, the pain from 0 to 10, and the sessions of each week."""
    _fill(home)
    out = sh("progress")
    assert "30 sessions from 5 January 2026 to 4 March 2026, 5 h 0 min" in out
    assert "Pain on average: 6.0 before, 2.0 after." in out
    assert "10 |" in out and " 0 |" in out and re.search(r"5 Jan .* 4$", out, re.M)
    assert "1 session on 4 March 2026" in sh("progress --since 2026-03-03")
    data = sh.json("progress --json")
    assert (data["sessions"], data["minutes"], data["pain_after"]) == (30, 300, 2.0)
    assert sum(week["sessions"] for week in data["by_week"]) == 30


@pytest.mark.parametrize("number", [1, 2, 30, 200])
def test_progress_as_a_picture(sh: Shell, home: Path, tmp_path: Path, number: int) -> None:
    """PNG and SVG, for one session as for many; every point of pain is drawn."""
    from PIL import Image

    _fill(home, number)
    sh("progress -o p.png")
    with Image.open(tmp_path / "p.png") as picture:
        picture.load()
        assert picture.format == "PNG" and picture.size == (1200, 760)
        assert len(picture.getcolors(1 << 20) or []) > 20
    sh("progress -o p.svg")
    root = ET.fromstring((tmp_path / "p.svg").read_text(encoding="utf-8"))
    dots = [e for e in root.iter() if e.tag.endswith("circle")]
    said = number + sum(1 for n in range(number) if n % 3)
    assert len(dots) == said + 2  # and two in the legend
    for dot in dots:
        assert 0 < float(dot.attrib["cx"]) < 1200 and 0 < float(dot.attrib["cy"]) < 760
    sh("progress -o p.svg", code=2)
    assert "already there" in sh.err


def test_progress_what_is_wrong(sh: Shell) -> None:
    """A name of no picture, and nothing to draw."""
    sh("progress -o p.pdf", code=2)
    assert ".png or .svg" in " ".join(sh.err.split())
    sh("progress -o p.png", code=2)
    assert "no session" in sh.err


@pytest.mark.parametrize("width", [20, 40, 80, 120])
@pytest.mark.parametrize("number", [1, 2, 40, 400])
def test_chart_keeps_to_its_columns(width: int, number: int) -> None:
    """No line is wider than was asked, in Unicode and in ASCII; no session is lost in the counts."""
    start = datetime(2025, 12, 29, 8).astimezone()
    points = [Point(start + timedelta(days=n), 10, n % 11, (n + 3) % 11) for n in range(number)]
    for unicode in (True, False):
        lines = text(points, width, unicode=unicode).splitlines()
        assert max(map(len, lines)) <= max(width, 25)
        assert unicode or all(line.isascii() for line in lines)
    _, counted = buckets(points)
    assert sum(bucket.sessions for bucket in counted) == number
    assert all(a.end == b.start for a, b in zip(counted, counted[1:], strict=False))


def test_chart_counts_across_months_and_years() -> None:
    """Months of every length, over a turn of the year; weeks begin on Monday."""
    start = datetime(2025, 11, 30, 23).astimezone()
    points = [Point(start + timedelta(days=n), 5) for n in range(150)]
    unit, counted = buckets(points)
    assert unit == "month"
    assert [(b.label, b.sessions) for b in counted] == [
        ("Nov 2025", 1), ("Dec 2025", 31), ("Jan 2026", 31), ("Feb 2026", 28), ("Mar 2026", 31),
        ("Apr 2026", 28),
    ]  # fmt: skip
    unit, counted = buckets(points[:10])
    assert unit == "week" and counted[0].start == date(2025, 11, 24)


def test_chart_of_one_day() -> None:
    """Its sessions stand about the middle, each for itself, with the day below them."""
    start = datetime(2026, 3, 2, 8, tzinfo=UTC)
    for hours in ((0,), (0, 10), (0, 1, 10)):
        points = [Point(start + timedelta(hours=h), 10, 7, 3) for h in hours]
        lines = text(points, 84, unicode=False).splitlines()
        dots = [found.start() for found in re.finditer("o", lines[4])]
        assert len(dots) == len(hours) and sum((dots[0], dots[-1])) / 2 == pytest.approx(
            43.5, abs=1
        )
        day = lines[13]
        assert day.strip() == "2 Mar" and abs(day.index("2") + 2 - 43.5) <= 1
        words = [e for e in ET.fromstring(svg(points)).iter() if e.text == "2 Mar"]
        assert float(words[0].attrib["x"]) == pytest.approx(620)


def test_chart_of_a_flight_across_the_date_line() -> None:
    """A session that is later by the clock of the world, and a day earlier where it was."""
    points = [
        Point(datetime(2026, 3, 2, 8, tzinfo=timezone(timedelta(hours=13))), 10, 7, 3),
        Point(datetime(2026, 3, 1, 20, tzinfo=timezone(-timedelta(hours=10))), 10, 6, 3),
    ]
    _, counted = buckets(points)
    assert [(b.start, b.sessions) for b in counted] == [
        (date(2026, 2, 23), 1), (date(2026, 3, 2), 1)
    ]  # fmt: skip
    assert "from 1 March 2026 to 2 March" in summary(points).sentences()[0]
    assert "1 Mar" in text(points, 80, unicode=True) and ">1 Mar<" in svg(points)


def test_help_names_every_warning_sign(tmp_path: Path) -> None:
    """Those that `find --red-flag` takes, none of them cut at a hyphen."""
    from voiceguide.practice.finder import red_flags

    text = works("find", "--help", at=tmp_path)
    assert all(flag.id in text for flag in red_flags())


def test_a_plan_for_anybody_says_so(sh: Shell) -> None:
    """Until it is told where it hurts; beside the plan, not in it."""
    for line in ("today", "plan"):
        assert "find --remember" not in sh(line)
        assert "voiceguide find --remember" in sh.err
        sh(f"{line} --json")
        assert sh.err == ""
        sh(f"{line} --pain hips")
        assert sh.err == ""


def test_what_is_kept_and_forgotten_is_said(sh: Shell) -> None:
    """By each command that does it, beside its answer, and not to programs."""
    for line in ("find --pain hips", "today --pain hips", "plan --pain hips"):
        sh(f"{line} --remember")
        assert "answers are kept" in sh.err
        sh(f"{line} --remember --json")
        assert sh.err == ""
    sh("today --forget")
    assert "forgotten" in sh.err
