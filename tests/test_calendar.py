"""The calendar file of a plan, as a reader of it sees it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from icalendar import Calendar

from voiceguide.plan import Options
from voiceguide.practice.calendar import calendar
from voiceguide.practice.schedule import Day, Task

MONDAY = date(2026, 3, 2)
STAMP = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def _named(task: Task) -> str:
    return f"play {task.track}"


def _days(minutes: int = 10) -> list[Day]:
    """A day of work, then one of rest."""
    work = Task("piriformis", "Piriformis", None, Options(sore="left", length=60.0 * minutes))
    return [
        Day(MONDAY, "piriformis", "It hurts there.", (work,)),
        Day(MONDAY + timedelta(days=1), None, "A rest.", ()),
    ]


def _events(made: bytes) -> list[dict[str, str]]:
    """The entries of a calendar; each of its lines at most 75 bytes, ended as RFC 5545 wants."""
    text = made.decode()
    assert text.endswith("\r\n") and "\n" not in text.replace("\r\n", "")
    assert all(0 < len(line.encode()) <= 75 for line in text.removesuffix("\r\n").split("\r\n"))
    read = Calendar.from_ical(made)
    assert read["VERSION"] == "2.0" and read["PRODID"] and not read.errors
    events = read.walk("VEVENT")
    assert len(events) == text.count("BEGIN:VEVENT\r\n")
    return events


def test_days_as_entries() -> None:
    """Each day once, whole, with why and what to do; nothing to be reminded by."""
    first, second = _events(calendar(_days(), _named, stamp=STAMP))
    assert first["DTSTAMP"].dt == STAMP
    assert (first["DTSTART"].dt, first["DTEND"].dt) == (MONDAY, MONDAY + timedelta(days=1))
    assert first["SUMMARY"] == "Piriformis, 10 min" and second["SUMMARY"] == "Rest"
    assert first["DESCRIPTION"] == "It hurts there.\nplay piriformis"
    assert second["DESCRIPTION"] == "A rest."
    assert first["UID"] != second["UID"] and first["TRANSP"] == "TRANSPARENT"


def test_at_a_time() -> None:
    """With a time of day: a start in the listener's own time, as long as the sessions."""
    first, rest = _events(calendar(_days(25), _named, stamp=STAMP, at=time(18, 30)))
    assert first["DTSTART"].dt == datetime(2026, 3, 2, 18, 30)
    assert first["DURATION"].dt == timedelta(minutes=25)
    assert rest["DURATION"].dt == timedelta(minutes=15) and "DTEND" not in first


def test_made_again() -> None:
    """The same days are the same bytes; a later plan names its days the same."""
    made = calendar(_days(), _named, stamp=STAMP)
    assert made == calendar(_days(), _named, stamp=STAMP)
    later = calendar(_days(15), _named, stamp=STAMP + timedelta(days=1))
    assert [e["UID"] for e in _events(made)] == [e["UID"] for e in _events(later)]


@pytest.mark.parametrize(
    "why",
    [
        "a; b, c \\ d\ne",
        "\u00e9" * 200,
        "\U0001f9d8" * 60,
        "END:VEVENT\r\nX:1",
        "a\x00\x07b",
        "x" * 75,
    ],
)
def test_any_text(why: str) -> None:
    """Nothing in a text can break a line, a field or a letter."""
    day = Day(MONDAY, None, why, (Task("t", "t", None, Options()),))
    (event,) = _events(calendar([day], _named, stamp=STAMP))
    kept = why.replace("\r\n", "\n").replace("\x00", "").replace("\x07", "")
    assert event["DESCRIPTION"] == f"{kept}\nplay t"
