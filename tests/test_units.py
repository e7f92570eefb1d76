"""Time: reading and writing durations, and frames."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceguide.units import (
    DurationError,
    Elastic,
    Seconds,
    format_clock,
    format_seconds,
    parse_duration,
    scan_duration,
    scan_elastic,
    to_frames,
    to_seconds,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("45s", 45), ("45 s", 45), ("45 seconds", 45), ("1 second", 1), ("2m", 120), ("2 min", 120),
        ("2 minutes", 120), ("1m30s", 90), ("1:30", 90), ("1.5m", 90), ("0.25s", 0.25),
        ("0:05", 5), ("90:00", 5400), ("24:00", 1440), ("1440m", 86400), (" 45s ", 45),
    ],
)  # fmt: skip
def test_every_form_of_a_duration(text: str, seconds: float) -> None:
    """The forms of the language, and their bounds."""
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "offset", "message"),
    [
        ("45", 0, "45 has no unit"),
        ("", 0, "a duration is missing here"),
        ("soon", 0, '"soon" is not a duration'),
        ("5h", 1, '"h" is not a unit of time'),
        ("1:75", 0, '"1:75" has more than 59 seconds'),
        ("1441m", 0, "this is longer than 24 hours"),
        ("999999999m", 0, "this is longer than 24 hours"),
        ("5s5", 2, '"5" after the duration'),
        ("1e5s", 1, '"e" is not a unit of time'),
        ("1,5m", 0, "a decimal is written with a point"),
        ("٣s", 0, '"٣s" is not a duration'),
    ],
)
def test_what_is_no_duration(text: str, offset: int, message: str) -> None:
    """Each mistake has its place and its sentence."""
    with pytest.raises(DurationError) as caught:
        parse_duration(text)
    assert (caught.value.offset, str(caught.value)) == (offset, message)


@pytest.mark.parametrize(
    ("text", "least", "usual", "greatest"),
    [
        ("45s", 45, 45, 45), ("30-60s", 30, 45, 60), ("30s-60s", 30, 45, 60),
        ("30s – 60s", 30, 45, 60), ("30–61s", 30, 45.5, 61), ("45s (30s-60s)", 30, 45, 60),
        ("60s (30-60s)", 30, 60, 60), ("1-2m", 60, 90, 120), ("30s-1m", 30, 45, 60),
        ("1:00-1:30", 60, 75, 90), ("1m30s-2m", 90, 105, 120), ("30-30s", 30, 30, 30),
    ],
)  # fmt: skip
def test_every_form_of_an_elastic_duration(
    text: str, least: float, usual: float, greatest: float
) -> None:
    """The middle is the usual value of a bare range."""
    found, end = scan_elastic(text)
    assert (found.least, found.usual, found.greatest) == (least, usual, greatest)
    assert end == len(text)


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("30-60", 3), ("30", 0), ("60-30s", 0), ("45s (30s-40s)", 0), ("45s (30s)", 5),
        ("45s (30-60s", 4), ("30-60h", 5), ("1-1m30s", 0), ("45s (-", 5),
    ],
)  # fmt: skip
def test_what_is_no_elastic_duration(text: str, offset: int) -> None:
    """Each mistake points at its first character."""
    with pytest.raises(DurationError) as caught:
        scan_elastic(text)
    assert caught.value.offset == offset


def test_scanning_stops_behind_the_duration() -> None:
    """What follows is left to the caller."""
    assert scan_duration("in 4s, out 6s", 3) == (4.0, 5)


def test_elastic_serves_every_t() -> None:
    """Upward towards the greatest, downward towards the least."""
    duration = Elastic(Seconds(30.0), Seconds(45.0), Seconds(90.0))
    assert [duration.at(t) for t in (-1, -0.5, 0, 0.5, 1)] == [30, 37.5, 45, 67.5, 90]
    assert Elastic.fixed(5).is_fixed and not duration.is_fixed


@given(st.integers(0, 10**9), st.sampled_from([1000, 22_050, 44_100, 48_000]))
def test_frames_survive_seconds(frames: int, rate: int) -> None:
    """Frames to seconds and back are the same frames."""
    assert to_frames(to_seconds(frames, rate), rate) == frames


@given(st.integers(0, 864_000))
def test_what_is_written_can_be_read(tenths: int) -> None:
    """`format_seconds` writes durations of the language."""
    assert parse_duration(format_seconds(tenths / 10)) == pytest.approx(tenths / 10)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (45, "45s"),
        (90, "1m30s"),
        (120, "2m"),
        (12.34, "12.3s"),
        (59.96, "1m"),
        (3600, "60m"),
    ],
)
def test_seconds_as_an_author_writes_them(seconds: float, text: str) -> None:
    """To a tenth of a second."""
    assert format_seconds(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "decimals", "text"),
    [
        (65, 0, "1:05"),
        (3725, 0, "1:02:05"),
        (5.25, 3, "0:05.250"),
        (59.9999, 3, "1:00.000"),
        (0, 1, "0:00.0"),
    ],
)
def test_seconds_as_a_clock_shows_them(seconds: float, decimals: int, text: str) -> None:
    """Rounded once, never 60 seconds."""
    assert format_clock(seconds, decimals=decimals) == text


@given(st.text(max_size=40))
def test_any_text_is_a_duration_or_says_why_not(text: str) -> None:
    """Nothing but `DurationError`, and its place lies in the text."""
    for scan in (scan_duration, scan_elastic):
        try:
            value, end = scan(text)
        except DurationError as error:
            assert 0 <= error.offset <= len(text) and error.length >= 1
        else:
            assert 0 < end <= len(text) and value is not None
