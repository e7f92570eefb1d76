"""A choice of the practice, a track's name and its options, as the words of a command."""

from __future__ import annotations

import re
import shlex
from dataclasses import fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voiceguide.plan import Options


def words(verb: str, name: str, options: Options) -> list[str]:
    """The words of a command that plays or exports a track with options."""
    found = ["voiceguide", verb, name]
    for field in fields(options):
        value = getattr(options, field.name)
        if value == field.default:
            continue
        if field.name != "length":
            found += [f"--{field.name}", value]
        elif value % 60 == 0:
            found += ["--minutes", f"{value / 60:g}"]
        else:
            found += ["--length", f"{value:g}s"]
    return found


def command_line(verb: str, name: str, options: Options) -> str:
    """The same as one line that a shell takes."""
    return " ".join(quoted(verb, name, options))


def quoted(verb: str, name: str, options: Options) -> list[str]:
    """The words as a shell takes them."""
    return [_quoted(word) for word in words(verb, name, options)]


def both(name: str, options: Options) -> dict[str, str | list[str]]:
    """What plays it, as a line and in words, for JSON."""
    return {
        "command": command_line("play", name, options),
        "words": words("play", name, options),
    }


def _quoted(word: str) -> str:
    # Double quotes where they are enough: every shell knows them.
    if re.fullmatch(r"[\w./-]+", word):
        return word
    return f'"{word}"' if re.fullmatch(r"[\w ./,-]+", word) else shlex.quote(word)
