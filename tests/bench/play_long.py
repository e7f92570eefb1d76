"""Play a long session in real time through each player, and print its memory and computing time.

    python tests/bench/play_long.py [MINUTES [VOICE]]

Both play at once, into a sound server of their own, a session of many tracks with nothing spoken
before. Needs Linux and PulseAudio. Memory after a tenth of the time, and in the last tenth, is what
to compare: it must not grow.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from sound_server import SoundServer  # noqa: E402 - it lies beside the tests

PLAYERS = ("miniaudio", "simpleaudio")
TICKS = os.sysconf("SC_CLK_TCK")


class Sample(NamedTuple):
    """A process at a moment: seconds since it began, MB held, seconds computed."""

    at: float
    memory: float
    cpu: float


def session(folder: Path, minutes: float, voice: str) -> Path:
    """A script of so many tracks that it lasts at least so long."""
    tracks = sorted(
        path.relative_to(ROOT / "scripts").with_suffix("")
        for path in (ROOT / "scripts").glob("*/*.md")
        if path.parent.name != "parts"
    )
    path = folder / "long.md"
    text, count = "---\nbackground: rain\ntools: [tennis ball]\n---\n\n# A long session\n", 0
    while True:
        text += f"\n- include {tracks[count % len(tracks)]}\n"
        count += 1
        path.write_text(text, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "voiceguide", "timeline", path, "--voice", voice, "--json"],
            capture_output=True, check=True,
        )  # fmt: skip
        if json.loads(done.stdout)["duration"] >= 60 * minutes:
            return path


def sample(pid: int, began: float) -> Sample:
    """What the system says of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return Sample(
        time.monotonic() - began,
        int(status.split("VmRSS:")[1].split()[0]) / 1024,
        (int(fields[11]) + int(fields[12])) / TICKS,
    )


def main() -> None:
    """Play, sample, print."""
    minutes, voice = (*sys.argv[1:], *("62", "natural")[len(sys.argv) - 1 :])
    with tempfile.TemporaryDirectory() as name, SoundServer() as server:
        folder = Path(name)
        script = session(folder, float(minutes), voice)
        home = {"VOICEGUIDE_DATA": str(folder / "data"), "VOICEGUIDE_CACHE": str(folder / "cache")}
        began = time.monotonic()
        running = {
            player: subprocess.Popen(
                [sys.executable, "-m", "voiceguide", "play", script, "--voice", voice,
                 "--player", player],
                env={**os.environ, **server.env, **home}, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
            for player in PLAYERS
        }  # fmt: skip
        samples: dict[str, list[Sample]] = {player: [] for player in PLAYERS}
        try:
            while time.monotonic() - began < 60 * float(minutes):
                time.sleep(min(30.0, 6 * float(minutes)))
                for player, process in running.items():
                    assert process.poll() is None, f"{player} ended with {process.returncode}"
                    samples[player].append(sample(process.pid, began))
        finally:
            for process in running.values():
                process.terminate()
                process.wait()
    for player, found in samples.items():
        tenth = len(found) // 10 + 1
        middle, last = found[tenth], found[-1]
        print(  # noqa: T201
            f"{player}: {middle.memory:.0f} MB after {middle.at / 60:.0f} min, "
            f"{max(s.memory for s in found[-tenth:]):.0f} MB in the last tenth of {minutes} min; "
            f"{100 * (last.cpu - middle.cpu) / (last.at - middle.at):.2f} % of a core"
        )
        every = range(0, len(found), max(1, len(found) // 12))
        print("  MB: " + " ".join(f"{found[i].memory:.0f}" for i in every))  # noqa: T201


if __name__ == "__main__":
    main()
