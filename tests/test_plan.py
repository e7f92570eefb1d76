"""Options, and what is said: pure, nothing measured. Orders and gaps are in the golden cases."""

from __future__ import annotations

import re
from typing import Any

import pytest
from world import World, plan_of, read

from voiceguide.errors import ScriptError, UsageError
from voiceguide.plan import Options, Shape, Utterance
from voiceguide.plan.build import TEMPO, gaps
from voiceguide.plan.model import BackgroundChange, ChapterMark, Say
from voiceguide.plan.texts import respell
from voiceguide.units import Elastic, Seconds

SIDES = "# T\n\n## A (each side)\n\nOn the {side}.\n"


@pytest.mark.parametrize(
    ("options", "sides"),
    [
        (Options(), ("left", "right")),
        (Options(start="right"), ("right", "left")),
        (Options(sore="right"), ("right", "left")),
        (Options(sore="left", start="left"), ("left", "right")),
        (Options(side="right"), ("right",)),
        (Options(side="left", start="left", sore="left"), ("left",)),
    ],
)
def test_the_order_of_sides(options: Options, sides: tuple[str, ...]) -> None:
    """Left first, unless the listener starts right or names a sore side."""
    assert plan_of(SIDES, options).survey.sides == sides


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (Options(side="left", start="right"), ("side", "start")),
        (Options(side="left", sore="right"), ("side", "sore")),
        (Options(sore="left", start="right"), ("sore", "start")),
    ],
)
def test_options_that_contradict_each_other(options: Options, named: tuple[str, str]) -> None:
    """They are wrong usage, and both are named."""
    with pytest.raises(UsageError, match=r"\bright\b") as caught:
        plan_of(SIDES, options)
    assert caught.value.settings == named and "--" not in str(caught.value)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"side": "up"}, 'no side "up": there are both, left, right'),
        ({"start": "up"}, 'no start "up": there are left, right'),
        ({"sore": "both"}, 'no sore "both"'),
        ({"pace": ["gentle"]}, "no pace"),
        ({"breath": None}, 'no breath "None": there are voice, tone, both'),
        ({"length": 0}, "not 0"),
        ({"length": float("nan")}, "not nan"),
        ({"length": float("inf")}, "not inf"),
        ({"length": "10"}, "not '10'"),
    ],
)
def test_options_that_are_none(wrong: dict[str, Any], said: str) -> None:
    """A program's mistake is one sentence, whether or not it checks its types."""
    with pytest.raises(UsageError, match=re.escape(said)):
        plan_of(SIDES, Options(**wrong))


def test_the_tool() -> None:
    """The first is the default; another must be one of the script's."""
    text = "---\ntools: [tennis ball, foam roller]\n---\n# With the {tool}\n\nHi.\n"
    assert plan_of(text).survey.tool == "tennis ball"
    assert plan_of(text, Options(tool="foam roller")).title == "With the foam roller"
    with pytest.raises(UsageError, match='did you mean "tennis ball"'):
        plan_of(text, Options(tool="tenis ball"))
    with pytest.raises(UsageError, match="leave the tool out") as caught:
        plan_of("# T\n\nHi.\n", Options(tool="tennis ball"))
    assert caught.value.settings == ("tool",)


def test_gaps_by_pace() -> None:
    """Gentle is 1.5 times normal, brisk 0.7, with no air between sentences."""
    normal = gaps("normal")
    assert (normal.paragraph, normal.step) == (0.9, 1.5)
    assert normal.sentence == Elastic(Seconds(0.4), pytest.approx(0.6), pytest.approx(0.6))
    assert gaps("brisk").sentence.is_fixed
    assert gaps("brisk").sentence.usual == pytest.approx(0.28)
    assert gaps("gentle").step == pytest.approx(2.25)
    assert gaps("brisk").paragraph == pytest.approx(0.63)


def test_respelling_reaches_what_the_program_says() -> None:
    """Breaths, numbers and sides, an included script's own words among them; captions stay."""
    front = "---\nsay: {breathe in: breeth in, out: owt, three: thuh-ree, left: lefft}\n---\n"
    text = (
        "# T\n\n- breathe in 4s, out 4s, 2 times\n- hold 20s\n  - last 3s: countdown\n"
        "\n## A (each side)\n\nGo {side}.\n"
    )
    world = World({"part": front + text})
    for script in (read(front + text), read("# U\n\n- include part\n", world)):
        said = {u.text: u.spoken for u in plan_of(script).utterances(fitted=False)}
        assert said["Breathe in."] == "breeth in." and said["Out."] == "owt."
        assert said["In."] == "In." and said["Two"] == "Two."
        assert said["Three"] == "thuh-ree."
        assert said["Go left."] == "Go lefft." and said["Go right."] == "Go right."


@pytest.mark.parametrize("letter", ["\u0130", "\u0131", "\u017f", "\u212a"])
def test_respelling_of_letters_with_a_strange_case(letter: str) -> None:
    """They may be respelled or left, and nothing breaks."""
    assert respell(f"{letter} x", ({"i": "eye", "s": "ess", "k": "kay"},))


def test_respelling() -> None:
    """Whole words, whatever their case; the outermost script's and the longest win."""
    outer, inner = {"calf": "caff"}, {"calf": "kahf", "calf muscle": "kahf mussel", "a.b": "x"}
    assert respell("Calf, CALF; calves, subcalf.", (outer, inner)) == "caff, caff; calves, subcalf."
    assert respell("The calf muscle. a.b axb", (outer, inner)) == "The kahf mussel. x axb"
    assert respell("calf", ()) == "calf"


def test_captions_keep_the_written_word() -> None:
    """Respelling reaches the voice alone."""
    plan = plan_of("---\nsay: {calf: caff}\n---\n# T\n\nYour calf.\n")
    assert plan.utterances(fitted=False) == (Utterance("Your calf.", "Your caff."),)


def test_what_may_be_said_when_fitted() -> None:
    """Every number of rounds that is named is spoken beforehand; otherwise only the usual."""
    plan = plan_of("# T\n\n## A (1-3 times)\n\nRound {round} of {rounds}.\n")
    usual = [u.text for u in plan.utterances(fitted=False)]
    assert usual == ["Round 1 of 2.", "Round 2 of 2."]
    fitted = {u.text for u in plan.utterances(fitted=True)}
    assert fitted == {f"Round {k} of {n}." for n in (1, 2, 3) for k in range(1, n + 1)}


def test_the_round_is_that_of_the_innermost_block_that_repeats() -> None:
    """A step within it that does not repeat says the same."""
    plan = plan_of("# T\n\n## A (1-3 times)\n\n### B\n\nRound {round}.\n")
    assert {u.text for u in plan.utterances(fitted=True)} == {f"Round {k}." for k in (1, 2, 3)}


def test_sentences_that_name_the_rounds_are_counted() -> None:
    """Each with each number is one of its own, and there may be so many of them."""
    sentence = "This is {round} of {rounds}.\n\n"
    enough = plan_of("# T\n\n## A (1-50 times)\n\n" + sentence * 7)
    assert len(enough.utterances(fitted=True)) == 1275
    many = plan_of("# T\n\n## A (1-50 times)\n\n" + sentence * 8)
    assert len(many.utterances(fitted=False)) == 25
    with pytest.raises(ScriptError, match="10,000 different ones") as caught:
        many.utterances(fitted=True)
    (problem,) = caught.value.problems
    assert (problem.code, problem.location.line) == ("too-many-sentences", 19)


def test_shapes() -> None:
    """Optional blocks are left out from the last one on, and counts are in script order."""
    text = "# T\n\n## A (optional)\n\nA.\n\n## B (2-4 times)\n\nB.\n\n## C (optional)\n\nC.\n"
    plan = plan_of(text)

    def said(shape: Shape) -> str:
        return "".join(i.utterance.text for i in plan.unfold(shape) if isinstance(i, Say))

    assert plan.usual == Shape(0, (3,))
    assert said(Shape(0, (2,))) == "A.B.B.C."
    assert said(Shape(1, (4,))) == "A.B.B.B.B."
    assert said(Shape(2, (2,))) == "B.B."


def test_an_option_replaces_the_scripts_background() -> None:
    """The listener's bed plays throughout; "none" silences all."""
    text = "---\nbackground: rain\n---\n# T\n\nHi.\n\n- background off\n\nHo.\n"

    def beds(background: str | None) -> list[str | None]:
        plan = plan_of(text, Options(background=background))
        items = plan.unfold(plan.usual)
        return [i.sound and i.sound.name for i in items if isinstance(i, BackgroundChange)]

    assert beds(None) == ["rain", None]
    assert beds("sea") == ["sea"]
    assert beds("none") == []


def test_notes_belong_to_their_chapter() -> None:
    """Before the words and after them; with variables filled in."""
    text = "# T\n\n## A (2 times)\n\n> Before {round}.\n\nWords.\n\n> After.\n\n## B\n\nMore.\n"
    plan = plan_of(text)
    notes = [i.notes for i in plan.unfold(plan.usual) if isinstance(i, ChapterMark)]
    assert notes == [("Before 1.", "After."), ("Before 2.", "After."), ()]


def test_numbers_are_counted_in_words_and_beyond_them_in_figures() -> None:
    """What is said of a long count: each number once, in order."""
    from voiceguide.script.words import words

    known = words("en").numbers
    most = len(known) + 3
    script = f"# S\n\n- count {most}, 3s each\n"
    said = {u.spoken.rstrip(".").casefold() for u in plan_of(script).utterances(fitted=False)}
    beyond = [str(number) for number in range(len(known) + 1, most + 1)]
    assert {name.casefold() for name in known} <= said
    assert said - {name.casefold() for name in known} == set(beyond)


def test_what_each_pace_is() -> None:
    """Normal changes nothing; the others lie on either side of it."""
    gentle, normal, brisk = (TEMPO[pace] for pace in ("gentle", "normal", "brisk"))
    assert (normal.gaps, normal.voice, normal.length) == (1.0, 1.0, 1.0)
    assert gentle.gaps > normal.gaps > brisk.gaps
    assert gentle.voice < normal.voice < brisk.voice
    assert gentle.length > normal.length > brisk.length


def test_a_side_is_compared_by_its_letters() -> None:
    """Also where it comes from a page or a file, as a text of its own."""
    left = "".join(("le", "ft"))
    assert plan_of(SIDES, Options(side="left", start=left)).survey.sides == ("left",)  # type: ignore[arg-type]


def test_a_length_in_seconds_is_taken() -> None:
    """A whole number and a broken one."""
    for length in (1, 300, 300.5):
        assert plan_of(SIDES, Options(length=length)).survey.options.length == length
