"""How things are written in a language: units, abbreviations, signs, and how each is said.

A table for each language, `writing.LANGUAGE.toml`. The parser cuts sentences by it, and
`speech.normalise` turns what is written into words by it, so that the two never disagree about a
full stop.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of measurement.

    Attributes:
        one, many: its name in words.
        kind: "time", "length", "count" or "other".
    """

    one: str
    many: str
    kind: str

    def name(self, one: bool) -> str:
        """Its name in the singular or the plural."""
        return self.one if one else self.many


@dataclass(frozen=True, slots=True)
class Writing:
    """The table of one language; its file says more.

    Attributes:
        numbers: the name of the language in num2words.
        stops: abbreviations that end in a full stop without ending a sentence.
        stops_before_number: those for which that holds before a number only.
        spelled: capital letters that are said one by one, though they could be a word.
        labels: nouns behind which a capital letter or a Roman numeral is a label.
        after_numeral: words that may follow "level I" where I is a number.
        openers: words that a new sentence is likely to start with.
        before_names: words that often stand before the name of a person.
        day_first: regions that write the day before the month.
        before_number: abbreviations that stand for these words before a number.
        always: those that do so everywhere.
        titles: those that stand before a name.
        compared: signs before a number.
        signs: signs between words.
        pairs: words joined by a slash.
        months, days: names, by their first three letters.
        fractions: the name of one part and of several, by denominator.
        units: what may stand behind a number.
    """

    numbers: str
    stops: frozenset[str]
    stops_before_number: frozenset[str]
    spelled: frozenset[str]
    labels: frozenset[str]
    after_numeral: frozenset[str]
    openers: frozenset[str]
    before_names: frozenset[str]
    day_first: frozenset[str]
    before_number: Mapping[str, str]
    always: Mapping[str, str]
    titles: Mapping[str, str]
    compared: Mapping[str, str]
    signs: Mapping[str, str]
    pairs: Mapping[str, str]
    months: Mapping[str, str]
    days: Mapping[str, str]
    fractions: Mapping[int, tuple[str, str]]
    units: Mapping[str, Unit]


def writing(language: str) -> Writing | None:
    """The table for a BCP 47 tag, or None for a language that has none."""
    return _table(language.replace("_", "-").split("-")[0].lower())


@cache
def _table(language: str) -> Writing | None:
    file = files("voiceguide.script").joinpath(f"writing.{language}.toml")
    if not language.isalpha() or not file.is_file():
        return None
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    units = {
        written: Unit(one, many, kind)
        for kind, rows in data["units"].items()
        for names, (one, many) in rows.items()
        for written in names.split()
    }
    return Writing(
        numbers=data["numbers"],
        stops=frozenset(data["stops"].split()),
        stops_before_number=frozenset(data["stops_before_number"].split()),
        spelled=frozenset(data["spelled"].split()),
        labels=frozenset(data["labels"].split()),
        after_numeral=frozenset(data["after_numeral"].split()),
        openers=frozenset(data["openers"].split()),
        before_names=frozenset(data["before_names"].split()),
        day_first=frozenset(data["day_first"].split()),
        before_number=data["before_number"],
        always=data["always"],
        titles=data["titles"],
        compared=data["compared"],
        signs=data["signs"],
        pairs=data["pairs"],
        months=data["months"],
        days=data["days"],
        fractions={int(lower): (one, many) for lower, (one, many) in data["fractions"].items()},
        units=units,
    )
