"""Sessions of the past as values, and as CSV and JSON for other programs."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any, cast

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
        completed: whether it was heard to its end, but for little.
        skipped: whether it came to its end by skipping much of it.
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
    skipped: bool
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


LONGEST = 86_400.0
"""Seconds that one session lasts at most: a day."""
_EARLIEST, _LATEST = 1971, 2199
"""Years that a session may be of, whatever this machine's clock says: it may have been put back."""


def from_row(row: Sequence[object]) -> Record | None:
    """A session from its fields in the order of `FIELDS`, or None where one of them is odd.

    What another program wrote is held to the limits of what can be asked for here.
    """
    ident, started, ended, track, side, tool, seconds, *flags, before, after = row
    begin, end = _moment(started), _moment(ended)
    if begin is None or (ended is not None and end is None):
        return None
    good = (
        type(ident) is int
        and isinstance(track, str)
        and track.strip() != ""
        and side in (None, "left", "right", "both")
        and isinstance(tool, str | None)
        and type(seconds) in (int, float)
        and 0 <= cast(float, seconds) <= LONGEST
        and all(type(flag) is int and flag in (0, 1) for flag in flags)
        and all(pain is None or (type(pain) is int and 0 <= pain <= 10) for pain in (before, after))
    )
    if not good:
        return None
    return Record(
        id=cast(int, ident),
        started=begin,
        ended=end,
        track=cast(str, track),
        side=cast("str | None", side),
        tool=cast("str | None", tool),
        seconds=Seconds(float(cast(float, seconds))),
        completed=bool(flags[0]),
        skipped=bool(flags[1]),
        marked=bool(flags[2]),
        pain_before=cast("int | None", before),
        pain_after=cast("int | None", after),
    )


def _moment(text: object) -> datetime | None:
    """A time with its offset that may have been, or None."""
    try:
        when = datetime.fromisoformat(cast(str, text))
        known = when.tzinfo is not None and _EARLIEST <= when.year <= _LATEST
        return when if known else None
    except (TypeError, ValueError, OverflowError):
        return None


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
        data |= {name: _cell(data[name]) for name in ("track", "side", "tool")}
        data |= {name: "yes" if data[name] else "no" for name in ("completed", "skipped", "marked")}
        writer.writerow(data)
    return out.getvalue()


_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the beginning of a formula, in letters of full width, too."""


def _cell(text: str | None) -> str | None:
    """A text that is words in every spreadsheet: no formula, and nothing that steers a terminal."""
    if text is None:
        return None
    plain = "".join(" " if unicodedata.category(sign) in _UNSEEN else sign for sign in text)
    return f"'{plain}" if plain.lstrip().startswith(_FORMULA) else plain


_UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")


def to_json(records: Iterable[Record]) -> str:
    """Sessions as a JSON list."""
    return json.dumps([r.to_dict() for r in records], ensure_ascii=False, indent=2) + "\n"


def write(path: Path, records: Iterable[Record], *, force: bool = False) -> None:
    """Write sessions as a CSV or JSON file, by its suffix.

    A CSV file begins with the mark of UTF-8, without which Excel takes it for another encoding.

    Raises:
        UsageError: it has another suffix.
        SinkError: it cannot be written.
    """
    from voiceguide.sinks.atomic import write_bytes

    kind = path.suffix.lower()
    if kind not in (".csv", ".json"):
        raise UsageError(f'"{path}": the journal is written as .csv or .json')
    data = to_csv(records).encode("utf-8-sig") if kind == ".csv" else to_json(records).encode()
    write_bytes(path, data, force=force)
