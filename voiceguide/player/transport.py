"""Feeding a device: what is heard, where it is, and what an order does to it.

A `Transport` feeds a device from a thread of its own, from the same mixer as an export. A seek is
a new row of blocks; a pause lets go of the device, and what it cut is said again from the start
of its sentence. Frames are those of the session; what leads in before it has frames below 0.
`Player` is the way in for everybody else.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from voiceguide.errors import SinkError, VoiceguideError
from voiceguide.player.playable import (
    FINAL,
    Playable,
    State,
    Status,
    chapter_at,
    sentence_start,
)
from voiceguide.player.watch import Look
from voiceguide.sinks.devices import FADE, LOUDEST, PREFILL, Device

if TYPE_CHECKING:
    from voiceguide.audio import Samples

SKIP = 15.0
"""Seconds that a key skips."""
VOLUME_STEP = 5
"""Per cent that a key changes."""
LOUDEST_PERCENT = round(100 * LOUDEST)
_TURN = 0.1
_AGAIN = 1.0
"""Seconds between two tries to open a device that was lost."""
_PROVED = 0.5
"""Seconds that have to be heard before a device counts as back."""
_JUST_BEGUN = 3.0
"""Within so many seconds of a step, "previous" means the step before it."""
_ENOUGH = 3.0
"""Seconds of certain sound with which playing begins, or begins again."""
_TELLING = 4.0
"""Seconds for which something is told while the session plays on."""
_SPEAKING = "the voice is still being prepared"

OpenDevice = Callable[[int | None], Device]
"""Opens the device; takes the most frames that will be written, or None where it is not known."""


class Transport:
    """One session being played; every method may be called from any thread.

    Attributes:
        silent: set while no device is held.
    """

    def __init__(
        self,
        known: Callable[[], Playable],
        open_device: OpenDevice,
        *,
        start: int = 0,
        lead: Playable | None = None,
        volume: int = 100,
        device: Device | None = None,
        tell: Callable[[Look], None] = lambda _: None,
    ) -> None:
        """
        Args:
            known: gives what is known now; the same object as long as nothing changed.
            open_device: called whenever playing begins.
            start: the first frame of the session.
            lead: what is heard before it, or None.
            volume: in per cent.
            device: one that is open already, for the first start.
            tell: called on the thread that plays whenever something else than the place
                changed; it must return at once.
        """
        self._known_now = known
        self._tell = tell
        self._told_of: tuple[object, ...] = ()
        self._open_device = open_device
        self._lead = lead
        self._leading = lead is not None
        self._start = start
        self._volume = volume
        self._device = device
        self._orders: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._lock = threading.RLock()
        self._done = threading.Event()
        self._state: State = "waiting"
        self._notice: str | None = None
        self._error: BaseException | None = None
        self._jumps = 0
        # The next frame to be written, and where playing goes on after it stood still.
        self._at = -lead.timeline.frames if lead else start
        self._again_at = self._at
        # The session's frame that the device's frame `_device_base` is.
        self._base = self._at
        self._device_base = 0
        self._chapter_wanted: int | None = None
        self._blocks: Iterator[Samples] | None = None
        self._held: Samples | None = None
        self._blocks_of: Playable | None = None
        self._begun = False
        self._next_try = self._told = 0.0
        self._known = known()
        self.silent = threading.Event()
        if device is None:
            self.silent.set()
        self._thread = threading.Thread(target=self._run, name="transport", daemon=True)

    # For whoever plays

    def start(self) -> None:
        """Begin to play."""
        self._thread.start()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end; whether it has come.

        Raises:
            VoiceguideError: playing failed.
        """
        if not self._done.wait(timeout):
            return False
        if self._error is not None:
            raise self._error
        return True

    @property
    def over(self) -> bool:
        """Whether it has ended, and let go of everything."""
        return self._done.is_set()

    def join(self, timeout: float) -> None:
        """Wait some seconds for the end, however it comes."""
        self._done.wait(timeout)

    def look(self) -> Look:
        """What it does now."""
        with self._lock:
            timeline = self._known.timeline
            status = Status(
                self._state,
                self._frame() / timeline.format.rate,
                self._volume,
                self._jumps,
                self._notice,
                timeline,
                self._known.whole,
            )
            return Look(status, self._error)

    @property
    def rate(self) -> int:
        """Frames of a second."""
        return self._known.timeline.format.rate

    def discard(self) -> None:
        """Stop what was never started."""
        self._state = "left"
        self._drop()
        self._done.set()

    def pause(self) -> None:
        """Stand still."""
        self._orders.put(self._pause)

    def resume(self) -> None:
        """Play on."""
        self._orders.put(self._resume)

    def toggle(self) -> None:
        """Pause, or play on."""
        self._orders.put(lambda: self._resume() if self._state == "paused" else self._pause())

    def skip(self, seconds: float) -> None:
        """Go forward or back."""
        self._orders.put(lambda: self._seek(self._frame() + round(seconds * self.rate)))

    def seek(self, frame: int) -> None:
        """Go to a frame."""
        self._orders.put(lambda: self._seek(frame))

    def step(self, by: int) -> None:
        """Go some chapters on; back is to where this one begins, unless it has just begun."""
        self._orders.put(lambda: self._step(by))

    def set_volume(self, percent: int) -> None:
        """Change the volume, 0 to 130 per cent."""
        self._orders.put(lambda: self._set_volume(percent))

    def louder(self, percent: int) -> None:
        """Change the volume by so many per cent."""
        self._orders.put(lambda: self._set_volume(self._volume + percent))

    def note(self, text: str) -> None:
        """Show a sentence for a while."""

        def noted() -> None:
            self._notice, self._told = text, time.monotonic()

        self._orders.put(noted)

    def leave(self) -> None:
        """Fade out and stop for good."""
        self._orders.put(self._leave)

    # The thread; it alone changes anything

    def _run(self) -> None:
        try:
            while self._state not in FINAL:
                self._known = self._known_now()
                self._announce()
                if self._state == "playing":
                    self._guarded(self._feed)
                elif self._state == "waiting":
                    self._guarded(self._go_on)
                elif self._state == "lost":
                    self._guarded(self._reconnect)
                self._announce()
                self._obey()
        except BaseException as error:  # handed on to the one who waits
            self._place(self._frame())
            self._error = error
            self._state = "failed"
        finally:
            self._drop()
            self._announce()
            self._done.set()

    def _announce(self) -> None:
        """Tell of what changed since the last time."""
        now = (self._state, self._notice, self._volume, self._jumps, id(self._known))
        if now != self._told_of:
            self._told_of = now
            self._tell(self.look())

    def _obey(self) -> None:
        """Do what was asked for, or wait a little for it."""
        try:
            order = self._orders.get(timeout=_TURN)
            while True:
                if self._state not in FINAL:
                    self._guarded(order)
                self._announce()
                order = self._orders.get_nowait()
        except queue.Empty:
            return

    def _guarded(self, action: Callable[[], None]) -> None:
        try:
            action()
        except SinkError as error:
            # That there is no device at all is told at once; later it is waited for.
            if not self._begun:
                raise
            self._on_lost(str(error))

    def _frame(self) -> int:
        """The frame that is heard now."""
        with self._lock:
            if self._device is None:
                return self._base
            heard = self._base + max(0, self._device.heard - self._device_base)
            return min(heard, self._at)

    def _place(self, frame: int, device_frame: int = 0, again: int | None = None) -> None:
        """Go on writing at a frame, which is a frame of the device."""
        with self._lock:
            self._at = self._base = frame
            self._device_base = device_frame
        self._again_at = frame if again is None else again
        self._blocks = self._held = None

    def _open(self) -> None:
        if self._device is None:
            known = self._known
            most = known.timeline.frames - self._again_at if known.whole else None
            device = self._open_device(most)
            self.silent.clear()
            with self._lock:
                self._device, self._device_base = device, 0
        assert self._device is not None
        self._device.gain = self._volume / 100

    def _drop(self) -> None:
        with self._lock:
            device, self._device = self._device, None
        if device is not None:
            device.abort()
        self.silent.set()

    def _ready(self, seconds: float) -> bool:
        """Whether so many seconds are certain from here on."""
        return self._known.whole or self._at + round(seconds * self.rate) <= self._known.ready

    # Playing

    def _go_on(self) -> None:
        """Begin to play, as soon as there is enough to play."""
        if self._chapter_wanted is not None:
            chapters = self._known.timeline.chapters
            chapter = chapters[min(self._chapter_wanted, len(chapters) - 1)]
            self._place(chapter.start, self._device_base)
        if not self._ready(_ENOUGH):
            self._notice = _SPEAKING
            return
        self._chapter_wanted = None
        self._open()
        self._place(min(self._again_at, self._known.timeline.frames), self._device_base)
        self._state, self._notice, self._begun = "playing", None, True
        self._feed()

    def _feed(self) -> None:
        """Write as much as there is room for."""
        device = self._device
        assert device is not None
        device.check()
        if self._state == "playing" and self._notice and time.monotonic() - self._told > _TELLING:
            self._notice = None
        while self._orders.empty():
            if self._at >= self._known.timeline.frames and self._known.whole:
                self._near_end(device)
                return
            if self._leading and self._at == 0:
                if self._start and self._frame() < 0:  # the lead is written, but not yet heard
                    return
                self._leading = False
                if self._start:
                    self._seek(self._start)
                    return
            if self._held is None:
                self._held = self._next_block()
            if self._held is None:
                self._near_gap(device)
                return
            if device.room < len(self._held):
                return
            device.write(self._held)
            with self._lock:
                self._at += len(self._held)
            self._held = None

    def _next_block(self) -> Samples | None:
        """The block at `_at`, or None where it is not certain yet."""
        from voiceguide.mix import QUANTUM, blocks

        leading = self._lead if self._at < 0 else None
        known = leading or self._known
        if not known.whole and self._at + QUANTUM > known.ready:
            return None
        if self._blocks is None or self._blocks_of is not known:
            start = self._at + (leading.timeline.frames if leading else 0)
            self._blocks = blocks(known.timeline, known.clips, start=start)
            self._blocks_of = known
        return next(self._blocks)

    def _near_end(self, device: Device) -> None:
        """All is written; what is left in the device is waited for when it is little."""
        if self._at - self._frame() > PREFILL * self.rate:
            return
        device.close()
        with self._lock:
            self._place(self._at)
            self._device = None
        self._state = "ended"

    def _near_gap(self, device: Device) -> None:
        """Words are not spoken in time: fade out before the sound breaks off."""
        if self._at - self._frame() <= PREFILL * self.rate:
            self._stand(device)
            self._state, self._notice = "waiting", _SPEAKING

    def _stand(self, device: Device) -> None:
        """Fade out; a sentence that is cut is said again when playing goes on."""
        cut = device.cut()
        frame = self._base + max(0, cut - self._device_base)
        again = self._sentence_start(frame, round(FADE * self.rate) + 1)
        self._place(frame, cut, again)

    def _sentence_start(self, frame: int, slack: int = 0) -> int:
        if frame < 0 and self._lead is not None:
            lead = self._lead.timeline
            return sentence_start(lead, frame + lead.frames, slack) - lead.frames
        return sentence_start(self._known.timeline, frame, slack)

    # Orders

    def _halt(self, announce: bool = False) -> None:
        """Fade out, let the device play what it has, and let go of it, which takes a while."""
        with self._lock:
            device, was = self._device, self._state
            if device is not None:
                self._stand(device)
            self._device, self._state, self._notice = None, "paused", None
        if announce:
            self._announce()
        if device is not None and was == "playing":
            device.close()
        elif device is not None:
            device.abort()
        self.silent.set()

    def _pause(self) -> None:
        if self._state != "paused":
            self._halt(announce=True)

    def _resume(self) -> None:
        if self._state == "paused":
            self._state = "waiting"

    def _seek(self, frame: int, chapter: int | None = None) -> None:
        first = -self._lead.timeline.frames if self._lead and self._frame() < 0 else 0
        if self._leading and frame >= 0:
            frame += self._start
        frame = max(first, min(frame, self._known.timeline.frames))
        self._leading = frame < 0
        if self._device is not None:
            self._stand(self._device)
        with self._lock:  # nobody sees the new place without the jump
            self._place(frame, self._device_base)
            self._jumps += 1
        if self._state != "lost":
            self._notice = None
        self._chapter_wanted = chapter if not self._ready(0) else None
        if self._state == "paused":
            self._again_at = self._sentence_start(frame)
        elif self._state == "playing" and not self._ready(_ENOUGH):
            self._state = "waiting"

    def _step(self, by: int) -> None:
        chapters = self._known.timeline.chapters
        frame = self._frame()
        if frame < 0 and self._lead is not None:  # a step before the first one
            self._seek(0 if by > 0 else -self._lead.timeline.frames)
            return
        here = chapter_at(self._known.timeline, frame)
        begun = frame - chapters[here].start > _JUST_BEGUN * self.rate
        wanted = here + by + (1 if by < 0 and begun else 0)
        if wanted >= len(chapters):
            self._notice, self._told = "this is the last step", time.monotonic()
            return
        wanted = max(0, wanted)
        self._seek(chapters[wanted].start, wanted)

    def _set_volume(self, percent: int) -> None:
        self._volume = max(0, min(LOUDEST_PERCENT, percent))
        if self._device is not None:
            self._device.gain = self._volume / 100

    def _leave(self) -> None:
        try:
            self._halt()
        finally:
            self._state = "left"

    # A device that goes away

    def _on_lost(self, reason: str) -> None:
        if self._state not in ("paused", "left"):
            # Before the device is let go, which takes a while: the place is asked for meanwhile.
            frame = self._frame()
            self._place(frame, 0, self._sentence_start(frame))
            # One that is lost again at once was not back: it is not tried without a rest.
            again = _AGAIN if self._state == "lost" else 0.0
            self._state, self._next_try = "lost", time.monotonic() + again
            self._notice = f"{reason}: playing resumes when one is back"
            self._announce()
        self._drop()

    def _reconnect(self) -> None:
        """Try a device; some open, and play nothing: it is back once something was heard."""
        if self._device is None:
            if time.monotonic() < self._next_try:
                return
            if not self._ready(_ENOUGH):
                self._state = "waiting"
                return
            try:
                self._open()
            except VoiceguideError:
                self._next_try = time.monotonic() + _AGAIN
                return
            self._place(min(self._again_at, self._known.timeline.frames), self._device_base)
        self._feed()
        device = self._device  # gone, where this was the end
        if self._state == "lost" and device and device.heard > _PROVED * self.rate:
            self._state, self._notice = "playing", None
