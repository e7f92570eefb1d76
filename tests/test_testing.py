"""The public test doubles, and conformance tests that find what they are for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

import voiceguide as vg
from voiceguide import testing
from voiceguide.audio import RATE, AudioFormat
from voiceguide.sinks.mp3 import Mp3
from voiceguide.sinks.soundfile_sink import Flac, Wav
from voiceguide.speech.pyttsx3_engine import Pyttsx3
from voiceguide.speech.silent import Silent, SilentEngine


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A script of three sentences, with an empty cache for them."""
    monkeypatch.setenv("VOICEGUIDE_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "a.md"
    path.write_text("# T\n\nOne.\n\n- pause 1s\n\nTwo.\n\n- pause 1s\n\nThree.\n")
    return str(path)


def test_a_voice_of_exact_lengths(script: str) -> None:
    """To the frame, whatever the length; what it speaks is told, and known only while it is lent."""
    texts = {"One.": 0.1, "Two.": 2.7183}
    voice = testing.ExactVoice(1.0, texts)
    with testing.spoken_by(voice, "mine") as name:
        session = vg.compile(script, voice=name)
        assert [v.engine for v in vg.voices()].count("exact") == 1
    assert session.voice == "mine"
    assert [event.frames for event in session.timeline.lane("voice")] == [
        RATE // 10,
        round(2.7183 * RATE),
        RATE,
    ]
    assert voice.spoken == ["One.", "Two.", "Three."]
    with pytest.raises(vg.NotFoundError, match="mine"):
        vg.compile(script, voice="mine")
    other = testing.ExactVoice(2.0, texts)
    with testing.spoken_by(other) as name:
        session = vg.compile(script, voice=name)
    assert [event.frames for event in session.timeline.lane("voice")][2] == 2 * RATE
    with pytest.raises(vg.UsageError, match=r"0\.1 s or more"):
        testing.ExactVoice(1.0, {"a": 0.05})


def test_a_tape_keeps_what_it_plays() -> None:
    """All of it, faster than time; the player may lack a device."""
    player = testing.TapePlayer(speed=50)
    device = player.open(AudioFormat())
    sound = np.linspace(-0.5, 0.5, 4 * RATE, dtype=np.float32)[:, None].repeat(2, axis=1)
    device.write(sound)
    device.close()
    heard = player.heard()
    assert heard.shape == (4 * RATE, 2)
    assert np.array_equal(heard[RATE:], np.rint(sound[RATE:] * 32_768).astype(np.int16))
    player.missing = True
    with pytest.raises(vg.SinkError):
        player.open(AudioFormat())
    with pytest.raises(vg.SinkError):
        testing.check_player(player)


@pytest.mark.parametrize("engine", [Silent(), Pyttsx3(), testing.ExactVoice(1.5)])
def test_engines_conform(engine: Any) -> None:
    """Those that are shipped, and the double."""
    testing.check_engine(engine)


@pytest.mark.parametrize(
    ("suffix", "kind"), [("mp3", Mp3), ("wav", Wav), ("flac", Flac)], ids=["mp3", "wav", "flac"]
)
def test_formats_conform(suffix: str, kind: Any) -> None:
    """Those that are shipped, read by libsndfile."""
    testing.check_format(kind(), suffix, frames=lambda path: soundfile.info(path).frames)


def test_players_conform() -> None:
    """The double; real ones need a real device."""
    testing.check_player(testing.TapePlayer())


class _Bad(Silent):
    """An engine with one fault."""

    def __init__(self, **engine: Any) -> None:
        self._engine = engine

    def open(self, voice: str | None, *, speed: float, language: str) -> SilentEngine:
        opened = SilentEngine()
        for name, value in self._engine.items():
            setattr(opened, name, value)
        return opened


CHANCE = np.random.default_rng(1)
HUM = np.sin(np.arange(RATE, dtype=np.float32) / 20)


def _by_chance(text: str) -> tuple[Any, int]:
    return CHANCE.uniform(-0.1, 0.1, RATE).astype(np.float32), RATE


class _Dumb(Silent):
    def voices(self) -> list[Any]:
        return []


class _Nameless(Silent):
    about = ""


@pytest.mark.parametrize(
    ("engine", "error", "words"),
    [
        (_Dumb(), AssertionError, "lists none"),
        (_Nameless(), AssertionError, "says nothing"),
        (_Bad(identity=""), AssertionError, "identity"),
        (_Bad(workers=0), AssertionError, "workers"),
        (_Bad(repeatable=None), AssertionError, "repeatable"),
        (_Bad(speak=lambda text: (HUM, RATE)), AssertionError, "sound the same"),
        (_Bad(speak=_by_chance), AssertionError, "not the same the second time"),
        (_Bad(speak=lambda text: (HUM.astype(np.float64), RATE)), vg.SpeechError, "not sound"),
        (_Bad(speak=lambda text: (HUM, 100)), vg.SpeechError, "sample rate"),
    ],
)
def test_a_bad_engine_is_found(engine: Any, error: type[Exception], words: str) -> None:
    """Each with what is wrong with it."""
    with pytest.raises(error, match=words):
        testing.check_engine(engine)


class _Forgetful(Wav):
    """Closes without the end of the sound."""

    def create(self, part: Any, job: Any) -> Any:
        inner = super().create(part, job)

        class Sink:
            last: Any = None

            def write(self, block: Any) -> None:
                if self.last is not None:
                    inner.write(self.last)
                self.last = block

            def close(self) -> None:
                inner.close()

            def abort(self) -> None:
                inner.abort()

        return Sink()


class _Easygoing(Wav):
    def accept(self, audio: Any, bitrate: Any) -> None:
        return


def test_a_bad_format_is_found() -> None:
    """One that loses a block, and one that takes any bitrate."""
    with pytest.raises(AssertionError, match="cut into blocks"):
        testing.check_format(_Forgetful(), "wav")
    with pytest.raises(AssertionError, match="bitrate of -1"):
        testing.check_format(_Easygoing(), "wav")
    with pytest.raises(AssertionError, match="1 frames instead"):
        testing.check_format(Wav(), "wav", frames=lambda path: 1)


class _DeafDevice(testing.TapeDevice):
    def cut(self) -> int:
        return 0


class _Deaf(testing.TapePlayer):
    def open(self, audio: AudioFormat, **more: Any) -> testing.TapeDevice:
        return _DeafDevice(audio)


def test_a_bad_player_is_found() -> None:
    """One that cannot be cut."""
    with pytest.raises(AssertionError, match="cut"):
        testing.check_player(_Deaf())


def test_no_test_framework_is_loaded() -> None:
    """Importing it loads nothing that a program lacks."""
    code = "import sys, voiceguide.testing; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"pytest", "hypothesis", "numpy"}.isdisjoint(done.stdout.split())
