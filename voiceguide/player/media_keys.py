"""Media keys and headset buttons, behind one small interface.

Linux has them over MPRIS. For another system, add a module with `open_buttons` and `examine` as
`voiceguide.player.mpris` has them, and its name below.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from voiceguide.player.player import Player

_MODULES = {"linux": "voiceguide.player.mpris"}
_OTHER = {"darwin": "macOS", "win32": "Windows"}


class Buttons(Protocol):
    """What a system's media keys are bound to, until it is closed."""

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class ButtonsInfo:
    """Whether media keys work here.

    Attributes:
        detail: through what they work, or why they do not.
        fix: the command that brings them, or None.
    """

    works: bool
    detail: str
    fix: str | None = None


@contextlib.contextmanager
def open_media_keys(transport: Player, title: str) -> Iterator[None]:
    """Media keys steer a transport meanwhile, where the system has them; else nothing happens."""
    buttons: Buttons | None = None
    if name := _MODULES.get(sys.platform):
        buttons = importlib.import_module(name).open_buttons(transport, title)
    try:
        yield
    finally:
        if buttons is not None:
            buttons.close()


def media_keys() -> ButtonsInfo:
    """Whether media keys work here, for `doctor`."""
    if name := _MODULES.get(sys.platform):
        found: ButtonsInfo = importlib.import_module(name).examine()
        return found
    system = _OTHER.get(sys.platform, sys.platform)
    return ButtonsInfo(False, f"not available on {system} yet; the keyboard's own keys work")
