"""How loud a clip is, however short: integrated loudness and true peak after ITU-R BS.1770-4."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING

import numpy as np

from voiceguide.units import to_factor

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Doubles = NDArray[np.float64]

SILENCE = float("-inf")
"""What is measured where there is nothing to hear, in LUFS or dBTP."""

CELL = 10
"""Cells a second for which energies are told."""

_OFFSET = -0.691
_GATE = -70.0
_FFT = 32_768
_TAIL = 4_096
"""Length of the weighting filter's answer in frames; beyond it less than -150 dB are left."""

_ROWS = 8
"""Transforms done at once: more only take memory, and time once they leave the cache."""

_REACH = 16
_PHASES = (0.25, 0.5, 0.75)


def biquads(rate: int) -> tuple[tuple[Doubles, Doubles], tuple[Doubles, Doubles]]:
    """The two filters of K-weighting at a rate: (b, a) of the shelf, then of the high pass.

    At 48 kHz they are those printed in BS.1770; at other rates the same analogue filters,
    brought over by the bilinear transform.
    """
    k = math.tan(math.pi * 1681.974450955533 / rate)
    q = 0.7071752369554196
    top = to_factor(3.999843853973347)
    middle = top**0.4996667741545416
    scale = 1 + k / q + k * k
    feed = [top + middle * k / q + k * k, 2 * (k * k - top), top - middle * k / q + k * k]
    back = [scale, 2 * (k * k - 1), 1 - k / q + k * k]
    shelf = (np.array(feed) / scale, np.array(back) / scale)
    k = math.tan(math.pi * 38.13547087602444 / rate)
    q = 0.5003270373238773
    scale = 1 + k / q + k * k
    back = [scale, 2 * (k * k - 1), 1 - k / q + k * k]
    return shelf, (np.array([1.0, -2.0, 1.0]), np.array(back) / scale)


def _response(rate: int, size: int) -> NDArray[np.complex128]:
    """The weighting's gain at each bin of a real transform of that size."""
    z = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    powers = np.stack([np.ones_like(z), z, z * z])
    gain = np.ones(len(z), np.complex128)
    for b, a in biquads(rate):
        gain *= (b @ powers) / (a @ powers)
    return gain


@functools.lru_cache(maxsize=4)
def _kernel(rate: int) -> NDArray[np.complex64]:
    """Transform of the weighting filter, cut to `_TAIL` frames, for convolving at size `_FFT`."""
    answer = np.fft.irfft(_response(rate, 4 * _FFT))[:_TAIL]
    return np.fft.rfft(answer, _FFT).astype(np.complex64)


def _weighted(column: Floats, rate: int) -> Floats:
    """One channel K-weighted, after silence; float32 of shape (frames,)."""
    step = _FFT - _TAIL
    count = -(-len(column) // step)
    padded = np.pad(column, (_TAIL, count * step - len(column)))
    parts = np.lib.stride_tricks.sliding_window_view(padded, _FFT)[::step]
    fresh = np.empty((count, step), np.float32)
    for at in range(0, count, _ROWS):
        spectrum = np.fft.rfft(parts[at : at + _ROWS], axis=1) * _kernel(rate)
        fresh[at : at + _ROWS] = np.fft.irfft(spectrum, _FFT, axis=1)[:, _TAIL:]
    return fresh.reshape(-1)[: len(column)]


def _energy_to_lufs(energy: float) -> float:
    return _OFFSET + 10 * math.log10(energy) if energy > 0 else SILENCE


def _gated(blocks: Doubles) -> float:
    """Loudness of 400 ms blocks, each given as the sum of its channels' mean squares."""
    loud = blocks[blocks > 10 ** ((_GATE - _OFFSET) / 10)]
    if not len(loud):
        return SILENCE
    # The relative gate lies 10 LU, a tenth of the energy, under the mean of what passed the first.
    return _energy_to_lufs(float(loud[loud > loud.mean() / 10].mean()))


@functools.lru_cache(maxsize=1)
def _interpolator() -> Floats:
    """Windowed sincs, shape (phases, 2 * _REACH): the values between frame 0 and frame 1."""
    at = np.arange(1 - _REACH, _REACH + 1)[:, None] - np.array(_PHASES)[None, :]
    taps = np.sinc(at) * np.i0(9 * np.sqrt(np.maximum(0, 1 - (at / _REACH) ** 2))) / np.i0(9.0)
    return np.ascontiguousarray((taps / taps.sum(axis=0)).T, np.float32)


def between(channel: Floats, frames: NDArray[np.int64]) -> Floats:
    """The largest magnitude at, and at the three quarter steps after, some frames of one channel.

    Args:
        channel: float32, shape (n,).
        frames: indices into it, shape (k,).

    Returns:
        float32, shape (k,).
    """
    padded = np.pad(channel, (_REACH - 1, _REACH + 1))
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * _REACH)
    found = np.abs(channel[frames])
    for first in range(0, len(frames), 65_536):  # gathers 8 MB at a time
        part = frames[first : first + 65_536]
        # Not a matrix product: its threads would cost more than they do, and differ by machine.
        values = np.einsum("ij,kj->ki", windows[part], _interpolator())
        peaks = np.abs(values).max(axis=0)
        found[first : first + 65_536] = np.maximum(found[first : first + 65_536], peaks)
    return found


def _peak(channel: Floats) -> float:
    """The true peak of one channel as a factor."""
    if not len(channel):
        return 0.0
    highest = float(np.abs(channel).max())
    # A peak between two frames hides at most about 6 dB above both of them.
    near = np.flatnonzero(np.abs(channel) > highest / 2)
    if not len(near):
        return highest
    near = np.unique(np.concatenate([near, np.maximum(near - 1, 0)]))
    return max(highest, float(np.max(between(channel, near))))


def as_columns(samples: Floats) -> Floats:
    """Samples of shape (frames,) or (frames, channels) as (frames, channels)."""
    return samples[:, None] if samples.ndim == 1 else samples


def to_db(factor: float) -> float:
    """A factor in decibels.

    >>> to_db(10.0)
    20.0
    """
    return 20 * math.log10(factor) if factor > 0 else SILENCE


def true_peak(samples: Floats) -> float:
    """The true peak (four times oversampled) in dBTP.

    Args:
        samples: float32, shape (frames,) or (frames, channels).
    """
    return to_db(max(_peak(np.ascontiguousarray(column)) for column in as_columns(samples).T))


def loudness(samples: Floats, rate: int) -> float:
    """How loud a clip is, in LUFS, however short.

    Gated over 400 ms as BS.1770 says, every 10 ms so that a short sentence is covered to its end;
    a clip of less than 400 ms is taken as one block over the part of it that sounds.

    Args:
        samples: float32, shape (frames,) or (frames, channels).
        rate: in hertz.
    """
    columns = as_columns(samples)
    if not len(columns):
        return SILENCE
    hop = rate // 100
    square = np.zeros(len(columns))
    for column in columns.T:
        square += np.square(_weighted(column, rate))
    count = len(columns) // hop
    if count < 40:
        return _active(square, hop)
    hops = square[: count * hop].reshape(count, hop).mean(axis=1)
    sums = np.concatenate([[0.0], np.cumsum(hops)])
    return _gated((sums[40:] - sums[:-40]) / 40)


def energies(samples: Floats, rate: int) -> Floats:
    """K-weighted energy of a clip, a tenth of a second at a time.

    Args:
        samples: float32, shape (frames,) or (frames, channels), of one channel or two.
        rate: in hertz.

    Returns:
        float32, shape (cells, 2), in seconds of full scale: what the clip brings to a stereo
        session, both channels added, and what it brings to a mono one.
    """
    columns = as_columns(samples)
    weighted = [_weighted(np.ascontiguousarray(column), rate) for column in columns.T]
    if len(weighted) == 1:
        one = _cells(weighted[0], rate)
        both = 2 * one
    else:
        both = _cells(weighted[0], rate) + _cells(weighted[1], rate)
        one = _cells((weighted[0] + weighted[1]) * np.float32(0.5), rate)
    return np.stack([both, one], axis=1).astype(np.float32)


def _cells(weighted: Floats, rate: int) -> Doubles:
    """Energy of each cell, the last one perhaps cut."""
    starts = np.arange(0, len(weighted), rate // CELL)
    square = np.square(weighted, dtype=np.float64)
    sums: Doubles = np.add.reduceat(square, starts) if len(starts) else np.zeros(0)
    return sums / rate


def steady(seconds: float, lufs: float) -> Floats:
    """The energies of a mono clip that is equally loud throughout.

    Args:
        lufs: measured on the mono clip itself.
    """
    one = 10 ** ((lufs - _OFFSET) / 10) / CELL
    cells = max(1, math.ceil(seconds * CELL))
    return np.tile(np.array([2 * one, one], np.float32), (cells, 1))


def gated(cells: Doubles) -> float:
    """Integrated loudness of a session in LUFS, from the energies of all its cells.

    Args:
        cells: in seconds of full scale, all channels added, shape (cells,).
    """
    padded = np.pad(cells, (0, max(0, 4 - len(cells))))
    sums = np.concatenate([[0.0], np.cumsum(padded, dtype=np.float64)])
    return _gated((sums[4:] - sums[:-4]) * CELL / 4)


def _active(square: Doubles, hop: int) -> float:
    """Loudness of what lies within 25 dB of the loudest 10 ms of a clip of under 400 ms."""
    hops = np.array([square[at : at + hop].mean() for at in range(0, len(square), hop)])
    return _energy_to_lufs(float(hops[hops >= hops.max() / 316].mean()))
