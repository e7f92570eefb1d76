"""What the page opens with: safety, what to resume, today, and what was played lately."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from voiceguide._version import __version__
from voiceguide.errors import VoiceguideError
from voiceguide.library.tracks import entries
from voiceguide.page.requests import options_to_dict, request_to_dict
from voiceguide.plan import Options
from voiceguide.practice import emergency, journal, listener, places, safety
from voiceguide.practice.listener import Listener
from voiceguide.practice.places import LeftPlace
from voiceguide.practice.planning import plan_days
from voiceguide.practice.records import Record
from voiceguide.practice.schedule import Day

_AGAIN = 3
"""So many sessions of the past are offered again."""


def home_to_dict() -> dict[str, Any]:
    """All of the first screen but the library, JSON-ready."""
    notes: list[str] = []
    kept = _kept(notes)
    past = _past(notes)
    left = places.read()
    if left.note:
        notes.append(left.note)
    return {
        "version": __version__,
        "newcomer": not past and not left.places,
        "safety": safety_to_dict(),
        "resume": [_place(entry) for entry in left.places],
        "today": _today(kept, notes),
        "again": _again(past),
        "settings": settings_to_dict(kept or Listener()),
        "answered": kept is not None,
        "notes": notes,
    }


def safety_to_dict() -> dict[str, Any]:
    """What is asked before a session starts; nothing where it was answered lately."""
    asked = safety.needed()
    return {
        "needed": asked is not None,
        "emergency": list(asked.emergency) if asked else [],
        "do_not_start": list(asked.do_not_start) if asked else [],
    }


def all_signs() -> dict[str, list[str]]:
    """All that forbids a session, whoever answered it when."""
    asked = safety.all_of_them()
    return {"emergency": list(asked.emergency), "do_not_start": list(asked.do_not_start)}


def settings_to_dict(kept: Listener) -> dict[str, Any]:
    """The listener's answers."""
    return {
        "pain": list(kept.pain),
        "side": kept.side,
        "worse": list(kept.worse),
        "tools": None if kept.tools is None else list(kept.tools),
        "minutes": kept.minutes,
        "level": kept.level,
        "country": kept.country,
        "emergency_number": emergency.number(kept.country),
    }


def day_to_dict(day: Day) -> dict[str, Any]:
    """A day of the plan."""
    return {
        "date": day.day.isoformat(),
        "muscle": day.muscle,
        "title": day.title,
        "why": day.why,
        "minutes": day.minutes,
        "done": day.done,
        "note": day.note,
        "sessions": [
            {
                "track": task.track,
                "title": task.title,
                "summary": task.summary,
                "minutes": task.minutes,
                "options": options_to_dict(task.options),
            }
            for task in day.tasks
        ],
    }


def _kept(notes: list[str]) -> Listener | None:
    try:
        return listener.recall(notes.append)
    except VoiceguideError as error:
        notes.append(f"{error}.")
        return None


def _past(notes: list[str]) -> tuple[Record, ...]:
    try:
        read = journal.read()
    except VoiceguideError as error:
        notes.append(f"{error}.")
        return ()
    if read.note:
        notes.append(read.note)
    return read.records


def _today(kept: Listener | None, notes: list[str]) -> dict[str, Any] | None:
    """Today's session, where the listener said enough to plan one."""
    if kept is None:
        return None
    try:
        return day_to_dict(plan_days(kept, date.today()).days[0])
    except VoiceguideError as error:
        notes.append(f"{error}.")
        return None


def _place(entry: LeftPlace) -> dict[str, Any]:
    place = entry.place
    return {
        **request_to_dict(place.request),
        "key": entry.path.name.split(".")[0],
        "title": place.title,
        "step": place.step,
        "at": place.seconds,
        "length": place.of,
        "when": datetime.fromtimestamp(place.when).astimezone().isoformat(timespec="seconds"),
        "added": place.added,
        "note": entry.note,
    }


def _again(past: tuple[Record, ...]) -> list[dict[str, Any]]:
    """The latest sessions, each track once, with what they were done with."""
    known = {entry.track.name: entry for entry in entries() if not entry.problem}
    found: dict[str, dict[str, Any]] = {}
    for record in reversed(past):
        entry = known.get(record.track)
        if entry is None or record.track in found:
            continue
        minutes = max(1, round(record.seconds / 60))
        tool = record.tool if record.tool in entry.front.tools[1:] else None
        side = record.side if record.side in ("left", "right") else "both"
        found[record.track] = {
            "track": entry.track.ref,
            "title": entry.title,
            "minutes": minutes,
            "completed": record.completed,
            "options": options_to_dict(
                Options(side=side, tool=tool, length=minutes * 60.0)  # type: ignore[arg-type]
            ),
            "when": record.started.isoformat(timespec="seconds"),
        }
        if len(found) == _AGAIN:
            break
    return list(found.values())
