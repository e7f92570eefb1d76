"""Days of a plan as an iCalendar file (RFC 5545), for any calendar."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from voiceguide.practice.schedule import Day, Task

if TYPE_CHECKING:
    from icalendar import Event

_NAMES = uuid.UUID("6f0c3a52-94c1-4c0f-9c43-3f1f6b1f7a10")


def calendar(
    days: Iterable[Day],
    describe: Callable[[Task], str],
    *,
    stamp: datetime,
    at: time | None = None,
) -> bytes:
    """The days as a calendar file.

    A day keeps its identity however often it is planned, so that a calendar that reads a newer
    plan replaces what it has.

    Args:
        describe: a session in words, for the entry of its day.
        stamp: when it was made, with an offset.
        at: the time of day, in the listener's own time; without, the days are marked whole.
    """
    from icalendar import Calendar

    made = Calendar()
    made.add("version", "2.0")
    made.add("prodid", "-//voiceguide//plan//EN")
    made.add("calscale", "GREGORIAN")
    for day in days:
        made.add_component(_event(day, describe, stamp, at))
    text: bytes = made.to_ical()
    return text


def _event(day: Day, describe: Callable[[Task], str], stamp: datetime, at: time | None) -> Event:
    from icalendar import Event

    event = Event()
    event.add("uid", str(uuid.uuid5(_NAMES, day.day.isoformat())))
    event.add("dtstamp", stamp.astimezone(UTC))
    if at is None:
        event.add("dtstart", day.day)
        event.add("dtend", day.day + timedelta(days=1))
    else:
        event.add("dtstart", datetime.combine(day.day, at))
        event.add("duration", timedelta(minutes=day.minutes or 15))
    event.add("transp", "TRANSPARENT")
    length = f", {day.minutes} min" if day.minutes and day.muscle else ""
    event.add("summary", _line(day.title + length))
    event.add("description", _line("\n".join([day.why, *map(describe, day.tasks)])))
    return event


def _line(text: str) -> str:
    """A text without control characters, which no calendar may hold, but for ends of lines."""
    text = text.replace("\r\n", "\n")
    return "".join(sign for sign in text if sign == "\n" or unicodedata.category(sign) != "Cc")
