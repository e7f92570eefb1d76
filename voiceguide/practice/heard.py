"""Which parts of a session were heard."""

from __future__ import annotations

_SKIPPED = 0.1
"""The part of a session that may be missing of one that counts as finished."""


class Heard:
    """Stretches of a session that were heard, in seconds.

    Args:
        until: up to where it was heard before, as in a session that is resumed.
        missed: how much of that was skipped.
    """

    def __init__(self, until: float = 0.0, missed: float = 0.0) -> None:
        self._parts: list[tuple[float, float]] = [(min(missed, until), until)] if until else []

    def add(self, start: float, end: float) -> None:
        """What lies between two places was heard."""
        parts = []
        for a, b in self._parts:
            if b < start or end < a:
                parts.append((a, b))
            else:
                start, end = min(a, start), max(b, end)
        self._parts = sorted([*parts, (start, end)])

    def missed(self, until: float) -> float:
        """Seconds before a place that were not heard."""
        heard = sum(max(0.0, min(b, until) - min(a, until)) for a, b in self._parts)
        return max(0.0, until - heard)

    def all_of(self, length: float) -> bool:
        """Whether a session of some length was heard, but for little."""
        return self.missed(length) <= _SKIPPED * length
