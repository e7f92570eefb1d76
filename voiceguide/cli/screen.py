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
from typing import Protocol

import click

from voiceguide.cli.messages import safe
from voiceguide.cli.panel import Style, compose
from voiceguide.cli.params import color
from voiceguide.player.moment import Guide
from voiceguide.player.playable import Status
from voiceguide.timeline import Timeline
from voiceguide.units import format_clock

_ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J"
_LEAVE = "\x1b[?7h\x1b[?25h\x1b[?1049l"


class Display(Protocol):
    """Shows where a session is."""

    def show(self, status: Status) -> None: ...

    def toggle_help(self) -> None: ...

    def release(self) -> None:
        """Leave the terminal as it was found."""
        ...

    def grasp(self) -> None:
        """Show again after `release`."""
        ...

    def close(self) -> None:
        """Leave the terminal as it was found, for good."""
        ...


def open_display(title: str, lead: Timeline | None, extra: tuple[str, ...] = ()) -> Display:
    """A panel where standard output is a terminal that can show one, else lines.

    Args:
        extra: texts that a panel shows while it has room.
    """
    if sys.stdout.isatty() and os.environ.get("TERM", "") not in ("dumb", ""):
        return Screen(title, lead, terminal_style(), extra)
    if sys.platform == "win32" and sys.stdout.isatty():
        os.system("")  # switches the console's codes on
        return Screen(title, lead, terminal_style(), extra)
    return Lines(title, lead)


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
        self, title: str, lead: Timeline | None, style: Style, extra: tuple[str, ...] = ()
    ) -> None:
        self._title = title
        self._lead = lead
        self._style = style
        self._extra = extra
        self._plain = "\x1b[0m" if style.colour else ""
        self._guide: Guide | None = None
        self._shown: list[str] | None = None
        self._size = (0, 0)
        self._help = False
        self._inside = False
        self._handle, self._own = _open_terminal()
        self.grasp()

    def show(self, status: Status) -> None:
        """Draw what changed."""
        if not self._inside:
            self.grasp()
            if not self._inside:
                return
        if self._guide is None or self._guide.timeline is not status.timeline:
            self._guide = Guide(status.timeline, self._lead)
        size = _size(self._handle)
        moment = self._guide.at(status.seconds)
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

    def __init__(self, title: str, lead: Timeline | None) -> None:
        self._title = title
        self._lead = lead
        self._guide: Guide | None = None
        self._step = (0, "")
        self._sentence = ""
        self._state = ""
        self._notice: str | None = None
        self._broken = False
        self._say(title)

    def show(self, status: Status) -> None:
        """Write what is new."""
        if self._guide is None or self._guide.timeline is not status.timeline:
            self._guide = Guide(status.timeline, self._lead)
        moment = self._guide.at(status.seconds)
        clock = format_clock(max(0.0, status.seconds))
        if status.state != self._state:
            if status.state in ("paused", "lost") or self._state in ("paused", "lost"):
                self._say(f"[{clock}] {status.state}")
            self._state = status.state
        if status.notice != self._notice:
            self._notice = status.notice
            if status.notice:
                self._say(f"[{clock}] {status.notice}")
        if status.state != "playing":
            return
        if moment.step and (moment.number, moment.step) != self._step:
            self._step = (moment.number, moment.step)
            self._say(f"[{clock}] {moment.step}")
        if moment.sentence and moment.sentence != self._sentence:
            self._say(f"  {moment.sentence}")
        self._sentence = moment.sentence

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
