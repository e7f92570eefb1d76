"""Texts as they are spoken at one place: variables filled in, words respelled.

What a script can say at all follows from one walk over it: a sentence differs only with the side
and, where it names them, with the round and the number of rounds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, assert_never

from voiceguide.errors import Location, ScriptError
from voiceguide.plan.model import Utterance
from voiceguide.plan.survey import Survey
from voiceguide.script.model import (
    Breathe,
    Chime,
    Count,
    Countdown,
    Counting,
    Include,
    Interval,
    Nested,
    Note,
    Paragraph,
    Plain,
    Sentence,
    Spoken,
    Step,
    Variable,
    is_for,
)
from voiceguide.units import Side

MAX_NAMING_ROUNDS = 10_000
"""Sentences that name the number of rounds, each with each of the numbers that it may have."""
_KEPT = "\ufffc"  # stands in no script


@dataclass(frozen=True, slots=True)
class Run:
    """What holds while a block is gone through.

    Attributes:
        side, turn: the side being worked, and whether it is the first or the second.
        round, rounds: of the innermost block that repeats; 0 outside.
        path: the elastic counts of the blocks around it that are past their first round.
        optional: the number of the innermost optional block around it, or -1.
        say: respellings, the outermost script's first.
    """

    side: Side | None = None
    turn: Literal["first", "second"] | None = None
    round: int = 0
    rounds: int = 0
    path: tuple[int, ...] = ()
    optional: int = -1
    say: tuple[Mapping[str, str], ...] = ()


class Speaker:
    """Gives the words of one session, each respelled once."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._known: dict[tuple[str, str, tuple[int, ...]], Utterance] = {}

    def sentence(self, sentence: Sentence, run: Run) -> Utterance:
        """A sentence of the script."""
        return self._said(filled(self._survey, sentence.parts, run), run)

    def breath(self, node: Breathe, run: Run) -> tuple[tuple[Utterance, ...], ...]:
        """What is said at the phases of the first breath, and of the later ones."""
        words = self._survey.words
        if self._survey.options.breath == "tone":
            return (), ()
        return tuple(
            tuple(self._said(table[name], run) for name, _ in node.phases)
            for table in (words.first_breath, words.breath)
        )

    def countdown(self, nested: Nested, run: Run) -> tuple[Utterance, ...]:
        """The words for one, two, ... of a countdown."""
        numbers = self._survey.words.numbers[: int(nested.seconds)]
        return tuple(self._said(number, run, ".") for number in numbers)

    def count(self, most: int, run: Run) -> tuple[Utterance, ...]:
        """The words for one, two, ... up to a number."""
        known = self._survey.words.numbers
        numbers = (known[k] if k < len(known) else str(k + 1) for k in range(most))
        return tuple(self._said(number, run, ".") for number in numbers)

    def _said(self, text: str, run: Run, end: str = "") -> Utterance:
        """A text as it is spoken here; `end` is for the voice alone."""
        key = (text, end, tuple(id(table) for table in run.say))
        if key not in self._known:
            said = respell(text, run.say, self._survey.normalise)
            self._known[key] = Utterance(text, said + end)
        return self._known[key]


def utterances(survey: Survey, *, fitted: bool) -> Iterator[Utterance]:
    """All that may be said, in the order written, side by side; some more than once.

    Args:
        fitted: whether a count may have any of its numbers; otherwise it has its usual one.

    Raises:
        ScriptError: more than `MAX_NAMING_ROUNDS` of them name the number of rounds.
    """
    script = survey.script
    yield from _Texts(survey, fitted).step(script.root, Run(say=(script.front.say,)), None)


class _Texts:
    """One walk over the script; `count` is that of the innermost block that repeats."""

    def __init__(self, survey: Survey, fitted: bool) -> None:
        self._survey = survey
        self._fitted = fitted
        self._speaker = Speaker(survey)
        self._naming = 0

    def step(self, step: Step, run: Run, count: Count | None) -> Iterator[Utterance]:
        modifiers = step.modifiers
        if modifiers.tools and not is_for(self._survey.tool, modifiers.tools):
            return
        if modifiers.only and modifiers.only != run.turn:
            return
        count = modifiers.count or count
        for inner in by_side(self._survey, step, run):
            yield from self._content(step, inner, count)

    def _content(self, step: Step, run: Run, count: Count | None) -> Iterator[Utterance]:
        for node in step.content:
            match node:
                case Step():
                    yield from self.step(node, run, count)
                case Include():
                    inner = replace(run, say=(*run.say, node.script.front.say))
                    yield from self._content(node.script.root, inner, count)
                case Paragraph():
                    yield from self._spoken(node.content, run, count)
                case Interval():
                    for nested in node.nested:
                        yield from self._nested(nested, run, count)
                case Counting():
                    yield from self._speaker.count(
                        node.count.greatest if self._fitted else node.count.usual, run
                    )
                    for nested in node.nested:
                        yield from self._nested(nested, run, count)
                case Breathe():
                    first, later = self._speaker.breath(node, run)
                    yield from (*first, *later)
                case Note() | Plain():
                    pass
                case _:
                    assert_never(node)

    def _nested(self, nested: Nested, run: Run, count: Count | None) -> Iterator[Utterance]:
        match nested.what:
            case tuple():
                yield from self._spoken(nested.what, run, count)
            case Countdown():
                yield from self._speaker.countdown(nested, run)
            case Chime():
                pass
            case _:
                assert_never(nested.what)

    def _spoken(self, spoken: Spoken, run: Run, count: Count | None) -> Iterator[Utterance]:
        for piece in spoken:
            if isinstance(piece, Sentence):
                names = {part.name for part in piece.parts if isinstance(part, Variable)}
                for inner in self._rounds(names, run, count):
                    self._naming += "rounds" in names
                    if self._naming > MAX_NAMING_ROUNDS:
                        raise self._too_many(piece.location)
                    yield self._speaker.sentence(piece, inner)

    def _too_many(self, where: Location) -> ScriptError:
        message = f"sentences with {{rounds}} may be {MAX_NAMING_ROUNDS:,} different ones, and with this they are more"
        hint = "write {rounds} into fewer sentences, or give its block fewer numbers of rounds"
        return ScriptError([self._survey.problem("too-many-sentences", message, where, hint=hint)])

    def _rounds(self, names: set[str], run: Run, count: Count | None) -> Iterator[Run]:
        """The runs in which a sentence that names some variables differs."""
        if count is None or not names & {"round", "rounds"}:
            yield run
            return
        numbers = range(count.least, count.greatest + 1) if self._fitted else [count.usual]
        for rounds in numbers if "rounds" in names else [numbers[-1]]:
            for number in range(1, rounds + 1) if "round" in names else [0]:
                yield replace(run, round=number, rounds=rounds)


def by_side(survey: Survey, step: Step, run: Run) -> list[Run]:
    """The runs of a block: one for each side, where it has them."""
    if not step.modifiers.each_side:
        return [run]
    turns: tuple[Literal["first", "second"], ...] = ("first", "second")
    return [
        replace(run, side=side, turn=turn) for side, turn in zip(survey.sides, turns, strict=False)
    ]


def filled(survey: Survey, parts: tuple[str | Variable, ...], run: Run) -> str:
    """A text with its variables filled in."""
    return "".join(p if isinstance(p, str) else _value(survey, p.name, run) for p in parts)


def _value(survey: Survey, name: str, run: Run) -> str:
    if name == "tool":
        return (survey.tool or "").replace(" + ", " and ")
    if name == "muscle":
        return survey.muscle
    if name == "round":
        return str(run.round)
    if name == "rounds":
        return str(run.rounds)
    assert run.side is not None
    other: Side = "right" if run.side == "left" else "left"
    return survey.words.sides[run.side if name == "side" else other]


def respell(
    text: str, tables: tuple[Mapping[str, str], ...], normalise: Callable[[str], str] = str
) -> str:
    """A text with words respelled; the first table that knows a word decides.

    All else is turned into words by `normalise`, which keeps the character U+FFFC as it is.
    """
    merged: dict[str, str] = {}
    for table in reversed(tables):
        merged.update(table)
    if not merged:
        return normalise(text)
    # A few letters match others than those that they become in lower case, as the Turkish i does.
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(merged.get(match[0].casefold(), match[0]))
        return _KEPT

    said = normalise(_any_of(tuple(merged)).sub(keep, text))
    return re.sub(_KEPT, lambda _: kept.pop(0), said)


@lru_cache(maxsize=64)
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    """Finds any of some words, the longest first."""
    longest_first = sorted(words, key=len, reverse=True)
    pattern = r"(?<!\w)(?:" + "|".join(re.escape(word) for word in longest_first) + r")(?!\w)"
    return re.compile(pattern, re.IGNORECASE)
