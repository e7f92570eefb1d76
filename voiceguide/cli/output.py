"""Tables and progress by rich, and JSON; data on stdout, all else on stderr."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from voiceguide.cli.messages import UNSAFE, safe, width, wrapped
from voiceguide.cli.params import color

if TYPE_CHECKING:
    from rich.console import Console

    from voiceguide.session import Progress


_NARROWEST = 16
"""Characters below which the last column of a table is no column to read."""


def console(*, stderr: bool = False) -> Console:
    """A rich console that obeys --color and NO_COLOR."""
    from rich.console import Console

    wanted = color()
    stream = sys.stderr if stderr else sys.stdout
    if wanted:
        columns = width(stream) or 200
        return Console(file=stream, force_terminal=True, highlight=False, width=columns)
    return Console(file=stream, no_color=wanted is False, highlight=False, width=width(stream))


def print_table(
    columns: Iterable[str],
    rows: Iterable[Iterable[str]],
    *,
    right: Collection[str] = (),
    spare: Collection[str] = (),
    least: int = 24,
    groups: Sequence[str] = (),
) -> None:
    """A table on stdout; tab-separated when it is piped, so that programs can read it.

    Args:
        columns: their names; the first is never cut, the last takes the room that is left.
        right: those that are set flush right.
        spare: those that go, in this order, where a terminal is too narrow.
        least: characters the last column should have.
        groups: of each row the name of its group, which is a line of its own on a terminal.
    """
    columns = list(columns)
    cells = [[safe(cell).replace("\t", " ").replace("\n", " ") for cell in row] for row in rows]
    if not sys.stdout.isatty() and not color():
        for row in cells:
            click.echo("\t".join(row))
        return
    columns[0] = columns[0].ljust(max((len(group) for group in groups), default=0))
    shown, room = _fitting(columns, cells, tuple(spare), least)
    longest = max((len(row[shown[-1]]) for row in cells), default=0)
    if room < min(_NARROWEST, longest):
        _print_stacked(shown, cells, groups)
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    free = max(0, room - longest)
    for index in shown:
        name = columns[index]
        least = wanted = min(room, longest)
        if index != shown[-1]:
            least = _least(columns, cells, index)
            wanted = max(least, *(len(row[index]) for row in cells), 0)
        own = min(wanted, least + free)
        free -= own - least
        table.add_column(
            name,
            justify="right" if name in right else "left",
            overflow="fold",
            no_wrap=index == 0,
            width=own,
        )
    for number, row in enumerate(cells):
        if head := _begins(groups, number):
            table.add_row(Text(f"\n{head}" if number else head, style="bold"))
        table.add_row(*(Text(row[index]) for index in shown))
    console().print(table)


def _begins(groups: Sequence[str], number: int) -> str | None:
    """The name of the group that begins with a row, if one does."""
    if not groups or (number and groups[number] == groups[number - 1]):
        return None
    return groups[number]


def _print_stacked(shown: list[int], rows: list[list[str]], groups: Sequence[str]) -> None:
    """Rows of which the last cell stands below the others, where a terminal is too narrow."""
    room = width(sys.stdout) or 200
    for number, row in enumerate(rows):
        if head := _begins(groups, number):
            click.echo(("\n" if number else "") + click.style(head, bold=True), color=color())
        first, *more = (row[index] for index in shown[:-1])
        click.echo("  ".join([click.style(first, bold=True), *more]), color=color())
        click.echo(wrapped(f"  {row[shown[-1]]}", room, indent=2), color=color())


def _least(columns: list[str], rows: list[list[str]], index: int) -> int:
    """Characters that a column has at least: its longest word whole, no cell on more than about two
    lines; the first column's cells whole."""
    cells = [row[index] for row in rows]
    longest = max(map(len, cells), default=0)
    words = max((len(word) for cell in cells for word in cell.split()), default=0)
    return max(len(columns[index]), longest if index == 0 else max(words, longest // 2 + 2))


def _fitting(
    columns: list[str], rows: list[list[str]], spare: tuple[str, ...], least: int
) -> tuple[list[int], int]:
    """The indices of the columns that a terminal has room for, and what the last one gets."""
    room = width(sys.stdout) or 200
    shown = list(range(len(columns)))
    names = list(spare)
    while True:
        left = room - sum(_least(columns, rows, i) + 2 for i in shown[:-1])
        if left >= least or not names:
            return shown, max(1, left)
        shown.remove(columns.index(names.pop(0)))


def print_json(data: Any) -> None:
    """Data as JSON on stdout, plain ASCII where stdout takes nothing else."""
    text = json.dumps(data, ensure_ascii=False, indent=2)
    # JSON's own escapes leave marks that steer a terminal as they are.
    text = UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(data, indent=2)
    click.echo(text)


_STAGES = {"speaking": "preparing the voice", "writing": "writing"}
"""What is said of the stages of a session on its way."""


@contextlib.contextmanager
def progress_bar(label: str, *, quiet: bool = False) -> Iterator[Progress | None]:
    """A progress callback that draws a bar on a terminal, and None when stderr is piped."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, Progress, Task, TaskID, TextColumn, TimeRemainingColumn
    from rich.table import Column
    from rich.text import Text

    class Remaining(TimeRemainingColumn):
        """What is left, as soon as that can be told."""

        def render(self, task: Task) -> Text:
            return Text("") if task.time_remaining is None else super().render(task)

    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %", table_column=Column(min_width=5, no_wrap=True)),
        Remaining(),
        console=console(stderr=True),
        transient=True,
    )
    tasks: dict[str, TaskID] = {}

    def update(stage: str, done: int, total: int) -> None:
        if stage not in tasks:
            for task in tasks.values():
                bar.update(task, visible=False)
            what = _STAGES.get(stage, stage)
            tasks[stage] = bar.add_task(f"{safe(label)}: {what}", total=total)
        bar.update(tasks[stage], completed=done, total=total)

    with bar:
        yield update
