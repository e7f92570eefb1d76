"""How fast the voices speak: evenly, as a listener asks, and every number within its second."""

from __future__ import annotations

import numpy as np
import pytest

from voiceguide.audio.shape import trim
from voiceguide.plan import Options
from voiceguide.plan.model import Pace
from voiceguide.script.words import words
from voiceguide.session import Request
from voiceguide.speech import pace, registry
from voiceguide.speech.base import Engine

VOICES = ["natural", "pyttsx3"]

# Those that the voices hurry through by themselves, and those that they linger over.
SENTENCES = [
    "Feel the whole thigh on the chair.",
    "If you want more, hold the back of the other thigh, and draw it a little toward you.",
    "Let your right leg swing gently forward and back, from the hip.",
    "Let your shoulders hang loose.",
    "Now find the bony knob on the outside of your hip.",
    "Place the ball under the gluteus medius, between hip bone and trochanter.",
    "Slide the tennis ball under your left buttock, and let your weight sink into it.",
    "Keep it a hand's width from the back of the knee.",
]


def seconds(engine: Engine, text: str) -> float:
    """How long a sentence is, without the silence around it."""
    samples, rate = engine.speak(text)
    assert samples.dtype == np.float32 and np.abs(samples).max() <= 1
    return len(trim(samples, rate)) / rate


@pytest.mark.parametrize("voice", VOICES)
def test_each_sentence_is_calm(voice: str) -> None:
    """130 to 160 words a minute, whatever its words are; at another speed in proportion."""
    lengths: dict[float, float] = {}
    for speed in (1.0, 0.8, 1.25):
        engine = registry.open_engine(voice, speed=speed)
        each = [seconds(engine, text) for text in SENTENCES]
        engine.close()
        for text, taken in zip(SENTENCES, each, strict=True):
            assert 125 < len(text.split()) / taken * 60 / speed < 165, (text, speed)
        lengths[speed] = sum(each)
    for speed, taken in lengths.items():
        assert taken * speed == pytest.approx(lengths[1.0], rel=0.02)


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize("speed", [0.5, 0.88, 1.0])
def test_a_number_has_a_second(voice: str, speed: float) -> None:
    """However slowly the rest is spoken, a countdown keeps its time."""
    engine = registry.open_engine(voice, speed=speed)
    for number in words("en").numbers[:12] + words("en").numbers[16:17]:
        assert seconds(engine, number + ".") < 1.0, number
    engine.close()


def test_the_words_alone_tell_how_long_it_should_be() -> None:
    """So it is the same for every voice; long words get more time, very short texts none."""
    short, long = (
        "Put it on to the rim.",
        "Position yourself comfortably alongside furniture legs.",
    )
    assert len(short.split()) == len(long.split())
    assert pace.seconds(short, 1) < pace.seconds(long, 1)  # type: ignore[operator]
    assert pace.seconds(long, 0.5) == pytest.approx(2 * pace.seconds(long, 1))  # type: ignore[operator]
    assert pace.seconds("Breathe out slowly.", 1) is None


def test_two_tries_at_most() -> None:
    """The second makes up for what the first was off; the better of both is kept."""
    tries: list[float] = []

    def speak(stretch: float) -> tuple[np.ndarray, int]:
        tries.append(stretch)
        return np.full(round(8_000 * 5 * stretch), 0.5, np.float32), 8_000

    text = "Feel the whole thigh on the chair."
    made, rate = pace.spoken(text, 1.0, speak)
    wanted = pace.seconds(text, 1.0)
    assert wanted is not None and len(tries) == 2
    assert len(made) / rate == pytest.approx(wanted, rel=0.02)
    tries.clear()
    made, rate = pace.spoken(text, 1.0, speak, possible=(1.0, 4.0))
    assert tries == [1.0] and len(made) == 40_000
    tries.clear()
    pace.spoken(text, 1.0, speak, even=False)
    assert tries == [1.0]


@pytest.mark.parametrize(
    ("chosen", "speed", "own", "voice"),
    [
        ("normal", 1.0, 480, 1.0),
        ("normal", 0.8, 600, 0.8),
        ("gentle", 1.0, 552, 0.88),
        ("brisk", 1.0, 408, 1.28),
        ("brisk", 2.0, 204, 2.0),
        ("gentle", 0.5, 1104, 0.5),
    ],
)
def test_pace_and_speed_scale_the_whole(chosen: Pace, speed: float, own: int, voice: float) -> None:
    """The voice, and the length that a script has by itself; a voice stays in its range."""
    request = Request("x", Options(pace=chosen), speed=speed)
    assert request.own_length(480) == own  # type: ignore[arg-type]
    assert request.voice_speed == pytest.approx(voice)
