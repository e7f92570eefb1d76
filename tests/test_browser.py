"""The pictures as a browser draws them: nothing is cut off, hidden or of another shape."""

from __future__ import annotations

import io
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from needs import need
from numpy.typing import NDArray
from PIL import Image

from voiceguide.pictures import chart
from voiceguide.pictures.body import body_svg, drawing
from voiceguide.pictures.chart import Point

Pixels = NDArray[np.int16]
NAMES = ("chromium", "chromium-browser", "google-chrome")
BEHIND = (424, 26)
"""Where the middle line and the crown of the figure seen from behind are."""
DARK = "--blink-settings=preferredColorScheme=0"


def _drawn(svg: str, size: tuple[int, int], folder: Path, *more: str) -> Pixels:
    """The colours of an SVG in a window of its size, shape (height, width, 3)."""
    browser = next(filter(None, map(shutil.which, NAMES)), None)
    if browser is None:
        need("chromium")
    source, target = folder / "picture.svg", folder / "picture.png"
    source.write_text(svg, "utf-8")
    width, height = size
    subprocess.run(
        [
            browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--hide-scrollbars", "--force-device-scale-factor=1", "--no-first-run",
            f"--user-data-dir={folder / 'profile'}", f"--window-size={width},{height}",
            f"--screenshot={target}", *more, source.as_uri(),
        ],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    with Image.open(target) as picture:
        assert picture.size == size
        return np.asarray(picture.convert("RGB"), np.int16)


def _away(one: Pixels, other: Pixels) -> Pixels:
    """How far two pictures' colours are from each other, 0 to 255, by pixel."""
    return np.abs(one - other).max(axis=2)


def _card(picture: Pixels, width: int, height: int) -> Pixels:
    """The edge of the card, without its round corners."""
    top, bottom = picture[2, 40 : width - 40], picture[height - 3, 40 : width - 40]
    left, right = picture[40 : height - 40, 2], picture[40 : height - 40, width - 3]
    return np.concatenate([top, bottom, left, right])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_map(scheme: str, tmp_path: Path) -> None:
    """A muscle that is lit can be told from the body around it; the words stay on the card."""
    size = (766, 872)
    muscles = ("calves", "piriformis")
    pictures = {
        each: _drawn(body_svg(each), size, tmp_path, *([DARK] if scheme == "dark" else []))
        for each in muscles
    }
    for picture in pictures.values():
        edge = _card(picture, *size)
        assert np.ptp(edge, axis=0).max() == 0
        assert (edge[0].mean() < 80) == (scheme == "dark")
    away = _away(*pictures.values())
    for muscle in muscles:
        for area in drawing().of(muscle, "muscle", "back"):
            x, y = np.mean(area.curve.flat(), axis=0) + BEHIND
            assert away[round(y), round(x)] > 60


def test_the_chart(tmp_path: Path) -> None:
    """The SVG and the PNG are one picture, but for the letters of their fonts."""
    start = datetime(2026, 3, 2, 18, tzinfo=UTC)
    points = [Point(start + timedelta(days=n), 10, n % 11, (n + 3) % 11) for n in range(12)]
    with Image.open(io.BytesIO(chart.png(points))) as picture:
        ours = np.asarray(picture.convert("RGB"), np.int16)
    height, width, _ = ours.shape
    theirs = _drawn(chart.svg(points), (width, height), tmp_path)
    assert np.ptp(_card(theirs, width, height), axis=0).max() == 0
    assert (_away(ours, theirs) > 60).mean() < 0.02
