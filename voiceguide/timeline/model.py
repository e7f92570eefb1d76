"""What is played, when: values only.

All positions and lengths are in frames at `Timeline.format.rate`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from voiceguide.audio import AudioFormat
from voiceguide.errors import Location
from voiceguide.units import Frames, Side

Lane = Literal["voice", "breath", "chime", "sound", "background", "interval", "pause"]
VERSION = 1
"""Of the JSON that `Timeline.to_dict` gives; a new one takes away or changes what was there."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens for a while.

    Attributes:
        lane: the row it stands in.
        start: its first frame.
        frames: how long it lasts.
        clip: key of the clip that sounds, or None where nothing does (intervals, pauses).
        text: the words as written (voice), else None.
        sound: name of the sound (chime, breath, sound, background), else None.
        label: the interval's label, the breath's phase, else None.
        gain: factor applied to the clip's samples, before any envelope.
        envelope: (frame, factor) corners of a gain curve over the session, straight between them
            and level outside them; empty for none. Ducking and fades are written here.
        loop: whether the clip starts again when it ends (background).
        chapter: index into `Timeline.chapters`.
        side: the side being worked, or None.
        location: the cue or sentence in the script.
    """

    lane: Lane
    start: Frames
    frames: Frames
    clip: str | None = None
    text: str | None = None
    sound: str | None = None
    label: str | None = None
    gain: float = 1.0
    envelope: tuple[tuple[int, float], ...] = ()
    loop: bool = False
    chapter: int = 0
    side: Side | None = None
    location: Location | None = None

    @property
    def end(self) -> int:
        """The frame after its last."""
        return self.start + self.frames

    def to_dict(self, rate: int) -> dict[str, Any]:
        """As JSON-ready values, in seconds; what does not apply is left out."""
        named = {"text": self.text, "sound": self.sound, "label": self.label}
        data: dict[str, Any] = {
            "lane": self.lane,
            "start": _seconds(self.start, rate),
            "duration": _seconds(self.frames, rate),
            **{name: value for name, value in named.items() if value is not None},
        }
        if self.clip is not None:
            data["gain"] = round(self.gain, 6)
            data["loop"] = self.loop
        if self.envelope:
            corners = [[_seconds(at, rate), round(gain, 6)] for at, gain in self.envelope]
            data["envelope"] = corners
        return {
            **data,
            "line": self.location.line if self.location else None,
            "file": self.location.source if self.location else None,
            "chapter": self.chapter,
            "side": self.side,
        }


@dataclass(frozen=True, slots=True)
class Chapter:
    """A step, once for each time it is done.

    Attributes:
        title: with ", left side" or ", round 2" where it needs telling apart.
        start, end: first frame, and the frame after the last; the next chapter starts there.
        notes: the texts shown while it runs, never spoken.
    """

    title: str
    start: Frames
    end: Frames
    side: Side | None = None
    notes: tuple[str, ...] = ()

    def to_dict(self, rate: int) -> dict[str, Any]:
        """As JSON-ready values, in seconds."""
        return {
            "title": self.title,
            "start": _seconds(self.start, rate),
            "end": _seconds(self.end, rate),
            "side": self.side,
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class Timeline:
    """A whole session on exact frames.

    Attributes:
        frames: its length; the last sound has faded by then.
        chapters: in order, without gaps, from frame 0 to `frames`.
        events: ordered by start; what starts together stands in the order written.
        gain: factor of all that sounds, before peaks are limited.
        room: whether the faint sound of a room is under all, so that no gap is dead.
    """

    format: AudioFormat
    frames: Frames
    chapters: tuple[Chapter, ...]
    events: tuple[Event, ...]
    gain: float = 1.0
    room: bool = False

    def lane(self, *lanes: Lane) -> tuple[Event, ...]:
        """The events of some lanes, in order."""
        return tuple(event for event in self.events if event.lane in lanes)

    def to_dict(self) -> dict[str, Any]:
        """The JSON of `voiceguide timeline --json`, as `schema.timeline_schema` describes it."""
        rate = self.format.rate
        return {
            "version": VERSION,
            "duration": _seconds(self.frames, rate),
            "sample_rate": rate,
            "channels": self.format.channels,
            "frames": self.frames,
            "chapters": [chapter.to_dict(rate) for chapter in self.chapters],
            "events": [event.to_dict(rate) for event in self.events],
        }

    def at_rate(self, rate: int) -> Timeline:
        """The same at another rate: every position is moved to the nearest frame."""

        def moved(frame: int) -> Frames:
            return Frames(round(frame * rate / self.format.rate))

        return replace(
            self,
            format=replace(self.format, rate=rate),
            frames=moved(self.frames),
            chapters=tuple(
                replace(c, start=moved(c.start), end=moved(c.end)) for c in self.chapters
            ),
            events=tuple(
                replace(
                    event,
                    start=moved(event.start),
                    frames=Frames(moved(event.end) - moved(event.start)),
                    envelope=tuple((moved(at), gain) for at, gain in event.envelope),
                )
                for event in self.events
            ),
        )


def _seconds(frames: int, rate: int) -> float:
    return round(frames / rate, 6)
