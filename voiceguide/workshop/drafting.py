"""A script to begin with: a commented one, or a draft from pasted notes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from voiceguide.errors import ScriptError, UsageError
from voiceguide.library.environment import LibraryEnvironment
from voiceguide.script.durations import WRITTEN
from voiceguide.script.items import CUES, MOMENTS
from voiceguide.script.meant import as_cue, is_bullet, read_line
from voiceguide.script.source import Source
from voiceguide.workshop.fixes import problems
from voiceguide.workshop.formatting import formatted

MARK = "HERE:"
"""Begins each comment of a draft that asks for the author's word."""
_TITLE = 60
"""Characters of a line that may be a heading."""
_NUMBER = re.compile(r"^[0-9]{1,2}[.)]\s+")
_LEAD = re.compile(r"^[\s#]+")
_WORDS_OF_TIME = re.compile(
    r"\b(?:an?|one|two|three|five|ten|fifteen|twenty|thirty|forty|sixty|half an?|a few|several)[ -]"
    r"(?:seconds?|minutes?|breaths?)\b",
    re.IGNORECASE,
)
_HOW = "a time is a cue, such as - hold 30s; a repeat stands at the heading, as in (3 times)"
_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a new script is to be.

    Attributes:
        title: its name.
        muscle: the id of the muscle that is worked, or None.
        tool: what with, or None.
        sides: whether it is done on both sides.
    """

    title: str
    muscle: str | None = None
    tool: str | None = None
    sides: bool = True


def file_name(title: str) -> str:
    """A file's name for a title.

    >>> file_name("My neck, evening")
    'my-neck-evening.md'
    """
    return ("-".join(re.findall(r"[\w]+", title.lower())) or "session") + ".md"


def new(wishes: Wishes) -> str:
    """A commented script that checks clean: both sides, a hold, counted circles, a way out."""
    head = f"{_front(wishes)}# {_plain(wishes.title)}"
    side = "{side} " if wishes.sides else ""
    if wishes.tool == "hands" or wishes.tool is None:
        find = (
            f"Rest your {side}hand on the muscle" if wishes.sides else "Rest a hand on the muscle"
        )
        hold = "Press gently into it, and stay there."
    else:
        find = (
            f"Put the {{tool}} against your {side}side"
            if wishes.sides
            else "Put the {tool} in place"
        )
        hold = "Let a little of your weight onto the {tool}, and stay there."
    step = "## The tender spot (each side, 5s between)" if wishes.sides else "## The tender spot"
    both = (
        "(each side) runs all below this heading twice, and {side} is said as left or right."
        if wishes.sides
        else "To do a step on both sides, write (each side) behind its heading."
    )
    return f"""{head}

<!-- A paragraph is spoken, a heading names a chapter, and a line with a hyphen is a cue. Comments like
this one are yours alone. Change what you like, and save: voiceguide check tells what is wrong. -->

Lie down, and get comfortable. [4s] Breathe out slowly.

<!-- [4s] is silence. The next line brings in a text that ships: when not to start. -->

- include parts/safety
- chime start

{step}

<!-- {both} -->

{find}. [3s] Move it slowly until you find the tender spot. [5s] {hold}

<!-- A hold of 30 s; when a session has to be shorter or longer, of 20 s to 60 s. -->

- hold 30s (20s-60s)
  - halfway: Let your jaw soften.
  - end: chime interval

Now make small circles on the spot, and count with me.

<!-- The number is said at the start of each circle. -->

- count 6 circles, 3s each

Let go, and rest.

- rest 10s (5s-20s)
  - end: chime interval

## Finish

Take a slow breath, and move when you are ready.

- pause 5s
- chime end
"""


def _front(wishes: Wishes) -> str:
    """The lines above the title, and an empty one."""
    front = [f"muscles: [{wishes.muscle}]"] if wishes.muscle else []
    front += [f"tools: [{wishes.tool}]"] if wishes.tool else []
    return "\n".join(["---", *front, "kind: release", "---", "", ""])


def _plain(text: str) -> str:
    """Words as they can stand in a heading."""
    shown = "".join(c for c in " ".join(text.split()) if c.isprintable())
    return re.sub(r"([\\\[\]{}()*_`<&])", r"\\\1", shown)


def from_notes(text: str, path: Path, wishes: Wishes | None = None) -> str:
    """A draft from pasted text: headings, spoken paragraphs, cues where a line can only be one.

    Wherever a duration stands in prose, and wherever something has to be decided, a comment that
    begins with `MARK` says so.

    Args:
        path: where the draft will be.
        wishes: what it is to be; without a title, the first line that can be one, or the file's name.

    Raises:
        UsageError: there are no words in it.
        ScriptError: the text holds what no script can hold.
    """
    source = Source(str(path), text, path.parent, str(path), strict=False)
    blocks: list[str] = []
    for paragraph in re.split(r"\n[ \t]*\n", source.text):
        blocks += _blocks([line.strip() for line in paragraph.split("\n") if line.strip()])
    wishes = wishes or Wishes("")
    title = _plain(wishes.title)
    if not title and blocks and blocks[0].startswith("## "):
        title = blocks.pop(0)[3:]
    elif not title:
        title = _plain(path.stem.replace("-", " ").capitalize()) or "Session"
    if not blocks:
        raise UsageError("the notes hold no words to be said")
    front = _front(wishes) if wishes.muscle or wishes.tool else ""
    draft = "\n\n".join((f"{front}# {title}", *blocks)) + "\n"
    return _marked(_readable(draft, path), path)


def _blocks(lines: list[str]) -> list[str]:
    """The blocks that some lines of notes become."""
    found: list[str] = []
    spoken: list[str] = []

    def close() -> None:
        if spoken:
            found.append(_timed(_stopped(" ".join(spoken))))
        spoken.clear()

    for line in lines:
        bullet = is_bullet(line[0]) or line[:1] in "-*+" or _NUMBER.match(line) is not None
        words = _LEAD.sub("", _without_mark(line))
        if not words:
            continue
        cue = as_cue(words.rstrip("."))
        if cue is not None and cue.split(" ")[0].rstrip(":") in CUES:
            close()
            found.append(f"- {cue}")
            continue
        meant = read_line(words, alone=True)
        if meant is not None and meant.kind == "direction":
            close()
            found.append(meant.cue or f"<!-- {MARK} {_comment(words)}: {_HOW} -->")
            continue
        if meant is not None and meant.kind == "property":
            close()
            found.append(f"<!-- {_comment(words)} -->")
            continue
        if line.startswith("#") or words.endswith(":") or _is_heading(words, len(lines), bullet):
            close()
            found.append(f"## {_plain(words.rstrip(' :#')) or 'Step'}")
            continue
        if bullet:
            close()
        if spoken and words[0].isupper():
            spoken[-1] = _stopped(spoken[-1])
        spoken.append(words)
    close()
    return found


def _without_mark(line: str) -> str:
    """A line without the sign or number that marks it as an item of a list."""
    at = 0
    while at < len(line) and (is_bullet(line[at]) or line[at] == "-"):
        at += 1
    return _NUMBER.sub("", line[at:].lstrip(), count=1)


def _stopped(words: str) -> str:
    """Words that end like a sentence."""
    return f"{words}." if words[-1].isalnum() or words[-1] in ")\"'\u201d\u2019" else words


def _is_heading(words: str, lines: int, bullet: bool) -> bool:
    """Whether a line of its own is the name of a part."""
    alone = lines == 1 and not bullet and len(words) <= _TITLE
    timed = WRITTEN.search(words) or words.split(" ")[0].lower() in (*CUES, *MOMENTS)
    return alone and words[-1] not in ".!?\u2026;," and not re.search("[.:] ", words) and not timed


def _comment(words: str) -> str:
    return words.replace("--", "\u2013")


def _timed(paragraph: str) -> str:
    """A paragraph, and below it a mark for each duration in it."""
    found = [m[0].strip() for p in (WRITTEN, _WORDS_OF_TIME) for m in p.finditer(paragraph)]
    if not found:
        return paragraph
    named = ", ".join(dict.fromkeys(found))
    return f"{paragraph}\n\n<!-- {MARK} {named}: a cue keeps time, such as - hold 30s -->"


def _readable(draft: str, path: Path) -> str:
    """A draft with its mistakes fixed, or, where that can't be done, as comments."""
    environment = LibraryEnvironment()
    top = draft[: draft.index("# ")].count("\n") + 1
    for _ in range(_ROUNDS):
        made = formatted(draft, path, environment)
        wrong = {
            p.location.line for p in made.left if p.severity == "error" and not p.included_from
        }
        if not wrong:
            return made.text
        if wrong == {top}:  # nothing in it is heard
            draft = f"{made.text}\n<!-- {MARK} what is to be said? -->\n\nBreathe out slowly.\n"
            continue
        lines = made.text.split("\n")
        for number in wrong - {top}:
            line = lines[number - 1]
            lines[number - 1] = f"\n<!-- {MARK} {_comment(line.strip(' <>!-'))} -->\n"
        draft = "\n".join(lines)
    raise ScriptError(problems(draft, path, environment))


def _marked(draft: str, path: Path) -> str:
    """A draft with a mark below each sentence whose time nothing keeps."""
    lines = draft.split("\n")
    for problem in reversed(problems(draft, path)):
        number = problem.location.line
        if problem.code == "time-not-kept" and not any(
            MARK in each for each in lines[number : number + 3]
        ):
            said = problem.hint or "write how long"
            lines.insert(number, f"\n<!-- {MARK} {_comment(said)} -->")
    return "\n".join(lines)
