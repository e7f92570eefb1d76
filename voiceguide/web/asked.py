"""What a call is, and what it is given."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request as HttpRequest

from voiceguide.catalogue.podcast import Podcast
from voiceguide.errors import UsageError
from voiceguide.practice.checked import Check, fields_of
from voiceguide.web.answers import RefusedError
from voiceguide.web.live import Live
from voiceguide.web.lives import LiveSessions
from voiceguide.web.security import Passes
from voiceguide.web.sent import Sent

_KEY = re.compile(r"[0-9A-Za-z-]{8,64}")


@dataclass(frozen=True, slots=True)
class Server:
    """What the calls work on.

    Attributes:
        address: the address that a phone opens, or None where only this computer is served.
        secure: whether that is HTTPS.
    """

    passes: Passes
    lives: LiveSessions
    sent: Sent
    podcast: Podcast
    address: Callable[[], str | None]
    secure: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """One call: where it comes from and what it brings.

    Attributes:
        parts: of the path, by name.
        query: of the address, by name.
        body: the object of JSON that was sent, or an empty one.
        local: whether it comes from this computer.
    """

    server: Server
    http: HttpRequest
    parts: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, Any]
    local: bool

    def read(self, **checks: Check) -> dict[str, Any]:
        """Fields of the body that are known to be good; those that are missing are left out.

        Raises:
            UsageError: one can't be used.
        """
        good, odd = fields_of(dict(self.body), checks)
        if odd:
            raise UsageError(f'"{odd[0]}" can\'t be used so')
        return good

    def live(self) -> Live:
        """The session of the path.

        Raises:
            RefusedError: there is none, or it can't be made.
        """
        live = self.server.lives.find(self.parts["id"])
        if live is None:
            raise RefusedError(404, "session", "there is no such session any more: open it again")
        if live.error is not None:
            raise live.error
        return live

    def ready(self) -> Live:
        """As `live`, once it is spoken."""
        live = self.live()
        if live.session is None:
            raise RefusedError(409, "not-ready", "the voice is still being prepared")
        return live


@dataclass(frozen=True, slots=True)
class Call:
    """One thing that can be asked.

    Attributes:
        path: below the base, with parts in braces.
        about: one sentence.
        run: gives a value for JSON, or a whole answer; None for an answer without a body.
        body: JSON Schemas of the fields that it takes, or None where it takes no body.
        open: whether it can be asked without a pass.
        status: of the answer.
        turns: what it takes turns with where it may take long, or None.
    """

    method: str
    path: str
    about: str
    run: Callable[[Asked], Any]
    body: Mapping[str, Any] | None = None
    query: tuple[str, ...] = ()
    open: bool = False
    status: int = 200
    turns: str | None = None


def key_of(told: Mapping[str, Any]) -> str | None:
    key = told.get("key")
    if key is not None and not _KEY.fullmatch(key):
        raise UsageError('a "key" has 8 to 64 letters, digits and hyphens')
    return key
