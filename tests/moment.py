"""How slow this machine is just now, for tests of what something costs at the most."""

from __future__ import annotations

import time

_QUIET = 0.05
"""Seconds of computing that the work below takes on two quiet cores."""


def slowness() -> float:
    """1 on a quiet machine; more where other work takes its caches and its turns, never less."""
    began = time.process_time()
    rows = [{"number": number, "text": str(number)} for number in range(100_000)]
    rows.sort(key=lambda row: row["text"])
    found = {row["text"]: row for row in rows}
    took = time.process_time() - began
    assert len(found) == len(rows)
    return max(1.0, took / _QUIET)
