"""Marking a session as done that was not played here."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from voiceguide.errors import UsageError
from voiceguide.library.tracks import find
from voiceguide.practice.journal import Journal
from voiceguide.practice.lengths import usual
from voiceguide.practice.questions import read
from voiceguide.practice.records import Record


def mark_done(
    name: str,
    *,
    when: str | None = None,
    minutes: float | None = None,
    side: str | None = None,
    tool: str | None = None,
    pain_before: int | None = None,
    pain_after: int | None = None,
) -> tuple[Record, str | None]:
    """Write a session into the listener's journal.

    Args:
        name: of a track, which may be shortened.
        when: when it began, as `moment` takes it; without, it ended just now.
        minutes: how long it was, or None for the track's own length.
        tool: what it was done with, which may be shortened.

    Returns:
        the session, and what the listener should know of the journal, or None.

    Raises:
        UsageError: one of the values is none.
        VoiceguideError: the journal cannot be written.
    """
    track = find(name)
    started, past = _moment(when)
    seconds = usual(track.ref) if minutes is None else minutes * 60
    if minutes is not None:
        lasted = timedelta(seconds=seconds)
        if not past:
            started -= lasted
        elif started + lasted > datetime.now(UTC) + _A_MINUTE:
            raise UsageError(f'{minutes:g} minutes from "{when}" on are not over yet')
    tool = read("tools", [tool])[0] if tool else None
    with Journal() as journal:
        number = journal.record(
            started=started,
            ended=None if minutes is None else started + timedelta(seconds=seconds),
            track=track.ref,
            seconds=seconds,
            side=side,
            tool=tool,
            marked=True,
            pain_before=pain_before,
            pain_after=pain_after,
        )
        return journal.get(number), journal.note


def moment(text: str | None) -> datetime:
    """A moment that has been, local: `now`, `yesterday`, `2026-03-02` or `2026-03-02 18:30`.

    Raises:
        UsageError: it is none, or still to come.
    """
    return _moment(text)[0]


_A_MINUTE = timedelta(minutes=1)


def _moment(text: str | None) -> tuple[datetime, bool]:
    """The moment, and whether it is another one than now."""
    now = datetime.now().astimezone()
    if text is None:
        return now, False
    word = text.strip().casefold()
    near = {"now": now, "today": now, "yesterday": now - timedelta(days=1)}
    if word in near:
        return near[word], word == "yesterday"
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageError(
            f'I can\'t read "{text[:80]}" as a date; write it as 2026-03-02 or "2026-03-02 18:30"'
        ) from error
    if len(text.strip()) <= 10:
        # Only a day was said.
        if found.date() == now.date():
            return now, False
        found = datetime.combine(found, time(12))
    if found.year <= 1970:  # no system knows its time of day further back
        raise UsageError(f'"{text}" is too long ago')
    if found.year > now.year + 1 or found.astimezone() > now + _A_MINUTE:
        raise UsageError(f'"{text}" is still to come: the journal holds what was done')
    local = found.astimezone()
    if found.tzinfo is None and local.astimezone(UTC).astimezone().replace(tzinfo=None) != found:
        raise UsageError(f'there was no "{text}" here: the clocks went forward then')
    return local, True
