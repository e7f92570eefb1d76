"""Sessions at another rate than their own."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

import voiceguide
from voiceguide import Options, Request, export
from voiceguide.audio import AudioFormat
from voiceguide.audio.convert import converted
from voiceguide.errors import UsageError


def tone(rate: int, frames: int, channels: int = 1) -> np.ndarray:
    """A tone of 1 kHz at half of full scale."""
    wave = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(frames) / rate)
    return np.repeat(wave[:, None], channels, axis=1).astype(np.float32)


@pytest.mark.parametrize("rate", [8_000, 22_050, 24_000, 48_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_tone_stays_where_it_was(rate, channels):
    """Whatever blocks it comes in, the sound has the length asked for and is not moved."""
    sound = tone(44_100, 100_001, channels)
    frames = round(len(sound) * rate / 44_100)
    blocks = [sound[at : at + 7_919] for at in range(0, len(sound), 7_919)]
    made = np.concatenate(list(converted(blocks, AudioFormat(44_100, channels), rate, frames)))
    assert made.shape == (frames, channels)
    middle = slice(500, frames - 500)
    assert np.abs(made - tone(rate, frames, channels))[middle].max() < 1e-3


def test_a_file_at_another_rate_lasts_as_long(tmp_path):
    """Halved, a session of an exact length keeps it, and what is said stays in its place."""
    session = voiceguide.compile(
        Request("hamstrings", Options(length=420), voice="silent", mono=True)
    )
    for name, rate in (("own.wav", None), ("half.wav", 22_050)):
        done = export(session, tmp_path / name, rate=rate)
        assert done.seconds == 420
    own, _ = soundfile.read(tmp_path / "own.wav", dtype="float32")
    half, rate = soundfile.read(tmp_path / "half.wav", dtype="float32")
    assert rate == 22_050 and len(half) == 420 * 22_050
    loud = [np.sqrt(np.square(x.reshape(4200, -1)).mean(axis=1)) for x in (own, half)]
    assert np.corrcoef(*loud)[0, 1] > 0.99


def test_a_timeline_moves_to_another_rate_as_a_whole():
    """Chapters stay without gaps, events end within the session, in the same order."""
    timeline = voiceguide.compile(Request("hamstrings", voice="silent")).timeline
    half = timeline.at_rate(22_050)
    assert half.format == AudioFormat(22_050, 2)
    assert half.frames == round(timeline.frames / 2)
    ends = [0, *(chapter.end for chapter in half.chapters)]
    assert [chapter.start for chapter in half.chapters] == ends[:-1] and ends[-1] == half.frames
    assert all(event.end <= half.frames for event in half.events)
    for before, after in zip(timeline.events, half.events, strict=True):
        assert abs(before.start / 44_100 - after.start / 22_050) < 0.51 / 22_050


@pytest.mark.parametrize("rate", [0, -1, 7_999, 48_001])
def test_a_rate_that_no_file_has(rate, tmp_path):
    """It is refused before anything is spoken."""
    with pytest.raises(UsageError, match="sample rate"):
        export("hamstrings", tmp_path / "x.wav", rate=rate)
    assert not list(tmp_path.iterdir())
