"""The cover of a session: quick, small, the same each time, whatever the title is."""

from __future__ import annotations

import io
import subprocess
import sys
import time

import pytest
from moment import slowness
from PIL import Image, ImageChops, ImageColor

from voiceguide.errors import NotFoundError
from voiceguide.library import catalogue
from voiceguide.pictures import raster
from voiceguide.pictures.cover import _MUSCLE, SIZE, cover

MUSCLES = tuple(catalogue.muscles())
TITLE_FROM = 690  # pixel rows below this hold the words alone


def _picture(data: bytes) -> Image.Image:
    assert data.startswith(b"\xff\xd8\xff") and len(data) < 150_000
    picture = Image.open(io.BytesIO(data))
    picture.load()
    assert picture.size == (SIZE, SIZE) and picture.mode == "RGB"
    return picture


def _lit(picture: Image.Image, box: tuple[int, int, int, int]) -> int:
    """How many pixels of a part have nearly the colour of a lit muscle."""
    near = Image.new("L", picture.crop(box).size, 255)
    for channel, wanted in zip(picture.crop(box).split(), ImageColor.getrgb(_MUSCLE), strict=True):
        alike = channel.point([255 * (abs(v - wanted) < 16) for v in range(256)])
        near = ImageChops.multiply(near, alike)
    return near.histogram()[255]


def _ink(picture: Image.Image) -> tuple[int, int, int, int]:
    """The box around the light letters of the words."""
    words = picture.crop((0, TITLE_FROM, SIZE, SIZE)).convert("L").point(lambda v: 255 * (v > 120))
    box = words.getbbox()
    assert box is not None
    return box


@pytest.mark.parametrize("muscles", [(), *((m,) for m in MUSCLES), MUSCLES[:3], MUSCLES])
def test_a_cover_for_every_muscle(muscles: tuple[str, ...]) -> None:
    """The muscle is lit on both sides and above the words; without one nothing is."""
    data = cover("A session", muscles=muscles, kind="release", length_text="10 min")
    assert data == cover("A session", muscles=muscles, kind="release", length_text="10 min")
    picture = _picture(data)
    left = _lit(picture, (0, 0, SIZE // 2, 600))
    right = _lit(picture, (SIZE // 2, 0, SIZE, 600))
    if not muscles:
        assert left == right == 0
    elif len(muscles) == 1:
        assert left > 1500 and abs(left - right) < 0.02 * (left + right)
    else:
        assert left + right > 3000
    assert _lit(picture, (0, TITLE_FROM, SIZE, SIZE)) == 0


@pytest.mark.parametrize(
    "title",
    [
        "",
        " \t\n ",
        "x",
        "W" * 1000,
        "one word and another " * 200,
        "Donaudampfschifffahrtsgesellschaftskapitänsmütze",
        "Ischias – „Fußschmerz“, œuvre, Łódź, ½ × 2",
        "梨状筋のほぐし",
        "תרגיל لعضلة",
        "\U0001f9d8\U0001f3fd‍♀️ \U0001f525",
        "line\nbreak\r\nand\x00\x1b[31m\x7f\u202e\ufeff",
        "\ud800 alone",
        "a" + "\u0301" * 500,
        "%s {0} <b>&amp;</b> \\ ../..",
    ],
)
def test_hostile_titles(title: str) -> None:
    """Any text makes a cover whose words stay within the margins."""
    data = cover(title, muscles=("calves",), kind=title, length_text=title)
    assert data == cover(title, muscles=("calves",), kind=title, length_text=title)
    left, top, right, bottom = _ink(_picture(data))
    assert left >= 55 and right <= SIZE - 55
    assert top > 0 and TITLE_FROM + bottom <= SIZE - 40


def test_a_title_without_letters_of_the_font_names_the_muscle() -> None:
    """Boxes for unknown letters help nobody; the muscle's name does."""
    named = cover("Piriformis", muscles=("piriformis",), kind="release")
    assert cover("梨状筋", muscles=("piriformis",), kind="release") == named
    assert cover("", muscles=("piriformis",), kind="release") == named
    accented = cover("Píriförmis", muscles=("piriformis",), kind="release")
    assert accented == named
    fraction = cover("1/2 - a 'half'", muscles=(), kind="release")
    assert cover("½ – a ‘half’", muscles=(), kind="release") == fraction


def test_the_words_change_the_picture() -> None:
    """Title, kind and length are all to be seen."""
    first = cover("One", muscles=(), kind="release", length_text="10 min")
    assert first != cover("Two", muscles=(), kind="release", length_text="10 min")
    assert first != cover("One", muscles=(), kind="find", length_text="10 min")
    assert first != cover("One", muscles=(), kind="release", length_text="5 min")
    assert first != cover("One", muscles=(), kind="release")


def test_the_words_are_drawn_as_wide_as_they_were_measured() -> None:
    """The one that breaks lines and the one that draws choose the same letters."""
    words = "The ball of your hand"
    for size in (36, 44, 80):
        svg = (
            '<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="120">'
            f'<text x="9" y="90" font-family="{raster.FAMILY}" font-size="{size}">{words}</text></svg>'
        )
        with Image.open(io.BytesIO(raster.png(svg))) as picture:
            box = picture.getbbox()
        assert box is not None
        measured = raster.measure(size).getlength(words)
        assert box[2] - box[0] == pytest.approx(measured, rel=0.06), size


def test_a_long_title_is_smaller_and_on_more_lines() -> None:
    """A short title is large; a long one still shows many of its words."""
    short = _ink(_picture(cover("Hips", muscles=(), kind="release")))
    longer = _ink(_picture(cover("word " * 20, muscles=(), kind="release")))
    assert longer[1] < short[1] and longer[2] > short[2]


def test_the_same_bytes_in_another_process() -> None:
    """Nothing hangs on the order of sets, the clock or the machine's own fonts."""
    code = (
        "import sys, hashlib; from voiceguide.pictures.cover import cover;"
        "print(hashlib.sha256(cover('All', muscles=tuple(sys.argv[1:]), kind='routine')).hexdigest())"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code, *MUSCLES],
            check=True,
            capture_output=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1


def test_it_is_quick() -> None:
    """An export does not wait for its picture."""
    cover("warm", muscles=(), kind="release")
    best = min(_timed() for _ in range(3))
    assert best < 0.4 * slowness()


def _timed() -> float:
    start = time.process_time()
    cover("Piriformis with a ball", muscles=("piriformis",), kind="release", length_text="10 min")
    return time.process_time() - start


def test_unknown_muscles_are_refused() -> None:
    """A slip is one sentence with a hint."""
    with pytest.raises(NotFoundError, match='did you mean "calves"'):
        cover("Title", muscles=("calfs",), kind="release")
