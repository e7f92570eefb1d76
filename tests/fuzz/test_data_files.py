"""A short run of the fuzzing of data files, the same examples each time."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
EXAMPLES = {
    "sound": 100,
    "manifest": 150,
    "catalogue": 100,
    "journal": 30,
    "answers": 150,
    "places": 150,
    "clips": 150,
}


@pytest.mark.parametrize("target", EXAMPLES)
def test_a_short_run(target: str, tmp_path: Path) -> None:
    """Nothing but sentences, quickly, in bounded memory; some examples are whole, some are not."""
    done = subprocess.run(
        [sys.executable, HERE / "data_files.py", target, f"x{EXAMPLES[target]}"],
        capture_output=True, text=True, timeout=900, env={**os.environ, "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr[-4000:]
    count = re.match(rf"{target}: (\d+) examples", done.stdout)
    assert count is not None and int(count[1]) >= EXAMPLES[target]
    assert re.search(r"[1-9]\d* read", done.stdout)
    assert re.search(r"[1-9]\d* (refused|passed over|set aside)", done.stdout)
    assert list(tmp_path.iterdir()) == []
