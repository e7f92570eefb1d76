"""The only orchestrator: from a track's name to a timeline with its clips, and into a sink.

`load` reads a script, `compile` makes a `Session` of it for one listener, `export` writes it,
`check` tells an author what is wrong and how long it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from voiceguide.audio import RATE, AudioFormat, Clip
from voiceguide.errors import LengthError, Problem, ScriptError, UsageError
from voiceguide.library.environment import LibraryEnvironment
from voiceguide.library.tracks import Track, open_track
from voiceguide.plan import Options, Plan, Utterance, build
from voiceguide.script import Script, SoundRef, parse
from voiceguide.timeline import Timeline
from voiceguide.units import Seconds, format_seconds

if TYPE_CHECKING:
    from voiceguide.sinks.base import Tags
    from voiceguide.speech.base import Engine
    from voiceguide.timeline.arrange import Reach

_FILE_RATES = range(8_000, 48_001)
"""What a file can be asked for in hertz; formats may allow fewer."""

_TWICE = "options go with a track's name: a request, or a session, has its own already"

Progress = Callable[[str, int, int], None]
"""Called with a stage ("speaking", "writing"), how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class Request:
    """All that decides a session; the same request gives the same sound.

    Attributes:
        name: a track's name or a script file's path.
        options: what the listener asks for.
        voice: `engine` or `engine:voice`, or None for the best that is installed.
        speed: of the voice; 1 is calm.
        mono: one channel instead of two.
    """

    name: str
    options: Options = field(default_factory=Options)
    voice: str | None = None
    speed: float = 1.0
    mono: bool = False

    @property
    def format(self) -> AudioFormat:
        """What its blocks look like."""
        return AudioFormat(RATE, 1 if self.mono else 2)


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


@dataclass(frozen=True, slots=True)
class Session:
    """A session ready to be heard.

    Attributes:
        timeline: what sounds when.
        clips: gives the clip of a key of the timeline.
        voice: the engine that speaks.
        warnings: of the script and of its lengths.
        note: what the listener should know, or None.
        title: with the tool that was chosen.
    """

    request: Request
    loaded: Loaded
    timeline: Timeline
    clips: Callable[[str], Clip] = field(repr=False)
    voice: str = ""
    warnings: tuple[Problem, ...] = ()
    note: str | None = None
    title: str = ""

    @property
    def script(self) -> Script:
        """The script it was made from."""
        return self.loaded.script

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.timeline.frames / self.timeline.format.rate


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that was written.

    Attributes:
        frames, seconds: the session's length.
        size: of the file, in bytes.
        transcript: the words beside it, or None.
    """

    path: Path
    session: Session = field(repr=False)
    frames: int
    seconds: float
    size: int
    transcript: Path | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What `check` found.

    Attributes:
        problems: errors and warnings, in file order.
        reach: how long the session can be; None where there are errors.
    """

    problems: tuple[Problem, ...]
    reach: Reach | None

    @property
    def ok(self) -> bool:
        """Whether there is no error."""
        return not any(p.severity == "error" for p in self.problems)


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


def make_plan(loaded: Loaded, options: Options) -> Plan:
    """What happens in a session, unmeasured.

    Raises:
        UsageError: the options contradict each other or the script.
    """
    environment = loaded.environment
    bed: SoundRef | None = None
    if options.background is not None and options.background != "none":
        bed = environment.bed(options.background)
    return build(
        loaded.script, options, muscles=environment.muscles, tones=environment.tones(), bed=bed
    )


def open_voice(request: Request, script: Script) -> Engine:
    """The engine of a request; loads no model yet.

    Raises:
        UsageError: there is no such voice, or it does not speak the script's language.
    """
    from voiceguide.speech.registry import open_engine

    return open_engine(request.voice, speed=request.speed, language=script.front.language)


def compile(  # noqa: A001 - what it does
    request: Request | str,
    options: Options | None = None,
    *,
    progress: Progress | None = None,
) -> Session:
    """A session from a request, or from a track's name or a script file's path and options.

    Raises:
        NotFoundError: there is no such track, file, voice or sound.
        ScriptError: the script does not compile.
        LengthError: the asked length is out of reach.
        UsageError: the options contradict each other or the script.
        SpeechError: the voice failed.
    """
    if isinstance(request, str):
        request = Request(request, options or Options())
    elif options is not None:
        raise UsageError(_TWICE)
    loaded = load(request.name)
    return prepare(loaded, request, progress=progress)


def prepare(loaded: Loaded, request: Request, *, progress: Progress | None = None) -> Session:
    """A session from a loaded script; see `compile`."""
    plan = make_plan(loaded, request.options)
    engine = open_voice(request, loaded.script)
    try:
        wanted = request.options.length or loaded.script.front.length
        voiced = _speak(engine, plan.utterances(fitted=wanted is not None), progress)
        name = engine.name
    finally:
        engine.close()
    return arrange_session(loaded, request, plan, voiced, name)


def arrange_session(
    loaded: Loaded, request: Request, plan: Plan, voiced: Mapping[Utterance, Clip], voice: str
) -> Session:
    """A session from a plan and the clips of its utterances."""
    from voiceguide.timeline.arrange import arrange

    lengths = {utterance: clip.frames for utterance, clip in voiced.items()}
    note: str | None = None
    length = request.options.length
    if length is not None:
        arranged = arrange(plan, lengths, request.format, Seconds(length))
    else:
        usual = loaded.script.front.length
        try:
            arranged = arrange(plan, lengths, request.format, usual)
        except LengthError as error:
            assert usual is not None
            nearest = Seconds(min(error.reachable, key=lambda s: abs(s - usual)))
            arranged = arrange(plan, lengths, request.format, nearest)
            note = f"with these options the session lasts {format_seconds(nearest)}, not its usual {format_seconds(usual)}"
    return Session(
        request, loaded, arranged.timeline, _Clips(voiced), voice,
        (*loaded.warnings, *arranged.warnings), note, plan.title,
    )  # fmt: skip


def _speak(
    engine: Engine, utterances: tuple[Utterance, ...], progress: Progress | None
) -> dict[Utterance, Clip]:
    from voiceguide.speech.cache import Cache
    from voiceguide.speech.render import render

    report = (lambda done, total: progress("speaking", done, total)) if progress else None
    return render(engine, utterances, Cache(), progress=report)


class _Clips:
    """The clip of a timeline's key: a voice's, a stretched breath, or a sound file."""

    def __init__(self, voiced: Mapping[Utterance, Clip]) -> None:
        from voiceguide.timeline.placing import voice_key

        self._voice = {voice_key(utterance): clip for utterance, clip in voiced.items()}
        self._sounds: dict[str, Clip] = {}

    def __call__(self, key: str) -> Clip:
        if key in self._voice:
            return self._voice[key]
        if key not in self._sounds:
            self._sounds[key] = self._open(key)
        return self._sounds[key]

    @staticmethod
    def _open(key: str) -> Clip:
        from voiceguide.audio import ArrayClip
        from voiceguide.audio.files import open_clip
        from voiceguide.audio.stretch import stretch

        if not key.startswith("breath:"):
            return open_clip(Path(key))
        _, frames, path = key.split(":", 2)
        swell = open_clip(Path(path))
        return ArrayClip(stretch(swell.read(0, swell.frames), int(frames)))


def tags(session: Session) -> Tags:
    """What a player shows of a session."""
    from voiceguide.library import catalogue
    from voiceguide.pictures.cover import cover
    from voiceguide.sinks.base import Tags

    front = session.script.front
    known = catalogue.muscles()
    names = [known[m].name for m in front.muscles if m in known]
    comment = ". ".join(
        text.rstrip(".")
        for text in (front.summary, front.position, f"Voice: {session.voice}")
        if text
    )
    picture = cover(
        session.title, muscles=front.muscles, kind=front.kind,
        length_text=f"{round(session.seconds / 60)} min",
    )  # fmt: skip
    return Tags(
        title=session.title,
        album="voiceguide" + (f": {', '.join(names)}" if names else ""),
        comment=comment + ".",
        language=front.language,
        cover=picture,
    )


def export(
    request: Request | Session | str,
    path: Path | str,
    options: Options | None = None,
    *,
    format_name: str | None = None,
    bitrate: int | None = None,
    rate: int | None = None,
    transcript: str | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> Exported:
    """Write a session to a file, which appears when it is whole.

    Args:
        request, options: a session, or what `compile` takes to make one.
        path: its suffix tells the format, unless `format_name` does.
        bitrate: in kbit/s, where the format has one.
        rate: of the file, in hertz; the session's own by default.
        transcript: `vtt`, `srt` or `lrc` for the words in a file beside it.
        force: whether files that are there are replaced.

    Raises:
        VoiceguideError: as `compile`, or the file cannot be written.
    """
    from voiceguide.audio.convert import converted
    from voiceguide.mix import blocks
    from voiceguide.sinks.atomic import check_target, write_text
    from voiceguide.sinks.base import FileJob
    from voiceguide.sinks.registry import file_sink, open_file
    from voiceguide.sinks.registry import format_name as name_of
    from voiceguide.sinks.transcript import write_transcript

    path = Path(path)
    if isinstance(request, str):
        request = Request(request, options or Options())
    elif options is not None:
        raise UsageError(_TWICE)
    audio = request.request.format if isinstance(request, Session) else request.format
    # Whatever can be refused is refused before anything is spoken.
    if rate is not None:
        if rate not in _FILE_RATES:
            raise UsageError(
                f"a sample rate of {rate} Hz is not between {_FILE_RATES[0]} and {_FILE_RATES[-1]} Hz"
            )
        audio = replace(audio, rate=rate)
    chosen = file_sink(format_name or name_of(path))
    _check_suffix(path, format_name)
    chosen.check(audio, bitrate)
    check_target(path, force=force)
    beside = _beside(path, transcript)
    if beside is not None:
        check_target(beside, force=force)
    session = request if isinstance(request, Session) else compile(request, progress=progress)
    about = tags(session)
    timeline, sound = session.timeline, blocks(session.timeline, session.clips)
    if audio.rate != timeline.format.rate:
        timeline = timeline.at_rate(audio.rate)
        sound = converted(sound, session.timeline.format, audio.rate, timeline.frames)
    sink = open_file(
        path, FileJob(audio, timeline, about, bitrate), format_name=format_name, force=force
    )
    done, total = 0, timeline.frames
    try:
        for block in sound:
            sink.write(block)
            done += len(block)
            if progress:
                progress("writing", done, total)
    except BaseException:
        sink.abort()
        raise
    sink.close()
    if beside is not None and transcript is not None:
        write_text(beside, write_transcript(timeline, transcript, about), force=force)
    return Exported(path, session, total, session.seconds, path.stat().st_size, beside)


def _beside(path: Path, transcript: str | None) -> Path | None:
    """Where the transcript of a sound file goes.

    Raises:
        UsageError: there is no such transcript, or it would have the sound file's name.
    """
    from voiceguide.sinks.transcript import FORMATS

    if transcript is None:
        return None
    if transcript not in FORMATS:
        raise UsageError(f'there is no transcript "{transcript}": there are {", ".join(FORMATS)}')
    beside = path.with_suffix(f".{transcript}")
    if beside == path:
        raise UsageError("the transcript would have the name of the sound file")
    return beside


def _check_suffix(path: Path, format_name: str | None) -> None:
    """Refuse a format under the suffix of another, which players would go by."""
    from voiceguide.sinks.registry import format_names

    said = path.suffix[1:].casefold()
    wanted = (format_name or said).removeprefix(".").casefold()
    if said != wanted and said in format_names():
        raise UsageError(f'the name "{path}" says {said} and the format {wanted}: give one of them')


def check(
    name: str, *, voice: str | None = None, speed: float = 1.0, progress: Progress | None = None
) -> Checked:
    """What is wrong with a script, and how long its session can be.

    Raises:
        NotFoundError: there is no such track or file.
        SpeechError: the voice that measures the sentences failed.
    """
    from voiceguide.timeline.arrange import arrange, measure

    try:
        loaded = load(name)
        request = Request(name, voice=voice, speed=speed)
        plan = make_plan(loaded, request.options)
        engine = open_voice(request, loaded.script)
        try:
            voiced = _speak(engine, plan.utterances(fitted=True), progress)
        finally:
            engine.close()
        lengths = {utterance: clip.frames for utterance, clip in voiced.items()}
        reach = measure(plan, lengths, request.format)
        found = arrange(plan, lengths, request.format)
    except ScriptError as error:
        return Checked(error.problems, None)
    problems = [*loaded.warnings, *found.warnings]
    usual = loaded.script.front.length
    if usual is not None:
        try:
            arrange(plan, lengths, request.format, usual)
        except LengthError as error:
            front = loaded.script.front
            problems.append(
                plan.problem(
                    "length-out-of-reach", str(error), front.locations["length"],
                    length=front.lengths["length"],
                    hint="change length, or make more of it elastic",
                )
            )  # fmt: skip
    return Checked(tuple(problems), reach)
