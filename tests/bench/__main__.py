"""`python -m tests.bench [NAME ...]`: every figure as a ratio to a reference of the same run."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path

from tests.bench.cases import CASES, Setup
from tests.bench.figures import RESULTS, keep
from tests.bench.measure import Row, compile_into


def table(rows: list[Row]) -> str:
    """The rows as text."""
    cells = [("measured", "against", "ratio", "median", "cpu", "target", "")]
    for row in rows:
        holds = {True: "holds", False: "MISSED", None: ""}[row.holds]
        cpu = "" if row.cpu is None else f"{row.cpu:.2f}"
        middle = row.figures.get("median")
        shown = f"{middle:.2f}" if isinstance(middle, float) else ""
        cells.append(
            (row.name, row.against, f"{row.ratio:.2f}", shown, cpu, row.target or "", holds)
        )
    widths = [max(len(line[i]) for line in cells) for i in range(7)]
    lines = []
    for line in cells:
        left = [line[i].ljust(widths[i]) for i in (0, 1)]
        right = [line[i].rjust(widths[i]) for i in (2, 3, 4, 5)]
        lines.append("  ".join([*left, *right, line[6]]).rstrip())
    return "\n".join(lines)


def machine() -> dict[str, object]:
    """What the figures were taken on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "cores": cores,
        "processor": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2),
    }


def main() -> int:
    """Measure, print, keep; 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(CASES)}; all")
    parser.add_argument("--json", type=Path, default=RESULTS, help="where the figures are kept")
    parser.add_argument("--rounds", type=int, default=5, help="how often each pair is timed")
    parser.add_argument("--voice", default="natural")
    parser.add_argument("--hours", type=int, default=10, help="of the longest session")
    parser.add_argument(
        "--apg", type=Path, metavar="PYTHON",
        help="Python of a virtual environment of its own, into which "
        "audio-program-generator was installed with pip",
    )  # fmt: skip
    parser.add_argument(
        "--node-modules", type=Path, metavar="FOLDER",
        help="the folder node_modules where speechmarkdown-js was installed with npm",
    )  # fmt: skip
    wanted = parser.parse_args()
    unknown = [name for name in wanted.names if name not in CASES]
    if unknown:
        parser.error(f"there is no {', '.join(unknown)}; there are {', '.join(CASES)}")

    folder = Path(tempfile.mkdtemp(prefix="voiceguide-bench-"))
    compile_into(folder / "compiled")
    setup = Setup(
        folder, wanted.rounds, wanted.voice, wanted.apg, wanted.node_modules, wanted.hours
    )
    rows: list[Row] = []
    found: dict[str, object] = {}
    try:
        for name in wanted.names or CASES:
            print(f"{name} ...", file=sys.stderr, flush=True)  # noqa: T201
            mine = list(CASES[name](setup))
            rows += mine
            found[name] = {"machine": machine(), "rows": [row.as_dict() for row in mine]}
            keep(wanted.json, {name: found[name]}, CASES)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(table(rows))  # noqa: T201
    return 1 if any(row.holds is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
