"""Every code of an error or a warning, explained: one table for messages, pages and tests."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from voiceguide.errors import NotFoundError, did_you_mean


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a code stands for.

    Attributes:
        title: in a few words.
        text: why it is told, and what is right, in a few sentences.
        wrong, right: a script that gives the code, and one that does not; empty where a small one
            cannot show it.
    """

    code: str
    title: str
    text: str
    wrong: str = ""
    right: str = ""


@cache
def explanations() -> dict[str, Explanation]:
    """All of them, by code."""
    text = files("voiceguide.script").joinpath("codes.toml").read_text(encoding="utf-8")
    return {code: Explanation(code, **entry) for code, entry in tomllib.loads(text).items()}


def explain(code: str) -> Explanation:
    """What a code stands for.

    Raises:
        NotFoundError: there is no such code.
    """
    known = explanations()
    if code not in known:
        hint = did_you_mean(code, known)
        raise NotFoundError(f'there is no code "{code[:40]}"' + (f": {hint}" if hint else ""))
    return known[code]


def whole(script: str) -> str:
    """An example as a file of its own, with a title and something to hear."""
    titled = script.startswith("# ") or (script.startswith("---") and "\n# " in script)
    return f"{script}\n" if titled else f"# T\n\n{script}\n\nHi.\n"
