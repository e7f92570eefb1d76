"""The command line: words in, one call, messages and exit code out.

Each command is a module of this package, imported when it is called; their names and one-line
helps are written here, so that `--help` loads click and nothing else. Other doors give theirs in
a table like `SECTIONS`, and whoever runs the program joins them.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import io
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, TextIO

import click

from voiceguide._version import __version__
from voiceguide.cli.messages import report, say_error
from voiceguide.cli.params import NamedChoice
from voiceguide.cli.usage import COLORS, Context, default_color, placed, sentence, set_color
from voiceguide.errors import VoiceguideError

Sections = Mapping[str, Mapping[str, tuple[str, str]]]
"""Titles of the help's sections, each with its commands: name, module and one line about it. The
module has the command as `command`; it is imported when the command is called."""

SECTIONS: Sections = {
    "Choose": {
        "find": ("voiceguide.cli.find", "Find the tracks for where it hurts."),
        "map": (
            "voiceguide.cli.map",
            "Show the muscles on the body, and where their pain is felt.",
        ),
        "tracks": ("voiceguide.cli.tracks", "List the tracks."),
        "show": (
            "voiceguide.cli.show",
            "Tell what a track is for, its cautions, steps and lengths.",
        ),
    },
    "Listen": {
        "play": ("voiceguide.cli.play", "Play a session, hands-free."),
        "resume": ("voiceguide.cli.resume", "Resume a session where you left off."),
        "export": ("voiceguide.cli.export", "Write a session as MP3 or another sound file."),
    },
    "Day by day": {
        "today": ("voiceguide.cli.today", "Tell what to work today."),
        "plan": ("voiceguide.cli.plan", "Plan the days to come, also for the calendar."),
        "log": ("voiceguide.cli.log", "Show the journal, add to it, delete from it."),
        "progress": ("voiceguide.cli.progress", "Show pain and sessions over time."),
    },
    "Write scripts": {
        "new": ("voiceguide.cli.new", "Begin a script of your own."),
        "check": ("voiceguide.cli.check", "Find every mistake in a script, and how long it lasts."),
        "fmt": ("voiceguide.cli.fmt", "Bring scripts into one form."),
        "timeline": ("voiceguide.cli.timeline", "Show what happens when in a session."),
        "schema": ("voiceguide.cli.schema", "Print the JSON Schema of a script's front matter."),
    },
    "This machine": {
        "voices": ("voiceguide.cli.voices", "List the voices."),
        "doctor": ("voiceguide.cli.doctor", "Show what works here and how to fix the rest."),
        "completion": ("voiceguide.cli.completion", "Print the completion script of a shell."),
    },
}
COMMANDS = tuple(name for section in SECTIONS.values() for name in section)
"""The names of this door's own commands."""
_EXAMPLE = """\b
Examples:
  voiceguide find
  voiceguide play piriformis
  voiceguide export piriformis --minutes 10
  voiceguide help export
"""


class _LazyGroup(click.Group):
    """Imports a command's module when the command is called."""

    context_class = Context

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        with placed(ctx):
            return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_commands(ctx))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        known = _commands(ctx)
        if cmd_name not in known:
            return None
        command: click.Command = importlib.import_module(known[cmd_name]).command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except VoiceguideError as error:
            # Told here, where it is known whether colour is wanted.
            report(error)
            ctx.exit(error.exit_code)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, section in _sections(ctx).items():
            with formatter.section(title):
                # Of one width, so that the sections stand below each other as one table.
                formatter.write_dl([(f"{name:<10}", text) for name, (_, text) in section.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        from voiceguide.errors import did_you_mean

        if ctx.resilient_parsing:  # a line that is being completed
            return super().resolve_command(ctx, args)
        if args[0] == "help":
            args = [*args[1:2], "--help"] if args[1:] else self._help(ctx)
        name, known = args[0], _commands(ctx)
        if name not in known and not name.startswith("-"):
            hint = did_you_mean(name, known) or f"the commands are {', '.join(known)}"
            raise click.UsageError(f'there is no command "{name}": {hint}', ctx)
        return super().resolve_command(ctx, args)

    def _help(self, ctx: click.Context) -> NoReturn:
        click.echo(ctx.get_help(), color=ctx.color)
        ctx.exit()


def _sections(ctx: click.Context) -> Sections:
    """The commands that the program was run with."""
    sections: Sections = ctx.find_root().obj or SECTIONS
    return sections


def _commands(ctx: click.Context) -> dict[str, str]:
    """Their names and modules."""
    return {name: m for section in _sections(ctx).values() for name, (m, _) in section.items()}


@click.group(
    cls=_LazyGroup,
    epilog=_EXAMPLE,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    invoke_without_command=True,
)
@click.version_option(__version__, message="voiceguide %(version)s")
@click.option(
    "--color",
    type=NamedChoice(COLORS),
    callback=set_color,
    expose_value=False,
    is_eager=True,
    help="Colour in the output; by default on a terminal, unless NO_COLOR is set.",
)
@click.pass_context
def cli(ctx: click.Context) -> int:
    """Voice-guided self-massage sessions for sciatica-like pain.

    A session tells you, step by step, where the ball goes and for how long; hands-free, eyes shut.
    Not medical advice.
    """
    if ctx.invoked_subcommand is not None:
        return 0
    from voiceguide.cli.offer import can_ask

    if not can_ask():
        raise click.exceptions.NoArgsIsHelpError(ctx)
    from voiceguide.cli.welcome import welcome

    return welcome(lambda words: _run(words, _sections(ctx)))


def run(args: Sequence[str] | None = None, sections: Sections = SECTIONS) -> int:
    """Run the command line; returns the exit code, with every error turned into a message.

    Args:
        sections: all commands there are, of other doors, too.
    """
    _open_what_is_closed()
    for stream in (sys.stdout, sys.stderr):
        # A pipe on Windows, or an old locale, has no letters beyond its own.
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="replace")
    code = _run(args, sections)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            code = _unheard(stream, code)
    return code


def _open_what_is_closed() -> None:
    """Streams that whoever called closed lead nowhere."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115


def _unheard(stream: TextIO, code: int) -> int:
    """The exit code where a stream's reader went away, as `head` does: nobody is left to tell.

    Python would try again at its end, and replace the code.
    """
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    return code or 1


def _run(args: Sequence[str] | None, sections: Sections) -> int:
    try:
        result = cli.main(args=args, prog_name="voiceguide", standalone_mode=False, obj=sections)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except click.ClickException as error:
        _tell(error)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        # Below what was being answered, and the ^C that terminals show there.
        click.echo("\ninterrupted" if sys.stderr.isatty() else "interrupted", err=True)
        return 130
    except BrokenPipeError:
        return _unheard(sys.stdout, 1)
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and error.name and not _own(error.name):
            from voiceguide.plugins import brings

            say_error(f"{error.name} is not installed: {brings(error.name)}")
            return 2
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            say_error("there is no room left to write to: make some, or write elsewhere")
            return 1
        if isinstance(error, FileNotFoundError) and not _is_somewhere():
            say_error("the folder that this was called in is there no longer: go to another")
            return 1
        if isinstance(error, ModuleNotFoundError) and error.name:
            from voiceguide.plugins import brings, not_installed

            say_error(
                str(not_installed(f"{error.name}, which voiceguide needs,", brings(error.name)))
            )
            return 2
        if os.environ.get("VOICEGUIDE_DEBUG"):
            raise
        say_error(
            f"something unforeseen went wrong ({type(error).__name__}: {error}); "
            "with VOICEGUIDE_DEBUG=1 set it shows where"
        )
        return 1
    return result if isinstance(result, int) else 0


def _own(module: str) -> bool:
    """Whether a module is one of this program's."""
    return module.partition(".")[0] == "voiceguide"


def _is_somewhere() -> bool:
    """Whether the working folder still exists."""
    try:
        return bool(os.getcwd())  # noqa: PTH109 - it is not worked with
    except OSError:
        return False


def _tell(error: click.ClickException) -> None:
    """A sentence about wrong usage, and where more is said."""
    ctx = getattr(error, "ctx", None)
    say_error(sentence(error), ctx.find_root().color if ctx else default_color())
