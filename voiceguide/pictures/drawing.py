"""The drawing of the body: where each muscle lies, and where its pain is felt.

The curves are `body.toml`, beside this file; its areas have the ids of the catalogue. Everything
that shows the body is made from the same `Drawing`: the map as SVG (`body`) and as text
(`terminal`), and the cover of an exported session (`cover`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

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
        words = [f"{short(x)} {short(y)}" for x, y in self.points]
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


def short(value: float) -> str:
    """A number as SVG takes it, to a tenth."""
    return f"{round(value, 1) + 0:g}"
