"""What helps an author, on scripts that compile with something done to them: it answers at all times.

`VOICEGUIDE_FUZZ=5000 pytest tests/fuzz/test_authoring.py` looks longer.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent))

from costs import KEPT  # noqa: E402
from moment import slowness  # noqa: E402
from test_fuzz import PIECES, spoiled  # noqa: E402

from voiceguide.errors import UsageError  # noqa: E402
from voiceguide.script.source import file_lines  # noqa: E402
from voiceguide.workshop import desk, drafting, pointing, seen, times  # noqa: E402

EXAMPLES = int(os.environ.get("VOICEGUIDE_FUZZ", "25"))
PATH = Path("nowhere/x.md")
often = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def texts(draw: st.DrawFn) -> str:
    """As a page sends them: any characters, but no half ones."""
    return draw(spoiled()).decode("utf-8", "replace")


@often
@given(texts(), st.booleans(), st.booleans())
def test_problems_and_picture_agree(text: str, dark: bool, sides: bool) -> None:
    """Problems stand within the text; a session is drawn exactly where none is an error."""
    found = seen.problems(text, PATH)
    json.dumps(found)
    lines = file_lines(text)
    for problem in found:
        assert 1 <= problem["line"] <= max(1, len(lines)) and problem["column"] >= 1
    told, draft = seen.picture(text, PATH, dark=dark, sides=sides)
    broken = any(problem["severity"] == "error" for problem in found)
    assert bool(told) == (draft is not None)
    if broken:
        assert not told
    if told:
        ET.fromstring(told["svg"])
        assert 0 < told["reach"][0] <= told["reach"][1]
        assert told["reach"][0] - 0.1 <= told["length"] <= told["reach"][1] + 0.1
        json.dumps(told)


@often
@given(texts(), st.data())
def test_every_place_can_be_asked_about(text: str, data: st.DataObject) -> None:
    """What can follow there, what it means, when it happens, what it includes."""
    lines = text.split("\n")
    line = data.draw(st.integers(-1, len(lines) + 2))
    column = data.draw(st.integers(1, 80))
    for row in seen.completions(text, PATH, line, column):
        assert 1 <= row["column"] <= column
        json.dumps(row)
    known = times.times(text, PATH)
    if 1 <= line <= len(lines):
        front = pointing.in_front(lines, line)
        pointing.hover(lines[line - 1], line, column, known, front=front)
    if known is not None:
        for inlay in pointing.inlays(known):
            assert 1 <= inlay.line <= len(lines) and inlay.text


@often
@given(st.one_of(st.text(max_size=300), st.lists(st.sampled_from(PIECES)).map("".join), texts()))
def test_notes_of_any_kind_become_a_draft(notes: str) -> None:
    """A script, which may have to be gone through, but reads to its end."""
    try:
        draft = drafting.from_notes(notes, PATH)
    except UsageError:
        return
    assert draft.startswith(("---", "#", "<!--"))
    seen.problems(draft, PATH)


@often
@given(st.text(max_size=80))
def test_a_new_script_of_any_title_is_clean(title: str) -> None:
    assume(any(c.isalnum() for c in title))
    text = drafting.new(drafting.Wishes(title))
    assert not [p for p in seen.problems(text, PATH) if p["severity"] == "error"], text
    assert Path(drafting.file_name(title)).name == drafting.file_name(title)


@often
@given(st.text(max_size=80))
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    try:
        path = desk.path_of(name)
    except UsageError:
        return
    assert path.parent == desk.path_of("x").parent


@pytest.mark.parametrize("path", sorted(KEPT.glob("*.md")), ids=lambda path: path.stem)
def test_what_cost_much_is_drawn_in_time(path: Path) -> None:
    """Within three times what its check may take, since drawing comes on top of it."""
    text = path.read_text("utf-8")
    for last in (False, False, True):
        began = time.process_time()
        told, _ = seen.picture(text, path, dark=False)
        spent = time.process_time() - began
        if spent < 6 * slowness():
            break
        assert not last, spent
    assert len(told.get("svg", "")) < 20_000_000
