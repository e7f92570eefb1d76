"""What another program is fed through its standard input, with a limit on every wait.

A pipe blocks for as long as the other end likes. A thread of its own does that waiting, so that a
program that neither reads nor ends can be left, whatever the system.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time

_AHEAD = 4
"""Pieces of data that may wait to be taken."""
_TICK = 0.2
"""Seconds between two looks; a signal is noticed within it."""


class Pipe:
    """Feeds a process.

    Args:
        process: with an unbuffered standard input, and a session of its own where there are some.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._waiting: queue.Queue[bytes | None] = queue.Queue(_AHEAD)
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._feed, name="pipe", daemon=True)
        self._thread.start()

    def _feed(self) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        try:
            while (data := self._waiting.get()) is not None:
                rest = memoryview(data)
                while rest:
                    rest = rest[stdin.write(rest) :]
        except OSError:
            pass  # it reads no more
        finally:
            self._closed.set()
            with contextlib.suppress(OSError):
                stdin.close()

    def send(self, data: bytes | None, limit: float) -> bool:
        """Have some data taken, or None for the end; False where it is not, in so many seconds."""
        until = time.monotonic() + limit
        while not self._closed.is_set() and time.monotonic() < until:
            try:
                self._waiting.put(data, timeout=_TICK)
            except queue.Full:
                continue
            return True
        return False

    def end(self, limit: float) -> int | None:
        """The exit status once all was taken; None where it does not end in so many seconds."""
        until = time.monotonic() + limit
        self.send(None, limit)
        while time.monotonic() < until:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return self._process.wait(_TICK)
        return None

    def kill(self) -> None:
        """End the process, and whatever it started, if it still runs."""
        if self._process.poll() is None:
            if sys.platform == "win32":
                self._process.kill()
            else:
                with contextlib.suppress(OSError):
                    os.killpg(self._process.pid, signal.SIGKILL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
        with contextlib.suppress(queue.Full):
            self._waiting.put_nowait(None)
        self._thread.join(5)
