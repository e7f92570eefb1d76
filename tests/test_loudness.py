"""Loudness and peaks, against the printed standard and against pyloudnorm."""

from __future__ import annotations

import math

import numpy as np
import pyloudnorm
import pytest
import soxr

from voiceguide.audio.loudness import biquads, loudness, to_db, true_peak
from voiceguide.units import to_factor

RATE = 44_100


def swell(seconds: float, channels: int, seed: int = 0) -> np.ndarray:
    """Noise that grows louder and softer, with silent stretches."""
    random = np.random.default_rng(seed)
    frames = int(seconds * RATE)
    shape = np.abs(np.sin(np.arange(frames) / RATE)) ** 3 * 0.2
    shape[frames // 3 : frames // 2] = 0
    return (random.standard_normal((frames, channels)) * shape[:, None]).astype(np.float32)


def test_filters_are_those_of_the_standard() -> None:
    """At 48 kHz the coefficients are the ones that BS.1770 prints."""
    (b, a), (d, c) = biquads(48_000)
    assert b == pytest.approx([1.53512485958697, -2.69169618940638, 1.19839281085285], abs=1e-9)
    assert a == pytest.approx([1, -1.69065929318241, 0.73248077421585], abs=1e-9)
    assert d == pytest.approx([1, -2, 1])
    assert c == pytest.approx([1, -1.99004745483398, 0.99007225036621], abs=1e-9)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("seed", [1, 2])
def test_loudness_agrees_with_pyloudnorm(channels: int, seed: int) -> None:
    """Integrated loudness within 0.1 LU of another implementation (whose filters are fitted)."""
    samples = swell(20, channels, seed)
    expected = pyloudnorm.Meter(RATE).integrated_loudness(samples)
    assert loudness(samples, RATE) == pytest.approx(expected, abs=0.1)


def test_a_reference_tone_has_its_level() -> None:
    """997 Hz at full scale in one channel is -3.01 LUFS, in both it is 0: the standard says so."""
    tone = np.sin(2 * np.pi * 997 * np.arange(5 * RATE) / RATE).astype(np.float32)
    for channels, expected in ((1, -3.01), (2, 0.0)):
        samples = np.repeat(tone[:, None], channels, axis=1)
        assert loudness(samples, RATE) == pytest.approx(expected, abs=0.02)


def test_silence_and_nothing() -> None:
    """What cannot be heard is minus infinity, never a crash."""
    for frames in (0, 1, 100, RATE):
        assert loudness(np.zeros(frames, np.float32), RATE) == -math.inf
        assert true_peak(np.zeros((frames, 2), np.float32)) == -math.inf


def test_true_peak_finds_what_lies_between_the_samples() -> None:
    """A quarter-rate sine caught at 45 degrees peaks 3 dB above its samples."""
    at = np.arange(4_000)
    tone = np.sin(np.pi / 2 * at + np.pi / 4) * np.hanning(4_000)
    assert to_db(float(np.abs(tone).max())) == pytest.approx(-3.01, abs=0.01)
    assert true_peak(tone.astype(np.float32)) == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize("phase", [0.1, 0.3, 0.5, 0.7, 0.9, 1.2, 1.5])
def test_true_peak_wherever_the_samples_fall(phase: float) -> None:
    """Before the largest sample or after it, to an eighth of a sample."""
    at = np.arange(4_000)
    tone = np.sin(np.pi / 2 * at + phase * np.pi) * np.hanning(4_000)
    for part in (tone, tone[::-1]):
        assert true_peak(part.astype(np.float32)) == pytest.approx(0, abs=0.18)


def test_what_is_too_soft_to_count() -> None:
    """Under -70 LUFS there is silence; a little over it there is not."""
    noise = np.random.default_rng(4).standard_normal(3 * RATE).astype(np.float32)
    noise *= np.float32(10 ** (-loudness(noise, RATE) / 20))
    assert loudness(noise * np.float32(10 ** (-71 / 20)), RATE) == -math.inf
    assert loudness(noise * np.float32(10 ** (-69 / 20)), RATE) == pytest.approx(-69, abs=0.3)


def test_true_peak_agrees_with_a_resampler() -> None:
    """Within 0.1 dB of the peak of sound that soxr has oversampled."""
    noise = np.random.default_rng(3).standard_normal(20_000) * 0.1
    samples = soxr.resample(noise, 32_000, RATE).astype(np.float32)
    over = np.abs(soxr.resample(samples, RATE, 4 * RATE, "VHQ")).max()
    assert true_peak(samples) == pytest.approx(to_db(float(over)), abs=0.1)


def test_a_short_word_is_as_loud_as_a_long_one() -> None:
    """The same noise measures the same at 0.1 s and at 3 s, and silence around it is left out."""
    noise = (np.random.default_rng(1).standard_normal(3 * RATE) * 0.1).astype(np.float32)
    word = np.concatenate([np.zeros(4_000, np.float32), noise[:4_410], np.zeros(4_000, np.float32)])
    expected = loudness(noise, RATE)
    assert loudness(noise[:4_410], RATE) == pytest.approx(expected, abs=0.7)
    assert loudness(word, RATE) == pytest.approx(expected, abs=0.7)


def test_decibels_and_back() -> None:
    """The two conversions undo each other."""
    assert to_db(to_factor(-13.7)) == pytest.approx(-13.7)
    assert to_db(0) == -math.inf
