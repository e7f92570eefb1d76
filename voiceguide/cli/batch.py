"""Several exports side by side, so that no core waits while another begins or ends a file."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

from voiceguide.speech.workers import Task, Workers

if TYPE_CHECKING:
    from voiceguide.session import Progress

T = TypeVar("T")

_AT_ONCE = 2
_GLANCE = 0.1
"""Seconds between two looks at how far an export is."""
_PATIENCE = 5.0
"""Seconds that an interrupted export has to take its unfinished file away."""


class _Stopped(BaseException):
    """Ends an export that nobody waits for any more."""


class Batch(Generic[T]):
    """Calls on their way; the results are asked for in order."""

    def __init__(self, calls: Sequence[Callable[[Progress], T]], workers: Workers) -> None:
        self._stop = threading.Event()
        self._news: list[tuple[str, int, int] | None] = [None] * len(calls)
        self._tasks: list[Task[T]] = [
            workers.submit(partial(call, self._teller(index))) for index, call in enumerate(calls)
        ]

    def _teller(self, index: int) -> Progress:
        def tell(stage: str, done: int, total: int) -> None:
            if self._stop.is_set():
                raise _Stopped
            self._news[index] = stage, done, total

        return tell

    def result(self, index: int, progress: Progress | None) -> T:
        """What a call gave, or the exception that it raised; its progress is told meanwhile."""
        task = self._tasks[index]
        while not task.ended(_GLANCE):
            if progress and (news := self._news[index]):
                progress(*news)
        return task.wait(0)

    def stop(self) -> None:
        """End what is on its way, and begin nothing more."""
        self._stop.set()
        for task in self._tasks:
            task.cancel()


@contextmanager
def batch(calls: Sequence[Callable[[Progress], T]]) -> Iterator[Batch[T]]:
    """Calls made by a few threads; those still on their way are stopped at the end.

    Args:
        calls: each takes a progress callback and calls it often.
    """
    workers = Workers(max(1, min(_AT_ONCE, len(calls))))
    running = Batch(calls, workers)
    try:
        yield running
    finally:
        running.stop()
        workers.close(_PATIENCE)
