"""From a name to a script that compiles."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from voiceguide.errors import Problem
from voiceguide.library.environment import LibraryEnvironment
from voiceguide.library.tracks import Track, open_track
from voiceguide.plan import Options, Plan, build
from voiceguide.script import Script, SoundRef, parse
from voiceguide.script.parse import HARMLESS, read_anyway
from voiceguide.speech.normalise import normalise


@dataclass(frozen=True, slots=True)
class Loaded:
    """A script that compiles.

    Attributes:
        track: its entry in the library, or None for a file.
        warnings: what the author should see.
    """

    script: Script
    track: Track | None
    warnings: tuple[Problem, ...]
    environment: LibraryEnvironment = field(repr=False, compare=False)


def load(name: str) -> Loaded:
    """The script of a track's name or a file's path.

    Raises:
        NotFoundError: there is neither.
        ScriptError: it does not compile; holds every problem.
    """
    source, track = open_track(name)
    environment = LibraryEnvironment()
    script, warnings = parse(source, environment)
    return Loaded(script, track, warnings, environment)


def load_anyway(name: str) -> Loaded | None:
    """A script with mistakes, if none of them changes how long its session is; else None.

    Raises:
        NotFoundError: there is no such script.
    """
    source, track = open_track(name)
    environment = LibraryEnvironment()
    script, problems = read_anyway(source, environment)
    errors = {problem.code for problem in problems if problem.severity == "error"}
    return Loaded(script, track, problems, environment) if errors <= HARMLESS else None


def make_plan(loaded: Loaded, options: Options) -> Plan:
    """What happens in a session, unmeasured.

    Raises:
        UsageError: the options contradict each other or the script.
    """
    environment = loaded.environment
    background: SoundRef | None = None
    if options.background is not None and options.background != "none":
        background = environment.bed(options.background)
    return build(
        loaded.script,
        options,
        muscles=environment.muscles,
        tones=environment.tones(),
        background=background,
        normalise=partial(normalise, language=loaded.script.front.language),
    )
