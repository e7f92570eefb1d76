"""The library as the page needs it: muscles, tracks, the finder's questions and what it proposes."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from voiceguide.library import catalogue
from voiceguide.library.catalogue import Caution
from voiceguide.library.tracks import Entry, entries
from voiceguide.page.landscape import steps
from voiceguide.page.requests import options_to_dict
from voiceguide.page.sessions import mind
from voiceguide.pictures.sprite import map_to_dict
from voiceguide.practice import emergency, finder, tracks
from voiceguide.practice.finder import Answers, Proposal, Suggestion, in_words
from voiceguide.practice.known_lengths import usual_lengths
from voiceguide.practice.needs import drafted, needed
from voiceguide.practice.questions import questions
from voiceguide.practice.sketch import sketch, whole_minutes
from voiceguide.session import Request
from voiceguide.units import format_seconds


def catalogue_to_dict() -> dict[str, Any]:
    """Muscles with their tracks, all tracks, the finder's questions, sounds and tools."""
    found = tracks.choose_tracks()
    known = usual_lengths(found)
    return {
        "muscles": [
            {
                **tracks.muscle_facts(name),
                "title": muscle.name[:1].upper() + muscle.name[1:],
                "tracks": [e.track.ref for e in found if name in e.front.muscles[:1]],
            }
            for name, muscle in catalogue.muscles().items()
        ],
        "tracks": [
            brief(entry, known.get(entry.track.ref)) for entry in found if not entry.problem
        ],
        "map": map_to_dict(),
        "kinds": {name: kind.text for name, kind in catalogue.kinds().items()},
        "finder": [
            {
                "id": question.id,
                "text": question.text,
                "choices": question.choices,
                "none": question.none,
                "several": question.several,
            }
            for question in questions()
        ],
        "cautions": [_caution(each) for each in catalogue.cautions().values() if each.everywhere],
        "backgrounds": backgrounds(),
        "countries": {code: name for code, (name, _) in emergency.NUMBERS.items()},
    }


def brief(entry: Entry, length: float | None) -> dict[str, Any]:
    """A track in a list."""
    data = tracks.to_dict(entry, length)
    del data["path"]
    first = next(iter(entry.front.tools), None)
    return {
        **data,
        "group": tracks.group_of(entry),
        "needs": None if first in (None, finder.HANDS) else in_words(str(first)),
    }


def backgrounds() -> list[str]:
    """The names of the sounds that may lie under a session."""
    from voiceguide.library.data import data_folder
    from voiceguide.library.sounds import load_manifest

    known = load_manifest(data_folder("sounds"))
    return [name for name, sound in known.items() if sound.kind == "bed"]


def track_to_dict(request: Request) -> dict[str, Any]:
    """All about one track, with the options that this listener is offered.

    Raises:
        VoiceguideError: there is no such track, or it can't be read.
    """
    made = drafted(request)
    front, track = made.loaded.script.front, made.loaded.track
    return {
        "name": track.ref if track else request.name,
        "title": made.loaded.script.title,
        "summary": front.summary,
        "kind": front.kind,
        "level": front.level,
        "position": front.position,
        "origin": track.origin if track else "own",
        "muscles": [tracks.muscle_facts(muscle) for muscle in front.muscles],
        "tools": [{"id": tool, "name": in_words(tool)} for tool in front.tools],
        "needs": needed(made),
        "cautions": [asdict(each) for each in tracks.cautions(front.cautions)],
        "mind": mind(front.muscles),
        "chosen": options_to_dict(made.request.options),
        "background": front.background.sound.name
        if front.background and front.background.sound
        else None,
        "backgrounds": backgrounds(),
        **reach_to_dict(made.request),
    }


def reach_to_dict(request: Request) -> dict[str, Any]:
    """How long a session can be with some options, in seconds, and what it is like.

    `steps` are those of the length that is asked for, or of what comes nearest to it.

    Raises:
        VoiceguideError: as `track_to_dict`.
    """
    made = drafted(request)
    reach, timeline = sketch(made)
    minutes = whole_minutes(reach)
    asked, seconds = request.options.length, timeline.frames / timeline.format.rate
    says = None
    if asked is not None and abs(asked - seconds) > 0.5:
        end = "shortest" if seconds > asked else "longest"
        says = f"{format_seconds(round(seconds))} is the {end} with these choices."
    shown = steps(timeline)
    whole = replace(request, options=replace(request.options, length=float(reach.longest)))
    return {
        "shortest": reach.shortest,
        "usual": made.length or reach.usual,
        "longest": reach.longest,
        "minutes": list(range(minutes[0], minutes[1] + 1)) if minutes else [],
        "seconds": round(seconds, 3),
        "says": says,
        "steps": shown,
        "left_out": max(0, len(sketch(drafted(whole))[1].chapters) - len(shown)),
        "sides": bool({step["side"] for step in shown} - {""}),
    }


def proposal_to_dict(proposal: Proposal) -> dict[str, Any]:
    """What the finder says."""
    muscles = catalogue.muscles()
    asked = proposal.ask_back
    return {
        "stopped": [_caution(flag) for flag in proposal.stopped],
        "ask_back": _caution(asked) if asked else None,
        "muscles": [
            {
                "id": candidate.muscle,
                "title": muscles[candidate.muscle].name.capitalize(),
                "where": muscles[candidate.muscle].where,
                "reasons": list(candidate.reasons),
                "tracks": [_suggestion(track) for track in candidate.tracks],
            }
            for candidate in proposal.muscles
        ],
        "ask_first": [_caution(each) for each in proposal.ask_first],
    }


def propose(answers: Answers) -> Proposal:
    """As `finder.propose`; a red flag forbids it wherever the pain is."""
    if answers.red_flags and not answers.pain:
        answers = replace(answers, pain=(next(iter(catalogue.pain_places())),))
    return finder.propose(answers, entries())


def _suggestion(track: Suggestion) -> dict[str, Any]:
    return {
        "track": track.name,
        "title": track.title,
        "kind": track.kind,
        "summary": track.summary,
        "options": options_to_dict(track.options),
        "needs": None if track.tool in (None, finder.HANDS) else in_words(str(track.tool)),
        "missing": track.missing,
        "note": track.note,
        "length": track.length,
    }


def _caution(caution: Caution) -> dict[str, Any]:
    return {
        "id": caution.id,
        "level": caution.level,
        "text": caution.text,
        "question": caution.question,
    }
