"""Sessions of the past as values, and as CSV and JSON for other programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any

from voiceguide.errors import UsageError
from voiceguide.units import Seconds


@dataclass(frozen=True, slots=True)
class Record:
    """One session.

    Attributes:
        id: never used again, also once it is deleted.
        started, ended: with the offset of the place where it was; `ended` is None where only the
            start is known.
        track: its name.
        side: left or right where only one was worked, else both or None.
        tool: what it was done with, or None.
        seconds: how much of it was played.
        completed: whether it was heard to its end.
        marked: whether the listener marked it done, in place of playing it here.
        pain_before, pain_after: 0 to 10, or None where nothing was said.
    """

    id: int
    started: datetime
    ended: datetime | None
    track: str
    side: str | None
    tool: str | None
    seconds: Seconds
    completed: bool
    marked: bool
    pain_before: int | None
    pain_after: int | None

    @property
    def day(self) -> date:
        """The day it was started, where the listener was."""
        return self.started.date()

    def to_dict(self) -> dict[str, Any]:
        """The session as JSON-ready values, the times as ISO 8601 to the second."""
        data = {name: getattr(self, name) for name in FIELDS}
        for name in ("started", "ended"):
            data[name] = data[name] and data[name].isoformat(timespec="seconds")
        return data


FIELDS = tuple(field.name for field in fields(Record))


def check_pain(value: int | None) -> int | None:
    """The value, if it is one.

    Raises:
        UsageError: it is not from 0 to 10.
    """
    if value is not None and not 0 <= value <= 10:
        raise UsageError(f"pain is a whole number from 0 to 10, and {value} is not")
    return value


def to_csv(records: Iterable[Record]) -> str:
    """Sessions as CSV with a header."""
    out = io.StringIO()
    writer = csv.DictWriter(out, FIELDS, lineterminator="\n")
    writer.writeheader()
    for record in records:
        data = record.to_dict()
        if record.track.startswith(("=", "+", "-", "@")):
            data["track"] = f"'{record.track}"  # a spreadsheet would take it for a formula
        writer.writerow(data | {n: "yes" if data[n] else "no" for n in ("completed", "marked")})
    return out.getvalue()


def to_json(records: Iterable[Record]) -> str:
    """Sessions as a JSON list."""
    return json.dumps([r.to_dict() for r in records], ensure_ascii=False, indent=2) + "\n"


def write(path: Path, records: Iterable[Record], *, force: bool = False) -> None:
    """Write sessions as a CSV or JSON file, by its suffix.

    Raises:
        UsageError: it has another suffix.
        SinkError: it cannot be written.
    """
    from voiceguide.sinks.atomic import write_text

    made = {".csv": to_csv, ".json": to_json}.get(path.suffix.lower())
    if made is None:
        raise UsageError(f'"{path}": the journal is written as .csv or .json')
    write_text(path, made(records), force=force)
