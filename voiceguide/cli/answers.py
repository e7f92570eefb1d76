"""What `find`, `today` and `plan` are told of the listener, as options."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from voiceguide.cli.params import NamedChoice, WholeType, completed
from voiceguide.errors import UsageError

if TYPE_CHECKING:
    from voiceguide.library.catalogue import Caution
    from voiceguide.practice.listener import Listener

F = TypeVar("F", bound=Callable[..., Any])

KEPT = "Your answers are kept for voiceguide today and voiceguide plan."


def _pains() -> Iterable[str]:
    from voiceguide.library import catalogue

    return catalogue.pain_places()


def _worse() -> Iterable[str]:
    from voiceguide.library import catalogue

    return [*catalogue.aggravators(), "none"]


ANSWERS = (
    click.option(
        "--pain",
        metavar="PLACE",
        multiple=True,
        shell_complete=completed(_pains),
        help="Where it hurts: lower-back, hips, buttock, back-of-thigh, calf-or-foot. May be repeated.",
    ),
    click.option(
        "--side",
        type=NamedChoice(["left", "right", "both", "neither"]),
        help="Which side hurts more; neither if you can't say.",
    ),
    click.option(
        "--worse",
        metavar="WHAT",
        multiple=True,
        shell_complete=completed(_worse),
        help="What makes it worse: sitting, walking, after-running, or none. May be repeated.",
    ),
    click.option(
        "--tool",
        "tools",
        metavar="T",
        multiple=True,
        help='What you have, such as "tennis ball"; hands are always there. May be repeated.',
    ),
    click.option(
        "--level",
        type=NamedChoice(["beginner", "regular"]),
        help="How practised you are; beginner by default, with nothing hard.",
    ),
)
_PLANNING = (
    *ANSWERS,
    click.option(
        "--minutes",
        type=WholeType(1, 180),
        metavar="N",
        help="How long you have in a day, 1 to 180; 10 by default.",
    ),
    click.option("--remember", is_flag=True, help="Keep these answers for the next time."),
    click.option("--forget", is_flag=True, help="Drop what was kept."),
)


def options(chosen: Iterable[Callable[[Any], Any]]) -> Callable[[F], F]:
    """A decorator that gives a command several options, in this order."""

    def decorate(function: F) -> F:
        for option in reversed(tuple(chosen)):
            function = option(function)
        return function

    return decorate


def listener_options(function: F) -> F:
    """The options of whoever plans days; the function gets them as one `listener`."""

    @functools.wraps(function)
    def wrapper(**values: Any) -> Any:
        names = ("pain", "side", "worse", "tools", "level")
        told = given(**{name: values.pop(name) for name in names})
        if minutes := values.pop("minutes"):
            told["minutes"] = minutes
        keep, drop = values.pop("remember"), values.pop("forget")
        return function(listener=_listener(told, keep, drop), **values)

    decorated: Any = options(_PLANNING)(wrapper)
    result: F = decorated
    return result


def given(
    pain: tuple[str, ...],
    side: str | None,
    worse: tuple[str, ...],
    tools: tuple[str, ...],
    level: str | None,
) -> dict[str, Any]:
    """What was said by options, as fields of `finder.Answers`.

    Raises:
        UsageError: a word means nothing that can be answered.
    """
    from voiceguide.practice.questions import read

    found: dict[str, Any] = {}
    if pain:
        found["pain"] = read("pain", pain)
    if side:
        found["side"] = side
    if worse:
        found["worse"] = read("worse", (w for w in worse if w.strip().casefold() != "none"))
    if tools:
        found["tools"] = read("tools", tools)
    if level:
        found["level"] = level
    return found


def refuse(asked: Caution) -> NoReturn:
    """Refuse answers that speak of a warning sign, where nobody can be asked back.

    Raises:
        UsageError: always.
    """
    raise UsageError(
        f"{asked.question} If so, don't start: {asked.text} "
        "If not, give --side left, right or neither"
    )


def _listener(told: dict[str, Any], keep: bool, drop: bool) -> Listener:
    """What was kept, with what the options say in its place."""
    from dataclasses import replace

    from voiceguide.cli.prose import note
    from voiceguide.practice.finder import contradiction
    from voiceguide.practice.listener import Listener, forget, recall, remember

    if keep and drop:
        raise UsageError("--remember and --forget contradict each other")
    if drop:
        forget()
        _confirm("What you answered is forgotten.")
    listener = replace(recall(note) or Listener(), **told)
    if (asked := contradiction(listener.answers)) is not None:
        refuse(asked)
    if keep:
        remember(listener)
        _confirm(KEPT)
    return listener


def _confirm(text: str) -> None:
    if not click.get_current_context().params.get("as_json"):
        click.echo(text, err=True)
