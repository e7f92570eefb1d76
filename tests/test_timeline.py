"""Lengths, places and warnings that the golden cases do not show."""

from __future__ import annotations

import pytest
from world import FORMAT, arranged, lengths_of, plan_of, reach_of, read, timeline_of

from voiceguide.audio import AudioFormat
from voiceguide.errors import LengthError, ScriptError
from voiceguide.plan import Options, Shape
from voiceguide.plan.model import IntervalRun, Quiet
from voiceguide.timeline import Timeline
from voiceguide.timeline.arrange import arrange, measure
from voiceguide.timeline.nested import IntervalContent, Runs
from voiceguide.units import Seconds

ROLL = "# T\n\n## A (each side)\n\n- roll 45s (30s-60s)\n- pause 2-4s\n- breathe in 1.1s, out 2.3s for 9-20s\n"


@pytest.mark.parametrize("rate", [1000, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("length", [100.0, 123.4567, 150.001])
def test_both_sides_have_the_same_frames_at_any_rate(rate: int, length: float) -> None:
    """Seconds become frames once an item, also after fitting; the end is exact."""
    plan = plan_of(ROLL)
    format_ = AudioFormat(rate)
    lengths = {
        u: frames * rate // 1000 for u, frames in lengths_of(plan.utterances(fitted=True)).items()
    }
    timeline = arrange(plan, lengths, format_, Seconds(length)).timeline
    assert timeline.frames == round(length * rate)
    for lane in ("interval", "pause", "breath"):
        events = timeline.lane(lane)  # type: ignore[arg-type]
        half = len(events) // 2
        left, right = events[:half], events[half:]
        assert [e.frames for e in left] == [e.frames for e in right]
        assert {e.side for e in left} == {"left"} and {e.side for e in right} == {"right"}


def test_the_sore_side_has_half_as_much_again() -> None:
    """Held to the greatest, first, and breath phases as they are."""
    timeline = timeline_of(ROLL, Options(sore="right"))
    rolls = [(e.side, e.frames) for e in timeline.lane("interval")]
    assert rolls == [("right", 60_000), ("left", 45_000)]
    pauses = [(e.side, e.frames) for e in timeline.lane("pause")]
    assert pauses == [("right", 4000), ("left", 3000)]
    assert {e.frames for e in timeline.lane("breath")} == {1100, 2300}


def test_out_of_reach() -> None:
    """The error states the shortest and the longest, and both can be had."""
    with pytest.raises(LengthError, match=r"from 1m23.5s to 2m49.5s") as caught:
        timeline_of(ROLL, length=60)
    assert caught.value.reachable == (83.5, 169.5)
    for length in caught.value.reachable:
        assert timeline_of(ROLL, length=length).frames == length * 1000
    with pytest.raises(LengthError, match="nothing in it is elastic"):
        timeline_of("# T\n\nHi.\n\n- pause 5s\n", length=6)
    with pytest.raises(LengthError, match="at most 24 hours"):
        timeline_of(ROLL, length=90_000)


def test_a_gap_between_two_shapes() -> None:
    """The error states the nearest two."""
    with pytest.raises(LengthError, match="the nearest are 1m or 1m10s") as caught:
        timeline_of("# T\n\n- breathe in 4s, out 6s, 3-9 times\n", length=63)
    assert caught.value.reachable == (60.0, 70.0)


def test_left_over_frames_are_silence_at_the_end() -> None:
    """Three pauses that share a frame too few leave it to the end."""
    timeline = timeline_of("# T\n\n- background rain\n" + "- pause 1-3s\n" * 3, length=5.0)
    assert [e.frames for e in timeline.lane("pause")] == [1666] * 3
    assert timeline.frames == 5000 and timeline.chapters[-1].end == 5000


def test_the_last_sound_has_faded_by_the_end() -> None:
    """A chime's ring is part of the session, wherever it was struck."""
    assert timeline_of("# T\n\n- chime bowl\n").frames == 8000
    assert (
        timeline_of("# T\n\n- hold 9s\n  - end: chime bowl, 2 times\n").frames == 9000 + 3000 + 8000
    )
    assert timeline_of("# T\n\n- hold 9s\n  - halfway: chime bowl\n").frames == 4500 + 8000
    assert timeline_of("# T\n\n- hold 9s\n  - every 4s: chime bowl\n").frames == 8000 + 8000
    assert timeline_of("# T\n\n- hold 9s\n  - 2s left: chime bell\n").frames == 9000
    assert timeline_of("# T\n\n- chime bowl\n- pause 5-9s\n", length=10).frames == 10_000


def test_a_voice_too_slow_for_a_countdown() -> None:
    """The word for each second has a second."""
    plan = plan_of("# T\n\n- hold 9s\n  - last 3s: countdown\n")
    lengths = dict.fromkeys(plan.utterances(fitted=False), 1001)
    with pytest.raises(ScriptError) as caught:
        measure(plan, lengths, FORMAT)
    (problem,) = caught.value.problems
    assert (problem.code, problem.location.line) == ("countdown-too-slow", 4)
    assert 'takes 1.0 s for "One"' in problem.message


def test_a_sentence_that_does_not_fit_is_waited_for() -> None:
    """What follows an interval starts after its last sentence, on both sides alike."""
    text = "# T\n\n## A (each side)\n\n- hold 2s\n  - halfway: Keep your {side} knee where it is, and breathe.\n\nOn.\n"
    timeline = timeline_of(text)
    lasts = {e.frames for e in timeline.lane("interval")}
    assert len(lasts) == 1 and lasts.pop() > 4000
    found = arranged(text)
    assert [w.code for w in found.warnings] == ["raised-interval"]
    assert found.warnings[0].source_line == "- hold 2s"


def test_repeats_fit_at_every_length() -> None:
    """A sentence that repeats ends inside its interval whatever the fitting makes of it."""
    text = "# T\n\n- hold 20s (10s-40s)\n  - every 6s: Keep on rolling on, and on.\n- pause 1-9s\n"
    reach = reach_of(text)
    length = reach.shortest
    while length < reach.longest:
        timeline = timeline_of(text, length=round(length, 3))
        (hold,) = timeline.lane("interval")
        assert timeline.frames == round(round(length, 3) * 1000)
        assert all(e.end <= hold.end for e in timeline.lane("voice"))
        length += 0.217


def test_phases_that_do_not_add_up_to_frames() -> None:
    """Breaths for a duration never pass it by a frame."""
    plan = plan_of("# T\n\n- breathe in 0.1s, out 0.2s for 0.3s\n")
    for rate in (999, 1001, 44_101, 22_051):
        lengths = dict.fromkeys(plan.utterances(fitted=False), 10)
        timeline = arrange(plan, lengths, AudioFormat(rate)).timeline
        assert max(e.end for e in timeline.events) <= timeline.frames


@pytest.mark.parametrize(
    "text",
    [
        "# T\n\n## A (each side)\n\n### B (second side)\n\nHi.\n",
        "# T\n\n- pause 9-12s\n",
        "# T\n\n- background rain\n\n## A (each side, 5s between)\n",
        "---\nbackground: rain\n---\n# T\n\n- background off\n\n## A (2-4 times, 5m between)\n",
    ],
)
def test_a_session_that_nobody_hears_is_an_error(text: str) -> None:
    """Time alone is no session, however long it may be made."""
    plan = plan_of(text, Options(side="left"))
    lengths = lengths_of(plan.utterances(fitted=True))
    for made in (measure, arrange):
        with pytest.raises(ScriptError) as caught:
            made(plan, lengths, FORMAT)
        assert caught.value.problems[0].code == "nothing-to-play"


def test_what_is_heard_only_in_an_optional_block_keeps_it_in() -> None:
    """The shortest session is the shortest with a sound."""
    text = "# T\n\n- pause 5-9s\n\n## A (2-4 times, 5s between)\n\n### B (optional)\n\nSay something.\n\n### C (optional)\n\n- pause 20s\n"
    reach = reach_of(text)
    assert reach.shortest == 5 + 2 * 0.84 + 5
    assert len(timeline_of(text, length=reach.shortest).lane("voice")) == 2


def test_a_block_left_without_content_takes_its_gap_with_it() -> None:
    """A gap stands between two runs in which something happens, and nowhere else."""
    text = "# T\n\nHi.\n\n## A (3 times, 30s between)\n\n### B (optional)\n\n- hold 10s\n\n## C\n\nEnd.\n"
    assert timeline_of(text).frames == 180 + 1500 + 3 * 10_000 + 2 * 30_000 + 1500 + 240
    assert timeline_of(text, length=1.92).frames == 180 + 1500 + 240
    sides = "# T\n\n## A (each side, 30s between)\n\n### B (second side)\n\nHi.\n"
    assert timeline_of(sides).frames == 180


def test_a_gap_waits_for_the_first_block_with_content() -> None:
    """A block within that is left empty does not take the gap of the one around it."""
    text = "# T\n\nHi.\n\n## A (2 times, 9s between)\n\n### B (2 times)\n\n#### C (optional)\n\n- hold 50s\n\n### D\n\nHo.\n"
    plan = plan_of(text)
    items = plan.unfold(Shape(1, ()))
    written = [i.duration.usual for i in items if isinstance(i, Quiet) and i.location]
    assert written == [9.0]


def test_a_chime_that_rings_on_into_the_next_words_is_told() -> None:
    """Further strikes of a chime inside an interval wait for nobody."""
    text = "# T\n\n- hold 4s\n  - every 3s: chime bowl, {} times\n\nNow talk about this.\n"
    assert arranged(text.format(1)).warnings == ()
    (warning,) = arranged(text.format(3)).warnings
    assert (warning.code, warning.location.line) == ("chime-over-words", 4)


def test_chapters_of_events() -> None:
    """Every event stands in the chapter in which it starts, the background too."""
    timeline = timeline_of("# T\n\nHi.\n\n## A\n\nHo.\n\n- background rain\n- hold 9s\n")
    (bed,) = timeline.lane("background")
    assert timeline.chapters[bed.chapter].title == "A"


def test_many_counts_are_settled_quickly() -> None:
    """Thirty breath counts and eight rounds have more shapes than could be tried."""
    breaths = "".join(f"- breathe in 1.{k:02}s, out 2s, 3-12 times\n" for k in range(30))
    rounds = "".join(f"\n## S{k} (1-9 times)\n\n- hold {k + 1}-{k + 2}s\n" for k in range(8))
    script = read(f"# T\n\n{breaths}{rounds}")
    reach = reach_of(script)
    for share in (0.05, 0.3, 0.6, 0.95):
        length = round(reach.shortest + share * (reach.longest - reach.shortest), 3)
        assert timeline_of(script, length=length).frames == round(length * 1000)


def test_rounds_that_say_their_number_are_settled_too() -> None:
    """Their lengths differ from round to round; the end is exact all the same."""
    script = read(
        "# T\n\n## A (1-9 times)\n\nRound {round} of {rounds}.\n\n- hold 5-9s\n\n## B (1-5 times)\n\n- hold 3-4s\n"
    )
    reach = reach_of(script)
    for share in (0.01, 0.25, 0.5, 0.75, 0.99):
        length = round(reach.shortest + share * (reach.longest - reach.shortest), 3)
        assert timeline_of(script, length=length).frames == round(length * 1000)


def test_thousands_of_counts_are_settled() -> None:
    """Neither the depth nor the breadth of the search grows with the script."""
    script = read("# T\n\n" + "- breathe in 1s, out 1s, 1-3 times\n" * 3000 + "- pause 1-4s\n")
    for length in (6001.5, 9000.25, 12_003.0, 18_003.5):
        assert timeline_of(script, length=length).frames == round(length * 1000)


def test_both_sides_hold_their_sentences_even_where_one_makes_the_other_too_short() -> None:
    """The right side needs a little more, which brings the left one another repeat to hold."""
    repeated = ", ".join(["{other side}"] * 10)
    padded = "Your {side} " + "x" * 55
    plan = plan_of(
        f"# T\n\n## A (each side)\n\n- hold 18s\n  - every 9s: {repeated}.\n  - at 14s: {padded}.\n"
    )
    lengths = lengths_of(plan.utterances(fitted=False))
    runs = [
        IntervalContent(item, lengths, FORMAT.rate, 400)
        for item in plan.unfold(plan.usual)
        if isinstance(item, IntervalRun)
    ]
    frames = Runs(runs).shortest(18_000)
    assert [run.shortest(frames) for run in runs] == [frames, frames]
    assert max(run.shortest(18_000) for run in runs) < frames


def test_silence_written_behind_the_last_words_is_kept() -> None:
    """Words that would run past the end start earlier, and so does what is written behind them."""
    text = "# T\n\n- hold 20s\n  - 1s left: And slowly let it go again. [3s]\n"
    (voice,) = timeline_of(text).lane("voice")
    assert voice.end == 17_000
    (voice,) = timeline_of(text.replace(" [3s]", "")).lane("voice")
    assert voice.end == 20_000


@pytest.mark.parametrize(
    ("nested", "waits"),
    [
        ("start: {0}\n  - at 1s: Then this.", "waits 2.0 s for the sentence before it"),
        ("start: {0}\n  - at 1.2s: Then this.", None),
        ("0.1s left: {0}", "starts 2.5 s before its time"),
        ("1s left: {0}", None),
    ],
)
def test_a_sentence_that_waits_long_is_worth_a_warning(nested: str, waits: str | None) -> None:
    """More than two seconds after its moment, or before it."""
    text = (
        f"# T\n\n- hold 30s\n  - {nested.format('Move a little, then lie still and wait here.')}\n"
    )
    warnings = arranged(text).warnings
    assert [w.code for w in warnings] == (["sentence-waits"] if waits else [])
    assert all(waits in w.message for w in warnings if waits)


def test_of_two_sides_the_longer_wait_is_told() -> None:
    """One warning for a sentence of the script, whichever side comes first."""
    text = "# T\n\n## A (each side)\n\n- hold 30s\n  - start: Move the {side} hip a little, then lie still.\n  - at 0.44s: Then this.\n"
    for start in ("left", "right"):
        (warning,) = arranged(text, Options(start=start)).warnings
        assert "waits 2.6 s" in warning.message


def test_at_another_rate_each_event_ends_where_it_did() -> None:
    """To the nearest frame of that rate, each end by itself; and a timeline is bare unless told."""
    whole = timeline_of("# S\n\nLie down.\n\n- hold 7s\n\nBreathe.\n\n- roll 11s\n")
    moved = whole.at_rate(441)
    for event, other in zip(whole.events, moved.events, strict=True):
        assert abs(other.end / 441 - event.end / whole.format.rate) <= 0.5 / 441 + 1e-9
        assert abs(other.start / 441 - event.start / whole.format.rate) <= 0.5 / 441 + 1e-9
    plain = Timeline(whole.format, whole.frames, whole.chapters, whole.events)
    assert (plain.gain, plain.room) == (1.0, False)


def test_words_for_the_half_of_a_count_end_before_its_number() -> None:
    """Ten circles: "the other way" is heard between five and six, not after the sixth has begun."""
    text = "# T\n\n- count 10, 3s each\n  - halfway: Now turn.\n"
    said = {e.text: e for e in timeline_of(text).lane("voice")}
    start = said["One"].start
    assert said["Five"].end < said["Now turn."].start
    assert said["Now turn."].end + 400 == said["Six"].start == start + 15_000
    assert not timeline_of(text).lane("chime")


def test_long_words_for_the_half_of_a_count_take_the_place_of_its_number() -> None:
    """They begin behind the number before; where the next one is due, a tick is heard."""
    text = "# T\n\n- count 10, 3s each\n  - halfway: " + "Turn it round, " * 4 + "and go.\n"
    timeline = timeline_of(text)
    said = {e.text: e for e in timeline.lane("voice")}
    (words,) = (e for text, e in said.items() if text and text.startswith("Turn"))
    assert words.start == said["Five"].end + 400 and words.end > said["One"].start + 15_000
    assert "Six" not in said and len(timeline.lane("chime")) == 10 - (len(said) - 1)
