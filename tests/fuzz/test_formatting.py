"""Formatting along the grammar: scripts that compile, written as people write them.

`VOICEGUIDE_FUZZ=5000 pytest tests/fuzz/test_formatting.py` looks longer.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent.parent))

from script_strategy import scripts  # noqa: E402
from test_fuzz import spoiled  # noqa: E402
from world import World  # noqa: E402

from voiceguide.errors import ScriptError  # noqa: E402
from voiceguide.plan import Options, build  # noqa: E402
from voiceguide.script import Source, parse  # noqa: E402
from voiceguide.workshop.formatting import formatted, meaning  # noqa: E402

EXAMPLES = int(os.environ.get("VOICEGUIDE_FUZZ", "25"))
WORLD = World({"part": "# Part\n\nHi.\n\n## Step\n\n- pause 1s\n"})
PATH = Path("x.md")
SPELLINGS = (
    (r"^- hold ([0-9.]+)s$", r"* Hold for \1 seconds."),
    (r"^- hold ([0-9.]+)s$", r"- [ ] hold: \1 sec"),
    (r"^- rest ", "+ REST "),
    (r"^- ", "-   "),
    (r"^  - halfway: ", "    *  Halfway:  "),
    (r"^  - ", "     - "),
    (r"\(each side", "(Both Sides"),
    (r"([0-9]+) times\)", r"x\1)"),
    (r"\[([0-9.]+)s\]", r"[pause \1 sec]"),
    (r"(?m)^(#+) (.*)$", r"\1   \2 ##"),
    (r"(?m)$", "  "),
    (r"\n\n", "\n\n\n"),
    (r"\n\n(?=#)", "\n"),
    (r"\n\n(?=Now)", "\n\n<!-- a remark -->\n\n"),
    (r"\n\n(?=- )", "\n"),
    (r"\n", "\r\n"),
    (r"tools: \[(.*)\]", r"tools: \1"),
)


@st.composite
def written(draw: Any) -> str:
    """A script that compiles, mostly, with some of it in another form."""
    text: str = draw(scripts())
    for pattern, to in draw(st.lists(st.sampled_from(SPELLINGS), max_size=6, unique=True)):
        text = re.sub(f"(?m){pattern.removeprefix('(?m)')}", to, text)
    return text


def _plans(text: str) -> list[str]:
    """What happens with each tool and side, places left out."""
    script, _ = parse(Source("x.md", text, PATH.parent, "x.md"), WORLD)
    found = []
    for tool in script.front.tools or (None,):
        for side in ("both", "left", "right"):
            plan = build(script, Options(tool=tool, side=side), muscles=WORLD.muscles)  # type: ignore[arg-type]
            items = (plan.unfold(plan.usual), plan.unfold(plan.model), plan.utterances(fitted=True))
            found.append(re.sub(r"Location\([^)]*\)", "", repr(items)))
    return found


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(written())
def test_the_plan_is_the_same_and_the_second_time_nothing_changes(text: str) -> None:
    made = formatted(text, PATH, WORLD)
    assert formatted(made.text, PATH, WORLD).text == made.text
    assert made.text.count("<!--") == text.count("<!--")
    try:
        before = _plans(text)
    except ScriptError:
        return
    assert _plans(made.text) == before


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(spoiled())
def test_any_text_can_be_formatted(data: bytes) -> None:
    """What doesn't compile stays as wrong as it was, or becomes less so."""
    text = data.decode("utf-8", "replace")
    made = formatted(text, PATH, WORLD)
    was, now = (meaning(each, PATH, WORLD) for each in (text, made.text))
    if not was.errors:
        assert now == was
    assert formatted(made.text, PATH, WORLD).text == made.text
