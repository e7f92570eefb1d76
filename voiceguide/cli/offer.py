"""Questions at a terminal that offer what comes next."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from voiceguide.plan import Options

_KEYS = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1bO.|\x1b")
"""What arrow keys and their like send."""


def can_ask() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def answer(question: str) -> str:
    """What is typed after a question, in small letters; keys that are no letters count for nothing."""
    text = click.prompt(question, default="", show_default=False, err=True)
    return _KEYS.sub("", text).strip().casefold()


def agreed(question: str) -> bool:
    """Whether the listener says yes; anything else is no."""
    return answer(f"{question} (y, or Enter for no)") in ("y", "yes")


def offer_play(choices: Sequence[tuple[str, Options]]) -> int:
    """Ask which of some sessions is to be played now, and play it; returns the exit code."""
    if not choices:
        return 0
    numbers = [str(number) for number in range(1, len(choices) + 1)]
    if len(choices) == 1:
        said = "1" if agreed("Play it now?") else ""
    else:
        said = answer(f"Play one now? (1 to {len(choices)}, or Enter for no)")
    if said not in numbers:
        return 0
    from voiceguide.cli.listening import listen
    from voiceguide.practice.listening import Listening
    from voiceguide.session import Request

    name, options = choices[int(said) - 1]
    return listen(lambda: Listening(Request(name, options)))
