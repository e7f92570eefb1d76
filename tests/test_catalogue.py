"""The catalogue: what is in it, and that a bad file says so in one sentence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from voiceguide.errors import VoiceguideError
from voiceguide.library import catalogue
from voiceguide.script.model import KINDS


def test_holds_every_muscle_with_all_its_words() -> None:
    """Seven muscles in the order shown; none of them lacks a word of what is known."""
    assert list(catalogue.muscles()) == [
        "piriformis",
        "gluteus-maximus",
        "gluteus-medius",
        "hamstrings",
        "calves",
        "hips",
        "lower-back",
    ]
    for muscle in catalogue.muscles().values():
        assert muscle.spoken.islower() and len(muscle.spoken.split()) <= 2
        for text in (muscle.where, muscle.felt, muscle.find):
            assert text.endswith(".") and text[0].isupper()
        assert muscle.mind


def test_kinds_are_those_of_the_language() -> None:
    """A kind that scripts may state has its words here, and no other has."""
    assert set(catalogue.kinds()) == set(KINDS)


def test_tools_begin_with_the_softest() -> None:
    """The order shown is the order to try them in; a hard ball is never first."""
    firmness = [tool.firmness for tool in catalogue.tools().values()]
    assert firmness == sorted(firmness)
    assert set(catalogue.tools()) == {
        "tennis ball",
        "lacrosse ball",
        "massage ball",
        "softball",
        "foam roller",
        "rolling pin",
        "hands",
    }
    assert list(catalogue.tools())[-1] == "lacrosse ball"


def test_cautions_go_from_grave_to_light() -> None:
    """Emergencies first; whatever must be answered beforehand is asked as a question."""
    levels = [caution.level for caution in catalogue.cautions().values()]
    ranks = ["emergency", "do not start", "ask first", "during"]
    assert [ranks.index(level) for level in levels] == sorted(ranks.index(lv) for lv in levels)
    for caution in catalogue.cautions().values():
        if caution.level in ("emergency", "do not start"):
            assert caution.everywhere and caution.question is not None
            assert caution.question.endswith("?")
        if caution.level == "emergency":
            assert "emergency help now" in caution.text


@pytest.mark.parametrize(
    ("words", "level"),
    [
        ("between your legs", "emergency"),
        ("bladder or bowel", "emergency"),
        ("both legs", "emergency"),
        ("Chest pain", "emergency"),
        ("become weak", "do not start"),
        ("Fever", "do not start"),
        ("after a fall", "ask first"),
        ("fracture", "do not start"),
        ("Osteoporosis", "ask first"),
        ("Cancer", "ask first"),
        ("Blood thinners", "ask first"),
        ("clot", "do not start"),
        ("surgery", "ask first"),
        ("Pregnancy", "ask first"),
        ("Varicose veins", "ask first"),
        ("Broken skin", "do not start"),
        ("disc herniation", "do not start"),
        ("don't treat it", "ask first"),
    ],
)
def test_every_danger_is_there_at_its_level(words: str, level: str) -> None:
    """The dangers of self-massage, each with how grave it is."""
    found = [c for c in catalogue.cautions().values() if words in c.text and c.everywhere]
    assert [caution.level for caution in found] == [level]


def test_pain_places_point_in_order() -> None:
    """What a place points to, first things first; the low back to others before itself."""
    places = catalogue.pain_places()
    order = {key: [p.muscle for p in place.points_to] for key, place in places.items()}
    assert list(order) == ["lower-back", "hips", "buttock", "back-of-thigh", "calf-or-foot"]
    assert order["lower-back"] == [
        "gluteus-medius",
        "gluteus-maximus",
        "hamstrings",
        "piriformis",
        "lower-back",
    ]
    assert order["hips"][:2] == ["gluteus-medius", "hips"]
    assert order["buttock"][0] == "piriformis"
    assert order["back-of-thigh"][0] == "hamstrings"
    assert order["calf-or-foot"][0] == "calves"
    assert list(catalogue.aggravators()) == ["sitting", "walking", "after-running"]


def test_every_muscle_is_pointed_to() -> None:
    """The finder can lead to each muscle, and each reason is a sentence of its own."""
    pointers = [p for place in catalogue.pain_places().values() for p in place.points_to]
    assert {pointer.muscle for pointer in pointers} == set(catalogue.muscles())
    assert all(pointer.reason.endswith(".") for pointer in pointers)


def test_nothing_can_be_changed() -> None:
    """What is shared by all is read only."""
    with pytest.raises(TypeError):
        catalogue.muscles()["hips"] = catalogue.muscles()["calves"]  # type: ignore[index]
    with pytest.raises(AttributeError):
        catalogue.muscles()["hips"].name = "x"  # type: ignore[misc]


def test_is_not_read_before_it_is_asked() -> None:
    """Importing the module opens no file."""
    code = (
        "import voiceguide.library.catalogue as c; assert c._shipped.cache_info().misses == 0;"
        "c.tools(); c.muscles(); assert c._shipped.cache_info().misses == 1"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('spoken = "piriformis"', 'spokn = "piriformis"', 'did you mean "spoken"?'),
        ('spoken = "piriformis"', "", 'muscles.piriformis: "spoken" is missing'),
        ('spoken = "piriformis"', "spoken = 3", "muscles.piriformis.spoken: has to be a text"),
        ('spoken = "piriformis"', 'spoken = " "', "muscles.piriformis.spoken: has to be a text"),
        ('mind = ["spine"', 'mind = ["spin"', 'lower-back.mind: "spin" is not in the catalogue'),
        ('mind = ["spine"', "mind = [3", "lower-back.mind: has to be a list of texts"),
        ("firmness = 1", "firmness = true", "tools.hands.firmness: has to be a whole number"),
        ("firmness = 1", "firmness = 2", "tools: each firmness may stand once"),
        ("everywhere = true", "everywhere = 1", "everywhere: has to be true or false"),
        ('level = "emergency"', 'level = "bad"', "level: one of emergency, do not start"),
        ("question = ", "# question = ", "needs a question"),
        ('{ muscle = "calves"', '{ muscle = "calfs"', '"calfs" is not in the catalogue'),
        ('{ muscle = "hips"', '{ muscle = "gluteus-medius"', "none twice"),
        ("points_to = [", "points_to = 3 # [", "is not valid TOML"),
        ("[kinds]", "[kind]", 'did you mean "kinds"?'),
        ("[muscles.piriformis]", "[muscles.piriformis", "is not valid TOML"),
        ("[kinds]\n", "[kinds]\nother = 3\n", "kinds.other.text: has to be a text"),
    ],
)
def test_a_bad_file_is_one_clear_error(tmp_path: Path, old: str, new: str, said: str) -> None:
    """The error names the file, the key, and what is wrong with it."""
    text = catalogue.FILE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "catalogue.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(VoiceguideError) as caught:
        catalogue.read(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"muscles = 3", b"[muscles]\n"])
def test_files_of_another_kind_are_refused(tmp_path: Path, data: bytes) -> None:
    """Nothing, bytes that are no text, a table that is none: one error each."""
    path = tmp_path / "catalogue.toml"
    path.write_bytes(data)
    with pytest.raises(VoiceguideError):
        catalogue.read(path)
    with pytest.raises(VoiceguideError, match="install voiceguide again"):
        catalogue.read(tmp_path / "none.toml")
