"""A session as the page needs it: steps, what sounds when, and what may be done with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Literal

from voiceguide._version import __version__
from voiceguide.page.landscape import steps
from voiceguide.page.requests import request_to_dict
from voiceguide.practice.more import ENOUGH, intervals, more_for
from voiceguide.practice.needs import needed
from voiceguide.practice.tracks import muscle_facts
from voiceguide.session import Draft, Session
from voiceguide.timeline import Event

_SHOWN = ("voice", "interval", "breath", "pause", "chime")
_BREATH = {"in": "breathe in", "out": "breathe out", "hold": "hold"}


def ident(made: Draft, added: Mapping[int, float] | None = None, voice: str = "") -> str:
    """A name for all that decides a session's sound; the same in another process.

    Args:
        made: the session, planned.
        added: seconds that were added to intervals, by their index.
        voice: the identity of what speaks, where that may differ.
    """
    from voiceguide.library.data import data_folder

    script = repr(made.loaded.script)
    kinds: tuple[Literal["scripts", "sounds"], ...] = ("scripts", "sounds")
    for kind in kinds:  # where they are installed decides nothing
        script = script.replace(str(data_folder(kind)), kind)
    request = made.request
    more = sorted((added or {}).items())
    what = [__version__, request_to_dict(request), request.mono, script, more, voice]
    return hashlib.sha256(json.dumps(what).encode()).hexdigest()[:24]


def to_dict(session: Session, ident: str, size: int) -> dict[str, Any]:
    """All that the page shows of a session, JSON-ready; times in seconds.

    Args:
        size: of the bare MP3, in bytes.
    """
    timeline, rate = session.timeline, session.timeline.format.rate
    shown = steps(timeline)
    sides = [side for side in ("left", "right") if any(step["side"] == side for step in shown)]
    return {
        "id": ident,
        "ready": True,
        **request_to_dict(session.request),
        "title": session.title,
        "voice_name": session.voice,
        "seconds": round(session.seconds, 3),
        "bytes": size,
        "audio": f"media/{ident}.mp3",
        "words": f"media/{ident}.vtt",
        "cover": f"media/{ident}.jpg",
        "downloads": {
            "mp3": f"media/{ident}/session.mp3",
            "html": f"media/{ident}/session.html",
            "words": f"media/{ident}/session.srt",
        },
        "needs": needed(session.draft),
        "note": session.note,
        "sides": sorted(
            sides, key=lambda side: next(s["start"] for s in shown if s["side"] == side)
        ),
        "sore": session.request.options.sore,
        "steps": shown,
        "notes": [list(chapter.notes) for chapter in timeline.chapters],
        "events": [_event(event, rate) for event in timeline.events if event.lane in _SHOWN],
        "intervals": [
            _interval(session, number, rate) for number in range(len(intervals(timeline)))
        ],
        "mind": mind(session.script.front.muscles),
        "added": {str(number): seconds for number, seconds in session.more.items()},
        "enough": ENOUGH,
    }


def mind(muscles: tuple[str, ...]) -> list[str]:
    """What to mind while lying there, each sentence once."""
    told = [text for muscle in muscles for text in muscle_facts(muscle)["mind"]]
    return list(dict.fromkeys(told))


def _event(event: Event, rate: int) -> dict[str, Any]:
    label = event.label or ""
    text = event.text or (_BREATH.get(label, label) if event.lane == "breath" else label)
    return {
        "lane": event.lane,
        "start": round(event.start / rate, 3),
        "end": round(event.end / rate, 3),
        "text": text or event.sound or "",
    }


def _interval(session: Session, number: int, rate: int) -> dict[str, Any]:
    event = intervals(session.timeline)[number]
    more = more_for(session, number)
    return {
        "index": number,
        "start": round(event.start / rate, 3),
        "end": round(event.end / rate, 3),
        "label": event.label or "",
        "side": event.side or "",
        "step": event.chapter,
        "more_left": more.left if more else 0.0,
        "twin": more.twin if more else None,
    }
