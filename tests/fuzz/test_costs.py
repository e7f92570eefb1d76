"""Small scripts that once cost much, or would: each is checked in the time that a check may take."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

sys.path.insert(0, str(Path(__file__).parents[1]))

from costs import DOORS, KEPT, Cost, Quiet, cost, cost_by, search  # noqa: E402
from moment import slowness  # noqa: E402

from voiceguide.speech.registry import ENGINES  # noqa: E402


@pytest.fixture(autouse=True)
def warm(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What a check imports is no cost of a script."""
    path = tmp_path_factory.mktemp("warm") / "script.md"
    path.write_text("# S\n\nHi.\n\n- breathe in 1s, out 1s, 1-2 times\n- hold 3-4s\n")
    cost(path)


def bounded(measure: Callable[[], Cost]) -> None:
    """Within what a check may take; other work on the machine may spoil a measurement, not three."""
    for last in (False, False, True):
        spent = measure()
        if spent.share < slowness():
            return
        assert not last, spent


@pytest.mark.parametrize("path", sorted(KEPT.glob("*.md")), ids=lambda path: path.stem)
def test_what_cost_much_costs_little(path: Path) -> None:
    """The worst that was found stays within bounds."""
    bounded(lambda: cost(path))


@pytest.mark.parametrize("door", sorted(DOORS))
def test_the_same_for_every_door(
    door: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Also where such a script is among the listener's own."""
    monkeypatch.setenv("VOICEGUIDE_HOME", str(tmp_path))
    with ENGINES.lent("quiet", Quiet()):
        cost_by(door, KEPT / "rounds-named.md")
        bounded(lambda: cost_by(door, KEPT / "rounds-and-many.md"))


def test_a_short_search_finds_nothing_that_costs_much() -> None:
    """The same few scripts every time; `costs.py` searches for as long as it is told."""
    for share, spent, text in search(0, 8, time.monotonic() + 300):
        assert share < slowness(), (spent, text)
