"""Listening to a session: from a request to what is heard, and what is remembered of it.

    with Listening(request) as listening:
        listening.prepare()
        listening.player.subscribe(print)
        listening.begin()
        listening.player.wait()
        outcome = listening.end()

Meanwhile the place is kept for `resume`, media keys work, and the machine does not sleep; at the
end what was heard goes into the journal. Nothing is asked or shown here: `safety.needed` says what
has to be shown before a first session.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType

from voiceguide.errors import UsageError, VoiceguideError
from voiceguide.player.events import Jumped, PlayerEvent, StateChanged
from voiceguide.player.playable import FINAL, Playable, State, Status, sentence_start
from voiceguide.player.player import Player
from voiceguide.practice.heard import Heard
from voiceguide.practice.needs import drafted
from voiceguide.practice.places import HOW, KeptPlace, LeftPlace, Place
from voiceguide.session import Draft, Progress, Request
from voiceguide.session.playing import DeviceOpener
from voiceguide.units import format_seconds

_KEEP = 5.0
"""Seconds between two times that the place is kept."""
_WORTH = 30.0
"""Seconds from which on a session is worth a line in the journal."""
_LETTING_GO = 2.0
"""Seconds for which the end of the sound is waited for."""


@dataclass(frozen=True, slots=True)
class Playback:
    """How a session is played.

    Attributes:
        player, device: by name, or None for the best and the system's choice.
        volume: in per cent.
        start_in: seconds counted down before it, 1 to 600, or None.
    """

    player: str | None = None
    device: str | None = None
    volume: int = 100
    start_in: float | None = None


@dataclass(frozen=True, slots=True)
class StartAt:
    """Where a session begins: at one of the two.

    Attributes:
        step: number of a step, from 1.
        seconds: of the session.
        at_sentence: whether a sentence that lies across them is said from its beginning.
    """

    step: int | None = None
    seconds: float = 0.0
    at_sentence: bool = False

    def find(self, whole: Playable) -> float:
        """The place in a session, in seconds.

        Raises:
            UsageError: it has no such place.
        """
        timeline = whole.timeline
        rate, chapters = timeline.format.rate, timeline.chapters
        if self.step is not None:
            if not 1 <= self.step <= len(chapters):
                raise UsageError(f"there is no step {self.step}: the session has {len(chapters)}")
            return chapters[self.step - 1].start / rate
        total = timeline.frames / rate
        if self.at_sentence:
            frame = max(0, min(round(self.seconds * rate), timeline.frames - 1))
            return sentence_start(timeline, frame) / rate
        if self.seconds >= total:
            raise UsageError(
                f"the session lasts {format_seconds(total)}: "
                f"it cannot begin at {format_seconds(self.seconds)}"
            )
        return self.seconds


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


class Listening:
    """One session that is listened to.

    Attributes:
        request, playback: what is heard, and how.
        draft: the session, planned.
        note: what the listener should know, or None.
        pain_before: how the pain is, 0 to 10, for the journal; set before the end.
    """

    def __init__(
        self,
        request: Request,
        playback: Playback | None = None,
        start: StartAt | None = None,
        *,
        instead_of: LeftPlace | None = None,
    ) -> None:
        """Load a session and open the device, before anything is spoken.

        Args:
            start: where it begins, or None for the beginning, which starts sooner.
            instead_of: the place that is gone on from; nobody else can do so once it plays.

        Raises:
            VoiceguideError: it cannot be made, or there is no such player or device.
        """
        self.playback = playback or Playback()
        self.draft: Draft = drafted(request)
        self.request = self.draft.request
        self._start = start
        self._resumed = instead_of
        self._device = DeviceOpener(request.format, self.playback.player, self.playback.device)
        self._stack = contextlib.ExitStack()
        self._stack.callback(self._device.close)
        self._player: Player | None = None
        self._begins_at = 0.0
        self._record: _Record | None = None
        self.note: str | None = None
        self.pain_before: int | None = None

    def __enter__(self) -> Listening:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop, and let go of everything."""
        self._stack.close()

    @property
    def heard_before(self) -> tuple[float, float]:
        """Up to where it was heard when it was left, and how much of that was skipped; seconds."""
        place = self._resumed.place if self._resumed else None
        return (place.seconds, place.missed) if place else (0.0, 0.0)

    @property
    def title(self) -> str:
        """With the tool that was chosen."""
        return self.draft.title

    @property
    def player(self) -> Player:
        """What plays it, once it is prepared."""
        assert self._player is not None, "it is prepared first"
        return self._player

    @property
    def voice(self) -> str | None:
        """The engine that speaks, once all is spoken."""
        session = self._preparation.session
        return session.voice if session else None

    def prepare(self, progress: Progress | None = None) -> None:
        """Speak as much as playing needs to begin.

        Raises:
            VoiceguideError: it cannot be made, or has no such place to start at.
        """
        from voiceguide.session.lead import make_lead
        from voiceguide.session.preparation import Preparation

        preparation = self._stack.enter_context(contextlib.closing(Preparation(self.draft)))
        self._preparation = preparation
        preparation.start(progress)
        preparation.first()
        if self._start is not None:
            self._begins_at = self._start.find(preparation.until(None))
        start_in = self.playback.start_in
        lead = make_lead(self.draft, start_in) if start_in else None
        self.note = preparation.session.note if preparation.session else None
        player = Player(
            preparation,
            self._device,
            start=self._begins_at,
            lead=lead,
            volume=self.playback.volume,
            device=self._device.take_first(),
        )
        self._player = self._stack.enter_context(player)

    def begin(self) -> None:
        """Play, and remember it from now on."""
        from voiceguide.player.awake import kept_awake
        from voiceguide.player.media_keys import open_media_keys

        self._record = record = _Record(self)
        record.keep()
        if self._resumed is not None:
            self._resumed.take()
        self._stack.callback(self.player.subscribe(record.note))
        self._stack.enter_context(kept_awake())
        self._stack.enter_context(open_media_keys(self.player, self.title))
        self.player.start()

    def keep(self) -> None:
        """Keep the place now, for instance before the program is stopped."""
        if self._record is not None:
            self._record.keep()

    def end(self) -> Outcome:
        """Stop if it still plays, keep the place or forget it, and write the journal."""
        assert self._record is not None, "it has begun"
        error: VoiceguideError | None = None
        self.player.stop()
        try:
            self.player.wait(_LETTING_GO)
        except VoiceguideError as wrong:
            error = wrong
        return self._record.close(error)

    def place(self, status: Status) -> float:
        """Seconds of the session; while something leads in, where it begins."""
        return status.seconds if status.seconds >= 0 else self._begins_at


class _Record:
    """What is remembered of a session while it plays."""

    def __init__(self, listening: Listening) -> None:
        self._listening = listening
        self._request = _absolute(listening.draft)
        self._place = KeptPlace()
        self._lock = threading.Lock()
        self._heard = 0.0
        self._parts = Heard(*listening.heard_before)
        self._last = listening.place(listening.player.status())
        self._kept = time.monotonic()
        self._started = datetime.now().astimezone()
        self._began = time.monotonic()

    def note(self, event: PlayerEvent) -> None:
        """Count what is heard; keep the place now and then."""
        at = max(0.0, event.seconds)
        if not isinstance(event, Jumped) and at > self._last:
            self._heard += at - self._last
            self._parts.add(self._last, at)
        self._last = at
        changed = isinstance(event, StateChanged) and event.state not in FINAL
        if changed or time.monotonic() - self._kept >= _KEEP:
            self.keep()

    def keep(self) -> None:
        """Keep the place for whoever resumes."""
        status, listening = self._listening.player.status(), self._listening
        seconds = listening.place(status)
        rate = status.timeline.format.rate
        chapter = next(
            (c for c in status.timeline.chapters if c.end > round(seconds * rate)),
            status.timeline.chapters[-1],
        )
        playback = replace(listening.playback, volume=status.volume)
        place = Place(
            request=self._request,
            how={name: getattr(playback, name) for name in HOW},
            track=_track_of(listening.draft),
            title=listening.title,
            step=chapter.title,
            seconds=seconds,
            missed=self._parts.missed(seconds),
            of=status.length,
            when=time.time(),
        )
        with self._lock:
            self._kept = time.monotonic()
            self._place.save(place)

    def close(self, error: VoiceguideError | None) -> Outcome:
        """Keep the place or forget it, and write the journal."""
        status = self._listening.player.status()
        ended = status.state == "ended"
        if ended:
            self._place.forget(_track_of(self._listening.draft))
        else:
            self.keep()
            self._place.close()
        outcome = Outcome(
            status.state,
            self._listening.place(status),
            status.length,
            self._heard,
            ended and self._parts.all_of(status.length),
            not_kept=self._place.problem,
            error=error,
        )
        if self._heard < _WORTH and not ended:
            return outcome
        try:
            return replace(outcome, number=self._write(outcome))
        except VoiceguideError as wrong:  # the session was heard all the same
            return replace(outcome, not_recorded=str(wrong))

    def _write(self, outcome: Outcome) -> int:
        from voiceguide.practice.journal import Journal

        made = self._listening.draft
        tools = made.loaded.script.front.tools
        track, options = made.loaded.track, made.request.options
        # A clock that was put right meanwhile changes nothing.
        lasted = timedelta(seconds=time.monotonic() - self._began)
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
                pain_before=self._listening.pain_before,
            )


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
    from voiceguide.errors import NotFoundError
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


def resumed(
    left: LeftPlace,
    *,
    player: str | None = None,
    device: str | None = None,
    volume: int | None = None,
) -> Listening:
    """A session that was left, from where it was left, with its options.

    Args:
        left: one of `places.left`.
        player, device, volume: in place of what it was played with.

    Raises:
        VoiceguideError: as `Listening`, or what was kept cannot be used.
    """
    place = left.place
    kept = Playback(**place.how)
    playback = replace(
        kept,
        player=player or kept.player,
        device=device or kept.device,
        volume=kept.volume if volume is None else volume,
    )
    start = StartAt(seconds=place.seconds, at_sentence=True)
    return Listening(place.request, playback, start, instead_of=left)
