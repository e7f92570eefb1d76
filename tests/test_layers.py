"""Imports go down only, by pyproject.toml and import-linter."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """import-linter's word on the package in a folder, by that folder's pyproject.toml."""
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"], cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder)}, capture_output=True, text=True,
    )  # fmt: skip


def test_imports_go_down_only() -> None:
    """In every module of the package, those that are loaded lazily included."""
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


def test_an_import_that_goes_up_is_found(tmp_path: Path) -> None:
    """The contract can be broken, and a module on no layer breaks it, too."""
    skip = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "voiceguide", tmp_path / "voiceguide", ignore=skip)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "voiceguide" / "audio" / "upward.py").write_text("import voiceguide.session\n")
    done = lint(tmp_path)
    assert done.returncode == 1
    assert "voiceguide.audio is not allowed to import voiceguide.session" in done.stdout
    (tmp_path / "voiceguide" / "audio" / "upward.py").unlink()
    (tmp_path / "voiceguide" / "nowhere.py").write_text("")
    assert lint(tmp_path).returncode == 1


def test_a_cycle_in_a_package_is_found(tmp_path: Path) -> None:
    """Two modules of one package that import each other break a contract, lazily or not."""
    skip = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "voiceguide", tmp_path / "voiceguide", ignore=skip)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    finder = tmp_path / "voiceguide" / "practice" / "finder.py"
    lazily = "\ndef again() -> None:\n    from voiceguide.practice import schedule\n"
    finder.write_text(finder.read_text(encoding="utf-8") + lazily, encoding="utf-8")
    done = lint(tmp_path)
    assert done.returncode == 1 and "No cycles are allowed in voiceguide.practice" in done.stdout


def test_doors_do_not_import_each_other(tmp_path: Path) -> None:
    """A front end that uses another's words breaks the layers."""
    skip = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "voiceguide", tmp_path / "voiceguide", ignore=skip)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    web = tmp_path / "voiceguide" / "web"
    web.mkdir(exist_ok=True)
    (web / "__init__.py").write_text("from voiceguide.cli import messages\n")
    done = lint(tmp_path)
    assert done.returncode == 1
    assert "voiceguide.web is not allowed to import voiceguide.cli" in done.stdout
