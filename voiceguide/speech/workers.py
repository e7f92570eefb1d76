"""Threads that may be left behind: a voice that hangs must not hang the program."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from concurrent.futures import TimeoutError as NotYet
from typing import Generic, TypeVar

T = TypeVar("T")


_busy: set[Task[object]] = set()


def is_busy() -> bool:
    """Whether a call is still being made, also one that nobody waits for any more."""
    return bool(_busy)


class Overdue(Exception):
    """A call has been running for longer than its limit."""


class Task(Generic[T]):
    """A call on its way."""

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._future: Future[T] = Future()
        self._started: float | None = None

    def run(self, fault: BaseException | None = None) -> None:
        """Make the call here, unless it was cancelled; it fails with the fault, if there is one."""
        if not self._future.set_running_or_notify_cancel():
            return
        self._started = time.monotonic()
        try:
            if fault is not None:
                raise fault
            self._future.set_result(self._call())
        except BaseException as error:  # handed on to the one who waits
            self._future.set_exception(error)

    def cancel(self) -> None:
        """Do not start it any more."""
        self._future.cancel()

    def ended(self, within: float) -> bool:
        """Whether it is done; waits for that, but no longer than some seconds."""
        return bool(wait([self._future], within).done)

    def wait(self, limit: float) -> T:
        """Its result, or the exception that it raised.

        Args:
            limit: seconds that it may run; waiting for its turn does not count.

        Raises:
            Overdue: it runs for longer.
        """
        while True:
            started = self._started
            left = limit if started is None else started + limit - time.monotonic()
            try:
                return self._future.result(timeout=max(0.0, left))
            except NotYet:
                if self._future.done():
                    return self._future.result()  # done since, or the call's own timeout
                if started is not None:
                    raise Overdue from None


class Workers:
    """A few daemon threads that run calls in the order they were submitted."""

    def __init__(self, count: int, setup: Callable[[], None] | None = None) -> None:
        self._tasks: queue.SimpleQueue[Task[object] | None] = queue.SimpleQueue()
        self._setup = setup
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def _work(self) -> None:
        fault: BaseException | None = None
        try:
            if self._setup:
                self._setup()
        except BaseException as error:  # told by each task, else they would be waited for for ever
            fault = error
        while task := self._tasks.get():
            _busy.add(task)
            task.run(fault)
            _busy.discard(task)

    def submit(self, call: Callable[[], T]) -> Task[T]:
        """Have a call made by the next free thread."""
        task: Task[T] = Task(call)
        self._tasks.put(task)  # type: ignore[arg-type]  # its result goes to the one who waits
        return task

    def close(self, patience: float = 0.0) -> None:
        """Let the threads end after what was submitted, waiting at most so many seconds for each."""
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads:
            thread.join(patience)
