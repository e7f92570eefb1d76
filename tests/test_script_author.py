"""Scripts as people write them: what each is read as, what is told, and what a voice says."""

from __future__ import annotations

from pathlib import Path

import pytest
from case_printing import cases, outlined
from world import World, source

from voiceguide.errors import Problem, ScriptError
from voiceguide.script import Source, parse
from voiceguide.script.parse import obeyed

WRITTEN = [*cases("author"), *cases("pasted")]


@pytest.mark.parametrize("path", WRITTEN, ids=[path.stem for path in WRITTEN])
def test_written_by_people(path: Path) -> None:
    """Exactly what stands beside it."""
    assert outlined(path) == path.with_suffix(".txt").read_text(encoding="utf-8")


def _told(text: str, path: Path) -> tuple[Problem, ...]:
    try:
        return parse(Source(path.name, text, path.parent, str(path)), World())[1]
    except ScriptError as error:
        return error.problems


@pytest.mark.parametrize("path", cases("pasted"), ids=[path.stem for path in cases("pasted")])
def test_pasted_scripts_are_clean_after_one_round(path: Path) -> None:
    """Each hint obeyed once, from the end of the file to its start, leaves no error."""
    text = "\n".join(source(path).raw_lines)
    told = sorted(_told(text, path), key=lambda p: (p.location.line, p.location.column))
    for problem in reversed(told):
        if problem.fix is not None:
            text = obeyed(text, problem.fix)
    assert [p for p in _told(text, path) if p.severity == "error"] == []
