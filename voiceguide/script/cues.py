"""List items to cues."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import cast

from voiceguide.errors import Location, VoiceguideError, did_you_mean
from voiceguide.script.environment import Environment, SoundKind
from voiceguide.script.inline import Inline
from voiceguide.script.model import (
    INTERVALS,
    Background,
    Breathe,
    Chime,
    Count,
    Countdown,
    Cue,
    Interval,
    Moment,
    Nested,
    Pause,
    Phase,
    Play,
    SoundRef,
)
from voiceguide.script.modifiers import MOST_TIMES, read_count
from voiceguide.script.source import Findings
from voiceguide.script.speech import read_speech
from voiceguide.units import (
    DurationError,
    Elastic,
    Seconds,
    format_seconds,
    scan_duration,
    scan_elastic,
)

CUES = ("pause", *INTERVALS, "breathe", "chime", "play", "background", "include")
_MOMENTS = ("start", "halfway", "end", "at", "every", "last")
DEFAULT_CHIME = "interval"
PATTERNS: dict[str, tuple[tuple[Phase, float], ...]] = {
    "box": (("in", 4), ("hold", 4), ("out", 4), ("hold", 4)),
    "4-7-8": (("in", 4), ("hold", 7), ("out", 8)),
}
_WORD = re.compile(r"[^\s,:]+")
_LEVEL = re.compile(r" at ([-\u2212\u2013+]?[0-9]{1,3}(?:\.[0-9]+)?) ?dB$")
_LONGEST_STRIKES = 100


class _Wrong(Exception):
    """A cue is malformed; carries what `Findings.add` needs."""

    def __init__(
        self,
        code: str,
        message: str,
        at: int,
        length: int = 1,
        *,
        expected: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code, self.at, self.length = code, at, length
        self.expected, self.hint = expected, hint


@dataclass(frozen=True, slots=True)
class Item:
    """A list item: its own text, and the items below it."""

    inline: Inline
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class IncludeCue:
    """`include PATH`, not looked up yet."""

    path: str
    location: Location
    length: int


class CueReader:
    """Reads the cues of one source."""

    def __init__(self, findings: Findings, environment: Environment) -> None:
        self._findings = findings
        self._environment = environment

    def read(self, item: Item) -> Cue | IncludeCue | None:
        """The cue of a list item, or None where it is wrong, which is reported."""
        inline = item.inline
        try:
            cue = self._cue(inline, item.items)
        except _Wrong as wrong:
            self._report(inline, wrong)
            cue = None
        if item.items and not isinstance(cue, Interval) and cue is not None:
            line, column = item.items[0].inline.place(0)
            self._findings.add(
                "nested-cue", "only an interval takes cues below it", line, column,
                hint="move it to the left, or nest it in one of " + ", ".join(INTERVALS),
            )  # fmt: skip
        return cue

    def _report(self, inline: Inline, wrong: _Wrong) -> None:
        line, column = inline.place(min(wrong.at, len(inline.text)))
        self._findings.add(
            wrong.code, str(wrong), line, column, length=wrong.length,
            expected=wrong.expected, hint=wrong.hint,
        )  # fmt: skip

    def _where(self, inline: Inline, at: int = 0) -> Location:
        return Location(self._findings.source.name, *inline.place(at))

    def _cue(self, inline: Inline, below: tuple[Item, ...]) -> Cue | IncludeCue:
        text = inline.text
        word = _WORD.match(text)
        name = word[0] if word else ""
        where = self._where(inline)
        if name in INTERVALS:
            duration = self._only_elastic(inline, len(name), name)
            return Interval(name, duration, self._nested(below, duration), where)
        if name == "pause":
            return Pause(self._only_elastic(inline, len(name), name, zero=True), where)
        if name == "breathe":
            return self._breathe(inline, where)
        if name == "chime":
            return self._chime(inline)
        if name == "play":
            sound, gain = self._sound(inline, "sound", 5)
            return Play(sound, gain, where)
        if name == "background":
            if text[len(name) :].strip() == "off":
                return Background(None, None, where)
            sound, gain = self._sound(inline, "bed", 11)
            return Background(sound, gain, where)
        if name == "include":
            path = text[8:].strip()
            if not path:
                raise _Wrong(
                    "missing-name", "which script?", len(text), hint="as in include parts/safety"
                )
            at = text.index(path, 8)
            return IncludeCue(path, self._where(inline, at), len(path))
        raise self._unknown(text, name)

    def _unknown(self, text: str, name: str) -> _Wrong:
        if name in _MOMENTS or re.match(r"[0-9][^:]* left", text):
            hint = "a timed cue belongs below an interval, indented by two spaces"
            return _Wrong(
                "timed-cue-outside", f'"{name}" stands in no interval', 0, len(name), hint=hint
            )
        if len(text.split()) > 4 and not did_you_mean(name, CUES):
            return _Wrong(
                "unknown-cue", "a list item is a cue, and this reads like speech", 0, len(name),
                expected="one of " + ", ".join(CUES),
                hint='to have it spoken, make it a paragraph: leave out the "-"',
            )  # fmt: skip
        return _Wrong(
            "unknown-cue", f'there is no cue "{name[:40]}"', 0, len(name),
            expected="one of " + ", ".join(CUES), hint=did_you_mean(name, CUES),
        )  # fmt: skip

    # Durations

    def _elastic(self, inline: Inline, at: int) -> tuple[Elastic, int]:
        text = inline.text
        while at < len(text) and text[at] == " ":
            at += 1
        try:
            return scan_elastic(text, at)
        except DurationError as error:
            raise _Wrong(
                "bad-duration", str(error), error.offset, error.length, hint=error.hint
            ) from None

    def _fixed(self, inline: Inline, at: int, what: str) -> tuple[Seconds, int]:
        duration, end = self._elastic(inline, at)
        if not duration.is_fixed:
            raise _Wrong(
                "elastic-here", f"{what} cannot be elastic", at, end - at, hint="write one duration"
            )
        return duration.usual, end

    def _only_elastic(self, inline: Inline, at: int, what: str, *, zero: bool = False) -> Elastic:
        duration, end = self._elastic(inline, at)
        self._nothing_after(inline, end, f"the duration of the {what}")
        if duration.least <= 0 and not zero:
            raise _Wrong(
                "zero-duration",
                f"a {what} of no time",
                at + 1,
                end - at - 1,
                hint="write how long it lasts",
            )
        return duration

    def _nothing_after(self, inline: Inline, end: int, what: str) -> None:
        rest = inline.text[end:]
        if rest.strip():
            at = end + len(rest) - len(rest.lstrip())
            hint = "cues of an interval go below it, one a line, indented" if ":" in rest else None
            raise _Wrong(
                "extra-text",
                f'"{rest.strip()[:40]}" after {what}',
                at,
                len(rest.strip()),
                hint=hint,
            )

    # Sounds

    def _level(self, text: str) -> tuple[str, float | None]:
        if match := _LEVEL.search(text):
            return text[: match.start()], float(
                match[1].replace("\u2212", "-").replace("\u2013", "-")
            )
        return text, None

    def _sound(self, inline: Inline, kind: SoundKind, at: int) -> tuple[SoundRef, float | None]:
        name, gain = self._level(inline.text[at:])
        name = name.strip()
        if not name:
            raise _Wrong(
                "missing-name", "which sound?", len(inline.text), hint="write its name or its file"
            )
        start = inline.text.index(name, at)
        if gain is not None and not -90 <= gain <= 12:
            raise _Wrong(
                "bad-level",
                f"a level of {gain:g} dB",
                start,
                len(inline.text) - start,
                hint="between -90 dB and 12 dB",
            )
        if gain is None and re.search(r" at .*\d", name):
            at = inline.text.rindex(" at ") + 1
            raise _Wrong(
                "bad-level",
                "this is not a level",
                at,
                len(inline.text) - at,
                expected="as in at -30 dB",
            )
        return self._find_sound(name, kind, start), gain

    def _find_sound(self, name: str, kind: SoundKind, at: int) -> SoundRef:
        try:
            return self._environment.sound(name, kind, self._findings.source.folder)
        except VoiceguideError as error:
            raise _Wrong("sound", str(error), at, len(name)) from None

    def _chime(self, inline: Inline, start: int = 0) -> Chime:
        text = inline.text[start:]
        name, *rest = text[5:].split(",")
        strikes = 1
        if rest:
            at = start + 5 + len(name) + 1
            strikes = self._strikes(",".join(rest), at)
        name = name.strip() or DEFAULT_CHIME
        at = inline.text.find(name, start + 5)
        sound = self._find_sound(name, "chime", max(at, start))
        return Chime(sound, strikes, self._where(inline, start))

    def _strikes(self, text: str, at: int) -> int:
        lead = len(text) - len(text.lstrip())
        try:
            count = read_count(text.strip())
            if count and count.greatest > _LONGEST_STRIKES:
                raise ValueError(f"more than {_LONGEST_STRIKES} strikes")
        except ValueError as error:
            raise _Wrong("bad-count", str(error), at + lead, len(text.strip())) from None
        if count is None or count.least != count.greatest:
            raise _Wrong(
                "bad-count",
                f'"{text.strip()}" does not say how often',
                at + lead,
                len(text.strip()),
                expected="as in 3 times",
            )
        return count.usual

    # Breathing

    def _breathe(self, inline: Inline, where: Location) -> Breathe:
        text = inline.text
        phases: list[tuple[Phase, Seconds]] = []
        at = 7
        count: Count | None = None
        duration: Elastic | None = None
        for piece in text[7:].split(","):
            start = at + len(piece) - len(piece.lstrip())
            at += len(piece) + 1
            piece = piece.strip()
            piece_for: str | None = None
            if match := re.search(r"(?:^|\s)for\s", piece + " "):
                piece_for = piece[match.end() - 1 :]
                for_at = start + match.end() - 1
                piece = piece[: match.start()].strip()
            if piece:
                if count is not None or duration is not None:
                    raise _Wrong(
                        "extra-text", f'"{piece}" after the end of the breathing', start, len(piece)
                    )
                found = self._count(piece, start)
                if found is not None:
                    count = found
                else:
                    phases.extend(self._phase(inline, piece, start))
            elif piece_for is None:
                raise _Wrong(
                    "missing-phase",
                    "a phase is missing here",
                    start,
                    expected="in D, hold D or out D",
                )
            if piece_for is not None:
                if count is not None:
                    raise _Wrong(
                        "extra-text",
                        "breaths are counted or timed, not both",
                        start,
                        hint="keep times or for",
                    )
                duration, end = self._elastic(inline, for_at)
                if inline.text[end:].strip():
                    self._nothing_after(inline, end, "the breathing")
        self._check_breath(phases, count, duration, text)
        return Breathe(tuple(phases), count, duration, where)

    def _count(self, piece: str, at: int) -> Count | None:
        try:
            return read_count(piece)
        except ValueError as error:
            raise _Wrong(
                "bad-count", str(error), at, len(piece), hint=f"between 1 and {MOST_TIMES:,}"
            ) from None

    def _phase(self, inline: Inline, piece: str, at: int) -> tuple[tuple[Phase, Seconds], ...]:
        if piece in PATTERNS:
            return tuple((phase, Seconds(seconds)) for phase, seconds in PATTERNS[piece])
        word = piece.split(" ")[0]
        if word not in ("in", "hold", "out"):
            known = ("in", "hold", "out", *PATTERNS)
            raise _Wrong(
                "unknown-phase", f'"{piece[:40]}" is not a phase of a breath', at, len(piece),
                expected="in D, hold D, out D, box or 4-7-8",
                hint=did_you_mean(word, known) or "end with how often, as in 5 times, or for 60s",
            )  # fmt: skip
        seconds, end = self._fixed(inline, at + len(word), "a phase of a breath")
        rest = inline.text[end : at + len(piece)]
        if rest.strip():
            self._nothing_after(inline.cut(0, at + len(piece)), end, "the phase")
        if seconds <= 0:
            raise _Wrong("zero-duration", "a phase of no time", at, len(piece), hint="leave it out")
        return ((cast(Phase, word), seconds),)

    def _check_breath(
        self,
        phases: list[tuple[Phase, Seconds]],
        count: Count | None,
        duration: Elastic | None,
        text: str,
    ) -> None:
        names = [name for name, _ in phases]
        if "in" not in names or "out" not in names or names[0] == "hold":
            raise _Wrong(
                "bad-breath", "a breath goes in and out", 0, len(text),
                expected="as in breathe in 4s, hold 2s, out 6s, 5 times",
            )  # fmt: skip
        if any(a == b for a, b in zip(names, names[1:], strict=False)):
            raise _Wrong(
                "bad-breath",
                "two phases of the same kind follow each other",
                0,
                len(text),
                hint="make one of them",
            )
        if count is None and duration is None:
            raise _Wrong(
                "breath-without-end",
                "how long is the breathing?",
                len(text),
                expected="N times, or for D",
                hint="as in breathe box, 4 times",
            )
        cycle = sum(seconds for _, seconds in phases)
        if duration is not None and duration.least < cycle:
            raise _Wrong(
                "breath-too-long", f"one breath takes {format_seconds(cycle)}, and the breathing may last only {format_seconds(duration.least)}",
                0, len(text), hint=f"give it at least {format_seconds(cycle)}",
            )  # fmt: skip

    # Nested cues

    def _nested(self, items: tuple[Item, ...], duration: Elastic) -> tuple[Nested, ...]:
        found: list[Nested] = []
        for item in items:
            try:
                found.append(self._one_nested(item.inline, duration))
            except _Wrong as wrong:
                self._report(item.inline, wrong)
            if item.items:
                line, column = item.items[0].inline.place(0)
                self._findings.add(
                    "nested-cue", "a timed cue takes no cues below it", line, column,
                    hint="move it to the left",
                )  # fmt: skip
        self._check_countdown(found)
        return tuple(found)

    def _check_countdown(self, found: list[Nested]) -> None:
        last = [n for n in found if n.moment == "last"]
        for again in last[1:]:
            self._findings.add(
                "countdown-twice", "an interval has one countdown", again.location.line,
                again.location.column, hint="keep one of them",
            )  # fmt: skip
        for cue in found:
            if not last or not isinstance(cue.what, tuple):
                continue
            inside = cue.moment == "left" and cue.seconds <= last[0].seconds
            if inside or cue.moment == "end":
                self._findings.add(
                    "speech-in-countdown", "no sentence may sound during the countdown",
                    cue.location.line, cue.location.column,
                    hint=f"say it more than {format_seconds(last[0].seconds)} before the end",
                )  # fmt: skip

    def _one_nested(self, inline: Inline, duration: Elastic) -> Nested:
        text = inline.text
        moment, seconds, at = self._moment(inline)
        where = self._where(inline)
        if moment in ("at", "left", "last") and seconds > duration.least:
            raise _Wrong(
                "outside-interval", f"{format_seconds(seconds)} lies outside the interval, which may last only {format_seconds(duration.least)}",
                0, at, hint="choose a time inside its least duration",
            )  # fmt: skip
        what = inline.cut(at + 1)
        if not what.text:
            raise _Wrong(
                "missing-what",
                "what happens then?",
                len(text),
                expected="chime, or a text to speak",
            )
        if moment == "last":
            if what.text != "countdown":
                raise _Wrong(
                    "bad-countdown",
                    '"last" only counts down',
                    at + 2,
                    len(what.text),
                    expected="last 5s: countdown",
                    hint=f"for a text, write {format_seconds(seconds)} left: …",
                )
            if seconds % 1 or not 2 <= seconds <= 20:
                raise _Wrong(
                    "bad-countdown",
                    f"a countdown from {format_seconds(seconds)}",
                    0,
                    at,
                    expected="whole seconds, from 2s to 20s",
                )
            return Nested("last", seconds, Countdown(where), where)
        word = _WORD.match(what.text)
        name = word[0] if word else ""
        if name == "chime":
            return Nested(moment, seconds, self._chime(what), where)
        self._check_not_a_cue(what, name, at)
        return Nested(moment, seconds, read_speech(what, self._findings), where)

    def _check_not_a_cue(self, what: Inline, name: str, at: int) -> None:
        """Words that were meant as a cue must not be read aloud."""
        few = len(what.text.split()) <= 3 and what.text[-1:] not in ".!?"
        if what.text == "countdown":
            raise _Wrong(
                "bad-countdown",
                "a countdown has its own time",
                at + 2,
                9,
                hint="write last 5s: countdown",
            )
        looks_like = name in CUES and (
            (few and re.search(r"\d", what.text)) or (name == "breathe" and "," in what.text)
        )
        if looks_like or (few and name in ("background", "include", "play")):
            raise _Wrong(
                "cue-here",
                f'"{name}" cannot stand inside an interval',
                at + 2,
                len(name),
                expected="chime, or a text to speak",
            )
        near = did_you_mean(name, ("chime", "countdown"))
        if few and near and name.islower():
            raise _Wrong(
                "unknown-cue",
                f'there is no cue "{name}"',
                at + 2,
                len(name),
                expected="chime, or a text to speak",
                hint=near,
            )

    def _moment(self, inline: Inline) -> tuple[Moment, Seconds, int]:
        """When, its seconds, and the index of the colon."""
        text = inline.text
        word = _WORD.match(text)
        name = word[0] if word else ""
        seconds, end = Seconds(0.0), len(name)
        moment: Moment
        if name in ("start", "halfway", "end"):
            moment = cast(Moment, name)
        elif name in ("at", "every", "last"):
            moment = cast(Moment, name)
            seconds, end = self._time(inline, len(name))
            if moment == "every" and seconds < 1:
                raise _Wrong(
                    "every-too-often",
                    "more than once a second",
                    0,
                    end,
                    hint="write at least every 1s",
                )
        elif name[:1].isdigit():
            moment = "left"
            seconds, end = self._time(inline, 0)
            left = re.compile(r" *left").match(text, end)
            if not left:
                raise _Wrong(
                    "bad-moment",
                    "when is that?",
                    0,
                    end,
                    expected=f"{text[:end]} left, or at {text[:end]}",
                )
            end = left.end()
        else:
            known = (*_MOMENTS, "10s left")
            raise _Wrong(
                "unknown-moment", f'"{name[:40]}" does not say when', 0, len(name),
                expected="start, halfway, end, at D, D left, every D or last D, then a colon",
                hint=did_you_mean(name, known) or "a cue in an interval is written WHEN: WHAT, as in halfway: chime",
            )  # fmt: skip
        rest = text[end:]
        if not rest.lstrip().startswith(":"):
            raise _Wrong(
                "missing-colon",
                "a colon is missing here",
                end,
                expected="WHEN: WHAT, as in halfway: chime",
            )
        return moment, seconds, end + rest.index(":")

    def _time(self, inline: Inline, at: int) -> tuple[Seconds, int]:
        text = inline.text
        while at < len(text) and text[at] == " ":
            at += 1
        try:
            return scan_duration(text, at)
        except DurationError as error:
            raise _Wrong(
                "bad-duration", str(error), error.offset, error.length, hint=error.hint
            ) from None
