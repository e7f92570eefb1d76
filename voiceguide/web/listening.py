"""Calls about sessions: begin, more time, the other side, the place, the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from voiceguide.errors import UsageError
from voiceguide.practice.checked import flag, maybe, number, text, whole
from voiceguide.practice.places import LeftPlace
from voiceguide.session import Request
from voiceguide.units import LONGEST
from voiceguide.web.answers import RefusedError
from voiceguide.web.asked import Asked, key_of
from voiceguide.web.choosing import track_request

_WAIT = 20.0


def ahead(asked: Asked) -> None:
    asked.server.lives.speak_ahead(track_request(dict(asked.body)))


def begin(asked: Asked) -> Any:
    request = track_request({k: v for k, v in asked.body.items() if k not in ("added", "resume")})
    added = asked.body.get("added", {})
    good = isinstance(added, dict) and len(added) < 500
    if not good or not all(
        k.isdigit() and len(k) < 6 and number(0.1, 60.0)(v) for k, v in added.items()
    ):
        raise UsageError('"added" are seconds by the number of an interval')
    return opened(asked, request, {int(k): float(v) for k, v in added.items()})


def opened(asked: Asked, request: Request, added: Mapping[int, float] | None = None) -> Any:
    """A session, once the emergency signs were answered."""
    from voiceguide.practice import safety

    if safety.needed() is not None:
        raise RefusedError(409, "safety", "the emergency signs have to be answered first")
    return asked.server.lives.open(request, added).to_dict()


def session(asked: Asked) -> Any:
    live = asked.live()
    after = asked.query.get("after", "")
    live.wait(int(after) if after.isdigit() and len(after) < 9 else -1, _WAIT)
    if live.error is not None:
        raise live.error
    return live.to_dict()


def more(asked: Asked) -> Any:
    from voiceguide.practice.more import ENOUGH, LAST, LONGER, NOTHING, more_at, more_for

    live = asked.ready()
    session = live.session
    assert session is not None
    given = asked.read(at=number(0.0, LONGEST), interval=whole(0, 100_000), key=text)
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
    live.move(longer.whole(), key_of(given))
    return {
        "session": longer.to_dict(),
        "interval": found.interval,
        "added": found.seconds,
        "twin": found.twin,
        "says": LONGER if found.left > found.seconds else LAST,
    }


def other(asked: Asked) -> Any:
    live = asked.ready()
    session = live.session
    assert session is not None
    given = asked.read(at=number(0.0, LONGEST), key=text)
    at = given.get("at", 0.0)
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
    turned = asked.server.lives.open(_with_first(session.request, other))
    live.move(turned.whole(), key_of(given))
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


def place(asked: Asked) -> None:
    live = asked.ready()
    told = asked.read(at=number(0.0, LONGEST), played=_stretches, resume=text, key=text)
    session = live.session
    assert session is not None
    at = min(told.get("at", 0.0), session.seconds)
    played = [(a, b) for a, b in told.get("played", [])]
    resumed, key = _resumed(told.get("resume")), key_of(told)
    # The end may overtake it on its way.
    asked.server.sent.before(key, lambda: live.heard(at, played, resumed, key))


def end(asked: Asked) -> Any:
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
        live.heard(at, [(a, b) for a, b in told.get("played", [])], None, key_of(told))
        outcome = live.end(
            ended=told.get("ended", False),
            at=at,
            pain_before=told.get("pain_before"),
            player=key_of(told),
        )
        if outcome is None:
            return {"row": None, "finished": False, "says": None}
        return {
            "row": outcome.number,
            "finished": outcome.finished,
            "says": outcome.not_recorded or outcome.not_kept,
        }

    return asked.server.sent.once(key_of(told), write)


def _resumed(key: str | None) -> LeftPlace | None:
    """The place that a page resumes from, by the key that `page.home` gave it."""
    from voiceguide.practice import places

    if not key:
        return None
    return next((p for p in places.left() if p.path.name.split(".")[0] == key), None)


def _with_first(request: Request, side: str) -> Request:
    """The same session with the other side first."""
    options = replace(request.options, start=side)  # type: ignore[arg-type]
    return replace(request, options=options)
