"""Where a timeline's clips come from, and how loud they are."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from voiceguide.audio import Clip
from voiceguide.plan import Utterance

if TYPE_CHECKING:
    from voiceguide.audio.loudness import Floats


_WHOLE = 300
"""Seconds up to which a sound is measured whole."""


class Clips:
    """The clip of a timeline's key: a voice's, a stretched breath, or a sound file."""

    def __init__(self, voiced: Mapping[Utterance, Clip]) -> None:
        from voiceguide.timeline.placing import voice_key

        self._voice = {voice_key(utterance): clip for utterance, clip in voiced.items()}
        self._sounds: dict[str, Clip] = {}

    def __call__(self, key: str) -> Clip:
        if key in self._voice:
            return self._voice[key]
        if key not in self._sounds:
            self._sounds[key] = _open(key)
        return self._sounds[key]

    def energies(self, key: str) -> Floats:
        """How loud the clip of a key is, as `audio.loudness.energies` tells it."""
        if key not in self._voice:
            return _sound_energies(key)
        clip = self._voice[key]
        # Those of the cache, and those that are not spoken yet, know it of themselves.
        known = getattr(clip, "energies", None)
        found: Floats = known() if known is not None else _measured(clip)
        return found


_held: weakref.WeakValueDictionary[tuple[str, int, int], Clip] = weakref.WeakValueDictionary()
"""Short sounds that some session holds, by path, time and size: many sessions hold one copy."""


def _open(key: str) -> Clip:
    from voiceguide.audio import ArrayClip
    from voiceguide.audio.stretch import stretch

    if not key.startswith("breath:"):
        return _opened(Path(key))
    _, frames, path = key.split(":", 2)
    swell = _opened(Path(path))
    return ArrayClip(stretch(swell.read(0, swell.frames), int(frames)))


def _opened(path: Path) -> Clip:
    from voiceguide.audio import ArrayClip
    from voiceguide.audio.files import open_clip

    try:
        status = path.stat()
    except OSError:
        return open_clip(path)  # which says what is wrong
    name = (str(path), status.st_mtime_ns, status.st_size)
    clip = _held.get(name)
    if clip is None:
        clip = open_clip(path)
        if isinstance(clip, ArrayClip):  # a long one keeps the pieces of its own place
            _held[name] = clip
    return clip


@functools.lru_cache(maxsize=256)
def _sound_energies(key: str) -> Floats:
    """Of a sound: measured once in a run."""
    return _measured(_open(key))


def _measured(clip: Clip) -> Floats:
    """All of a clip; of a very long one six pieces along its way, whose mean stands for the whole."""
    import numpy as np

    from voiceguide.audio import RATE
    from voiceguide.audio.files import PIECE
    from voiceguide.audio.loudness import CELL, energies

    piece = PIECE * RATE
    if clip.frames <= _WHOLE * RATE:
        starts = range(0, clip.frames, piece)
        whole = [energies(clip.read(at, min(piece, clip.frames - at)), RATE) for at in starts]
        return np.concatenate(whole)
    places = np.linspace(0, clip.frames - piece, 6).astype(int)
    parts = [energies(clip.read(int(at), piece), RATE) for at in places]
    mean = np.concatenate(parts).mean(axis=0, dtype=np.float64)
    return np.tile(mean, (-(-clip.frames * CELL // RATE), 1)).astype(np.float32)
