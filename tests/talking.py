"""A listener at a terminal: a command that asks, answered one prompt after another."""

from __future__ import annotations

import os
import re
import sys
import time

from terminal import Terminal

PROMPT = re.compile(
    r"(?:\)|to leave|or \"no\"|or words|or a word|yes or no|y if any does\.): ?$|any does\.$"
)


def talk(answers: list[str], *words: str, code: int = 0) -> str:
    """A command on a terminal of its own, answered one prompt after another; what it wrote."""
    command = [sys.executable, "-m", "voiceguide", *words]
    env = {**os.environ, "NO_COLOR": "1", "PYTHONWARNINGS": "error", "TERM": "xterm-256color"}
    pending, seen = list(answers), 0
    with Terminal(command, env) as terminal:
        end = time.monotonic() + 90
        while terminal.process.poll() is None and time.monotonic() < end:
            terminal.read(0.1)
            if pending and PROMPT.search(_plain(terminal.raw[seen:]).rstrip()):
                seen = len(terminal.raw)
                terminal.press(pending.pop(0))
        terminal.read(0.2)
        shown = _plain(terminal.raw)
        assert terminal.process.poll() == code and not pending, shown
    return shown


def _plain(raw: bytes) -> str:
    """What was written, without what steers the terminal."""
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", raw.decode(errors="replace"))
    return text.replace("\r\n", "\n")
