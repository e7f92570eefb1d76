"""The dangers that forbid a session, shown and asked for in a terminal."""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from voiceguide.cli.keys import MARK_NO_PASTES, MARK_PASTES, Keyboard
from voiceguide.cli.prose import paragraph, say

if TYPE_CHECKING:
    from voiceguide.cli.signals import Signals
    from voiceguide.practice.safety import Cautions

_TURN = 0.5
_HEAD = "Before you start: does any of these apply to you?"
_QUESTION = "Press n if none of them does, y if any does."
_NOT_ADVICE = "This is not medical advice. voiceguide show TRACK says more."
STOPPED = 1
"""The exit code where one of them applies."""


def show_once() -> None:
    """Before a file is made: once in a month, on stderr."""
    from voiceguide.practice import safety

    if (cautions := safety.show_once()) is not None:
        _show(cautions)


def confirmed(signals: Signals) -> int | None:
    """Before a session starts: None where nothing forbids it, else the exit code.

    On a terminal the listener is asked, page by page, and nothing starts before the answer. Where
    nobody can be asked they are shown each time.
    """
    from voiceguide.practice import safety

    cautions = safety.needed()
    if cautions is None:
        return None
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        _show(cautions)
        return None
    with _pastes_marked(), Keyboard() as keyboard, signals.noted(keyboard):
        for texts, told in (
            (cautions.emergency, "Don't start. Get emergency help now."),
            (cautions.do_not_start, "Don't start today. See a doctor first."),
        ):
            for page in _pages(texts):
                click.echo("\n".join(["", *page, _QUESTION]), err=True)
                answer = _answer(keyboard, signals)
                if answer == "y":
                    say(told, err=True, bold=True)
                if answer != "n":
                    return signals.code or STOPPED
    safety.confirm()
    return None


@contextlib.contextmanager
def _pastes_marked() -> Iterator[None]:
    """What is pasted is no answer meanwhile."""
    click.echo(MARK_PASTES, nl=False, err=True)
    try:
        yield
    finally:
        click.echo(MARK_NO_PASTES, nl=False, err=True)


def _show(cautions: Cautions) -> None:
    say(_HEAD, err=True, bold=True)
    for text in (*cautions.emergency, *cautions.do_not_start):
        say(text, indent=2, hang=2, first="-", err=True)
    say(_NOT_ADVICE, err=True)


def _pages(texts: Iterable[str]) -> list[list[str]]:
    """A list as lines of pages that fit the screen, together with the question."""
    room = shutil.get_terminal_size().lines - len(paragraph(_QUESTION, err=True)) - 2
    head = paragraph(_HEAD, err=True, bold=True)
    pages: list[list[str]] = []
    for text in texts:
        lines = paragraph(text, indent=2, hang=2, first="-", err=True)
        if pages and len(pages[-1]) + len(lines) <= room:
            pages[-1] += lines
        else:
            pages.append([*head, *lines])
    return pages


def _answer(keyboard: Keyboard, signals: Signals) -> str | None:
    """`y`, `n` or `q`; None where a signal came first, or the terminal went away."""
    while not signals.code and not keyboard.gone:
        for key in keyboard.wait(_TURN):
            if key.lower() in ("y", "n", "q"):
                return key.lower()
        if signals.suspend:
            signals.suspend = False
            keyboard.release()
            signals.stop_here()
            keyboard.grasp()
    return None
