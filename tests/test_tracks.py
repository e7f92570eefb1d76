"""The shipped tracks: that each compiles in every variant, is safe, and is a text of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest

from voiceguide.audio import AudioFormat
from voiceguide.library import catalogue
from voiceguide.library.data import data_folder
from voiceguide.library.environment import LibraryEnvironment
from voiceguide.library.tracks import tracks
from voiceguide.plan import Options, Utterance, build
from voiceguide.script import Script, Source, decode, parse
from voiceguide.script.model import (
    Include,
    Interval,
    Node,
    Note,
    Paragraph,
    Sentence,
    Spoken,
    Step,
)
from voiceguide.speech.silent import frames_of
from voiceguide.timeline.arrange import arrange, measure
from voiceguide.units import Seconds, to_frames

ROOT = data_folder("scripts")
FILES = sorted(p for p in ROOT.glob("*/*.md") if p.parent.name != "parts")
NAMES = [path.stem for path in FILES]
ENVIRONMENT = LibraryEnvironment()
FORMAT = AudioFormat()
PRESSURE = ("hold", "roll", "press", "knead")
"""Labels of intervals in which a muscle is pressed."""


def _source(path: Path) -> Source:
    return decode(path.read_bytes(), str(path), path.parent, str(path))


@cache
def _script(name: str) -> Script:
    script, warnings = parse(_source(next(p for p in FILES if p.stem == name)), ENVIRONMENT)
    assert warnings == ()
    return script


def _nodes(step: Step, *, includes: bool = True) -> Iterator[Node]:
    """Everything in a step, in the order written."""
    for node in step.content:
        yield node
        if isinstance(node, Step):
            yield from _nodes(node, includes=includes)
        elif isinstance(node, Include) and includes:
            yield from _nodes(node.script.root)


def _sentences(nodes: Iterator[Node]) -> Iterator[str]:
    for node in nodes:
        spoken: list[Spoken] = []
        if isinstance(node, Paragraph):
            spoken = [node.content]
        elif isinstance(node, Interval):
            spoken = [nested.what for nested in node.nested if isinstance(nested.what, tuple)]
        for pieces in spoken:
            for piece in pieces:
                if isinstance(piece, Sentence):
                    yield "".join(p if isinstance(p, str) else _said(p.name) for p in piece.parts)


def _said(variable: str) -> str:
    return {"tool": "tennis ball", "side": "left", "other side": "right"}[variable]


def _text(name: str) -> str:
    return " ".join(_sentences(_nodes(_script(name).root)))


def _words(sentence: str) -> list[str]:
    return re.findall(r"[a-z0-9'-]+", sentence.lower())


def _of_kind(*kinds: str) -> list[str]:
    # From the text alone: a script is parsed inside a test, where the listener's library is empty.
    wanted = re.compile(rf"^kind: ({'|'.join(kinds)})$", re.MULTILINE)
    return [path.stem for path in FILES if wanted.search(path.read_text(encoding="utf-8"))]


PRESSED = _of_kind("release", "routine")


@pytest.fixture(autouse=True)
def own_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The listener of these tests has no scripts of their own."""
    monkeypatch.setenv("VOICEGUIDE_HOME", str(tmp_path))


def test_names_are_unique_and_plain() -> None:
    """A track is found by its name alone; parts and documents are none."""
    assert sorted(track.name for track in tracks()) == sorted(NAMES)
    assert len(NAMES) == len(set(NAMES)) >= 30
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_compiles_in_every_variant(name: str) -> None:
    """All sides and tools: shortest, usual, longest, and whole minutes in reach, to the frame."""
    script = _script(name)
    uses_sides = any(isinstance(n, Step) and n.modifiers.each_side for n in _nodes(script.root))
    variants = [Options(tool=tool) for tool in script.front.tools or (None,)]
    if uses_sides:
        tools = script.front.tools or (None,)
        variants += [Options(tool=tool, side="left") for tool in tools]
        variants += [Options(side="right"), Options(sore="right")]
    for options in variants:
        plan = build(script, options, muscles=ENVIRONMENT.muscles)
        lengths = {u: _frames(u) for u in plan.utterances(fitted=True)}
        reach = measure(plan, lengths, FORMAT)
        usual = arrange(plan, lengths, FORMAT)
        assert usual.warnings == (), options
        wanted = [reach.shortest, reach.longest]
        wanted += [Seconds(60.0 * m) for m in (5, 10, 15, 20)]
        if script.front.length is not None:
            # The track's own length serves whatever the listener chooses.
            assert reach.shortest <= script.front.length <= reach.longest, options
            wanted.append(script.front.length)
        for length in wanted:
            if reach.shortest <= length <= reach.longest:
                timeline = arrange(plan, lengths, FORMAT, length).timeline
                assert timeline.frames == to_frames(length, FORMAT.rate), (options, length)


def _frames(utterance: Utterance) -> int:
    return frames_of(utterance.spoken)


@pytest.mark.parametrize("name", ["piriformis", "gluteus-maximus", "hamstrings"])
def test_the_main_releases_fit_six_to_twenty_minutes(name: str) -> None:
    """They serve a short break as well as a whole evening."""
    script = _script(name)
    for tool in script.front.tools:
        plan = build(script, Options(tool=tool), muscles=ENVIRONMENT.muscles)
        reach = measure(plan, {u: _frames(u) for u in plan.utterances(fitted=True)}, FORMAT)
        assert reach.shortest <= 360 and reach.longest >= 1200


@pytest.mark.parametrize("name", NAMES)
def test_front_matter_is_whole(name: str) -> None:
    """What `tracks` and `show` tell of a track is there."""
    path = next(p for p in FILES if p.stem == name)
    front = _script(name).front
    assert re.search(r"^kind: ", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert front.position and front.summary
    assert front.summary.endswith(".") and len(front.summary) <= 90
    for caution in front.cautions:
        assert catalogue.cautions()[caution].level == "during", "the others hold everywhere"
    if front.kind in ("release", "find"):
        assert front.muscles and front.tools and front.cautions
    if path.parent.name in catalogue.muscles():
        assert path.parent.name == front.muscles[0]


@pytest.mark.parametrize("name", PRESSED)
def test_opens_with_the_pressure_to_seek(name: str) -> None:
    """Pleasantly sore, 4 to 5 of 10, slow breath; what means move or stop; before any pressure."""
    root = _script(name).root
    opening = root.content[: next(i for i, n in enumerate(root.content) if isinstance(n, Step))]
    includes = [n for n in opening if isinstance(n, Include)]
    assert any(n.script.source.endswith("parts/safety.md") for n in includes)
    said = " ".join(s for n in includes for s in _sentences(_nodes(n.script.root)))
    for words in (
        "pleasantly sore",
        "four or five out of ten",
        "breathe slowly",
        "sharp, shooting, tingling or numb",
        "move off",
        "or stop",
        "not medical advice",
        "ask a doctor",
    ):
        assert words in said


@pytest.mark.parametrize("name", PRESSED)
def test_ends_with_a_rest_before_getting_up(name: str) -> None:
    """The last interval is a rest of at least 15 s; after it, how to get up without hurry."""
    nodes = [n for n in _nodes(_script(name).root) if not isinstance(n, (Step, Note, Include))]
    last = max(i for i, n in enumerate(nodes) if isinstance(n, Interval))
    interval = nodes[last]
    assert isinstance(interval, Interval)
    assert interval.label == "rest" and interval.duration.least >= 15
    after = " ".join(_sentences(iter(nodes[last + 1 :])))
    assert re.search(r"push up|get up|easy steps", after, re.IGNORECASE)


@pytest.mark.parametrize("name", NAMES)
def test_says_once_that_it_is_not_medical_advice(name: str) -> None:
    """Once and plainly; and nothing is promised."""
    text = _text(name).lower()
    assert text.count("medical advice") == 1
    assert re.search(r"sharp, shooting, tingling or numb", text)
    assert not re.search(r"\b(cures?|heals?|healing|treats?|sciatica|guarantee|fix)\b", text)


@pytest.mark.parametrize("name", PRESSED)
def test_names_the_dangers_of_its_muscles(name: str) -> None:
    """The spoken words keep the ball away from where it must not go."""
    text = _text(name).lower()
    muscles = _script(name).front.muscles
    words = {
        "piriformis": r"outward and up|closer to the hip, and higher",
        "gluteus-maximus": r"tailbone|sitting bone|bone",
        "gluteus-medius": r"bone|crest",
        "hamstrings": r"behind the knee|before the knee|above the (fold of the )?knee|meets the knee",
        "calves": r"swollen, warm or red",
        "hips": r"groin",
        "lower-back": r"beside the spine.*below the ribs",
    }
    for muscle in muscles:
        assert re.search(words[muscle], text), muscle


@pytest.mark.parametrize("name", _of_kind("stretch"))
def test_stretches_stay_gentle(name: str) -> None:
    """They name the cautions of knotted muscles, and no hold is longer than 45 s."""
    script = _script(name)
    assert {"hamstring-stretch", "gluteal-stretch"} <= set(script.front.cautions)
    for node in _nodes(script.root):
        if isinstance(node, Interval) and node.label == "stretch":
            assert node.duration.greatest <= 45


@pytest.mark.parametrize("name", PRESSED)
def test_doses_are_within_bounds(name: str) -> None:
    """15 to 60 s a spot, about 30 s; at most three spots a muscle on each side."""
    script = _script(name)
    for node in _nodes(script.root):
        if isinstance(node, Interval) and node.label in PRESSURE:
            assert 15 <= node.duration.least <= node.duration.usual <= 45, node.location
            assert node.duration.greatest <= 60, node.location
    for tool in script.front.tools:
        for block in script.root.content:
            if isinstance(block, Step) and block.modifiers.each_side:
                spots = sum(_spots(node, tool) for node in block.content)
                assert spots + _movement(block) >= 1 and spots <= 3 * len(script.front.muscles)


@pytest.mark.parametrize("name", PRESSED)
def test_a_spot_gets_its_time_when_nothing_is_asked(name: str) -> None:
    """At a track's own length a spot has about 30 s; in a routine, with its many, 20 s at least."""
    script = _script(name)
    plan = build(script, Options(), muscles=ENVIRONMENT.muscles)
    lengths = {u: _frames(u) for u in plan.utterances(fitted=True)}
    assert script.front.length is not None
    timeline = arrange(plan, lengths, FORMAT, script.front.length).timeline
    spots = [e.frames / FORMAT.rate for e in timeline.lane("interval") if e.label in PRESSURE]
    wanted = 24 if script.front.kind == "release" else 20
    assert spots and sum(spots) / len(spots) >= wanted, spots


def _spots(node: Node, tool: str) -> int:
    if isinstance(node, Interval):
        return node.label in PRESSURE
    if isinstance(node, Step) and (not node.modifiers.tools or tool in node.modifiers.tools):
        return sum(_spots(child, tool) for child in node.content)
    return 0


def _movement(block: Step) -> int:
    return sum(isinstance(n, Interval) and n.label == "work" for n in _nodes(block))


@pytest.mark.parametrize("path", sorted(ROOT.glob("*/*.md")), ids=lambda path: path.stem)
def test_no_sentence_is_long(path: Path) -> None:
    """Nobody has to hold more than 25 words in mind; parts are held to it as well."""
    script, _ = parse(_source(path), ENVIRONMENT)
    for sentence in _sentences(_nodes(script.root, includes=False)):
        assert len(_words(sentence)) <= 25, sentence


def test_no_two_sentences_are_alike() -> None:
    """Each track is its own text: no sentence of 12 words stands in two, nor nearly so."""
    long = [
        (name, _words(sentence))
        for name in NAMES
        for sentence in _sentences(_nodes(_script(name).root, includes=False))
        if len(_words(sentence)) >= 12
    ]
    for (name, one), (other, two) in combinations(long, 2):
        if name != other and len(set(one) & set(two)) > 6:
            assert SequenceMatcher(None, one, two).ratio() < 0.75, (name, other, one, two)


def test_every_muscle_can_be_found_and_released() -> None:
    """A `find` and a `release` for each; every kind, every tool and both levels are in use."""
    fronts = [_script(name).front for name in NAMES]
    for muscle in catalogue.muscles():
        kinds = {front.kind for front in fronts if muscle in front.muscles}
        assert {"find", "release"} <= kinds, muscle
    assert {front.kind for front in fronts} == set(catalogue.kinds())
    assert {tool for front in fronts for tool in front.tools} == set(catalogue.tools())
    assert {front.level for front in fronts} == {"beginner", "regular"}


def test_the_first_tool_is_never_the_hardest() -> None:
    """Softer ones come first: nobody is given a lacrosse ball who did not ask for it."""
    for name in NAMES:
        tools = _script(name).front.tools
        assert tools[:1] != ("lacrosse ball",)
        if "lacrosse ball" in tools:
            blocks = [n for n in _nodes(_script(name).root) if isinstance(n, Step)]
            told = [b for b in blocks if b.modifiers.tools == ("lacrosse ball",)]
            assert told or name == "foot-sole", name


def test_the_coverage_table_holds() -> None:
    """Every name in the table is a track, every track is in it, and no row is empty."""
    table = (ROOT / "COVERAGE.md").read_text(encoding="utf-8")
    body = table[table.index("\n## ") :]
    rows = [line for line in body.splitlines() if line.startswith("| ")]
    named = set(re.findall(r"`([a-z]+(?:-[a-z]+)*)`", body))
    assert named == set(NAMES)
    for row in rows:
        assert all(cell.strip() for cell in row.strip("|").split("|")), row
    for muscle in catalogue.muscles().values():
        row = next(row for row in rows if row.startswith(f"| {muscle.name.split(' (')[0]}"))
        for name in re.findall(r"`([a-z-]+)`", row):
            assert muscle.id in _script(name).front.muscles
    for tool in catalogue.tools():
        row = next(row for row in rows if row.startswith(f"| {tool} |"))
        for name in re.findall(r"`([a-z-]+)`", row):
            assert tool in _script(name).front.tools
