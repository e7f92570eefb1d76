"""Keys as they are pressed, without waiting for Enter."""

from __future__ import annotations

import contextlib
import os
import select
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType

_SEQUENCES = {
    b"\x1b[D": "left",
    b"\x1bOD": "left",
    b"\x1b[C": "right",
    b"\x1bOC": "right",
    b"\x1b[A": "up",
    b"\x1bOA": "up",
    b"\x1b[B": "down",
    b"\x1bOB": "down",
    b"\x1b[5~": "pageup",
    b"\x1b[6~": "pagedown",
}
_WINDOWS = {"K": "left", "M": "right", "I": "pageup", "Q": "pagedown", "H": "up", "P": "down"}
_PATIENCE = 0.1
"""Seconds for which the rest of a key's bytes is waited for."""
_LONG = 2.0
"""Seconds for which the end of a paste or of a terminal's reply is waited for."""
_BOUND = 64
_AT_ONCE = 8
"""Keys that may come at once; more are a paste, in a terminal that does not mark it."""
_PASTE, _PASTED = b"\x1b[200~", b"\x1b[201~"
_STRINGS = (b"]", b"P", b"X", b"^", b"_")
"""What begins a terminal's reply after Escape; a control character ends it."""
MARK_PASTES, MARK_NO_PASTES = "\x1b[?2004h", "\x1b[?2004l"
"""What a terminal is told, so that it marks what is pasted."""


class KeyReader:
    """Bytes of a terminal to names of keys; what is no key of ours is left out.

    So are a terminal's replies to other programs, reports of a mouse, pastes, and keys that were
    pressed together with Alt.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._until: tuple[bytes, ...] = ()
        self._since = 0.0

    def feed(self, data: bytes, now: float) -> list[str]:
        """The keys that are complete; `now` in seconds tells a lone Escape from a begun key."""
        silent = now - self._since
        if silent >= (_LONG if self._until else _PATIENCE):
            self._rest, self._until = b"", ()
        if data:
            self._since = now
        waiting, keys, plain = self._rest + data, [], 0
        self._rest = b""
        while waiting:
            if self._until:
                waiting = self._skipped(waiting)
            elif waiting[:1] != b"\x1b":
                keys.append(waiting[:1].decode("latin-1"))
                waiting, plain = waiting[1:], plain + 1
            elif waiting.startswith(_PASTE):
                waiting, self._until = waiting[len(_PASTE) :], (_PASTED,)
            elif waiting[1:2] in _STRINGS and len(waiting) > 1:
                waiting, self._until = waiting[2:], (b"\x1b\\", b"\x07", b"\x18", b"\x1a")
            elif (size := _length(waiting)) is None:
                self._rest, waiting = waiting, b""
            else:
                if name := _SEQUENCES.get(waiting[:size]):
                    keys.append(name)
                waiting = waiting[size:]
        return keys if plain <= _AT_ONCE else [key for key in keys if len(key) > 1]

    def _skipped(self, waiting: bytes) -> bytes:
        """What comes after the end of a paste or a reply, or b"" where that is still to come."""
        ends = [
            (waiting.index(end), len(end)) for end in self._until if end in waiting
        ]  # the first one counts
        if ends:
            at, size = min(ends)
            self._until = ()
            return waiting[at + size :]
        # The end itself may come in pieces.
        longest = max(map(len, self._until)) - 1
        cut = waiting.rfind(b"\x1b", max(0, len(waiting) - longest))
        self._rest = waiting[cut:] if cut >= 0 else b""
        return b""


def _length(data: bytes) -> int | None:
    """Bytes of the escape sequence that data begins with, or None where it is not complete."""
    if len(data) < 2:
        return None
    if data[1:2] == b"\x1b":  # Escape, and then another key
        return 1
    if data[1:2] == b"O":
        return 3 if len(data) > 2 else None
    if data[1:2] != b"[":
        return 2  # a key together with Alt
    if data[2:3] == b"M":  # the oldest report of a mouse: three bytes of any kind
        return 6 if len(data) >= 6 else None
    for index in range(2, len(data)):
        if 0x40 <= data[index] <= 0x7E:
            return index + 1
        if not 0x20 <= data[index] <= 0x3F:
            return index  # it breaks off
    return None if len(data) < _BOUND else len(data)


def drop_typed() -> None:
    """Forget what was typed ahead, so that it answers no question."""
    if sys.platform != "win32":
        import termios

        with contextlib.suppress(termios.error, OSError, ValueError):
            termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)


class Keyboard:
    """The keys of standard input, where that is a terminal; else there are none.

    Attributes:
        gone: whether the terminal was closed.
    """

    def __init__(self) -> None:
        self.gone = False
        self._reader = KeyReader()
        self._lock = threading.Lock()
        self._closed = False
        self._woken = threading.Event()
        self._wake_read, self._wake_write = os.pipe()
        if sys.platform != "win32":
            os.set_blocking(self._wake_read, False)
            os.set_blocking(self._wake_write, False)
        self._handle: int | None = None
        with contextlib.suppress(ValueError, OSError, AttributeError):
            if sys.stdin.isatty():
                self._handle = sys.stdin.fileno()
        self._terminal = _Terminal(self._handle) if self._handle is not None else None

    def wake(self) -> None:
        """End a wait at once; from any thread, and after the keyboard was let go, too."""
        with self._lock:
            if not self._closed and sys.platform != "win32":
                with contextlib.suppress(OSError):  # full: it wakes anyhow
                    os.write(self._wake_write, b".")
            self._woken.set()

    @property
    def wake_handle(self) -> int:
        """Where one byte ends a wait at once."""
        return self._wake_write

    def __enter__(self) -> Keyboard:
        if self._terminal:
            self._terminal.set()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
        with self._lock:
            self._closed = True
            os.close(self._wake_read)
            os.close(self._wake_write)

    def release(self) -> None:
        """Leave the terminal as it was found."""
        if self._terminal:
            self._terminal.restore()

    def grasp(self) -> None:
        """Take the keys again, after `release` or after somebody else had the terminal."""
        if self._terminal:
            self._terminal.set()

    def wait(self, seconds: float) -> list[str]:
        """The keys that are pressed within some seconds, as soon as there is one."""
        if sys.platform == "win32":
            return self._wait_windows(seconds)
        handles = [self._wake_read]
        if self._handle is not None and not self.gone and self._in_front():
            handles.append(self._handle)
        try:
            ready = select.select(handles, [], [], seconds)[0]
        except OSError:
            self.gone = True
            return []
        data = b""
        if self._wake_read in ready:
            with contextlib.suppress(OSError):
                os.read(self._wake_read, 4096)
        if self._handle in ready:
            data = self._read()
        return self._reader.feed(data, time.monotonic())

    def _read(self) -> bytes:
        assert self._handle is not None
        try:
            data = os.read(self._handle, 4096)
        except OSError:
            data = b""
        if not data:
            self.gone = True
        return data

    def _in_front(self) -> bool:
        """Whether the terminal is this job's: one in the background may not read."""
        try:
            return self._handle is not None and os.tcgetpgrp(self._handle) == os.getpgrp()
        except OSError:
            return True

    def _wait_windows(self, seconds: float) -> list[str]:
        if sys.platform != "win32":
            return []
        import msvcrt

        until = time.monotonic() + seconds
        keys: list[str] = []
        while not keys and time.monotonic() < until and not self._woken.is_set():
            while self._handle is not None and msvcrt.kbhit():
                sign = msvcrt.getwch()
                if sign in ("\x00", "\xe0"):
                    sign = _WINDOWS.get(msvcrt.getwch(), "")
                keys.append(sign)
            if not keys:
                time.sleep(0.03)
        self._woken.clear()
        return [key for key in keys if key]


class _Terminal:
    """A terminal that hands over each key at once and shows none."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._before: list[Any] | None = None

    def set(self) -> None:
        if sys.platform == "win32":
            return
        import termios

        with contextlib.suppress(termios.error, OSError):
            if os.tcgetpgrp(self._handle) != os.getpgrp():
                return  # in the background: to touch it would stop the program
            before = self._before or termios.tcgetattr(self._handle)
            changed = termios.tcgetattr(self._handle)
            changed[3] &= ~(termios.ICANON | termios.ECHO)
            changed[6][termios.VMIN], changed[6][termios.VTIME] = 1, 0
            termios.tcsetattr(self._handle, termios.TCSANOW, changed)
            self._before = before

    def restore(self) -> None:
        if sys.platform == "win32" or self._before is None:
            return
        import termios

        before, self._before = self._before, None
        with contextlib.suppress(termios.error, OSError):
            if os.tcgetpgrp(self._handle) == os.getpgrp():
                termios.tcsetattr(self._handle, termios.TCSANOW, before)
