"""Sound as values: formats and clips, and the work done on a clip before it is placed.

Samples are float32 arrays of shape (frames, channels), full scale at -1 and 1. A `Clip` is whatever
can hand out such samples by frame; short ones hold an array, long ones read a file as they go.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

RATE = 44_100
"""Frames a second of every session, in hertz."""


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """What blocks look like.

    Attributes:
        rate: frames a second, in hertz.
        channels: 1 or 2.
    """

    rate: int = RATE
    channels: int = 2


class Clip(Protocol):
    """Samples that can be read by frame, at the rate of the session.

    Attributes:
        frames: how many there are.
        channels: 1 or 2; a mono clip sounds in the middle.
    """

    @property
    def frames(self) -> int: ...

    @property
    def channels(self) -> int: ...

    def read(self, start: int, count: int) -> Samples:
        """Samples of shape (count, channels) from a frame on; the range lies within the clip."""
        ...


@dataclass(frozen=True, slots=True)
class ArrayClip:
    """A clip held in memory.

    Attributes:
        samples: float32, shape (frames, channels).
    """

    samples: Samples

    @property
    def frames(self) -> int:
        return len(self.samples)

    @property
    def channels(self) -> int:
        return int(self.samples.shape[1])

    def read(self, start: int, count: int) -> Samples:
        return self.samples[start : start + count]
