"""What can stand at a place of a script."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from voiceguide.library.environment import LibraryEnvironment
from voiceguide.script.model import KINDS, LEVELS
from voiceguide.script.source import file_lines
from voiceguide.script.words import languages
from voiceguide.workshop.meanings import CUES, KEYS, MODIFIERS, MOMENTS, VARIABLES
from voiceguide.workshop.pointing import in_front

Kind = Literal["cue", "moment", "modifier", "variable", "key", "value", "sound", "include"]
_LISTED = re.compile(r"(?P<key>[a-z-]+): *\[?(?:[^,\[\]]*, *)*(?P<typed>[^,\[\]]*)$")
_ITEM = re.compile(r"(?P<indent> *)[-*+] +(?P<typed>[a-z]*)$", re.IGNORECASE)
_NAMED = re.compile(
    r" *[-*+] +(?:[^:]*: *)?(?P<cue>chime|play|background|include|breathe) +(?P<typed>[^,]*)$",
    re.IGNORECASE,
)
_WHAT = re.compile(r" +[-*+] +(?P<when>[^:]+): *(?P<typed>[a-z]*)$", re.IGNORECASE)
_BRACKET = re.compile(r"#{2,} .*\((?:[^(),]*, *)*(?P<typed>[^(),]*)$")
_WITH = re.compile(r"with (?:[^()]* or )?(?P<typed>[^()]*)$")
_OPEN = re.compile(r"\{(?P<typed>[a-z ]*)$")
_TIMES = {
    "at": "at 10s: ",
    "every": "every 15s: ",
    "last": "last 5s: countdown",
    "left": "10s left: ",
}
_USUAL = {
    **dict.fromkeys(("hold", "roll", "press", "knead", "stretch", "rest", "work"), " 30s"),
    "pause": " 5s",
    "count": " 10, 3s each",
    "breathe": " in 4s, out 6s, 5 times",
}
_PATTERNS = {
    "in 4s, out 6s, 5 times": "The usual breath.",
    "box, 4 times": "In, hold, out, hold, 4 s each.",
    "4-7-8, 4 times": "In 4 s, hold 7 s, out 8 s.",
}


@dataclass(frozen=True, slots=True)
class Completion:
    """One thing that can be written.

    Attributes:
        text: what to put in place of the characters from `column` on.
        detail: what it does, in a sentence; may be empty.
        column: the first character that it takes the place of, from 1.
    """

    kind: Kind
    label: str
    text: str
    detail: str
    column: int


def complete(
    text: str, line: int, column: int, path: Path, environment: LibraryEnvironment | None = None
) -> tuple[Completion, ...]:
    """What can be written at a place; the caller leaves out what does not fit the letters there.

    Args:
        line, column: where the cursor is, both from 1.
        path: where the script is, or would be.
    """
    environment = environment or LibraryEnvironment()
    lines = file_lines(text)
    if not 1 <= line <= len(lines):
        return ()
    before = lines[line - 1][: column - 1]
    if in_front(lines, line):
        return tuple(_front(before, environment))
    if match := _OPEN.search(before):
        return tuple(_all("variable", VARIABLES, match, after="}"))
    if match := _NAMED.match(before):
        return tuple(_named(match, path, environment))
    if match := _WHAT.match(before):
        what = {"chime": CUES["chime"]}
        if match["when"].startswith("last"):
            what = {"countdown": "The numbers down to one, a second each."}
        return tuple(_all("cue", what, match))
    if match := _ITEM.match(before):
        if match["indent"]:
            return tuple(_moments(match))
        return tuple(_all("cue", CUES, match, ends=_USUAL))
    if match := _BRACKET.match(before):
        if tool := _WITH.fullmatch(match["typed"]):
            start = match.start("typed") + tool.start("typed")
            tools = _tools(text) or environment.tools
            return tuple(Completion("value", name, name, "", start + 1) for name in tools)
        tools = {f"with {name}": "Only with this tool." for name in _tools(text)}
        return tuple(_all("modifier", {**MODIFIERS, **tools}, match))
    return ()


def _all(
    kind: Kind,
    known: Mapping[str, str],
    match: re.Match[str],
    *,
    after: str = "",
    ends: Mapping[str, str] | None = None,
) -> Iterable[Completion]:
    column = match.start("typed") + 1
    for label, detail in known.items():
        end = (ends or {}).get(label, after)
        yield Completion(kind, label, label + end, detail, column)


def _moments(match: re.Match[str]) -> Iterable[Completion]:
    column = match.start("typed") + 1
    for label, detail in MOMENTS.items():
        yield Completion("moment", label, _TIMES.get(label, f"{label}: "), detail, column)


def _named(
    match: re.Match[str], path: Path, environment: LibraryEnvironment
) -> Iterable[Completion]:
    cue = match["cue"].lower()
    if cue == "breathe":
        return _all("value", _PATTERNS, match) if "," not in match[0] else ()
    if cue == "include":
        return _all("include", _scripts(path), match)
    kinds = {"chime": ("chime",), "background": ("bed",), "play": ("chime", "bed", "sound")}[cue]
    sounds = {s.name: s.nature for s in environment.sounds.values() if s.kind in kinds}
    off = {"off": "Silence under the words."} if cue == "background" else {}
    return _all("sound", {**sounds, **off}, match)


def _scripts(path: Path) -> dict[str, str]:
    """What can be included: the parts that ship, and what lies beside the script."""
    from voiceguide.library.data import data_folder

    shipped = data_folder("scripts")
    found = {
        part.relative_to(shipped).with_suffix("").as_posix(): "A part that comes with voiceguide."
        for part in sorted(shipped.glob("parts/*.md"))
    }
    beside = [*path.parent.glob("*.md"), *path.parent.glob("*/*.md")]
    for own in sorted(beside)[:200]:
        if own != path:
            found[own.relative_to(path.parent).with_suffix("").as_posix()] = "Beside this script."
    return found


def _tools(text: str) -> tuple[str, ...]:
    """The tools that the front matter of a text lists."""
    match = re.search(r"(?m)^tools: *\[?([^\]\n]*)\]?", text)
    return tuple(t.strip() for t in match[1].split(",") if t.strip()) if match else ()


def _front(before: str, environment: LibraryEnvironment) -> Iterable[Completion]:
    if re.fullmatch(r"[a-z-]*", before):
        for key, detail in KEYS.items():
            yield Completion("key", key, f"{key}: ", detail, 1)
        return
    if (match := _LISTED.match(before)) is None:
        return
    known: dict[str, dict[str, str]] = {
        "muscles": dict(environment.muscles),
        "tools": dict.fromkeys(environment.tools, ""),
        "cautions": dict.fromkeys(environment.cautions, ""),
        "kind": dict.fromkeys(KINDS, ""),
        "level": dict.fromkeys(LEVELS, ""),
        "language": dict.fromkeys(languages(), ""),
        "background": {s.name: s.nature for s in environment.sounds.values() if s.kind == "bed"},
    }
    yield from _all("value", known.get(match["key"], {}), match)
