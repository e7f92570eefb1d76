"""Timing child processes, and what is made of the times.

This process stays small and imports nothing heavy: a child's peak memory is counted from its
parent's at the moment it is started.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Cost:
    """What something took: seconds by the clock, seconds of all cores, MB at its peak."""

    wall: float
    cpu: float
    peak: float = 0.0


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table.

    Attributes:
        name: what was measured.
        against: the reference.
        ratio: its least time over the rounds by the reference's.
        cpu: the same of the time of all cores.
        target: such as "<= 0.7", or None where none is set.
        figures: least times in seconds, the median over the rounds of the ratio in each, and
            whatever else explains it.
    """

    name: str
    against: str
    ratio: float
    cpu: float | None = None
    target: str | None = None
    figures: dict[str, object] = field(default_factory=dict)

    @property
    def holds(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        if self.target is None:
            return None
        sign, number = self.target.split()
        return self.ratio <= float(number) if sign == "<=" else self.ratio >= float(number)

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {**asdict(self), "holds": self.holds}


COMPILED: dict[str, str] = {}
"""Environment of every child; `compile_into` fills it."""


def compile_into(folder: Path) -> None:
    """Have bytecode kept in a folder, as an installed program has its own."""
    COMPILED.update(PYTHONPYCACHEPREFIX=str(folder), PYTHONDONTWRITEBYTECODE="")


class Failed(Exception):
    """A child ended with an error."""


def run(
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cores: int | None = None,
    output: list[str] | None = None,
) -> Cost:
    """Run a command to its end.

    Args:
        env: added to the environment.
        cores: how many it may use.
        output: gets what it wrote.
    """

    def pin() -> None:
        if cores is not None:
            os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])

    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        # Only where it is needed, as it makes the start of a child slower.
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=errors, cwd=ROOT,
            env={**os.environ, **COMPILED, **(env or {})},
            preexec_fn=pin if cores is not None else None,
        )  # fmt: skip
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            errors.seek(0)
            said = errors.read().decode(errors="replace")[-2000:]
            raise Failed(f"{' '.join(command)} ended with {child.returncode}: {said}")
        if output is not None:
            out.seek(0)
            output.append(out.read().decode())
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def work(task: str, *args: object, **how: object) -> dict[str, float]:
    """The answer of a task of `work.py`, done in a process of its own."""
    output: list[str] = []
    run(
        [sys.executable, "-m", "tests.bench.work", task, *map(str, args)],
        output=output, **how,  # type: ignore[arg-type]
    )  # fmt: skip
    answer: dict[str, float] = json.loads(output[0].splitlines()[-1])
    return answer


def timed(task: str, *args: object) -> Cost:
    """What the timed part of a task took."""
    answer = work(task, *args)
    return Cost(answer["wall"], answer["cpu"])


def voiceguide(*args: object, **how: object) -> Cost:
    """What a whole command took, from start to end."""
    command = [sys.executable, "-m", "voiceguide", *map(str, args)]
    return run(command, **how)  # type: ignore[arg-type]


def interleaved(rounds: int, *calls: Callable[[], Cost]) -> list[list[Cost]]:
    """The costs of each call, all called in turn, so that what else runs here meets all alike."""
    costs: list[list[Cost]] = [[] for _ in calls]
    for _ in range(rounds):
        for call, into in zip(calls, costs, strict=True):
            into.append(call())
    return costs


def ratio(tried: Sequence[Cost], reference: Sequence[Cost], of: str = "wall") -> float:
    """The least time by the reference's least: what else runs on a machine only adds."""
    return round(least(tried, of) / least(reference, of), 4)


def least(costs: Sequence[Cost], of: str = "wall") -> float:
    """Seconds of the quickest round."""
    return round(min(getattr(cost, of) for cost in costs), 4)


def compared(
    name: str,
    tried: Sequence[Cost],
    against: str,
    reference: Sequence[Cost],
    target: str | None = None,
    **figures: object,
) -> Row:
    """A row from the costs of some rounds."""
    rounds = [a.wall / b.wall for a, b in zip(tried, reference, strict=True)]
    return Row(
        name,
        against,
        ratio(tried, reference),
        ratio(tried, reference, "cpu"),
        target,
        {
            "wall": least(tried),
            "cpu": least(tried, "cpu"),
            "reference_wall": least(reference),
            "reference_cpu": least(reference, "cpu"),
            "median": round(median(rounds), 4),
            "rounds": [round(each, 3) for each in rounds],
            **figures,
        },
    )
