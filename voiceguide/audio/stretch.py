"""Making a noise longer or shorter without a change of pitch.

For sound without tones, such as a breath: short grains are laid over each other under windows
whose squares add up to 1. Grains of noise are independent, so their power stays even. A tone would
roughen, since its grains do not meet in phase.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voiceguide.audio import Samples

HOP = 2_048
"""From one grain to the next, in frames; a grain has twice as many."""
GOLDEN = 0.6180339887498949
EDGE = 441
"""How many frames at most each end takes to and from zero."""


def stretch(samples: Samples, frames: int) -> Samples:
    """Noise at another length: its course in time is scaled, its pitch and loudness are not.

    The same input gives the same output. It starts and ends at zero.

    Args:
        samples: of shape (n, channels).
        frames: how many to make, at least 0.

    Returns:
        samples of shape (frames, channels).
    """
    import numpy as np

    length, channels = samples.shape
    if not length or not frames:
        return np.zeros((frames, channels), np.float32)
    if length == frames:
        out = samples.astype(np.float32)
    else:
        hop = max(1, min(HOP, length // 4))
        count = -(-frames // hop) + 1
        window = np.sin(np.pi * (np.arange(2 * hop, dtype=np.float32) + 0.5) / (2 * hop))
        laid = np.zeros((hop * (count + 1), channels), np.float32)
        padded = np.concatenate(
            [np.zeros((hop, channels), np.float32), samples, np.zeros((hop, channels), np.float32)]
        )
        for index, first in enumerate(_places(length, frames, hop, count)):
            grain = padded[first : first + 2 * hop]
            laid[index * hop : (index + 2) * hop] += grain * window[:, None]
        out = laid[hop : hop + frames]
    edge = min(EDGE, frames // 2)
    rise = (0.5 - 0.5 * np.cos(np.pi * np.arange(edge) / max(1, edge))).astype(np.float32)
    out[:edge] *= rise[:, None]
    out[frames - edge :] *= rise[::-1, None]
    out[-1] = 0.0
    return out


def _places(length: int, frames: int, hop: int, count: int) -> list[int]:
    """Where each grain starts in the source, after a hop of silence was put before it.

    Each is moved a little, never twice alike: evenly placed grains repeat what they share at one
    distance, which is heard as a hum. One that would still be nearly the same sound as its
    neighbour is moved again, since equal sounds add up louder than different ones.
    """
    aside = hop * 35 // 100
    places: list[int] = []
    for index in range(count):
        moved = (index * index * GOLDEN) % 1.0 - 0.5
        place = index * hop * length // frames + round(moved * 2 * hop)
        if places and abs(shift := place - places[-1] - hop) < aside:
            place += aside if shift >= 0 else -aside
        places.append(min(max(place, 0), length - 1))
    return places
