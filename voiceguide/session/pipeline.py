"""The one way from a request to a session: load, plan, speak, arrange."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voiceguide.audio import Clip
from voiceguide.errors import LengthError, Problem, UsageError
from voiceguide.plan import Options, Plan, Utterance
from voiceguide.script import Script
from voiceguide.session.clips import Clips
from voiceguide.session.loading import Loaded, load, make_plan
from voiceguide.session.loudness import levelled
from voiceguide.session.request import Progress, Request, as_request
from voiceguide.timeline import Timeline
from voiceguide.units import Seconds, format_seconds

if TYPE_CHECKING:
    from voiceguide.timeline.arrange import Arranged, Arranger


_MANY = 1_000
"""Sentences that take a while to be spoken."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A session that is planned, of which nothing is spoken yet.

    Attributes:
        plan: what happens, in which order.
        more: seconds that were added to intervals, by their index; see `Session.extended`.
    """

    request: Request
    loaded: Loaded
    plan: Plan
    more: Mapping[int, Seconds] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """With the tool that was chosen."""
        return self.plan.title

    @property
    def length(self) -> Seconds | None:
        """What it is fitted to, in seconds: as asked, or as the script has it; or None.

        The script's own length is scaled by speed and pace.
        """
        asked, own = self.request.options.length, self.loaded.script.front.length
        if asked is not None:
            return Seconds(asked)
        return None if own is None else self.request.own_length(own)


@dataclass(frozen=True, slots=True)
class Spoken:
    """Sentences and their clips.

    Attributes:
        voice: name of the engine.
    """

    voice: str
    clips: Mapping[Utterance, Clip] = field(repr=False)

    @property
    def lengths(self) -> dict[Utterance, int]:
        """Frames of each."""
        return {utterance: clip.frames for utterance, clip in self.clips.items()}


@dataclass(frozen=True, slots=True)
class Session:
    """A session ready to be heard.

    Attributes:
        draft, spoken: what it was made from.
        timeline: what sounds when.
        clips: gives the clip of a key of the timeline.
        warnings: of the script and of its lengths.
        note: what the listener should know, or None.
        more: seconds that were added to intervals, by their index; see `extended`.
    """

    draft: Draft = field(repr=False)
    spoken: Spoken = field(repr=False)
    timeline: Timeline
    clips: Callable[[str], Clip] = field(repr=False)
    warnings: tuple[Problem, ...] = ()
    note: str | None = None
    more: Mapping[int, Seconds] = field(default_factory=dict)

    def extended(self, interval: int, seconds: float) -> Session:
        """The same session with more time in one interval; all later things come later.

        It sounds the same up to what was counted from the interval's end: the words or chimes of
        `10s left`, `last` and `end`, or the end itself, or the background that makes room for
        them. Halfway stays where it was, and what repeats goes on repeating. Where repeated words
        would not end inside the interval, it becomes a little longer still.

        Args:
            interval: its index among the timeline's events of the lane "interval".
            seconds: more than 0; what was added before stays.

        Raises:
            UsageError: there is no such interval, or no such time.
            LengthError: the session would pass 24 hours.
        """
        count = len(self.timeline.lane("interval"))
        if not 0 <= interval < count:
            raise UsageError(f"there is no interval {interval}: there are {count}, from 0 on")
        if not (math.isfinite(seconds) and seconds > 0):
            raise UsageError(f"an interval is extended by more than 0 seconds, not by {seconds:g}")
        before = self.more.get(interval, 0.0)
        more = {**self.more, interval: Seconds(before + seconds)}
        # What is being heard is not made louder or softer.
        return arranged(self.draft, self.spoken, more, gain=self.timeline.gain)

    @property
    def voice(self) -> str:
        """Name of the engine that speaks."""
        return self.spoken.voice

    @property
    def request(self) -> Request:
        """What was asked for."""
        return self.draft.request

    @property
    def loaded(self) -> Loaded:
        """The script it was made from, and its entry in the library."""
        return self.draft.loaded

    @property
    def script(self) -> Script:
        """The script it was made from."""
        return self.draft.loaded.script

    @property
    def title(self) -> str:
        """With the tool that was chosen."""
        return self.draft.title

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.timeline.frames / self.timeline.format.rate


def compile(  # noqa: A001 - what it does
    request: Request | str,
    options: Options | None = None,
    *,
    voice: str | None = None,
    speed: float = 1.0,
    mono: bool = False,
    progress: Progress | None = None,
) -> Session:
    """A session, from a request or from a track's name or a script file's path.

    Args:
        request: with a name, `options` to `mono` are those of `Request`.
        progress: told how much is spoken.

    Raises:
        NotFoundError: there is no such track, file, voice or sound.
        ScriptError: the script does not compile.
        LengthError: the asked length is out of reach.
        UsageError: the options contradict each other or the script.
        SpeechError: the voice failed.
    """
    return complete(draft(as_request(request, options, voice, speed, mono)), progress)


def draft(request: Request) -> Draft:
    """A request's script, loaded and planned.

    Raises:
        NotFoundError, ScriptError, UsageError: as `compile`.
    """
    loaded = load(request.name)
    return Draft(request, loaded, make_plan(loaded, request.options))


def complete(made: Draft, progress: Progress | None = None) -> Session:
    """Speak and arrange a draft; see `compile`."""
    words = made.plan.utterances(fitted=made.length is not None)
    return arranged(made, speak(made, words, progress))


def speak(made: Draft, words: Iterable[Utterance], progress: Progress | None = None) -> Spoken:
    """Sentences in the voice of a draft, each distinct one once; from the cache where it can be.

    Raises:
        UsageError: there is no such voice, or it does not speak the script's language.
        ScriptError: there is too much to say.
        SpeechError: the voice failed.
    """
    words = list(dict.fromkeys(words))
    if len(words) > _MANY and made.length is None:
        deque(made.plan.unfold(made.plan.usual), 0)  # before much is spoken for a session too large
    with speaking(made, words, progress) as (voice, clips):
        return Spoken(voice, dict(clips))


@contextmanager
def speaking(
    made: Draft, words: Iterable[Utterance], progress: Progress | None = None
) -> Iterator[tuple[str, Iterator[tuple[Utterance, Clip]]]]:
    """As `speak`, one by one in the order given: the voice's name, and sentences with clips."""
    from voiceguide.speech.cache import shared
    from voiceguide.speech.registry import open_engine
    from voiceguide.speech.render import render_iter

    request, language = made.request, made.loaded.script.front.language
    report = (lambda done, total: progress("speaking", done, total)) if progress else None
    engine = open_engine(request.voice, speed=request.voice_speed, language=language)
    try:
        with closing(render_iter(engine, words, shared(), progress=report)) as clips:
            yield engine.name, clips
    finally:
        engine.close()


def arranged(
    made: Draft,
    spoken: Spoken,
    more: Mapping[int, Seconds] | None = None,
    *,
    gain: float | None = None,
) -> Session:
    """A session from a draft and all that it says.

    Args:
        more: seconds that some intervals get on top, by their index among the intervals; those
            of the draft by default.
        gain: that of the session where it was settled before; by default what makes it as loud as
            every other.

    Raises:
        LengthError: the asked length is out of reach.
        ScriptError: an interval cannot hold its sentences, or a limit is passed.
    """
    arranger = arranging(made, spoken)
    more = made.more if more is None else more
    found, length, note = _fitted(made, arranger)
    if more:
        found = arranger.arrange(length, more)
    clips, warnings = Clips(spoken.clips), (*made.loaded.warnings, *found.warnings)
    timeline = levelled(found.timeline, clips.energies, gain)
    return Session(made, spoken, timeline, clips, warnings, note, dict(more or {}))


def _fitted(made: Draft, arranger: Arranger) -> tuple[Arranged, Seconds | None, str | None]:
    """Its timeline, what it is fitted to, and a note where that is not what the script has."""
    length = made.length
    try:
        return arranger.arrange(length), length, None
    except LengthError as error:
        if length is None or made.request.options.length is not None:
            raise
        nearest = Seconds(min(error.reachable, key=lambda s: abs(s - length)))
    note = (
        f"with these options the session lasts {format_seconds(nearest)}, "
        f"not its usual {format_seconds(length)}"
    )
    return arranger.arrange(nearest), nearest, note


def arranging(made: Draft, spoken: Spoken) -> Arranger:
    """What puts a draft on exact frames, and tells how long it can be.

    Args:
        spoken: all that it says, in any of its shapes where it is fitted or its reach is asked.
    """
    from voiceguide.timeline.arrange import Arranger

    return Arranger(made.plan, spoken.lengths, made.request.format)
