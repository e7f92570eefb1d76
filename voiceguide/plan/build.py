"""`Script` and `Options` to a `Plan`: sides, rounds, tools and variables resolved.

Pure: nothing is read, nothing is measured.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import get_args

from voiceguide.errors import Location, Problem, Severity, UsageError, did_you_mean
from voiceguide.plan.model import (
    BreathGuide,
    ElasticCount,
    Gaps,
    Item,
    Options,
    Pace,
    Shape,
    Side,
    Utterance,
    said,
)
from voiceguide.plan.unfold import Run, Unfolding
from voiceguide.script.model import (
    Breathe,
    Count,
    File,
    Include,
    Interval,
    Paragraph,
    Phase,
    Script,
    Sentence,
    SoundRef,
    Spoken,
    Step,
    Variable,
)
from voiceguide.script.source import visible
from voiceguide.script.words import words
from voiceguide.units import Seconds

_PACE: dict[Pace, float] = {"gentle": 1.5, "normal": 1.0, "brisk": 0.7}
_CHOICES: dict[str, tuple[str | None, ...]] = {
    "side": ("both", *get_args(Side)),
    "start": (*get_args(Side), None),
    "sore": (*get_args(Side), None),
    "pace": get_args(Pace),
    "breath": get_args(BreathGuide),
}


def gaps(pace: Pace) -> Gaps:
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
        UsageError: an option has no such value, or they contradict each other or the script.
    """
    _check(options)
    sides = _sides(options)
    tool = _tool(script, options)
    return Plan(script, options, sides, tool, muscles or {}, tones or {}, bed)


def _check(options: Options) -> None:
    """Raises UsageError: a value is none of those that there are, whatever its type says."""
    for name, known in _CHOICES.items():
        if (value := getattr(options, name)) not in known:
            listed = ", ".join(word for word in known if word)
            raise UsageError(f'there is no {name} "{value}": there are {listed}')
    length = options.length
    if length is not None and not (isinstance(length, int | float) and 0 < length < math.inf):
        raise UsageError(f"a session lasts more than 0 seconds and at most a day, not {length!r}")


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


class Plan:
    """A script for one listener, ready to be unfolded.

    Attributes:
        script, options: what it was built from.
        title: the session's name, its variables filled in.
        sides: the sides worked, in order.
        tool: the session's tool, or None.
        optional: how many optional blocks it has.
        counts: its elastic counts, in script order.
        breath_counts: the indexes of those that count breaths.
        exact_counts: the indexes of those whose rounds differ in what is said.
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
        self.breath_counts: set[int] = set()
        self.exact_counts: set[int] = set()
        self._named_rounds: set[int] = set()
        self._survey(script.root, None)
        self.optional = len(self._optional)
        self.title = self.text(script.root.title, Run()).strip()

    def usual(self) -> Shape:
        """Everything in, every count at its usual."""
        return Shape(0, tuple(count.usual for count in self.counts))

    def unfold(self, shape: Shape) -> tuple[Item, ...]:
        """The items of a session of some shape, in playing order.

        Raises:
            ScriptError: there are more than `MAX_EVENTS`.
        """
        return tuple(Unfolding(self, shape).items())

    def unfold_model(self, shape: Shape) -> tuple[tuple[Item, ...], tuple[tuple[int, ...], ...]]:
        """The items of a session whose lengths tell those of all sessions of its kind.

        Args:
            shape: its counts hold where a text says the round; every other block that may repeat
                does so twice, its second round standing for all further ones.

        Returns:
            the items, and for each the elastic counts that it is a further round of.
        """
        counts = tuple(
            count if index in self.exact_counts or index in self.breath_counts else 2
            for index, count in enumerate(shape.counts)
        )
        unfolding = Unfolding(self, Shape(shape.dropped, counts))
        return tuple(unfolding.items()), tuple(unfolding.paths)

    def utterances(self, *, fitted: bool) -> tuple[Utterance, ...]:
        """All that may be said, each once, in playing order.

        Args:
            fitted: whether the session will be fitted, so that every shape counts; otherwise only
                the usual one does.
        """
        found: dict[Utterance, None] = {}
        shapes = [self.usual()]
        if fitted and self.counts:
            most = Shape(0, tuple(count.greatest for count in self.counts))
            shapes.append(most)
            # A text that names the number of rounds differs with every number.
            for index in sorted(self._named_rounds):
                count = self.counts[index]
                for value in range(count.least, count.greatest):
                    counts = (*most.counts[:index], value, *most.counts[index + 1 :])
                    shapes.append(Shape(0, counts))
        for shape in shapes:
            for item in self.unfold(shape):
                found.update(dict.fromkeys(said(item)))
        return tuple(found)

    def problem(
        self, code: str, message: str, where: Location, *, length: int = 1,
        expected: str | None = None, hint: str | None = None, severity: Severity = "error",
    ) -> Problem:  # fmt: skip
        """A finding at a place of the script, with the line it points at."""
        file = self.script.files.get(where.source, File(()))
        shown = file.lines[where.line - 1] if 0 < where.line <= len(file.lines) else ""
        return Problem(
            code, message, where, visible(shown, one_for_one=True),
            max(1, min(length, len(shown) - where.column + 1)), expected, hint, severity,
            file.included_from,
        )  # fmt: skip

    # Numbers for the blocks, counts and cues of the script

    def _survey(self, step: Step, rounds: int | None) -> None:
        """Number what is in a step; `rounds` is the elastic count of the block around it."""
        modifiers = step.modifiers
        if modifiers.tools and self.tool not in modifiers.tools:
            return
        if modifiers.optional:
            self._optional[id(step)] = len(self._optional)
        if modifiers.count:
            self._add_count(id(step), modifiers.count)
            rounds = self._counts.get(id(step))
        self._survey_content(step, rounds)

    def _survey_content(self, step: Step, rounds: int | None) -> None:
        for node in step.content:
            if isinstance(node, Step):
                self._survey(node, rounds)
            elif isinstance(node, Include):
                self._survey_content(node.script.root, rounds)
            elif isinstance(node, Interval):
                self._cues[id(node)] = len(self._cues)
                for nested in node.nested:
                    if isinstance(nested.what, tuple):
                        self._look_for_rounds(nested.what, rounds)
            elif isinstance(node, Breathe) and node.count:
                self._add_count(id(node), node.count)
                if id(node) in self._counts:
                    self.breath_counts.add(self._counts[id(node)])
            elif isinstance(node, Paragraph):
                self._look_for_rounds(node.content, rounds)

    def _look_for_rounds(self, spoken: Spoken, rounds: int | None) -> None:
        if rounds is None:
            return
        for piece in spoken:
            if isinstance(piece, Sentence):
                names = {part.name for part in piece.parts if isinstance(part, Variable)}
                if "rounds" in names:
                    self._named_rounds.add(rounds)
                if names & {"round", "rounds"}:
                    self.exact_counts.add(rounds)

    def _add_count(self, key: int, count: Count) -> None:
        if count.least < count.greatest:
            self._counts[key] = len(self.counts)
            self.counts += (ElasticCount(count.least, count.usual, count.greatest),)

    def number(self, node: object, count: Count, shape: Shape) -> int:
        """How often a node is done in a shape."""
        index = self._counts.get(id(node))
        return count.usual if index is None else shape.counts[index]

    def elastic(self, node: object) -> int | None:
        """The index of a node's count among the elastic ones."""
        return self._counts.get(id(node))

    def dropped(self, step: Step, shape: Shape) -> bool:
        """Whether a shape leaves an optional block out."""
        index = self._optional.get(id(step))
        return index is not None and index >= self.optional - shape.dropped

    def cue(self, interval: Interval) -> int:
        """The number of an interval cue."""
        return self._cues[id(interval)]

    # Texts

    def text(self, parts: tuple[str | Variable, ...], run: Run) -> str:
        """A text with its variables filled in."""
        return "".join(p if isinstance(p, str) else self._value(p.name, run) for p in parts)

    def _value(self, name: str, run: Run) -> str:
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
