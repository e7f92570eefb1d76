"""The calls described in OpenAPI, from the same rows that answer them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from voiceguide._version import __version__

if TYPE_CHECKING:
    from voiceguide.web.asked import Call


def document(calls: Iterable[Call], base: str) -> dict[str, Any]:
    """The description, as JSON-ready values; OpenAPI 3.1."""
    paths: dict[str, Any] = {}
    for call in calls:
        paths.setdefault(base + call.path, {})[call.method.lower()] = _operation(call)
    error = {
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": {
                "type": "object",
                "required": ["code", "message"],
                "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
            }
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "voiceguide",
            "version": __version__,
            "description": "Sessions, the journal and the library of one listener.",
        },
        "paths": paths,
        "components": {
            "schemas": {"Error": error},
            "securitySchemes": {"pass": {"type": "apiKey", "in": "cookie", "name": "voiceguide"}},
        },
    }


def _operation(call: Call) -> dict[str, Any]:
    parts = re.findall(r"{(\w+)}", call.path)
    given: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in parts
    ]
    given += [{"name": name, "in": "query", "schema": {"type": "string"}} for name in call.query]
    if call.method != "GET":
        given.append(
            {
                "name": "X-Voiceguide",
                "in": "header",
                "required": True,
                "schema": {"type": "string", "enum": ["page"]},
            }
        )
    wrong = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}
    answers = {
        str(call.status): {"description": "As asked."},
        "4XX": {"description": "What can't be done, in a sentence.", **wrong},
    }
    found: dict[str, Any] = {
        "summary": call.about,
        "operationId": f"{call.method.lower()}-{re.sub(r'[{}]', '', call.path)}",
        "parameters": given,
        "responses": answers,
        "security": [] if call.open else [{"pass": []}],
    }
    if call.body is not None:
        schema = {"type": "object", "properties": dict(call.body)}
        found["requestBody"] = {"content": {"application/json": {"schema": schema}}}
    return found
