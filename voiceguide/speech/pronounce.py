"""The shipped pronunciation list: names of muscles and bones, said right by every voice."""

from __future__ import annotations

import functools
import hashlib
import re
import tomllib
from importlib.resources import files
from typing import Literal

Alphabet = Literal["us", "gb", "espeak"]

_MARKUP: dict[Alphabet, str] = {
    "us": "[{word}](/{sound}/)",
    "gb": "[{word}](/{sound}/)",
    "espeak": "[[{sound}]]",
}
_S = {"us": ("ᵻz", "s", "z"), "gb": ("ɪz", "s", "z"), "espeak": ("I2z", "s", "z")}
_HISSING = ("s", "z", "ʃ", "ʒ", "ʧ", "ʤ", "S", "Z")
_VOICELESS = ("p", "t", "k", "f", "θ", "T")
_LETTER_A = re.compile(
    r"(?<=\b[A-Z] )A\b|\bA(?= [B-Z](?:['\u2019]s)?\b(?! (?:shape|shaped|curve|turn|shirt|bar)\b))"
)
"""An A among letters that are said one by one, which alone would be an article."""
_A: dict[Alphabet, str] = {"us": "ˈA", "gb": "ˈA", "espeak": "'eI"}
_RULES = b"2"
"""Changes with what is done to words besides the list."""


@functools.lru_cache(maxsize=1)
def _raw() -> bytes:
    return files("voiceguide.speech").joinpath("pronunciations.toml").read_bytes()


@functools.lru_cache(maxsize=1)
def version() -> str:
    """A short digest of the list and its rules: part of an engine's identity."""
    return hashlib.sha256(_raw() + _RULES).hexdigest()[:12]


@functools.lru_cache(maxsize=3)
def words(alphabet: Alphabet) -> dict[str, str]:
    """The words that a voice needs telling, lower case, to their sounds."""
    entries = tomllib.loads(_raw().decode("utf-8"))["words"]
    return {word: sounds[alphabet] for word, sounds in entries.items() if alphabet in sounds}


@functools.lru_cache(maxsize=3)
def _pattern(alphabet: Alphabet) -> re.Pattern[str]:
    return re.compile(rf"\b({'|'.join(words(alphabet))})(['\u2019]s)?\b", re.IGNORECASE)


def pronounce(text: str, alphabet: Alphabet) -> str:
    """A text in which listed words carry their sounds, in the markup of the voice.

    The text itself must hold no square brackets (see `text.plain`).
    """

    def marked(match: re.Match[str]) -> str:
        sound = words(alphabet).get(match[1].lower())
        if sound is None:  # other letters that only ignoring case takes for ours, as a dotless i
            return match[0]
        if match[2]:
            after_hiss, after_voiceless, else_ = _S[alphabet]
            voiceless = sound.endswith(_VOICELESS)
            sound += (
                after_hiss if sound.endswith(_HISSING) else after_voiceless if voiceless else else_
            )
        return _MARKUP[alphabet].format(word=match[1], sound=sound)

    letter = _MARKUP[alphabet].format(word="A", sound=_A[alphabet])
    return _pattern(alphabet).sub(marked, _LETTER_A.sub(letter, text))
