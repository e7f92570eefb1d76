"""Every code is explained, and its example shows it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from case_printing import cases, printed
from world import arranged

from voiceguide.errors import NotFoundError, Problem, ScriptError
from voiceguide.library.environment import LibraryEnvironment
from voiceguide.script import Source, parse
from voiceguide.script.codes import Explanation, explain, explanations, whole
from voiceguide.script.reference import reference
from voiceguide.session import check
from voiceguide.speech.normalise import unsayable

ENVIRONMENT = LibraryEnvironment()
PACKAGE = Path(__file__).parent.parent / "voiceguide"
SHOWN = [each for each in explanations().values() if each.wrong]
_REPORTERS = ("add", "_add", "Wrong", "Problem", "problem", "refuse", "fail", "_report", "_warn")
_CODE = (
    r"[a-z0-9]+(-[a-z0-9]+)+|html|code|link|image|include|leftover|sound|bracket|table|yaml|"
    r"underlined|unsayable|untitled"
)


def _codes(kind: type[ast.Call] | type[ast.Tuple]) -> set[str]:
    """Every code that the package can report about a script, from the calls or tables of its source."""
    found = set()
    for part in ("script", "plan", "timeline", "session"):
        for path in (PACKAGE / part).glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                parts: list[ast.expr] = []
                if isinstance(node, kind) and isinstance(node, ast.Call):
                    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                    parts = node.args[:3] if name in _REPORTERS else []
                elif isinstance(node, kind) and isinstance(node, ast.Tuple):
                    parts = node.elts[:3]
                texts = (each for part in parts for each in ast.walk(part))
                found |= {
                    each.value
                    for each in texts
                    if isinstance(each, ast.Constant)
                    and isinstance(each.value, str)
                    and re.fullmatch(_CODE, each.value)
                }
    return found


def test_every_code_is_explained_and_no_other() -> None:
    """Each that the parser, the plan, the timeline or a check can report."""
    assert _codes(ast.Call) <= set(explanations()) <= _codes(ast.Call) | _codes(ast.Tuple)
    told = "".join(printed(path) for kind in ("good", "bad") for path in cases(kind))
    assert set(re.findall(r"(?:error|warning)\[([a-z0-9-]+)\]", told)) <= set(explanations())


def _told(example: str) -> set[tuple[str, str]]:
    """Severity and code of all that is told of an example, by the parser or by who arranges it."""
    found: tuple[Problem, ...]
    untitled = explanations()["untitled"].wrong
    text = example if example == untitled else whole(example)
    try:
        script, warnings = parse(Source("x.md", text), ENVIRONMENT)
        found = (*warnings, *arranged(script).warnings)
    except ScriptError as error:
        found = error.problems
    return {(problem.severity, problem.code) for problem in found}


@pytest.mark.parametrize("entry", SHOWN, ids=[each.code for each in SHOWN])
def test_an_example_shows_its_code(entry: Explanation, tmp_path: Path) -> None:
    """The wrong one gives it, and the right one gives neither it nor any error."""
    if entry.code == "unsayable":  # told where sentences become words
        assert unsayable(entry.wrong) and not unsayable(entry.right)
        return
    if entry.code == "loudness-out-of-reach":  # told where it is known how loud the clips are
        for example, codes in ((entry.wrong, [entry.code]), (entry.right, [])):
            path = tmp_path / "x.md"
            path.write_text(whole(example))
            found = check(str(path), voice="silent").problems
            assert [p.code for p in found if p.code == entry.code] == codes
        return
    assert entry.code in {code for _, code in _told(entry.wrong)}
    after = _told(entry.right)
    assert entry.code not in {code for _, code in after}
    assert "error" not in {severity for severity, _ in after}


def test_a_code_that_there_is_not() -> None:
    """A near one is offered."""
    with pytest.raises(NotFoundError, match='did you mean "unknown-cue"'):
        explain("unknown-cues")


def test_the_page_of_the_language_is_made_from_the_tables() -> None:
    """Every form and every code is on it, and nothing of an older table."""
    page = PACKAGE.parent / "docs" / "script.md"
    assert page.read_text(encoding="utf-8") == reference()
    assert all(f"`{code}`" in reference() for code in explanations())
