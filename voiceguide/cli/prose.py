"""Paragraphs, lists and drawings that fit the terminal, however narrow."""

from __future__ import annotations

import math
import sys
import textwrap
from collections.abc import Sequence

import click

from voiceguide.cli.messages import safe, width
from voiceguide.units import format_seconds

WIDEST = 88
"""Longer lines are hard to read."""


def columns() -> int:
    """How wide a drawing on stdout may be; as on a usual terminal where there is none."""
    return min(WIDEST, width(sys.stdout) or 80)


def unicode() -> bool:
    """Whether stdout can say more than ASCII and Latin letters."""
    return (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")


def reach_texts(shortest: float, usual: float, longest: float) -> tuple[str, str, str]:
    """The shortest, usual and longest of a session, in seconds, as they can be asked for.

    The ends are rounded inwards to a tenth of a second, unless nothing would be left between them,
    and the usual never lies beyond them.
    """
    least, most = math.ceil(round(shortest * 10, 5)), math.floor(round(longest * 10, 5))
    if least > most:
        return format_seconds(shortest), format_seconds(usual), format_seconds(longest)
    between = min(max(usual, least / 10), most / 10)
    return format_seconds(least / 10), format_seconds(between), format_seconds(most / 10)


def say(
    text: str,
    *,
    indent: int = 0,
    hang: int = 0,
    first: str = "",
    err: bool = False,
    **style: object,
) -> None:
    """Write a paragraph: wrapped on a terminal, as one line elsewhere.

    Args:
        indent: spaces before each line.
        hang: how much further in the lines after the first stand.
        first: what stands before the first line, in the room of the hang.
        style: as `click.style` takes it.
    """
    for line in paragraph(text, indent=indent, hang=hang, first=first, err=err, **style):
        click.echo(line, err=err)


def paragraph(
    text: str,
    *,
    indent: int = 0,
    hang: int = 0,
    first: str = "",
    err: bool = False,
    **style: object,
) -> list[str]:
    """The lines that `say` writes."""
    room = width(sys.stderr if err else sys.stdout)
    lines = [safe(text)]
    if room is not None:
        columns = max(10, min(WIDEST, room) - indent - hang)
        lines = textwrap.wrap(
            lines[0], columns, break_long_words=False, break_on_hyphens=False
        ) or [""]
    leads = (first.ljust(hang) if first else "", " " * hang)
    return [
        " " * indent + leads[number > 0] + click.style(line, **style)  # type: ignore[arg-type]
        for number, line in enumerate(lines)
    ]


def say_command(words: Sequence[str], *, indent: int = 0) -> None:
    """Write a command as a shell takes it; where it is too long for the terminal, on several lines
    that can be copied together.

    Args:
        words: quoted where they have to be.
    """
    room = width(sys.stdout)
    most = room - indent - 2 if room is not None and sys.platform != "win32" else sys.maxsize
    lines: list[str] = []
    paired = " ".join(words).replace(" --", "\n--").split("\n")  # an option stays with its value
    for word in paired:
        if lines and len(lines[-1]) + 1 + len(word) <= most:
            lines[-1] += " " + word
        else:
            lines.append(("  " if lines else "") + word)
    for line in lines[:-1]:
        click.echo(" " * indent + click.style(line + " \\", fg="cyan"))
    click.echo(" " * indent + click.style(lines[-1], fg="cyan"))


def note(text: str | None) -> None:
    """Tell on stderr what the listener should know, if there is anything."""
    if text:
        click.echo(f"Note: {safe(text)}.", err=True)


def blank(*, err: bool = False) -> None:
    """Write an empty line."""
    click.echo(err=err)
