"""The body as SVG: the map of the muscles, and the figures that the cover shows too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape

from voiceguide.library import catalogue
from voiceguide.pictures.drawing import (
    DEEP,
    VIEWS,
    Area,
    Drawing,
    View,
    check_muscle,
    drawing,
    short,
    short_name,
)

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
        f"<defs>{hatching(ident)}</defs>",
        f'<rect class="vg-card" width="{width}" height="{height}" rx="24"/>',
    ]
    lit = None if muscle is None else (muscle,)
    for view in VIEWS:
        parts.append(f'<g id="{ident}-{view}" transform="translate({_CENTRE[view]:g} {_TOP:g})">')
        parts += figure(view, lit, ident)
        parts.append("</g>")
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


def figure(view: View, muscles: tuple[str, ...] | None, ident: str) -> Iterator[str]:
    """One figure in SVG, in the drawing's own units and with the classes of its style.

    Args:
        muscles: those to light up, with where their pain is felt; None for the whole map.
        ident: what the ids of its document begin with; its hatching is `ident`-hatch.
    """
    plan = drawing()
    shown = tuple(plan.anchors) if muscles is None else muscles
    yield f'<path class="vg-body" d="{plan.outline.svg()}"/>'
    for muscle in shown:
        for area in plan.of(muscle, "pain", view):
            if muscles is not None:
                yield _area(area, 'class="vg-wash"')
            yield _area(area, f'fill="url(#{ident}-hatch)"')
    # The piriformis lies deep, yet is drawn last: it would not be seen under the gluteus maximus.
    for muscle in sorted(shown, key=lambda each: each == DEEP):
        deep = " vg-deep" if muscle == DEEP and muscles is None else ""
        for area in plan.of(muscle, "muscle", view):
            yield _area(area, f'class="vg-muscle{deep}"')
    for line in plan.lines[view]:
        yield f'<path class="vg-line" d="{line.svg()}"/>'
    yield f'<path class="vg-edge" d="{plan.outline.svg()}"/>'


def hatching(ident: str, *, step: float = 8.0) -> str:
    """The pattern of the pain's areas; `step` is how far its lines are apart."""
    return (
        f'<pattern id="{ident}-hatch" width="{step:g}" height="{step:g}"'
        ' patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<path class="vg-hatch" d="M0 {step / 2:g}H{step:g}"/></pattern>'
    )


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
        f'<path class="vg-lead" d="M{short(x)} {short(y)}L{short(to_x)} {short(to_y)}"/>'
        f'<circle class="vg-dot" cx="{short(x)}" cy="{short(y)}" r="3.4"/>'
    )


def _text(x: float, y: float, words: str, classes: str, anchor: str) -> str:
    at = f'x="{short(x)}" y="{short(y)}" text-anchor="{anchor}"'
    return f'<text class="{classes}" {at}>{escape(words)}</text>'
