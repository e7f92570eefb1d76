"""Publishing: sessions as a folder for any static host, with the listener's page and a podcast feed.

A door of its own, over the rooms of `catalogue`. `workers` renders many sessions at once, `site`
writes the rest so that a visitor never meets half of it.
"""

from __future__ import annotations

from collections.abc import Mapping

SECTIONS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "Listen": {
        "publish": ("voiceguide.publish.command", "Write sessions as a site and a podcast."),
    },
}
"""This door's commands, as the command line's table has its own."""
