"""Items with known lengths to events: positions are sums of frames."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import assert_never

from voiceguide.audio import AudioFormat
from voiceguide.audio.shape import VOICE_LUFS
from voiceguide.errors import Location, Problem, ScriptError
from voiceguide.plan import Plan, Utterance
from voiceguide.plan.model import (
    BackgroundChange,
    Breaths,
    ChapterMark,
    IntervalRun,
    Item,
    PlayedSound,
    Quiet,
    Say,
    Strikes,
)
from voiceguide.plan.unfold import MAX_EVENTS
from voiceguide.script.model import SoundRef
from voiceguide.timeline.background import LOUDEST_DB, Change, background_events
from voiceguide.timeline.measured import Levels, MeasuredItems, breath_frames
from voiceguide.timeline.model import Chapter, Event, Lane, Timeline
from voiceguide.timeline.nested import Tick
from voiceguide.units import Frames, Seconds, Side, to_factor, to_frames

TONE_DB = -10.0
"""Level of the breath swells beside a voice, in dB relative to it."""
TONE_ALONE_DB = -3.0
"""The same where no voice guides the breath."""
CHIME_LUFS = -20.0
"""Loudness of a chime's loudest part, in LUFS."""
TICK_LUFS = -30.0
"""The same of the tick that stands for a number in a count."""
_TICK = 0.25
_CUT = 0.5
"""Seconds of a tick, and in which a sound fades that is cut off."""


def voice_key(utterance: Utterance) -> str:
    """The clip of an utterance."""
    return "voice:" + utterance.spoken


def breath_key(sound_key: str, frames: int) -> str:
    """The clip of a breath swell, stretched to its phase."""
    return f"breath:{frames}:{sound_key}"


def place(
    plan: Plan,
    items: Sequence[Item],
    measured: MeasuredItems,
    levels: Levels,
    frames: int,
    format: AudioFormat,  # noqa: A002
) -> tuple[Timeline, tuple[Problem, ...]]:
    """The timeline of a session that lasts some frames, and warnings for its author.

    Raises:
        ScriptError: there are more events than a session holds.
    """
    placing = _Placing(plan, measured, levels, format)
    return placing.run(items, frames), placing.warnings()


class _Placing:
    def __init__(
        self,
        plan: Plan,
        measured: MeasuredItems,
        levels: Levels,
        format: AudioFormat,  # noqa: A002
    ) -> None:
        self._survey = plan.survey
        self._measured = measured
        self._levels = levels
        self._format = format
        self._rate = format.rate
        self._events: list[Event] = []
        self._marks: list[tuple[int, ChapterMark]] = []
        self._changes: list[Change] = []
        self._nested_chimes: list[tuple[int, int, Location]] = []
        self._too_loud: dict[Location, float] = {}
        self._at = 0

    def warnings(self) -> tuple[Problem, ...]:
        """Chimes of an interval that are still struck when the words behind it have begun."""
        spoken = sorted(event.start for event in self._events if event.lane == "voice")
        found: dict[Location, Problem] = {}
        for end, struck, where in self._nested_chimes:
            words = bisect_left(spoken, end)
            if words < len(spoken) and spoken[words] <= struck:
                found[where] = self._survey.problem(
                    "chime-over-words",
                    "this chime is still struck while the next words are spoken",
                    where,
                    hint="strike it fewer times, or earlier",
                    severity="warning",
                )
        for where, level in self._too_loud.items():
            found[where] = self._survey.problem(
                "background-too-loud",
                f"a background at {level:g} dB would drown the voice: "
                f"it is played at {LOUDEST_DB:g} dB",
                where,
                hint=f"write {LOUDEST_DB:g} dB or less",
                severity="warning",
            )
        return tuple(found.values())

    def run(self, items: Sequence[Item], frames: int) -> Timeline:
        for index, item in enumerate(items):
            length = self._measured.frames(index, self._levels)
            self._item(index, item, length)
            self._at += length
        frames = max(frames, self._at)
        chapters = self._chapters(frames)
        speech = sorted(
            (e.start, e.end)
            for e in self._events
            if e.lane == "voice" or (e.lane == "breath" and e.clip is not None)
        )
        starts = [chapter.start for chapter in chapters]
        background = [
            replace(event, chapter=max(0, bisect_right(starts, event.start) - 1))
            for event in background_events(self._changes, speech, frames, self._rate)
        ]
        events = sorted(self._events + background, key=lambda e: e.start)
        return Timeline(self._format, Frames(frames), chapters, tuple(events))

    def _chapters(self, frames: int) -> tuple[Chapter, ...]:
        """In order from 0 to the end: whatever takes time stands behind a mark."""
        starts = [0, *(start for start, _ in self._marks[1:]), frames]
        return tuple(
            Chapter(mark.title, Frames(start), Frames(end), mark.side, mark.notes)
            for (_, mark), (start, end) in zip(self._marks, pairwise(starts), strict=True)
        )

    def _item(self, index: int, item: Item, length: int) -> None:
        at = self._at
        match item:
            case ChapterMark():
                self._marks.append((at, item))
            case BackgroundChange():
                self._changes.append(Change(at, item.sound, item.gain, item.location, item.fade))
                if item.sound is not None and item.gain > LOUDEST_DB:
                    self._too_loud[item.location] = item.gain
            case Say():
                self._say(item.utterance, at, item.side, item.location)
            case Quiet():
                if item.cue:
                    self._add(self._event("pause", at, length, item.side, item.location))
            case IntervalRun():
                self._interval(index, item, length)
            case Breaths():
                self._breaths(item, length)
            case Strikes():
                self._strikes(item, at, item.side)
            case PlayedSound():
                gain = VOICE_LUFS + item.gain - item.sound.loudness
                self._sound("sound", at, item.sound, gain, item.side, item.location)
                self._events[-1] = self._cut(self._events[-1], item, length)
            case _:
                assert_never(item)

    def _event(
        self,
        lane: Lane,
        start: int,
        frames: int,
        side: Side | None,
        location: Location | None,
        *,
        clip: str | None = None,
        text: str | None = None,
        sound: str | None = None,
        gain: float = 1.0,
    ) -> Event:
        """An event of the chapter that was begun last."""
        chapter = max(0, len(self._marks) - 1)
        return Event(
            lane, Frames(start), Frames(frames), chapter=chapter, side=side, location=location,
            clip=clip, text=text, sound=sound, gain=gain,
        )  # fmt: skip

    def _add(self, event: Event) -> None:
        if len(self._events) >= MAX_EVENTS:
            message = f"the session has more than {MAX_EVENTS:,} events"
            where = event.location or self._survey.script.root.location
            hint = "repeat it fewer times"
            raise ScriptError([self._survey.problem("too-many-events", message, where, hint=hint)])
        self._events.append(event)

    def _say(self, utterance: Utterance, start: int, side: Side | None, location: Location) -> None:
        frames = self._measured.lengths[utterance]
        words, clip = utterance.text, voice_key(utterance)
        self._add(self._event("voice", start, frames, side, location, text=words, clip=clip))

    def _sound(
        self,
        lane: Lane,
        start: int,
        sound: SoundRef,
        db: float,
        side: Side | None,
        location: Location,
    ) -> None:
        gain = to_factor(min(db, sound.most))
        event = self._event(
            lane, start, sound.frames, side, location, clip=sound.key, sound=sound.name, gain=gain
        )
        self._add(event)

    def _cut(self, event: Event, played: PlayedSound, frames: int) -> Event:
        """A sound that is played in part, or fades."""
        whole = frames >= played.sound.frames
        fade = played.fade if played.fade is not None else Seconds(0.0 if whole else _CUT)
        if not fade:
            return event
        length = min(to_frames(fade, self._rate), frames // 2)
        start, end = event.start, event.start + frames
        rising = (
            ((start, 0.0), (start + length, 1.0)) if played.fade is not None else ((start, 1.0),)
        )
        envelope = (*rising, (end - length, 1.0), (end, 0.0))
        return replace(event, frames=Frames(frames), envelope=envelope)

    def _tick(self, sound: SoundRef, start: int, side: Side | None, location: Location) -> None:
        """The first moment of a chime, softly."""
        frames = min(sound.frames, to_frames(_TICK, self._rate))
        self._sound("chime", start, sound, TICK_LUFS - sound.loudness, side, location)
        envelope = ((start, 1.0), (start + frames // 4, 1.0), (start + frames, 0.0))
        self._events[-1] = replace(self._events[-1], frames=Frames(frames), envelope=envelope)

    def _strikes(self, strikes: Strikes, start: int, side: Side | None) -> int:
        """Place a chime; returns the frame of its last strike."""
        distance = to_frames(strikes.sound.strike, self._rate)
        level = CHIME_LUFS if strikes.gain is None else VOICE_LUFS + strikes.gain
        gain = level - strikes.sound.loudness
        for k in range(strikes.count):
            at = start + k * distance
            self._sound("chime", at, strikes.sound, gain, side, strikes.location)
        return start + (strikes.count - 1) * distance

    def _interval(self, index: int, interval: IntervalRun, length: int) -> None:
        event = self._event("interval", self._at, length, interval.side, interval.location)
        self._add(replace(event, label=interval.label))
        for placed in self._measured.contents[index].place(length):
            start = self._at + placed.start
            match placed.what:
                case Strikes():
                    last = self._strikes(placed.what, start, interval.side)
                    end = self._at + length
                    if last > end:
                        self._nested_chimes.append((end, last, placed.location))
                case Tick(sound):
                    self._tick(sound, start, interval.side, placed.location)
                case Utterance():
                    self._say(placed.what, start, interval.side, placed.location)
                case _:
                    assert_never(placed.what)

    def _breaths(self, breaths: Breaths, length: int) -> None:
        count = breaths.count
        if count is None:
            count = max(1, length // breath_frames(breaths, self._rate))
        at = self._at
        for number in range(count):
            for index, (phase, seconds) in enumerate(breaths.phases):
                frames = to_frames(seconds, self._rate)
                word = self._word(breaths, index, frames, first=number == 0)
                event = self._event("breath", at, frames, breaths.side, breaths.location)
                event = replace(event, label=phase)
                tone = breaths.tones[index]
                if tone and (word is None or self._survey.options.breath != "voice"):
                    clip, gain = breath_key(tone.key, frames), self._tone_gain(tone)
                    event = replace(event, sound=tone.name, clip=clip, gain=gain)
                self._add(event)
                if word is not None:
                    self._say(word, at, breaths.side, breaths.location)
                at += frames

    def _tone_gain(self, tone: SoundRef) -> float:
        alone = self._survey.options.breath == "tone"
        return to_factor(VOICE_LUFS + (TONE_ALONE_DB if alone else TONE_DB) - tone.loudness)

    def _word(self, breaths: Breaths, index: int, frames: int, *, first: bool) -> Utterance | None:
        """What is said at a phase, or None where nothing fits into it."""
        for words in (breaths.first_words, breaths.words) if first else (breaths.words,):
            if words and self._measured.lengths[words[index]] <= frames:
                return words[index]
        return None
