"""Voice-guided self-massage sessions, from scripts in Markdown.

    import voiceguide

    session = voiceguide.compile("piriformis", voiceguide.Options(length=600))
    print(session.seconds, [chapter.title for chapter in session.timeline.chapters])
    voiceguide.export(session, "piriformis.mp3")

Names load what they need when they are first used, so importing this costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voiceguide._version import __version__

if TYPE_CHECKING:
    from voiceguide.errors import (
        LengthError,
        NotFoundError,
        Problem,
        ScriptError,
        UsageError,
        VoiceguideError,
    )
    from voiceguide.library.tracks import find, tracks
    from voiceguide.plan.model import Options
    from voiceguide.session import Request, Session, check, compile, export, load  # noqa: A004
    from voiceguide.timeline.model import Timeline

__all__ = [
    "LengthError",
    "NotFoundError",
    "Options",
    "Problem",
    "Request",
    "ScriptError",
    "Session",
    "Timeline",
    "UsageError",
    "VoiceguideError",
    "__version__",
    "check",
    "compile",
    "export",
    "find",
    "load",
    "tracks",
]

_HOMES = {
    **dict.fromkeys(
        ("LengthError", "NotFoundError", "Problem", "ScriptError", "UsageError", "VoiceguideError"),
        "errors",
    ),
    **dict.fromkeys(("find", "tracks"), "library.tracks"),
    "Options": "plan.model",
    **dict.fromkeys(("Request", "Session", "check", "compile", "export", "load"), "session"),
    "Timeline": "timeline.model",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value
