"""What helps an author: safe edits, made in the text and in the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_support import voiceguide, works
from hypothesis import given
from hypothesis import strategies as st

from voiceguide.errors import Edit
from voiceguide.script.codes import explanations, whole
from voiceguide.workshop.fixes import apply, mended, problems, safe_edits


def test_edits_are_made_where_they_say_whatever_ends_a_line() -> None:
    """Of two that overlap the first counts; one beyond the text is left out."""
    text = "one\r\ntwo\rthree\nfour"
    edits = [Edit(2, 1, 3, "2"), Edit(3, 2, 2, "HR"), Edit(2, 2, 1, "x"), Edit(9, 1, 1, "y")]
    assert apply(text, edits) == ("one\r\n2\rtHRee\nfour", 2)
    assert apply(text, []) == (text, 0)


@given(st.text(alphabet="ab\r\n", max_size=30))
def test_without_edits_nothing_changes(text: str) -> None:
    assert apply(text, []) == (text, 0)


@pytest.mark.parametrize("code", sorted(explanations()))
def test_what_can_be_mended_stays_mended(code: str, tmp_path: Path) -> None:
    """Mending the wrong example of each code leaves no safe edit, and mends the same again."""
    path = tmp_path / "script.md"
    text, _ = mended(whole(explanations()[code].wrong), path)
    assert not safe_edits(problems(text, path))
    assert mended(text, path) == (text, 0)


def test_a_file_is_mended_once_and_told(tmp_path: Path) -> None:
    path = tmp_path / "mine.md"
    path.write_text("# Mine\n\nLie down. If it hurts sharply, stop.\n\n- holdd 30s\n", "utf-8")
    before = voiceguide("check", "mine.md", "--voice", "silent", at=tmp_path)
    assert before.code == 1
    done = voiceguide("check", "mine.md", "--fix", "--voice", "silent", at=tmp_path)
    assert "mine.md: 1 place mended" in done.err
    assert "- hold 30s\n" in path.read_text("utf-8")
    assert done.code == 0
    again = voiceguide("check", "mine.md", "--fix", "--voice", "silent", at=tmp_path)
    assert "mended" not in again.err


def test_a_code_is_explained(tmp_path: Path) -> None:
    text = works("check", "--explain", "bad-count", at=tmp_path)
    assert "3 times, or 2-4 times" in text.replace("\n", " ")
    assert "But so:" in text
    wrong = voiceguide("check", "--explain", "bad-cuont", at=tmp_path)
    assert wrong.code == 2
    assert 'did you mean "bad-count"' in wrong.err
    assert "needs FILE, or --explain CODE" in voiceguide("check", at=tmp_path).err
