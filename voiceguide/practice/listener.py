"""Who listens: the answers that plans go by, and the file they are kept in."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from voiceguide import folders
from voiceguide.errors import VoiceguideError
from voiceguide.library import catalogue
from voiceguide.library.finding import read_ordinary
from voiceguide.practice import state
from voiceguide.practice.finder import SIDES, Answers
from voiceguide.units import SideChoice

SETTINGS = "listener.json"
MINUTES = (1, 180)
"""The shortest and the longest day's session that can be asked for."""
_LARGEST = 100_000


@dataclass(frozen=True, slots=True)
class Listener:
    """For whom the plan is.

    Attributes:
        pain, side, worse, tools: as in `finder.Answers`; without pain every muscle has its turn.
        minutes: how long a day's session may be.
    """

    pain: tuple[str, ...] = ()
    side: SideChoice = "both"
    worse: tuple[str, ...] = ()
    tools: tuple[str, ...] | None = None
    minutes: int = 10


def recall() -> Listener | None:
    """The answers that were kept, or None.

    Raises:
        VoiceguideError: the file cannot be read.
    """
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

    def names(key: str, known: Iterable[str]) -> tuple[str, ...]:
        # An id that the catalogue no longer has is no reason to fail.
        values = data.get(key)
        return tuple(v for v in known if v in values) if isinstance(values, list) else ()

    minutes = data.get("minutes")
    if type(minutes) is not int or not MINUTES[0] <= minutes <= MINUTES[1]:
        minutes = Listener().minutes
    return Listener(
        pain=names("pain", catalogue.pain_places()),
        side=data["side"] if data.get("side") in SIDES else "both",
        worse=names("worse", catalogue.aggravators()),
        tools=names("tools", catalogue.tools()) if data.get("tools") is not None else None,
        minutes=minutes,
    )


def _damaged(path: Path) -> VoiceguideError:
    return VoiceguideError(f'"{path}" is damaged: delete it', settings=("answers",))


def remember(listener: Listener) -> None:
    """Keep the answers for the days to come.

    Raises:
        VoiceguideError: they cannot be written.
    """
    path = folders.data() / SETTINGS
    try:
        state.replace(path, asdict(listener))
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
            kept, pain=answers.pain, side=answers.side, worse=answers.worse, tools=answers.tools
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
