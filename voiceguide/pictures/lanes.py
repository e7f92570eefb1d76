"""What happens when in a session, drawn: a lane each for voice, breath, intervals, chimes, background.

One SVG for all: the page, files, the docs. A session longer than a row goes on in the next one, on
the same scale. Colours are attributes, so that a page's own stylesheet can replace them by class.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal
from xml.sax.saxutils import escape

from voiceguide.pictures import raster
from voiceguide.pictures.drawing import short
from voiceguide.timeline import Chapter, Event, Timeline
from voiceguide.units import format_clock, format_seconds

Theme = Literal["light", "dark", "auto"]
"""Auto: light, and dark where the viewer's system is."""
Kind = Literal[".svg", ".png", ".html"]

WIDTH = 1200
_LEFT, _RIGHT = 116.0, 1176.0
_TOP = 84.0
_ROW = 390.0
"""Seconds of a row at the most; a sentence of two seconds is then 5 pixels wide."""
_HEAD, _AXIS = 52.0, 40.0
_GAP = 16.0
"""Pixels between two rows."""
_HEIGHTS: Mapping[str, float] = {
    "voice": 30.0,
    "breath": 36.0,
    "interval": 34.0,
    "chime": 26.0,
    "background": 34.0,
}
"""The lanes, from top to bottom."""
_LANE = {"pause": "interval", "sound": "chime"}
"""What is drawn in another lane."""
_TICKS = (5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
_COLORS: Mapping[str, tuple[str, str]] = {
    "paper": ("#faf7f2", "#101817"),
    "ink": ("#33302d", "#f1ece4"),
    "soft": ("#676059", "#b2ada3"),
    "both": ("#f2ebe0", "#212d2a"),
    "left": ("#dcebe7", "#1d3834"),
    "right": ("#e5e3f1", "#2d2b45"),
    "voice": ("#676059", "#b2ada3"),
    "work": ("#0e6d68", "#39b5aa"),
    "on": ("#fffdfa", "#0b1a18"),
    "chime": ("#96690f", "#e0b04f"),
    "bed": ("#cbbba4", "#4d5a55"),
}
"""Each in light and in dark."""
_STROKED = ("work", "chime", "soft")


@dataclass(frozen=True, slots=True)
class _Row:
    """A part of the session that is drawn in one row, in frames."""

    start: int
    end: int


_Drawn = tuple[Event, float, float]
"""An event, with how full of breath the lungs are before and after it, 0 to 1."""


@dataclass(frozen=True, slots=True)
class _Page:
    """Where things go."""

    timeline: Timeline
    rows: tuple[_Row, ...]
    lanes: tuple[str, ...]
    scale: float
    """Pixels a frame."""
    dark: bool
    source: str | None
    loudest: float
    """The highest factor of a background."""

    @property
    def row_height(self) -> float:
        return _HEAD + sum(_HEIGHTS[lane] for lane in self.lanes) + _AXIS

    @property
    def height(self) -> float:
        return _TOP + len(self.rows) * (self.row_height + _GAP)

    def top(self, lane: str) -> float:
        """How far below the top of its row a lane begins."""
        before = self.lanes[: self.lanes.index(lane)]
        return _HEAD + sum(_HEIGHTS[each] for each in before)

    def fill(self, name: str) -> str:
        return f'class="vt-{name}" fill="{_COLORS[name][self.dark]}"'

    def stroke(self, name: str) -> str:
        return f'class="vt-{name}-line" fill="none" stroke="{_COLORS[name][self.dark]}"'

    def clock(self, frame: int) -> str:
        return format_clock(frame / self.timeline.format.rate)


def svg(
    timeline: Timeline,
    title: str,
    *,
    theme: Theme = "auto",
    sides: bool = False,
    source: str | None = None,
) -> str:
    """The picture as a standalone SVG file.

    Each thing in it tells its time and words where it is pointed at, and carries its start in
    seconds as `data-at`.

    Args:
        title: of the session.
        sides: whether each side begins a row, so that the second lies under the first.
        source: a script's name; what its lines make carries their number as `data-line`.
    """
    used = {_LANE.get(event.lane, event.lane) for event in timeline.events}
    rows = tuple(_rows(timeline, sides=sides))
    longest = max(row.end - row.start for row in rows)
    scale = (_RIGHT - _LEFT) / max(1, longest)
    lanes = tuple(lane for lane in _HEIGHTS if lane in used)
    page = _Page(timeline, rows, lanes, scale, theme == "dark", source, _loudest(timeline))
    length = format_clock(timeline.frames / timeline.format.rate)
    told = f"{title}, {length}: what is said, breathed, done and heard when"
    height = round(page.height)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}"'
        f' height="{height}" role="img" aria-labelledby="vt-title"'
        ' font-family="system-ui, -apple-system, &quot;Segoe UI&quot;, sans-serif" font-size="15">',
        f'<title id="vt-title">{escape(told)}</title>',
        *([_style()] if theme == "auto" else ()),
        f'<rect {page.fill("paper")} width="{WIDTH}" height="{height}" rx="20"/>',
        _words(page, 24, 48, _cut(title, 26, 980), "ink", size=26),
        _words(page, _RIGHT, 48, length, "soft", size=22, anchor="end"),
    ]
    for number, (row, events) in enumerate(zip(rows, _by_row(timeline, rows), strict=True)):
        down = _TOP + number * (page.row_height + _GAP)
        parts += [f'<g transform="translate(0 {short(down)})">', *_row(page, row, events), "</g>"]
    return "\n".join((*parts, "</svg>\n"))


def drawn(
    timeline: Timeline, title: str, kind: Kind, theme: Theme = "auto", *, sides: bool = False
) -> bytes:
    """The picture as a file of a kind; see `svg`. A PNG is light, or dark."""
    match kind:
        case ".svg":
            return svg(timeline, title, theme=theme, sides=sides).encode()
        case ".html":
            return _html(timeline, title, theme=theme, sides=sides).encode()
        case ".png":
            plain: Theme = "dark" if theme == "dark" else "light"
            return raster.png(svg(timeline, title, theme=plain, sides=sides))


def _html(timeline: Timeline, title: str, *, theme: Theme, sides: bool) -> str:
    """A page with the picture and nothing else, which needs nothing from elsewhere."""
    scheme = "light dark" if theme == "auto" else theme
    picture = svg(timeline, title, theme=theme, sides=sides)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f'<meta name="color-scheme" content="{scheme}">\n<title>{escape(title)}</title>\n'
        "<style>body { margin: 1rem } svg { width: 100%; min-width: 900px; height: auto }</style>\n"
        f"</head>\n<body>\n{picture}</body>\n</html>\n"
    )


def _style() -> str:
    """Dark where the viewer is dark."""
    rules = [f".vt-{name}{{fill:{dark}}}" for name, (_, dark) in _COLORS.items()]
    rules += [f".vt-{name}-line{{stroke:{_COLORS[name][1]}}}" for name in _STROKED]
    return f"<style>@media (prefers-color-scheme: dark){{{''.join(rules)}}}</style>"


def _rows(timeline: Timeline, *, sides: bool) -> Iterator[_Row]:
    """The session, or each run of steps on one side, in rows of equal length."""
    most = round(_ROW * timeline.format.rate)
    spans = [(0, timeline.frames)]
    if sides and timeline.chapters:
        runs = (list(run) for _, run in groupby(timeline.chapters, key=lambda c: c.side))
        spans = [(run[0].start, run[-1].end) for run in runs]
    for start, end in spans:
        number = max(1, -(-(end - start) // most))
        cuts = [start + (end - start) * index // number for index in range(number)]
        yield from (_Row(a, b) for a, b in zip(cuts, [*cuts[1:], end], strict=True))


def _by_row(timeline: Timeline, rows: Sequence[_Row]) -> list[list[_Drawn]]:
    """The events of each row, in order."""
    found: list[list[_Drawn]] = [[] for _ in rows]
    ends = [row.end for row in rows]
    level = 0.0
    for event in timeline.events:
        before = level
        level = {"in": 1.0, "out": 0.0}.get(event.label or "", level)
        number = bisect_right(ends, event.start)
        while number < len(rows) and rows[number].start < event.end:
            found[number].append((event, before, level))
            number += 1
    return found


def _row(page: _Page, row: _Row, events: Iterable[_Drawn]) -> Iterator[str]:
    bottom = page.row_height - _AXIS
    for chapter in page.timeline.chapters:
        if chapter.start < row.end and chapter.end > row.start:
            yield from _chapter(page, row, chapter, bottom)
    for lane in page.lanes:
        middle = page.top(lane) + _HEIGHTS[lane] / 2 + 5
        yield _words(page, _LEFT - 12, middle, lane, "soft", anchor="end")
    for event, before, after in events:
        match event.lane:
            case "voice":
                yield _bar(page, row, event, "voice", 14)
            case "interval":
                yield from _interval(page, row, event)
            case "pause":
                yield _bar(page, row, event, "bed", 4)
            case "breath":
                yield _breath(page, row, event, before, after)
            case "chime" | "sound":
                yield _chime(page, row, event)
            case "background":
                yield _bed(page, row, event)
    yield from _axis(page, row, bottom)


def _x(page: _Page, row: _Row, frame: int) -> float:
    return _LEFT + (min(max(frame, row.start), row.end) - row.start) * page.scale


def _told(page: _Page, event: Event) -> str:
    """The attribute and the title of what is drawn for an event."""
    rate = page.timeline.format.rate
    what = event.text or " ".join(filter(None, (event.label or event.lane, event.sound)))
    lasts = "" if event.text else f", {format_seconds(round(event.frames / rate, 1))}"
    at, where = f"{event.start / rate:.2f}", event.location
    own = where is not None and where.source == page.source
    line = f' data-line="{where.line}"' if where is not None and own else ""
    return f'data-at="{at}"{line}><title>{page.clock(event.start)} {escape(what)}{lasts}</title>'


def _bar(page: _Page, row: _Row, event: Event, color: str, height: float) -> str:
    lane = _LANE.get(event.lane, event.lane)
    x, end = _x(page, row, event.start), _x(page, row, event.end)
    y = page.top(lane) + (_HEIGHTS[lane] - height) / 2
    # A hair of room between two sentences that follow at once.
    width = max(1.5, end - x - 1)
    return (
        f'<rect {page.fill(color)} x="{short(x)}" y="{short(y)}" width="{short(width)}"'
        f' height="{short(height)}" rx="2" {_told(page, event)}</rect>'
    )


def _interval(page: _Page, row: _Row, event: Event) -> Iterator[str]:
    yield _bar(page, row, event, "work", 24)
    x, end = _x(page, row, event.start), _x(page, row, event.end)
    label = event.label or "interval"
    lasts = format_seconds(round(event.frames / page.timeline.format.rate))
    y = page.top("interval") + _HEIGHTS["interval"] / 2 + 5
    for words in (f"{label} {lasts}", label):
        if event.start >= row.start and _width(words, 14) + 12 <= end - x:
            yield _words(page, x + 6, y, words, "on", size=14, inert=True)
            break


def _breath(page: _Page, row: _Row, event: Event, before: float, after: float) -> str:
    low = page.top("breath") + _HEIGHTS["breath"] - 6
    rise = _HEIGHTS["breath"] - 12

    def point(frame: int) -> str:
        share = (frame - event.start) / max(1, event.frames)
        height = low - rise * (before + (after - before) * share)
        return f"{short(_x(page, row, frame))},{short(height)}"

    ends = point(max(event.start, row.start)), point(min(event.end, row.end))
    return f'<polyline {page.stroke("work")} stroke-width="2.5" stroke-linecap="round" points="{" ".join(ends)}" {_told(page, event)}</polyline>'


def _chime(page: _Page, row: _Row, event: Event) -> str:
    x, end = _x(page, row, event.start), _x(page, row, event.end)
    y = page.top("chime") + _HEIGHTS["chime"] / 2
    begins = event.start >= row.start
    dot = f'<circle {page.fill("chime")} cx="{short(x)}" cy="{short(y)}" r="5"/>' if begins else ""
    return (
        f'<g {_told(page, event)}<path {page.stroke("chime")} stroke-width="2" stroke-opacity=".55"'
        f' d="M{short(x)} {short(y)}H{short(end)}"/>{dot}</g>'
    )


def _loudest(timeline: Timeline) -> float:
    """The highest factor of a background."""
    found = (
        event.gain * max((gain for _, gain in event.envelope), default=1.0)
        for event in timeline.lane("background")
    )
    return max(found, default=1.0) or 1.0


def _bed(page: _Page, row: _Row, event: Event) -> str:
    """As high as it is loud, beside the loudest: where it makes room for words, it is lower."""
    start, end = max(event.start, row.start), min(event.end, row.end)
    corners = event.envelope or ((start, 1.0),)
    first = bisect_right(corners, (start, math.inf))
    inside = corners[first : bisect_left(corners, (end, -math.inf))]
    shape = [(start, _level(corners, start)), *inside, (end, _level(corners, end))]
    low, tall = page.top("background") + _HEIGHTS["background"], _HEIGHTS["background"] - 8
    spots = [
        f"{short(_x(page, row, at))} {short(low - tall * gain * event.gain / page.loudest)}"
        for at, gain in shape
    ]
    path = f"M{short(_x(page, row, start))} {short(low)}L{'L'.join(spots)}V{short(low)}Z"
    return f'<path {page.fill("bed")} d="{path}" {_told(page, event)}</path>'


def _level(corners: Sequence[tuple[int, float]], at: int) -> float:
    """A gain curve at a frame."""
    after = bisect_right(corners, (at, math.inf))
    if after in (0, len(corners)):
        return corners[min(after, len(corners) - 1)][1]
    (one, before), (other, gain) = corners[after - 1], corners[after]
    return before + (gain - before) * (at - one) / (other - one)


def _chapter(page: _Page, row: _Row, chapter: Chapter, bottom: float) -> Iterator[str]:
    x, end = _x(page, row, chapter.start), _x(page, row, chapter.end)
    width = max(1.0, end - x - 2)
    at = chapter.start / page.timeline.format.rate
    yield (
        f'<rect {page.fill(chapter.side or "both")} x="{short(x)}" y="0" width="{short(width)}"'
        f' height="{short(bottom)}" rx="6" data-at="{at:.2f}">'
        f"<title>{page.clock(chapter.start)} {escape(chapter.title)}</title></rect>"
    )
    side = chapter.side or ""
    bare = chapter.title.removesuffix(f", {side} side") if side else chapter.title
    lines = ((_cut(bare, 15, width - 14), 20.0, "ink"), (_cut(side, 15, width - 14), 39.0, "soft"))
    for words, y, color in lines:
        if words:
            yield _words(page, x + 8, y, words, color, inert=True)


def _axis(page: _Page, row: _Row, bottom: float) -> Iterator[str]:
    rate = page.timeline.format.rate
    step = next((s for s in _TICKS if s * rate * page.scale >= 70), _TICKS[-1])
    tick = -(-row.start // (step * rate)) * step
    while tick * rate <= row.end:
        x = _x(page, row, tick * rate)
        yield f'<path {page.stroke("soft")} d="M{short(x)} {short(bottom)}v6"/>'
        yield _words(page, x, bottom + 23, format_clock(tick), "soft", size=14, anchor="middle")
        tick += step


def _words(
    page: _Page,
    x: float,
    y: float,
    words: str,
    color: str,
    *,
    size: int = 15,
    anchor: str = "start",
    inert: bool = False,
) -> str:
    """Words on their base line; inert ones let what lies below be pointed at."""
    more = ' pointer-events="none"' if inert else ""
    return (
        f'<text {page.fill(color)} x="{short(x)}" y="{short(y)}" font-size="{size}"'
        f' text-anchor="{anchor}"{more}>{escape(words)}</text>'
    )


def _width(words: str, size: int) -> float:
    return float(raster.measure(size).getlength(words))


def _cut(words: str, size: int, room: float) -> str:
    """As much of some words as there is room for; none rather than fewer than three letters."""
    if _width(words, size) <= room:
        return words
    while words and _width(f"{words}\u2026", size) > room:
        words = words[:-1].rstrip()
    return f"{words}\u2026" if len(words) >= 3 else ""
