"""Voice-guided self-massage sessions, from scripts in Markdown.

    import voiceguide

    session = voiceguide.compile("piriformis", voiceguide.Options(length=600))
    print(session.seconds, [chapter.title for chapter in session.timeline.chapters])
    voiceguide.export(session, "piriformis.mp3")

docs/api.md has an example of each name.
Names load what they need when they are first used, so importing this costs next to nothing.
"""

from __future__ import annotations

from voiceguide._version import __version__

TYPE_CHECKING = False  # `typing` itself takes a while to load, and Ctrl-C would leave a traceback
if TYPE_CHECKING:
    from typing import Any

    from voiceguide.errors import (
        ExistsError,
        LengthError,
        MissingError,
        NotFoundError,
        Problem,
        ScriptError,
        SinkError,
        SoundError,
        SpeechError,
        UsageError,
        VoiceguideError,
    )
    from voiceguide.library.tracks import find, tracks
    from voiceguide.plan.model import Options
    from voiceguide.player import events
    from voiceguide.player.player import Player
    from voiceguide.practice.finder import Answers, propose
    from voiceguide.session import (
        Growing,
        Request,
        Session,
        check,
        compile,  # noqa: A004
        export,
        load,
        play,
        reach,
        stream,
    )
    from voiceguide.speech.registry import voices
    from voiceguide.timeline.model import Timeline
    from voiceguide.timeline.schema import timeline_schema

__all__ = [
    "Answers",
    "ExistsError",
    "Growing",
    "LengthError",
    "MissingError",
    "NotFoundError",
    "Options",
    "Player",
    "Problem",
    "Request",
    "ScriptError",
    "Session",
    "SinkError",
    "SoundError",
    "SpeechError",
    "Timeline",
    "UsageError",
    "VoiceguideError",
    "__version__",
    "check",
    "compile",
    "events",
    "export",
    "find",
    "load",
    "play",
    "propose",
    "reach",
    "stream",
    "timeline_schema",
    "tracks",
    "voices",
]

_HOMES = {
    "errors": (
        "ExistsError",
        "LengthError",
        "MissingError",
        "NotFoundError",
        "Problem",
        "ScriptError",
        "SinkError",
        "SoundError",
        "SpeechError",
        "UsageError",
        "VoiceguideError",
    ),
    "library.tracks": (
        "find",
        "tracks",
    ),
    "plan.model": ("Options",),
    "player.events": ("events",),
    "player.player": ("Player",),
    "practice.finder": ("Answers", "propose"),
    "session": (
        "Growing",
        "Request",
        "Session",
        "check",
        "compile",
        "export",
        "load",
        "play",
        "reach",
        "stream",
    ),
    "speech.registry": ("voices",),
    "timeline.model": ("Timeline",),
    "timeline.schema": ("timeline_schema",),
}
"""Module: the names that stand in it; `events` is a module itself."""


def __getattr__(name: str) -> Any:
    home = next((home for home, names in _HOMES.items() if name in names), None)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: Any = import_module(f"{__name__}.{home}")
    if home != "player.events":
        value = getattr(value, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
