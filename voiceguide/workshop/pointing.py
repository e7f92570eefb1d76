"""What is told of the word that an author points at, and beside each line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from voiceguide.library.environment import LibraryEnvironment
from voiceguide.script.source import Source
from voiceguide.units import format_clock, format_seconds
from voiceguide.workshop.meanings import CUES, KEYS, MODIFIERS, MOMENTS, VARIABLES
from voiceguide.workshop.times import Times

_CUE = re.compile(r"(?P<indent>\s*)[-*+] +(?:\[[ x]?\] *)?(?P<word>[A-Za-z]+)")
_INCLUDE = re.compile(r"\s*[-*+] +include +(?P<name>\S+)", re.IGNORECASE)
_VARIABLE = re.compile(r"\{([a-z ]+)\}")
_KEY = re.compile(r"([a-z-]+) ?:")
_LEFT = re.compile(r"\s+[-*+] +[0-9][^:]* left")
_MODIFIER = re.compile(r"[^(),]+")


@dataclass(frozen=True, slots=True)
class Hover:
    """What a word means.

    Attributes:
        text: some lines of Markdown.
        column: the first character of the word, from 1.
        length: how many characters it has.
    """

    text: str
    column: int
    length: int


@dataclass(frozen=True, slots=True)
class Inlay:
    """A few words beside a line, from 1."""

    line: int
    text: str


def hover(
    line_text: str, line: int, column: int, times: Times | None, *, front: bool
) -> Hover | None:
    """What stands at a place means, and when it happens.

    Args:
        line_text: the line.
        line, column: the place, both from 1.
        times: when the lines happen, or None while that cannot be told.
        front: whether the line is in the front matter.
    """
    at = column - 1
    if front:
        key = _KEY.match(line_text)
        if key is None or key[1] not in KEYS:
            return None
        return Hover(KEYS[key[1]], 1, len(key[1]))
    for match in _VARIABLE.finditer(line_text):
        if match.start() <= at < match.end() and match[1] in VARIABLES:
            return Hover(VARIABLES[match[1]], match.start() + 1, len(match[0]))
    when = _when(line, times)
    if cue := _CUE.match(line_text):
        start, word = cue.start("word"), cue["word"].lower()
        told = MOMENTS.get(word) if cue["indent"] else CUES.get(word)
        if told is None:
            return None
        return Hover("\n\n".join(filter(None, (told, when))), start + 1, len(word))
    if _LEFT.match(line_text):
        return Hover(MOMENTS["left"], 1, len(line_text))
    if line_text.startswith("#"):
        bracket = line_text.rfind("(")
        for match in _MODIFIER.finditer(line_text, max(0, bracket)):
            words = match[0].strip().lower()
            if bracket >= 0 and match.start() <= at < match.end():
                told = MODIFIERS.get(re.sub(r"^[0-9]\S*(?= between)", "10s", words))
                told = told or (MODIFIERS["3 times"] if words.endswith("times") else None)
                if told:
                    return Hover(told, match.start() + 1, len(match[0]))
    return Hover(when, 1, max(1, len(line_text))) if when else None


def _when(line: int, times: Times | None) -> str:
    """When a line happens, as a sentence."""
    found = times.lines.get(line) if times else None
    if found is None or times is None:
        return ""
    parts = [f"At about {format_clock(found.start)}"]
    if found.seconds:
        parts.append(f"for {format_seconds(round(found.seconds, 1))}")
    if give := times.ranges.get(line):
        parts.append(f"({format_seconds(give.least)} to {format_seconds(give.greatest)})")
    again = f", and {found.again} times more" if found.again > 1 else ""
    return " ".join(parts) + (", and once more" if found.again == 1 else again) + "."


def inlays(times: Times, *, but: int | None = None) -> tuple[Inlay, ...]:
    """The start of each step and interval, and the length that an elastic one was fitted to.

    Args:
        but: the line, from 1, that is being written, and so has none.
    """
    found = []
    for line, moment in sorted(times.lines.items()):
        if line == but or not (line in times.steps or moment.seconds):
            continue
        fitted = f", {format_seconds(round(moment.seconds, 1))}" if line in times.ranges else ""
        found.append(Inlay(line, f"{format_clock(moment.start)}{fitted}"))
    return tuple(found)


def include_at(line_text: str, path: Path, environment: LibraryEnvironment) -> Source | None:
    """The script that a line includes.

    Raises:
        VoiceguideError: there is none of that name, or it is not text.
    """
    match = _INCLUDE.match(line_text)
    return environment.script(match["name"], path.parent) if match else None


def in_front(lines: list[str], line: int) -> bool:
    """Whether a line, from 1, is in the front matter, which may still lack its end."""
    if not lines or lines[0].rstrip() != "---":
        return False
    ends = (k for k in range(1, len(lines)) if lines[k].rstrip() == "---" or lines[k][:2] == "# ")
    return 1 < line <= next(ends, len(lines))
