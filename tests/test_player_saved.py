"""Places where sessions were left: kept whole, told apart, given to one player only."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from voiceguide.plan import Options
from voiceguide.practice import safety, state
from voiceguide.practice.listener import SETTINGS, Listener, recall, remember
from voiceguide.practice.listening import Playback
from voiceguide.practice.places import KeptPlace, Place, left, read
from voiceguide.session import Request

PLACE = Place(
    Request("calves", Options(sore="left")),
    {"volume": 80},
    "calves",
    "Calves",
    "Roll",
    61.5,
    2.0,
    300.0,
    0.0,
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A listener's folder that is empty."""
    monkeypatch.setenv("VOICEGUIDE_HOME", str(tmp_path))
    return tmp_path


def _at(seconds: float, ago: float = 0.0) -> Place:
    track = f"track {seconds:g}"
    return replace(PLACE, track=track, seconds=seconds, when=time.time() - ago)


def test_the_latest_place_comes_first() -> None:
    """Two sessions that were left are both there, the one left last before the other."""
    one, two = KeptPlace(), KeptPlace()
    one.save(replace(_at(10), track="calves"))
    two.save(_at(20, ago=1))
    one.save(replace(_at(30), track="calves"))
    assert left() == []  # both are still being played
    two.close()
    assert [entry.place.seconds for entry in left()] == [20]
    one.close()
    assert [entry.place.seconds for entry in left()] == [30, 20]
    left()[0].take()
    assert [entry.place.seconds for entry in left()] == [20]


def test_a_session_heard_to_its_end_leaves_nothing(home: Path) -> None:
    """Neither a place nor a lock."""
    keeper = KeptPlace()
    keeper.save(_at(10))
    keeper.forget("calves")
    assert left() == []
    assert list((home / "state").iterdir()) == []


def test_a_killed_player_leaves_its_place(home: Path) -> None:
    """Its lock dies with it, and its last place is whole."""
    code = (
        "import time; from voiceguide.practice.places import *\n"
        "from voiceguide.session import Request\n"
        "k = KeptPlace(); at = 0\n"
        "while True:\n"
        "    at += 1; k.save(Place(Request('x'), {}, 'x', 'T', 'S', at, 0, 9e3, time.time()))\n"
        "    at == 50 and print('going', flush=True)\n"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, env=dict(os.environ)
    )
    assert running.stdout is not None
    assert running.stdout.readline().strip() == b"going"
    assert left() == []
    running.kill()
    running.wait()
    running.stdout.close()
    (entry,) = left()
    assert entry.place.seconds >= 50
    assert not list((home / "state").glob("*.lock"))


def test_what_a_kill_left_half_written_goes(home: Path) -> None:
    """An old piece does; one that may still be written stays."""
    (home / "state").mkdir()
    old, new = (home / "state" / f".1-2-{k}.session.json.abcdef" for k in "ab")
    for path in (old, new):
        path.write_text("{")
    os.utime(old, (0, time.time() - 3600))
    assert left() == []
    assert not old.exists() and new.exists()


def test_many_places_stay_bounded() -> None:
    """The twenty latest are kept, and none for longer than a season."""
    for ago in range(30):
        keeper = KeptPlace()
        keeper.save(_at(ago, ago=ago))
        keeper.close()
    keeper = KeptPlace()
    keeper.save(_at(1000, ago=100 * 86_400))
    keeper.close()
    assert [entry.place.seconds for entry in left()] == list(range(20))
    assert len(list(state.folder().glob("*.session.json"))) <= 21


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"request": 1}', '{"seconds": "x"}', "\x00\xff"]
)
def test_a_damaged_place_is_passed_over(text: str) -> None:
    """Whatever stands in the file, the other places are still there."""
    keeper = KeptPlace()
    keeper.save(_at(7))
    keeper.close()
    (state.folder() / "9-9-x.session.json").write_text(text, encoding="latin-1")
    found = read()
    assert [entry.place.seconds for entry in found.places] == [7]
    assert found.note is not None and "one file" in found.note


def test_one_place_is_kept_of_each_track(home: Path) -> None:
    """The latest; and none once the track was heard to its end."""
    for seconds, ago in ((10, 9), (20, 3), (30, 6)):
        keeper = KeptPlace()
        keeper.save(replace(_at(seconds, ago=ago), track="calves"))
        keeper.close()
    other = KeptPlace()
    other.save(_at(5, ago=100))
    other.close()
    assert [entry.place.seconds for entry in left()] == [20, 5]
    assert len(list((home / "state").glob("*.session.json"))) == 2
    KeptPlace().forget("calves")
    assert [entry.place.seconds for entry in left()] == [5]


ODD = (None, True, 0, -1, 3.5, 1e308, -1e-9, 10**400, float("nan"), float("inf"), "", "left", "\x00",
       "x" * 5000, [], ["x"], [[]], {}, {"a": 1})  # fmt: skip
"""Values of every kind that JSON has, and what Python's reader takes for some."""


def _fields(tree: dict[str, object], path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for name, value in tree.items():
        found.append((*path, name))
        if isinstance(value, dict):
            found += _fields(value, (*path, name))
    return found


def _with(tree: dict[str, object], path: tuple[str, ...], value: object) -> dict[str, object]:
    name, *rest = path
    inner = tree[name]
    return {**tree, name: _with(inner, tuple(rest), value) if rest else value}  # type: ignore[arg-type]


def test_every_field_of_a_place_takes_every_kind_of_value(home: Path) -> None:
    """What cannot be used is left out and told, and what is given out can be played."""
    keeper = KeptPlace()
    keeper.save(replace(_at(7), how={"player": None, "device": "hifi", "volume": 80}))
    keeper.close()
    (path,) = (home / "state").glob("*.session.json")
    whole = json.loads(path.read_text())
    told = 0
    for field in _fields(whole):
        for value in ODD:
            path.write_text(json.dumps(_with(whole, field, value)))
            found = read()
            if not found.places:
                assert found.note is not None or field == ("when",)
                continue
            (entry,) = found.places
            place, request = entry.place, entry.place.request
            told += entry.note is not None
            assert 0 <= place.seconds <= 86_400 and 0 <= place.missed <= 86_400 and place.track
            assert 0 <= Playback(**place.how).volume <= 130
            assert 0.5 <= request.speed <= 2 and isinstance(request.mono, bool)
            options = request.options
            assert options.side in ("both", "left", "right") and options.sore in (None, "left")
            assert options.length is None or 1 <= options.length <= 86_400
            if entry.note is None and value is not None and "when" not in field:
                again = json.loads(json.dumps(asdict(place)))
                assert _at_path(again, field) == value or isinstance(value, dict), (field, value)
    assert told > 100


def _at_path(tree: dict[str, object], path: tuple[str, ...]) -> object:
    inner: object = tree
    for name in path:
        assert isinstance(inner, dict)
        inner = inner.get(name)
    return inner


def test_every_field_of_the_settings_takes_every_kind_of_value(home: Path) -> None:
    """Likewise; what another version kept beside it is still there after an answer."""
    known = Listener(("buttock",), "left", ("sitting",), ("tennis ball",), 15)
    remember(known)
    whole = json.loads((home / SETTINGS).read_text())
    for field in whole:
        for value in ODD:
            (home / SETTINGS).write_text(json.dumps({**whole, field: value, "later": 3}))
            told: list[str] = []
            found = recall(told.append)
            assert found is not None and 1 <= found.minutes <= 180
            assert found.side in ("both", "left", "right", "neither")
            assert all(isinstance(each, str) for each in (*found.pain, *found.worse))
            same = asdict(found)[field] == (tuple(value) if isinstance(value, list) else value)
            assert bool(told) is not same or value is None, (field, value, told)
    remember(known)
    assert json.loads((home / SETTINGS).read_text()) == {**whole, "later": 3}


def test_what_is_kept_is_the_listeners_own(home: Path) -> None:
    """Places and settings can be read by nobody else, whoever made the folder."""
    before = os.umask(0o022)
    try:
        (home / "state").mkdir(mode=0o755)
        keeper = KeptPlace()
        keeper.save(_at(7))
        remember(Listener())
        paths = [*(home / "state").glob("*.json"), home / SETTINGS]
        assert len(paths) == 2
        for path in paths:
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
    finally:
        os.umask(before)
        keeper.close()


def test_a_folder_that_cannot_be_written(home: Path) -> None:
    """It is told, and nothing is raised."""
    (home / "state").write_text("a file")
    keeper = KeptPlace()
    keeper.save(_at(7))
    assert keeper.problem is not None and "cannot be written" in keeper.problem
    keeper.close()
    keeper.forget("calves")
    assert left() == []
    safety.confirm()
    assert safety.needed() is not None


def test_a_folder_that_can_be_written_again(home: Path) -> None:
    """What went wrong in between is over: the place is kept after all."""
    (home / "state").write_text("a file")
    keeper = KeptPlace()
    keeper.save(_at(7))
    assert keeper.problem is not None
    (home / "state").unlink()
    keeper.save(_at(8))
    assert keeper.problem is None
    keeper.close()
    assert [entry.place.seconds for entry in left()] == [8]


def test_nobody_without_a_home_is_sent_away(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing can be kept there; nothing is raised, and nothing appears in the working folder."""
    for name in ("VOICEGUIDE_HOME", "HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    code = (
        "import pwd; from voiceguide.practice import places, safety\n"
        "from voiceguide.session import Request\n"
        "def unknown(number): raise KeyError(number)\n"
        "pwd.getpwuid = unknown  # as for a user of a container who is in no list\n"
        "keeper = places.KeptPlace(); keeper.save(places.Place(Request('x'), {}, 'x', '', '', 0, 0, 0, 0))\n"
        "safety.confirm()\n"
        "print(bool(keeper.problem), places.left(), safety.needed() is None)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=home)
    assert (done.stdout, done.stderr) == ("True [] False\n", "")
    assert list(home.iterdir()) == []
