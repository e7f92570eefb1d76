"""The journal: what is written is there, and stays, also on a bad day."""

from __future__ import annotations

import csv
import io
import json
import math
import random
import re
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import textwrap
import time
import unicodedata
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from voiceguide import folders
from voiceguide.errors import NotFoundError, UsageError, VoiceguideError
from voiceguide.practice.journal import VERSION, Journal, _alone, default_path, record
from voiceguide.practice.records import LONGEST, Record, from_row, to_csv
from voiceguide.units import Seconds

START = datetime(2026, 3, 2, 18, 30, tzinfo=timezone(timedelta(hours=1)))

# A journal as version 1 left it: do not touch.
VERSION_1 = """
CREATE TABLE sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT, started TEXT NOT NULL, track TEXT NOT NULL,
    seconds REAL NOT NULL, pain_before INTEGER, pain_after INTEGER);
INSERT INTO sessions VALUES (1, '2026-01-05T07:00:00+01:00', 'piriformis', 600.0, 6, 4);
INSERT INTO sessions VALUES (4, '2026-01-06T07:10:00+01:00', 'hamstrings', 480.5, NULL, NULL);
PRAGMA user_version = 1;
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal's place; nothing is there yet, not even the folder."""
    return tmp_path / "data" / "journal.sqlite3"


def _add(path: Path, track: str = "piriformis", **more: Any) -> int:
    return record(path, **{"started": START, "track": track, "seconds": 600.0, **more})


def _add_many(path: Path, number: int) -> None:
    """Sessions enough for a file of several pages, in one go."""
    _add(path)
    connection = sqlite3.connect(path)
    row = "INSERT INTO sessions (started, track, seconds) VALUES (?, 'piriformis', 600)"
    connection.executemany(row, [(START.isoformat(),)] * (number - 1))
    connection.commit()
    connection.close()


def _tracks(path: Path) -> list[str]:
    with Journal(path) as journal:
        return [r.track for r in journal.records()]


def _child(code: str, *args: object) -> subprocess.Popen[str]:
    """A Python of its own that knows `record`, `Journal`, `path` and `START`."""
    head = """
        import sys
        from datetime import datetime, timezone
        from pathlib import Path
        from voiceguide.errors import VoiceguideError
        from voiceguide.practice.journal import Journal, record
        path, START = Path(sys.argv[1]), datetime(2026, 3, 2, tzinfo=timezone.utc)
    """
    text = textwrap.dedent(head) + textwrap.dedent(code)
    return subprocess.Popen(
        [sys.executable, "-c", text, *map(str, args)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _out(child: subprocess.Popen[str]) -> str:
    out, err = child.communicate(timeout=60)
    assert child.returncode == 0, err
    return out


def test_what_is_written_comes_back(path: Path) -> None:
    """Every field of a session, with the offset of its place; the oldest first."""
    end = START + timedelta(minutes=10)
    how: dict[str, Any] = {
        "side": "left",
        "tool": "tennis ball",
        "completed": False,
        "skipped": True,
    }
    later = _add(path, ended=end, pain_before=10, pain_after=0, **how)
    _add(path, "calves", started=START - timedelta(days=1), marked=True)
    with Journal(path) as journal:
        first, second = journal.records()
        assert journal.note is None
    assert (first.track, first.marked, first.pain_before, first.ended) == (
        "calves",
        True,
        None,
        None,
    )
    assert second.id == later
    assert (second.started, second.ended) == (START, end)
    assert second.started.utcoffset() == timedelta(hours=1)
    assert (second.side, second.tool, second.seconds) == ("left", "tennis ball", 600.0)
    assert (second.completed, second.skipped, second.marked) == (False, True, False)
    assert not first.skipped
    assert (second.pain_before, second.pain_after) == (10, 0)


def test_a_time_without_offset_is_local(path: Path) -> None:
    """It comes back as the same moment, with an offset."""
    naive = datetime(2026, 7, 1, 12, 0)
    _add(path, started=naive)
    with Journal(path) as journal:
        assert journal.records()[0].started == naive.astimezone()


@pytest.mark.parametrize("pain", [-1, 11, 100])
def test_pain_is_from_0_to_10(path: Path, pain: int) -> None:
    """Anything else is refused, and nothing is written."""
    with pytest.raises(UsageError, match="0 to 10"):
        _add(path, pain_after=pain)
    assert _tracks(path) == []


def test_delete_and_pain_afterwards(path: Path) -> None:
    """A deleted id is gone for good and not given again; pain can be said later, one of two."""
    one, two = _add(path), _add(path, "calves", pain_before=7)
    with Journal(path) as journal:
        assert journal.delete(two).track == "calves"
        with pytest.raises(NotFoundError, match=f"no session {two}"):
            journal.delete(two)
        with pytest.raises(NotFoundError):
            journal.say_pain(two, after=1)
        assert journal.say_pain(one, after=3).pain_after == 3
        said = journal.say_pain(one, before=5)
        assert (said.pain_before, said.pain_after) == (5, 3)
        with pytest.raises(UsageError):
            journal.say_pain(one, after=11)
    assert _add(path) > two


def test_what_is_deleted_is_not_in_the_file(path: Path) -> None:
    """Deleting leaves no readable rest behind."""
    ident = _add(path, "a-track-of-my-very-own")
    assert b"very-own" in path.read_bytes()
    with Journal(path) as journal:
        journal.delete(ident)
    assert b"very-own" not in path.read_bytes()


def test_only_the_listener_may_read_it(path: Path) -> None:
    """Neither the file nor the folder made for it is open to others."""
    _add(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_older_version(path: Path) -> None:
    """A version 1 file is brought up to date with all its sessions, and written on."""
    path.parent.mkdir()
    old = sqlite3.connect(path)
    old.executescript(VERSION_1)
    old.close()
    assert _add(path, "calves", tool="hands") == 5
    with Journal(path) as journal:
        first, second, third = journal.records()
        assert journal.note is None
    assert (first.id, first.track, first.seconds) == (1, "piriformis", 600.0)
    assert (first.pain_before, first.pain_after, first.completed) == (6, 4, True)
    assert (first.ended, first.side, first.tool, first.marked) == (None, None, None, False)
    assert (second.id, second.seconds, second.pain_before) == (4, 480.5, None)
    assert (third.track, third.tool) == ("calves", "hands")
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
    connection.close()


def test_two_programs_bring_an_older_file_up_to_date(path: Path) -> None:
    """Both find version 1 at the same moment; one does it, no session is lost."""
    path.parent.mkdir()
    old = sqlite3.connect(path)
    old.executescript(VERSION_1)
    old.close()
    code = "print(record(path, started=START, track='calves', seconds=1))"
    children = [_child(code, path) for _ in range(3)]
    assert sorted(int(_out(child)) for child in children) == [5, 6, 7]
    assert len(_tracks(path)) == 5


def test_newer_version_is_left_alone(path: Path) -> None:
    """A file that a newer program wrote is neither changed nor set aside."""
    _add(path)
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(VoiceguideError, match="newer voiceguide"):
        Journal(path)
    assert path.read_bytes() == before and [p.name for p in path.parent.iterdir()] == [path.name]


def _garbage(path: Path) -> None:
    path.write_bytes(b"this was a journal once\n" * 500)


def _torn(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def _holes(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096:8192] = bytes(4096)
    path.write_bytes(data)


def _scribbled_schema(path: Path) -> None:
    data = bytearray(path.read_bytes())
    at = data.find(b"CREATE TABLE sessions")
    data[at : at + 12] = b"CREATE TXBLE"
    path.write_bytes(data)


def _something_else(path: Path) -> None:
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE recipes (name TEXT)")
    connection.close()


def _no_table(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("DROP TABLE sessions")
    connection.close()


@pytest.mark.parametrize(
    "damage", [_garbage, _torn, _holes, _scribbled_schema, _something_else, _no_table]
)
def test_damaged_file_is_kept_aside(path: Path, damage: Any) -> None:
    """Whatever the damage: kept under a name that is told, a new journal works at once."""
    _add_many(path, 60)
    damage(path)
    broken = path.read_bytes()
    with Journal(path) as journal:
        assert journal.note and "damaged" in journal.note and "new one is begun" in journal.note
        assert journal.records() == ()
        journal.record(started=START, track="calves", seconds=5)
    aside = Path(re.search(r'"(.+)"', journal.note)[1])  # type: ignore[index]
    assert aside.parent == path.parent and aside.read_bytes() == broken
    with Journal(path) as journal:
        assert journal.note is None
        assert [r.track for r in journal.records()] == ["calves"]


def test_any_damage_is_a_sentence_at_most(path: Path) -> None:
    """Bytes changed at random, the head of the file above all: read, left out, set aside, or told
    in one sentence; never an exception of another kind."""
    _add_many(path, 60)
    whole = path.read_bytes()
    chance = random.Random(3)
    for _ in range(120):
        for file in path.parent.iterdir():
            file.unlink()
        data = bytearray(whole)
        for _ in range(chance.choice([1, 3, 40])):
            end = chance.choice([100, 4200, len(data)])
            data[chance.randrange(end)] = chance.randrange(256)
        path.write_bytes(data)
        try:
            with Journal(path) as journal:
                journal.record(started=START, track="calves", seconds=1)
                found = len(journal.records())
                assert found == 61 or journal.note
        except VoiceguideError as error:
            # Two bytes of the head say who may read and write; SQLite believes them.
            assert re.search("newer voiceguide|read-only", str(error))


def test_the_rollback_journal_goes_aside_first(path: Path) -> None:
    """Left behind by a program killed half-way, it would be played into the new file."""
    path.parent.mkdir()
    _garbage(path)
    for tail in ("-journal", "-wal", "-shm"):
        Path(f"{path}{tail}").write_bytes(b"what SQLite left")
    code = """
        moved = []
        def watch(event, args):
            if event == "os.rename":
                moved.append(Path(args[0]).name)
        sys.addaudithook(watch)
        Journal(path).close()
        print(*moved)
    """
    moved = _out(_child(code, path)).split()
    assert moved[-1] == path.name
    assert set(moved[:-1]) == {f"{path.name}{tail}" for tail in ("-journal", "-wal", "-shm")}


def test_a_name_that_is_taken_is_left_alone(path: Path) -> None:
    """Another damaged journal of the same second keeps its file; both are there afterwards."""
    path.parent.mkdir()
    taken = {}
    for second in range(20):
        stamp = datetime.now() + timedelta(seconds=second)
        for tail in ("", "-2"):
            other = path.with_name(f"journal-damaged-{stamp:%Y%m%d-%H%M%S}{tail}.sqlite3")
            other.write_text(f"an older one, {other.name}")
            taken[other] = other.read_bytes()
    _garbage(path)
    broken = path.read_bytes()
    with Journal(path) as journal:
        aside = Path(re.search(r'"(.+)"', journal.note or "")[1])  # type: ignore[index]
    assert aside not in taken and aside.read_bytes() == broken and aside.stem.endswith("-3")
    assert all(other.read_bytes() == raw for other, raw in taken.items())


def test_two_programs_find_the_damage(path: Path) -> None:
    """Only the damaged file is set aside, never the new one of the other program."""
    for _ in range(5):
        path.parent.mkdir(exist_ok=True)
        _garbage(path)
        code = "print(record(path, started=START, track='calves', seconds=1))"
        children = [_child(code, path) for _ in range(3)]
        assert sorted(int(_out(child)) for child in children) == [1, 2, 3]
        assert len(_tracks(path)) == 3
        assert len(list(path.parent.glob("*damaged*"))) == 1
        for file in path.parent.iterdir():
            file.unlink()


def test_nobody_looks_while_it_is_set_aside(path: Path) -> None:
    """SQLite would roll the new file's transaction back into the old one, which it still holds."""
    _add(path)
    with _alone(path.parent):
        child = _child("print(record(path, started=START, track='calves', seconds=1))", path)
        with pytest.raises(subprocess.TimeoutExpired):
            child.wait(timeout=1)
    assert int(_out(child)) == 2


@pytest.mark.parametrize(
    "slip",
    [
        "started = 'yestermorn'",
        "started = '2026-03-02'",
        "ended = 7",
        "pain_before = 9e999",
        "pain_after = 11",
        "seconds = 9e999",
        "seconds = 'long'",
    ],
)
def test_rows_that_make_no_sense_are_left_out(path: Path, slip: str) -> None:
    """A slip inside a row costs that row alone, and it is told."""
    _add(path)
    _add(path, "calves")
    connection = sqlite3.connect(path)
    connection.execute(f"UPDATE sessions SET {slip} WHERE track = 'calves'")
    connection.commit()
    connection.close()
    with Journal(path) as journal:
        assert [r.track for r in journal.records()] == ["piriformis"]
        assert journal.note and "one session" in journal.note
        assert journal.note.endswith("cannot be read and is left out")


def test_the_journal_lies_with_the_listeners_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the program's home is moved to, it is found."""
    monkeypatch.setenv("VOICEGUIDE_HOME", str(tmp_path))
    assert default_path().parent == folders.data()
    assert default_path().is_relative_to(tmp_path)


def test_two_rows_that_make_no_sense(path: Path) -> None:
    """Are told in the plural."""
    _add(path)
    _add(path, "calves")
    connection = sqlite3.connect(path)
    connection.execute("UPDATE sessions SET seconds = 'long'")
    connection.commit()
    connection.close()
    with Journal(path) as journal:
        assert not journal.records()
        assert journal.note and journal.note.startswith("2 sessions in")
        assert journal.note.endswith("cannot be read and are left out")


@pytest.mark.parametrize(
    "slip", ["seconds = 9e999", "seconds = -1", "side = x'00'", "tool = x'01'"]
)
def test_slips_that_could_not_be_shown(path: Path, slip: str) -> None:
    """A length without end and bytes for a word are no session either."""
    _add(path)
    connection = sqlite3.connect(path)
    connection.execute(f"UPDATE sessions SET {slip}")
    connection.commit()
    connection.close()
    with Journal(path) as journal:
        assert journal.records() == () and journal.note


@pytest.mark.parametrize("ident", [0, -1, 2**63, -(2**63) - 1, 10**40])
def test_ids_that_no_session_has(path: Path, ident: int) -> None:
    """However large, they are told in a sentence."""
    _add(path)
    with Journal(path) as journal:
        for ask in (journal.get, journal.delete, journal.say_pain):
            with pytest.raises(NotFoundError, match="there is no session"):
                ask(ident)


def test_killed_at_any_moment(path: Path) -> None:
    """Twenty programs killed while they write: all that was reported as written is there, whole."""
    code = """
        n = int(sys.argv[2])
        while True:
            print(record(path, started=START, track=f"t{n}", seconds=n), flush=True)
    """
    chance = random.Random(7)
    told: set[int] = set()
    for number in range(20):
        child = _child(code, path, number)
        assert child.stdout
        told.add(int(child.stdout.readline()))
        time.sleep(chance.uniform(0, 0.03))
        child.send_signal(signal.SIGKILL)
        # Not by communicate(), which knows nothing of lines that readline() has taken beforehand.
        told.update(int(line) for line in child.stdout)
        child.communicate(timeout=30)
    with Journal(path) as journal:
        assert journal.note is None
        records = {r.id: r for r in journal.records()}
    assert told <= set(records)
    assert all(r.track == f"t{r.seconds:.0f}" for r in records.values())
    # Killed after the write and before it could tell: at most one a program.
    assert len(records) - len(told) <= 20
    assert not list(path.parent.glob("*damaged*"))


def test_killed_while_a_new_file_is_made(path: Path) -> None:
    """A program killed while it makes the journal leaves one that the next can use."""
    for number in range(10):
        file = path.with_name(f"{number}.sqlite3")
        child = _child("print(1, flush=True); Journal(path)", file)
        assert child.stdout and child.stdout.readline()
        time.sleep(number * 0.0007)
        child.kill()
        child.communicate(timeout=30)
        with Journal(file) as journal:
            assert journal.note is None and journal.records() == ()


def test_two_writers_at_once(path: Path) -> None:
    """Neither waits for long, neither loses a session."""
    code = """
        for n in range(40):
            record(path, started=START, track=sys.argv[2], seconds=n)
        print("done")
    """
    children = [_child(code, path, name) for name in ("one", "two")]
    assert [_out(child) for child in children] == ["done\n", "done\n"]
    tracks = _tracks(path)
    assert (tracks.count("one"), tracks.count("two")) == (40, 40)


def test_held_by_another_for_too_long(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that keeps the file to itself is named as the reason, after a wait."""
    _add(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    monkeypatch.setattr("voiceguide.practice.journal.WAIT", 0.2)
    with pytest.raises(VoiceguideError, match="another program"):
        _add(path)
    other.execute("ROLLBACK")
    other.close()
    assert len(_tracks(path)) == 1


def test_stopped_while_it_opens(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that is stopped there is waited for as long as for a locked database, with the
    same sentence, and no longer."""
    _add(path)
    code = """
        from voiceguide.practice.journal import _alone
        with _alone(path.parent):
            print("in", flush=True)
            sys.stdin.read()
    """
    monkeypatch.setattr("voiceguide.practice.journal.WAIT", 0.3)
    child = _child(code, path)
    assert child.stdout and child.stdout.readline() == "in\n"
    child.send_signal(signal.SIGSTOP)
    try:
        with pytest.raises(VoiceguideError, match=r"is being written by another program"):
            Journal(path)
    finally:
        child.kill()
        child.communicate()
    assert _tracks(path) == ["piriformis"]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)
_ROW = (1, "2026-03-02T18:30:00+01:00", None, "hips", "left", "hands", 60.0, 1, 0, 0, 3, 2)


@given(st.integers(0, len(_ROW) - 1), _JSON | st.binary(max_size=5))
@example(1, "9999-12-31T10:00:00+00:00")
@example(1, "0001-01-01T00:00:00+14:00")
@example(6, 1e300)
@example(6, math.nan)
@example(6, True)
@example(8, 2)
@example(10, 10)
@example(10, 11)
@example(10, 2.5)
@example(3, " ")
@example(4, "up")
def test_any_value_in_any_field(index: int, value: Any) -> None:
    """A row is a session within the limits of what can be asked for, or it is none."""
    found = from_row([*_ROW[:index], value, *_ROW[index + 1 :]])
    if found is None:
        assert value != _ROW[index] or type(value) is not type(_ROW[index])
        return
    assert 1970 < found.started.year <= datetime.now().year + 1
    assert 0 <= found.seconds <= LONGEST and found.track.strip()
    assert found.side in (None, "left", "right", "both")
    assert {type(found.completed), type(found.skipped), type(found.marked)} == {bool}
    for pain in (found.pain_before, found.pain_after):
        assert pain is None or (type(pain) is int and 0 <= pain <= 10)
    json.dumps(found.to_dict(), allow_nan=False)


@given(st.lists(st.text(), min_size=3, max_size=3))
@example(["=1+1", "\t=1", " @SUM(A1)"])
@example(["\r\n-1", "\u200b+1", "\uff1d1"])
def test_no_spreadsheet_reckons_with_a_text(texts: list[str]) -> None:
    """No cell begins like a formula, behind blanks neither, and none steers a terminal."""
    record = Record(
        1, START, None, texts[0], texts[1], texts[2], Seconds(60.0), *(True, False, False), 3, 2
    )
    (row,) = csv.DictReader(io.StringIO(to_csv([record])))
    for name in ("track", "side", "tool"):
        assert not row[name].lstrip().startswith(("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d"))
        assert not any(unicodedata.category(sign) == "Cc" for sign in row[name])


FILL = """
        done = 0
        if len(sys.argv) > 2:
            import resource
            resource.setrlimit(resource.RLIMIT_FSIZE, (24_000, 24_000))
        try:
            while done < 20_000:
                record(path, started=START, track="piriformis" * 20, seconds=1)
                done += 1
        except VoiceguideError as error:
            print(done, error)
"""
"""Writes until it fails; prints how many went in, and what the failure said."""


def test_no_room_left(path: Path) -> None:
    """A file that may not grow: one sentence, and every session before it stays."""
    done, _, message = _out(_child(FILL, path, "limit")).strip().partition(" ")
    assert int(done) > 10
    assert re.search("full", message) and str(path) in message
    with Journal(path) as journal:
        assert journal.note is None and len(journal.records()) == int(done)
    _add(path)


def test_full_disk(tmp_path: Path) -> None:
    """A disk of 100 KB: the sentence says that it is full; every session before it stays."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", str(disk)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    try:
        if mounted:
            path = disk / "journal.sqlite3"
            done, _, message = _out(_child(FILL, path)).strip().partition(" ")
            assert "full" in message
        else:
            # SQLite's own limit gives the same answer where no disk can be made.
            path = disk / "journal.sqlite3"
            _add(path)
            done = "1"
            with Journal(path) as journal:
                journal._connection.execute("PRAGMA max_page_count = 3")
                with pytest.raises(VoiceguideError, match="full"):
                    for _ in range(2_000):
                        journal.record(started=START, track="piriformis" * 20, seconds=1)
                        done = str(int(done) + 1)
        with Journal(path) as journal:
            assert journal.note is None and len(journal.records()) == int(done)
    finally:
        if mounted:
            subprocess.run(["umount", str(disk)], check=True)


def test_read_only() -> None:
    """It can be read; writing says what to do, and changes nothing."""
    code = """
        import os
        if os.geteuid() == 0:
            os.setgroups([]), os.setgid(65534), os.setuid(65534)
        with Journal(path) as journal:
            print(len(journal.records()))
        try:
            record(path, started=START, track="calves", seconds=1)
        except VoiceguideError as error:
            print(error)
    """
    # Not below the tests' own folder, which a child without root's rights could not enter.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.sqlite3"
        _add(path)
        path.chmod(0o444)
        path.parent.chmod(0o555)
        try:
            count, message = _out(_child(code, path)).splitlines()
        finally:
            path.parent.chmod(0o700)
        assert count == "1" and "read-only" in message and str(path) in message
        assert _tracks(path) == ["piriformis"]


def test_places_where_no_journal_can_be(tmp_path: Path) -> None:
    """A folder of that name, a file in place of the folder: one sentence each."""
    (tmp_path / "journal.sqlite3").mkdir()
    with pytest.raises(VoiceguideError, match=r"the journal .* cannot be opened"):
        Journal(tmp_path / "journal.sqlite3")
    (tmp_path / "file").write_text("x")
    with pytest.raises(VoiceguideError, match=r"the journal .* cannot be opened"):
        Journal(tmp_path / "file" / "journal.sqlite3")
