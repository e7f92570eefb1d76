"""The background: when it sounds, how it fades, and that it ducks."""

from __future__ import annotations

import pytest
from world import arranged, timeline_of

from voiceguide.audio.shape import VOICE_LUFS
from voiceguide.plan import Options
from voiceguide.timeline import Event
from voiceguide.units import to_factor

SCALE = to_factor(VOICE_LUFS + 20)
"""What makes a bed of this world as loud as the voice."""


def _level(bed: Event, frame: int) -> float:
    """The bed's gain relative to the voice, at a frame."""
    corners = bed.envelope
    for (at, gain), (later, then) in zip(corners, corners[1:], strict=False):
        if at <= frame <= later:
            return (gain + (then - gain) * (frame - at) / max(1, later - at)) / SCALE
    return 0.0


def _db(value: float) -> float:
    from math import log10

    return 20 * log10(value)


def test_a_bed_fades_in_and_out() -> None:
    """From nothing to its level in three seconds, and back by the end."""
    (bed,) = timeline_of("# T\n\n- background rain at -30 dB\n- hold 60s\n").lane("background")
    assert (bed.start, bed.end, bed.loop) == (0, 60_000, True)
    assert _level(bed, 0) == 0.0
    assert _db(_level(bed, 3000)) == pytest.approx(-30)
    assert _db(_level(bed, 57_000)) == pytest.approx(-30)
    assert _level(bed, 60_000) == 0.0


@pytest.mark.parametrize("level", [-14, -15, -18, -30])
def test_a_bed_ducks_under_speech(level: int) -> None:
    """20 dB under the voice from the first word to the last, and 4 to 6 dB under itself: no more."""
    text = f"# T\n\n- background rain at {level} dB\n- hold 20s\n\nThis is said over it.\n\n- hold 20s\n"
    timeline = timeline_of(text)
    (bed,), (voice,) = timeline.lane("background"), timeline.lane("voice")
    assert _db(_level(bed, 15_000)) == pytest.approx(level)
    for frame in range(voice.start, voice.end + 1, 10):
        assert level - 6.01 <= _db(_level(bed, frame)) <= min(-20, level - 4) + 0.01


@pytest.mark.parametrize("level", [-13.5, -6, 0])
def test_a_bed_that_is_written_too_loud_is_held(level: float) -> None:
    """At 14 dB under the voice, and the author is told."""
    text = f"# T\n\nHi.\n\n- background rain at {level} dB\n- hold 20s\n"
    made = arranged(text)
    (bed,) = made.timeline.lane("background")
    assert _db(_level(bed, bed.start + 10_000)) == pytest.approx(-14)
    (warning,) = made.warnings
    assert (warning.code, warning.location.line) == ("background-too-loud", 5)
    assert arranged(text.replace(f"{level} dB", "-14 dB")).warnings == ()


def test_ramps_are_smooth() -> None:
    """Down in 0.4 s, up in 1.4 s, and not up at all between sentences."""
    text = "# T\n\n- background rain at -14 dB\n- hold 20s\n\nOne here. Two here.\n\n- hold 20s\n"
    timeline = timeline_of(text)
    (bed,), voices = timeline.lane("background"), timeline.lane("voice")
    assert _db(_level(bed, voices[0].start - 400)) == pytest.approx(-14)
    halfway = (to_factor(-14) + to_factor(-20)) / 2
    assert _level(bed, voices[0].start - 200) == pytest.approx(halfway)
    assert _level(bed, voices[1].end + 700) == pytest.approx(halfway)
    assert _db(_level(bed, (voices[0].end + voices[1].start) // 2)) == pytest.approx(-20)
    assert _db(_level(bed, voices[1].end + 1400)) == pytest.approx(-14)


def test_the_same_sound_goes_on_unbroken() -> None:
    """A change of level is a ramp, not another beginning."""
    text = (
        "# T\n\n- background rain at -30 dB\n- hold 20s\n- background rain at -20 dB\n- hold 20s\n"
    )
    (bed,) = timeline_of(text).lane("background")
    assert _db(_level(bed, 19_999)) == pytest.approx(-30, abs=0.01)
    assert _db(_level(bed, 23_000)) == pytest.approx(-20)


def test_another_sound_crosses_over() -> None:
    """The one fades out while the other fades in."""
    text = "# T\n\n- background rain\n- hold 20s\n- background sea\n- hold 20s\n"
    rain, sea = timeline_of(text).lane("background")
    assert (rain.sound, rain.end) == ("rain", 23_000)
    assert (sea.sound, sea.start, sea.end) == ("sea", 20_000, 40_000)


def test_off_and_on_again_are_two() -> None:
    """After silence the sound begins anew."""
    text = "# T\n\n- background rain\n- hold 20s\n- background off\n- hold 20s\n- background rain\n- hold 20s\n"
    one, other = timeline_of(text).lane("background")
    assert (one.start, one.end, other.start) == (0, 23_000, 40_000)


def test_a_block_that_is_left_out_sets_none() -> None:
    """The bed of an optional block is gone with it."""
    text = "# T\n\nHi.\n\n- hold 20-22s\n\n## A (optional)\n\n- background rain\n- hold 20s\n"
    assert len(timeline_of(text).lane("background")) == 1
    assert timeline_of(text, length=22).lane("background") == ()


def test_a_change_just_before_the_end() -> None:
    """The last fade reaches silence even where the level was still on its way."""
    text = "# T\n\n- background rain\n- hold 20s\n- background rain at -6 dB\n- hold 1s\n"
    (bed,) = timeline_of(text).lane("background")
    assert bed.envelope[-1] == (21_000, 0.0)
    assert (
        max(
            abs(b[1] - a[1]) / (b[0] - a[0])
            for a, b in zip(bed.envelope, bed.envelope[1:], strict=False)
        )
        < 0.001
    )


def test_a_bed_moves_nothing() -> None:
    """All else stands where it stands without it."""
    text = "# T\n\nHi.\n\n- background rain\n- hold 9s\n- background off\n\nHo.\n"
    with_bed, without = timeline_of(text), timeline_of(text, Options(background="none"))
    assert [e for e in with_bed.events if e.lane != "background"] == list(without.events)


def test_thousands_of_changes_are_placed_quickly() -> None:
    """Each change costs no more than the one before it."""
    text = "# T\n\n" + "- background rain\n- pause 1s\n- background sea\n- pause 1s\n" * 3000
    assert len(timeline_of(text).lane("background")) == 6000


def test_speech_in_a_fade_ducks_what_is_left_of_it() -> None:
    """Where both ramps overlap, the level is that of the fade, and ducks from there."""
    text = "# T\n\n- background rain at -14 dB\n- hold 20s\n\nGood bye.\n"
    timeline = timeline_of(text)
    (bed,), (voice,) = timeline.lane("background"), timeline.lane("voice")
    assert voice.end == bed.end
    for before in (400, 2000):
        left = (bed.end - voice.start + before) / 3000
        assert _level(bed, voice.start - before) == pytest.approx(to_factor(-14) * left)
    left = (bed.end - voice.start) / 3000
    assert _level(bed, voice.start) == pytest.approx(min(to_factor(-18) * left, to_factor(-20)))
