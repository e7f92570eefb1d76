"""From a request to what a transport plays: sound begins while the rest is still being spoken.

A session played as written is arranged again and again while its sentences become ready: positions
are sums, so what comes before the first missing one stands fast, but for the background, which is
turned down a little before the next words. A session fitted to a length waits for all of them.
How loud the whole is made is settled with what is given out first, so that it never changes while
it is heard; what is not spoken yet is taken to be as loud as any voice.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voiceguide.audio import RATE, Clip
from voiceguide.errors import LengthError, ScriptError
from voiceguide.plan import Options, Utterance
from voiceguide.plan.model import IntervalRun, Item, said
from voiceguide.player.playable import Playable
from voiceguide.session.pipeline import (
    Draft,
    Session,
    Spoken,
    arranged,
    complete,
    draft,
    speaking,
)
from voiceguide.session.request import Progress, Request, as_request, check_bare
from voiceguide.units import to_frames

if TYPE_CHECKING:
    from voiceguide.audio import Samples
    from voiceguide.audio.loudness import Floats

MARGIN = 7.0
"""Seconds before the first missing sentence in which the background may still change: its fades,
its ducking and the look-ahead of the limiter are shorter together."""
_FIRST = 4.0
"""Certain seconds with which a first score is given out."""
_AGAIN = 1.0
"""Least seconds between two scores."""

_PATIENCE = 3.0
"""Seconds for which a sentence that is being spoken is waited for at the end."""


class _Closed(Exception):
    """Nobody waits for the session any more."""


@dataclass(frozen=True, slots=True)
class _Guess:
    """A clip that is not spoken yet, as long as it may become."""

    frames: int
    channels: int = 1

    def energies(self) -> Floats:
        """As loud as any voice is made."""
        from voiceguide.audio.loudness import steady
        from voiceguide.audio.shape import CLIP_LUFS

        return steady(self.frames / RATE, CLIP_LUFS)

    def read(self, start: int, count: int) -> Samples:  # noqa: ARG002
        raise AssertionError("what is not spoken yet is never played")


class Preparation:
    """A session on its way; called, it gives what is known of it as a `Playable`.

    Attributes:
        draft: what it is made from.
        session: the session, once all of it is known, else None.
    """

    def __init__(self, made: Draft) -> None:
        self.draft = made
        self.session: Session | None = None
        self._progress: Progress | None = None
        self._known: Playable | None = None
        self._unspoken = 0
        self._error: BaseException | None = None
        self._changed = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="preparation", daemon=True)

    @classmethod
    def of(
        cls,
        what: Session | Request | str,
        options: Options | None = None,
        voice: str | None = None,
        speed: float = 1.0,
        mono: bool = False,
    ) -> Preparation:
        """Of a session, which is known at once, or of what `compile` takes to make one.

        Raises:
            VoiceguideError: as `draft`.
        """
        if not isinstance(what, Session):
            return cls(draft(as_request(what, options, voice, speed, mono)))
        check_bare(options, voice, speed, mono)
        made = cls(what.draft)
        made.session = what
        made._publish(what, what.timeline.frames)
        return made

    def start(self, progress: Progress | None = None) -> None:
        """Begin to speak and to arrange."""
        if self.session is None:
            self._progress = progress
            self._thread.start()

    def first(self) -> Playable:
        """What is known first, as soon as there is enough to begin with.

        Raises:
            VoiceguideError: as `compile`.
        """
        with self._changed:
            # With a time limit, so that a signal is noticed on every system.
            while self._known is None and self._error is None:
                self._changed.wait(0.5)
        return self()

    def until(self, frame: int | None) -> Playable:
        """What is known, once the sound before a frame is certain, or (with None) all of it.

        Raises:
            VoiceguideError: as `compile`.
        """
        while True:
            known = self.first()
            if known.whole or (frame is not None and frame <= known.ready):
                return known
            with self._changed:
                if self._known is known and self._error is None:
                    self._changed.wait(0.5)

    def __call__(self) -> Playable:
        """What is known now.

        Raises:
            VoiceguideError: the session cannot be completed.
        """
        if self._error is not None:
            raise self._error
        assert self._known is not None
        return self._known

    def replace(self, session: Session) -> None:
        """Go on with another session, which equals this one up to what is heard now."""
        self.session = session
        self._publish(session, session.timeline.frames)

    def stop(self) -> None:
        """Leave unspoken what is not spoken yet."""
        self._stopped = True

    def close(self) -> None:
        """Stop, and wait for a sentence that is being spoken."""
        self.stop()
        if self._thread.is_alive():
            self._thread.join(_PATIENCE)

    def _report(self, stage: str, done: int, total: int) -> None:
        """Tell how far it is; nobody waits for what is left of it once it is closed."""
        if self._stopped:
            raise _Closed
        self._unspoken = total - done if stage == "speaking" else 0
        if self._progress is not None:
            self._progress(stage, done, total)

    def _publish(self, session: Session, ready: int) -> None:
        with self._changed:
            self._known = Playable(session.timeline, session.clips, ready)
            self._changed.notify_all()

    def _run(self) -> None:
        try:
            self.session = self._prepare()
            self._publish(self.session, self.session.timeline.frames)
        except BaseException as error:  # handed on to the one who plays
            with self._changed:
                self._error = error
                self._changed.notify_all()

    def _prepare(self) -> Session:
        made = self.draft
        # Fitted, on a sore side or lengthened, what comes later can move what came before.
        if made.length is not None or made.request.options.sore is not None or made.more:
            return complete(made, self._report)
        beginning = Beginning(made)
        voiced: dict[Utterance, Clip] = {}
        last = 0.0
        with speaking(made, beginning.order, self._report) as (voice, spoken):
            for utterance, clip in spoken:
                voiced[utterance] = clip
                # Cached sentences come by the hundred: there is no need to look at each. Where all
                # are there, the whole session is known at once, its loudness to the last digit.
                if not self._unspoken or (
                    self._known is not None and time.monotonic() - last < _AGAIN
                ):
                    continue
                gain = self._known.timeline.gain if self._known is not None else None
                if found := beginning.session(Spoken(voice, voiced), gain):
                    self._publish(*found)
                    last = time.monotonic()
        gain = self._known.timeline.gain if self._known is not None else None
        return arranged(made, Spoken(voice, voiced), gain=gain)


class Beginning:
    """What is certain of a session as written while only some of its sentences are spoken.

    Attributes:
        order: all that is said, in the order in which it is needed.
    """

    def __init__(self, made: Draft) -> None:
        self._draft = made
        self._items = made.plan.unfold(made.plan.usual)
        self._needed = _needs(self._items)
        self.order = list(dict.fromkeys(word for words in self._needed for word in words))

    def session(self, spoken: Spoken, gain: float | None = None) -> tuple[Session, int] | None:
        """The session with guesses for what is not spoken yet, and how many frames are certain.

        Args:
            gain: that of the session where it was settled before.

        Returns:
            None as long as that is too little to begin with.
        """
        speed = self._draft.request.voice_speed
        clips = {word: spoken.clips.get(word) or _guess(word, speed) for word in self.order}
        guessed = Spoken(spoken.voice, clips)
        try:
            ready = self._certain(spoken.clips, guessed.lengths) - round(MARGIN * RATE)
            if ready < _FIRST * RATE:
                return None
            session = arranged(self._draft, guessed, gain=gain)
        except (ScriptError, LengthError):
            return None  # the guesses may be at fault; the last arrangement tells
        return session, min(ready, session.timeline.frames - 1)

    def _certain(self, voiced: Mapping[Utterance, Clip], lengths: Mapping[Utterance, int]) -> int:
        """Where the first item stands whose length is not certain."""
        from voiceguide.timeline.measured import USUAL, measure_items

        measured = measure_items(self._items, lengths, self._draft.plan, RATE)
        at = 0
        for index, words in enumerate(self._needed):
            if not all(word in voiced for word in words):
                break
            at += measured.frames(index, USUAL)
        return at


def _needs(items: Iterable[Item]) -> list[tuple[Utterance, ...]]:
    """What has to be spoken before an item's place and length are certain.

    An interval is as long as its words need in any of its runs, so all of them count.
    """
    items = list(items)
    runs: dict[int, list[Utterance]] = {}
    for item in items:
        if isinstance(item, IntervalRun):
            runs.setdefault(item.cue, []).extend(said(item))
    return [tuple(runs[i.cue]) if isinstance(i, IntervalRun) else said(i) for i in items]


def _guess(utterance: Utterance, speed: float) -> _Guess:
    from voiceguide.speech.pace import guess

    return _Guess(to_frames(guess(utterance.spoken, speed), RATE))
