"""More time here: what may be added to the interval that runs, and where."""

from __future__ import annotations

from dataclasses import dataclass

from voiceguide.session import Session
from voiceguide.timeline import Event, Timeline

STEP = 30.0
"""Seconds that are added at once."""
MOST = 60.0
"""Seconds that one interval gets on top at most: a muscle that is pressed for longer gets sore."""
ENOUGH = "That's enough for this spot today."
NOTHING = "There's nothing to lengthen here: wait until a hold or a roll runs."
LONGER = "30 seconds more."
LAST = "30 seconds more. That's all for this spot."
_WHICH = ("hold", "roll", "press", "knead", "stretch", "work")
"""What a listener may want more of; a rest ends when it ends."""


@dataclass(frozen=True, slots=True)
class More:
    """What may be added to an interval.

    Attributes:
        interval: its index among the session's intervals, as `Session.extended` takes it.
        seconds: what is added now; 0 where it has had enough.
        left: seconds that may be added in all, this time included.
        twin: the same interval on the other side, later on, or None.
    """

    interval: int
    seconds: float
    left: float
    twin: int | None


def intervals(timeline: Timeline) -> tuple[Event, ...]:
    """The intervals of a session, in the order in which `Session.extended` counts them."""
    return timeline.lane("interval")


def more_for(session: Session, interval: int) -> More | None:
    """What may be added to an interval; None where it is of a kind that isn't lengthened."""
    found = intervals(session.timeline)
    if not 0 <= interval < len(found) or found[interval].label not in _WHICH:
        return None
    left = max(0.0, MOST - session.more.get(interval, 0.0))
    return More(interval, min(STEP, left), left, _twin(found, interval))


def more_at(session: Session, seconds: float) -> More | None:
    """What may be added to the interval that runs at a moment; None where none runs."""
    frame = round(seconds * session.timeline.format.rate)
    for number, event in enumerate(intervals(session.timeline)):
        if event.start <= frame < event.end and (found := more_for(session, number)):
            return found
    return None


def _twin(found: tuple[Event, ...], interval: int) -> int | None:
    """The interval that the same cue gives on the other side, where it is still to come."""
    event = found[interval]
    if event.side is None:
        return None

    def alike(side: str) -> list[int]:
        return [
            number
            for number, other in enumerate(found)
            if other.side == side and other.location == event.location
        ]

    mine, others = alike(event.side), alike("right" if event.side == "left" else "left")
    place = mine.index(interval)
    twin = others[place] if place < len(others) else None
    return twin if twin is not None and twin > interval else None
