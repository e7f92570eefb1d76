"""Errors and findings as text for people."""

from __future__ import annotations

import re
from collections.abc import Iterable

import click

from voiceguide.errors import Problem, ScriptError, VoiceguideError

_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def safe(text: str) -> str:
    """The text without anything that steers a terminal."""
    return _UNSAFE.sub("\ufffd", text)


def report(error: VoiceguideError) -> None:
    """Say on stderr what went wrong."""
    if isinstance(error, ScriptError):
        show_problems(error.problems)
        return
    click.echo(click.style("Error:", fg="red", bold=True) + " " + safe(str(error)), err=True)


def show_problems(problems: Iterable[Problem]) -> None:
    """Findings with their line, carets and hints, on stderr."""
    problems = tuple(problems)
    for problem in problems:
        click.echo(format_problem(problem), err=True)
    counts = []
    for severity in ("error", "warning"):
        number = sum(p.severity == severity for p in problems)
        if number:
            counts.append(f"{number} {severity}{'s' if number > 1 else ''}")
    click.echo(", ".join(counts), err=True)


def format_problem(problem: Problem) -> str:
    """One finding, several lines, with colours that click strips where there are none."""
    colour = "red" if problem.severity == "error" else "yellow"
    head = click.style(f"{safe(str(problem.location))}:", bold=True)
    kind = click.style(f"{problem.severity}[{problem.code}]", fg=colour, bold=True)
    lines = [f"{head} {kind} {safe(problem.message)}"]
    number = str(problem.location.line)
    bar = click.style("|", fg="blue")
    if problem.source_line:
        shown, column = _window(safe(problem.source_line), problem.location.column)
        carets = "^" * max(1, min(problem.length, len(shown) - column + 1))
        lines.append(f"  {click.style(number, fg='blue')} {bar} {shown}")
        lines.append(
            f"  {' ' * len(number)} {bar} {' ' * (column - 1)}{click.style(carets, fg=colour)}"
        )
    for name, text in (("expected", problem.expected), ("hint", problem.hint)):
        if text:
            lines.append(f"  {' ' * len(number)} {click.style(name + ':', bold=True)} {safe(text)}")
    for place in reversed(problem.included_from):
        lines.append(f"  {' ' * len(number)} included from {safe(str(place))}")
    return "\n".join(lines)


def _window(line: str, column: int, width: int = 160) -> tuple[str, int]:
    """A long line cut around a column; returns the part, and the column in it."""
    if len(line) <= width:
        return line, column
    start = max(0, column - width // 2)
    return line[start : start + width], column - start
