"""Calls about what was done and what is to come: journal, plan, the listener's answers."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from starlette.responses import Response

from voiceguide.errors import NotFoundError, UsageError, VoiceguideError
from voiceguide.page import home
from voiceguide.practice.checked import flag, maybe, number, one_of, text, whole
from voiceguide.web.asked import Asked, key_of


def journal(asked: Asked) -> Any:  # noqa: ARG001
    from voiceguide.practice import journal, progress

    read = journal.read()
    return {
        "sessions": [record.to_dict() for record in reversed(read.records)],
        "figures": progress.to_dict(progress.points(read.records)),
        "note": read.note,
    }


def add(asked: Asked) -> Any:
    from voiceguide.practice.journal import Journal
    from voiceguide.practice.records import check_pain

    told = asked.read(
        key=text,
        track=text,
        started=text,
        ended=maybe(text),
        side=maybe(one_of(("left", "right", "both"))),
        tool=maybe(text),
        seconds=number(0.0, 86_400.0),
        completed=flag,
        skipped=flag,
        marked=flag,
        pain_before=maybe(whole(0, 10)),
        pain_after=maybe(whole(0, 10)),
    )
    key = key_of(told)
    told.pop("key", None)
    missing = [name for name in ("track", "started", "seconds") if name not in told]
    if missing:
        raise UsageError(f'a session of the journal needs "{missing[0]}"')
    for name in ("started", "ended"):
        if told.get(name):
            told[name] = _moment(told[name])
    for name in ("pain_before", "pain_after"):
        check_pain(told.get(name))

    def write() -> Any:
        with Journal() as journal:
            return {"row": journal.record(**told)}

    return asked.server.sent.once(key, write)


def _moment(written: str) -> datetime:
    try:
        when = datetime.fromisoformat(written)
    except ValueError:
        raise UsageError(
            f'"{written[:40]}" has to be a time such as 2026-03-02T18:30:00+01:00'
        ) from None
    when = when if when.tzinfo else when.astimezone()
    if not datetime(1971, 1, 2, tzinfo=UTC) < when <= datetime.now(UTC).replace(year=2199):
        raise UsageError(f'"{written[:40]}" is too early or too late for a session')
    return when


def _row(asked: Asked) -> int:
    ident = asked.parts["row"]
    if not ident.isdigit() or len(ident) > 15:
        raise NotFoundError(f'there is no session "{ident[:20]}"')
    return int(ident)


def pain(asked: Asked) -> Any:
    from voiceguide.practice.journal import Journal

    told = asked.read(pain_before=maybe(whole(0, 10)), pain_after=maybe(whole(0, 10)))
    with Journal() as journal:
        found = journal.say_pain(
            _row(asked), before=told.get("pain_before"), after=told.get("pain_after")
        )
    return found.to_dict()


def forget_row(asked: Asked) -> None:
    from voiceguide.practice.journal import Journal

    with Journal() as journal:
        journal.delete(_row(asked))


def csv(asked: Asked) -> Response:  # noqa: ARG001
    from voiceguide.practice import journal, records

    body = records.to_csv(journal.read().records)
    headers = {"content-disposition": 'attachment; filename="voiceguide-journal.csv"'}
    return Response(body.encode("utf-8"), 200, headers, "text/csv; charset=utf-8")


def chart(asked: Asked) -> Response:  # noqa: ARG001
    from voiceguide.pictures import chart
    from voiceguide.practice import journal, progress

    shown = progress.points(journal.read().records)
    if not shown:
        raise NotFoundError("there is no session in the journal yet")
    return Response(chart.svg(shown), media_type="image/svg+xml")


def plan(asked: Asked) -> Any:
    from voiceguide.practice.listener import Listener, recall
    from voiceguide.practice.planning import plan_days

    weeks = asked.query.get("weeks", "1")
    count = min(8, max(1, int(weeks))) if weeks.isdigit() and len(weeks) < 3 else 1
    planned = plan_days(recall() or Listener(), date.today(), 7 * count)
    return {"days": [home.day_to_dict(day) for day in planned.days], "note": planned.note}


def calendar(asked: Asked) -> Response:  # noqa: ARG001
    from voiceguide.practice import calendar
    from voiceguide.practice.listener import Listener, recall
    from voiceguide.practice.planning import describe, plan_days

    planned = plan_days(recall() or Listener(), date.today(), 28)
    body = calendar.calendar(
        planned.days,
        describe,
        owner=calendar.owner(),
        stamp=datetime.now(UTC),
        at=None,
        zone=calendar.local_zone(),
        remind=None,
    )
    headers = {"content-disposition": 'attachment; filename="voiceguide.ics"'}
    return Response(body, 200, headers, "text/calendar; charset=utf-8")


def settings(asked: Asked) -> Any:  # noqa: ARG001
    from voiceguide.practice.listener import Listener, recall

    return home.settings_to_dict(recall() or Listener())


def change(asked: Asked) -> Any:
    from dataclasses import replace

    from voiceguide.library import catalogue
    from voiceguide.practice.checked import some_of
    from voiceguide.practice.emergency import NUMBERS
    from voiceguide.practice.finder import PRACTISED, SIDES
    from voiceguide.practice.listener import MINUTES, Listener, recall, remember

    told = asked.read(
        pain=some_of(catalogue.pain_places()),
        worse=some_of(catalogue.aggravators()),
        tools=maybe(some_of(catalogue.tools())),
        side=one_of(SIDES),
        level=one_of(PRACTISED),
        minutes=whole(*MINUTES),
        country=maybe(one_of(NUMBERS)),
    )
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in told.items()
    }
    try:
        kept = recall() or Listener()
    except VoiceguideError:  # damaged: what is answered now takes its place
        kept = Listener()
    changed = replace(kept, **given)
    remember(changed)
    return home.settings_to_dict(changed)


def forget_answers(asked: Asked) -> None:  # noqa: ARG001
    from voiceguide.practice import listener

    listener.forget()
