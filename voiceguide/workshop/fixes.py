"""Edits of a script's text that put problems right, where that is safe."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from voiceguide.errors import Edit, Problem, ScriptError
from voiceguide.script.environment import Environment
from voiceguide.script.source import Source, line_starts

_ROUNDS = 8
"""So often a text is fixed and read again: one mistake may hide another."""


def safe_edits(problems: Iterable[Problem]) -> list[Edit]:
    """The edits that can be made without asking, of the script itself and not of its parts.

    What looks like a cue that nobody knows may be one that is misspelt: whether it is to be spoken
    is the author's to say.
    """
    return [
        p.fix
        for p in problems
        if p.fix is not None
        and not p.included_from
        and not (p.code == "unknown-cue" and p.fix.text.endswith("."))
    ]


def apply(text: str, edits: Iterable[Edit]) -> tuple[str, int]:
    """A text with edits made, and how many: of two that overlap, the first in the text.

    Lines are counted as a script's problems count them.
    """
    starts = line_starts(text)
    spans: list[tuple[int, int, str]] = []
    for edit in edits:
        if 1 <= edit.line <= len(starts):
            start = starts[edit.line - 1] + edit.column - 1
            spans.append((start, start + edit.length, edit.text))
    made, at, count = [], 0, 0
    for start, end, new in sorted(set(spans)):
        if start < at or end > len(text):
            continue
        made += [text[at:start], new]
        at, count = end, count + 1
    return "".join((*made, text[at:])), count


def problems(text: str, path: Path, environment: Environment | None = None) -> tuple[Problem, ...]:
    """All that is wrong with a script, errors and warnings, without anything being spoken.

    Args:
        path: where it is, or would be: what it includes is looked for beside it.
        environment: what it may name, or None for the library and the listener's own.
    """
    from voiceguide.library.environment import LibraryEnvironment
    from voiceguide.script import parse

    environment = environment or LibraryEnvironment()
    try:
        return tuple(parse(Source(str(path), text, path.parent, str(path)), environment)[1])
    except ScriptError as error:
        return error.problems


def fixed(text: str, path: Path) -> tuple[str, int]:
    """A script with every safe edit made, and how many were."""
    total = 0
    for _ in range(_ROUNDS):
        made, count = apply(text, safe_edits(problems(text, path)))
        if not count or made == text:
            break
        text, total = made, total + count
    return text, total
