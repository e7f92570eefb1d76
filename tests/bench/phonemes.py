"""Whether the plain voice reads the marked sentences as the natural one does, consonant for consonant.

::

    python tests/bench/phonemes.py

A recogniser mishears every fourth word of the plain voice, so what that voice makes of numbers, units and
abbreviations is read from its phonemes: those of eSpeak NG for the words that it gets, against those of the
natural voice, which `recogniser.py --said` has heard. Vowels are left out, which the two write differently, and
the words that the pronunciation list gives to both.
"""

from __future__ import annotations

import ctypes
import re
import sys

import espeakng_loader
from hibari.g2p import G2P
from recogniser import MOST_WRONG, marked

from voiceguide.speech.normalise import normalise
from voiceguide.speech.pronounce import pronounce
from voiceguide.speech.text import plain

_UTF8, _IPA = 1, 2
_RETRIEVAL = 2
_ALIKE = str.maketrans(
    {"ʧ": "tʃ", "ʤ": "tʃ", "ɡ": "g", "ɾ": "t", "d": "t", "ʒ": "ʃ", "ʔ": "t", "z": "s", "T": "t"}
)
"""Two ways to write a sound, and sounds that flow into each other between vowels."""
_CONSONANTS = re.compile("[bfghklmnpstvðŋʃθ]")


class Espeak:
    """The library that speaks the plain voice, asked for its phonemes."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        self._library.espeak_Initialize(_RETRIEVAL, 0, espeakng_loader.get_data_path().encode(), 0)
        self._library.espeak_SetVoiceByName(b"en-us")
        self._read = self._library.espeak_TextToPhonemes
        self._read.restype = ctypes.c_char_p
        self._read.argtypes = [ctypes.POINTER(ctypes.c_char_p), ctypes.c_int, ctypes.c_int]

    def phonemes(self, text: str) -> str:
        """Of a text, in IPA."""
        rest, found = ctypes.c_char_p(text.encode()), []
        while rest.value:
            found.append((self._read(ctypes.byref(rest), _UTF8, _IPA) or b"").decode())
        return " ".join(found)


def consonants(phonemes: str) -> str:
    """What is compared.

    >>> consonants("tˈɛn ˈɪnʧᵻz") == consonants("tˈɛn ˈɪntʃɪz")
    True
    """
    return "".join(_CONSONANTS.findall(phonemes.translate(_ALIKE)))


def main() -> int:
    """Print the sentences that the two read differently; 1 where they are too many."""
    espeak, natural = Espeak(), G2P(british=False)
    rows, differ = marked(), 0
    for written, _ in rows:
        said = plain(normalise(written))
        for alphabet in ("espeak", "us"):
            said = re.sub(r"\[\[.*?\]\]|\[.*?\]\(/.*?/\)", "ball", pronounce(said, alphabet))  # type: ignore[arg-type]
        one, other = espeak.phonemes(said), natural(said, normalize_text=False)
        if consonants(one) != consonants(other):
            differ += 1
            sys.stdout.write(f"{written}\n  plain    {one}\n  natural  {other}\n")
    sys.stdout.write(f"{differ} of {len(rows)} read differently\n")
    return int(differ > MOST_WRONG)


if __name__ == "__main__":
    sys.exit(main())
