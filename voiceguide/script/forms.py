"""What is read as well: every form that can only mean one thing, and the form that it stands for.

One table. The parser rewrites what it reads by it, and then reads the canonical form alone; messages,
the reference and the tests list its rows. A row without a pattern is read by a module of its own,
which its `by` names.

What is nearly a form stays an error: nothing here guesses.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from voiceguide.script.inline import Inline

Where = Literal[
    "box", "cue", "time", "times", "moment", "modifier", "silence", "text", "block", "front"
]
"""What a form is part of: the start of a list item, a cue, a duration, a number of times, the WHEN of a timed cue,
a heading's bracket, a square bracket in a text, any text, Markdown's blocks, the front matter."""

Rewrite = Callable[[re.Match[str]], str]

_NUMBER = r"[0-9]{1,9}(?:\.[0-9]{1,9})?"
_SECONDS = r"(?:s|secs?|seconds?)"
_MINUTES = r"(?:m|mins?|minutes?)"
_UNIT = rf"(?:{_SECONDS}|{_MINUTES})"
_QUOTE_2 = "(?:''|[\"\u2033\u201d]|\u2019\u2019|\u2032\u2032)"
_QUOTE_1 = "['\u2032\u2019]"
_PARTS = {"\u00bc": "1/4", "\u00bd": "1/2", "\u00be": "3/4", "\u2153": "1/3", "\u2154": "2/3"}
_SIGNS = "".join(_PARTS)
PICTURE = re.compile(
    "[\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff\u3030\u303d"
    "\u3297\u3299\ufe00-\ufe0f\u200d\u20e3\ue000-\uf8ff\U0001f000-\U0001faff\U000e0000-\U000e01ef]+"
)
"""Emoji and other pictures, which are never spoken."""


_SO_MANY = (
    r"(?:[0-9]+(?:[-\u2013][0-9]+)?|an?|one|two|three|four|five|six|seven|eight|nine|ten|fifteen|twenty|"
    r"thirty|forty|sixty|a few|several|some)"
)
_SO_LONG = (
    rf"{_SO_MANY}[ -]?(?:more )?(?:s|secs?\.?|seconds?|mins?\.?|minutes?|moments?|breaths?|beats?)"
)
DIRECTION = re.compile(
    rf"\(?(?:(?:short|long|brief|{_SO_LONG}) )?(?:pause|silence)(?: here| now)?"
    rf"(?:[ :,-]*(?:for |of )?(?:{_SO_LONG}|[0-9]+))?\.?\)?"
    rf"|\(?(?:wait|breathe)[ :,-]*(?:for )?{_SO_LONG}\)?"
    r"|\(?(?:for )?(?:about )?" + _SO_LONG + r"\)?"
    r"|\(?(?:repeat|do this)(?: (?:again|"
    + _SO_MANY
    + r"(?:x| ?times| more)?|x ?[0-9]+|on the (?:other|left|right) "
    r"side|the other side|both sides))?\)?",
    re.IGNORECASE,
)
"""A line, or what stands in round brackets, that tells who reads aloud to wait."""


@dataclass(frozen=True, slots=True)
class Form:
    """One row of the table.

    Attributes:
        where: what it is part of.
        meaning: in a few words, for the reference.
        examples: what is written, and the canonical form of it.
        pattern: finds it; None where a module reads it.
        to: what is put in its place, by the match.
        by: the module that reads it, where there is no pattern.
    """

    where: Where
    meaning: str
    examples: tuple[tuple[str, str], ...]
    pattern: re.Pattern[str] | None = None
    to: Rewrite | None = None
    by: str = ""


def _seconds(total: float) -> str:
    """Seconds as the canonical form of a duration.

    >>> _seconds(90)
    '1m30s'
    """
    minutes, rest = divmod(round(total, 3), 60)
    parts = f"{int(minutes)}m" if minutes else ""
    return parts + (f"{rest:g}s" if rest or not parts else "")


def _fraction(match: re.Match[str]) -> str:
    whole, upper, lower, sign, unit = match.groups()
    if sign:
        upper, lower = _PARTS[sign].split("/")
    if not int(lower):
        return match[0]
    number = int(whole or 0) + int(upper) / int(lower)
    return _seconds(number * (60 if unit.startswith("m") else 1))


def _minutes_and_seconds(match: re.Match[str]) -> str:
    return f"{match[1]}m{match[2] or match[3]}s"


def _again(template: str) -> Callable[[re.Match[str]], str]:
    return lambda match: match.expand(template)


def _times(match: re.Match[str]) -> str:
    numbers = re.sub(r"\s*(?:[-\u2013]|to)\s*", "-", match[2] or match[3])
    return f"{', ' if match[1] else ''}{numbers} times"


_COUNTED = r"[0-9]{1,9}(?: ?(?:[-\u2013]|to) ?[0-9]{1,9})?"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


FORMS: tuple[Form, ...] = (
    Form(
        "box",
        "a box to tick",
        (("[ ] hold 30s", "hold 30s"), ("[x] chime", "chime")),
        _pattern(r"^\[[ x\u2713\u2714]?\] *"),
        lambda _: "",
    ),
    Form(
        "box",
        "a picture",
        (("hold 30s \U0001f525", "hold 30s"), ("\u23f1\ufe0f hold 30s", "hold 30s")),
        re.compile(rf" ?{PICTURE.pattern} ?"),
        lambda match: " " if match[0].startswith(" ") and match[0].endswith(" ") else "",
    ),
    Form(
        "cue",
        "a full stop at the end",
        (("hold 30s.", "hold 30s"), ("chime bowl.", "chime bowl")),
        re.compile(r"(?<=[\w)\"'\u2033\u201d]) ?\.$"),
        lambda _: "",
    ),
    Form(
        "cue",
        "capital letters",
        (("Hold 30s", "hold 30s"), ("PAUSE 10 SECONDS", "pause 10 seconds")),
        by="cues",
    ),
    Form(
        "cue",
        "words and signs before a duration",
        (
            ("hold: 40s", "hold 40s"),
            ("hold for 40 seconds", "hold 40 seconds"),
            ("hold ~40s", "hold 40s"),
            ("hold about 40s", "hold 40s"),
        ),
        _pattern(
            r"^([a-z]+)(?: ?[:=])? *(?:(?:for|about|around|approximately|approx\.?|ca\.?)\b\.? *|[~\u2248] ?)*"
            rf"(?=[0-9{_SIGNS}])(?<![a-z])"
        ),
        _again(r"\1 "),
    ),
    Form(
        "cue",
        "a colon behind the name",
        (("chime: bowl", "chime bowl"), ("background: rain", "background rain")),
        _pattern(r"^(chime|play|background|include|breathe|count) ?: *(?=\S)"),
        _again(r"\1 "),
    ),
    Form(
        "time",
        "a full stop behind a unit",
        (("30 sec.", "30 sec"), ("30 sec. (20-40 sec.)", "30 sec (20-40 sec)")),
        _pattern(rf"(?<=[0-9 ])({_UNIT})\.(?=$|[ ,):\-\u2013])"),
        _again(r"\1"),
    ),
    Form(
        "time",
        "a hyphen before a unit",
        (("30-sec", "30 sec"),),
        _pattern(rf"(?<=[0-9])-(?={_UNIT}(?![a-z]))"),
        lambda _: " ",
    ),
    Form(
        "time",
        "minutes and seconds apart",
        (
            ("1 min 30 sec", "1m30s"),
            ("1min30s", "1m30s"),
            ("1 minute and 30 seconds", "1m30s"),
            ("1'30\"", "1m30s"),
            ("1 min 30", "1m30s"),
        ),
        _pattern(
            rf"(?<![\w.:])([0-9]{{1,5}}) ?(?:{_MINUTES}\b ?(?:,? ?and )?|{_MINUTES}(?=[0-9])|{_QUOTE_1} ?)"
            rf"(?:({_NUMBER}) ?(?:{_SECONDS}(?![a-z])|{_QUOTE_2})|([0-5][0-9])(?=$|[,) ](?![a-z0-9])))"
        ),
        _minutes_and_seconds,
    ),
    Form(
        "time",
        "the signs of seconds and minutes",
        (
            ('45"', "45s"),
            ("45\u2033", "45s"),
            ("45\u201d", "45s"),
            ("5'", "5m"),
            ('30-45"', "30-45s"),
        ),
        _pattern(rf"(?<=[0-9]) ?(?:({_QUOTE_2})|{_QUOTE_1}(?![\w\"']))"),
        lambda match: "s" if match[1] else "m",
    ),
    Form(
        "time",
        "fractions",
        (
            ("1/2 min", "30s"),
            ("\u00bd min", "30s"),
            ("1 1/2 min", "1m30s"),
            ("1\u00bd min", "1m30s"),
        ),
        _pattern(
            rf"(?<![\w.:/])(?:([0-9]{{1,4}})(?: |(?=[{_SIGNS}])))?"
            rf"(?:([1-9])/([1-9])|([{_SIGNS}])) ?(?:of a )?({_UNIT})\b"
        ),
        _fraction,
    ),
    Form(
        "time",
        "a range with to, or with another dash",
        (("30 to 60 s", "30-60 s"), ("30s to 1m", "30s-1m"), ("30\u201460 s", "30-60 s")),
        _pattern(
            rf"(?<![\w.])({_NUMBER} ?{_UNIT}?)(?: (?:to|until|till) | ?[\u2012\u2014\u2015] ?)"
            rf"(?={_NUMBER} ?{_UNIT}(?![a-z]))"
        ),
        _again(r"\1-"),
    ),
    Form(
        "times",
        "how often",
        (
            ("x3", "3 times"),
            ("3x", "3 times"),
            ("3\u00d7", "3 times"),
            ("3 rounds", "3 times"),
            ("3 sets", "3 times"),
            ("2-4x", "2-4 times"),
        ),
        _pattern(
            rf"(,? )?(?<![\w.:/])(?:[x\u00d7] ?({_COUNTED})(?:[ ]?times)?|({_COUNTED}) ?(?:[x\u00d7]|times|rounds?|sets?|"
            r"cycles?|breaths?)(?![\w]))$"
        ),
        _times,
    ),
    Form(
        "moment",
        "capital letters",
        (("Halfway: chime", "halfway: chime"), ("10s Left: chime", "10s left: chime")),
        by="timed",
    ),
    Form(
        "moment",
        "in two words",
        (("half way: chime", "halfway: chime"), ("Half-way: chime", "halfway: chime")),
        _pattern(r"^(?:at )?half[ -]way\b"),
        lambda _: "halfway",
    ),
    Form(
        "modifier",
        "capital letters and a full stop",
        (("Each Side", "each side"), ("Optional.", "optional")),
        by="modifiers",
    ),
    Form(
        "modifier",
        "so many times a side",
        (("2x per side", "each side, 2 times"), ("3 times each side", "each side, 3 times")),
        _pattern(
            rf"^[x\u00d7]? ?({_COUNTED}) ?(?:[x\u00d7]|times|rounds|sets)? (?:per side|each side|on each side|on both sides)$"
        ),
        _again(r"each side, \1 times"),
    ),
    Form(
        "modifier",
        "both sides",
        (("both sides", "each side"), ("per side", "each side"), ("left and right", "each side")),
        _pattern(
            r"^(?:(?:on )?both sides|(?:one )?per side|on each side|left and right|right and left)$"
        ),
        lambda _: "each side",
    ),
    Form(
        "modifier",
        "a bracket that is no modifier is part of the title",
        (("Calf (soleus + gastrocnemius)", "Calf (soleus + gastrocnemius)"),),
        by="modifiers",
    ),
    Form(
        "silence",
        "a pause in words",
        (
            ("[pause]", "[2s]"),
            ("[short pause]", "[1s]"),
            ("[long pause]", "[5s]"),
            ("[pause 3s]", "[3s]"),
            ("[PAUSE:5]", "[5s]"),
            ("[3 sec pause]", "[3s]"),
            ("[5]", "[5s]"),
        ),
        by="speech",
    ),
    Form(
        "text",
        "punctuation alone behind a silence",
        (("Rest [3s], now. [2s].", "Rest [3s] now. [2s]"),),
        by="speech",
    ),
    Form(
        "text",
        "a picture is never spoken",
        (("Well done! \U0001f389", "Well done!"),),
        by="speech",
    ),
    Form(
        "text",
        "hyphens that do not break, and what is not seen",
        (("4\u20117\u20118", "4-7-8"), ("re\u00adlax\u200b", "relax")),
        by="source",
    ),
    Form(
        "block",
        "a numbered list is spoken, without its numbers",
        (("1. Roll the ball.\n2. Breathe out.", "Roll the ball.\n\nBreathe out."),),
        by="blocks",
    ),
    Form(
        "block",
        "a list item that is a sentence is spoken, with a warning",
        (("- Inhale deeply.", "Inhale deeply."),),
        by="cues",
    ),
    Form(
        "block",
        "without a title, the file's name is the title, with a warning",
        (("Breathe out.", "# X\n\nBreathe out."),),
        by="parse",
    ),
    Form(
        "block",
        "what other programs leave behind is dropped, with a warning",
        (
            ("## Neck {#neck}\n\nHi.", "## Neck\n\nHi."),
            ("Hi.\n\n---\n\nBye.", "Hi.\n\nBye."),
            ("<aside>\nA tip.\n</aside>", "A tip."),
        ),
        by="blocks",
    ),
    Form(
        "front",
        "one text where a list belongs",
        (
            ("muscles: gluteus medius, Piriformis", "muscles: [gluteus-medius, piriformis]"),
            ("tools: foam roller, tennis ball", "tools: [foam roller, tennis ball]"),
        ),
        by="frontmatter",
    ),
    Form(
        "front",
        "two tools that are both needed",
        (("tools: [tennis ball + massage ball]", "tools: [tennis ball + massage ball]"),),
        by="frontmatter",
    ),
)


_CANONICAL = re.compile(
    r"(?:[a-z]+ )?(?:(?:in|hold|out|for|at|every|last) )?[0-9]{1,4}[sm](?: \([0-9]+[sm]-[0-9]+[sm]\)| left)?"
    r"|halfway|start|end|chime(?: [a-z]+)?"
)
"""The usual words of a script, in which no form has to be looked for."""


@cache
def _rewriting(where: tuple[Where, ...]) -> tuple[tuple[re.Pattern[str], Rewrite], ...]:
    return tuple(
        (form.pattern, form.to)
        for form in FORMS
        if form.where in where and form.pattern is not None and form.to is not None
    )


def canonical(inline: Inline, *where: Where, end: int | None = None) -> Inline:
    """A text in which every form of the given parts is in its canonical form, up to an index."""
    if _CANONICAL.fullmatch(inline.text, 0, len(inline.text) if end is None else end):
        return inline
    if len(inline.text) <= _REMEMBERED:
        return _remembered(inline, where, end)
    return _canonical(inline, where, end)


def _canonical(inline: Inline, where: tuple[Where, ...], end: int | None) -> Inline:
    for pattern, to in _rewriting(where):
        if pattern.search(inline.text):
            before = len(inline.text)
            inline = inline.rewritten(pattern, to, end)
            end = None if end is None else end + len(inline.text) - before
    return inline


# An editor reads the same lines at each keystroke.
_REMEMBERED = 200
_remembered = lru_cache(maxsize=4096)(_canonical)


def canonical_text(text: str, *where: Where) -> str:
    """As `canonical`, for a text that has no place."""
    for pattern, to in _rewriting(where):
        text = pattern.sub(to, text)
    return text
