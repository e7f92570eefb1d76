"""`Script` and `Options` to a `Plan`: sides, rounds, tools and variables resolved.

Pure: nothing is read, nothing is measured.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import get_args

from voiceguide.errors import UsageError, did_you_mean
from voiceguide.plan.model import (
    BreathGuide,
    Gaps,
    Item,
    Options,
    Origin,
    Pace,
    Shape,
    Utterance,
)
from voiceguide.plan.survey import Survey, numbered
from voiceguide.plan.texts import Run, filled, utterances
from voiceguide.plan.unfold import Unfolding
from voiceguide.script.model import Phase, Script, SoundRef
from voiceguide.script.words import words
from voiceguide.units import Elastic, Seconds, Side, SideChoice

_CHOICES: dict[str, tuple[str | None, ...]] = {
    "side": get_args(SideChoice),
    "start": (*get_args(Side), None),
    "sore": (*get_args(Side), None),
    "pace": get_args(Pace),
    "breath": get_args(BreathGuide),
}


@dataclass(frozen=True, slots=True)
class Tempo:
    """What a pace makes of a session, as factors.

    Attributes:
        gaps: of the silences between sentences and steps.
        air: of the silence after a sentence, where the length of the session allows it.
        voice: of the speed of the voice.
        length: of the length that a script is fitted to by itself.
    """

    gaps: float
    air: float
    voice: float
    length: float


TEMPO: dict[Pace, Tempo] = {
    "gentle": Tempo(gaps=1.5, air=1.5, voice=0.88, length=1.15),
    "normal": Tempo(gaps=1.0, air=1.5, voice=1.0, length=1.0),
    "brisk": Tempo(gaps=0.7, air=1.0, voice=1.28, length=0.85),
}
"""What each pace is."""


def gaps(pace: Pace) -> Gaps:
    """The unwritten silences at a pace."""
    tempo = TEMPO[pace]
    least = Seconds(0.4 * tempo.gaps)
    usual = Seconds(least * tempo.air)
    sentence = Elastic(least, usual, usual)
    return Gaps(sentence, Seconds(0.9 * tempo.gaps), Seconds(1.5 * tempo.gaps))


def build(
    script: Script,
    options: Options,
    *,
    muscles: Mapping[str, str] | None = None,
    tones: Mapping[Phase, SoundRef] | None = None,
    background: SoundRef | None = None,
    normalise: Callable[[str], str] = str,
) -> Plan:
    """What happens in a session.

    Args:
        script: as parsed.
        options: the listener's.
        muscles: muscle ids to spoken names.
        tones: the swell of each breath phase that has one.
        background: the sound that `options.background` names.
        normalise: from a sentence as written to the words that a voice is given.

    Raises:
        UsageError: an option has no such value, or they contradict each other or the script.
    """
    _check(options)
    sides = _sides(options)
    tool = _tool(script, options)
    muscle = next(iter(script.front.muscles), "")
    survey = Survey(
        script,
        options,
        sides,
        tool,
        (muscles or {}).get(muscle, muscle),
        gaps(options.pace),
        words(script.front.language),
        tones or {},
        background,
        numbered(script.root, tool),
        normalise,
    )
    return Plan(survey)


def _check(options: Options) -> None:
    """Raises UsageError: a value is none of those that there are, whatever its type says."""
    for name, known in _CHOICES.items():
        if (value := getattr(options, name)) not in known:
            listed = ", ".join(word for word in known if word)
            raise UsageError(f'there is no {name} "{value}": there are {listed}')
    length = options.length
    if length is not None and not (isinstance(length, int | float) and 0 < length < math.inf):
        raise UsageError(f"a session lasts more than 0 seconds and at most a day, not {length!r}")


def _sides(options: Options) -> tuple[Side, ...]:
    if options.side != "both":
        for name, value in (("start", options.start), ("sore", options.sore)):
            if value and value != options.side:
                raise UsageError(
                    f"only the {options.side} side is worked, so the "
                    f"{'first' if name == 'start' else name} side cannot be the {value} one",
                    settings=("side", name),
                )
        return (options.side,)
    if options.sore and options.start and options.sore != options.start:
        raise UsageError(
            f"the sore side comes first: that is the {options.sore} one, not the {options.start} one",
            settings=("sore", "start"),
        )
    first = options.sore or options.start or "left"
    return ("left", "right") if first == "left" else ("right", "left")


def _tool(script: Script, options: Options) -> str | None:
    tools = script.front.tools
    if options.tool is None:
        return tools[0] if tools else None
    if options.tool in tools:
        return options.tool
    if not tools:
        raise UsageError(f'"{script.title}" uses no tool: leave the tool out', settings=("tool",))
    hint = did_you_mean(options.tool, tools) or f"it has {', '.join(tools)}"
    raise UsageError(f'"{script.title}" has no variant with "{options.tool}": {hint}')


@dataclass(frozen=True, slots=True)
class Plan:
    """A script for one listener, ready to be unfolded."""

    survey: Survey

    @property
    def title(self) -> str:
        """The session's name, its variables filled in."""
        return filled(self.survey, self.survey.script.root.title, Run()).strip()

    @property
    def usual(self) -> Shape:
        """Everything in, every count at its usual."""
        return Shape(0, tuple(count.usual for count in self.survey.numbers.counts))

    @property
    def model(self) -> Shape:
        """A shape whose lengths tell those of all others.

        Everything is in. A block that may repeat does so twice, its second round standing for all
        further ones; where its rounds differ in what is said, it repeats as often as it can.
        """
        numbers = self.survey.numbers
        return Shape(
            0,
            tuple(
                count.greatest if index in numbers.exact_counts else 2
                for index, count in enumerate(numbers.counts)
            ),
        )

    def unfold(self, shape: Shape) -> tuple[Item, ...]:
        """The items of a session of some shape, in playing order.

        Raises:
            ScriptError: there are more than `MAX_EVENTS`.
        """
        return self.trace(shape)[0]

    def trace(self, shape: Shape) -> tuple[tuple[Item, ...], tuple[Origin, ...]]:
        """As `unfold`, and where each item comes from."""
        unfolding = Unfolding(self.survey, shape)
        return tuple(unfolding.items()), tuple(unfolding.origins)

    def utterances(self, *, fitted: bool) -> tuple[Utterance, ...]:
        """All that may be said, each once, in the order written.

        Args:
            fitted: whether the session will be fitted, so that every shape counts; otherwise only
                the usual one does.

        Raises:
            ScriptError: too many of them name the number of rounds.
        """
        return tuple(dict.fromkeys(utterances(self.survey, fitted=fitted)))
