"""Where renderings are while they can be heard."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from voiceguide import folders


def folder() -> Path:
    """Theirs; nobody else can read it."""
    found = folders.rendered()
    found.mkdir(parents=True, exist_ok=True, mode=0o700)
    return found


def clear() -> None:
    """Remove the renderings of servers that were killed."""
    for path in folders.rendered().glob("voiceguide-*.mp3"):
        ident = path.name.split("-")[1]
        if not (ident.isdigit() and is_running(int(ident))):
            with contextlib.suppress(OSError):
                path.unlink()


def is_running(process: int) -> bool:
    """Whether there is a process of that number that this listener may end; on Windows, always."""
    if sys.platform == "win32":  # where such a question would be an order to end
        return True
    try:
        os.kill(process, 0)
    except (OSError, ValueError, OverflowError):
        return False
    return True
