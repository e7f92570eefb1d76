"""Engine `pyttsx3`: always there, every language.

On Linux it speaks with the eSpeak NG that is installed with voiceguide, through a driver of ours
(`espeak_driver`); on macOS and Windows with the system's own voices, through pyttsx3's drivers.
"""

from __future__ import annotations

import importlib.metadata
import platform
import sys
import tempfile
import threading
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voiceguide.errors import (
    NotFoundError,
    SpeechError,
    UsageError,
    VoiceguideError,
    did_you_mean,
)
from voiceguide.plugins import brings, not_installed
from voiceguide.speech import espeak_driver, pace, pronounce
from voiceguide.speech.base import CALM_WPM, VoiceInfo, same_language
from voiceguide.speech.text import plain
from voiceguide.speech.workers import Overdue, Workers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_CALM = 108
"""eSpeak's own rate at which a usual sentence is calm."""

LIMIT = 30.0
"""Seconds after which the engine hangs that has not written a sentence, plus 0.1 a character."""

_SYSTEM = {"darwin": "nsss", "win32": "sapi5"}


@dataclass(frozen=True, slots=True)
class _Choice:
    """A voice of the driver.

    Attributes:
        id: as pyttsx3's property `voice` takes it.
    """

    id: str
    language: str
    name: str

    @property
    def label(self) -> str:
        """What the listener writes after the colon."""
        return self.id.rsplit("/", 1)[-1].casefold() if is_bundled() else self.name


def is_bundled() -> bool:
    """Whether the voices are those installed with voiceguide, not the system's."""
    return sys.platform not in _SYSTEM


def _driver() -> str:
    return espeak_driver.register() if is_bundled() else _SYSTEM[sys.platform]


def _choices() -> list[_Choice]:
    if is_bundled():
        return [_Choice(*voice) for voice in espeak_driver.list_voices()]
    workers = Workers(1, setup=_prepare_thread)
    try:
        return workers.submit(_system_choices).wait(LIMIT)
    except Overdue:
        raise SpeechError("the system's voices do not answer") from None
    finally:
        workers.close()


def _system_choices() -> list[_Choice]:
    import pyttsx3

    engine = pyttsx3.init(_driver())
    found = []
    for voice in engine.getProperty("voices"):
        language = voice.languages[0] if voice.languages else ""
        tag = language.decode("ascii", "ignore") if isinstance(language, bytes) else str(language)
        found.append(_Choice(str(voice.id), tag.replace("_", "-"), str(voice.name)))
    return found


def _prepare_thread() -> None:
    """Windows wants COM made ready in each thread that uses it."""
    if sys.platform == "win32":
        import comtypes

        comtypes.CoInitialize()


class Pyttsx3Engine:
    """One voice of pyttsx3, spoken to from one thread of its own, with a time limit."""

    name = "pyttsx3"

    def __init__(self, voice: _Choice, *, speed: float, limit: float = LIMIT) -> None:
        self._voice = voice
        # The voices of macOS and Windows count words as they are.
        self._rate = _CALM if is_bundled() else CALM_WPM
        self._speed = speed
        self._limit = limit
        self._threads: Workers | None = None
        self._lock = threading.Lock()
        self._hung = False
        self._english = same_language(voice.language, "en")
        self.repeatable = is_bundled() and espeak_driver.is_fresh_each_time()
        # One sentence is spoken while another is trimmed and levelled, where the order does not count.
        self.workers = 2 if self.repeatable else 1
        library = (
            f"espeakng-loader={importlib.metadata.version('espeakng-loader')}"
            if is_bundled()
            else f"{sys.platform}={platform.version()}"
        )
        self.identity = (
            f"pyttsx3/2 pyttsx3={importlib.metadata.version('pyttsx3')} {library} "
            f"voice={voice.id} rate={self._rate * speed:g} pace={pace.VERSION} words={pronounce.version()}"
        )

    def speak(self, text: str) -> tuple[NDArray[np.float32], int]:
        if self._hung:
            raise SpeechError("it did not answer before")
        words = plain(text)
        if is_bundled() and self._english:
            words = pronounce.pronounce(words, "espeak")
        elif sys.platform == "win32":
            words = words.replace("<", " ").replace(">", " ")  # taken for markup
        if not words.strip():
            raise SpeechError("nothing to say")
        with self._lock:
            if self._threads is None:
                self._threads = Workers(1, setup=_prepare_thread)
        threads = self._threads

        def at(stretch: float) -> tuple[NDArray[np.float32], int]:
            task = threads.submit(lambda: self._save(words, round(self._rate / stretch)))
            try:
                return task.wait(self._limit + 0.1 * len(words))
            except Overdue:
                self._hung = True
                raise SpeechError("it does not answer") from None

        return pace.spoken(plain(text), self._speed, at, even=self._english)

    def _save(self, words: str, rate: int) -> tuple[NDArray[np.float32], int]:
        import pyttsx3

        engine = pyttsx3.init(_driver())
        errors: list[Exception] = []

        def failed(name: Any, exception: Exception) -> None:  # noqa: ARG001 - pyttsx3's signature
            errors.append(exception)

        with tempfile.TemporaryDirectory(prefix="voiceguide-") as folder:
            # macOS writes AIFF whatever the name, and both want an absolute one.
            path = Path(folder).resolve() / (
                "voice.aiff" if sys.platform == "darwin" else "voice.wav"
            )
            token = engine.connect("error", failed)
            try:
                engine.setProperty("voice", self._voice.id)
                engine.setProperty("rate", rate)
                engine.setProperty("volume", 1.0)
                engine.save_to_file(words, str(path))
                engine.runAndWait()
            finally:
                engine.disconnect(token)
            if errors:
                raise SpeechError(str(errors[0])) from errors[0]
            if not path.exists() or not path.stat().st_size:
                raise SpeechError("it wrote nothing")
            return _read(path)

    def close(self) -> None:
        if self._threads is not None:
            self._threads.close()
            self._threads = None


def _read(path: Path) -> tuple[NDArray[np.float32], int]:
    """A mono sound file by what is in it, whatever its name: WAV here, else what soundfile reads."""
    import numpy as np

    with path.open("rb") as file:
        magic = file.read(4)
    if magic == b"RIFF":
        try:
            with wave.open(str(path), "rb") as sound:
                if (sound.getnchannels(), sound.getsampwidth()) == (1, 2):
                    data = np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
                    return data.astype(np.float32) / np.float32(32_768), sound.getframerate()
        except (wave.Error, EOFError) as error:
            raise SpeechError(f"it wrote a file that cannot be read ({error})") from error
    import soundfile

    try:
        samples, rate = soundfile.read(str(path), dtype="float32", always_2d=True)
    except soundfile.SoundFileError as error:
        raise SpeechError(f"it wrote a file that cannot be read ({error})") from error
    return np.ascontiguousarray(samples.mean(axis=1, dtype=np.float32)), int(rate)


def _choose(name: str | None, language: str, choices: list[_Choice]) -> _Choice:
    if name:
        wanted = name.casefold()
        for choice in choices:
            known = (choice.label, choice.language, choice.id, choice.name)
            if wanted in (word.casefold() for word in known):
                break
        else:
            labels = [choice.label for choice in choices] + [choice.name for choice in choices]
            guess = did_you_mean(name, [*labels, *(choice.language for choice in choices)])
            raise NotFoundError(
                f'the engine "pyttsx3" has no voice "{name}"; '
                + (guess or 'the command "voiceguide voices" lists them')
            )
        if not same_language(choice.language, language):
            raise UsageError(
                f'the voice "pyttsx3:{name}" speaks "{choice.language}", '
                f'and the script is in "{language}"'
            )
        return choice
    wanted = language.replace("_", "-").casefold()
    if wanted == "en":
        wanted = "en-us"  # the accent of the other voice
    exact = [choice for choice in choices if choice.language.casefold() == wanted]
    near = [choice for choice in choices if same_language(choice.language, wanted)]
    if not exact and not near:
        raise UsageError(
            f'the engine "pyttsx3" has no voice for the language "{language}"; '
            'the command "voiceguide voices" lists what it has'
        )
    # Of several in the language, the plainest tag: "de" before "de-x-other".
    return (exact or sorted(near, key=lambda choice: (len(choice.language), choice.language)))[0]


class Pyttsx3:
    """The engine `pyttsx3`."""

    about = "eSpeak NG" if is_bundled() else "the system's voices"
    default = True

    def check(self) -> str:
        """Raises SpeechError: its voices cannot be listed."""
        return f"{len(self._listed())} voices"

    def _listed(self) -> list[_Choice]:
        try:
            return _choices()
        except VoiceguideError:
            raise
        except ModuleNotFoundError as error:
            what = error.name or "pyttsx3"
            raise not_installed(
                f'{what}, which the voice "pyttsx3" needs,', brings(what)
            ) from error
        except Exception as error:  # a broken library raises what it likes
            raise SpeechError(f'the engine "pyttsx3" cannot start here: {error}') from error

    def open(self, voice: str | None, *, speed: float, language: str) -> Pyttsx3Engine:
        """The engine for a voice's name, its language tag, or the best one of a language.

        Raises:
            NotFoundError: no such voice.
            UsageError: no voice speaks that language, or the named one speaks another.
            SpeechError: the voices cannot be listed.
        """
        return Pyttsx3Engine(_choose(voice, language, self._listed()), speed=speed)

    def voices(self) -> list[VoiceInfo]:
        """Every voice of the driver."""
        licence = "GPL-3.0-or-later" if is_bundled() else "of the system"
        return [
            VoiceInfo(
                "pyttsx3",
                choice.label,
                choice.language,
                licence,
                True,
                None,
                f"{self.about}, {choice.name}",
            )
            for choice in sorted(self._listed(), key=lambda choice: (choice.language, choice.id))
        ]
