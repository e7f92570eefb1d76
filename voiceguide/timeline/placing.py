"""Items with known lengths to events: positions are sums of frames."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from voiceguide.audio import AudioFormat
from voiceguide.audio.shape import VOICE_LUFS
from voiceguide.errors import ScriptError
from voiceguide.plan import Plan, Utterance
from voiceguide.plan.model import (
    Bed,
    Breaths,
    ChapterMark,
    Item,
    Quiet,
    Say,
    Sounding,
    Span,
    Strikes,
)
from voiceguide.plan.unfold import MAX_EVENTS
from voiceguide.script.model import SoundRef
from voiceguide.timeline.beds import BedChange, bed_events
from voiceguide.timeline.model import Chapter, Event, Timeline
from voiceguide.timeline.solid import Solid, breath_frames
from voiceguide.units import Frames, to_frames

TONE_DB = -21.0
"""Level of the breath swells beside a voice, in dB relative to it; below the loudness gate."""
TONE_ALONE_DB = -14.0
"""The same where no voice guides the breath."""
CHIME_LUFS = -20.0
"""Loudness of a chime's loudest part, in LUFS."""


def voice_key(utterance: Utterance) -> str:
    """The clip of an utterance."""
    return "voice:" + utterance.spoken


def breath_key(sound_key: str, frames: int) -> str:
    """The clip of a breath swell, stretched to its phase."""
    return f"breath:{frames}:{sound_key}"


def place(
    plan: Plan,
    items: Sequence[Item],
    solid: Solid,
    t: float,
    frames: int,
    format: AudioFormat,  # noqa: A002
) -> Timeline:
    """The timeline of a session that lasts some frames.

    Raises:
        ScriptError: there are more events than a session holds.
    """
    return _Placing(plan, solid, t, format).run(items, frames)


class _Placing:
    def __init__(self, plan: Plan, solid: Solid, t: float, format: AudioFormat) -> None:  # noqa: A002
        self._plan = plan
        self._solid = solid
        self._t = t
        self._format = format
        self._rate = format.rate
        self._events: list[Event] = []
        self._marks: list[tuple[int, ChapterMark]] = []
        self._beds: list[BedChange] = []
        self._at = 0

    def run(self, items: Sequence[Item], frames: int) -> Timeline:
        for index, item in enumerate(items):
            length = self._solid.frames(index, self._t)
            self._item(index, item, length)
            self._at += length
        frames = max(frames, self._at)
        chapters = self._chapters(frames)
        speech = sorted((e.start, e.end) for e in self._events if e.lane == "voice")
        starts = [chapter.start for chapter in chapters]
        beds = [
            replace(bed, chapter=max(0, bisect_right(starts, bed.start) - 1))
            for bed in bed_events(self._beds, speech, frames, self._rate)
        ]
        events = sorted(self._events + beds, key=lambda e: e.start)
        return Timeline(self._format, Frames(frames), chapters, tuple(events))

    def _chapters(self, frames: int) -> tuple[Chapter, ...]:
        chapters = []
        starts = [start for start, _ in self._marks]
        if starts:
            starts[0] = 0
        for index, (_, mark) in enumerate(self._marks):
            end = starts[index + 1] if index + 1 < len(starts) else frames
            chapters.append(
                Chapter(mark.title, Frames(starts[index]), Frames(end), mark.side, mark.notes)
            )
        return tuple(chapters)

    def _add(self, lane: Any, start: int, frames: int, item: Any, **more: Any) -> None:
        if len(self._events) >= MAX_EVENTS:
            raise ScriptError(
                [
                    self._plan.problem(
                        "too-many-events",
                        f"the session has more than {MAX_EVENTS:,} events",
                        item.location,
                        hint="repeat it fewer times",
                    )
                ]
            )
        self._events.append(
            Event(
                lane,
                Frames(start),
                Frames(frames),
                chapter=max(0, len(self._marks) - 1),
                side=item.side,
                location=more.pop("location", item.location),
                **more,
            )  # fmt: skip
        )

    def _say(self, utterance: Utterance, start: int, item: Any, location: Any) -> None:
        self._add(
            "voice", start, self._solid.lengths[utterance], item, text=utterance.text,
            clip=voice_key(utterance), location=location,
        )  # fmt: skip

    def _item(self, index: int, item: Item, length: int) -> None:
        at = self._at
        if isinstance(item, ChapterMark):
            self._marks.append((at, item))
        elif isinstance(item, Bed):
            self._beds.append(BedChange(at, item.sound, item.gain, item.location))
        elif isinstance(item, Say):
            self._say(item.utterance, at, item, item.location)
        elif isinstance(item, Quiet):
            if item.cue:
                self._add("pause", at, length, item)
        elif isinstance(item, Span):
            self._span(index, item, length)
        elif isinstance(item, Breaths):
            self._breaths(item, length)
        elif isinstance(item, Strikes):
            self._strikes(item, at, item)
        elif isinstance(item, Sounding):
            gain = 10 ** ((VOICE_LUFS + item.gain - item.sound.loudness) / 20)
            self._add(
                "sound", at, item.sound.frames, item, clip=item.sound.key, sound=item.sound.name,
                gain=gain,
            )  # fmt: skip

    def _strikes(self, strikes: Strikes, start: int, item: Any) -> None:
        distance = to_frames(strikes.sound.strike, self._rate)
        for k in range(strikes.count):
            self._add(
                "chime", start + k * distance, strikes.sound.frames, item, clip=strikes.sound.key,
                sound=strikes.sound.name, location=strikes.location,
                gain=10 ** ((CHIME_LUFS - strikes.sound.loudness) / 20),
            )  # fmt: skip

    def _span(self, index: int, span: Span, length: int) -> None:
        self._add("interval", self._at, length, span, label=span.label)
        for placed in self._solid.insides[index].place(length):
            start = self._at + placed.start
            if isinstance(placed.what, Strikes):
                self._strikes(placed.what, start, span)
            else:
                self._say(placed.what, start, span, placed.location)

    def _breaths(self, breaths: Breaths, length: int) -> None:
        count = breaths.count
        if count is None:
            count = max(1, length // breath_frames(breaths, self._rate))
        at = self._at
        for number in range(count):
            for index, (phase, seconds) in enumerate(breaths.phases):
                frames = to_frames(seconds, self._rate)
                word = self._word(breaths, index, frames, first=number == 0)
                tone = breaths.tones[index]
                sounds = tone is not None and (word is None or self._plan.options.breath != "voice")
                played = tone if sounds else None
                self._add(
                    "breath", at, frames, breaths, label=phase,
                    sound=played.name if played else None,
                    clip=breath_key(played.key, frames) if played else None,
                    gain=self._tone_gain(played) if played else 1.0,
                )  # fmt: skip
                if word is not None:
                    self._say(word, at, breaths, breaths.location)
                at += frames

    def _tone_gain(self, tone: SoundRef) -> float:
        alone = self._plan.options.breath == "tone"
        level = VOICE_LUFS + (TONE_ALONE_DB if alone else TONE_DB)
        return float(10 ** ((level - tone.loudness) / 20))

    def _word(self, breaths: Breaths, index: int, frames: int, *, first: bool) -> Utterance | None:
        """What is said at a phase, or None where nothing fits into it."""
        for words in (breaths.first_words, breaths.words) if first else (breaths.words,):
            if words and self._solid.lengths[words[index]] <= frames:
                return words[index]
        return None
