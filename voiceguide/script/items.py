"""What all readers of list items share: durations, sounds, and how a mistake is reported."""

from __future__ import annotations

import re
from dataclasses import dataclass

from voiceguide.errors import Location, VoiceguideError
from voiceguide.script.durations import scan_duration, scan_elastic
from voiceguide.script.environment import Environment, SoundKind
from voiceguide.script.inline import Inline
from voiceguide.script.model import INTERVALS, Chime, SoundRef
from voiceguide.script.modifiers import read_count
from voiceguide.script.source import Findings
from voiceguide.units import DurationError, Elastic, Seconds

CUES = ("pause", *INTERVALS, "count", "breathe", "chime", "play", "background", "include")
MOMENTS = ("start", "halfway", "end", "at", "every", "last")
DEFAULT_CHIME = "interval"
WORD = re.compile(r"[^\s,:]+")
_LEVEL = re.compile(r" at ([-\u2212\u2013+]?[0-9]{1,3}(?:\.[0-9]+)?) ?dB$", re.IGNORECASE)
_LONGEST_STRIKES = 100
_COUNT_AT_END = re.compile(r"(?:(?<=\s)|^)\(?(?:x ?)?([0-9]{1,9}) ?(?:x|times?)?\)?$")


_SEEN = 80
"""Characters that a hint is made of."""
_RESTS = (
    (
        r"(?:(?:to|until|till)\b|[\u2012\u2014\u2015~]) *[0-9]",
        "write a range with a hyphen, as in 30-60s",
    ),
    (
        r"[,\s]*(?:x *)?[0-9]+ *(?:x|times)?\W*$|[,\s]*(?:x *)?[0-9]+ *(?:x|times|sets|reps)\b",
        "leave it out; to repeat it, write (3 times) at its heading",
    ),
    (r"(?:and )? *[0-9]", "write minutes and seconds in one, as in 1m30s"),
    (
        r".*\b(?:each|both|per|left|right) side",
        "leave it out; to do it on both sides, write (each side) at its heading",
    ),
    (r".*:", "cues of an interval go below it, one a line, indented"),
    (r"(?:,|then\b|and\b).*[a-z]", "one cue a line; words to be spoken go into a paragraph"),
    (r".*[a-z]{2}", "leave it out; words to be spoken go into a paragraph"),
)
"""What stands behind the end of a cue, and what to do with it."""
_RANGE_BEHIND = re.compile(r", *([0-9][0-9.]* *[a-z]* *[-\u2013] *[0-9][0-9.]* *[a-z]+)$")


def _hint_for_rest(rest: str) -> tuple[str, str | None]:
    """What to do with words behind the end of a cue, and what to write in their place."""
    if between := _RANGE_BEHIND.match(rest):
        return f"write a range in brackets: ({between[1]})", f"({between[1]})"
    if re.match(r"[0-9]+$", rest):
        return "write minutes and seconds in one, as in 1m30s", None
    for pattern, hint in _RESTS:
        if re.match(pattern, rest, re.IGNORECASE):
            return hint, "" if hint.startswith("leave it out") else None
    return "leave it out", ""


class Wrong(Exception):
    """A cue is malformed; carries what `Findings.add` needs, and the cue that was meant."""

    def __init__(
        self,
        code: str,
        message: str,
        at: int,
        length: int = 1,
        *,
        expected: str | None = None,
        hint: str | None = None,
        fix: str | None = None,
        near: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code, self.at, self.length = code, at, length
        self.expected, self.hint, self.fix, self.near = expected, hint, fix, near


@dataclass(frozen=True, slots=True)
class Item:
    """A list item: its own text, and the items below it."""

    inline: Inline
    items: tuple[Item, ...]


class ItemReader:
    """Reads parts of the list items of one source."""

    def __init__(self, findings: Findings, environment: Environment) -> None:
        self.findings = findings
        self.environment = environment

    def report(self, inline: Inline, wrong: Wrong) -> None:
        at = min(wrong.at, len(inline.text))
        line, column = inline.place(at)
        # What was rewritten has another length in the file.
        last, end = inline.place(min(at + wrong.length, len(inline.text)) - 1)
        length = end + 1 - column if last == line and at < len(inline.text) else wrong.length
        self.findings.add(
            wrong.code,
            str(wrong),
            line,
            column,
            length=length,
            expected=wrong.expected,
            hint=wrong.hint,
            fix=wrong.fix,
        )

    def where(self, inline: Inline, at: int = 0) -> Location:
        return Location(self.findings.source.name, *inline.place(at))

    # Durations

    def elastic(self, inline: Inline, at: int) -> tuple[Elastic, int]:
        text = inline.text
        while at < len(text) and text[at] == " ":
            at += 1
        try:
            return scan_elastic(text, at)
        except DurationError as error:
            hint, fix = error.hint, getattr(error, "fix", None)
            before, found = text[at : error.offset], text[error.offset : error.offset + 1]
            if before.rstrip().endswith("(") and not found.isdigit():
                hint = "a bracket here holds a range, as in 45s (30s-60s); each side stands at a heading"
                fix = None
            raise Wrong(
                "bad-duration", str(error), error.offset, error.length, hint=hint, fix=fix
            ) from None

    def fixed(self, inline: Inline, at: int, what: str) -> tuple[Seconds, int]:
        duration, end = self.elastic(inline, at)
        if not duration.is_fixed:
            raise Wrong(
                "elastic-here", f"{what} cannot be elastic", at, end - at, hint="write one duration"
            )
        return duration.usual, end

    def only_elastic(self, inline: Inline, at: int, what: str, *, zero: bool = False) -> Elastic:
        duration, end = self.elastic(inline, at)
        self.nothing_after(inline, end, f"the duration of the {what}")
        if duration.least <= 0 and not zero:
            raise Wrong(
                "zero-duration",
                f"this {what} lasts no time",
                at + 1,
                end - at - 1,
                hint="write how long it lasts",
            )
        return duration

    def nothing_after(self, inline: Inline, end: int, what: str) -> None:
        rest = inline.text[end:]
        if rest.strip():
            at = end + len(rest) - len(rest.lstrip())
            hint, fix = _hint_for_rest(rest.strip()[:_SEEN])
            raise Wrong(
                "extra-text",
                f'"{rest.strip()[:40]}" after {what}',
                at,
                len(rest.strip()),
                hint=hint,
                fix=fix,
            )

    def time(self, inline: Inline, at: int) -> tuple[Seconds, int]:
        text = inline.text
        while at < len(text) and text[at] == " ":
            at += 1
        try:
            return scan_duration(text, at)
        except DurationError as error:
            fix = getattr(error, "fix", None)
            raise Wrong(
                "bad-duration", str(error), error.offset, error.length, hint=error.hint, fix=fix
            ) from None

    # Sounds

    def level(self, text: str) -> tuple[str, float | None]:
        if match := _LEVEL.search(text):
            return text[: match.start()], float(
                match[1].replace("\u2212", "-").replace("\u2013", "-")
            )
        return text, None

    def sound(self, inline: Inline, kind: SoundKind, at: int) -> tuple[SoundRef, float | None]:
        name, gain = self.level(inline.text[at:])
        name = name.strip()
        if not name:
            raise Wrong(
                "missing-name",
                "the name of the sound is missing",
                len(inline.text),
                expected="a sound's name or its file, as in rain or waves.flac",
            )
        start = inline.text.index(name, at)
        if gain is not None and not -90 <= gain <= 12:
            raise Wrong(
                "bad-level",
                f"the level {gain:g} dB is out of range",
                start,
                len(inline.text) - start,
                expected="between -90 dB and 12 dB",
            )
        where = name.rfind(" at ")
        if gain is None and where >= 0 and any(c.isdigit() for c in name[where:]):
            at = start + where + 1
            number = re.fullmatch(r"at ([-+]?[0-9]{1,2}(?:\.[0-9]+)?)(?: ?d?b?)?", inline.text[at:])
            raise Wrong(
                "bad-level",
                "this is not a level",
                at,
                len(inline.text) - at,
                expected="as in at -30 dB",
                fix=f"at {number[1]} dB" if number else None,
            )
        return self.find_sound(name, kind, start), gain

    def find_sound(self, name: str, kind: SoundKind, at: int) -> SoundRef:
        try:
            return self.environment.sound(name, kind, self.findings.source.folder)
        except VoiceguideError as error:
            level = " " in name
            near = re.search(r'did you mean "([^"]+)"\?$', str(error))
            raise Wrong(
                "sound",
                str(error),
                at,
                len(name),
                expected="a name, and a level if wanted, as in rain at -30 dB" if level else None,
                hint=f"write {near[1]}" if near else None,
                fix=near[1] if near else None,
            ) from None

    def chime(self, inline: Inline, start: int = 0) -> Chime:
        text, gain = self.level(inline.text[start:])
        name, *rest = text[5:].split(",")
        if rest and gain is None:
            name, gain = self.level(name)
        strikes = 1
        if rest:
            at = start + text.index(",") + 1
            strikes = self._strikes(",".join(rest), at)
        if gain is not None and not -90 <= gain <= 12:
            where = inline.text.lower().index(" at ", start) + 1
            raise Wrong(
                "bad-level",
                f"the level {gain:g} dB is out of range",
                where,
                len(inline.text[where:].split(",")[0]),
                expected="between -90 dB and 12 dB",
            )
        at = start + 5 + len(name) - len(name.lstrip())
        name = name.strip()
        try:
            sound = self.find_sound(name or DEFAULT_CHIME, "chime", at if name else start)
        except Wrong:
            count = _COUNT_AT_END.search(name)
            if rest or not count:
                raise
            raise Wrong(
                "bad-count",
                "how often it strikes comes behind a comma",
                at + count.start(),
                len(count[0]),
                fix=f", {count[1]} times",
            ) from None
        return Chime(sound, strikes, self.where(inline, start), gain)

    def _strikes(self, text: str, at: int) -> int:
        lead = len(text) - len(text.lstrip())
        try:
            count = read_count(text.strip())
            if count and count.greatest > _LONGEST_STRIKES:
                raise ValueError(f"a chime strikes at most {_LONGEST_STRIKES} times")
        except ValueError as error:
            raise Wrong("bad-count", str(error), at + lead, len(text.strip())) from None
        if count is None or count.least != count.greatest:
            raise Wrong(
                "bad-count",
                f'"{text.strip()}" does not say how often',
                at + lead,
                len(text.strip()),
                expected="as in 3 times",
            )
        return count.usual
