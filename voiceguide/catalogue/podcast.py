"""The library as a podcast: what is offered, and what of it is rendered.

A session is rendered when its sound or words are first fetched, and kept until another takes its place.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import secrets
import threading
import time
from pathlib import Path
from typing import Any

from voiceguide import folders
from voiceguide.catalogue.editions import Edition, own
from voiceguide.catalogue.feed import feed
from voiceguide.catalogue.work import SUFFIXES, is_there, make, write
from voiceguide.practice import state
from voiceguide.session import draft
from voiceguide.sinks.atomic import write_bytes

FEED = "feed.xml"
TYPES = {
    ".mp3": "audio/mpeg",
    ".vtt": "text/vtt; charset=utf-8",
    ".jpg": "image/jpeg",
    ".chapters.json": "application/json+chapters",
}
"""Of what can be fetched of a session, by suffix."""
_KEPT = "podcast.json"
_FRESH = 60.0
"""Seconds for which what the library holds isn't looked up again."""
_ABOUT = "Voice-guided self-massage from your own computer. This is not medical advice."


class Podcast:
    """The podcast of one listener; an app brings no cookie, so its address holds a secret."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._making: dict[str, threading.Lock] = {}
        self._editions: dict[str, Edition] = {}
        self._looked: float | None = None

    def secret(self) -> str:
        """What is in the address; made when it is first asked for."""
        with self._lock:
            return self._kept() or self._renewed()

    def renew(self) -> str:
        """Another secret: the address that was told is good no longer."""
        with self._lock:
            return self._renewed()

    def knows(self, secret: str) -> bool:
        """Whether that is the secret."""
        kept = self._kept()
        return kept is not None and hmac.compare_digest(secret.encode(), kept.encode())

    def feed(self, base: str, page: str) -> bytes:
        """The feed, of all that can be played now.

        Args:
            base: the address of its files, with a slash at its end.
            page: the address of the listener's page.
        """
        rows = [_row(each) for each in self._offered().values()]
        return feed(rows, base, title="voiceguide", about=_ABOUT, file=FEED, page=page)

    def file(self, name: str) -> Path | None:
        """A file of a session, made if it isn't there yet; None where there is no such session.

        Raises:
            VoiceguideError: it can't be rendered or kept.
        """
        ident, dot, rest = name.partition(".")
        edition = self._offered().get(ident)
        if edition is None or dot + rest not in TYPES:
            return None
        folder = folders.podcast()
        with self._lock:
            turn = self._making.setdefault(ident, threading.Lock())
        with turn:  # two apps that ask at once wait for one rendering
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if name.endswith(".jpg"):  # apps fetch all of them at once
                if not (folder / name).is_file():
                    write_bytes(folder / name, _cover(edition), force=True)
            elif not is_there(folder, ident):
                write(folder, make(edition))
        return folder / name

    def _offered(self) -> dict[str, Edition]:
        with self._lock:
            now = time.monotonic()
            if self._looked is None or now - self._looked > _FRESH:
                self._editions = {each.id: each for each in own()}
                self._looked = now
                self._prune()
            return self._editions

    def _prune(self) -> None:
        """Remove what is offered no longer."""
        with contextlib.suppress(OSError):
            for path in folders.podcast().iterdir():
                if path.name.partition(".")[0] not in self._editions:
                    path.unlink(missing_ok=True)

    def _kept(self) -> str | None:
        try:
            kept = state.read(state.folder() / _KEPT)["secret"]
        except (OSError, ValueError, RecursionError, LookupError, TypeError):
            return None
        return kept if isinstance(kept, str) and len(kept) >= 32 and kept.isascii() else None

    def _renewed(self) -> str:
        made = secrets.token_urlsafe(32)
        state.replace(state.folder() / _KEPT, {"secret": made})
        return made


def _row(edition: Edition) -> dict[str, Any]:
    """What the feed tells of a session; its size is an estimate until it is rendered."""
    folder = folders.podcast()
    row: dict[str, Any] = {
        "id": edition.id,
        "track": edition.request.name,
        "title": edition.title,
        "summary": edition.summary,
        "needs": edition.needs,
        "seconds": edition.seconds,
        "bytes": round(edition.size),
        "audio": f"{edition.id}.mp3",
        "words": f"{edition.id}.vtt",
        "cover": f"{edition.id}.jpg",
    }
    if is_there(folder, edition.id):
        told = json.loads((folder / f"{edition.id}{SUFFIXES[-1]}").read_text("utf-8"))
        row |= {"seconds": told["seconds"], "bytes": told["bytes"]}
    return row


def _cover(edition: Edition) -> bytes:
    """The picture of a session, which needs no sound."""
    from voiceguide.pictures.cover import cover

    front = draft(edition.request).loaded.script.front
    length = f"{round(edition.seconds / 60)} min"
    return cover(edition.title, muscles=front.muscles, kind=front.kind, length_text=length)
