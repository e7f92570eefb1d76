"""Kill exports with SIGKILL at random moments, and print what was found after each.

    python tests/bench/kill_export.py [COUNT [SEED]]

Ends with an error when a target was neither the old file nor the new one, or when more than one
temporary file stayed.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from cli_support import kill_exports  # noqa: E402 - it lies beside the tests


def main() -> None:
    """Kill as many as asked, 200 by default, and print the tally."""
    count, seed = (int(word) for word in (*sys.argv[1:], *("200", "1")[len(sys.argv) - 1 :]))
    with tempfile.TemporaryDirectory() as folder:
        tally = kill_exports(Path(folder), count, seed)
    for state, times in sorted(tally.items()):
        print(f"{times:5}  {state}")  # noqa: T201
    print(f"{tally.total():5}  exports killed; each target was whole")  # noqa: T201


if __name__ == "__main__":
    main()
