"""What is settled about a session before it is unfolded: a frozen value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import assert_never

from voiceguide.errors import Location, Problem, Severity
from voiceguide.plan.model import ElasticCount, Gaps, Options, Shape
from voiceguide.script.model import (
    Breathe,
    Chime,
    Count,
    Countdown,
    Counting,
    File,
    Include,
    Interval,
    Nested,
    Note,
    Paragraph,
    Phase,
    Plain,
    Script,
    Sentence,
    SoundRef,
    Spoken,
    Step,
    Variable,
    is_for,
)
from voiceguide.script.source import visible
from voiceguide.script.words import Words
from voiceguide.units import Side


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers for the blocks, counts and cues of a script that hold for a tool.

    Nodes are told apart by their `id`: two may be equal and stand at different places.

    Attributes:
        counts: the elastic counts, in script order.
        breath_counts: the indexes of those that count breaths or repetitions of a cue, all alike.
        exact_counts: the indexes of those whose rounds differ in what is said.
        block_of: of each elastic count, the number of the innermost optional block around it, or -1.
        optional: of each optional block, in script order, by id.
        count_of: index into `counts`, by the id of a block or of a breathing cue.
        cue_of: of each interval cue, by id.
        empty: ids of the blocks in which nothing happens.
    """

    counts: tuple[ElasticCount, ...]
    breath_counts: frozenset[int]
    exact_counts: frozenset[int]
    block_of: tuple[int, ...]
    optional: Mapping[int, int]
    count_of: Mapping[int, int]
    cue_of: Mapping[int, int]
    empty: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Survey:
    """A script for one listener, with all that unfolding reads.

    Attributes:
        sides: the sides worked, in order.
        tool: the session's tool, or None.
        muscle: spoken name of the script's first muscle, or nothing.
        gaps: the unwritten silences.
        words: what the program itself says, in the script's language.
        tones: the swell of each breath phase that has one.
        background: the sound that the listener chose for the whole session, or None.
        numbers: for the blocks, counts and cues of the script.
        normalise: from a sentence as written to the words that a voice is given.
    """

    script: Script
    options: Options
    sides: tuple[Side, ...]
    tool: str | None
    muscle: str
    gaps: Gaps
    words: Words
    tones: Mapping[Phase, SoundRef] = field(hash=False)
    background: SoundRef | None
    numbers: Numbers = field(hash=False)
    normalise: Callable[[str], str] = str

    def number(self, node: object, count: Count, shape: Shape) -> int:
        """How often a node is done in a shape."""
        index = self.numbers.count_of.get(id(node))
        return count.usual if index is None else shape.counts[index]

    def dropped(self, step: Step, shape: Shape) -> bool:
        """Whether a shape leaves an optional block out."""
        index = self.numbers.optional.get(id(step))
        return index is not None and index >= len(self.numbers.optional) - shape.dropped

    def problem(
        self,
        code: str,
        message: str,
        where: Location,
        *,
        length: int = 1,
        expected: str | None = None,
        hint: str | None = None,
        severity: Severity = "error",
    ) -> Problem:
        """A finding at a place of the script, with the line it points at."""
        file = self.script.files.get(where.source, File(()))
        line = file.lines[where.line - 1] if 0 < where.line <= len(file.lines) else ""
        length = max(1, min(length, len(line) - where.column + 1))
        shown = visible(line, one_for_one=True)
        included = file.included_from
        return Problem(code, message, where, shown, length, expected, hint, severity, included)


def numbered(root: Step, tool: str | None) -> Numbers:
    """The numbers of what a script holds for a tool."""
    numbering = _Numbering(tool)
    numbering.step(root, None)
    return Numbers(
        tuple(numbering.counts),
        frozenset(numbering.breath_counts),
        frozenset(numbering.exact_counts),
        tuple(numbering.block_of),
        numbering.optional,
        numbering.count_of,
        numbering.cue_of,
        frozenset(numbering.empty),
    )


class _Numbering:
    """One walk over a script; `rounds` is the elastic count of the block around."""

    def __init__(self, tool: str | None) -> None:
        self._tool = tool
        self.counts: list[ElasticCount] = []
        self.breath_counts: set[int] = set()
        self.exact_counts: set[int] = set()
        self.block_of: list[int] = []
        self._block = -1
        self.optional: dict[int, int] = {}
        self.count_of: dict[int, int] = {}
        self.cue_of: dict[int, int] = {}
        self.empty: set[int] = set()

    def step(self, step: Step, rounds: int | None) -> bool:
        """Number what is in a step; returns whether anything happens in it."""
        modifiers = step.modifiers
        if modifiers.tools and not is_for(self._tool, modifiers.tools):
            return False
        if modifiers.optional:
            self.optional[id(step)] = len(self.optional)
        around, self._block = self._block, self.optional.get(id(step), self._block)
        if modifiers.count:
            self._count(step, modifiers.count)
            rounds = self.count_of.get(id(step))
        happens = self._content(step, rounds)
        self._block = around
        if not happens:
            self.empty.add(id(step))
        return happens

    def _content(self, step: Step, rounds: int | None) -> bool:
        happens = False
        for node in step.content:
            match node:
                case Step():
                    happens |= self.step(node, rounds)
                case Include():
                    happens |= self._content(node.script.root, rounds)
                case Interval():
                    happens = True
                    self.cue_of[id(node)] = len(self.cue_of)
                    for nested in node.nested:
                        self._nested(nested, rounds)
                case Breathe():
                    happens = True
                    if node.count:
                        self._count(node, node.count)
                        if id(node) in self.count_of:
                            self.breath_counts.add(self.count_of[id(node)])
                case Counting():
                    happens = True
                    self.cue_of[id(node)] = len(self.cue_of)
                    self._count(node, node.count)
                    if id(node) in self.count_of:
                        self.breath_counts.add(self.count_of[id(node)])
                    for nested in node.nested:
                        self._nested(nested, rounds)
                case Paragraph():
                    happens = True
                    self._spoken(node.content, rounds)
                case Plain():
                    happens = True
                case Note():
                    pass
                case _:
                    assert_never(node)
        return happens

    def _nested(self, nested: Nested, rounds: int | None) -> None:
        match nested.what:
            case tuple():
                self._spoken(nested.what, rounds)
            case Chime() | Countdown():
                pass
            case _:
                assert_never(nested.what)

    def _spoken(self, spoken: Spoken, rounds: int | None) -> None:
        if rounds is None:
            return
        for piece in spoken:
            if isinstance(piece, Sentence):
                names = {part.name for part in piece.parts if isinstance(part, Variable)}
                if names & {"round", "rounds"}:
                    self.exact_counts.add(rounds)

    def _count(self, node: Step | Breathe | Counting, count: Count) -> None:
        if count.least < count.greatest:
            self.count_of[id(node)] = len(self.counts)
            self.block_of.append(self._block)
            self.counts.append(ElasticCount(count.least, count.usual, count.greatest))
