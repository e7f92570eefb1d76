"""The dangers that forbid a session: shown before the first one, and again after a month.

Every door that starts a session asks `needed` first and shows all of it; once the listener says
that nothing of it applies, it calls `confirm`. A door that makes files shows what `show_once` gives.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass

from voiceguide.library import catalogue
from voiceguide.practice import state

AGAIN = 30 * 86_400.0
"""Seconds after which the listener is asked again."""
_FILE = "safety.json"
_CONFIRMED, _SHOWN = "none_applies", "shown"


@dataclass(frozen=True, slots=True)
class Cautions:
    """What forbids a session; each text is a sentence or two that says what to do about it.

    Attributes:
        emergency: signs that need emergency help at once.
        do_not_start: with what a doctor is asked first.
    """

    emergency: tuple[str, ...]
    do_not_start: tuple[str, ...]


def needed() -> Cautions | None:
    """What the listener has to be asked before a session starts, or None.

    None only where the listener said within the last month that nothing of it applies.
    """
    return None if _within(AGAIN, _CONFIRMED) else _cautions()


def all_of_them() -> Cautions:
    """What forbids a session, whether it was answered or not."""
    return _cautions()


def confirm() -> None:
    """The listener says that nothing of it applies; where that cannot be kept, it is asked again."""
    _mark(_CONFIRMED)


def show_once() -> Cautions | None:
    """What a listener who has not seen it lately is shown; remembered as shown, not as answered."""
    if _within(AGAIN, _CONFIRMED, _SHOWN):
        return None
    _mark(_SHOWN)
    return _cautions()


def _cautions() -> Cautions:
    known = catalogue.cautions().values()
    return Cautions(
        tuple(c.text for c in known if c.everywhere and c.level == "emergency"),
        tuple(c.text for c in known if c.everywhere and c.level == "do not start"),
    )


def _within(seconds: float, *names: str) -> bool:
    """Whether one of some things happened so lately; a moment still to come counts for nothing."""
    kept, now = _kept(), time.time()
    return any(0 <= now - kept[name] < seconds for name in names if name in kept)


def _mark(name: str) -> None:
    with contextlib.suppress(OSError):
        state.replace(state.folder() / _FILE, {**_kept(), name: time.time()})


def _kept() -> dict[str, float]:
    """Seconds since the epoch, by name."""
    try:
        data = state.read(state.folder() / _FILE)
    except (OSError, ValueError, RecursionError):
        return {}
    known = data.items() if isinstance(data, dict) else ()
    return {name: moment for name, moment in known if type(moment) in (int, float)}
