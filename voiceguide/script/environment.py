"""What a script may name: passed in by the caller, so that parsing reads no file by itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import PurePath
from typing import Literal, Protocol

from voiceguide.script.model import SoundRef
from voiceguide.script.source import Source

SoundKind = Literal["chime", "sound", "bed"]


class Environment(Protocol):
    """The names around a script."""

    @property
    def muscles(self) -> Mapping[str, str]:
        """Muscle ids to their spoken names."""
        ...

    @property
    def tools(self) -> Collection[str]:
        """Names of the tools of the catalogue."""
        ...

    @property
    def cautions(self) -> Collection[str]:
        """Ids of the caution catalogue."""
        ...

    def sound(self, name: str, kind: SoundKind, folder: PurePath | None) -> SoundRef:
        """The sound of a name, looked up from a folder.

        Raises:
            VoiceguideError: there is none, or it cannot be read.
        """
        ...

    def script(self, name: str, folder: PurePath | None) -> Source:
        """The script of a name, looked up from a folder.

        Raises:
            VoiceguideError: there is none, or it is not text.
        """
        ...
