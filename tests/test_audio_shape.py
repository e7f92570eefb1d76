"""Clips are trimmed, resampled, levelled and faded without harm."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from voiceguide.audio import RATE, AudioFormat
from voiceguide.audio.loudness import loudness, true_peak
from voiceguide.audio.shape import (
    CLIP_LUFS,
    CLIP_PEAK,
    VOICE_LUFS,
    conform,
    fade,
    gain,
    level,
    limit,
    trim,
    voice_clip,
)
from voiceguide.errors import SoundError


def tone(seconds: float, hertz: float = 440, rate: int = RATE, size: float = 0.3) -> np.ndarray:
    """A sine, float32 of shape (frames,)."""
    at = np.arange(round(seconds * rate)) / rate
    return (size * np.sin(2 * np.pi * hertz * at)).astype(np.float32)


def silence(seconds: float, rate: int = RATE) -> np.ndarray:
    """Nothing, float32 of shape (frames,)."""
    return np.zeros(round(seconds * rate), np.float32)


def test_conform_spreads_and_joins_channels() -> None:
    """Mono goes to both, stereo to its mean, more than two to the front pair."""
    mono = tone(0.1)
    stereo = conform(mono, RATE, AudioFormat(RATE, 2))
    assert stereo.shape == (len(mono), 2)
    assert (stereo[:, 0] == mono).all() and (stereo[:, 1] == mono).all()
    both = np.stack([mono, -mono], axis=1)
    assert np.abs(conform(both, RATE, AudioFormat(RATE, 1))).max() == 0
    six = np.stack([mono, 0 * mono, mono, 0 * mono, 0 * mono, 0 * mono], axis=1)
    folded = conform(six, RATE, AudioFormat(RATE, 2))
    assert folded.shape == (len(mono), 2)
    assert np.abs(folded[:, 0]).max() > np.abs(folded[:, 1]).max() > 0
    same = np.repeat(mono[:, None], 6, axis=1)
    assert conform(same, RATE, AudioFormat(RATE, 2)) == pytest.approx(
        np.stack([mono, mono], axis=1), abs=1e-6
    )


@pytest.mark.parametrize("rate", [8_000, 22_050, 24_000, 48_000, 96_000])
def test_conform_resamples_cleanly(rate: int) -> None:
    """A tone keeps length and pitch, and 90 dB of distance from anything else."""
    out = conform(tone(1, 1_000, rate), rate, AudioFormat(RATE, 1))[:, 0]
    assert len(out) == RATE
    middle = out[RATE // 4 : 3 * RATE // 4] * np.blackman(RATE // 2)
    spectrum = np.abs(np.fft.rfft(middle))
    assert spectrum.argmax() == 500
    spectrum[490:511] = 0
    assert 20 * np.log10(spectrum.max() / (0.3 * RATE / 4 * 0.42)) < -90


def test_conform_leaves_alone_what_fits() -> None:
    """The same rate and channels give the same samples, and nothing gives nothing."""
    samples = np.random.default_rng(0).standard_normal((100, 2)).astype(np.float32)
    assert (conform(samples, RATE, AudioFormat(RATE, 2)) == samples).all()
    assert conform(samples[:0], 8_000, AudioFormat(RATE, 2)).shape == (0, 2)


def test_trim_takes_the_silence_and_leaves_the_words() -> None:
    """Of silence, a few milliseconds stay on either side; a pause within the words stays whole."""
    words = np.concatenate([tone(0.5), silence(0.4), tone(0.5)])
    padded = np.concatenate([silence(0.31), words, silence(0.52)])
    trimmed = trim(padded, RATE)
    assert len(words) / RATE + 0.06 < len(trimmed) / RATE < len(words) / RATE + 0.09
    assert float((trimmed**2).sum()) == pytest.approx(float((padded**2).sum()), rel=1e-6)


def test_trim_keeps_soft_consonants() -> None:
    """A hiss 45 dB under the vowel, before and after it, is not cut."""
    hiss = (np.random.default_rng(0).standard_normal(round(0.12 * RATE)) * 0.0012).astype(
        np.float32
    )
    padded = np.concatenate([silence(0.3), hiss, tone(0.4), hiss, silence(0.5)])
    trimmed = trim(padded, RATE)
    assert len(trimmed) / RATE > 0.12 + 0.4 + 0.12
    for edge in (trimmed[: len(hiss)], trimmed[-len(hiss) - 2_205 : -2_205]):
        assert np.abs(edge).max() > 0.001


def test_trim_of_what_has_no_silence_changes_nothing() -> None:
    """Not a frame is lost, whatever the length in milliseconds."""
    for frames in (13_231, 13_230, 44_100, 501):
        samples = np.random.default_rng(1).standard_normal(frames).astype(np.float32) * 0.1
        assert (trim(samples, RATE) == samples).all()


def test_trim_of_silence_is_empty() -> None:
    """Also of silence with rounding noise in it; what is soft is no silence."""
    assert len(trim(silence(1), RATE)) == 0
    assert len(trim(tone(1, size=10 ** (-71 / 20)), RATE)) == 0
    assert len(trim(tone(1, size=10 ** (-69 / 20)), RATE)) == RATE


def test_fade_ends_at_nothing_and_spares_the_middle() -> None:
    """The first and last samples are next to zero, the middle is untouched."""
    samples = np.full(RATE // 2, 0.5, np.float32)
    faded = fade(samples, RATE)
    assert np.abs(faded[[0, -1]]).max() < 0.005
    assert np.abs(np.diff(faded)).max() < 0.01
    assert len(faded) == len(samples)
    start, end = round(0.004 * RATE), round(0.008 * RATE)
    assert faded[start:-end] == pytest.approx(0.5, abs=1e-6)
    # A straight rise and fall: half way through they stand at half.
    assert faded[start // 2] == pytest.approx(0.25, abs=0.01)
    assert faded[-end // 2] == pytest.approx(0.25, abs=0.01)


def test_fade_of_the_shortest() -> None:
    """A clip shorter than its fades is no error."""
    assert len(fade(tone(0.003), RATE)) == len(tone(0.003))


def test_gain_is_in_decibels_and_does_not_clip() -> None:
    """20 dB is ten times, beyond full scale as well; stereo stays stereo."""
    samples = np.stack([tone(0.1), tone(0.1) / 2], axis=1)
    assert gain(samples, RATE, 20) == pytest.approx(samples * 10, abs=1e-5)


def test_limit_holds_the_ceiling_and_touches_nothing_else() -> None:
    """Peaks come down to the ceiling; what is 20 ms away from one, or under it, stays as it is."""
    samples = tone(1)
    samples[20_000:20_100] *= 4
    limited = limit(samples, RATE, -3)
    assert true_peak(limited) == pytest.approx(-3, abs=0.05)
    assert (limited[:19_000] == samples[:19_000]).all()
    assert (limited[21_100:] == samples[21_100:]).all()
    assert limit(samples, RATE, 3) is samples
    # Turned down around the peak, never up.
    assert (np.abs(limited) <= np.abs(samples) + 1e-7).all()


def test_limit_turns_down_smoothly_and_no_further_than_it_must() -> None:
    """The gain moves over 5 ms on either side of a peak, without a step, also at the clip's ends and
    between two peaks near each other."""
    for places in ((20_000,), (0,), (44_099,), (20_000, 20_300), (20_000, 20_020, 21_500)):
        samples = np.full(RATE, 0.5, np.float32)
        for place in places:
            samples[place] = 0.9
        gains = limit(samples, RATE, -3) / samples
        touched = np.flatnonzero(gains < 1)
        for place in places:
            assert gains[place] * 0.9 <= 10 ** (-3 / 20) + 1e-4
        nearest = np.abs(touched[:, None] - np.array(places)).min(axis=1)
        assert nearest.max() <= RATE // 100 + RATE // 400
        assert np.abs(np.diff(gains)).max() < 0.01
        assert gains[touched].min() > 10 ** (-3 / 20) / 0.9 - 0.05


@pytest.mark.parametrize("size", [0.01, 0.3, 0.9])
def test_level_brings_all_to_one_loudness(size: float) -> None:
    """Soft or loud, a clip has the target afterwards."""
    noise = np.random.default_rng(2).standard_normal(2 * RATE).astype(np.float32)
    voice = level(noise * np.float32(0.2 * size), RATE)
    assert loudness(voice, RATE) == pytest.approx(CLIP_LUFS, abs=0.2)
    assert true_peak(voice) <= CLIP_PEAK + 0.05


def test_level_of_silence_says_so() -> None:
    """Silence cannot be made loud."""
    with pytest.raises(SoundError, match="silent"):
        level(silence(1), RATE)


def test_voice_clip_is_ready_to_play() -> None:
    """16 bit at 44.1 kHz, as loud as all, and the same every time."""
    spoken = np.concatenate([silence(0.3, 24_000), tone(1, 300, 24_000), silence(0.5, 24_000)])
    clip = voice_clip(spoken, 24_000)
    assert clip.dtype == np.int16 and clip.ndim == 1
    assert len(clip) / RATE == pytest.approx(1.07, abs=0.01)
    as_float = clip.astype(np.float32) / 32_768
    assert loudness(as_float, RATE) == pytest.approx(CLIP_LUFS, abs=0.2)
    assert (clip == voice_clip(spoken, 24_000)).all()
    with pytest.raises(SoundError):
        voice_clip(silence(1), 24_000)


def test_a_mono_clip_is_3_db_under_its_stereo_self() -> None:
    """The two constants describe the same clip."""
    noise = np.random.default_rng(5).standard_normal((2 * RATE, 1)).astype(np.float32)
    mono = level(noise * 0.1, RATE)
    assert loudness(np.repeat(mono, 2, axis=1), RATE) == pytest.approx(VOICE_LUFS, abs=0.05)


def test_importing_pydub_is_silent() -> None:
    """No word about ffmpeg, though it be missing, and with warnings as errors."""
    code = "from voiceguide.audio.shape import pydub; print(pydub().AudioSegment.__name__)"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": ""},
    )
    assert (done.stdout, done.stderr) == ("AudioSegment\n", "")
