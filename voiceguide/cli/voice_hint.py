"""One line that says how to get the natural voice."""

from __future__ import annotations

import click


def hint(asked: str | None, used: str) -> None:
    """Tell on stderr, where the listener named no voice and heard the plain one."""
    if asked is None and used == "pyttsx3":
        click.echo('Tip: pip install "voiceguide[natural]" brings a natural voice.', err=True)
