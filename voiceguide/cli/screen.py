"""The player's screen: a panel on a terminal, lines where there is none.

Nothing here can hold up the sound: it is made by other threads, and a terminal that does not take
what is written is left alone until it does.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

import click

from voiceguide.cli.keys import MARK_NO_PASTES, MARK_PASTES
from voiceguide.cli.messages import safe
from voiceguide.cli.panel import Style, compose
from voiceguide.cli.params import color
from voiceguide.player.playable import FINAL, State
from voiceguide.units import format_clock

if TYPE_CHECKING:
    from voiceguide.player.events import PlayerEvent
    from voiceguide.player.player import Player

_ENTER = MARK_PASTES + "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J"
_LEAVE = "\x1b[?7h\x1b[?25h\x1b[?1049l" + MARK_NO_PASTES


class Display(Protocol):
    """Shows where a session is."""

    def tell(self, event: PlayerEvent) -> None:
        """Note what happened."""
        ...

    def draw(self) -> None:
        """Show where it is now."""
        ...

    def toggle_help(self) -> None:
        """Show the keys, or the session again."""
        ...

    def release(self) -> None:
        """Leave the terminal as it was found."""
        ...

    def grasp(self) -> None:
        """Show again after `release`."""
        ...

    def close(self) -> None:
        """Leave the terminal as it was found, for good."""
        ...


def open_display(player: Player, title: str, extra: tuple[str, ...] = ()) -> Display:
    """A panel where standard output is a terminal that can show one, else lines.

    Args:
        extra: texts that a panel shows while it has room.
    """
    if sys.stdout.isatty() and os.environ.get("TERM", "") not in ("dumb", ""):
        return Screen(player, title, terminal_style(), extra)
    if sys.platform == "win32" and sys.stdout.isatty():
        os.system("")  # switches the console's codes on
        return Screen(player, title, terminal_style(), extra)
    return Lines(title)


def terminal_style() -> Style:
    """What standard output can show."""
    encoding = (getattr(sys.stdout, "encoding", None) or "ascii").lower().replace("-", "")
    wanted = color()
    colour = wanted if wanted is not None else not os.environ.get("NO_COLOR")
    return Style(unicode=encoding == "utf8" and not _plain_locale(os.environ), colour=colour)


def _plain_locale(environment: Mapping[str, str]) -> bool:
    """Whether the listener's locale knows ASCII only, whatever Python made of it."""
    if sys.platform == "win32":
        return False
    named = environment.get("LC_ALL") or environment.get("LC_CTYPE") or environment.get("LANG", "")
    # Python itself puts C.UTF-8 there where the listener's locale is plain C.
    coerced = named == "C.UTF-8" and not environment.get("LC_ALL")
    if coerced and environment.get("LANG", "") in ("", "C", "POSIX"):
        return True
    return "utf" not in named.lower()


class Screen:
    """A panel that fills the terminal; only lines that changed are written."""

    def __init__(
        self, player: Player, title: str, style: Style, extra: tuple[str, ...] = ()
    ) -> None:
        self._player = player
        self._title = title
        self._style = style
        self._extra = extra
        self._plain = "\x1b[0m" if style.colour else ""
        self._shown: list[str] | None = None
        self._size = (0, 0)
        self._help = False
        self._inside = False
        self._handle, self._own = _open_terminal()
        self.grasp()

    def tell(self, event: PlayerEvent) -> None:
        """Nothing: all of it is drawn anew."""

    def draw(self) -> None:
        """Draw what changed."""
        if not self._inside:
            self.grasp()
            if not self._inside:
                return
        status = self._player.status()
        moment = self._player.moment(status)
        size = _size(self._handle)
        lines = compose(
            self._title, status, moment, size, self._style, extra=self._extra, with_help=self._help
        )
        out = []
        if size != self._size or self._shown is None:
            out.append(self._plain + "\x1b[2J")
            self._shown, self._size = [], size
        for row, line in enumerate(lines):
            if row >= len(self._shown) or self._shown[row] != line:
                # Cleared first: after a full line the cursor still stands on its last character.
                out.append(f"\x1b[{row + 1};1H{self._plain}\x1b[K{line}{self._plain}")
        for row in range(len(lines), len(self._shown)):
            out.append(f"\x1b[{row + 1};1H\x1b[K")
        if out and not self._write("".join(out)):
            self._shown = None  # what came through is not known: paint it all the next time
            return
        self._shown = lines

    def toggle_help(self) -> None:
        """Show the keys, or the session again."""
        self._help = not self._help

    def grasp(self) -> None:
        """Take the terminal."""
        if not self._inside and _in_front(self._handle):
            self._shown = None
            self._inside = self._write(_ENTER)

    def release(self) -> None:
        """Give the terminal back as it was."""
        if self._inside:
            self._inside = False
            self._write(_LEAVE)

    def close(self) -> None:
        """Give the terminal back for good."""
        self.release()
        if self._own:
            self._own = False
            os.close(self._handle)

    def _write(self, text: str) -> bool:
        """Whether all of it was taken."""
        data = text.encode("utf-8" if self._style.unicode else "ascii", "replace")
        try:
            return os.write(self._handle, data) == len(data)
        except OSError as error:
            return error.errno not in (errno.EAGAIN, errno.EIO, errno.EBADF, errno.EPIPE)


def _open_terminal() -> tuple[int, bool]:
    """A handle that never waits, and whether it is our own.

    It is opened anew: to change the one that the shell gave would change it for the shell too.
    """
    handle = sys.stdout.fileno()
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            name = os.ttyname(handle)
            return os.open(name, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK), True
    return handle, False


def _size(handle: int) -> tuple[int, int]:
    try:
        size = os.get_terminal_size(handle)
    except OSError:
        size = shutil.get_terminal_size()
    return size.columns or 80, size.lines or 24


def _in_front(handle: int) -> bool:
    if sys.platform == "win32":
        return True
    try:
        return os.tcgetpgrp(handle) == os.getpgrp()
    except OSError:
        return True


class Lines:
    """One line for each step, sentence and change, for a pipe or a simple terminal."""

    def __init__(self, title: str) -> None:
        self._state: State = "waiting"
        self._notice: str | None = None
        self._broken = False
        self._say(title)

    def tell(self, event: PlayerEvent) -> None:
        """Write what is new."""
        from voiceguide.player.events import SentenceBegan, StateChanged, StepBegan

        clock = format_clock(max(0.0, event.seconds))
        match event:
            case StateChanged(state=state, notice=notice) if state not in FINAL:
                still = {"paused", "lost"} & {state, self._state}
                if state != self._state and still:
                    self._say(f"[{clock}] {state}")
                if notice and notice != self._notice:
                    self._say(f"[{clock}] {notice}")
                self._state, self._notice = state, notice
            case StepBegan(title=title):
                self._say(f"[{clock}] {title}")
            case SentenceBegan(text=text):
                self._say(f"  {text}")

    def draw(self) -> None:
        """Nothing: each line is written as it comes."""

    def toggle_help(self) -> None:
        """Nothing: there are no keys to explain."""

    def grasp(self) -> None:
        """Nothing: lines take nothing."""

    def release(self) -> None:
        """Nothing: lines change nothing."""

    def close(self) -> None:
        """Nothing."""

    def _say(self, text: str) -> None:
        if self._broken:
            return
        try:
            click.echo(safe(text))
            sys.stdout.flush()
        except (OSError, ValueError):  # the reader went away: the session goes on
            self._broken = True
