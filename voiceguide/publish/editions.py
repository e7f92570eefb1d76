"""What is published: each session once, named by all that decides its bytes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from voiceguide.errors import UsageError, VoiceguideError
from voiceguide.library.tracks import find, tracks
from voiceguide.page.sessions import ident
from voiceguide.plan import Options
from voiceguide.practice.lengths import estimated_size
from voiceguide.practice.sketch import sketch
from voiceguide.session import Draft, Request
from voiceguide.session.pipeline import draft
from voiceguide.units import Side, SideChoice, format_seconds

FORMAT = 1
"""Of what is written for a session; another one renders all anew."""


@dataclass(frozen=True, slots=True)
class Edition:
    """One session of the site.

    Attributes:
        id: the same for the same bytes, on every machine with the same versions.
        title: of the track, with its tool.
        seconds: about how long it lasts.
    """

    id: str
    request: Request
    title: str
    seconds: float

    @property
    def size(self) -> float:
        """About how many bytes its sound has."""
        return estimated_size(".mp3", self.seconds)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to publish.

    Attributes:
        names: of tracks; none for all.
        lengths: in seconds; none for each track's own.
        sides, sores: as in `Options`; None in `sores` is both sides alike.
        voices: `engine:voice`; None is the best that is installed.
    """

    names: tuple[str, ...] = ()
    lengths: tuple[float, ...] = ()
    sides: tuple[SideChoice, ...] = ("both",)
    sores: tuple[Side | None, ...] = (None,)
    voices: tuple[str | None, ...] = (None,)


def editions(asked: Asked) -> tuple[list[Edition], list[str]]:
    """What there is to render, and sentences about what there isn't.

    Raises:
        VoiceguideError: a track or a voice does not exist, or nothing is left.
    """
    found: dict[str, Edition] = {}
    notes: list[str] = []
    names = asked.names or tuple(track.ref for track in tracks())
    spoken = {voice: _identity(voice) for voice in asked.voices}
    for name in names:
        ref = find(name).ref
        try:
            plain = draft(Request(ref))
        except VoiceguideError as error:
            if asked.names:
                raise
            notes.append(f"{name} is left out: {error}")
            continue
        for request in _requests(ref, plain, asked):
            made = plain if request.options == Options() else draft(request)
            reach, timeline = sketch(made)
            seconds = timeline.frames / timeline.format.rate
            length = request.options.length
            if length is not None and not reach.shortest - 1 <= length <= reach.longest + 1:
                least, most = (format_seconds(round(s)) for s in (reach.shortest, reach.longest))
                notes.append(
                    f"{ref} has no {format_seconds(length)}: it lasts from {least} to {most}"
                )
                continue
            whole = replace(made.request, voice=request.voice)
            name_ = ident(made, voice=f"{FORMAT} {spoken[request.voice]}")
            found.setdefault(name_, Edition(name_, whole, made.title, seconds))
    if not found:
        raise UsageError("nothing is left to publish" + "".join(f"; {note}" for note in notes[:3]))
    return list(found.values()), notes


def _identity(voice: str | None) -> str:
    """What decides the samples of a voice."""
    from voiceguide.speech.registry import open_engine

    engine = open_engine(voice)
    try:
        return engine.identity
    finally:
        engine.close()


def _requests(ref: str, plain: Draft, asked: Asked) -> Iterable[Request]:
    """All that is asked for of one track."""
    sided = any(chapter.side for chapter in sketch(plain)[1].chapters)
    lengths: Sequence[float | None] = asked.lengths or (None,)
    for voice in asked.voices:
        for length in lengths:
            for side in asked.sides if sided else ("both",):
                for sore in asked.sores if sided and side == "both" else (None,):
                    options = Options(side=side, sore=sore, length=length)
                    yield Request(ref, options, voice)
