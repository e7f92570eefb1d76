"""Sound over HTTP: one growing file, its exact length from the first byte, ranges that wait."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import anyio
from starlette.requests import Request as HttpRequest
from starlette.responses import Response, StreamingResponse

from voiceguide.session import Growing
from voiceguide.web.live import Live

_PIECE = 1 << 16
_WAIT = 0.02
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def sound(http: HttpRequest, live: Live) -> Response:
    """The MP3 of a session, or the part of it that is asked for."""
    growing = live.audio()
    tag = f'"{live.id}"'
    headers = {
        "accept-ranges": "bytes",
        "etag": tag,
        "cache-control": "private, max-age=31536000, immutable",
    }
    if tag in http.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    size = growing.size
    wanted = _range(http, tag, size)
    if wanted is None:
        first, last, status = 0, size - 1, 200
    elif wanted[0] > wanted[1]:
        return Response(status_code=416, headers={**headers, "content-range": f"bytes */{size}"})
    else:
        (first, last), status = wanted, 206
        headers["content-range"] = f"bytes {first}-{last}/{size}"
    headers["content-length"] = str(last - first + 1)
    if http.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type="audio/mpeg")
    return StreamingResponse(_bytes(live, first, last), status, headers, "audio/mpeg")


def _range(http: HttpRequest, tag: str, size: int) -> tuple[int, int] | None:
    """First and last byte; None where all is wanted; the first beyond the last where it has no such.

    Several ranges at once are answered with the whole, which RFC 9110 allows.
    """
    given = http.headers.get("range")
    if given is None or http.headers.get("if-range", tag) != tag:
        return None
    found = _RANGE.fullmatch(given.strip())
    if found is None or found[1] == found[2] == "":
        return None
    if found[1] == "":
        count = int(found[2])
        return (max(0, size - count), size - 1) if count else (size, size - 1)
    first = int(found[1])
    last = min(int(found[2]), size - 1) if found[2] else size - 1
    if found[2] and int(found[2]) < first:
        return None
    return (first, last) if first < size else (size, size - 1)


async def _bytes(live: Live, first: int, last: int) -> AsyncIterator[bytes]:
    """As they come; the rendering goes on as long as somebody waits for it."""
    with live.reading() as growing:
        growing.ask(first)
        while first <= last:
            while not await _there(growing, first):
                await anyio.sleep(_WAIT)
            count = min(_PIECE, last + 1 - first, growing.until(first) - first)
            piece = await anyio.to_thread.run_sync(growing.read, first, count)
            first += len(piece)
            yield piece


async def _there(growing: Growing, first: int) -> bool:
    """Whether a byte is there; raises where the rendering failed."""
    return growing.until(first) > first or growing.wait_at(first, 0)
