"""Sentences as an engine can take them."""

from __future__ import annotations

import re

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]+")
_BRACKETS = str.maketrans("[]", "()")
_CLAUSE = re.compile(r"(?<=[.!?,;:\u2014])\s+")


def plain(text: str) -> str:
    """A sentence in which nothing is a command to any engine.

    Square brackets, which several engines take for phonemes or settings, become round ones;
    control characters, some of which switch voices, become spaces.
    """
    return _CONTROL.sub(" ", text).translate(_BRACKETS).strip()


def pieces(text: str, longest: int) -> list[str]:
    """A sentence cut into parts of at most so many characters.

    Cut after punctuation where there is any in reach, else between words, else anywhere.
    """
    found: list[str] = []
    while len(text) > longest:
        head = text[: longest + 1]
        ends = [m.start() for m in _CLAUSE.finditer(head)]
        cut = ends[-1] if ends else head.rfind(" ")
        cut = cut if cut > 0 else longest
        found.append(text[:cut])
        text = text[cut:].lstrip()
    return [*found, text] if text else found
