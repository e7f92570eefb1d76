"""What `find`, `today` and `plan` know of the listener: options, and what was remembered."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from voiceguide.cli.params import NamedChoice, WholeType, completed
from voiceguide.errors import UsageError, VoiceguideError
from voiceguide.library.finding import read_ordinary, user_folder

if TYPE_CHECKING:
    from voiceguide.plan import Plan
    from voiceguide.practice.finder import Suggestion
    from voiceguide.practice.schedule import Listener, Reach, Sides, Worked
    from voiceguide.timeline.arrange import Reach as Lengths
    from voiceguide.units import SideChoice

F = TypeVar("F", bound=Callable[..., Any])

SETTINGS = "listener.json"
KEPT = "Your answers are kept for voiceguide today and voiceguide plan."
_LARGEST = 100_000
_FIELDS = ("pain", "side", "worse", "tools", "minutes")


def _pains() -> Iterable[str]:
    from voiceguide.library import catalogue

    return catalogue.pain_places()


def _worse() -> Iterable[str]:
    from voiceguide.library import catalogue

    return [*catalogue.aggravators(), "none"]


pain_option = click.option(
    "--pain", metavar="PLACE", multiple=True, shell_complete=completed(_pains),
    help="Where it hurts: lower-back, hips, buttock, back-of-thigh, calf-or-foot. May be repeated.",
)  # fmt: skip
side_option = click.option(
    "--side", type=NamedChoice(["left", "right", "both"]), help="Which side hurts more."
)
worse_option = click.option(
    "--worse", metavar="WHAT", multiple=True, shell_complete=completed(_worse),
    help="What makes it worse: sitting, walking, after-running, or none. May be repeated.",
)  # fmt: skip
tool_option = click.option(
    "--tool", "tools", metavar="T", multiple=True,
    help="What you have, such as \"tennis ball\"; hands are always there. May be repeated.",
)  # fmt: skip
_PLANNING = (
    pain_option,
    side_option,
    worse_option,
    tool_option,
    click.option("--minutes", type=WholeType(1, 180), metavar="N", help="How long you have in a day, 1 to 180; 10 by default."),
    click.option("--remember", is_flag=True, help="Keep these answers for the next time."),
    click.option("--forget", is_flag=True, help="Drop what was kept."),
)  # fmt: skip


def listener_options(function: F) -> F:
    """The options of whoever plans days; the function gets them as one `listener`."""
    import functools

    @functools.wraps(function)
    def wrapper(**values: Any) -> Any:
        names = ("pain", "side", "worse", "tools", "minutes", "remember", "forget")
        given = {name: values.pop(name) for name in names}
        return function(listener=_listener(**given), **values)

    decorated: Any = wrapper
    for option in reversed(_PLANNING):
        decorated = option(decorated)
    result: F = decorated
    return result


def _listener(
    pain: tuple[str, ...],
    side: SideChoice | None,
    worse: tuple[str, ...],
    tools: tuple[str, ...],
    minutes: int | None,
    remember: bool,
    forget: bool,
) -> Listener:
    """What was remembered, with what the options say in its place."""
    from dataclasses import replace

    from voiceguide.practice import finder
    from voiceguide.practice.schedule import Listener

    if remember and forget:
        raise UsageError("--remember and --forget contradict each other")
    if forget:
        forget_listener()
        _confirm("What you answered is forgotten.")
    known = recall() or Listener()
    given: dict[str, Any] = {}
    if pain:
        given["pain"] = finder.pain_places(pain)
    if side:
        given["side"] = side
    if worse:
        given["worse"] = worse_ids(worse)
    if tools:
        given["tools"] = finder.tool_names(tools)
    if minutes:
        given["minutes"] = minutes
    listener = replace(known, **given)
    if remember:
        remember_listener(listener)
        _confirm(KEPT)
    return listener


def _confirm(text: str) -> None:
    if not click.get_current_context().params.get("as_json"):
        click.echo(text, err=True)


def worse_ids(words: Iterable[str]) -> tuple[str, ...]:
    """Ids of what makes it worse; `none` is none of them."""
    from voiceguide.practice import finder

    return finder.worse_things(word for word in words if word.strip().casefold() != "none")


def recall() -> Listener | None:
    """The answers that were remembered, or None.

    Raises:
        VoiceguideError: the file cannot be read.
    """
    from voiceguide.library import catalogue
    from voiceguide.practice.finder import SIDES
    from voiceguide.practice.schedule import Listener

    path = user_folder(SETTINGS)
    try:
        raw = read_ordinary(path, _LARGEST)
        if len(raw) > _LARGEST:
            raise _damaged(path)
        data = json.loads(raw.decode("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise VoiceguideError(f'"{path}" cannot be read: {error.strerror}') from error
    except (ValueError, RecursionError) as error:
        raise _damaged(path) from error
    if not isinstance(data, dict):
        raise _damaged(path)

    def names(key: str, known: Iterable[str]) -> tuple[str, ...]:
        # An id that the catalogue no longer has is no reason to fail.
        values = data.get(key)
        return tuple(v for v in known if v in values) if isinstance(values, list) else ()

    minutes = data.get("minutes")
    return Listener(
        pain=names("pain", catalogue.pain_places()),
        side=data["side"] if data.get("side") in SIDES else "both",
        worse=names("worse", catalogue.aggravators()),
        tools=names("tools", catalogue.tools()) if data.get("tools") is not None else None,
        minutes=minutes if type(minutes) is int and 1 <= minutes <= 180 else Listener().minutes,
    )


def _damaged(path: Path) -> VoiceguideError:
    return VoiceguideError(
        f'"{path}" is damaged: delete it, or answer anew with voiceguide find --remember'
    )


def remember_listener(listener: Listener) -> None:
    """Keep the answers for `today` and `plan`.

    Raises:
        VoiceguideError: they cannot be written.
    """
    from voiceguide.sinks.atomic import sink_error, write_text

    path = user_folder(SETTINGS)
    data = {name: getattr(listener, name) for name in _FIELDS}
    try:
        # Where it hurts is nobody else's business.
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise sink_error(path, error) from error
    write_text(path, json.dumps(data, indent=2) + "\n", force=True)


def forget_listener() -> None:
    """Drop the remembered answers.

    Raises:
        VoiceguideError: they cannot be removed.
    """
    from voiceguide.sinks.atomic import sink_error

    path = user_folder(SETTINGS)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise sink_error(path, error) from error


# ---------------------------------------------------------------------- what plans need


def history() -> tuple[Worked, ...]:
    """What the journal holds, as plans need it; what is wrong with it goes to stderr."""
    from voiceguide.practice.schedule import Worked

    return tuple(
        Worked(r.day, r.track, r.seconds, r.tool, r.pain_before, r.pain_after)
        for r in journal_records()
    )


def journal_path() -> Path:
    """Where the journal is."""
    from voiceguide.practice.journal import FILE_NAME

    return user_folder(FILE_NAME)


def journal_records() -> tuple[Any, ...]:
    """All sessions of the journal, the oldest first; none where there is no journal yet."""
    from voiceguide.cli.messages import safe
    from voiceguide.practice.journal import Journal

    path = journal_path()
    try:
        if not path.exists():
            return ()
    except OSError:
        pass  # to open it says why
    with Journal(path) as journal:
        found = journal.records()
        if journal.note:
            click.echo(f"Note: {safe(journal.note)}.", err=True)
    return found


def estimator() -> Reach:
    """How long tracks can be, by the number of letters that are spoken: nothing is spoken for it.

    Within a hundredth of what either built-in voice takes.
    """
    from voiceguide.plan import Options
    from voiceguide.session.loading import Loaded, load, make_plan

    scripts: dict[str, Loaded] = {}
    known: dict[tuple[str, str | None, Sides], tuple[float, float] | None] = {}

    def reach(track: Suggestion, sides: Sides) -> tuple[float, float] | None:
        key = (track.name, track.tool, sides)
        if key not in known:
            try:
                if track.name not in scripts:
                    scripts[track.name] = load(track.name)
                given: dict[str, Any] = {
                    name.removeprefix("--"): value
                    for name, value in zip(sides[::2], sides[1::2], strict=True)
                }
                options = Options(tool=track.tool, **given)
                found = measured(make_plan(scripts[track.name], options))
                known[key] = (found.shortest, found.longest)
            except VoiceguideError:
                known[key] = None
        return known[key]

    return reach


_AT_ALL, _A_LETTER = 0.35, 0.0575


def measured(plan: Plan) -> Lengths:
    """How long a session can be, as `estimator` reckons it."""
    from voiceguide.audio import RATE, AudioFormat
    from voiceguide.timeline.arrange import measure

    said = plan.utterances(fitted=True)
    lengths = {u: round(RATE * (_AT_ALL + _A_LETTER * len(u.spoken))) for u in said}
    return measure(plan, lengths, AudioFormat(RATE, 2))
