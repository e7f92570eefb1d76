"""Numbers and what belongs to them, in words: ranges, fractions, units, times, dates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from voiceguide.script.writing import Unit, Writing

DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2212"
_PRIMES = {
    '"': "s",
    "\u2033": "s",
    "\u201d": "s",
    "''": "s",
    "'": "m",
    "\u2032": "m",
    "\u2019": "m",
}
VULGAR = {
    "\u00bd": (1, 2), "\u00bc": (1, 4), "\u00be": (3, 4), "\u2153": (1, 3), "\u2154": (2, 3),
    "\u215b": (1, 8), "\u215c": (3, 8), "\u215d": (5, 8), "\u215e": (7, 8), "\u2155": (1, 5),
}  # fmt: skip
_MIXED = re.compile(rf"(\d{{1,3}})(?: ?([{''.join(VULGAR)}])|[ -]([1-9])/(2|3|4|5|8|16)(?![\d/]))")
_ONLYVULGAR = re.compile(f"[{''.join(VULGAR)}]")
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+")
_ORDINAL = re.compile(r"(\d{1,6})(?:st|nd|rd|th)\b", re.IGNORECASE)
_OVER = re.compile(r" ?/ ?(\d{1,3})(?![\d/:.]*\d)")
_RANGE = re.compile(rf" ?[{DASHES}~] ?(?=[\d.{''.join(VULGAR)}])|\.\.\.?(?=\d)")
_TIMES = re.compile(r" ?[x\u00d7*] ?(?=\d)| by (?=\d)")
_TIMES_END = re.compile(r" ?[x\u00d7](?![a-z\d])")
_UNIT = re.compile(
    r"(?P<gap>[ -]?)(?P<unit>km/h|m/s|[A-Za-z]{1,7})(?P<power>[\u00b2\u00b3])?(?![A-Za-z])(?!(?<![hm])\d)"
)
_INCHES = re.compile(r" ?in\.(?= [a-z])")
"""With its stop in the middle of a sentence alone: 5 in a row are no inches."""
_PRIME = re.compile("''|[\"\u2033\u201d'\u2032\u2019]")
_PER = re.compile(r" ?/ ?(day|d|week|wk|month|mo|hour|hr|h|min|minute|sec|year|yr|side|leg|arm|set|"
                  r"hand|foot|session|night)\b", re.IGNORECASE)  # fmt: skip
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?![:\d])")
_RATIO = re.compile(r"(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?(?![:\d])")
_HALF_DAY = re.compile(r" ?([ap])\.? ?m\b\.?", re.IGNORECASE)
_DATE = re.compile(r"(\d{1,4})([/.-])(\d{1,2})\2(\d{2,4})(?!\d)")
_PHONE = re.compile(r"\d{3}-\d{4}(?![\d-])|\d{3}-\d{3}-\d{4}(?![\d-])")
_DECADE = re.compile(r"((?:1[1-9]|20)\d0)'?s\b|(\d0)'?s\b")
_SEVERAL = re.compile(rf"\d{{1,2}}(?:[{DASHES}]\d{{1,2}}){{2,5}}(?![\d/])")
MONEY = re.compile(r"([$\u00a3\u20ac])\s?(?=[\d.])")
_COINS = {
    "$": ("dollar", "dollars"), "\u00a3": ("pound", "pounds"), "\u20ac": ("euro", "euros"),
}  # fmt: skip
_FAR = re.compile(
    r"\W*(?:off|away|apart|wide|long|thick|deep|high|tall|above|below|across|from|of|to the|balls?|"
    r"rollers?|bands?|blocks?|towels?|blankets?|in diameter|diameter|square|gap|strip|pipe|cylinder|"
    r"step|box|lower|higher|further|closer|inside|outside|behind|beside|toward|towards|into)\b"
)
_WALKED = re.compile(
    r"\b(?:walk|run|row|swim|sprint|march|jog|carry|crawl|drive)\w*\W+(?:\w+\W+)?$", re.I
)
_CLOCK_BEFORE = re.compile(r"\b(?:at|by|until|till|before|after|around|past|about|since)\W+$", re.I)
_TIMED_BEFORE = re.compile(
    r"\b(?:for|hold|rest|pause|wait|stretch|roll|press|stay|of|in|within|lasts?|every|another)\W+$",
    re.I,
)
_YEAR_BEFORE = re.compile(
    r"\b(?:in|since|of|from|by|until|till|year|during|before|after|to|summer|winter|spring|autumn|early|late)\W+$",
    re.I,
)
_DECADE_BEFORE = re.compile(
    r"\b(?:in|into|of) (?:your|their|his|her|my|our|the)(?: (?:early|mid|late)[ -])? ?$|\bmid-$",
    re.I,
)
_CALL_BEFORE = re.compile(r"\b(?:call|dial|ring|phone|number)\W+$", re.I)
_ARTICLE = re.compile(
    r"\b(?:an?|the|another|one|first|second|other|last|each|every|your|this|that)\W+$", re.I
)
_TALL = re.compile(r"\W*(?:tall|high|person|long|wide)\b")


@dataclass(frozen=True, slots=True)
class _Value:
    """A number that was read.

    Attributes:
        words: how it is said.
        end: index behind it.
        one: whether what is counted is singular.
        fraction: numerator and denominator of a bare fraction.
        range: it has two ends.
    """

    words: str
    end: int
    one: bool = False
    fraction: tuple[int, int] | None = None
    range: bool = False


@cache
def _numbers(language: str) -> Any:
    """num2words for a language."""
    from num2words import CONVERTER_CLASSES

    return CONVERTER_CLASSES[language]


@lru_cache(maxsize=4096)
def _cardinal(language: str, digits: str) -> str:
    """A number in words; one that starts with zero, or is too long for that, digit by digit."""
    whole, _, part = digits.replace(",", "").partition(".")
    if len(whole) > 15 or (len(whole) > 1 and whole[0] == "0"):
        said = " ".join(_cardinal(language, d) for d in whole)
    else:
        said = _numbers(language).to_cardinal(int(whole)) if whole else ""
    if part:
        said = f"{said} point " + " ".join(_cardinal(language, d) for d in part)
    return str(said).strip()


class Numbers:
    """Reads the numbers of one sentence.

    Each reader gives the words for what starts at an index and the index behind it, or None.
    """

    def __init__(self, text: str, language: str, table: Writing) -> None:
        self._text = text
        self._table = table
        region = language.replace("_", "-").split("-")[1:]
        self._day_first = any(part.lower() in table.day_first for part in region)

    def _cardinal(self, digits: str) -> str:
        return _cardinal(self._table.numbers, digits)

    def _ordinal(self, number: int) -> str:
        return str(_numbers(self._table.numbers).to_ordinal(number))

    def _figure(self, start: int) -> tuple[str, int] | None:
        text = self._text
        before = text[:start]
        for reader in (self._date, self._clock, self._special):
            if (read := reader(start, before)) is not None:
                return read
        value = self._value(start)
        return None if value is None else self._quantity(value, start, before)

    def _special(self, start: int, before: str) -> tuple[str, int] | None:
        """Numbers that are said digit by digit, as decades, or one after the other."""
        text = self._text
        if match := _PHONE.match(text, start):
            return ", ".join(self._digits(part) for part in match[0].split("-")), match.end()
        if _CALL_BEFORE.search(before) and (
            match := re.compile(r"\d{3}(?![\d.,]*\d)").match(text, start)
        ):
            return self._digits(match[0]), match.end()
        if (match := _DECADE.match(text, start)) and (match[1] or _DECADE_BEFORE.search(before)):
            if match[1]:
                said = f"{self._cardinal(match[1][:2])} {self._decade(match[1][2:])}"
                return said.replace("twenty hundreds", "two thousands"), match.end()
            return self._decade(match[2]), match.end()
        if match := re.compile(r"(\d+)['\u2019]s\b").match(text, start):
            return self._many(self._cardinal(match[1])), match.end()
        if match := _SEVERAL.match(text, start):
            numbers = re.findall(r"\d+", match[0])
            return " ".join(self._cardinal(n) for n in numbers), match.end()
        if match := re.compile(r"\d{1,2}(?:/\d{1,2}){2,}(?![\d/])").match(text, start):
            return " ".join(self._cardinal(n) for n in match[0].split("/")), match.end()
        if match := re.compile(r"(\d)( ?RM| rep max)\b").match(text, start):
            return f"{self._cardinal(match[1])} rep max", match.end()
        if match := re.compile(r"(\d+)-in-(\d+)\b").match(text, start):
            return f"{self._cardinal(match[1])}-in-{self._cardinal(match[2])}", match.end()
        if match := re.compile(r"\d+(?:\.\d+){2,}").match(text, start):
            return " point ".join(self._cardinal(n) for n in match[0].split(".")), match.end()
        if match := re.compile(r"(\d+)[kK](?![\w])").match(text, start):
            return f"{self._cardinal(match[1])} thousand", match.end()
        if match := re.compile(r"(\d{1,3})([A-Z])(?![\w])").match(text, start):
            return f"{self._cardinal(match[1])} {match[2]}", match.end()
        year = re.compile(r"(?:19|20)\d\d(?![\d,.]*\d)(?!\w)").match(text, start)
        if span := re.compile(rf"((?:19|20)\d\d) ?[{DASHES}] ?((?:19|20)\d\d)(?!\w)").match(
            text, start
        ):
            return f"{self._year(int(span[1]))} to {self._year(int(span[2]))}", span.end()
        if year and (
            _YEAR_BEFORE.search(before) or self._month_before(before) or not before.strip(" (")
        ):
            unit = _UNIT.match(text, year.end())
            if not (unit and self._table.units.get(unit["unit"])) and not re.match(
                r" ?[/%x\u00d7\u2013-]| (?:steps|times|people)", text[year.end() :]
            ):
                return self._year(int(year[0])), year.end()
        return None

    def _month_before(self, before: str) -> bool:
        word = re.search(r"([A-Za-z]{3})[a-z]*\.?,? $", before)
        return bool(word and word[1].lower() in self._table.months)

    def _digits(self, digits: str) -> str:
        return " ".join(self._cardinal(d) for d in digits)

    @staticmethod
    def _many(words: str) -> str:
        return (
            words[:-1] + "ies"
            if words.endswith("y")
            else words + ("es" if words.endswith("x") else "s")
        )

    def _decade(self, digits: str) -> str:
        return "hundreds" if digits == "00" else self._many(self._cardinal(digits))

    def _year(self, number: int) -> str:
        return str(_numbers(self._table.numbers).to_year(number))

    def _date(self, start: int, before: str) -> tuple[str, int] | None:
        text = self._text
        if match := _DATE.match(text, start):
            a, sign, b, c = int(match[1]), match[2], int(match[3]), int(match[4])
            if len(match[1]) == 4 and len(match[4]) <= 2:
                year, month, day = a, b, c
            elif len(match[1]) <= 2 and len(match[4]) in (2, 4) and sign != "-":
                year = c if len(match[4]) == 4 else 2000 + c
                day_first = self._day_first or sign == "."
                day, month = (a, b) if day_first else (b, a)
                if month > 12 >= day:
                    day, month = month, day
            else:
                return None
            if not (1 <= month <= 12 and 1 <= day <= 31 and 1000 <= year <= 2999):
                return None
            return f"{self._day(day, month, before)}, {self._year(year)}", match.end()
        return self._named_date(start, before)

    def _named_date(self, start: int, before: str) -> tuple[str, int] | None:
        """A day beside the name of its month."""
        text = self._text
        names = "|".join(f"(?i:{m}[a-z]*)" for m in self._table.months)
        following = re.compile(
            rf"(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? ((?:{names}))\b\.?(?:,? ((?:19|20)\d\d))?(?!\d)",
            re.I,
        )
        match = following.match(text, start)
        if match and 1 <= int(match[1]) <= 31 and match[2][0].isupper() and self._month(match[2]):
            said = self._day(int(match[1]), self._month(match[2]), before, day_first=True)
            return (
                f"{said}, {self._year(int(match[3]))}" if match[3] else said
            ), self._behind_stop(match.end())
        day = re.compile(
            r"(\d{1,2})(?:st|nd|rd|th)?(?:,? ((?:19|20)\d\d))?(?![\w:/%.]*[\d:/%])(?! ?(?:times|x\b|reps|sets|min|sec))"
        ).match(text, start)
        month = re.search(rf"\b({names})\.? $", before)
        if (
            day
            and month
            and before[month.start()].isupper()
            and self._month(month[1])
            and 1 <= int(day[1]) <= 31
        ):
            said = self._ordinal(int(day[1]))
            return (f"{said}, {self._year(int(day[2]))}" if day[2] else said), day.end()
        return None

    def _month(self, name: str) -> int:
        """1 to 12, or 0 for what is no month."""
        short = name[:3].lower()
        full = self._table.months.get(short, "")
        if name.lower() not in (short, full.lower(), "sept"):
            return 0
        return 1 + list(self._table.months).index(short)

    def _day(self, day: int, month: int, before: str, *, day_first: bool | None = None) -> str:
        name = list(self._table.months.values())[month - 1]
        if self._day_first if day_first is None else day_first:
            article = "" if re.search(r"\bthe $", before) else "the "
            return f"{article}{self._ordinal(day)} of {name}"
        return f"{name} {self._ordinal(day)}"

    def _clock(self, start: int, before: str) -> tuple[str, int] | None:
        text = self._text
        bare = re.compile(r"(\d{1,2})(?= ?[ap]\.? ?m\b)", re.I).match(text, start)
        match = _CLOCK.match(text, start)
        if match is None and bare is None:
            if ratio := _RATIO.match(text, start):
                return " to ".join(self._cardinal(n) for n in ratio.groups() if n), ratio.end()
            return None
        if match is None:
            assert bare is not None
            half = _HALF_DAY.match(text, bare.end())
            assert half is not None
            return f"{self._cardinal(bare[1])} {half[1].upper()} M", self._behind_stop(half.end())
        first, second, third = int(match[1]), int(match[2]), match[3]
        if second > 59:
            return f"{self._cardinal(match[1])} to {self._cardinal(match[2])}", match.end()
        half = _HALF_DAY.match(text, match.end())
        clock = half or _CLOCK_BEFORE.search(before) or re.match(" o.clock", text[match.end() :])
        timed = first == 0 or _TIMED_BEFORE.search(before) or first > 23
        if not clock and (timed or first < 6) and third is None:
            return self._minutes(first, second), match.end()
        hour = self._cardinal(str(first))
        if second == 0:
            said = hour if half or re.match(" o.clock", text[match.end() :]) else f"{hour} o'clock"
        else:
            said = f"{hour} {'oh ' if second < 10 else ''}{self._cardinal(str(second))}"
        if half:
            return f"{said} {half[1].upper()} M", self._behind_stop(half.end())
        return said, match.end()

    def _minutes(self, minutes: int, seconds: int) -> str:
        units = self._table.units
        parts = []
        if minutes:
            parts.append(f"{self._cardinal(str(minutes))} {units['m'].name(minutes == 1)}")
        if seconds and minutes and seconds >= 10:
            parts.append(self._cardinal(str(seconds)))
        elif seconds or not minutes:
            parts.append(f"{self._cardinal(str(seconds))} {units['s'].name(seconds == 1)}")
        return " ".join(parts)

    def _value(self, start: int) -> _Value | None:
        """A single number, or a fraction, or an ordinal."""
        text = self._text
        if match := _MIXED.match(text, start):
            upper, lower = VULGAR[match[2]] if match[2] else (int(match[3]), int(match[4]))
            if match[2] or upper < lower:
                said = f"{self._cardinal(match[1])} and {self._fraction(upper, lower)}"
                return _Value(said, match.end())
        if match := _ONLYVULGAR.match(text, start):
            upper, lower = VULGAR[match[0]]
            said = self._fraction(upper, lower, not self._half_way(lower, match.end()))
            return _Value(said, match.end(), fraction=(upper, lower))
        if match := _ORDINAL.match(text, start):
            return _Value(self._ordinal(int(match[1])), match.end())
        if match := _NUMBER.match(text, start):
            return _Value(self._cardinal(match[0]), match.end(), one=match[0] == "1")
        return None

    def _half_way(self, lower: int, end: int) -> bool:
        """Half way, half of it; but a quarter of the way."""
        return lower == 2 and re.match(r"[ -](of|way)\b", self._text[end:]) is not None

    def _fraction(self, upper: int, lower: int, article: bool = True) -> str:
        one, many = self._table.fractions[lower]
        if upper > 1:
            return f"{self._cardinal(str(upper))} {many}"
        if not article:
            return one
        return f"{'an' if one[0] in 'aeio' else 'a'} {one}"

    def _over(self, value: _Value, start: int, before: str, end: int) -> _Value:
        """What stands behind a slash: ten out of ten, three quarters, eight of twelve."""
        text = self._text
        match = _OVER.match(text, end)
        if match is None:
            return value
        written = text[start:end]
        upper = int(written) if written.isdigit() else None
        lower = int(match[1])
        of = re.match(r" of\b", text[match.end() :]) is not None
        second = self._cardinal(match[1])
        if (
            upper is not None
            and lower in self._table.fractions
            and upper < lower
            and (lower in (2, 3, 4, 8, 16) or of)
        ):
            article = not _ARTICLE.search(before) and not self._half_way(lower, match.end())
            said = self._fraction(upper, lower, article)
            return _Value(said, match.end(), fraction=(upper, lower))
        if upper is not None and upper == lower and upper >= 20:
            return _Value(f"{value.words} {second}", match.end())
        if (upper, lower) == (24, 7):
            return _Value(f"{value.words} {second}", match.end())
        if upper is not None and upper > lower and lower > 20:
            return _Value(f"{value.words} over {second}", match.end())
        joined = (
            " out of " if lower in (5, 10, 20, 100) or upper is None or upper == lower else " of "
        )
        return _Value(f"{value.words}{joined}{second}", match.end())

    def _quantity(self, value: _Value, start: int, before: str) -> tuple[str, int]:
        """A number with all that belongs to it: a range, a fraction, times, units."""
        text = self._text
        end = value.end
        value = self._over(value, start, before, end)
        while joined := _RANGE.match(text, value.end):
            second = self._value(joined.end())
            if second is None or value.range:
                break
            second = self._over(second, joined.end(), before, second.end)
            value = _Value(f"{value.words} to {second.words}", second.end, range=True)
            value = self._over(value, start, before, value.end)
        if times := _TIMES.match(text, value.end):
            factor = self._value(times.end())
            if factor is not None:
                article = re.search(r"\ban? $", before)
                rest, stop = self._quantity(factor, times.end(), article[0] if article else "")
                length = re.search(
                    r"\b(?:metres?|centimetres?|millimetres?|inch|inches|feet|foot)$", rest
                )
                by = " by " if length or times[0] == " by " else " times "
                return f"{value.words}{by}{rest}", stop
        if times := _TIMES_END.match(text, value.end):
            said = "once" if value.words == "one" else f"{value.words} times"
            return self._per(said, times.end())
        return self._measured(value, start, before)

    def _measured(self, value: _Value, start: int, before: str) -> tuple[str, int]:
        """A number and its unit."""
        text, end = self._text, value.end
        following = text[end : end + 1]
        if match := re.compile(r" ?%").match(text, end):
            return f"{value.words} percent", match.end()
        if match := re.compile(r" ?\u00b0(?: ?([CF])\b)?").match(text, end):
            scale = {"C": " Celsius", "F": " Fahrenheit"}.get(match[1] or "", "")
            angle = re.match(r" (?:angle|bend|turn|rotation|tilt|position)\b", text[match.end() :])
            return (
                f"{value.words} {'degree' if value.one or angle else 'degrees'}{scale}",
                match.end(),
            )
        if following in ("+",) and not re.match(r"\+ ?[\d(]", text[end:]):
            return f"{value.words} plus", end + 1
        if (prime := _PRIME.match(text, end)) and (read := self._primed(value, prime, before)):
            return read
        one = value.one or re.search(r"\ban? $", before) is not None  # "a 65 cm ball"
        if match := _INCHES.match(text, end):
            return f"{value.words} {'inch' if one else 'inches'}", match.end()
        match = _UNIT.match(text, end)
        unit = match and self._unit(match, before)
        if match is None or unit is None:
            return self._per(value.words, end)
        stop = match.end()
        if text[stop : stop + 1] == "." and len(match["unit"]) <= 4 and self._abbreviates(stop):
            stop += 1
        if unit.kind == "time" and (rest := self._then(unit, stop)):
            said = f"{value.words} {unit.name(value.one)} {rest[0]}"
            return said, rest[1]
        if (
            (other := _RANGE.match(text, stop))
            and not value.range
            and (second := self._value(other.end()))
        ):
            again = _UNIT.match(text, second.end)
            if again and self._unit(again, before) == unit:
                joint = _Value(f"{value.words} to {second.words}", second.end, range=True)
                return self._measured(joint, start, before)
        power = {"\u00b2": "square ", "\u00b3": "cubic "}.get(match["power"] or "", "")
        if match["gap"] == "-" and not value.fraction:
            return f"{value.words}-{power}{unit.one}", stop
        if value.fraction:
            return self._per(self._part_of(value, unit, before), stop)
        return self._per(f"{value.words} {power}{unit.name(one)}", stop)

    def _part_of(self, value: _Value, unit: Unit, before: str) -> str:
        upper, lower = value.fraction or (1, 2)
        if _ARTICLE.search(before):
            return f"{self._fraction(upper, lower, False)} {unit.one}"
        article = "an" if unit.one[0] in "aeiou" or unit.one.startswith("hour") else "a"
        if (upper, lower) == (1, 2):
            return f"half {article} {unit.one}"
        return f"{self._fraction(upper, lower)} of {article} {unit.one}"

    def _abbreviates(self, stop: int) -> bool:
        """Whether the full stop at an index belongs to the unit, not to the sentence."""
        rest = self._text[stop + 1 :]
        return bool(rest.strip(" \"'\u201d)")) and not re.match(r"\s+[A-Z]", rest)

    def _unit(self, match: re.Match[str], before: str) -> Unit | None:
        written = match["unit"]
        units = self._table.units
        rest = self._text[match.end() :]
        unit = units.get(written) or (units.get(written.lower()) if len(written) > 1 else None)
        if unit is None or (len(written) == 1 and match["gap"] == "-"):
            return None
        if written == "m":
            far = re.match(
                r"[ -]*(?:away|long|wide|tall|high|deep|apart|from|distance|walk|run|row|swim|dash|sprint|lap)\b",
                rest,
            )
            if far or match["power"] or _WALKED.search(before):
                return units["metre"]
        if written in ("mo", "cal", "W", "g", "l", "L") and match["gap"] == "" and written == "mo":
            return None
        return unit

    def _then(self, unit: Unit, stop: int) -> tuple[str, int] | None:
        """What follows minutes or hours: their seconds or minutes."""
        text = self._text
        smaller = {"minute": ("s", "second"), "hour": ("m", "minute")}.get(unit.one)
        match = re.compile(
            r"(?: ?,? ?(?:and )?)(\d{1,2}) ?([A-Za-z]{1,7})?(?![\w/:.-]*\d)(?![A-Za-z])"
        ).match(text, stop)
        if smaller is None or match is None:
            return None
        short, full = smaller
        written = match[2]
        glued = match.start(1) == stop
        if written is None:
            return (self._cardinal(match[1]), match.end()) if glued else None
        found = self._table.units.get(written)
        if found is None or found.one != full:
            return None
        seconds = int(match[1])
        if written == short and seconds >= 10:
            return self._cardinal(match[1]), match.end()
        end = match.end()
        if text[end : end + 1] == "." and self._abbreviates(end):
            end += 1
        joined = "and " if "and " in text[stop : match.start(1)] else ""
        return f"{joined}{self._cardinal(match[1])} {found.name(seconds == 1)}", end

    def _primed(self, value: _Value, prime: re.Match[str], before: str) -> tuple[str, int] | None:
        """`45"`, `5'` and `1'30"`: seconds and minutes, or inches and feet."""
        text, end = self._text, prime.end()
        kind = _PRIMES[prime[0]]
        opening = {'"': '"', "\u201d": "\u201c", "'": "'", "\u2019": "\u2018"}.get(prime[0])
        if opening and self._is_quoted(before, opening, prime[0]):
            return None
        if kind == "m" and re.match(r"[A-Za-z]", text[end:]):
            return None
        rest = text[end:]
        inner = (
            re.compile(r" ?(\d{1,2}) ?(?:''|[\"\u2033\u201d]|(?!\w))").match(text, end)
            if kind == "m"
            else None
        )
        if inner and int(inner[1]) < 60:
            tall = _TALL.match(text, inner.end()) or re.search(r"\b(?:am|is|are|about) $", before)
            if tall and int(inner[1]) < 12:
                return f"{value.words} foot {self._cardinal(inner[1])}", inner.end()
            minutes = text[prime.start() - len(text[: prime.start()]) + len(before) : prime.start()]
            return self._minutes(int(re.sub(r"\D", "", minutes) or 0), int(inner[1])), inner.end()
        far = _FAR.match(rest) is not None
        names = {("s", True): "inch", ("m", True): "ft", ("s", False): "s", ("m", False): "m"}
        unit = self._table.units[names[kind, far]]
        if value.fraction:
            return self._part_of(value, unit, before), end
        return f"{value.words} {unit.name(value.one)}", end

    @staticmethod
    def _is_quoted(before: str, opening: str, closing: str) -> bool:
        """Whether a quotation is open, so that the sign closes it."""
        before += "0"
        if opening != closing:
            return before.count(opening) > before.count(closing)
        starts = len(re.findall(rf"(?:^|[\s(]){re.escape(opening)}(?=\S)", before))
        return starts > len(re.findall(rf"(?<=\S){re.escape(opening)}(?=[\s,.;:!?)]|$)", before))

    def _multiplied(self, start: int, at: int) -> tuple[str, int] | None:
        """`x3` and `sets x 10`."""
        value = self._value(at)
        if value is None:
            return None
        said, end = self._quantity(value, at, "")
        if re.search(r"\b(?:sets?|rounds?|series) $", self._text[:start]):
            return f"of {said}", end
        bare = re.fullmatch(rf"[{DASHES}\d., ]+", self._text[at:end])
        return (f"{said} times" if bare else f"for {said}"), end

    def _per(self, said: str, end: int) -> tuple[str, int]:
        """`/day`, `/side` behind a number."""
        match = _PER.match(self._text, end)
        if match is None:
            return said, end
        name = match[1].lower()
        unit = self._table.units.get({"d": "day"}.get(name, name))
        word = unit.one if unit else name
        article = ("an" if word == "hour" else "a") if unit else "per"
        return f"{said} {article} {word}", match.end()

    def _money(self, sign: str, start: int) -> tuple[str, int] | None:
        match = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d\d))?").match(self._text, start)
        if match is None:
            return None
        one, many = _COINS[sign]
        said = f"{self._cardinal(match[1])} {one if match[1] == '1' else many}"
        if match[2] and int(match[2]):
            said += f" {self._cardinal(match[2].lstrip('0'))}"
        return said, match.end()

    def _behind_stop(self, end: int) -> int:
        """Keep the stop of an abbreviation where it ends the sentence."""
        ends = not self._text[end:].strip(" \"'\u201d)") and self._text[end - 1] == "."
        return end - 1 if ends else end
