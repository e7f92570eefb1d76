"""What there is to fetch: each session once, named by all that decides its bytes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from voiceguide.errors import UsageError, VoiceguideError
from voiceguide.library.tracks import find, tracks
from voiceguide.page.sessions import ident
from voiceguide.plan import Options
from voiceguide.practice.lengths import estimated_size
from voiceguide.practice.needs import drafted, needed
from voiceguide.practice.sketch import sketch
from voiceguide.session import Draft, Request
from voiceguide.session.loading import make_plan
from voiceguide.session.pipeline import draft
from voiceguide.timeline import Timeline
from voiceguide.units import Side, SideChoice, format_seconds

FORMAT = 1
"""Of what is written for a session; another one renders all anew."""


@dataclass(frozen=True, slots=True)
class Edition:
    """One session to be fetched.

    Attributes:
        id: the same for the same bytes, on every machine with the same versions.
        title: of the track, with its tool.
        seconds: about how long it lasts.
        needs: what has to be at hand, in a sentence, or None.
    """

    id: str
    request: Request
    title: str
    seconds: float
    summary: str | None = None
    needs: str | None = None

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
            made = plain
            if request.options != Options():  # what was read is read once
                made = Draft(request, plain.loaded, make_plan(plain.loaded, request.options))
            reach, timeline = sketch(made)
            length = request.options.length
            if length is not None and not reach.shortest - 1 <= length <= reach.longest + 1:
                least, most = (format_seconds(round(s)) for s in (reach.shortest, reach.longest))
                notes.append(
                    f"{ref} has no {format_seconds(length)}: it lasts from {least} to {most}"
                )
                continue
            edition = _edition(made, request.voice, spoken[request.voice], timeline)
            found.setdefault(edition.id, edition)
    if not found:
        raise UsageError("nothing is left to publish" + "".join(f"; {note}" for note in notes[:3]))
    return list(found.values()), notes


def own() -> list[Edition]:
    """Each track of the library and the listener once, as they would play it: with the mildest
    tool they have, at its own length. A script that can't be played is left out."""
    speaks = _identity(None)
    found = []
    for track in tracks():
        try:
            made = drafted(Request(track.ref))
        except VoiceguideError:
            continue
        found.append(_edition(made, None, speaks, sketch(made)[1]))
    return found


def _edition(made: Draft, voice: str | None, speaks: str, timeline: Timeline) -> Edition:
    return Edition(
        ident(made, voice=f"{FORMAT} {speaks}"),
        replace(made.request, voice=voice),
        made.title,
        timeline.frames / timeline.format.rate,
        made.loaded.script.front.summary,
        needed(made),
    )


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
