"""What tests need beside Python: skipped where it is missing, but never in CI."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from needs import COMPILED, DEBIAN

ROOT = Path(__file__).parent.parent
NEEDY = """
from needs import need, needs

@needs("ffmpeg", "ffprobe")
def test_one(): raise AssertionError

def test_two():
    need("pactl", "mpg123")
    raise AssertionError

def test_three(): pass
"""


def _run(folder: Path, **env: str) -> tuple[int, str]:
    """Exit code and output of a run of tests where no program is found."""
    (folder / "test_needy.py").write_text(NEEDY)
    (folder / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text())
    (folder / "needs.py").write_text((ROOT / "tests" / "needs.py").read_text())
    values = {
        key: value for key, value in os.environ.items() if key not in ("CI", "PYTEST_ADDOPTS")
    }
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-ra",
            "-p",
            "no:cacheprovider",
            "-n0",
            "-o",
            "markers=quick",
            folder,
        ],
        cwd=folder,
        env=values | {"PATH": "/nowhere"} | env,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout


def test_a_missing_program_skips(tmp_path: Path) -> None:
    """The reason names what is missing and what brings it."""
    code, out = _run(tmp_path)
    assert code == 0 and "1 passed, 2 skipped" in out
    assert "ffmpeg and ffprobe missing: apt install ffmpeg\n" in out
    assert "pactl and mpg123 missing: apt install pulseaudio-utils mpg123\n" in out


def test_ci_takes_a_skip_for_a_failure(tmp_path: Path) -> None:
    """Else the checks could pass with nothing checked."""
    code, out = _run(tmp_path, CI="true")
    assert code == 1 and "1 failed, 1 passed, 1 error" in out
    assert "CI=true" in out


@pytest.mark.parametrize("document", [".ci/run", "CONTRIBUTING.md"])
def test_all_packages_are_named(document: str) -> None:
    """What the checks install, and what a newcomer reads, is all that the tests may ask for."""
    words = set(re.findall(r"[\w.+-]+", (ROOT / document).read_text(encoding="utf-8")))
    wanted = set(" ".join([*DEBIAN.values(), COMPILED]).split())
    assert wanted <= words
