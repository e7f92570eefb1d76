"""`breathe` to phases and how often, or how long."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import cast

from voiceguide.errors import Location
from voiceguide.script.inline import Inline
from voiceguide.script.items import ItemReader, Wrong
from voiceguide.script.model import Breathe, Count, Phase
from voiceguide.script.modifiers import MOST_TIMES, read_count
from voiceguide.script.source import nearest
from voiceguide.units import Elastic, Seconds, format_seconds

PATTERNS: dict[str, tuple[tuple[Phase, float], ...]] = {
    "box": (("in", 4), ("hold", 4), ("out", 4), ("hold", 4)),
    "4-7-8": (("in", 4), ("hold", 7), ("out", 8)),
}
_MOST_PHASES = 100
_COUNT = re.compile(r"x? ?([0-9]{1,9}) ?(?:x|times?|breaths?|rounds?|cycles?)?\.?")
_PACE = re.compile(r"[0-9]{1,3}(?:-[0-9]{1,3}){2,3}")
_MEANT = {"inhale": "in", "exhale": "out", "pause": "hold", "wait": "hold"}


def _written_out(piece: str) -> str | None:
    """The phases that numbers such as 4-4-6 stand for."""
    if not _PACE.fullmatch(piece):
        return None
    names = ("in", "hold", "out", "hold")
    phases = [f"{name} {n}s" for name, n in zip(names, piece.split("-"), strict=False) if int(n)]
    return ", ".join(phases)


@dataclass(slots=True)
class _Breath:
    """A breathing cue while it is being read; `timed` once its "for" was seen."""

    phases: list[tuple[Phase, Seconds]] = field(default_factory=list)
    count: Count | None = None
    duration: Elastic | None = None
    timed: bool = False


class BreathReader(ItemReader):
    """Reads `breathe` cues."""

    def read(self, inline: Inline, where: Location) -> Breathe | None:
        text = inline.text
        breath = _Breath()
        at = 7
        wrong = False
        for piece in text[7:].split(",", _MOST_PHASES):
            start = at + len(piece) - len(piece.lstrip())
            at += len(piece) + 1
            try:
                self._breath_piece(inline, piece.strip(), start, breath)
            except Wrong as error:
                self.report(inline, error)
                wrong = True
                if error.near:
                    self._phase_meant(inline, piece.strip(), error)
            if breath.timed:
                break
        if wrong:
            return None
        self._check_breath(breath, text)
        return Breathe(tuple(breath.phases), breath.count, breath.duration, where)

    def _phase_meant(self, inline: Inline, piece: str, error: Wrong) -> None:
        """Report what else is wrong with a phase whose word was only nearly right."""
        assert error.near is not None
        length = len(piece) - error.length + len(error.near)
        meant = inline.put(error.at, error.length, error.near)
        try:
            self._phase(meant, meant.text[error.at : error.at + length], error.at)
        except Wrong as other:
            self.report(meant, other)

    def _breath_piece(self, inline: Inline, piece: str, start: int, breath: _Breath) -> None:
        """What stands between two commas: a phase, a pattern, how often, or how long."""
        text = inline.text
        timed = re.search(r"(?:^|\s)for(?:\s|$)", piece)
        phase = piece[: timed.start()].strip() if timed else piece
        if not piece:
            raise Wrong(
                "missing-phase",
                "something is missing here",
                min(start, len(text)),
                expected="as in breathe in 4s, out 6s, 5 times",
            )
        try:
            if phase and breath.count is not None:
                raise Wrong(
                    "extra-text",
                    f'"{phase[:40]}" after the end of the breathing',
                    start,
                    len(phase),
                    hint="how often comes last",
                )
            if phase and (count := self._count(phase, start)) is not None:
                breath.count = count
            elif phase:
                breath.phases.extend(self._phase(inline, phase, start))
        except Wrong:
            if timed:
                try:
                    self.elastic(inline, start + timed.end())
                except Wrong as other:
                    self.report(inline, other)
            raise
        finally:
            breath.timed = timed is not None
        if timed:
            if breath.count is not None:
                raise Wrong(
                    "extra-text",
                    "breaths are counted or timed, not both",
                    start + timed.start(),
                    len(piece) - timed.start(),
                    hint="keep one of the two",
                )
            breath.duration, end = self.elastic(inline, start + timed.end())
            if re.fullmatch(r",\s*[0-9].* times", text[end:]):
                raise Wrong(
                    "extra-text",
                    "breaths are counted or timed, not both",
                    end,
                    len(text) - end,
                    hint="keep one of the two",
                )
            self.nothing_after(inline, end, "the breathing")

    def _count(self, piece: str, at: int) -> Count | None:
        try:
            return read_count(piece)
        except ValueError as error:
            raise Wrong(
                "bad-count", str(error), at, len(piece), hint=f"between 1 and {MOST_TIMES:,}"
            ) from None

    def _phase(self, inline: Inline, piece: str, at: int) -> tuple[tuple[Phase, Seconds], ...]:
        if piece in PATTERNS:
            return tuple((phase, Seconds(seconds)) for phase, seconds in PATTERNS[piece])
        word = piece.split(" ")[0]
        if word not in ("in", "hold", "out"):
            if count := _COUNT.fullmatch(piece):
                raise Wrong(
                    "bad-count",
                    f'"{piece}" does not say how often',
                    at,
                    len(piece),
                    fix=f"{count[1]} times",
                )
            near = _MEANT.get(word) or nearest(word, ("in", "hold", "out", *PATTERNS))
            written = _written_out(piece)
            if near in PATTERNS and piece != word:
                near = None  # what follows the word makes no sense behind a pattern
            raise Wrong(
                "unknown-phase",
                f'"{piece[:40]}" is not a phase of a breath',
                at,
                len(word if near and not written else piece),
                expected="as in in 4s, hold 2s, out 6s, box or 4-7-8",
                hint=f"write the phases out: {written}"
                if written
                else f'did you mean "{near}"?'
                if near
                else "end with how often, as in 5 times, or for 60s",
                fix=written or near,
                near=None if written or near in PATTERNS else near,
            )
        seconds, end = self.fixed(inline, at + len(word), "a phase of a breath")
        rest = inline.text[end : at + len(piece)]
        if joined := re.match(r"\s*(and\b)?\s*(?:in|out|hold|x? ?[0-9]+)\b", rest):
            lead = len(rest) - len(rest.lstrip())
            following = joined[0].strip().removeprefix("and").strip()
            raise Wrong(
                "extra-text",
                "a comma is missing here",
                end + lead,
                len(joined[0]) - lead,
                hint='put it in place of the "and"'
                if joined[1]
                else "put it before this, as in in 4s, out 6s, 5 times",
                fix=f", {following}",
            )
        if rest.strip():
            self.nothing_after(inline.cut(0, at + len(piece)), end, "the phase")
        if seconds <= 0:
            comma = inline.text.find(",", at)
            stop = len(inline.text) if comma < 0 else comma + 1
            raise Wrong("zero-duration", "this phase lasts no time", at, stop - at, fix="")
        return ((cast(Phase, word), seconds),)

    def _check_breath(self, breath: _Breath, text: str) -> None:
        names = [name for name, _ in breath.phases]
        if "in" not in names or "out" not in names or names[0] == "hold":
            raise Wrong(
                "bad-breath",
                "a breath goes in and out",
                0,
                len(text),
                expected="as in breathe in 4s, hold 2s, out 6s, 5 times",
            )
        if any(a == b for a, b in zip(names, names[1:], strict=False)):
            raise Wrong(
                "bad-breath",
                "the same phase comes twice in a row",
                0,
                len(text),
                hint="make one phase of the two",
            )
        if breath.count is None and breath.duration is None:
            raise Wrong(
                "breath-without-end",
                "it is not said how long the breathing lasts",
                len(text),
                expected="how often or how long, as in breathe box, 4 times or breathe box for 60s",
            )
        # A millionth of a second is less than a frame: sums of decimal fractions are not exact.
        cycle = round(sum(seconds for _, seconds in breath.phases), 6)
        if breath.duration is not None and breath.duration.least < cycle:
            raise Wrong(
                "breath-too-long",
                f"one breath takes {format_seconds(cycle)}, and the breathing may last only {format_seconds(breath.duration.least)}",
                0,
                len(text),
                hint=f"give it at least {format_seconds(cycle)}",
            )
