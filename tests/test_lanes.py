"""The drawn timeline: everything that happens is in it, at its time, whatever the words are."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from cli_support import SCRIPT, voiceguide
from PIL import Image
from regenerate import PICTURE, picture
from world import timeline_of

from voiceguide.pictures import lanes
from voiceguide.timeline import Timeline
from voiceguide.units import format_clock

SVG = "{http://www.w3.org/2000/svg}"
BOTH = (
    "---\nbackground: sea\n---\n# Knees & < hips\n\nLie down. Let go.\n\n- chime\n\n"
    "## Breathe\n\n- breathe in 4s, out 6s, 3 times\n\n"
    '## Roll "slowly" (each side)\n\nRest on your {side} side.\n\n- roll 200s\n'
    "  - halfway: Less than < half & going.\n  - end: chime bowl\n- pause 5s\n"
)


def _drawn(timeline: Timeline, **how: bool) -> ET.Element:
    return ET.fromstring(lanes.svg(timeline, "Knees & < hips", **how))


def _told(root: ET.Element) -> list[tuple[float, str]]:
    """What tells its time and words, with them."""
    return [
        (float(node.get("data-at", "")), node.findtext(f"{SVG}title") or "")
        for node in root.iter()
        if node.get("data-at")
    ]


def _rows(root: ET.Element) -> Iterator[ET.Element]:
    return (node for node in root if node.get("transform"))


def test_everything_is_in_it() -> None:
    """Each event and chapter with its second and its words, and within the paper."""
    timeline = timeline_of(BOTH)
    root = _drawn(timeline)
    told = _told(root)
    rate = timeline.format.rate
    for event in timeline.events:
        at = round(event.start / rate, 2)
        words = event.text or event.sound or event.label or event.lane
        begun = f"{format_clock(event.start / rate)} "
        assert any(
            place == at and said.startswith(begun) and words in said for place, said in told
        ), event
    for chapter in timeline.chapters:
        assert (
            round(chapter.start / rate, 2),
            f"{format_clock(chapter.start / rate)} {chapter.title}",
        ) in told
    width, height = float(root.get("width", "")), float(root.get("height", ""))
    down = [float(re.findall(r"[\d.]+", row.get("transform", ""))[-1]) for row in _rows(root)]
    assert down == sorted(set(down)) and down[-1] < height
    for row in _rows(root):
        for box in row.iter(f"{SVG}rect"):
            x, wide = float(box.get("x", "")), float(box.get("width", ""))
            assert x >= 0 and x + wide <= width


def test_the_second_side_lies_under_the_first() -> None:
    """Where it is asked for, a side begins a row, and what is equal has the same place."""
    timeline = timeline_of(BOTH)
    assert {c.side for c in timeline.chapters} >= {"left", "right"}
    bars = []
    for row in _rows(_drawn(timeline, sides=True)):
        found = [
            (float(box.get("x", "")), float(box.get("width", "")))
            for box in row.iter(f"{SVG}rect")
            if "vt-work" in box.get("class", "")
        ]
        bars.append(found)
    # The words before them are not equally long: "left" and "right".
    assert len(bars[-1]) == len(bars[-2]) == 1
    assert bars[-1][0] == pytest.approx(bars[-2][0], abs=2)


def test_light_and_dark() -> None:
    """A picture has the colours of its theme; `auto` has both, and a PNG is one of them."""
    timeline = timeline_of(BOTH)
    text = {theme: lanes.svg(timeline, "T", theme=theme) for theme in ("light", "dark", "auto")}  # type: ignore[arg-type]
    assert "prefers-color-scheme" in text["auto"]
    assert "prefers-color-scheme" not in text["light"] + text["dark"]
    seen = {}
    for theme in ("light", "dark"):
        png = lanes.drawn(timeline, "T", ".png", theme)  # type: ignore[arg-type]
        with Image.open(io.BytesIO(png)) as picture:
            assert picture.width == lanes.WIDTH
            grey = picture.convert("L")
            seen[theme] = grey.getpixel((lanes.WIDTH // 2, 30)), grey.getextrema()
    assert seen["light"][0] > 240 and seen["light"][1][0] < 80  # type: ignore[operator,index]
    assert seen["dark"][0] < 40 and seen["dark"][1][1] > 200  # type: ignore[operator,index]
    assert lanes.drawn(timeline, "T", ".html").startswith(b"<!doctype html>")


@pytest.mark.parametrize("minutes", [0.1, 12, 60, 600])
def test_any_length(minutes: float) -> None:
    """Rows are equally long, and one session is as readable as another."""
    root = _drawn(timeline_of(f"# T\n\n- hold {round(minutes * 60)}s\n"))
    rows = list(_rows(root))
    assert len(rows) == max(1, -(-round(minutes * 60) // 390))
    ticks = [row.findall(f"{SVG}text") for row in rows]
    assert all(4 <= len(each) <= 24 for each in ticks)


def test_the_picture_of_the_readme() -> None:
    """It is the one that is drawn today; `python tests/regenerate.py` draws it."""
    assert PICTURE.read_text("utf-8") == picture()


def test_the_command(tmp_path: Path) -> None:
    """It writes a picture of each kind; what cannot be is one sentence, and nothing is lost."""
    script = tmp_path / "own.md"
    script.write_text(SCRIPT)
    quick = ("timeline", str(script), "--voice", "pyttsx3")
    svg, png = tmp_path / "own.svg", tmp_path / "own.png"
    done = voiceguide(*quick, "--plot", str(svg), "--sides", at=tmp_path)
    assert done.code == 0 and done.out.strip() == str(svg)
    before = svg.read_text()
    assert _told(ET.fromstring(before))
    for words, wrong in (
        (["--plot", str(svg)], "already there"),
        (["--plot", str(tmp_path / "own.gif")], ".svg, .png or .html"),
        (["--plot", str(png), "--theme", "auto"], "--theme light"),
        (["--plot", str(png), "--json"], "give one of them"),
        (["--sides"], "give --plot"),
        (["--plot", str(tmp_path / "gone" / "own.svg")], "gone"),
    ):
        refused = voiceguide(*quick, *words, at=tmp_path)
        assert refused.code in (1, 2), refused
        assert wrong in refused.err and "Traceback" not in refused.err, refused.err
    assert svg.read_text() == before and not png.exists()
    assert voiceguide(*quick, "--plot", str(svg), "--force", at=tmp_path).code == 0
    assert svg.read_text() != before
