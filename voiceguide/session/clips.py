"""Where a timeline's clips come from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from voiceguide.audio import Clip
from voiceguide.plan import Utterance


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


def _open(key: str) -> Clip:
    from voiceguide.audio import ArrayClip
    from voiceguide.audio.files import open_clip
    from voiceguide.audio.stretch import stretch

    if not key.startswith("breath:"):
        return open_clip(Path(key))
    _, frames, path = key.split(":", 2)
    swell = open_clip(Path(path))
    return ArrayClip(stretch(swell.read(0, swell.frames), int(frames)))
