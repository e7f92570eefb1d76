"""What a listener is shown before a first session, and that it was shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from voiceguide.library import catalogue
from voiceguide.practice import places

_SHOWN = "cautions"


@dataclass(frozen=True, slots=True)
class Cautions:
    """What forbids a session.

    Attributes:
        emergency: signs that need help at once, each a sentence or two.
        do_not_start: with what no session is begun before a doctor was asked.
    """

    emergency: tuple[str, ...]
    do_not_start: tuple[str, ...]


def needed(named: Iterable[str] = ()) -> Cautions | None:
    """What has to be shown before a session begins, or None where it was.

    Args:
        named: ids of the cautions that a track has of its own.
    """
    if places.was_shown(_SHOWN):
        return None
    named = frozenset(named)
    wanted = [c for c in catalogue.cautions().values() if c.everywhere or c.id in named]
    return Cautions(
        tuple(c.text for c in wanted if c.level == "emergency"),
        tuple(c.text for c in wanted if c.level == "do not start"),
    )


def confirm() -> None:
    """Remember that they were shown."""
    places.mark_shown(_SHOWN)
