"""What happens, in which order; nothing measured yet.

A `Plan` unfolds into a flat row of items for a `Shape`. The gaps between items are items too, so
that whoever places them only adds up::

    Say | Quiet | Span | Breaths | Strikes | Sounding      take time
    Bed | ChapterMark                                      take none
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from voiceguide.errors import Location
from voiceguide.script.model import Phase, SoundRef
from voiceguide.units import Elastic, Seconds

Side = Literal["left", "right"]
Pace = Literal["gentle", "normal", "brisk"]
BreathGuide = Literal["voice", "tone", "both"]


@dataclass(frozen=True, slots=True)
class Utterance:
    """One thing a voice says.

    Attributes:
        text: as written; captions show it.
        spoken: what the voice is given, words respelled where the script asks for it.
    """

    text: str
    spoken: str


@dataclass(frozen=True, slots=True)
class Options:
    """What the listener asks of a session.

    Attributes:
        side: which sides are worked.
        start: the side that comes first, or None for left or the sore one.
        sore: the worse side: it comes first and gets more time.
        tool: one of the script's tools, or None for its first.
        pace: how long the gaps between sentences and steps are.
        length: in seconds, or None for the script's own.
        background: name of a bed for the whole session in place of the script's, or "none".
        breath: what guides the breathing.
    """

    side: Literal["both", "left", "right"] = "both"
    start: Side | None = None
    sore: Side | None = None
    tool: str | None = None
    pace: Pace = "normal"
    length: float | None = None
    background: str | None = None
    breath: BreathGuide = "both"


@dataclass(frozen=True, slots=True)
class Say:
    """A sentence of a paragraph."""

    utterance: Utterance
    side: Side | None
    location: Location


@dataclass(frozen=True, slots=True)
class Quiet:
    """Silence: a gap, a `[2s]`, a `between`, or (with `cue`) a pause cue."""

    duration: Elastic
    sore: bool = False
    cue: bool = False
    side: Side | None = None
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Strikes:
    """A chime, struck some times, `strike` seconds apart."""

    sound: SoundRef
    count: int
    side: Side | None
    location: Location


@dataclass(frozen=True, slots=True)
class Timed:
    """Something inside a span.

    Attributes:
        moment: as in `script.model.Nested`.
        what: a chime; sentences with the silence before each, in seconds; or the countdown's
            words, the one for one second first.
        after: seconds of silence written after the last sentence, or None.
    """

    moment: str
    seconds: Seconds
    what: Strikes | tuple[tuple[Seconds, Utterance, Location], ...] | Countdown
    location: Location
    after: Seconds | None = None


@dataclass(frozen=True, slots=True)
class Countdown:
    """The words for one, two, ... in that order."""

    words: tuple[Utterance, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """An interval with what happens in it.

    Attributes:
        cue: the same number for every run of one cue of the script.
        sore: whether it is on the listener's sore side.
    """

    cue: int
    label: str
    duration: Elastic
    sore: bool
    timed: tuple[Timed, ...]
    side: Side | None
    location: Location


@dataclass(frozen=True, slots=True)
class Breaths:
    """Guided breaths: `count` of them, or as many as fit the duration.

    Attributes:
        phases: (phase, seconds) of one breath.
        first_words, words: what is said at each phase of the first and of the later breaths.
        tones: the swell of each phase, or None.
        elastic: index of its count among the plan's elastic ones, or None.
    """

    phases: tuple[tuple[Phase, Seconds], ...]
    count: int | None
    duration: Elastic | None
    sore: bool
    first_words: tuple[Utterance, ...]
    words: tuple[Utterance, ...]
    tones: tuple[SoundRef | None, ...]
    side: Side | None
    location: Location
    elastic: int | None = None


@dataclass(frozen=True, slots=True)
class Sounding:
    """A sound, in full. `gain` in dB relative to the voice."""

    sound: SoundRef
    gain: float
    side: Side | None
    location: Location


@dataclass(frozen=True, slots=True)
class Bed:
    """The background from here on; None for none. `gain` in dB relative to the voice."""

    sound: SoundRef | None
    gain: float
    location: Location


@dataclass(frozen=True, slots=True)
class ChapterMark:
    """A chapter starts with the next item that takes time."""

    title: str
    side: Side | None
    notes: tuple[str, ...] = ()


Item = Say | Quiet | Span | Breaths | Strikes | Sounding | Bed | ChapterMark


def said(item: Item) -> tuple[Utterance, ...]:
    """All that is said in an item, in the order of its script."""
    if isinstance(item, Say):
        return (item.utterance,)
    if isinstance(item, Breaths):
        return (*item.first_words, *item.words)
    found: list[Utterance] = []
    if isinstance(item, Span):
        for timed in item.timed:
            if isinstance(timed.what, Countdown):
                found.extend(timed.what.words)
            elif isinstance(timed.what, tuple):
                found.extend(utterance for _, utterance, _ in timed.what)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Shape:
    """One way to unfold a plan.

    Attributes:
        dropped: how many of the optional blocks are left out, from the last.
        counts: chosen number for each elastic count, in script order.
    """

    dropped: int
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ElasticCount:
    """A count with a range: rounds of a block, or breaths."""

    least: int
    usual: int
    greatest: int


@dataclass(frozen=True, slots=True)
class Gaps:
    """Silences that nobody wrote, in seconds."""

    sentence: Seconds
    paragraph: Seconds
    step: Seconds
