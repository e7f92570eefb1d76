"""A session's blocks at another rate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voiceguide.audio import AudioFormat, Samples


def converted(
    blocks: Iterable[Samples], source: AudioFormat, rate: int, frames: int
) -> Iterator[Samples]:
    """Blocks resampled as they come.

    Args:
        blocks: of shape (frames, channels), at the source's rate.
        source: their format.
        rate: the rate wanted, in hertz.
        frames: how many there are to be at that rate; filters may round otherwise.
    """
    import numpy as np
    import soxr

    stream = soxr.ResampleStream(source.rate, rate, source.channels, dtype="float32", quality="HQ")
    left = frames
    for block in blocks:
        made = stream.resample_chunk(block)[:left]
        left -= len(made)
        yield made
    made = stream.resample_chunk(np.empty((0, source.channels), np.float32), last=True)[:left]
    left -= len(made)
    yield made
    yield np.zeros((left, source.channels), np.float32)
