"""The body in parts, each once: what every figure of a page is put together from by `<use>`."""

from __future__ import annotations

from typing import Any

from voiceguide.pictures.drawing import DEEP, VIEWS, drawing, short_name


def sprite() -> str:
    """An SVG of named parts that draws nothing by itself.

    `outline` is the body; `lines-VIEW` what is drawn within it; `m-MUSCLE-VIEW` a muscle of both
    sides, `p-MUSCLE-VIEW` where its pain is felt.
    """
    plan = drawing()
    parts = [f'<path id="outline" d="{plan.outline.svg()}"/>']
    for view in VIEWS:
        lines = "".join(line.svg() for line in plan.lines[view])
        parts.append(f'<path id="lines-{view}" d="{lines}"/>')
        for muscle in plan.anchors:
            for role, letter in (("muscle", "m"), ("pain", "p")):
                areas = plan.of(muscle, role, view)  # type: ignore[arg-type]
                if areas:
                    whole = "".join(area.curve.svg() for area in areas)
                    parts.append(f'<path id="{letter}-{muscle}-{view}" d="{whole}"/>')
    return f'<svg xmlns="http://www.w3.org/2000/svg"><defs>{"".join(parts)}</defs></svg>\n'


def map_to_dict() -> list[dict[str, Any]]:
    """The muscles in the order they are drawn: where each is shown, and where its label points.

    `x` and `y` are in the drawing's own units.
    """
    plan = drawing()
    return [
        {
            "muscle": muscle,
            "name": short_name(muscle),
            "view": view,
            "x": x,
            "y": y,
            "shown": [each for each in VIEWS if plan.of(muscle, "muscle", each)],
            "felt": [each for each in VIEWS if plan.of(muscle, "pain", each)],
        }
        # The piriformis lies deep, yet is drawn last: it would not be seen under the gluteus maximus.
        for muscle, (view, (x, y)) in sorted(plan.anchors.items(), key=lambda row: row[0] == DEEP)
    ]
