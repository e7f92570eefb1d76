"""Hostile scripts: each is bounded in time and memory, and ends in sentences of its own."""

from __future__ import annotations

import gc
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hostile import texts
from moment import slowness
from world import World, plan_of, read, timeline_of

from voiceguide.errors import ScriptError
from voiceguide.script import decode, parse

TEXTS = texts()


HEAVY = [
    repr(part)
    for part in ("*a*", "\\*", "[1s]", "a <b> ", "a\n=\n", "- a\n* b\n", "- pause 1s\n", "## a\n")
]
HEAVY += ["escapes of a heading", "phases of a breath", "front 'a: b\\n'"]


def _text(name: str) -> str:
    """A text: many lines are much work even where all is well, so there are fewer of them."""
    text = TEXTS[name](1 << 16)
    return text if text.count("\n") > 1000 else TEXTS[name](1 << 19)


def _read(text: str) -> str:
    """What became of a text, in a word."""
    try:
        parse(decode(text.encode("utf-8", "surrogatepass"), "x.md"), World())
    except ScriptError as error:
        for problem in error.problems:
            assert "\x1b" not in problem.message + problem.source_line + (problem.hint or "")
        return error.problems[0].code
    return "compiles"


@pytest.mark.parametrize("name", TEXTS)
def test_time_is_bounded(name: str) -> None:
    """Half a mebibyte of anything, and 64 KiB of short lines, take no longer than a moment."""
    text = _text(name)
    gc.collect()
    gc.freeze()  # else everything that other tests keep is looked through again and again
    began = time.process_time()
    _read(text)
    took = time.process_time() - began
    slow = slowness()
    gc.unfreeze()
    assert took < 8 * slow


def test_memory_is_bounded() -> None:
    """Those that need most, one after the other, stay below 200 MB."""
    code = (
        "from test_script_hostile import HEAVY, _peak, _read, _text\n"
        "for name in HEAVY: _read(_text(name))\n"
        "print(_peak())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parent, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert int(done.stdout) < 200e6


def _peak() -> int:
    """The most memory that this process ever had, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would count what the parent had before this process began
        line = next(s for s in status.read_text().splitlines() if s.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"---\n{BOMB}---\n# T\n\nHi.\n", "yaml"),
        ("---\nsummary: !!python/object/apply:os.system [ls]\n---\n# T\n\nHi.\n", "yaml"),
        ("---\nsummary: *gone\n---\n# T\n\nHi.\n", "yaml"),
        ("---\n<<: {level: regular}\n---\n# T\n\nHi.\n", "unknown-key"),
        ("---\n" + "[" * 10_000 + "\n---\n# T\n\nHi.\n", "yaml"),
        ("# T\n\n## A (99999999 times)\n\nHi.\n", "bad-modifier"),
        ("# T\n\n- breathe box, 99999999 times\n", "bad-count"),
        ("# T\n\n- chime, 99999999 times\n", "bad-count"),
        ("# T\n\n- pause 99999999m\n", "bad-duration"),
        ("# T\n\n- pause " + "9" * 5000 + "s\n", "bad-duration"),
        ("# T\n\n## A (" + "9" * 5000 + " times)\n", "unknown-modifier"),
        ("# A\x1b]0;pwned\x07\n\nHi.\n", "control-character"),
        ("# A\u202etxet\n\nHi.\n", "control-character"),
        ("# A&#x1b;[31m\n\nHi.\n", "control-character"),
        ("# A&#8238;\n\nHi.\n", "control-character"),
        ("# T\n\n- hold 9s&#xFFFC;\n\nA &#xFFFC; {tool}.\n", "control-character"),
        ("# T\ud800\n\nHi.\n", "not-utf-8"),
        ("# T\n\n- include ../../../etc/passwd\n", "include"),
    ],
)
def test_each_has_its_own_sentence(text: str, code: str) -> None:
    """What is refused is refused by name."""
    assert _read(text) == code


@pytest.mark.parametrize(
    "text",
    [
        "# T\n\nHi.\n\n## A (10000 times)\n\n### B (10000 times)\n\n#### C (10000 times)\n\n##### D\n",
        "# T\n\nHi.\n\n## A (10000 times)\n\n### B (10000 times)\n\n> Only a note.\n",
        "# T\n\nHi.\n\n## A (10000 times)\n\n### B (10000 times)\n\n- background rain\n",
        "# T\n\n## A (10000 times)\n\n" + "> note\n\n" * 5000 + "Hi.\n",
        "# T\n\n## A (10000 times)\n\n- chime bell, 100 times\n",
        "# T\n\n- breathe in 0.001s, out 0.001s for 24:00\n- breathe in 0.001s, out 0.001s for 1440m\n",
        "# T\n\n" + "- hold 1440m\n  - every 1s: chime bell, 100 times\n" * 3,
        "# T\n\n" + "- hold 1440m\n  - every 1s: Hi.\n" * 50,
        "# T\n\n## A (1-10000 times)\n\n### B (1-10000 times)\n\n- hold 1s\n",
    ],
)
def test_sessions_without_end(text: str) -> None:
    """Whatever multiplies is stopped soon, with the place."""
    began = time.process_time()
    with pytest.raises(ScriptError) as caught:
        timeline_of(text)
    assert caught.value.problems[0].code in (
        "too-many-events",
        "too-many-rounds",
        "session-too-long",
    )
    assert time.process_time() - began < 5.0


@pytest.mark.parametrize("inside", ["", "Hi.\n", "#### C (10000 times)\n\nHi.\n"])
def test_rounds_in_rounds_are_multiplied_not_walked(inside: str) -> None:
    """Ten thousand times ten thousand is refused while reading, once, at the inner number."""
    began = time.process_time()
    with pytest.raises(ScriptError) as caught:
        read(f"# T\n\nHi.\n\n## A (10000 times)\n\n### B (10000 times, optional)\n\n{inside}")
    (problem,) = caught.value.problems
    assert (problem.code, problem.location.line, problem.location.column) == (
        "too-many-rounds", 7, 8,
    )  # fmt: skip
    assert problem.length == len("10000 times")
    assert time.process_time() - began < 0.2


def test_rounds_that_are_named_are_few() -> None:
    """A sentence with the number of rounds is never asked for in thousands of versions."""
    plan = plan_of(read("# T\n\n## A (1-50 times)\n\n{round} of {rounds}.\n"))
    assert len(plan.utterances(fitted=True)) == sum(range(1, 51))
    assert _read("# T\n\n## A (1-51 times)\n\n{round} of {rounds}.\n") == "too-many-rounds"
