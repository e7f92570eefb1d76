"""Pain and sessions over time, as text for a terminal and as a picture.

The picture is an SVG; a PNG is drawn from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from xml.sax.saxutils import escape

from voiceguide.errors import UsageError

MONTHS = 16
"""From so many weeks on, sessions are counted by month."""


@dataclass(frozen=True, slots=True)
class Point:
    """A session, as the chart needs it.

    Attributes:
        pain_before, pain_after: 0 to 10, or None where nothing was said.
    """

    when: datetime
    minutes: float
    pain_before: int | None = None
    pain_after: int | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of some sessions.

    Attributes:
        pain_before, pain_after: means of what was said, or None where nothing was.
    """

    sessions: int
    minutes: float
    first: date
    last: date
    pain_before: float | None
    pain_after: float | None

    def sentences(self) -> tuple[str, ...]:
        """The figures in words."""
        hours, minutes = divmod(round(self.minutes), 60)
        length = f"{hours} h {minutes} min" if hours else f"{minutes} min"
        many = "1 session" if self.sessions == 1 else f"{self.sessions} sessions"
        days = f"on {long_date(self.first)}"
        if self.first != self.last:
            days = f"from {long_date(self.first)} to {long_date(self.last)}"
        found = [f"{many} {days}, {length} in all."]
        means = [
            f"{mean:.1f} {word}"
            for mean, word in ((self.pain_before, "before"), (self.pain_after, "after"))
            if mean is not None
        ]
        if means:
            found.append(f"Pain on average: {', '.join(means)}.")
        return tuple(found)


def summary(points: Sequence[Point]) -> Summary:
    """The figures of at least one session, oldest first.

    Raises:
        UsageError: there is none.
    """
    if not points:
        raise UsageError("the journal has no session in that time yet")
    return Summary(
        len(points),
        sum(p.minutes for p in points),
        *_ends(points),
        _mean(p.pain_before for p in points),
        _mean(p.pain_after for p in points),
    )


def _ends(points: Sequence[Point]) -> tuple[date, date]:
    """The first and the last day; who flies east may begin on a later day than they end."""
    days = [point.when.date() for point in points]
    return min(days), max(days)


def _mean(values: Iterable[int | None]) -> float | None:
    said = [value for value in values if value is not None]
    return sum(said) / len(said) if said else None


def long_date(day: date) -> str:
    """A day as `2 March 2026`."""
    return f"{day.day} {day:%B %Y}"


def short_date(day: date) -> str:
    """A day as `2 Mar`."""
    return f"{day.day} {day:%b}"


@dataclass(frozen=True, slots=True)
class Bucket:
    """Sessions of a week or a month.

    Attributes:
        start: its first day.
        end: the first day after it.
    """

    start: date
    end: date
    label: str
    sessions: int


def buckets(points: Sequence[Point]) -> tuple[str, tuple[Bucket, ...]]:
    """ "week" or "month", and the sessions of each, empty ones too, the oldest first."""
    days = [point.when.date() for point in points]
    first, last = _ends(points)
    monday = first - timedelta(days=first.weekday())
    by_month = (last - monday).days >= MONTHS * 7
    start = first.replace(day=1) if by_month else monday
    found = []
    while start <= last:
        if by_month:
            end = (start.replace(day=28) + timedelta(days=4)).replace(day=1)
            label = f"{start:%b %Y}"
        else:
            end = start + timedelta(days=7)
            label = short_date(start)
        found.append(Bucket(start, end, label, sum(start <= day < end for day in days)))
        start = end
    return ("month" if by_month else "week"), tuple(found)


# -------------------------------------------------------------------------------- terminal


def text(points: Sequence[Point], width: int, *, unicode: bool) -> str:
    """The chart as lines of at most `width` columns (at least 20), for at least one session."""
    before, after, both, bar = "\u25cb\u25cf\u25c9\u2588" if unicode else "ox*#"
    lines = []
    columns = max(10, width - 4)
    if any(p.pain_before is not None or p.pain_after is not None for p in points):
        grid = [[" "] * columns for _ in range(11)]
        for point, x in zip(points, _spots(points, columns - 1), strict=True):
            column = round(x)
            if point.pain_before is not None:
                grid[point.pain_before][column] = before
            if point.pain_after is not None:
                same = point.pain_after == point.pain_before
                grid[point.pain_after][column] = both if same else after
        lines.append(f"Pain  {before} before  {after} after")
        lines += [f"{n:>2} |{''.join(row)}".rstrip() for n, row in reversed(list(enumerate(grid)))]
        lines.append("   +" + "-" * columns)
        days = _ends(points)
        first, last = map(short_date, days)
        gap = " " * (columns - len(first) - len(last))
        below = first.center(columns).rstrip() if days[0] == days[1] else first + gap + last
        lines += [f"    {below}", ""]
    unit, counted = buckets(points)
    lines.append(f"Sessions a {unit}")
    label = max(len(bucket.label) for bucket in counted)
    most = max(bucket.sessions for bucket in counted)
    room = max(1, width - label - len(str(most)) - 2)
    for bucket in counted:
        length = bucket.sessions if most <= room else -(-bucket.sessions * room // most)
        lines.append(
            f"{bucket.label:>{label}} {bar * length} {bucket.sessions}".replace("  0", " 0")
        )
    return "\n".join(lines) + "\n"


def _spots(points: Sequence[Point], width: float) -> Iterator[float]:
    """Where each point stands between 0 and the width, by its time; those of one day about the
    middle, where its name is."""
    first, last = points[0].when, points[-1].when
    span = (last - first).total_seconds()
    days = _ends(points)
    used = 0.25 if days[0] == days[1] else 1.0
    for point in points:
        share = (point.when - first).total_seconds() / span if span else 0.5
        yield (0.5 + (share - 0.5) * used) * width


# --------------------------------------------------------------------------------- picture

Anchor = Literal["start", "middle", "end"]
_WIDTH, _HEIGHT = 1200, 760
_LEFT, _RIGHT = 90.0, 1150.0
_PAIN_TOP, _PAIN_BOTTOM = 152.0, 452.0
_BARS_TOP, _BARS_BOTTOM = 572.0, 692.0
_PAPER, _INK, _SOFT, _RULE = "#faf7f2", "#33302d", "#6d6762", "#ddd5c9"
_BEFORE, _AFTER = "#c8452f", "#12817c"


@dataclass(frozen=True, slots=True)
class _Line:
    points: tuple[tuple[float, float], ...]
    color: str
    width: float
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class _Box:
    x: float
    y: float
    width: float
    height: float
    color: str


@dataclass(frozen=True, slots=True)
class _Dot:
    x: float
    y: float
    color: str
    filled: bool


@dataclass(frozen=True, slots=True)
class _Words:
    x: float
    y: float
    words: str
    size: int
    color: str
    anchor: Anchor = "start"


_Shape = _Line | _Box | _Dot | _Words


def _shapes(points: Sequence[Point]) -> Iterator[_Shape]:
    """Everything in the picture, from back to front; words stand on their base line."""
    yield _Words(_LEFT - 50, 56, "Pain and sessions", 32, _INK)
    for line, sentence in enumerate(summary(points).sentences()):
        yield _Words(_LEFT - 50, 88 + 28 * line, sentence, 20, _SOFT)
    yield from _pain(points)
    yield from _bars(points)


def _pain(points: Sequence[Point]) -> Iterator[_Shape]:
    step = (_PAIN_BOTTOM - _PAIN_TOP) / 10
    for value in range(0, 11, 2):
        y = _PAIN_BOTTOM - value * step
        yield _Line(((_LEFT, y), (_RIGHT, y)), _RULE, 1.5)
        yield _Words(_LEFT - 14, y + 7, str(value), 20, _SOFT, "end")
    inner = _RIGHT - _LEFT - 40
    places = [_LEFT + 20 + x for x in _spots(points, inner)]
    rows = (
        ("before", _BEFORE, False, [p.pain_before for p in points]),
        ("after", _AFTER, True, [p.pain_after for p in points]),
    )
    for _, color, filled, values in rows:
        spots = [
            (x, _PAIN_BOTTOM - value * step)
            for x, value in zip(places, values, strict=True)
            if value is not None
        ]
        if len(spots) > 1:
            yield _Line(tuple(spots), color, 2.5, dashed=not filled)
        for x, y in spots:
            yield _Dot(x, y, color, filled)
    x = _RIGHT - 290
    for word, color, filled, _ in rows:
        yield _Dot(x, 49, color, filled)
        yield _Words(x + 16, 56, f"pain {word}", 20, _INK)
        x += 160
    if not any(value is not None for _, _, _, values in rows for value in values):
        middle = (_PAIN_TOP + _PAIN_BOTTOM) / 2
        yield _Words(
            (_LEFT + _RIGHT) / 2, middle - 8, "no pain was written down", 22, _SOFT, "middle"
        )
    for x, day in _ticks(points, places):
        yield _Words(x, _PAIN_BOTTOM + 34, short_date(day), 20, _SOFT, "middle")


def _ticks(
    points: Sequence[Point], places: Sequence[float], most: int = 7
) -> Iterator[tuple[float, date]]:
    """Days for the axis, not nearer than they can be read, the first and the last among them."""
    first, last = _ends(points)
    days = (last - first).days
    number = min(most - 1, days)
    if not number:
        yield (places[0] + places[-1]) / 2, first
        return
    for index in range(number + 1):
        day = first + timedelta(days=round(days * index / number))
        share = (day - first).days / days
        yield places[0] + share * (places[-1] - places[0]), day


def _bars(points: Sequence[Point]) -> Iterator[_Shape]:
    unit, counted = buckets(points)
    most = max(bucket.sessions for bucket in counted)
    yield _Words(_LEFT - 50, _BARS_TOP - 34, f"Sessions a {unit}", 22, _INK)
    yield _Line(((_LEFT, _BARS_BOTTOM), (_RIGHT, _BARS_BOTTOM)), _RULE, 1.5)
    room = (_RIGHT - _LEFT) / len(counted)
    every = max(1, -(-len(counted) * 110 // round(_RIGHT - _LEFT)))
    for index, bucket in enumerate(counted):
        middle = _LEFT + (index + 0.5) * room
        width = min(room * 0.7, 70)
        height = (_BARS_BOTTOM - _BARS_TOP) * bucket.sessions / most
        if bucket.sessions:
            yield _Box(middle - width / 2, _BARS_BOTTOM - height, width, height, _AFTER)
            if room >= 26:
                yield _Words(
                    middle, _BARS_BOTTOM - height - 8, str(bucket.sessions), 18, _INK, "middle"
                )
        if index % every == 0:
            yield _Words(middle, _BARS_BOTTOM + 32, bucket.label, 20, _SOFT, "middle")


def svg(points: Sequence[Point]) -> str:
    """The picture as a standalone SVG file, for at least one session.

    Raises:
        UsageError: there is no session.
    """
    told = " ".join(summary(points).sentences())
    size = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img"'
            ' aria-labelledby="vg-title vg-desc"'
            ' font-family="system-ui, -apple-system, &quot;Segoe UI&quot;, sans-serif">',
            '<title id="vg-title">Pain and sessions over time</title>',
            f'<desc id="vg-desc">{escape(told)}</desc>',
            f'<rect width="{_WIDTH}" height="{_HEIGHT}" rx="24" fill="{_PAPER}"/>',
            *(_as_svg(shape) for shape in _shapes(points)),
            "</svg>\n",
        ]
    )


def _as_svg(shape: _Shape) -> str:
    match shape:
        case _Line(points, color, width, dashed):
            dash = ' stroke-dasharray="7 6"' if dashed else ""
            spots = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            return f'<polyline points="{spots}" fill="none" stroke="{color}" stroke-width="{width}"{dash}/>'
        case _Box(x, y, width, height, color):
            return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="3" fill="{color}"/>'
        case _Dot(x, y, color, filled):
            fill = color if filled else _PAPER
            return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="{fill}" stroke="{color}" stroke-width="2.5"/>'
        case _Words(x, y, words, size, color, anchor):
            return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{color}" text-anchor="{anchor}">{escape(words)}</text>'


def png(points: Sequence[Point]) -> bytes:
    """The same picture as a PNG file.

    Raises:
        UsageError: there is no session.
    """
    from voiceguide.pictures import raster

    return raster.png(svg(points))
