"""The podcast over HTTP: its address, its feed, and the files of its sessions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request as HttpRequest
from starlette.responses import FileResponse, Response

from voiceguide.catalogue.podcast import FEED, TYPES, Podcast
from voiceguide.practice import safety
from voiceguide.web.answers import RefusedError, packed
from voiceguide.web.asked import Asked

PATH = "/podcast/{secret}/{name}"


def answer(http: HttpRequest, podcast: Podcast) -> Response:
    """The feed, or a file of a session.

    Raises:
        RefusedError: the secret is wrong, or there is no such file.
    """
    secret, name = http.path_params["secret"], http.path_params["name"]
    if not podcast.knows(secret):
        raise RefusedError(404, "not-found", "there is no such page")
    page = str(http.base_url)
    if name == FEED:
        told = podcast.feed(f"{page}podcast/{secret}/", page)
        return packed(http, told, "application/rss+xml; charset=utf-8")
    path = podcast.file(name)
    if path is None:
        raise RefusedError(
            404, "not-found", "this session is offered no longer: refresh the podcast"
        )
    kind = TYPES["." + name.partition(".")[2]]
    if not name.endswith(".mp3"):
        return packed(http, path.read_bytes(), kind)
    tag = f'"{path.stem}"'
    headers = {"etag": tag, "cache-control": "private, max-age=31536000, immutable"}
    if tag in http.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return FileResponse(path, headers=headers, media_type=kind)


def address(asked: Asked) -> Any:
    """Where an app finds the podcast.

    Raises:
        RefusedError: the emergency signs have to be answered first.
    """
    return _told(asked, asked.server.podcast.secret)


def renew(asked: Asked) -> Any:
    """Another address for it."""
    return _told(asked, asked.server.podcast.renew)


def _told(asked: Asked, secret: Callable[[], str]) -> Any:
    if safety.needed() is not None:
        raise RefusedError(409, "safety", "the emergency signs have to be answered first")
    base = asked.server.address()
    return {"address": f"{base or asked.http.base_url}podcast/{secret()}/{FEED}", "lan": bool(base)}
