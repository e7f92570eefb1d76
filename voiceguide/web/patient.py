"""uvicorn with two more ends: of connections that say nothing, and of whoever waits at the end."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from voiceguide.web import security


class PatientProtocol(H11Protocol):
    """Ends a connection whose next request isn't there in time, so that nobody can hold all of them."""

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._look_later()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def _look_later(self) -> None:
        self._timer = self.loop.call_later(security.PATIENCE, self._look, self.cycle)

    def _look(self, before: object) -> None:
        answered = self.cycle is None or self.cycle.response_complete
        if self.cycle is before and answered:
            self.transport.close()
        else:
            self._look_later()


def server_class(ended: Callable[[], None]) -> type[uvicorn.Server]:
    """A server that calls something as soon as it is to end."""

    class Ending(uvicorn.Server):
        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            await asyncio.get_running_loop().run_in_executor(None, ended)
            await super().shutdown(sockets)

    return Ending
