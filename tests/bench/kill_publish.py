"""Kill `voiceguide publish` at random moments and look at what a visitor would find.

::

    python tests/bench/kill_publish.py [TIMES] [FOLDER]

After each kill every session that the index, the list of published ones or the feed names must be whole, and no
process may be left. At the end the site is published once more, and has to be as one that nobody disturbed.
"""

from __future__ import annotations

import json
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from voiceguide.catalogue.work import SUFFIXES

URL = "https://clinic.example/massage/"
LENGTHS = ("5", "5,6", "6,7", "5,7", "6")
LATEST = 14.0
"""Seconds after its start at which a run is killed, at most."""


def command(folder: Path, minutes: str) -> list[str]:
    """Of all tracks at some lengths, by two processes."""
    options = ["--minutes", minutes, "--voice", "silent", "--workers", "2", "--url", URL, "--json"]
    return [sys.executable, "-m", "voiceguide", "publish", "--all", "-o", str(folder), *options]


def missing(folder: Path) -> list[str]:
    """Files that a visitor is sent to and that are not there."""
    named = set()
    if (folder / "published.json").is_file():
        known = json.loads((folder / "published.json").read_text("utf-8"))["sessions"]
        named = {f"sessions/{name}{suffix}" for name in known for suffix in SUFFIXES}
    for name in ("index.html", "feed.xml"):
        if (folder / name).is_file():
            text = (folder / name).read_text("utf-8").replace(URL, "")
            named |= set(re.findall(r'(?:href|url)="(sessions/[^"]+)"', text))
    return [name for name in sorted(named) if not (folder / name).is_file()]


def children(pid: int) -> list[str]:
    """Processes that one has started."""
    return Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()


def main() -> int:
    """Print a line for each kill; 1 where something was missing or left running."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    folder = Path(sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp()) / "site"
    dice, wrong = random.Random(7), 0
    for number in range(times):
        running = subprocess.Popen(
            command(folder, LENGTHS[number % len(LENGTHS)]),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        moment = dice.uniform(0.3, LATEST)
        time.sleep(moment)
        started = children(running.pid)
        running.send_signal(signal.SIGKILL)
        running.wait()
        time.sleep(1)
        left = [pid for pid in started if Path(f"/proc/{pid}/cmdline").is_file() and alive(pid)]
        gone = missing(folder)
        wrong += bool(gone or left)
        sys.stdout.write(f"{number + 1:3} after {moment:4.1f} s: {gone or 'whole'} {left or ''}\n")
    done = subprocess.run(command(folder, "5"), capture_output=True, text=True, check=True)
    whole = json.loads(done.stdout)["sessions"]
    parts = list(folder.rglob("*.part*"))
    sys.stdout.write(f"{wrong} of {times} wrong; then {whole} sessions, {len(parts)} parts left\n")
    return int(bool(wrong or parts or missing(folder)))


def alive(pid: str) -> bool:
    """Whether a process still runs."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())
