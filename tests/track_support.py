"""The shipped tracks as the tests of their texts read them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from voiceguide.audio import AudioFormat
from voiceguide.library.data import data_folder
from voiceguide.library.environment import LibraryEnvironment
from voiceguide.plan import Options, Plan, Utterance, build
from voiceguide.script import Script, Source, decode, parse
from voiceguide.script.model import Include, Interval, Node, Paragraph, Sentence, Spoken, Step
from voiceguide.speech import pace
from voiceguide.units import Frames

ROOT = data_folder("scripts")
FILES = sorted(p for p in ROOT.glob("*/*.md") if p.parent.name != "parts")
PARTS = sorted(ROOT.glob("parts/*.md"))
NAMES = [path.stem for path in FILES]
ENVIRONMENT = LibraryEnvironment()
FORMAT = AudioFormat()
PRESSURE = ("hold", "roll", "press", "knead")
"""Labels of intervals in which a muscle is pressed."""

FLUENT = 1.28
"""Speed of the voice at which the doses were set."""


def source(path: Path) -> Source:
    """A track's file as the parser takes it."""
    return decode(path.read_bytes(), str(path), path.parent, str(path))


@cache
def script(name: str) -> Script:
    """A track, parsed; there is nothing to warn of."""
    parsed, warnings = parse(source(next(p for p in FILES if p.stem == name)), ENVIRONMENT)
    assert warnings == ()
    return parsed


def nodes(step: Step, *, includes: bool = True) -> Iterator[Node]:
    """Everything in a step, in the order written."""
    for node in step.content:
        yield node
        if isinstance(node, Step):
            yield from nodes(node, includes=includes)
        elif isinstance(node, Include) and includes:
            yield from nodes(node.script.root)


def sentences(of: Iterator[Node], tool: str = "tennis ball", side: str = "left") -> Iterator[str]:
    """What is spoken in some nodes, with the variables filled in."""
    words = {"tool": tool, "side": side, "other side": "right" if side == "left" else "left"}
    for node in of:
        spoken: list[Spoken] = []
        if isinstance(node, Paragraph):
            spoken = [node.content]
        elif isinstance(node, Interval):
            spoken = [nested.what for nested in node.nested if isinstance(nested.what, tuple)]
        for piece in (piece for pieces in spoken for piece in pieces):
            if isinstance(piece, Sentence):
                yield "".join(p if isinstance(p, str) else words[p.name] for p in piece.parts)


def text(name: str) -> str:
    """All that a track can say."""
    return " ".join(sentences(nodes(script(name).root)))


def words(sentence: str) -> list[str]:
    """Its words in lower case."""
    return re.findall(r"[a-z0-9'-]+", sentence.lower())


def of_kind(*kinds: str) -> list[str]:
    """Names of tracks of some kinds."""
    # From the text alone: a script is parsed inside a test, where the listener's library is empty.
    wanted = re.compile(rf"^kind: ({'|'.join(kinds)})$", re.MULTILINE)
    return [path.stem for path in FILES if wanted.search(path.read_text(encoding="utf-8"))]


def plan_of(name: str, options: Options) -> Plan:
    """A track with some options."""
    return build(script(name), options, muscles=ENVIRONMENT.muscles)


def spoken_frames(plan: Plan, speed: float = 1.0) -> dict[Utterance, Frames]:
    """How long a voice takes for each utterance, nearly, at some speed."""
    return {
        u: Frames(round(pace.guess(u.spoken, speed) * FORMAT.rate))
        for u in plan.utterances(fitted=True)
    }
