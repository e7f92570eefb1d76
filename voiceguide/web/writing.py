"""Calls about the listener's own scripts: read, saved, and what becomes of a text."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

from voiceguide.errors import UsageError
from voiceguide.practice.checked import flag, text, whole
from voiceguide.session import Request
from voiceguide.web import listening
from voiceguide.web.answers import RefusedError
from voiceguide.web.asked import Asked
from voiceguide.workshop import desk, formatting, seen

_WAIT = 20.0
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


def _asked_text(asked: Asked) -> str:
    told = asked.read(
        text=_text, dark=flag, sides=flag, line=whole(1, 1_000_000), column=whole(1, 1_000_000)
    )
    found: str = told.get("text", "")
    return found


def problems(asked: Asked) -> Any:
    path = desk.path_of(asked.parts["name"])
    return {"problems": seen.problems(_asked_text(asked), path)}


def picture(asked: Asked) -> Any:
    """The drawing; what is new in the text is spoken meanwhile, so that a save is heard at once."""
    path = desk.path_of(asked.parts["name"])
    written = _asked_text(asked)
    how = {name: asked.body.get(name) is True for name in ("dark", "sides")}
    found, made = seen.picture(written, path, **how)
    if made is not None and asked.local:
        asked.server.lives.let_go(made.request, also_read=False)
        asked.server.lives.speak_draft_ahead(made)
    return found


def formatted(asked: Asked) -> Any:
    return {
        "text": formatting.formatted(_asked_text(asked), desk.path_of(asked.parts["name"])).text
    }


def completions(asked: Asked) -> Any:
    path = desk.path_of(asked.parts["name"])
    written = _asked_text(asked)
    line, column = asked.body.get("line", 1), asked.body.get("column", 1)
    return {"completions": seen.completions(written, path, line, column)}


def hear(asked: Asked) -> Any:
    """The session of a script as it is saved, whichever folder it is in."""
    name = asked.parts["name"]
    desk.read(name)
    request = Request(str(desk.path_of(name)))
    asked.server.lives.let_go(request, also_read=True)  # its own takes all of the machine
    return listening.opened(asked, request)


def line(asked: Asked) -> Any:
    """When a line is heard: nearest to a moment, or where the next line of its file begins."""
    live = asked.ready()
    session = live.session
    assert session is not None
    try:
        number = int(asked.query.get("line", ""))
        near = float(asked.query.get("near", 0.0))
    except ValueError:
        raise UsageError("a line is a number, and so is a moment") from None
    rate = session.timeline.format.rate
    own = live.draft.loaded.script.source
    starts = [
        (event.location.line, event.start / rate)
        for event in session.timeline.events
        if event.location is not None
        and event.location.source == own
        and event.lane != "background"
    ]
    at_or_after = [at for at, _ in starts if at >= number]
    if not at_or_after:
        return {"at": 0.0}
    first = min(at_or_after)
    return {"at": min((s for at, s in starts if at == first), key=lambda s: abs(s - near))}
