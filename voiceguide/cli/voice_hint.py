"""One line that says how to get the natural voice."""

from __future__ import annotations

import click


def hint(asked: str | None, used: str) -> None:
    """Tell on stderr, where the listener named no voice and heard the plain one."""
    if asked is None and used == "pyttsx3":
        from voiceguide.plugins import brings_extra

        click.echo(f"Tip: {brings_extra('natural')} brings a natural voice.", err=True)
