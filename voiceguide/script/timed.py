"""The cues inside an interval: `WHEN: WHAT`."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import cast

from voiceguide.errors import VoiceguideError
from voiceguide.script.durations import WRITTEN
from voiceguide.script.forms import canonical
from voiceguide.script.inline import Inline
from voiceguide.script.items import CUES, DEFAULT_CHIME, MOMENTS, WORD, Item, ItemReader, Wrong
from voiceguide.script.model import Chime, Countdown, Moment, Nested, Sentence, Spoken
from voiceguide.script.source import nearest
from voiceguide.script.speech import read_speech
from voiceguide.units import Elastic, Seconds, format_seconds

_MEANT = {
    **dict.fromkeys(("beginning", "begin", "first"), "start"),
    **dict.fromkeys(("middle", "midway", "half", "mid"), "halfway"),
    **dict.fromkeys(("finish", "finally", "ending"), "end"),
    **dict.fromkeys(("after", "from"), "at"),
    "each": "every",
}
"""Words for when something happens, and the one of the language."""
_SEEN = 80
_AT_EDGE = re.compile(r"at (?:the )?(start|beginning|end|half|halfway|middle)\b")


_WHEN_ENDS = re.compile(r":(?![0-9])")


def _as_moment(inline: Inline) -> Inline:
    """A timed cue whose WHEN is in the canonical form; what happens then is left as it is."""
    ends = _WHEN_ENDS.search(inline.text)
    if ends is None:
        word = WORD.match(inline.text)
        if word is None or word[0].lower() not in MOMENTS:
            return inline
        small = word[0].lower() + inline.text[word.end() :]
        return replace(inline, text=small)
    when, at = inline.text[: ends.start()], ends.start()
    if len(when) > _SEEN or len(when.lower()) != len(when):
        return inline
    inline = replace(inline, text=when.lower() + inline.text[at:])
    return canonical(inline, "box", "time", "moment", end=at)


def _unknown(name: str, text: str) -> Wrong:
    length = len(name)
    read_on = True
    near = _MEANT.get(name.casefold()) or nearest(name, MOMENTS)
    hint = f'did you mean "{near}"?' if near else "begin with when it happens, as in halfway: chime"
    if name.casefold() == "countdown":
        duration = WRITTEN.search(text[:_SEEN])
        near = f"last {duration[0] if duration else '5s'}: countdown"
        hint, length, read_on = f"write {near}", len(text), False
    return Wrong(
        "unknown-moment",
        f'"{name[:40]}" does not say when',
        0,
        length,
        expected="one of start, halfway, end, at 20s, 10s left, every 15s, last 5s, then a colon",
        hint=hint,
        fix=near,
        near=near if read_on else None,
    )


class TimedReader(ItemReader):
    """Reads what is nested in an interval."""

    def read(self, items: tuple[Item, ...], duration: Elastic | None) -> tuple[Nested, ...]:
        """The cues of an interval; its duration is None where it could not be read."""
        found: list[Nested] = []
        broken: list[Nested] = []
        for item in items:
            nested = self._one_nested(item.inline, duration)
            if isinstance(nested, Nested):
                found.append(nested)
            elif nested is not None:
                # Kept for what its text holds.
                where = self.where(item.inline)
                broken.append(Nested("start", Seconds(0.0), nested, where))
            if item.items:
                below = item.items[0].inline
                self.findings.add(
                    "nested-cue",
                    "a timed cue takes no cues below it",
                    *below.place(0),
                    length=len(below.text),
                    hint="move it to the left",
                )
        self._check_countdown(found, duration)
        return (*found, *broken)

    def _check_countdown(self, found: list[Nested], duration: Elastic | None) -> None:
        last = [n for n in found if n.moment == "last"]
        for again in last[1:]:
            self.findings.add(
                "countdown-twice",
                "an interval has one countdown",
                again.location.line,
                again.location.column,
                hint="keep one of them",
            )
        if not last:
            return
        count = last[0].seconds
        least = duration.least if duration else None
        for cue in found:
            if not isinstance(cue.what, tuple):
                continue
            inside = cue.moment == "end" or (cue.moment == "left" and cue.seconds <= count)
            if least is not None and not inside:
                begins = {"start": 0.0, "halfway": least / 2, "at": cue.seconds}.get(cue.moment)
                inside = begins is not None and begins >= least - count
            if cue.moment == "every":
                inside = cue.seconds <= count
            if inside:
                self.findings.add(
                    "speech-in-countdown",
                    "no sentence may sound during the countdown",
                    cue.location.line,
                    cue.location.column,
                    hint=f"say it more than {format_seconds(count)} before the end",
                )

    def _one_nested(self, inline: Inline, duration: Elastic | None) -> Nested | Spoken | None:
        """A cue inside an interval; what it says alone where its moment is wrong, or None.

        What is wrong is reported.
        """
        moment: Moment | None = None
        seconds = Seconds(0.0)
        inline = _as_moment(inline)
        try:
            moment, seconds, at = self._moment(inline)
            self._check_inside(moment, seconds, at, duration)
        except Wrong as wrong:
            self.report(inline, wrong)
            if wrong.near:
                meant = inline.put(wrong.at, wrong.length, wrong.near)
                other = self._one_nested(meant, duration)
                said = other.what if isinstance(other, Nested) else other
                return said if isinstance(said, tuple) else None
            # What happens is read all the same, so that its own mistakes are reported too.
            at = inline.text.find(":")
            moment = None
        if at < 0:
            return None
        what = inline.cut(at + 1)
        try:
            if moment == "last" and what.text:
                self._check_last(what, seconds)
                if seconds % 1 or not 2 <= seconds <= 20:
                    self.findings.add(
                        "bad-countdown",
                        f"a countdown cannot start at {format_seconds(seconds)}",
                        *inline.place(0),
                        length=at,
                        expected="whole seconds, from 2s to 20s",
                    )
                    return None
                return Nested("last", seconds, Countdown(self.where(inline)), self.where(inline))
        except Wrong as wrong:
            self.report(what, wrong)
            return None
        happens = self.happens(what, moment)
        if happens is None:
            return None
        if moment is None:
            return happens if isinstance(happens, tuple) else None
        return Nested(moment, seconds, happens, self.where(inline))

    def happens(self, what: Inline, moment: Moment | None) -> Chime | Spoken | None:
        """A chime or a text, or None where it is neither, which is reported."""
        try:
            if not what.text:
                raise Wrong(
                    "missing-what",
                    "it is not said what happens then",
                    0,
                    expected="chime, or a text to speak",
                )
            if (chime := self._as_chime(what)) is not None:
                return self.chime(chime)
            word = WORD.match(what.text)
            self._check_not_a_cue(what, word[0] if word else "", moment)
            return self._said(what)
        except Wrong as wrong:
            self.report(what, wrong)
            return None

    def _as_chime(self, what: Inline) -> Inline | None:
        """A chime in its canonical form, or None for what is spoken."""
        if what.text.startswith("chime") and not what.text[5:6].isalpha():
            return canonical(what, "box", "cue", "times")
        small = canonical(replace(what, text=what.text.lower()), "box", "cue", "times")
        if len(what.text.lower()) != len(what.text) or not small.text.startswith("chime"):
            return None
        rest = self.level(small.text[5:].split(",")[0])[0].strip()
        try:
            self.environment.sound(rest or DEFAULT_CHIME, "chime", self.findings.source.folder)
        except VoiceguideError:
            return None
        return small

    def _said(self, what: Inline) -> Spoken:
        before = len(self.findings.problems)
        spoken = read_speech(what, self.findings)
        silent = not any(isinstance(piece, Sentence) for piece in spoken)
        if silent and len(self.findings.problems) == before:
            raise Wrong(
                "no-words", "there is nothing to say here", 0, len(what.text), hint="write words"
            )
        return spoken

    @staticmethod
    def _check_inside(moment: Moment, seconds: Seconds, at: int, duration: Elastic | None) -> None:
        if duration and moment in ("at", "left", "last") and seconds > duration.least:
            most = least = format_seconds(duration.least)
            outside = format_seconds(seconds)
            fix: str | None = f"{most} left" if moment == "left" else f"{moment} {most}"
            if moment == "last":
                seconds = Seconds(min(20, duration.least // 1))
                most = format_seconds(seconds)
                fix = f"last {most}" if seconds >= 2 else None
            raise Wrong(
                "outside-interval",
                f"{outside} lies outside the interval, which may last only {least}",
                0,
                at,
                hint=f"choose at most {most}",
                fix=fix,
            )

    @staticmethod
    def _check_last(what: Inline, seconds: Seconds) -> None:
        if what.text.lower().rstrip(".") != "countdown":
            near = re.fullmatch(r"count(?:ing)?[ -]?down\W*", what.text, re.IGNORECASE)
            raise Wrong(
                "bad-countdown",
                '"last" only counts down',
                0,
                len(what.text),
                expected="last 5s: countdown",
                hint="write countdown"
                if near
                else f"for a text or a chime, write {format_seconds(seconds)} left in place of last",
                fix="countdown" if near else None,
            )

    def _check_not_a_cue(self, what: Inline, name: str, moment: Moment | None) -> None:
        """Words that were meant as a cue must not be read aloud."""
        few = len(what.text[:100].split()) <= 3 and what.text[-1:] not in ".!?"
        if what.text == "countdown":
            if moment is None:
                return
            raise Wrong(
                "bad-countdown",
                "a countdown has a time of its own",
                0,
                9,
                expected="last 5s: countdown",
            )
        looks_like = name in CUES and (
            (few and re.search(r"\d", what.text)) or (name == "breathe" and "," in what.text)
        )
        if looks_like or (few and name in ("background", "include", "play")):
            raise Wrong(
                "cue-here",
                f'the cue "{name}" cannot stand inside an interval',
                0,
                len(name),
                expected="chime, or a text to speak",
                hint="move it to the left, to a line of its own",
            )
        near = nearest(name, ("chime", "countdown")) if few and name.islower() else None
        if near:
            raise Wrong(
                "unknown-cue",
                f'there is no cue "{name}"',
                0,
                len(name),
                expected="chime, or a text to speak",
                hint=f'did you mean "{near}"?',
                fix=near,
            )

    def _moment(self, inline: Inline) -> tuple[Moment, Seconds, int]:
        """When, its seconds, and the index of the colon."""
        text = inline.text
        word = WORD.match(text)
        name = word[0] if word else ""
        seconds, end = Seconds(0.0), len(name)
        moment: Moment
        if edge := _AT_EDGE.match(text):
            raise Wrong(
                "unknown-moment",
                f'"{edge[0]}" does not say when',
                0,
                len(edge[0]),
                fix=_MEANT.get(edge[1], edge[1]),
            )
        if name in ("start", "halfway", "end"):
            moment = cast(Moment, name)
        elif name in ("at", "every", "last"):
            moment = cast(Moment, name)
            seconds, end = self.time(inline, len(name))
            if moment == "every" and seconds < 1:
                raise Wrong(
                    "every-too-often",
                    "this would be more than once a second",
                    0,
                    end,
                    expected="every 1s, or a longer time",
                    fix="every 1s",
                )
        elif name[:1].isdigit():
            moment = "left"
            seconds, end = self.time(inline, 0)
            left = re.compile(r" *left").match(text, end)
            if not left:
                raise Wrong(
                    "bad-moment",
                    "it is not said whether this is from the start or before the end",
                    0,
                    end,
                    hint=f"write at {text[:end]} or {text[:end]} left",
                )
            end = left.end()
        else:
            raise _unknown(name, text)
        rest = text[end:]
        if not rest.lstrip().startswith(":"):
            what = rest.lstrip(" -\u2013\u2014=>,;.")
            one = not rest.lstrip().startswith(",")
            raise Wrong(
                "missing-colon",
                "a colon is missing here",
                end,
                max(1, len(rest) - len(what)),
                expected=f"as in {text[:end]}: {what[:40] if what and one else 'chime'}",
                hint="put it here" if one else "one moment a line",
                fix=(": " if what else ": chime") if one else None,
            )
        return moment, seconds, end + rest.index(":")
