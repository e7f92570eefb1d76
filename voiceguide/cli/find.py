"""`voiceguide find`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from voiceguide.cli.answers import (
    KEPT,
    pain_option,
    side_option,
    tool_option,
    worse_ids,
    worse_option,
)
from voiceguide.cli.output import print_json
from voiceguide.cli.prose import blank, say
from voiceguide.cli.usage import Command
from voiceguide.errors import UsageError, VoiceguideError
from voiceguide.units import format_seconds

if TYPE_CHECKING:
    from voiceguide.library.catalogue import Caution
    from voiceguide.practice.finder import Answers, Proposal, Suggestion

T = TypeVar("T")

_EXAMPLE = """\b
Examples:
  voiceguide find
  voiceguide find --pain lower-back --side left --tool "tennis ball" --json
"""
_SHOWN = 3
"""So many other tracks of a muscle are named."""


@click.command("find", cls=Command, bare="--pain", epilog=_EXAMPLE)
@pain_option
@side_option
@worse_option
@tool_option
@click.option(
    "--red-flag", "flags", metavar="ID", multiple=True,
    help="Answer yes to a warning sign: saddle-numbness, bladder-bowel, both-legs, chest, hot-calf, "
    "leg-weakness, acute-sciatica, fever, fracture, broken-skin. May be repeated.",
)  # fmt: skip
@click.option("--no-red-flags", "no_flags", is_flag=True, help="Answer no to all of them.")
@click.option("--remember", is_flag=True, help="Keep the answers for today and plan.")
@click.option("--json", "as_json", is_flag=True, help="The proposal as JSON; nothing is asked.")
def command(
    pain: tuple[str, ...],
    side: Any,
    worse: tuple[str, ...],
    tools: tuple[str, ...],
    flags: tuple[str, ...],
    no_flags: bool,
    remember: bool,
    as_json: bool,
) -> None:
    """Find the tracks for where it hurts.

    Asks for warning signs first, then where it hurts, which side, what makes it worse and what
    you have at hand; what options say already is not asked. Ends with 0 also where a warning
    sign means that there is nothing to propose: that is an answer.
    """
    from voiceguide.library.tracks import entries
    from voiceguide.practice import finder

    if flags and no_flags:
        raise UsageError("--red-flag and --no-red-flags contradict each other")
    given: dict[str, Any] = {}
    if flags or no_flags:
        given["red_flags"] = finder.flag_ids(flags)
    if pain:
        given["pain"] = finder.pain_places(pain)
    if side:
        given["side"] = side
    if worse:
        given["worse"] = worse_ids(worse)
    if tools:
        given["tools"] = finder.tool_names(tools)
    asked = sys.stdin.isatty() and not as_json and "pain" not in given
    if asked or (sys.stdin.isatty() and not as_json and "red_flags" not in given):
        answered = _ask(given, everything=asked)
        if answered is None:
            return
        given = answered
    elif "pain" not in given and not given.get("red_flags"):
        raise UsageError(
            "where does it hurt? There is no terminal to ask at: give --pain, as in --pain buttock"
        )
    stopped = given.get("red_flags")
    answers = finder.Answers(**({"pain": ("lower-back",)} if stopped else {}) | given)
    proposal = finder.propose(answers, entries())
    if remember and not proposal.stopped:
        _remember(answers)
    if as_json:
        print_json(_as_json(proposal, given))
    elif proposal.stopped:
        _tell_stop(proposal.stopped)
        if remember:
            say("Your answers are not kept.", err=True)
    else:
        _tell(proposal, answered="red_flags" in given)
        if remember:
            say(KEPT, err=True)


def _remember(answers: Answers) -> None:
    from dataclasses import replace

    from voiceguide.cli.answers import recall, remember_listener
    from voiceguide.practice.schedule import Listener

    try:
        kept = recall() or Listener()
    except VoiceguideError:  # damaged: what is answered now takes its place
        kept = Listener()
    remember_listener(
        replace(
            kept, pain=answers.pain, side=answers.side, worse=answers.worse, tools=answers.tools
        )
    )


# ------------------------------------------------------------------------------- questions


class _Back(Exception):
    """The question before, please."""


class _Quit(Exception):
    """Enough."""


def _ask(given: dict[str, Any], *, everything: bool) -> dict[str, Any] | None:
    """The answers with those that were missing, or None where the listener had enough."""
    questions: list[tuple[str, Callable[[], Any]]] = [
        ("red_flags", _ask_flags),
        ("pain", _ask_pain),
        ("side", _ask_side),
        ("worse", _ask_worse),
        ("tools", _ask_tools),
    ]
    missing = [(key, ask) for key, ask in questions if key not in given]
    if not everything:
        missing = missing[:1]
    answers: dict[str, Any] = {}
    say("b takes you back, q ends it.", err=True, dim=True)
    number = 0
    while number < len(missing):
        key, ask = missing[number]
        blank(err=True)
        try:
            answers[key] = ask()
        except _Back:
            number = max(0, number - 1)
            continue
        except _Quit:
            click.echo("Nothing was proposed.", err=True)
            return None
        number += 1
        if answers.get("red_flags"):
            break
    blank(err=True)
    return given | answers


def _ask_flags() -> tuple[str, ...]:
    from voiceguide.practice.finder import red_flags

    flags = red_flags()
    say("First, some signs that a massage is not for now:", err=True, bold=True)
    for number, flag in enumerate(flags, 1):
        say(flag.question or "", first=f"{number:>2}", hang=4, err=True)
    known = {str(number): flag.id for number, flag in enumerate(flags, 1)}

    def read(text: str) -> tuple[str, ...]:
        if text in ("n", "no", "none"):
            return ()
        words = _words(text)
        if not words or not all(word.isdigit() for word in words):
            raise UsageError("write the number of what holds, or no if none of them does")
        return tuple(dict.fromkeys(_choice(word, known, {}) for word in words))

    return _prompt("Which of these hold? Numbers, or no", read)


def _ask_pain() -> tuple[str, ...]:
    from voiceguide.library import catalogue
    from voiceguide.practice import finder

    names = {place.id: place.name for place in catalogue.pain_places().values()}
    return _ask_several("Where does it hurt?", names, finder.pain_places, none=None)


def _ask_side() -> str:
    names = {"left": "left", "right": "right", "both": "both, or neither more than the other"}
    say("Which side hurts more?", err=True, bold=True)
    known = _list(names)

    def read(text: str) -> str:
        return _choice(text, known, names)

    return _prompt("A number or a word", read)


def _ask_worse() -> tuple[str, ...]:
    from voiceguide.library import catalogue
    from voiceguide.practice import finder

    names = {sign.id: sign.name for sign in catalogue.aggravators().values()}
    return _ask_several("What makes it worse?", names, finder.worse_things, none="none of these")


def _ask_tools() -> tuple[str, ...]:
    from voiceguide.library import catalogue
    from voiceguide.practice import finder

    names = {t.id: t.id for t in catalogue.tools().values() if t.id != finder.HANDS}
    return _ask_several(
        "What do you have, beside your hands?", names, finder.tool_names, none="nothing"
    )


def _ask_several(
    question: str,
    names: Mapping[str, str],
    find: Callable[[Sequence[str]], tuple[str, ...]],
    *,
    none: str | None,
) -> tuple[str, ...]:
    say(question, err=True, bold=True)
    known = _list(names)
    if none:
        say(none, first=" 0", hang=4, err=True)

    def read(text: str) -> tuple[str, ...]:
        if none and text in ("0", "none", "no", "nothing", none):
            return ()
        if not text:
            raise UsageError("write a number or a word; several with commas between them")
        return find([known.get(word, word) for word in _words(text) if _in_reach(word, known)])

    return _prompt("Numbers or words", read)


def _list(names: Mapping[str, str]) -> dict[str, str]:
    for number, name in enumerate(names.values(), 1):
        say(name, first=f"{number:>2}", hang=4, err=True)
    return {str(number): key for number, key in enumerate(names, 1)}


def _words(text: str) -> list[str]:
    """The parts of an answer: between commas, and numbers also between spaces."""
    import re

    parts = [part.strip() for part in re.split(r"[,;]|\band\b", text)]
    return [
        word
        for part in parts
        if part
        for word in (part.split() if part.replace(" ", "").isdigit() else [part])
    ]


def _in_reach(word: str, known: Mapping[str, str]) -> bool:
    if word.isdigit() and word not in known:
        raise UsageError(f"there is no {word}: the numbers go from 1 to {len(known)}")
    return True


def _choice(word: str, known: Mapping[str, str], names: Mapping[str, str]) -> str:
    from voiceguide.practice.finder import choose

    _in_reach(word, known)
    if word in known:
        return known[word]
    return choose(word, names or {key: key for key in known.values()}, "such answer")


def _prompt(question: str, read: Callable[[str], T]) -> T:
    """Ask until there is an answer."""
    while True:
        text = click.prompt(question, default="", show_default=False, err=True)
        text = text.strip().casefold()
        if text in ("q", "quit", "exit"):
            raise _Quit
        if text in ("b", "back"):
            raise _Back
        try:
            return read(text)
        except UsageError as error:
            sentence = str(error).rstrip(".")
            end = "" if sentence.endswith("?") else "."
            say(f"{sentence[0].upper()}{sentence[1:]}{end}", err=True, fg="yellow")


# --------------------------------------------------------------------------------- answers


def _tell_stop(stopped: Sequence[Caution]) -> None:
    grave = any(flag.level == "emergency" for flag in stopped)
    say(
        "No massage now. Get help at once:" if grave else "No massage for now:",
        bold=True, fg="red",
    )  # fmt: skip
    for flag in stopped:
        say(flag.text, first="-", hang=2)
    blank()
    say("No track is proposed until that is cleared up.")


def _tell(proposal: Proposal, *, answered: bool) -> None:
    from voiceguide.library import catalogue
    from voiceguide.practice.finder import ASSUMED, command_line, red_flags

    if not answered:
        say("Do not start, and see a doctor, where one of these holds:", bold=True)
        for flag in red_flags():
            say(flag.question or "", first="-", hang=2)
        blank()
    say("Try these, one a day, in this order:", bold=True)
    for number, candidate in enumerate(proposal.muscles, 1):
        blank()
        name = catalogue.muscles()[candidate.muscle].name.capitalize()
        say(name, first=f"{number}.", hang=3, bold=True)
        say(" ".join(candidate.reasons), indent=3)
        shown = [t for t in candidate.tracks if t.kind == "find"][:1]
        release = candidate.release
        for track in [*shown, *([release] if release else [])]:
            lead = "Find the spot: " if track.kind == "find" else "Then release it: "
            say(lead + _about(track), indent=3)
            click.echo("     " + click.style(command_line(track.command), fg="cyan"))
            if track.note:
                say(track.note, indent=5)
        others = [t for t in candidate.tracks if t not in shown and t is not release]
        rest = [t.name for t in others if not t.missing]
        if rest:
            say("Or: " + ", ".join(rest[:_SHOWN]), indent=3)
    blank()
    if proposal.answers.tools is None:
        instead = catalogue.tools()[ASSUMED].instead.rstrip(".").lower()
        say(f"You named no tool: a {ASSUMED} is taken to be there, or {instead}.")
    say("Ask a doctor first with:", bold=True)
    for caution in proposal.ask_first:
        say(caution.text, first="-", hang=2)
    say("This is not medical advice.")


def _about(track: Suggestion) -> str:
    length = f" ({format_seconds(track.length)})" if track.length else ""
    return (track.summary or track.title).rstrip(".") + length


def _as_json(proposal: Proposal, given: Mapping[str, Any]) -> dict[str, Any]:
    from voiceguide.practice.finder import command_line, red_flags

    def caution(each: Caution) -> dict[str, Any]:
        return {"id": each.id, "level": each.level, "text": each.text, "question": each.question}

    answers = proposal.answers
    return {
        "stopped": bool(proposal.stopped),
        "because": [caution(flag) for flag in proposal.stopped],
        "answers": {
            "pain": list(given.get("pain", ())),
            "side": answers.side,
            "worse": list(answers.worse),
            "tools": None if answers.tools is None else list(answers.tools),
            "red_flags": list(answers.red_flags) if "red_flags" in given else None,
        },
        "red_flags_to_ask": [] if "red_flags" in given else [caution(f) for f in red_flags()],
        "muscles": [
            {
                "muscle": candidate.muscle,
                "reasons": list(candidate.reasons),
                "tracks": [
                    {
                        "track": t.name, "title": t.title, "kind": t.kind, "summary": t.summary,
                        "tool": t.tool, "tool_missing": t.missing, "note": t.note,
                        "length": t.length, "command": command_line(t.command),
                        "words": list(t.command),
                    }
                    for t in candidate.tracks
                ],
            }
            for candidate in proposal.muscles
        ],
        "ask_first": [caution(each) for each in proposal.ask_first],
        "not_medical_advice": True,
    }  # fmt: skip
