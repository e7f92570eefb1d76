"""Every form of the table means what its canonical form means; hints are right when obeyed."""

from __future__ import annotations

import dataclasses
import random
import re
from pathlib import Path
from typing import Any

import pytest
from case_printing import cases
from world import World, source

from voiceguide.errors import Location, Problem, ScriptError
from voiceguide.library.environment import LibraryEnvironment
from voiceguide.script import Source, parse
from voiceguide.script.forms import FORMS, Form, canonical_text
from voiceguide.script.inline import Inline
from voiceguide.script.model import Script
from voiceguide.script.parse import obeyed

ENVIRONMENT = LibraryEnvironment()
EXAMPLES = [(form, written, canonical) for form in FORMS for written, canonical in form.examples]


def meaning(node: Any) -> Any:
    """A script as values, without its places."""
    if dataclasses.is_dataclass(node):
        fields = [f.name for f in dataclasses.fields(node) if f.compare]
        values = [getattr(node, name) for name in fields]
        return (
            type(node).__name__,
            *(meaning(value) for value in values if not isinstance(value, Location)),
        )
    if isinstance(node, tuple):
        return tuple(map(meaning, node))
    return node


def _script(form: Form, text: str) -> Script:
    """A script that holds a form."""
    where = form.where
    bodies = {
        "box": "- {}",
        "cue": "- {}",
        "time": "- hold {}",
        "times": "- breathe box, {}",
        "moment": "- hold 30s\n  - {}",
        "modifier": "## {}" if "(" in text else "## A ({})",
        "silence": "Hold [2s] still {} now.",
    }
    front = f"---\n{text}\n---\n" if where == "front" else ""
    title = "" if form.by == "parse" or text.startswith("# ") else "# X\n\n"
    body = "" if where == "front" else bodies.get(where, "{}").format(text)
    return parse(Source("x.md", f"{front}{title}{body}\n\nThe end.\n"), ENVIRONMENT)[0]


@pytest.mark.parametrize(("form", "written", "canonical"), EXAMPLES)
def test_a_form_means_what_its_canonical_form_means(
    form: Form, written: str, canonical: str
) -> None:
    """And where it is rewritten, exactly so; what is canonical is left as it is."""
    assert meaning(_script(form, written).root) == meaning(_script(form, canonical).root)
    assert meaning(_script(form, written).front) == meaning(_script(form, canonical).front)
    if form.pattern is not None:
        assert canonical_text(written, form.where) == canonical
        assert canonical_text(canonical, form.where) == canonical


def test_a_rewritten_text_keeps_its_places() -> None:
    """Each character stands where one of the file stood, so that mistakes are marked there."""
    inline = Inline("hold  for 40 seconds", frozenset(), None, (0,), ((7, 3),))
    shorter = inline.rewritten(re.compile(" for "), lambda _: "")
    assert shorter.text == "hold 40 seconds"
    assert [shorter.place(k)[1] for k in (0, 5, 14)] == [3, 13, 22]


def problems_of(text: str, environment: Any, folder: Path | None) -> tuple[Problem, ...]:
    """All that is told about a script."""
    try:
        return parse(Source("x.md", text, folder, "x"), environment)[1]
    except ScriptError as error:
        return error.problems


def told_anew(text: str, problem: Problem, environment: Any, folder: Path | None) -> list[Problem]:
    """The errors at a problem's place once its hint is obeyed that were not there before."""
    assert problem.fix is not None
    before = problems_of(text, environment, folder)
    after = problems_of(obeyed(text, problem.fix), environment, folder)
    edit = problem.fix
    lines = range(edit.line, edit.line + edit.text.count("\n") + 1)
    known = {(p.code, p.message) for p in before if p is not problem} - {
        (problem.code, problem.message)
    }
    known |= {
        (p.code, p.message)
        for p in before
        if p != problem and (p.code, p.message) == (problem.code, problem.message)
    }
    return [
        p
        for p in after
        if p.severity == "error"
        and not p.included_from
        and p.location.line in lines
        and (p.code, p.message) not in known
    ]


def _says_what_it_does(problem: Problem) -> None:
    """The hint names what the change writes, so that whoever obeys the words does the same."""
    assert problem.hint is not None and problem.fix is not None
    text = problem.fix.text.strip().replace("\t", " ")
    if re.match(r"write|did you mean", problem.hint) and "\n" not in text:
        assert text in problem.hint, problem


def check_hints(text: str, environment: Any, folder: Path | None = None) -> int:
    """Obey each hint of a script by itself; how many there were."""
    count = 0
    for problem in problems_of(text, environment, folder):
        if problem.included_from:
            continue
        if re.match(r"did you mean|leave it out", problem.hint or ""):
            assert problem.fix is not None, problem
        if problem.fix is not None:
            count += 1
            _says_what_it_does(problem)
            assert not told_anew(text, problem, environment, folder), (
                problem,
                obeyed(text, problem.fix),
            )
    return count


@pytest.mark.parametrize("path", cases("bad"), ids=[path.stem for path in cases("bad")])
def test_hints_of_the_bad_cases_are_right_when_obeyed(path: Path) -> None:
    """None gives another error at its place."""
    if len(path.read_bytes()) < 20_000:
        try:
            text = source(path).text
        except ScriptError:
            return  # it is no text at all
        check_hints("\n".join(source(path).raw_lines) if text else text, World(), path.parent)


LINES = """
- hold 30s
- hold 30-60s
- roll 45s (30s-60s)
- pause 5s
- breathe in 4s, hold 2s, out 6s, 5 times
- breathe box, 4 times
- breathe 4-7-8 for 60s
- chime bowl, 3 times
- play waves.flac at -6 dB
- background rain at -30 dB
- hold 30s\n  - at 10s: Ease off.\n  - halfway: chime bowl\n  - 10s left: Ten more.\n  - last 5s: countdown
- hold 40s\n  - every 15s: chime\n  - start: Begin.\n  - end: chime
## A step (each side, 10s between)
## Another (2-4 times, optional)
## With a tool (with tennis ball)
Rest [2s] on the {tool}, and breathe. [1s] Let go.
Put *weight* on your **{tool}**, slowly.
> A note for the reader.
""".strip().split("\n")
SLIPS = (
    "s",
    " ",
    ",",
    ":",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "-",
    ".",
    "x",
    "#",
    "*",
    "`",
    "3",
    "m",
    "\t",
)


def _slip(line: str, chance: random.Random) -> str:
    """A line with one or two slips of the keyboard, of the tongue, or of another program."""
    for _ in range(chance.randint(1, 2)):
        at = chance.randrange(len(line))
        kind = chance.randrange(8)
        if kind == 0:
            line = line[:at] + line[at + 1 :]
        elif kind == 1:
            line = line[:at] + chance.choice(SLIPS) + line[at:]
        elif kind == 2:
            line = line[:at] + line[at + 1 : at + 2] + line[at : at + 1] + line[at + 2 :]
        elif kind == 3:
            line = re.sub(
                r"(?<=\d)s\b", chance.choice(["", " sec", " h", " Min.", "\u2033"]), line, count=1
            )
        elif kind == 4:
            line = line.replace("- ", chance.choice(["\u2022 ", "\u2013 ", "-", "* ", "1. "]), 1)
        elif kind == 5:
            words = line.split(" ")
            chance.shuffle(words)
            line = " ".join(words)
        elif kind == 6:
            line = line.replace(",", chance.choice([" and", ";", "", ",,"]), 1)
        else:
            line = line.title() if chance.random() < 0.5 else line.upper()
        line = line or "-"
    return line


def test_hints_of_generated_mistakes_are_right_when_obeyed() -> None:
    """500 scripts with mistakes, the same in every run."""
    chance = random.Random(11)
    obeyed_hints = scripts = 0
    while scripts < 500:
        lines = [chance.choice(LINES) for _ in range(3)]
        at = chance.randrange(3)
        lines[at] = _slip(lines[at], chance)
        text = "---\ntools: [tennis ball]\n---\n\n# Title\n\nHello.\n\n" + "\n\n".join(lines) + "\n"
        if any(p.severity == "error" for p in problems_of(text, World(), None)):
            scripts += 1
            obeyed_hints += check_hints(text, World())
    assert obeyed_hints > 200


def test_a_text_that_is_read_again_says_the_same() -> None:
    """What Markdown made of a text is remembered, and must not change by being read."""
    text = "# T\n\n1. Roll.\n2. Rest.\n\n2024. A year.\n"
    first, second = (parse(Source("x.md", text), World())[0] for _ in range(2))
    assert first == second
