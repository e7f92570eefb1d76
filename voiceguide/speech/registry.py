"""Engines by name: built in, or from other packages as entry points of `voiceguide.engines`.

An engine's module is imported when the engine is chosen.
"""

from __future__ import annotations

import importlib
import importlib.metadata
from typing import cast

from voiceguide.errors import NotFoundError, SpeechError, UsageError, VoiceguideError, did_you_mean
from voiceguide.speech.base import Engine, EngineModule, VoiceInfo, same_language

GROUP = "voiceguide.engines"

_BUILT_IN = {
    "natural": "voiceguide.speech.natural",
    "pyttsx3": "voiceguide.speech.pyttsx3_engine",
    "silent": "voiceguide.speech.silent",
}

SLOWEST, FASTEST = 0.5, 2.0
"""Speeds that a voice can be opened with; 1 is calm."""


def engine_names() -> list[str]:
    """All engines that can be named, built-in ones first."""
    added = {point.name for point in importlib.metadata.entry_points(group=GROUP)}
    return [*_BUILT_IN, *sorted(added - _BUILT_IN.keys())]


def _module(name: str) -> EngineModule:
    if path := _BUILT_IN.get(name):
        return cast(EngineModule, importlib.import_module(path))
    for point in importlib.metadata.entry_points(group=GROUP, name=name):
        try:
            return cast(EngineModule, point.load())
        except Exception as error:  # another package's module may fail in any way
            raise SpeechError(f'the engine "{name}" cannot be loaded: {error}') from error
    names = engine_names()
    guess = did_you_mean(name, names)
    raise NotFoundError(
        f'there is no voice engine "{name}"; ' + (guess or f"there are {', '.join(names)}")
    )


def open_engine(spec: str | None = None, *, speed: float = 1.0, language: str = "en") -> Engine:
    """The engine that a listener's words name; it loads its model when it first speaks.

    Args:
        spec: `engine` or `engine:voice`, or None for the default engine.
        speed: 1 is calm, about 160 words a minute; from 0.5 to 2.
        language: BCP 47; the voice must speak it.

    Raises:
        NotFoundError: no such engine or voice.
        MissingError: the engine's package is not installed.
        UsageError: the speed is out of range, or the voice does not speak the language.
        SpeechError: the engine cannot start.
    """
    if not SLOWEST <= speed <= FASTEST:
        raise UsageError(f"a speed of {speed:g} is out of range: from {SLOWEST:g} to {FASTEST:g}")
    name, _, voice = (spec or default_engine_name(language)).partition(":")
    module = _module(name)
    try:
        return module.open_engine(voice or None, speed=speed, language=language)
    except VoiceguideError:
        raise
    except Exception as error:  # another package's module may fail in any way
        detail = f"{type(error).__name__}: {error}".rstrip(": ")
        raise SpeechError(f'the voice "{spec}" cannot be opened: {detail}') from error


def default_engine_name(language: str = "en") -> str:
    """`natural` where it is installed and speaks the language, else `pyttsx3`."""
    from voiceguide.speech import natural

    return "natural" if same_language(language, "en") and natural.is_ready() else "pyttsx3"


def voices() -> list[VoiceInfo]:
    """Every voice of every engine, ready or not; an engine that fails is listed as not ready."""
    found: list[VoiceInfo] = []
    for name in engine_names():
        try:
            found.extend(_module(name).voices())
        except Exception as error:  # another package's module may fail in any way
            reason = str(error) if isinstance(error, VoiceguideError) else f"it fails: {error}"
            found.append(VoiceInfo(name, name, "", "", False, reason))
    return found
