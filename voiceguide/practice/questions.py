"""The finder's questions as values, so that each front end asks them in its own way.

A front end shows a question's text and its choices, and gives what the listener said to `read`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from voiceguide.errors import UsageError, did_you_mean
from voiceguide.library import catalogue
from voiceguide.practice.finder import HANDS, SIDES, red_flags

Ident = Literal["red_flags", "pain", "side", "worse", "tools"]
"""The fields of `finder.Answers`."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the finder.

    Attributes:
        id: the field of `finder.Answers` that it fills.
        text: the question.
        choices: ids and how each is called, in order; of a red flag its own question.
        several: whether more than one may be chosen.
        none: how to say that none of them is meant, or None where one has to be chosen.
    """

    id: Ident
    text: str
    choices: Mapping[str, str]
    several: bool = True
    none: str | None = None


def questions() -> tuple[Question, ...]:
    """Every question, in the order to ask them."""
    places, worse = catalogue.pain_places(), catalogue.aggravators()
    return (
        Question(
            "red_flags",
            "Do any of these apply to you?",
            {flag.id: flag.question or flag.text for flag in red_flags()},
            none="none of them",
        ),
        Question(
            "pain",
            "Where does it hurt?",
            {place.id: place.name for place in places.values()},
        ),
        Question(
            "side",
            "Which side hurts more?",
            {side: side for side in SIDES}
            | {"both": "both the same", "neither": "neither, or I can't say"},
            several=False,
        ),
        Question(
            "worse",
            "What makes it worse?",
            {sign.id: sign.name for sign in worse.values()},
            none="none of these",
        ),
        Question(
            "tools",
            "What do you have, beside your hands?",
            {tool: tool for tool in catalogue.tools() if tool != HANDS},
            none="nothing",
        ),
    )


def question(ident: Ident) -> Question:
    """The question of an id."""
    return next(each for each in questions() if each.id == ident)


def read(ident: Ident, words: Iterable[str]) -> tuple[str, ...]:
    """The ids that a listener's words mean, each once; of hands, which all have, too.

    Raises:
        UsageError: a word means none of the choices, or more than one.
    """
    asked = question(ident)
    # A red flag is known by its id: its question has words of all kinds.
    known = {key: key for key in asked.choices} if ident == "red_flags" else asked.choices
    if ident == "tools":
        known = {tool: tool for tool in catalogue.tools()}
    return tuple(dict.fromkeys(choose(word, known) for word in words))


def choose(word: str, known: Mapping[str, str], what: str | None = None) -> str:
    """The id that a word means: an id, a name, or the beginning of a word in one of them.

    Args:
        known: ids to names.
        what: what is looked for, as messages call it; None where it answers a question.

    Raises:
        UsageError: it means none, or more than one.
    """
    wanted = _plain(word)
    for key, name in known.items():
        if wanted in (_plain(key), _plain(name)):
            return key
    near = [
        key
        for key, name in known.items()
        if wanted and any(f" {wanted}" in f" {text}" for text in (_plain(key), _plain(name)))
    ]
    if len(near) == 1:
        return near[0]
    if near:
        raise UsageError(f'"{word}" could be {" or ".join(near)}: write more of it')
    near_name = did_you_mean(word, known)
    if what is None:
        hint = near_name or "choose " + " or ".join(
            filter(None, (", ".join([*known][:-1]), [*known][-1]))
        )
        raise UsageError(f'I didn\'t understand "{word[:80]}": {hint}')
    raise UsageError(
        f'there is no {what} "{word[:80]}": {near_name or "there are " + ", ".join(known)}'
    )


def _plain(text: str) -> str:
    return " ".join(re.split(r"[\s_-]+", text.strip().casefold()))
