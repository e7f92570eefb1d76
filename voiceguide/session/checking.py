"""What is wrong with a script, and how long its session can be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voiceguide.errors import LengthError, Problem, ScriptError
from voiceguide.plan.model import Options
from voiceguide.session.pipeline import Draft, Session, draft, measured, speak, timed
from voiceguide.session.request import Progress, Request, as_request, check_bare

if TYPE_CHECKING:
    from voiceguide.timeline.arrange import Reach


@dataclass(frozen=True, slots=True)
class Checked:
    """What `check` found.

    Attributes:
        problems: errors and warnings, in file order.
        reach: how long the session can be; None where there are errors.
    """

    problems: tuple[Problem, ...]
    reach: Reach | None

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
    try:
        made = draft(Request(name, voice=voice, speed=speed))
        spoken = speak(made, made.plan.utterances(fitted=True), progress)
        lengths = measured(made, spoken)
        problems = [*made.loaded.warnings, *timed(made, spoken, None).warnings]
    except ScriptError as error:
        return Checked(error.problems, None)
    if made.length is not None:
        try:
            timed(made, spoken, made.length)
        except LengthError as error:
            problems.append(_out_of_reach(made, error))
    return Checked(tuple(problems), lengths)


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
    return measured(made, speak(made, made.plan.utterances(fitted=True), progress))
