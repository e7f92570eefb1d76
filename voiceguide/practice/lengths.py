"""How long sessions can be, by the words that are spoken: nothing is spoken for it.

Within a hundredth or two of what either built-in voice takes.
"""

from __future__ import annotations

from dataclasses import replace

from voiceguide.audio import RATE, AudioFormat
from voiceguide.errors import VoiceguideError
from voiceguide.plan import Options
from voiceguide.plan.build import TEMPO
from voiceguide.session.loading import Loaded, load, make_plan
from voiceguide.speech import pace
from voiceguide.timeline.arrange import Reach, measure


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
    return loaded.script.front.length or round(_measured(loaded, Options()).usual)


def _measured(loaded: Loaded, options: Options) -> Reach:
    plan = make_plan(loaded, options)
    said = plan.utterances(fitted=True)
    speed = TEMPO[options.pace].voice
    lengths = {u: round(RATE * pace.guess(u.spoken, speed)) for u in said}
    return measure(plan, lengths, AudioFormat(RATE, 2))
