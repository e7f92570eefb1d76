"""What `play` and `resume` share: a session, its transport, the screen, the keys and the signals."""

from __future__ import annotations

import contextlib
import os
import select
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from voiceguide.cli.keys import Keyboard
from voiceguide.cli.messages import safe
from voiceguide.cli.output import progress_bar
from voiceguide.cli.signals import ENDS, Signals
from voiceguide.cli.voice_hint import hint
from voiceguide.errors import VoiceguideError
from voiceguide.units import format_clock

if TYPE_CHECKING:
    from voiceguide.cli.screen import Display
    from voiceguide.player.playable import Playable, Status
    from voiceguide.player.player import Player as SessionPlayer
    from voiceguide.practice.places import Keeper
    from voiceguide.session import Loaded, Request
    from voiceguide.sinks.devices import Device, Player
    from voiceguide.timeline import Timeline

_TURN = 0.25
"""Seconds between two looks at where the session is."""
_KEEP = 5.0
"""Seconds between two times that the place is kept."""
_PASSED = 3.0
"""Seconds between two looks that may have been heard; more were skipped."""
_WORTH = 30.0
"""Seconds from which on a session is worth a line in the journal."""
_READ = 20
"""Seconds for which the cautions are shown before a first session begins by itself."""


@dataclass(frozen=True, slots=True)
class How:
    """How a session is played.

    Attributes:
        player, device: by name, or None for the best and the system's choice.
        volume: in per cent.
        start_in: seconds counted down before it, or None.
    """

    player: str | None = None
    device: str | None = None
    volume: int = 100
    start_in: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """As JSON-ready values, to be kept."""
        return asdict(self)


StartAt = Callable[["Playable"], int]
"""Where to begin in a session that is known as a whole: its frame."""


def listen(
    request: Request,
    how: How,
    start: StartAt | None = None,
    begun: Callable[[], None] = lambda: None,
) -> int:
    """Play a session; returns the exit code.

    Args:
        start: tells the first frame, or None for the beginning.
        begun: called once the place is kept for `voiceguide resume`.

    Raises:
        VoiceguideError: it cannot be made, or not be played.
    """
    with Signals() as signals:
        return _listen(request, how, start, begun, signals)


def _listen(
    request: Request,
    how: How,
    start: StartAt | None,
    begun: Callable[[], None],
    signals: Signals,
) -> int:
    from voiceguide.player.player import Player as SessionPlayer
    from voiceguide.session import draft

    made = draft(request)
    with contextlib.ExitStack() as stack:
        opener = stack.enter_context(contextlib.closing(_Opener(how, request)))
        opener.prepare()  # before anything is spoken
        from voiceguide.session.lead import make_lead
        from voiceguide.session.preparation import Preparation

        preparation = stack.enter_context(contextlib.closing(Preparation(made)))
        with progress_bar(made.title) as progress:
            preparation.start(progress)
            first = preparation.first()
            if start is not None:
                first = _whole(preparation)
            lead = make_lead(made, how.start_in) if how.start_in else None
        note = preparation.session.note if preparation.session else None
        if note:
            click.echo(f"Note: {safe(note)}.", err=True)
        at = start(first) if start is not None else 0
        _show_cautions(made.loaded.script.front.cautions, signals)
        if signals.code:
            return signals.code
        transport = SessionPlayer(
            preparation,
            opener,
            start=at / request.format.rate,
            lead=lead,
            volume=how.volume,
            device=opener.first(),
        )
        leading = lead.timeline if lead else None
        sitting = Sitting(request, how, made.loaded, made.title, at, leading, note)
        code = _run(transport, sitting, begun, signals)
        if preparation.session is not None:
            hint(request.voice, preparation.session.voice)
        return code


@dataclass(frozen=True, slots=True)
class Sitting:
    """What is being listened to.

    Attributes:
        title: with the tool that was chosen.
        start: the frame that it begins with.
        lead: what is heard before it, or None.
        note: what the listener should know, or None.
    """

    request: Request
    how: How
    loaded: Loaded
    title: str
    start: int
    lead: Timeline | None
    note: str | None

    def frame(self, status: Status) -> int:
        """The place in the session; during the lead that where it begins."""
        frame = round(status.seconds * status.timeline.format.rate)
        return frame if frame >= 0 else self.start


def _whole(preparation: Callable[[], Playable]) -> Playable:
    while not (score := preparation()).whole:
        time.sleep(0.02)
    return score


class _Opener:
    """Finds the player, and opens the device whenever playing begins."""

    def __init__(self, how: How, request: Request) -> None:
        self._how = how
        self._format = request.format
        self._player: Player | None = None
        self._device: Device | None = None

    def prepare(self) -> None:
        """Find the player, and open it for the first time.

        Raises:
            VoiceguideError: there is no such player or device.
        """
        from voiceguide.sinks.players import choose_player

        self._player = choose_player(self._how.player)
        self._device = self(None)

    def first(self) -> Device | None:
        """The device that was opened first, once."""
        device, self._device = self._device, None
        return device

    def close(self) -> None:
        """Let go of a device that nobody took."""
        if (device := self.first()) is not None:
            device.abort()

    def __call__(self, frames: int | None) -> Device:
        assert self._player is not None
        return self._player.open(self._format, device=self._how.device, frames=frames)


def _run(
    transport: SessionPlayer, sitting: Sitting, begun: Callable[[], None], signals: Signals
) -> int:
    from voiceguide.cli.screen import open_display
    from voiceguide.player.media_keys import open_media_keys
    from voiceguide.practice.places import Keeper

    keeper = Keeper()
    with Keyboard() as keyboard, signals.noted(keyboard):
        extra = (sitting.note,) if sitting.note else ()
        display = open_display(sitting.title, sitting.lead, extra)
        loop = _Loop(transport, display, keyboard, signals, keeper, sitting)
        transport.start()
        try:
            loop.keep(loop.last)
            begun()
            with _kept_awake(), open_media_keys(transport, sitting.title):
                code = loop.run()
        finally:
            transport.stop()
            display.close()
            keyboard.release()
    status = loop.last
    if status.state == "ended":
        keeper.forget()
    else:
        loop.keep(status)
        keeper.close()
        _tell_left(sitting, status, keeper)
    number = _record(sitting, loop, completed=status.state == "ended")
    if number is not None and status.state == "ended":
        _tell_ended(number)
    transport.wait(2.0)  # raises what went wrong, if anything did
    return code


def _record(sitting: Sitting, loop: _Loop, *, completed: bool) -> int | None:
    """Write into the listener's journal what was heard, unless it was next to nothing.

    Returns:
        its number there, or None.
    """
    if loop.heard < _WORTH and not completed:
        return None
    from voiceguide.practice.journal import default_path, record

    options, loaded = sitting.request.options, sitting.loaded
    tools = loaded.script.front.tools
    try:
        return record(
            default_path(),
            started=loop.started,
            ended=loop.ended(),
            track=loaded.track.name if loaded.track else Path(sitting.request.name).stem,
            side=options.side,
            tool=options.tool or (tools[0] if tools else None),
            seconds=loop.heard,
            completed=completed,
        )
    except VoiceguideError as error:  # the session was heard all the same
        _say(f"Note: {safe(str(error))}.")
        return None


def _tell_ended(number: int) -> None:
    """To who sits there: what makes the next plans better."""
    with contextlib.suppress(OSError, ValueError):
        if sys.stderr.isatty():
            _say("The end. What it did for the pain, with your own numbers:")
            _say(f"  voiceguide log --edit {number} --pain-before 6 --pain-after 4")


def _tell_left(sitting: Sitting, status: Status, keeper: Keeper) -> None:
    rate = status.timeline.format.rate
    place = format_clock(sitting.frame(status) / rate)
    total = format_clock(status.timeline.frames / rate)
    how = keeper.problem or "voiceguide resume goes on from there"
    _say(f"Left at {place} of {total}: {safe(how)}.")


def _say(text: str) -> None:
    """A line on standard error, unless the terminal went away or takes nothing (Ctrl-S)."""
    with contextlib.suppress(OSError, ValueError):
        if sys.platform == "win32" or select.select([], [sys.stderr], [], 0.5)[1]:
            click.echo(text, err=True)


class _Loop:
    """Looks at keys, signals and the clock until the session is over.

    Attributes:
        last: the status that was seen last.
        heard: seconds that were played, whichever they were.
        started: when it began.
    """

    def __init__(
        self,
        transport: SessionPlayer,
        display: Display,
        keyboard: Keyboard,
        signals: Signals,
        keeper: Keeper,
        sitting: Sitting,
    ) -> None:
        self._transport = transport
        self._display = display
        self._keyboard = keyboard
        self._signals = signals
        self._keeper = keeper
        self._sitting = sitting
        self._state = ""
        self._kept = time.monotonic()
        self.last = transport.status()
        self.heard = 0.0
        self.started = datetime.now().astimezone()
        self._began = time.monotonic()

    def ended(self) -> datetime:
        """When it ends, if it does now; a clock that was put right meanwhile changes nothing."""
        return self.started + timedelta(seconds=time.monotonic() - self._began)

    def run(self) -> int:
        """The exit code, once the session is over."""
        from voiceguide.player.playable import FINAL

        code = 0
        while True:
            before, self.last = self.last, self._transport.status()
            status = self.last
            if 0 < (passed := status.seconds - max(0.0, before.seconds)) < _PASSED:
                self.heard += passed
            if status.state in FINAL:
                return code
            self._display.show(status)
            self._keep_sometimes(status)
            for key in self._keyboard.wait(_TURN):
                self._press(key)
            if self._keyboard.gone and not self._signals.code and _is_terminal():
                self._signals.code = ENDS["SIGHUP"]
            if self._signals.code and not code:
                code = self._signals.code
                self._transport.stop()
            if self._signals.suspend:
                self._suspend()
            if self._signals.continued:
                self._signals.continued = False
                self._take_back()

    def _press(self, key: str) -> None:
        from voiceguide.player.player import SKIP, VOLUME_STEP

        transport = self._transport
        actions: dict[str, Callable[[], None]] = {
            " ": transport.toggle,
            "left": lambda: transport.skip(-SKIP),
            "right": lambda: transport.skip(SKIP),
            "n": lambda: transport.step(1),
            "pagedown": lambda: transport.step(1),
            "p": lambda: transport.step(-1),
            "pageup": lambda: transport.step(-1),
            "r": transport.repeat,
            "9": lambda: transport.change_volume(-VOLUME_STEP),
            "0": lambda: transport.change_volume(VOLUME_STEP),
            "q": transport.stop,
            "?": self._display.toggle_help,
            "h": self._display.toggle_help,
        }
        if action := actions.get(key if len(key) > 1 else key.lower()):
            action()

    def _keep_sometimes(self, status: Status) -> None:
        due = time.monotonic() - self._kept >= _KEEP
        if status.state != self._state or due:
            self._state = status.state
            self.keep(status)

    def keep(self, status: Status) -> None:
        """Keep the place for `voiceguide resume`."""
        from voiceguide.player.playable import chapter_at
        from voiceguide.practice.places import Place
        from voiceguide.session.request import request_as_dict

        self._kept = time.monotonic()
        rate, frame = status.timeline.format.rate, self._sitting.frame(status)
        how = replace(self._sitting.how, volume=status.volume, start_in=None)
        self._keeper.save(
            Place(
                request=request_as_dict(self._sitting.request),
                how=how.as_dict(),
                folder=_folder(),
                title=self._sitting.title,
                step=status.timeline.chapters[chapter_at(status.timeline, frame)].title,
                seconds=frame / rate,
                of=status.timeline.frames / rate,
                when=time.time(),
            )
        )

    def _suspend(self) -> None:
        """Ctrl-Z: pause, give the terminal back and stop; go on when the shell says so."""
        self._signals.suspend = False
        was = self._transport.status().state
        self._transport.pause()
        self._transport.wait_silent(3.0)
        self.keep(self._transport.status())
        self._display.release()
        self._keyboard.release()
        self._signals.stop_here()
        if was not in _STILL:
            self._transport.resume()

    def _take_back(self) -> None:
        """The shell let it go on: the terminal may have been anybody's meanwhile."""
        self._keyboard.grasp()
        self._display.release()
        self._display.grasp()


def _folder() -> str:
    """Where names of files are counted from; "" where that folder was removed meanwhile."""
    try:
        return os.getcwd()  # noqa: PTH109 - a name, not a path to work with
    except OSError:
        return ""


_STILL = ("paused", "ended", "left", "failed")


def _is_terminal() -> bool:
    try:
        return sys.stdin.isatty() or sys.stdout.isatty()
    except (OSError, ValueError):
        return True


def _show_cautions(named: tuple[str, ...], signals: Signals) -> None:
    """Before a listener's first session: the dangers that forbid one."""
    from voiceguide.practice import places

    if places.was_shown("cautions"):
        return
    from voiceguide.cli.prose import say
    from voiceguide.library import catalogue

    known = catalogue.cautions().values()
    wanted = [c for c in known if c.everywhere or c.id in named]
    say("Before your first session", err=True, bold=True)
    for level, head in (("emergency", "Get help at once:"), ("do not start", "Do not start with:")):
        say(head, err=True)
        for caution in wanted:
            if caution.level == level:
                say(caution.text, indent=2, hang=2, first="-", err=True)
    say("This is not medical advice. voiceguide show TRACK tells more.", err=True)
    if sys.stdin.isatty() and sys.stderr.isatty():
        click.echo(f"Any key begins; so do {_READ} seconds. Ctrl-C leaves.", err=True)
        with Keyboard() as keyboard, signals.noted(keyboard):
            keyboard.wait(_READ)
    places.mark_shown("cautions")


@contextlib.contextmanager
def _kept_awake() -> Iterator[None]:
    """The machine does not sleep meanwhile, where it lets itself be told."""
    over = threading.Event()

    def hold() -> None:
        # Asked for and given back by one thread, since some systems count by thread.
        try:
            from wakepy import keep

            with keep.running(on_fail="pass"):
                over.wait()
        except Exception:  # whatever a desktop's services answer, the session plays
            return

    thread = threading.Thread(target=hold, name="awake", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(1.0)
