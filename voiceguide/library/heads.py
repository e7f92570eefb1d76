"""What is known of the listener's own scripts, kept by their content: each text is read once.

A script is read anew once its text changes, or that of a file it may include, or a name of a
sound, or this program. What is kept can be lost at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from voiceguide import folders
from voiceguide._version import __version__
from voiceguide.library.data import PACKAGE, data_folder
from voiceguide.library.finding import read_ordinary
from voiceguide.script.model import FrontMatter
from voiceguide.units import Seconds

FILE_NAME = "scripts.json"
_LARGEST = 20_000_000
_INCLUDE = re.compile(r"^\s*[-*+]\s+include\s+(.+?)\s*$", re.IGNORECASE | re.MULTILINE)
_LISTS = ("muscles", "tools", "cautions")
_TEXTS = ("kind", "level", "language")
_MAYBE = ("position", "summary")
"""Fields of a front matter that lists need: lists of texts, texts, and texts or nothing."""


@dataclass(frozen=True, slots=True)
class Head:
    """What lists need of a script that can be played."""

    title: str
    front: FrontMatter


class KeptHeads:
    """The heads of scripts by what they were read from."""

    def __init__(self, scripts: Path, sounds: Path, kept: dict[str, Any]) -> None:
        self._scripts, self._sounds = scripts, sounds
        self._kept = kept
        self.used: dict[str, Any] = {}

    def find(self, text: str) -> Head | None:
        """What is known of a script's text, or None."""
        key = self._key(text)
        head = _from_json(self._kept.get(key))
        if head is not None:
            self.used[key] = self._kept[key]
        return head

    def keep(self, text: str, head: Head) -> None:
        """Keep what was found of a script's text."""
        self.used[self._key(text)] = _to_json(head)

    def _key(self, text: str) -> str:
        digest = hashlib.sha256(self._surroundings)
        seen: set[str] = set()
        waiting = [text]
        while waiting:
            part = waiting.pop()
            digest.update(part.encode("utf-8", "surrogatepass") + b"\0")
            for name in {name.casefold().strip("\"'") for name in _INCLUDE.findall(part)} - seen:
                seen.add(name)
                waiting += self._included(name)
        return digest.hexdigest()

    def _included(self, name: str) -> Iterable[str]:
        """Texts of the listener's files that a name may mean."""
        end = "/" + name.removesuffix(".md")
        return [text for where, text in self._texts.items() if f"/{where}".endswith(end)]

    @cached_property
    def _texts(self) -> dict[str, str]:
        """The listener's Markdown files, by their paths without suffix."""
        found = {}
        for path in sorted(self._scripts.rglob("*.md")):
            with contextlib.suppress(OSError):
                where = path.relative_to(self._scripts).with_suffix("").as_posix().casefold()
                found[where] = read_ordinary(path, 1_100_000).decode("utf-8", "replace")
        return found

    @cached_property
    def _surroundings(self) -> bytes:
        """What else decides how a script is read: this program, its scripts, names of sounds."""
        digest = hashlib.sha256(__version__.encode())
        shipped = (PACKAGE / "script", PACKAGE / "library", data_folder("scripts"))
        for path in (p for folder in shipped for p in sorted(folder.rglob("*.*"))):
            if path.suffix in (".py", ".md", ".toml"):
                about = path.stat()
                digest.update(f"{path}\0{about.st_size}\0{about.st_mtime_ns}\0".encode())
        for path in sorted(self._sounds.rglob("*")) if self._sounds.is_dir() else ():
            digest.update(os.fsencode(path) + b"\0")
        return digest.digest()


@contextmanager
def kept_heads(scripts: Path, sounds: Path) -> Iterator[KeptHeads]:
    """What is kept; what is found in the body is kept with it, and what was not used is dropped."""
    path = folders.cache() / FILE_NAME
    kept: Any = {}
    with contextlib.suppress(OSError, ValueError, RecursionError):
        kept = json.loads(read_ordinary(path, _LARGEST))
    heads = KeptHeads(scripts, sounds, kept if isinstance(kept, dict) else {})
    yield heads
    if heads.used.keys() != (kept.keys() if isinstance(kept, dict) else ()):
        with contextlib.suppress(OSError):
            _write(path, heads.used)


def _write(path: Path, data: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f".{path.name}.{secrets.token_hex(3)}")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(data, file)
        part.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def _to_json(head: Head) -> dict[str, Any]:
    data = {name: getattr(head.front, name) for name in (*_LISTS, *_TEXTS, *_MAYBE, "length")}
    return {"title": head.title, **data}


def _from_json(data: Any) -> Head | None:
    """A head as it was kept, or None where anything in it is odd."""
    if not isinstance(data, dict):
        return None
    title, length = data.get("title"), data.get("length")
    good = (
        (length is None or (type(length) in (int, float) and 0 < length <= 86_400))
        and all(isinstance(data.get(name), str) for name in _TEXTS)
        and all(isinstance(data.get(name), str | None) for name in _MAYBE)
        and all(isinstance(data.get(name), list) for name in _LISTS)
        and all(isinstance(each, str) for name in _LISTS for each in data[name])
    )
    if not (isinstance(title, str) and good):
        return None
    front = FrontMatter(
        muscles=tuple(data["muscles"]),
        tools=tuple(data["tools"]),
        kind=data["kind"],
        position=data["position"],
        level=data["level"],
        summary=data["summary"],
        length=None if length is None else Seconds(float(length)),
        language=data["language"],
        cautions=tuple(data["cautions"]),
    )
    return Head(title, front)
