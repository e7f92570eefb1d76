"""Looks for small scripts that cost much: `python tests/fuzz/costs.py [SECONDS] [FOLDER] [DOOR]`.

Hypothesis draws scripts of a few hundred bytes and is driven towards processor time, that of a check
or of another command with the script among the listener's own: show, timeline, find, today. The
worst five are written into the folder, `tests/fuzz/costly` unless another is named; what is kept
there is checked by every run of the tests, and goes through each door. It may take `ALLOWED` seconds,
and a second more for each 10,000 events of its longest session.
"""

# ruff: noqa: T201 - a command of its own

from __future__ import annotations

import contextlib
import io
import os
import resource
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings, target
from hypothesis import strategies as st

from voiceguide import session
from voiceguide.cli import run
from voiceguide.errors import ScriptError
from voiceguide.plan import Options, Shape
from voiceguide.plan.unfold import MAX_EVENTS, events_of
from voiceguide.session.loading import make_plan
from voiceguide.speech.base import VoiceInfo
from voiceguide.speech.registry import ENGINES
from voiceguide.speech.silent import Silent

ALLOWED = 2.0
KEPT = Path(__file__).with_name("costly")
_EXAMPLES = 150
DOORS = {
    "check": ["check", "--voice", "silent", "own"],
    "show": ["show", "own"],
    "timeline": ["timeline", "--voice", "silent", "own"],
    "find": ["find", "--pain", "buttock", "--no-red-flags", "--all"],
    "today": ["today", "--pain", "buttock"],
}
"""The words of each command; the script is the listener's own, named `own`."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a check of a script took.

    Attributes:
        seconds: of processor time.
        events: of its longest session or lines that are printed, or 0 where it cannot be told or does not matter.
        outcome: "fine", or the code of its first error.
    """

    seconds: float
    events: int
    outcome: str

    @property
    def share(self) -> float:
        """Of what it may take; more than 1 is too much."""
        return self.seconds / (ALLOWED + self.events / 10_000)


def cost(path: Path) -> Cost:
    """Check a script in the silent voice; what it imports should be imported already."""
    began = time.process_time()
    found = session.check(str(path), voice="silent")
    seconds = time.process_time() - began
    errors = [problem.code for problem in found.problems if problem.severity == "error"]
    events = _events(path) if seconds > ALLOWED / 4 else 0
    return Cost(seconds, events, errors[0] if errors else "fine")


def cost_by(door: str, path: Path) -> Cost:
    """Run a command with a script among the listener's own; what it imports should be there."""
    home = Path(os.environ["VOICEGUIDE_HOME"])
    (home / "scripts").mkdir(parents=True, exist_ok=True)
    (home / "scripts" / "own.md").write_text(path.read_text("utf-8"), "utf-8")
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        began = time.process_time()
        code = run(DOORS[door])
        seconds = time.process_time() - began
    events = _events(path) if seconds > ALLOWED / 4 else 0
    told = said.getvalue().count("\n")  # `timeline` has a line for each event
    return Cost(seconds, max(events, told), f"exit code {code}")


class Quiet(Silent):
    """The voice of commands that take none: what it costs to speak is no cost of a script."""

    default = True

    def voices(self) -> list[VoiceInfo]:
        """As the default wants it: of a language."""
        return [replace(voice, language="en") for voice in super().voices()]


def warm() -> None:
    """Import and read once what is no cost of a script."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "script.md"
        path.write_text("# S\n\nHi, 1.\n\n- breathe in 1s, out 1s, 1-2 times\n- hold 3-4s\n")
        cost(path)
        for door in DOORS:
            cost_by(door, path)


def _events(path: Path) -> int:
    """Of the longest session of a script, as far as it can be unfolded."""
    try:
        plan = make_plan(session.load(str(path)), Options())
        counts = tuple(count.greatest for count in plan.survey.numbers.counts)
        return sum(map(events_of, plan.unfold(Shape(0, counts))))
    except ScriptError as error:
        return MAX_EVENTS if error.problems[0].code == "too-many-events" else 0


_MANY = st.sampled_from([1, 2, 3, 9, 20, 50, 100, 1000, 10_000])
_PLAIN = ("Hm.", "Go on and on.")
_OF_ROUNDS = ("{round}.", "{rounds}.", "{round} of {rounds}.")
_OF_SIDES = ("Your {side} side.",)


@st.composite
def _duration(draw: Any) -> str:
    least = draw(st.sampled_from([1, 5, 20, 120, 3000]))
    return f"{least}s" if draw(st.booleans()) else f"{least}-{least * draw(st.integers(2, 9))}s"


@st.composite
def _cue(draw: Any, texts: tuple[str, ...]) -> str:
    kind = draw(st.integers(0, 6))
    if kind == 0:
        return f"- breathe in 1s, out {draw(st.integers(1, 3))}s, {draw(_counts())} times"
    if kind == 1:
        return f"- breathe in 1s, out 2s for {draw(_duration())}"
    if kind == 2:
        return f"- chime bell, {draw(st.integers(1, 100))} times"
    if kind == 3:
        return f"- pause {draw(_duration())}"
    lines = [f"- {draw(st.sampled_from(['hold', 'rest']))} {draw(_duration())}"]
    for _ in range(draw(st.integers(0, 4))):
        when = draw(st.sampled_from(["start", "halfway", "end", "every 1s", "every 7s", "1s left"]))
        what = draw(st.sampled_from([*texts, "chime bell", "chime bell, 20 times"]))
        lines.append(f"  - {when}: {what}")
    return "\n".join(lines)


@st.composite
def _counts(draw: Any) -> str:
    least, more = draw(_MANY), draw(st.sampled_from([0, 0, 1, 7, 49, 999, 9999]))
    return f"{least}-{min(10_000, least + more)}" if more else f"{least}"


@st.composite
def _block(draw: Any, level: int, texts: tuple[str, ...]) -> str:
    modifiers = []
    if draw(st.booleans()):
        modifiers.append(f"{draw(_counts())} times")
        texts += () if _OF_ROUNDS[0] in texts else _OF_ROUNDS
    if _OF_SIDES[0] not in texts and draw(st.integers(0, 3)) == 0:
        modifiers.append("each side")
        texts += _OF_SIDES
    if modifiers and draw(st.integers(0, 3)) == 0:
        modifiers.append("1s between")
    if draw(st.integers(0, 3)) == 0:
        modifiers.append("optional")
    lines = ["#" * level + " B" + (f" ({', '.join(modifiers)})" if modifiers else "")]
    for _ in range(draw(st.integers(0, 3))):
        cue = draw(st.booleans())
        lines.append(draw(_cue(texts)) if cue else draw(st.sampled_from(texts)))
    if level < 5:
        lines += [draw(_block(level + 1, texts)) for _ in range(draw(st.integers(0, 2)))]
    return "\n\n".join(lines)


_ABOUT = "muscles: [piriformis]\ntools: [tennis ball]\n"
"""By which `find` and `today` consider it."""


@st.composite
def scripts(draw: Any) -> str:
    """A script of some hundred bytes, often with the same block again and again."""
    length = draw(st.sampled_from(["", "length: 10m\n", "length: 239m\n"])) + _ABOUT
    blocks = [draw(_block(2, _PLAIN)) for _ in range(draw(st.integers(1, 3)))]
    again = draw(st.sampled_from([1, 1, 2, 10, 30]))
    return f"---\n{length}---\n# S\n\n" + "\n\n".join(blocks * again) + "\n"


def search(
    number: int, examples: int, until: float, door: str | None = None
) -> list[tuple[float, Cost, str]]:
    """The share, the cost and the text of scripts drawn by a seed, the worst first."""
    found: dict[str, tuple[float, Cost, str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "script.md"

        @seed(number)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.target],
            suppress_health_check=list(HealthCheck),
        )
        @given(scripts())
        def one(text: str) -> None:
            if time.monotonic() > until:
                return
            path.write_text(text, encoding="utf-8")
            spent = cost_by(door, path) if door else cost(path)
            target(spent.share)
            found[text] = spent.share, spent, text

        one()
    return sorted(found.values(), key=lambda entry: -entry[0])


def main(seconds: float, folder: Path, door: str | None = None) -> None:
    """Search for some seconds, and keep the worst."""
    until = time.monotonic() + seconds
    worst: list[tuple[float, Cost, str]] = []
    number = drawn = 0
    while time.monotonic() < until:
        found = search(number, _EXAMPLES, until, door)
        drawn += len(found)
        number += 1
        worst = sorted([*worst, *found[:5]], key=lambda entry: -entry[0])[:5]
    folder.mkdir(exist_ok=True)
    for place, (share, spent, text) in enumerate(worst):
        (folder / f"found-{place}.md").write_text(text, encoding="utf-8")
        print(f"{share:.2f} of what is allowed: {spent} in {len(text)} bytes")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{drawn} scripts; {memory} MB of memory at the most")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home, ENGINES.lent("quiet", Quiet()):
        os.environ["VOICEGUIDE_HOME"] = home
        warm()
        main(
            float(sys.argv[1]) if len(sys.argv) > 1 else 600.0,
            Path(sys.argv[2]) if len(sys.argv) > 2 else KEPT,
            sys.argv[3] if len(sys.argv) > 3 else None,
        )
