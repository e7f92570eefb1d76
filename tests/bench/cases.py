"""Every benchmark by its name; each gives rows of the table."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench.measure import (
    Cost,
    Row,
    compared,
    interleaved,
    least,
    ratio,
    run,
    timed,
    voiceguide,
    work,
)

MINUTES = 20
BITRATES = {1: 64, 2: 128}


@dataclass(frozen=True, slots=True)
class Setup:
    """What all benchmarks share.

    Attributes:
        folder: for everything they write.
        rounds: how often each pair is timed.
        voice: of the export.
        apg: the Python of a virtual environment with audio-program-generator, or None.
        modules: the node_modules folder with speechmarkdown-js, or None.
        longest: hours of the longest session whose memory is measured.
    """

    folder: Path
    rounds: int
    voice: str
    apg: Path | None
    modules: Path | None
    longest: int

    @property
    def warm(self) -> dict[str, str]:
        """The environment with the clips of earlier exports."""
        return {"VOICEGUIDE_CACHE": str(self.folder / "clips")}

    def cold(self) -> dict[str, str]:
        """The environment with no clips at all."""
        folder = self.folder / "no-clips"
        shutil.rmtree(folder, ignore_errors=True)
        return {"VOICEGUIDE_CACHE": str(folder)}


def export_cost(
    setup: Setup, *more: object, env: dict[str, str], cores: int | None = None, **how: object
) -> Cost:
    """The whole command, for a session of twenty minutes."""
    target = setup.folder / "out.mp3"
    return voiceguide(
        "export", "piriformis", "--minutes", MINUTES, "-o", target, "--force", *more,
        env=env, cores=cores, **how,
    )  # fmt: skip


def export(setup: Setup) -> Iterator[Row]:
    """The whole command against the encoder alone, which is given its samples."""
    for channels, name in ((2, "stereo, 128 kbit/s"), (1, "mono, 64 kbit/s")):
        more = ["--voice", setup.voice, *(["--mono"] if channels == 1 else [])]
        pcm = setup.folder / "samples.npy"
        export_cost(setup, *more, env=setup.warm)
        work("samples", pcm, channels, setup.voice, env=setup.warm)
        bitrate = BITRATES[channels]
        encoder, warm, cold, serial = interleaved(
            setup.rounds,
            lambda: timed("encode", pcm, bitrate, setup.folder / "ref.mp3"),  # noqa: B023
            lambda: export_cost(setup, *more, env=setup.warm),  # noqa: B023
            lambda: export_cost(setup, *more, env=setup.cold()),  # noqa: B023
            lambda: export_cost(setup, *more, env=setup.warm, cores=1),  # noqa: B023
        )
        alone = "the encoder alone, one core"
        first = channels == 2
        yield compared(
            f"export of 20 min, {name}, clips cached", warm, alone, encoder,
            "<= 0.7" if first else None,
        )  # fmt: skip
        yield compared(
            f"export of 20 min, {name}, nothing cached", cold, alone, encoder,
            "<= 1.0" if first else None,
        )  # fmt: skip
        yield compared(f"export of 20 min, {name}, on one core", serial, alone, encoder)
        yield compared(f"export of 20 min, {name}, one core", serial, "two cores", warm)
        pcm.unlink()


def shares(setup: Setup) -> Iterator[Row]:
    """What the processor time of an export with nothing spoken before is spent on."""
    env = setup.cold()
    folder = setup.folder / "shares"
    folder.mkdir()
    spent = work("parts", folder, setup.voice, env=env)
    for name, seconds in spent.items():
        yield Row(
            f"export of 20 min, stereo, nothing cached: {name}", "its processor time",
            round(seconds / sum(spent.values()), 4), figures={"cpu": round(seconds, 3)},
        )  # fmt: skip


def mixer(setup: Setup) -> Iterator[Row]:
    """Mixing against copying."""
    answer = work("mix", 10, setup.voice, env=setup.warm)
    mixed, copied = ([Cost(**each) for each in answer[key]] for key in ("mix", "copy"))  # type: ignore[attr-defined]
    yield compared("mixer, 10 min", mixed, "a plain copy of the samples", copied)


COMMANDS: dict[str, tuple[str, ...]] = {
    "--help": ("--help",),
    "--version": ("--version",),
    "tracks": ("tracks",),
    "show": ("show", "piriformis"),
    "check": ("check", "piriformis"),
    "timeline": ("timeline", "piriformis"),
    "voices": ("voices",),
    "doctor": ("doctor",),
    "schema": ("schema",),
    "completion": ("completion", "bash"),
}


def startup(setup: Setup) -> Iterator[Row]:
    """Every command, started and ended, against an import of click."""
    voiceguide("check", "piriformis", env=setup.warm)
    from voiceguide.cli import COMMANDS as KNOWN

    calls = dict(COMMANDS)
    calls.update({f"{name} --help": (name, "--help") for name in KNOWN if name not in calls})
    click = [sys.executable, "-c", "import click"]
    for args in calls.values():  # each once, which compiles it
        voiceguide(*args, env=setup.warm)
    # Each is short, so that it can be timed often.
    reference, *costs = interleaved(
        3 * setup.rounds,
        lambda: run(click),
        *(lambda a=args: voiceguide(*a, env=setup.warm) for args in calls.values()),
    )
    for name, cost in zip(calls, costs, strict=True):
        yield compared(
            f"voiceguide {name}", cost, "import click", reference,
            "<= 2" if name == "--help" else None,
        )  # fmt: skip


def compiling(setup: Setup) -> Iterator[Row]:
    """Parse, plan and arrange, by the number of lines."""
    sizes = (10, 100, 1_000, 2_000, 10_000)
    answers = {
        size: min((work("compiled", size) for _ in range(setup.rounds)), key=lambda a: a["all"])
        for size in sizes
    }
    for size in sizes:
        found = answers[size]
        yield Row(
            f"parse, plan, arrange: {size:,} lines", "markdown-it-py alone",
            round(found["all"] / found["markdown"], 2),
            figures={key: round(value, 5) for key, value in found.items()},
        )  # fmt: skip
    yield Row(
        "a line of 10,000", "a line of 1,000",
        round(answers[10_000]["all"] / 10 / answers[1_000]["all"], 2), target="<= 1.3",
    )  # fmt: skip
    costs = [answers[size]["all"] / answers[size]["events"] for size in (10_000, 1_000)]
    yield Row(
        "an event of 10,000 lines", "an event of 1,000 lines", round(costs[0] / costs[1], 2),
        target="<= 1.3", figures={f"{size:,} lines": answers[size]["events"] for size in sizes},
    )  # fmt: skip
    found = work("read_again", 20, env=setup.warm)
    yield Row(
        "parse of the middle one of all tracks, warm", "5 ms", round(found["parse"] / 0.005, 2),
        target="<= 1", figures={key: round(value, 5) for key, value in found.items()},
    )  # fmt: skip
    yield Row(
        "full check of the longest track, warm", "50 ms", round(found["check"] / 0.05, 2),
        target="<= 1",
    )  # fmt: skip
    yield Row(
        "parse, plan, arrange: 2,000 lines", "one second", round(answers[2_000]["all"], 3),
        target="<= 1",
    )  # fmt: skip


LONG = """---
muscles: [piriformis]
tools: [tennis ball]
kind: release
background: rain
---

# A long session

## Round ({times} times)

Roll slowly over the {{tool}}, and breathe out.

- chime interval
- roll 40s
  - halfway: Now the other way.
- breathe in 4s, out 6s, 5 times
- rest 20s

Let the blood come back, and find the next place.
"""


def long_script(setup: Setup, minutes: int) -> Path:
    """A script that repeats until it lasts about so many minutes."""
    path = setup.folder / f"long-{minutes}.md"
    path.write_text(LONG.format(times=1), encoding="utf-8")
    output: list[str] = []
    voiceguide("timeline", path, "--voice", "pyttsx3", "--json", env=setup.warm, output=output)
    once = json.loads(output[0])["duration"]
    path.write_text(LONG.format(times=round(minutes * 60 / once)), encoding="utf-8")
    return path


def memory(setup: Setup) -> Iterator[Row]:
    """Peaks of ever longer sessions."""
    lengths = [10, 60, setup.longest * 60]
    scripts = {minutes: long_script(setup, minutes) for minutes in lengths}
    for sink in ("null", "mp3"):
        peaks: dict[int, float] = {}
        for minutes, path in scripts.items():
            if sink == "null":
                cost = run(
                    [sys.executable, "-m", "tests.bench.work", "null", str(path), "pyttsx3"],
                    env=setup.warm,
                )
            else:
                cost = voiceguide(
                    "export", path, "--voice", "pyttsx3", "-o", setup.folder / "long.mp3",
                    "--force", env=setup.warm,
                )  # fmt: skip
            peaks[minutes] = round(cost.peak, 1)
        named = {f"{minutes} min": peak for minutes, peak in peaks.items()}
        for minutes in lengths[1:]:
            yield Row(
                f"peak memory, {minutes // 60} h, {sink}", "10 min",
                round(peaks[minutes] / peaks[10], 3), target="<= 1.2", figures=named,
            )  # fmt: skip
        yield Row(
            f"peak memory, {setup.longest} h, {sink}", "1 MB", peaks[lengths[-1]],
            target="<= 250", figures=named,
        )  # fmt: skip


def everything(setup: Setup) -> Iterator[Row]:
    """All tracks, on one core and on two."""
    folder = setup.folder / "all"

    def cost(cores: int) -> Cost:
        return voiceguide(
            "export", "--all", "--voice", "silent", "--mono", "-o", f"{folder}/", "--force",
            env=setup.warm, cores=cores,
        )  # fmt: skip

    one, two = interleaved(max(1, setup.rounds // 3), lambda: cost(1), lambda: cost(2))
    yield compared("export --all, one core", one, "two cores", two, ">= 1.8")
    shutil.rmtree(folder)


def changed(setup: Setup) -> Iterator[Row]:
    """A second export after one sentence of many was changed: what is spoken anew is counted."""
    before = (Path("scripts") / "piriformis" / "piriformis.md").read_text("utf-8")
    path = setup.folder / "changed.md"
    env = setup.cold()
    clips = Path(env["VOICEGUIDE_CACHE"])

    def cost() -> Cost:
        return voiceguide(
            "export", path, "--minutes", MINUTES, "--voice", setup.voice,
            "-o", setup.folder / "out.mp3", "--force", env=env,
        )  # fmt: skip

    path.write_text(before, encoding="utf-8")
    first = cost()
    spoken = set(clips.glob("*.clip"))
    sentence = "Small is fine."
    assert before.count(sentence) == 1
    path.write_text(before.replace(sentence, "Small will do."), encoding="utf-8")
    again = cost()
    anew = set(clips.glob("*.clip")) - spoken
    yield Row(
        "sentences spoken after one was changed", f"one, of {len(spoken)}", len(anew),
        target="<= 1", figures={"first": least([first]), "again": least([again])},
    )  # fmt: skip
    yield Row(
        "export after one sentence was changed", "the first export", ratio([again], [first]),
        ratio([again], [first], "cpu"),
    )  # fmt: skip


def peers(setup: Setup) -> Iterator[Row]:
    """Other programs with the same words and pauses."""
    from tests.bench.peers import against_apg, against_floor

    yield from against_apg(setup)
    yield from against_floor(setup)


def serve(setup: Setup) -> Iterator[Row]:
    """The page's server."""
    from tests.bench.server import serve

    yield from serve(setup)


def workshop(setup: Setup) -> Iterator[Row]:
    """What an author waits for."""
    from tests.bench.workshop import workshop

    yield from workshop(setup)


CASES: dict[str, Callable[[Setup], Iterator[Row]]] = {
    "export": export,
    "shares": shares,
    "peers": peers,
    "mixer": mixer,
    "startup": startup,
    "compiling": compiling,
    "memory": memory,
    "serve": serve,
    "workshop": workshop,
    "all": everything,
    "changed": changed,
}
