"""The words the program itself says, by language."""

from __future__ import annotations

from dataclasses import dataclass

from voiceguide.units import Side


@dataclass(frozen=True, slots=True)
class Words:
    """The built-in words of one language.

    Attributes:
        sides: for `{side}` and `{other side}`.
        first_breath: for the phases of the first breath of a cue.
        breath: for those of the later ones.
        numbers: one to twenty, for countdowns and counts.
        side_title, round_title: added to a chapter's title, with the side or the number put in.
    """

    sides: dict[Side, str]
    first_breath: dict[str, str]
    breath: dict[str, str]
    numbers: tuple[str, ...]
    side_title: str
    round_title: str


_ENGLISH = Words(
    sides={"left": "left", "right": "right"},
    first_breath={"in": "Breathe in.", "hold": "Hold.", "out": "Breathe out."},
    breath={"in": "In.", "hold": "Hold.", "out": "Out."},
    numbers=(
        "One",
        "Two",
        "Three",
        "Four",
        "Five",
        "Six",
        "Seven",
        "Eight",
        "Nine",
        "Ten",
        "Eleven",
        "Twelve",
        "Thirteen",
        "Fourteen",
        "Fifteen",
        "Sixteen",
        "Seventeen",
        "Eighteen",
        "Nineteen",
        "Twenty",
    ),
    side_title="{} side",
    round_title="round {}",
)

_LANGUAGES = {"en": _ENGLISH}


def languages() -> tuple[str, ...]:
    """The languages that have built-in words, as BCP 47 primary tags."""
    return tuple(_LANGUAGES)


def words(language: str) -> Words:
    """The built-in words for a BCP 47 tag; `en-GB` has those of `en`.

    Raises:
        KeyError: the language has none.
    """
    return _LANGUAGES[language.split("-")[0].lower()]
