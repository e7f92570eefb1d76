"""List items to cues."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from voiceguide.errors import Location, VoiceguideError
from voiceguide.script.breathing import BreathReader
from voiceguide.script.counting import CountReader
from voiceguide.script.durations import WRITTEN
from voiceguide.script.environment import Environment, SoundKind
from voiceguide.script.forms import PICTURE, canonical
from voiceguide.script.inline import Inline
from voiceguide.script.items import CUES, MOMENTS, WORD, Item, ItemReader, Wrong
from voiceguide.script.model import (
    INTERVALS,
    Background,
    Counting,
    Cue,
    Interval,
    Paragraph,
    Pause,
    Play,
    SoundRef,
)
from voiceguide.script.source import Findings, nearest
from voiceguide.script.speech import read_speech
from voiceguide.script.timed import TimedReader
from voiceguide.units import Elastic, Seconds, format_seconds


@dataclass(frozen=True, slots=True)
class IncludeCue:
    """`include PATH`, not looked up yet."""

    path: str
    location: Location
    length: int


_MEANT = {
    **dict.fromkeys(("wait", "silence", "silent", "break", "stop"), "pause"),
    **dict.fromkeys(("inhale", "exhale", "breath", "breaths", "breathing"), "breathe"),
    **dict.fromkeys(("squeeze", "push", "compress"), "press"),
    **dict.fromkeys(("massage", "rub"), "knead"),
    **dict.fromkeys(("keep", "stay"), "hold"),
    **dict.fromkeys(("relax", "recover"), "rest"),
    **dict.fromkeys(("bell", "gong", "ding", "ring", "beep"), "chime"),
    **dict.fromkeys(("music", "ambience", "noise"), "background"),
    "sound": "play",
}
"""Words for what a cue does, and the cue."""
_STEPS = {
    "repeat": "to repeat a step, write (3 times) at its heading",
    "again": "to repeat a step, write (3 times) at its heading",
    "switch": "to do a step on both sides, write (each side) at its heading",
    "swap": "to do a step on both sides, write (each side) at its heading",
    "change": "to do a step on both sides, write (each side) at its heading",
    "side": "to do a step on both sides, write (each side) at its heading",
}
"""Words for what stands at a heading, and where to write it."""
_NEEDS_TIME = ("pause", "breathe", *INTERVALS)
_NO_SOUND = ("none", "stop", "end", "silence", "no")
_CUE_WITH_NUMBER = re.compile(
    rf"\b(?:{'|'.join(_NEEDS_TIME)})\b[ :]*(?:for |about |in |~)*[0-9\u00bc-\u00be]"
    r"|\bbreathe (?:box|4-7-8)\b",
    re.IGNORECASE,
)
"""A cue's word with its number, wherever it stands in a list item."""
_LASTING = re.compile(r"(?:,| (?=for\b)) *(for|fade)\b *(?=[0-9])", re.IGNORECASE)
_WHEN = re.compile(
    r"(?:start|halfway|end|(?:at|every|last) [0-9][^:]{0,20}|[0-9][^:]{0,20} left) ?:",
    re.IGNORECASE,
)
_QUOTES = "\"'\u201c\u201d\u2018\u2019\u201e\u00ab\u00bb<>[]"


class CueReader(ItemReader):
    """Reads the cues of one source."""

    def __init__(self, findings: Findings, environment: Environment) -> None:
        super().__init__(findings, environment)
        self._breath = BreathReader(findings, environment)
        self._timed = TimedReader(findings, environment)
        self._counts = CountReader(findings, environment)

    def read(self, item: Item) -> Cue | IncludeCue | Paragraph | None:
        """The cue of a list item, or None where it is wrong, which is reported.

        An item that is a sentence is a paragraph.
        """
        if self._is_sentence(item.inline.text):
            return self._sentence(item)
        inline = _as_cue(item.inline)
        try:
            cue = self._cue(inline, item.items)
        except Wrong as wrong:
            self.report(inline, wrong)
            if wrong.near:
                # Read on with the name that was meant, so that other mistakes are reported, too.
                return self.read(Item(inline.put(wrong.at, wrong.length, wrong.near), item.items))
            return None
        if item.items and cue is not None and not isinstance(cue, Interval | Counting):
            line, column = item.items[0].inline.place(0)
            self.findings.add(
                "nested-cue",
                "only an interval takes cues below it",
                line,
                column,
                length=len(item.items[0].inline.text),
                hint="move it to the left, or nest it in one of " + ", ".join(INTERVALS),
            )
        return cue

    def _is_sentence(self, text: str) -> bool:
        """Whether an item is spoken: it ends like a sentence, and holds no cue."""
        text = PICTURE.sub("", text).rstrip(" \"'\u201d\u2019)")
        if text[-1:] not in (".", "!", "?", "\u2026") or not any(c.isalpha() for c in text):
            return False
        if WRITTEN.match(text):
            return False
        if _CUE_WITH_NUMBER.search(text) or _WHEN.match(text):
            return False
        word = WORD.match(text)
        name = word[0].lower().rstrip(".!") if word else ""
        rest = text[len(name) :].rstrip(".!?\u2026").strip(" :")
        if name in _NEEDS_TIME:
            return bool(rest)
        if name == "include":
            return " " in rest
        if name in ("chime", "background", "play"):
            return bool(rest) and not self._is_sound(name, rest.lower())
        return not (any(c.isdigit() for c in text) and nearest(name, CUES))

    def _is_sound(self, name: str, rest: str) -> bool:
        kinds: dict[str, SoundKind] = {"chime": "chime", "background": "bed", "play": "sound"}
        sound = self.level(rest.split(",")[0])[0].strip()
        if name == "background" and sound in ("off", *_NO_SOUND):
            return True
        try:
            self.environment.sound(sound, kinds[name], self.findings.source.folder)
        except VoiceguideError:
            return "." in sound or len(rest.split()) == 1
        return True

    def _sentence(self, item: Item) -> Paragraph | None:
        """A paragraph that stands in a list."""
        inline = item.inline
        line, column = inline.place(0)
        before = self.findings.source.line(line)[: column - 1]
        mark = len(before) - len(before.lstrip(" \t"))
        self.findings.add(
            "spoken-item",
            "this list item is a sentence, and is spoken",
            line,
            mark + 1,
            length=len(before) - mark,
            hint="to say so, leave the list mark out and put empty lines around it",
            severity="warning",
        )
        if item.items:
            below = item.items[0].inline
            self.findings.add(
                "nested-cue",
                "only an interval takes cues below it",
                *below.place(0),
                length=len(below.text),
                hint="move it to the left margin",
            )
        spoken = read_speech(inline, self.findings)
        return Paragraph(spoken, self.where(inline)) if spoken else None

    def _cue(self, inline: Inline, below: tuple[Item, ...]) -> Cue | IncludeCue | None:
        text = inline.text
        word = WORD.match(text)
        name = word[0] if word else ""
        where = self.where(inline)
        if name in CUES and (sign := re.match(r"\s*[:=]", text[len(name) :])):
            raise Wrong(
                "extra-text",
                f'a cue takes no "{sign[0].strip()}" behind its name',
                len(name) + len(sign[0]) - 1,
                fix="",
            )
        if name in INTERVALS:
            duration: Elastic | None = None
            try:
                duration = self.only_elastic(inline, len(name), name)
            except Wrong as wrong:
                self.report(inline, wrong)
            nested = self._timed.read(below, duration)
            # One whose duration is wrong is kept for what its texts hold.
            return Interval(name, duration or Elastic.fixed(0), nested, where)
        if name == "pause":
            return Pause(self.only_elastic(inline, len(name), name, zero=True), where)
        if name == "breathe":
            return self._breath.read(inline, where)
        if name == "chime":
            return self.chime(inline)
        if name == "count":
            return self._counts.read(inline, below)
        if name == "play":
            named, length, fade = self._lasting(inline)
            sound, gain = self.sound(named, "sound", 5)
            return self._play(inline, sound, gain, length, fade)
        if name == "background":
            named, length, fade = self._lasting(inline)
            if length is not None:
                raise Wrong(
                    "extra-text",
                    "a background goes on until the next one",
                    len(named.text),
                    len(text) - len(named.text),
                    hint="leave it out; background off ends it",
                    fix="",
                )
            if named.text[len(name) :].strip() == "off":
                return Background(None, None, where, fade)
            try:
                sound, gain = self.sound(named, "bed", 11)
            except Wrong as wrong:
                if text[11:].strip() in _NO_SOUND:
                    wrong.fix = "off"
                raise
            return Background(sound, gain, where, fade)
        if name == "include":
            path = text[8:].strip()
            if not path:
                raise Wrong(
                    "missing-name",
                    "the name of the script is missing",
                    len(text),
                    expected="as in include parts/safety",
                )
            at = text.index(path, 8)
            if path[0] in _QUOTES:
                inside = re.search(r"\]\((.+)\)", path)
                bare = inside[1] if inside else path.strip(_QUOTES)
                message = "the name of a script stands alone"
                self.report(inline, Wrong("include", message, at, len(path), fix=bare))
                path = bare
            return IncludeCue(path, self.where(inline, at), len(path))
        raise self._unknown(text, name)

    def _lasting(self, inline: Inline) -> tuple[Inline, Seconds | None, Seconds | None]:
        """A sound's cue without what stands behind its name: how much of it, and its fade."""
        duration: Seconds | None = None
        fade: Seconds | None = None
        matches = list(_LASTING.finditer(inline.text))
        ends = [*(match.start() for match in matches[1:]), len(inline.text)]
        for match, stop in zip(matches, ends, strict=False):
            part = canonical(inline.cut(0, stop), "time")
            value, end = self.fixed(part, match.end(), "the length of a sound")
            self.nothing_after(part, end, "the length of the sound")
            if match[1].lower() == "fade":
                fade = value
            else:
                duration = value
        return (inline.cut(0, matches[0].start()) if matches else inline), duration, fade

    def _play(
        self,
        inline: Inline,
        sound: SoundRef,
        gain: float | None,
        duration: Seconds | None,
        fade: Seconds | None,
    ) -> Play:
        at = inline.text.lower().rfind(" for ")
        if duration is not None and duration <= 0:
            raise Wrong("zero-duration", "this sound lasts no time", at + 1, 4, fix=None)
        if duration is not None and fade is not None and 2 * fade > duration:
            half = format_seconds(duration / 2)
            raise Wrong(
                "bad-duration",
                f"the sound fades in and out within {format_seconds(duration)}",
                inline.text.lower().rfind("fade"),
                len(inline.text) - inline.text.lower().rfind("fade"),
                hint=f"write fade {half}",
                fix=f"fade {half}",
            )
        return Play(sound, gain, self.where(inline), duration, fade)

    def _unknown(self, text: str, name: str) -> Wrong:
        if _WHEN.match(text) or name.lower() in MOMENTS:
            hint = "a timed cue belongs below an interval, indented by two spaces"
            return Wrong(
                "timed-cue-outside", f'"{name}" stands in no interval', 0, len(name), hint=hint
            )
        if re.match(r"[,:][^\s\d]", text[len(name) :]):
            name = text.split(" ", 1)[0]  # a slip inside of the word
        small = name.casefold()
        near = _MEANT.get(small) or nearest(small, CUES)
        words = text.split()
        if small in ("inhale", "exhale") and any(c.isdigit() for c in text):
            phases = text.lower().replace("inhale", "in").replace("exhale", "out")
            return Wrong(
                "unknown-cue",
                f'there is no cue "{name[:40]}"',
                0,
                len(text),
                expected="one of " + ", ".join(CUES),
                fix=f"breathe {phases}",
            )
        if small in _STEPS:
            near = None
        speech = len(words) > 4 and not (near and any(c.isdigit() for c in text))
        if speech:
            near = None
        meant = f'did you mean "{near}"?' if near else _hint_for(small, text)
        if meant is None or speech:
            stopped = text.rstrip(" ,;:-") + "."
            sentence = self._is_sentence(stopped)
            return Wrong(
                "unknown-cue",
                "a line that starts with a hyphen is a cue, and this reads like speech"
                if speech
                else f'there is no cue "{name[:40]}"',
                0,
                len(text) if sentence else len(name),
                expected="one of " + ", ".join(CUES),
                hint="to have it spoken, end it with a full stop" if sentence else meant,
                fix=stopped if sentence else None,
            )
        return Wrong(
            "unknown-cue",
            f'there is no cue "{name[:40]}"',
            0,
            len(name),
            expected="one of " + ", ".join(CUES),
            hint=meant,
            fix=near,
            near=near,
        )


def _as_cue(inline: Inline) -> Inline:
    """An item's text in the canonical form, if it is that of a cue."""
    inline = canonical(inline, "box")
    word = WORD.match(inline.text)
    if word is None or word[0].lower() not in CUES:
        return inline
    name = word[0].lower()
    text = inline.text
    if name in ("play", "include"):
        text = name + text[len(name) :]
    elif text.lower() != text and len(text.lower()) == len(text):
        text = text.lower()
    inline = canonical(replace(inline, text=text), "cue")
    if name not in ("play", "include", "background"):
        inline = canonical(inline, "time")
    return canonical(inline, "times") if name in ("breathe", "chime") else inline


def _hint_for(name: str, text: str) -> str | None:
    """What may have been meant with a cue that is like no other."""
    if name in _STEPS:
        return _STEPS[name]
    inside = next((word for word in text.casefold().split()[1:] if word in CUES), None)
    if inside:
        return f"a cue starts with its name: write {inside} first"
    if WRITTEN.match(text):
        return f"a cue starts with its name, as in pause {text[:40]}"
    return None
