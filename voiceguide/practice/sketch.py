"""What a session will be like before a word of it is spoken: its length and its steps, by estimate."""

from __future__ import annotations

from voiceguide.audio import RATE, AudioFormat
from voiceguide.errors import LengthError
from voiceguide.plan.build import TEMPO
from voiceguide.session import Draft
from voiceguide.speech import pace
from voiceguide.timeline import Timeline
from voiceguide.timeline.arrange import Arranger, Reach
from voiceguide.units import Seconds


def arranger(made: Draft) -> Arranger:
    """Sessions of a draft in a voice that takes as long as voices usually do."""
    speed = TEMPO[made.request.options.pace].voice
    said = made.plan.utterances(fitted=True)
    lengths = {u: round(RATE * pace.guess(u.spoken, speed)) for u in said}
    return Arranger(made.plan, lengths, AudioFormat(RATE, 2))


def sketch(made: Draft) -> tuple[Reach, Timeline]:
    """How long a session can be, and what it is like at the length that is asked for.

    Where that length is out of reach it is what comes nearest.

    Raises:
        ScriptError: as `Arranger.reach`.
    """
    found = arranger(made)
    reach, length = found.reach(), made.length
    if length is not None:
        length = Seconds(min(max(length, reach.shortest), reach.longest))
    try:
        return reach, found.arrange(length).timeline
    except LengthError as error:
        return reach, found.arrange(nearest(error, length)).timeline


def nearest(error: LengthError, length: float | None) -> Seconds:
    """The length that can be had and comes nearest to one that can't."""
    if not error.reachable:
        raise error
    return Seconds(min(error.reachable, key=lambda each: abs(each - (length or 0.0))))


def whole_minutes(reach: Reach) -> tuple[int, int] | None:
    """The least and the most whole minutes that a session can last; None where none fits."""
    first, last = -(-reach.shortest // 60), reach.longest // 60
    return (int(first), int(last)) if first <= last else None
