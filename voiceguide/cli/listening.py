"""What `play` and `resume` share: a session, its transport, the screen, the keys and the signals."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import click

from voiceguide.cli.keys import Keyboard
from voiceguide.cli.messages import safe
from voiceguide.cli.output import progress_bar
from voiceguide.errors import UsageError
from voiceguide.units import format_clock, format_seconds

if TYPE_CHECKING:
    from voiceguide.cli.screen import Display
    from voiceguide.saved import Keeper
    from voiceguide.session import Request
    from voiceguide.sinks.devices import Device, Player
    from voiceguide.transport import Score, Status, Transport

_TURN = 0.25
"""Seconds between two looks at where the session is."""
_KEEP = 5.0
"""Seconds between two times that the place is kept."""
_READ = 20
"""Seconds for which the cautions are shown before a first session begins by itself."""
_ENDS = {"SIGINT": 130, "SIGTERM": 143, "SIGHUP": 129}
"""Signals that end a session, and the exit codes that tell."""


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


StartAt = Callable[["Score"], int]
"""Where to begin in a session that is known as a whole: its frame."""


def listen(request: Request, how: How, start: StartAt | None = None) -> int:
    """Play a session; returns the exit code.

    Args:
        start: tells the first frame, or None for the beginning.

    Raises:
        VoiceguideError: it cannot be made, or not be played.
    """
    with _Signals() as signals:
        return _listen(request, how, start, signals)


def _listen(request: Request, how: How, start: StartAt | None, signals: _Signals) -> int:
    from voiceguide.session import load

    loaded = load(request.name)
    opener = _Opener(how, request)
    with progress_bar(loaded.script.title) as progress:
        from voiceguide.playing import Preparation, make_lead

        preparation = Preparation(loaded, request, progress=progress)
        preparation.start()
        opener.prepare()
        first = preparation.first()
        if start is not None:
            first = _whole(preparation)
        lead = make_lead(loaded, request, how.start_in) if how.start_in is not None else None
    from voiceguide.transport import Transport

    at = start(first) if start is not None else 0
    cautions = _show_cautions(loaded.script.front.cautions, signals)
    transport = Transport(
        preparation, opener, start=at, lead=lead, volume=how.volume, device=opener.first()
    )
    try:
        if not signals.code:
            code = _run(transport, request, how, loaded.script.title, lead, cautions, signals)
        else:
            code = signals.code
    finally:
        preparation.close()
    session = preparation.session
    if session is not None and session.note and code == 0:
        click.echo(f"Note: {session.note}", err=True)
    return code


def _whole(preparation: Callable[[], Score]) -> Score:
    while not (score := preparation()).whole:
        time.sleep(0.02)
    return score


class _Opener:
    """Opens the device; finds the player while the session is being prepared."""

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
        from voiceguide.sinks.devices import choose_player

        self._player = choose_player(self._how.player)
        self._device = self(None)

    def first(self) -> Device | None:
        """The device that was opened first, once."""
        device, self._device = self._device, None
        return device

    def __call__(self, frames: int | None) -> Device:
        assert self._player is not None
        return self._player.open(self._format, device=self._how.device, frames=frames)


def _run(
    transport: Transport,
    request: Request,
    how: How,
    title: str,
    lead: Score | None,
    extra: tuple[str, ...],
    signals: _Signals,
) -> int:
    from voiceguide.cli.screen import open_display
    from voiceguide.media_keys import open_media_keys
    from voiceguide.saved import Keeper

    keeper = Keeper()
    transport.start()
    gc.freeze()  # what is loaded stays loaded: no need to look through it while sound is made
    with Keyboard() as keyboard, signals.noted(keyboard):
        display = open_display(title, lead.timeline if lead else None, extra)
        loop = _Loop(transport, display, keyboard, signals, keeper, request, how, title)
        try:
            with _kept_awake(), open_media_keys(transport, title):
                code = loop.run()
        finally:
            transport.leave()
            display.close()
            keyboard.release()
    status = loop.last
    if status.state == "ended":
        keeper.forget()
    else:
        loop.keep(status)
        keeper.close()
        _tell_left(status, keeper)
    transport.wait(2.0)  # raises what went wrong, if anything did
    return code


def _tell_left(status: Status, keeper: Keeper) -> None:
    place = format_clock(max(0.0, status.seconds))
    total = format_clock(status.timeline.frames / status.timeline.format.rate)
    how = keeper.problem or "voiceguide resume goes on from there"
    # The terminal may be what went away.
    with contextlib.suppress(OSError):
        click.echo(f"Left at {place} of {total}: {safe(how)}.", err=True)


class _Loop:
    """Looks at keys, signals and the clock until the session is over.

    Attributes:
        last: the status that was seen last.
    """

    def __init__(
        self,
        transport: Transport,
        display: Display,
        keyboard: Keyboard,
        signals: _Signals,
        keeper: Keeper,
        request: Request,
        how: How,
        title: str,
    ) -> None:
        self._transport = transport
        self._display = display
        self._keyboard = keyboard
        self._signals = signals
        self._keeper = keeper
        self._request = request
        self._how = how
        self._title = title
        self._state = ""
        self._kept = time.monotonic()
        self.last = transport.status()

    def run(self) -> int:
        """The exit code, once the session is over."""
        from voiceguide.transport import FINAL

        code = 0
        while True:
            self.last = status = self._transport.status()
            if status.state in FINAL:
                return code
            self._display.show(status)
            self._keep_sometimes(status)
            for key in self._keyboard.wait(_TURN):
                self._press(key)
            if self._keyboard.gone and not self._signals.code and _is_terminal():
                self._signals.code = _ENDS["SIGHUP"]
            if self._signals.code and not code:
                code = self._signals.code
                self._transport.leave()
            if self._signals.suspend:
                self._suspend()

    def _press(self, key: str) -> None:
        from voiceguide.transport import SKIP, VOLUME_STEP

        transport = self._transport
        actions: dict[str, Callable[[], None]] = {
            " ": transport.toggle,
            "left": lambda: transport.skip(-SKIP),
            "right": lambda: transport.skip(SKIP),
            "n": transport.next_step,
            "pagedown": transport.next_step,
            "p": transport.previous_step,
            "pageup": transport.previous_step,
            "r": transport.repeat_step,
            "9": lambda: transport.louder(-VOLUME_STEP),
            "0": lambda: transport.louder(VOLUME_STEP),
            "q": transport.leave,
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
        from dataclasses import replace

        from voiceguide.playing import request_as_dict
        from voiceguide.saved import Place

        self._kept = time.monotonic()
        rate = status.timeline.format.rate
        how = replace(self._how, volume=status.volume, start_in=None)
        self._keeper.save(
            Place(
                request=request_as_dict(self._request),
                how=how.as_dict(),
                folder=os.getcwd(),  # noqa: PTH109 - a name, not a path to work with
                title=self._title,
                step=status.timeline.chapters[status.chapter].title,
                seconds=max(0, status.frame) / rate,
                of=status.timeline.frames / rate,
                when=time.time(),
            )
        )

    def _suspend(self) -> None:
        """Ctrl-Z: pause, give the terminal back and stop; go on when the shell says so."""
        self._signals.suspend = False
        was = self._transport.status().state
        self._transport.pause()
        until = time.monotonic() + 3.0
        while self._transport.status().state not in _STILL and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(0.05)
        self.keep(self._transport.status())
        self._display.release()
        self._keyboard.release()
        self._signals.stop_here()
        self._keyboard.grasp()
        self._display.grasp()
        if was not in _STILL:
            self._transport.resume()


_STILL = ("paused", "ended", "left", "failed")


def _is_terminal() -> bool:
    try:
        return sys.stdin.isatty() or sys.stdout.isatty()
    except (OSError, ValueError):
        return True


class _Signals:
    """The signals of a session, noted down for the loop to see.

    Attributes:
        code: the exit code of the signal that ends it, or 0.
        suspend: whether it is to stop for the shell.
    """

    def __init__(self) -> None:
        self.code = 0
        self.suspend = False
        self._before: dict[int, Any] = {}
        self._running = False

    def __enter__(self) -> _Signals:
        for name in _ENDS:
            self._set(name, self._end)
        return self

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def _set(self, name: str, handler: Callable[[int, object], None]) -> None:
        number = getattr(signal, name, None)
        # What nohup and the like have silenced stays so.
        if number is None or signal.getsignal(number) is signal.SIG_IGN:
            return
        self._before[number] = signal.signal(number, handler)

    @contextlib.contextmanager
    def noted(self, keyboard: Keyboard) -> Iterator[None]:
        """Signals are noted down from now on, and wake whoever waits for keys."""
        if not self._running:
            self._running = True
            self._set("SIGTSTP", self._stop)
            self._set("SIGWINCH", lambda *_: None)
            self._set("SIGCONT", lambda *_: None)
        if sys.platform == "win32":  # there, keys are looked for again and again
            yield
            return
        before = signal.set_wakeup_fd(keyboard.wake_handle, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)

    def _end(self, number: int, _frame: object) -> None:
        code = _ENDS[signal.Signals(number).name]
        if not self._running:
            if number == signal.SIGINT:
                raise KeyboardInterrupt
            raise SystemExit(code)
        self.code = self.code or code

    def _stop(self, _number: int, _frame: object) -> None:
        self.suspend = True

    def stop_here(self) -> None:
        """Stop as if the signal had not been caught; comes back when the shell lets it go on."""
        if sys.platform == "win32":
            return
        ours = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, ours)


def _show_cautions(named: tuple[str, ...], signals: _Signals) -> tuple[str, ...]:
    """Before a listener's first session, the dangers that forbid one; what a screen should repeat."""
    from voiceguide import saved

    if saved.was_shown("cautions"):
        return ()
    from voiceguide.library import catalogue

    known = catalogue.cautions().values()
    wanted = [c for c in known if c.everywhere or c.id in named]
    click.echo(click.style("Before your first session", bold=True), err=True)
    for level, head in (("emergency", "Get help at once:"), ("do not start", "Do not start with:")):
        click.echo(head, err=True)
        for caution in wanted:
            if caution.level == level:
                click.echo(f"  - {safe(caution.text)}", err=True)
    click.echo("This is not medical advice. voiceguide show TRACK tells more.", err=True)
    if sys.stdin.isatty() and sys.stderr.isatty():
        click.echo(f"Any key begins; so do {_READ} seconds. Ctrl-C leaves.", err=True)
        with Keyboard() as keyboard, signals.noted(keyboard):
            keyboard.wait(_READ)
    saved.mark_shown("cautions")
    return ()


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


def parse_start(text: str) -> StartAt:
    """`--from`: a chapter's number, or a time.

    Raises:
        UsageError: it is neither.
    """
    from voiceguide.units import DurationError, parse_duration

    plain = text.strip()
    if plain.isdigit():
        number = int(plain)
        return lambda score: _chapter(score, number)
    try:
        seconds = parse_duration(plain)
    except DurationError as error:
        raise UsageError(f"--from takes a step's number or a time such as 1:30: {error}") from error
    return lambda score: _time(score, seconds)


def _chapter(score: Score, number: int) -> int:
    chapters = score.timeline.chapters
    if not 1 <= number <= len(chapters):
        raise UsageError(f"there is no step {number}: the session has {len(chapters)}")
    return int(chapters[number - 1].start)


def _time(score: Score, seconds: float) -> int:
    total = score.timeline.frames / score.timeline.format.rate
    if seconds >= total:
        raise UsageError(
            f"the session lasts {format_seconds(total)}: it cannot begin at {format_seconds(seconds)}"
        )
    return round(seconds * score.timeline.format.rate)
