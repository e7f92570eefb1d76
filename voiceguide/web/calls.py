"""What can be asked of the server: each call a row, which routes and the OpenAPI text are made from."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from voiceguide.errors import NotFoundError, UsageError, VoiceguideError
from voiceguide.page import home, library
from voiceguide.page.requests import request_from
from voiceguide.practice.checked import Check, fields_of, flag, maybe, number, one_of, text, whole
from voiceguide.session import Request
from voiceguide.units import LONGEST
from voiceguide.web.answers import RefusedError
from voiceguide.web.live import Live, LiveSessions, resumed_place, with_first
from voiceguide.web.security import Passes
from voiceguide.web.sent import Sent

_WAIT = 20.0
_KEY = re.compile(r"[0-9A-Za-z-]{8,64}")


@dataclass(frozen=True, slots=True)
class Server:
    """What the calls work on.

    Attributes:
        address: the address that a phone opens, or None where only this computer is served.
        secure: whether that is HTTPS.
    """

    passes: Passes
    lives: LiveSessions
    sent: Sent
    address: Callable[[], str | None]
    secure: bool
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True, slots=True)
class Asked:
    """One call: where it comes from and what it brings.

    Attributes:
        parts: of the path, by name.
        query: of the address, by name.
        body: the object of JSON that was sent, or an empty one.
        local: whether it comes from this computer.
    """

    server: Server
    http: HttpRequest
    parts: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, Any]
    local: bool

    def read(self, **checks: Check) -> dict[str, Any]:
        """Fields of the body that are known to be good; those that are missing are left out.

        Raises:
            UsageError: one can't be used.
        """
        good, odd = fields_of(dict(self.body), checks)
        if odd:
            raise UsageError(f'"{odd[0]}" can\'t be used so')
        return good

    def live(self) -> Live:
        """The session of the path.

        Raises:
            RefusedError: there is none, or it can't be made.
        """
        live = self.server.lives.find(self.parts["id"])
        if live is None:
            raise RefusedError(404, "session", "there is no such session any more: open it again")
        if live.error is not None:
            raise live.error
        return live

    def ready(self) -> Live:
        """As `live`, once it is spoken."""
        live = self.live()
        if live.session is None:
            raise RefusedError(409, "not-ready", "the voice is still being prepared")
        return live


@dataclass(frozen=True, slots=True)
class Call:
    """One thing that can be asked.

    Attributes:
        path: below the base, with parts in braces.
        about: one sentence.
        run: gives a value for JSON, or a whole answer; None for an answer without a body.
        body: JSON Schemas of the fields that it takes, or None where it takes no body.
        open: whether it can be asked without a pass.
        status: of the answer.
        turns: what it takes turns with where it may take long, or None.
    """

    method: str
    path: str
    about: str
    run: Callable[[Asked], Any]
    body: Mapping[str, Any] | None = None
    query: tuple[str, ...] = ()
    open: bool = False
    status: int = 200
    turns: str | None = None


def track_request(data: object) -> Request:
    """The request of a page: of a track of the library, and never of a file.

    Raises:
        UsageError, NotFoundError: as `request_from`, or there is no such track or sound.
    """
    from voiceguide.library.tracks import find

    request = request_from(data)
    track = find(request.name)  # a path finds nothing
    background = request.options.background
    if background not in (None, "none", *library.backgrounds()):
        raise NotFoundError(f'there is no background "{str(background)[:40]}"')
    return Request(track.ref, request.options, request.voice, request.speed)


def _reach(asked: Asked) -> Any:
    query = dict(asked.query)
    options: dict[str, Any] = {
        name: query[name] for name in ("side", "start", "sore", "tool", "pace") if query.get(name)
    }
    if seconds := query.get("length"):
        try:
            options["length"] = float(seconds)
        except ValueError:
            raise UsageError("a length is a number of seconds") from None
    request = track_request({"track": asked.parts["name"], "options": options})
    return library.reach_to_dict(request)


def _track(asked: Asked) -> Any:
    return library.track_to_dict(track_request({"track": asked.parts["name"]}))


def _texts(value: Any) -> bool:
    return isinstance(value, list) and len(value) < 50 and all(map(text, value))


def _find(asked: Asked) -> Any:
    from voiceguide.practice import listener, safety
    from voiceguide.practice.finder import PRACTISED, SIDES, Answers

    told = asked.read(
        pain=_texts,
        worse=_texts,
        tools=maybe(_texts),
        red_flags=_texts,
        side=one_of(SIDES),
        level=one_of(PRACTISED),
        keep=flag,
    )
    keep = told.pop("keep", False)
    lists: dict[str, Any] = {"pain": ()} | {
        name: tuple(value) if isinstance(value, list) else value for name, value in told.items()
    }
    answers = Answers(**lists)
    proposal = library.propose(answers)
    if "red_flags" in told and not told["red_flags"]:
        safety.confirm()
    if keep and not proposal.stopped and proposal.ask_back is None:
        listener.remember_answers(answers)
    return library.proposal_to_dict(proposal)


def _safety(asked: Asked) -> None:
    from voiceguide.practice import safety

    if asked.read(none_applies=flag).get("none_applies") is not True:
        raise UsageError('only "none_applies": true lets a session start')
    safety.confirm()


def _ahead(asked: Asked) -> None:
    asked.server.lives.speak_ahead(track_request(dict(asked.body)))


def _open(asked: Asked) -> Any:
    from voiceguide.practice import safety

    if safety.needed() is not None:
        raise RefusedError(409, "safety", "the emergency signs have to be answered first")
    request = track_request({k: v for k, v in asked.body.items() if k not in ("added", "resume")})
    added = asked.body.get("added", {})
    good = isinstance(added, dict) and len(added) < 500
    if not good or not all(
        k.isdigit() and len(k) < 6 and number(0.1, 60.0)(v) for k, v in added.items()
    ):
        raise UsageError('"added" are seconds by the number of an interval')
    live = asked.server.lives.open(request, {int(k): float(v) for k, v in added.items()})
    return live.to_dict()


def _session(asked: Asked) -> Any:
    live = asked.live()
    after = asked.query.get("after", "")
    live.wait(int(after) if after.isdigit() and len(after) < 9 else -1, _WAIT)
    if live.error is not None:
        raise live.error
    return live.to_dict()


def _more(asked: Asked) -> Any:
    from voiceguide.practice.more import ENOUGH, LAST, LONGER, NOTHING, more_at, more_for

    live = asked.ready()
    session = live.session
    assert session is not None
    given = asked.read(at=number(0.0, LONGEST), interval=whole(0, 100_000))
    if "interval" in given:
        found = more_for(session, given["interval"])
    else:
        found = more_at(session, given.get("at", 0.0))
    if found is None:
        return {"refused": NOTHING}
    if not found.seconds:
        return {"refused": ENOUGH}
    added = {number: float(seconds) for number, seconds in session.more.items()}
    added[found.interval] = added.get(found.interval, 0.0) + found.seconds
    longer = asked.server.lives.open(session.request, added, live)
    live.move(longer.whole())
    return {
        "session": longer.to_dict(),
        "interval": found.interval,
        "added": found.seconds,
        "twin": found.twin,
        "says": LONGER if found.left > found.seconds else LAST,
    }


def _other(asked: Asked) -> Any:
    live = asked.ready()
    session = live.session
    assert session is not None
    at = asked.read(at=number(0.0, LONGEST)).get("at", 0.0)
    rate = session.timeline.format.rate
    sided = [c for c in session.timeline.chapters if c.side]
    if not sided or len({c.side for c in sided}) < 2:
        return {"refused": "This session has one side only."}
    first = sided[0].side
    other = "right" if first == "left" else "left"
    second = next(c for c in sided if c.side == other)
    if at * rate >= second.start:
        return {"refused": "Both sides have begun. Go back a step to repeat one."}
    if at * rate >= sided[0].start:
        return {"seek": second.start / rate, "says": f"On to the {other} side."}
    turned = asked.server.lives.open(with_first(session.request, other))
    live.move(turned.whole())
    return {"session": turned.to_dict(), "at": at, "says": f"{other.capitalize()} side first."}


def _stretches(value: Any) -> bool:
    within = number(0.0, LONGEST)
    return (
        isinstance(value, list)
        and len(value) <= 2_000
        and all(
            isinstance(pair, list) and len(pair) == 2 and all(map(within, pair)) for pair in value
        )
    )


def _place(asked: Asked) -> None:
    live = asked.ready()
    told = asked.read(at=number(0.0, LONGEST), played=_stretches, resume=text, key=text)
    session = live.session
    assert session is not None
    at = min(told.get("at", 0.0), session.seconds)
    played = [(a, b) for a, b in told.get("played", [])]
    live.heard(at, played, resumed_place(told.get("resume")), _key(told))


def _end(asked: Asked) -> Any:
    live = asked.ready()
    told = asked.read(
        at=number(0.0, LONGEST),
        ended=flag,
        played=_stretches,
        pain_before=maybe(whole(0, 10)),
        key=text,
    )
    session = live.session
    assert session is not None

    def write() -> Any:
        at = min(told.get("at", 0.0), session.seconds)
        live.heard(at, [(a, b) for a, b in told.get("played", [])], None, _key(told))
        outcome = live.end(
            ended=told.get("ended", False), at=at, pain_before=told.get("pain_before")
        )
        if outcome is None:
            return {"row": None, "finished": False, "says": None}
        return {
            "row": outcome.number,
            "finished": outcome.finished,
            "says": outcome.not_recorded or outcome.not_kept,
        }

    return asked.server.sent.once(_key(told), write)


def _key(told: Mapping[str, Any]) -> str | None:
    key = told.get("key")
    if key is not None and not _KEY.fullmatch(key):
        raise UsageError('a "key" has 8 to 64 letters, digits and hyphens')
    return key


def _journal(asked: Asked) -> Any:  # noqa: ARG001
    from voiceguide.practice import journal, progress

    read = journal.read()
    return {
        "sessions": [record.to_dict() for record in reversed(read.records)],
        "figures": progress.to_dict(progress.points(read.records)),
        "note": read.note,
    }


def _add(asked: Asked) -> Any:
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
    key = _key(told)
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
            f'"{written[:40]}" is no moment, such as 2026-03-02T18:30:00+01:00'
        ) from None
    when = when if when.tzinfo else when.astimezone()
    if not datetime(1971, 1, 2, tzinfo=UTC) < when <= datetime.now(UTC).replace(year=2199):
        raise UsageError(f'"{written[:40]}" is no moment of a session')
    return when


def _row(asked: Asked) -> int:
    ident = asked.parts["row"]
    if not ident.isdigit() or len(ident) > 15:
        raise NotFoundError(f'there is no session "{ident[:20]}"')
    return int(ident)


def _pain(asked: Asked) -> Any:
    from voiceguide.practice.journal import Journal

    told = asked.read(pain_before=maybe(whole(0, 10)), pain_after=maybe(whole(0, 10)))
    with Journal() as journal:
        found = journal.say_pain(
            _row(asked), before=told.get("pain_before"), after=told.get("pain_after")
        )
    return found.to_dict()


def _forget_row(asked: Asked) -> None:
    from voiceguide.practice.journal import Journal

    with Journal() as journal:
        journal.delete(_row(asked))


def _csv(asked: Asked) -> Response:  # noqa: ARG001
    from voiceguide.practice import journal, records

    body = records.to_csv(journal.read().records)
    headers = {"content-disposition": 'attachment; filename="voiceguide-journal.csv"'}
    return Response(body.encode("utf-8"), 200, headers, "text/csv; charset=utf-8")


def _chart(asked: Asked) -> Response:  # noqa: ARG001
    from voiceguide.pictures import chart
    from voiceguide.practice import journal, progress

    shown = progress.points(journal.read().records)
    if not shown:
        raise NotFoundError("there is no session in the journal yet")
    return Response(chart.svg(shown), media_type="image/svg+xml")


def _plan(asked: Asked) -> Any:
    from voiceguide.practice.listener import Listener, recall
    from voiceguide.practice.planning import plan_days

    weeks = asked.query.get("weeks", "1")
    count = min(8, max(1, int(weeks))) if weeks.isdigit() and len(weeks) < 3 else 1
    planned = plan_days(recall() or Listener(), date.today(), 7 * count)
    return {"days": [home.day_to_dict(day) for day in planned.days], "note": planned.note}


def _calendar(asked: Asked) -> Response:  # noqa: ARG001
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


def _settings(asked: Asked) -> Any:  # noqa: ARG001
    from voiceguide.practice.listener import Listener, recall

    return home.settings_to_dict(recall() or Listener())


def _change(asked: Asked) -> Any:
    from dataclasses import replace

    from voiceguide.library import catalogue
    from voiceguide.practice.checked import some_of
    from voiceguide.practice.finder import PRACTISED, SIDES
    from voiceguide.practice.listener import MINUTES, Listener, recall, remember

    told = asked.read(
        pain=some_of(catalogue.pain_places()),
        worse=some_of(catalogue.aggravators()),
        tools=maybe(some_of(catalogue.tools())),
        side=one_of(SIDES),
        level=one_of(PRACTISED),
        minutes=whole(*MINUTES),
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


def _forget_answers(asked: Asked) -> None:  # noqa: ARG001
    from voiceguide.practice import listener

    listener.forget()


def _voices(asked: Asked) -> Any:  # noqa: ARG001
    from dataclasses import asdict

    from voiceguide.speech.registry import voices

    return [asdict(voice) for voice in voices()]


def _connection(asked: Asked) -> Any:
    server = asked.server
    return {
        "secure": asked.http.url.scheme == "https" or asked.local,
        "local": asked.local,
        "address": server.address(),
        "phones": [
            {
                "id": each.id,
                "name": each.name,
                "local": each.local,
                "seen": datetime.fromtimestamp(each.seen)
                .astimezone()
                .isoformat(timespec="seconds"),
            }
            for each in server.passes.all()
        ],
    }


def _invite(asked: Asked) -> Any:
    if not asked.local:
        raise RefusedError(403, "local", "another phone is let in on the computer itself")
    address = asked.server.address()
    if address is None:
        raise RefusedError(409, "no-lan", "start it with voiceguide serve --lan to let a phone in")
    import segno

    code, lasts = asked.server.passes.invite()
    url = f"{address}#pair={code}"
    picture = segno.make(url, error="m").svg_inline(scale=4, border=2, omitsize=True)
    return {"code": code, "url": url, "qr": picture, "lasts": lasts}


def _pair(asked: Asked) -> Response:
    from voiceguide.web.security import COOKIE

    code = asked.read(code=text).get("code", "")
    agent = asked.http.headers.get("user-agent", "")
    secret = asked.server.passes.admit(code, local=asked.local, name=_device(agent))
    if secret is None:
        raise RefusedError(
            403, "code", "this code is wrong, used, or too old: ask the computer for a new one"
        )
    answer = Response(status_code=204)
    answer.set_cookie(
        COOKIE,
        secret,
        max_age=400 * 86_400,
        httponly=True,
        samesite="strict",
        secure=asked.http.url.scheme == "https",
    )
    return answer


def _device(agent: str) -> str:
    """What a browser calls itself, in a word that its owner knows."""
    for mark, name in (
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android phone"),
        ("Macintosh", "Mac"),
        ("Windows", "Windows computer"),
        ("Linux", "Linux computer"),
    ):
        if mark in agent:
            return name
    return "Another device"


def _revoke(asked: Asked) -> None:
    if not asked.server.passes.revoke(asked.parts["phone"]):
        raise NotFoundError("there is no such phone")


_TEXT, _NUMBER, _FLAG = {"type": "string"}, {"type": "number"}, {"type": "boolean"}
_TEXTS = {"type": "array", "items": _TEXT}
_PAIN = {"type": ["integer", "null"], "minimum": 0, "maximum": 10}
_PLAYED = {"type": "array", "items": {"type": "array", "items": _NUMBER}}
_REQUEST = {"track": _TEXT, "options": {"type": "object"}, "voice": _TEXT, "speed": _NUMBER}
_ANSWERS = {"pain": _TEXTS, "worse": _TEXTS, "tools": _TEXTS, "side": _TEXT, "level": _TEXT}

CALLS = (
    Call("GET", "home", "What the page opens with.", lambda _: home.home_to_dict()),
    Call("GET", "catalogue", "Muscles, tracks, questions.", lambda _: library.catalogue_to_dict()),
    Call("GET", "tracks/{name}", "All about one track.", _track),
    Call(
        "GET",
        "tracks/{name}/reach",
        "How long a session can be with some options, and its steps.",
        _reach,
        query=("length", "side", "start", "sore", "tool", "pace"),
    ),
    Call("POST", "find", "What the finder proposes.", _find, {**_ANSWERS, "red_flags": _TEXTS, "keep": _FLAG}),
    Call("POST", "safety", "None of the emergency signs applies.", _safety, {"none_applies": _FLAG}, status=204),
    Call("POST", "ahead", "Speak a session's sentences ahead.", _ahead, _REQUEST, status=204),
    Call("POST", "sessions", "Open a session.", _open, {**_REQUEST, "added": {"type": "object"}}, status=201),
    Call("GET", "sessions/{id}", "A session, or how much of it is spoken.", _session, query=("after",), turns="wait"),
    Call("POST", "sessions/{id}/more", "More time in the interval that runs.", _more, {"at": _NUMBER, "interval": {"type": "integer"}}, turns="wait"),
    Call("POST", "sessions/{id}/other", "On to the other side.", _other, {"at": _NUMBER}, turns="wait"),
    Call("PUT", "sessions/{id}/place", "Where it is, and what was heard.", _place, {"at": _NUMBER, "played": _PLAYED, "resume": _TEXT, "key": _TEXT}, status=204),
    Call("POST", "sessions/{id}/end", "It is over, or left.", _end, {"at": _NUMBER, "ended": _FLAG, "played": _PLAYED, "pain_before": _PAIN, "key": _TEXT}),
    Call("GET", "journal", "Sessions, the latest first, and figures.", _journal),
    Call("POST", "journal", "Add a session.", _add, {"track": _TEXT, "started": _TEXT, "ended": _TEXT, "seconds": _NUMBER, "side": _TEXT, "tool": _TEXT, "completed": _FLAG, "skipped": _FLAG, "marked": _FLAG, "pain_before": _PAIN, "pain_after": _PAIN, "key": _TEXT}, status=201),
    Call("PATCH", "journal/{row}", "How the pain was.", _pain, {"pain_before": _PAIN, "pain_after": _PAIN}),
    Call("DELETE", "journal/{row}", "Delete a session.", _forget_row, status=204),
    Call("GET", "journal.csv", "The journal as CSV.", _csv),
    Call("GET", "chart.svg", "Pain and sessions over time, drawn.", _chart),
    Call("GET", "plan", "The days to come.", _plan, query=("weeks",)),
    Call("GET", "plan.ics", "Four weeks for the calendar.", _calendar),
    Call("GET", "settings", "The listener's answers.", _settings),
    Call("PATCH", "settings", "Change some of them.", _change, {**_ANSWERS, "minutes": {"type": "integer"}}),
    Call("DELETE", "settings", "Forget them.", _forget_answers, status=204),
    Call("GET", "voices", "The voices.", _voices),
    Call("GET", "connection", "What works here, and who is let in.", _connection),
    Call("POST", "invite", "A code for another phone.", _invite, {}),
    Call("POST", "pair", "A pass for a code.", _pair, {"code": _TEXT}, open=True, status=204),
    Call("DELETE", "phones/{phone}", "Let a phone in no longer.", _revoke, status=204),
)  # fmt: skip
