"""How long tracks usually are, for lists: reckoned once for each script, and kept.

What is kept can be lost at any time. Nothing that makes sound is loaded where all is known.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable
from pathlib import Path

from voiceguide import folders
from voiceguide._version import __version__
from voiceguide.errors import VoiceguideError
from voiceguide.library.data import data_folder
from voiceguide.library.finding import user_folder
from voiceguide.library.tracks import Entry
from voiceguide.practice import state

FILE_NAME = "lengths.json"
_MOST = 60
"""So many tracks are reckoned at once: each takes some hundredths of a second."""


def usual_lengths(found: Iterable[Entry]) -> dict[str, float]:
    """How long tracks are as their scripts say, else as reckoned, in seconds, by their `ref`.

    Those that can't be told are left out.
    """
    found = tuple(found)
    known = {e.track.ref: float(e.front.length) for e in found if e.front.length}
    unknown = [e for e in found if not e.front.length and not e.problem]
    if not unknown:
        return known
    kept, used = _kept(), dict[str, float]()
    around = _surroundings()
    for entry in unknown:
        with contextlib.suppress(VoiceguideError):
            text = entry.track.source().text.encode("utf-8", "surrogatepass")
            key = hashlib.sha256(around + text).hexdigest()
            if key not in kept and len(used.keys() - kept.keys()) < _MOST:
                from voiceguide.practice.lengths import usual

                used[key] = usual(entry.track.ref)
            if (seconds := used.setdefault(key, kept.get(key, 0.0))) > 0:
                known[entry.track.ref] = seconds
    if used.keys() - kept.keys():
        with contextlib.suppress(OSError):
            state.replace(folders.cache() / FILE_NAME, {**kept, **used})
    return known


def _kept() -> dict[str, float]:
    try:
        data = state.read(folders.cache() / FILE_NAME)
    except (OSError, ValueError, RecursionError):
        return {}
    pairs = data.items() if isinstance(data, dict) and len(data) < 5_000 else ()
    return {key: float(n) for key, n in pairs if type(n) in (int, float) and 0 < n <= 86_400}


def _surroundings() -> bytes:
    """What else decides a length: this program, and whatever a script may include."""
    digest = hashlib.sha256(__version__.encode())
    for folder in (data_folder("scripts"), user_folder("scripts")):
        for path in sorted(Path(folder).rglob("*.md")):
            with contextlib.suppress(OSError):
                about = path.stat()
                digest.update(
                    f"{path}\0{about.st_size}\0{about.st_mtime_ns}\0".encode(
                        "utf-8", "surrogateescape"
                    )
                )
    return digest.digest()
