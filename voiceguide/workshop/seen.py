"""What becomes of a text while it is written: values for whoever shows them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from voiceguide.errors import Problem
from voiceguide.library.environment import LibraryEnvironment
from voiceguide.workshop import fixes
from voiceguide.workshop.completing import complete
from voiceguide.workshop.times import sketched

if TYPE_CHECKING:
    from voiceguide.session import Draft


def problems(text: str, path: Path) -> list[dict[str, Any]]:
    """All that is wrong with a text: each as `Problem.as_dict` has it, and whether its fix is safe.

    What is wrong with a file that it includes stands at the line that includes it.
    """
    found = fixes.problems(text, path)
    safe = {id(edit) for edit in fixes.safe_edits(found)}
    return [_told(problem, safe=id(problem.fix) in safe) for problem in found]


def _told(problem: Problem, *, safe: bool) -> dict[str, Any]:
    where = problem.included_from[0] if problem.included_from else problem.location
    told = problem.as_dict() | {"line": where.line, "column": where.column, "safe": safe}
    if problem.included_from:
        told |= {"length": 1, "fix": None}
    return told


def picture(
    text: str, path: Path, *, dark: bool, sides: bool = False
) -> tuple[dict[str, Any], Draft | None]:
    """The session of a text, drawn before it is spoken, and planned; nothing while it does not compile.

    Returns:
        `svg`; `length` and `reach` in seconds; `spoken`, the sentences that are said otherwise than
        they are written, with their lines; and the draft.
    """
    from voiceguide.pictures import lanes
    from voiceguide.session import Draft, Request
    from voiceguide.session.checking import said_otherwise
    from voiceguide.session.loading import Loaded

    environment = LibraryEnvironment()
    made = sketched(text, path, environment)
    if made is None:
        return {}, None
    timeline = made.timeline
    said = said_otherwise(made.plan)
    told = {
        "svg": lanes.svg(
            timeline,
            made.script.title,
            theme="dark" if dark else "light",
            sides=sides,
            source=str(path),
        ),
        "length": round(timeline.frames / timeline.format.rate, 2),
        "reach": [round(made.reach.shortest, 2), round(made.reach.longest, 2)],
        "spoken": [{"line": each.line, "text": each.text, "said": each.said} for each in said],
    }
    loaded = Loaded(made.script, None, (), environment)
    return told, Draft(Request(str(path)), loaded, made.plan)


def completions(text: str, path: Path, line: int, column: int) -> list[dict[str, Any]]:
    """What can be written at a place, both numbers from 1."""
    found = complete(text, line, column, path)
    return [
        {"kind": each.kind, "label": each.label, "text": each.text, "detail": each.detail, "column": each.column}
        for each in found
    ]  # fmt: skip
