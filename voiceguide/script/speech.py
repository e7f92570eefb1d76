"""Plain text to sentences, silences and variables."""

from __future__ import annotations

import contextlib
import re
from functools import lru_cache
from typing import Literal

from voiceguide.errors import Location
from voiceguide.script.durations import WRITTEN, parse_duration
from voiceguide.script.forms import DIRECTION, PICTURE, canonical_text
from voiceguide.script.inline import Inline
from voiceguide.script.model import Sentence, Silence, Spoken, Variable
from voiceguide.script.source import Findings, FoundError, NoFindings
from voiceguide.script.writing import Writing, writing
from voiceguide.units import DurationError

MAX_SENTENCE = 1000
"""Characters of one sentence, at most; voices fail on much longer ones."""

_MOST_SENTENCES = 20_000
_REMEMBERED = 2_000
"""Characters of a paragraph whose sentences are remembered."""
_STAND_IN = "\ufffc"
_DIRECTIVE = re.compile(r"[\[\]{}]")
_END = re.compile(r"(?<![.!?\u2026])[.!?\u2026]++[\"'\u201d\u2019)]*+(?=\s|\ufffc|$)")
_NEXT = re.compile(r"\s*(.?)", re.DOTALL)
_FOLLOWING = re.compile(r"\s*[(\"'\u201c]?([^\s.,;:!?)\"'\u201d]*)")
_LAST_WORD = re.compile(r"([^\s(\"'\u201c]+)$")
_WORD_BEFORE = re.compile(r"([^\s(\"'\u201c]+)[\s(\"'\u201c]+\S+$")
_HALF_DAY = ("a.m", "p.m")
_LONGEST_WORDS = 40
"""Characters before a full stop that are looked at."""


_PAUSE = re.compile(
    r"(?:(?P<length>short|brief|long) )?(?:(?P<before>[0-9].*?)[ -])?"
    r"(?:pause|silence|wait|break|beat|rest)\b[ :=,-]*(?:(?:of|for) )?(?P<after>[0-9].*)?"
)
_LONE = re.compile(r"^\s*[,;:.!?\u2026]+(?=\s|$)")
"""Punctuation that a silence has cut off from its sentence."""
_PAUSES = {"": 2.0, "short": 1.0, "brief": 1.0, "long": 5.0}
"""Seconds of a pause whose length is not written."""
_BARE_NUMBER = re.compile(r"[0-9]{1,4}(?:\.[0-9]+)?")
_ADDRESS = re.compile(r"(?<![<\w(])(?:https?://|www\.)[^\s<>\[\])]+")
_IN_BRACKETS = re.compile(r"\(([^()]{1,60})\)")
Part = str | Variable | Silence


def read_parts(
    inline: Inline, findings: Findings, *, brackets: Literal["silence", "plain", "wrong"]
) -> list[tuple[Part, int]]:
    """The text cut into plain words, variables and silences, each with its index in the text.

    What is shaped like a variable or a silence and is not known is reported, and left out.

    Args:
        brackets: what square ones are.
    """
    text, parts, done = inline.text, list[tuple[Part, int]](), 0
    position = 0
    found = len(findings.problems)
    last = {sign: text.rfind(sign) for sign in "]}"}
    while match := _DIRECTIVE.search(text, position):
        at = position = match.start()
        position += 1
        if findings.crowded and found < len(findings.problems):
            break
        if at in inline.literal or (brackets == "plain" and match[0] in "[]"):
            continue
        closing = {"[": "]", "{": "}"}.get(match[0])
        line, column = inline.place(at)
        if closing is None:
            opening = {"]": "[", "}": "{"}[match[0]]
            if any(text[k] == opening for k in inline.literal if k < at):
                continue  # the other half of an escaped pair
            findings.add(
                "stray-bracket",
                f'this "{match[0]}" closes nothing',
                line,
                column,
                hint=f"write \\{match[0]} for the plain character",
                fix=f"\\{match[0]}",
            )
            continue
        end = text.find(closing, at + 1) if last[closing] > at else -1
        if end < 0:
            findings.add(
                "open-bracket",
                f'this "{match[0]}" is never closed',
                line,
                column,
                hint=f"write \\{match[0]} for the plain character",
                fix=f"\\{match[0]}",
            )
            continue
        parts.append((text[done:at], done))
        inside = text[at + 1 : end]
        where = Location(findings.source.name, line, column)
        node: Variable | Silence | None
        if match[0] == "{":
            node = Variable(" ".join(inside.split()), where)
        else:
            node, end = _silence(inline, at, end, where, findings, allowed=brackets == "silence")
        if node is not None:
            parts.append((node, at))
        done = position = end + 1
    parts.append((text[done:], done))
    return [(part, at) for part, at in parts if part != ""]


def _silence(
    inline: Inline, at: int, end: int, where: Location, findings: Findings, *, allowed: bool
) -> tuple[Silence | None, int]:
    text, inside = inline.text, inline.text[at + 1 : end]
    if text[end + 1 : end + 2] in ("(", "[") and end + 1 not in inline.literal:
        closing = text.find(")" if text[end + 1] == "(" else "]", end + 1)
        image = at > 0 and text[at - 1] == "!"
        what = "an image" if image else "a link"
        stop = closing if closing > 0 else end
        findings.add(
            "image" if image else "link",
            f"{what} is not in the script language",
            where.line,
            where.column - image,
            length=stop + 1 - at + image,
            hint="leave it out, or put it into a note (>)" if image else f"write {inside}",
            fix="" if image else inside,
        )
        return None, stop
    if not allowed:
        findings.add(
            "bracket-in-heading",
            "square brackets cannot stand in a heading",
            where.line,
            where.column,
            length=end + 1 - at,
            fix=f"\\[{inside}\\]",
        )
        return None, end
    try:
        return Silence(parse_duration(_pause(inside)), where), end
    except DurationError as error:
        written = WRITTEN.search(canonical_text(inside, "time"))
        fix = f"[{written[0]}]" if written else f"\\[{inside}\\]"
        findings.add(
            "unknown-bracket",
            f'"[{inside[:40]}]" is not a silence: {error}',
            where.line,
            where.column,
            length=end + 1 - at,
            expected="a duration, as in [2s]",
            hint=f"write {fix}" + ("" if written else " to have it spoken"),
            fix=fix,
        )
        return None, end


def _pause(inside: str) -> str:
    """The duration that a square bracket stands for: in words, or a number of seconds alone."""
    text = canonical_text(inside.strip().lower().removesuffix("."), "time")
    match = _PAUSE.fullmatch(text)
    if match is None:
        return f"{text}s" if _BARE_NUMBER.fullmatch(text) else text
    length, number, other = match["length"], match["after"], match["before"]
    if number or other:
        return _pause(number or other)
    return f"{_PAUSES[length or '']:g}s"


def in_words(address: str) -> str:
    """An address as it is said.

    >>> in_words("https://www.example.org/ball")
    'example dot org slash ball'
    """
    bare = re.sub(r"^(?:https?://)?(?:www\.)?", "", address).rstrip(".,;:!?/")
    said = bare.replace("@", " at ").replace(".", " dot ").replace("/", " slash ")
    return " ".join(re.sub(r"[^\w\s'-]", " ", said).split())


def written_silence(inside: str) -> str | None:
    """The duration of what stands in square brackets, as text; None where it is no silence.

    >>> written_silence("long pause")
    '5s'
    """
    duration = _pause(inside)
    try:
        parse_duration(duration)
    except DurationError:
        return None
    return duration


def _silence_of(inside: str) -> str | None:
    """The silence that words in round brackets ask for, in square ones, if they say how long."""
    try:
        parse_duration(_pause(inside))
    except DurationError:
        return None
    return f"[{inside.strip()}]"


def read_speech(inline: Inline, findings: Findings) -> Spoken:
    """A text as sentences and silences.

    Reported: a text without words, a sentence too long for a voice, and an address of the web.
    """
    if len(inline.text) <= _REMEMBERED:
        with contextlib.suppress(FoundError):
            return _without_findings(inline, findings.source.name, findings.language)
    return _read_speech(inline, findings)


@lru_cache(maxsize=2048)
def _without_findings(inline: Inline, name: str, language: str) -> Spoken:
    return _read_speech(inline, NoFindings(name, language))


def _read_speech(inline: Inline, findings: Findings) -> Spoken:
    before = len(findings.problems)
    if address := _ADDRESS.search(inline.text):
        findings.add(
            "link",
            "an address cannot be spoken",
            *inline.place(address.start()),
            length=len(address[0]),
            hint=f"say it in words, as in {in_words(address[0])}, or put it into a note (>)",
            fix=in_words(address[0]),
        )
    for direction in _IN_BRACKETS.finditer(inline.text):
        # A line of its own is told where lines are read.
        whole = direction[0] == inline.text.strip()
        if not whole and DIRECTION.fullmatch(direction[0]):
            silence = _silence_of(direction[1])
            findings.add(
                "spoken-direction",
                "what stands in round brackets is spoken",
                *inline.place(direction.start()),
                length=len(direction[0]),
                severity="warning",
                hint=None if silence else "for silence write square ones and how long, as in [5s]",
                fix=silence,
            )
    parts = read_parts(inline, findings, brackets="silence")
    flat = "".join(part if isinstance(part, str) else _STAND_IN for part, _ in parts)
    nodes = [part for part, _ in parts if not isinstance(part, str)]
    # Sentences start where their first part stands; plain words are found by walking the text.
    spoken: list[Sentence | Silence] = []
    start = 0
    taken = 0
    walk = _Walk(inline, parts)
    ends = _ends(flat, nodes, findings.language)
    if len(ends) > _MOST_SENTENCES:
        findings.add(
            "paragraph-too-long",
            f"this paragraph has {len(ends):,} sentences",
            *inline.place(0),
            expected=f"at most {_MOST_SENTENCES:,}",
            hint="make several paragraphs of it",
        )
        return ()
    for end in ends:
        piece = flat[start:end]
        if spoken and isinstance(spoken[-1], Silence):
            bare = _LONE.sub("", piece)
            start += len(piece) - len(bare)
            piece = bare
        content: list[str | Variable] = []
        place = walk.place(start + len(piece) - len(piece.lstrip()))
        for chunk in re.split(f"({_STAND_IN})", piece.strip()):
            if chunk != _STAND_IN:
                if chunk:
                    content.append(re.sub(r"\s+", " ", chunk))
                continue
            node = nodes[taken]
            taken += 1
            if isinstance(node, Silence):
                spoken.append(node)
            else:
                content.append(node)
        if content:
            _add_sentence(spoken, content, place, findings, alone=len(findings.problems) == before)
        start = end
    if not spoken and len(findings.problems) == before and not PICTURE.search(inline.text):
        findings.add(
            "no-words",
            "there is nothing to say here",
            *inline.place(0),
            length=len(inline.text),
            hint="write words, or leave it out",
            fix="",
        )
    return tuple(spoken)


def _add_sentence(
    spoken: list[Sentence | Silence],
    content: list[str | Variable],
    place: tuple[int, int],
    findings: Findings,
    *,
    alone: bool,
) -> None:
    """Add a sentence; one without words is reported unless other mistakes explain it."""
    words = "".join(part for part in content if isinstance(part, str))
    if len(words) > MAX_SENTENCE:
        findings.add(
            "sentence-too-long",
            f"this sentence has {len(words):,} characters",
            *place,
            length=20,
            expected=f"at most {MAX_SENTENCE:,} characters",
            hint="make several sentences of it",
        )
    elif any(isinstance(part, Variable) for part in content) or any(c.isalnum() for c in words):
        spoken.append(Sentence(tuple(content), Location(findings.source.name, *place)))
    elif alone and not PICTURE.search(words):
        findings.add(
            "no-words",
            f'there is nothing to say in "{words.strip()[:20]}"',
            *place,
            length=len(words.strip()),
            hint="write words, or leave it out",
            fix="",
        )


def _is_abbreviation(flat: str, stop: int, language: str) -> bool:
    """Whether the full stop at an index ends an abbreviation, and the sentence goes on behind it."""
    table = writing(language)
    before = flat[max(0, stop - _LONGEST_WORDS) : stop]
    last = _LAST_WORD.search(before)
    if table is None or last is None:
        return False
    word, following = last[1], _FOLLOWING.match(flat, stop + 1)
    then = following[1] if following else ""
    if word.casefold() in table.stops:
        return True
    if word.casefold() in table.stops_before_number:
        # "5 min. 3 more": behind a number it is a unit.
        ahead = _WORD_BEFORE.search(before)
        unit = word.casefold() in table.units and ahead and ahead[1][-1:].isdigit()
        return then[:1].isdigit() and not unit
    if word.casefold() in _HALF_DAY:
        name = then[:3].casefold()
        return name in table.days or name in table.months
    if len(word) == 1 and word.isupper():
        return word != "I" and _is_initial(_WORD_BEFORE.search(before), then, table)
    return False


def _is_initial(ahead: re.Match[str] | None, then: str, table: Writing) -> bool:
    """Whether a capital letter is that of a name: "J. Smith", but not "plan B. Now rest"."""
    if then.casefold() in table.openers or not then[:1].isupper():
        return False
    if ahead is None or re.fullmatch(r"[A-Z]\.|.*[!?]|.*\w\w\.", ahead[1]):
        return True  # it begins the sentence, or follows another initial
    word = ahead[1].strip(".,;:").casefold()
    return word not in table.labels and (ahead[1][:1].isupper() or word in table.before_names)


def _ends(flat: str, nodes: list[Variable | Silence], language: str) -> list[int]:
    """Where each sentence ends in the flat text; a silence is a piece of its own."""
    ends: set[int] = {len(flat)}
    for match in _END.finditer(flat):
        following = _NEXT.match(flat, match.end())
        assert following is not None
        rest = following[1]
        goes_on = match[0] == "." and rest and _is_abbreviation(flat, match.start(), language)
        if not rest.islower() and not goes_on:
            ends.add(match.end())
    at = -1
    for node in nodes:
        at = flat.index(_STAND_IN, at + 1)
        if isinstance(node, Silence):
            ends.update((at, at + 1))
    return sorted(ends)


class _Walk:
    """Finds the place of a character of the flat text, asked for in rising order."""

    def __init__(self, inline: Inline, parts: list[tuple[Part, int]]) -> None:
        self._inline = inline
        self._spans: list[tuple[int, int]] = []
        flat = 0
        for part, index in parts:
            self._spans.append((flat, index))
            flat += len(part) if isinstance(part, str) else 1
        self._at = 0

    def place(self, index: int) -> tuple[int, int]:
        while self._at + 1 < len(self._spans) and self._spans[self._at + 1][0] <= index:
            self._at += 1
        if not self._spans:
            return self._inline.place(0)
        start, source = self._spans[self._at]
        return self._inline.place(source + index - start)
