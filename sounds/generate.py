"""Makes every sound that ships, and the manifest that describes them.

    python sounds/generate.py            write the files and manifest.toml beside this script
    python sounds/generate.py --check    make them anew in memory and say which differ

The same call gives the same bytes. All randomness comes from the raw output of PCG64 under fixed
seeds, which never changes; everything is computed in double precision and rounded once, to 16
bits, so that the last digits, in which processors and numpy versions differ, do not reach the
files. The FLAC bytes also depend on the encoder: the manifest names its version, and holds a
SHA-256 of the samples themselves, which does not depend on it.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

Array = NDArray[np.float64]

RATE = 44_100
FOLDER = Path(__file__).resolve().parent
MANIFEST = "manifest.toml"

CHIME_LOUDNESS = -20.0
"""Of the loudest 0.4 s, in LUFS: clear beside a voice at -16, and never startling."""
CHIME_PEAK = -8.5
BREATH_LOUDNESS = -30.0
"""Of the loudest 1.5 s, in LUFS: under the gate of a voice at -16, so speech alone is measured."""
BED_LOUDNESS = -46.0
"""Of the whole, in LUFS: a little under the level at which it is heard, so that files are small."""

GRAIN = 4096
HOP = GRAIN // 2


# --- randomness and noise ---------------------------------------------------------------------


class Dice:
    """Random numbers from the raw output of PCG64: the same under every numpy."""

    def __init__(self, seed: int) -> None:
        self._bits = np.random.PCG64(seed)

    def uniform(self, *shape: int) -> Array:
        """Numbers strictly between 0 and 1."""
        raw = self._bits.random_raw(int(np.prod(shape)))
        return (((raw >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53).reshape(shape)

    def between(self, low: float, high: float, *shape: int) -> Array:
        return low + (high - low) * self.uniform(*shape)

    def spectrum(self, *shape: int) -> NDArray[np.complex128]:
        """Complex Gaussian numbers of mean power 1: the spectrum of white noise."""
        size = np.sqrt(-np.log(self.uniform(*shape)))
        turn = 2 * np.pi * self.uniform(*shape)
        return size * (np.cos(turn) + 1j * np.sin(turn))


Shape = Callable[[Array, Array], Array]
"""(time from 0 to 1 as a column, frequency in hertz as a row) -> amplitude."""


def shaped_noise(dice: Dice, frames: int, shape: Shape, *, loop: bool) -> Array:
    """One channel of noise whose spectrum moves: grains of white noise, each shaped for its time.

    Neighbouring grains are independent, so sine windows, whose squares add up to 1, keep its
    power even. Looped, the last grain reaches over the end into the start: there is no seam.
    """
    count = -(-frames // HOP) if loop else -(-frames // HOP) + 1
    if loop and frames % HOP:
        raise ValueError("a loop is a whole number of hops")
    freqs: Array = np.fft.rfftfreq(GRAIN, 1 / RATE)[None, :].astype(np.float64)
    first = 0 if loop else -HOP
    starts = first + HOP * np.arange(count, dtype=np.float64)
    times: Array = ((starts + HOP) / frames)[:, None]
    times = times % 1.0 if loop else np.clip(times, 0.0, 1.0)
    spectra = dice.spectrum(count, freqs.size) * shape(times, freqs)
    spectra[:, 0] = 0.0
    window = np.sin(np.pi * (np.arange(GRAIN) + 0.5) / GRAIN)
    grains = np.fft.irfft(spectra, GRAIN, axis=1) * window * np.sqrt(GRAIN)
    out = np.zeros(HOP * (count + 1))
    even, odd = grains[0::2].reshape(-1), grains[1::2].reshape(-1)
    out[: even.size] += even
    out[HOP : HOP + odd.size] += odd
    if loop:
        out[:HOP] += out[frames : frames + HOP]
        return out[:frames]
    return out[HOP : HOP + frames]


def band(freqs: Array, centre: Array | float, octaves: float) -> Array:
    """A bell on the scale of octaves, 1 at its centre."""
    return np.exp(-0.5 * (np.log2(np.maximum(freqs, 1.0) / centre) / octaves) ** 2)


def high_cut(freqs: Array, corner: Array | float, order: int) -> Array:
    return 1 / np.sqrt(1 + (freqs / corner) ** (2 * order))


def low_cut(freqs: Array, corner: float, order: int) -> Array:
    ratio = (freqs / corner) ** order
    return ratio / np.sqrt(1 + ratio**2)


# --- envelopes ---------------------------------------------------------------------------------


def ramp(length: int) -> Array:
    """A raised cosine from 0 to nearly 1."""
    return 0.5 - 0.5 * np.cos(np.pi * np.arange(length) / length)


def smooth(x: Array) -> Array:
    """0 up to 0, 1 from 1 on, without a corner between."""
    x = np.clip(x, 0.0, 1.0)
    return x * x * (3 - 2 * x)


def faded(samples: Array, fade_in: float, fade_out: float) -> Array:
    """Both ends brought to an exact zero over some seconds."""
    samples = samples.copy()
    into, out = round(fade_in * RATE), round(fade_out * RATE)
    samples[:into] *= ramp(into)[:, None]
    samples[-out:] *= ramp(out)[::-1, None]
    samples[0] = samples[-1] = 0.0
    return samples


# --- bowls and bells ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Mode:
    """One way in which struck metal swings.

    Attributes:
        ratio: its frequency, relative to the lowest.
        level: amplitude when struck.
        decay: seconds until it is 60 dB down.
        split: hertz between its two nearly equal halves; no bowl is quite round, so they beat.
    """

    ratio: float
    level: float
    decay: float
    split: float


def strike(
    seed: int,
    seconds: float,
    pitch: float,
    modes: tuple[Mode, ...],
    *,
    mallet: float,
    softness: float,
    knock: float,
    pan: float = 0.0,
) -> Array:
    """One stroke of a padded mallet on a bowl or bell, as two channels.

    Both halves of a mode set out together, one stronger than the other, so that their beat breathes
    and never falls to nothing. They lie at an angle round the rim, each a little nearer to one ear.

    Args:
        pitch: of the lowest mode, in hertz.
        mallet: centre of the sound of the mallet itself, in hertz.
        softness: seconds in which the lowest mode swells; higher ones follow sooner.
        knock: amplitude of the mallet's own sound.
        pan: -1 left to 1 right.
    """
    dice = Dice(seed)
    frames = round(seconds * RATE)
    time = np.arange(frames) / RATE
    out = np.zeros((frames, 2))
    for index, mode in enumerate(modes):
        swell = softness * max(0.4, mode.ratio**-0.4)
        rise = np.ones(frames)
        rise[: round(swell * RATE)] = ramp(round(swell * RATE))
        fall = np.exp(-np.log(1000.0) * time / mode.decay)
        phase = 2 * np.pi * dice.uniform(1)
        for sign, share in ((-1, 0.66), (1, 0.34)):
            freq = pitch * mode.ratio + sign * mode.split / 2
            wave = mode.level * share * np.sin(2 * np.pi * freq * time + phase) * rise * fall
            lean = 0.07 * sign * (-1) ** index
            out += wave[:, None] * np.array([0.53 + lean, 0.53 - lean])
    out += knock * _mallet(dice, frames, mallet)[:, None]
    out *= np.array([min(1.0, 1 - pan), min(1.0, 1 + pan)])
    return out


def _mallet(dice: Dice, frames: int, centre: float) -> Array:
    """The felt itself: a few milliseconds of dull noise."""
    length = 4 * HOP
    noise = shaped_noise(dice, length, lambda _, f: band(f, centre, 0.7), loop=False)
    time = np.arange(length) / RATE
    rise = np.ones(length)
    rise[: round(0.003 * RATE)] = ramp(round(0.003 * RATE))
    out = np.zeros(frames)
    out[:length] = noise / np.max(np.abs(noise)) * rise * np.exp(-time / 0.012)
    return out


def start_bowl() -> Array:
    """A warm singing bowl at 216 Hz under a felt mallet, five pairs of beating modes."""
    modes = (
        Mode(1.0, 1.0, 9.0, 0.55), Mode(2.74, 0.62, 7.0, 0.9), Mode(5.18, 0.26, 4.2, 1.3),
        Mode(8.29, 0.09, 2.2, 1.9), Mode(11.9, 0.03, 1.1, 2.6),
    )  # fmt: skip
    struck = strike(101, 8.0, 216.0, modes, mallet=420, softness=0.014, knock=0.10)
    return faded(struck, 0.001, 2.5)


def interval_bowl() -> Array:
    """A small singing bowl at 523 Hz under a soft mallet, four beating pairs, gone in 5 s."""
    modes = (
        Mode(1.0, 0.90, 5.2, 1.1),
        Mode(2.71, 0.72, 3.6, 1.7),
        Mode(5.14, 0.30, 2.0, 2.4),
        Mode(8.2, 0.08, 1.0, 3.2),
    )
    struck = strike(102, 5.0, 523.0, modes, mallet=620, softness=0.012, knock=0.10)
    return faded(struck, 0.001, 2.0)


def switch_bowls() -> Array:
    """Two bowls, 392 Hz from the left, then 587 Hz from the right: a change of sides."""
    modes = (
        Mode(1.0, 1.0, 6.0, 0.8), Mode(2.81, 0.42, 4.0, 1.3), Mode(5.37, 0.13, 2.2, 1.8),
        Mode(8.6, 0.04, 1.1, 2.4),
    )  # fmt: skip
    low = strike(103, 5.5, 392.0, modes, mallet=700, softness=0.010, knock=0.08, pan=-0.25)
    high = strike(104, 4.9, 587.3, modes, mallet=900, softness=0.009, knock=0.07, pan=0.25)
    both = low
    both[-high.shape[0] :] += 0.9 * high
    return faded(both, 0.001, 2.0)


def end_bowl() -> Array:
    """A deep long bowl at 131 Hz, its modes in three slowly beating groups."""
    modes = (
        Mode(1.0, 1.0, 13.0, 0.34), Mode(1.012, 0.30, 11.0, 0.5),
        Mode(2.69, 0.72, 10.0, 0.62), Mode(2.73, 0.22, 8.0, 0.8),
        Mode(5.09, 0.34, 6.5, 0.95), Mode(5.15, 0.10, 5.0, 1.2),
        Mode(8.1, 0.10, 3.2, 1.5), Mode(11.6, 0.03, 1.6, 2.2),
    )  # fmt: skip
    struck = strike(105, 11.0, 131.0, modes, mallet=260, softness=0.015, knock=0.12)
    return faded(struck, 0.001, 4.0)


def plain_bowl() -> Array:
    """A medium singing bowl at 293 Hz, brighter than the one at the start, five beating pairs."""
    modes = (
        Mode(1.0, 0.85, 7.5, 0.7), Mode(2.83, 0.80, 6.0, 1.1), Mode(5.42, 0.36, 3.6, 1.6),
        Mode(8.7, 0.13, 2.0, 2.1), Mode(12.4, 0.05, 1.0, 3.0),
    )  # fmt: skip
    struck = strike(106, 7.0, 293.0, modes, mallet=560, softness=0.011, knock=0.10)
    return faded(struck, 0.001, 2.5)


def hand_bell() -> Array:
    """A hand bell at 660 Hz with hum, minor third, fifth and octave, softly struck."""
    modes = (
        Mode(0.5, 0.40, 6.5, 0.5), Mode(1.0, 0.75, 4.6, 1.0), Mode(1.19, 0.42, 3.8, 0.9),
        Mode(1.51, 0.22, 2.6, 1.4), Mode(2.0, 0.60, 3.4, 1.7), Mode(2.66, 0.16, 1.6, 2.2),
        Mode(3.01, 0.16, 1.4, 2.4), Mode(4.17, 0.08, 0.9, 3.1), Mode(5.43, 0.03, 0.6, 3.6),
    )  # fmt: skip
    struck = strike(107, 5.5, 660.0, modes, mallet=1100, softness=0.006, knock=0.06)
    return faded(struck, 0.001, 2.0)


# --- breaths -----------------------------------------------------------------------------------


def breath_in() -> Array:
    """Air drawn in: bands of noise that rise in pitch, brightness and level, heard at once."""

    def shape(t: Array, f: Array) -> Array:
        level = smooth(t / 0.03) * (0.40 + 0.60 * smooth(t / 0.88)) * smooth((1 - t) / 0.08)
        whistle = band(f, 420 * 4 ** smooth(t), 0.16)
        air = 0.30 * t**1.2 * band(f, 1500 * 3**t, 0.65)
        return level * (whistle + air)

    return _breath(201, 6.0, shape)


def breath_out() -> Array:
    """Air let go: bands of noise that fall in pitch, brightness and level, heard to the end."""

    def shape(t: Array, f: Array) -> Array:
        level = smooth(t / 0.06) * (0.36 + 0.64 * (1 - smooth(t)) ** 0.8) * smooth((1 - t) / 0.04)
        throat = band(f, 900 * 4.5 ** (-smooth(t)), 0.30)
        air = 0.16 * (1 - t) ** 2 * band(f, 2200 * 3 ** (-t), 0.6)
        return level * (throat + air)

    return _breath(202, 6.0, shape)


def _breath(seed: int, seconds: float, shape: Shape) -> Array:
    """Noise alone, without a tone, so that it can be stretched without a change of pitch."""
    dice = Dice(seed)
    frames = round(seconds * RATE)
    middle, left, right = (shaped_noise(dice, frames, shape, loop=False) for _ in range(3))
    wide = np.column_stack([middle + 0.5 * left, middle + 0.5 * right])
    return faded(wide, 0.05, 0.05)


# --- beds --------------------------------------------------------------------------------------


def rain() -> Array:
    """Rain on leaves and water: a soft wash, a fine patter, and near drops that can be told apart."""
    frames = HOP * 516
    dice = Dice(301)

    def shape(t: Array, f: Array) -> Array:
        gust = 1 + 0.10 * np.sin(2 * np.pi * t) + 0.06 * np.sin(2 * np.pi * (3 * t + 0.2))
        body = low_cut(f, 250, 1) * high_cut(f, 1400, 1) * high_cut(f, 6500, 2)
        return gust * (body + 0.25 * band(f, 350, 0.8))

    channels = [shaped_noise(dice, frames, shape, loop=True) for _ in range(2)]
    wash = np.column_stack(channels)
    unit = float(np.std(wash))
    patter = _ticks(dice, frames, 1400)
    return wash + unit * (3.5 * patter + 9.0 * _drops(dice, frames, 110))


def _ticks(dice: Dice, frames: int, count: int) -> Array:
    """Drops on leaves, anywhere in the circle: each a few milliseconds of bright noise."""
    length = round(0.012 * RATE)
    time = np.arange(length) / RATE
    shape = np.minimum(1.0, time / 0.0008) * np.exp(-time / 0.0022)
    out = np.zeros((frames, 2))
    places = (dice.uniform(count) * frames).astype(np.int64)
    nearness = dice.uniform(count) ** 2
    sides = dice.between(0.1, 0.9, count)
    grains = dice.between(-1.0, 1.0, count, length)
    for place, near, side, grain in zip(places, nearness, sides, grains, strict=True):
        # Every two neighbours averaged: leaves are not as sharp as white noise.
        tick = near * shape * (grain + np.roll(grain, 1)) / 2
        where = (place + np.arange(length)) % frames
        out[where, 0] += np.sqrt(1 - side) * tick
        out[where, 1] += np.sqrt(side) * tick
    return out


def _drops(dice: Dice, frames: int, count: int) -> Array:
    """Drops into water, anywhere in the circle: the air they take down rings, rising in pitch."""
    length = round(0.09 * RATE)
    time = np.arange(length) / RATE
    rise = np.minimum(1.0, time / 0.002)
    out = np.zeros((frames, 2))
    # One in each stretch of the circle, so that there is never a crowd nor a long gap.
    places = ((np.arange(count) + dice.uniform(count)) / count * frames).astype(np.int64)
    pitches = 620 * 3.2 ** dice.uniform(count)
    nearness = 0.25 + 0.75 * dice.uniform(count) ** 2
    sides = dice.between(0.15, 0.85, count)
    for place, pitch, near, side in zip(places, pitches, nearness, sides, strict=True):
        fall = np.exp(-time * pitch / 22.0) * smooth((time[-1] - time) / 0.01)
        blip = near * rise * fall * np.sin(2 * np.pi * pitch * (time + 2.5 * time**2))
        where = (place + np.arange(length)) % frames
        out[where, 0] += np.sqrt(1 - side) * blip
        out[where, 1] += np.sqrt(side) * blip
    return out


@dataclass(frozen=True)
class Wave:
    """One wave that comes in and runs out.

    Attributes:
        start: when it begins, in seconds on the circle.
        seconds: how long it lasts.
        strength: its amplitude.
        crest: when it breaks, as a share of its length.
        bright: highest corner of its spectrum, in hertz.
        side: where it breaks, from 0 on the left to 1 on the right.
    """

    start: float
    seconds: float
    strength: float
    crest: float
    bright: float
    side: float


WHOLE = 0.45
"""What the sea is filled up to between its waves: a share of the power of the greatest wave."""
LEAST = 0.08
"""What is left of the wash under a wave, likewise."""


def sea() -> Array:
    """Waves of which no two are alike, over the wash of a distant shore; 66 s without a period."""
    frames = HOP * 1421
    circle = frames / RATE
    dice = Dice(302)
    waves = _waves(dice, circle)

    def breaking(t: Array, f: Array, side: Callable[[Wave], float]) -> Array:
        power = np.zeros((t.size, f.size))
        for wave in waves:
            u = ((t * circle - wave.start) % circle) / wave.seconds
            swell = smooth(u / wave.crest) * (1 - smooth((u - wave.crest) / (1 - wave.crest)))
            now = np.flatnonzero(swell > 0.0)
            bright = 450 + wave.bright * smooth(u[now] / wave.crest) * (
                1 - smooth((u[now] - wave.crest) / 0.5)
            )
            colour = low_cut(f, 120, 1) * high_cut(f, bright, 1) * high_cut(f, 6000, 2)
            power[now] += side(wave) * (wave.strength * swell[now] ** 1.4 * colour) ** 2
        return power

    def channel(side: Callable[[Wave], float]) -> Shape:
        def shape(t: Array, f: Array) -> Array:
            # The wash makes way for a wave, so that a wave is heard by its colour and its place
            # while the whole stays about as loud: whoever follows a voice over it isn't disturbed.
            weight = np.abs(k_weight(f)) ** 2
            wash = (low_cut(f, 90, 1) * high_cut(f, 480, 1) * high_cut(f, 2200, 2)) ** 2
            loud = np.sum(breaking(t, f, lambda _: 1.0) * weight, axis=1, keepdims=True)
            room = np.maximum(WHOLE * np.max(loud) - loud, LEAST * np.max(loud))
            return np.sqrt(breaking(t, f, side) + room / np.sum(wash * weight) * wash)

        return shape

    left = shaped_noise(dice, frames, channel(lambda w: 2 * (1 - w.side)), loop=True)
    right = shaped_noise(dice, frames, channel(lambda w: 2 * w.side), loop=True)
    return np.column_stack([left, right])


def _waves(dice: Dice, circle: float) -> tuple[Wave, ...]:
    """Waves from 4 to 11 s apart, each with a strength, length, colour and side of its own."""
    found: list[Wave] = []
    at = 0.0
    while at < circle - 4.0:
        seconds, strength, crest, bright, side, gap = dice.uniform(6)
        found.append(
            Wave(
                at,
                7.0 + 6.0 * seconds,
                0.45 + 0.55 * strength,
                0.32 + 0.16 * crest,
                1400 + 2200 * bright,
                0.25 + 0.5 * side,
            )
        )
        at += 4.0 + 7.0 * gap
    return tuple(found)


def drone() -> Array:
    """A warm chord on 98 Hz with tones that a phone can play, beating slowly; whole cycles only."""
    frames = HOP * 430
    seconds = frames / RATE
    dice = Dice(303)
    time = np.arange(frames) / RATE
    out = np.zeros((frames, 2))
    tones = {
        49.0: 0.15, 98.0: 0.70, 147.0: 0.45, 196.0: 0.50, 246.9: 0.12, 294.0: 0.32,
        392.0: 0.34, 490.0: 0.14, 588.0: 0.22, 784.0: 0.15, 980.0: 0.06, 1176.0: 0.05,
    }  # fmt: skip
    for pitch, level in tones.items():
        middle = round(pitch * seconds)
        for step, share in ((-2, 0.25), (-1, 0.35), (0, 1.0), (1, 0.4), (2, 0.3)):
            phase, side = dice.uniform(2)
            wave = np.sin(2 * np.pi * ((middle + step) / seconds * time + phase))
            gains = np.sqrt([0.75 - 0.5 * side, 0.25 + 0.5 * side])
            out += level * share * wave[:, None] * gains
    return out


# --- levels ------------------------------------------------------------------------------------


def k_weight(freqs: Array) -> NDArray[np.complex128]:
    """The weighting of ITU-R BS.1770, which hears as the ear does, at some frequencies."""
    z = np.exp(-2j * np.pi * freqs / 48_000)
    shelf = (1.53512485958697 - 2.69169618940638 * z + 1.19839281085285 * z**2) / (
        1 - 1.69065929318241 * z + 0.73248077421585 * z**2
    )
    high = (1 - 2 * z + z**2) / (1 - 1.99004745483398 * z + 0.99007225036621 * z**2)
    return np.asarray(shelf * high)


def k_weighted(samples: Array) -> Array:
    """The samples through that weighting."""
    size = 1 << int(np.ceil(np.log2(samples.shape[0] + RATE)))
    weight = k_weight(np.fft.rfftfreq(size, 1 / RATE))[:, None]
    spectrum = np.fft.rfft(samples, size, axis=0) * weight
    return np.fft.irfft(spectrum, size, axis=0)[: samples.shape[0]]


def powers(samples: Array, window: float) -> Array:
    """Weighted power of every stretch of some seconds, a hundredth of a second apart."""
    power = np.sum(k_weighted(samples) ** 2, axis=1)
    total = np.concatenate([[0.0], np.cumsum(power)])
    length = round(window * RATE)
    starts = np.arange(0, power.size - length + 1, RATE // 100)
    return np.asarray((total[starts + length] - total[starts]) / length)


def loudness(samples: Array, kind: str) -> float:
    """LUFS of the loudest stretch of a chime or breath; of the whole of a bed, gated."""
    if kind in WINDOWS:
        power = float(np.max(powers(samples, WINDOWS[kind])))
    else:
        blocks = powers(samples, 0.4)
        power = float(np.mean(blocks, where=blocks > np.mean(blocks) / 10))
    return float(-0.691 + 10 * np.log10(power))


# --- the files ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Recipe:
    """A sound that ships.

    Attributes:
        make: gives its samples at any level; its docstring says what it is.
        strike: seconds a chime takes as a step's own cue; 0 for the other kinds.
    """

    name: str
    kind: str
    make: Callable[[], Array]
    strike: float = 0.0

    @property
    def nature(self) -> str:
        return self.make.__doc__ or ""


RECIPES = (
    Recipe("start", "chime", start_bowl, 3.0),
    Recipe("interval", "chime", interval_bowl, 2.0),
    Recipe("switch", "chime", switch_bowls, 2.5),
    Recipe("end", "chime", end_bowl, 3.0),
    Recipe("bowl", "chime", plain_bowl, 3.0),
    Recipe("bell", "chime", hand_bell, 2.0),
    Recipe("breath-in", "breath", breath_in),
    Recipe("breath-out", "breath", breath_out),
    Recipe("rain", "bed", rain),
    Recipe("sea", "bed", sea),
    Recipe("drone", "bed", drone),
)


@dataclass(frozen=True)
class Made:
    """A finished sound: 16-bit samples, the file's bytes, its loudness in LUFS."""

    recipe: Recipe
    samples: NDArray[np.int16]
    data: bytes
    loudness: float

    @property
    def file(self) -> str:
        return f"{self.recipe.name}.flac"


WINDOWS = {"chime": 0.4, "breath": 1.5}
TARGETS = {"chime": CHIME_LOUDNESS, "breath": BREATH_LOUDNESS, "bed": BED_LOUDNESS}


def make(recipe: Recipe) -> Made:
    """One sound, levelled and rounded to 16 bits."""
    samples = recipe.make()
    gain = TARGETS[recipe.kind] - loudness(samples, recipe.kind)
    if recipe.kind == "chime":
        gain = min(gain, CHIME_PEAK - 20 * np.log10(np.max(np.abs(samples))))
    # A rounded gain keeps the last digits of the measurement out of the samples.
    gain = round(gain, 2)
    whole = np.rint(samples * (10 ** (gain / 20) * 32768)).astype(np.int16)
    file = io.BytesIO()
    soundfile.write(file, whole, RATE, format="FLAC", subtype="PCM_16")
    return Made(recipe, whole, file.getvalue(), loudness(whole / 32768.0, recipe.kind))


HEADER = """\
# The sounds that ship. Written by generate.py; do not edit.
#
# format          1, the format of this file
# encoder         what wrote the FLAC files; another version may give other bytes, same samples
#
# One [[sound]] each:
# name            lower case letters, digits and hyphens
# kind            "chime", "breath" or "bed"
# file            in this folder
# nature          what it is and how it was made
# licence         under which it may be used
# loudness        LUFS: a chime's loudest 0.4 s, a breath's loudest 1.5 s, the whole of a bed
# seconds         its length, to the frame
# strike          chimes only: seconds after which what follows starts, while the chime fades
# samples_sha256  of the 16-bit little-endian samples, channels interleaved
#
# A breath is stretched to the length of its phase. While the breath is held there is no sound:
# rising is in, falling is out, silence is hold. Beds loop from the last sample to the first.
"""


def encoder() -> str:
    return f"libsndfile {soundfile.__libsndfile_version__}"


def manifest(sounds: list[Made]) -> str:
    """The text of manifest.toml."""
    parts = [HEADER, f'format = 1\nencoder = "{encoder()}"\n']
    for made in sounds:
        recipe = made.recipe
        digest = hashlib.sha256(made.samples.astype("<i2").tobytes()).hexdigest()
        strike_line = f"strike = {recipe.strike}\n" if recipe.strike else ""
        parts.append(
            f'[[sound]]\nname = "{recipe.name}"\nkind = "{recipe.kind}"\nfile = "{made.file}"\n'
            f'nature = "{recipe.nature}"\nlicence = "CC BY 4.0, the voiceguide authors"\n'
            f"loudness = {made.loudness:.1f}\nseconds = {made.samples.shape[0] / RATE:.6f}\n"
            f'{strike_line}samples_sha256 = "{digest}"\n'
        )
    return "\n".join(parts)


def check(sounds: list[Made], folder: Path) -> tuple[list[str], list[str]]:
    """How the sounds of a folder differ from these.

    Returns:
        what differs, and what differs only because another encoder wrote it; a sentence each.
    """
    path = folder / MANIFEST
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    shipped_encoder = "".join(line for line in text.splitlines() if line.startswith("encoder"))
    here = f'encoder = "{encoder()}"'
    wrong, encoded = [], []
    if text.replace(shipped_encoder or here, here) != manifest(sounds):
        wrong.append(f"{MANIFEST} differs")
    for made in sounds:
        path = folder / made.file
        if not path.is_file():
            wrong.append(f"{made.file} is missing")
        elif path.read_bytes() != made.data:
            samples, rate = soundfile.read(path, dtype="int16")
            if rate != RATE or not np.array_equal(samples, made.samples):
                wrong.append(f"{made.file} differs")
            elif shipped_encoder == here:
                wrong.append(f"{made.file} differs in its encoding")
            else:
                encoded.append(
                    f"{made.file} has the same samples, encoded otherwise by {encoder()}"
                )
    return wrong, encoded


def main() -> int:
    """Run from the command line; the exit code is 1 where a check finds a difference."""
    parser = argparse.ArgumentParser(description="Make the sounds that ship.")
    parser.add_argument("--check", action="store_true", help="write nothing, say what differs")
    arguments = parser.parse_args()
    sounds = [make(recipe) for recipe in RECIPES]
    if arguments.check:
        wrong, encoded = check(sounds, FOLDER)
        sys.stdout.write("".join(f"{sentence}\n" for sentence in wrong + encoded))
        return 1 if wrong else 0
    for made in sounds:
        (FOLDER / made.file).write_bytes(made.data)
        peak = 20 * np.log10(np.max(np.abs(made.samples.astype(np.int32))) / 32768)
        sys.stdout.write(
            f"{made.file:16} {made.samples.shape[0] / RATE:6.2f} s  {made.loudness:6.1f} LUFS  "
            f"peak {peak:6.1f} dBFS  {len(made.data) / 1000:7.0f} kB\n"
        )
    (FOLDER / MANIFEST).write_text(manifest(sounds), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
