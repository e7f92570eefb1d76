"""Fuzzing along the grammar: scripts that compile, with something done to them.

`VOICEGUIDE_FUZZ=20000 pytest tests/fuzz` looks longer.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent))

from checking import check  # noqa: E402
from script_strategy import scripts  # noqa: E402

CORPUS = sorted((Path(__file__).parent / "corpus").iterdir())
EXAMPLES = int(os.environ.get("VOICEGUIDE_FUZZ", "60"))

PIECES = (
    "\n", "\n\n", "  ", "    ", "\t", "#", "## ", "- ", "  - ", "* ", "1. ", "> ", "---\n", "***\n", "```\n", "<!-- ", " -->",
    "<b>", "[", "]", "(", ")", "{", "}", "[2s]", "{tool}", "{side}", "{round}", "*", "**", "_", "`", "\\", "&amp;", "&#27;",
    "\x1b", "\u202e", "\ufeff", "\x00", "é", "🧘", ":", ",", "–", "0", "9", "s", "m", "1:30", "30-60s", "45s (30s-60s)",
    "each side", "first side", "3 times", "2-4 times", "10s between", "optional", "with tennis ball", "pause ", "hold ",
    "breathe ", "box", "4-7-8", "in 4s", "out 6s", " for 60s", "chime", " bowl", "play waves.flac", "background ", "rain",
    " at -30 dB", "off", "include part", "include cycle", "include ../x", "start: ", "halfway: ", "end: ", "at 5s: ",
    "5s left: ", "every 5s: ", "last 5s: countdown", "muscles: [calves]\n", "tools: [a]\n", "say: {a: b}\n", "length: 5m\n",
    "language: en\n", "!", "?", ".", "…", "| a | b |\n|---|---|\n", "![x](y)", "===\n",
)  # fmt: skip


@st.composite
def spoiled(draw: Any) -> bytes:
    """A script that compiles, with pieces of the language put in, taken out, and swapped."""
    text = draw(scripts())
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(text)))
        until = draw(st.integers(at, min(len(text), at + 12)))
        kind = draw(st.integers(0, 3))
        if kind == 0:
            text = text[:at] + text[until:]
        elif kind == 1:
            text = text[:at] + text[at:until] * draw(st.integers(2, 40)) + text[until:]
        elif kind == 2:
            text = text[:at] + draw(st.sampled_from(PIECES)) + text[at:]
        else:
            text = text[:at] + draw(st.text(max_size=8)) + text[until:]
    return text.encode("utf-8", "surrogatepass")


@settings(
    max_examples=EXAMPLES, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
@given(spoiled())
def test_spoiled_scripts(data: bytes) -> None:
    """Nothing but problems with a place, and sessions in which all holds."""
    check(data)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30), st.booleans())
def test_pieces_in_any_order(pieces: list[str], headed: bool) -> None:
    """The language's own words in no order at all."""
    check((("# T\n\n" if headed else "") + "".join(pieces)).encode())


@pytest.mark.parametrize("path", CORPUS, ids=[p.name for p in CORPUS])
def test_what_was_found_once(path: Path) -> None:
    """Each file of the corpus reads to its end."""
    assert check(path.read_bytes())
