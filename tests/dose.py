"""How much pressure a track gives at each length: `python tests/dose.py` sweeps all of them.

A sweep goes from the shortest to the longest session in steps of 15 s, for every side, sore side
and tool, and prints for each track the step that loses most pressing time, what an optional block with pressure
of its own moves at most, and the sore side's pressing time over the other's. Names of tracks as
arguments sweep those alone.
"""

# ruff: noqa: T201 - a command of its own

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator
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
        times: how often is pressed.
    """

    length: float
    pressing: float
    shortest: float
    sore: float | None
    times: int


def variants(script: Script) -> Iterator[Options]:
    """Every side, sore side and tool of a track."""
    sides = [
        Options(),
        Options(sore="left"),
        Options(sore="right"),
        Options(side="left"),
        Options(side="right"),
        Options(side="left", sore="left"),
        Options(side="right", sore="right"),
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
        len(pressed),
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
            print(f"{plan.title}: {error}", file=sys.stderr)
        if at >= reach.longest:
            return found
        at = Seconds(at + step)


def falls(doses: Iterable[Dose]) -> Iterator[tuple[float, bool, Dose, Dose]]:
    """Of each two doses in a row: the pressing time that is lost, whether something else that
    presses came in for it, and the two."""
    for one, other in pairwise(doses):
        yield one.pressing - other.pressing, other.times > one.times, one, other


def main(names: list[str]) -> None:
    """Print the worst step of each track."""
    for track in sorted(tracks(), key=lambda track: track.name):
        if names and track.name not in names:
            continue
        script, environment = planned(track.name)
        worst, moved, where, ratios = 0.0, 0.0, "", [math.inf, 0.0]
        for options in variants(script):
            plan = build(script, options, muscles=environment.muscles, tones=environment.tones())
            doses = sweep(plan)
            for sore in (d.sore for d in doses if d.sore is not None):
                ratios = [min(ratios[0], sore), max(ratios[1], sore)]
            for fall, replaced, one, other in falls(doses):
                if replaced:
                    moved = max(moved, fall)
                elif fall > worst:
                    chosen = f"side {options.side}, sore {options.sore}, {options.tool}"
                    where = f"from {one.length:.0f} to {other.length:.0f} s, {chosen}"
                    worst = fall
        sore_side = f"{ratios[0]:.2f} to {ratios[1]:.2f}" if ratios[1] else "-"
        print(f"{track.name:26} {worst:6.1f} {moved:6.1f}  {sore_side:12}  {where}", flush=True)


if __name__ == "__main__":
    print(f"{'':26} {'lost':>6} {'moved':>6}  {'sore/other':12}  (seconds of pressing)")
    main(sys.argv[1:])
