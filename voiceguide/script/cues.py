"""List items to cues."""

from __future__ import annotations

import re
from dataclasses import dataclass

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
            sound, gain = self.sound(inline, "bed", 11)
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
            return IncludeCue(path, self.where(inline, at), len(path))
        raise self._unknown(text, name)

    def _unknown(self, text: str, name: str) -> Wrong:
        if name in MOMENTS or re.match(r"[0-9][^:]* left", text):
            hint = "a timed cue belongs below an interval, indented by two spaces"
            return Wrong(
                "timed-cue-outside", f'"{name}" stands in no interval', 0, len(name), hint=hint
            )
        near = did_you_mean(name, CUES)
        if len(text.split()) > 4 and not (near and any(c.isdigit() for c in text)):
            return Wrong(
                "unknown-cue", "a line that starts with a hyphen is a cue, and this reads like speech",
                0, len(text), expected="one of " + ", ".join(CUES),
                hint="to have it spoken, leave out the hyphen",
            )  # fmt: skip
        return Wrong(
            "unknown-cue", f'there is no cue "{name[:40]}"', 0, len(name),
            expected="one of " + ", ".join(CUES), hint=near, near=near and near.split('"')[1],
        )  # fmt: skip
