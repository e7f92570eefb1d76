"""What a voice engine is to the rest of the program.

To add an engine, write one module with two functions, and register it by name in `registry` or,
from another package, as an entry point of the group `voiceguide.engines`::

    def open_engine(voice: str | None, *, speed: float, language: str) -> Engine: ...
    def voices() -> list[VoiceInfo]: ...
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CALM_WPM = 160
"""Words a minute within a sentence, at speed 1."""

LONGEST_TEXT = 5_000
"""Characters of the longest sentence that is spoken, about six minutes."""


class Engine(Protocol):
    """A voice, opened with its settings; its model is loaded when it first speaks.

    Attributes:
        name: as the registry knows it.
        identity: everything that decides the samples: engine, library versions, voice, rate, seed,
            pronunciation list. The same identity and text give the same clip.
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


class EngineModule(Protocol):
    """The two functions of an engine's module."""

    def open_engine(self, voice: str | None, *, speed: float, language: str) -> Engine: ...

    def voices(self) -> list[VoiceInfo]: ...


def same_language(one: str, other: str) -> bool:
    """Whether two BCP 47 tags name the same language, whatever the country.

    >>> same_language("en-GB", "en")
    True
    """
    return one.replace("_", "-").split("-")[0].casefold() == (
        other.replace("_", "-").split("-")[0].casefold()
    )
