"""What `check` tells: sentences said otherwise, signs that no voice knows, lengths beside mistakes."""

from __future__ import annotations

import json
from pathlib import Path

from cli_support import voiceguide

from voiceguide.session import check

SCRIPT = """\
---
tools: [tennis ball, foam roller]
say: {reps: reps}
---

# T

Stop at 6/10. Breathe out.

## A (each side)

Roll the {side} one 3x, for 8-10 reps.

- hold 30s
  - halfway: Only 15s left.

## B (with foam roller)

Go 10 cm up.
"""


def test_sentences_that_are_said_otherwise(tmp_path: Path) -> None:
    """Each with its line, for both sides and every tool; what is said as written is left out."""
    script = tmp_path / "a.md"
    script.write_text(SCRIPT)
    found = check(str(script), voice="silent")
    assert [(each.line, each.text, each.said) for each in found.spoken] == [
        (8, "Stop at 6/10.", "Stop at six out of ten."),
        (
            12,
            "Roll the left one 3x, for 8-10 reps.",
            "Roll the left one three times, for eight to ten reps.",
        ),
        (15, "Only 15s left.", "Only fifteen seconds left."),
        (
            12,
            "Roll the right one 3x, for 8-10 reps.",
            "Roll the right one three times, for eight to ten reps.",
        ),
        (19, "Go 10 cm up.", "Go ten centimetres up."),
    ]


def test_spoken_on_the_command_line(tmp_path: Path) -> None:
    """As JSON with `--json`, else below each other; without `--spoken`, nothing of it."""
    (tmp_path / "a.md").write_text("# T\n\nDo it 2x.\n\nRest.\n")
    args = ("check", "a.md", "--voice", "silent")
    (plain,) = json.loads(voiceguide(*args, "--json", at=tmp_path).out)
    (told,) = json.loads(voiceguide(*args, "--spoken", "--json", at=tmp_path).out)
    assert told.pop("spoken") == [{"line": 3, "text": "Do it 2x.", "said": "Do it two times."}]
    assert told == plain
    shown = voiceguide(*args, "--spoken", at=tmp_path).out
    assert shown.startswith("  3 | Do it 2x.\n    | Do it two times.\n\n")


def test_a_sign_that_no_voice_knows_is_a_warning(tmp_path: Path) -> None:
    """Unless the author says how it is said."""
    script = tmp_path / "a.md"
    script.write_text("# T\n\nHi.\n\nSay \u03c9 now.\n")
    (problem,) = check(str(script), voice="silent").problems
    assert (problem.code, problem.location.line, problem.severity) == ("unsayable", 5, "warning")
    script.write_text("---\nsay: {\u03c9: omega}\n---\n# T\n\nHi.\n\nSay \u03c9 now.\n")
    assert check(str(script), voice="silent").problems == ()


def test_a_length_out_of_reach_is_told_beside_other_mistakes(tmp_path: Path) -> None:
    """Those that do not change how long the session is; in the order of the file."""
    script = tmp_path / "a.md"
    text = "---\nlength: 15 min\ncautions: [knees]\n---\n# T\n\nHi.\n\n- hold 60s (50s-70s)\n"
    script.write_text(text)
    found = check(str(script), voice="silent")
    assert [p.code for p in found.problems] == ["length-out-of-reach", "unknown-caution"]
    assert found.reach is None
    script.write_text(text.replace("(50s-70s)", "(50-70)"))
    codes = [p.code for p in check(str(script), voice="silent").problems]
    assert codes == ["unknown-caution", "bad-duration"]
