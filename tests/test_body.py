"""The drawing of the body: every muscle has its place in it, as SVG and as text."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable
from xml.etree import ElementTree as ET

import pytest

from voiceguide.errors import NotFoundError
from voiceguide.library import catalogue
from voiceguide.pictures.body import body_svg
from voiceguide.pictures.drawing import Area, Point, Role, View, drawing, short_name
from voiceguide.pictures.terminal import terminal
from voiceguide.units import Side

SVG = "{http://www.w3.org/2000/svg}"
MUSCLES = list(catalogue.muscles())
ANSI = re.compile(r"\x1b\[[0-9]+m")


def _inside(point: Point, edge: tuple[Point, ...]) -> bool:
    x, y = point
    inside = False
    for (ax, ay), (bx, by) in zip(edge, edge[1:] + edge[:1], strict=True):
        if (ay <= y) != (by <= y) and x < ax + (y - ay) / (by - ay) * (bx - ax):
            inside = not inside
    return inside


def _box(areas: Iterable[Area]) -> tuple[float, float, float, float]:
    points = [point for area in areas for point in area.curve.flat()]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def _right(muscle: str, role: Role = "muscle", view: View = "back") -> list[Area]:
    return [area for area in drawing().of(muscle, role, view) if area.side == "right"]


def test_every_muscle_has_its_area_and_its_pain_on_both_sides() -> None:
    """The drawing and the catalogue know the same muscles, in the same order."""
    plan = drawing()
    assert list(plan.anchors) == MUSCLES
    for muscle in MUSCLES:
        for role in ("muscle", "pain"):
            sides = [a.side for a in plan.areas if a.muscle == muscle and a.role == role]
            assert sides.count("left") == sides.count("right") >= 1


def test_areas_lie_inside_the_body() -> None:
    """No lit area runs over the edge of the body, not even between its Bezier points."""
    edge = drawing().outline.flat(24)
    for area in drawing().areas:
        outside = [point for point in area.curve.flat() if not _inside(point, edge)]
        assert not outside, (area.muscle, area.role, area.view, outside[:3])


def test_left_and_right_are_mirrors() -> None:
    """The outline and every area have their counterpart; the sides are the listener's own."""
    plan = drawing()
    points = set(plan.outline.points)
    assert points == {(-x, y) for x, y in points}
    areas = set(plan.areas)
    for area in plan.areas:
        other: Side = "left" if area.side == "right" else "right"
        assert Area(area.muscle, area.role, area.view, other, area.curve.mirror) in areas
        middle = sum(x for x, _ in area.curve.points)
        assert (middle > 0) == ((area.view == "back") == (area.side == "right"))


def test_edges_are_closed_curves() -> None:
    """Each edge comes back to its start with whole Bezier curves."""
    for curve in (drawing().outline, *(area.curve for area in drawing().areas)):
        assert curve.closed and len(curve.points) % 3 == 1
        start, end = curve.points[0], curve.points[-1]
        assert abs(start[0] - end[0]) < 1e-9 and abs(start[1] - end[1]) < 1e-9


def test_muscles_lie_where_anatomy_has_them() -> None:
    """From top to bottom and from the middle outwards, as the catalogue says in words."""
    back, medius, deep, large, thigh, calf = (
        _box(_right(muscle))
        for muscle in (
            "lower-back",
            "gluteus-medius",
            "piriformis",
            "gluteus-maximus",
            "hamstrings",
            "calves",
        )
    )
    assert back[0] > 4, "beside the spine, never on it"
    assert back[1] < medius[1] < deep[1] < thigh[1] < calf[1]
    assert medius[0] > deep[0] and medius[2] > large[2], "the upper, outer part of the buttock"
    assert large[1] - 3 < deep[1] and deep[3] < large[3], "deep in the buttock"
    assert deep[0] < 8 and deep[2] > 55, "from the sacrum to the side of the hip"
    assert thigh[1] >= large[3] - 4 and thigh[3] < calf[1], "below the buttock, above the knee"
    hips = _box(a for a in drawing().of("hips", "muscle", "front") if a.side == "left")
    assert hips[0] > 40, "the side of the hip"
    assert not drawing().of("hips", "muscle", "back")


def test_pain_reaches_where_the_catalogue_says() -> None:
    """The hatching goes down to the thigh, the ankle, the sole, the knee, and to the groin."""
    knee, ankle = 545, 690
    assert 440 < _box(_right("piriformis", "pain"))[3] < knee - 40
    assert ankle < _box(_right("gluteus-medius", "pain"))[3] < 720
    assert _box(_right("gluteus-medius", "pain"))[1] < 300
    assert _box(_right("calves", "pain"))[3] > 780
    assert _box(_right("hamstrings", "pain"))[3] > knee
    assert abs(_box(drawing().of("hips", "pain", "front"))[3] - knee) < 10
    assert drawing().of("lower-back", "pain", "front")


def test_anchors_of_labels_lie_in_their_muscle() -> None:
    """A line from a name ends on the muscle that it names."""
    for muscle, (view, point) in drawing().anchors.items():
        areas = drawing().of(muscle, "muscle", view)
        assert any(_inside(point, area.curve.flat()) for area in areas), muscle


@pytest.mark.parametrize("labels", [True, False])
@pytest.mark.parametrize("muscle", [None, *MUSCLES])
def test_svg_is_valid_accessible_and_stands_alone(muscle: str | None, labels: bool) -> None:
    """XML that a browser shows without a script or another file, and reads out."""
    text = body_svg(muscle, labels=labels)
    assert text == body_svg(muscle, labels=labels)
    root = ET.fromstring(text)
    assert root.tag == f"{SVG}svg" and root.get("role") == "img"
    ids = [node.get("id") for node in root.iter() if node.get("id")]
    assert len(ids) == len(set(ids))
    named = (root.get("aria-labelledby") or "").split()
    assert [node.get("id") for node in root[:2]] == named
    assert all(node.text for node in root[:2])
    for node in root.iter():
        assert node.tag.removeprefix(SVG) in {
            "svg",
            "title",
            "desc",
            "style",
            "defs",
            "pattern",
            "path",
            "rect",
            "g",
            "text",
            "circle",
        }
        for name, value in node.attrib.items():
            assert not name.startswith("on") and "href" not in name
            for target in re.findall(r"url\((.*?)\)", value):
                assert target.removeprefix("#") in ids
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert bool(root.findall(f"{SVG}text")) == labels
    assert len(text) < 80_000


@pytest.mark.parametrize("muscle", MUSCLES)
def test_svg_lights_one_muscle(muscle: str) -> None:
    """Asked for one, the picture has no other, and says in words where it is felt."""
    root = ET.fromstring(body_svg(muscle))
    assert {n.get("data-muscle") for n in root.iter() if n.get("data-muscle")} == {muscle}
    assert {n.get("data-role") for n in root.iter() if n.get("data-role")} == {"muscle", "pain"}
    assert catalogue.muscles()[muscle].felt in (root[1].text or "")
    whole = ET.fromstring(body_svg())
    assert muscle in {n.get("data-muscle") for n in whole.iter()}


def test_svg_names_every_muscle_inside_the_picture() -> None:
    """All seven names, apart from each other and from the edges, for wide fonts too."""
    root = ET.fromstring(body_svg())
    width = float(root.get("width") or 0)
    names = {short_name(muscle) for muscle in MUSCLES}
    texts = [n for n in root.findall(f"{SVG}text") if n.text in names]
    assert {n.text for n in texts} == names
    for node in texts:
        assert float(node.get("x") or 0) + 12 * len(node.text or "") < width
    rows = sorted(float(n.get("y") or 0) for n in texts if n.get("text-anchor") == "start")
    assert all(b - a > 40 for a, b in zip(rows, rows[1:], strict=False))


def test_unknown_muscles_are_named_with_a_hint() -> None:
    """A slip is one sentence, in all that draws."""
    for draw in (body_svg, lambda m: terminal(m, 60, color=False, unicode=False)):
        with pytest.raises(NotFoundError, match='did you mean "piriformis"'):
            draw("piriformus")


@pytest.mark.parametrize("unicode", [True, False])
@pytest.mark.parametrize("color", [True, False])
@pytest.mark.parametrize("muscle", [None, *MUSCLES])
def test_terminal_keeps_to_its_width(muscle: str | None, color: bool, unicode: bool) -> None:
    """Never wider than asked, nothing but the letters and the colours that are allowed."""
    for width in (24, 61, 500) if muscle == "hips" else (24, 61):
        text = terminal(muscle, width, color=color, unicode=unicode)
        plain = ANSI.sub("", text)
        assert text.endswith("\n") and (text != plain) == color
        assert max(map(len, plain.splitlines())) <= min(width, 120)
        assert all(line == line.rstrip() for line in plain.splitlines())
        assert plain.isascii() != unicode and "\x1b" not in plain
        assert "front" in plain and "back" in plain
        # Every line that takes a colour gives it back.
        assert all(
            "\x1b" not in x or x.rindex("\x1b[0m") == x.rindex("\x1b") for x in text.split("\n")
        )


def test_terminal_lights_the_muscle_on_both_sides() -> None:
    """In plain letters the muscle stands in the right figure, as often left as right."""
    for muscle in MUSCLES:
        picture = terminal(muscle, 104, color=False, unicode=False).splitlines()[:-2]
        cells = [(i, x) for line in picture for i, x in enumerate(line.ljust(104))]
        front = [x for i, x in cells if i < 52]
        behind = [(i, x) for i, x in cells if i >= 52]
        assert ("#" in front) == (muscle == "hips")
        if muscle != "hips":
            left = sum(x == "#" for i, x in behind if i < 78)
            right = sum(x == "#" for i, x in behind if i >= 78)
            assert left and right and abs(left - right) <= 0.3 * (left + right)
        assert any(x == ":" for _, x in cells)


def test_terminal_shows_less_of_the_body_for_one_muscle() -> None:
    """The part that matters, so that it fits beside what is said of the muscle."""
    whole = terminal(None, 60, color=False, unicode=True).count("\n")
    assert terminal("piriformis", 60, color=False, unicode=True).count("\n") < whole / 2


def test_drawing_needs_no_heavy_library() -> None:
    """The map and the text come without Pillow and numpy."""
    code = (
        "import sys; from voiceguide.pictures import body, cover, terminal; body.body_svg();"
        "terminal.terminal(None, 60, color=True, unicode=True);"
        "sys.exit(bool({'PIL', 'numpy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
