"""How a session grows: the dose before the rest, one ladder from the shortest to the longest."""

from __future__ import annotations

import time

import pytest
from world import FORMAT, lengths_of, plan_of, reach_of, timeline_of

from voiceguide.errors import LengthError
from voiceguide.plan import Options
from voiceguide.plan.model import ElasticCount
from voiceguide.plan.survey import Numbers
from voiceguide.timeline import Timeline
from voiceguide.timeline.arrange import arrange, measure
from voiceguide.timeline.fitting import DOSE, Fitted, Fitting, Ladder, spread
from voiceguide.timeline.measured import USUAL, Levels
from voiceguide.units import Seconds

SCRIPT = """# T

Hi.

- breathe in 4s, out 6s, 2-6 times

## A

- roll 30s (20s-60s)
- rest 20s (10s-60s)

## B (optional)

- hold 30s (20s-60s)

## C (optional)

- work 30s (20s-60s)
"""


def _numbers(
    *counts: tuple[int, int, int], optional: int = 0, blocks: tuple[int, ...] | None = None
) -> Numbers:
    elastic = tuple(ElasticCount(*count) for count in counts)
    none: frozenset[int] = frozenset()
    around = blocks or (-1,) * len(counts)
    return Numbers(elastic, none, none, around, {k: k for k in range(optional)}, {}, {})


def _lasts(timeline: Timeline) -> dict[str, float]:
    return {e.label or "": e.frames / 1000 for e in timeline.lane("interval")}


def test_the_rungs_of_a_ladder() -> None:
    """Counts up to their usual, optional blocks in script order, the usual levels, then the rest."""
    ladder = Ladder(_numbers((1, 2, 4), (1, 3, 3), optional=2), 0)
    rungs = [ladder[index] for index in range(len(ladder))]
    assert [(r.shape.dropped, r.shape.counts) for r in rungs] == [
        (2, (1, 1)),
        (2, (1, 2)),
        (2, (2, 2)),
        (2, (2, 3)),
        (1, (2, 3)),
        (0, (2, 3)),
        (0, (2, 3)),
        (0, (3, 3)),
        (0, (4, 3)),
    ]
    assert [r.levels for r in rungs[:7]] == [DOSE] * 6 + [USUAL]
    assert rungs[7].levels.press == rungs[7].levels.rest == pytest.approx(1 / 3)
    assert [r.onward for r in rungs[:-1]] == [r.levels for r in rungs[1:]]
    for rung in rungs:
        for one, other in zip(rung.way, rung.way[1:], strict=False):
            assert one.press <= other.press and one.rest <= other.rest and one.gap <= other.gap


def test_counts_of_an_optional_block_grow_once_it_is_in() -> None:
    """It comes in with their least."""
    ladder = Ladder(_numbers((1, 2, 2), (3, 5, 5), (1, 2, 2), optional=2, blocks=(1, 0, -1)), 0)
    assert [(r.shape.dropped, r.shape.counts) for r in (ladder[k] for k in range(len(ladder)))] == [
        (2, (1, 3, 1)),
        (2, (1, 3, 2)),
        (1, (1, 3, 2)),
        (1, (1, 4, 2)),
        (1, (1, 5, 2)),
        (0, (1, 5, 2)),
        (0, (2, 5, 2)),
        (0, (2, 5, 2)),
    ]


def test_counts_grow_evenly() -> None:
    """Each by its share of all steps; of those that are due at once the first in the script."""
    least, greatest = (1, 1, 5, 2), (4, 4, 5, 8)
    grown = [spread(least, greatest, steps)[0] for steps in range(13)]
    assert grown[0] == least and grown[12] == greatest
    assert [sum(counts) for counts in grown] == list(range(9, 22))
    assert grown[6] == (3, 2, 5, 5) and grown[7] == (3, 3, 5, 5)
    levels = [spread(least, greatest, steps)[1] for steps in range(13)]
    assert levels == sorted(levels) and 0 == levels[0] < levels[1] and levels[-1] < 1


def test_only_what_must_be_heard_is_always_in() -> None:
    """Blocks that bring the only sound are on every rung."""
    ladder = Ladder(_numbers(optional=3), 2)
    assert [ladder[index].shape.dropped for index in range(len(ladder))] == [1, 0, 0]


def test_the_dose_comes_before_all_else() -> None:
    """The pressing interval reaches its usual length while all else keeps its least."""
    reach = reach_of(SCRIPT)
    for more in (0.0, 4.0, 9.5):
        timeline = timeline_of(SCRIPT, length=round(reach.shortest + more, 3))
        assert _lasts(timeline) == {"roll": 20 + more, "rest": 10}
        assert len(timeline.lane("breath")) == 4


def test_then_the_silences_between_sentences_then_all_else() -> None:
    """They are short only where the least of the rest has no more room."""
    text = SCRIPT.replace("Hi.", "Hi. Lie down. Rest.")
    reach = reach_of(text)
    for more, gaps in ((0, 0.4), (10, 0.4), (10.2, 0.5), (10.4, 0.6), (15, 0.6), (200, 0.6)):
        timeline = timeline_of(text, length=round(reach.shortest + more, 3))
        first, second, third = timeline.lane("voice")[:3]
        silences = (second.start - first.end, third.start - second.end)
        assert [frames / 1000 for frames in silences] == pytest.approx([gaps, gaps], abs=0.002)


def test_then_breaths_then_optional_blocks_and_rest_fills_the_gaps() -> None:
    """What does not press grows until the next step has room, and gives that back."""
    start = round(reach_of(SCRIPT).shortest + 10, 3)

    def seen(more: float) -> tuple[float, float, int, bool, bool]:
        timeline = timeline_of(SCRIPT, length=round(start + more, 3))
        lasts = _lasts(timeline)
        breaths = len(timeline.lane("breath")) // 2
        return lasts["roll"], lasts["rest"], breaths, "hold" in lasts, "work" in lasts

    assert seen(9) == (30, 19, 2, False, False)
    assert seen(10) == (30, 10, 3, False, False)
    assert seen(20) == (30, 10, 4, False, False)
    assert seen(51.4) == (30, 41.4, 4, False, False)
    assert seen(51.5) == (30, 10, 4, True, False)
    assert seen(72.9) == (30, 31.4, 4, True, False)
    assert seen(73.0) == (30, 10, 4, True, True)


def test_as_written_between_the_dose_and_the_greatest() -> None:
    """The usual length gives the usual session; past it all grows together."""
    reach = reach_of(SCRIPT)
    assert timeline_of(SCRIPT, length=reach.usual) == timeline_of(SCRIPT)
    lasts = _lasts(timeline_of(SCRIPT, length=round(reach.usual + 13, 3)))
    assert lasts["roll"] - 30 == pytest.approx(lasts["hold"] - 30, abs=0.002)
    assert lasts["rest"] - 20 == pytest.approx((lasts["roll"] - 30) * 40 / 30, abs=0.002)
    assert lasts["work"] - 30 == pytest.approx(lasts["roll"] - 30, abs=0.002)
    longest = timeline_of(SCRIPT, length=reach.longest)
    assert set(_lasts(longest).values()) == {60.0} and len(longest.lane("breath")) == 12


def test_where_nothing_else_gives_way_rounds_do_before_the_dose() -> None:
    """A block that comes in does so with fewer breaths rather than with less pressure."""
    text = "# T\n\n- breathe in 4s, out 6s, 2-6 times\n- hold 30s (10s-60s)\n\n## A (optional)\n\n- pause 100s\n"
    timeline = timeline_of(text, length=162.5)
    assert len(timeline.lane("pause")) == 1
    assert (_lasts(timeline)["hold"], len(timeline.lane("breath"))) == (32.5, 6)


def test_a_gap_below_a_long_block_is_filled_without_a_loss_of_pressure() -> None:
    """Breaths that are due later come in; what does not press makes room for them."""
    text = "# T\n\n- breathe in 4s, out 6s, 1-4 times\n- hold 20-40s\n- rest 10-40s\n\n## A (optional)\n\n- work 300s\n"
    longest = 2 * 10 + 40 + 40  # with the usual breaths
    for more in (0, 0.5, 9, 10, 10.5):
        lasts = _lasts(timeline_of(text, length=longest + more))
        assert lasts["hold"] == 40 and "work" not in lasts


def test_a_length_between_two_rungs_is_made_up_of_other_counts() -> None:
    """Breaths of a second fill what rounds of ten leave."""
    text = "# T\n\n## A (1-9 times)\n\n- chime bell\n- pause 9s\n\n## B\n\n- breathe in 0.4s, out 0.6s, 3-30 times\n"
    reach = reach_of(text)
    length = reach.shortest
    while length <= reach.longest:
        assert timeline_of(text, length=round(length, 3)).frames == round(length * 1000)
        length = Seconds(length + 1)


def test_a_length_that_cannot_be_had_names_its_neighbours() -> None:
    """Both can be had, and nothing between them."""
    text = "# T\n\n- breathe in 4s, out 6s, 3-9 times\n"
    for length in (60.001, 63.0, 69.999):
        with pytest.raises(LengthError, match="the nearest are 1m or 1m10s") as caught:
            timeline_of(text, length=length)
        assert caught.value.reachable == (60.0, 70.0)
        for nearest in caught.value.reachable:
            assert timeline_of(text, length=nearest).frames == nearest * 1000


def test_what_rounds_say_does_not_lead_astray() -> None:
    """An estimate that is wrong by what is said is put right, with few sessions unfolded."""
    text = "# T\n\n## A (1-40 times)\n\nRound {round} of {rounds}.\n\n- hold 5-9s\n"
    plan = plan_of(text)
    lengths = {u: 60 * len(u.text) ** 2 for u in plan.utterances(fitted=True)}
    reach = measure(plan, lengths, FORMAT)
    for share in (0.1, 0.37, 0.5, 0.81):
        target = round(1000 * (reach.shortest + share * (reach.longest - reach.shortest)))
        fitting = Fitting(plan, lengths, FORMAT.rate)
        fitting.find(target)
        assert arrange(plan, lengths, FORMAT, Seconds(target / 1000)).timeline.frames == target
        assert len(fitting.shapes) <= 5


def test_an_estimate_is_put_right_at_once() -> None:
    """A chime that rings on past the end is in no estimate; it costs no more than one session."""
    plan = plan_of("# T\n\n- breathe in 0.4s, out 0.6s, 1-900 times\n- chime bowl, 30 times\n")
    fitting = Fitting(plan, lengths_of(plan.utterances(fitted=True)), FORMAT.rate)
    for target in (200_000, 555_000, 901_000):
        fitting.shapes.clear()
        assert isinstance(fitting.find(target), Fitted)
        assert len(fitting.shapes) <= 3


def test_the_sore_side_narrows_the_reach() -> None:
    """Half as long again at both ends; the greatest that is written is never passed."""
    text = "# T\n\n## A (each side)\n\nHi.\n\n- hold 30s (20s-60s)\n- pause 8-10s\n"
    plain, sore = reach_of(text), reach_of(text, Options(sore="right"))
    assert sore.shortest == plain.shortest + 10 + 2 and sore.longest == plain.longest - 20 - 1
    for length in (sore.shortest, sore.usual, sore.longest):
        timeline = timeline_of(text, Options(sore="right"), length=length)
        right, left = timeline.lane("interval")
        assert right.frames == pytest.approx(1.5 * left.frames, abs=1) and right.frames <= 60_000


@pytest.mark.parametrize("rounds", ["{rounds}", "{round}", "{round} of {rounds}"])
def test_small_scripts_cost_little(rounds: str) -> None:
    """Many blocks that say how often they are done, and a length that is out of reach."""
    blocks = "".join(f"\n## A{k} (1-50 times)\n\n{rounds}.\n" for k in range(7))
    plan = plan_of(f"# T\n{blocks}\n## B (1000 times)\n\nHm.\n")
    began = time.process_time()
    lengths = lengths_of(plan.utterances(fitted=True))
    reach = measure(plan, lengths, FORMAT)
    for length in (reach.usual + 0.017, (reach.usual + reach.longest) / 2, reach.longest - 0.017):
        try:
            arrange(plan, lengths, FORMAT, Seconds(length))
        except LengthError as error:
            assert error.reachable
    assert time.process_time() - began < 4


def test_levels_lie_on_a_straight_way() -> None:
    """Between two levels, by a share."""
    assert Levels(-1, -1, 0).towards(Levels(1, 0, 1), 0.25) == Levels(-0.5, -0.75, 0.25)


def test_what_takes_time_only_in_an_optional_block_keeps_it_in() -> None:
    """A background alone is no session."""
    text = "# T\n\n- background rain\n\n## A (optional)\n\n- hold 9-12s\n"
    assert reach_of(text).shortest == 9


def test_no_length_over_a_day_is_promised() -> None:
    """However far a script could be drawn out."""
    text = "# T\n\nHi.\n\n" + "- hold 1-600m\n" * 3
    assert reach_of(text).longest == 24 * 3600
    assert timeline_of(text, length=24 * 3600).frames == 24 * 3600 * 1000
