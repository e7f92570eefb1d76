"""A terminal for tests: a program in a pseudo-terminal, and the screen that it draws."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping
from types import TracebackType

import pyte

_PATIENCE = 20.0


class Terminal:
    """A program whose standard streams are a terminal of its own, in a session of its own.

    Attributes:
        process: the program.
        raw: every byte that it wrote.
    """

    def __init__(
        self, command: list[str], env: Mapping[str, str], *, columns: int = 80, rows: int = 24
    ) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.raw = b""
        self._master, slave = pty.openpty()
        self.resize(columns, rows)
        self.before = termios.tcgetattr(slave)
        self._slave = slave
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=dict(env),
            start_new_session=True, preexec_fn=self._take,
        )  # fmt: skip

    def _take(self) -> None:
        fcntl.ioctl(self._slave, termios.TIOCSCTTY, 0)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for handle in (self._master, self._slave):
            with contextlib.suppress(OSError):
                os.close(handle)

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size; the program is told."""
        self._screen.resize(rows, columns)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def press(self, keys: str) -> None:
        """Type something."""
        os.write(self._master, keys.encode())

    def send(self, number: signal.Signals) -> None:
        """Send the program a signal."""
        self.process.send_signal(number)

    def hang_up(self) -> None:
        """Close the terminal, as a window's cross does."""
        os.close(self._slave)
        os.close(self._master)

    def read(self, seconds: float = 0.1) -> None:
        """Take in what the program writes for some seconds."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if not select.select([self._master], [], [], left)[0]:
                return
            try:
                data = os.read(self._master, 65_536)
            except OSError:
                return
            self.raw += data
            self._stream.feed(data)

    @property
    def text(self) -> str:
        """What stands on the screen now."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def until(self, wanted: str | Callable[[str], bool], seconds: float = _PATIENCE) -> str:
        """Wait until a text, or what fulfils a condition, stands on the screen."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.read(0.05)
            if wanted(self.text) if callable(wanted) else wanted in self.text:
                return self.text
            if self.process.poll() is not None:
                self.read(0.2)
                if wanted(self.text) if callable(wanted) else wanted in self.text:
                    return self.text
                break
        raise AssertionError(f"not on the screen: {wanted!r}\n{self.text}")

    def end(self, seconds: float = _PATIENCE) -> int:
        """Wait for the program's end; its exit code."""
        until = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < until:
            self.read(0.05)
        self.read(0.1)
        code = self.process.wait(0.1)
        assert code is not None
        return code

    def settings(self) -> list[object]:
        """The terminal's settings now."""
        return termios.tcgetattr(self._slave)
