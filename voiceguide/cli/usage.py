"""Wrong usage in sentences, and the form that all commands share."""

from __future__ import annotations

import contextlib
import difflib
import os
import shutil
from collections.abc import Iterable, Iterator
from typing import Any

import click

from voiceguide.cli.messages import report
from voiceguide.cli.params import NO_TRACK, NamedChoice
from voiceguide.errors import VoiceguideError

COLORS = ("auto", "always", "never")
_WIDEST = 100
_HYPHEN = "\ue000"
"""No text has it; nothing is cut at it."""


class HelpFormatter(click.HelpFormatter):
    """Help that also fits a terminal narrower than click thinks of."""

    def __init__(
        self, indent_increment: int = 2, width: int | None = None, max_width: int | None = None
    ) -> None:
        if width is None:
            columns = shutil.get_terminal_size().columns
            width = max(min(columns, max_width or _WIDEST) - 2, 20)
        super().__init__(indent_increment, width, max_width)

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        # Names with hyphens are there to be copied: they stay whole.
        begin = len(self.buffer)
        whole = [(name, text.replace("-", _HYPHEN)) for name, text in rows]
        super().write_dl(whole, min(col_max, self.width * 2 // 5), col_spacing)
        self.buffer[begin:] = [part.replace(_HYPHEN, "-") for part in self.buffer[begin:]]


class Context(click.Context):
    """What a command is called in: its form of help, and NO_COLOR from the very beginning."""

    formatter_class = HelpFormatter

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.color is None:
            self.color = default_color()


class Command(click.Command):
    """A command that takes `--color` as well as the program does, and tells what is too much.

    Args:
        bare: the option that a lone word was probably meant for, or None.
    """

    context_class = Context
    allow_extra_args = True  # to tell of them in a sentence of ours

    def __init__(self, *args: Any, bare: str | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._bare = bare

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        return [*super().get_params(ctx), _color_option()]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        with placed(ctx):
            rest = super().parse_args(ctx, args)
        if rest and not ctx.resilient_parsing:
            raise click.UsageError(self._too_much(ctx, rest), ctx)
        return rest

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except VoiceguideError as error:
            # Told here, where the command's options are known, and whether colour is wanted.
            report(error)
            ctx.exit(error.exit_code)

    def _too_much(self, ctx: click.Context, rest: list[str]) -> str:
        extra = " ".join(rest)
        if "name" in ctx.params:
            return f"{ctx.command_path} takes one track{_one_name(str(ctx.params['name']), rest)}"
        said = f'{ctx.command_path} has no use for "{extra}"'
        if self._bare:
            value = f'"{extra}"' if " " in extra else extra
            return f"{said}: did you mean {self._bare} {value}?"
        return f"{said}: {ctx.command_path} --help tells more"


@contextlib.contextmanager
def placed(ctx: click.Context) -> Iterator[None]:
    """Errors of the parser know their command."""
    try:
        yield
    except click.UsageError as error:
        error.ctx = error.ctx or ctx
        raise


def _one_name(first: str, rest: list[str]) -> str:
    """What was probably meant by several words for one track."""
    from voiceguide.library.tracks import tracks

    begin = "-".join([first, *rest]).casefold()
    meant = next((track.name for track in tracks() if track.name.startswith(begin)), None)
    if meant:
        return f': did you mean "{meant}"?'
    return f': "{" ".join(rest)}" is too much'


def set_color(ctx: click.Context, _param: click.Parameter | None, wanted: str | None) -> None:
    """Keep for the whole program what --color says."""
    if wanted is not None:
        colors = {"always": True, "never": False}
        ctx.color = ctx.find_root().color = colors.get(wanted, default_color())


def default_color() -> bool | None:
    """Whether colour is wanted where nothing was said: not, or as the terminal can."""
    return False if os.environ.get("NO_COLOR") else None


def _color_option() -> click.Option:
    return click.Option(
        ["--color"],
        type=NamedChoice(COLORS),
        hidden=True,
        expose_value=False,
        is_eager=True,
        callback=set_color,
    )


def sentence(error: click.ClickException) -> str:
    """What is wrong with the words that were given, and what to do."""
    ctx = error.ctx if isinstance(error, click.UsageError) else None
    path = ctx.command_path if ctx else "voiceguide"
    if isinstance(error, click.NoSuchOption):
        return f'there is no option "{error.option_name}": {_nearest(error, ctx)}'
    if isinstance(error, click.MissingParameter):
        name = _placeholder(error)
        if name.startswith("TRACK"):
            return NO_TRACK
        return f"{path} needs {name}: {path} --help tells more"
    if isinstance(error, click.BadParameter):
        return f"{_named(error)}: {error.message}".rstrip(".")
    if isinstance(error, click.BadOptionUsage):
        given = _option(ctx, error.option_name)
        what = "takes no value" if given and given.is_flag else "needs a value"
        return f"{error.option_name} {what}: {path} --help tells more"
    return error.format_message().rstrip(".")


def _nearest(error: click.NoSuchOption, ctx: click.Context | None) -> str:
    """What to do about an option that there is not."""
    # Compared without the dashes, which all have in common.
    known = {name.lstrip("-"): name for name in error.possibilities or ()}
    near = difflib.get_close_matches(error.option_name.lstrip("-"), known, 1)
    if near:
        return f"did you mean {known[near[0]]}?"
    if ctx and isinstance(ctx.command, click.Group):
        return f"those of a command come after it, and {ctx.command_path} --help lists the others"
    return f"{ctx.command_path if ctx else 'voiceguide'} --help lists them"


def _named(error: click.BadParameter) -> str:
    """The parameter as it is written."""
    if isinstance(error.param, click.Option):
        return max(error.param.opts, key=len)
    return str(error.param.name) if error.param else "the value"


def _placeholder(error: click.BadParameter) -> str:
    """What stands for the parameter in the usage line."""
    if error.param is None or error.ctx is None:
        return "more"
    return error.param.make_metavar(error.ctx).rstrip(".")


def _option(ctx: click.Context | None, name: str) -> click.Option | None:
    params = ctx.command.get_params(ctx) if ctx else []
    return next((p for p in params if isinstance(p, click.Option) and name in p.opts), None)
