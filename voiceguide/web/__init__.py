"""The page over HTTP: a door beside the command line, for the phone on the floor.

`voiceguide serve` runs it. Who may ask stands in `security`, what can be asked in `calls`, the sound
in `media`, the sessions that are heard in `lives`; the values are made by `voiceguide.page`.
"""

from __future__ import annotations

from collections.abc import Mapping

SECTIONS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "Listen": {
        "serve": ("voiceguide.web.command", "Open the page, also on your phone."),
    },
    "Write scripts": {
        "watch": ("voiceguide.web.watching", "See and hear a script while you write it."),
    },
}
"""This door's commands, as the command line's table has its own."""
