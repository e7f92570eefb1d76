"""The signals that end, stop and wake a session that is being played."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from voiceguide.cli.keys import Keyboard

ENDS = {"SIGINT": 130, "SIGTERM": 143, "SIGHUP": 129}
"""Signals that end a session, and the exit codes that tell."""


class Signals:
    """The signals of a session, noted down for the loop to see.

    Attributes:
        code: the exit code of the signal that ends it, or 0.
        suspend: whether it is to stop for the shell.
        continued: whether the shell let it go on after a stop.
    """

    def __init__(self) -> None:
        self.code = 0
        self.suspend = False
        self.continued = False
        self._before: dict[int, Any] = {}
        self._running = False

    def __enter__(self) -> Signals:
        for name in ENDS:
            self._set(name, self._end)
        return self

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def _set(self, name: str, handler: Callable[[int, object], None]) -> None:
        number = getattr(signal, name, None)
        # What nohup and the like have silenced stays so.
        if number is None or signal.getsignal(number) is signal.SIG_IGN:
            return
        self._before[number] = signal.signal(number, handler)

    @contextlib.contextmanager
    def noted(self, keyboard: Keyboard) -> Iterator[None]:
        """Signals are noted down from now on, and wake whoever waits for keys."""
        if not self._running:
            self._running = True
            self._set("SIGTSTP", self._stop)
            self._set("SIGWINCH", lambda *_: None)
            self._set("SIGCONT", self._go_on)
        if sys.platform == "win32":  # there, keys are looked for again and again
            yield
            return
        before = signal.set_wakeup_fd(keyboard.wake_handle, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)

    @contextlib.contextmanager
    def raised(self) -> Iterator[None]:
        """Signals end what is in its body at once, as before `noted`."""
        before, self._running = self._running, False
        try:
            yield
        finally:
            self._running = before

    def _end(self, number: int, _frame: object) -> None:
        code = ENDS[signal.Signals(number).name]
        if not self._running:
            if number == signal.SIGINT:
                raise KeyboardInterrupt
            raise SystemExit(code)
        self.code = self.code or code

    def _stop(self, _number: int, _frame: object) -> None:
        self.suspend = True

    def _go_on(self, _number: int, _frame: object) -> None:
        self.continued = True

    def stop_here(self) -> None:
        """Stop as if the signal had not been caught; comes back when the shell lets it go on."""
        if sys.platform == "win32":
            return
        ours = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, ours)
