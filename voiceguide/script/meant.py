"""Lines of a paragraph that were meant as something else: a cue, or a direction for the speaker."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from voiceguide.script.forms import DIRECTION, PICTURE, canonical_text
from voiceguide.script.items import CUES
from voiceguide.script.model import INTERVALS

_NUMBER = r"[0-9][0-9.:]*"
_UNIT = r"(?:s|secs?|seconds?|m|mins?|minutes?)"
_DURATION = (
    rf"{_NUMBER}(?: ?{_UNIT})?(?: ?(?:[-\u2013]|to) ?{_NUMBER})?(?: ?{_UNIT})?(?: ?\([^)]*\))?"
)
_TIMED = rf"(?:pause|{'|'.join(INTERVALS)})"
_BARE = re.compile(rf"(?:pause|breathe|{'|'.join(INTERVALS)}) +{_NUMBER} ?[a-z]*")
"""A line that is a cue in all but its hyphen, in the small letters of a cue."""
_SHAPE = re.compile(
    rf"{_TIMED} {_DURATION}"
    r"|breathe (?:in [0-9]|box\b|4-7-8).*[a-z0-9]"
    r"|count (?:down )?[0-9].*"
    r"|(?:start|halfway|end|at [0-9][^:]*|every [0-9][^:]*|last [0-9][^:]*|[0-9][^:]* left): ?\S.*"
)
_WHEN = re.compile(r"(?:start|halfway|end|at|every|last|[0-9][^:]* left)\b")
_SOUND_SHAPE = re.compile(
    r"chime(?: [a-z]+)?(?:, [0-9]+ times)?(?: at .*db)?|background (?:[a-z]+|[a-z]+ at .*db)"
    r"|play \S+\.[a-z0-9]+(?: at .*db)?|include \S+"
)
_SIGNS = frozenset(
    "`*+\u2022\u2023\u2043\u204c\u204d\u2219\u00b7\u00a7\u00b0>~\uf0b7\uf0a7\uf0d8\u2027"
)
_LETTER_SIGN = re.compile("[o\u00d8v\u00fcq]\t")
"""Bullets of the symbol fonts of Word, as their letters come out."""
_SHORT = 80
_SECONDS = re.compile(rf"([0-9]+)[ -]?({_UNIT})\b", re.IGNORECASE)


_PROPERTY = re.compile(
    r"(?:created|updated|modified|edited|published|last (?:edited|updated|modified)|date|due|tags?|"
    r"status|authors?|owner|assignee|assigned to|priority|category|categories|url|source|version|"
    r"project|parent|verification|related|property|aliases|duration|level|equipment)"
    r"(?: (?:time|by|at|on|date))? ?: ?\S.{0,200}|page [0-9]+(?: (?:of|/) [0-9]+)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Meant:
    """What a line was meant as.

    Attributes:
        kind: a cue behind another sign than a hyphen ("sign"), a cue without one ("bare"), a line
            that reads like one ("line"), a direction for the speaker ("direction"), or a property of
            the document ("property").
        cue: what to write, or None where nobody can know.
        sign: what stands where the hyphen belongs.
        at: index in the line where the cue itself begins.
    """

    kind: Literal["sign", "bare", "line", "direction", "property"]
    cue: str | None
    sign: str = ""
    at: int = 0

    @property
    def is_timed(self) -> bool:
        """Whether it belongs below an interval."""
        return self.cue is not None and _WHEN.match(self.cue) is not None


def is_bullet(char: str) -> bool:
    """Whether a character marks the items of a list: bullets, dashes, shapes and pictures."""
    return (
        char in _SIGNS
        or unicodedata.category(char) == "Pd"
        or "\u2190" <= char <= "\u21ff"
        or "\u25a0" <= char <= "\u27bf"
        or "\u2b00" <= char <= "\u2bff"
        or PICTURE.fullmatch(char) is not None
    )


def as_cue(text: str) -> str | None:
    """A text in the canonical form of a cue if it has the shape of one, else None."""
    bare = canonical_text(text, "box")
    if len(bare) > _SHORT * 2:
        return None
    small = canonical_text(bare.lower(), "cue", "time")
    if small.startswith(("chime", "breathe")):
        small = canonical_text(small, "times")
    if _SHAPE.fullmatch(small) or _SOUND_SHAPE.fullmatch(small):
        return small if not small.startswith(("play", "include")) else small[:4] + bare[4:]
    return None


def read_line(text: str, *, alone: bool) -> Meant | None:
    """What a line of a paragraph was meant as; None for speech.

    Args:
        alone: the paragraph has no other line.
    """
    whole = text
    if emphasis := re.fullmatch(r"([*_]{1,3})([^*_]+)\1", text):
        text = emphasis[2]
    lead = _lead(text)
    if lead:
        rest = text[lead:].lstrip()
        cue = as_cue(rest)
        word = re.match(r"[a-z]+", rest)
        if cue is None and word and word[0] in CUES and rest[-1:] not in (".", "!", "?"):
            cue = rest
        if cue is not None:
            at = whole.index(rest, lead)
            return Meant("sign", _with_unit(cue), text[:lead].rstrip() or text[:lead], at)
        text = rest
    if _BARE.fullmatch(text):
        cue = _with_unit(text)
        return Meant("bare", "breathe in 4s, out 6s, 5 times" if cue.startswith("breathe") else cue)
    if text[-1:] not in (".", "!", "?") and len(text) < _SHORT:
        small = text.lower()
        sounds = _SOUND_SHAPE.fullmatch(text) and not text.endswith(".")
        if sounds and " " in text:
            return Meant("bare", text) if alone else None
        cue = as_cue(text)
        if cue is not None and _SHAPE.fullmatch(cue) and small[0].isalpha():
            kind: Literal["bare", "line"] = "bare" if alone else "line"
            return None if _WHEN.match(cue) and kind == "bare" else Meant(kind, _with_unit(cue))
    if _PROPERTY.fullmatch(text) and text[-1:] not in (".", "!", "?"):
        return Meant("property", f"<!-- {text} -->")
    if len(text) < _SHORT and DIRECTION.fullmatch(text.strip()):
        return Meant("direction", _silence_for(text))
    return None


def _with_unit(cue: str) -> str:
    """A cue whose last number has a unit: one that is left out is that of seconds."""
    return f"{cue}s" if re.fullmatch(rf"{_TIMED} [0-9][0-9.\-\u2013]*", cue) else cue


def _lead(text: str) -> int:
    """How many characters of a line are a sign that marks a list item."""
    if _LETTER_SIGN.match(text):
        return 1
    at = 0
    while at < len(text) and (is_bullet(text[at]) or text[at] in "\ufe0f\u20e3"):
        at += 1
    return at


def _silence_for(text: str) -> str | None:
    """The cue for a direction, where it says how long."""
    found = _SECONDS.search(text)
    if found:
        return f"- pause {found[1]} {found[2].lower()}"
    return "- pause 2s" if re.fullmatch(r"\(?pause\.?\)?", text.strip(), re.IGNORECASE) else None
