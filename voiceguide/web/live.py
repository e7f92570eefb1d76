"""The sessions that are being made or heard: each rendered once, whoever asks for it.

A session's name follows from all that decides its sound, so that the page finds it again after the
server was started anew. What nobody hears is let go: a rendering that isn't whole after seconds, a
whole one when room is needed.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from voiceguide import folders
from voiceguide.errors import VoiceguideError
from voiceguide.page.sessions import ident, to_dict
from voiceguide.practice.needs import drafted
from voiceguide.practice.places import LeftPlace
from voiceguide.practice.remembering import Outcome, Remembering, left_near
from voiceguide.session import Draft, Growing, Request, Session
from voiceguide.session.pipeline import arranged, complete, speak
from voiceguide.units import Seconds
from voiceguide.web.answers import RefusedError

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
"""Seconds without a word from the page after which its place can be resumed elsewhere."""
_GIVEN_UP = 1800.0
"""Seconds without a word after which what was heard is written down as a session that was left."""
_WAITING = 12
"""So many sessions may wait to be spoken."""
_RENDERED = 8
"""So many renderings that nobody reads may be on their way."""
_USUAL = {"player": None, "device": None, "volume": 100}


class _LetGoError(VoiceguideError):
    """Nobody waits for it any more."""


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
        self._waiting = 0
        self._stopped = False
        self._remembering: Remembering | None = None
        self._told = 0.0
        self._released = False
        self._key: str | None = None
        self._lock = threading.Lock()
        self.changed = threading.Condition()

    @property
    def done(self) -> bool:
        """Whether there is a session, or none will come."""
        return self.session is not None or self.error is not None

    def progress(self, _: str, done: int, total: int) -> None:
        """Called while sentences are spoken; ends that where nobody waits for them any more."""
        if self._stopped:
            raise _LetGoError("this session was let go: open it again")
        with self.changed:
            self.spoken, self.of = done, total
            self.changed.notify_all()

    def wait(self, after: int, seconds: float) -> None:
        """Until more sentences than that are spoken, or all is done, or time is up."""
        with self.changed:
            self._waiting += 1
            try:
                self.changed.wait_for(lambda: self.done or self.spoken > after, seconds)
            finally:
                self._waiting -= 1
                self.used = time.monotonic()

    def whole(self) -> Live:
        """Itself, once it is spoken.

        Raises:
            VoiceguideError: it can't be made.
        """
        while not self.done:
            self.wait(self.spoken, 60.0)
        if self.error is not None:
            raise self.error
        return self

    def stop(self) -> None:
        """Speak no further; whoever waits is told."""
        self._stopped = True
        with self.changed:
            if self.session is None and self.error is None:
                self.error = _LetGoError("this session was let go: open it again")
            self.changed.notify_all()

    def make(self, source: Session | None) -> None:
        """Speak and arrange it; or arrange another session's words anew.

        Args:
            source: the session that it is the same as, but for what is added.
        """
        try:
            self.progress("speaking", 0, 0)
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
        except Exception as fault:  # whoever waits must not wait for ever
            logging.getLogger(__name__).exception("a session can't be made")
            made, error = None, VoiceguideError(f"the session can't be made here: {fault}")
        with self.changed:
            if self.error is None:
                self.session, self.error = made, error
            self.changed.notify_all()
        if self.session is not None:
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
                self._growing = Growing(self.session, folder=_folder())
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

    @property
    def unread(self) -> bool:
        """Whether its rendering is on its way, and nobody reads it."""
        growing = self._growing
        return growing is not None and not self._readers and growing.done < growing.size

    def tidy(self, now: float) -> None:
        """End what nobody waits for or hears; leave the place of a page that fell silent."""
        if not self.done and not self._waiting and now - self.used > _UNHEARD:
            self.stop()
        with self._lock:
            growing = self._growing
            unheard = growing is not None and not self._readers and now - self._read > _UNHEARD
            if growing is not None and unheard and growing.done < growing.size:
                self._growing = None
            else:
                growing = None
        if growing is not None:
            growing.close()
        if self._remembering is None or now - self._told <= _SILENT:
            return
        if now - self._told > _GIVEN_UP:
            self.leave()
        elif not self._released:
            self._released = True
            self._remembering.release()

    def drop(self, *, also_read: bool = False) -> None:
        """Let the rendering go, unless somebody reads it."""
        with self._lock:
            if self._readers and not also_read:
                return
            growing, self._growing = self._growing, None
        if growing is not None:
            growing.close()

    # Memory

    def heard(
        self,
        at: float,
        stretches: list[tuple[float, float]],
        resumed: LeftPlace | None = None,
        player: str | None = None,
    ) -> None:
        """Remember what was played, and keep the place.

        Args:
            at: the place, in seconds.
            resumed: where it goes on from, where the page said so.
            player: which page's it is; another one than before begins anew after a silence.
        """
        assert self.session is not None
        if self._released and (player is None or player != self._key):
            self.leave()
        with self._lock:
            self._released, self._key = False, player
            if self._remembering is None:
                first = min((start for start, _ in stretches), default=at)
                resumed = resumed or left_near(self.draft, first, self.session.more)
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
        if remembering is None or other is self:
            self._remembering = remembering
            return
        other.leave()  # what was remembered of it before is another time
        remembering.goes_on_as(other.draft)
        with other._lock:
            other._remembering, other._key, other._released = remembering, self._key, self._released
        other._told = time.monotonic()

    def leave(self) -> None:
        """Leave the place to whoever resumes, and write down what was heard."""
        self._released = False
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
        self._talk_stop = threading.Event()
        _clear()
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
        made = drafted(request)
        with self._lock:
            self._talk_stop.set()
            stop = self._talk_stop = threading.Event()

        def told(what: str, done: int, total: int) -> None:  # noqa: ARG001
            if stop.is_set():
                raise _LetGoError("something else is wanted now")

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
                if (old or room > _ROOM) and now - live.used > _UNHEARD:
                    room -= live.bytes
                    live.drop()


def _folder() -> Path:
    """Where renderings are while they can be heard; nobody else can read them."""
    folder = folders.rendered()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _clear() -> None:
    """Remove the renderings of servers that were killed."""
    for path in folders.rendered().glob("voiceguide-*.mp3"):
        ident = path.name.split("-")[1]
        if not (ident.isdigit() and is_running(int(ident))):
            with contextlib.suppress(OSError):
                path.unlink()


def is_running(process: int) -> bool:
    """Whether there is a process of that number that this listener may end."""
    try:
        os.kill(process, 0)
    except (OSError, ValueError, OverflowError):
        return False
    return True


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
