"""What `play` and `resume` share: the screen, the keys and the signals of a session."""

from __future__ import annotations

import contextlib
import queue
import select
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

import click

from voiceguide.cli.cautions import confirmed
from voiceguide.cli.keys import Keyboard, drop_typed
from voiceguide.cli.messages import safe, width, wrapped
from voiceguide.cli.output import progress_bar
from voiceguide.cli.signals import ENDS, Signals
from voiceguide.cli.voice_hint import hint
from voiceguide.errors import VoiceguideError
from voiceguide.units import format_clock

if TYPE_CHECKING:
    from voiceguide.cli.screen import Display
    from voiceguide.player.events import PlayerEvent
    from voiceguide.practice.listening import Listening
    from voiceguide.practice.remembering import Outcome

_TURN = 0.5
"""Seconds between two looks at the terminal itself: whether it takes what is written, and is ours."""
_LAST_WORD = 1.0
"""Seconds for which the last event is waited for."""
_STILL = ("paused", "ended", "left", "failed")


def listen(opened: Callable[[], Listening], *, ask_pain: bool = False) -> int:
    """Play a session; returns the exit code.

    Args:
        opened: loads the session and opens its device; what it raises comes out.
        ask_pain: whether the listener is asked before it, too, how the pain is.

    Raises:
        VoiceguideError: it cannot be made, or not be played.
    """
    from voiceguide.practice.needs import needed

    with Signals() as signals, opened() as listening:
        if (need := needed(listening.draft)) is not None:
            click.echo(safe(need), err=True)
        with progress_bar(listening.title) as progress:
            listening.prepare(progress)
        if listening.note:
            click.echo(f"Note: {safe(listening.note)}.", err=True)
        if (stopped := confirmed(signals)) is not None:
            return stopped
        if ask_pain:
            with signals.raised():
                listening.pain_before = _ask_pain()
        with Keyboard() as keyboard, signals.noted(keyboard):
            code, outcome = _Screening(listening, keyboard, signals).run()
        _tell(outcome)
        if outcome.number is not None and not code:
            with signals.raised():
                _note_pain(outcome.number)
        if outcome.error is not None:
            raise outcome.error
        if listening.voice is not None:
            hint(listening.request.voice, listening.voice)
        return code


def _tell(outcome: Outcome) -> None:
    """How it went, and what comes next."""
    if outcome.state != "ended":
        place, length = format_clock(outcome.seconds), format_clock(outcome.length)
        how = outcome.not_kept or "voiceguide resume continues there"
        _say(f"Stopped at {place} of {length}: {safe(how)}.")
    elif sys.stderr.isatty():
        _say("Session finished." if outcome.finished else "The end, with parts of it skipped.")
    if outcome.not_recorded is not None:
        _say(f"Note: {safe(outcome.not_recorded)}.")


def _ask_pain() -> int | None:
    """How the pain is now, 0 to 10; None where the listener does not say, or is not there."""
    if not (_isatty(sys.stdin) and _isatty(sys.stderr)):
        return None
    with contextlib.suppress(KeyboardInterrupt, EOFError, OSError, ValueError):
        drop_typed()
        while True:
            click.echo("Pain now, 0 to 10? (Enter skips) ", nl=False, err=True)
            said = input().strip()
            if not said:
                return None
            if said.isdecimal() and len(said) < 4 and int(said) <= 10:
                return int(said)
            click.echo("A whole number from 0 (none) to 10 (the worst), or nothing.", err=True)
    return None


def _note_pain(number: int) -> None:
    """Ask how the pain is after a session, and write it down."""
    from voiceguide.practice.remembering import say_pain

    pain = _ask_pain()
    if pain is None:
        return
    try:
        say_pain(number, pain)
    except VoiceguideError as error:
        _say(f"Note: {safe(str(error))}.")


def _say(text: str) -> None:
    """A line on standard error, unless the terminal went away or takes nothing (Ctrl-S)."""
    with contextlib.suppress(OSError, ValueError):
        if sys.platform == "win32" or select.select([], [sys.stderr], [], 0.5)[1]:
            click.echo(wrapped(text, width(sys.stderr)), err=True)


class _Screening:
    """A session on the screen, with its keys and signals, until it is over."""

    def __init__(self, listening: Listening, keyboard: Keyboard, signals: Signals) -> None:
        self._listening = listening
        self._player = listening.player
        self._keyboard = keyboard
        self._signals = signals
        self._events: queue.SimpleQueue[PlayerEvent] = queue.SimpleQueue()

    def run(self) -> tuple[int, Outcome]:
        """The exit code, and how the session went."""
        from voiceguide.cli.screen import open_display

        extra = (self._listening.note,) if self._listening.note else ()
        display = open_display(self._player, self._listening.title, extra)
        unsubscribe = self._player.subscribe(self._note)
        try:
            self._listening.begin()
            code = self._watch(display)
        finally:
            self._player.stop()
            unsubscribe()
            display.close()
            self._keyboard.release()
        return code, self._listening.end()

    def _note(self, event: PlayerEvent) -> None:
        self._events.put(event)
        self._keyboard.wake()

    def _watch(self, display: Display) -> int:
        from voiceguide.player.events import LAST
        from voiceguide.player.playable import FINAL

        code = 0
        while True:
            if self._player.status().state in FINAL:
                with contextlib.suppress(queue.Empty):
                    while not isinstance(event := self._events.get(timeout=_LAST_WORD), LAST):
                        display.tell(event)
                return code
            while not self._events.empty():
                display.tell(self._events.get())
            display.draw()
            for key in self._keyboard.wait(_TURN):
                self._press(key, display)
            if self._keyboard.gone and not self._signals.code and _is_terminal():
                self._signals.code = ENDS["SIGHUP"]
            if self._signals.code and not code:
                code = self._signals.code
                self._player.stop()
            if self._signals.suspend:
                self._suspend(display)
            if self._signals.continued:
                self._signals.continued = False
                self._take_back(display)

    def _press(self, key: str, display: Display) -> None:
        from voiceguide.player.player import SKIP, VOLUME_STEP

        player = self._player
        actions: dict[str, Callable[[], None]] = {
            " ": player.toggle,
            "left": lambda: player.skip(-SKIP),
            "right": lambda: player.skip(SKIP),
            "n": lambda: player.step(1),
            "pagedown": lambda: player.step(1),
            "p": lambda: player.step(-1),
            "pageup": lambda: player.step(-1),
            "r": player.repeat,
            "m": self._listening.more,
            "9": lambda: player.change_volume(-VOLUME_STEP),
            "0": lambda: player.change_volume(VOLUME_STEP),
            "q": player.stop,
            "?": display.toggle_help,
            "h": display.toggle_help,
        }
        if action := actions.get(key if len(key) > 1 else key.lower()):
            action()

    def _suspend(self, display: Display) -> None:
        """Ctrl-Z: pause, give the terminal back and stop; play on when the shell says so."""
        self._signals.suspend = False
        was = self._player.status().state
        self._player.pause()
        self._player.wait_silent(3.0)
        self._listening.keep()
        display.release()
        self._keyboard.release()
        self._signals.stop_here()
        if was not in _STILL:
            self._player.resume()

    def _take_back(self, display: Display) -> None:
        """The shell let it go on: the terminal may have been anybody's meanwhile."""
        self._keyboard.grasp()
        display.release()
        display.grasp()


def _is_terminal() -> bool:
    return _isatty(sys.stdin) or _isatty(sys.stdout)


def _isatty(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except (OSError, ValueError):  # it was closed: it may have been one
        return True
