"""The sessions that are being made or heard: each rendered once, whoever asks for it.

A session's name follows from all that decides its sound, so that the page finds it again after the
server was started anew. What nobody hears is let go: a rendering that isn't whole after seconds, a
whole one when room is needed.
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from voiceguide.errors import VoiceguideError
from voiceguide.page.sessions import ident, to_dict
from voiceguide.practice.needs import drafted
from voiceguide.practice.places import LeftPlace
from voiceguide.practice.remembering import Outcome, Remembering
from voiceguide.session import Draft, Growing, Request, Session
from voiceguide.session.pipeline import arranged, complete, speak
from voiceguide.units import Seconds

_AT_ONCE = 2
"""So many sessions are spoken at the same time; the others wait."""
_UNHEARD = 10.0
"""Seconds after which a rendering that nobody reads ends."""
_ROOM = 400_000_000
"""Bytes of whole renderings that are kept."""
_MOST = 60
"""Sessions that are known at the same time."""
_FORGOTTEN = 6 * 3600.0
"""Seconds after which a session that nobody asked for is forgotten."""
_SILENT = 90.0
"""Seconds without a word from the page after which its place is left to be resumed elsewhere."""
_USUAL = {"player": None, "device": None, "volume": 100}


class Live:
    """One session, from its first word spoken to the last byte read.

    Attributes:
        id: see `page.sessions.ident`.
        draft: planned.
        added: seconds on top of intervals, by index.
        session: whole, or None while it is spoken.
        error: why there is none, or None.
        spoken, of: sentences.
        cover: its picture, once somebody asked for it, else None.
    """

    def __init__(self, name: str, draft: Draft, added: Mapping[int, float]) -> None:
        self.id = name
        self.draft = draft
        self.added = dict(added)
        self.session: Session | None = None
        self.error: VoiceguideError | None = None
        self.spoken, self.of = 0, 0
        self.cover: bytes | None = None
        self.used = time.monotonic()
        self._growing: Growing | None = None
        self._read = time.monotonic()
        self._readers = 0
        self._remembering: Remembering | None = None
        self._told = 0.0
        self._lock = threading.Lock()
        self.changed = threading.Condition()

    @property
    def done(self) -> bool:
        """Whether there is a session, or none will come."""
        return self.session is not None or self.error is not None

    def progress(self, _: str, done: int, total: int) -> None:
        """Called while sentences are spoken."""
        with self.changed:
            self.spoken, self.of = done, total
            self.changed.notify_all()

    def wait(self, after: int, seconds: float) -> None:
        """Until more sentences than that are spoken, or all is done, or time is up."""
        with self.changed:
            self.changed.wait_for(lambda: self.done or self.spoken > after, seconds)

    def make(self, source: Session | None) -> None:
        """Speak and arrange it; or arrange another session's words anew.

        Args:
            source: the session that it is the same as, but for what is added.
        """
        try:
            if source is not None:
                more = {number: Seconds(value) for number, value in self.added.items()}
                made = arranged(source.draft, source.spoken, more, gain=source.timeline.gain)
            elif self.added:
                plain = complete(self.draft, self.progress)
                more = {number: Seconds(value) for number, value in self.added.items()}
                made = arranged(plain.draft, plain.spoken, more, gain=plain.timeline.gain)
            else:
                made = complete(self.draft, self.progress)
            error = None
        except VoiceguideError as wrong:
            made, error = None, wrong
        with self.changed:
            self.session, self.error = made, error
            self.changed.notify_all()
        if made is not None:
            self.audio()

    def to_dict(self) -> dict[str, object]:
        """As the page reads it."""
        self.used = time.monotonic()
        if self.session is None:
            return {"id": self.id, "ready": False, "done": self.spoken, "of": self.of}
        return to_dict(self.session, self.id, self.audio().size)

    # Sound

    def audio(self) -> Growing:
        """Its MP3, rendered anew where that was let go."""
        assert self.session is not None, "it is spoken first"
        with self._lock:
            if self._growing is None:
                self._growing = Growing(self.session)
                self._read = time.monotonic()
            self.used = time.monotonic()
            return self._growing

    @contextlib.contextmanager
    def reading(self) -> Iterator[Growing]:
        """While somebody reads, the rendering goes on."""
        with self._lock:
            self._readers += 1
        try:
            yield self.audio()
        finally:
            with self._lock:
                self._readers -= 1
                self._read = time.monotonic()

    @property
    def bytes(self) -> int:
        """Of the rendering, as far as it is."""
        return self._growing.done if self._growing else 0

    def tidy(self, now: float) -> None:
        """End a rendering that nobody hears; leave the place of a page that fell silent."""
        with self._lock:
            growing = self._growing
            unheard = growing is not None and not self._readers and now - self._read > _UNHEARD
            if growing is not None and unheard and growing.done < growing.size:
                self._growing = None
            else:
                growing = None
        if growing is not None:
            growing.close()
        if self._remembering is not None and now - self._told > _SILENT:
            self.leave()

    def drop(self) -> None:
        """Let the rendering go."""
        with self._lock:
            growing, self._growing = self._growing, None
        if growing is not None:
            growing.close()

    # Memory

    def heard(
        self, at: float, stretches: list[tuple[float, float]], resumed: LeftPlace | None
    ) -> None:
        """Remember what was played, and keep the place."""
        assert self.session is not None
        with self._lock:
            if self._remembering is None:
                self._remembering = Remembering(self.draft, resumed)
                if resumed is not None:
                    resumed.take()
            remembering = self._remembering
        for start, end in stretches:
            remembering.heard(start, min(end, self.session.seconds))
        self._told = time.monotonic()
        remembering.keep(at, self.session.timeline, _USUAL, self.session.seconds, self.session.more)

    def end(self, *, ended: bool, at: float, pain_before: int | None) -> Outcome | None:
        """Write the journal; None where nothing of it was heard."""
        with self._lock:
            remembering, self._remembering = self._remembering, None
        if remembering is None or self.session is None:
            return None
        state = "ended" if ended else "left"
        return remembering.close(
            state,  # type: ignore[arg-type]
            at,
            self.session.seconds,
            pain_before=pain_before,
        )

    def move(self, other: Live) -> None:
        """What was remembered goes on in another session."""
        with self._lock:
            remembering, self._remembering = self._remembering, None
        with other._lock:
            other._remembering = other._remembering or remembering
        other._told = time.monotonic()

    def leave(self) -> None:
        """Leave the place to whoever resumes."""
        with contextlib.suppress(VoiceguideError):
            self.end(ended=False, at=0.0, pain_before=None)


class LiveSessions:
    """All of them, bounded in number and size."""

    def __init__(self) -> None:
        self._known: dict[str, Live] = {}
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="session")
        self._ahead = ThreadPoolExecutor(1, thread_name_prefix="ahead")
        self._stop = threading.Event()
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
        """
        made = source.draft if source is not None else drafted(request)
        added = added or {}
        loaded = made.loaded
        text = f"{loaded.script!r}"
        name = ident(made.request, hashlib.sha256(text.encode()).hexdigest(), added)
        with self._lock:
            live = self._known.get(name)
            if live is not None and live.error is None:
                live.used = time.monotonic()
                return live
            live = self._known[name] = Live(name, made, added)
        self._pool.submit(live.make, source.session if source is not None else None)
        return live

    def find(self, name: str) -> Live | None:
        """A session by its name, or None."""
        with self._lock:
            live = self._known.get(name)
        if live is not None:
            live.used = time.monotonic()
        return live

    def speak_ahead(self, request: Request) -> None:
        """Have the sentences of a session spoken into the cache, when nothing else is to be done."""
        made = drafted(request)

        def run() -> None:
            with contextlib.suppress(VoiceguideError):
                speak(made, made.plan.utterances(fitted=True))

        self._ahead.submit(run)

    def close(self) -> None:
        """Let go of all of them; places are left to be resumed."""
        self._stop.set()
        for pool in (self._pool, self._ahead):
            pool.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            known = list(self._known.values())
            self._known.clear()
        for live in known:
            live.leave()
            live.drop()

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
                if (old or room > _ROOM) and now - live.used > _UNHEARD:
                    room -= live.bytes
                    live.drop()


def resumed_place(key: str | None) -> LeftPlace | None:
    """The place that a page resumes from, by the key that `page.home` gave it."""
    from voiceguide.practice import places

    if not key:
        return None
    return next((p for p in places.left() if p.path.name.split(".")[0] == key), None)


def with_first(request: Request, side: str) -> Request:
    """The same session with the other side first."""
    options = replace(request.options, start=side)  # type: ignore[arg-type]
    return replace(request, options=options)
