"""How fast a sentence is spoken: as evenly as its words allow, whatever an engine does by itself.

Engines hurry through some sentences and linger over others, and their lengths do not follow the
speed they are asked for. So a sentence has a length of its own, from its words alone. It is spoken
once, measured, and where it came out wrong spoken once more at a speed that makes up for it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from voiceguide.speech.base import CALM_WPM

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

VERSION = 1
"""Goes into the identity of each engine that is paced here."""

FEWEST = 4
"""Words of the shortest sentence that has a length of its own; shorter ones take what they take."""

LONGEST_WORD = 0.95
"""Longest that a single word may take, in seconds: a countdown has a second for each number."""

_DRAWN = 1.15
"""How many times its calm length a single word is drawn out at most."""
_HURRIED = 0.85
"""Seconds at which a word is aimed that took longer than it may."""
_LETTERS = 5.2
"""Characters a word, spaces included, of a usual sentence."""
_EACH_LETTER = 10.0
"""Words a minute that a letter more in each word takes off."""
_SPREAD = 6.0
"""Words a minute that a sentence may be off `CALM_WPM`, for its longer or shorter words."""
_NEAR = 0.02
"""A length that is off by less than this share is kept."""
_WORD = re.compile(r"\S*\w\S*")

Voice = Callable[[float], "tuple[NDArray[np.float32], int]"]


def seconds(text: str, speed: float) -> float | None:
    """How long an English sentence should take, or None where it is too short to tell.

    Args:
        text: as the engine is given it.
        speed: 1 is calm.
    """
    words = _WORD.findall(text)
    if len(words) < FEWEST:
        return None
    longer = (len(text) + 1) / len(words) - _LETTERS
    wpm = CALM_WPM - max(-_SPREAD, min(_SPREAD, _EACH_LETTER * longer))
    return 60 * len(words) / (wpm * speed)


def guess(text: str, speed: float) -> float:
    """About how long a sentence will take, in seconds, whatever its length and language."""
    return seconds(text, speed) or min(2.0, 0.5 + len(text) / 15) / speed


def spoken(
    text: str,
    speed: float,
    speak: Voice,
    *,
    possible: Iterable[float] | None = None,
    even: bool = True,
) -> tuple[NDArray[np.float32], int]:
    """A sentence at its length, in one try or two.

    Args:
        text: as the engine is given it.
        speed: 1 is calm.
        speak: gives the sentence so many times as long as the engine's calm; nearly.
        possible: all that may be asked of `speak`; None for anything.
        even: whether a sentence has a length of its own, or only single words are hurried.
    """
    steps = tuple(possible) if possible is not None else ()

    def near(stretch: float) -> float:
        return min(steps, key=lambda step: abs(math.log(step / stretch)), default=stretch)

    single = len(_WORD.findall(text)) == 1
    asked = near(min(1 / speed, _DRAWN) if single else 1 / speed)
    first = speak(asked)
    wanted, found = seconds(text, speed) if even else None, _length(*first)
    if single and found > LONGEST_WORD:
        wanted = _HURRIED
    if wanted is None or abs(found / wanted - 1) <= _NEAR:
        return first
    again = near(asked * wanted / found)
    if again == asked:
        return first
    second = speak(again)
    return min(first, second, key=lambda tried: abs(_length(*tried) - wanted))


def _length(samples: NDArray[np.float32], rate: int) -> float:
    """Seconds from the first word to the last, as a clip will have it."""
    from voiceguide.audio.shape import trim

    return len(trim(samples, rate)) / rate
