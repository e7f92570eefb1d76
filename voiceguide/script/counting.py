"""`count` to counted repetitions, and what happens among them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import cast

from voiceguide.script.durations import WRITTEN
from voiceguide.script.forms import canonical
from voiceguide.script.inline import Inline
from voiceguide.script.items import DEFAULT_CHIME, WORD, Item, ItemReader, Wrong
from voiceguide.script.model import Count, Counting, Moment, Nested
from voiceguide.script.source import nearest
from voiceguide.script.timed import TimedReader
from voiceguide.units import Seconds, format_seconds

MOST_COUNTED = 200
"""Repetitions of a count, at most."""
SHORTEST_COUNTED = 0.5
"""Seconds of one repetition, at least."""
_COUNT = re.compile(
    r"count(?P<down> down)?(?: to)? +(?P<least>[0-9]{1,9})(?: ?[-\u2013] ?(?P<greatest>[0-9]{1,9}))?"
    r"(?P<label> [^,0-9]+)?(?P<comma> ?,? *)(?P<each>[0-9\u00bc-\u00be].*)?"
)
_EACH = re.compile(r" *(?:each|apiece|per (?:rep|repetition))$")
_NUMBERED = re.compile(r"(?P<moment>at|last) +(?P<number>[0-9]{1,9}) *:")
_EXPECTED = "as in count 10, 3s each or count 8-12 slow circles, 3s each"


class CountReader(ItemReader):
    """Reads `count` cues and what is nested in them."""

    def read(self, inline: Inline, below: tuple[Item, ...]) -> Counting | None:
        """The cue, or None where it is wrong, which is reported."""
        text = inline.text
        match = _COUNT.fullmatch(text)
        counting: Counting | None = None
        try:
            if match is None:
                raise Wrong(
                    "bad-count", "it is not said how far to count", 0, len(text), expected=_EXPECTED
                )
            count = self._count(match)
            each = self._each(inline, match)
            tick = self.find_sound(DEFAULT_CHIME, "chime", 0)
            down, where = match["down"] is not None, self.where(inline)
            counting = Counting(count, each, down, (), tick, where)
        except Wrong as wrong:
            self.report(inline, wrong)
        nested = self._nested(below, counting.count if counting else None)
        return replace(counting, nested=nested) if counting else None

    @staticmethod
    def _count(match: re.Match[str]) -> Count:
        least = int(match["least"])
        greatest = int(match["greatest"] or least)
        start, end = match.start("least"), match.end("greatest" if match["greatest"] else "least")
        if greatest > MOST_COUNTED or least < 1 or least > greatest:
            message = (
                f"at most {MOST_COUNTED} repetitions are counted"
                if greatest > MOST_COUNTED
                else "the smaller number comes first"
                if least > greatest
                else "zero times means never"
            )
            swapped = f"{greatest}-{least}" if 0 < greatest < least <= MOST_COUNTED else None
            raise Wrong("bad-count", message, start, end - start, expected=_EXPECTED, fix=swapped)
        return Count(least, (least + greatest) // 2, greatest)

    def _each(self, inline: Inline, match: re.Match[str]) -> Seconds:
        if match["each"] is None:
            raise Wrong(
                "bad-count",
                "it is not said how long one repetition takes",
                0,
                len(inline.text),
                expected=_EXPECTED,
            )
        at = match.start("each")
        each, end = self.fixed(inline, at, "a repetition")
        rest = inline.text[end:]
        if not _EACH.fullmatch(rest):
            raise Wrong(
                "bad-count",
                "it is not said that this is the time of each",
                at,
                len(inline.text) - at,
                fix=f"{inline.text[at:end]} each",
            )
        if each < SHORTEST_COUNTED:
            shortest = format_seconds(SHORTEST_COUNTED)
            raise Wrong(
                "bad-count",
                f"a repetition takes at least {shortest}",
                at,
                end - at,
                fix=shortest,
            )
        return each

    def _nested(self, items: tuple[Item, ...], count: Count | None) -> tuple[Nested, ...]:
        timed = TimedReader(self.findings, self.environment)
        found = []
        for item in items:
            inline = canonical(item.inline, "moment")
            try:
                moment, number, at = self._moment(inline, count)
            except Wrong as wrong:
                self.report(inline, wrong)
                # What happens is read all the same, so that its own mistakes are told, too.
                moment, number, at = "start", 0, inline.text.find(":")
                if at < 0:
                    continue
            what = inline.cut(at + 1)
            happens = timed.happens(what, moment)
            if happens is not None:
                found.append(Nested(moment, Seconds(number), happens, self.where(item.inline)))
            if item.items:
                below = item.items[0].inline
                self.findings.add(
                    "nested-cue",
                    "a timed cue takes no cues below it",
                    *below.place(0),
                    length=len(below.text),
                    hint="move it to the left",
                )
        return tuple(found)

    @staticmethod
    def _moment(inline: Inline, count: Count | None) -> tuple[Moment, int, int]:
        """When, its number, and the index of the colon."""
        text = inline.text
        small = text.lower()
        if match := _NUMBERED.match(small):
            number = int(match["number"])
            least = count.least if count else number
            if not 1 <= number <= least:
                raise Wrong(
                    "outside-interval",
                    f"{number} lies outside the count, which may go only to {least}",
                    0,
                    match.end() - 1,
                    hint=f"choose at most {least}",
                    fix=f"{match['moment']} {least}",
                )
            return cast(Moment, match["moment"]), number, match.end() - 1
        word = WORD.match(small)
        name = word[0] if word else ""
        colon = small.find(":")
        if name in ("start", "halfway", "end") and small[len(name) :].lstrip().startswith(":"):
            return cast(Moment, name), 0, colon
        timed = WRITTEN.search(small[: colon if colon > 0 else 0])
        near = nearest(name, ("start", "halfway", "end"))
        raise Wrong(
            "unknown-moment",
            f'"{text[: colon if 0 < colon < 40 else 40]}" does not say when in a count',
            0,
            len(name),
            expected="one of start, halfway, end, at 5 (the fifth), last 3, then a colon",
            hint="in a count, moments are numbers, as in at 5: or last 3:"
            if timed
            else f'did you mean "{near}"?'
            if near
            else "begin with when it happens, as in halfway: chime",
            fix=None if timed else near,
        )
