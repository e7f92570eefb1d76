"""What a golden case must print.

A good case is a script with, in a comment, one line for each session that is made of it::

    <!-- session: side=left length=120 -->

A bad case is a script with mistakes. Files in `parts` are included by others.

The scripts in `author` and `pasted` are written as people write: of those, what is told, what they
are read as, and the words that a voice gets are printed.
"""

from __future__ import annotations

import re
from functools import cache, partial
from pathlib import Path
from typing import Any

from world import World, arranged, plan_of, print_problem, print_timeline, reach_of, source

from voiceguide.errors import LengthError, ScriptError
from voiceguide.plan import Options, build
from voiceguide.script import parse
from voiceguide.script.model import (
    Background,
    Breathe,
    Chime,
    Count,
    Counting,
    Interval,
    Paragraph,
    Pause,
    Play,
    Sentence,
    Spoken,
    Step,
    Variable,
)
from voiceguide.speech.normalise import normalise
from voiceguide.units import Elastic

CASES = Path(__file__).parent / "cases"
_SESSION = re.compile(r"^(?:<!-- )?session:(.*?)(?:-->)?$", re.MULTILINE)


def cases(kind: str) -> list[Path]:
    """The scripts of a kind, `good` or `bad`, in order."""
    return sorted((CASES / kind).glob("*.md"))


@cache
def printed(path: Path) -> str:
    """What a case prints: its problems, or each of its sessions."""
    try:
        text = source(path)
        script, warnings = parse(text, World())
        blocks = ["".join(print_problem(p) for p in warnings)]
        for asked in _SESSION.findall(text.text) or [""]:
            options, length = _options(asked)
            found = arranged(script, options, length)
            reach = reach_of(script, options)
            blocks.append(
                f"=={asked.rstrip()}\n"
                f"title {plan_of(script, options).title}\n"
                f"from {reach.shortest:.3f} usually {reach.usual:.3f} to {reach.longest:.3f}\n"
                + "".join(print_problem(p) for p in found.warnings)
                + print_timeline(found.timeline)
            )
    except ScriptError as error:
        return "\n".join(print_problem(p) for p in error.problems)
    except LengthError as error:
        return f"{error}\n{error.reachable}\n"
    return "\n".join(block for block in blocks if block)


@cache
def outlined(path: Path) -> str:
    """What a script is read as: its problems, its steps and cues, and the words for the voice."""
    try:
        script, problems = parse(source(path), World())
    except ScriptError as error:
        return "\n".join(print_problem(p) for p in error.problems)
    rows = [print_problem(p) for p in problems]
    rows += _step(script.root, 0)
    front = script.front
    if front.locations:
        rows.append(f"front {front.muscles} {front.tools} {front.cautions} {front.length}")
    said = partial(normalise, language=front.language)
    for utterance in build(script, Options(), normalise=said).utterances(fitted=False):
        if utterance.spoken != utterance.text and utterance.spoken != f"{utterance.text}.":
            rows.append(f"said {utterance.spoken}")
    return "\n".join(rows) + "\n"


def _step(step: Step, depth: int) -> list[str]:
    """A line for the heading and each thing below it."""
    lead = "  " * depth
    modifiers = step.modifiers
    shown = [
        "each side" if modifiers.each_side else "",
        f"{modifiers.only} side" if modifiers.only else "",
        _count(modifiers.count),
        f"{modifiers.between:g}s between" if modifiers.between is not None else "",
        " or ".join(modifiers.tools or ()),
        "optional" if modifiers.optional else "",
    ]
    rows = [f"{lead}# {_words(step.title)} ({', '.join(filter(None, shown))})"]
    for node in step.content:
        match node:
            case Step():
                rows += _step(node, depth + 1)
            case Paragraph():
                rows.append(f"{lead}  {_spoken(node.content)}")
            case Interval():
                rows.append(f"{lead}  - {node.label} {_elastic(node.duration)}")
                for nested in node.nested:
                    what = nested.what
                    shown_what = _spoken(what) if isinstance(what, tuple) else type(what).__name__
                    rows.append(f"{lead}    - {nested.moment} {nested.seconds:g}: {shown_what}")
            case Counting():
                down = "down " if node.down else ""
                rows.append(f"{lead}  - count {down}{_count(node.count)}, {node.each:g}s each")
            case Breathe():
                phases = ", ".join(f"{name} {seconds:g}s" for name, seconds in node.phases)
                length = _elastic(node.duration) if node.duration else _count(node.count)
                rows.append(f"{lead}  - breathe {phases}, {length}")
            case Pause():
                rows.append(f"{lead}  - pause {_elastic(node.duration)}")
            case Chime():
                rows.append(f"{lead}  - chime {node.sound.name}, {node.strikes} times")
            case Play() | Background():
                name = node.sound.name if node.sound else "off"
                rows.append(f"{lead}  - {type(node).__name__.lower()} {name} {node.gain}")
            case _:
                rows.append(f"{lead}  {type(node).__name__}")
    return rows


def _words(parts: tuple[str | Variable, ...]) -> str:
    return "".join(p if isinstance(p, str) else f"{{{p.name}}}" for p in parts)


def _spoken(spoken: Spoken) -> str:
    return " | ".join(
        _words(piece.parts) if isinstance(piece, Sentence) else f"[{piece.seconds:g}s]"
        for piece in spoken
    )


def _elastic(duration: Elastic) -> str:
    if duration.is_fixed:
        return f"{duration.usual:g}s"
    return f"{duration.usual:g}s ({duration.least:g}s-{duration.greatest:g}s)"


def _count(count: Count | None) -> str:
    if count is None:
        return ""
    return f"{count.least}{f'-{count.greatest}' if count.greatest > count.least else ''} times"


def _options(text: str) -> tuple[Options, float | None]:
    values: dict[str, Any] = dict(pair.split("=") for pair in text.split())
    length = values.pop("length", None)
    if "tool" in values:
        values["tool"] = values["tool"].replace("_", " ")
    return Options(**values), None if length is None else float(length)
