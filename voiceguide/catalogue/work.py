"""One job: a session rendered, by the public API, in whatever process it runs."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voiceguide.catalogue.editions import Edition

SUFFIXES = (".mp3", ".vtt", ".jpg", ".chapters.json", ".json")
"""Of what belongs to a session; the last one is written last, so that with it all is there."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a job gives.

    Attributes:
        files: their contents by suffix, in the order of `SUFFIXES`.
        missed: why there are none: the voice takes longer, or less long, than was estimated.
    """

    id: str
    files: dict[str, bytes]
    missed: str | None = None


def make(edition: Edition) -> Made:
    """Render a session.

    Raises:
        VoiceguideError: it can't be made.
    """
    import tempfile

    import voiceguide
    from voiceguide.page.sessions import to_dict
    from voiceguide.session.exporting import tags
    from voiceguide.sinks.transcript import write_transcript

    try:
        session = voiceguide.compile(edition.request)
    except voiceguide.LengthError as error:
        return Made(edition.id, {}, str(error))
    with tempfile.TemporaryDirectory(prefix="voiceguide-") as folder:
        path = Path(folder) / "session.mp3"
        voiceguide.export(session, path)
        sound = path.read_bytes()
    about = tags(session)
    value = to_dict(session, edition.id, len(sound))
    base = f"sessions/{edition.id}"
    value |= {
        "audio": f"{base}.mp3",
        "words": f"{base}.vtt",
        "cover": f"{base}.jpg",
        "downloads": {"mp3": f"{base}.mp3", "words": f"{base}.vtt"},
        "summary": session.script.front.summary,
    }
    chapters = {
        "version": "1.2.0",
        "chapters": [
            {"startTime": step["start"], "endTime": step["end"], "title": _titled(step)}
            for step in value["steps"]
        ],
    }
    files = {
        ".mp3": sound,
        ".vtt": write_transcript(session.timeline, "vtt", about).encode(),
        ".jpg": about.cover or b"",
        ".chapters.json": _json(chapters),
        ".json": _json(value),
    }
    return Made(edition.id, files)


def is_there(folder: Path, ident: str) -> bool:
    """Whether a session is whole in a folder."""
    return all((folder / f"{ident}{suffix}").is_file() for suffix in SUFFIXES)


def write(folder: Path, made: Made) -> None:
    """Write what a job gave, each file whole, the one that stands for all of them last.

    Raises:
        LengthError: it gave none.
        SinkError: it can't be written.
    """
    from voiceguide.errors import LengthError
    from voiceguide.sinks.atomic import write_bytes

    if made.missed is not None:
        raise LengthError(made.missed)
    for suffix in SUFFIXES:
        write_bytes(folder / f"{made.id}{suffix}", made.files[suffix], force=True)


def alone() -> None:
    """In one of several processes: its encoder has one thread, Ctrl-C is not for it, and it ends with
    the one that started it, also where that is killed."""
    import signal
    import threading

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = "1"


def _end_with_parent() -> None:
    import multiprocessing

    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def versions() -> dict[str, str]:
    """What has to be the same on every machine, for the bytes to be."""
    from importlib.metadata import version

    names = ("voiceguide", "numpy", "lameenc", "soxr", "soundfile", "mutagen", "resvg-py", "pillow")
    return {name: version(name) for name in names}


def _titled(step: dict[str, Any]) -> str:
    return f"{step['title']}, {step['side']} side" if step["side"] else str(step["title"])


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
