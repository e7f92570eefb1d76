"""What a script says, every node with its place. Nothing of audio, nothing computed.

A `Script` is one `Step` (the title's) that holds paragraphs, cues, notes and further steps in the
order written::

    Script
    +-- FrontMatter
    +-- Step            title, modifiers, content:
        +-- Paragraph   sentences and silences
        +-- Note        shown, never spoken
        +-- Pause | Interval | Counting | Breathe | Chime | Play | Background
        +-- Include     holds the included Script
        +-- Step ...
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from voiceguide.errors import Location
from voiceguide.units import Elastic, Seconds

VARIABLES = ("tool", "side", "other side", "round", "rounds", "muscle")
INTERVALS = ("hold", "roll", "press", "knead", "stretch", "rest", "work")
PRESSING = ("hold", "roll", "press", "knead")
"""The intervals in which a muscle is pressed: their time is the dose."""
KINDS = ("release", "find", "warm-up", "stretch", "breathing", "check-in", "routine")
LEVELS = ("beginner", "regular")
Phase = Literal["in", "hold", "out"]
BOTH = " + "
"""Joins tools that are both needed."""
LEAD_IN = Seconds(0.7)
"""Silence before the first sound where the script states none."""
Moment = Literal["start", "at", "halfway", "left", "end", "every", "last"]


@dataclass(frozen=True, slots=True)
class Variable:
    """`{name}` in a text."""

    name: str
    location: Location


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is spoken in one breath: plain words and variables, in order."""

    parts: tuple[str | Variable, ...]
    location: Location


@dataclass(frozen=True, slots=True)
class Silence:
    """`[2s]` in a text."""

    seconds: Seconds
    location: Location


Spoken = tuple[Sentence | Silence, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of the script."""

    content: Spoken
    location: Location


@dataclass(frozen=True, slots=True)
class Note:
    """A blockquote: shown to the reader, never spoken."""

    parts: tuple[str | Variable, ...]
    location: Location

    @property
    def text(self) -> str:
        """Its words, variables as written."""
        return "".join(p if isinstance(p, str) else f"{{{p.name}}}" for p in self.parts)


@dataclass(frozen=True, slots=True)
class Count:
    """How often something is done; a range has `least` < `greatest`."""

    least: int
    usual: int
    greatest: int


@dataclass(frozen=True, slots=True)
class SoundRef:
    """A sound as it was found.

    Attributes:
        name: as written.
        key: tells it apart from all others; what opens it.
        frames: its length at the session's rate.
        strike: seconds until what follows may start (chimes).
        loudness: in LUFS.
        most: decibels by which it may be made louder; less for a listener's own, whose noise rises
            with it.
    """

    name: str
    key: str
    frames: int
    strike: Seconds = Seconds(0.0)
    loudness: float = 0.0
    most: float = 60.0


@dataclass(frozen=True, slots=True)
class Plain:
    """A cue without words, counts or cues of its own: whoever looks for those passes it by."""


@dataclass(frozen=True, slots=True)
class Pause(Plain):
    """Silence."""

    duration: Elastic
    location: Location


@dataclass(frozen=True, slots=True)
class Chime(Plain):
    """A chime, struck some times. `gain` in dB relative to the voice, None for the default."""

    sound: SoundRef
    strikes: int
    location: Location
    gain: float | None = None


@dataclass(frozen=True, slots=True)
class Countdown:
    """The words for n, n-1, ... one, each exactly that many seconds before the end."""

    location: Location


@dataclass(frozen=True, slots=True)
class Nested:
    """A cue inside an interval.

    Attributes:
        moment: when; `seconds` says how long after the start (at), before the end (left, last)
            or apart (every), and is 0 for the others.
    """

    moment: Moment
    seconds: Seconds
    what: Chime | Countdown | Spoken
    location: Location


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of time with a label."""

    label: str
    duration: Elastic
    nested: tuple[Nested, ...]
    location: Location


@dataclass(frozen=True, slots=True)
class Counting:
    """Counted repetitions, the number said at the start of each.

    Attributes:
        each: seconds of one.
        down: whether the numbers fall to one.
        nested: as in an interval; the `seconds` of `at` and `last` are the number of a repetition,
            from the first on, or of those that are left.
        tick: what sounds where a number does not fit.
    """

    count: Count
    each: Seconds
    down: bool
    nested: tuple[Nested, ...]
    tick: SoundRef
    location: Location


@dataclass(frozen=True, slots=True)
class Breathe:
    """Guided breaths: `count` of them, or as many as fit `duration`; exactly one is given."""

    phases: tuple[tuple[Phase, Seconds], ...]
    count: Count | None
    duration: Elastic | None
    location: Location


@dataclass(frozen=True, slots=True)
class Play(Plain):
    """A sound.

    Attributes:
        gain: in dB relative to the voice, None for the default.
        duration: how much of it is played, or None for all.
        fade: seconds that it fades in and out; None for not at all, or at a cut for the usual.
    """

    sound: SoundRef
    gain: float | None
    location: Location
    duration: Seconds | None = None
    fade: Seconds | None = None


@dataclass(frozen=True, slots=True)
class Background(Plain):
    """The background from here on; no sound turns it off.

    Attributes:
        gain: in dB relative to the voice, None for the default.
        fade: seconds in which it comes, or None for the usual.
    """

    sound: SoundRef | None
    gain: float | None
    location: Location
    fade: Seconds | None = None


@dataclass(frozen=True, slots=True)
class Modifiers:
    """What stands in brackets at a heading's end.

    Attributes:
        each_side: the block runs once for each side being worked.
        only: inside `each side`, the one run that has the block.
        count: rounds.
        sides_outside: with both sides and rounds, whether `each side` was written first.
        between: silent gap between two runs.
        tools: the tools with which the block is there at all, or None.
        optional: left out first when time is short.
        broken: one of them could not be read, so nothing can be said of what is missing.
        locations: where each modifier stands, by its kind.
    """

    each_side: bool = False
    only: Literal["first", "second"] | None = None
    count: Count | None = None
    sides_outside: bool = True
    between: Seconds | None = None
    tools: tuple[str, ...] | None = None
    optional: bool = False
    broken: bool = False
    locations: Mapping[str, Location] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Include:
    """Another script's content, in place."""

    script: Script
    location: Location


@dataclass(frozen=True, slots=True)
class Step:
    """A heading and all below it."""

    title: tuple[str | Variable, ...]
    level: int
    modifiers: Modifiers
    content: tuple[Node, ...]
    location: Location


Cue = Pause | Interval | Counting | Breathe | Chime | Play | Background | Include
Node = Paragraph | Note | Cue | Step


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The YAML above the title.

    Attributes:
        locations: where the value of each key that is there begins.
        lengths: how many characters it takes, on its first line.
    """

    muscles: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    kind: str = "release"
    position: str | None = None
    level: str = "beginner"
    summary: str | None = None
    length: Seconds | None = None
    language: str = "en"
    cautions: tuple[str, ...] = ()
    background: Background | None = None
    lead_in: Seconds = LEAD_IN
    say: Mapping[str, str] = field(default_factory=dict)
    locations: Mapping[str, Location] = field(default_factory=dict, compare=False)
    lengths: Mapping[str, int] = field(default_factory=dict, compare=False)


def is_for(tool: str | None, tools: tuple[str, ...]) -> bool:
    """Whether a step for some tools is done with a session's tool, which may be several in one."""
    return tool is not None and not {tool, *tool.split(BOTH)}.isdisjoint(tools)


@dataclass(frozen=True, slots=True)
class File:
    """One file of a script: its lines as written, and the include cues that led to it."""

    lines: tuple[str, ...]
    included_from: tuple[Location, ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """One parsed script file, with what it includes.

    Attributes:
        source: the file's name.
        title: plain words, its variables filled in for a listener who has chosen nothing.
        root: the title's step; its content is the whole script.
        files: what it was read from, by name; an included script's are its includer's.
    """

    source: str
    title: str
    front: FrontMatter
    root: Step
    files: Mapping[str, File] = field(default_factory=dict, repr=False, compare=False)
