"""`voiceguide find`."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from voiceguide.cli.answers import ANSWERS, KEPT, given, options, refuse
from voiceguide.cli.choices import both, quoted
from voiceguide.cli.offer import agreed, answer, can_ask, offer_play
from voiceguide.cli.output import print_json
from voiceguide.cli.prose import blank, say, say_command
from voiceguide.cli.usage import Command
from voiceguide.errors import UsageError
from voiceguide.units import format_seconds

if TYPE_CHECKING:
    from voiceguide.library.catalogue import Caution
    from voiceguide.plan import Options
    from voiceguide.practice.finder import Candidate, Proposal, Suggestion
    from voiceguide.practice.questions import Question

T = TypeVar("T")

_EXAMPLE = """\b
Examples:
  voiceguide find
  voiceguide find --pain lower-back --side left --tool "tennis ball" --json
"""
_SHOWN = 3
"""So many other tracks of a muscle are named."""
_PROPOSED = 2
"""So many muscles are proposed; the others are named."""


@click.command("find", cls=Command, bare="--pain", epilog=_EXAMPLE)
@options(ANSWERS)
@click.option(
    "--red-flag",
    "flags",
    metavar="ID",
    multiple=True,
    help="Answer yes to a warning sign: saddle-numbness, bladder-bowel, both-legs, chest, hot-calf, "
    "leg-weakness, acute-sciatica, fever, fracture, broken-skin. May be repeated.",
)
@click.option("--no-red-flags", "no_flags", is_flag=True, help="Answer no to all of them.")
@click.option("--all", "everything", is_flag=True, help="Show every muscle worth trying.")
@click.option("--remember", is_flag=True, help="Keep the answers for today and plan.")
@click.option("--json", "as_json", is_flag=True, help="The proposal as JSON; nothing is asked.")
def command(
    flags: tuple[str, ...],
    no_flags: bool,
    everything: bool,
    remember: bool,
    as_json: bool,
    **said: Any,
) -> int:
    """Find the tracks for where it hurts.

    Asks for warning signs first, then where it hurts, which side, what makes it worse and what
    you have at hand; what options say already is not asked. Ends with 0 also where a warning
    sign means that there is nothing to propose: that is an answer.
    """
    from voiceguide.library.tracks import entries
    from voiceguide.practice import finder, listener, questions, safety

    if flags and no_flags:
        raise UsageError("--red-flag and --no-red-flags contradict each other")
    told = given(**said)
    if flags or no_flags:
        told["red_flags"] = questions.read("red_flags", flags)
    if sys.stdin.isatty() and not as_json:
        missing = [q for q in questions.questions() if q.id not in told]
        if "pain" in told:
            missing = [q for q in missing if q.id == "red_flags"]
        if missing and not _ask(missing, told):
            return 0
    elif "pain" not in told and not told.get("red_flags"):
        raise UsageError(
            "where does it hurt? There is no terminal to ask at: give --pain, as in --pain buttock"
        )
    stopped = told.get("red_flags")
    answers = finder.Answers(**({"pain": ("lower-back",)} if stopped else {}) | told)
    proposal = finder.propose(answers, entries())
    while (asked := proposal.ask_back) is not None:
        if as_json or not sys.stdin.isatty():
            refuse(asked)
        if not _ask_back(asked, told):
            return 0
        answers = finder.Answers(**told)
        proposal = finder.propose(answers, entries())
    if told.get("red_flags") == ():
        safety.confirm()
    if remember and not proposal.stopped:
        listener.remember_answers(answers)
    if as_json:
        print_json(_as_json(proposal, told))
    elif proposal.stopped:
        _tell_stop(proposal.stopped)
        if remember:
            say("Your answers are not kept.", err=True)
    else:
        _tell(proposal, answered="red_flags" in told, everything=everything)
        if not remember and can_ask() and agreed("Keep your answers for today and plan?"):
            listener.remember_answers(answers)
            remember = True
        if remember:
            say(KEPT, err=True)
        if can_ask():
            return offer_play(_choices(_shown(proposal, everything)))
    return 0


# ------------------------------------------------------------------------------- questions


class _Back(Exception):
    """The question before, please."""


class _Quit(Exception):
    """Enough."""


def _ask(missing: Sequence[Question], told: dict[str, Any]) -> bool:
    """Put the answers to what is missing with what was told; False where it was enough."""
    say("b takes you back, q ends it.", err=True, dim=True)
    found: dict[str, Any] = {}
    number = 0
    while number < len(missing) and not found.get("red_flags"):
        question = missing[number]
        blank(err=True)
        try:
            found[question.id] = _answer(question)
            number += 1
        except _Back:
            number = max(0, number - 1)
        except _Quit:
            click.echo("Nothing was proposed.", err=True)
            return False
    blank(err=True)
    told |= found
    return True


def _ask_back(asked: Caution, told: dict[str, Any]) -> bool:
    """Ask whether a warning sign applies that the answers speak of; if not, ask the side again."""
    from voiceguide.practice.questions import question

    say(f"You said both sides. {asked.question}", err=True, bold=True)

    def read(text: str) -> bool:
        if text not in ("y", "yes", "n", "no"):
            raise UsageError("answer yes or no")
        return text in ("y", "yes")

    try:
        if _prompt("yes or no", read):
            told["red_flags"] = (*told.get("red_flags", ()), asked.id)
            return True
    except (_Back, _Quit):
        click.echo("Nothing was proposed.", err=True)
        return False
    return _ask([question("side")], told)


def _answer(question: Question) -> Any:
    """What the listener answers to one question."""
    from voiceguide.practice.questions import read

    flags = question.id == "red_flags"
    text = "First, some signs that a massage is not for now:" if flags else question.text
    say(text, err=True, bold=True)
    for number, name in enumerate(question.choices.values(), 1):
        say(name, first=f"{number:>2}", hang=4, err=True)
    if question.none and not flags:
        say(question.none, first=" 0", hang=4, err=True)
    known = {str(number): key for number, key in enumerate(question.choices, 1)}

    def several(text: str) -> tuple[str, ...]:
        if question.none and text in _NONE[flags] | {question.none}:
            return ()
        words = _words(text)
        if flags and not (words and all(word.isdigit() for word in words)):
            raise UsageError("write the number of what holds, or no if none of them does")
        if not text:
            raise UsageError("write a number or a word; several with commas between them")
        return read(question.id, [_meant(word, known) for word in words])

    def one(text: str) -> str:
        if not text:
            raise UsageError("write a number or a word")
        (found,) = read(question.id, [_meant(text, known)])
        return found

    if flags:
        return _prompt('Do any of these apply to you? Type their numbers, or "no"', several)
    if question.several:
        return _prompt("Numbers or words", several)
    return _prompt("A number or a word", one)


_NONE = {True: {"n", "no", "none"}, False: {"0", "none", "no", "nothing"}}
"""What means none of the choices, of the warning signs and of others."""


def _words(text: str) -> list[str]:
    """The parts of an answer: between commas, and numbers also between spaces."""
    parts = [part.strip() for part in re.split(r"[,;]|\band\b", text)]
    return [
        word
        for part in parts
        if part
        for word in (part.split() if part.replace(" ", "").isdigit() else [part])
    ]


def _meant(word: str, known: Mapping[str, str]) -> str:
    """The choice of a number; any other word as it is."""
    if word.isdigit() and word not in known:
        raise UsageError(f"there is no {word}: the numbers go from 1 to {len(known)}")
    return known.get(word, word)


def _prompt(question: str, read: Callable[[str], T]) -> T:
    """Ask until there is an answer."""
    while True:
        text = answer(question)
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
    head = "No massage now. Get help at once:" if grave else "No massage for now:"
    say(head, bold=True, fg="red")
    for flag in stopped:
        say(flag.text, first="-", hang=2)
    blank()
    say("No track is proposed until that is cleared up.")


def _tell(proposal: Proposal, *, answered: bool, everything: bool) -> None:
    from voiceguide.library import catalogue
    from voiceguide.practice.finder import ASSUMED, red_flags

    if not answered:
        say("Don't start, and see a doctor, if any of these applies to you:", bold=True)
        for flag in red_flags():
            say(flag.question or "", first="-", hang=2)
        blank()
    say("Ask a doctor first with:", bold=True)
    for caution in proposal.ask_first:
        say(caution.text, first="-", hang=2)
    say("This is not medical advice.")
    blank()
    shown = _shown(proposal, everything)
    say("Try these, one a day, in this order:", bold=True)
    number = 0
    for candidate in shown:
        blank()
        name = catalogue.muscles()[candidate.muscle].name
        say(name.capitalize(), bold=True)
        say(" ".join(candidate.reasons), indent=2)
        for track in _first(candidate):
            number += 1
            lead = "Find the spot: " if track.kind == "find" else "Release it: "
            say(lead + _about(track), first=f"{number}.", hang=3, indent=2)
            say_command(quoted("play", track.name, track.options), indent=5)
            if track.note:
                say(track.note, indent=5)
        others = [t.name for t in candidate.tracks if t not in _first(candidate) and not t.missing]
        if others:
            say("Or: " + ", ".join(others[:_SHOWN]), indent=5)
    blank()
    if rest := [catalogue.muscles()[c.muscle].name for c in proposal.muscles[len(shown) :]]:
        say(f"Then: {', '.join(rest)} (--all shows them).")
    if proposal.answers.tools is None:
        instead = catalogue.tools()[ASSUMED].instead.rstrip(".").lower()
        say(f"No tool given, so this assumes a {ASSUMED}, or {instead}.")


def _first(candidate: Candidate) -> list[Suggestion]:
    """The tracks to begin with: one that finds the spot, one that releases it."""
    found = [track for track in candidate.tracks if track.kind == "find"][:1]
    return [*found, *([candidate.release] if candidate.release else [])]


def _shown(proposal: Proposal, everything: bool) -> tuple[Candidate, ...]:
    """The muscles that are proposed."""
    return proposal.muscles if everything else proposal.muscles[:_PROPOSED]


def _choices(shown: Sequence[Candidate]) -> list[tuple[str, Options]]:
    """What can be played at once, as it is numbered."""
    return [(track.name, track.options) for each in shown for track in _first(each)]


def _about(track: Suggestion) -> str:
    length = f" ({format_seconds(track.length)})" if track.length else ""
    return (track.summary or track.title).rstrip(".") + length


def _as_json(proposal: Proposal, told: Mapping[str, Any]) -> dict[str, Any]:
    from dataclasses import asdict

    from voiceguide.practice.finder import red_flags

    def caution(each: Caution) -> dict[str, Any]:
        return {"id": each.id, "level": each.level, "text": each.text, "question": each.question}

    answers = asdict(proposal.answers) | {"pain": told.get("pain", ())}
    answers["red_flags"] = told.get("red_flags")
    return {
        "stopped": bool(proposal.stopped),
        "because": [caution(flag) for flag in proposal.stopped],
        "answers": answers,
        "red_flags_to_ask": [] if "red_flags" in told else [caution(f) for f in red_flags()],
        "muscles": [
            {
                "muscle": candidate.muscle,
                "reasons": candidate.reasons,
                "tracks": [_track(track) for track in candidate.tracks],
            }
            for candidate in proposal.muscles
        ],
        "ask_first": [caution(each) for each in proposal.ask_first],
        "not_medical_advice": True,
    }


def _track(track: Suggestion) -> dict[str, Any]:
    return {
        "track": track.name,
        "title": track.title,
        "kind": track.kind,
        "summary": track.summary,
        "tool": track.tool,
        "tool_missing": track.missing,
        "note": track.note,
        "length": track.length,
    } | both(track.name, track.options)
