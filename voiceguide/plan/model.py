"""What happens, in which order; nothing measured yet.

A `Plan` unfolds into a flat row of items for a `Shape`. The gaps between items are items too, so
that whoever places them only adds up::

    Say | Quiet | IntervalRun | Breaths | Strikes | PlayedSound     take time
    BackgroundChange | ChapterMark                                  take none

Whoever tells items apart names every kind and ends in `assert_never`, so that a new kind that is
left out somewhere does not pass the type checker.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, assert_never

from voiceguide.errors import Location
from voiceguide.script.model import Moment, Phase, SoundRef
from voiceguide.units import Elastic, Seconds, Side, SideChoice

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
        pace: how fast the voice is, and how long the gaps between sentences and steps are.
        length: in seconds, or None for the script's own.
        background: name of a sound for the whole session in place of the script's, or "none".
        breath: what guides the breathing.
    """

    side: SideChoice = "both"
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
    cue: bool = False
    side: Side | None = None
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Strikes:
    """A chime, struck some times, `strike` seconds apart.

    Attributes:
        gain: in dB relative to the voice, or None for that of chimes.
    """

    sound: SoundRef
    count: int
    side: Side | None
    location: Location
    gain: float | None = None


@dataclass(frozen=True, slots=True)
class NestedSentence:
    """A sentence inside an interval; `gap` is the silence before it, in seconds."""

    gap: Seconds
    utterance: Utterance
    location: Location


@dataclass(frozen=True, slots=True)
class NestedSpeech:
    """Sentences that follow each other inside an interval.

    Attributes:
        after: seconds of silence written after the last one, or None.
    """

    sentences: tuple[NestedSentence, ...]
    after: Seconds | None = None


@dataclass(frozen=True, slots=True)
class CountdownWords:
    """The words for one, two, ... in that order."""

    words: tuple[Utterance, ...]


@dataclass(frozen=True, slots=True)
class CountedWords:
    """The words for counted repetitions, in playing order.

    Attributes:
        each: seconds of one repetition; its word is said at its start.
        tick: what sounds where a word does not fit.
    """

    words: tuple[Utterance, ...]
    each: Seconds
    tick: SoundRef


@dataclass(frozen=True, slots=True)
class NestedCue:
    """A cue inside an interval; `moment` and `seconds` as in `script.model.Nested`."""

    moment: Moment
    seconds: Seconds
    what: Strikes | NestedSpeech | CountdownWords | CountedWords
    location: Location


@dataclass(frozen=True, slots=True)
class IntervalRun:
    """An interval, done once, with what happens in it.

    Attributes:
        cue: the same number for every run of one cue of the script.
        elastic: index of the number of its repetitions among the plan's elastic counts, or None.
        unit: seconds of one repetition, where they are counted.
    """

    cue: int
    label: str
    duration: Elastic
    nested: tuple[NestedCue, ...]
    side: Side | None
    location: Location
    elastic: int | None = None
    unit: Seconds = Seconds(0.0)


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
    first_words: tuple[Utterance, ...]
    words: tuple[Utterance, ...]
    tones: tuple[SoundRef | None, ...]
    side: Side | None
    location: Location
    elastic: int | None = None


@dataclass(frozen=True, slots=True)
class PlayedSound:
    """A sound.

    Attributes:
        gain: in dB relative to the voice.
        duration, fade: seconds as in `script.model.Play`.
    """

    sound: SoundRef
    gain: float
    side: Side | None
    location: Location
    duration: Seconds | None = None
    fade: Seconds | None = None


@dataclass(frozen=True, slots=True)
class BackgroundChange:
    """The background from here on; None for none.

    Attributes:
        gain: in dB relative to the voice.
        fade: seconds in which it comes, or None for the usual.
    """

    sound: SoundRef | None
    gain: float
    location: Location
    fade: Seconds | None = None


@dataclass(frozen=True, slots=True)
class ChapterMark:
    """A chapter starts with the next item that takes time."""

    title: str
    side: Side | None
    notes: tuple[str, ...] = ()


Item = Say | Quiet | IntervalRun | Breaths | Strikes | PlayedSound | BackgroundChange | ChapterMark


def said(item: Item) -> tuple[Utterance, ...]:
    """All that is said in an item, in the order of its script."""
    match item:
        case Say():
            return (item.utterance,)
        case Breaths():
            return (*item.first_words, *item.words)
        case IntervalRun():
            return tuple(word for nested in item.nested for word in _said_inside(nested))
        case Quiet() | Strikes() | PlayedSound() | BackgroundChange() | ChapterMark():
            return ()
        case _:
            assert_never(item)


def _said_inside(nested: NestedCue) -> tuple[Utterance, ...]:
    match nested.what:
        case NestedSpeech(sentences):
            return tuple(sentence.utterance for sentence in sentences)
        case CountdownWords(words) | CountedWords(words):
            return words
        case Strikes():
            return ()
        case _:
            assert_never(nested.what)


def sounds(item: Item) -> bool:
    """Whether an item is more than time: something is heard in it, or an interval is done."""
    match item:
        case Say() | Strikes() | PlayedSound():
            return True
        case Breaths():
            return bool(item.words) or any(tone is not None for tone in item.tones)
        case IntervalRun():
            return True  # it is shown and counted, and its author is warned where nothing is heard
        case BackgroundChange():
            return item.sound is not None
        case Quiet() | ChapterMark():
            return False
        case _:
            assert_never(item)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an item comes from.

    Attributes:
        path: the elastic counts of which it is in a further round than the first.
        optional: the number of the innermost optional block around it, or -1.
    """

    path: tuple[int, ...] = ()
    optional: int = -1


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
    """Silences that nobody wrote, in seconds.

    Attributes:
        sentence: between two of a paragraph; the least of it, between two inside an interval.
    """

    sentence: Elastic
    paragraph: Seconds
    step: Seconds
