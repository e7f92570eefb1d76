"""Samples as the whole numbers that files hold, in blocks of one size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from voiceguide.audio import Samples

    Pcm = NDArray[np.int16]

_PIECE = 16_384


def to_int16(block: Samples, out: Pcm) -> None:
    """Round samples to 16 bits into `out`, of the same shape; what exceeds full scale is clipped.

    Done in pieces that stay in the processor's cache.
    """
    import numpy as np

    for at in range(0, len(block), _PIECE):
        piece = block[at : at + _PIECE] * np.float32(32_768)
        np.rint(piece, out=piece)
        np.clip(piece, -32_768, 32_767, out=piece)
        out[at : at + _PIECE] = piece


class Reblock:
    """Cuts blocks of any size into 16-bit blocks of one size, so that nothing depends on it."""

    def __init__(self, frames: int, channels: int) -> None:
        import numpy as np

        self._block: Pcm = np.empty((frames, channels), np.int16)
        self._filled = 0

    def add(self, block: Samples) -> Iterator[Pcm]:
        """The blocks that became full; each is only valid until the next one is asked for."""
        at = 0
        while at < len(block):
            count = min(len(self._block) - self._filled, len(block) - at)
            to_int16(block[at : at + count], self._block[self._filled : self._filled + count])
            self._filled += count
            at += count
            if self._filled == len(self._block):
                self._filled = 0
                yield self._block

    def rest(self) -> Pcm:
        """What is left, less than a block."""
        return self._block[: self._filled]
