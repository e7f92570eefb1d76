"""Where the listener's files are."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from voiceguide import folders


def test_variables_move_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each variable moves its own; a home that is written with ~ is the listener's."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("VOICEGUIDE_HOME", "~/mine")
    monkeypatch.setenv("VOICEGUIDE_CACHE", str(tmp_path / "clips-here"))
    assert folders.data() == tmp_path / "mine"
    assert folders.state() == tmp_path / "mine" / "state"
    assert folders.cache() == tmp_path / "clips-here"


def test_without_variables_they_are_the_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a variable is there and empty."""
    monkeypatch.setenv("VOICEGUIDE_HOME", "")
    monkeypatch.delenv("VOICEGUIDE_CACHE", raising=False)
    assert folders.data() == Path(platformdirs.user_data_dir("voiceguide", appauthor=False))
    assert folders.state() == Path(platformdirs.user_state_dir("voiceguide", appauthor=False))
    cache = Path(platformdirs.user_cache_dir("voiceguide", appauthor=False))
    assert folders.cache() == cache / "clips"


def test_without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders that can't exist: nothing is found, nothing is kept, nothing fails."""
    for name in ("VOICEGUIDE_HOME", "VOICEGUIDE_CACHE"):
        monkeypatch.delenv(name, raising=False)

    def homeless(*_: object, **__: object) -> str:
        raise RuntimeError("Could not determine home directory.")

    for name in ("user_data_dir", "user_state_dir", "user_cache_dir"):
        monkeypatch.setattr(platformdirs, name, homeless)
    for folder in (folders.data(), folders.state(), folders.cache()):
        assert not folder.exists() and not folder.parent.is_dir()
