"""The finder, against tables written beforehand from what is known of the muscles."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from voiceguide.errors import UsageError
from voiceguide.library import catalogue
from voiceguide.library.tracks import Entry, entries
from voiceguide.plan import Options, build
from voiceguide.practice.finder import (
    PRACTISED,
    Answers,
    Proposal,
    contradiction,
    in_words,
    propose,
    red_flags,
    suggestions,
)
from voiceguide.practice.questions import read
from voiceguide.script import parse

# Where it hurts and what makes it worse: the muscles, in the order to try them.
MUSCLES = """
lower-back    -              gluteus-medius gluteus-maximus hamstrings piriformis lower-back
lower-back    sitting        gluteus-maximus gluteus-medius hamstrings piriformis hips lower-back
lower-back    walking        gluteus-medius gluteus-maximus hamstrings piriformis hips lower-back
lower-back    after-running  gluteus-medius hamstrings gluteus-maximus piriformis calves lower-back
hips          -              gluteus-medius hips piriformis lower-back
hips          sitting        hips gluteus-medius piriformis gluteus-maximus lower-back
hips          walking        gluteus-medius hips piriformis calves lower-back
hips          after-running  gluteus-medius hips piriformis hamstrings lower-back
buttock       -              piriformis gluteus-maximus gluteus-medius hamstrings lower-back
buttock       sitting        piriformis gluteus-maximus hamstrings gluteus-medius hips lower-back
buttock       walking        piriformis gluteus-medius gluteus-maximus hamstrings hips lower-back
buttock       after-running  piriformis gluteus-medius gluteus-maximus hamstrings calves lower-back
back-of-thigh -              hamstrings piriformis gluteus-medius
back-of-thigh sitting        hamstrings piriformis gluteus-medius gluteus-maximus
back-of-thigh walking        hamstrings gluteus-medius piriformis hips
back-of-thigh after-running  hamstrings gluteus-medius piriformis calves
calf-or-foot  -              calves gluteus-medius hamstrings
calf-or-foot  sitting        calves hamstrings gluteus-medius piriformis
calf-or-foot  walking        calves gluteus-medius hamstrings hips
calf-or-foot  after-running  calves gluteus-medius hamstrings hips
"""

# What is at hand: for each muscle the track to begin with, and what it is done with. A star marks
# what the listener does not have, where nothing serves with what there is.
RELEASES = """
tennis ball
    piriformis piriformis=tennis ball; gluteus-maximus gluteus-maximus=tennis ball
    gluteus-medius gluteus-medius=tennis ball; hamstrings hamstrings=tennis ball
    calves calves=tennis ball; hips hips=tennis ball; lower-back lower-back=tennis ball
hands
    piriformis piriformis-hands=hands; gluteus-maximus gluteus-maximus-hands=hands
    gluteus-medius gluteus-maximus-hands=hands; hamstrings hamstrings-hands=hands
    calves calves-rolling-pin=hands; hips hips-hands=hands; lower-back lower-back-chair=hands
foam roller
    piriformis piriformis-hands=hands; gluteus-maximus gluteus-maximus-hands=hands
    gluteus-medius gluteus-maximus-hands=hands; hamstrings hamstrings=foam roller
    calves calves=foam roller; hips hips-hands=hands; lower-back lower-back-chair=hands
rolling pin
    piriformis piriformis-hands=hands; calves calves-rolling-pin=rolling pin
    hamstrings hamstrings-hands=hands; hips hips-hands=hands
softball
    piriformis piriformis-hands=hands; hamstrings hamstrings=softball
    calves calves-rolling-pin=hands; lower-back lower-back-chair=hands
massage ball
    piriformis piriformis=massage ball; gluteus-maximus gluteus-maximus=massage ball
    gluteus-medius gluteus-medius=massage ball; hamstrings hamstrings-chair=massage ball
    calves calves=massage ball; hips hips=massage ball; lower-back lower-back=massage ball
lacrosse ball
    piriformis piriformis-hands=hands; gluteus-maximus gluteus-maximus-hands=hands
    gluteus-medius gluteus-maximus-hands=hands; hamstrings hamstrings-hands=hands
    calves calves-rolling-pin=hands; hips hips-hands=hands; lower-back lower-back-chair=hands
lacrosse ball, tennis ball
    piriformis piriformis=tennis ball; gluteus-medius gluteus-medius=tennis ball
    hips hips=tennis ball; hamstrings hamstrings=tennis ball
"""

SIDES: dict[str, Any] = {"left": "left", "right": "right", "neither": None}


def _muscle_rows() -> list[tuple[str, str, list[str]]]:
    rows = (line.split() for line in MUSCLES.strip().splitlines())
    return [(place, worse, muscles) for place, worse, *muscles in rows]


def _release_rows() -> list[tuple[str, str, str]]:
    rows, tools = [], ""
    for line in RELEASES.strip().splitlines():
        if not line.startswith(" "):
            tools = line
            continue
        for cell in line.split(";"):
            muscle, _, track = cell.strip().partition(" ")
            rows.append((tools, muscle, track))
    return rows


@pytest.fixture(scope="module")
def library() -> tuple[Entry, ...]:
    """The built-in tracks."""
    return tuple(entry for entry in entries() if entry.track.origin == "built-in")


def test_tables_are_whole() -> None:
    """A place or an aggravator that the catalogue gains must get its rows here."""
    asked = {(place, worse) for place, worse, _ in _muscle_rows()}
    worse = ["-", *catalogue.aggravators()]
    assert asked == set(itertools.product(catalogue.pain_places(), worse))
    assert {t for row in _release_rows() for t in row[0].split(", ")} == set(catalogue.tools())


@pytest.mark.parametrize(("place", "worse", "muscles"), _muscle_rows())
@pytest.mark.parametrize("side", SIDES)
def test_muscles_in_order(
    place: str, worse: str, muscles: list[str], side: str, library: tuple[Entry, ...]
) -> None:
    """Each pain place, side and aggravator: the muscles of the table, each with its reasons,
    tracks, and options that name the sore side."""
    answers = Answers((place,), side, () if worse == "-" else (worse,), ())  # type: ignore[arg-type]
    proposal = propose(answers, library)
    assert [m.muscle for m in proposal.muscles] == muscles
    for muscle in proposal.muscles:
        assert muscle.reasons and all(r.endswith(".") for r in muscle.reasons)
        assert muscle.tracks[0].kind == "find" and muscle.tracks[0].name.startswith(muscle.muscle)
        assert muscle.release is not None and muscle.release.kind == "release"
        for track in muscle.tracks:
            assert track.options == Options(sore=SIDES[side], tool=track.tool)


@pytest.mark.parametrize(("tools", "muscle", "expected"), _release_rows())
def test_tools_at_hand(tools: str, muscle: str, expected: str, library: tuple[Entry, ...]) -> None:
    """What is at hand decides the track; where nothing serves, the missing tool is named."""
    name, tool = expected.rstrip("*").split("=")
    release = _of(propose(_answers(muscle, tuple(tools.split(", "))), library), muscle)
    assert (release.name, release.tool) == (name, tool)
    assert release.missing == expected.endswith("*")
    if release.missing:
        assert release.note and catalogue.tools()[tool].instead.rstrip(".") in release.note


def test_no_tools_said(library: tuple[Entry, ...]) -> None:
    """Where nobody said what is at hand, the muscle's own track comes first, with the ball that
    most people have."""
    for muscle in catalogue.muscles():
        release = _of(propose(_answers(muscle, None), library), muscle)
        assert release.name == muscle and not release.missing
        assert release.tool == "tennis ball"


def _answers(muscle: str, tools: tuple[str, ...] | None) -> Answers:
    places = tuple(
        p.id
        for p in catalogue.pain_places().values()
        if muscle in [pointer.muscle for pointer in p.points_to]
    )
    return Answers(places, "neither", (), tools)


def _of(proposal: Proposal, muscle: str):  # type: ignore[no-untyped-def]
    release = next(m for m in proposal.muscles if m.muscle == muscle).release
    assert release is not None
    return release


@pytest.mark.parametrize("flag", [flag.id for flag in red_flags()])
def test_every_red_flag_stops(flag: str, library: tuple[Entry, ...]) -> None:
    """One yes, and nothing is proposed, whatever the other answers are."""
    answers = Answers(("buttock",), "left", ("sitting",), ("tennis ball",), red_flags=(flag,))
    proposal = propose(answers, library)
    assert proposal.muscles == ()
    assert [caution.id for caution in proposal.stopped] == [flag]


def test_red_flags_are_what_is_grave() -> None:
    """Emergencies and what forbids to start, each with its question, emergencies first."""
    grave = [
        c.id for c in catalogue.cautions().values() if c.level in ("emergency", "do not start")
    ]
    assert [flag.id for flag in red_flags()] == grave
    assert {"saddle-numbness", "bladder-bowel", "both-legs", "chest", "hot-calf"} <= set(grave)
    assert all(flag.question and flag.question.endswith("?") for flag in red_flags())


def test_several_places(library: tuple[Entry, ...]) -> None:
    """A muscle that two places point to comes before one that only one does; the low back last."""
    proposal = propose(Answers(("lower-back", "back-of-thigh"), "left", (), None), library)
    order = [m.muscle for m in proposal.muscles]
    assert order == ["gluteus-medius", "hamstrings", "piriformis", "gluteus-maximus", "lower-back"]
    hamstrings = proposal.muscles[1]
    assert len(hamstrings.reasons) == 2
    # The place that speaks for it most tells why, whichever was named first.
    for places in itertools.permutations(("lower-back", "hips", "back-of-thigh")):
        found = propose(Answers(places, "left", ("sitting",), None), library)
        first = {m.muscle: m.reasons for m in found.muscles}["hamstrings"]
        (own,) = propose(Answers(("back-of-thigh",)), library).muscles[0].reasons
        assert first[0] == own and len(first) == 3
        assert first[2] == catalogue.aggravators()["sitting"].points_to[2].reason


def test_every_choice_can_be_played(library: tuple[Entry, ...]) -> None:
    """Every choice of every answer: options that neither contradict each other nor the track."""
    from voiceguide.library.environment import LibraryEnvironment

    scripts = {e.track.name: parse(e.track.source(), LibraryEnvironment())[0] for e in library}
    tools: list[tuple[str, ...] | None] = [None, (), *((t,) for t in catalogue.tools())]
    seen = set()
    for place, side, hand in itertools.product(catalogue.pain_places(), SIDES, tools):
        proposal = propose(Answers((place,), side, ("sitting",), hand), library)  # type: ignore[arg-type]
        for track in (t for m in proposal.muscles for t in m.tracks):
            if (track.name, track.options) not in seen:
                seen.add((track.name, track.options))
                build(scripts[track.name], track.options)
    assert len(seen) > 50


def test_nothing_hard_for_a_beginner(library: tuple[Entry, ...]) -> None:
    """Whatever is at hand: no lacrosse ball, and no track for the practised; they get them."""
    tools: list[tuple[str, ...] | None] = [None, (), *((t,) for t in catalogue.tools())]
    levels = {entry.track.name: entry.front.level for entry in library}
    hard = set()
    for muscle, hand, level in itertools.product(
        catalogue.muscles(), [*tools, tuple(catalogue.tools())], PRACTISED
    ):
        for track in suggestions(muscle, "left", hand, library, level):
            if level == "beginner":
                assert levels[track.name] == "beginner"
                assert "lacrosse ball" not in (track.tool or "")
            elif levels[track.name] == "regular":
                hard.add(track.name)
    assert "piriformis-floor" in hard and "hips-side" in hard


def test_two_tools_that_are_both_needed(library: tuple[Entry, ...]) -> None:
    """One of them is not enough, and what is missing names both."""
    for hand, missing in ((("tennis ball",), True), (("massage ball", "tennis ball"), False)):
        found = suggestions("gluteus-maximus", "left", hand, library, "regular")
        (track,) = (t for t in found if t.name == "gluteus-maximus-two-balls")
        assert track.tool == "tennis ball + massage ball" and track.missing is missing
        assert ("a tennis ball and a massage ball" in (track.note or "")) is missing
    assert in_words("foam roller") == "a foam roller" and in_words("hands") == "your hands"


@pytest.mark.parametrize("place", catalogue.pain_places())
def test_pain_in_both_legs_is_asked_back(place: str, library: tuple[Entry, ...]) -> None:
    """It is an emergency sign: nothing is proposed before it is answered."""
    both = Answers((place,), "both")
    legs = place in ("back-of-thigh", "calf-or-foot")
    proposal = propose(both, library)
    assert (proposal.ask_back is not None) == legs == (proposal.muscles == ())
    if proposal.ask_back is not None:
        assert proposal.ask_back.id == "both-legs" and proposal.ask_back.question
    assert contradiction(replace(both, side="neither")) is None
    assert contradiction(replace(both, red_flags=("both-legs",))) is None
    assert propose(replace(both, red_flags=("both-legs",)), library).stopped


def test_words_that_are_no_answer() -> None:
    """An unknown word is one sentence that asks back."""
    with pytest.raises(UsageError, match='"lowr-back".*did you mean "lower-back"'):
        read("pain", ["lowr-back"])
    with pytest.raises(UsageError, match='"sittin g".*did you mean "sitting"'):
        read("worse", ["sittin g"])
    assert read("pain", ["Lower Back", "butt", "lower-back"]) == ("lower-back", "buttock")
    with pytest.raises(UsageError, match="could be"):
        read("pain", ["b"])


def test_without_a_place(library: tuple[Entry, ...]) -> None:
    """Nothing can be said without knowing where it hurts."""
    with pytest.raises(UsageError, match="where"):
        propose(Answers((), "neither", (), None), library)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("- holt 30s\n", 'own.md:8:3: there is no cue "holt"'),
        ("Use your {tool}.\n", 'own.md:8:10: "{tool}" needs a tool in the front matter'),
        ("- include none\n", 'own.md:8:11: there is no script "none" to include'),
    ],
)
def test_a_broken_script_is_never_proposed(
    body: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However good its head: of a listener's own scripts, those that compile are proposed."""
    monkeypatch.setenv("VOICEGUIDE_HOME", str(tmp_path))
    folder = tmp_path / "scripts"
    folder.mkdir()
    head = "---\nmuscles: [piriformis]\nkind: find\nsummary: My own.\n---\n\n# Mine\n"
    (folder / "own.md").write_text(head + body, encoding="utf-8")
    (folder / "whole.md").write_text(head + "\nHello.\n", encoding="utf-8")
    found = {entry.track.name: entry for entry in entries()}
    assert found["whole"].problem is None
    broken = found["own"]
    assert broken.title == "Mine" and broken.front.summary == "My own."
    assert broken.problem is not None and problem in broken.problem
    named = {track.name for track in suggestions("piriformis", "neither", None, found.values())}
    assert "whole" in named and "own" not in named
    assert any(name.startswith("piriformis") for name in named)
