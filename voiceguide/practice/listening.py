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
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import TracebackType

from voiceguide.errors import UsageError, VoiceguideError
from voiceguide.player.events import Jumped, PlayerEvent, StateChanged
from voiceguide.player.playable import FINAL, Playable, Status, sentence_start
from voiceguide.player.player import Player
from voiceguide.practice.more import ENOUGH, LAST, LONGER, NOTHING, intervals, more_at
from voiceguide.practice.needs import drafted
from voiceguide.practice.places import HOW, LeftPlace
from voiceguide.practice.remembering import Outcome, Remembering
from voiceguide.session import Draft, Progress, Request
from voiceguide.session.playing import DeviceOpener
from voiceguide.units import Seconds, format_seconds

_KEEP = 5.0
"""Seconds between two times that the place is kept."""
_WRITTEN = 4.0
"""Seconds that a device may have been given ahead, and some."""
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
        if instead_of is not None and instead_of.place.added:
            more = {int(n): Seconds(s) for n, s in instead_of.place.added.items()}
            self.draft = replace(self.draft, more=more)
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
    def resumed_from(self) -> LeftPlace | None:
        """The place that is gone on from, or None."""
        return self._resumed

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

    @property
    def added(self) -> Mapping[int, float]:
        """Seconds on top of intervals, by their index."""
        session = self._preparation.session
        return session.more if session else {}

    def more(self) -> None:
        """Lengthen what runs now, or say why not; see `more`."""
        session, at = self._preparation.session, self.player.status().seconds
        if session is None:
            self.player.note("one moment: the voice is still being prepared")
            return
        found = more_at(session, at)
        if found is None or not found.seconds:
            self.player.note(NOTHING if found is None else ENOUGH)
            return
        end = intervals(session.timeline)[found.interval].end / session.timeline.format.rate
        self._preparation.replace(session.extended(found.interval, found.seconds))
        if end - at < _WRITTEN:  # what comes after it is in the device already
            self.player.seek(at)
        self.player.note(LONGER if found.left > found.seconds else LAST)

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
    """Follows a player, and has remembered what it plays."""

    def __init__(self, listening: Listening) -> None:
        self._listening = listening
        self._remembering = Remembering(listening.draft, listening.resumed_from)
        self._last = listening.place(listening.player.status())
        self._kept = time.monotonic()

    def note(self, event: PlayerEvent) -> None:
        """Count what is heard; keep the place now and then."""
        at = max(0.0, event.seconds)
        if not isinstance(event, Jumped):
            self._remembering.heard(self._last, at)
        self._last = at
        changed = isinstance(event, StateChanged) and event.state not in FINAL
        if changed or time.monotonic() - self._kept >= _KEEP:
            self.keep()

    def keep(self) -> None:
        """Keep the place for whoever resumes."""
        status, listening = self._listening.player.status(), self._listening
        playback = replace(listening.playback, volume=status.volume)
        how = {name: getattr(playback, name) for name in HOW}
        self._kept = time.monotonic()
        self._remembering.keep(
            listening.place(status), status.timeline, how, status.length, listening.added
        )

    def close(self, error: VoiceguideError | None) -> Outcome:
        """Keep the place or forget it, and write the journal."""
        status = self._listening.player.status()
        if status.state != "ended":
            self.keep()
        return self._remembering.close(
            status.state,
            self._listening.place(status),
            status.length,
            pain_before=self._listening.pain_before,
            error=error,
        )


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
