"""Requests as JSON, and back: only what is not the default is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from voiceguide.errors import UsageError
from voiceguide.plan import Options
from voiceguide.practice.checked import Check, fields_of, text
from voiceguide.practice.places import OPTIONS, REQUEST
from voiceguide.session import Request

_BESIDE: Mapping[str, Check] = {name: REQUEST[name] for name in ("voice", "speed")}
_KEYS = ("track", "options", *_BESIDE)


def options_to_dict(options: Options) -> dict[str, Any]:
    """What differs from the defaults."""
    given = {field.name: getattr(options, field.name) for field in fields(options)}
    return {
        field.name: given[field.name]
        for field in fields(options)
        if given[field.name] != field.default
    }


def options_from(data: object) -> Options:
    """The options in an object of JSON.

    Raises:
        UsageError: it is no object, or has something that can't be used.
    """
    return Options(**_read(data, OPTIONS, "options"))


def request_to_dict(request: Request) -> dict[str, Any]:
    """A request as `request_from` takes it."""
    beside = {"voice": request.voice, "speed": request.speed}
    usual = {"voice": None, "speed": 1.0}
    return {
        "track": request.name,
        "options": options_to_dict(request.options),
        **{name: value for name, value in beside.items() if value != usual[name]},
    }


def request_from(data: object) -> Request:
    """The request in an object of JSON: `track`, and maybe `options`, `voice` and `speed`.

    Raises:
        UsageError: it is no object, names no track, or has something that can't be used.
    """
    if not isinstance(data, dict) or not text(data.get("track")):
        raise UsageError('a session needs the name of its track, as "track"')
    options = options_from(data.get("options", {}))
    beside = _read({k: v for k, v in data.items() if k in _BESIDE}, _BESIDE, "request")
    return Request(data["track"], options, **beside)


def _read(data: object, checks: Mapping[str, Check], what: str) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise UsageError(f"the {what} are no object of JSON")
    good, odd = fields_of(data, checks)
    unknown = [name for name in data if name not in checks]
    if wrong := [*odd, *unknown]:
        named = ", ".join(f'"{str(name)[:40]}"' for name in wrong[:5])
        raise UsageError(f"the {what} have {named}, which can't be used so")
    return good
