"""Golden cases: scripts with the timeline or the problems that they must give, to the letter."""

from __future__ import annotations

from pathlib import Path

import pytest
from case_printing import CASES, cases, printed

PACKAGE = Path(__file__).parent.parent / "voiceguide"


def _ids(paths: list[Path]) -> list[str]:
    return [path.stem for path in paths]


@pytest.mark.parametrize("path", cases("good"), ids=_ids(cases("good")))
def test_good(path: Path) -> None:
    """A script compiles to exactly the timelines that stand beside it."""
    assert printed(path) == path.with_suffix(".txt").read_text(encoding="utf-8")
    assert "error[" not in printed(path)


@pytest.mark.parametrize("path", cases("bad"), ids=_ids(cases("bad")))
def test_bad(path: Path) -> None:
    """A script with mistakes gives exactly the findings that stand beside it."""
    assert printed(path) == path.with_suffix(".txt").read_text(encoding="utf-8")
    assert "error[" in printed(path)


def test_every_expected_file_has_its_case() -> None:
    """No expectation is left over from a case that is gone."""
    for path in CASES.glob("*/*.txt"):
        assert path.with_suffix(".md").exists(), path
