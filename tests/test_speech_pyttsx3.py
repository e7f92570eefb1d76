"""The voice that is always there: pyttsx3 over the bundled eSpeak NG."""

from __future__ import annotations

import sys
import threading
import time
import types
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import pyttsx3
import soundfile

from voiceguide.errors import NotFoundError, SpeechError, UsageError
from voiceguide.speech import espeak_driver, pyttsx3_engine
from voiceguide.speech.pyttsx3_engine import Pyttsx3

TEXTS = ["Make small, slow circles.", "In.", "Rest on the piriformis.", "Lie on your back."]


def test_the_same_bytes_in_any_order() -> None:
    """eSpeak keeps state between sentences; what is heard does not depend on it."""
    engine = Pyttsx3().open(None, speed=1, language="en")
    assert engine.repeatable
    first = {text: engine.speak(text)[0] for text in TEXTS}
    for text in TEXTS[::-1] * 2:
        assert (engine.speak(text)[0] == first[text]).all()


def test_it_goes_through_the_public_interface(tmp_path: Path) -> None:
    """Fifty queued files are all there and whole when runAndWait returns."""
    engine = pyttsx3.init(espeak_driver.register())
    engine.setProperty("rate", 200)
    assert any(voice.id == "gmw/de" for voice in engine.getProperty("voices"))
    for index in range(50):
        engine.save_to_file(f"This is sentence number {index}.", str(tmp_path / f"{index}.wav"))
    engine.runAndWait()
    assert engine.getProperty("rate") == 200
    for index in range(50):
        with wave.open(str(tmp_path / f"{index}.wav")) as file:
            assert file.getnframes() > 0.8 * file.getframerate()


def test_the_library_is_unloaded_each_time() -> None:
    """Nothing of it stays in the process, so nothing can carry over."""
    Pyttsx3().open(None, speed=1, language="en").speak("In.")
    assert "libespeak" not in Path("/proc/self/maps").read_text()


def test_voices_are_chosen_by_language() -> None:
    """The plainest of the language, the exact country where there is one, American for English."""
    for language, expected in (
        ("en", "gmw/en-US"),
        ("en-GB", "gmw/en"),
        ("en_US", "gmw/en-US"),
        ("de", "gmw/de"),
        ("de-AT", "gmw/de"),
        ("fr-FR", "roa/fr"),
        ("pt-BR", "roa/pt-BR"),
    ):
        engine = Pyttsx3().open(None, speed=1, language=language)
        assert f"voice={expected} " in engine.identity
    with pytest.raises(UsageError, match='no voice for the language "tlh"'):
        Pyttsx3().open(None, speed=1, language="tlh")


def test_voices_are_chosen_by_name() -> None:
    """By file name, tag or full name, in any case; with a suggestion where there is none."""
    for name in ("en-gb-x-rp", "gmw/en-GB-x-rp", "English (Received Pronunciation)", "EN-GB-X-RP"):
        engine = Pyttsx3().open(name, speed=1, language="en")
        assert "voice=gmw/en-GB-x-rp " in engine.identity
    with pytest.raises(NotFoundError, match="did you mean"):
        Pyttsx3().open("en-gbb", speed=1, language="en")
    with pytest.raises(NotFoundError, match="voiceguide voices"):
        Pyttsx3().open("###", speed=1, language="en")
    with pytest.raises(UsageError, match='"pyttsx3:de" speaks "de", and the script is in "en"'):
        Pyttsx3().open("de", speed=1, language="en")


def test_every_listed_voice_speaks() -> None:
    """None is listed that needs files from elsewhere."""
    for voice in pyttsx3_engine.Pyttsx3().voices():
        assert voice.ready and voice.language and voice.licence
        engine = Pyttsx3().open(voice.name, speed=1, language=voice.language)
        samples, rate = engine.speak("1 2 3 ma la na")
        assert len(samples) > 0.2 * rate, voice
        engine.close()


def test_other_languages_are_spoken_in_their_letters() -> None:
    """Text that is not ASCII reaches the library whole."""
    engine = Pyttsx3().open(None, speed=1, language="ru")
    samples, rate = engine.speak("Лягте на спину и дышите спокойно.")
    assert len(samples) > rate


def test_phoneme_markup_in_a_text_is_only_words() -> None:
    """Double brackets of an author are no commands, nor are control characters."""
    engine = Pyttsx3().open(None, speed=1, language="en")
    bracketed = engine.speak("the [[k'at]] ball")[0]
    assert (bracketed == engine.speak("the ((k'at)) ball")[0]).all()
    assert (engine.speak("the\x01 ball")[0] == engine.speak("the  ball")[0]).all()


def test_a_very_long_sentence() -> None:
    """As long as any that is let through."""
    samples, rate = Pyttsx3().open(None, speed=1, language="en").speak("and on " * 714)
    assert len(samples) / rate > 300


@pytest.mark.parametrize("text", ["", " ", "\x00\x01", "\n"])
def test_nothing_to_say_is_an_error(text: str) -> None:
    """Rather than a file without sound."""
    with pytest.raises(SpeechError, match="nothing to say"):
        Pyttsx3().open(None, speed=1, language="en").speak(text)


class SystemDriver:
    """Stands in for a driver of macOS or Windows: each behaves in its own way."""

    save: Callable[[str, str], None]

    def __init__(self, proxy: object) -> None:
        self._proxy = proxy

    def getProperty(self, name: str) -> object:  # noqa: N802
        from pyttsx3.voice import Voice

        if name == "voices":
            return [
                Voice("com.system.anna", "Anna", ["de_DE"]),
                Voice("com.system.sam", "Sam", ["en_US"]),
            ]
        return None

    def setProperty(self, _name: str, _value: object) -> None:  # noqa: N802
        return

    def save_to_file(self, text: str, filename: str) -> None:
        type(self).save(text, filename)

    def startLoop(self) -> None:  # noqa: N802
        self._proxy.setBusy(False)  # type: ignore[attr-defined]

    def endLoop(self) -> None:  # noqa: N802
        return

    def stop(self) -> None:
        return

    def destroy(self) -> None:
        return


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> type[SystemDriver]:
    """A system with a voice of its own."""
    module = types.ModuleType("pyttsx3.drivers.stand_in")
    module.buildDriver = SystemDriver  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pyttsx3.drivers.stand_in", module)
    monkeypatch.setattr(pyttsx3_engine, "_SYSTEM", {sys.platform: "stand_in"})
    return SystemDriver


def test_the_system_voices_are_listed_and_chosen(system: type[SystemDriver]) -> None:  # noqa: ARG001
    """By their names, with the tags that people write."""
    listed = {voice.name: voice.language for voice in pyttsx3_engine.Pyttsx3().voices()}
    assert listed == {"Anna": "de-DE", "Sam": "en-US"}
    engine = Pyttsx3().open("sam", speed=1, language="en")
    assert "voice=com.system.sam " in engine.identity and not engine.repeatable


def test_a_file_is_read_by_what_is_in_it(system: type[SystemDriver]) -> None:
    """AIFF under the name of a WAV, stereo WAV and 24 bit are all read."""
    tone = (0.3 * np.sin(np.arange(22_050) / 20)).astype(np.float32)
    engine = Pyttsx3().open("sam", speed=1, language="en")
    for form, subtype, channels in (
        ("AIFF", "PCM_16", 1),
        ("WAV", "PCM_24", 2),
        ("WAV", "PCM_16", 1),
    ):

        def save(
            _: str, name: str, form: str = form, sub: str = subtype, n: int = channels
        ) -> None:
            assert Path(name).is_absolute()
            soundfile.write(name, np.repeat(tone[:, None], n, axis=1), 22_050, sub, format=form)

        system.save = staticmethod(save)  # type: ignore[assignment]
        samples, rate = engine.speak("Rest.")
        assert rate == 22_050
        assert samples == pytest.approx(tone, abs=1e-4)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "wrote nothing"),
        (b"", "wrote nothing"),
        (b"RIFF" + b"\0" * 40, "cannot be read"),
        (b"FORM" + b"\1" * 400, "cannot be read"),
        (b"rubbish" * 90, "cannot be read"),
    ],
)
def test_a_bad_file_is_one_sentence(
    system: type[SystemDriver], content: bytes | None, expected: str
) -> None:
    """Whatever the system's engine leaves behind."""

    def save(_: str, name: str) -> None:
        if content is not None:
            Path(name).write_bytes(content)

    system.save = staticmethod(save)  # type: ignore[assignment]
    with pytest.raises(SpeechError, match=expected):
        Pyttsx3().open("sam", speed=1, language="en").speak("Rest.")


def test_an_error_inside_the_driver_comes_out(system: type[SystemDriver]) -> None:
    """pyttsx3 swallows it; the listener hears of it."""

    def save(_text: str, _name: str) -> None:
        raise OSError("no voice chip")

    system.save = staticmethod(save)  # type: ignore[assignment]
    with pytest.raises(SpeechError, match="no voice chip"):
        Pyttsx3().open("sam", speed=1, language="en").speak("Rest.")


def test_a_hanging_system_voice_is_left_behind(system: type[SystemDriver]) -> None:
    """After the time limit; a second sentence does not wait again."""
    release = threading.Event()

    def save(_text: str, _name: str) -> None:
        release.wait(30)

    system.save = staticmethod(save)  # type: ignore[assignment]
    voice = pyttsx3_engine._choose("sam", "en", pyttsx3_engine._choices())
    engine = pyttsx3_engine.Pyttsx3Engine(voice, speed=1, limit=0.1)
    begun = time.monotonic()
    with pytest.raises(SpeechError, match="does not answer"):
        engine.speak("In.")
    with pytest.raises(SpeechError, match="did not answer"):
        engine.speak("Out.")
    assert time.monotonic() - begun < 5
    release.set()
