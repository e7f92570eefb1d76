"""`voiceguide lsp`."""

from __future__ import annotations

import os

import click


@click.command("lsp", epilog="docs/editors.md has the lines for VS Code, Neovim, Helix and Zed.")
def command() -> int:
    """Help an editor to write scripts: a language server on standard input and output.

    Your editor starts it. It tells problems as you write, completes cues, sounds and names, fixes and
    formats, and shows when things happen.
    """
    try:
        from voiceguide.editor.server import server
    except ModuleNotFoundError as error:
        from voiceguide.plugins import not_installed

        if error.name not in ("pygls", "lsprotocol"):
            raise
        raise not_installed("The language server", 'pip install "voiceguide[editor]"') from None
    # What anything else prints must not come between the messages.
    asked, told = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    server.start_io(asked, told)
    return 0
