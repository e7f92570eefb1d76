"""What a voice engine is to the rest of the program.

A new engine is one file with two classes: an `EnginePlugIn`, and the `Engine` that it opens::

    class Robot:
        about = "a robot's voice"
        default = False

        def check(self) -> str:
            chip = plugins.require("robot_chip", 'the voice "robot"')
            return f"speaks through {chip.NAME}"

        def open(self, voice: str | None, *, speed: float, language: str) -> Engine:
            return RobotEngine(voice or "r2", speed)

        def voices(self) -> list[VoiceInfo]:
            return [VoiceInfo("robot", "r2", "en", "MIT", ready=True)]

Its name is a row in `registry.BUILT_IN`, or in another package an entry point of the group
`voiceguide.engines`; see `voiceguide.plugins`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from voiceguide.plugins import PlugIn

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CALM_WPM = 145
"""Words a minute within a sentence, at speed 1; silences between sentences not counted."""

LONGEST_TEXT = 5_000
"""Characters of the longest sentence that is spoken, about six minutes."""


class Engine(Protocol):
    """A voice, opened with its settings; its model is loaded when it first speaks.

    Attributes:
        name: as the registry knows it.
        identity: what decides the samples: engine, library versions, voice, rate, seed,
            pronunciation list; the registry adds the speed. The same identity and text give the
            same clip.
        repeatable: whether the same text gives the same samples every time, in any order.
        workers: how many threads may call `speak` at once.
    """

    @property
    def name(self) -> str: ...

    @property
    def identity(self) -> str: ...

    @property
    def repeatable(self) -> bool: ...

    @property
    def workers(self) -> int: ...

    def speak(self, text: str) -> tuple[NDArray[np.float32], int]:
        """One sentence as float32 samples of shape (frames,), and their rate in hertz.

        The text is an author's plain words: what is markup to the engine, it takes for words
        (`text.plain` does away with brackets and control characters).

        Raises:
            SpeechError: the voice failed.
        """
        ...

    def close(self) -> None:
        """Let go of the model; the engine is not used any more."""
        ...


@runtime_checkable
class KnowsLengths(Protocol):
    """An engine that tells how long a clip will be; it then speaks only what is played."""

    def frames(self, text: str) -> int | None:
        """Frames of a text's clip at the session's rate, or None where it must be spoken first."""
        ...


@dataclass(frozen=True, slots=True)
class VoiceInfo:
    """A voice as `voiceguide voices` lists it.

    Attributes:
        engine: the engine's name.
        name: what stands after the colon in `--voice engine:name`.
        language: BCP 47.
        licence: of the voice, SPDX where there is one.
        ready: whether it can speak here and now.
        how: what makes it ready, or None where it is.
        note: a few words about it.
    """

    engine: str
    name: str
    language: str
    licence: str
    ready: bool
    how: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """A voice whose file is not here and can be fetched.

    Attributes:
        voice: `engine:name`.
        size: of its file, in bytes.
        licence: of the voice, SPDX.
        address: where it comes from.
        path: where its file will lie.
    """

    voice: str
    size: int
    licence: str
    address: str
    path: Path


class EnginePlugIn(PlugIn, Protocol):
    """What an engine's entry point names: opens the engine's voices."""

    def open(self, voice: str | None, *, speed: float, language: str) -> Engine:
        """A voice of this engine; nothing heavy is loaded before it speaks.

        Args:
            voice: its name, or None for the best one of the language.
            speed: 1 is calm (`CALM_WPM`); from 0.5 to 2.
            language: BCP 47; the voice must speak it.

        Raises:
            NotFoundError: there is no such voice.
            MissingError: what it needs is not installed.
            UsageError: the voice does not speak the language.
        """
        ...

    def voices(self) -> list[VoiceInfo]:
        """Every voice that can be named, ready or not."""
        ...


def same_language(one: str, other: str) -> bool:
    """Whether two BCP 47 tags name the same language, whatever the country.

    >>> same_language("en-GB", "en")
    True
    """
    return one.replace("_", "-").split("-")[0].casefold() == (
        other.replace("_", "-").split("-")[0].casefold()
    )
