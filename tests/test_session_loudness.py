"""Every session is as loud as every other, whatever is in it; what is too far off is told."""

from __future__ import annotations

import math
import os
import random
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from voiceguide.audio import RATE, AudioFormat
from voiceguide.audio.loudness import energies, gated, loudness, to_db, true_peak
from voiceguide.audio.room import LEVEL_DB, room
from voiceguide.audio.shape import VOICE_LUFS
from voiceguide.mix import blocks
from voiceguide.plan import Options
from voiceguide.plan.model import BreathGuide
from voiceguide.session import Request, Session, check, compile  # noqa: A004
from voiceguide.session.loudness import MOST_UP, TARGET, levelling, predict
from voiceguide.timeline import Chapter, Event, Timeline
from voiceguide.units import Frames

WORDS = [
    "rest",
    "the",
    "ball",
    "under",
    "your",
    "hip",
    "and",
    "let",
    "it",
    "sink",
    "while",
    "you",
    "breathe",
    "out",
    "slowly",
]


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clips of these tests stay among themselves."""
    monkeypatch.setenv("VOICEGUIDE_CACHE", str(tmp_path / "cache"))


def generated(seed: int) -> str:
    """A short script of one kind or another: much speech or little, chimes, breaths, a bed or none."""
    dice = random.Random(seed)
    bed = dice.choice(["rain", "sea", "drone", ""])
    lines = [f"---\nbackground: {bed}\n---\n" if bed else "", "# Generated\n"]
    for _ in range(dice.randint(2, 5)):
        kind = dice.choice(["speech", "speech", "hold", "breathe", "chime"])
        sentence = " ".join(dice.choice(WORDS) for _ in range(dice.randint(3, 14))).capitalize()
        if kind == "speech":
            lines.append(f"{sentence}.\n")
        elif kind == "hold":
            lines.append(f"{sentence}.\n\n- hold {dice.randint(4, 12)}s\n  - end: chime interval\n")
        elif kind == "breathe":
            lines.append(f"{sentence}.\n\n- breathe in 3s, out 4s, {dice.randint(1, 3)} times\n")
        else:
            lines.append("- chime\n")
    return "\n".join([*lines, "And rest for a moment.\n"])


def heard(session: Session) -> np.ndarray:
    """All of a session's samples."""
    return np.concatenate(list(blocks(session.timeline, session.clips)))


@pytest.mark.parametrize("seed", range(int(os.environ.get("GENERATED_SCRIPTS", "40"))))
def test_a_session_is_as_loud_as_every_other(seed: int, tmp_path: Path) -> None:
    """-16 LUFS within 1, a mono one -19, with and without words for the breath; no peak is too high."""
    path = tmp_path / "script.md"
    path.write_text(generated(seed))
    options = Options(breath="tone" if seed % 3 == 0 else "both")
    mono = seed % 4 == 1
    session = compile(Request(str(path), options, "silent", mono=mono))
    found = levelling(session.timeline, session.clips.energies)
    sound = heard(session)
    wanted = TARGET - (10 * math.log10(2) if mono else 0)
    assert loudness(sound, RATE) == pytest.approx(wanted + found.off, abs=1)
    assert abs(found.off) < 1 or abs(found.db) == MOST_UP
    assert true_peak(sound) < -1
    assert not any(w.code == "loudness-out-of-reach" for w in session.warnings)


@pytest.mark.parametrize("peak_db", [-66, -40, -12, 0])
def test_sounds_of_ones_own(peak_db: float, tmp_path: Path) -> None:
    """From nearly nothing to full scale; none is lifted by more than 12 dB."""
    noise = np.random.default_rng(5).standard_normal((6 * RATE, 2)) * 0.2
    noise *= 10 ** (peak_db / 20) / np.abs(noise).max()
    soundfile.write(tmp_path / "own.wav", noise, RATE, subtype="FLOAT")
    path = tmp_path / "script.md"
    path.write_text(
        "---\nbackground: own.wav\n---\n\n# Own\n\nThis is said before it is heard.\n\n"
        "- play own.wav\n\nAnd this is said after it, for as long as it takes.\n\n- hold 5s\n"
    )
    session = compile(Request(str(path), voice="silent"))
    assert loudness(heard(session), RATE) == pytest.approx(TARGET, abs=1)
    for event in session.timeline.events:
        if event.sound is not None:
            most = max((gain for _, gain in event.envelope), default=1.0) * event.gain
            assert to_db(most) <= 12.01
            if peak_db == -66:
                assert to_db(most) == pytest.approx(12, abs=0.01)


def test_what_is_predicted_is_what_is_measured(tmp_path: Path) -> None:
    """Within a tenth of a LU, before peaks are limited; nothing is rendered for it."""
    path = tmp_path / "script.md"
    path.write_text(generated(3))
    session = compile(Request(str(path), voice="silent"))
    told = predict(session.timeline, session.clips.energies)
    own = to_db(session.timeline.gain)
    assert loudness(heard(session), RATE) - own == pytest.approx(told, abs=0.3)


def test_energies_add_up() -> None:
    """Of a clip, what the meter measures on it; in stereo, and in mono."""
    noise = np.random.default_rng(7).standard_normal((3 * RATE, 2)).astype(np.float32) * 0.1
    told = energies(noise, RATE)
    assert gated(told[:, 0]) == pytest.approx(loudness(noise, RATE), abs=0.05)
    mono = noise.mean(axis=1)
    assert gated(told[:, 1]) == pytest.approx(loudness(mono, RATE), abs=0.05)
    assert energies(mono, RATE)[:, 0] == pytest.approx(2 * told[:, 1], rel=1e-3)


def test_places_gains_loops_and_curves_count() -> None:
    """Each is laid where the mixer lays it, however it falls between the cells."""
    noise = np.random.default_rng(8).standard_normal((RATE, 1)).astype(np.float32) * 0.1
    told = {"a": energies(noise, RATE)}

    def timeline(*events: Event) -> Timeline:
        end = Frames(8 * RATE)
        return Timeline(AudioFormat(), end, (Chapter("x", Frames(0), end),), events)

    def event(start: float, seconds: float, **more: object) -> Event:
        return Event(
            "sound", Frames(round(start * RATE)), Frames(round(seconds * RATE)), clip="a", **more
        )  # type: ignore[arg-type]

    whole = loudness(np.repeat(noise, 2, axis=1), RATE)
    looped = timeline(event(0.033, 6.0, loop=True))
    assert predict(looped, told.__getitem__) == pytest.approx(whole, abs=0.1)
    softer = timeline(event(0.033, 6.0, loop=True, gain=0.5))
    assert predict(softer, told.__getitem__) == pytest.approx(whole - 6.02, abs=0.1)
    curve = ((0, 0.5), (8 * RATE, 0.5))
    bent = timeline(event(0.033, 6.0, loop=True, envelope=curve))
    assert predict(bent, told.__getitem__) == pytest.approx(whole - 6.02, abs=0.1)
    row = timeline(*(event(start + 0.033, 1.0) for start in range(6)))
    assert predict(row, told.__getitem__) == pytest.approx(whole, abs=0.1)


def test_a_session_of_chimes_alone_is_told(tmp_path: Path) -> None:
    """It is lifted as far as is good, and its author is warned."""
    path = tmp_path / "script.md"
    path.write_text("# Chimes\n\n- hold 60s\n  - every 20s: chime interval\n")
    (warning,) = [p for p in check(str(path), voice="silent").problems if "loudness" in p.code]
    assert "softer than others" in warning.message
    session = compile(Request(str(path), voice="silent"))
    assert to_db(session.timeline.gain) == pytest.approx(MOST_UP)


def test_more_time_in_an_interval_changes_no_level(tmp_path: Path) -> None:
    """What is being heard does not jump."""
    path = tmp_path / "script.md"
    path.write_text("# T\n\nHold it.\n\n- hold 10s\n  - end: chime\n\nAnd rest.\n")
    session = compile(Request(str(path), voice="silent"))
    longer = session.extended(0, 300.0)
    assert longer.timeline.gain == session.timeline.gain


def test_no_gap_is_dead(tmp_path: Path) -> None:
    """A faint room is under all, also with no background: never louder than 40 dB under the voice."""
    path = tmp_path / "script.md"
    path.write_text("# T\n\nHold it.\n\n- hold 10s\n\nAnd rest.\n")
    session = compile(Request(str(path), Options(background="none"), "silent"))
    sound = heard(session)
    levels = [
        to_db(float(np.sqrt(np.mean(sound[a:b] ** 2))))
        for a, b in pairwise(range(0, len(sound), RATE // 10))
    ]
    assert -68 < min(levels) < VOICE_LUFS - 40
    whole = room(0, 600_000, 2)
    assert (room(123_456, 50_000, 2) == whole[123_456:173_456]).all()
    assert to_db(float(np.sqrt(np.mean(whole**2)))) == pytest.approx(LEVEL_DB, abs=0.2)
    step = np.abs(np.diff(whole[:, 0])).max()
    assert abs(whole[1 << 18, 0] - whole[(1 << 18) - 1, 0]) <= step


def test_swells_alone_are_nearly_as_loud_as_a_voice(tmp_path: Path) -> None:
    """With the breath guided by tones, they stand at most 8 LU under what the voice would be."""
    path = tmp_path / "script.md"
    path.write_text("# T\n\nBreathe.\n\n- breathe in 4s, out 6s, 3 times\n")
    session = compile(Request(str(path), Options(breath="tone"), "silent"))
    for event in session.timeline.lane("breath"):
        clip = session.clips(event.clip or "")
        sound = clip.read(0, clip.frames) * np.float32(event.gain)
        if sound.shape[1] == 1:
            sound = np.repeat(sound, 2, axis=1)
        assert loudness(sound, RATE) >= VOICE_LUFS - 8


def _bands(sound: np.ndarray) -> np.ndarray:
    """Power in 16 bands from 200 Hz to 8 kHz."""
    mono = sound.mean(axis=1)
    power = np.abs(np.fft.rfft(mono * np.hanning(len(mono)))) ** 2 / len(mono)
    hertz = np.fft.rfftfreq(len(mono), 1 / RATE)
    edges = np.geomspace(200, 8_000, 17)
    return np.array([power[(hertz >= a) & (hertz < b)].mean() for a, b in pairwise(edges)])


@pytest.mark.parametrize("bed", ["rain", "sea", "drone"])
@pytest.mark.parametrize("breath", ["both", "tone"])
def test_a_breath_is_heard_from_its_begin_to_its_end(
    bed: str, breath: BreathGuide, tmp_path: Path
) -> None:
    """The first 0.3 s of the in-breath and the last of the out-breath, over the bed as it is then."""
    path = tmp_path / "script.md"
    path.write_text(
        f"---\nbackground: {bed}\n---\n\n# T\n\nHi.\n\n- breathe in 4s, out 6s, 3 times\n"
    )
    session = compile(Request(str(path), Options(breath=breath), "silent"))
    dry = replace(session.timeline, room=False)
    swells = [e for e in dry.lane("breath") if e.clip]
    under, alone = (
        np.concatenate(list(blocks(replace(dry, events=tuple(events)), session.clips)))
        for events in (dry.lane("background"), swells)
    )
    piece = round(0.3 * RATE)
    last = [e for e in swells if e.label in ("in", "out")][-2:]
    beds = under[last[0].start : last[1].end]
    around = [_bands(beds[at : at + piece]) for at in range(0, len(beds) - piece, piece)]
    usual = np.mean(around, axis=0)
    for begin in (last[0].start, last[1].end - piece - 2_205):
        best = 10 * np.log10((_bands(alone[begin : begin + piece]) / usual).max())
        assert best > 5, begin
