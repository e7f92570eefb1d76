"""Media keys on Linux: the player as an MPRIS service on the session bus."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import threading
from typing import TYPE_CHECKING

from voiceguide.player.events import LAST, Clock, Countdown, Jumped, PlayerEvent
from voiceguide.plugins import brings_extra

if TYPE_CHECKING:
    from voiceguide.player.media_keys import Buttons, ButtonsInfo
    from voiceguide.player.player import Player

HOW = brings_extra("media-keys")


def examine() -> ButtonsInfo:
    """Whether media keys work here."""
    from voiceguide.player.media_keys import ButtonsInfo

    if not importlib.util.find_spec("dbus_fast"):
        return ButtonsInfo(False, "not installed", HOW)
    if not os.environ.get("DBUS_SESSION_BUS_ADDRESS") and not _user_bus():
        return ButtonsInfo(False, "there is no session bus here, as a desktop has one")
    return ButtonsInfo(True, "over MPRIS")


def _user_bus() -> str | None:
    """The address of the bus of this user's session, where the environment does not name one."""
    path = f"{os.environ.get('XDG_RUNTIME_DIR') or f'/run/user/{os.getuid()}'}/bus"
    return f"unix:path={path}" if os.path.exists(path) else None  # noqa: PTH110 - a socket


def open_buttons(player: Player, title: str) -> Buttons | None:
    """The service, which appears on the bus as soon as it can, or None where it cannot."""
    if not importlib.util.find_spec("dbus_fast"):
        return None
    address = os.environ.get("DBUS_SESSION_BUS_ADDRESS") or _user_bus()
    return _Service(player, title, address) if address else None


class _Service:
    """Runs on a thread of its own; whatever the bus does, the session plays."""

    def __init__(self, player: Player, title: str, address: str) -> None:
        self._player = player
        self._title = title
        self._address = address
        self._loop = asyncio.new_event_loop()
        self._events: asyncio.Queue[PlayerEvent | None] = asyncio.Queue()
        self._unsubscribe = player.subscribe(self._put)
        self._thread = threading.Thread(target=self._run, name="media keys", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Leave the bus."""
        self._unsubscribe()
        self._put(None)
        self._thread.join(1.0)

    def _put(self, event: PlayerEvent | None) -> None:
        # Everybody reckons the place by the clock, and is told when it jumps.
        if not isinstance(event, Clock | Countdown):
            with contextlib.suppress(RuntimeError):  # the bus is gone already
                self._loop.call_soon_threadsafe(self._events.put_nowait, event)

    def _run(self) -> None:
        # A desktop without a bus, or with one that ends early, just has no media keys.
        with contextlib.suppress(Exception), contextlib.closing(self._loop):
            self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        from dbus_fast import NameFlag, RequestNameReply
        from dbus_fast.aio import MessageBus

        from voiceguide.player.mpris_service import NAME, PATH, Root, Transport

        bus = await MessageBus(bus_address=self._address).connect()
        transport = Transport(self._player, self._title)
        bus.export(PATH, Root(self._player))
        bus.export(PATH, transport)
        flags = NameFlag.DO_NOT_QUEUE
        if await bus.request_name(NAME, flags) is not RequestNameReply.PRIMARY_OWNER:
            await bus.request_name(f"{NAME}.instance{os.getpid()}", flags)
        while bus.connected:
            event = await self._events.get()
            if event is None or isinstance(event, LAST):
                break
            transport.tell_changes()
            if isinstance(event, Jumped):
                transport.tell_jump()
        bus.disconnect()
