"""What each word of the language does, in a sentence: for completion and for who points at it."""

from __future__ import annotations

from voiceguide.script.model import INTERVALS

_INTERVAL = {
    "hold": "Hold still for a time.",
    "roll": "Roll over the muscle for a time.",
    "press": "Press for a time.",
    "knead": "Knead for a time.",
    "stretch": "Stretch for a time.",
    "rest": "Rest for a time.",
    "work": "Anything else that takes a time.",
}
_BELOW = (
    " Below it, indented by two spaces: what is said or struck meanwhile, as in halfway: Let go."
)
CUES: dict[str, str] = {
    "pause": "Silence: pause 5s, or elastic, pause 5-10s.",
    **{name: _INTERVAL.get(name, "An interval.") + _BELOW for name in INTERVALS},
    "count": "Repetitions counted aloud: count 10, 3s each; count down 5, 2s each.",
    "breathe": "Guided breaths: breathe in 4s, out 6s, 5 times; breathe box for 60s.",
    "chime": "A chime, by itself or several times: chime bowl, 3 times.",
    "play": "A sound: play waves.flac at -6 dB for 30s, fade 3s.",
    "background": "A sound under all that follows, until background off.",
    "include": "Another script in this place: include parts/safety.",
}
"""Each cue."""
MOMENTS: dict[str, str] = {
    "start": "As the interval begins.",
    "halfway": "In the middle of the interval.",
    "end": "As the interval ends.",
    "at": "So long after the start: at 10s. In a count: at the fifth, at 5.",
    "every": "Again and again: every 15s.",
    "last": "The last seconds counted down: last 5s: countdown.",
    "left": "So long before the end: 10s left.",
}
"""When something happens in an interval."""
MODIFIERS: dict[str, str] = {
    "each side": "The step is done on both sides.",
    "first side": "Inside each side: on the first side only.",
    "second side": "Inside each side: on the second side only.",
    "3 times": "The step repeats.",
    "2-4 times": "The step repeats as often as there is time.",
    "10s between": "Silence between two rounds or sides.",
    "optional": "Left out first where time is short.",
}
"""What stands in brackets at a heading."""
VARIABLES: dict[str, str] = {
    "tool": "What the session is done with.",
    "side": "The side being worked, left or right.",
    "other side": "The side that is not being worked.",
    "round": "The number of the round.",
    "rounds": "How many rounds there are.",
    "muscle": "The muscle, as it is said.",
}
"""What stands in curly brackets."""
KEYS: dict[str, str] = {
    "muscles": "The muscles that are worked.",
    "tools": "What it is done with; the first is the usual tool.",
    "kind": "What kind of session it is.",
    "position": "How the listener lies, sits or stands.",
    "level": "For beginners, or for regular listeners.",
    "summary": "One line, never spoken.",
    "length": "The usual length, such as 10m; the session is fitted to it.",
    "language": "Of the words; English if it is left out.",
    "cautions": "Ids of the caution catalogue, or texts of several words.",
    "background": "A sound under all, with a level if wanted: rain at -30 dB.",
    "lead-in": "Silence before the first sound, such as 1s.",
    "say": "Words that a voice says wrongly, each with a respelling.",
}
"""The keys of the front matter."""
