"""What must hold for any text at all: it compiles, or its problems are located and shown."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from world import World, arranged, reach_of  # noqa: E402

from voiceguide.errors import LengthError, ScriptError  # noqa: E402
from voiceguide.plan import Options  # noqa: E402
from voiceguide.script import decode, parse  # noqa: E402
from voiceguide.script.parse import read_head  # noqa: E402

WORLD = World(
    {"part": "# Part\n\nHi.\n\n## Step\n\n- pause 1s\n", "cycle": "# C\n\n- include cycle\n"}
)
OPTIONS = (
    Options(),
    Options(side="right", pace="brisk", breath="tone"),
    Options(sore="right", background="sea"),
)


def check(data: bytes) -> str:
    """Read a file, and make sessions of it where it compiles.

    Returns:
        the code of its first problem, or "compiles".

    Raises:
        Exception: anything but the errors that are meant for an author is a mistake of ours.
    """
    try:
        source = decode(data, "x.md")
        script, warnings = parse(source, WORLD)
    except ScriptError as error:
        _check_problems(error)
        return error.problems[0].code
    assert all(w.severity == "warning" for w in warnings)
    read_head(source, WORLD)
    for options in OPTIONS:
        try:
            timeline = arranged(script, options).timeline
            assert timeline.chapters[-1].end == timeline.frames
            assert all(e.start >= 0 and e.end <= timeline.frames for e in timeline.events)
            voices = timeline.lane("voice")
            assert all(a.end <= b.start for a, b in zip(voices, voices[1:], strict=False))
            reach = reach_of(script, options)
            middle = round((reach.shortest + reach.longest) / 2, 3)
            assert arranged(script, options, middle).timeline.frames == round(middle * 1000)
        except ScriptError as error:
            _check_problems(error)
        except LengthError as error:
            assert str(error)
    return "compiles"


def _check_problems(error: ScriptError) -> None:
    for problem in error.problems:
        place = problem.location
        assert place.line >= 1 and 1 <= place.column <= len(problem.source_line) + 1 + 10**6
        assert problem.length >= 1 and problem.message
        if problem.source_line:
            assert place.column + problem.length - 1 <= len(problem.source_line) + 1
        shown = (
            problem.message + problem.source_line + (problem.hint or "") + (problem.expected or "")
        )
        assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in shown), shown
