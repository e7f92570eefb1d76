"""Engine `silent`: no voice, for tests. Soft noise whose length depends only on the text.

Each text has noise of its own, so that a clip can be found again in a finished session.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from voiceguide.speech.base import LONGEST_TEXT, VoiceInfo

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE = 44_100
_FRAMES_A_CHARACTER = 60 * RATE // 1000
_FEWEST_FRAMES = 300 * RATE // 1000


def frames_of(text: str) -> int:
    """How many frames the clip of a text has: 60 ms a character, at least 300 ms."""
    return max(_FEWEST_FRAMES, _FRAMES_A_CHARACTER * len(text))


def noise(text: str, frames: int) -> NDArray[np.float32]:
    """Noise between 300 Hz and 3 kHz, made from the text's own digest; a tenth of a second at least.

    Returns:
        float32, shape (frames,), at `RATE`.
    """
    import numpy as np

    low, high = 300 * frames // RATE, 3000 * frames // RATE
    digest = hashlib.shake_256(text.encode("utf-8", "surrogatepass")).digest(2 * (high - low))
    angles = np.frombuffer(digest, "<u2") * (2 * np.pi / 65_536)
    spectrum = np.zeros(frames // 2 + 1, np.complex128)
    spectrum[low:high] = np.exp(1j * angles)
    sound = np.fft.irfft(spectrum, frames)
    soft: NDArray[np.float32] = (0.05 * sound / np.abs(sound).max()).astype(np.float32)
    return soft


class SilentEngine:
    """Soft noise of its own for each text."""

    name = "silent"
    identity = "silent/1"
    repeatable = True
    workers = 2

    def speak(self, text: str) -> tuple[NDArray[np.float32], int]:
        return noise(text, frames_of(text)), RATE

    def frames(self, text: str) -> int | None:
        return frames_of(text) if len(text) <= LONGEST_TEXT else None

    def close(self) -> None:
        return


class Silent:
    """The engine `silent`; the same for every voice, speed and language."""

    about = "no voice, for tests"
    default = False

    def check(self) -> str:
        """Nothing can be missing."""
        return "soft noise of the right length"

    def open(self, voice: str | None, *, speed: float, language: str) -> SilentEngine:  # noqa: ARG002
        """The engine."""
        return SilentEngine()

    def voices(self) -> list[VoiceInfo]:
        """The one that there is."""
        return [VoiceInfo("silent", "silent", "mul", "GPL-3.0-or-later", True, None, self.about)]
