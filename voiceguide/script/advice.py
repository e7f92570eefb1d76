"""What would be heard otherwise than it was meant: warnings that need to know what the words mean.

Nothing here stops a script. Each is told once, at the place where something can be done about it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from voiceguide.errors import Edit, Location, Problem
from voiceguide.script.environment import Environment
from voiceguide.script.model import (
    BOTH,
    Background,
    Breathe,
    Chime,
    Counting,
    Include,
    Interval,
    Nested,
    Node,
    Paragraph,
    Pause,
    Play,
    Script,
    Sentence,
    Silence,
    Step,
    is_for,
)
from voiceguide.script.source import Findings, Source
from voiceguide.script.speech import in_words
from voiceguide.units import Seconds, format_seconds

LONGEST_SENTENCE = 30
"""Words of a sentence that a listener can follow."""
LONGEST_SILENCE = Seconds(60.0)
"""Seconds of an interval without a cue, after which a listener wonders whether it goes on."""
_PRESSING = ("hold", "roll", "press", "knead")
_UNIT = r"(?:seconds?|secs?\.?|s|minutes?|mins?\.?|m|breaths?|[\"\u2033\u201d'\u2032](?! (?:off|away|from|apart|above|below)))"
_SO_MANY = r"[0-9]+|one|two|three|five|ten|fifteen|twenty|thirty|forty|forty-five|sixty|ninety"
_TIMED = re.compile(
    r"\b(?:hold|rest|pause|wait|stay|relax|squeeze|press|roll|knead|stretch|keep|breathe|plank|lean|"
    r"massage|stand|sit|lie|squat|hang)\b(?:(?!\b(?:if|than|after|before|within|until|once|when)\b)[^.!?]){0,40}?"
    rf"(?<![\w/.])(?:{_SO_MANY})(?: ?(?:[-\u2013]|to) ?[0-9]+)? ?{_UNIT}(?![\w])"
    rf"|[0-9]+ ?[x\u00d7] ?[0-9]+ ?{_UNIT}(?![\w])"
    rf"|^[0-9]+(?: ?(?:[-\u2013]|to) ?[0-9]+)? ?{_UNIT} (?:rest|hold|pause|break|each)\b",
    re.IGNORECASE,
)
"""A sentence that asks for a time."""
_PART = (
    r"(?:arm|ankle|buttock|calf|cheek|chest|ear|elbow|eye|foot|forearm|glute|groin|hamstring|hand|"
    r"heel|hip|jaw|knee|leg|lung|neck|palm|piriformis|quad|ribs?|shin|shoulder|side|sole|thigh|thumb|"
    r"toes?|wrist|fist|fingers?|big toe|index finger|lower leg|upper arm|upper back|lower back)"
)
_SIDE = re.compile(
    rf"\b(left|right) {_PART}s?\b"
    r"|\b(?:your|the|to the|on the|onto your|on your|over to the) (left|right)\b(?=[,.;:!?]|$| (?:and|or|with|to|side))",
    re.IGNORECASE,
)
_DIGIT = re.compile("[0-9]|second|minute|breath")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_DOMAIN = re.compile(
    r"(?<![\w@./])(?!www\.)(?:[a-z0-9-]+\.)+(?:com|org|net|de|uk|co|io|info|eu|fr|at|ch|nl|us|ca|au|health|app|me|"
    r"example)(?:/\S*[\w/])?(?![\w.]*[A-Za-z]\w)|(?<![\w@./])(?!www\.)(?:[a-z0-9-]+\.)+[a-z]{2,}/[^\s,;]*\w",
)
_SAFETY = re.compile(
    r"\b(?:stop|sharp|numb|tingl\w*|pain\w*|hurts?|ease off|roll off|back off|let up|doctor|comfortable|"
    r"pleasant|tender|gentle|gently)\b",
    re.IGNORECASE,
)
_LOOKED_AT = re.compile(r"[0-9@]|left|right|\.[a-z]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Around:
    """What holds at a place: whether sides are worked, and the includes that led there."""

    sides: bool = False
    chain: tuple[Location, ...] = ()


def advise(
    script: Script, environment: Environment, sources: Mapping[str, Source], problems: list[Problem]
) -> None:
    """Warn of what an author may not have meant.

    Args:
        sources: every file of the run, by name.
        problems: are added to.
    """
    _Adviser(script, environment, sources, problems).run()


class _Adviser:
    def __init__(
        self,
        script: Script,
        environment: Environment,
        sources: Mapping[str, Source],
        problems: list[Problem],
    ) -> None:
        self._script = script
        self._sources = sources
        self._problems = problems
        self._findings: dict[tuple[str, tuple[Location, ...]], Findings] = {}
        # Lines of which more is told already.
        told = ("not-a-cue", "spoken-cue", "spoken-direction", "spoken-property")
        self._directions = {p.location.line for p in problems if p.code in told}
        self._safe = False
        self._pressed = False
        self._told_tools: set[str] = set()
        self._heard = self._timed = False
        have = {part for tool in script.front.tools for part in tool.split(BOTH)}
        others = [tool for tool in environment.tools if tool not in (*have, "hands")]
        names = "|".join(sorted(map(re.escape, others), key=len, reverse=True))
        named = "|".join(sorted(map(re.escape, have), key=len, reverse=True))
        self._tool = re.compile(
            rf"\b(?:{named or '(?!)'})s?\b|\b({names or '(?!)'})s?\b", re.IGNORECASE
        )

    def run(self) -> None:
        self._step(self._script.root, _Around())
        self._check_tools(self._script.root)
        front = self._script.front
        broken = any(problem.severity == "error" for problem in self._problems)
        if self._timed and not self._heard and front.background is None and not broken:
            self._warn(
                self._script.root.location,
                _Around(),
                "nothing-heard",
                "nothing is heard in this session",
                hint="say what to do, or add chimes, as in - end: chime below an interval",
            )
        asked = "kind" in front.locations and front.kind == "release"
        if (
            (asked or front.muscles)
            and front.kind == "release"
            and self._pressed
            and not self._safe
        ):
            self._warn(
                self._script.root.location,
                _Around(),
                "no-safety",
                "this session presses on muscles, and never says when to stop",
                hint='say when to stop, as in "If it feels sharp, ease off.", or include parts/safety',
            )

    def _warn(
        self,
        where: Location,
        around: _Around,
        code: str,
        message: str,
        *,
        length: int = 1,
        hint: str | None = None,
        fix: str | Edit | None = None,
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
            fix=fix,
            severity="warning",
        )

    # Steps

    def _step(self, step: Step, around: _Around) -> None:
        inner = replace(around, sides=around.sides or step.modifiers.each_side)
        if step.modifiers.each_side:
            self._even(step, inner)
        self._content(step, inner)

    def _content(self, step: Step, around: _Around) -> None:
        self._follow(step.content, around)
        for node in step.content:
            if isinstance(node, Step):
                self._step(node, around)
            elif isinstance(node, Include):
                inner = replace(around, chain=(*around.chain, node.location))
                self._content(node.script.root, inner)
            elif isinstance(node, Paragraph):
                self._heard = True
                self._sentences(node.content, around)
            elif isinstance(node, Interval):
                self._pressed |= node.label in _PRESSING
            elif isinstance(node, Breathe | Chime | Play | Background | Counting):
                self._heard = True
            if isinstance(node, Interval | Counting):
                self._timed = True
                self._heard |= bool(node.nested)
                for nested in node.nested:
                    if isinstance(nested.what, tuple):
                        self._sentences(nested.what, around)

    def _even(self, step: Step, around: _Around) -> None:
        """Whether both sides are worked as long."""
        times = {"first": 0.0, "second": 0.0}
        for block in _blocks(step):
            if block.modifiers.only:
                times[block.modifiers.only] += _worked(block)
        first, second = (format_seconds(times[turn]) for turn in ("first", "second"))
        if abs(times["first"] - times["second"]) >= 0.5:
            self._warn(
                step.location,
                around,
                "sides-uneven",
                f"the first side alone is pressed for {first}, the second alone for {second}",
                hint="put what presses below a heading that is for both sides",
            )

    def _follow(self, content: tuple[Node, ...], around: _Around) -> None:
        """What stands one behind the other."""
        self._times(content, around)
        before: Node | None = None
        for node in content:
            if isinstance(node, Interval):
                self._interval(node, around)
            if isinstance(before, Interval):
                self._meeting(before, node, around)
            if not isinstance(node, Background):
                before = node

    def _interval(self, node: Interval, around: _Around) -> None:
        if node.duration.usual > LONGEST_SILENCE and not node.nested:
            self._warn(
                node.location,
                around,
                "long-silence",
                f"nothing is heard for {format_seconds(node.duration.usual)}",
                length=len(node.label),
                hint="add a cue below it, as in - halfway: chime",
                fix=self._below(node, "halfway: chime"),
            )

    def _meeting(self, first: Interval, second: Node, around: _Around) -> None:
        """An interval and what follows it at once."""
        if not first.duration.greatest:
            return  # it could not be read
        ends = _at_end(first)
        starts = isinstance(second, Interval) and [c for c in second.nested if c.moment == "start"]
        if isinstance(second, Interval) and not ends and not starts:
            self._warn(
                second.location,
                around,
                "silent-change",
                f"nothing is heard where {first.label} becomes {second.label}",
                length=len(second.label),
                hint="add - end: chime below the interval before it, or say what comes",
            )
        chimes = any(isinstance(c.what, Chime) and c.moment == "end" for c in ends)
        struck = isinstance(second, Chime) or any(isinstance(c.what, Chime) for c in starts or ())
        if chimes and struck:
            self._warn(
                second.location,
                around,
                "chimes-together",
                "two chimes are struck within a second",
                length=5,
                hint="leave one of the two out",
            )

    def _below(self, node: Interval, cue: str) -> Edit | None:
        """The change that adds a cue to an interval."""
        where = node.location
        line = self._sources[where.source].line(where.line)
        if line[: where.column - 1].strip(" \t-*+"):
            return None
        return Edit(where.line, len(line) + 1, 0, f"\n{' ' * (where.column - 1)}- {cue}")

    # Times that are spoken

    def _times(self, content: tuple[Node, ...], around: _Around) -> None:
        """Sentences that name a time which nothing keeps."""
        open_: Sentence | None = None
        for piece in _flat(content):
            if isinstance(piece, Sentence):
                text = _text(piece)
                match = _TIMED.search(text) if _DIGIT.search(text) else None
                if match is not None:
                    self._untimed(open_, around)
                    open_ = piece
            else:
                if piece is None:
                    self._untimed(open_, around)
                open_ = None
        self._untimed(open_, around)

    def _untimed(self, sentence: Sentence | None, around: _Around) -> None:
        if sentence is None or sentence.location.line in self._directions:
            return
        match = _TIMED.search(_text(sentence))
        named = (
            re.search(rf"(?:{_SO_MANY})(?: ?(?:[-\u2013]|to) ?[0-9]+)? ?{_UNIT}", match[0])
            if match
            else None
        )
        self._warn(
            sentence.location,
            around,
            "time-not-kept",
            f"this sentence names {named[0] if named else 'a time'}, and no silence, pause or "
            "interval follows",
            length=min(20, len(_text(sentence))),
            hint="add a cue below it, as in - hold 30s, or a silence such as [30s]",
        )

    # Sentences

    def _sentences(self, spoken: Iterable[Sentence | Silence], around: _Around) -> None:
        for piece in spoken:
            if isinstance(piece, Sentence):
                self._sentence(piece, around)

    def _sentence(self, sentence: Sentence, around: _Around) -> None:
        text = _text(sentence)
        if not self._safe and _SAFETY.search(text):
            self._safe = True
        if len(words := text.split()) > LONGEST_SENTENCE:
            self._warn(
                sentence.location,
                around,
                "long-sentence",
                f"this sentence has {len(words)} words, more than a listener can follow",
                length=20,
                hint="make two of it",
            )
        for tool in self._tool.finditer(text):
            if tool[1]:
                self._tool_missing(sentence, tool[1], around)
        if not _LOOKED_AT.search(text):
            return
        if around.sides and (side := _SIDE.search(text)):
            said = (side[1] or side[2]).lower()
            self._warn(
                sentence.location,
                around,
                "side-said",
                f'this says "{said}" in a step that is done on each side',
                length=min(20, len(text)),
                hint="write {side} or {other side}",
            )
        if sentence.location.line in self._directions:
            return
        if address := (_MAIL.search(text) or _DOMAIN.search(text)):
            self._warn(
                sentence.location,
                around,
                "link",
                f'the address "{address[0][:60]}" is read aloud',
                length=min(20, len(text)),
                hint=f"say it in words, as in {in_words(address[0])}, or put it into a note (>)",
            )

    def _tool_missing(self, sentence: Sentence, name: str, around: _Around) -> None:
        if name.lower() in self._told_tools:
            return
        self._told_tools.add(name.lower())
        self._warn(
            sentence.location,
            around,
            "tool-not-listed",
            f'"{name}" is not among the tools of the front matter',
            length=min(20, len(_text(sentence))),
            hint=f"add {name.lower()} to tools",
        )

    # Tools

    def _check_tools(self, root: Step) -> None:
        """Repeated blocks that one of the tools leaves without content."""
        tools = self._script.front.tools
        for block in _blocks(root):
            inside = [node for node in block.content if not isinstance(node, Background)]
            if not inside or not all(isinstance(node, Step) for node in inside):
                continue
            steps = [node for node in inside if isinstance(node, Step)]
            if not (block.modifiers.each_side or block.modifiers.count):
                continue
            if not all(step.modifiers.tools for step in steps):
                continue
            for tool in tools:
                if not any(is_for(tool, step.modifiers.tools or ()) for step in steps):
                    self._warn(
                        block.location,
                        _Around(),
                        "empty-block",
                        f'with "{tool}" nothing is left of this step, nor of its gaps',
                        hint=f"add a step (with {tool}), or leave {tool} out of tools",
                    )


def _text(sentence: Sentence) -> str:
    """A sentence's words, its variables as written."""
    return "".join(p if isinstance(p, str) else f"{{{p.name}}}" for p in sentence.parts)


def _blocks(step: Step) -> Iterable[Step]:
    """A step and all steps below it, those of includes as well."""
    yield step
    for node in step.content:
        if isinstance(node, Step):
            yield from _blocks(node)
        elif isinstance(node, Include):
            for inner in node.script.root.content:
                if isinstance(inner, Step):
                    yield from _blocks(inner)


def _worked(step: Step) -> float:
    """Seconds of pressing in a step, as usual."""
    total = 0.0
    for node in step.content:
        if isinstance(node, Interval) and node.label in _PRESSING:
            total += node.duration.usual
        elif isinstance(node, Step):
            count = node.modifiers.count
            total += _worked(node) * (count.usual if count else 1)
    return total


def _at_end(interval: Interval) -> list[Nested]:
    """What is heard as an interval ends."""
    return [
        cue
        for cue in interval.nested
        if cue.moment in ("end", "last") or (cue.moment == "left" and cue.seconds <= 5)
    ]


def _flat(content: tuple[Node, ...]) -> Iterable[Sentence | Silence | Interval | None]:
    """Sentences, and what takes time besides; None where a step begins."""
    for node in content:
        if isinstance(node, Paragraph):
            yield from node.content
        elif isinstance(node, Interval):
            yield node
        elif isinstance(node, Pause | Breathe):
            yield Silence(node.duration.usual if node.duration else LONGEST_SILENCE, node.location)
        elif isinstance(node, Play | Counting):
            yield Silence(LONGEST_SILENCE, node.location)
        elif isinstance(node, Include):
            yield from _flat(node.script.root.content)
        elif isinstance(node, Step):
            yield None
