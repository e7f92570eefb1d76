"""The square picture of an exported session: the body with its muscle lit, and the title.

An SVG of the same figures as the map, drawn by `raster` with its own font, so that it looks alike on
every machine.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from voiceguide.pictures import body, drawing, raster
from voiceguide.pictures.drawing import VIEWS, View

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

SIZE = 1000
"""Pixels on each side."""

_QUALITY = 78
_MARGIN = 64
_LONGEST = 200  # characters of a title that are looked at
_FIGURE = 668  # pixels from the top that the figure has for itself
_FADE, _ROW = 90, 2  # pixels over which a figure that is cut goes out, and in how fine steps
_BOLD = 600

_BACKGROUND, _GLOW, _SHINE = "132122", "2c4e4d", 0.7
_LAMP, _REACH, _SHADES = 'cx="500" cy="330"', 600, 32
_MUSCLE, _TEXT, _SOFT = "#48c9bc", "#f6f0e6", "#a3b4ae"
_STYLE = f"""
.vg-body{{fill:#324443}}.vg-edge{{fill:none;stroke:#ded5c8}}.vg-line{{fill:none;stroke:#7c8d87}}
.vg-edge,.vg-line{{stroke-linecap:round;stroke-linejoin:round}}
.vg-muscle{{fill:{_MUSCLE};stroke:#324443;stroke-width:.9;stroke-linejoin:round}}
.vg-hatch{{stroke:#ff8662}}.vg-wash{{fill:#ff8662;fill-opacity:.17}}
text{{font-family:{raster.FAMILY},sans-serif}}
"""

_PLAIN = str.maketrans(
    dict(zip("ıđĐðøØłŁ‐–—−⁄‘’‚„“”«»×", 'idDdoOlL----/\'\'\'"""""x', strict=True))
    | {"ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "þ": "th"}
)


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where a figure stands in the picture.

    Attributes:
        view: which figure.
        scale: pixels for each unit of the drawing.
        x: the pixel of its middle line.
        y: the pixel of its crown.
    """

    view: View
    scale: float
    x: float
    y: float


def cover(
    title: str, *, muscles: tuple[str, ...], kind: str, length_text: str | None = None
) -> bytes:
    """A JPEG of 1000 x 1000 pixels; the same words give the same bytes.

    Args:
        title: any text; it is wrapped and made smaller, and cut where even that is not enough.
            Where the font lacks most of its letters, the muscles are named instead.
        muscles: ids of the catalogue, which are lit; none gives the plain body.
        kind: the kind of the session, set small below the title.
        length_text: such as "10 min", set beside the kind, or None.

    Raises:
        NotFoundError: there is no such muscle.
    """
    return raster.jpeg(cover_svg(title, muscles, kind, length_text), _QUALITY)


def cover_svg(
    title: str, muscles: tuple[str, ...], kind: str, length_text: str | None = None
) -> str:
    """The same as a standalone SVG file; see `cover`."""
    for muscle in muscles:
        drawing.check_muscle(muscle)
    frames = _framed(muscles)
    scale = frames[0].scale
    strokes = (
        f".vg-edge{{stroke-width:{4.2 / scale:.3f}}}.vg-line{{stroke-width:{2.6 / scale:.3f}}}"
    )
    hatch = f".vg-hatch{{stroke-width:{4 / scale:.3f}}}"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}"'
            f' width="{SIZE}" height="{SIZE}">',
            f"<style>{_STYLE}{strokes}{hatch}</style>",
            "<defs>",
            f'<radialGradient id="light" gradientUnits="userSpaceOnUse" {_LAMP} r="{_REACH}">'
            f'<stop stop-color="{_lit(1.0)}"/><stop offset="1" stop-color="{_lit(0.0)}"/>'
            "</radialGradient>",
            body.hatching("cover", step=12.7 / scale),
            "</defs>",
            *_light(),
            *(_figure(frame, muscles) for frame in frames),
            *(_fading() if len(frames) == 1 else ()),
            *_words(_readable(title) or _names(muscles), kind, length_text),
            "</svg>\n",
        ]
    )


def _lit(share: float) -> str:
    """The background under some of the light."""
    mixed = (
        round(dark + (glow - dark) * _SHINE * share)
        for dark, glow in zip(bytes.fromhex(_BACKGROUND), bytes.fromhex(_GLOW), strict=True)
    )
    return f"#{bytes(mixed).hex()}"


def _light() -> Iterable[str]:
    """A soft light behind the figure, a circle for each shade: quicker than a gradient, and alike."""
    yield f'<rect width="{SIZE}" height="{SIZE}" fill="{_lit(0)}"/>'
    for step in range(_SHADES):
        radius = _REACH * (1 - step / _SHADES)
        yield f'<circle {_LAMP} r="{radius:.1f}" fill="{_lit((step + 0.5) / _SHADES)}"/>'


def _fading() -> Iterable[str]:
    """The background laid over the figure's lower end, row for row, and over all below it."""
    for row in range(0, _FADE, _ROW):
        y, share = _FIGURE - _FADE + row, (row + _ROW / 2) / _FADE
        yield (
            f'<rect y="{y}" width="{SIZE}" height="{_ROW}" fill="url(#light)"'
            f' fill-opacity="{share:.3f}"/>'
        )
    yield f'<rect y="{_FIGURE}" width="{SIZE}" height="{SIZE - _FIGURE}" fill="url(#light)"/>'


def _figure(frame: _Frame, muscles: tuple[str, ...]) -> str:
    place = f"translate({frame.x:.3f} {frame.y:.3f}) scale({frame.scale:.5f})"
    return "\n".join(
        [f'<g transform="{place}">', *body.figure(frame.view, muscles, "cover"), "</g>"]
    )


def _names(muscles: Iterable[str]) -> str:
    return ", ".join(drawing.short_name(each) for each in muscles).capitalize() or "voiceguide"


# ---------------------------------------------------------------------------- what is shown


def _framed(muscles: tuple[str, ...]) -> tuple[_Frame, ...]:
    """One figure cut to the muscles where they lie close together, else both, whole."""
    plan = drawing.drawing()
    views = {plan.anchors[muscle][0] for muscle in muscles}
    if len(views) == 1:
        view = views.pop()
        lit = [area for muscle in set(muscles) for area in plan.of(muscle, "muscle", view)]
        rows = [y for area in lit for _, y in area.curve.flat()]
        top, bottom = min(rows), max(rows)
        if bottom - top < 230:
            shown = max(300.0, (bottom - top) * 1.5)
            # A little above the middle: the pain runs downwards more often than up.
            start = (top + bottom) / 2 - 0.48 * shown
            if start + shown > drawing.HEIGHT - 60:
                start = drawing.HEIGHT + 44 - shown  # the feet too, clear of where the figure fades
            scale = _FIGURE / shown
            return (_Frame(view, scale, SIZE / 2, -start * scale),)
    scale = (_FIGURE - 54) / drawing.HEIGHT
    return tuple(
        _Frame(view, scale, SIZE / 2 + way * drawing.REACH * 1.12 * scale, 40)
        for view, way in zip(VIEWS, (-1, 1), strict=True)
    )


# --------------------------------------------------------------------------------- the words


def _words(title: str, kind: str, length_text: str | None) -> Iterable[str]:
    room = SIZE - _MARGIN - 64 - _FIGURE
    for size in (80, 72, 64, 58, 50, 44):
        font = raster.measure(size, _BOLD)
        lines = _wrapped(title, font, SIZE - 2 * _MARGIN)
        step = round(size * 1.2)
        if len(lines) * step <= room:
            break
    most = room // step
    if len(lines) <= most:
        lines = _balanced(title, font)
    else:
        lines = [*lines[: most - 1], _cut(" ".join(lines[most - 1 :]), font)]
    y = SIZE - _MARGIN - 66 - (len(lines) - 1) * step
    for line in lines:
        yield _text(y, size, _BOLD, _TEXT, line)
        y += step
    below = " · ".join(filter(None, (_readable(kind), _readable(length_text or ""))))
    yield _text(SIZE - _MARGIN, 36, 400, _SOFT, _cut(below, raster.measure(36)))


def _text(y: int, size: int, weight: int, color: str, words: str) -> str:
    return (
        f'<text x="{_MARGIN}" y="{y}" font-size="{size}" font-weight="{weight}" fill="{color}">'
        f"{escape(words)}</text>"
    )


def _readable(text: str) -> str:
    """A text in the letters that the font has; empty where most of it would be lost."""
    wanted = " ".join(text[:_LONGEST].split())
    plain = unicodedata.normalize("NFKD", wanted).translate(_PLAIN)
    kept = " ".join("".join(c for c in plain if " " <= c <= "~" or c == "·").split())
    letters = sum(c.isalnum() for c in wanted)
    return kept if 2 * sum(c.isalnum() for c in kept) >= letters and kept else ""


def _balanced(text: str, font: FreeTypeFont) -> list[str]:
    """Lines that fit the picture, as few as can be, and of nearly the same width."""
    room = SIZE - 2 * _MARGIN
    best = _wrapped(text, font, room)
    for width in range(room - 40, room // 2, -40):
        lines = _wrapped(text, font, width)
        if len(lines) > len(best):
            break
        best = lines
    return best


def _wrapped(text: str, font: FreeTypeFont, room: float) -> list[str]:
    """Lines of a width; a word that is too long by itself is broken."""
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}".strip()
        if font.getlength(joined) <= room:
            lines[-1] = joined
            continue
        if lines[-1]:
            lines.append("")
        for letter in word:
            if font.getlength(lines[-1] + letter) > room:
                lines.append("")
            lines[-1] += letter
    return lines


def _cut(text: str, font: FreeTypeFont) -> str:
    """The text, or as much of it as fits on one line, with an ellipsis."""
    room = SIZE - 2 * _MARGIN
    if font.getlength(text) <= room:
        return text
    while text and font.getlength(text + "…") > room:
        text = text[:-1]
    return text.rstrip() + "…"
