"""`Script` and `Options` to a `Plan`: sides, rounds, tools and variables resolved.

Pure: nothing is read, nothing is measured.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from voiceguide.errors import Location, Problem, ScriptError, UsageError, did_you_mean
from voiceguide.plan.model import (
    Bed,
    Breaths,
    ChapterMark,
    Countdown,
    ElasticCount,
    Gaps,
    Item,
    Options,
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
    Count,
    Include,
    Interval,
    Nested,
    Note,
    Paragraph,
    Pause,
    Phase,
    Play,
    Script,
    Sentence,
    Silence,
    SoundRef,
    Spoken,
    Step,
    Variable,
)
from voiceguide.script.words import words
from voiceguide.units import Elastic, Seconds

MAX_ITEMS = 100_000
"""A session holds at most this many events."""
BED_GAIN = -23.0
"""Level of a bed where the script states none, in dB relative to the voice; ducked below speech.

At this level even a session of few words measures as loud as its voice: the loudness gate of
BS.1770 leaves out what lies 10 dB below the mean.
"""
PLAY_GAIN = -3.0
"""Level of a played sound where the script states none, in dB relative to the voice."""
_PACE = {"gentle": 1.5, "normal": 1.0, "brisk": 0.7}


def gaps(pace: str) -> Gaps:
    """The unwritten silences at a pace."""
    factor = _PACE[pace]
    return Gaps(Seconds(0.4 * factor), Seconds(0.9 * factor), Seconds(1.5 * factor))


def build(
    script: Script,
    options: Options,
    *,
    muscles: Mapping[str, str] | None = None,
    tones: Mapping[Phase, SoundRef] | None = None,
    bed: SoundRef | None = None,
) -> Plan:
    """What happens in a session.

    Args:
        script: as parsed.
        options: the listener's.
        muscles: muscle ids to spoken names.
        tones: the swell of each breath phase that has one.
        bed: the sound that `options.background` names.

    Raises:
        UsageError: the options contradict each other or the script.
    """
    sides = _sides(options)
    tool = _tool(script, options)
    return Plan(script, options, sides, tool, muscles or {}, tones or {}, bed)


def _sides(options: Options) -> tuple[Side, ...]:
    if options.side != "both":
        for name, value in (("--start", options.start), ("--sore", options.sore)):
            if value and value != options.side:
                raise UsageError(
                    f"--side {options.side} works one side only, which contradicts {name} {value}"
                )
        return (options.side,)
    if options.sore and options.start and options.sore != options.start:
        raise UsageError(
            f"the sore side comes first: --sore {options.sore} contradicts --start {options.start}"
        )
    first = options.sore or options.start or "left"
    return ("left", "right") if first == "left" else ("right", "left")


def _tool(script: Script, options: Options) -> str | None:
    tools = script.front.tools
    if options.tool is None:
        return tools[0] if tools else None
    if options.tool in tools:
        return options.tool
    if not tools:
        raise UsageError(f'"{script.title}" uses no tool: leave out --tool')
    hint = did_you_mean(options.tool, tools) or f"it has {', '.join(tools)}"
    raise UsageError(f'"{script.title}" has no variant with "{options.tool}": {hint}')


@dataclass(frozen=True, slots=True)
class _Run:
    """What holds while a block is unfolded."""

    side: Side | None = None
    turn: Literal["first", "second"] | None = None
    round: int = 0
    rounds: int = 0
    say: tuple[Mapping[str, str], ...] = ()


class Plan:
    """A script for one listener, ready to be unfolded.

    Attributes:
        script, options: what it was built from.
        sides: the sides worked, in order.
        tool: the session's tool, or None.
        optional: how many optional blocks it has.
        counts: its elastic counts, in script order.
        gaps: the unwritten silences.
    """

    def __init__(
        self,
        script: Script,
        options: Options,
        sides: tuple[Side, ...],
        tool: str | None,
        muscles: Mapping[str, str],
        tones: Mapping[Phase, SoundRef],
        bed: SoundRef | None,
    ) -> None:
        self.script = script
        self.options = options
        self.sides = sides
        self.tool = tool
        self.gaps = gaps(options.pace)
        self.words = words(script.front.language)
        self.tones = tones
        self.bed = bed
        self._muscle = next(iter(script.front.muscles), None)
        self._muscle_name = muscles.get(self._muscle, self._muscle) if self._muscle else None
        self._optional: dict[int, int] = {}
        self._counts: dict[int, int] = {}
        self._cues: dict[int, int] = {}
        self.counts: tuple[ElasticCount, ...] = ()
        self._uses_rounds = False
        self._survey(script.root)
        self.optional = len(self._optional)

    def usual(self) -> Shape:
        """Everything in, every count at its usual."""
        return Shape(0, tuple(count.usual for count in self.counts))

    def unfold(self, shape: Shape) -> tuple[Item, ...]:
        """The items of a session of some shape, in playing order.

        Raises:
            ScriptError: there are more than `MAX_ITEMS`.
        """
        return tuple(_Unfolding(self, shape).items())

    def utterances(self, *, fitted: bool) -> tuple[Utterance, ...]:
        """All that may be said, each once, in playing order.

        Args:
            fitted: whether the session will be fitted, so that every shape counts; otherwise only
                the usual one does.
        """
        found: dict[Utterance, None] = {}
        usual = self.usual()
        for utterance in _utterances(self.unfold(usual)):
            found[utterance] = None
        if fitted and self.counts:
            most = Shape(0, tuple(count.greatest for count in self.counts))
            shapes = [most]
            if self._uses_rounds:
                # A text that names the number of rounds differs with every number.
                for index, count in enumerate(self.counts):
                    for value in range(count.least, min(count.greatest, count.least + 50)):
                        counts = (*most.counts[:index], value, *most.counts[index + 1 :])
                        shapes.append(Shape(0, counts))
            for shape in shapes:
                for utterance in _utterances(self.unfold(shape)):
                    found[utterance] = None
        return tuple(found)

    # Numbers for the blocks, counts and cues of the script

    def _survey(self, step: Step) -> None:
        modifiers = step.modifiers
        if modifiers.tools and self.tool not in modifiers.tools:
            return
        if modifiers.optional:
            self._optional[id(step)] = len(self._optional)
        if modifiers.count:
            self._add_count(id(step), modifiers.count)
        self._survey_content(step)

    def _survey_content(self, step: Step) -> None:
        for node in step.content:
            if isinstance(node, Step):
                self._survey(node)
            elif isinstance(node, Include):
                self._survey_content(node.script.root)
            elif isinstance(node, Interval):
                self._cues[id(node)] = len(self._cues)
                for nested in node.nested:
                    if isinstance(nested.what, tuple):
                        self._look_for_rounds(nested.what)
            elif isinstance(node, Breathe) and node.count:
                self._add_count(id(node), node.count)
            elif isinstance(node, Paragraph):
                self._look_for_rounds(node.content)

    def _look_for_rounds(self, spoken: Spoken) -> None:
        for piece in spoken:
            if isinstance(piece, Sentence):
                for part in piece.parts:
                    if isinstance(part, Variable) and part.name == "rounds":
                        self._uses_rounds = True

    def _add_count(self, key: int, count: Count) -> None:
        if count.least < count.greatest:
            self._counts[key] = len(self.counts)
            self.counts += (ElasticCount(count.least, count.usual, count.greatest),)

    def number(self, node: object, count: Count, shape: Shape) -> int:
        """How often a node is done in a shape."""
        index = self._counts.get(id(node))
        return count.usual if index is None else shape.counts[index]

    def dropped(self, step: Step, shape: Shape) -> bool:
        """Whether a shape leaves an optional block out."""
        index = self._optional.get(id(step))
        return index is not None and index >= self.optional - shape.dropped

    def cue(self, interval: Interval) -> int:
        """The number of an interval cue."""
        return self._cues[id(interval)]

    # Texts

    def text(self, parts: tuple[str | Variable, ...], run: _Run) -> str:
        """A text with its variables filled in."""
        return "".join(p if isinstance(p, str) else self._value(p.name, run) for p in parts)

    def _value(self, name: str, run: _Run) -> str:
        if name == "tool":
            return self.tool or ""
        if name == "muscle":
            return self._muscle_name or ""
        if name == "round":
            return str(run.round)
        if name == "rounds":
            return str(run.rounds)
        assert run.side is not None
        other: Side = "right" if run.side == "left" else "left"
        return self.words.sides[run.side if name == "side" else other]


def _utterances(items: tuple[Item, ...]) -> Iterator[Utterance]:
    for item in items:
        if isinstance(item, Say):
            yield item.utterance
        elif isinstance(item, Breaths):
            yield from item.first_words
            yield from item.words
        elif isinstance(item, Span):
            for timed in item.timed:
                if isinstance(timed.what, Countdown):
                    yield from timed.what.words
                elif isinstance(timed.what, tuple):
                    for _, utterance, _ in timed.what:
                        yield utterance


class _Unfolding:
    """One walk over the script for one shape."""

    def __init__(self, plan: Plan, shape: Shape) -> None:
        self._plan = plan
        self._shape = shape
        self._items: list[Item] = []
        self._gaps = plan.gaps
        self._last: Literal["nothing", "speech", "cue", "written"] = "nothing"
        self._new_step = False
        self._mark: ChapterMark | None = None
        self._notes: list[str] = []
        self._utterances: dict[tuple[str, tuple[int, ...]], Utterance] = {}

    def items(self) -> list[Item]:
        script, options = self._plan.script, self._plan.options
        if self._plan.bed is not None:
            self._items.append(Bed(self._plan.bed, BED_GAIN, script.root.location))
        elif script.front.background and options.background is None:
            self._background(script.front.background)
        self._step(script.root, _Run(say=(script.front.say,)))
        return self._items

    # Blocks

    def _step(self, step: Step, run: _Run) -> None:
        modifiers, plan = step.modifiers, self._plan
        if modifiers.tools and plan.tool not in modifiers.tools:
            return
        if plan.dropped(step, self._shape) or (modifiers.only and modifiers.only != run.turn):
            return
        runs = [run]
        loops = [self._by_round, self._by_side]
        if modifiers.sides_outside:
            loops.reverse()
        for loop in loops:
            runs = [inner for outer in runs for inner in loop(step, outer)]
        for index, inner in enumerate(runs):
            if index and modifiers.between is not None:
                self._mark = None  # the gap still belongs to the chapter before it
                where = modifiers.locations.get("between", step.location)
                self._written(modifiers.between, inner.side, where)
            self._new_step = True
            self._mark = ChapterMark(self._title(step, inner), inner.side)
            self._block(step, step, inner)

    def _by_side(self, step: Step, run: _Run) -> list[_Run]:
        if not step.modifiers.each_side:
            return [run]
        turns: tuple[Literal["first", "second"], ...] = ("first", "second")
        return [
            replace(run, side=side, turn=turn)
            for side, turn in zip(self._plan.sides, turns, strict=False)
        ]

    def _by_round(self, step: Step, run: _Run) -> list[_Run]:
        if step.modifiers.count is None:
            return [run]
        rounds = self._plan.number(step, step.modifiers.count, self._shape)
        if len(self._items) + rounds > MAX_ITEMS:
            raise self._too_many(step.location)
        return [replace(run, round=k + 1, rounds=rounds) for k in range(rounds)]

    def _block(self, step: Step, holder: Step, run: _Run) -> None:
        """The content of a block; `holder` is the step whose chapter it belongs to."""
        for node in step.content:
            if isinstance(node, Step):
                self._step(node, run)
                # What an include brings after its steps belongs to the holder again.
                self._mark = ChapterMark(self._title(holder, run), run.side)
            elif isinstance(node, Include):
                say = (*run.say, node.script.front.say)
                self._block(node.script.root, holder, replace(run, say=say))
            else:
                self._content(node, run)

    def _title(self, step: Step, run: _Run) -> str:
        names = {part.name for part in step.title if isinstance(part, Variable)}
        title = self._plan.text(step.title, run).strip()
        texts = self._plan.words
        if run.side and not names & {"side", "other side"}:
            title += ", " + texts.side_title.format(texts.sides[run.side])
        if run.rounds > 1 and "round" not in names:
            title += ", " + texts.round_title.format(run.round)
        return title

    # Content

    def _content(self, node: object, run: _Run) -> None:
        side = run.side
        if isinstance(node, Paragraph):
            self._paragraph(node, run)
        elif isinstance(node, Note):
            self._notes.append(node.text)
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

    def _background(self, node: Background) -> None:
        gain = BED_GAIN if node.gain is None else node.gain
        self._items.append(Bed(node.sound, gain, node.location))

    def _is_sore(self, run: _Run) -> bool:
        return run.side is not None and run.side == self._plan.options.sore

    def _paragraph(self, node: Paragraph, run: _Run) -> None:
        inside = False
        for piece in node.content:
            if isinstance(piece, Silence):
                self._written(piece.seconds, run.side, piece.location)
            else:
                self._before("speech", same_paragraph=inside)
                self._add(Say(self._utterance(piece, run), run.side, piece.location))
            inside = True

    def _breaths(self, node: Breathe, run: _Run) -> Breaths:
        plan = self._plan
        count = plan.number(node, node.count, self._shape) if node.count else None
        if count and len(self._items) + count * len(node.phases) > MAX_ITEMS:
            raise self._too_many(node.location)
        names = [name for name, _ in node.phases]
        spoken = plan.options.breath != "tone"
        first = [Utterance(t := plan.words.first_breath[n], t) for n in names] if spoken else []
        later = [Utterance(t := plan.words.breath[n], t) for n in names] if spoken else []
        # In the voice's guide the tones stand in for words that a phase is too short for.
        tones = tuple(plan.tones.get(name) for name in names)
        return Breaths(
            node.phases, count, node.duration, self._is_sore(run), tuple(first), tuple(later),
            tones, run.side, node.location,
        )  # fmt: skip

    def _timed(self, nested: Nested, run: _Run) -> Timed:
        what: Strikes | Countdown | tuple[tuple[Seconds, Utterance, Location], ...]
        if isinstance(nested.what, Chime):
            what = Strikes(nested.what.sound, nested.what.strikes, run.side, nested.location)
        elif isinstance(nested.what, tuple):
            what = self._sequence(nested.what, run)
        else:
            numbers = self._plan.words.numbers[: int(nested.seconds)]
            what = Countdown(tuple(Utterance(n, n + ".") for n in numbers))
        return Timed(nested.moment, nested.seconds, what, nested.location)

    def _sequence(
        self, spoken: Spoken, run: _Run
    ) -> tuple[tuple[Seconds, Utterance, Location], ...]:
        sequence = []
        gap = Seconds(0.0)
        for piece in spoken:
            if isinstance(piece, Silence):
                gap = piece.seconds
            else:
                sequence.append((gap, self._utterance(piece, run), piece.location))
                gap = self._gaps.sentence
        return tuple(sequence)

    def _utterance(self, sentence: Sentence, run: _Run) -> Utterance:
        text = self._plan.text(sentence.parts, run)
        key = (text, tuple(id(s) for s in run.say))
        if key not in self._utterances:
            self._utterances[key] = Utterance(text, respell(text, run.say))
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
            self._items.append(Quiet(Elastic.fixed(gap)))
        self._last = kind
        self._new_step = False
        if self._mark is not None:
            self._items.append(replace(self._mark, notes=tuple(self._notes)))
            self._notes.clear()
            self._mark = None

    def _add(self, item: Item) -> None:
        self._items.append(item)
        if len(self._items) > MAX_ITEMS:
            raise self._too_many(getattr(item, "location", self._plan.script.root.location))

    def _too_many(self, where: Location) -> ScriptError:
        return ScriptError(
            [
                Problem(
                    "too-many-events",
                    f"the session has more than {MAX_ITEMS:,} events",
                    where,
                    hint="repeat it fewer times",
                )
            ]
        )


def respell(text: str, tables: tuple[Mapping[str, str], ...]) -> str:
    """A text with words respelled; the first table that knows a word decides."""
    merged: dict[str, str] = {}
    for table in reversed(tables):
        merged.update(table)
    if not merged:
        return text
    longest_first = sorted(merged, key=len, reverse=True)
    pattern = r"(?<!\w)(?:" + "|".join(re.escape(word) for word in longest_first) + r")(?!\w)"
    return re.sub(pattern, lambda m: merged[m[0].casefold()], text, flags=re.IGNORECASE)
