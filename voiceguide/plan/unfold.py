"""One walk over a script for one shape: blocks to a flat row of items, gaps included."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from voiceguide.errors import Location, ScriptError
from voiceguide.plan.model import (
    Bed,
    Breaths,
    ChapterMark,
    Countdown,
    Item,
    Quiet,
    Say,
    Shape,
    Side,
    Sounding,
    Span,
    Strikes,
    Timed,
    Utterance,
)
from voiceguide.script.model import (
    Background,
    Breathe,
    Chime,
    Include,
    Interval,
    Nested,
    Note,
    Paragraph,
    Pause,
    Play,
    Sentence,
    Silence,
    Spoken,
    Step,
    Variable,
)
from voiceguide.units import Elastic, Seconds

if TYPE_CHECKING:
    from voiceguide.plan.build import Plan

MAX_EVENTS = 100_000
"""A session holds at most this many events."""
_MOST_WALKED = 10 * MAX_EVENTS
BED_GAIN = -23.0
"""Level of a bed where the script states none, in dB relative to the voice; ducked below speech.

At this level even a session of few words measures as loud as its voice: the loudness gate of
BS.1770 leaves out what lies 10 dB below the mean.
"""
PLAY_GAIN = -3.0
"""Level of a played sound where the script states none, in dB relative to the voice."""


@dataclass(frozen=True, slots=True)
class Run:
    """What holds while a block is unfolded.

    Attributes:
        side, turn: the side being worked, and whether it is the first or the second.
        round, rounds: of the innermost block that repeats; 0 outside.
        path: the elastic counts of the blocks around it that are past their first round.
        say: respellings, the outermost script's first.
    """

    side: Side | None = None
    turn: Literal["first", "second"] | None = None
    round: int = 0
    rounds: int = 0
    path: tuple[int, ...] = ()
    say: tuple[Mapping[str, str], ...] = ()


class Unfolding:
    """One walk over the script for one shape."""

    def __init__(self, plan: Plan, shape: Shape) -> None:
        self._plan = plan
        self._shape = shape
        self._items: list[Item] = []
        self._gaps = plan.gaps
        self._last: Literal["nothing", "speech", "cue", "written"] = "nothing"
        self._new_step = False
        self._mark: tuple[Step, Run] | None = None
        self._notes: list[str] = []
        self._marked: int | None = None
        self._count = 0
        self._walked = 0
        self._path: tuple[int, ...] = ()
        self.paths: list[tuple[int, ...]] = []
        self._noted: dict[int, list[str]] = {}
        self._utterances: dict[tuple[str, str, tuple[int, ...]], Utterance] = {}

    def items(self) -> list[Item]:
        script, options = self._plan.script, self._plan.options
        if self._plan.bed is not None:
            self._put(Bed(self._plan.bed, BED_GAIN, script.root.location))
        elif script.front.background and options.background is None:
            self._background(script.front.background)
        self._step(script.root, Run(say=(script.front.say,)))
        for index, notes in self._noted.items():
            mark = self._items[index]
            assert isinstance(mark, ChapterMark)
            self._items[index] = replace(mark, notes=(*mark.notes, *notes))
        return self._items

    # Blocks

    def _step(self, step: Step, run: Run) -> None:
        modifiers, plan = step.modifiers, self._plan
        if modifiers.tools and plan.tool not in modifiers.tools:
            return
        if plan.dropped(step, self._shape) or (modifiers.only and modifiers.only != run.turn):
            return
        noted = len(self._notes)
        runs = [run]
        loops = [self._by_round, self._by_side]
        if modifiers.sides_outside:
            loops.reverse()
        for loop in loops:
            runs = [inner for outer in runs for inner in loop(step, outer)]
        for index, inner in enumerate(runs):
            self._path = inner.path
            if index and modifiers.between is not None:
                self._mark = None  # the gap still belongs to the chapter before it
                where = modifiers.locations.get("between", step.location)
                self._written(modifiers.between, inner.side, where)
            self._new_step = True
            self._mark = (step, inner)
            self._marked = None
            self._block(step, step, inner)
        self._path = run.path
        del self._notes[noted:]

    def _by_side(self, step: Step, run: Run) -> list[Run]:
        if not step.modifiers.each_side:
            return [run]
        turns: tuple[Literal["first", "second"], ...] = ("first", "second")
        return [
            replace(run, side=side, turn=turn)
            for side, turn in zip(self._plan.sides, turns, strict=False)
        ]

    def _by_round(self, step: Step, run: Run) -> list[Run]:
        if step.modifiers.count is None:
            return [run]
        rounds = self._plan.number(step, step.modifiers.count, self._shape)
        self._walk(rounds, step)
        index = self._plan.elastic(step)
        later = run.path if index is None else (*run.path, index)
        return [
            Run(run.side, run.turn, k + 1, rounds, later if k else run.path, run.say)
            for k in range(rounds)
        ]

    def _block(self, step: Step, holder: Step, run: Run) -> None:
        """The content of a block; `holder` is the step whose chapter it belongs to."""
        for node in step.content:
            self._walk(1, step)
            if isinstance(node, Step):
                before = len(self._items)
                waiting, marked = self._mark, self._marked
                self._step(node, run)
                # What an include brings after its steps belongs to the holder again.
                if len(self._items) > before:
                    waiting, marked = (holder, run), None
                self._mark, self._marked = waiting, marked
            elif isinstance(node, Include):
                say = (*run.say, node.script.front.say)
                self._block(node.script.root, holder, replace(run, say=say))
            else:
                self._content(node, run)

    def _walk(self, nodes: int, step: Step) -> None:
        """Count what is walked through: blocks that make no events may still repeat too often."""
        self._walked += nodes
        if self._walked > _MOST_WALKED:
            raise self._too_many(step.location)

    def _title(self, step: Step, run: Run) -> str:
        names = {part.name for part in step.title if isinstance(part, Variable)}
        title = self._plan.text(step.title, run).strip()
        texts = self._plan.words
        if run.side and not names & {"side", "other side"}:
            title += ", " + texts.side_title.format(texts.sides[run.side])
        if run.rounds > 1 and "round" not in names:
            title += ", " + texts.round_title.format(run.round)
        return title

    # Content

    def _content(self, node: object, run: Run) -> None:
        side = run.side
        if isinstance(node, Paragraph):
            self._paragraph(node, run)
        elif isinstance(node, Note):
            self._note(self._plan.text(node.parts, run))
        elif isinstance(node, Pause):
            self._before("written")
            self._add(Quiet(node.duration, self._is_sore(run), True, side, node.location))
        elif isinstance(node, Interval):
            self._before("cue")
            timed = tuple(self._timed(nested, run) for nested in node.nested)
            self._add(
                Span(
                    self._plan.cue(node),
                    node.label,
                    node.duration,
                    self._is_sore(run),
                    timed,
                    side,
                    node.location,
                )  # fmt: skip
            )
        elif isinstance(node, Breathe):
            self._before("cue")
            self._add(self._breaths(node, run))
        elif isinstance(node, Chime):
            self._before("cue")
            self._add(Strikes(node.sound, node.strikes, side, node.location))
        elif isinstance(node, Play):
            self._before("cue")
            gain = PLAY_GAIN if node.gain is None else node.gain
            self._add(Sounding(node.sound, gain, side, node.location))
        elif isinstance(node, Background) and self._plan.options.background is None:
            self._background(node)

    def _note(self, text: str) -> None:
        """A note belongs to the chapter that it stands in, or else to the next one."""
        if self._marked is None:
            self._notes.append(text)
        else:
            self._noted.setdefault(self._marked, []).append(text)

    def _background(self, node: Background) -> None:
        gain = BED_GAIN if node.gain is None else node.gain
        self._put(Bed(node.sound, gain, node.location))

    def _is_sore(self, run: Run) -> bool:
        return run.side is not None and run.side == self._plan.options.sore

    def _paragraph(self, node: Paragraph, run: Run) -> None:
        inside = False
        for piece in node.content:
            if isinstance(piece, Silence):
                self._written(piece.seconds, run.side, piece.location)
            else:
                self._before("speech", same_paragraph=inside)
                self._add(Say(self._utterance(piece, run), run.side, piece.location))
            inside = True

    def _breaths(self, node: Breathe, run: Run) -> Breaths:
        plan = self._plan
        count = plan.number(node, node.count, self._shape) if node.count else None
        names = [name for name, _ in node.phases]
        spoken = plan.options.breath != "tone"
        first = [self._said(plan.words.first_breath[n], run) for n in names] if spoken else []
        later = [self._said(plan.words.breath[n], run) for n in names] if spoken else []
        # In the voice's guide the tones stand in for words that a phase is too short for.
        tones = tuple(plan.tones.get(name) for name in names)
        return Breaths(
            node.phases, count, node.duration, self._is_sore(run), tuple(first), tuple(later),
            tones, run.side, node.location, plan.elastic(node),
        )  # fmt: skip

    def _timed(self, nested: Nested, run: Run) -> Timed:
        what: Strikes | Countdown | tuple[tuple[Seconds, Utterance, Location], ...]
        after: Seconds | None = None
        if isinstance(nested.what, Chime):
            what = Strikes(nested.what.sound, nested.what.strikes, run.side, nested.location)
        elif isinstance(nested.what, tuple):
            what, after = self._sequence(nested.what, run)
        else:
            numbers = self._plan.words.numbers[: int(nested.seconds)]
            what = Countdown(tuple(self._said(n, run, ".") for n in numbers))
        return Timed(nested.moment, nested.seconds, what, nested.location, after)

    def _sequence(
        self, spoken: Spoken, run: Run
    ) -> tuple[tuple[tuple[Seconds, Utterance, Location], ...], Seconds | None]:
        """Sentences with the silence before each, and the silence written after the last."""
        sequence = []
        gap = 0.0
        written: float | None = 0.0
        for piece in spoken:
            if isinstance(piece, Silence):
                written = (written or 0.0) + piece.seconds
                continue
            before = gap if written is None else written
            sequence.append((Seconds(before), self._utterance(piece, run), piece.location))
            gap, written = self._gaps.sentence, None
        return tuple(sequence), None if written is None else Seconds(written)

    def _utterance(self, sentence: Sentence, run: Run) -> Utterance:
        return self._said(self._plan.text(sentence.parts, run), run)

    def _said(self, text: str, run: Run, end: str = "") -> Utterance:
        """A text as it is spoken here; `end` is for the voice alone."""
        key = (text, end, tuple(id(s) for s in run.say))
        if key not in self._utterances:
            self._utterances[key] = Utterance(text, respell(text, run.say) + end)
        return self._utterances[key]

    # Gaps and bookkeeping

    def _written(self, seconds: Seconds, side: Side | None, where: Location) -> None:
        self._before("written")
        self._add(Quiet(Elastic.fixed(seconds), False, False, side, where))

    def _before(
        self, kind: Literal["speech", "cue", "written"], *, same_paragraph: bool = False
    ) -> None:
        """Put the unwritten silence that stands before an item of a kind, then its chapter."""
        gap: float = 0.0
        if self._last not in ("nothing", "written") and kind != "written":
            if self._new_step:
                gap = self._gaps.step
            elif same_paragraph:
                gap = self._gaps.sentence
            elif "speech" in (self._last, kind):
                gap = self._gaps.paragraph
        if gap:
            self._put(Quiet(Elastic.fixed(gap)))
        self._last = kind
        self._new_step = False
        if self._mark is not None:
            self._marked = len(self._items)
            step, run = self._mark
            self._put(ChapterMark(self._title(step, run), run.side, tuple(self._notes)))
            self._notes.clear()
            self._mark = None

    def _put(self, item: Item) -> None:
        self._items.append(item)
        self.paths.append(self._path)

    def _add(self, item: Item) -> None:
        self._put(item)
        self._count += _events(item)
        if self._count > MAX_EVENTS:
            raise self._too_many(getattr(item, "location", self._plan.script.root.location))

    def _too_many(self, where: Location) -> ScriptError:
        return ScriptError(
            [
                self._plan.problem(
                    "too-many-events",
                    f"the session has more than {MAX_EVENTS:,} events",
                    where,
                    hint="repeat it fewer times",
                )
            ]
        )


def _events(item: Item) -> int:
    """How many events an item makes at least."""
    if isinstance(item, Strikes):
        return item.count
    if isinstance(item, Breaths):
        return len(item.phases) * (item.count or 1)
    if isinstance(item, Quiet):
        return int(item.cue)
    if isinstance(item, Span):
        number = 1
        for timed in item.timed:
            times = int(item.duration.least / timed.seconds) if timed.moment == "every" else 1
            each = timed.what.count if isinstance(timed.what, Strikes) else 1
            number += times * each
        return number
    return 1


def respell(text: str, tables: tuple[Mapping[str, str], ...]) -> str:
    """A text with words respelled; the first table that knows a word decides."""
    merged: dict[str, str] = {}
    for table in reversed(tables):
        merged.update(table)
    if not merged:
        return text
    longest_first = sorted(merged, key=len, reverse=True)
    pattern = r"(?<!\w)(?:" + "|".join(re.escape(word) for word in longest_first) + r")(?!\w)"
    # A few letters match others than those that they become in lower case, as the Turkish i does.
    return re.sub(pattern, lambda m: merged.get(m[0].casefold(), m[0]), text, flags=re.IGNORECASE)
