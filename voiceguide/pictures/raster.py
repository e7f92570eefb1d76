"""SVG to pixels: resvg draws, with one font that is installed with voiceguide, alike everywhere.

The system's own fonts are never looked at. Pillow measures words, and packs the picture as JPEG.
"""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING

from voiceguide.plugins import require

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

FAMILY = "Inter"
"""The font, by the name that an SVG has to ask for."""


@cache
def _font_file() -> str:
    path: str = str(require("fontpkg", "the picture", how="pip install fontpkg-inter").path(FAMILY))
    return path


def png(svg: str) -> bytes:
    """An SVG as a PNG file of the size that it states; the same SVG gives the same bytes."""
    resvg = require("resvg_py", "the picture")
    drawn: bytes = resvg.svg_to_bytes(
        svg_string=svg,
        skip_system_fonts=True,
        font_files=[_font_file()],
        font_family=FAMILY,
        sans_serif_family=FAMILY,
    )
    return drawn


def jpeg(svg: str, quality: int) -> bytes:
    """The same as a JPEG file, colours as fine as the rest."""
    image = require("PIL.Image", "the cover")
    out = io.BytesIO()
    with image.open(io.BytesIO(png(svg))) as picture:
        picture.convert("RGB").save(out, "JPEG", quality=quality, subsampling=0, optimize=True)
    return out.getvalue()


@cache
def measure(size: int, weight: int = 400) -> FreeTypeFont:
    """The font at a size in pixels and a weight; its `getlength` says how wide words are."""
    fonts = require("PIL.ImageFont", "the cover")
    # The simple layout is there on every machine, so that the same words break alike.
    font: FreeTypeFont = fonts.truetype(_font_file(), size, layout_engine=fonts.Layout.BASIC)
    font.set_variation_by_axes([min(max(size, 14), 32), weight])  # as resvg chooses them
    return font
