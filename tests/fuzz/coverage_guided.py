"""Fuzzing guided by coverage, on scripts and their front matter; needs `pip install atheris`.

    python tests/fuzz/coverage_guided.py -max_total_time=600 -dict=tests/fuzz/words.dict \\
        a-folder-for-new-finds tests/fuzz/corpus

A new folder comes first: the fuzzer writes what it finds there. What is worth keeping goes into
`corpus` by hand.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent))

with atheris.instrument_imports(
    include=["voiceguide.script", "voiceguide.plan", "voiceguide.timeline", "voiceguide.units"]
):
    from checking import check

LONGEST = 1.0
"""Seconds of processor time that a small file may take."""


def one(data: bytes) -> None:
    """One file, also as the front matter of a script."""
    for file in (data, b"---\n" + data + b"\n---\n\n# T\n\nHi.\n"):
        began = time.process_time()
        check(file)
        assert time.process_time() - began < LONGEST * (1 + len(data) / 2000), "too slow"


if __name__ == "__main__":
    atheris.Setup([*sys.argv, "-max_len=3000", "-rss_limit_mb=400", "-timeout=20"], one)
    atheris.Fuzz()
