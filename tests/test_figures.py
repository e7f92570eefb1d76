"""What the documents say of speed is what was measured."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.bench.cases import CASES  # noqa: E402
from tests.bench.figures import README, RESULTS, with_table  # noqa: E402


def test_the_table_is_that_of_the_results() -> None:
    """Every group is there, and the table says what the file says."""
    groups = json.loads(RESULTS.read_text("utf-8"))
    assert list(groups) == list(CASES)
    text = README.read_text("utf-8")
    assert with_table(text, groups) == text
