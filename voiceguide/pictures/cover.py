"""The square picture of an exported session: the body with its muscle lit, and the title.

It is drawn from the same curves as the map, with nothing but Pillow and the font inside it, so
that it looks alike on every machine. Pillow is imported when a picture is made.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from voiceguide.pictures import body
from voiceguide.pictures.body import VIEWS, Curve, Point, View

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

SIZE = 1000
"""Pixels on each side."""

_FINER = 3  # drawn so much larger, then made small, which smooths the edges
_MARGIN = 64
_LONGEST = 200  # characters of a title that are looked at
_FIGURE = 668  # pixels from the top that the figure has for itself

_BACKGROUND = (19, 33, 34)
_GLOW = (44, 78, 77)
_SKIN = (50, 68, 67)
_LINE = (124, 141, 135)
_EDGE = (222, 213, 200)
_MUSCLE = (72, 201, 188)
_PAIN = (255, 134, 98)
_TEXT = (246, 240, 230)
_SOFT = (163, 180, 174)

_PLAIN = str.maketrans(
    {
        "ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l",
        "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "þ": "th", "ı": "i", "–": "-", "—": "-",
        "‐": "-", "−": "-", "⁄": "/", "‘": "'", "’": "'", "„": '"', "‚": "'", "“": '"', "”": '"', "«": '"', "»": '"', "×": "x",
    }
)  # fmt: skip


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
    from PIL import Image

    for muscle in muscles:
        body.check_muscle(muscle)
    frames = _framed(muscles)
    picture = Image.new("RGB", (SIZE, SIZE), _BACKGROUND)
    _shine(picture)
    _draw_body(picture, frames, muscles)
    _write(picture, _readable(title) or _names(muscles), kind, length_text)
    out = BytesIO()
    picture.save(out, "JPEG", quality=78, subsampling=0, optimize=True)
    return out.getvalue()


def _names(muscles: Iterable[str]) -> str:
    return ", ".join(body.short_name(each) for each in muscles).capitalize() or "voiceguide"


# ---------------------------------------------------------------------------- what is shown


def _framed(muscles: tuple[str, ...]) -> tuple[_Frame, ...]:
    """One figure cut to the muscles where they lie close together, else both, whole."""
    plan = body.drawing()
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
            if start + shown > body.HEIGHT - 60:
                start = body.HEIGHT + 44 - shown  # the feet too, clear of where the figure fades
            scale = _FIGURE / shown
            return (_Frame(view, scale, SIZE / 2, -start * scale),)
    scale = (_FIGURE - 54) / body.HEIGHT
    return tuple(
        _Frame(view, scale, SIZE / 2 + way * body.REACH * 1.12 * scale, 40)
        for view, way in zip(VIEWS, (-1, 1), strict=True)
    )


def _draw_body(picture: Image, frames: tuple[_Frame, ...], muscles: tuple[str, ...]) -> None:
    from PIL import Image, ImageChops

    plan = body.drawing()
    skin, pain, lit, lines, edges = (_Layer() for _ in range(5))
    for frame in frames:
        skin.fill(frame, plan.outline)
        for muscle in muscles:
            for area in plan.of(muscle, "pain", frame.view):
                pain.fill(frame, area.curve)
        # The deep muscle last, and a dark edge around each, so that neighbours stay apart.
        for muscle in sorted(muscles, key=lambda each: each == body.DEEP):
            for area in plan.of(muscle, "muscle", frame.view):
                lit.fill(frame, area.curve)
                lit.stroke(frame, area.curve, 0.9 * frame.scale, shade=0)
        for line in plan.lines[frame.view]:
            lines.stroke(frame, line, 2.6)
        edges.stroke(frame, plan.outline, 4.2)
    fade = Image.new("L", (1, _FIGURE), 255)
    if len(frames) == 1:  # a figure that is cut goes out softly above the title
        for row in range(90):
            fade.putpixel((0, _FIGURE - 1 - row), round(255 * row / 90))
    fade = fade.resize((SIZE, _FIGURE))

    hatch = ImageChops.multiply(pain.image, _stripes())
    wash = pain.image.point([value // 6 for value in range(256)])
    for mask, colour in (
        (skin.image, _SKIN),
        (wash, _PAIN),
        (hatch, _PAIN),
        (lit.image, _MUSCLE),
        (lines.image, _LINE),
        (edges.image, _EDGE),
    ):
        small = mask.reduce(_FINER)
        picture.paste(colour, (0, 0), ImageChops.multiply(small, fade))


class _Layer:
    """A mask of the figure's part of the picture, drawn large."""

    def __init__(self) -> None:
        from PIL import Image, ImageDraw

        self.image = Image.new("L", (SIZE * _FINER, _FIGURE * _FINER))
        self._pen = ImageDraw.Draw(self.image)

    def fill(self, frame: _Frame, curve: Curve) -> None:
        self._pen.polygon(self._placed(frame, curve), fill=255)

    def stroke(self, frame: _Frame, curve: Curve, width: float, shade: int = 255) -> None:
        points = self._placed(frame, curve)
        if curve.closed:
            points.append(points[0])
        thick = round(width * _FINER)
        self._pen.line(points, fill=shade, width=thick, joint="curve")
        for x, y in (points[0], points[-1]):
            half = thick / 2
            self._pen.ellipse((x - half, y - half, x + half, y + half), fill=shade)

    def _placed(self, frame: _Frame, curve: Curve) -> list[Point]:
        return [
            ((frame.x + x * frame.scale) * _FINER, (frame.y + y * frame.scale) * _FINER)
            for x, y in curve.flat()
        ]


def _stripes() -> Image:
    """Slanting lines over the figure's part of the picture, as large as the layers."""
    from PIL import Image, ImageDraw

    width, height = SIZE * _FINER, _FIGURE * _FINER
    image = Image.new("L", (width, height))
    pen = ImageDraw.Draw(image)
    for x in range(-height, width, 18 * _FINER):
        pen.line((x, 0, x + height, height), fill=255, width=4 * _FINER)
    return image


def _shine(picture: Image) -> None:
    """A soft light behind the figure."""
    from PIL import Image

    # The gradient reaches 180 in the middle of its sides; beyond that there is no light.
    disc = Image.radial_gradient("L").point([max(0, 180 - v) for v in range(256)])
    picture.paste(_GLOW, (-100, -270), disc.resize((1200, 1200), Image.Resampling.BICUBIC))


# --------------------------------------------------------------------------------- the words


def _write(picture: Image, title: str, kind: str, length_text: str | None) -> None:
    from PIL import ImageDraw

    pen = ImageDraw.Draw(picture)
    small = _font(38)
    below = " · ".join(filter(None, (_readable(kind), _readable(length_text or ""))))
    pen.text((_MARGIN, SIZE - _MARGIN), _cut(below, small), font=small, fill=_SOFT, anchor="ls")
    room = SIZE - _MARGIN - 64 - _FIGURE
    for size in (84, 76, 68, 60, 52, 46):
        font = _font(size)
        lines = _wrapped(title, font, SIZE - 2 * _MARGIN)
        step = round(size * 1.14)
        if len(lines) * step <= room:
            break
    most = room // step
    if len(lines) <= most:
        lines = _balanced(title, font)
    else:
        lines = [*lines[: most - 1], _cut(" ".join(lines[most - 1 :]), font)]
    y = SIZE - _MARGIN - 66 - (len(lines) - 1) * step
    for line in lines:
        pen.text((_MARGIN, y), line, font=font, fill=_TEXT, anchor="ls")
        y += step


def _font(size: int) -> FreeTypeFont:
    from PIL import ImageFont

    font = ImageFont.load_default(size=size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("this Pillow was built without FreeType")
    # The simple layout is there on every machine, so that the same words look the same.
    return font.font_variant(layout_engine=ImageFont.Layout.BASIC)


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
