"""The mixer: the same samples however they are asked for, each sound at its frame, nothing too loud."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import fftconvolve
from script_strategy import options, scripts
from world import timeline_of

from voiceguide.audio import RATE, ArrayClip, AudioFormat, Clip
from voiceguide.audio.loudness import loudness
from voiceguide.mix import CEILING, QUANTUM, blocks
from voiceguide.plan import Options
from voiceguide.session import Request, compile  # noqa: A004
from voiceguide.timeline import Chapter, Event, Timeline
from voiceguide.units import Frames

STEREO, MONO = AudioFormat(44_100, 2), AudioFormat(44_100, 1)


def _noise(frames: int, channels: int = 1, level: float = 0.1, seed: int = 1) -> Clip:
    rng = np.random.default_rng(seed)
    return ArrayClip((level * rng.uniform(-1, 1, (frames, channels))).astype(np.float32))


def _timeline(events: list[Event], frames: int, format_: AudioFormat = STEREO) -> Timeline:
    chapter = Chapter("All", Frames(0), Frames(frames))
    return Timeline(
        format_, Frames(frames), (chapter,), tuple(sorted(events, key=lambda e: e.start))
    )


def _event(start: int, clip: Clip, key: str = "a", **more: Any) -> Event:
    frames = more.pop("frames", clip.frames)
    return Event("sound", Frames(start), Frames(frames), clip=key, **more)


def _whole(timeline: Timeline, clips: Any, **asked: int) -> np.ndarray:
    parts = list(blocks(timeline, clips, **asked))
    return np.concatenate(parts) if parts else np.zeros((0, timeline.format.channels), np.float32)


class _Clips:
    """Noise of its own for every key; as loud as they come, so that the limiter works."""

    def __init__(self, timeline: Timeline, level: float = 0.5) -> None:
        self._frames = {e.clip: e.frames for e in timeline.events if e.clip}
        self._level = level
        self._made: dict[str, Clip] = {}

    def __call__(self, key: str) -> Clip:
        if key not in self._made:
            frames = 5000 if "rain" in key or "sea" in key else self._frames[key]
            self._made[key] = _noise(frames, 1 + len(key) % 2, self._level, seed=len(self._made))
        return self._made[key]


@settings(max_examples=10, deadline=None)
@given(
    scripts(), options(), st.sampled_from([1, 2]), st.integers(1, 40_000), st.floats(0, 1),
    st.sampled_from([0.05, 0.9]),
)  # fmt: skip
def test_blocks_joined_are_the_same(
    text: str, asked: Options, channels: int, size: int, share: float, level: float
) -> None:
    """Whatever the block size and wherever one starts, bit for bit; and never above the ceiling."""
    written = timeline_of(text, asked)
    timeline = Timeline(
        AudioFormat(1000, channels), written.frames, written.chapters, written.events
    )
    clips = _Clips(timeline, level)
    whole = _whole(timeline, clips)
    assert whole.shape == (timeline.frames, channels) and whole.dtype == np.float32
    assert np.abs(whole).max(initial=0.0) <= CEILING + 1e-6
    size = max(size, timeline.frames // 100)
    parts = list(blocks(timeline, clips, size=size))
    assert all(len(part) == size for part in parts[:-1])
    assert np.array_equal(np.concatenate(parts), whole)
    start = int(share * timeline.frames)
    assert np.array_equal(_whole(timeline, clips, start=start, size=size), whole[start:])


@pytest.mark.parametrize(
    "start", [0, 1, QUANTUM - 1, QUANTUM, QUANTUM + 1, 5 * QUANTUM, 99_999, 100_000]
)
def test_any_start(start: int) -> None:
    """Blocks from a frame on are the tail, also at the edges and past the end."""
    clip = _noise(60_000, level=0.9)
    timeline = _timeline([_event(0, clip), _event(30_000, clip, gain=0.9)], 100_000)
    whole = _whole(timeline, lambda _: clip)
    assert np.array_equal(_whole(timeline, lambda _: clip, start=start), whole[start:])


def test_gains_envelopes_and_loops() -> None:
    """A clip's samples times its gain times its curve, again and again where it loops."""
    clip = _noise(1000, 2)
    curve = ((0, 0.0), (10_000, 1.0), (20_000, 0.5))
    event = _event(0, clip, frames=30_000, loop=True, gain=0.5, envelope=curve)
    found = _whole(_timeline([event], 30_000), lambda _: clip)
    gain = np.interp(np.arange(30_000), [0, 10_000, 20_000], [0.0, 1.0, 0.5]) * 0.5
    expected = np.tile(clip.read(0, 1000), (30, 1)) * gain[:, None]
    assert np.abs(found - expected).max() < 1e-6


@pytest.mark.parametrize("channels", [1, 2])
def test_channels(channels: int) -> None:
    """A mono clip sounds in the middle, a stereo one is brought to mono by its mean."""
    one, two = _noise(500, 1), _noise(500, 2, seed=2)
    clips = {"one": one, "two": two}
    events = [_event(0, one, "one"), _event(1000, two, "two")]
    found = _whole(_timeline(events, 2000, AudioFormat(44_100, channels)), clips.__getitem__)
    samples = two.read(0, 500)
    expected = samples if channels == 2 else samples.mean(axis=1, keepdims=True)
    assert np.allclose(found[:500], np.repeat(one.read(0, 500), channels, axis=1))
    assert np.allclose(found[1000:1500], expected, atol=1e-7)
    assert not found[500:1000].any() and not found[1500:].any()


def test_the_limiter_leaves_what_is_soft_alone() -> None:
    """A peak is turned down smoothly, and 65 ms away nothing has changed."""
    rate = 44_100
    tone = (0.3 * np.sin(2 * np.pi * 220 * np.arange(rate) / rate)).astype(np.float32)[:, None]
    loud = ArrayClip(tone[:4000] * 4)
    clips = {"tone": ArrayClip(tone), "loud": loud}
    events = [_event(0, clips["tone"], "tone"), _event(20_000, loud, "loud")]
    found = _whole(_timeline(events, rate, MONO), clips.__getitem__)[:, 0]
    assert np.abs(found).max() <= CEILING
    assert np.array_equal(found[: 20_000 - 2700], tone[: 20_000 - 2700, 0])
    assert np.array_equal(found[24_000 + 2700 :], tone[24_000 + 2700 :, 0])
    raw = tone[:, 0].copy()
    raw[20_000:24_000] += loud.samples[:, 0]
    where = np.abs(raw) > 0.05
    gain = found[where] / raw[where]
    assert np.abs(np.diff(gain)).max() < 0.2 and gain.max() <= 1 + 1e-6


def test_memory_is_flat() -> None:
    """Ten hours take no more than ten minutes."""
    clip = _noise(44_100)

    def peak(minutes: int) -> int:
        frames = minutes * 60 * 44_100
        events = [_event(k * 441_000, clip) for k in range(minutes * 6)]
        timeline = _timeline([*events, _event(0, clip, frames=frames, loop=True)], frames)
        tracemalloc.start()
        for count, _ in enumerate(blocks(timeline, lambda _: clip)):
            if count > 1500:
                break
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert peak(600) < 1.2 * peak(10) + 500_000


# A whole session, with the shipped sounds


@pytest.fixture(scope="module", params=[False, True], ids=["stereo", "mono"])
def session(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A short session over rain with every chime, and its samples."""
    path = tmp_path_factory.mktemp("script") / "session.md"
    path.write_text(
        "---\nbackground: rain\n---\n# Session\n\nLie down, and let your weight sink in.\n\n"
        "- chime start\n- hold 12s\n  - every 4s: chime interval\n  - 3s left: Three more.\n"
        "  - end: chime bell\n- chime switch\n\nNow the other side of it all.\n\n- pause 12s\n- chime end\n",
        encoding="utf-8",
    )
    asked = Request(str(path), voice="silent", mono=request.param)
    made = compile(asked)
    return made, _whole(made.timeline, made.clips)


def _found_at(mixed: np.ndarray, clip: Clip, around: int) -> int:
    """The frame near another at which a clip is most like the mixed sound."""
    part = clip.read(0, min(clip.frames, 22_050)).mean(axis=1)
    low = max(0, around - 8000)
    window = mixed[low : around + 8000 + len(part)].mean(axis=1)
    return low + int(np.argmax(fftconvolve(window, part[::-1], "valid")))


def test_every_chime_and_sentence_is_at_its_frame(session: Any) -> None:
    """Found by cross-correlation in the mixed sound, over the bed."""
    made, mixed = session
    events = made.timeline.lane("chime", "voice")
    assert len(events) == 9
    for event in events:
        assert abs(_found_at(mixed, made.clips(event.clip), event.start) - event.start) <= 1


def test_the_bed_lies_under_the_voice(session: Any) -> None:
    """20 dB below speech while it sounds, and some 4 dB below itself, so that it does not pump."""
    made, mixed = session
    quiet = [e for e in made.timeline.events if e.lane != "background"]
    beds = [e for e in made.timeline.events if e.lane == "background"]
    dry = replace(made.timeline, gain=1.0, room=False)
    without = _whole(replace(dry, events=tuple(quiet)), made.clips)
    bed = _whole(replace(dry, events=tuple(beds)), made.clips)
    both = _whole(dry, made.clips)
    assert np.abs(both - without - bed).max() < 1e-5

    def level(samples: np.ndarray) -> float:
        return loudness(samples, RATE)

    (pause,) = made.timeline.lane("pause")
    open_bed = level(bed[pause.start + 150_000 : pause.end - 150_000])
    for voice in made.timeline.lane("voice"):
        under = level(bed[voice.start : voice.end])
        # The rain itself is a little louder here, softer there.
        assert level(without[voice.start : voice.end]) - under >= 20 - 1
        assert open_bed - under >= 4 - 1.5


def test_there_are_no_clicks(session: Any) -> None:
    """Where a sound begins or ends, no sample jumps further than the sounds themselves do."""
    made, mixed = session
    jumps = np.abs(np.diff(mixed, axis=0)).max(axis=1)
    for event in made.timeline.events:
        if event.clip is None:
            continue
        clip = made.clips(event.clip)
        inside = np.abs(np.diff(clip.read(0, min(clip.frames, 200_000)), axis=0)).max() * max(
            event.gain * made.timeline.gain, 0.05
        )
        for edge in (event.start, event.end):
            near = jumps[max(0, edge - 2) : edge + 2]
            # Something else may sound there as well.
            beside = np.r_[
                jumps[max(0, edge - 500) : max(0, edge - 4)], jumps[edge + 4 : edge + 500]
            ]
            most = max(inside, 0.03, beside.max(initial=0.0))
            assert near.max(initial=0.0) <= most, (event.lane, event.start)
    assert not mixed[-1].any() or np.abs(mixed[-1]).max() < 1e-3
    assert np.abs(mixed[0]).max() < 1e-2


def test_blocks_have_the_asked_size(session: Any) -> None:
    """All but the last one."""
    made, _ = session
    sizes = [len(b) for b in blocks(made.timeline, made.clips, size=4410)]
    assert set(sizes[:-1]) == {4410} and sum(sizes) == made.timeline.frames
    assert all(a >= b for a, b in pairwise(sizes))


@pytest.mark.parametrize("at", [QUANTUM - 4000, QUANTUM, 2 * QUANTUM - 4000])
def test_the_limiter_looks_across_the_edges_of_its_quanta(at: int) -> None:
    """Beside a peak that lies in the next quantum, or in the last one, the gain never steps."""
    loud, soft = ArrayClip(np.full((4000, 1), 1.4, np.float32)), _noise(60_000, level=0.1)
    events = [_event(at, loud, "loud"), _event(0, soft, "soft")]
    clips = {"loud": loud, "soft": soft}
    found = _whole(_timeline(events, 60_000, MONO), clips.__getitem__)[:, 0]
    raw = soft.read(0, 60_000)[:, 0].copy()
    raw[at : at + 4000] += np.float32(1.4)
    where = np.flatnonzero(np.abs(raw) > 0.02)
    gain = found[where] / raw[where]
    assert gain.min() < 0.6 and np.abs(np.diff(gain)).max() < 0.02


def test_the_loudest_sample() -> None:
    """2.5 dB below full scale, so that what an MP3 decoder adds stays below -1 dBTP."""
    clip = ArrayClip(np.full((20_000, 1), 1.5, np.float32))
    found = _whole(_timeline([_event(0, clip)], 20_000, MONO), lambda _: clip)
    assert np.abs(found).max() == pytest.approx(10 ** (-2.5 / 20), abs=1e-4)
