"""Media keys on Linux: the player as an MPRIS service on the session bus."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from voiceguide.player.playable import FINAL, Status
from voiceguide.player.player import LOUDEST_PERCENT, Player

if TYPE_CHECKING:
    from dbus_fast import Message
    from dbus_fast.aio import MessageBus

    from voiceguide.player.media_keys import Buttons, ButtonsInfo

HOW = 'pip install "voiceguide[media-keys]"'

NAME = "org.mpris.MediaPlayer2.voiceguide"
PATH = "/org/mpris/MediaPlayer2"
ROOT = "org.mpris.MediaPlayer2"
PLAYER = "org.mpris.MediaPlayer2.Player"
TRACK = "/org/voiceguide/session"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_INTROSPECTABLE = "org.freedesktop.DBus.Introspectable"
_TURN = 0.2
"""Seconds between two looks at what changed."""
_MICRO = 1_000_000
_STATES = {"playing": "Playing", "waiting": "Playing", "paused": "Paused", "lost": "Paused"}  # fmt: skip

_ROOT_TYPES = {
    "CanQuit": "b", "CanRaise": "b", "HasTrackList": "b", "Identity": "s",
    "SupportedUriSchemes": "as", "SupportedMimeTypes": "as",
}  # fmt: skip
_PLAYER_TYPES = {
    "PlaybackStatus": "s", "Rate": "d", "Metadata": "a{sv}", "Volume": "d", "Position": "x",
    "MinimumRate": "d", "MaximumRate": "d", "CanGoNext": "b", "CanGoPrevious": "b",
    "CanPlay": "b", "CanPause": "b", "CanSeek": "b", "CanControl": "b",
}  # fmt: skip
_METHODS: dict[str, dict[str, tuple[tuple[str, str], ...]]] = {
    ROOT: {"Raise": (), "Quit": ()},
    PLAYER: {
        "Next": (), "Previous": (), "Pause": (), "PlayPause": (), "Stop": (), "Play": (),
        "Seek": (("Offset", "x"),),
        "SetPosition": (("TrackId", "o"), ("Position", "x")),
        "OpenUri": (("Uri", "s"),),
    },
}  # fmt: skip

_PROPERTY_METHODS = {"Get": "ss", "GetAll": "s", "Set": "ssv"}


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


def open_buttons(transport: Player, title: str) -> Buttons | None:
    """The service, which appears on the bus as soon as it can, or None where it cannot."""
    if not importlib.util.find_spec("dbus_fast"):
        return None
    address = os.environ.get("DBUS_SESSION_BUS_ADDRESS") or _user_bus()
    return _Service(transport, title, address) if address else None


class _Service:
    """Runs on a thread of its own; whatever the bus does, the session plays."""

    def __init__(self, transport: Player, title: str, address: str) -> None:
        self._transport = transport
        self._title = title
        self._address = address
        self._over = threading.Event()
        self._seen: dict[str, Any] = {}
        self._jumps = 0
        self._thread = threading.Thread(target=self._run, name="media keys", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Leave the bus."""
        self._over.set()
        self._thread.join(1.0)

    def _run(self) -> None:
        # A desktop without a bus, or with one that ends early, just has no media keys.
        with contextlib.suppress(Exception):
            asyncio.run(self._serve())

    async def _serve(self) -> None:
        from dbus_fast import NameFlag, RequestNameReply
        from dbus_fast.aio import MessageBus

        bus = await MessageBus(bus_address=self._address).connect()
        bus.add_message_handler(self._handle)
        status = self._transport.status()
        self._seen, self._jumps = self._values(PLAYER, status), status.jumps
        flags = NameFlag.DO_NOT_QUEUE
        if await bus.request_name(NAME, flags) is not RequestNameReply.PRIMARY_OWNER:
            await bus.request_name(f"{NAME}.instance{os.getpid()}", flags)
        while not self._over.is_set() and bus.connected:
            await asyncio.sleep(_TURN)
            self._tell_changes(bus)
        bus.disconnect()

    # What others are told

    def _values(self, interface: str, status: Status) -> dict[str, Any]:
        """The properties as plain values."""
        from dbus_fast import Variant

        if interface == ROOT:
            return {
                "CanQuit": True, "CanRaise": False, "HasTrackList": False,
                "Identity": "voiceguide", "SupportedUriSchemes": [], "SupportedMimeTypes": [],
            }  # fmt: skip
        timeline, number = status.timeline, status.chapter
        return {
            "PlaybackStatus": _STATES.get(status.state, "Stopped"),
            "Rate": 1.0, "MinimumRate": 1.0, "MaximumRate": 1.0,
            "Metadata": {
                "mpris:trackid": Variant("o", TRACK),
                "mpris:length": Variant("x", _micro(timeline.frames, timeline.format.rate)),
                "xesam:title": Variant("s", timeline.chapters[number].title),
                "xesam:album": Variant("s", self._title),
                "xesam:artist": Variant("as", ["voiceguide"]),
                "xesam:trackNumber": Variant("i", number + 1),
            },
            "Volume": status.volume / 100,
            "Position": round(max(0.0, status.seconds) * _MICRO),
            "CanGoNext": number + 1 < len(timeline.chapters), "CanGoPrevious": True,
            "CanPlay": True, "CanPause": True, "CanSeek": True, "CanControl": True,
        }  # fmt: skip

    def _variants(self, interface: str, values: dict[str, Any]) -> dict[str, Any]:
        from dbus_fast import Variant

        types = _ROOT_TYPES if interface == ROOT else _PLAYER_TYPES
        return {name: Variant(types[name], value) for name, value in values.items()}

    def _tell_changes(self, bus: MessageBus) -> None:
        from dbus_fast import Message

        status = self._transport.status()
        if status.state in FINAL:
            return
        values = self._values(PLAYER, status)
        # Everybody reckons the place by the clock and is told when it jumps.
        changed = {
            name: value
            for name, value in values.items()
            if name != "Position" and value != self._seen.get(name)
        }
        self._seen = values
        if changed:
            body = [PLAYER, self._variants(PLAYER, changed), []]
            bus.send(Message.new_signal(PATH, _PROPERTIES, "PropertiesChanged", "sa{sv}as", body))
        if status.jumps != self._jumps:
            self._jumps = status.jumps
            bus.send(Message.new_signal(PATH, PLAYER, "Seeked", "x", [values["Position"]]))

    # What others ask for

    def _handle(self, message: Message) -> Message | None:
        from dbus_fast import Message, MessageType

        if message.message_type is not MessageType.METHOD_CALL or message.path != PATH:
            return None
        if message.interface == _INTROSPECTABLE and message.member == "Introspect":
            return Message.new_method_return(message, "s", [_introspection()])
        if message.interface == _PROPERTIES:
            return self._property(message)
        return self._method(message)

    def _property(self, message: Message) -> Message | None:
        from dbus_fast import ErrorType, Message

        member = message.member or ""
        if member not in _PROPERTY_METHODS:
            return None
        if message.signature != _PROPERTY_METHODS[member]:
            return Message.new_error(message, ErrorType.INVALID_SIGNATURE, f"{member} takes others")
        interface = message.body[0]
        if interface not in (ROOT, PLAYER):
            return Message.new_error(
                message, ErrorType.UNKNOWN_INTERFACE, f'no interface "{interface}"'
            )
        values = self._variants(interface, self._values(interface, self._transport.status()))
        if member == "GetAll":
            return Message.new_method_return(message, "a{sv}", [values])
        name = message.body[1]
        if name not in values:
            return Message.new_error(message, ErrorType.UNKNOWN_PROPERTY, f'no property "{name}"')
        if member == "Get":
            return Message.new_method_return(message, "v", [values[name]])
        if name == "Volume":
            wanted = message.body[2]
            if wanted.signature != "d":
                return Message.new_error(message, ErrorType.INVALID_SIGNATURE, "it is a double")
            # In this order, what is no number is 0.
            percent = min(max(0.0, 100 * wanted.value), LOUDEST_PERCENT)
            self._transport.set_volume(round(percent))
        elif name != "Rate":
            return Message.new_error(message, ErrorType.PROPERTY_READ_ONLY, f'"{name}" is given')
        return Message.new_method_return(message)

    def _method(self, message: Message) -> Message | None:
        from dbus_fast import ErrorType, Message

        member = message.member or ""
        known = _METHODS.get(message.interface or "", _METHODS[ROOT] | _METHODS[PLAYER])
        if member not in known:
            return None
        if message.signature != "".join(kind for _, kind in known[member]):
            return Message.new_error(message, ErrorType.INVALID_SIGNATURE, f"{member} takes others")
        if member == "OpenUri":
            return Message.new_error(message, ErrorType.NOT_SUPPORTED, "voiceguide play opens it")
        self._do(member, message.body)
        return Message.new_method_return(message)

    def _do(self, member: str, body: list[Any]) -> None:
        transport = self._transport
        actions: dict[str, Callable[[], None]] = {
            "Quit": transport.stop, "Stop": transport.stop, "Play": transport.resume,
            "Pause": transport.pause, "PlayPause": transport.toggle, "Next": lambda: transport.step(1),
            "Previous": lambda: transport.step(-1),
        }  # fmt: skip
        if action := actions.get(member):
            action()
        elif member == "Seek":
            transport.skip(body[0] / _MICRO)
        elif member == "SetPosition":
            status = transport.status()
            seconds = body[1] / _MICRO
            # What was asked of another session, or lies outside, is left alone.
            if body[0] == TRACK and 0 <= seconds <= status.length:
                transport.seek(seconds)


def _micro(frames: int, rate: int) -> int:
    return frames * _MICRO // rate


def _introspection() -> str:
    lines = ["<node>"]
    for interface, types in ((ROOT, _ROOT_TYPES), (PLAYER, _PLAYER_TYPES)):
        lines.append(f'<interface name="{interface}">')
        for name, arguments in _METHODS[interface].items():
            inner = "".join(
                f'<arg direction="in" name="{a}" type="{kind}"/>' for a, kind in arguments
            )
            lines.append(f'<method name="{name}">{inner}</method>')
        if interface == PLAYER:
            lines.append('<signal name="Seeked"><arg name="Position" type="x"/></signal>')
        for name, kind in types.items():
            access = "readwrite" if name in ("Volume", "Rate") else "read"
            lines.append(f'<property name="{name}" type="{kind}" access="{access}"/>')
        lines.append("</interface>")
    for interface in (_PROPERTIES, _INTROSPECTABLE, "org.freedesktop.DBus.Peer"):
        lines.append(f'<interface name="{interface}"/>')
    return "\n".join([*lines, "</node>"])
