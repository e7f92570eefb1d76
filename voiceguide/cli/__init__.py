"""The command line: words in, one call, messages and exit code out.

Each command is a module of this package, imported when it is called; their names and one-line
helps stand here, so that `--help` loads click and nothing else.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import sys
from collections.abc import Sequence
from typing import Any, TextIO

import click

from voiceguide._version import __version__
from voiceguide.cli.messages import report, say_error
from voiceguide.errors import VoiceguideError

COMMANDS = {
    "play": "Play a session, hands-free.",
    "resume": "Go on where the last session was left.",
    "export": "Write a session as MP3 or another sound file.",
    "check": "Find every mistake in a script, and how long it lasts.",
    "timeline": "Show what happens when in a session.",
    "tracks": "List the tracks.",
    "show": "Tell what a track is for, its cautions, steps and lengths.",
    "map": "Show the muscles on the body, and where their pain is felt.",
    "find": "Find the tracks for where it hurts.",
    "today": "Tell what to work today.",
    "plan": "Plan the days to come, also for the calendar.",
    "log": "Show the journal, add to it, delete from it.",
    "progress": "Show pain and sessions over time.",
    "voices": "List the voices.",
    "doctor": "Tell what works here, and what mends the rest.",
    "schema": "Print the JSON Schema of a script's front matter.",
    "completion": "Print the completion script of a shell.",
}
_EXAMPLE = """\b
Example:
  voiceguide export piriformis --minutes 10
"""


class _LazyGroup(click.Group):
    """Imports a command's module when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"voiceguide.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except VoiceguideError as error:
            # Told here, where it is known whether colour is wanted.
            report(error)
            ctx.exit(error.exit_code)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        from voiceguide.errors import did_you_mean

        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            hint = did_you_mean(name, COMMANDS) or f"the commands are {', '.join(COMMANDS)}"
            raise click.UsageError(f'there is no command "{name}": {hint}', ctx)
        return super().resolve_command(ctx, args)


@click.group(
    cls=_LazyGroup,
    epilog=_EXAMPLE,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="voiceguide %(version)s")
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    help="Colour in the output; by default on a terminal, unless NO_COLOR is set.",
)
@click.pass_context
def cli(ctx: click.Context, color: str) -> None:
    """Voice-guided self-massage sessions for sciatica-like pain.

    A session tells you, step by step, where the ball goes and for how long; hands-free, eyes shut.
    Not medical advice.
    """
    ctx.color = {"always": True, "never": False}.get(color)
    if color == "auto" and os.environ.get("NO_COLOR"):
        ctx.color = False
    ctx.obj = ctx.color


def run(args: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code, with every error turned into a message."""
    for stream in (sys.stdout, sys.stderr):
        # A pipe on Windows, or an old locale, has no letters beyond its own.
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="replace")
    code = _run(args)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            code = _unheard(stream, code)
    return code


def _unheard(stream: TextIO, code: int) -> int:
    """The exit code where a stream's reader went away, as `head` does: nobody is left to tell.

    Python would try again at its end, and replace the code.
    """
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    return code or 1


def _run(args: Sequence[str] | None) -> int:
    try:
        result = cli.main(args=args, prog_name="voiceguide", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except click.ClickException as error:
        _tell(error)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return 130
    except BrokenPipeError:
        return _unheard(sys.stdout, 1)
    except Exception as error:
        if os.environ.get("VOICEGUIDE_DEBUG"):
            raise
        say_error(
            f"something unforeseen went wrong ({type(error).__name__}: {error}); "
            "with VOICEGUIDE_DEBUG=1 set it shows where"
        )
        return 1
    return result if isinstance(result, int) else 0


def _tell(error: click.ClickException) -> None:
    """A sentence about wrong usage, and where more is said."""
    ctx = getattr(error, "ctx", None)
    color = ctx.find_root().color if ctx else None
    if color is None and os.environ.get("NO_COLOR"):
        color = False
    message = error.format_message().rstrip(".")
    if ctx and isinstance(error, click.NoSuchOption | click.MissingParameter):
        message += f"; {ctx.command_path} --help tells more"
    say_error(message, color)
