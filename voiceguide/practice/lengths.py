"""How long sessions can be, by the words that are spoken: nothing is spoken for it.

Within a hundredth or two of what either built-in voice takes.
"""

from __future__ import annotations

from dataclasses import replace

from voiceguide.errors import VoiceguideError
from voiceguide.plan import Options
from voiceguide.practice.sketch import arranger
from voiceguide.session import Draft, Request
from voiceguide.session.loading import Loaded, load, make_plan
from voiceguide.timeline.arrange import Reach


class Estimates:
    """(shortest, longest) in seconds of a track with options, or None where it can't be told.

    Each script is read once, and each answer reckoned once.
    """

    def __init__(self) -> None:
        self._scripts: dict[str, Loaded] = {}
        self._known: dict[tuple[str, Options], tuple[float, float] | None] = {}

    def __call__(self, name: str, options: Options) -> tuple[float, float] | None:
        key = name, replace(options, length=None)
        if key not in self._known:
            try:
                if name not in self._scripts:
                    self._scripts[name] = load(name)
                reach = _measured(self._scripts[name], key[1])
                self._known[key] = (reach.shortest, reach.longest)
            except VoiceguideError:
                self._known[key] = None
        return self._known[key]


def usual(name: str) -> float:
    """How long a track is as its script says, or as it is without a wish, in seconds.

    Raises:
        NotFoundError, ScriptError: as `session.load`.
    """
    loaded = load(name)
    return float(loaded.script.front.length or round(_measured(loaded, Options()).usual))


def usual_of(request: Request) -> float | None:
    """How long a session will be, in seconds, or None where that can't be told."""
    if request.options.length is not None:
        return request.options.length
    try:
        loaded = load(request.name)
        return loaded.script.front.length or _measured(loaded, request.options).usual
    except VoiceguideError:
        return None


_RATES = {".wav": 1411.2, ".flac": 420.0, ".ogg": 96.0, ".opus": 80.0}
"""About so many kbit/s a format takes for a session in stereo, where none is asked for."""
_USUAL_RATE = 128.0


def estimated_size(
    suffix: str, seconds: float, *, mono: bool = False, bitrate: int | None = None
) -> float:
    """About how many bytes a sound file takes, cover and words left out."""
    rate = bitrate or _RATES.get(suffix.lower(), _USUAL_RATE) * (0.5 if mono else 1.0)
    return rate * 1000 / 8 * seconds


def _measured(loaded: Loaded, options: Options) -> Reach:
    request = Request(loaded.script.title, options)
    return arranger(Draft(request, loaded, make_plan(loaded, options))).reach()
