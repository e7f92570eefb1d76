"""The command `voiceguide`, also `python -m voiceguide`: the commands of every door, joined."""

import signal

HANDLED = signal.getsignal(signal.SIGINT) is signal.default_int_handler
"""Whether Ctrl-C is for this program: not where it runs in the background of a shell."""
if HANDLED:
    # While Python still loads it ends the program at once and in silence, not with a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import contextlib  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402


def sections() -> dict[str, dict[str, tuple[str, str]]]:
    """The commands of every door, section by section, as `cli.SECTIONS` has one door's."""
    from voiceguide import cli, editor, publish, web

    found: dict[str, dict[str, tuple[str, str]]] = {}
    for door in (cli, web, publish, editor):
        for title, commands in door.SECTIONS.items():
            found.setdefault(title, {}).update(commands)
    return found


def main() -> None:
    """Run the command line and exit with its code."""
    try:
        # numpy's library of matrices starts threads that wait busily; no matrix here is worth them.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        from voiceguide import cli

        if HANDLED:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        code = cli.run(sections=sections())
    except KeyboardInterrupt:  # before or after the commands could tell
        code = 130
    except SystemExit as stop:  # a signal
        code = stop.code if isinstance(stop.code, int) else 1
    workers = sys.modules.get("voiceguide.speech.workers")
    if workers is not None and workers.is_busy():
        # A voice that computes while Python ends brings the program down, and its exit code.
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    main()
