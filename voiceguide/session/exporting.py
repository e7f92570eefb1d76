"""A session into a file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from voiceguide.errors import SinkError, UsageError
from voiceguide.plan.model import Options
from voiceguide.session.pipeline import Session, compile  # noqa: A004
from voiceguide.session.request import Progress, Request, as_request, check_bare

if TYPE_CHECKING:
    from voiceguide.library.tracks import Track
    from voiceguide.sinks.base import Tags

_FILE_RATES = range(8_000, 48_001)
"""What a file can be asked for in hertz; formats may allow fewer."""


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


def export(
    request: Request | Session | str,
    path: Path | str,
    options: Options | None = None,
    *,
    voice: str | None = None,
    speed: float = 1.0,
    mono: bool = False,
    format_name: str | None = None,
    bitrate: int | None = None,
    rate: int | None = None,
    transcript: str | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> Exported:
    """Write a session to a file, which appears when it is whole.

    Args:
        request, options, voice, speed, mono: a session, or what `compile` takes to make one.
        path: its suffix tells the format, unless `format_name` does.
        bitrate: in kbit/s, where the format has one.
        rate: of the file, in hertz; the session's own by default.
        transcript: `vtt`, `srt` or `lrc` for the words in a file beside it.
        force: whether files that are there are replaced.

    Raises:
        VoiceguideError: as `compile`.
        ExistsError: a file is already there.
        UsageError, SinkError: the file cannot be written so or there.
    """
    from voiceguide.audio.convert import converted
    from voiceguide.mix import blocks
    from voiceguide.sinks.atomic import check_target, write_text
    from voiceguide.sinks.base import FileJob
    from voiceguide.sinks.registry import file_sink, open_file
    from voiceguide.sinks.registry import format_name as name_of
    from voiceguide.sinks.transcript import write_transcript

    path = Path(path)
    if isinstance(request, Session):
        check_bare(options, voice, speed, mono)
        audio = request.request.format
    else:
        request = as_request(request, options, voice, speed, mono)
        audio = request.format
    # Whatever can be refused is refused before anything is spoken.
    if rate is not None:
        if rate not in _FILE_RATES:
            raise UsageError(
                f"a sample rate of {rate} Hz is not between {_FILE_RATES[0]} and {_FILE_RATES[-1]} Hz"
            )
        audio = replace(audio, rate=rate)
    chosen = file_sink(format_name or name_of(path))
    _check_suffix(path, format_name)
    chosen.accept(audio, bitrate)
    check_target(path, force=force)
    beside = _beside(path, transcript)
    if beside is not None:
        check_target(beside, force=force)
    session = request if isinstance(request, Session) else compile(request, progress=progress)
    about = cache(lambda: tags(session))
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
        try:
            write_text(beside, write_transcript(timeline, transcript, about()), force=force)
        except (SinkError, UsageError) as error:
            told = f'"{path}" is written, but not its transcript: {error}'
            raise SinkError(told, settings=error.settings) from error
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


def tags(session: Session) -> Tags:
    """What a player shows of a session."""
    from voiceguide.library import catalogue
    from voiceguide.pictures.cover import cover
    from voiceguide.sinks.base import Tags

    front = session.script.front
    known = catalogue.muscles()
    names = [known[m].name for m in front.muscles if m in known]
    told = (front.summary, front.position, f"Voice: {session.voice}")
    comment = " ".join(f"{text.rstrip('.')}." for text in told if text)
    cautions = " ".join(caution.text for caution in catalogue.cautions_for(front.cautions))
    picture = cover(
        session.title,
        muscles=front.muscles,
        kind=front.kind,
        length_text=f"{round(session.seconds / 60)} min",
    )
    return Tags(
        title=session.title,
        comment=_capitals(f"{comment} {cautions}"),
        language=front.language,
        cover=picture,
        grouping=", ".join(names),
        track=_number(session.loaded.track),
    )


def _capitals(text: str) -> str:
    """Sentences that begin with a capital, whatever stood in a list."""
    return re.sub(r"(?:^|(?<=[.!?] ))[a-z]", lambda first: first[0].upper(), text)


def _number(track: Track | None) -> tuple[int, int] | None:
    """Which of the shipped tracks it is, and how many there are."""
    from voiceguide.library.tracks import tracks

    shipped = [known.name for known in tracks() if known.origin == "built-in"]
    if track is None or track.name not in shipped or track.origin != "built-in":
        return None
    return shipped.index(track.name) + 1, len(shipped)
