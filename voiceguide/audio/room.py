"""The faint sound of a room, so that a gap is not taken for the end, or for a fault.

Noise that falls with its frequency, some 45 LU under the voice: nobody hears it as a sound of its
own. Made here from a digest, the same every time, and without a seam where it begins again.
"""

from __future__ import annotations

import functools
import hashlib
from typing import TYPE_CHECKING

from voiceguide.units import to_factor

if TYPE_CHECKING:
    from voiceguide.audio import Samples

LEVEL_DB = -63.0
"""Root mean square of each channel, in dBFS."""

_FRAMES = 1 << 18
_LOW, _HIGH = 60, 6_000
"""Hertz at 44.1 kHz."""


def room(start: int, frames: int, channels: int) -> Samples:
    """Samples of shape (frames, channels) from a frame of the session on."""
    import numpy as np

    at = np.arange(start, start + frames) % _FRAMES
    return np.take(_noise(), at, axis=0)[:, :channels]


@functools.lru_cache(maxsize=1)
def _noise() -> Samples:
    import numpy as np

    low, high = (hertz * _FRAMES // 44_100 for hertz in (_LOW, _HIGH))
    columns = []
    for channel in (b"left", b"right"):
        digest = hashlib.shake_128(b"a quiet room, " + channel).digest(2 * (high - low))
        angles = np.frombuffer(digest, "<u2") * (2 * np.pi / 65_536)
        spectrum = np.zeros(_FRAMES // 2 + 1, np.complex128)
        spectrum[low:high] = np.exp(1j * angles) / np.sqrt(np.arange(low, high))
        sound = np.fft.irfft(spectrum, _FRAMES)
        columns.append(sound * (to_factor(LEVEL_DB) / np.sqrt(np.mean(sound**2))))
    noise: Samples = np.stack(columns, axis=1).astype(np.float32)
    return noise
