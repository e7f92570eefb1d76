"""What is remembered of a session while it is listened to, whichever door it is heard through.

The place is kept for `resume` as it goes; at the end what was heard goes into the journal.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from voiceguide.errors import NotFoundError, VoiceguideError
from voiceguide.player.playable import State
from voiceguide.practice.heard import Heard
from voiceguide.practice.places import KeptPlace, LeftPlace, Place
from voiceguide.session import Draft, Request
from voiceguide.timeline import Timeline

_WORTH = 30.0
"""Seconds from which on a session is worth a line in the journal."""
_NEAR = 15.0
"""Seconds between a place that was left and where the same session is heard again."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a session went.

    Attributes:
        state: `ended`, `left` or `failed`.
        seconds, length: the place, and the session's length as it was known.
        heard: seconds that were played, whichever they were.
        finished: whether it came to its end, and all but a tenth of it was heard.
        number: of its line in the journal, or None.
        not_kept: why the place is not kept, or None.
        not_recorded: why there is no line in the journal though there should be one, or None.
        error: what went wrong, or None.
    """

    state: State
    seconds: float
    length: float
    heard: float
    finished: bool = False
    number: int | None = None
    not_kept: str | None = None
    not_recorded: str | None = None
    error: VoiceguideError | None = None


class Remembering:
    """Remembers one session, from its first sound to its end.

    Args:
        draft: the session, planned.
        resumed: the place that is gone on from, or None.
    """

    def __init__(self, draft: Draft, resumed: LeftPlace | None = None) -> None:
        self._draft = draft
        self._request = _absolute(draft)
        self._track = _track_of(draft)
        self._place = KeptPlace()
        self._lock = threading.Lock()
        self._closed = False
        self._heard = 0.0
        before = resumed.place if resumed else None
        self._parts = Heard(*((before.seconds, before.missed) if before else (0.0, 0.0)))
        self._started = datetime.now().astimezone()
        self._began = self._last = time.monotonic()

    def goes_on_as(self, draft: Draft) -> None:
        """From here on it is another session, such as one with the other side first."""
        with self._lock:
            self._draft, self._request = draft, _absolute(draft)

    def heard(self, start: float, end: float) -> None:
        """A stretch of the session was played, in seconds."""
        if end > start:
            with self._lock:
                self._last = time.monotonic()
                self._heard += end - start
                self._parts.add(start, end)

    def keep(
        self,
        seconds: float,
        timeline: Timeline,
        how: Mapping[str, Any],
        length: float,
        added: Mapping[int, float] | None = None,
    ) -> None:
        """Keep the place for whoever resumes; once it is closed, nothing is kept any more.

        Args:
            how: player, device and volume, as in `places.HOW`.
            length: of the session as far as it is known, in seconds.
            added: seconds on top of intervals, by their index.
        """
        frame = round(seconds * timeline.format.rate)
        chapter = next((c for c in timeline.chapters if c.end > frame), timeline.chapters[-1])
        with self._lock:
            if self._closed:  # by another thread: the place that was left or forgotten stands
                return
            self._place.save(
                Place(
                    request=self._request,
                    how=dict(how),
                    track=self._track,
                    title=self._draft.title,
                    step=chapter.title,
                    seconds=seconds,
                    missed=self._parts.missed(seconds),
                    of=length,
                    when=time.time(),
                    added={str(number): float(more) for number, more in (added or {}).items()},
                )
            )

    def release(self) -> None:
        """Let others resume from the place that was kept, and go on all the same with `keep`."""
        with self._lock:
            self._place.close()

    def close(
        self,
        state: State,
        seconds: float,
        length: float,
        *,
        pain_before: int | None = None,
        error: VoiceguideError | None = None,
    ) -> Outcome:
        """Forget the place where the session ended, else leave it; write the journal.

        A session that was left is kept first: see `keep`.
        """
        ended = state == "ended"
        with self._lock:
            self._closed = True
            if ended:
                self._place.forget(self._track)
            else:
                self._place.close()
        outcome = Outcome(
            state,
            seconds,
            length,
            self._heard,
            ended and self._parts.all_of(length),
            not_kept=self._place.problem,
            error=error,
        )
        if self._heard < _WORTH and not ended:
            return outcome
        try:
            return replace(outcome, number=self._write(outcome, pain_before))
        except VoiceguideError as wrong:  # the session was heard all the same
            return replace(outcome, not_recorded=str(wrong))

    def _write(self, outcome: Outcome, pain_before: int | None) -> int:
        from voiceguide.practice.journal import Journal

        made = self._draft
        tools = made.loaded.script.front.tools
        track, options = made.loaded.track, made.request.options
        # A clock that was put right meanwhile changes nothing.
        until = time.monotonic() if outcome.state == "ended" else self._last
        lasted = timedelta(seconds=until - self._began)
        with Journal() as journal:
            return journal.record(
                started=self._started,
                ended=self._started + lasted,
                track=track.name if track else Path(made.request.name).stem,
                side=options.side,
                tool=options.tool or (tools[0] if tools else None),
                seconds=self._heard,
                completed=outcome.finished,
                skipped=outcome.state == "ended" and not outcome.finished,
                pain_before=pain_before,
            )


def left_near(draft: Draft, seconds: float, added: Mapping[int, float]) -> LeftPlace | None:
    """A place of this very session that was left just before a moment of it, or None."""
    from voiceguide.practice import places

    request = _absolute(draft)
    more = {str(number): float(value) for number, value in added.items()}
    for entry in places.left():
        place = entry.place
        if (
            place.request == request
            and place.added == more
            and abs(place.seconds - seconds) < _NEAR
        ):
            return entry
    return None


def say_pain(number: int, after: int) -> None:
    """Write down how the pain is after a session.

    Args:
        number: of its line in the journal.
        after: 0 to 10.

    Raises:
        VoiceguideError: it cannot be written.
    """
    from voiceguide.practice.journal import Journal

    with Journal() as journal:
        journal.say_pain(number, after=after)


def track_key(name: str) -> str:
    """For what a place is kept: a shipped track's name, or the path of the listener's own script.

    Args:
        name: of a track, or a script file's path.
    """
    from voiceguide.library.tracks import find

    with contextlib.suppress(NotFoundError):
        track = find(name)
        return track.name if track.origin == "built-in" else os.path.realpath(track.path)
    return os.path.realpath(name)


def _track_of(made: Draft) -> str:
    track = made.loaded.track
    return track_key(f"{track.origin}/{track.name}" if track else made.request.name)


def _absolute(made: Draft) -> Request:
    """A request that means the same in every working folder."""
    request, options = made.request, made.request.options
    with contextlib.suppress(OSError):  # the working folder is gone
        if made.loaded.track is None:
            request = replace(request, name=str(Path(request.name).absolute()))
        sound = options.background
        if sound is not None and os.path.isfile(sound):  # noqa: PTH113 - pathlib's raises
            options = replace(options, background=str(Path(sound).absolute()))
    return replace(request, options=options)
