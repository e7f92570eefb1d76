"""Other ways to the same words and pauses, and how voiceguide compares with them."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bench.cases import MINUTES, Setup, export_cost
from tests.bench.measure import Cost, Row, compared, interleaved, run, voiceguide

HERE = Path(__file__).parent
NO_APG = (
    "audio-program-generator is left out: make a virtual environment of its own, "
    'run its "pip install audio-program-generator", and give its Python as --apg'
)
NO_FLOOR = (
    'speechmarkdown-js is left out: run "npm install speechmarkdown-js" in a folder of its own, '
    "and give the node_modules there as --node-modules"
)
NO_PROGRAMS = "is left out: it needs {}; install the packages of these names"


def _missing(*programs: str) -> str:
    return ", ".join(program for program in programs if not shutil.which(program))


def words(setup: Setup) -> tuple[list[tuple[str, float]], float]:
    """Sentences of the session, each with the silence after it; and that before the first."""
    output: list[str] = []
    voiceguide(
        "timeline", "piriformis", "--minutes", MINUTES, "--voice", "pyttsx3", "--json",
        env=setup.warm, output=output,
    )  # fmt: skip
    found = json.loads(output[0])
    voice = [event for event in found["events"] if event["lane"] == "voice"]
    starts = [*(event["start"] for event in voice[1:]), found["duration"]]
    said = [
        (event["text"], max(0.0, following - event["start"] - event["duration"]))
        for event, following in zip(voice, starts, strict=True)
    ]
    return said, voice[0]["start"]


def words_alone(setup: Setup, said: list[tuple[str, float]]) -> Path:
    """A script of the same words and pauses, without chimes and breaths, which others lack."""
    path = setup.folder / "words.md"
    lines = [f"{text}\n\n- pause {max(gap, 0.05):.2f}s\n" for text, gap in said]
    head = "---\nmuscles: [piriformis]\nkind: release\n---\n\n# Words and pauses\n\n## Words\n\n"
    path.write_text(head + "\n".join(lines), encoding="utf-8")
    return path


def small_cost(setup: Setup, script: Path, *more: object, env: dict[str, str]) -> Cost:
    """The whole command at the format of the others: 22 kHz, mono, 32 kbit/s."""
    return voiceguide(
        "export", script, "--voice", "pyttsx3", "--mono", "--rate", 22050, "--bitrate", 32,
        "-o", setup.folder / "out.mp3", "--force", *more, env=env,
    )  # fmt: skip


def against_apg(setup: Setup) -> Iterator[Row]:
    """audio-program-generator: whole seconds of silence, letters and digits only."""
    if setup.apg is None:
        print(NO_APG, file=sys.stderr)  # noqa: T201
        return
    if missing := _missing("espeak-ng", "ffmpeg"):
        print("audio-program-generator " + NO_PROGRAMS.format(missing), file=sys.stderr)  # noqa: T201
        return
    said, _ = words(setup)
    lines, owed = [], 0.0
    for text, gap in said:
        whole = round(gap + owed)
        owed += gap - whole
        lines.append(f"{re.sub('[^A-Za-z0-9 ]', ' ', text)} ; {whole}\n")
    phrases, out = setup.folder / "phrases.txt", setup.folder / "apg.mp3"
    phrases.write_text("".join(lines), encoding="utf-8")
    bed = setup.folder / "bed.wav"
    run(["ffmpeg", "-loglevel", "error", "-y", "-i", "sounds/rain.flac", str(bed)])
    spoken = setup.folder / "spoken"
    spoken.mkdir()

    def apg(bed: Path | str, spoken: Path | str) -> Cost:
        command = [setup.apg, HERE / "apg_offline.py", phrases, bed, out, spoken]
        return run([str(part) for part in command])

    script = words_alone(setup, said)
    small_cost(setup, script, env=setup.warm)
    full = ["--voice", "pyttsx3", "--background", "rain"]
    export_cost(setup, *full, env=setup.warm)
    apg("-", spoken)
    costs = interleaved(
        max(1, setup.rounds // 2),
        lambda: apg("-", "-"),
        lambda: small_cost(setup, script, env=setup.cold()),
        lambda: apg("-", spoken),
        lambda: small_cost(setup, script, env=setup.warm),
        lambda: apg(bed, "-"),
        lambda: export_cost(setup, *full, env=setup.cold()),
        lambda: apg(bed, spoken),
        lambda: export_cost(setup, *full, env=setup.warm),
    )
    names = (
        "words and pauses, 22 kHz mono, nothing spoken before",
        "words and pauses, 22 kHz mono, all spoken before",
        "with a background, 44.1 kHz stereo, nothing spoken before",
        "with a background, 44.1 kHz stereo, all spoken before",
    )
    for index, name in enumerate(names):
        theirs, ours = costs[2 * index], costs[2 * index + 1]
        yield compared(
            f"audio-program-generator, {name}", theirs, "voiceguide, the same", ours,
            ">= 10" if index == 0 else None,
        )  # fmt: skip


def against_floor(setup: Setup) -> Iterator[Row]:
    """speechmarkdown-js to SSML, eSpeak NG to samples, ffmpeg to MP3: words and pauses alone."""
    if setup.modules is None:
        print(NO_FLOOR, file=sys.stderr)  # noqa: T201
        return
    if missing := _missing("node", "espeak-ng", "ffmpeg"):
        print("speechmarkdown-js " + NO_PROGRAMS.format(missing), file=sys.stderr)  # noqa: T201
        return
    said, before = words(setup)
    script = setup.folder / "words.smd"
    text = "\n".join(f"{text} [{round(gap * 1000)}ms]" for text, gap in said)
    script.write_text(f"[{round(before * 1000)}ms] {text}\n", encoding="utf-8")
    ssml, wave, out = (str(setup.folder / name) for name in ("words.ssml", "words.wav", "f.mp3"))

    def floor() -> Cost:
        made: list[str] = []
        parts = [
            run(["node", str(HERE / "floor.js"), str(setup.modules), str(script)], output=made)
        ]
        Path(ssml).write_text(made[0], encoding="utf-8")
        parts.append(run(["espeak-ng", "-m", "-s", "150", "-f", ssml, "-w", wave]))
        parts.append(run(["ffmpeg", "-loglevel", "error", "-y", "-i", wave, "-b:a", "32k", out]))
        return Cost(sum(part.wall for part in parts), sum(part.cpu for part in parts))

    script_alone = words_alone(setup, said)
    small_cost(setup, script_alone, env=setup.warm)
    reference, cold, warm, session = interleaved(
        2 * setup.rounds,
        floor,
        lambda: small_cost(setup, script_alone, env=setup.cold()),
        lambda: small_cost(setup, script_alone, env=setup.warm),
        lambda: export_cost(
            setup, "--voice", "pyttsx3", "--mono", "--rate", 22050, "--bitrate", 32, env=setup.warm
        ),
    )
    floor_name = "speechmarkdown-js + espeak-ng + ffmpeg"
    yield compared("22 kHz mono, nothing spoken before", cold, floor_name, reference, "<= 1")
    yield compared("22 kHz mono, all spoken before", warm, floor_name, reference, "<= 1")
    yield compared("22 kHz mono, with chimes, breaths and rain", session, floor_name, reference)
