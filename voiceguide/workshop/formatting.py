"""The canonical text of a script: the same session, in one form.

`rows` makes the new lines of each block; here they are tried, and kept where the script says the same
as before. A plan is made of nothing but the script and the listener's options, so that scripts that are
equal but for their places give equal plans for every tool and side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path

from voiceguide.errors import Location, Problem
from voiceguide.script import Environment, Script, Source
from voiceguide.script.parse import read_anyway
from voiceguide.workshop.fixes import apply, problems, safe_edits
from voiceguide.workshop.rows import Piece, joined, pieces

_ROUNDS = 8
"""So often a text is formatted or fixed and read again."""
_MOST_TRIED = 120
"""Readings of one script while looking for the blocks that have to stay as they are."""
_GUESSED = ("unknown-", "sound", "include", "bad-", "key-")
"""Beginnings of codes whose fix is what was probably meant: more than a matter of form."""


@dataclass(frozen=True, slots=True)
class Formatted:
    """A formatted script.

    Attributes:
        text: in the canonical form, as far as that says the same.
        left: what is wrong with it still, for the author.
    """

    text: str
    left: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a text says, places left out; two texts that are equal in it give the same sessions.

    Attributes:
        script: the tree of values that was read.
        errors: the codes of what is wrong, sorted.
    """

    script: object
    errors: tuple[str, ...]


def formatted(text: str, path: Path, environment: Environment | None = None) -> Formatted:
    """A script in the canonical form.

    Comments and the words of all sentences stay. Where the script compiles, the result compiles to
    an equal plan for every tool and side; where it does not, errors of mere form are fixed first.

    Args:
        path: where it is, or would be: what it includes is looked for beside it.
        environment: what it may name, or None for the library and the listener's own.
    """
    if environment is None:
        from voiceguide.library.environment import LibraryEnvironment

        environment = LibraryEnvironment()
    found: tuple[Problem, ...] = ()
    for _ in range(_ROUNDS):
        before = text
        text, found = _in_form(text, path, environment)
        if text == before and any(p.severity == "error" for p in found):
            found = problems(text, path, environment)
            of_form = (p for p in found if p.severity == "error" and not _is_guess(p))
            text, _ = apply(text, safe_edits(of_form))
        if text == before:
            break
    return Formatted(text, found)


def _is_guess(problem: Problem) -> bool:
    return problem.code.startswith(_GUESSED)


def meaning(text: str, path: Path, environment: Environment) -> Meaning:
    """What a text says."""
    return _meaning(*read_anyway(_source(text, path), environment))


def _meaning(script: Script, found: Iterable[Problem]) -> Meaning:
    return Meaning(_bare(script), tuple(sorted(p.code for p in found if p.severity == "error")))


def _source(text: str, path: Path) -> Source:
    return Source(str(path), text, path.parent, str(path))


def _bare(value: object) -> object:
    """A value of the script without its places."""
    if isinstance(value, Location):
        return None
    if isinstance(value, tuple):
        return tuple(map(_bare, value))
    if isinstance(value, Mapping):
        return tuple(value.items())
    if is_dataclass(value):
        compared = (getattr(value, f.name) for f in fields(value) if f.compare)
        return (type(value).__name__, *map(_bare, compared))
    return value


def _in_form(text: str, path: Path, environment: Environment) -> tuple[str, tuple[Problem, ...]]:
    """A text in which every block is in the canonical form, if that says the same.

    Returns:
        the text, and what is wrong with the one that was given.
    """
    source = _source(text, path)
    script, found = read_anyway(source, environment)
    made = pieces(source, script)
    tried = 0

    def says_the_same(candidate: Sequence[Piece]) -> bool:
        nonlocal tried
        tried += 1
        return meaning(joined(candidate), path, environment) == was

    def settled(first: int, end: int) -> None:
        """Keep the new lines of some pieces, or of as many of them as say the same."""
        changed = [k for k in range(first, end) if made[k].new != made[k].old]
        if not changed or tried >= _MOST_TRIED:
            return
        candidate = list(kept)
        for k in changed:
            candidate[k] = made[k]
        if says_the_same(candidate):
            kept[:] = candidate
        elif len(changed) > 1:
            middle = changed[len(changed) // 2]
            settled(first, middle)
            settled(middle, end)

    if joined(made) == text:
        return text, found
    was = _meaning(script, found)
    if says_the_same(made):
        return joined(made), found
    kept = [replace(piece, new=piece.old) for piece in made]
    if not says_the_same(kept):
        return text, found  # even the empty lines between its blocks matter
    settled(0, len(made))
    return joined(kept), found
