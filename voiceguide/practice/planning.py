"""The plan of the listener at this machine: its answers, library and journal put together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from voiceguide.errors import VoiceguideError
from voiceguide.library.tracks import entries
from voiceguide.plan import Options
from voiceguide.plan.model import ChapterMark
from voiceguide.practice import journal
from voiceguide.practice.finder import in_words
from voiceguide.practice.lengths import Estimates
from voiceguide.practice.listener import Listener
from voiceguide.practice.records import Record
from voiceguide.practice.schedule import Day, Task, Worked, plan
from voiceguide.session import Request, draft


@dataclass(frozen=True, slots=True)
class Planned:
    """Days to come.

    Attributes:
        note: what the listener should know of the journal, or None.
    """

    days: tuple[Day, ...]
    note: str | None


def plan_days(listener: Listener, start: date, days: int = 1) -> Planned:
    """So many days from a date on, by what the journal says was done.

    Raises:
        UsageError: as `schedule.plan`.
        VoiceguideError: the journal cannot be read.
    """
    past = journal.read()
    found = plan(listener, entries(), worked(past.records), start, days, Estimates())
    return Planned(found, past.note)


def worked(records: Iterable[Record]) -> tuple[Worked, ...]:
    """Sessions of the journal as a plan needs them."""
    return tuple(
        Worked(
            r.day,
            r.track,
            r.seconds,
            r.tool,
            r.pain_before,
            r.pain_after,
            completed=r.completed or r.marked,
        )
        for r in records
    )


def describe(task: Task) -> str:
    """A session of a plan in words, with its steps, for people and other programs."""
    options = task.options
    parts = [task.title]
    if task.minutes:
        parts.append(f"{task.minutes} min")
    if options.sore:
        parts.append(f"{options.sore} side first, and longer")
    elif options.start:
        parts.append(f"{options.start} side first")
    elif options.side != "both":
        parts.append(f"{options.side} side")
    lines = [", ".join(parts) + "."]
    if options.tool:
        lines.append(f"You need: {in_words(options.tool)}.")
    titles = [title for title in steps(task.track, options) if title != task.title]
    if titles:
        lines += ["Steps:", *(f"- {title}" for title in titles)]
    return "\n".join(lines)


def steps(name: str, options: Options) -> tuple[str, ...]:
    """Titles of a session's steps, each once; none where it can't be made."""
    try:
        plan = draft(Request(name, options)).plan
        items = plan.unfold(plan.usual)
    except VoiceguideError:
        return ()
    return tuple(dict.fromkeys(item.title for item in items if isinstance(item, ChapterMark)))
