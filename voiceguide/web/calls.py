"""What can be asked of the server: each call a row, which routes and the OpenAPI text are made from."""

from __future__ import annotations

from voiceguide.page import home, library
from voiceguide.web import choosing, days, letting_in, listening, podcast, writing
from voiceguide.web.asked import Call

_TEXT, _NUMBER, _FLAG = {"type": "string"}, {"type": "number"}, {"type": "boolean"}
_TEXTS = {"type": "array", "items": _TEXT}
_PAIN = {"type": ["integer", "null"], "minimum": 0, "maximum": 10}
_PLAYED = {"type": "array", "items": {"type": "array", "items": _NUMBER}}
_REQUEST = {"track": _TEXT, "options": {"type": "object"}, "voice": _TEXT, "speed": _NUMBER}
_ANSWERS = {"pain": _TEXTS, "worse": _TEXTS, "tools": _TEXTS, "side": _TEXT, "level": _TEXT}

CALLS = (
    Call("GET", "home", "What the page opens with.", lambda _: home.home_to_dict()),
    Call("GET", "catalogue", "Muscles, tracks, questions.", lambda _: library.catalogue_to_dict()),
    Call("GET", "tracks/{name}", "All about one track.", choosing.track),
    Call(
        "GET",
        "tracks/{name}/reach",
        "How long a session can be with some options, and its steps.",
        choosing.reach,
        query=("length", "side", "start", "sore", "tool", "pace"),
    ),
    Call("POST", "find", "What the finder proposes.", choosing.find, {**_ANSWERS, "red_flags": _TEXTS, "keep": _FLAG}),
    Call("POST", "safety", "None of the emergency signs applies.", choosing.safety, {"none_applies": _FLAG}, status=204),
    Call("POST", "ahead", "Speak a session's sentences ahead.", listening.ahead, _REQUEST, status=204),
    Call("POST", "sessions", "Open a session.", listening.begin, {**_REQUEST, "added": {"type": "object"}}, status=201),
    Call("GET", "sessions/{id}", "A session, or how much of it is spoken.", listening.session, query=("after",), turns="wait"),
    Call("POST", "sessions/{id}/more", "More time in the interval that runs.", listening.more, {"at": _NUMBER, "interval": {"type": "integer"}, "key": _TEXT}, turns="wait"),
    Call("POST", "sessions/{id}/other", "On to the other side.", listening.other, {"at": _NUMBER, "key": _TEXT}, turns="wait"),
    Call("PUT", "sessions/{id}/place", "Where it is, and what was heard.", listening.place, {"at": _NUMBER, "played": _PLAYED, "resume": _TEXT, "key": _TEXT}, status=204),
    Call("POST", "sessions/{id}/end", "It is over, or left.", listening.end, {"at": _NUMBER, "ended": _FLAG, "played": _PLAYED, "pain_before": _PAIN, "key": _TEXT}),
    Call("GET", "journal", "Sessions, the latest first, and figures.", days.journal),
    Call("POST", "journal", "Add a session.", days.add, {"track": _TEXT, "started": _TEXT, "ended": _TEXT, "seconds": _NUMBER, "side": _TEXT, "tool": _TEXT, "completed": _FLAG, "skipped": _FLAG, "marked": _FLAG, "pain_before": _PAIN, "pain_after": _PAIN, "key": _TEXT}, status=201),
    Call("PATCH", "journal/{row}", "How the pain was.", days.pain, {"pain_before": _PAIN, "pain_after": _PAIN}),
    Call("DELETE", "journal/{row}", "Delete a session.", days.forget_row, status=204),
    Call("GET", "journal.csv", "The journal as CSV.", days.csv),
    Call("GET", "chart.svg", "Pain and sessions over time, drawn.", days.chart),
    Call("GET", "plan", "The days to come.", days.plan, query=("weeks",)),
    Call("GET", "plan.ics", "Four weeks for the calendar.", days.calendar),
    Call("GET", "settings", "The listener's answers.", days.settings),
    Call("PATCH", "settings", "Change some of them.", days.change, {**_ANSWERS, "minutes": {"type": "integer"}, "country": {"type": ["string", "null"]}}),
    Call("DELETE", "settings", "Forget them.", days.forget_answers, status=204),
    Call("GET", "scripts", "The listener's own scripts, to be written.", writing.scripts),
    Call("POST", "scripts", "Begin a script, or copy a track.", writing.begin, {"name": _TEXT, "like": _TEXT}, status=201),
    Call("GET", "scripts/{name}", "A script's text; with a version, once it is another.", writing.script, query=("after",), turns="wait"),
    Call("PUT", "scripts/{name}", "Save a script over the version it was made from.", writing.save, {"text": _TEXT, "base": _TEXT}),
    Call("POST", "scripts/{name}/problems", "What is wrong with a text.", writing.problems, {"text": _TEXT}),
    Call("POST", "scripts/{name}/picture", "What becomes of a text: drawn, its lengths, its words.", writing.picture, {"text": _TEXT, "dark": _FLAG, "sides": _FLAG}),
    Call("POST", "scripts/{name}/formatted", "A text in its usual form.", writing.formatted, {"text": _TEXT}),
    Call("POST", "scripts/{name}/completions", "What can be written at a place.", writing.completions, {"text": _TEXT, "line": {"type": "integer"}, "column": {"type": "integer"}}),
    Call("POST", "scripts/{name}/session", "Open the session of a script as it is saved.", writing.hear, {}, status=201),
    Call("GET", "sessions/{id}/line", "When a line of its script is heard.", writing.line, query=("line", "near")),
    Call("GET", "voices", "The voices.", choosing.voices),
    Call("GET", "connection", "What works here, and who is let in.", letting_in.connection),
    Call("GET", "podcast", "Where a podcast app finds the sessions.", podcast.address),
    Call("POST", "podcast", "A new address for it; the old one is good no longer.", podcast.renew, {}),
    Call("POST", "invite", "A code for another phone.", letting_in.invite, {}),
    Call("POST", "pair", "A pass for a code.", letting_in.pair, {"code": _TEXT}, open=True, status=204),
    Call("DELETE", "phones/{phone}", "Let a phone in no longer.", letting_in.revoke, status=204),
)  # fmt: skip
