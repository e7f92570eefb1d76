"""One contract for engines, formats and players: found by name, checked, listed, told of."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from voiceguide import plugins
from voiceguide.errors import MissingError, NotFoundError, SinkError
from voiceguide.plugins import Found, Registry

MODULE = """
from voiceguide.plugins import not_installed, require

class Plain:
    about = "a plain one"
    default = True
    def check(self):
        return "works on air"

class Bare:
    def check(self):
        return "says little"

class Poor(Plain):
    def check(self):
        require("no_such_module", 'the lamp "poor"')

class Ill(Plain):
    default = False
    def check(self):
        raise ValueError("it is ill")

ready = Plain()
"""


@pytest.fixture()
def lamps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry[plugins.PlugIn]:
    """Three built in, and two of another package."""
    (tmp_path / "lamp_kinds.py").write_text(MODULE)
    info = tmp_path / "lamps-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: lamps\nVersion: 1\n")
    rows = "Zeta = lamp_kinds:ready\nalpha = lamp_kinds:Bare\nplain = lamp_kinds:Ill\n"
    (info / "entry_points.txt").write_text(f"[lamps]\n{rows}")
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    sys.modules.pop("lamp_kinds", None)
    built_in = {"poor": "lamp_kinds:Poor", "plain": "lamp_kinds:Plain", "ill": "lamp_kinds:Ill"}
    return Registry("lamp", "lamps", built_in, SinkError)


def test_names(lamps: Registry[plugins.PlugIn]) -> None:
    """Those built in keep their names and come first; none is loaded for it."""
    assert lamps.names() == ("poor", "plain", "ill", "alpha", "zeta")
    assert lamps.known("ZETA") == "zeta"
    assert "lamp_kinds" not in sys.modules
    with pytest.raises(NotFoundError) as told:
        lamps.load("plein")
    listed = "poor, plain, ill, alpha, zeta"
    assert str(told.value) == (
        f'there is no lamp "plein": did you mean "plain"? There are {listed}'
    )
    with pytest.raises(NotFoundError, match=f'"xyzzy": there are {listed}'):
        lamps.known("xyzzy")


def test_the_first_choice(lamps: Registry[plugins.PlugIn]) -> None:
    """Another package's first where it says so, never one that does not say so."""
    assert [name for name, _ in lamps.defaults()] == ["zeta", "poor", "plain"]


def test_the_list(lamps: Registry[plugins.PlugIn]) -> None:
    """What each is, whether it works, and what brings what is missing."""
    assert lamps.survey() == (
        Found(
            "poor",
            "a plain one",
            False,
            'no_such_module, which the lamp "poor" needs, is not installed',
            "pip install no_such_module",
        ),
        Found("plain", "a plain one", True, "works on air"),
        Found("ill", "a plain one", False, 'the lamp "ill" fails: it is ill'),
        Found("alpha", "", True, "says little"),
        Found("zeta", "a plain one", True, "works on air"),
    )


def test_a_module_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told under its package's name."""
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    with pytest.raises(MissingError) as told:
        plugins.require("PIL.Image", "the cover")
    assert told.value.how == "pip install pillow"
    assert (
        str(told.value) == "PIL.Image, which the cover needs, is not installed: pip install pillow"
    )
