"""A small world for scripts: sounds, muscles and voices of known lengths, nothing measured.

Its sessions run at 1,000 frames a second, so that a frame is a millisecond, and its voice takes
60 ms for each character.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path, PurePath

from voiceguide.audio import AudioFormat
from voiceguide.errors import NotFoundError, Problem, did_you_mean
from voiceguide.plan import Options, Plan, Utterance, build
from voiceguide.script import Script, SoundKind, SoundRef, Source, decode, parse
from voiceguide.script.model import Phase
from voiceguide.timeline import Timeline
from voiceguide.timeline.arrange import Arranged, Reach, arrange, measure
from voiceguide.units import Seconds

RATE = 1000
FORMAT = AudioFormat(RATE, 2)
A_CHARACTER = 60
"""Milliseconds that the voice takes for a character."""


def _sound(name: str, seconds: float, strike: float = 0.0) -> SoundRef:
    return SoundRef(name, f"sounds/{name}", round(seconds * RATE), Seconds(strike), -20.0)


CHIMES = {s.name: s for s in (_sound("interval", 4, 2), _sound("bowl", 8, 3), _sound("bell", 1, 1))}
BEDS = {s.name: s for s in (_sound("rain", 60), _sound("sea", 90))}
SOUNDS = {s.name: s for s in (_sound("waves.flac", 10), _sound("long.flac", 50_000))}
TONES: dict[Phase, SoundRef] = {"in": _sound("breath-in", 6), "out": _sound("breath-out", 6)}


class World:
    """What a script may name.

    Args:
        scripts: texts that can be included, by name; files beside the script are found too.
    """

    muscles: Mapping[str, str] = {"piriformis": "piriformis", "calves": "calf muscles"}
    tools = ("tennis ball", "lacrosse ball", "foam roller")
    cautions = ("sciatic-nerve",)

    def __init__(self, scripts: Mapping[str, str] | None = None) -> None:
        self._scripts = dict(scripts or {})

    def sound(self, name: str, kind: SoundKind, folder: PurePath | None) -> SoundRef:  # noqa: ARG002
        known = {"chime": CHIMES, "bed": BEDS, "sound": {**CHIMES, **BEDS, **SOUNDS}}[kind]
        if name in known:
            return known[name]
        what = {"chime": "chime", "bed": "background", "sound": "sound"}[kind]
        near = did_you_mean(name, known) or "there are " + ", ".join(known)
        raise NotFoundError(f'there is no {what} "{name[:40]}": {near}')

    def script(self, name: str, folder: PurePath | None) -> Source:
        if name in self._scripts:
            return decode(self._scripts[name].encode(), f"{name}.md", None, name)
        path = Path(folder or "nowhere") / f"{name}.md"
        if ".." in name or not path.is_file():
            raise NotFoundError(f'there is no script "{name[:40]}" to include')
        return source(path)


def source(path: Path) -> Source:
    """A file as the source of a script, named by the file alone."""
    return decode(path.read_bytes(), path.name, path.parent, str(path.resolve()))


def read(text: str, world: World | None = None) -> Script:
    """A script from its text, without its warnings; it begins at once, unless it states a lead-in."""
    script = parse(decode(text.encode("utf-8", "surrogatepass"), "x.md"), world or World())[0]
    if "lead-in" in text:
        return script
    return replace(script, front=replace(script.front, lead_in=Seconds(0.0)))


def lengths_of(utterances: Iterable[Utterance]) -> dict[Utterance, int]:
    """Frames of utterances in this world's voice."""
    return {u: A_CHARACTER * len(u.spoken) for u in utterances}


def plan_of(script: Script | str, options: Options | None = None) -> Plan:
    """What happens in a session of a script or its text."""
    script = read(script) if isinstance(script, str) else script
    options = options or Options()
    bed = BEDS.get(options.background or "")
    return build(script, options, muscles=World.muscles, tones=TONES, background=bed)


def arranged(
    script: Script | str, options: Options | None = None, length: float | None = None
) -> Arranged:
    """A session, with its warnings."""
    plan = plan_of(script, options)
    lengths = lengths_of(plan.utterances(fitted=length is not None))
    return arrange(plan, lengths, FORMAT, None if length is None else Seconds(length))


def timeline_of(
    script: Script | str, options: Options | None = None, length: float | None = None
) -> Timeline:
    """A session's timeline."""
    return arranged(script, options, length).timeline


def reach_of(script: Script | str, options: Options | None = None) -> Reach:
    """How long a session can be."""
    plan = plan_of(script, options)
    return measure(plan, lengths_of(plan.utterances(fitted=True)), FORMAT)


def print_timeline(timeline: Timeline) -> str:
    """A line for each chapter, then one for each event, in seconds; below it its gain curve.

    Gains are factors, and not printed where they are 1.
    """
    rows = [f"frames {timeline.frames}"]
    for number, chapter in enumerate(timeline.chapters):
        notes = "".join(f" | {note}" for note in chapter.notes)
        rows.append(
            f"chapter {number:2} {chapter.start / RATE:9.3f} {chapter.end / RATE:9.3f} "
            f"{chapter.side or '-':5} {chapter.title}{notes}"
        )
    for event in timeline.events:
        sound = f"<{event.sound}>" if event.sound else None
        gain = f"gain {event.gain:.4f}" if event.gain != 1.0 else None
        what = " ".join(filter(None, (event.label, event.text, sound, gain)))
        line = event.location.line if event.location else 0
        rows.append(
            f"{event.lane:10} {event.start / RATE:9.3f} {event.frames / RATE:8.3f} "
            f"{event.side or '-':5} ch {event.chapter:2} line {line:3} {what}".rstrip()
        )
        corners = [f"{at / RATE:9.3f} {factor:.4f}" for at, factor in event.envelope]
        rows += [f"  envelope {'  '.join(few)}" for few in batched(corners, 6)]
    return "\n".join(rows) + "\n"


def batched(values: list[str], size: int) -> list[list[str]]:
    """Rows of some values each."""
    return [values[at : at + size] for at in range(0, len(values), size)]


def print_problem(problem: Problem) -> str:
    """A finding with all that an author sees."""
    place = problem.location
    rows = [f"{place}: {problem.severity}[{problem.code}] {problem.message}"]
    if problem.source_line:
        rows.append(f"  | {problem.source_line}")
        rows.append(f"  | {' ' * (place.column - 1)}{'^' * problem.length}")
    if problem.expected:
        rows.append(f"  expected: {problem.expected}")
    if problem.hint:
        rows.append(f"  hint: {problem.hint}")
    rows += [f"  included from {where}" for where in problem.included_from]
    return "\n".join(rows) + "\n"
