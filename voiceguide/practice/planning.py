"""The plan of the listener at this machine: its answers, library and journal put together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from voiceguide.library.tracks import entries
from voiceguide.practice import journal
from voiceguide.practice.lengths import Estimates
from voiceguide.practice.listener import Listener
from voiceguide.practice.records import Record
from voiceguide.practice.schedule import Day, Worked, plan


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
        Worked(r.day, r.track, r.seconds, r.tool, r.pain_before, r.pain_after) for r in records
    )
