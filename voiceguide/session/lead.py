"""What is said before a session starts."""

from __future__ import annotations

from voiceguide.audio import RATE
from voiceguide.errors import UsageError
from voiceguide.plan import Utterance
from voiceguide.player.playable import Playable
from voiceguide.session.clips import Clips
from voiceguide.session.pipeline import Draft, speak
from voiceguide.timeline import Chapter, Event, Timeline
from voiceguide.units import Frames, format_seconds, to_frames

LONGEST_LEAD = 600.0
"""Seconds that a session can be waited for."""


def check_lead(seconds: float) -> None:
    """Raises UsageError: no session waits so long, or so little."""
    if not 1 <= seconds <= LONGEST_LEAD:
        raise UsageError(
            f"a session starts in 1s to {format_seconds(LONGEST_LEAD)}, "
            f"not in {format_seconds(seconds)}"
        )


def make_lead(made: Draft, seconds: float) -> Playable:
    """What is said before a session starts: how long it will be, and the last seconds.

    Raises:
        SpeechError: the voice failed.
    """
    from voiceguide.timeline.placing import voice_key

    total = to_frames(seconds, RATE)
    wanted = _lead_words(seconds)
    voiced = speak(made, [utterance for _, utterance in wanted]).clips
    events: list[Event] = []
    for left, utterance in wanted:
        start, frames = total - to_frames(left, RATE), voiced[utterance].frames
        # The later one matters more: what runs into it is left out.
        while events and events[-1].end > start:
            events.pop()
        if start + frames <= total:
            key, text = voice_key(utterance), utterance.text
            events.append(Event("voice", Frames(start), Frames(frames), clip=key, text=text))
    chapter = Chapter("Starting soon", Frames(0), Frames(total))
    timeline = Timeline(made.request.format, Frames(total), (chapter,), tuple(events))
    return Playable(timeline, Clips(voiced), total)


def _lead_words(seconds: float) -> list[tuple[float, Utterance]]:
    """(seconds left, what is said then), in order."""
    from voiceguide.script.words import words

    numbers = words("en").numbers
    said = [(seconds, f"Starting in {_in_words(seconds, numbers)}.")] if seconds >= 4 else []
    said += [
        (float(left), f"{_in_words(left, numbers).capitalize()}.")
        for left in (300, 120, 60, 30, 10)
        if left < seconds - 4
    ]
    counted = range(min(5, int(seconds)), 0, -1)
    return [
        *((left, Utterance(text, text)) for left, text in said),
        *((float(k), Utterance(numbers[k - 1], numbers[k - 1] + ".")) for k in counted),
    ]


def _in_words(seconds: float, numbers: tuple[str, ...]) -> str:
    parts = zip(divmod(int(seconds), 60), ("minute", "second"), strict=True)
    said = []
    for count, unit in parts:
        number = numbers[count - 1].casefold() if 0 < count <= len(numbers) else str(count)
        if count:
            said.append(f"{number} {unit}{'s' if count != 1 else ''}")
    return " and ".join(said)
