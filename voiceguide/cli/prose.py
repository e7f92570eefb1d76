"""Text that fits the terminal, however narrow."""

from __future__ import annotations

import shutil
import sys
import textwrap

import click

from voiceguide.cli.messages import safe


def width() -> int:
    """Columns to write in: the terminal's, at most 88; 88 where there is none."""
    if not sys.stdout.isatty():
        return 88
    return max(20, min(88, shutil.get_terminal_size().columns))


def say(
    text: str,
    *,
    indent: int = 0,
    hang: int = 0,
    first: str = "",
    err: bool = False,
    **style: object,
) -> None:
    """Write a paragraph, wrapped.

    Args:
        indent: spaces before each line.
        hang: how much further in the lines after the first stand.
        first: what stands before the first line, in the room of the hang.
        style: as `click.style` takes it.
    """
    lines = textwrap.wrap(
        safe(text), width() - indent - hang, break_long_words=False, break_on_hyphens=False
    ) or [""]
    for number, line in enumerate(lines):
        lead = " " * indent + ((first.ljust(hang) if first else "") if number == 0 else " " * hang)
        click.echo(lead + click.style(line, **style), err=err)  # type: ignore[arg-type]


def blank(*, err: bool = False) -> None:
    """Write an empty line."""
    click.echo(err=err)
