"""Pain and sessions over time: the figures of the journal, in words, as data and as a picture."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from voiceguide.errors import UsageError
from voiceguide.pictures import chart
from voiceguide.practice.records import Record

PICTURES = (".png", ".svg")


def points(records: Iterable[Record], since: date | None = None) -> list[chart.Point]:
    """What a chart shows of sessions, of those from a day on."""
    return [
        chart.Point(r.started, r.seconds / 60, r.pain_before, r.pain_after)
        for r in records
        if since is None or r.day >= since
    ]


def to_dict(shown: list[chart.Point]) -> dict[str, Any]:
    """The figures as JSON-ready values."""
    if not shown:
        return {"sessions": 0}
    found = chart.summary(shown)
    unit, counted = chart.buckets(shown)
    return {
        "sessions": found.sessions,
        "minutes": round(found.minutes, 1),
        "first": found.first.isoformat(),
        "last": found.last.isoformat(),
        "pain_before": found.pain_before,
        "pain_after": found.pain_after,
        f"by_{unit}": [{"start": b.start.isoformat(), "sessions": b.sessions} for b in counted],
    }


def check_picture(path: Path) -> None:
    """Raises UsageError: no picture has such a suffix."""
    if path.suffix.lower() not in PICTURES:
        raise UsageError(f'"{path}": the picture is a PNG or an SVG; end its name in .png or .svg')


def write_picture(path: Path, shown: list[chart.Point], *, force: bool = False) -> None:
    """Write the chart as a PNG or SVG file, by its suffix.

    Raises:
        UsageError: it has another suffix, or there is no session.
        SinkError: it cannot be written.
    """
    from voiceguide.sinks.atomic import write_bytes

    check_picture(path)
    png = path.suffix.lower() == ".png"
    write_bytes(path, chart.png(shown) if png else chart.svg(shown).encode(), force=force)
