"""All sessions that are being made or heard, bounded in number and size."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from voiceguide.errors import VoiceguideError
from voiceguide.page.sessions import ident
from voiceguide.practice.needs import drafted
from voiceguide.session import Request
from voiceguide.session.pipeline import Draft, speak
from voiceguide.web import rendered
from voiceguide.web.answers import RefusedError
from voiceguide.web.live import UNHEARD, LetGoError, Live

_AT_ONCE = 2
"""So many sessions are spoken at the same time; the others wait."""
_ROOM = 400_000_000
"""Bytes of whole renderings that are kept."""
_MOST = 16
"""Sessions that are known at the same time; an older one is opened again in a moment."""
_FORGOTTEN = 6 * 3600.0
"""Seconds after which a session that nobody asked for is forgotten."""
_WAITING = 12
"""So many sessions may wait to be spoken."""
_RENDERED = 8
"""So many renderings that nobody reads may be on their way."""


class LiveSessions:
    """All of them, bounded in number and size."""

    def __init__(self) -> None:
        self._known: dict[str, Live] = {}
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="session")
        self._ahead = ThreadPoolExecutor(1, thread_name_prefix="ahead")
        self._stop = threading.Event()
        self._talk_stop = threading.Event()
        rendered.clear()
        self._tidier = threading.Thread(target=self._tidy, name="tidy", daemon=True)
        self._tidier.start()

    def open(
        self, request: Request, added: Mapping[int, float] | None = None, source: Live | None = None
    ) -> Live:
        """A session, new or known.

        Args:
            added: seconds on top of intervals, by index.
            source: a session with the same words.

        Raises:
            VoiceguideError: it can't be planned.
            RefusedError: too many are being made.
        """
        self._talk_stop.set()  # what is said ahead must not take its time from what is wanted now
        made = source.draft if source is not None else drafted(request)
        added = added or {}
        name = ident(made, added)
        with self._lock:
            live = self._known.get(name)
            if live is not None and live.error is None:
                live.used = time.monotonic()
                return live
            if sum(not other.done for other in self._known.values()) >= _WAITING:
                raise RefusedError(
                    429, "busy", "other sessions are being prepared: try again in a moment"
                )
            live = self._known[name] = Live(name, made, added)
            unread = [other for other in self._known.values() if other.unread]
        for other in sorted(unread, key=lambda each: each.used)[: max(0, len(unread) - _RENDERED)]:
            other.drop()
        self._pool.submit(live.make, source.session if source is not None else None)
        return live

    def let_go(self, request: Request, *, also_read: bool) -> None:
        """End the renderings of a script's sessions, whose text has changed."""
        with self._lock:
            found = [o for o in self._known.values() if o.draft.request.name == request.name]
        for live in found:
            live.drop(also_read=also_read)

    @property
    def ending(self) -> bool:
        """Whether the server ends."""
        return self._stop.is_set()

    def find(self, name: str) -> Live | None:
        """A session by its name, or None."""
        with self._lock:
            live = self._known.get(name)
        if live is not None:
            live.used = time.monotonic()
        return live

    def speak_ahead(self, request: Request) -> None:
        """Have the sentences of a session spoken into the cache, in place of the last ones asked for.

        Ends as soon as a session is opened.
        """
        self.speak_draft_ahead(drafted(request))

    def speak_draft_ahead(self, made: Draft) -> None:
        """As `speak_ahead`, of what is planned already."""
        with self._lock:
            self._talk_stop.set()
            stop = self._talk_stop = threading.Event()

        def told(what: str, done: int, total: int) -> None:  # noqa: ARG001
            if stop.is_set():
                raise LetGoError("something else is wanted now")

        def run() -> None:
            with contextlib.suppress(VoiceguideError):
                told("", 0, 0)
                speak(made, made.plan.utterances(fitted=True), told)

        self._ahead.submit(run)

    def interrupt(self) -> None:
        """Speak no further, so that nobody waits when the server ends."""
        self._stop.set()
        self._talk_stop.set()
        for pool in (self._pool, self._ahead):
            pool.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            known = list(self._known.values())
        for live in known:
            live.stop()

    def close(self) -> None:
        """Let go of all of them; places are left to be resumed."""
        self.interrupt()
        with self._lock:
            known = list(self._known.values())
            self._known.clear()
        for live in known:
            live.leave()
            live.drop(also_read=True)

    def _tidy(self) -> None:
        while not self._stop.wait(2.0):
            now = time.monotonic()
            with self._lock:
                known = sorted(self._known.values(), key=lambda live: live.used)
            for live in known:
                live.tidy(now)
            room = sum(live.bytes for live in known)
            for number, live in enumerate(known):
                old = now - live.used > _FORGOTTEN or len(known) - number > _MOST
                if old and live.done:
                    with self._lock:
                        self._known.pop(live.id, None)
                    live.leave()
                if (old or room > _ROOM) and now - live.used > UNHEARD:
                    room -= live.bytes
                    live.drop()
