"""The timeline as JSON: what its schema promises, in every golden case."""

from __future__ import annotations

import copy
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from case_printing import cases
from jsonschema import Draft202012Validator, ValidationError
from world import RATE, World, source, timeline_of

from voiceguide.script import parse
from voiceguide.timeline import Timeline
from voiceguide.timeline.schema import timeline_schema

GOOD = cases("good")
VALIDATOR = Draft202012Validator(timeline_schema())


def _timeline(path: Path) -> Timeline:
    return timeline_of(parse(source(path), World())[0])


def _data(path: Path) -> Any:
    """What a program reads."""
    return json.loads(json.dumps(_timeline(path).to_dict()))


def test_the_schema_is_one() -> None:
    """By its own schema."""
    Draft202012Validator.check_schema(timeline_schema())


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_every_timeline_keeps_to_its_schema(path: Path) -> None:
    """Chapters in order from 0 to the end, and every number that the mixer goes by."""
    timeline, data = _timeline(path), _data(path)
    VALIDATOR.validate(data)
    chapters = data["chapters"]
    assert (chapters[0]["start"], chapters[-1]["end"]) == (0, data["duration"])
    assert all(one["end"] == other["start"] for one, other in pairwise(chapters))
    assert [tuple(chapter["notes"]) for chapter in chapters] == [
        chapter.notes for chapter in timeline.chapters
    ]
    for event, told in zip(timeline.events, data["events"], strict=True):
        assert told["start"] * RATE == pytest.approx(event.start)
        assert told["duration"] * RATE == pytest.approx(event.frames)
        assert ("gain" in told) == (event.clip is not None)
        assert told.get("gain", 1.0) == pytest.approx(event.gain, abs=1e-6)
        corners = [[at / RATE, pytest.approx(gain, abs=1e-6)] for at, gain in event.envelope]
        assert told.get("envelope", []) == corners


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data.update(version=2),
        lambda data: data.pop("frames"),
        lambda data: data.update(chapters=[]),
        lambda data: data["events"][0].update(lane="song"),
        lambda data: data["events"][0].update(colour="red"),
        lambda data: data["events"][0].update(start=-1),
        lambda data: data["chapters"][0].update(side="both"),
        lambda data: data["events"][0].update(envelope=[[1]]),
    ],
)
def test_the_schema_refuses_what_is_no_timeline(damage: Any) -> None:
    """So that it does not pass because it allows all."""
    data = copy.deepcopy(_data(GOOD[0]))
    damage(data)
    with pytest.raises(ValidationError):
        VALIDATOR.validate(data)
