"""The durations of `units`, with hints for what people write instead of them."""

from __future__ import annotations

import re

from voiceguide import units
from voiceguide.script.forms import canonical_text
from voiceguide.units import DurationError, Elastic, Seconds

_UNIT = r"(?:s|secs?|seconds?|m|mins?|minutes?)"
_LENGTH = r"[0-9]+(?:[.,:][0-9]+)?"
WRITTEN = re.compile(
    rf"(?<![\w.,])(?:{_LENGTH} ?{_UNIT}? ?(?:[-\u2013]|to) ?)?{_LENGTH} ?{_UNIT}(?![\w])",
    re.IGNORECASE,
)
"""What looks like a duration with its unit, or a range of them."""
_RANGE = re.compile(
    rf"({_LENGTH}) ?({_UNIT})? ?(?:\b(?:to|until|till)\b|[\u2012\u2014\u2015\u2212~]|\.\.+)"
    rf" ?({_LENGTH}) ?({_UNIT})?(?![\w])"
)
_BACKWARDS = re.compile(rf"({_LENGTH}) ?({_UNIT})? ?[-\u2013] ?({_LENGTH}) ?({_UNIT})?(?![\w])")
_HOURS = re.compile(r"([0-9]{1,3}(?:\.[0-9]+)?) ?[A-Za-z]+$")
_COMMA = re.compile(r"([0-9]+),([0-9]+) ?([A-Za-z]*)")
_FRACTION = re.compile(r"([0-9]*) ?([\u00bc\u00bd\u00be]) ?([A-Za-z]*)")
_PARTS = {"\u00bc": 0.25, "\u00bd": 0.5, "\u00be": 0.75}
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
    """As `units.parse_duration`; the forms that are read as well are canonical here."""
    stripped = canonical_text(text.strip().lower().removesuffix("."), "time")
    try:
        return units.parse_duration(stripped)
    except DurationError as error:
        raise _explained(stripped, error) from None


class Explained(DurationError):
    """A duration that is written otherwise.

    Attributes:
        fix: what to write in place of the wrong characters, or None.
    """

    def __init__(
        self,
        message: str,
        offset: int,
        length: int = 1,
        hint: str | None = None,
        fix: str | None = None,
    ) -> None:
        super().__init__(message, offset, length, f"write {fix}" if fix and not hint else hint)
        self.fix = fix


def _explained(text: str, error: DurationError) -> Explained:
    """The error with the hint that fits what was written."""
    at = error.offset
    rest = text[at : at + _SEEN]
    for match in _RANGE.finditer(text, max(0, at - _SEEN), at + _SEEN):
        if match.start() <= at <= match.end():
            first, unit, second, other = match.groups(default="")
            return Explained(
                "a range is written with a hyphen",
                match.start(),
                len(match[0]),
                None if unit or other else "with the unit, as in 30-60s",
                f"{first}{unit}-{second}{other or unit}" if unit or other else None,
            )
    if backwards := _BACKWARDS.match(rest):
        first, unit, second, other = backwards.groups(default="")
        if str(error).startswith("the shorter") and float(second.replace(":", ".")) > 0:
            fix = f"{second}{other if unit else ''}-{first}{unit or other}"
            return Explained(str(error), at, len(backwards[0]), fix=fix)
    if comma := _COMMA.match(rest):
        fix = f"{comma[1]}.{comma[2]}{comma[3]}"
        return Explained(str(error), at, len(comma[0]), fix=fix)
    if fraction := _FRACTION.match(rest):
        number = int((fraction[1] or "0")[:9]) + _PARTS[fraction[2]]
        return Explained(
            "a fraction is written with a point",
            at,
            len(fraction[0]),
            None if fraction[3] else "with the unit, as in 1.5m",
            f"{number:g}{fraction[3]}" if fraction[3] else None,
        )
    word = rest[: error.length]
    if word.isalpha() and at and text[:at].rstrip()[-1:].isdigit():
        hours = _HOURS.search(text[:at] + word)
        if hours and re.fullmatch(r"h|hrs?|hours?", word, re.IGNORECASE):
            start = hours.start()
            minutes = 60 * float(hours[1])
            return Explained(
                "hours are written in minutes",
                start,
                at + len(word) - start,
                fix=f"{minutes:g}m" if minutes * 60 <= units.LONGEST else None,
            )
    elif str(error).endswith("is not a duration") and (later := WRITTEN.search(rest)):
        before = text[at : at + later.start()].split()
        spoken = "; words to be spoken go into a paragraph" if len(before) > 1 else ""
        length = (
            len(text[at:].rstrip()) if text[at + later.end() :].strip(" .") == "" else later.end()
        )
        return Explained(str(error), at, length, f"write only {later[0]} here{spoken}", later[0])
    return Explained(str(error), at, error.length, error.hint)
