"""Engines are found by name, and say what they lack."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from voiceguide.errors import NotFoundError, SpeechError, UsageError
from voiceguide.speech import registry
from voiceguide.speech.base import same_language
from voiceguide.speech.registry import ENGINES


def test_the_default_is_the_natural_voice() -> None:
    """Where it is installed, for English; other languages get the voice that speaks them."""
    assert registry.default_engine_name() == "natural"
    assert registry.open_engine().name == "natural"
    assert registry.default_engine_name("de") == "pyttsx3"
    assert registry.open_engine(language="de").name == "pyttsx3"


@pytest.mark.parametrize("spec", ["natural", "natural:heart", "pyttsx3", "pyttsx3:en-gb", "silent"])
def test_every_engine_opens(spec: str) -> None:
    """With or without a voice, and has an identity of one line."""
    engine = registry.open_engine(spec, speed=1.2)
    assert engine.name == spec.split(":")[0]
    assert engine.identity and "\n" not in engine.identity
    assert engine.workers >= 1


def test_identities_differ() -> None:
    """No two voices, speeds or engines share clips."""
    specs = ["natural", "pyttsx3", "pyttsx3:en-gb", "silent"]
    identities = {registry.open_engine(spec).identity for spec in specs}
    identities |= {registry.open_engine(spec, speed=1.3).identity for spec in specs[:3]}
    assert len(identities) == 7


def test_unknown_engine_has_a_suggestion() -> None:
    """Or the list, where nothing is near."""
    with pytest.raises(NotFoundError, match='did you mean "natural"'):
        registry.open_engine("naturel")
    with pytest.raises(NotFoundError, match="there are natural, pyttsx3, silent"):
        registry.open_engine("zzz:en")


@pytest.mark.parametrize("speed", [0.0, -1.0, 0.49, 2.01, float("nan"), float("inf")])
def test_speed_has_bounds(speed: float) -> None:
    """Wrong usage, before anything is opened."""
    with pytest.raises(UsageError, match="out of range"):
        registry.open_engine("silent", speed=speed)


def test_all_voices_are_listed() -> None:
    """Each with engine, language and licence, and what it needs where it is not ready."""
    voices = registry.voices()
    assert {voice.engine for voice in voices} >= {"natural", "pyttsx3", "silent"}
    assert len(voices) > 100
    for voice in voices:
        assert voice.name and voice.language and voice.licence
        assert voice.ready is (voice.how is None)


PLUGIN = """
from voiceguide.speech.base import VoiceInfo
from voiceguide.speech.silent import SilentEngine

class RobotEngine(SilentEngine):
    identity = "robot/1"

class Robot:
    about = "a robot's voice"
    default = {default}

    def check(self):
        return "speaks through its chip"

    def open(self, voice, *, speed, language):
        return RobotEngine()

    def voices(self):
        return [VoiceInfo("robot", "r2", "en", "MIT", True)]
"""


def install(folder: Path, name: str, source: str) -> None:
    """Put a distribution with one engine into a folder."""
    (folder / f"{name}_plugin.py").write_text(source)
    info = folder / f"{name}_plugin-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}-plugin\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        f"[voiceguide.engines]\n{name} = {name}_plugin:{name.title()}\n"
    )


def test_engines_of_other_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry point is an engine like any other; a broken one harms only itself."""
    install(tmp_path, "robot", PLUGIN.format(default=False))
    install(tmp_path, "broken", "raise RuntimeError('no chip')")
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    assert ENGINES.names() == ("natural", "pyttsx3", "silent", "broken", "robot")
    assert registry.default_engine_name() == "natural"
    robot = registry.open_engine("Robot")
    assert (robot.name, robot.speak("In.")[1]) == ("robot", 44_100)
    # It says nothing of its speed, yet no clip of another speed is taken from the cache.
    faster = registry.open_engine("robot", speed=1.5)
    assert "robot/1" in robot.identity and robot.identity != faster.identity
    with pytest.raises(SpeechError, match='"broken" cannot be loaded: no chip'):
        registry.open_engine("broken")
    with pytest.raises(NotFoundError, match='did you mean "robot"'):
        registry.open_engine("robott")
    listed = {voice.engine: voice for voice in registry.voices()}
    assert listed["robot"].ready
    assert not listed["broken"].ready and "no chip" in str(listed["broken"].how)


def test_another_package_s_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that says that it may be one goes before those built in, in its language."""
    install(tmp_path, "robot", PLUGIN.format(default=True))
    sys.modules.pop("robot_plugin", None)
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    assert registry.default_engine_name("en-GB") == "robot"
    assert registry.open_engine().name == "robot"
    assert registry.default_engine_name("de") == "pyttsx3"


def test_the_registry_loads_nothing_heavy() -> None:
    """Neither numpy nor any engine, until one is opened."""
    code = (
        "import sys, voiceguide.speech.registry, voiceguide.speech.render, voiceguide.speech.cache\n"
        "print([m for m in ('numpy', 'pyttsx3', 'pydub', 'soxr', 'hibari', 'soundfile',"
        " 'voiceguide.speech.natural') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_languages_are_compared_without_their_country() -> None:
    """In either spelling of the tag."""
    assert same_language("en_US", "EN-gb")
    assert not same_language("en", "enm")
