"""The calendar file of a plan, as a reader of it sees it."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import ics
import pytest
import vobject
from icalendar import Calendar

from voiceguide.plan import Options
from voiceguide.practice.calendar import calendar, owner, without
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


OWNER, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)
BERLIN = ZoneInfo("Europe/Berlin")


def _made(days: list[Day], **how: Any) -> bytes:
    return calendar(days, _named, **{"owner": OWNER, "stamp": STAMP, **how})


def test_days_as_entries() -> None:
    """Each day once, whole, with why and what to do; nothing to be reminded by."""
    made = _made(_days())
    first, second = _events(made)
    assert first["DTSTAMP"].dt == first["LAST-MODIFIED"].dt == STAMP
    assert (first["DTSTART"].dt, first["DTEND"].dt) == (MONDAY, MONDAY + timedelta(days=1))
    assert first["SUMMARY"] == "Piriformis, 10 min" and second["SUMMARY"] == "Rest"
    assert first["DESCRIPTION"] == "It hurts there.\n\nplay piriformis"
    assert second["DESCRIPTION"] == "A rest."
    assert first["UID"] != second["UID"] and first["TRANSP"] == "TRANSPARENT"
    assert b"VALARM" not in made and b"VTIMEZONE" not in made


def test_at_a_time() -> None:
    """With a time of day: a start where the listener is, as long as the sessions."""
    made = _made(_days(25), at=time(18, 30), zone=BERLIN, remind=timedelta(minutes=15))
    first, rest = _events(made)
    assert first["DTSTART"].dt == datetime(2026, 3, 2, 18, 30, tzinfo=BERLIN)
    assert first["DTSTART"].params["TZID"] == "Europe/Berlin" and b"BEGIN:VTIMEZONE" in made
    assert first["DURATION"].dt == timedelta(minutes=25)
    assert rest["DURATION"].dt == timedelta(minutes=15) and "DTEND" not in first
    (alarm,) = first.walk("VALARM")
    assert alarm["TRIGGER"].dt == timedelta(minutes=-15)


@pytest.mark.parametrize("day", [date(2026, 3, 28), date(2026, 3, 29), date(2026, 12, 1)])
def test_other_programs_read_the_same_moment(day: date) -> None:
    """Three readers agree on when it begins, before and after the clocks change."""
    made = _made(
        [replace(_days()[0], day=day)], at=time(20), zone=BERLIN, remind=timedelta(hours=1)
    )
    when = datetime.combine(day, time(20), BERLIN)
    (event,) = _events(made)
    assert event["DTSTART"].dt == when
    (other,) = ics.Calendar(made.decode()).events
    assert other.begin.datetime == when and other.name == "Piriformis, 10 min" and other.alarms
    third = vobject.readOne(made.decode()).vevent
    assert third.dtstart.value == when and third.uid.value == event["UID"]


@pytest.mark.parametrize(
    ("zone", "day", "at", "told"),
    [
        (BERLIN, date(2026, 3, 29), time(2, 30), True),
        (BERLIN, date(2026, 3, 29), time(2), True),
        (BERLIN, date(2026, 3, 29), time(3), False),
        (BERLIN, date(2026, 10, 25), time(2, 30), False),
        (ZoneInfo("America/Santiago"), date(2026, 9, 6), time(0, 15), True),
        (UTC, date(2026, 3, 29), time(2, 30), False),
    ],
)
def test_an_hour_that_the_clocks_leave_out(zone: tzinfo, day: date, at: time, told: bool) -> None:
    days = [replace(_days()[0], day=day + timedelta(days=n)) for n in (-1, 0, 1)]
    assert [each.day for each in without(days, at, zone)] == [day] * told


def test_a_zone_without_a_name() -> None:
    """A calendar can't look it up, so the entry is at the same moment in UTC."""
    (first, _) = _events(_made(_days(), at=time(18, 30), zone=timezone(timedelta(hours=2))))
    assert first["DTSTART"].dt == datetime(2026, 3, 2, 16, 30, tzinfo=UTC)


def test_made_again() -> None:
    """The same days are the same bytes; a later plan names its days the same, with a number that
    grew; another listener's have other names."""
    made = _made(_days())
    assert made == _made(_days())
    later = _events(_made(_days(15), stamp=STAMP + timedelta(seconds=1)))
    assert [e["UID"] for e in _events(made)] == [e["UID"] for e in later]
    assert all(b["SEQUENCE"] > a["SEQUENCE"] for a, b in zip(_events(made), later, strict=True))
    others = _events(_made(_days(), owner=OTHER))
    assert not {e["UID"] for e in others} & {e["UID"] for e in later}


def test_whose_plan_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kept in a file that the listener alone can read; without one, it follows from its place."""
    monkeypatch.setenv("VOICEGUIDE_HOME", str(tmp_path / "a"))
    mine = owner()
    assert owner() == mine
    file = tmp_path / "a" / "calendar.json"
    assert file.stat().st_mode & 0o077 == 0
    monkeypatch.setenv("VOICEGUIDE_HOME", str(tmp_path / "b"))
    assert owner() != mine
    for odd in ("", "[]", '{"owner": 7}', '{"owner": "x"}', "{}", "\x00", "[" * 10_000):
        file.write_text(odd)
        monkeypatch.setenv("VOICEGUIDE_HOME", str(tmp_path / "a"))
        assert owner() == owner()
    (tmp_path / "c").write_text("no folder")
    monkeypatch.setenv("VOICEGUIDE_HOME", str(tmp_path / "c"))
    assert owner() == owner() != mine


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
    (event,) = _events(_made([day]))
    kept = why.replace("\r\n", "\n").replace("\x00", "").replace("\x07", "")
    assert event["DESCRIPTION"] == f"{kept}\n\nplay t"
