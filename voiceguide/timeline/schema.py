"""The JSON Schema of a timeline."""

from __future__ import annotations

from typing import Any, get_args

from voiceguide.timeline.model import VERSION, Lane
from voiceguide.units import Side

_SECONDS = {"type": "number", "minimum": 0, "description": "In seconds, to a millionth."}
_SIDE = {"enum": [*get_args(Side), None], "description": "The side that is worked."}
_COUNT = {"type": "integer", "minimum": 0}


def timeline_schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12, of `Timeline.to_dict` and of `voiceguide timeline --json`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Timeline of a voiceguide session",
        **_object(
            {
                "version": {"const": VERSION},
                "duration": _SECONDS,
                "sample_rate": {**_COUNT, "description": "Frames a second."},
                "channels": {"enum": [1, 2]},
                "frames": {**_COUNT, "description": "The length on exact frames."},
                "chapters": {
                    "type": "array",
                    "items": _chapter(),
                    "minItems": 1,
                    "description": "In order, without gaps, from 0 to the end.",
                },
                "events": {
                    "type": "array",
                    "items": _event(),
                    "description": "By start; what starts together stands in the order written.",
                },
            }
        ),
    }


def _chapter() -> dict[str, Any]:
    return _object(
        {
            "title": {"type": "string"},
            "start": _SECONDS,
            "end": _SECONDS,
            "side": _SIDE,
            "notes": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Shown while it runs, never spoken.",
            },
        }
    )


def _event() -> dict[str, Any]:
    corner = {
        "type": "array",
        "prefixItems": [_SECONDS, {"type": "number", "minimum": 0}],
        "items": False,
        "minItems": 2,
    }
    return _object(
        {
            "lane": {"enum": list(get_args(Lane))},
            "start": _SECONDS,
            "duration": _SECONDS,
            "text": {"type": "string", "description": "The words as written."},
            "sound": {"type": "string", "description": "Name of the sound."},
            "label": {"type": "string", "description": "Of an interval, or a breath's phase."},
            "gain": {
                "type": "number",
                "minimum": 0,
                "description": "Factor on the clip's samples; only of what sounds.",
            },
            "loop": {"type": "boolean", "description": "Whether the clip starts again at its end."},
            "envelope": {
                "type": "array",
                "items": corner,
                "description": "A second factor: (seconds of the session, factor), straight between.",
            },
            "line": {"type": ["integer", "null"], "minimum": 1, "description": "Of the script."},
            "file": {"type": ["string", "null"]},
            "chapter": {**_COUNT, "description": "Index into the chapters."},
            "side": _SIDE,
        },
        optional=("text", "sound", "label", "gain", "loop", "envelope"),
    )


def _object(properties: dict[str, Any], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }
