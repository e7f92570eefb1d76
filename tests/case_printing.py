"""What a golden case must print.

A good case is a script with, in a comment, one line for each session that is made of it::

    <!-- session: side=left length=120 -->

A bad case is a script with mistakes. Files in `parts` are included by others.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from world import World, arranged, plan_of, print_problem, print_timeline, reach_of, source

from voiceguide.errors import LengthError, ScriptError
from voiceguide.plan import Options
from voiceguide.script import parse

CASES = Path(__file__).parent / "cases"
_SESSION = re.compile(r"^(?:<!-- )?session:(.*?)(?:-->)?$", re.MULTILINE)


def cases(kind: str) -> list[Path]:
    """The scripts of a kind, `good` or `bad`, in order."""
    return sorted((CASES / kind).glob("*.md"))


@cache
def printed(path: Path) -> str:
    """What a case prints: its problems, or each of its sessions."""
    try:
        text = source(path)
        script, warnings = parse(text, World())
        blocks = ["".join(print_problem(p) for p in warnings)]
        for asked in _SESSION.findall(text.text) or [""]:
            options, length = _options(asked)
            found = arranged(script, options, length)
            reach = reach_of(script, options)
            blocks.append(
                f"=={asked.rstrip()}\n"
                f"title {plan_of(script, options).title}\n"
                f"from {reach.shortest:.3f} usually {reach.usual:.3f} to {reach.longest:.3f}\n"
                + "".join(print_problem(p) for p in found.warnings)
                + print_timeline(found.timeline)
            )
    except ScriptError as error:
        return "\n".join(print_problem(p) for p in error.problems)
    except LengthError as error:
        return f"{error}\n{error.reachable}\n"
    return "\n".join(block for block in blocks if block)


def _options(text: str) -> tuple[Options, float | None]:
    values: dict[str, Any] = dict(pair.split("=") for pair in text.split())
    length = values.pop("length", None)
    if "tool" in values:
        values["tool"] = values["tool"].replace("_", " ")
    return Options(**values), None if length is None else float(length)
