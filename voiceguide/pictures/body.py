"""The drawing of the body: where each muscle lies, and where its pain is felt.

The curves are `body.toml`, beside this file; its areas have the ids of the catalogue. Everything
that shows the body is made from the same `Drawing`: the SVG here, the text for a terminal here,
and the cover of an exported session.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby, pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Literal
from xml.sax.saxutils import escape

from voiceguide.errors import NotFoundError, did_you_mean
from voiceguide.library import catalogue
from voiceguide.units import Side

View = Literal["front", "back"]
Role = Literal["muscle", "pain"]
Point = tuple[float, float]

VIEWS: tuple[View, View] = ("front", "back")
HEIGHT = 794.0
"""From the crown to the tips of the toes, in the units of the drawing."""
REACH = 126.0
"""From the middle line to beyond the hands, in the same units."""

DEEP = "piriformis"
"""The muscle that lies under another."""

FILE = Path(__file__).with_name("body.toml")


@dataclass(frozen=True, slots=True)
class Curve:
    """A run of cubic Bezier curves.

    Attributes:
        points: the start, then for each curve its two handles and its end: 3n + 1 points.
        closed: whether the end is joined to the start.
    """

    points: tuple[Point, ...]
    closed: bool = False

    @classmethod
    def read(cls, text: str) -> Curve:
        """A curve from SVG path letters: one M, then C with absolute points, and Z to close."""
        numbers = [float(number) for number in re.findall(r"-?[0-9]+(?:\.[0-9]+)?", text)]
        return cls(tuple(zip(numbers[::2], numbers[1::2], strict=True)), text.endswith("Z"))

    @property
    def mirror(self) -> Curve:
        """The same on the other side of the middle line."""
        return Curve(tuple((-x, y) for x, y in self.points), self.closed)

    def svg(self) -> str:
        """The curve as SVG path letters."""
        words = [f"{_short(x)} {_short(y)}" for x, y in self.points]
        return f"M{words[0]}C{' '.join(words[1:])}{'Z' if self.closed else ''}"

    def flat(self, steps: int = 8) -> tuple[Point, ...]:
        """The curve as straight lines, so many for each Bezier curve."""
        return tuple(self._flat(steps))

    def _flat(self, steps: int) -> Iterator[Point]:
        yield self.points[0]
        for i in range(0, len(self.points) - 1, 3):
            (ax, ay), (bx, by), (cx, cy), (dx, dy) = self.points[i : i + 4]
            for step in range(1, steps + 1):
                t = step / steps
                a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
                yield a * ax + b * bx + c * cx + d * dx, a * ay + b * by + c * cy + d * dy


@dataclass(frozen=True, slots=True)
class Area:
    """One patch of the body.

    Attributes:
        muscle: an id of the catalogue.
        role: the muscle itself, or where its pain is felt.
        view: the figure that it is drawn on.
        side: the listener's own left or right; the front figure's left is the viewer's right.
        curve: its edge, closed.
    """

    muscle: str
    role: Role
    view: View
    side: Side
    curve: Curve


@dataclass(frozen=True, slots=True)
class Drawing:
    """The body, each figure with its middle line at x = 0 and the crown at y = 0.

    Attributes:
        outline: the edge of the body, closed, the same for both figures.
        lines: the lines within it, open.
        areas: muscles and their pain, both sides of both figures.
        anchors: for each muscle the figure and the point on it that a label points to.
    """

    outline: Curve
    lines: Mapping[View, tuple[Curve, ...]]
    areas: tuple[Area, ...]
    anchors: Mapping[str, tuple[View, Point]]

    def of(self, muscle: str | None, role: Role, view: View) -> tuple[Area, ...]:
        """The areas of a muscle (or of all) in a role on one figure."""
        return tuple(
            area
            for area in self.areas
            if area.role == role and area.view == view and muscle in (None, area.muscle)
        )


@cache
def drawing() -> Drawing:
    """The shipped drawing."""
    data = tomllib.loads(FILE.read_text(encoding="utf-8"))
    half = Curve.read(data["outline"])
    # Up again on the other side: the mirror run backwards, without the point they share.
    outline = Curve(half.points + half.mirror.points[-2::-1], closed=True)
    lines = {view: tuple(_both(data["lines"][view])) for view in VIEWS}
    areas: list[Area] = []
    anchors: dict[str, tuple[View, Point]] = {}
    roles: tuple[tuple[Role, str], ...] = (("pain", "pain_"), ("muscle", ""))
    for muscle, row in data["muscles"].items():
        x, y = row["label"]
        anchors[muscle] = ("back" if "back" in row else "front", (float(x), float(y)))
        for view in VIEWS:
            for role, prefix in roles:
                for text in row.get(prefix + view, ()):
                    curve = Curve.read(text)
                    near: Side = "left" if view == "front" else "right"
                    far: Side = "right" if view == "front" else "left"
                    areas.append(Area(muscle, role, view, near, curve))
                    areas.append(Area(muscle, role, view, far, curve.mirror))
    return Drawing(outline, MappingProxyType(lines), tuple(areas), MappingProxyType(anchors))


def _both(texts: Iterable[str]) -> Iterator[Curve]:
    for text in texts:
        curve = Curve.read(text)
        yield curve
        if any(x for x, _ in curve.points):
            yield curve.mirror


def check_muscle(muscle: str) -> None:
    """Raises NotFoundError where the drawing has no such muscle."""
    known = drawing().anchors
    if muscle not in known:
        hint = did_you_mean(muscle, known) or f"there are {', '.join(known)}"
        raise NotFoundError(f'the drawing has no muscle "{muscle[:80]}"; {hint}')


def short_name(muscle: str) -> str:
    """A muscle's name without what stands in brackets after it."""
    return catalogue.muscles()[muscle].name.split(" (")[0]


def _short(value: float) -> str:
    return f"{round(value, 1) + 0:g}"


# ------------------------------------------------------------------------------------- SVG

_CENTRE: Mapping[View, float] = {"front": 146.0, "back": 424.0}
_TOP = 26.0
_LABELS_AT = 566.0
_LABEL_STEP = 62.0

_STYLE = """
.vg-card{fill:#faf7f2}.vg-body{fill:#efe6da}.vg-edge{fill:none;stroke:#5d5a57;stroke-width:2.6}
.vg-line{fill:none;stroke:#8f8982;stroke-width:1.8}
.vg-edge,.vg-line{stroke-linecap:round;stroke-linejoin:round}
.vg-muscle{fill:#12817c;stroke:#faf7f2;stroke-width:1.4;stroke-linejoin:round}
.vg-deep{fill:#0a5350}
.vg-hatch{stroke:#c8452f;stroke-width:2.6}.vg-wash{fill:#c8452f;fill-opacity:.13}
.vg-lead{fill:none;stroke:#5d5a57;stroke-width:1.3}.vg-dot{fill:#33302d}
.vg-text{fill:#33302d;font:21px system-ui,-apple-system,"Segoe UI",sans-serif}
.vg-soft{fill:#6d6762;font-size:18px}
@media (prefers-color-scheme:dark){
.vg-card{fill:#16201f}.vg-body{fill:#26322f}.vg-edge{stroke:#c9c2b8}.vg-line{stroke:#83897f}
.vg-muscle{fill:#39b5aa;stroke:#16201f}.vg-deep{fill:#a4ebe0}
.vg-hatch{stroke:#ff8a66}.vg-wash{fill:#ff8a66}
.vg-lead{stroke:#c9c2b8}.vg-dot,.vg-text{fill:#f1ece4}.vg-soft{fill:#aaa59c}}
"""


def body_svg(muscle: str | None = None, *, labels: bool = True) -> str:
    """The body from the front and the back as a standalone SVG file.

    Args:
        muscle: the one to light up, with where its pain is felt; None for the whole map.
        labels: with names, sides and a legend; the title and the description stay without.

    Raises:
        NotFoundError: there is no such muscle.
    """
    if muscle is not None:
        check_muscle(muscle)
    plan = drawing()
    ident = f"vg-{muscle or 'map'}"
    width, height = (766, 872) if labels else (570, 846)
    title, desc = _words(muscle)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" role="img" aria-labelledby="{ident}-title {ident}-desc">',
        f'<title id="{ident}-title">{escape(title)}</title>',
        f'<desc id="{ident}-desc">{escape(desc)}</desc>',
        f"<style>{_STYLE}</style>",
        f'<defs><pattern id="{ident}-hatch" width="8" height="8" patternUnits="userSpaceOnUse"'
        ' patternTransform="rotate(45)"><path class="vg-hatch" d="M0 4H8"/></pattern></defs>',
        f'<rect class="vg-card" width="{width}" height="{height}" rx="24"/>',
    ]
    for view in VIEWS:
        parts += _figure(plan, view, muscle, ident)
    if labels:
        parts += _labels(plan, muscle, ident)
    parts.append("</svg>")
    return "\n".join(parts) + "\n"


def _words(muscle: str | None) -> tuple[str, str]:
    if muscle is None:
        names = ", ".join(short_name(each) for each in drawing().anchors)
        return (
            "Map of the muscles, front and back",
            f"The body from the front and the back, with these muscles: {names}. "
            "Hatched: where their pain is felt.",
        )
    entry = catalogue.muscles()[muscle]
    return f"Where the {short_name(muscle)} is", f"{entry.where} Its pain is felt: {entry.felt}"


def _figure(plan: Drawing, view: View, muscle: str | None, ident: str) -> Iterator[str]:
    pains = plan.of(muscle, "pain", view)
    # The piriformis lies deep, yet is drawn last: it would not be seen under the gluteus maximus.
    muscles = sorted(plan.of(muscle, "muscle", view), key=lambda area: area.muscle == DEEP)
    yield f'<g id="{ident}-{view}" transform="translate({_CENTRE[view]:g} {_TOP:g})">'
    yield f'<path class="vg-body" d="{plan.outline.svg()}"/>'
    for area in pains:
        if muscle is not None:
            yield _area(area, 'class="vg-wash"')
        yield _area(area, f'fill="url(#{ident}-hatch)"')
    for area in muscles:
        deep = " vg-deep" if area.muscle == DEEP and muscle is None else ""
        yield _area(area, f'class="vg-muscle{deep}"')
    for line in plan.lines[view]:
        yield f'<path class="vg-line" d="{line.svg()}"/>'
    yield f'<path class="vg-edge" d="{plan.outline.svg()}"/>'
    yield "</g>"


def _area(area: Area, look: str) -> str:
    felt = ": where its pain is felt" if area.role == "pain" else ""
    return (
        f'<g data-muscle="{area.muscle}" data-role="{area.role}" data-side="{area.side}">'
        f"<title>{escape(short_name(area.muscle))}, {area.side}{felt}</title>"
        f'<path {look} d="{area.curve.svg()}"/></g>'
    )


def _labels(plan: Drawing, muscle: str | None, ident: str) -> Iterator[str]:
    for view in VIEWS:
        x = _CENTRE[view]
        yield _text(x, 842, view, "vg-text", "middle")
        left, right = ("right", "left") if view == "front" else ("left", "right")
        yield _text(x - 62, 812, left, "vg-text vg-soft", "end")
        yield _text(x + 62, 812, right, "vg-text vg-soft", "start")
    wanted = [muscle] if muscle else list(plan.anchors)
    behind = sorted((m for m in wanted if plan.anchors[m][0] == "back"), key=lambda m: _y(plan, m))
    rows = _spread([_y(plan, each) + _TOP for each in behind])
    for each, row in zip(behind, rows, strict=True):
        x, y = plan.anchors[each][1]
        yield _lead(_CENTRE["back"] + x, _TOP + y, _LABELS_AT - 8, row)
        yield _text(_LABELS_AT, row + 7, short_name(each), "vg-text", "start")
    for each in wanted:
        view, (x, y) = plan.anchors[each]
        if view == "front":
            # Beside the thigh, where the line to it stays clear of the hand.
            at = _CENTRE[view] + 98
            yield _lead(_CENTRE[view] + x, _TOP + y, at - 8, 504)
            yield _text(at, 526, short_name(each), "vg-text", "middle")
    yield f'<rect class="vg-muscle" x="{_LABELS_AT:g}" y="744" width="24" height="18" rx="5"/>'
    yield _text(_LABELS_AT + 34, 760, "the muscle", "vg-text vg-soft", "start")
    yield (
        f'<rect fill="url(#{ident}-hatch)" x="{_LABELS_AT:g}" y="776" width="24" height="18" rx="5"/>'
    )
    yield _text(_LABELS_AT + 34, 792, "where it is felt", "vg-text vg-soft", "start")


def _y(plan: Drawing, muscle: str) -> float:
    return plan.anchors[muscle][1][1]


def _spread(rows: list[float]) -> list[float]:
    """Rows moved upwards, no more than is needed for each to stand clear of the next."""
    out: list[float] = []
    for row in reversed(rows):
        out.append(min(row, out[-1] - _LABEL_STEP) if out else row)
    return out[::-1]


def _lead(x: float, y: float, to_x: float, to_y: float) -> str:
    return (
        f'<path class="vg-lead" d="M{_short(x)} {_short(y)}L{_short(to_x)} {_short(to_y)}"/>'
        f'<circle class="vg-dot" cx="{_short(x)}" cy="{_short(y)}" r="3.4"/>'
    )


def _text(x: float, y: float, words: str, classes: str, anchor: str) -> str:
    at = f'x="{_short(x)}" y="{_short(y)}" text-anchor="{anchor}"'
    return f'<text class="{classes}" {at}>{escape(words)}</text>'


# -------------------------------------------------------------------------------- terminal

_GAP = 12.0  # between the hands of the two figures
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # of a braille character
_COLOUR: Mapping[Role, str] = {"muscle": "\x1b[36m", "pain": "\x1b[31m"}
_RESET = "\x1b[0m"

Dot = tuple[int, int]


def terminal(muscle: str | None, width: int, *, color: bool, unicode: bool) -> str:
    """The same drawing as text, cut to the part of the body that a muscle concerns.

    Args:
        muscle: the one to light up, with where its pain is felt; None for all, head to foot.
        width: columns at most; the picture is 24 to 120 wide.
        color: with ANSI colours; without, the pain is still told apart by its pattern.
        unicode: in braille dots; without, in plain ASCII.

    Returns:
        lines without spaces at their ends, each ended by a line break.

    Raises:
        NotFoundError: there is no such muscle.
    """
    if muscle is not None:
        check_muscle(muscle)
    plan = drawing()
    columns = min(max(width, 24), 120)
    scale = 2 * columns / (4 * REACH + _GAP)
    top, bottom = _part(plan, muscle)
    lines: set[Dot] = set()
    areas: dict[Role, set[Dot]] = {"muscle": set(), "pain": set()}
    for view, middle in zip(VIEWS, (REACH, 3 * REACH + _GAP), strict=True):

        def placed(curve: Curve, middle: float = middle) -> list[Point]:
            return [((x + middle) * scale, (y - top) * scale) for x, y in curve.flat()]

        for role, dots in areas.items():
            for area in plan.of(muscle, role, view):
                dots.update(_filled(placed(area.curve)))
        # In a small picture the inner lines would only blur the outline.
        for curve in (plan.outline, *(plan.lines[view] if columns >= 56 else ())):
            lines.update(_stroked(placed(curve)))
    rows = -(-int((bottom - top) * scale) // 4)
    text = [_row(row, columns, lines, areas, color=color, unicode=unicode) for row in range(rows)]
    return "".join(f"{line}\n" for line in (*text, *_captions(columns, muscle, color, unicode)))


def _part(plan: Drawing, muscle: str | None) -> tuple[float, float]:
    """The highest and the lowest row to show, in units of the drawing."""
    if muscle is None:
        return -4.0, HEIGHT + 4
    rows = [y for a in plan.areas if a.muscle == muscle for _, y in a.curve.points]
    return max(-4.0, min(rows) - 60), min(HEIGHT + 4, max(rows) + 45)


def _filled(points: list[Point]) -> Iterator[Dot]:
    """The dots whose middle lies within a closed run of straight lines."""
    edges = list(zip(points, points[1:] + points[:1], strict=True))
    ys = [y for _, y in points]
    for row in range(int(min(ys)), int(max(ys)) + 1):
        y = row + 0.5
        cuts = sorted(
            ax + (y - ay) / (by - ay) * (bx - ax)
            for (ax, ay), (bx, by) in edges
            if (ay <= y) != (by <= y)
        )
        for start, end in zip(cuts[::2], cuts[1::2], strict=True):
            yield from ((column, row) for column in range(round(start), round(end)))


def _stroked(points: list[Point]) -> Iterator[Dot]:
    for (ax, ay), (bx, by) in pairwise(points):
        steps = max(1, round(2 * max(abs(bx - ax), abs(by - ay))))
        for step in range(steps + 1):
            t = step / steps
            yield int(ax + t * (bx - ax)), int(ay + t * (by - ay))


def _row(
    row: int,
    columns: int,
    lines: set[Dot],
    areas: Mapping[Role, set[Dot]],
    *,
    color: bool,
    unicode: bool,
) -> str:
    cells = []
    for column in range(columns):
        place = {(2 * column + i, 4 * row + j): (i, j) for j in range(4) for i in range(2)}
        muscle = areas["muscle"].intersection(place)
        pain = areas["pain"].intersection(place) - muscle
        line = lines.intersection(place)
        if unicode:
            # Every second dot of the pain, so that it can be told without colours too.
            shown = muscle | line | {dot for dot in pain if sum(dot) % 2 == 0}
            bits = sum(_DOTS[j][i] for i, j in map(place.__getitem__, shown))
            cell = chr(0x2800 + bits) if bits else " "
        elif len(muscle) >= 4 or len(pain) >= 4:
            cell = "#" if len(muscle) >= 4 else ":"
        else:
            cell = _plain([place[dot] for dot in line])
        role: Role | None = None
        if cell != " " and (muscle or pain):
            role = "muscle" if 2 * len(muscle) >= len(pain) else "pain"
        cells.append((role, cell))
    runs = groupby(cells, key=lambda each: each[0])
    return "".join(
        _in_colour("".join(c for _, c in run), role, color) for role, run in runs
    ).rstrip()


def _in_colour(text: str, role: Role | None, color: bool) -> str:
    return f"{_COLOUR[role]}{text}{_RESET}" if color and role else text


def _plain(dots: list[Dot]) -> str:
    """The ASCII character that is most like a few dots of a line."""
    if not dots:
        return " "
    height = max(y for _, y in dots) - min(y for _, y in dots)
    left = [y for x, y in dots if x == 0]
    right = [y for x, y in dots if x == 1]
    if height < 2 and left and right:
        return "_" if min(y for _, y in dots) >= 2 else "-"
    if height < 2:
        return "." if min(y for _, y in dots) >= 2 else "'"
    if not left or not right:
        return "|"
    slope = sum(right) / len(right) - sum(left) / len(left)
    return "|" if abs(slope) < 1 else "\\" if slope > 0 else "/"


def _captions(columns: int, muscle: str | None, color: bool, unicode: bool) -> Iterator[str]:
    half = columns // 2
    front, back = ("right  front  left", "left  back  right") if half >= 20 else VIEWS
    yield (front.center(half) + back.center(half)).rstrip()
    signs = ("⣿⣿", "⢕⢕") if unicode else ("##", "::")
    roles: tuple[Role, Role] = ("muscle", "pain")
    words = (short_name(muscle) if muscle else "the muscle", "where it is felt")
    shown = []
    for sign, role, word in zip(signs, roles, words, strict=True):
        shown.append(f"{_in_colour(sign, role, color)} {word}")
    if columns < 44:
        yield from shown
    else:
        yield "   ".join(shown)
