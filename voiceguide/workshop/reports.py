"""Problems in the forms that other programs read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from voiceguide._version import __version__
from voiceguide.errors import Edit, Location, Problem
from voiceguide.script.codes import explanations

_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(problems: Iterable[Problem]) -> dict[str, Any]:
    """Problems as SARIF 2.1.0, which code hosts and editors show beside the lines."""
    found = list(problems)
    codes = sorted({problem.code for problem in found})
    known = explanations()
    rules = []
    for code in codes:
        rule: dict[str, Any] = {"id": code}
        if code in known:
            rule["shortDescription"] = {"text": known[code].title}
            rule["fullDescription"] = {"text": known[code].text}
        rules.append(rule)
    driver = {"name": "voiceguide", "version": __version__, "rules": rules}
    results = [_result(problem, codes.index(problem.code)) for problem in found]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": _SARIF, "version": "2.1.0", "runs": [run]}


def _result(problem: Problem, rule: int) -> dict[str, Any]:
    where = problem.location
    hint = f": {problem.hint}" if problem.hint else ""
    result: dict[str, Any] = {
        "ruleId": problem.code,
        "ruleIndex": rule,
        "level": problem.severity,
        "message": {"text": f"{problem.message}{hint}"},
        "locations": [_place(where, problem.length)],
    }
    if problem.included_from:
        result["relatedLocations"] = [_place(at, 1) for at in problem.included_from]
    if problem.fix is not None:
        change = {"artifactLocation": _file(where.source), "replacements": [_edit(problem.fix)]}
        text = {"text": problem.hint or "fix it"}
        result["fixes"] = [{"description": text, "artifactChanges": [change]}]
    return result


def _place(where: Location, length: int) -> dict[str, Any]:
    region = {
        "startLine": where.line,
        "startColumn": where.column,
        "endColumn": where.column + length,
    }
    return {"physicalLocation": {"artifactLocation": _file(where.source), "region": region}}


def _edit(edit: Edit) -> dict[str, Any]:
    region = {
        "startLine": edit.line,
        "startColumn": edit.column,
        "endColumn": edit.column + edit.length,
    }
    return {"deletedRegion": region, "insertedContent": {"text": edit.text}}


def _file(name: str) -> dict[str, str]:
    path = PurePath(name)
    return {"uri": path.as_uri() if path.is_absolute() else quote(path.as_posix())}


def github(problem: Problem) -> str:
    """A problem as a line that GitHub's checks show beside the script's line."""
    where = problem.location
    hint = f" ({problem.hint})" if problem.hint else ""
    values = {
        "file": where.source,
        "line": where.line,
        "col": where.column,
        "endColumn": where.column + problem.length,
        "title": problem.code,
    }
    given = ",".join(f"{name}={_escaped(str(value), ':,')}" for name, value in values.items())
    return f"::{problem.severity} {given}::{_escaped(problem.message + hint)}"


def _escaped(text: str, more: str = "") -> str:
    return "".join(f"%{ord(c):02X}" if c in "%\r\n" + more else c for c in text)
