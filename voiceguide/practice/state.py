"""Small files of JSON that the program keeps for itself, which the listener alone can read."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from pathlib import Path
from typing import Any

from voiceguide import folders

_LARGEST = 1_000_000


def folder() -> Path:
    """Where the files are."""
    return folders.state()


def read(path: Path) -> Any:
    """What a file of JSON holds.

    Raises:
        OSError: it cannot be read, or there is none.
        ValueError, RecursionError: it is no such file.
    """
    # A pipe would be waited for, and a device might have no end.
    if not path.is_file() or path.stat().st_size > _LARGEST:
        raise ValueError(path)
    return json.loads(path.read_text(encoding="utf-8"))


def replace(path: Path, data: object) -> None:
    """Write a file whole, or leave it as it was.

    Raises:
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f".{path.name}.{secrets.token_hex(3)}")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(data, file, ensure_ascii=False, indent=1)
        part.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise
