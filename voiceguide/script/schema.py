"""The JSON Schema of the front matter, from the names that the parser itself uses."""

from __future__ import annotations

from typing import Any

from voiceguide.script.environment import Environment
from voiceguide.script.model import KINDS, LEVELS
from voiceguide.script.words import languages

_DURATION = (
    r"^\s*([0-9]+:[0-5][0-9]|[0-9]+(\.[0-9]+)?\s?(s|secs?|seconds?|m|mins?|minutes?)"
    r"|[0-9]+\s?m\s?[0-9]+(\.[0-9]+)?\s?s)\s*$"
)


def front_matter_schema(environment: Environment) -> dict[str, Any]:
    """JSON Schema, draft 2020-12."""
    text = {"type": "string", "minLength": 1, "maxLength": 1000, "pattern": r"\S"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Front matter of a voiceguide session script",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "muscles": _names(list(environment.muscles), "The muscles that are worked."),
            "tools": {
                "type": "array",
                "items": {**text, "examples": list(environment.tools)},
                "description": "What it is done with; the first is the default tool.",
            },
            "kind": {"enum": list(KINDS), "default": "release"},
            "position": {**text, "description": "How the listener lies, sits or stands."},
            "level": {"enum": list(LEVELS), "default": "beginner"},
            "summary": {**text, "description": "One line, never spoken."},
            "length": {
                "type": ["string"],
                "pattern": _DURATION,
                "description": "The usual length, such as 10m; the session is fitted to it.",
            },
            "language": {
                "type": "string",
                "pattern": f"^({'|'.join(languages())})(-[A-Za-z0-9]{{2,8}})*$",
                "default": "en",
            },
            "cautions": {
                "type": "array",
                "items": {
                    "anyOf": [
                        {"enum": list(environment.cautions)},
                        {**text, "pattern": r"\S\s+\S"},
                    ]
                },
                "description": "Ids of the caution catalogue, or texts of several words.",
            },
            "background": {
                **text,
                "description": "A sound's name, with a level if wanted: rain at -30 dB.",
            },
            "lead-in": {
                "type": "string",
                "pattern": _DURATION,
                "description": "Silence before the first sound, such as 1s.",
            },
            "say": {
                "type": "object",
                "additionalProperties": text,
                "description": "Words that a voice says wrongly, with a respelling.",
            },
        },
    }


def _names(known: list[str], description: str) -> dict[str, Any]:
    return {"type": "array", "items": {"enum": known}, "description": description}
