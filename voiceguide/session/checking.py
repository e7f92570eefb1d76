"""What is wrong with a script, and how long its session can be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voiceguide.errors import LengthError, Location, Problem, ScriptError, VoiceguideError
from voiceguide.plan import Plan, Utterance
from voiceguide.plan.model import IntervalRun, NestedSpeech, Options, Say
from voiceguide.script.source import in_order
from voiceguide.session.clips import Clips
from voiceguide.session.loading import load_anyway, make_plan
from voiceguide.session.loudness import levelling
from voiceguide.session.pipeline import Draft, Session, Spoken, arranging, draft, speak
from voiceguide.session.request import Progress, Request, as_request, check_bare
from voiceguide.speech.normalise import unsayable

if TYPE_CHECKING:
    from voiceguide.timeline import Timeline
    from voiceguide.timeline.arrange import Reach


@dataclass(frozen=True, slots=True)
class SaidOtherwise:
    """A sentence whose words for the voice differ from those that are shown.

    Attributes:
        line: of the script, or of the file that it includes, from 1.
        text: as written, its variables filled in.
        said: the words that the voice is given.
    """

    line: int
    text: str
    said: str


_OFF = 1.0
"""LU by which a session may miss the loudness of others before its author is told."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What `check` found.

    Attributes:
        problems: errors and warnings, in file order.
        reach: how long the session can be; None where there are errors.
        spoken: the sentences that are said otherwise than they are written, with every tool.
    """

    problems: tuple[Problem, ...]
    reach: Reach | None
    spoken: tuple[SaidOtherwise, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether there is no error."""
        return not any(p.severity == "error" for p in self.problems)


def check(
    name: str, *, voice: str | None = None, speed: float = 1.0, progress: Progress | None = None
) -> Checked:
    """What is wrong with a script, and how long its session can be.

    Raises:
        NotFoundError: there is no such track or file.
        SpeechError: the voice that measures the sentences failed.
    """
    request = Request(name, voice=voice, speed=speed)
    try:
        made = draft(request)
        spoken = speak(made, made.plan.utterances(fitted=True), progress)
        arranger = arranging(made, spoken)
        lengths = arranger.reach()
        arranged = arranger.arrange()
        problems = [*made.loaded.warnings, *arranged.warnings]
        if (found := _too_far(made, arranged.timeline, spoken)) is not None:
            problems.append(found)
        sentences = _sentences(made)
        problems += _unsayable(made, sentences)
    except ScriptError as error:
        return Checked(in_order((*error.problems, *_length_anyway(request, progress))), None)
    # At another speed it is fitted as nearly as can be, and that is not the script's fault.
    if made.length is not None and speed == 1.0:
        try:
            arranger.check_length(made.length)
        except LengthError as error:
            problems.append(_out_of_reach(made, error))
    return Checked(in_order(problems), lengths, _otherwise(sentences))


def said_otherwise(plan: Plan) -> tuple[SaidOtherwise, ...]:
    """The sentences of a plan whose words for the voice differ from those that are written."""
    return _otherwise(_said(plan))


def _otherwise(sentences: Iterable[tuple[Utterance, Location]]) -> tuple[SaidOtherwise, ...]:
    found = (
        SaidOtherwise(where.line, words.text, words.spoken)
        for words, where in sentences
        if words.spoken != words.text
    )
    return tuple(dict.fromkeys(found))


def _length_anyway(request: Request, progress: Progress | None) -> list[Problem]:
    """A length out of reach, told beside mistakes that do not change how long the session is."""
    try:
        loaded = load_anyway(request.name)
        if loaded is None or loaded.script.front.length is None or request.speed != 1.0:
            return []
        made = Draft(request, loaded, make_plan(loaded, request.options))
        spoken = speak(made, made.plan.utterances(fitted=True), progress)
        arranging(made, spoken).arrange(made.length)
    except LengthError as error:
        return [_out_of_reach(made, error)]
    except VoiceguideError:
        pass  # something else is wrong with it, which is told already
    return []


def _sentences(made: Draft) -> list[tuple[Utterance, Location]]:
    """Every sentence of a script with its place, whichever tool it is for."""
    # The plan at hand is that of the first tool.
    found = list(_said(made.plan))
    for tool in made.loaded.script.front.tools[1:]:
        found += _said(make_plan(made.loaded, Options(tool=tool)))
    return list(dict.fromkeys(found))


def _said(plan: Plan) -> Iterator[tuple[Utterance, Location]]:
    """Every sentence of a plan's usual session, with its place."""
    for item in plan.unfold(plan.usual):
        if isinstance(item, Say):
            yield item.utterance, item.location
        elif isinstance(item, IntervalRun):
            for nested in item.nested:
                if isinstance(nested.what, NestedSpeech):
                    said = nested.what.sentences
                    yield from ((each.utterance, each.location) for each in said)


def _unsayable(made: Draft, sentences: list[tuple[Utterance, Location]]) -> list[Problem]:
    """Warnings of signs that no table turns into words, so that each voice reads its own."""
    found: dict[Location, Problem] = {}
    for words, where in sentences:
        if (sign := unsayable(words.spoken)) and where not in found:
            found[where] = made.plan.survey.problem(
                "unsayable",
                f'a voice may say "{sign}" otherwise than you mean',
                where,
                hint="write it in words, or add it to say in the front matter",
                severity="warning",
            )
    return list(found.values())


def _too_far(made: Draft, timeline: Timeline, spoken: Spoken) -> Problem | None:
    """A session that cannot be made as loud as all others."""
    found = levelling(timeline, Clips(spoken.clips).energies)
    if abs(found.off) <= _OFF:
        return None
    how = "softer" if found.off < 0 else "louder"
    return made.plan.survey.problem(
        "loudness-out-of-reach",
        f"this session stays {abs(found.off):.0f} dB {how} than others",
        made.loaded.script.root.location,
        hint="have more of it spoken" if found.off < 0 else "play its sounds more softly",
        severity="warning",
    )


def _out_of_reach(made: Draft, error: LengthError) -> Problem:
    front = made.loaded.script.front
    return made.plan.survey.problem(
        "length-out-of-reach",
        str(error),
        front.locations["length"],
        length=front.lengths["length"],
        hint="change length, or make more of it elastic",
    )


def reach(
    request: Session | Request | str,
    options: Options | None = None,
    *,
    voice: str | None = None,
    speed: float = 1.0,
    progress: Progress | None = None,
) -> Reach:
    """How long a session can be with some options, from the shortest to the longest.

    Args:
        request, options, voice, speed: a session, or what `compile` takes to make one; a length
            in the options is ignored.

    Raises:
        VoiceguideError: as `compile`, but for LengthError.
    """
    if isinstance(request, Session):
        check_bare(options, voice, speed, mono=False)
        made = request.draft
    else:
        made = draft(as_request(request, options, voice, speed))
    spoken = speak(made, made.plan.utterances(fitted=True), progress)
    return arranging(made, spoken).reach()
