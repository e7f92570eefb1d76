"""The durations of `units`, with hints for what people write instead of them."""

from __future__ import annotations

import re

from voiceguide import units
from voiceguide.units import DurationError, Elastic, Seconds

_UNIT = r"(?:s|secs?|seconds?|m|mins?|minutes?)"
_LENGTH = r"[0-9]+(?:[.,:][0-9]+)?"
WRITTEN = re.compile(rf"(?<![\w.,]){_LENGTH} ?{_UNIT}(?![\w])", re.IGNORECASE)
"""What looks like a duration with its unit."""
_RANGE = re.compile(
    rf"({_LENGTH}) ?({_UNIT})? ?(?:\b(?:to|until|till)\b|[\u2012\u2014\u2015\u2212~]|\.\.+)"
    rf" ?({_LENGTH}) ?({_UNIT})?(?![\w])"
)
_COMMA = re.compile(r"([0-9]+),([0-9]+) ?([A-Za-z]*)")
_FRACTION = re.compile(r"([0-9]*) ?([\u00bc\u00bd\u00be]) ?([A-Za-z]*)")
_PARTS = {"\u00bc": 0.25, "\u00bd": 0.5, "\u00be": 0.75}
_UNITS = re.compile(_UNIT)
_SEEN = 60
"""Characters that are looked at on either side of a mistake."""
_CLOCK_AND_COLON = re.compile(r"[0-9]{1,5}:[0-9]{2}(?=:(?![0-9]))")


def scan_duration(text: str, at: int = 0) -> tuple[Seconds, int]:
    """As `units.scan_duration`; a colon may follow a clock."""
    if clock := _CLOCK_AND_COLON.match(text, at):
        text = text[: clock.end()]
    try:
        return units.scan_duration(text, at)
    except DurationError as error:
        raise _explained(text, error) from None


def scan_elastic(text: str, at: int = 0) -> tuple[Elastic, int]:
    """As `units.scan_elastic`."""
    try:
        return units.scan_elastic(text, at)
    except DurationError as error:
        raise _explained(text, error) from None


def parse_duration(text: str) -> Seconds:
    """As `units.parse_duration`."""
    stripped = text.strip()
    try:
        return units.parse_duration(stripped)
    except DurationError as error:
        raise _explained(stripped, error) from None


def _explained(text: str, error: DurationError) -> DurationError:
    """The error with the hint that fits what was written."""
    at = error.offset
    rest = text[at : at + _SEEN]
    for match in _RANGE.finditer(text, max(0, at - _SEEN), at + _SEEN):
        if match.start() <= at <= match.end():
            first, unit, second, other = match.groups(default="")
            return DurationError(
                "a range is written with a hyphen", match.start(), len(match[0]),
                f"write {first}{unit}-{second}{other or unit}" if unit or other
                else "with the unit, as in 30-60s",
            )  # fmt: skip
    if comma := _COMMA.match(rest):
        hint = f"write {comma[1]}.{comma[2]}{comma[3]}"
        return DurationError(str(error), at, error.length, hint)
    if fraction := _FRACTION.match(rest):
        number = int((fraction[1] or "0")[:9]) + _PARTS[fraction[2]]
        return DurationError(
            "a fraction is written with a point", at, len(fraction[0]),
            f"write {number:g}{fraction[3]}" if fraction[3] else "with the unit, as in 1.5m",
        )  # fmt: skip
    word = rest[: error.length]
    if word.isalpha() and at and text[:at].rstrip()[-1:].isdigit():
        if _UNITS.fullmatch(word.lower()):
            return DurationError(str(error), at, error.length, f"write {word.lower()}")
        if re.fullmatch(r"h|hrs?|hours?", word, re.IGNORECASE):
            return DurationError(str(error), at, error.length, "write it in minutes, as in 90m")
    elif str(error).endswith("is not a duration") and (later := WRITTEN.search(rest)):
        before = text[at : at + later.start()].split()
        spoken = "; words to be spoken go into a paragraph" if len(before) > 1 else ""
        return DurationError(str(error), at, error.length, f"write only {later[0]} here{spoken}")
    return error
