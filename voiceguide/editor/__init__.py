"""The language server: an author's editor asks, the workshop answers.

A door of its own. `server` has a handler for each thing that an editor asks, `positions` turns places of
a script into those of the protocol; what is answered is made by `voiceguide.workshop`.
"""

from __future__ import annotations

from collections.abc import Mapping

SECTIONS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "Write scripts": {
        "lsp": ("voiceguide.editor.command", "Help an editor: problems, completion, times."),
    },
}
"""This door's commands, as the command line's table has its own."""
