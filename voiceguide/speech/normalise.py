"""A written sentence to the words that are said: one pure function, the same for every voice.

No voice is trusted with anything but words: `10/10`, `45s`, `8-10 reps` or `L5/S1` are read
differently by each, and by most of them wrongly. What stands for what is the language's table
(`script.writing`); here is how words and signs are read, and in `numbers` what has figures.
Captions keep what was written.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from voiceguide.script.speech import in_words
from voiceguide.script.writing import Writing, writing
from voiceguide.speech.numbers import DASHES, MONEY, VULGAR, Numbers

_NOT_PLAIN = re.compile(
    r"[^A-Za-z ,.;:?!'\u2019\-\u2014\u2026\u201c\u201d\"()\ufffc]|[A-Z][A-Z]|[A-Za-z]\.[A-Za-z]|[a-z] [IVXLR]\b(?!')|\b[LR] [a-z]"
)
"""What a sentence of words alone does not hold; abbreviations are looked for besides."""
_PICTURES = re.compile(
    "[0-9#*]\ufe0f?\u20e3"  # keys
    "|[\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u2500-\u27bf\u2900-\u297f\u2b00-\u2bff\u3000-\u303f"
    "\ufe00-\ufe0f\u200d\u20e3\ue000-\uf8ff\U0001f000-\U0001faff\U000e0000-\U000e01ef]"
    "|<?[-=]{1,3}>(?!\\s?\\d)|<[-=]{1,3}(?=\\s+[^\\s\\d])"  # arrows
)  # fmt: skip
_LOOSE = re.compile(
    r"(?<!\S)[*_|^\\\u2022\u00b7\u2043\u2219/<>~-]+(?!\S)|[*_|^\\\u2022\u00ae\u2122\u00a9]"
)
_SIGN = re.compile(r"[^A-Za-z\s.,;:!?'\u2019\u2018\u201c\u201d\"()\-\u2013\u2014\u2026]")
_ADDRESS = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?:https?://|www\.)[^\s<>]*[\w/]"
    r"|(?:[a-z0-9-]+\.)+[a-z]{2,}/[^\s,;]*\w"
)
_NUMBERED = re.compile(r"^\s*\(?\d{1,2}[.)]\s+(?=[A-Z])")
"""The number of a list's item at the start of a sentence."""
_SPACES = re.compile(r"\s+")
_BEFORE_STOP = re.compile(r"\s+([,.;:?!])")
_SAME = str.maketrans("\u00ba\u02da\u2044\u2215\u2015", "\u00b0\u00b0//\u2014")
_VERTEBRA = re.compile(rf"([CTLS])(\d{{1,2}})(?:([{DASHES}/])([CTLS])?(\d{{1,2}}))?(?![\w/])")
_LETTER_NUMBER = re.compile(r"([A-Z]{1,3})-?(\d{1,3})(?![\w.]*\d)(?![A-Za-z])")
_ROMAN = re.compile(r"\b(?:X{0,2}(?:IX|IV|V?I{1,3}|V)|X{1,2})\b")
_ROMANS = rf"{_ROMAN.pattern}(?:(?: ?[{DASHES}/,] ?| and | or | to ){_ROMAN.pattern})*"
_ROMAN_PART = re.compile(rf"{_ROMAN.pattern}|[^IVX]+")
_CAPITALS = re.compile(r"([A-Z]{2,6})(s|'s|\u2019s)?\b(?!\.[A-Z])")
_SLASHED = re.compile(
    r"([A-Za-z]{1,20})( ?/ ?)([A-Za-z]{1,20})(?:( ?/ ?)([A-Za-z]{1,20}))?(?![/\w])"
)
_DOTTED_LETTERS = re.compile(r"([ap])\. ?m\.?(?!\w)", re.IGNORECASE)
_SIDE_LETTER = re.compile(
    r"\(?([LR])\)?(?= (?:side|leg|arm|hip|foot|hand|knee|shoulder|glute|buttock|calf|thigh|elbow|"
    r"ankle|wrist|ear|heel|hamstring|quad|piriformis|psoas)\b)"
)


@lru_cache(maxsize=4096)
def normalise(text: str, language: str = "en") -> str:
    """A sentence in words alone.

    Args:
        text: as written. The character U+FFFC stands for words that are fixed already, and stays.
        language: BCP 47; its region decides how dates are read. One without a table gets its text
            back without pictures.
    """
    if not _NOT_PLAIN.search(text):
        table = writing(language)
        if table is None or not _words_of(language).search(text):
            return text
    return _normalised(text, language)


def unsayable(words: str) -> str | None:
    """The first sign in a sentence of words that is none of them: a figure, or letters of others."""
    for match in _SIGN.finditer(words):
        if not match[0].isalpha() or not unicodedata.name(match[0], "").startswith("LATIN"):
            return match[0]
    return None


@lru_cache(maxsize=4096)
def _normalised(text: str, language: str) -> str:
    text = text.translate(_SAME)
    text = _NUMBERED.sub("", _ADDRESS.sub(lambda match: in_words(match[0]), text))
    shown = _PICTURES.sub(" ", text) if not text.isascii() or _PICTURES.search(text) else text
    table = writing(language)
    said = shown if table is None else _Reader(shown, language, table).read()
    if said == text:
        return text
    said = _BEFORE_STOP.sub(r"\1", _SPACES.sub(" ", said)).strip()
    return (
        said if any(c.isalnum() or c == "\ufffc" for c in said) else _SPACES.sub(" ", shown).strip()
    )


@cache
def _words_of(language: str) -> re.Pattern[str]:
    """Finds the abbreviations of a language."""
    table = writing(language)
    assert table is not None
    keys = sorted(
        {*table.before_number, *table.always, *(f"{t}." for t in table.titles)},
        key=len,
        reverse=True,
    )
    days = [
        rf"{d}(?:s|t|rs)?\.|{d}(?=[-\u2013/][A-Z][a-z][a-z]\b)"
        for d in (*table.days, *table.months)
    ]
    alternatives = "|".join((*(re.escape(key) for key in keys), *days))
    return re.compile(rf"(?<![\w.'\u2019-])({alternatives})(?![\w/])", re.IGNORECASE)


@cache
def _start_of_something() -> re.Pattern[str]:
    return re.compile(
        rf"[\d{''.join(VULGAR)}]|(?<!\w)\.\d|[&=%\u00b0@\u00d7\u00f7\u2116\u00a7#~<>\u2264\u2265\u2248\u00b1+$\u00a3\u20ac]"
        rf"|(?<![\w.)])[-\u2212\u2013](?=\d)|(?<![\w'])[A-Z]{{2,6}}(?:s|['\u2019]s)?\b|(?<!\w)[A-Z]{{1,3}}-?\d"
        r"|(?<!\w)[x\u00d7] ?\d|(?<![\w/])[A-Za-z]{1,20} ?/ ?[A-Za-z]|(?<!\w)\(?[LR]\)? (?=[a-z])|(?<![\w.])[ap]\. ?m\.?"
    )


class _Reader(Numbers):
    """Reads one sentence from left to right."""

    def __init__(self, text: str, language: str, table: Writing) -> None:
        super().__init__(text, language, table)
        self._abbreviation = _words_of(language)
        # Capitals throughout are words that are shouted, unless each is spelled anyway.
        capitals = re.findall(r"[A-Z]{2,}", text)
        words = [w for w in capitals if re.search("[AEIOUY]", w) and w not in table.spelled]
        self._shouted = bool(words) and not any(c.islower() for c in text)

    def read(self) -> str:
        text, parts, at = self._text, list[str](), 0
        something = _start_of_something()
        sign, word = something.search(text), self._abbreviation.search(text)
        while at < len(text):
            if sign is not None and sign.start() < at:
                sign = something.search(text, at)
            if word is not None and word.start() < at:
                word = self._abbreviation.search(text, at)
            if sign is None and word is None:
                break
            start = min(m.start() for m in (sign, word) if m)
            # A word wins where both start: "no. 3", "w/ care".
            read: tuple[str, int] | None = None
            if word is not None and word.start() == start:
                read = self._abbreviated(word)
            if read is None and sign is not None and sign.start() == start:
                read = self._sign(start)
            if read is None:
                step = start + 1
                while step < len(text) and text[step - 1].isalnum() and text[step].isalpha():
                    step += 1
                parts.append(text[at:step])
                at = step
                continue
            words, end = read
            before = text[at:start]
            parts.append(before)
            done = "".join(parts)
            if words and done[-1:].isalnum():
                parts.append(" ")
            if not done.strip(" \"'(\u201c\u2018") and words[:1].islower():
                words = words[0].upper() + words[1:]
            parts.append(words)
            if words and end < len(text) and text[end].isalnum():
                parts.append(" ")
            at = end
        parts.append(text[at:])
        return self._tidy(self._romans("".join(parts)))

    @staticmethod
    def _tidy(said: str) -> str:
        """Without the signs that belong to no number and no word."""
        return _LOOSE.sub(" ", said).replace("/", " ")

    # Words

    def _abbreviated(self, match: re.Match[str]) -> tuple[str, int] | None:
        text, table = self._text, self._table
        key = match[1].lower()
        bare = key.removesuffix(".")
        end = match.end()
        stop = key.endswith(".") or text[end : end + 1] == "."
        after = end + (stop and not key.endswith("."))
        number = re.compile(r" ?(?=\.?\d)| ?(?=[IVX]+\b)").match(text, after)
        goes_on = re.compile(r"\s*[\w\"'(\u201c\ufffc]").match(text, after) is not None
        if bare in table.titles and stop and re.compile(r"\s+[A-Z]").match(text, after):
            return table.titles[bare], after
        if number and (bare in table.before_number or (stop and f"{bare}." in table.before_number)):
            found = table.before_number.get(bare) or table.before_number[f"{bare}."]
            return found + " ", number.end()
        if bare[:3] in {**table.days, **table.months} and bare != "may" and match[1][0].isupper():
            return self._named(bare[:3], after)
        found = table.always.get(bare, "")
        if not found and stop and goes_on:
            found = table.always.get(f"{bare}.", "")
            lower = re.compile(r"\s*[a-z\d(\ufffc]").match(text, after)
            found = found if lower else ""
        if not found:
            return None
        if bare == "rep" and not re.search(
            r"\b(?:one|each|every|a|per|this|that|the|last|first|next|another) $",
            text[: match.start()],
            re.I,
        ):
            return ("rep", after) if goes_on and stop else None
        if stop and not goes_on and text[after - 1] == ".":
            after -= 1  # the stop ends the sentence
        return found, after

    def _named(self, bare: str, after: int) -> tuple[str, int] | None:
        """`Mon.` or `Jan.`, where a time or a number follows."""
        rest = self._text[after:]
        if not re.match(r",? (?:\d|at |and |to |morning|afternoon|evening|night)|[-\u2013/]", rest):
            return None
        name = self._table.days.get(bare) or self._table.months[bare]
        if other := re.match(r"[-\u2013/]([A-Z][a-z]{2})\b\.?", rest):
            second = {**self._table.days, **self._table.months}.get(other[1].lower())
            return (f"{name} to {second}", after + other.end()) if second else None
        if bare in self._table.months:
            day = re.match(r" (\d{1,2})(?:st|nd|rd|th)?\b", rest)
            if day and 1 <= int(day[1]) <= 31:
                return f"{name} {self._ordinal(int(day[1]))}", after + day.end()
        return name, after

    def _letters(self, letters: str) -> str:
        return " ".join(letters)

    # Signs

    def _sign(self, start: int) -> tuple[str, int] | None:
        text = self._text
        first = text[start]
        if first.isdigit() or first in VULGAR or first == ".":
            return self._figure(start)
        if times := re.compile(r"[x\u00d7] ?(?=\d)").match(text, start):
            return self._multiplied(start, times.end())
        if first.isalpha() or first == "(":
            return self._capitals(start)
        if money := MONEY.match(text, start):
            return self._money(money[1], money.end())
        for length in (3, 2, 1):
            sign = text[start : start + length]
            if sign in self._table.compared and re.match(
                rf"\s?[\d.$\u00a3\u20ac{''.join(VULGAR)}]", text[start + length :]
            ):
                if sign == "@" and start and not text[start - 1].isspace():
                    return None
                behind = start + length
                return self._table.compared[sign] + " ", behind + (text[behind] == " ")
        return self._between(start)

    def _between(self, start: int) -> tuple[str, int] | None:
        """A sign between words."""
        text, sign = self._text, self._text[start]
        if sign in "+" and text[start : start + 3] == "+/-":
            return " plus or minus ", start + 3
        if sign == "@" and start and text[start - 1].isalnum():
            return None  # an address
        if sign == "#" or sign not in self._table.signs:
            return " ", start + 1
        return f" {self._table.signs[sign]} ", start + 1

    def _capitals(self, start: int) -> tuple[str, int] | None:
        text = self._text
        if match := _DOTTED_LETTERS.match(text, start):
            return self._letters(f"{match[1]}m".upper()), self._behind_stop(match.end())
        if match := _SIDE_LETTER.match(text, start):
            return {"L": "left", "R": "right"}[match[1]], match.end()
        if (match := _VERTEBRA.match(text, start)) and (said := self._vertebrae(match)):
            return said, match.end()
        if match := _LETTER_NUMBER.match(text, start):
            return f"{self._letters(match[1])} {self._cardinal(match[2])}", match.end()
        if match := _SLASHED.match(text, start):
            return self._slashed(match)
        if match := _CAPITALS.match(text, start):
            return self._spelled(match)
        return None

    def _vertebrae(self, match: re.Match[str]) -> str | None:
        most = {"C": 8, "T": 12, "L": 5, "S": 5}
        region, number, joined, other, second = match.groups()
        if not 1 <= int(number) <= most[region]:
            return None
        said = f"{region} {self._cardinal(number)}"
        if joined is None:
            return said
        if not 1 <= int(second) <= most[other or region]:
            return None
        near = abs(int(second) - int(number)) == 1 or (other or region) != region
        between = " " if joined == "/" or near else " to "
        return said + between + (f"{other} " if other else "") + self._cardinal(second)

    def _spelled(self, match: re.Match[str]) -> tuple[str, int] | None:
        letters, plural = match[1], match[2]
        if self._shouted or letters == "OK":
            return ("okay", match.end()) if letters == "OK" else None
        if letters == "IT" and not re.match(r" bands?\b", self._text[match.end() :]):
            return None
        if letters == "US" and not re.search(r"\b(?:the|in|a) $", self._text[: match.start()]):
            return None
        if letters in ("AM", "PM") and not re.search(r"\d ?$|\bthe $", self._text[: match.start()]):
            return None
        numeral = _ROMAN.fullmatch(letters) and len(set(letters)) < 3
        if letters not in self._table.spelled and (re.search("[AEIOUY]", letters) or numeral):
            return None
        if letters == "IV" and not re.match(r" (?:drip|line)", self._text[match.end() :]):
            return None
        said = self._letters(letters)
        return (f"{said}'s" if plural else said), match.end()

    def _slashed(self, match: re.Match[str]) -> tuple[str, int] | None:
        first, _, second, _, third = match.groups()
        if re.fullmatch(r"[A-Z]/[A-Z]", match[0]) and match[0] not in ("L/R", "R/L"):
            return f"{first} {second}", match.end()
        pair = f"{first}/{second}".lower()
        if third is None and pair in self._table.pairs:
            return self._table.pairs[pair], match.end()
        if re.match(r"[.:]\w|@", self._text[match.end() :]):
            return None  # an address
        words = [self._word(word) for word in (first, second, third) if word]
        return " or ".join(words), match.end()

    def _word(self, word: str) -> str:
        match = _CAPITALS.fullmatch(word)
        return (self._spelled(match) or (word, 0))[0] if match else word

    def _romans(self, text: str) -> str:
        """Roman numerals behind a word such as level."""

        def said(match: re.Match[str]) -> str:
            numerals = match[3]
            if numerals == "I" and not re.match(
                rf"\s*(?:[,.;:!?)\u2014]|$|(?:{'|'.join(self._table.after_numeral)})\b)",
                text[match.end() :],
            ):
                return match[0]
            words = []
            for part in _ROMAN_PART.findall(numerals):
                joins = {"/": " ", **dict.fromkeys(DASHES, " to ")}
                if part.strip("IVX"):
                    words.append(joins.get(part.strip(), part))
                else:
                    words.append(self._cardinal(str(_roman(part))))
            return match[1] + match[2] + "".join(words)

        labels = "|".join(sorted(self._table.labels, key=len, reverse=True))
        if any(letter in text for letter in "IVX"):
            text = re.sub(rf"\b(?i:({labels}))( )({_ROMANS})", said, text)
        return re.sub(r"\b(II|III)\b", lambda m: self._cardinal(str(len(m[0]))), text)


def _roman(numeral: str) -> int:
    values = [{"I": 1, "V": 5, "X": 10}[c] for c in numeral]
    return sum(-v if v < max(values[i:]) else v for i, v in enumerate(values))
