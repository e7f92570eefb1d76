"""Where the files that ship are: inside an installed package, or beside it in a checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from voiceguide.errors import VoiceguideError

PACKAGE = Path(__file__).resolve().parent.parent


def data_folder(kind: Literal["scripts", "sounds"]) -> Path:
    """The folder of the built-in scripts or sounds.

    Raises:
        VoiceguideError: this installation has none.
    """
    # The package's own copy first: what lies beside an installed package is not ours.
    for folder in (PACKAGE / "_data" / kind, PACKAGE.parent / kind):
        if folder.is_dir():
            return folder
    raise VoiceguideError(
        f'this installation has no "{kind}" folder in {PACKAGE / "_data"}: install voiceguide anew'
    )
