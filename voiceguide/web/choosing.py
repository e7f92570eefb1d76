"""Calls about the library: what there is, what fits, how long it can be."""

from __future__ import annotations

from typing import Any

from voiceguide.errors import NotFoundError, UsageError
from voiceguide.page import library
from voiceguide.page.requests import request_from
from voiceguide.practice.checked import flag, maybe, one_of, text
from voiceguide.session import Request
from voiceguide.web.asked import Asked


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


def reach(asked: Asked) -> Any:
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


def track(asked: Asked) -> Any:
    return library.track_to_dict(track_request({"track": asked.parts["name"]}))


def voices(asked: Asked) -> Any:  # noqa: ARG001
    from dataclasses import asdict

    from voiceguide.speech.registry import voices

    return [asdict(voice) for voice in voices()]


def _texts(value: Any) -> bool:
    return isinstance(value, list) and len(value) < 50 and all(map(text, value))


def find(asked: Asked) -> Any:
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


def safety(asked: Asked) -> None:
    from voiceguide.practice import safety

    if asked.read(none_applies=flag).get("none_applies") is not True:
        raise UsageError('only "none_applies": true lets a session start')
    safety.confirm()
