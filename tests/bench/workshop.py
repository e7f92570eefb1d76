"""The author's workshop: problems at a keystroke, sound after a save, all scripts in one form."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tests.bench.measure import ROOT, Row, voiceguide
from tests.bench.server import Phone, server

if TYPE_CHECKING:
    from tests.bench.cases import Setup

_LONGEST = "full-routine"
_WORD = "sorest"
"""One that stands in a sentence of it."""
_WORDS = ["small", "large", "old", "new", "round", "flat", "warm", "cold", "near", "far", "deep"]
_KEYS = 100
_SAVES = 5
_REACHING = 3.0
"""Seconds between the last letter and the save."""


def workshop(setup: Setup) -> Iterator[Row]:
    """What an author waits for."""
    with server(setup) as (phone, _):
        script = "api/v1/scripts/longest"
        phone.read("POST", "api/v1/scripts", {"name": "longest", "like": _LONGEST})
        text = (ROOT / "scripts" / "routines" / f"{_LONGEST}.md").read_text("utf-8")
        for key in range(_KEYS // 2):  # the server is still reading the library
            _call(phone, f"{script}/problems", text, -key)
        for what, target in (("problems", "50 ms"), ("picture", "350 ms")):
            took = sorted(_call(phone, f"{script}/{what}", text, key) for key in range(_KEYS))
            late = took[round(0.95 * _KEYS)]
            limit = int(target.removesuffix(" ms")) / 1000
            yield Row(
                f"{what} of the longest track at a keystroke, 95th percentile", target,
                round(late / limit, 2), target="<= 1",
                figures={"median": round(took[_KEYS // 2], 4), "95th": round(late, 4)},
            )  # fmt: skip
        _heard(phone, script, text, 0)  # what is not changed is spoken, and the voice in memory
        took = sorted(_heard(phone, script, text, number) for number in range(1, _SAVES + 1))
        yield Row(
            "sound from a changed sentence after a save", "1 s", round(took[_SAVES // 2], 2),
            target="<= 1", figures={"seconds": [round(each, 2) for each in took]},
        )  # fmt: skip
    paths = sorted((ROOT / "scripts").glob("*/*.md"))
    cost = min(
        (voiceguide("fmt", "--check", *paths) for _ in range(setup.rounds)), key=lambda c: c.wall
    )
    yield Row(
        f"fmt of {len(paths)} scripts", "1 s", round(cost.wall, 2), target="<= 1",
        figures={"cpu": round(cost.cpu, 2)},
    )  # fmt: skip


def _changed(text: str, number: int) -> str:
    return text.replace(_WORD, f"{_WORD}{' and' * (number % 3)} {_WORDS[number % 11]}", 1)


def _call(phone: Phone, path: str, text: str, key: int) -> float:
    began = time.perf_counter()
    phone.read("POST", path, {"text": _changed(text, key)})
    return time.perf_counter() - began


def _heard(phone: Phone, script: str, text: str, number: int) -> float:
    """Seconds from a save to the first sound from the sentence that was changed.

    It is spoken while the author reaches for the key.
    """
    import json

    base = json.loads(phone.read("GET", script))["version"]
    changed = _changed(text, number)
    line = 1 + changed[: changed.index(_WORD)].count("\n")
    phone.read("POST", f"{script}/picture", {"text": changed})
    time.sleep(_REACHING)
    began = time.perf_counter()
    phone.read("PUT", script, {"text": changed, "base": base})
    session = phone.whole(f"{script}/session", {})
    asked = f"api/v1/sessions/{session['id']}/line?line={line}"
    at = json.loads(phone.read("GET", asked))["at"]
    first = round(session["bytes"] * at / session["seconds"])
    answer, connection = phone.ask("GET", session["audio"], Range=f"bytes={first}-")
    with contextlib.closing(connection):
        answer.read(1 << 14)
    return time.perf_counter() - began
