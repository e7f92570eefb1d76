"""The checks that need a whole script with its includes: variables, sides, tools."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from voiceguide.errors import Location, Problem
from voiceguide.script.environment import Environment
from voiceguide.script.model import (
    BOTH,
    VARIABLES,
    Breathe,
    Chime,
    Count,
    Countdown,
    Counting,
    Include,
    Interval,
    Modifiers,
    Nested,
    Note,
    Paragraph,
    Plain,
    Script,
    Sentence,
    Spoken,
    Step,
    Variable,
)
from voiceguide.script.source import Findings, Source, nearest

_VERSIONS = 50
"""Numbers of rounds that a sentence may have to be spoken for."""
_MOST_ROUNDS = 100_000
"""How often a block may run, with the rounds around it: one event each fills a session."""

_MEANT = {
    **dict.fromkeys(
        ("opposite", "opposite side", "other", "otherside", "contralateral"), "other side"
    ),
    **dict.fromkeys(("this side", "current side", "same side", "ipsilateral"), "side"),
    **dict.fromkeys(("ball", "roller", "equipment"), "tool"),
    **dict.fromkeys(("number", "count", "repetition", "rep", "set"), "round"),
    **dict.fromkeys(("times", "reps", "sets", "total rounds"), "rounds"),
    **dict.fromkeys(("muscle name", "target"), "muscle"),
}
"""Other words for a variable, and the variable."""


@dataclass(frozen=True, slots=True)
class _Around:
    """What holds at a place of the script.

    Attributes:
        repeats: how often it is run as written.
    """

    sides: bool = False
    rounds: bool = False
    repeats: int = 1
    versions: int = 1
    root: bool = True
    chain: tuple[Location, ...] = ()


def check_context(
    script: Script,
    environment: Environment,
    sources: Mapping[str, Source],
    problems: list[Problem],
    *,
    front_known: bool,
) -> None:
    """Report what is wrong only because of what is around it.

    Args:
        script: may have been read with errors; what depends on a part that is missing is let be.
        sources: every file of the run, by name.
        problems: are added to.
        front_known: whether the front matter was read without errors.
    """
    _Checker(script, environment, sources, problems, front_known).run()


def _versions(count: Count) -> int:
    return count.greatest - count.least + 1


class _Checker:
    def __init__(
        self,
        script: Script,
        environment: Environment,
        sources: Mapping[str, Source],
        problems: list[Problem],
        front_known: bool,
    ) -> None:
        self._front_known = front_known
        self._script = script
        self._environment = environment
        self._sources = sources
        self._problems = problems
        self._something = False
        self._findings: dict[tuple[str, tuple[Location, ...]], Findings] = {}

    def run(self) -> None:
        self._step(self._script.root, _Around())
        if not self._something and not self._problems:
            where = self._script.root.location
            self._report(
                where,
                _Around(),
                "nothing-to-play",
                "the script has nothing to say or play",
                hint="write a paragraph below the title",
            )

    def _report(
        self,
        where: Location,
        around: _Around,
        code: str,
        message: str,
        *,
        length: int = 1,
        hint: str | None = None,
        expected: str | None = None,
        fix: str | None = None,
    ) -> None:
        key = where.source, around.chain
        if key not in self._findings:
            source = self._sources[where.source]
            self._findings[key] = Findings(source, around.chain, self._problems)
        self._findings[key].add(
            code,
            message,
            where.line,
            where.column,
            length=length,
            hint=hint,
            expected=expected,
            fix=fix,
        )

    def _step(self, step: Step, around: _Around) -> None:
        inner = self._modifiers(step.modifiers, around)
        self._texts(step.title, inner)
        self._content(step, inner)

    def _content(self, step: Step, around: _Around) -> None:
        for node in step.content:
            match node:
                case Step():
                    self._step(node, around)
                case Include():
                    inner = replace(around, root=False, chain=(*around.chain, node.location))
                    self._content(node.script.root, inner)
                case Paragraph():
                    self._something = True
                    self._spoken(node.content, around)
                case Interval():
                    self._something = True
                    for nested in node.nested:
                        self._nested(nested, around)
                case Counting():
                    self._something = True
                    for nested in node.nested:
                        self._nested(nested, around)
                case Note():
                    self._texts(node.parts, around)
                case Plain() | Breathe():
                    self._something = True
                case _:
                    assert_never(node)

    def _nested(self, nested: Nested, around: _Around) -> None:
        match nested.what:
            case tuple():
                self._spoken(nested.what, around)
            case Chime() | Countdown():
                pass
            case _:
                assert_never(nested.what)

    def _modifiers(self, modifiers: Modifiers, around: _Around) -> _Around:
        if modifiers.each_side and around.sides:
            self._report(
                modifiers.locations["each_side"],
                around,
                "sides-twice",
                "a heading above this one has (each side) already",
                length=9,
                hint="leave one of the two out",
            )
        inner = replace(
            around,
            sides=around.sides or modifiers.each_side or modifiers.broken,
            rounds=around.rounds or modifiers.count is not None or modifiers.broken,
            versions=_versions(modifiers.count) if modifiers.count else around.versions,
            repeats=self._repeats(modifiers, around),
        )
        if modifiers.only and not around.sides:
            self._report(
                modifiers.locations["only"],
                around,
                "side-outside",
                f'"{modifiers.only} side" works only below a heading with (each side)',
                length=len(modifiers.only) + 5,
                hint="put (each side) at a heading above this one",
            )
        for tool in modifiers.tools or ():
            self._tool(tool, modifiers.locations["tools"], around)
        return inner

    def _repeats(self, modifiers: Modifiers, around: _Around) -> int:
        """How often a block runs; counted anew from one that runs too often, which is reported."""
        if modifiers.count is None:
            return around.repeats
        repeats = around.repeats * modifiers.count.usual
        if repeats <= _MOST_ROUNDS:
            return repeats
        where = modifiers.locations["count"]
        written = self._sources[where.source].line(where.line)[where.column - 1 :]
        self._report(
            where,
            around,
            "too-many-rounds",
            f"with the rounds around it, this step would run {repeats:,} times",
            length=len(re.split("[,)]", written)[0]),
            expected=f"at most {_MOST_ROUNDS:,} times",
            hint="repeat it fewer times",
        )
        return 1

    def _tool(self, tool: str, where: Location, around: _Around) -> None:
        known = [part for each in self._script.front.tools for part in (each, *each.split(BOTH))]
        known = list(dict.fromkeys(known))
        if not around.root:
            known += [t for t in self._environment.tools if t not in known]
        if tool in known or not self._front_known:
            return
        near = nearest(tool, known)
        if not known:
            hint = f"add tools: [{tool}] to the front matter"
        elif near:
            hint = f'did you mean "with {near}"?'
        else:
            hint = "add it to tools in the front matter"
        self._report(
            where,
            around,
            "unknown-tool",
            f'"{tool}" is not among the session\'s tools',
            length=len("with ") + len(tool),
            expected=", ".join(known) or None,
            hint=hint,
            fix=f"with {near}" if near else None,
        )

    def _spoken(self, spoken: Spoken, around: _Around) -> None:
        for piece in spoken:
            if isinstance(piece, Sentence):
                self._texts(piece.parts, around)
                self._rounds_spoken(piece, around)

    def _rounds_spoken(self, sentence: Sentence, around: _Around) -> None:
        """A sentence that names the rounds is spoken anew for every number that there may be."""
        for part in sentence.parts:
            if isinstance(part, Variable) and part.name == "rounds" and around.versions > _VERSIONS:
                self._report(
                    part.location,
                    around,
                    "too-many-rounds",
                    f'"{{rounds}}" may be any of {around.versions:,} numbers here',
                    length=8,
                    expected=f"at most {_VERSIONS}",
                    hint="repeat it a fixed number of times, or leave the number out",
                )

    def _texts(self, parts: Iterable[str | Variable], around: _Around) -> None:
        for part in parts:
            if isinstance(part, Variable):
                self._variable(part, around)

    def _variable(self, variable: Variable, around: _Around) -> None:
        name = variable.name
        if name not in VARIABLES:
            self._unknown_variable(variable, around)
            return
        found = self._unusable(name, around)
        if found is not None:
            message, hint = found
            self._report(
                variable.location,
                around,
                "variable-outside",
                f'"{{{name}}}" {message}',
                length=len(name) + 2,
                hint=hint,
            )

    def _unknown_variable(self, variable: Variable, around: _Around) -> None:
        name = variable.name
        known = [f"{{{each}}}" for each in VARIABLES]
        small = re.sub(r"[\s_-]+", " ", name.casefold()).strip()
        near = small if small in VARIABLES else _MEANT.get(small) or nearest(small, VARIABLES)
        if near and self._unusable(near, around):
            near = None
        hint = f'did you mean "{{{near}}}"?' if near else None
        fix = f"{{{near}}}" if near else None
        if small in ("left", "right"):
            hint, fix = f"write {small}, or {{side}} in a step with (each side)", small
        self._report(
            variable.location,
            around,
            "unknown-variable",
            f'there is no variable "{{{name}}}"',
            length=self._written(variable),
            expected="one of " + ", ".join(known),
            hint=hint,
            fix=fix,
        )

    def _written(self, variable: Variable) -> int:
        """How many characters a variable takes in its file."""
        where = variable.location
        line = self._sources[where.source].line(where.line)
        return max(2, line.find("}", where.column - 1) + 2 - where.column)

    def _unusable(self, name: str, around: _Around) -> tuple[str, str] | None:
        """Why a variable does not work at a place, and what to do; None where it works."""
        if name in ("side", "other side") and not around.sides:
            return (
                "works only below a heading with (each side)",
                "put (each side) at a heading above it, or write left or right",
            )
        if name in ("round", "rounds") and not around.rounds:
            return (
                "works only below a heading with (3 times) or the like",
                "put (3 times) at a heading above it, or leave it out",
            )
        if not self._front_known:
            return None
        if name == "tool" and not self._script.front.tools:
            return (
                "needs a tool in the front matter",
                "add tools: [tennis ball] to the front matter",
            )
        if name == "muscle" and len(self._script.front.muscles) != 1:
            count = len(self._script.front.muscles)
            which = f", which has {count}" if count else ""
            return (
                f"needs exactly one muscle in the front matter{which}",
                "write the muscle's name out",
            )
        return None
