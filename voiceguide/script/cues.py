"""List items to cues."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from voiceguide.errors import Location, did_you_mean
from voiceguide.script.breathing import BreathReader
from voiceguide.script.environment import Environment
from voiceguide.script.inline import Inline
from voiceguide.script.items import CUES, MOMENTS, WORD, Item, ItemReader, Wrong
from voiceguide.script.model import INTERVALS, Background, Cue, Interval, Pause, Play
from voiceguide.script.source import Findings
from voiceguide.script.timed import TimedReader
from voiceguide.units import Elastic


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
_QUOTES = "\"'\u201c\u201d\u2018\u2019\u201e\u00ab\u00bb<>[]"
_SAID = ("say", "speak", "speech", "text", "voice", "tell")


class CueReader(ItemReader):
    """Reads the cues of one source."""

    def __init__(self, findings: Findings, environment: Environment) -> None:
        super().__init__(findings, environment)
        self._breath = BreathReader(findings, environment)
        self._timed = TimedReader(findings, environment)

    def read(self, item: Item) -> Cue | IncludeCue | None:
        """The cue of a list item, or None where it is wrong, which is reported."""
        inline = item.inline
        try:
            cue = self._cue(inline, item.items)
        except Wrong as wrong:
            self.report(inline, wrong)
            if (small := _in_small_letters(inline.text)) and wrong.near:
                # Read on, so that its other mistakes are reported, too.
                return self.read(Item(replace(inline, text=small), item.items))
            if wrong.near in INTERVALS:
                self._timed.read(item.items, None)
            return None
        if item.items and cue is not None and not isinstance(cue, Interval):
            line, column = item.items[0].inline.place(0)
            self.findings.add(
                "nested-cue", "only an interval takes cues below it", line, column,
                length=len(item.items[0].inline.text),
                hint="move it to the left, or nest it in one of " + ", ".join(INTERVALS),
            )  # fmt: skip
        return cue

    def _cue(self, inline: Inline, below: tuple[Item, ...]) -> Cue | IncludeCue | None:
        text = inline.text
        word = WORD.match(text)
        name = word[0] if word else ""
        where = self.where(inline)
        if name in CUES and (sign := re.match(r"\s*[:=]", text[len(name) :])):
            raise Wrong(
                "extra-text", f'a cue takes no "{sign[0].strip()}" behind its name',
                len(name) + len(sign[0]) - 1, hint="leave it out",
            )  # fmt: skip
        if name in INTERVALS:
            duration: Elastic | None = None
            try:
                duration = self.only_elastic(inline, len(name), name)
            except Wrong as wrong:
                self.report(inline, wrong)
            nested = self._timed.read(below, duration)
            return None if duration is None else Interval(name, duration, nested, where)
        if name == "pause":
            return Pause(self.only_elastic(inline, len(name), name, zero=True), where)
        if name == "breathe":
            return self._breath.read(inline, where)
        if name == "chime":
            return self.chime(inline)
        if name == "play":
            sound, gain = self.sound(inline, "sound", 5)
            return Play(sound, gain, where)
        if name == "background":
            if text[len(name) :].strip() == "off":
                return Background(None, None, where)
            try:
                sound, gain = self.sound(inline, "bed", 11)
            except Wrong as wrong:
                if text[11:].strip() in ("none", "stop", "end", "silence", "no"):
                    wrong.hint = "write background off"
                raise
            return Background(sound, gain, where)
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
                raise Wrong(
                    "include", "the name of a script stands alone", at, len(path),
                    hint=f"write include {bare}",
                )  # fmt: skip
            return IncludeCue(path, self.where(inline, at), len(path))
        raise self._unknown(text, name)

    def _unknown(self, text: str, name: str) -> Wrong:
        if name in MOMENTS or re.match(r"[0-9][^:]* left", text):
            hint = "a timed cue belongs below an interval, indented by two spaces"
            return Wrong(
                "timed-cue-outside", f'"{name}" stands in no interval', 0, len(name), hint=hint
            )
        near = did_you_mean(_MEANT.get(name.casefold(), name), CUES)
        if name == "repeat":
            near = None
        words = text.split()
        speech = len(words) > 4 or (len(words) > 1 and text[-1] in ".!?")
        if speech and not (near and any(c.isdigit() for c in text)):
            return Wrong(
                "unknown-cue", "a line that starts with a hyphen is a cue, and this reads like speech",
                0, len(text), expected="one of " + ", ".join(CUES),
                hint="to have it spoken, leave out the hyphen",
            )  # fmt: skip
        return Wrong(
            "unknown-cue", f'there is no cue "{name[:40]}"', 0, len(name),
            expected="one of " + ", ".join(CUES), hint=near or _hint_for(name, words),
            near=near and near.split('"')[1],
        )  # fmt: skip


def _in_small_letters(text: str) -> str | None:
    """A text that is a cue but for the capital letters of its name."""
    word = WORD.match(text)
    name = word[0].lower() if word else ""
    if word is None or name not in CUES or word[0] == name:
        return None
    meant = name in ("chime", "play", "background", "include") or re.search("[0-9]", text)
    return name + text[word.end() :] if meant else None


def _hint_for(name: str, words: list[str]) -> str:
    """What may have been meant with a cue that is like no other."""
    if name == "repeat":
        return "to repeat a step, write (3 times) at its heading"
    inside = next((word for word in words[1:] if word.casefold() in CUES), None)
    if inside:
        return f"a cue starts with its name: write {inside.casefold()} first"
    if name[:1].isdigit():
        return f"a cue starts with its name, as in pause {name}"
    if name.casefold() in _SAID:
        return "to have words spoken, write them as a paragraph, without a hyphen"
    return "to have it spoken, leave out the hyphen"
