"""Time, levels and sides: the one place that reads, writes and converts them.

Seconds are what people write and read; frames are what is played. A duration becomes frames once,
by `to_frames`, and positions are sums of frames, so that both sides of a session are equal.
Levels are written in decibels, and samples are multiplied by factors.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, NewType

Side = Literal["left", "right"]
"""Of the body."""
SideChoice = Literal["both", "left", "right"]
"""Which are worked."""

Seconds = NewType("Seconds", float)
Frames = NewType("Frames", int)

LONGEST: Seconds = Seconds(24 * 3600.0)
"""No session and no duration is longer."""


class DurationError(ValueError):
    """A text is not a duration.

    Attributes:
        offset: index of the first wrong character in the text that was given.
        length: how many characters are wrong.
        hint: what to write instead, or None.
    """

    def __init__(self, message: str, offset: int, length: int = 1, hint: str | None = None) -> None:
        super().__init__(message)
        self.offset = offset
        self.length = max(1, length)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Elastic:
    """A duration that may give: `least` <= `usual` <= `greatest`, in seconds.

    A fixed duration has all three equal.
    """

    least: Seconds
    usual: Seconds
    greatest: Seconds

    @classmethod
    def fixed(cls, seconds: float) -> Elastic:
        """A duration that does not give."""
        value = Seconds(seconds)
        return cls(value, value, value)

    @property
    def is_fixed(self) -> bool:
        """Whether the three are equal."""
        return self.least == self.greatest

    def at(self, t: float) -> Seconds:
        """The duration for the fitting number t in [-1, 1]: least at -1, usual at 0."""
        if t >= 0:
            return Seconds(self.usual + t * (self.greatest - self.usual))
        return Seconds(self.usual + t * (self.usual - self.least))


_UNITS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60),
}
_NUMBER = r"[0-9]{1,9}(?:\.[0-9]{1,9})?"
_CLOCK = re.compile(r"([0-9]{1,5}):([0-9]{2})(?![0-9:])")
_WITH_UNIT = re.compile(rf"({_NUMBER})[ \t]?([A-Za-z]+)")
_MINUTES_SECONDS = re.compile(rf"([0-9]{{1,5}})[ \t]?m[ \t]?({_NUMBER})[ \t]?s(?![A-Za-z])")
_BARE = re.compile(rf"({_NUMBER})")
_COMMA = re.compile(r"[0-9]+,[0-9]+[ \t]?[A-Za-z]")
_DIGITS = re.compile(r"[0-9]{10,}")
_DASH = re.compile(r"[ \t]*[-\u2013][ \t]*")
_BRACKET = re.compile(r"[ \t]*\(")


def _bounded(seconds: float, offset: int, length: int) -> float:
    if seconds > LONGEST:
        raise DurationError("this is longer than 24 hours", offset, length, "choose a shorter time")
    return seconds


def _single(text: str, at: int) -> tuple[float | None, float, int]:
    """(seconds or None where a bare number stands, the bare number, index after) at an index."""
    if m := _DIGITS.match(text, at):
        return _bounded(float("inf"), at, len(m[0])), 0.0, m.end()
    if m := _COMMA.match(text, at):
        raise DurationError(
            "a decimal is written with a point", at, len(m[0]), "write 1.5m instead of 1,5m"
        )
    if m := _CLOCK.match(text, at):
        if int(m[2]) > 59:
            raise DurationError(f'"{m[0]}" has more than 59 seconds', at, len(m[0]))
        return _bounded(int(m[1]) * 60 + int(m[2]), at, len(m[0])), 0.0, m.end()
    if m := _MINUTES_SECONDS.match(text, at):
        return _bounded(int(m[1]) * 60 + float(m[2]), at, len(m[0])), 0.0, m.end()
    if m := _WITH_UNIT.match(text, at):
        factor = _UNITS.get(m[2])
        if factor is None:
            raise DurationError(
                f'"{m[2]}" is not a unit of time',
                m.start(2),
                len(m[2]),
                "write s or m, as in 45s or 2m",
            )
        return _bounded(float(m[1]) * factor, at, len(m[0])), 0.0, m.end()
    if m := _BARE.match(text, at):
        return None, float(m[1]), m.end()
    found = text[at:].split(" ")[0][:20]
    raise DurationError(
        f'"{found}" is not a duration' if found else "a duration is missing here",
        at,
        len(found),
        "write it with its unit, as in 45s, 2m or 1:30",
    )


def _no_unit(text: str, at: int, end: int) -> DurationError:
    number = text[at:end]
    return DurationError(
        f"{number} has no unit",
        at,
        end - at,
        f"write {number}s for seconds or {number}m for minutes",
    )


def scan_duration(text: str, at: int = 0) -> tuple[Seconds, int]:
    """One fixed duration at an index of a text.

    Returns:
        its seconds, and the index after it.

    Raises:
        DurationError: no duration stands there, or it has no unit.
    """
    seconds, _, end = _single(text, at)
    if seconds is None:
        raise _no_unit(text, at, end)
    return Seconds(seconds), end


def _scan_range(text: str, at: int) -> tuple[float, float | None, int]:
    first, number, end = _single(text, at)
    dash = _DASH.match(text, end)
    if not dash or not text[dash.end() : dash.end() + 1].isdigit():
        if first is None:
            raise _no_unit(text, at, end)
        return first, None, end
    second, _, stop = _single(text, dash.end())
    if second is None:
        raise _no_unit(text, dash.end(), stop)
    if first is None:
        unit = _WITH_UNIT.match(text, dash.end())
        if not unit or _MINUTES_SECONDS.match(text, dash.end()):
            raise _no_unit(text, at, end)
        first = _bounded(number * _UNITS[unit[2]], at, end - at)
    if first > second:
        raise DurationError(
            "the shorter duration comes first", at, stop - at, "turn the two around"
        )
    return first, second, stop


def scan_elastic(text: str, at: int = 0) -> tuple[Elastic, int]:
    """A duration that may be elastic: `45s`, `30-60s` or `45s (30s-60s)`, at an index of a text.

    Returns:
        the duration (the usual value of a bare range is its middle), and the index after it.

    Raises:
        DurationError: no duration stands there, or its range runs backwards or misses its usual.
    """
    first, second, end = _scan_range(text, at)
    if second is not None:
        return Elastic(Seconds(first), Seconds((first + second) / 2), Seconds(second)), end
    if not (bracket := _BRACKET.match(text, end)):
        return Elastic.fixed(first), end
    inner = bracket.end()
    least, greatest, stop = _scan_range(text, inner)
    if greatest is None:
        raise DurationError(
            "expected a range in the brackets", inner, stop - inner, "as in 45s (30s-60s)"
        )
    if text[stop : stop + 1] != ")":
        raise DurationError(
            "the bracket is not closed", bracket.end() - 1, 1, 'put a ")" after the range'
        )
    if not least <= first <= greatest:
        raise DurationError(
            f"the usual {format_seconds(first)} lies outside its range",
            at,
            end - at,
            f"choose it between {format_seconds(least)} and {format_seconds(greatest)}",
        )
    return Elastic(Seconds(least), Seconds(first), Seconds(greatest)), stop + 1


def parse_duration(text: str) -> Seconds:
    """A whole text as one fixed duration.

    Raises:
        DurationError: it is not exactly one duration.
    """
    stripped = text.strip()
    seconds, end = scan_duration(stripped)
    if end != len(stripped):
        raise DurationError(f'"{stripped[end:][:20]}" after the duration', end, len(stripped) - end)
    return seconds


def to_frames(seconds: float, rate: int) -> Frames:
    """Seconds as whole frames at a rate in hertz, to the nearest."""
    return Frames(round(seconds * rate))


def to_seconds(frames: int, rate: int) -> Seconds:
    """Frames as seconds at a rate in hertz."""
    return Seconds(frames / rate)


def to_factor(db: float) -> float:
    """Decibels as a factor.

    >>> to_factor(20.0)
    10.0
    """
    return float(10 ** (db / 20))


def format_seconds(seconds: float) -> str:
    """As an author writes it: `45s`, `1m30s`, `2m`, `12.3s`; to a tenth of a second.

    >>> format_seconds(90)
    '1m30s'
    """
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    whole = f"{rest // 10}" if rest % 10 == 0 else f"{rest / 10:.1f}"
    if not minutes:
        return f"{whole}s"
    return f"{minutes}m{whole}s" if rest else f"{minutes}m"


def format_clock(seconds: float, *, decimals: int = 0) -> str:
    """As a player shows it: `1:05`, `1:02:05`; with decimals `0:05.250`.

    >>> format_clock(65)
    '1:05'
    """
    scale = 10**decimals
    units = round(seconds * scale)
    whole, part = divmod(units, scale)
    hours, rest = divmod(whole, 3600)
    minutes, secs = divmod(rest, 60)
    text = f"{hours}:{minutes:02}:{secs:02}" if hours else f"{minutes}:{secs:02}"
    return f"{text}.{part:0{decimals}}" if decimals else text
