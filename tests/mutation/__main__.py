"""Change the code in small ways, one at a time, and see whether a test notices.

    pip install cosmic-ray
    python -m tests.mutation [--count 400] [--seed 1] [--jobs 2] [--only PART]
    python -m tests.mutation --survivors

Cosmic Ray makes the changes. They are drawn by the seed from all that it can make in the modules
below; each is tried in a copy of the last commit, against the tests of its own module only.
`--survivors` tries those again that survived the last time, on the code as it was then and with
the tests of the last commit. Prints the table of `docs/mutation.md`.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import difflib
import itertools
import json
import math
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import SimpleQueue

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

ROOT = Path(__file__).resolve().parents[2]
RESULTS = Path(__file__).with_name("results.json")
GUARDS = {
    "voiceguide/plan/*.py": "test_plan* test_cases test_timeline* test_properties test_values",
    "voiceguide/timeline/*.py": "test_timeline* test_cases test_plan* test_properties test_values",
    "voiceguide/mix.py": "test_mix*",
    "voiceguide/sinks/mp3*.py": "test_mp3* test_sinks_tags test_values",
    "voiceguide/practice/journal.py": "test_journal* test_values",
    "voiceguide/practice/schedule.py": "test_schedule* test_values",
    "voiceguide/player/transport.py": "test_player_transport*",
}
"""By the modules that are changed, the files of tests that must notice."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change to the code.

    Attributes:
        part: the pattern of `GUARDS` that its module belongs to.
        module: the file, below the project's folder.
        operator, occurrence: what Cosmic Ray calls it.
        line: where it is.
        was, now: the changed lines before and after.
        end: "killed", "timeout" (the tests did not end, which counts as killed) or "survived".
        seconds: of computing that the tests took.
    """

    part: str
    module: str
    operator: str
    occurrence: int
    line: int
    was: str = ""
    now: str = ""
    end: str = ""
    seconds: float = 0.0


Place = tuple[int, int]
"""Line, from 1, and column, from 0."""


def passed_by(source: str) -> Callable[[str, Place], bool]:
    """Whether a change to some code, by operator and place, is none that could be noticed.

    Nothing evaluates annotations; and Cosmic Ray takes the asterisks of a call or a signature for
    products.
    """
    annotations: list[tuple[Place, Place]] = []
    signs: list[tuple[Place, Place]] = []
    for node in ast.walk(ast.parse(source)):
        for field in ("annotation", "returns"):
            if (child := getattr(node, field, None)) is not None:
                annotations.append(_span(child, child))
        if isinstance(node, ast.BinOp):
            signs.append((_span(node.left, node.left)[1], _span(node.right, node.right)[0]))

    def unseen(operator: str, place: Place) -> bool:
        binary = "BinaryOperator" in operator
        return any(start <= place < end for start, end in annotations) or (
            binary and not any(start <= place < end for start, end in signs)
        )

    return unseen


def _span(first: ast.expr, last: ast.expr) -> tuple[Place, Place]:
    end = (last.end_lineno or last.lineno, last.end_col_offset or last.col_offset)
    return (first.lineno, first.col_offset), end


def mutants(code: Path) -> Iterator[Mutant]:
    """All changes to the modules of a copy of the project, in one order."""
    for pattern in GUARDS:
        for path in sorted(code.glob(pattern)):
            source = path.read_text("utf-8")
            tree, unseen = get_ast(source), passed_by(source)
            for name in sorted(operator_names()):
                operator = get_operator(name)
                if operator.arguments():
                    continue
                places = (
                    p for node in ast_nodes(tree) for p in operator().mutation_positions(node)
                )
                for occurrence, (start, _) in enumerate(places):
                    if not unseen(name, start):
                        module = path.relative_to(code).as_posix()
                        yield Mutant(pattern, module, name, occurrence, start[0])


class Copy:
    """A copy of the project in which one change at a time is tried."""

    _times = itertools.count(int(time.time()) + 1000)

    def __init__(self, folder: Path, commit: str) -> None:
        self.folder = folder
        folder.mkdir()
        _unpack(commit, folder, ".")
        _unpack("HEAD", folder, "tests")

    def _write(self, path: Path, text: str) -> None:
        path.write_text(text, "utf-8")
        # A time that no version of this file had before, else its compiled form may be taken for
        # that of another version of the same length.
        when = next(self._times)
        os.utime(path, (when, when))

    def run(self, part: str, computing: float, waiting: float) -> tuple[str, float, float]:
        """The tests of a part: how they ended, and their seconds of computing and in all.

        Args:
            computing, waiting: seconds after which they are ended; the first tells a loop without
                end from a busy machine.
        """
        files = [
            str(path)
            for word in GUARDS[part].split()
            for path in sorted((self.folder / "tests").glob(f"{word}.py"))
        ]
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-n0", "-p", "no:cacheprovider"]
        with _folder() as home:
            env = {k: v for k, v in os.environ.items() if k not in ("CI", "VOICEGUIDE_FUZZ")}
            env |= {"PYTHONPATH": str(self.folder), "VOICEGUIDE_HOME": home, "TMPDIR": home}
            began = time.monotonic()
            running = subprocess.Popen(
                [*command, *dict.fromkeys(files)],
                cwd=self.folder,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            most = max(1, math.ceil(computing))
            resource.prlimit(running.pid, resource.RLIMIT_CPU, (most, most + 5))
            done, status, usage = 0, 0, None
            while not done:
                if time.monotonic() - began > waiting:
                    os.killpg(running.pid, signal.SIGKILL)
                time.sleep(0.02)
                done, status, usage = os.wait4(running.pid, os.WNOHANG)
            running.returncode = code = os.waitstatus_to_exitcode(status)
            with contextlib.suppress(ProcessLookupError):  # also what the tests started and left
                os.killpg(running.pid, signal.SIGKILL)
        ends = {0: "survived", -signal.SIGKILL: "timeout", -signal.SIGXCPU: "timeout"}
        assert usage is not None
        took = usage.ru_utime + usage.ru_stime
        return ends.get(code, "killed"), took, time.monotonic() - began

    def tried(self, mutant: Mutant, limits: tuple[float, float]) -> Mutant:
        """Make the change, run the tests, and take it back."""
        path = self.folder / mutant.module
        source = path.read_text("utf-8")
        changed = mutate_code(source, get_operator(mutant.operator)(), mutant.occurrence)
        assert changed is not None
        lines = list(difflib.ndiff(source.splitlines(), changed.splitlines()))
        was, now = (
            "\n".join(line[2:].strip() for line in lines if line.startswith(sign))
            for sign in ("- ", "+ ")
        )
        self._write(path, changed)
        try:
            end, seconds, _ = self.run(mutant.part, *limits)
        finally:
            self._write(path, source)
        told = asdict(mutant) | {"was": was, "now": now, "end": end, "seconds": round(seconds, 1)}
        return Mutant(**told)


@contextlib.contextmanager
def _folder() -> Iterator[str]:
    """A temporary folder that anybody may enter, as a test without root's rights must."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield folder


def _unpack(commit: str, folder: Path, what: str) -> None:
    archive = subprocess.run(
        ["git", "archive", commit, what], cwd=ROOT, check=True, capture_output=True
    )
    subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def table(found: list[Mutant]) -> str:
    """How many of each part's mutants ended how, in Markdown."""
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    for mutant in found:
        rows[mutant.part.removeprefix("voiceguide/")][mutant.end] += 1
        rows["all"][mutant.end] += 1
    lines = ["| modules | drawn | killed | never ended | survived | |", "|---|---|---|---|---|---|"]
    for part in [*(p.removeprefix("voiceguide/") for p in GUARDS), "all"]:
        ends = rows[part]
        if drawn := ends.total():
            share = 100 * (drawn - ends["survived"]) / drawn
            numbers = (drawn, ends["killed"], ends["timeout"], ends["survived"])
            lines.append(f"| `{part}` | {' | '.join(map(str, numbers))} | {share:.0f} % |")
    return "\n".join(lines)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", help="modules whose path contains this")
    parser.add_argument("--survivors", action="store_true")
    parser.add_argument("--results", type=Path, default=RESULTS)
    words = parser.parse_args()
    before: list[Mutant] = []
    commit = _commit()
    if words.survivors:
        told = json.loads(words.results.read_text("utf-8"))
        before, commit = [Mutant(**entry) for entry in told["mutants"]], told["commit"]
    with _folder() as folder:
        copies = [Copy(Path(folder) / str(k), commit) for k in range(words.jobs)]
        if words.survivors:
            drawn = [m for m in before if m.end == "survived" and words.only in m.module]
        else:
            everything = [m for m in mutants(copies[0].folder) if words.only in m.module]
            drawn = random.Random(words.seed).sample(everything, words.count)
            print(f"{len(drawn)} of {len(everything)} mutants of commit {commit[:10]}", flush=True)  # noqa: T201
        limits = {}
        for part in dict.fromkeys(mutant.part for mutant in drawn):
            end, took, lasted = copies[0].run(part, 900, 1800)
            if end != "survived":
                sys.exit(f"the tests of {part} fail on the code as it is")
            limits[part] = (10 + 4 * took, 120 + 10 * lasted)
            print(f"{part}: {took:.1f} s of computing, {lasted:.1f} s", flush=True)  # noqa: T201
        free: SimpleQueue[Copy] = SimpleQueue()
        for copy in copies:
            free.put(copy)

        def attempt(mutant: Mutant) -> Mutant:
            copy = free.get()
            try:
                done = copy.tried(mutant, limits[mutant.part])
            finally:
                free.put(copy)
            told = f"{done.end:8} {done.seconds:6.1f} s {done.module}:{done.line} {done.operator}"
            if done.end == "survived":
                told += f"\n    - {done.was}\n    + {done.now}"
            print(told, flush=True)  # noqa: T201
            return done

        with ThreadPoolExecutor(words.jobs) as pool:
            ended = list(pool.map(attempt, drawn))
    again = {(m.module, m.operator, m.occurrence): m for m in ended}
    found = [again.get((m.module, m.operator, m.occurrence), m) for m in before] or ended
    result = {"commit": commit, "seed": words.seed, "mutants": [asdict(m) for m in found]}
    words.results.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    print(table(found))  # noqa: T201


if __name__ == "__main__":
    main()
