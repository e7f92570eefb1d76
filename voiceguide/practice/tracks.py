"""The tracks for a listener: chosen by words, with what to know before one begins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from voiceguide.library import catalogue
from voiceguide.library.tracks import Entry, entries
from voiceguide.practice.questions import choose

LEVELS = catalogue.LEVELS
"""Of cautions, the gravest first."""


@dataclass(frozen=True, slots=True)
class Mind:
    """Something to mind.

    Attributes:
        level: one of `LEVELS`.
    """

    level: str
    text: str


def choose_tracks(
    muscle: str | None = None, tool: str | None = None, kind: str | None = None
) -> tuple[Entry, ...]:
    """The tracks of a muscle, of a tool, of a kind, each as a listener writes it; muscle by muscle.

    Raises:
        UsageError: there is no such muscle, tool or kind.
    """
    found = entries()
    tools = {t for entry in found for t in entry.front.tools} | set(catalogue.tools())
    muscle = muscle_id(muscle) if muscle is not None else None
    kind = _one_of(kind, "kind", {name: name for name in catalogue.kinds()})
    tool = _one_of(tool, "tool", {name: name for name in tools})
    chosen = [
        entry
        for entry in found
        if (muscle is None or muscle in entry.front.muscles)
        and (tool is None or tool in entry.front.tools)
        and (kind is None or kind == entry.front.kind)
    ]
    order, kinds = list(catalogue.muscles()), list(catalogue.kinds())

    def place(entry: Entry) -> tuple[int, int]:
        known = [muscle_ for muscle_ in entry.front.muscles[:1] if muscle_ in order]
        kind_ = entry.front.kind
        return (
            order.index(known[0]) if known else len(order),
            kinds.index(kind_) if kind_ in kinds else len(kinds),
        )

    return tuple(sorted(chosen, key=place))


def group_of(entry: Entry) -> str:
    """The muscle that a track is listed under, by its name, or what it is where it has none."""
    muscle = catalogue.muscles().get(next(iter(entry.front.muscles), ""))
    return muscle.name.capitalize() if muscle else "For the whole body"


def muscle_id(word: str) -> str:
    """The muscle that a word means.

    Raises:
        UsageError: it means none, or more than one.
    """
    return choose(word, {m.id: m.name for m in catalogue.muscles().values()}, "muscle")


def _one_of(value: str | None, what: str, known: Mapping[str, str]) -> str | None:
    return None if value is None else choose(value, dict(sorted(known.items())), what)


def to_dict(entry: Entry, length: float | None = None) -> dict[str, Any]:
    """A track as JSON-ready values; its length is its own, or the one that was reckoned."""
    track, front = entry.track, entry.front
    return {
        "name": track.ref,
        "title": entry.title,
        "kind": front.kind,
        "muscles": list(front.muscles),
        "tools": list(front.tools),
        "position": front.position,
        "level": front.level,
        "summary": front.summary,
        "length": front.length or length,
        "origin": track.origin,
        "path": str(track.path),
        "problem": entry.problem,
    }


def muscle_facts(name: str) -> dict[str, Any]:
    """Where a muscle lies, where its pain is felt, how to find it, what to mind; JSON-ready."""
    muscle, cautions = catalogue.muscles()[name], catalogue.cautions()
    return {
        "id": muscle.id,
        "name": muscle.name,
        "where": muscle.where,
        "felt": muscle.felt,
        "find": muscle.find,
        "mind": [cautions[mind].text for mind in muscle.mind],
    }


def cautions(named: Iterable[str]) -> tuple[Mind, ...]:
    """What holds everywhere, then a track's own, the gravest first.

    Args:
        named: as in a track's front matter: ids of the catalogue, or whole sentences.
    """
    return tuple(Mind(c.level, c.text) for c in catalogue.cautions_for(named))
