"""The command `voiceguide`, also `python -m voiceguide`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit with its code."""
    try:
        from voiceguide.cli import run

        code = run()
    except KeyboardInterrupt:  # before or after the commands could tell
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
