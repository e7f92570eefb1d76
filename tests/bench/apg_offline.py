"""audio-program-generator with eSpeak NG in place of its online voice.

Runs in a virtual environment of its own: `python apg_offline.py PHRASES BED|- OUT SPOKEN|-`.
With a folder `SPOKEN`, what the voice says is taken from there, and put there where it is missing.
Prints the seconds that its own work took.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import BinaryIO

from audio_program_generator import apg

phrases, bed, out, spoken = sys.argv[1:]


def say(text: str) -> bytes:
    """An MP3 as the online voice gives one."""
    kept = Path(spoken) / hashlib.sha256(text.encode()).hexdigest()
    if spoken != "-" and kept.exists():
        return kept.read_bytes()
    wave = subprocess.run(
        ["espeak-ng", "-s", "150", "--stdout", text], capture_output=True, check=True
    ).stdout
    command = ["ffmpeg", "-loglevel", "error", "-f", "wav", "-i", "-", "-f", "mp3", "-"]
    data = subprocess.run(command, input=wave, capture_output=True, check=True).stdout
    if spoken != "-":
        kept.write_bytes(data)
    return data


class Offline:
    """As much of the online voice as the program uses."""

    def __init__(self, text: str, **_: object) -> None:
        self.text = text

    def write_to_fp(self, file: BinaryIO) -> None:
        """Write the sentence as MP3."""
        file.write(say(self.text))


apg.gTTS = Offline
wall, cpu = time.perf_counter(), time.process_time()
with Path(phrases).open(encoding="utf-8") as words, contextlib.ExitStack() as open_files:
    program = apg.AudioProgramGenerator(
        words,
        None if bed == "-" else open_files.enter_context(Path(bed).open("rb")),
        output_format="mp3",
        hide_progress_bar=True,
    )
    result = program.invoke()
Path(out).write_bytes(result.getvalue())
print(json.dumps({"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}))  # noqa: T201
