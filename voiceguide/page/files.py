"""The files of the page: those that lie in its folder, and the picture that is made for it."""

from __future__ import annotations

import mimetypes
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_name("static")
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
}


def names() -> tuple[str, ...]:
    """All of them, by their path below the page's address."""
    found = (path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file())
    return ("body.svg", *sorted(found))


def published() -> tuple[str, ...]:
    """Those that a folder without a server has any use for: nothing is written there."""
    writing = ("vendor/", "js/write.js", "js/editor.js")
    return tuple(name for name in names() if not name.startswith(writing))


@cache
def read(name: str) -> tuple[bytes, str] | None:
    """A file's content and its media type; None where there is none of that name."""
    if name not in names():
        return None
    if name == "body.svg":
        from voiceguide.pictures.sprite import sprite

        return sprite().encode(), _TYPES[".svg"]
    path = FOLDER / name
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return path.read_bytes(), kind
