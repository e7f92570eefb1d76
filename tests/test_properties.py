"""What holds for every script, every listener and every length."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import replace
from random import Random

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st
from script_strategy import options, scripts
from world import FORMAT, World, arranged, lengths_of, plan_of, reach_of, read, timeline_of

from voiceguide.errors import LengthError, ScriptError
from voiceguide.plan import Options, Shape
from voiceguide.plan.model import IntervalRun, said
from voiceguide.script.model import PRESSING
from voiceguide.timeline import Timeline
from voiceguide.timeline.arrange import arrange
from voiceguide.units import Seconds, to_factor

pytestmark = pytest.mark.filterwarnings("error")


def _examples(few: int) -> int:
    """How many are drawn: few, or as many as `VOICEGUIDE_FUZZ` says."""
    return int(os.environ.get("VOICEGUIDE_FUZZ", few))


COMMON = settings(
    max_examples=_examples(25), deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip


def _check(timeline: Timeline) -> None:
    """What holds for any timeline."""
    assert timeline.chapters[0].start == 0
    assert timeline.chapters[-1].end == timeline.frames
    for one, other in zip(timeline.chapters, timeline.chapters[1:], strict=False):
        assert one.end == other.start and one.start <= one.end
    for event in timeline.events:
        assert event.start >= 0 and event.end <= timeline.frames, event
        assert timeline.chapters[event.chapter].start <= event.start
        # Only the further strikes of a chime may sound on into the next chapter.
        assert event.lane == "chime" or event.start <= timeline.chapters[event.chapter].end
    starts = [event.start for event in timeline.events]
    assert starts == sorted(starts)
    free = 0
    for event in timeline.lane("voice"):
        assert event.start >= free, (event, free)
        free = event.end
    # Blocks of time follow one another, and an interval's own sentences end inside it.
    blocks = sorted(timeline.lane("interval", "pause", "breath"), key=lambda e: (e.start, e.end))
    for one, other in zip(blocks, blocks[1:], strict=False):
        assert one.end <= other.start
    for interval in timeline.lane("interval"):
        for voice in timeline.lane("voice"):
            if interval.start <= voice.start < interval.end:
                assert voice.end <= interval.end


def _sides(timeline: Timeline) -> None:
    """Every cue lasts as long on one side as on the other."""
    lasts: dict[tuple[str, object], set[int]] = defaultdict(set)
    for event in timeline.lane("interval", "pause"):
        lasts[event.lane, event.location].add(event.frames)
    for event in timeline.lane("breath"):
        lasts[f"breath {event.label}", event.location].add(event.frames)
    for cue, frames in lasts.items():
        if cue[0] != "breath hold":
            assert len(frames) == 1, cue


@pytest.mark.parametrize("written", ["each side", "times"])
def test_gaps_are_drawn_between_sides_and_between_rounds(written: str) -> None:
    """Each of the two without the other: what is never drawn is never tested."""
    other = "times" if written == "each side" else "each side"

    def has_gap(text: str) -> bool:
        headings = [line for line in text.splitlines() if line.startswith("##")]
        return any(" between" in h and written in h and other not in h for h in headings)

    assert has_gap(find(scripts(), has_gap, settings=settings(COMMON, max_examples=2000)))


@COMMON
@given(scripts(), options(), st.floats(0, 1))
def test_fitted_sessions_end_on_the_frame(text: str, asked: Options, share: float) -> None:
    """Between the shortest and the longest, a session ends where it was asked to, or says why not."""
    script = read(text)
    reach = reach_of(script, asked)
    length = round(reach.shortest + share * (reach.longest - reach.shortest), 3)
    try:
        timeline = timeline_of(script, asked, length)
    except LengthError as error:
        # A gap between two shapes: both of its ends can be reached, and nothing nearer is named.
        assert error.reachable
        for nearest in error.reachable:
            assert timeline_of(script, asked, nearest).frames == round(nearest * 1000)
        return
    assert timeline.frames == round(length * 1000)
    _check(timeline)
    if asked.sore is None:
        _sides(timeline)


@COMMON
@given(scripts(), options())
def test_sessions_as_written(text: str, asked: Options) -> None:
    """What holds as written; the shortest and the longest named can be had."""
    script = read(text)
    timeline = timeline_of(script, asked)
    _check(timeline)
    if asked.sore is None:
        _sides(timeline)
    reach = reach_of(script, asked)
    assert timeline.frames == round(reach.usual * 1000)
    assert reach.shortest <= reach.usual <= reach.longest
    for length in (reach.shortest, reach.longest):
        assert timeline_of(script, asked, length).frames == round(length * 1000)
    for length in (reach.shortest - 0.001, reach.longest + 0.001):
        with pytest.raises(LengthError):
            timeline_of(script, asked, length)


@COMMON
@given(scripts(), options())
def test_the_same_twice(text: str, asked: Options) -> None:
    """The same script and options give the same timeline and the same warnings."""
    assert arranged(text, asked) == arranged(text, asked)


@COMMON
@given(scripts(), options(), st.floats(0, 1), st.floats(0, 1))
def test_asking_for_more_never_shortens_an_interval(
    text: str, asked: Options, one: float, other: float
) -> None:
    """In one and the same shape every elastic cue grows with the length."""
    script = read(text)
    numbers = plan_of(script, asked).survey.numbers
    if numbers.counts or numbers.optional:
        return
    reach = reach_of(script, asked)
    lengths = sorted(
        round(reach.shortest + s * (reach.longest - reach.shortest), 3) for s in (one, other)
    )
    short, long = (timeline_of(script, asked, length) for length in lengths)
    pairs = zip(short.lane("interval", "pause"), long.lane("interval", "pause"), strict=True)
    for less, more in pairs:
        assert less.frames <= more.frames


@COMMON
@given(scripts(), options())
def test_beds_duck_under_speech(text: str, asked: Options) -> None:
    """A bed lies 20 dB under every sentence, and 12 dB under itself where nobody speaks."""
    timeline = timeline_of(text, asked)
    speech = timeline.lane("voice")
    for bed in timeline.lane("background"):
        corners = bed.envelope
        assert [at for at, _ in corners] == sorted(at for at, _ in corners)
        loudest = max(gain for _, gain in corners)
        # The world's beds measure -20 LUFS, the voice -15.5: what makes a bed as loud as the voice.
        scale = to_factor(4.5)
        assert corners[0][1] == 0 or corners[0][0] == 0
        for event in speech:
            for at, gain in corners:
                if event.start <= at < event.end:
                    assert gain / scale <= to_factor(-20) + 1e-9
                    assert gain <= loudest + 1e-12
        assert corners[-1][1] == 0.0


@settings(COMMON, max_examples=_examples(80))
@given(st.text(max_size=400) | st.binary(max_size=400).map(lambda b: b.decode("latin-1")))
def test_any_text_raises_only_script_errors(text: str) -> None:
    """Whatever stands in a file, it compiles or its problems are located."""
    for candidate in (
        text,
        "# T\n\n" + text,
        "---\n" + text + "\n---\n\n# T\n\nHi.\n",
        "# T\n\n- hold 9s\n  - " + text,
    ):
        try:
            read(candidate.replace("\udcff", ""), World())
        except ScriptError as error:
            for problem in error.problems:
                assert problem.location.line >= 1 and problem.location.column >= 1
                assert problem.length >= 1 and problem.message


@COMMON
@given(scripts(), options(), st.randoms(use_true_random=False))
def test_all_that_is_said_is_known_beforehand(text: str, asked: Options, random: Random) -> None:
    """Whatever the shape, without unfolding it; and as written nothing more than is said."""
    plan = plan_of(text, asked)
    numbers = plan.survey.numbers
    known = set(plan.utterances(fitted=True))
    for _ in range(4):
        counts = tuple(random.randint(c.least, c.greatest) for c in numbers.counts)
        shape = Shape(random.randint(0, len(numbers.optional)), counts)
        assert {word for item in plan.unfold(shape) for word in said(item)} <= known
    usual = {word for item in plan.unfold(plan.usual) for word in said(item)}
    assert usual == set(plan.utterances(fitted=False)) <= known


@COMMON
@given(scripts(), options(), st.floats(0, 1), st.floats(0, 1))
def test_more_time_never_means_less_pressure(
    text: str, asked: Options, one: float, other: float
) -> None:
    """Where there is room enough in what does not press, which a long rest makes sure of."""
    script = read(text + "\n\n## Rest\n\nRest now.\n\n- rest 1-900s\n")
    reach = reach_of(script, asked)
    lengths = sorted(
        round(reach.shortest + s * (reach.longest - reach.shortest), 3) for s in (one, other)
    )
    less, more = (_pressing(timeline_of(script, asked, length)) for length in lengths)
    assert less <= more + 1


def _pressing(timeline: Timeline) -> int:
    return sum(e.frames for e in timeline.lane("interval") if e.label in PRESSING)


@COMMON
@given(scripts(), st.floats(0, 1))
def test_the_sore_side_has_half_as_much_again_at_every_length(text: str, share: float) -> None:
    """But for what would pass its greatest then."""
    asked = Options(sore="right")
    script = read(text)
    reach = reach_of(script, asked)
    length = round(reach.shortest + share * (reach.longest - reach.shortest), 3)
    try:
        timeline = timeline_of(script, asked, length)
    except LengthError:
        return
    plan = plan_of(script, asked)
    written = {
        i.location: i.duration for i in plan.unfold(plan.usual) if isinstance(i, IntervalRun)
    }
    lasts: dict[object, dict[str | None, int]] = defaultdict(dict)
    for event in timeline.lane("interval"):
        lasts[event.location][event.side] = event.frames
    for where, sides in lasts.items():
        elastic = written[where]  # type: ignore[index]
        doubled = elastic.usual * 1.5 <= elastic.greatest and len(sides.keys() - {None}) == 2
        # Words may need more than is written.
        if doubled and sides["left"] > elastic.least * 1000:
            assert sides["right"] >= 1.5 * sides["left"] - 2


@COMMON
@given(scripts(), options(), st.integers(0, 50), st.integers(1, 60_000))
def test_more_time_in_an_interval(
    text: str, asked: Options, number: int, milliseconds: int
) -> None:
    """What came before stays where it was, what comes later moves by as much as was added."""
    try:
        plan = plan_of(text, asked)
        lengths = lengths_of(plan.utterances(fitted=True))
        one = arrange(plan, lengths, FORMAT).timeline
    except (LengthError, ScriptError):
        return
    intervals = one.lane("interval")
    if not intervals:
        return
    number %= len(intervals)
    seconds = Seconds(milliseconds / 1000)
    other = arrange(plan, lengths, FORMAT, None, {number: seconds}).timeline
    _check(other)
    more = other.frames - one.frames
    assert more >= milliseconds
    before, after = intervals[number], other.lane("interval")[number]
    assert (after.start, after.frames) == (before.start, before.frames + more)
    for event in one.lane("voice", "chime", "sound", "breath", "interval", "pause"):
        if event.start < before.start:
            assert event in other.events
        elif event.start > before.end:
            assert replace(event, start=event.start + more) in other.events
