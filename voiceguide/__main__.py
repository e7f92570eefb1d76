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
from collections.abc import Mapping  # noqa: E402


def _joined(
    *tables: Mapping[str, Mapping[str, tuple[str, str]]],
) -> dict[str, dict[str, tuple[str, str]]]:
    """The commands of several doors, section by section."""
    sections: dict[str, dict[str, tuple[str, str]]] = {}
    for table in tables:
        for title, commands in table.items():
            sections.setdefault(title, {}).update(commands)
    return sections


def main() -> None:
    """Run the command line and exit with its code."""
    try:
        # numpy's library of matrices starts threads that wait busily; no matrix here is worth them.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        from voiceguide import cli, publish, web

        if HANDLED:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        code = cli.run(sections=_joined(cli.SECTIONS, web.SECTIONS, publish.SECTIONS))
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
