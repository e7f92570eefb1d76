"""A session as a row of steps: how long each is, and what is done in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from voiceguide.timeline import Chapter, Event, Timeline

StepKind = Literal["hold", "press", "roll", "work", "rest", "breath", "talk"]
"""How much a step presses, in words."""

_KINDS: Mapping[str, StepKind] = {
    "hold": "hold",
    "press": "press",
    "knead": "press",
    "roll": "roll",
    "stretch": "work",
    "work": "work",
    "rest": "rest",
}
_LEAST = 0.2
"""The part of a step that what it is called after fills at the least."""


def steps(timeline: Timeline) -> list[dict[str, Any]]:
    """The chapters of a session: title, side, start and end in seconds, kind."""
    rate = timeline.format.rate
    inside: dict[int, list[Event]] = {}
    for event in timeline.lane("interval", "breath", "pause"):
        inside.setdefault(event.chapter, []).append(event)
    return [
        {
            "title": _bare(chapter),
            "side": chapter.side or "",
            "start": round(chapter.start / rate, 3),
            "end": round(chapter.end / rate, 3),
            "kind": _kind(chapter, inside.get(number, [])),
        }
        for number, chapter in enumerate(timeline.chapters)
    ]


def _bare(chapter: Chapter) -> str:
    """The title without the side, which stands beside it."""
    return chapter.title.removesuffix(f", {chapter.side} side") if chapter.side else chapter.title


def _kind(chapter: Chapter, events: list[Event]) -> StepKind:
    """What fills most of a step."""
    filled: dict[StepKind, int] = {}
    for event in events:
        kind: StepKind | None = "breath" if event.lane == "breath" else None
        if event.lane == "interval":
            kind = _KINDS.get(event.label or "", "work")
        if kind is not None:
            filled[kind] = filled.get(kind, 0) + event.frames
    most = max(filled, key=lambda kind: filled[kind], default=None)
    if most is None or filled[most] < _LEAST * (chapter.end - chapter.start):
        return "talk"
    return most
