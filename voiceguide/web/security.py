"""Who may ask, and how: hosts, passes, pairing codes, bounded bodies, headers.

Nobody is let in by being near. The browser that `serve` opens carries a token in the address's
fragment, a phone a pairing code; either is exchanged once for a cookie. A page of another site can
send neither the cookie (SameSite) nor the header that every change wants.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, replace
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from voiceguide.practice import state
from voiceguide.practice.checked import fields_of, flag, number, text

COOKIE = "voiceguide"
HEADER = "x-voiceguide"
LARGEST = 300_000
"""Bytes of a body: a script of its greatest size, and some."""
PATIENCE = 10.0
"""Seconds in which a body has to be there."""
CODE_LASTS = 600.0
"""Seconds for which a pairing code can be used."""
_GUESSES = 5
"""Wrong codes after which the code that was shown is worth nothing any more."""
_PER_MINUTE = 20
"""Wrong codes in a minute after which no code is looked at."""
_BROWSERS = 32
"""So many browsers of this computer are known; the one that was not seen for longest goes."""
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_SEEN_AGAIN = 600.0
_FILE = "phones.json"
_FIELDS = {
    "id": text,
    "name": text,
    "digest": text,
    "local": flag,
    "made": number(0, 1e12),
    "seen": number(0, 1e12),
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = [
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
]


@dataclass(frozen=True, slots=True)
class Pass:
    """A browser that was let in.

    Attributes:
        digest: of the secret in its cookie.
        local: whether it is good on this computer alone.
        made, seen: seconds since the epoch.
    """

    id: str
    name: str
    digest: str
    local: bool
    made: float
    seen: float


class Passes:
    """Who was let in, kept between two runs; a secret itself is kept nowhere but in its cookie."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._token = secrets.token_urlsafe(24)
        self._code = ""
        self._code_ends = 0.0
        self._wrong_code = 0
        self._wrong: list[float] = []

    @property
    def token(self) -> str:
        """What the address opened on this computer carries."""
        return self._token

    def invite(self) -> tuple[str, float]:
        """A new pairing code in place of the last one, and how long it lasts, in seconds."""
        with self._lock:
            self._code = "".join(secrets.choice(_LETTERS) for _ in range(8))
            self._code_ends = time.monotonic() + CODE_LASTS
            self._wrong_code = 0
            return self._code, CODE_LASTS

    def admit(self, code: str, *, local: bool, name: str, cookie: str = "") -> str | None:
        """The secret of a new pass for the token or a code; None where it is neither, or too late.

        Args:
            local: whether it is asked for on this computer.
            name: what the browser calls itself.
            cookie: what it has already; where that is good on this computer, it stays.
        """
        with self._lock:
            by_token = local and hmac.compare_digest(code.encode(), self._token.encode())
            now = time.monotonic()
            self._wrong = [then for then in self._wrong if now - then < 60]
            # The token is too long to be guessed, and others' guesses must not shut its owner out.
            if len(self._wrong) >= _PER_MINUTE and not by_token:
                return None
            plain = code.replace("-", "").replace(" ", "").upper()
            alive = bool(self._code) and now < self._code_ends
            by_code = alive and hmac.compare_digest(plain.encode(), self._code.encode())
            if not by_token and not by_code:
                self._wrong.append(now)
                self._wrong_code += 1
                if self._wrong_code >= _GUESSES:
                    self._code = ""
                return None
            if by_token and any(each.digest == _digest(cookie) for each in self._read()):
                return cookie
            if by_code:
                self._code = ""
            secret = secrets.token_urlsafe(32)
            when = time.time()
            made = Pass(secrets.token_hex(6), name, _digest(secret), by_token, when, when)
            kept = self._read()
            here = [each for each in kept if each.local]
            if by_token and len(here) >= _BROWSERS:
                kept.remove(min(here, key=lambda each: each.seen))
            self._write([*kept, made])
            return secret

    def find(self, secret: str, *, local: bool) -> Pass | None:
        """Whose secret it is, or None."""
        digest = _digest(secret)
        with self._lock:
            for each in (found := self._read()):
                if hmac.compare_digest(each.digest, digest) and (local or not each.local):
                    if time.time() - each.seen > _SEEN_AGAIN:
                        seen = replace(each, seen=time.time())
                        with contextlib.suppress(OSError):
                            self._write([seen if other is each else other for other in found])
                    return each
        return None

    def all(self) -> list[Pass]:
        """Everybody who was let in, the latest first."""
        with self._lock:
            return sorted(self._read(), key=lambda each: each.seen, reverse=True)

    def revoke(self, ident: str) -> bool:
        """Let somebody in no longer; False where nobody is called so."""
        with self._lock:
            found = self._read()
            kept = [each for each in found if each.id != ident]
            if len(kept) < len(found):
                self._write(kept)
            return len(kept) < len(found)

    def _read(self) -> list[Pass]:
        try:
            data = state.read(state.folder() / _FILE)
        except (OSError, ValueError, RecursionError):
            return []
        found = []
        for row in data if isinstance(data, list) else []:
            good, _ = fields_of(row, _FIELDS)
            if len(good) == len(_FIELDS):
                found.append(Pass(**good))
        return found

    def _write(self, passes: list[Pass]) -> None:
        state.replace(state.folder() / _FILE, [asdict(each) for each in passes])


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


class Guard:
    """Refuses what no page of this server sends, and gives every answer its headers.

    Args:
        hosts: what the Host header may say, with or without the port.
        secure: whether it is reached through HTTPS.
    """

    def __init__(self, app: ASGIApp, hosts: Callable[[], Collection[str]], secure: bool) -> None:
        self._app = app
        self._hosts = hosts
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_HEADERS]
            await send(message)

        refused = self._refusal(scope["method"], headers)
        if refused is not None:
            await _answer(sent, *refused)
            return
        await self._app(scope, _bounded(receive), sent)

    def _refusal(self, method: str, headers: dict[str, str]) -> tuple[int, str, str] | None:
        host = headers.get("host", "")
        if _name(host) not in self._hosts():
            return 421, "host", "this server answers only to the address that it told"
        if method in ("GET", "HEAD", "OPTIONS"):
            return None
        origin = headers.get("origin")
        if origin is not None and origin != f"{'https' if self._secure else 'http'}://{host}":
            return 403, "origin", "only the page of this server may change something"
        if headers.get(HEADER) != "page":
            return 403, "header", f'what changes something needs the header "{HEADER}: page"'
        try:
            length = int(headers.get("content-length", "0"))
        except ValueError:
            length = -1
        if not 0 <= length <= LARGEST:
            return 413, "too-large", f"at most {LARGEST} bytes can be sent"
        return None


def _name(host: str) -> str:
    """A Host header without its port."""
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.rpartition(":")[0] if ":" in host else host


async def _answer(send: Send, status: int, code: str, message: str) -> None:
    import json

    body = json.dumps({"error": {"code": code, "message": message}}).encode()
    start: dict[str, Any] = {
        "type": "http.response.start",
        "status": status,
        "headers": [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ],
    }
    await send(start)
    await send({"type": "http.response.body", "body": body})


class TooMuchError(Exception):
    """A body is too large, or too slow."""


def _bounded(receive: Receive) -> Receive:
    """A body of bounded size that is there in bounded time."""
    ends = time.monotonic() + PATIENCE
    count, whole = 0, False

    async def received() -> Message:
        nonlocal count, whole
        if whole:  # what comes now is that the listener went away
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), max(0.01, ends - time.monotonic()))
        except TimeoutError as late:
            raise TooMuchError("what is sent has to come sooner") from late
        count += len(message.get("body", b""))
        whole = not message.get("more_body", False)
        if count > LARGEST:
            raise TooMuchError(f"at most {LARGEST} bytes can be sent")
        return message

    return received
