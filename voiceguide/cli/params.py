"""Parameters that several commands share."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from voiceguide.errors import did_you_mean
from voiceguide.units import DurationError, parse_duration

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from voiceguide.session import Request

F = TypeVar("F", bound=Callable[..., Any])


NO_TRACK = "which track? voiceguide tracks lists them"


class DurationType(click.ParamType[float]):
    """A duration as in a script: 90s, 10m, 1:30."""

    name = "duration"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        if isinstance(value, float):
            return value
        try:
            seconds = parse_duration(str(value))
        except DurationError as error:
            self.fail(f"{error}; {error.hint or 'write it as 90s, 10m or 1:30'}", param, ctx)
        if seconds <= 0:
            self.fail("a session of no time; write it as 90s, 10m or 1:30", param, ctx)
        return seconds


class NumberType(click.ParamType[float]):
    """A number with its sentences for what is none, and for what is out of range."""

    name = "number"

    def __init__(self, least: float = -math.inf, most: float = math.inf) -> None:
        self._least, self._most = least, most

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        number = self._read(value, param, ctx)
        if self._most < math.inf and not self._least <= number <= self._most:
            self.fail(
                f"{value} is out of range: from {self._least:g} to {self._most:g}", param, ctx
            )
        return number

    def _read(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            return float(value)
        except ValueError:
            self.fail(f'"{value}" is not a number', param, ctx)


class WholeType(NumberType):
    """A whole number."""

    def _read(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            return int(value)
        except ValueError:
            self.fail(f'"{value}" is not a whole number', param, ctx)


class NamedChoice(click.Choice[str]):
    """A choice, in letters of any size, that asks back when a word is nearly right."""

    def __init__(self, choices: Iterable[str]) -> None:
        super().__init__(tuple(choices), case_sensitive=False)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if str(value).casefold() not in self.choices:
            hint = did_you_mean(str(value), self.choices)
            said = f'"{value}" is not one of {", ".join(self.choices)}'
            self.fail(f"{said}: {hint}" if hint else said, param, ctx)
        return super().convert(value, param, ctx)


def completed(names: Callable[[], Iterable[str]]) -> Callable[..., list[str]]:
    """What a shell completes an option's value with: those of the names that begin so.

    Args:
        names: gives them; called when they are wanted, so that help loads nothing.
    """

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:  # noqa: ARG001 - click passes them
        return [name for name in names() if name.startswith(incomplete)]

    return complete


def _muscles() -> Iterable[str]:
    from voiceguide.library import catalogue

    return catalogue.muscles()


def track_names() -> Iterable[str]:
    """Of all tracks, each once."""
    from voiceguide.library.tracks import tracks

    return dict.fromkeys(track.ref for track in tracks())


def muscle_option(text: str) -> Callable[[F], F]:
    """The option --muscle."""
    return click.option("--muscle", metavar="M", shell_complete=completed(_muscles), help=text)


def complete_tracks(
    ctx: click.Context,  # noqa: ARG001 - click passes it
    param: click.Parameter,  # noqa: ARG001 - click passes it
    incomplete: str,
) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    names = [CompletionItem(name) for name in track_names() if name.startswith(incomplete)]
    return names or [CompletionItem(incomplete, type="file")]


def _names(_ctx: click.Context, _param: click.Parameter, value: Any) -> Any:
    """The names, once each; one of spaces alone is none."""
    names = tuple(dict.fromkeys([value] if isinstance(value, str) else value or ()))
    if not all(name.strip() for name in names):
        raise click.UsageError(NO_TRACK)
    return names[0] if isinstance(value, str) else names


def track_argument(*, several: bool = False, required: bool = True) -> Callable[[F], F]:
    """The TRACK_OR_FILE argument."""
    return click.argument(
        "names" if several else "name",
        metavar="TRACK_OR_FILE" + ("..." if several else ""),
        nargs=-1 if several else 1,
        required=required,
        callback=_names,
        shell_complete=complete_tracks,
    )


def _minutes(ctx: click.Context, param: click.Parameter, value: float | None) -> float | None:
    if value is not None and not 0 < value <= 1440:
        raise click.BadParameter(
            f"a session lasts more than 0 and at most 1440 minutes, not {value:g}", ctx, param
        )
    return value


_SESSION_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--minutes",
        type=NumberType(),
        metavar="N",
        callback=_minutes,
        help="Fit the session to N minutes, exactly.",
    ),
    click.option(
        "--length", type=DurationType(), metavar="D", help="The same as a duration, such as 7m30s."
    ),
    click.option(
        "--side",
        type=NamedChoice(["both", "left", "right"]),
        default="both",
        show_default=True,
        help="Which sides to work.",
    ),
    click.option("--start", type=NamedChoice(["left", "right"]), help="The side that comes first."),
    click.option(
        "--sore",
        type=NamedChoice(["left", "right"]),
        help="Your worse side: it comes first and gets more time.",
    ),
    click.option("--tool", metavar="T", help='One of the track\'s tools, such as "foam roller".'),
    click.option("--voice", metavar="ENGINE[:NAME]", help="As listed by voiceguide voices."),
    click.option(
        "--speed",
        type=NumberType(),
        default=1.0,
        show_default=True,
        metavar="X",
        help="How fast the voice speaks, 0.5 to 2.",
    ),
    click.option(
        "--pace",
        type=NamedChoice(["gentle", "normal", "brisk"]),
        default="normal",
        show_default=True,
        help="How fast it is: the voice, the pauses, the whole.",
    ),
    click.option(
        "--background",
        metavar="NAME|none",
        help="A background for the whole session: rain, sea, drone or a file of yours.",
    ),
    click.option(
        "--breath",
        type=NamedChoice(["voice", "tone", "both"]),
        default="both",
        show_default=True,
        help="What guides your breathing.",
    ),
    click.option("--mono", is_flag=True, help="One channel, for smaller files."),
)


def session_options(function: F) -> F:
    """The options that make up a session; the function gets them as one `make` callable.

    `make(name)` gives the `Request`.
    """

    @functools.wraps(function)
    def wrapper(**values: Any) -> Any:
        keys = (
            "minutes",
            "length",
            "side",
            "start",
            "sore",
            "tool",
            "voice",
            "speed",
            "pace",
            "background",
            "breath",
            "mono",
        )
        chosen = {key: values.pop(key) for key in keys}
        return function(make=functools.partial(make_request, **chosen), **values)

    decorated: Any = wrapper
    for option in reversed(_SESSION_OPTIONS):
        decorated = option(decorated)
    result: F = decorated
    return result


def make_request(name: str, **chosen: Any) -> Request:
    """The request of a command's options.

    Raises:
        click.UsageError: two of them contradict each other.
    """
    from voiceguide.plan.model import Options
    from voiceguide.session import Request

    minutes, length = chosen.pop("minutes"), chosen.pop("length")
    if minutes is not None and length is not None:
        raise click.UsageError("--minutes and --length both say how long: give one of them")
    if minutes is not None:
        length = minutes * 60
    outer = {key: chosen.pop(key) for key in ("voice", "speed", "mono")}
    return Request(name, Options(length=length, **chosen), **outer)


def color() -> bool | None:
    """Whether colour was asked for: True, False, or None for what the terminal can."""
    ctx = click.get_current_context(silent=True)
    return ctx.find_root().color if ctx else None


def comma(names: Iterable[str]) -> str:
    """Names as a list in a sentence, or a dash."""
    return ", ".join(names) or "-"
