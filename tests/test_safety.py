"""What forbids a session: asked before the first one, and again after a month."""

from __future__ import annotations

import json
import os
import stat
import time
from pathlib import Path

import pytest

from voiceguide.library import catalogue
from voiceguide.practice import safety


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A listener's folder that is empty."""
    monkeypatch.setenv("VOICEGUIDE_HOME", str(tmp_path))
    return tmp_path


def _answered(home: Path, moment: object) -> None:
    (home / "state").mkdir(exist_ok=True)
    (home / "state" / "safety.json").write_text(json.dumps({"none_applies": moment}))


def test_all_of_it_is_asked_until_it_is_answered() -> None:
    """Every emergency sign, and everything that forbids any session."""
    found = safety.needed()
    assert found is not None
    known = catalogue.cautions().values()
    assert list(found.emergency) == [c.text for c in known if c.level == "emergency"]
    assert len(found.do_not_start) >= 5
    assert safety.needed() == found
    safety.confirm()
    assert safety.needed() is None


@pytest.mark.parametrize(
    ("moment", "asked"),
    [
        (-60, False),
        (-29 * 86_400, False),
        (-31 * 86_400, True),
        (3600, True),
        ("yesterday", True),
        (None, True),
        ([], True),
        (float("nan"), True),
        (True, True),
    ],
)
def test_it_is_asked_again_after_a_month(home: Path, moment: object, asked: bool) -> None:
    """So it is after an answer of the future, and after one that is none."""
    if type(moment) in (int, float):
        moment = time.time() + moment  # type: ignore[operator]
    _answered(home, moment)
    assert (safety.needed() is not None) is asked


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "\x00"])
def test_a_damaged_answer_is_none(home: Path, text: str) -> None:
    """It is asked again, and the new answer is kept."""
    _answered(home, 0)
    (home / "state" / "safety.json").write_text(text)
    assert safety.needed() is not None
    safety.confirm()
    assert safety.needed() is None


def test_files_show_them_once() -> None:
    """That is no answer: a session asks all the same; and what was answered is not shown."""
    assert safety.show_once() == safety.needed()
    assert safety.show_once() is None
    assert safety.needed() is not None
    safety.confirm()
    assert safety.needed() is None


def test_the_answer_is_the_listeners_own(home: Path) -> None:
    """Whoever made the folder, nobody else can read it."""
    before = os.umask(0o022)
    try:
        (home / "state").mkdir(mode=0o755)
        safety.confirm()
    finally:
        os.umask(before)
    assert stat.S_IMODE((home / "state" / "safety.json").stat().st_mode) == 0o600
