"""The player: one session being played, steered and told of in seconds and per cent.

    with Player(known, open_device) as player:
        player.subscribe(print)
        player.start()
        player.wait()

A thread feeds the device (see `transport`); a second one tells subscribers of events, so that a
subscriber that is slow or raises holds up other subscribers at most, never the sound.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from voiceguide.player.events import PlayerEvent
from voiceguide.player.playable import FINAL, Playable, Status
from voiceguide.player.transport import LOUDEST_PERCENT, SKIP, VOLUME_STEP, OpenDevice, Transport
from voiceguide.player.watch import Look, Watcher

if TYPE_CHECKING:
    from voiceguide.player.moment import Moment
    from voiceguide.sinks.devices import Device

__all__ = ["LOUDEST_PERCENT", "SKIP", "VOLUME_STEP", "OpenDevice", "Player", "Subscriber"]

Subscriber = Callable[[PlayerEvent], None]
"""Called for each event, on the player's thread."""

_log = logging.getLogger(__name__)
_LEAST = 0.005
"""Seconds between two looks at least."""
_LAST_WORD = 1.0
"""Seconds for which `wait` lets subscribers take the last event."""


class Player:
    """One session being played; every method may be called from any thread.

    Orders such as `pause` return at once; events tell when they were obeyed.
    """

    def __init__(
        self,
        known: Callable[[], Playable],
        open_device: OpenDevice,
        *,
        start: float = 0.0,
        lead: Playable | None = None,
        volume: int = 100,
        device: Device | None = None,
    ) -> None:
        """
        Args:
            known: gives what is known of the session now; the same object as long as nothing
                changed.
            open_device: opens the device, whenever playing begins.
            start: where the session begins, in seconds.
            lead: what is heard before it, or None.
            volume: in per cent, 0 to 130.
            device: one that is open already, for the first start.

        Raises:
            VoiceguideError: as `known`.
        """
        self._looks: queue.SimpleQueue[Look] = queue.SimpleQueue()
        self._subscribers: dict[object, Subscriber] = {}
        self._begun = False
        first = known()
        self._transport = Transport(
            known,
            open_device,
            start=round(start * first.timeline.format.rate),
            lead=lead,
            volume=volume,
            device=device,
            tell=self._looks.put,
        )
        self._watcher = Watcher(lead.timeline if lead else None)
        self._guide = Watcher(lead.timeline if lead else None).guide
        self._thread = threading.Thread(target=self._tell, name="player events", daemon=True)

    def __enter__(self) -> Player:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop, and let go of the device."""
        self.stop()
        self._transport.join(_LAST_WORD)

    def subscribe(self, callback: Subscriber) -> Callable[[], None]:
        """Have a function called for each event from now on, in the order they happen.

        All subscribers are called by one thread, which is not the one that makes the sound. What a
        function raises is logged, and the next event reaches it all the same. While one takes its
        time, the others wait; each `Clock` and `Countdown` that went by meanwhile is left out.

        Returns:
            what ends the subscription; it may be called more than once, and by the callback.
        """
        token = object()
        self._subscribers[token] = callback

        def unsubscribe() -> None:
            self._subscribers.pop(token, None)

        return unsubscribe

    def start(self) -> None:
        """Begin to play."""
        if not self._begun:
            self._begin()
            self._transport.start()

    def _begin(self) -> None:
        self._begun = True
        self._looks.put(self._transport.look())
        self._thread.start()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end; whether it has come within some seconds.

        Raises:
            VoiceguideError: playing failed.
        """
        try:
            return self._transport.wait(timeout)
        finally:
            if self._transport.over and threading.current_thread() is not self._thread:
                self._thread.join(_LAST_WORD)

    def status(self) -> Status:
        """Where it is now."""
        return self._transport.look().status

    def moment(self, status: Status | None = None) -> Moment:
        """What happens now, or at a status: the step, the sentence, what is counted down, what
        comes next."""
        status = status or self.status()
        return self._guide(status.timeline).at(status.seconds)

    def pause(self) -> None:
        """Fade out and stand still; a sentence that this cuts is said again afterwards."""
        self._transport.pause()

    def resume(self) -> None:
        """Play on after a pause."""
        self._transport.resume()

    def toggle(self) -> None:
        """Pause, or play on."""
        self._transport.toggle()

    def seek(self, seconds: float) -> None:
        """Go to a place; one before the beginning or past the end is that."""
        self._transport.seek(round(seconds * self._transport.rate))

    def skip(self, seconds: float) -> None:
        """Go some seconds forward, or back where they are below 0."""
        self._transport.skip(seconds)

    def step(self, by: int) -> None:
        """Go some steps forward or back; back is to where this step begins, unless it just did."""
        self._transport.step(by)

    def repeat(self) -> None:
        """Go to where this step begins."""
        self._transport.step(0)

    def set_volume(self, percent: int) -> None:
        """Set the volume, 0 to 130 per cent; what is more or less becomes that."""
        self._transport.set_volume(percent)

    def change_volume(self, percent: int) -> None:
        """Make it louder by some per cent, or softer where they are below 0."""
        self._transport.louder(percent)

    def note(self, text: str) -> None:
        """Show a sentence for a while, as `Status.notice`."""
        self._transport.note(text)

    def stop(self) -> None:
        """Fade out and stop for good."""
        if self._begun:
            self._transport.leave()
        else:
            self._transport.discard()
            self._begin()

    def wait_silent(self, timeout: float | None = None) -> bool:
        """Wait until no device is held, as after a pause; whether that came within some seconds."""
        return self._transport.silent.wait(timeout)

    # The thread that tells

    def _tell(self) -> None:
        look = self._looks.get()
        while True:
            try:
                for event in self._watcher.see(look):
                    self._deliver(event)
                due = self._watcher.due(look.status)
            except Exception:  # a fault here must cost nobody the session
                _log.exception("an event could not be told")
                due = 1.0
            if look.status.state in FINAL:
                return
            look = self._next(look, due)

    def _next(self, last: Look, due: float | None) -> Look:
        """The next look: when something changed, or some seconds later."""
        try:
            return self._looks.get(timeout=None if due is None else max(_LEAST, due))
        except queue.Empty:
            now = self._transport.look()
        if now.same_but_place(last):
            return now
        try:  # a change that is seen before it is announced waits for its turn
            return self._looks.get(timeout=_LAST_WORD)
        except queue.Empty:
            return now

    def _deliver(self, event: PlayerEvent) -> None:
        for callback in tuple(self._subscribers.values()):
            try:
                callback(event)
            except Exception:  # whatever somebody else's function raises
                _log.exception("a subscriber raised on %s", type(event).__name__)
