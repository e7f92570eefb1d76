"""Calls about who is let in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from starlette.responses import Response

from voiceguide.errors import NotFoundError
from voiceguide.practice.checked import text
from voiceguide.web.answers import RefusedError
from voiceguide.web.asked import Asked


def connection(asked: Asked) -> Any:
    server = asked.server
    return {
        "secure": asked.http.url.scheme == "https" or asked.local,
        "local": asked.local,
        "address": server.address(),
        "phones": [
            {
                "id": each.id,
                "name": each.name,
                "local": each.local,
                "seen": datetime.fromtimestamp(each.seen)
                .astimezone()
                .isoformat(timespec="seconds"),
            }
            for each in server.passes.all()
        ],
    }


def invite(asked: Asked) -> Any:
    if not asked.local:
        raise RefusedError(403, "local", "another phone is let in on the computer itself")
    address = asked.server.address()
    if address is None:
        raise RefusedError(409, "no-lan", "start it with voiceguide serve --lan to let a phone in")
    import segno

    code, lasts = asked.server.passes.invite()
    url = f"{address}#pair={code}"
    picture = segno.make(url, error="m").svg_inline(scale=4, border=2, omitsize=True)
    return {"code": code, "url": url, "qr": picture, "lasts": lasts}


def pair(asked: Asked) -> Response:
    from voiceguide.web.security import COOKIE

    code = asked.read(code=text).get("code", "")
    agent = asked.http.headers.get("user-agent", "")
    cookie = asked.http.cookies.get(COOKIE, "")
    secret = asked.server.passes.admit(code, local=asked.local, name=_device(agent), cookie=cookie)
    if secret is None:
        raise RefusedError(
            403, "code", "this code is wrong, used, or too old: ask the computer for a new one"
        )
    answer = Response(status_code=204)
    answer.set_cookie(
        COOKIE,
        secret,
        max_age=400 * 86_400,
        httponly=True,
        samesite="strict",
        secure=asked.http.url.scheme == "https",
    )
    return answer


def _device(agent: str) -> str:
    """What a browser calls itself, in a word that its owner knows."""
    for mark, name in (
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android phone"),
        ("Macintosh", "Mac"),
        ("Windows", "Windows computer"),
        ("Linux", "Linux computer"),
    ):
        if mark in agent:
            return name
    return "Another device"


def revoke(asked: Asked) -> None:
    if not asked.server.passes.revoke(asked.parts["phone"]):
        raise NotFoundError("there is no such phone")
