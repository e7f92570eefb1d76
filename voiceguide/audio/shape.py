"""The work on a clip before it is placed: trim, resample, level, fade.

Silence is found, and gain and fades are done by pydub, on 32-bit samples; soxr resamples. Samples
are float32, of shape (frames,) or (frames, channels), full scale at -1 and 1.
"""

from __future__ import annotations

import functools
import math
import threading
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from voiceguide.audio import RATE, AudioFormat
from voiceguide.audio.loudness import as_columns, between, loudness, to_db
from voiceguide.errors import SoundError
from voiceguide.units import to_factor

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from voiceguide.audio import Samples

VOICE_LUFS = -15.5
"""Loudness of the voice in a session: a clip on both channels of a stereo file, in LUFS.

Half a unit above what a whole session has, since the gaps around words count in part.
"""

CLIP_LUFS = VOICE_LUFS - 10 * math.log10(2)
"""The same, measured on the mono clip itself (or on a mono session)."""

CLIP_PEAK = -3.0
"""Highest true peak of a voice clip, in dBTP."""

_HEADROOM = 16.0
"""pydub's samples stand this factor below full scale, so that gain never clips in between."""

_FLOOR_DB = -55.0
"""Under a clip's peak by this much begins its silence: the hiss of a soft f or s lies above."""

_QUIETEST_DB = -70.0
"""A clip whose peak lies under this has nothing that can be heard, in dBFS."""


_importing = threading.Lock()


@functools.lru_cache(maxsize=1)
def pydub() -> Any:
    """The pydub package, imported without its word about ffmpeg."""
    with _importing, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pydub
        import pydub.silence
    return pydub


def _segment(samples: Samples, rate: int) -> Any:
    scaled = np.clip(samples.astype(np.float64) / _HEADROOM, -1.0, 1.0) * (2**31 - 1)
    channels = samples.shape[1] if samples.ndim == 2 else 1
    return pydub().AudioSegment(
        data=np.rint(scaled).astype("<i4").tobytes(),
        sample_width=4,
        frame_rate=rate,
        channels=channels,
    )


def _samples(segment: Any, like: Samples) -> Samples:
    data = np.frombuffer(segment.raw_data, "<i4").astype(np.float32) * np.float32(_HEADROOM / 2**31)
    return data.reshape(-1, like.shape[1]) if like.ndim == 2 else data


def conform(samples: Samples, rate: int, format: AudioFormat) -> Samples:  # noqa: A002
    """Samples of any rate and number of channels at a format's.

    One channel sounds in the middle; two become one by their mean; of more than two the first
    two are left and right and the others go to both, quieter.

    Args:
        samples: shape (frames,) or (frames, channels).

    Returns:
        float32, shape (frames, format.channels).
    """
    columns = as_columns(np.asarray(samples, np.float32))
    if columns.shape[1] > 2:
        others = columns[:, 2:].mean(axis=1, keepdims=True)
        mixed = (columns[:, :2] + np.float32(0.7) * others) / np.float32(1.7)
        columns = mixed.astype(np.float32, copy=False)
    if columns.shape[1] == 2 and format.channels == 1:
        columns = columns.mean(axis=1, keepdims=True)
    if rate != format.rate and len(columns):
        import soxr

        columns = np.asarray(soxr.resample(columns, rate, format.rate, "HQ"), np.float32)
    if columns.shape[1] < format.channels:
        columns = np.repeat(columns, format.channels, axis=1)
    return np.ascontiguousarray(columns)


def trim(samples: Samples, rate: int, *, before: float = 0.02, after: float = 0.05) -> Samples:
    """Samples without the silence at their ends, but for some seconds before and after the words.

    Silence is what lies 55 dB under the clip's peak, so that neither a soft first consonant nor a
    last s is cut. Samples that are silent throughout come back empty.
    """
    segment = _segment(samples, rate)
    offset = to_db(_HEADROOM)
    if segment.max_dBFS + offset < _QUIETEST_DB:
        return samples[:0]
    floor = segment.max_dBFS + _FLOOR_DB
    find = pydub().silence.detect_leading_silence
    lead = find(segment, silence_threshold=floor, chunk_size=5) / 1000
    trail = find(segment.reverse(), silence_threshold=floor, chunk_size=5) / 1000
    first = max(0, round((lead - before) * rate))
    last = len(samples) - max(0, round((trail - after) * rate))
    return samples[first:last]


def fade(samples: Samples, rate: int, *, start: float = 0.004, end: float = 0.008) -> Samples:
    """Samples that begin and end without a click: faded over some seconds, by the millisecond."""
    return _rise(_rise(samples, rate, start)[::-1], rate, end)[::-1]


def _rise(samples: Samples, rate: int, seconds: float) -> Samples:
    """Samples that begin at nothing."""
    length = min(round(seconds * rate), len(samples) // 2)
    milliseconds = round(1000 * length / rate)
    if not milliseconds:
        return samples
    # pydub cuts at milliseconds and may lose a frame at the end, so it gets more than it fades.
    head = _segment(samples[: length + rate // 50], rate).fade_in(milliseconds)
    risen = samples.copy()
    risen[:length] = _samples(head, samples)[:length]
    return risen


def gain(samples: Samples, rate: int, db: float) -> Samples:
    """Samples louder by some decibels, or quieter."""
    return _samples(_segment(samples, rate).apply_gain(db), samples)


def _least_around(values: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
    """The least value from `reach` before to `reach` after each index, in linear time."""
    width = 2 * reach + 1
    extra = -(len(values) + 2 * reach) % width
    rows = np.pad(values, (reach, reach + extra), constant_values=1.0).reshape(-1, width)
    ahead = np.minimum.accumulate(rows, axis=1).ravel()
    behind = np.minimum.accumulate(rows[:, ::-1], axis=1)[:, ::-1].ravel()
    count = len(values)
    return np.minimum(behind[:count], ahead[width - 1 : width - 1 + count])


def _mean_around(values: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
    sums = np.cumsum(np.pad(values, (reach + 1, reach), mode="edge"))
    return np.asarray((sums[2 * reach + 1 :] - sums[: -2 * reach - 1]) / (2 * reach + 1))


def limit(samples: Samples, rate: int, ceiling_dbtp: float) -> Samples:
    """Samples whose true peak keeps below a ceiling: turned down smoothly around each peak.

    The gain moves over 5 ms on either side of a peak, which is heard as a hair less loud and not
    as distortion. Samples under the ceiling come back as they are.
    """
    ceiling = to_factor(ceiling_dbtp)
    columns = as_columns(samples)
    peaks = np.zeros(len(samples), np.float32)
    for column in columns.T:
        channel = np.ascontiguousarray(column)
        near = np.flatnonzero(np.abs(channel) > ceiling / 2)
        peaks[near] = np.maximum(peaks[near], between(channel, near))
    over = np.flatnonzero(peaks > ceiling)
    if not len(over):
        return samples
    # Twice a mean over half the reach stays inside the least, so no peak gets past.
    reach = max(1, rate // 400)
    # Further from a peak than all three reach, nothing changes: only what is nearer is worked on.
    touched = _around(over, 4 * reach, len(samples))
    needed = np.minimum(1.0, ceiling / np.maximum(peaks[touched], 1e-9).astype(np.float64))
    smooth = _mean_around(_mean_around(_least_around(needed, 2 * reach), reach), reach)
    limited = columns.astype(np.float32)
    limited[touched] *= smooth.astype(np.float32)[:, None]
    return limited.reshape(samples.shape)


def _around(frames: NDArray[np.intp], reach: int, count: int) -> NDArray[np.intp]:
    """The frames up to `reach` before and after some, of `count` in all; both ascending."""
    gaps = np.flatnonzero(np.diff(frames) > 2 * reach)
    firsts = frames[np.concatenate([[0], gaps + 1])] - reach
    lasts = frames[np.concatenate([gaps, [len(frames) - 1]])] + reach + 1
    spans = zip(firsts.clip(0), lasts.clip(max=count), strict=True)
    return np.concatenate([np.arange(first, last) for first, last in spans])


def _energy(samples: Samples) -> float:
    flat = samples.ravel()
    return float(np.einsum("i,i->", flat, flat, dtype=np.float64))


def level(
    samples: Samples,
    rate: int,
    target_lufs: float = CLIP_LUFS,
    ceiling_dbtp: float = CLIP_PEAK,
) -> Samples:
    """Samples brought to a loudness, the few peaks above the ceiling turned down.

    Raises:
        SoundError: they are silent.
    """
    found = loudness(samples, rate)
    if not math.isfinite(found):
        raise SoundError("the sound is silent")
    loud = gain(samples, rate, target_lufs - found)
    limited = limit(loud, rate, ceiling_dbtp)
    # What the limiter takes away in loudness is given back, once.
    lost = 10 * math.log10(_energy(loud) / _energy(limited))
    if lost < 0.1:
        return limited
    return limit(gain(loud, rate, lost), rate, ceiling_dbtp)


def voice_clip(samples: Samples, rate: int) -> NDArray[np.int16]:
    """What a voice engine gave, as it is kept and played: trimmed, 44.1 kHz, levelled, faded.

    Args:
        samples: float32, shape (frames,).
        rate: in hertz.

    Returns:
        int16, shape (frames,), at `RATE`.

    Raises:
        SoundError: nothing in it can be heard.
    """
    words = trim(samples, rate)
    if not len(words):
        raise SoundError("the sound is silent")
    clip = conform(words, rate, AudioFormat(RATE, 1))[:, 0]
    clip = fade(level(clip, RATE), RATE)
    whole: NDArray[np.int16] = np.clip(np.rint(clip * 32_768), -32_768, 32_767).astype(np.int16)
    return whole
