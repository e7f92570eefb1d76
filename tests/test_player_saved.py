"""Places where sessions were left: kept whole, told apart, given to one player only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from voiceguide.practice import safety, state
from voiceguide.practice.places import KeptPlace, Place, left

PLACE = Place({"name": "calves"}, {"volume": 80}, "Calves", "Roll", 61.5, 300.0, 0.0)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A listener's folder that is empty."""
    monkeypatch.setenv("VOICEGUIDE_HOME", str(tmp_path))
    return tmp_path


def _at(seconds: float, ago: float = 0.0) -> Place:
    return replace(PLACE, seconds=seconds, when=time.time() - ago)


def test_the_latest_place_comes_first() -> None:
    """Two sessions that were left are both there, the one left last before the other."""
    one, two = KeptPlace(), KeptPlace()
    one.save(_at(10))
    two.save(_at(20, ago=1))
    one.save(_at(30))
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
    keeper.forget()
    assert left() == []
    assert list((home / "state").iterdir()) == []


def test_a_killed_player_leaves_its_place(home: Path) -> None:
    """Its lock dies with it, and its last place is whole."""
    code = (
        "import time; from voiceguide.practice.places import *\n"
        "k = KeptPlace(); at = 0\n"
        "while True:\n"
        "    at += 1; k.save(Place({}, {}, 'T', 'S', at, 9e9, time.time()))\n"
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
    whole = json.loads(next(iter(state.folder().glob("[0-8]*.session.json"))).read_text())
    whole["how"] = 3
    (state.folder() / "9-9-y.session.json").write_text(json.dumps(whole))
    assert [entry.place.seconds for entry in left()] == [7]


def test_a_folder_that_cannot_be_written(home: Path) -> None:
    """It is told, and nothing is raised."""
    (home / "state").write_text("a file")
    keeper = KeptPlace()
    keeper.save(_at(7))
    assert keeper.problem is not None and "cannot be written" in keeper.problem
    keeper.close()
    keeper.forget()
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
        "def unknown(number): raise KeyError(number)\n"
        "pwd.getpwuid = unknown  # as for a user of a container who is in no list\n"
        "keeper = places.KeptPlace(); keeper.save(places.Place({}, {}, '', '', 0, 0, 0))\n"
        "safety.confirm()\n"
        "print(bool(keeper.problem), places.left(), safety.needed() is None)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=home)
    assert (done.stdout, done.stderr) == ("True [] False\n", "")
    assert list(home.iterdir()) == []
