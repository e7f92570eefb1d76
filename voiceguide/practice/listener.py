"""Who listens: the answers that plans go by, and the file they are kept in."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from voiceguide import folders
from voiceguide.errors import VoiceguideError
from voiceguide.library import catalogue
from voiceguide.library.finding import read_ordinary
from voiceguide.practice import state
from voiceguide.practice.checked import fields_of, left_out, maybe, one_of, some_of, whole
from voiceguide.practice.emergency import NUMBERS
from voiceguide.practice.finder import PRACTISED, SIDES, Answers, Practised, SoreSide

SETTINGS = "listener.json"
MINUTES = (1, 180)
"""The shortest and the longest day's session that can be asked for."""
_LARGEST = 100_000


@dataclass(frozen=True, slots=True)
class Listener:
    """For whom the plan is.

    Attributes:
        pain, side, worse, tools, level: as in `finder.Answers`; without pain every muscle has its
            turn.
        minutes: how long a day's session may be.
        country: two letters, for the emergency number; None where it was not chosen.
    """

    pain: tuple[str, ...] = ()
    side: SoreSide = "neither"
    worse: tuple[str, ...] = ()
    tools: tuple[str, ...] | None = None
    minutes: int = 10
    level: Practised = "beginner"
    country: str | None = None

    @property
    def answers(self) -> Answers:
        """The same for the finder."""
        return Answers(self.pain, self.side, self.worse, self.tools, level=self.level)


def recall(tell: Callable[[str], None] = lambda _: None) -> Listener | None:
    """The answers that were kept, or None.

    Args:
        tell: called with a sentence where some of them cannot be used.

    Raises:
        VoiceguideError: the file cannot be read.
    """
    data = _kept()
    if data is None:
        return None
    lists: Mapping[str, Collection[str]] = {
        "pain": catalogue.pain_places(),
        "worse": catalogue.aggravators(),
        "tools": catalogue.tools(),
    }
    checks = {"side": one_of(SIDES), "minutes": whole(*MINUTES), "level": one_of(PRACTISED)}
    checks["country"] = maybe(one_of(NUMBERS))
    checks |= {name: maybe(some_of(known)) for name, known in lists.items()}
    good, odd = fields_of(data, checks)
    for name, known in lists.items():
        # What the catalogue no longer has leaves the rest as it is.
        if isinstance(values := data.get(name), list):
            good[name] = tuple(each for each in known if each in values)
        elif good.get(name) is None and name != "tools":
            good[name] = ()
    if note := left_out(f'"{folders.data() / SETTINGS}"', odd):
        tell(note)
    return Listener(**good)


def _kept() -> dict[str, Any] | None:
    """All that the file holds, or None where there is none; raises as `recall`."""
    path = folders.data() / SETTINGS
    try:
        raw = read_ordinary(path, _LARGEST)
        if len(raw) > _LARGEST:
            raise _damaged(path)
        data = json.loads(raw.decode("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise VoiceguideError(f'"{path}" cannot be read: {error.strerror}') from error
    except (ValueError, RecursionError) as error:
        raise _damaged(path) from error
    if not isinstance(data, dict):
        raise _damaged(path)
    return data


def _damaged(path: Path) -> VoiceguideError:
    return VoiceguideError(f'"{path}" is damaged: delete it', settings=("answers",))


def remember(listener: Listener) -> None:
    """Keep the answers for the days to come.

    Raises:
        VoiceguideError: they cannot be written.
    """
    path = folders.data() / SETTINGS
    try:
        kept = _kept() or {}
    except VoiceguideError:  # damaged: what is answered now takes its place
        kept = {}
    try:
        # What another version kept beside it stays.
        state.replace(path, {**kept, **asdict(listener)})
    except OSError as error:
        raise VoiceguideError(
            f'your answers cannot be kept in "{path}": {error.strerror or error}'
        ) from error


def remember_answers(answers: Answers) -> None:
    """Keep what the finder was told, and leave the rest as it was; see `remember`."""
    try:
        kept = recall() or Listener()
    except VoiceguideError:  # damaged: what is answered now takes its place
        kept = Listener()
    remember(
        replace(
            kept,
            pain=answers.pain,
            side=answers.side,
            worse=answers.worse,
            tools=answers.tools,
            level=answers.level,
        )
    )


def forget() -> None:
    """Drop the answers that were kept.

    Raises:
        VoiceguideError: they cannot be removed.
    """
    path = folders.data() / SETTINGS
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise VoiceguideError(f'"{path}" cannot be removed: {error.strerror or error}') from error
