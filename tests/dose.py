"""How much pressure a track gives at each length: `python tests/dose.py` sweeps all of them.

A sweep goes from the shortest to the longest session in steps of 15 s, for every side, sore side
and tool, and prints for each track the step that loses most pressing time. A track's name as
argument sweeps that track alone.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, product

from voiceguide.audio import AudioFormat
from voiceguide.errors import LengthError
from voiceguide.library.environment import LibraryEnvironment
from voiceguide.library.tracks import open_track, tracks
from voiceguide.plan import Options, Plan, Utterance, build
from voiceguide.script import Script, parse
from voiceguide.speech.silent import frames_of
from voiceguide.timeline import Timeline
from voiceguide.timeline.arrange import arrange, measure
from voiceguide.units import Seconds

PRESSING = ("hold", "roll", "press", "knead")
"""Labels of intervals in which a muscle is pressed."""
STEP = 15.0
FORMAT = AudioFormat()


@dataclass(frozen=True, slots=True)
class Dose:
    """What a session of some length gives.

    Attributes:
        length: in seconds.
        pressing: seconds of pressing, of all intervals.
        shortest: seconds of the shortest pressing interval.
        sore: pressing on the sore side over that on the other, or None.
        chapters: how many steps are done.
    """

    length: float
    pressing: float
    shortest: float
    sore: float | None
    chapters: int


def variants(script: Script) -> Iterator[Options]:
    """Every side, sore side and tool of a track."""
    sides = [
        Options(),
        Options(sore="left"),
        Options(sore="right"),
        Options(side="left"),
        Options(side="right"),
        Options(side="left", sore="left"),
    ]
    for tool, side in product(script.front.tools or (None,), sides):
        yield Options(side=side.side, sore=side.sore, tool=tool)


def dose(timeline: Timeline, sore: str | None) -> Dose:
    """What a session gives."""
    rate = timeline.format.rate
    pressed = [e for e in timeline.lane("interval") if e.label in PRESSING]
    on = sum(e.frames for e in pressed if e.side == sore)
    off = sum(e.frames for e in pressed if e.side not in (sore, None))
    return Dose(
        timeline.frames / rate,
        sum(e.frames for e in pressed) / rate,
        min((e.frames / rate for e in pressed), default=0.0),
        on / off if sore and off else None,
        len(timeline.chapters),
    )


def planned(name: str) -> tuple[Script, LibraryEnvironment]:
    """A track's script."""
    environment = LibraryEnvironment()
    script, _ = parse(open_track(name)[0], environment)
    return script, environment


def measured(plan: Plan) -> dict[Utterance, int]:
    """Frames of all that is said, in the silent voice."""
    return {u: frames_of(u.spoken) for u in plan.utterances(fitted=True)}


def sweep(plan: Plan, step: float = STEP) -> list[Dose]:
    """Doses from the shortest to the longest session of a plan; lengths not to be had left out."""
    lengths = measured(plan)
    reach = measure(plan, lengths, FORMAT)
    found = []
    at, sore = reach.shortest, plan.survey.options.sore
    while True:
        length = Seconds(min(at, reach.longest))
        try:
            found.append(dose(arrange(plan, lengths, FORMAT, length).timeline, sore))
        except LengthError as error:
            print(f"{plan.title}: {error}", file=sys.stderr)  # noqa: T201
        if at >= reach.longest:
            return found
        at = Seconds(at + step)


def main(names: list[str]) -> None:
    """Print the worst step of each track."""
    for track in sorted(tracks(), key=lambda track: track.name):
        if names and track.name not in names:
            continue
        script, environment = planned(track.name)
        worst: tuple[float, str] = (0.0, "never less")
        ratios: list[float] = []
        for options in variants(script):
            plan = build(script, options, muscles=environment.muscles, tones=environment.tones())
            doses = sweep(plan)
            ratios += [d.sore for d in doses if d.sore is not None]
            for one, other in pairwise(doses):
                fall = one.pressing - other.pressing
                if fall > worst[0]:
                    chosen = f"side {options.side}, sore {options.sore}, {options.tool}"
                    spans = f"{one.length:.0f} s {one.pressing:.1f} -> {other.length:.0f} s {other.pressing:.1f}"
                    worst = fall, f"{spans} ({chosen})"
        sore = f"sore {min(ratios):.2f} to {max(ratios):.2f}" if ratios else ""
        print(f"{track.name:28} {worst[0]:7.2f} s less  {worst[1]}  {sore}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
