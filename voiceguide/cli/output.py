"""Tables and progress by rich, and JSON; data on stdout, all else on stderr."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from voiceguide.cli.messages import safe
from voiceguide.cli.params import color

if TYPE_CHECKING:
    from rich.console import Console

    from voiceguide.session import Progress


def console(*, stderr: bool = False) -> Console:
    """A rich console that obeys --color and NO_COLOR."""
    from rich.console import Console

    wanted = color()
    stream = sys.stderr if stderr else sys.stdout
    if wanted:
        return Console(file=stream, force_terminal=True, highlight=False)
    plain = wanted is False
    width = None if stream.isatty() else 200
    return Console(file=stream, no_color=plain, highlight=False, width=width)


def print_table(
    columns: Iterable[str], rows: Iterable[Iterable[str]], *, right: Iterable[str] = ()
) -> None:
    """A table on stdout; tab-separated when it is piped, so that programs can read it."""
    columns = list(columns)
    if not sys.stdout.isatty() and not color():
        for row in rows:
            click.echo("\t".join(safe(cell) for cell in row))
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name, justify="right" if name in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(safe(cell)) for cell in row))
    console().print(table)


def print_json(data: Any) -> None:
    """Data as JSON on stdout."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))


@contextlib.contextmanager
def progress_bar(label: str, *, quiet: bool = False) -> Iterator[Progress | None]:
    """A progress callback that draws a bar on a terminal, and None when stderr is piped."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    words = {"speaking": "speaking", "writing": "writing"}
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(), console=console(stderr=True), transient=True,
    )  # fmt: skip
    tasks: dict[str, TaskID] = {}

    def update(stage: str, done: int, total: int) -> None:
        if stage not in tasks:
            for task in tasks.values():
                bar.update(task, visible=False)
            tasks[stage] = bar.add_task(f"{safe(label)}: {words.get(stage, stage)}", total=total)
        bar.update(tasks[stage], completed=done, total=total)

    with bar:
        yield update
