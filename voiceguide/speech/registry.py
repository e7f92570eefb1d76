"""Engines by name: built in, or from other packages; see `voiceguide.plugins`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voiceguide.errors import SpeechError, UsageError, VoiceguideError
from voiceguide.plugins import Registry
from voiceguide.speech.base import (
    Engine,
    EnginePlugIn,
    KnowsLengths,
    Offer,
    VoiceInfo,
    same_language,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BUILT_IN = {
    "natural": "voiceguide.speech.natural:Natural",
    "pyttsx3": "voiceguide.speech.pyttsx3_engine:Pyttsx3",
    "silent": "voiceguide.speech.silent:Silent",
}
"""Name: where the engine's plug-in is; the first that speaks the language is the default."""

ENGINES: Registry[EnginePlugIn] = Registry(
    "voice engine", "voiceguide.engines", BUILT_IN, SpeechError
)

SLOWEST, FASTEST = 0.5, 2.0
"""Speeds that a voice can be opened with; 1 is calm."""


class _Opened:
    """An engine with its speed in its identity, so that no clip of another speed is played."""

    def __init__(self, engine: Engine, name: str, speed: float) -> None:
        self._engine = engine
        self.name = name
        self.identity = f"{engine.identity} at={speed:g}"
        self.repeatable = engine.repeatable
        self.workers = engine.workers

    def speak(self, text: str) -> tuple[NDArray[np.float32], int]:
        return self._engine.speak(text)

    def frames(self, text: str) -> int | None:
        return self._engine.frames(text) if isinstance(self._engine, KnowsLengths) else None

    def close(self) -> None:
        self._engine.close()


def open_engine(spec: str | None = None, *, speed: float = 1.0, language: str = "en") -> Engine:
    """The engine that a listener's words name; it loads its model when it first speaks.

    Args:
        spec: `engine` or `engine:voice`, or None for the default engine.
        speed: 1 is calm, about 145 words a minute within a sentence; from 0.5 to 2.
        language: BCP 47; the voice must speak it.

    Raises:
        NotFoundError: no such engine or voice.
        MissingError: the engine's package is not installed.
        UsageError: the speed is out of range, or the voice does not speak the language.
        SpeechError: the engine cannot start.
    """
    if not SLOWEST <= speed <= FASTEST:
        raise UsageError(f"a speed of {speed:g} is out of range: from {SLOWEST:g} to {FASTEST:g}")
    named, _, voice = (spec or default_engine_name(language)).partition(":")
    name = ENGINES.known(named)
    try:
        opened = ENGINES.load(name).open(voice or None, speed=speed, language=language)
        return _Opened(opened, name, speed)
    except VoiceguideError:
        raise
    except Exception as error:  # another package's module may fail in any way
        detail = f"{type(error).__name__}: {error}".rstrip(": ")
        raise SpeechError(f'the voice "{spec}" cannot be opened: {detail}') from error


def default_engine_name(language: str = "en") -> str:
    """The first engine that may be a default, works here, and has a voice for the language.

    Where none does it is the last of them, whose error then tells what is missing.
    """
    name = next(iter(BUILT_IN))
    for name, plug_in in ENGINES.defaults():
        try:
            plug_in.check()
            if any(v.ready and same_language(v.language, language) for v in plug_in.voices()):
                return name
        except Exception:  # another package's module may fail in any way; the next one is asked
            continue
    return name


def voices() -> list[VoiceInfo]:
    """Every voice of every engine, ready or not; an engine that fails is listed as not ready."""
    found: list[VoiceInfo] = []
    for name in ENGINES.names():
        try:
            found.extend(ENGINES.load(name).voices())
        except Exception as error:  # another package's module may fail in any way
            reason = str(error) if isinstance(error, VoiceguideError) else f"it fails: {error}"
            found.append(VoiceInfo(name, name, "", "", False, reason))
    return found


def offer(spec: str) -> Offer | None:
    """What would be fetched for a voice, such as `natural:emma`; None where it is ready.

    Raises:
        NotFoundError: no such engine or voice.
        MissingError: the engine is not installed.
        UsageError: the engine's voices are not fetched.
    """
    plug_in, voice = _fetching(spec)
    found: Offer | None = plug_in.offer(voice)
    return found


def fetch(spec: str, progress: Callable[[int, int], None] | None = None) -> Path:
    """Fetch the file of a voice; it appears when it is whole and checked.

    Args:
        progress: called with how many bytes came, and how many there are; from another thread.

    Raises:
        SpeechError: it cannot be fetched.
        UsageError: as `offer`.
    """
    plug_in, voice = _fetching(spec)
    path: Path = plug_in.fetch(voice, progress)
    return path


def _fetching(spec: str) -> tuple[Any, str]:
    engine, _, voice = spec.partition(":")
    plug_in: Any = ENGINES.checked(engine)[0]
    if not hasattr(plug_in, "offer"):
        raise UsageError(f'the engine "{engine}" brings its voices: none is fetched')
    if not voice:
        raise UsageError(f'"{spec}" names no voice: write {engine}: and its name')
    return plug_in, voice
