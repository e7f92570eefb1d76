"""The sessions that are being made or heard: each rendered once, whoever asks for it.

A session's name follows from all that decides its sound, so that the page finds it again after the
server was started anew. What nobody hears is let go: a rendering that isn't whole after seconds, a
whole one when room is needed.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Iterator, Mapping

from voiceguide.errors import VoiceguideError
from voiceguide.page.sessions import to_dict
from voiceguide.practice.places import LeftPlace
from voiceguide.practice.remembering import Outcome, Remembering, left_near
from voiceguide.session import Draft, Growing, Session
from voiceguide.session.pipeline import arranged, complete
from voiceguide.units import Seconds
from voiceguide.web import rendered

UNHEARD = 10.0
"""Seconds after which a rendering that nobody reads ends."""
_SILENT = 90.0
"""Seconds without a word from the page after which its place can be resumed elsewhere."""
_GIVEN_UP = 1800.0
"""Seconds without a word after which what was heard is written down as a session that was left."""
_USUAL = {"player": None, "device": None, "volume": 100}


class LetGoError(VoiceguideError):
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
        self._listeners: dict[str, _Listener] = {}
        self._lock = threading.Lock()
        self.changed = threading.Condition()

    @property
    def done(self) -> bool:
        """Whether there is a session, or none will come."""
        return self.session is not None or self.error is not None

    def progress(self, _: str, done: int, total: int) -> None:
        """Called while sentences are spoken; ends that where nobody waits for them any more."""
        if self._stopped:
            raise LetGoError("this session was let go: open it again")
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
                self.error = LetGoError("this session was let go: open it again")
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
                self._growing = Growing(self.session, folder=rendered.folder())
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
        if not self.done and not self._waiting and now - self.used > UNHEARD:
            self.stop()
        with self._lock:
            growing = self._growing
            unheard = growing is not None and not self._readers and now - self._read > UNHEARD
            if growing is not None and unheard and growing.done < growing.size:
                self._growing = None
            else:
                growing = None
        if growing is not None:
            growing.close()
        for key, listener in list(self._listeners.items()):
            if now - listener.told > _GIVEN_UP:
                self._leave(key)
            elif now - listener.told > _SILENT and not listener.released:
                listener.released = True
                listener.remembering.release()

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
            player: which page's it is; two that play the same session are two times.
        """
        assert self.session is not None
        key = player or ""
        with self._lock:
            listener = self._listeners.get(key)
            fallen_silent = [k for k, other in self._listeners.items() if other.released]
        if listener is None:
            for other in fallen_silent:  # whose place may be gone on from now
                self._leave(other)
            first = min((start for start, _ in stretches), default=at)
            resumed = resumed or left_near(self.draft, first, self.session.more)
            with self._lock:
                made = _Listener(Remembering(self.draft, resumed))
                listener = self._listeners.setdefault(key, made)
            if listener is made and resumed is not None:
                resumed.take()
        listener.released, listener.told = False, time.monotonic()
        for start, end in stretches:
            listener.remembering.heard(start, min(end, self.session.seconds))
        listener.remembering.keep(
            at, self.session.timeline, _USUAL, self.session.seconds, self.session.more
        )

    def end(
        self, *, ended: bool, at: float, pain_before: int | None, player: str | None = None
    ) -> Outcome | None:
        """Write the journal for one page; None where nothing of it was heard."""
        listener = self._taken(player)
        if listener is None or self.session is None:
            return None
        state = "ended" if ended else "left"
        return listener.remembering.close(
            state,  # type: ignore[arg-type]
            at,
            self.session.seconds,
            pain_before=pain_before,
        )

    def move(self, other: Live, player: str | None = None) -> None:
        """What was remembered of one page goes on in another session."""
        if other is self or (listener := self._taken(player)) is None:
            return
        key = player or ""
        other._leave(key)  # what was remembered of it before is another time
        listener.remembering.goes_on_as(other.draft)
        listener.told = time.monotonic()
        with other._lock:
            other._listeners[key] = listener

    def leave(self) -> None:
        """Leave the places to whoever resumes, and write down what was heard."""
        for key in list(self._listeners):
            self._leave(key)

    def _leave(self, key: str) -> None:
        with contextlib.suppress(VoiceguideError):
            self.end(ended=False, at=0.0, pain_before=None, player=key)

    def _taken(self, player: str | None) -> _Listener | None:
        """Whom a page's key means, taken out; a page that gives none means the only one there is."""
        with self._lock:
            if player is None and len(self._listeners) == 1:
                return self._listeners.popitem()[1]
            return self._listeners.pop(player or "", None)


class _Listener:
    """One page that plays a session.

    Attributes:
        told: when it was heard from last, by `time.monotonic`.
        released: whether its place can be resumed elsewhere.
    """

    def __init__(self, remembering: Remembering) -> None:
        self.remembering = remembering
        self.told = 0.0
        self.released = False
