"""When the lines of a script happen, before anything is spoken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from voiceguide.errors import LengthError, ScriptError
from voiceguide.library.environment import LibraryEnvironment
from voiceguide.script import Script, Source, parse
from voiceguide.script.model import Step
from voiceguide.units import Elastic, Seconds

if TYPE_CHECKING:
    from voiceguide.plan import Plan
    from voiceguide.timeline import Timeline
    from voiceguide.timeline.arrange import Reach


@dataclass(frozen=True, slots=True)
class Moment:
    """When a line happens first.

    Attributes:
        start: seconds from the beginning.
        seconds: how long its interval or pause lasts there; 0 for all else.
        again: how often it happens after that.
    """

    start: Seconds
    seconds: Seconds = Seconds(0.0)
    again: int = 0


@dataclass(frozen=True, slots=True)
class Times:
    """A session that a script makes with its own length and its first tool.

    Attributes:
        length: of all of it, in seconds.
        lines: by line, from 1: what happens there; a step's and an include's is what is first in it.
        steps: the lines of headings among them.
        ranges: of intervals and pauses that can be shorter or longer, by line.
    """

    length: Seconds
    lines: Mapping[int, Moment]
    steps: frozenset[int] = frozenset()
    ranges: Mapping[int, Elastic] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sketch:
    """A session before it is spoken: sentences take what they take at a calm pace, by their words,
    within a second or two of any voice.

    Attributes:
        plan: of its first tool.
        timeline: with the script's own length, or the nearest that can be had.
        reach: how short and how long it can be.
    """

    script: Script
    plan: Plan
    timeline: Timeline
    reach: Reach


def sketched(text: str, path: Path, environment: LibraryEnvironment | None = None) -> Sketch | None:
    """The session of a text; None while it does not compile.

    Args:
        path: where it is, or would be: what it includes is looked for beside it.
    """
    from voiceguide.plan import Options, build
    from voiceguide.session.request import Request
    from voiceguide.speech.normalise import normalise
    from voiceguide.speech.pace import guess
    from voiceguide.timeline.arrange import Arranger
    from voiceguide.units import to_frames

    environment = environment or LibraryEnvironment()
    shape = Request(str(path)).format
    try:
        script, _ = parse(Source(str(path), text, path.parent, str(path)), environment)
        plan = build(
            script,
            Options(),
            muscles=environment.muscles,
            tones=environment.tones(),
            normalise=partial(normalise, language=script.front.language),
        )
        length = script.front.length
        words = plan.utterances(fitted=True)
        lengths = {each: to_frames(guess(each.spoken, 1.0), shape.rate) for each in words}
        arranger = Arranger(plan, lengths, shape)
        reach = arranger.reach()
        try:
            timeline = arranger.arrange(length).timeline
        except LengthError as error:
            nearest = min(error.reachable, key=lambda s: abs(s - (length or 0)))
            timeline = arranger.arrange(Seconds(nearest)).timeline
    except ScriptError:
        return None
    return Sketch(script, plan, timeline, reach)


def heard_at(timeline: Timeline, source: str, line: int, near: float = 0.0) -> float:
    """When a line of a script is heard, in seconds; of several times, the nearest to a moment.

    A line that makes no sound means the next one that does; the last ones mean the beginning.
    """
    starts: dict[int, list[float]] = {}
    for event in timeline.events:
        where = event.location
        if where is None or where.source != source or where.line < line:
            continue
        if event.lane != "background":
            starts.setdefault(where.line, []).append(event.start / timeline.format.rate)
    if not starts:
        return 0.0
    return min(starts[min(starts)], key=lambda start: abs(start - near))


def times(text: str, path: Path, environment: LibraryEnvironment | None = None) -> Times | None:
    """When each line happens, as `sketched` guesses it; None while the script does not compile."""
    made = sketched(text, path, environment)
    if made is None:
        return None
    script, timeline, rate = made.script, made.timeline, made.timeline.format.rate
    own = str(path)
    found: dict[int, Moment] = {}
    for event in timeline.events:
        if event.location is None:
            continue
        line = event.location.line
        if event.location.source != own:
            file = script.files.get(event.location.source)
            if file is None or not file.included_from:
                continue
            line = file.included_from[0].line
        if (before := found.get(line)) is not None:
            again = before.again + (event.lane in ("interval", "pause"))
            found[line] = Moment(before.start, before.seconds, again)
            continue
        timed = event.lane in ("interval", "pause") and event.location.source == own
        start, seconds = (Seconds(n / rate) for n in (event.start, event.frames))
        found[line] = Moment(start, seconds if timed else Seconds(0.0))
    steps = _with_steps(script, found)
    return Times(Seconds(timeline.frames / rate), found, steps, _ranges(script.root, own))


def _with_steps(script: Script, found: dict[int, Moment]) -> frozenset[int]:
    """Add the steps, each with the first of what happens up to the next heading of its level."""
    headings: list[tuple[int, int]] = []

    def walk(step: Step) -> None:
        headings.append((step.location.line, step.level))
        for node in step.content:
            if isinstance(node, Step):
                walk(node)

    walk(script.root)
    lines = sorted(found)
    for index, (line, level) in enumerate(headings):
        end = next((at for at, other in headings[index + 1 :] if other <= level), None)
        inside = [k for k in lines if k > line and (end is None or k < end)]
        if inside:
            found[line] = Moment(min(found[k].start for k in inside))
    return frozenset(line for line, _ in headings if line in found)


def _ranges(step: Step, own: str) -> dict[int, Elastic]:
    """Intervals and pauses whose length can give."""
    from voiceguide.script.model import Interval, Pause

    found: dict[int, Elastic] = {}
    for node in step.content:
        if isinstance(node, Step):
            found |= _ranges(node, own)
        elif isinstance(node, Interval | Pause) and node.duration.least < node.duration.greatest:
            found[node.location.line] = node.duration
    return found
