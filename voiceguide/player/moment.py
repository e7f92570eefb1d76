"""What happens at a moment of a session: for a terminal, a page, and whoever else shows it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace

from voiceguide.player.playable import chapter_at
from voiceguide.timeline import Event, Timeline

_PHASES = {"in": "breathe in", "out": "breathe out", "hold": "hold"}
_RUNNING = ("interval", "breath", "pause")
"""Lanes whose events are counted down."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What happens at a moment.

    Attributes:
        step: the chapter's title; "" before the session.
        number, steps: which chapter it is, from 1, and how many there are; 0 before the session.
        sentence: what is being said, or "".
        label: what the running interval, breath or pause is called, or "".
        left: seconds that it still lasts.
        coming: the next thing that sounds or begins, or "".
        coming_in: seconds until then.
        notes: silent texts of the chapter.
    """

    step: str
    number: int
    steps: int
    sentence: str = ""
    label: str = ""
    left: float = 0.0
    coming: str = ""
    coming_in: float = 0.0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stretch:
    """Something that lasts, and what it says or is called.

    Attributes:
        start, end: in seconds of the session.
    """

    text: str
    start: float
    end: float

    @property
    def lasts(self) -> float:
        """Its length in seconds."""
        return self.end - self.start


class Guide:
    """Answers what happens when in a session.

    Attributes:
        timeline: of the session.
        lead: what is heard before it, or None.
    """

    def __init__(self, timeline: Timeline, lead: Timeline | None = None) -> None:
        self.timeline = timeline
        self.lead = lead
        self._rate = timeline.format.rate
        self._events = [e for e in timeline.events if e.lane != "background"]
        self._starts = [e.start for e in self._events]
        self._longest = max((e.frames for e in self._events), default=0)
        frames = {edge for e in self._events for edge in (e.start, e.end)}
        frames |= {chapter.start for chapter in timeline.chapters}
        if lead is not None:
            frames |= {edge - lead.frames for e in lead.events for edge in (e.start, e.end)}
        self._edges = sorted(frame / self._rate for frame in frames)

    def at(self, seconds: float) -> Moment:
        """The moment at some seconds of the session; below 0 in what leads in."""
        said, runs = self.sentence(seconds), self.running(seconds)
        step = self.step(seconds)
        number, title, notes = step or (0, "", ())
        found = Moment(
            title,
            number,
            len(self.timeline.chapters),
            said.text if said else "",
            runs.text if runs else "",
            runs.end - seconds if runs else 0.0,
            notes=notes,
        )
        if step is None:
            first = self.timeline.chapters[0].title
            return replace(found, coming=first, coming_in=-seconds)
        frame = self._frame(seconds)
        for event in self._events[bisect_right(self._starts, frame) :]:
            if what := _coming(event):
                return replace(found, coming=what, coming_in=event.start / self._rate - seconds)
        return found

    def step(self, seconds: float) -> tuple[int, str, tuple[str, ...]] | None:
        """Number from 1, title and notes of the step that runs then; None while it leads in."""
        frame = self._frame(seconds)
        if frame < 0 and self.lead is not None:
            return None
        chapter = chapter_at(self.timeline, frame)
        here = self.timeline.chapters[chapter]
        return chapter + 1, here.title, here.notes

    def sentence(self, seconds: float) -> Stretch | None:
        """The sentence that is said then; while it leads in, the words of that."""
        frame = self._frame(seconds)
        if frame < 0 and self.lead is not None:
            at = frame + self.lead.frames
            for event in self.lead.events:
                if event.start <= at < event.end and event.text:
                    return self._stretch(event, event.text, -self.lead.frames)
            return None
        said = [e for e in self._sounding(frame) if e.lane == "voice" and e.text]
        return self._stretch(said[-1], said[-1].text or "") if said else None

    def running(self, seconds: float) -> Stretch | None:
        """The interval, breath or pause that runs then, or what leads in."""
        frame = self._frame(seconds)
        if frame < 0 and self.lead is not None:
            return Stretch("starting in", -self.lead.frames / self._rate, 0.0)
        runs = [e for e in self._sounding(frame) if e.lane in _RUNNING]
        return self._stretch(runs[-1], label_of(runs[-1])) if runs else None

    def changes(self, after: float, until: float, most: float = 60.0) -> list[float]:
        """The moments after one and up to another at which something begins or ends.

        Args:
            most: seconds before `until` from which on they are looked for.
        """
        first = bisect_right(self._edges, max(after, until - most))
        return self._edges[first : bisect_right(self._edges, until)]

    def _frame(self, seconds: float) -> int:
        return round(seconds * self._rate)

    def _stretch(self, event: Event, text: str, shift: int = 0) -> Stretch:
        return Stretch(text, (event.start + shift) / self._rate, (event.end + shift) / self._rate)

    def _sounding(self, frame: int) -> list[Event]:
        first = bisect_right(self._starts, frame - self._longest - 1)
        after = bisect_right(self._starts, frame)
        return [event for event in self._events[first:after] if event.end > frame]


def label_of(event: Event) -> str:
    """What an interval, a breath or a pause is called for the listener."""
    if event.lane == "breath":
        return _PHASES.get(event.label or "", event.label or "breathe")
    # A pause in the script is nothing that the listener paused.
    return "quiet" if event.lane == "pause" else event.label or event.lane


def _coming(event: Event) -> str:
    if event.lane == "voice":
        return f'"{event.text}"'
    if event.lane == "chime":
        return "chime"
    if event.lane in ("interval", "breath"):
        return label_of(event)
    return event.sound or "" if event.lane == "sound" else ""
