"""Calls about the listener's own scripts: read, saved, and what becomes of a text."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from voiceguide.errors import UsageError
from voiceguide.practice.checked import flag, text, whole
from voiceguide.session import Request
from voiceguide.web import listening
from voiceguide.web.answers import RefusedError
from voiceguide.web.asked import Asked
from voiceguide.workshop import desk, formatting, seen
from voiceguide.workshop.times import heard_at

_WAIT = 20.0
_PLACE = whole(1, 1_000_000)
_LOOKED = 0.3
"""Seconds between two looks at a file that is waited for."""


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _here(asked: Asked) -> None:
    if not asked.local:
        raise RefusedError(403, "elsewhere", "scripts are written on the computer itself")


def scripts(asked: Asked) -> Any:
    return {"scripts": desk.names(), "local": asked.local}


def begin(asked: Asked) -> Any:
    _here(asked)
    told = asked.read(name=text, like=text)
    if "name" not in told:
        raise UsageError("a script needs a name")
    return asdict(desk.begin(told["name"], told.get("like")))


def script(asked: Asked) -> Any:
    """A script's text; where a version is given, as soon as it is another, or after a while."""
    name, after = asked.parts["name"], asked.query.get("after")
    until = time.monotonic() + (_WAIT if after else 0.0)
    while after and desk.version_of(name) == after and time.monotonic() < until:
        if asked.server.lives.ending:
            break
        time.sleep(_LOOKED)
    return asdict(desk.read(name))


def save(asked: Asked) -> Any:
    _here(asked)
    told = asked.read(text=_text, base=_text)
    if not told.keys() >= {"text", "base"}:
        raise UsageError(
            'a script is saved with its "text" and the version it was made from, "base"'
        )
    try:
        return asdict(desk.write(asked.parts["name"], told["text"], told["base"]))
    except desk.ChangedError as error:
        raise RefusedError(409, "changed", f"{str(error)[0].upper()}{str(error)[1:]}.") from None


def _text_of(asked: Asked) -> tuple[str, Path]:
    """The text that was sent, and where its script is."""
    told = asked.read(text=_text)
    return told.get("text", ""), desk.path_of(asked.parts["name"])


def problems(asked: Asked) -> Any:
    return {"problems": seen.problems(*_text_of(asked))}


def picture(asked: Asked) -> Any:
    """The drawing; what is new in the text is spoken meanwhile, so that a save is heard at once."""
    how = {"dark": False, "sides": False} | asked.read(dark=flag, sides=flag)
    found, made = seen.picture(*_text_of(asked), **how)
    if made is not None and asked.local:
        asked.server.lives.let_go(made.request, also_read=False)
        asked.server.lives.speak_draft_ahead(made)
    return found


def formatted(asked: Asked) -> Any:
    return {"text": formatting.formatted(*_text_of(asked)).text}


def completions(asked: Asked) -> Any:
    text, path = _text_of(asked)
    at = {"line": 1, "column": 1} | asked.read(line=_PLACE, column=_PLACE)
    return {"completions": seen.completions(text, path, at["line"], at["column"])}


def hear(asked: Asked) -> Any:
    """The session of a script as it is saved, whichever folder it is in."""
    name = asked.parts["name"]
    desk.read(name)
    request = Request(str(desk.path_of(name)))
    asked.server.lives.let_go(request, also_read=True)  # its own takes all of the machine
    return listening.opened(asked, request)


def line(asked: Asked) -> Any:
    """When a line is heard, nearest to a moment."""
    live = asked.ready()
    assert live.session is not None
    try:
        number = int(asked.query.get("line", ""))
        near = float(asked.query.get("near", 0.0))
    except ValueError:
        raise UsageError("a line is a number, and so is a moment") from None
    source = live.draft.loaded.script.source
    return {"at": heard_at(live.session.timeline, source, number, near)}
