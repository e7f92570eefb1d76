"""The body as text for a terminal: braille dots or plain characters, with colours or without."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby, pairwise

from voiceguide.pictures.drawing import (
    HEIGHT,
    REACH,
    VIEWS,
    Curve,
    Drawing,
    Point,
    Role,
    check_muscle,
    drawing,
    short_name,
)

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
