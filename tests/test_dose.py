"""The dose that each track gives: a sample of the sweep that `python tests/dose.py` makes in whole."""

from __future__ import annotations

import pytest
from dose import FORMAT, dose, falls, measured, planned, variants

from voiceguide.library.tracks import tracks
from voiceguide.plan import Plan, build
from voiceguide.plan.model import IntervalRun
from voiceguide.script.model import PRESSING
from voiceguide.timeline import Timeline
from voiceguide.timeline.arrange import arrange, measure
from voiceguide.units import Seconds

SAMPLES = 9


def _sessions(plan: Plan) -> list[Timeline]:
    """Sessions of a plan, from its shortest to its longest."""
    lengths = measured(plan)
    reach = measure(plan, lengths, FORMAT)
    step = (reach.longest - reach.shortest) / (SAMPLES - 1)
    asked = [Seconds(min(reach.shortest + k * step, reach.longest)) for k in range(SAMPLES)]
    return [arrange(plan, lengths, FORMAT, length).timeline for length in asked]


@pytest.fixture(autouse=True)
def own_library(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The listener of these tests has no scripts of their own."""
    monkeypatch.setenv("VOICEGUIDE_HOME", str(tmp_path_factory.mktemp("home")))


@pytest.mark.parametrize("name", sorted(track.name for track in tracks()))
def test_the_dose_of_a_track(name: str) -> None:
    """More minutes never give less pressure, and it has its usual length before all that is optional."""
    script, environment = planned(name)
    for options in list(variants(script))[:2]:
        plan = build(script, options, muscles=environment.muscles, tones=environment.tones())
        written = {
            item.location: item.duration
            for item in plan.unfold(plan.usual)
            if isinstance(item, IntervalRun) and item.label in PRESSING
        }
        # No sore side passes the greatest that is written.
        room = all(duration.usual * 1.5 <= duration.greatest for duration in written.values())
        sessions = _sessions(plan)
        doses = [dose(timeline, options.sore) for timeline in sessions]
        for fall, replaced, one, other in falls(doses):
            assert fall < 0.01 or replaced, (options, one, other)
        for timeline, given in zip(sessions, doses, strict=True):
            if len(timeline.chapters) > len(sessions[0].chapters):
                for event in timeline.lane("interval"):
                    duration = written.get(event.location)  # type: ignore[arg-type]
                    lasts = event.frames / FORMAT.rate
                    assert duration is None or lasts >= duration.usual - 0.001, (options, event)
            if given.sore is not None and room:
                assert given.sore == pytest.approx(1.5, abs=0.001), (options, given)
