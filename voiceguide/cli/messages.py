"""Errors and findings as text for people."""

from __future__ import annotations

import os
import re
import sys
import textwrap
from collections.abc import Iterable
from math import ceil
from typing import TextIO

import click

from voiceguide.errors import LengthError, Problem, ScriptError, VoiceguideError

UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

_COMMANDS = {
    "answers": "voiceguide find --remember asks again",
    "name": "voiceguide tracks lists them",
    "session": "voiceguide log lists them",
}
_OPTIONS = {"force": "{} replaces it", "voice": "choose another with {}"}
"""What to do about a setting of `VoiceguideError.settings`: with a command, or with the option of
the command that was called; other options of it are named in brackets."""
_TARGETS = ("output", "ics", "target")
"""Parameters that say where a file is written."""


def safe(text: str) -> str:
    """The text without anything that steers a terminal or cannot be written."""
    return UNSAFE.sub("\ufffd", text)


def width(stream: TextIO) -> int | None:
    """Columns of the terminal behind a stream, or None where there is none."""
    if not stream.isatty():
        return None
    asked = os.environ.get("COLUMNS", "")
    if asked.isdecimal() and int(asked):
        columns = int(asked)
    else:
        try:
            columns = os.get_terminal_size(stream.fileno()).columns or 80
        except (OSError, ValueError):
            columns = 80
    return max(columns, 20)


def wrapped(text: str, columns: int | None, *, indent: int = 0) -> str:
    """A text cut between words, its further lines moved in; as it is where columns are unbounded."""
    if columns is None or len(text) <= columns:
        return text
    return textwrap.fill(
        text,
        columns,
        subsequent_indent=" " * min(indent, columns // 2),
        break_long_words=False,
        break_on_hyphens=False,
    )


def say_error(message: str, color: bool | None = None) -> None:
    """One sentence on stderr about what went wrong."""
    line = " ".join(safe(message).split("\n"))
    text = wrapped(f"Error: {line}", width(sys.stderr), indent=7)
    head = click.style("Error:", fg="red", bold=True)
    click.echo(head + text.removeprefix("Error:"), err=True, color=color)


def report(error: VoiceguideError, about: str = "") -> None:
    """Say on stderr what went wrong, and with which of several things it did."""
    if isinstance(error, ScriptError):
        show_problems(error.problems)
    else:
        told = with_way_out(error)
        say_error(f"{about}: {told}" if about else told)


def with_way_out(error: VoiceguideError) -> str:
    """An error's message, followed by what helps: only options that the command has."""
    context = click.get_current_context(silent=True)
    params = context.command.params if context else []
    options = {str(param.name): max(param.opts, key=len) for param in params}
    if isinstance(error, LengthError) and not error.gap and "minutes" in options:
        return f"{error}{_whole_minutes(error.reachable, options['minutes'])}"
    for name in error.settings:
        if name in _COMMANDS:
            return f"{error}; {_COMMANDS[name]}"
        if name in _OPTIONS and name in options:
            return f"{error}; {_OPTIONS[name].format(options[name])}"
    if "path" in error.settings and context:
        # What was written may be a file that no option names, such as the journal.
        given = [name for name in _TARGETS if context.params.get(name) is not None]
        return f"{error}; choose another with {options[given[0]]}" if given else str(error)
    helpful = [options[name] for name in error.settings if name in options]
    return f"{error} ({', '.join(helpful)})" if helpful else str(error)


def _whole_minutes(reachable: tuple[float, ...], option: str) -> str:
    """What to give instead of a length that is out of reach: the first whole minutes, or the last."""
    if len(reachable) != 2 or (first := ceil(reachable[0] / 60)) > (
        last := int(reachable[1] // 60)
    ):
        return ""
    return f"; try {option} {first}" + (f", or up to {last}" if last > first else "")


def show_problems(problems: Iterable[Problem], *, err: bool = True) -> None:
    """Findings with their line, carets and hints, and how many there are; on stderr or stdout."""
    problems = tuple(problems)
    columns = width(sys.stderr if err else sys.stdout)
    for problem in problems:
        click.echo(format_problem(problem, columns), err=err)
    click.echo(count(problems), err=err)


def count(problems: Iterable[Problem]) -> str:
    """How many errors and warnings, in words."""
    problems = tuple(problems)
    counts = []
    for severity in ("error", "warning"):
        number = sum(p.severity == severity for p in problems)
        if number:
            counts.append(f"{number} {severity}{'s' if number > 1 else ''}")
    return ", ".join(counts)


def format_problem(problem: Problem, columns: int | None = None) -> str:
    """One finding, several lines, with colours that click strips where there are none.

    Args:
        columns: of the terminal, or None for lines of any length.
    """
    colour = "red" if problem.severity == "error" else "yellow"
    where, kind = f"{safe(str(problem.location))}:", f"{problem.severity}[{problem.code}]"
    head = wrapped(f"{where} {kind} {safe(problem.message)}", columns, indent=4)
    head = head.replace(where, click.style(where, bold=True), 1)
    lines = [head.replace(kind, click.style(kind, fg=colour, bold=True), 1)]
    number = str(problem.location.line)
    bar = click.style("|", fg="blue")
    if problem.source_line:
        room = 160 if columns is None else max(20, columns - len(number) - 5)
        shown, column = _window(_plain(problem.source_line), problem.location.column, room)
        carets = "^" * max(1, min(problem.length, len(shown) - column + 1))
        lines.append(f"  {click.style(number, fg='blue')} {bar} {shown}")
        lines.append(
            f"  {' ' * len(number)} {bar} {' ' * (column - 1)}{click.style(carets, fg=colour)}"
        )
    for name, text in (("expected", problem.expected), ("hint", problem.hint)):
        if text:
            margin = " " * (len(number) + 3)
            line = wrapped(f"{margin}{name}: {safe(text)}", columns, indent=len(margin) + 2)
            lines.append(line.replace(f"{name}:", click.style(f"{name}:", bold=True), 1))
    for place in reversed(problem.included_from):
        lines.append(f"  {' ' * len(number)} included from {safe(str(place))}")
    return "\n".join(lines)


def _plain(line: str) -> str:
    """A source line of which each character takes one column."""
    return safe(line).replace("\t", " ").replace("\n", " ")


def _window(line: str, column: int, room: int) -> tuple[str, int]:
    """A long line cut around a column; returns the part, and the column in it."""
    if len(line) <= room:
        return line, column
    start = max(0, min(column - room // 2, len(line) - room))
    return line[start : start + room], column - start
