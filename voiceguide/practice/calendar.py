"""Days of a plan as an iCalendar file (RFC 5545), for any calendar.

An entry keeps its name however often its day is planned, and carries a number that grows, so that
a calendar that reads a newer plan replaces what it has. The names differ from listener to
listener: a family can keep its plans in one calendar.
"""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING

from voiceguide import folders
from voiceguide.practice import state
from voiceguide.practice.schedule import Day, Task

if TYPE_CHECKING:
    from icalendar import Alarm, Event

FILE_NAME = "calendar.json"
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""From when on plans are numbered, by the second."""
_USUAL = 15
"""Minutes that an entry takes where its sessions' length is not known."""


def calendar(
    days: Iterable[Day],
    describe: Callable[[Task], str],
    *,
    owner: uuid.UUID,
    stamp: datetime,
    at: time | None = None,
    zone: tzinfo = UTC,
    remind: timedelta | None = None,
) -> bytes:
    """The days as a calendar file.

    Args:
        describe: a session in words, for the entry of its day.
        owner: of the plan; names of entries come from it and their day.
        stamp: when it was made, with an offset.
        at: the time of day in the zone; without, the days are marked whole.
        zone: where the listener is.
        remind: how long before it a reminder comes, or None for none.
    """
    from icalendar import Calendar

    made = Calendar()
    made.add("version", "2.0")
    made.add("prodid", "-//voiceguide//plan//EN")
    made.add("calscale", "GREGORIAN")
    made.add("x-wr-calname", "voiceguide")
    days = tuple(days)
    for day in days:
        event = _event(day, describe, uuid.uuid5(owner, day.day.isoformat()), stamp)
        _place(event, day, at, zone)
        if remind is not None:
            event.add_component(_alarm(day, remind))
        made.add_component(event)
    if days:
        # From the last change before these days; some years more, as some readers keep the first
        # description of a zone that they meet.
        first = min(day.day for day in days) - timedelta(days=400)
        made.add_missing_timezones(first, first.replace(day=1, year=min(first.year + 10, 9999)))
    text: bytes = made.to_ical()
    return text


def without(days: Iterable[Day], at: time, zone: tzinfo) -> list[Day]:
    """The days that have no such time of day, as the clocks go forward past it.

    Calendars then take the offset from before the change, as RFC 5545 (3.3.5) says: an hour later.
    """

    def there(day: Day) -> bool:
        moment = datetime.combine(day.day, at, zone)
        again = moment.astimezone(UTC).astimezone(zone)
        return again.replace(tzinfo=None) == moment.replace(tzinfo=None)

    return [day for day in days if not there(day)]


def _event(day: Day, describe: Callable[[Task], str], uid: uuid.UUID, stamp: datetime) -> Event:
    from icalendar import Event

    event = Event()
    event.add("uid", str(uid))
    event.add("dtstamp", stamp.astimezone(UTC))
    event.add("last-modified", stamp.astimezone(UTC))
    event.add("sequence", max(0, int((stamp - _EPOCH).total_seconds())))
    event.add("transp", "TRANSPARENT")
    event.add("summary", _line(_title(day)))
    event.add("description", _line("\n\n".join([day.why, *map(describe, day.tasks)])))
    return event


def _title(day: Day) -> str:
    return f"{day.title}, {day.minutes} min" if day.minutes and day.muscle else day.title


def _place(event: Event, day: Day, at: time | None, zone: tzinfo) -> None:
    """Give an entry its day, or its time of day."""
    if at is None:
        event.add("dtstart", day.day)
        event.add("dtend", day.day + timedelta(days=1))
        return
    start = datetime.combine(day.day, at, zone)
    if getattr(zone, "key", None) is None:  # no zone that a calendar knows by its name
        start = start.astimezone(UTC)
    event.add("dtstart", start)
    event.add("duration", timedelta(minutes=day.minutes or _USUAL))


def _alarm(day: Day, before: timedelta) -> Alarm:
    from icalendar import Alarm

    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", _line(_title(day)))
    alarm.add("trigger", -before)
    return alarm


def _line(text: str) -> str:
    """A text without control characters, which no calendar may hold, but for ends of lines."""
    text = text.replace("\r\n", "\n")
    return "".join(sign for sign in text if sign == "\n" or unicodedata.category(sign) != "Cc")


def local_zone() -> tzinfo:
    """Where this machine is, by the name that calendars know; UTC where that can't be told."""
    from tzlocal import get_localzone

    try:
        return get_localzone()
    except Exception:  # whatever is wrong with the system's settings
        return UTC


def owner() -> uuid.UUID:
    """The listener, as the entries' names have it: kept, so that a later plan has the same.

    Where nothing can be kept it follows from where the listener's files are.
    """
    path = folders.data() / FILE_NAME
    try:
        return uuid.UUID(state.read(path)["owner"])
    except (OSError, ValueError, RecursionError, TypeError, KeyError, AttributeError):
        pass
    made = uuid.uuid4()
    try:
        state.replace(path, {"owner": str(made)})
    except OSError:
        return uuid.uuid5(uuid.NAMESPACE_URL, path.absolute().as_uri())
    return made
