"""A sink that keeps nothing, for measuring and for tests."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voiceguide.audio import Samples


class NullSink:
    """Counts what it is given.

    Args:
        digest: whether to compute `hexdigest` as well.

    Attributes:
        frames: how many came.
        peak: the greatest absolute sample.
        closed, aborted: how it ended.
    """

    def __init__(self, *, digest: bool = False) -> None:
        self.frames = 0
        self.peak = 0.0
        self.closed = False
        self.aborted = False
        self._hash = hashlib.sha256() if digest else None

    @property
    def hexdigest(self) -> str | None:
        """SHA-256 over all samples (float32, little-endian, interleaved), if it was asked for."""
        return self._hash.hexdigest() if self._hash else None

    def write(self, block: Samples) -> None:
        import numpy as np

        self.frames += len(block)
        if block.size:
            self.peak = max(self.peak, float(np.abs(block).max()))
        if self._hash:
            self._hash.update(np.ascontiguousarray(block, "<f4").data)

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.aborted = True
