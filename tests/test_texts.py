"""The words a listener hears: plain English, to be followed with eyes shut, safe on their own.

The rules are those of docs/style.md. Each pattern below is tried on the sentence it was made
against, so that none of them can be empty.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from track_support import (
    ENVIRONMENT,
    FILES,
    FLUENT,
    FORMAT,
    NAMES,
    PARTS,
    PRESSURE,
    nodes,
    of_kind,
    plan_of,
    script,
    sentences,
    source,
    spoken_frames,
    text,
    words,
)

from voiceguide.library import catalogue
from voiceguide.plan import Options
from voiceguide.script import parse
from voiceguide.script.model import Include, Interval, Paragraph, Step
from voiceguide.timeline.arrange import arrange, measure
from voiceguide.timeline.model import Timeline
from voiceguide.units import Seconds

LONGEST_SENTENCE = 20
LONGEST_SILENCE = 40.0
TOOLS = r"(?:(?:soft)?balls?|roller|pin)"

# What stops the ear, what to say instead, and a sentence in which it was found.
WORDS = [
    (r"\bknead\w*", "massage, squeeze or roll: it is heard as need", "Knead it slowly."),
    (r"\bflesh\b", "muscle", "Press into the flesh."),
    (r"\bcords?\b", "tight band: a cord may be the nerve", "Linger on anything like a cord."),
    (r"\bcrest\b", "top edge of your hip bone", "Stay below the crest."),
    (r"\bsit(ting)? bones?\b|\bhard point that\b", "the bone you sit on", "Keep off the sit bone."),
    (r"\bknob of (the|your) hip\b", "bony knob on the outside of your hip", "the knob of the hip"),
    (r"\bseat and knee\b", "buttock and knee", "Halfway between seat and knee."),
    (r"\banswers?\b|\bspeaks? up\b", "is tender", "A tender spot will answer by itself."),
    (r"\bwait on\b", "stay on", "Wait on the tender point."),
    (r"\bclasp\b", "hold", "Clasp both hands behind your thigh."),
    (r"\b(nought|nor|whilst|shall|ours)\b", "plain words", "From nought to ten."),
    (r"\bneed not\b", "don't have to", "You need not get up."),
    (r"\bshould (the|your|it|you)\b", "if", "Should the waiting feel tight."),
    (
        r"\bby itself\b.*\bas far\b|\bas far as it (goes|opens) by itself",
        "easily",
        "As far as it goes by itself.",
    ),
    (r"\b(by|of) a hair\b", "slightly", "Draw it in by a hair."),
    (r"\b(to and fro|haste|without hurry|otherwise tomorrow)\b", "plain words", "To and fro."),
    (r"\b(as if|as though) you \w+ed\b", "as if you were ...ing", "As though you walked."),
    (
        r"\bif you lie\b|\bhands lie\b",
        "if you're lying down; rest your hands",
        "If you lie, come up.",
    ),
    (
        r"\bit shoots\b|\bif anything shoots down\b",
        "name the pain and what to do",
        "If it shoots, go out.",
    ),
    (
        r"\boutward and up\b",
        "toward your hip and a little toward your waist",
        "Move outward and up.",
    ),
    (r"\b(trousers|pants|zip)\b", "words that both sides of the ocean share", "In your trousers."),
    (
        r"\btowards\b|\bfurther\b|\b(out|in|up|down)wards\b",
        "toward, farther, outward",
        "Towards it.",
    ),
    (r"\burgent care\b", "medical help: elsewhere it is no word", "Get urgent care."),
    (r"\bphysio\w*", "physical therapist", "Ask a physio."),
    (
        r"\bdoes no harm\b|\bharmless\b|\bnever harm",
        "nothing: nobody can promise it",
        "It does no harm.",
    ),
    (r"\b(cure|heal|fix)(s|es|ed)? (the|your|it)\b", "ease", "This heals your back."),
    (
        r"\bstrong pressure can\b|\bpress (hard|harder|firmly)\b",
        "no strong pressure",
        "Press hard.",
    ),
    (r"\bdo less\b", "stop, or ease off", "If numb, do less."),
    (r"\bdrop(s)? (to|both|the hips)\b", "lower", "Let both knees drop to one side."),
    (r"\b(pause|repeat|wait) (for )?\d+\b", "a pause is a cue", "Wait 10 seconds."),
]

# A pronoun and a verb that a friend would say as one word; not at the end of a clause.
LONG_FORMS = [
    (r"\b(do|does|did|is|are|was|should|would|could|have|has) not\b", "Do not press."),
    (r"\b(cannot|can not|will not)\b", "If you cannot reach it."),
    (r"\b(it|there|what|here|nothing|where) is (?=[a-z])", "If it is sore."),
    (r"(?<!calf )\bthat is (?=[a-z])", "That is your spot."),
    (r"\b(you|we|they) (are|will) (?=[a-z])", "You are only looking."),
    (r"\blet us\b", "Let us ask them."),
]

# Directions that mean the ceiling or the floor to someone who lies.
LYING = [
    (r"\b(higher|lower down|upward|downward|farther up|higher up)\b", "Move the ball higher."),
    (
        r"\b(move|slide|shift|go|bring|work) (it |the [\w ]+ |yourself |your \w+ )?(a little )?(up|down)\b",
        "Shift yourself down a little.",
    ),
    (r"\b(up and down|below|above)\b", "A hand's width below it."),
]


def _spoken() -> Iterator[tuple[str, str]]:
    """Every sentence of tracks and parts, each where it is written."""
    for path in [*FILES, *PARTS]:
        parsed, _ = parse(source(path), ENVIRONMENT)
        for sentence in sentences(nodes(parsed.root, includes=False), tool="massage ball"):
            yield path.stem, sentence


def _catalogue_texts(value: object = None, key: str = "") -> Iterator[tuple[str, str]]:
    """Every text of the catalogue that a listener reads, with its key."""
    if value is None:
        value = tomllib.loads(catalogue.FILE.read_text(encoding="utf-8"))
    if isinstance(value, str):
        if " " in value and not key.endswith(".level"):
            yield key, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _catalogue_texts(inner, f"{key}.{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from _catalogue_texts(inner, key)


SPOKEN = tuple(_spoken())
WRITTEN = tuple(_catalogue_texts())


def _found(pattern: str, texts: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    return [(where, said) for where, said in texts if re.search(pattern, said, re.IGNORECASE)]


@pytest.mark.parametrize(("pattern", "instead", "example"), WORDS, ids=[w[0] for w in WORDS])
def test_words_that_stop_the_ear(pattern: str, instead: str, example: str) -> None:
    """None of them is spoken, or stands in the catalogue."""
    assert re.search(pattern, example, re.IGNORECASE)
    assert _found(pattern, SPOKEN + WRITTEN) == [], f"say {instead}"


@pytest.mark.parametrize(("pattern", "example"), LONG_FORMS, ids=[w[0] for w in LONG_FORMS])
def test_contractions(pattern: str, example: str) -> None:
    """The guide speaks as people do: it's, don't, you'll."""
    assert re.search(pattern, example, re.IGNORECASE)
    assert _found(pattern, SPOKEN + WRITTEN) == []


def test_sentences_are_short() -> None:
    """Nobody has to hold more than 20 words in mind."""
    assert len(SPOKEN) > 1000
    assert [(n, s) for n, s in SPOKEN if len(words(s)) > LONGEST_SENTENCE] == []


def _lies(name: str) -> bool:
    position = script(name).front.position or ""
    return (
        re.match(r"(on your (back|side)|lying)", position) is not None
        and "standing" not in position
    )


@pytest.mark.parametrize(("pattern", "example"), LYING, ids=[w[0] for w in LYING])
def test_directions_hold_for_someone_who_lies(pattern: str, example: str) -> None:
    """Toward the knee, the hip or the waist; never up or down along the body."""
    assert re.search(pattern, example, re.IGNORECASE)
    lying = tuple((n, s) for n in NAMES if _lies(n) for s in sentences(nodes(script(n).root)))
    # What stands in these openings is heard before anyone lies down.
    heard = tuple((n, s) for n, s in lying if s not in _opening(n))
    assert len(heard) > 300
    assert _found(pattern, heard) == []


def _opening(name: str) -> list[str]:
    return list(sentences(n for n in script(name).root.content if isinstance(n, Paragraph)))


FIRST_NAMED = [
    ("bony knob", r"bony knob on the outside of your (left |right )?hip"),
    ("top edge of your( left)? hip bone", r"where a belt sits"),
    ("front corner of your( left)? hip bone", r"front corner"),
]


@pytest.mark.parametrize(("landmark", "explained"), FIRST_NAMED, ids=[f[0] for f in FIRST_NAMED])
def test_a_landmark_is_explained_when_first_named(landmark: str, explained: str) -> None:
    """In that sentence or the one before; afterwards its short name will do."""
    named = 0
    for name in NAMES:
        said = list(sentences(nodes(script(name).root)))
        first = next((i for i, s in enumerate(said) if re.search(landmark, s)), None)
        if first is not None:
            named += 1
            assert re.search(explained, " ".join(said[max(0, first - 1) : first + 1])), name
    assert named > 0


# ------------------------------------------------------------------------- followed with eyes shut


def _timelines(name: str, *, pace: float) -> Iterator[tuple[str, Timeline]]:
    """A track as the listener may have it: shortest, own, whole minutes and longest."""
    plan = plan_of(name, Options())
    lengths = spoken_frames(plan, pace)
    reach = measure(plan, lengths, FORMAT)
    yield "as written", arrange(plan, lengths, FORMAT).timeline
    for wanted in (reach.shortest, *(Seconds(60.0 * m) for m in (5, 10, 15, 20)), reach.longest):
        if reach.shortest <= wanted <= reach.longest:
            yield f"{wanted / 60:.1f} min", arrange(plan, lengths, FORMAT, wanted).timeline


@pytest.mark.parametrize("name", NAMES)
def test_nobody_is_left_in_silence(name: str) -> None:
    """No 40 s without a word but in a rest, however long the session is made."""
    for length, timeline in _timelines(name, pace=FLUENT):
        rests = [e for e in timeline.lane("interval") if e.label == "rest"]
        heard = sorted((e.start, e.end) for e in timeline.lane("voice", "breath") if e.clip)
        at = 0
        for start, end in [*heard, (timeline.frames, timeline.frames)]:
            resting = sum(max(0, min(start, r.end) - max(at, r.start)) for r in rests)
            silent = (start - at - resting) / FORMAT.rate
            assert silent <= LONGEST_SILENCE, (length, at / FORMAT.rate, silent)
            at = max(at, end)


def _blocks(name: str) -> list[Step]:
    """The blocks done on each side in which something presses."""
    return [
        block
        for block in script(name).root.content
        if isinstance(block, Step)
        and block.modifiers.each_side
        and any(isinstance(n, Interval) and n.label in PRESSURE for n in nodes(block))
    ]


def _always(step: Step, tool: str | None, *, only: str | None = None) -> Iterator[str]:
    """Paragraphs that are said on a side whatever the length: on the first, or the second."""
    for node in step.content:
        if isinstance(node, Paragraph):
            yield " ".join(sentences(iter([node]), tool=tool or ""))
        elif isinstance(node, Include):
            yield from _always(node.script.root, tool, only=only)
        elif isinstance(node, Step):
            marks = node.modifiers
            if not (
                marks.optional
                or (marks.only is not None and marks.only != only)
                or (marks.tools is not None and tool not in marks.tools)
            ):
                yield from _always(node, tool, only=only)


HELD = [n for n in of_kind("release", "find", "routine") if script(n).front.tools[0] != "hands"]
PUT_DOWN = (
    rf"\b(take|put|push|move|lift|roll|bring|keep)\b[^.]*\b({TOOLS}|them|it)\b[^.]*"
    r"\b(out|off|beside|aside|away|lap|chair|seat|front|within reach|step on|floor|hand)\b"
    rf"|\b(off|put down) the [\w ]*{TOOLS}"
)


def test_what_counts_as_put_down() -> None:
    """The pattern takes what puts a tool down, and nothing else."""
    for said in (
        "Lift your hips, take the tennis ball out, and come down.",
        "Put it on the chair.",
    ):
        assert re.search(PUT_DOWN, said, re.IGNORECASE), said
    for said in ("Let the tennis ball roll under you.", "Lean onto the tennis ball."):
        assert not re.search(PUT_DOWN, said, re.IGNORECASE), said


@pytest.mark.parametrize("name", HELD)
def test_a_tool_is_put_down(name: str) -> None:
    """On each side, and at the end, the last that is said of it is where it goes."""
    for tool in script(name).front.tools:
        if tool == "hands":
            continue
        for block in _blocks(name):
            for only in ("first", "second"):
                said = list(_always(block, tool, only=only))
                last = [p for p in said if re.search(rf"\b{TOOLS}\b", p)]
                assert last, "the tool is never named"
                assert re.search(PUT_DOWN, last[-1], re.IGNORECASE), (tool, only, last[-1])
                after = said[said.index(last[-1]) + 1 :]
                assert not any(re.search(r"\blean (in|on)\b", p) for p in after)


STEADY = [
    (r"\bleg swing\b|\bstand on your \w+ leg\b", r"\bhold\b", "on one leg a hand holds on"),
    (r"\bleg swing\b|\bstand on your \w+ leg\b", r"\beyes open\b|\bopen your eyes\b", "eyes open"),
    (r"\blift (that|your \w+) (knee|heel)\b|\bmarch\b", r"\bhold\b", "a hand holds on"),
    (r"\bcircle your hips\b|\bcircles with your hips\b", r"\bon the chair\b", "hip circles"),
    (r"\bonto your toes\b", r"\bhold\b", "a hand holds on"),
    (r"\blean (in|on|back onto)\b", r"\b(hold|on) the (chair|wall)\b", "a hand on something"),
]


@pytest.mark.parametrize(
    ("move", "with_it", "why"), STEADY, ids=[s[2] + s[0][2:12] for s in STEADY]
)
def test_nobody_wobbles(move: str, with_it: str, why: str) -> None:
    """In tracks done standing, the words that keep a listener steady stand beside the move."""
    seen = 0
    for name in NAMES:
        if not re.search(r"standing|wall", script(name).front.position or ""):
            continue
        for step in (n for n in nodes(script(name).root) if isinstance(n, Step)):
            said = " ".join(sentences(n for n in step.content if not isinstance(n, Step)))
            if re.search(move, said, re.IGNORECASE):
                seen += 1
                # Who leans has taken hold when the ball was placed, and lets go when it comes out.
                beside = text(name) if move.startswith(r"\blean") else said
                assert re.search(with_it, beside, re.IGNORECASE), (name, said, why)
    assert seen > 0


ROLLER = [n for n in NAMES if script(n).front.tools[:1] == ("foam roller",)]


@pytest.mark.parametrize("name", ROLLER)
def test_a_roller_session_lifts_the_hips(name: str) -> None:
    """Nothing rolls under somebody who sits on the floor."""
    assert re.search(
        r"lift your hips", " ".join(p for b in _blocks(name) for p in _always(b, None))
    )


# ---------------------------------------------------------------------------------------- safety

NEAR_THE_NERVE = {"piriformis", "gluteus-maximus", "hamstrings"}
WARNING = (
    r"If your leg tingles, goes numb or feels weak, or pain shoots down it, come off at once\. "
    r"When that fades, (try a spot farther out, nearer your waist"
    r"|bend your knee a little, and try a spot more to the side)\. "
    r"If it doesn't fade, stop for today\."
)


@pytest.mark.parametrize(
    "name",
    [n for n in of_kind("release", "routine") if NEAR_THE_NERVE & set(script(n).front.muscles)],
)
def test_the_nerve_is_spoken_of_on_both_sides(name: str) -> None:
    """What to do when it shoots, on each side, in a step that is never left out."""
    for tool in script(name).front.tools:
        for only in ("first", "second"):
            warned = [
                bool(re.search(WARNING, " ".join(_always(block, tool, only=only))))
                for block in _blocks(name)
            ]
            assert warned[0], (tool, only)
            if name == "full-routine":
                assert sum(warned) >= 2, "the buttock and the thigh"


ON_A_BALL = [
    "first-session", "piriformis", "piriformis-floor", "gluteus-maximus", "gluteus-maximus-chair",
    "gluteus-maximus-two-balls", "gluteus-medius-side", "hamstrings", "full-routine",
]  # fmt: skip


@pytest.mark.parametrize("name", ON_A_BALL)
def test_how_to_come_off_is_said_before_the_weight_comes_on(name: str) -> None:
    """Someone whose leg tingles has no time to think of a way."""
    found = list(nodes(script(name).root))
    pressed = (n for n in found if isinstance(n, Interval) and n.label in ("roll", "hold", "press"))
    before = " ".join(sentences(iter(found[: found.index(next(pressed))])))
    assert re.search(r"To come off[^.]*, (tip|lean|lift|roll|bend)", before)
    assert re.search(WARNING, before)


@pytest.mark.parametrize("name", of_kind("release", "routine", "find", "stretch"))
def test_when_not_to_start_is_said_first(name: str) -> None:
    """A file on a phone has no page beside it: before anything is done, one sentence or more."""
    said = " ".join(_opening_with_parts(name))
    for sign in (r"numbness between your legs", r"weak", r"bladder or bowels?"):
        assert re.search(sign, said, re.IGNORECASE), sign
    assert re.search(r"[Dd]on't start.*help now", said)


@pytest.mark.parametrize("name", of_kind("release", "routine", "find"))
def test_who_asks_a_doctor_first_is_said(name: str) -> None:
    """In every session that presses, before anything is done."""
    opening = " ".join(_opening_with_parts(name))
    for sign in ("pregnant", "blood thinners", "weak bones", "cancer", "artificial hip"):
        assert re.search(rf"{sign}.*, ask a doctor first", opening), sign
    assert re.search(
        r"Ask first, too, after a .*fall or operation, or with severe new leg pain", opening
    )


def _opening_with_parts(name: str) -> Iterator[str]:
    root = script(name).root
    first = next(i for i, n in enumerate(root.content) if isinstance(n, Step))
    opening = Step((), 1, root.modifiers, root.content[:first], root.location)
    return sentences(nodes(opening))


@pytest.mark.parametrize("name", ["first-session", "full-routine"])
def test_the_emergency_signs_in_full(name: str) -> None:
    """Each that the catalogue knows is spoken, with what to do."""
    said = text(name).lower()
    signs = {
        "saddle-numbness": "numbness between your legs, or in your bottom",
        "bladder-bowel": "bladder or bowels",
        "both-legs": "weakness, numbness or shooting pain in both legs",
        "chest": "chest pain, or trouble breathing",
    }
    grave = {key for key, c in catalogue.cautions().items() if c.level == "emergency"}
    assert grave == set(signs)
    for words_of_it in signs.values():
        assert words_of_it in said
    assert "don't start, and get emergency help now." in said


CALF = "swollen, warm, red or newly painful"


def test_the_calf_warning_has_one_wording() -> None:
    """Spoken and written alike; uncovered, looked at and felt for 10 s."""
    cautions = catalogue.cautions()
    for key in ("hot-calf", "calf-signs"):
        for part in (CALF, "don't massage either leg, and get medical help today."):
            assert part in cautions[key].text
    raw = next(p for p in PARTS if p.stem == "calf-safety").read_text(encoding="utf-8")
    for part in (
        "uncover both calves",
        "[10s]",
        CALF,
        "don't massage either leg, and get medical help today.",
    ):
        assert part in raw
    for name in NAMES:
        front = script(name).front
        if "calves" in front.muscles and front.kind in ("release", "find", "routine"):
            said = text(name)
            assert CALF in said and re.search(r"lost feeling in|little feeling", said), name
            assert {"calf-signs", "feet-feeling"} <= set(front.cautions), name


@pytest.mark.parametrize("name", [n for n in NAMES if _lies(n) and "bed" not in text(n)])
def test_up_from_the_floor_in_stages(name: str) -> None:
    """Onto the side, sit for a moment, then stand."""
    kind = script(name).front.kind
    if kind in ("breathing", "check-in", "stretch"):
        return
    said = text(name)
    assert re.search(
        r"onto (your side|whichever side is clear).*[Pp]ush yourself up.*[Ss]it (for a moment|until your head feels clear).*stand up slowly",
        said,
    )


@pytest.mark.parametrize("name", of_kind("release", "routine"))
def test_both_sides_are_pressed_alike(name: str) -> None:
    """The same holds, as long on the left as on the right."""
    for _, timeline in _timelines(name, pace=FLUENT):
        spots = [e for e in timeline.lane("interval") if e.label in PRESSURE and e.side]
        left, right = (
            [(e.label, e.frames) for e in spots if e.side == s] for s in ("left", "right")
        )
        assert left == right


UNDER_THE_BUTTOCK = (
    r"\b(curl|bend) your fingers\b|\bfingertips toward the ceiling\b|\bfeel your \w+ buttock\b"
)
"""Fingers between a buttock and the floor."""


def test_no_weight_rests_on_bent_fingers() -> None:
    """Fingers go under a buttock that the tipped knees have lifted off the floor."""
    seen = 0
    for name in NAMES:
        if {"gluteus-maximus", "piriformis"} & set(script(name).front.muscles) and _lies(name):
            said = text(name)
            for found in re.finditer(UNDER_THE_BUTTOCK, said, re.IGNORECASE):
                seen += 1
                assert "tip your knees" in said[: found.end()].lower()[-200:], (name, found[0])
    assert seen > 0


def test_a_style_page_says_the_rules() -> None:
    """What is tested here can be read by authors."""
    page = (Path(__file__).parents[1] / "docs" / "style.md").read_text(encoding="utf-8")
    for word in ("20 words", "40", "contractions", "toward", "put down", "both sides"):
        assert word in page, word
