"""What is being played as far as it is known, and where playing is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from voiceguide.audio import Clip
from voiceguide.timeline import Timeline

State = Literal["playing", "waiting", "paused", "lost", "ended", "left", "failed"]
"""`waiting` for words that are not spoken yet, `lost`: the device; the last three are final."""

FINAL: frozenset[State] = frozenset({"ended", "left", "failed"})


@dataclass(frozen=True, slots=True)
class Playable:
    """A session as far as it is known.

    Attributes:
        timeline: of the session; what lies past `ready` may still change.
        clips: gives the clip of a key of the timeline.
        ready: frames from the beginning whose sound is certain.
    """

    timeline: Timeline
    clips: Callable[[str], Clip]
    ready: int

    @property
    def whole(self) -> bool:
        """Whether all of it is certain."""
        return self.ready >= self.timeline.frames


@dataclass(frozen=True, slots=True)
class Status:
    """Where a player is.

    Attributes:
        seconds: what is heard now; below 0 while something leads in.
        volume: in per cent.
        jumps: how often the place changed other than by playing on.
        notice: what the listener should know, or None.
        timeline: as it is known now.
        whole: whether the timeline is final.
    """

    state: State
    seconds: float
    volume: int
    jumps: int
    notice: str | None
    timeline: Timeline
    whole: bool

    @property
    def chapter(self) -> int:
        """Index of the chapter that is heard."""
        return chapter_at(self.timeline, round(self.seconds * self.timeline.format.rate))

    @property
    def length(self) -> float:
        """Seconds of the whole session, as they are known now."""
        return self.timeline.frames / self.timeline.format.rate


def chapter_at(timeline: Timeline, frame: int) -> int:
    """Index of the chapter that a frame lies in; of the first before it, of the last after it."""
    chapters = timeline.chapters
    later = (k for k, chapter in enumerate(chapters) if chapter.end > frame)
    return next(later, max(0, len(chapters) - 1))


def sentence_start(timeline: Timeline, frame: int, slack: int = 0) -> int:
    """The first frame of the sentence that lies across a frame, or the frame itself.

    Args:
        slack: frames before `frame` in which the sound faded already.
    """
    for event in timeline.lane("voice"):
        if event.start >= frame:
            break
        if event.end > frame - slack:
            return event.start
    return frame
