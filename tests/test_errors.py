"""Errors: their tree, their exit codes, and findings as values."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import click
import pytest

from voiceguide import errors
from voiceguide.cli.export import command
from voiceguide.cli.messages import with_way_out
from voiceguide.errors import Location, Problem, ScriptError, did_you_mean

WHERE = Location("a.md", 3, 5)


def test_the_tree_and_its_exit_codes() -> None:
    """Wrong usage exits with 2, all else with 1; everything is a `VoiceguideError`."""
    codes = {
        errors.UsageError: 2,
        errors.NotFoundError: 2,
        errors.MissingError: 2,
        ScriptError: 1,
        errors.ExistsError: 2,
        errors.LengthError: 1,
        errors.SpeechError: 1,
        errors.SoundError: 1,
        errors.SinkError: 1,
    }
    for kind, code in codes.items():
        assert issubclass(kind, errors.VoiceguideError)
        assert kind.exit_code == code


def test_a_script_error_names_its_first_error() -> None:
    """Warnings do not hide it, and the others are counted."""
    warning = Problem("w", "careful", WHERE, severity="warning")
    first, second = Problem("a", "wrong", WHERE), Problem("b", "also wrong", WHERE)
    error = ScriptError([warning, first, second])
    assert str(error) == "a.md:3:5: wrong (and 1 more)"
    assert error.problems == (warning, first, second)
    assert str(ScriptError([warning])) == "a.md:3:5: careful"


def test_a_problem_as_json() -> None:
    """File, line and column stand at the top level; all is plain data."""
    fix = errors.Edit(3, 3, 4, "pause")
    problem = Problem("a", "wrong", WHERE, "- paus", 4, "pause", "as in", "error", (WHERE,), fix)
    data = json.loads(json.dumps(problem.as_dict()))
    assert data == {
        "code": "a",
        "severity": "error",
        "file": "a.md",
        "line": 3,
        "column": 5,
        "message": "wrong",
        "source_line": "- paus",
        "length": 4,
        "expected": "pause",
        "hint": "as in",
        "included_from": ["a.md:3:5"],
        "fix": {"line": 3, "column": 3, "length": 4, "text": "pause"},
    }


def test_a_length_error_carries_what_can_be_reached() -> None:
    """So that a caller may offer it."""
    assert errors.LengthError("too short", (60.0, 90.0)).reachable == (60.0, 90.0)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("piriformus", 'did you mean "piriformis"?'),
        ("PIRIFORMIS", 'did you mean "piriformis"?'),
        ("knitting", None),
        ("", None),
        ("p" * 100_000, None),
    ],
)
def test_the_word_that_was_probably_meant(word: str, expected: str | None) -> None:
    """Only where one is near; a long word costs nothing."""
    assert did_you_mean(word, ["piriformis", "calves"]) == expected


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (errors.UsageError("no"), "no"),
        (errors.ExistsError("a.mp3 is there"), "a.mp3 is there; --force replaces it"),
        (
            errors.UsageError("two first sides", settings=("sore", "start")),
            "two first sides (--sore, --start)",
        ),
    ],
)
def test_the_command_line_adds_its_own_way_out(error: errors.VoiceguideError, told: str) -> None:
    """Below it, nobody knows of options; it names those of the command from the settings."""
    assert with_way_out(error) == str(error)
    with click.Context(command):
        assert with_way_out(error) == told
    assert "--" not in str(error)


def test_only_front_ends_speak_of_options() -> None:
    """No text below them has the name of one, but in a whole command that brings what is missing.

    Docstrings may tell an engineer where a value goes.
    """
    package = Path(errors.__file__).parent
    doors = {package / "cli", package / "web", package / "publish"}
    found = []
    for path in package.rglob("*.py"):
        if doors & set(path.parents):
            continue
        tree = ast.parse(path.read_text("utf-8"))
        documented = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        texts = (
            n for n in ast.walk(tree) if isinstance(n, ast.Constant) and id(n) not in documented
        )
        found += [
            f"{path.relative_to(package)}:{text.lineno}: {text.value}"
            for text in texts
            if isinstance(text.value, str)
            and re.search(r"(^|\s)--[a-z]", text.value)
            and not text.value.startswith("voiceguide ")
        ]
    assert found == []
