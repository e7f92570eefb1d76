"""The server as an ASGI application: the page, the calls, the sound."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection
from typing import Any
from weakref import WeakKeyDictionary

import anyio
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from voiceguide.errors import ExistsError, NotFoundError, ScriptError, UsageError, VoiceguideError
from voiceguide.page import files
from voiceguide.web import podcast
from voiceguide.web.answers import RefusedError, as_json, packed, refusal
from voiceguide.web.asked import Asked, Call, Server
from voiceguide.web.calls import CALLS
from voiceguide.web.downloads import cover, download, words
from voiceguide.web.media import sound
from voiceguide.web.openapi import document
from voiceguide.web.security import COOKIE, Guard, TooMuchError

BASE = "/api/v1/"
_LOOPBACK = ("127.", "::1")

Handler = Callable[[HttpRequest], Awaitable[Response]]
_AT_ONCE = {"wait": 24, "download": 2}
"""Of calls that take long, so many are answered at once; the rest wait, and hold up nothing else."""
_limiters: WeakKeyDictionary[Any, dict[str, anyio.CapacityLimiter]] = WeakKeyDictionary()


def _turns(kind: str | None) -> anyio.CapacityLimiter | None:
    """Who takes turns with calls of a kind; None for the short ones."""
    if kind is None:
        return None
    known = _limiters.setdefault(asyncio.get_running_loop(), {})
    return known.setdefault(kind, anyio.CapacityLimiter(_AT_ONCE[kind]))


def application(server: Server, hosts: Callable[[], Collection[str]]) -> ASGIApp:
    """The whole server.

    Args:
        hosts: what the Host header may say, without the port.
    """
    routes = [
        Route(BASE + call.path, _calling(server, call), methods=[call.method]) for call in CALLS
    ]
    media = {
        "/media/{id}.mp3": lambda http, live: sound(http, live),
        "/media/{id}.vtt": lambda http, live: words(http, live),
        "/media/{id}.jpg": lambda http, live: cover(http, live),
        "/media/{id}/{name}": download,
    }
    routes += [
        Route(path, _giving(server, give), methods=["GET", "HEAD"]) for path, give in media.items()
    ]
    routes.append(Route(podcast.PATH, _fetching(server), methods=["GET", "HEAD"]))
    routes.append(Route(BASE + "openapi.json", _described, methods=["GET"]))
    routes.append(Route("/{path:path}", _file, methods=["GET", "HEAD"]))
    app = Starlette(
        routes=routes,
        exception_handlers={
            HTTPException: _http_error,
            TooMuchError: _too_much,
            VoiceguideError: _sentence,
            RefusedError: _refused,
            ClientDisconnect: _gone,
            OSError: _not_written,
            Exception: _fault,
        },
    )
    return Guard(app, hosts, server.secure)


def is_local(http: HttpRequest) -> bool:
    """Whether a call comes from this computer."""
    client = http.client.host if http.client else ""
    return client.startswith(_LOOPBACK)


def _calling(server: Server, call: Call) -> Handler:
    async def handler(http: HttpRequest) -> Response:
        if not call.open:
            await _let_in(server, http)
        body = await _body(http) if call.body is not None else {}
        asked = Asked(server, http, http.path_params, http.query_params, body, is_local(http))
        value = await anyio.to_thread.run_sync(call.run, asked, limiter=_turns(call.turns))
        if isinstance(value, Response):
            return value
        if value is None:
            return Response(status_code=204)
        return as_json(http, value, call.status)

    return handler


def _giving(server: Server, give: Callable[[HttpRequest, Any], Response]) -> Handler:
    async def handler(http: HttpRequest) -> Response:
        await _let_in(server, http)
        live = server.lives.find(http.path_params["id"])
        if live is None or live.session is None:
            raise RefusedError(404, "session", "there is no such session any more: open it again")
        turns = _turns("download" if give is download else None)
        return await anyio.to_thread.run_sync(give, http, live, limiter=turns)

    return handler


def _fetching(server: Server) -> Handler:
    """Podcast apps, which bring a secret in the address instead of a pass."""

    async def handler(http: HttpRequest) -> Response:
        # What is rendered takes its turn; a feed and its covers don't wait for it.
        quick = http.path_params["name"].endswith((".xml", ".jpg"))
        turns = _turns(None if quick else "download")
        return await anyio.to_thread.run_sync(podcast.answer, http, server.podcast, limiter=turns)

    return handler


async def _let_in(server: Server, http: HttpRequest) -> None:
    secret = http.cookies.get(COOKIE, "")
    local = is_local(http)
    known = await anyio.to_thread.run_sync(lambda: server.passes.find(secret, local=local))
    if known is None:
        raise RefusedError(
            401, "unpaired", "this phone isn't known here: scan the code on the computer"
        )


async def _body(http: HttpRequest) -> dict[str, Any]:
    raw = await http.body()
    if not raw:
        return {}
    try:
        value = json.loads(raw)
        # Half a character can be neither answered nor saved.
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise UsageError("what was sent isn't JSON in UTF-8") from None
    if not isinstance(value, dict):
        raise UsageError("what was sent isn't an object of JSON")
    return value


async def _described(http: HttpRequest) -> Response:
    return as_json(http, document(CALLS, BASE))


async def _file(http: HttpRequest) -> Response:
    """A file of the page; the page itself for the root."""
    found = files.read(http.path_params["path"] or "index.html")
    if found is None:
        raise RefusedError(404, "not-found", "there is no such page")
    return packed(http, *found)


async def _http_error(http: HttpRequest, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return refusal(http, RefusedError(error.status_code, "http", str(error.detail)))


async def _too_much(http: HttpRequest, error: Exception) -> Response:
    answer = refusal(http, RefusedError(413, "too-large", str(error)))
    answer.headers["connection"] = "close"
    return answer


async def _refused(http: HttpRequest, error: Exception) -> Response:
    assert isinstance(error, RefusedError)
    return refusal(http, error)


async def _gone(http: HttpRequest, error: Exception) -> Response:  # noqa: ARG001
    return Response(status_code=400)


async def _not_written(http: HttpRequest, error: Exception) -> Response:
    assert isinstance(error, OSError)
    why = error.strerror or str(error)
    return refusal(http, RefusedError(422, "disk", f"the computer can't read or write it: {why}"))


async def _fault(http: HttpRequest, error: Exception) -> Response:  # noqa: ARG001
    """A fault of ours: what it was stands in the terminal."""
    return refusal(http, RefusedError(500, "fault", "something went wrong on the computer"))


async def _sentence(http: HttpRequest, error: Exception) -> Response:
    """What a door below would print: one sentence, and here a status beside it."""
    status = 400
    if isinstance(error, NotFoundError):
        status = 404
    elif isinstance(error, ExistsError):
        status = 409
    elif isinstance(error, ScriptError) or not isinstance(error, UsageError):
        status = 422
    told: dict[str, Any] = {"code": type(error).__name__.removesuffix("Error").lower()}
    text = str(error)
    told["message"] = text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")
    if isinstance(error, ScriptError):
        told["problems"] = [problem.as_dict() for problem in error.problems]
    return as_json(http, {"error": told}, status)
