"""The command `voiceguide`, also `python -m voiceguide`."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line and exit with its code."""
    try:
        # numpy's library of matrices starts threads that wait busily; no matrix here is worth them.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        from voiceguide.cli import run

        code = run()
    except KeyboardInterrupt:  # before or after the commands could tell
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
