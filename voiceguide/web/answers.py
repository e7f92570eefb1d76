"""Answers: values as JSON, packed where that helps, and what went wrong as one sentence."""

from __future__ import annotations

import gzip
import hashlib
import json
from typing import Any

from starlette.requests import Request as HttpRequest
from starlette.responses import Response

_WORTH = 1_000
"""Bytes from which on an answer is packed."""


class RefusedError(Exception):
    """What is asked for can't be given.

    Attributes:
        status: of HTTP.
        code: one word for programs.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


def as_json(http: HttpRequest, value: Any, status: int = 200) -> Response:
    """A value, with a tag by which the same one isn't sent twice."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return packed(http, body, "application/json", status)


def packed(http: HttpRequest, body: bytes, media_type: str, status: int = 200) -> Response:
    """A body with its tag; packed where the browser takes that."""
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:20]}"'
    headers = {"etag": tag, "cache-control": "no-cache", "vary": "accept-encoding"}
    if http.method in ("GET", "HEAD") and tag in http.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if len(body) >= _WORTH and "gzip" in http.headers.get("accept-encoding", ""):
        body = gzip.compress(body, 6)
        headers["content-encoding"] = "gzip"
    return Response(body, status, headers, media_type)


def refusal(http: HttpRequest, error: RefusedError) -> Response:
    """What can't be given, and why."""
    told = {"error": {"code": error.code, "message": str(error)}}
    return as_json(http, told, error.status)
