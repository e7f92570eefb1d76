"""What a page sends twice is done once, also where the server was started anew in between."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any

from voiceguide.practice import state

_FILE = "sent.json"
_MOST = 1_000


class Sent:
    """Answers by the key that the page made for what it sent."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def once(self, key: str | None, run: Callable[[], Any]) -> Any:
        """The answer that was given to a key, or what `run` gives, which is kept for it."""
        if key is None:
            return run()
        with self._lock:
            known = self._read()
            if key in known:
                return known[key]
            answer = known[key] = run()
            newest = dict(list(known.items())[-_MOST:])
            with contextlib.suppress(OSError):
                state.replace(state.folder() / _FILE, newest)
            return answer

    def before(self, key: str | None, run: Callable[[], None]) -> None:
        """Run what belongs before the answer to a key; nothing where it was answered already."""
        with self._lock:
            if key is None or key not in self._read():
                run()

    def _read(self) -> dict[str, Any]:
        try:
            data = state.read(state.folder() / _FILE)
        except (OSError, ValueError, RecursionError):
            return {}
        return data if isinstance(data, dict) else {}
