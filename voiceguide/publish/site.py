"""The folder: sessions first, then what lists them, the index last."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from voiceguide.catalogue.editions import Edition
from voiceguide.catalogue.feed import feed
from voiceguide.catalogue.work import SUFFIXES
from voiceguide.errors import UsageError
from voiceguide.page import files
from voiceguide.page.home import all_signs
from voiceguide.page.library import catalogue_to_dict, track_to_dict
from voiceguide.session import Request
from voiceguide.sinks.atomic import write_bytes

SESSIONS = "sessions"
_NAMED = "published.json"
"""Of the file by which a folder is known as a site of ours."""


@dataclass(frozen=True, slots=True)
class Clinic:
    """Whose site it is.

    Attributes:
        title: shown on every screen.
        contact, privacy: a line each, or None.
        url: of the site, with a slash at its end; None gives no feed, which needs whole addresses.
    """

    title: str = "voiceguide"
    contact: str | None = None
    privacy: str | None = None
    url: str | None = None


def check_folder(folder: Path) -> None:
    """Raises UsageError: it is there and is no site of ours, so nothing is written over."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f'"{folder}" is a file: give a folder')
    if folder.is_dir() and any(folder.iterdir()) and not _is_ours(folder):
        raise UsageError(
            f'"{folder}" has files that publish didn\'t write: give an empty folder, or a new one'
        )


def begin(folder: Path) -> Path:
    """Make the folder, and know it again; gives where sessions go."""
    sessions = folder / SESSIONS
    sessions.mkdir(parents=True, exist_ok=True)
    if not (folder / _NAMED).exists():
        _write(folder / _NAMED, {"sessions": []})
    return sessions


def finish(folder: Path, editions: Iterable[Edition], clinic: Clinic) -> None:
    """Write all but the sessions, once they are there; a visitor meets the old site or the new one.

    Raises:
        SinkError: it can't be written.
    """
    rows = [
        json.loads((folder / SESSIONS / f"{each.id}.json").read_text("utf-8")) for each in editions
    ]
    tracks = sorted({row["track"] for row in rows})
    for name in tracks:
        told = track_to_dict(Request(name))
        told["editions"] = [_brief(row) for row in rows if row["track"] == name]
        _write(folder / "tracks" / f"{_plain(name)}.json", told)
    whole = catalogue_to_dict()
    whole["tracks"] = [track for track in whole["tracks"] if track["name"] in tracks]
    for muscle in whole["muscles"]:
        muscle["tracks"] = [name for name in muscle["tracks"] if name in tracks]
    _write(folder / "catalogue.json", whole)
    signs = all_signs()
    site = {
        "title": clinic.title,
        "contact": clinic.contact,
        "privacy": clinic.privacy,
        "feed": clinic.url is not None,
        "signs": signs,
        "files": {name: f"tracks/{_plain(name)}.json" for name in tracks},
    }
    _write(folder / "site.json", site)
    for name in files.published():
        content, _ = files.read(name) or (b"", "")
        if name != "index.html":
            _bytes(folder / name, content)
    if clinic.url is not None:
        _feeds(folder, rows, clinic, whole["muscles"])
    _write(folder / _NAMED, {"sessions": [row["id"] for row in rows]})
    _bytes(folder / "index.html", _index(rows, clinic, signs))


def prune(folder: Path) -> int:
    """Take away sessions that the site no longer names; how many files went."""
    named = set(json.loads((folder / _NAMED).read_text("utf-8"))["sessions"])
    count = 0
    for path in (folder / SESSIONS).iterdir():
        if path.name.split(".")[0] not in named and path.name.endswith(SUFFIXES):
            path.unlink()
            count += 1
    return count


def _is_ours(folder: Path) -> bool:
    return (folder / _NAMED).is_file()


def _brief(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the page needs to choose a session."""
    kept = ("id", "options", "voice", "seconds", "bytes", "steps", "sides", "title")
    return {key: row[key] for key in kept if key in row}


def _feeds(
    folder: Path, rows: list[dict[str, Any]], clinic: Clinic, muscles: list[dict[str, Any]]
) -> None:
    assert clinic.url is not None
    told = ("Voice-guided self-massage.", clinic.contact, "This is not medical advice.")
    about = " ".join(text for text in told if text)
    whole = feed(rows, clinic.url, title=clinic.title, about=about, file="feed.xml")
    for muscle in muscles:
        mine = [row for row in rows if row["track"] in muscle["tracks"]]
        if mine:
            file = f"feed-{muscle['id']}.xml"
            title = f"{clinic.title}: {muscle['title']}"
            _bytes(folder / file, feed(mine, clinic.url, title=title, about=about, file=file))
    _bytes(folder / "feed.xml", whole)


def _index(rows: list[dict[str, Any]], clinic: Clinic, signs: Mapping[str, list[str]]) -> bytes:
    """The page for a folder; below it the sessions as plain links, for who has no JavaScript."""
    content, _ = files.read("index.html") or (b"", "")
    page = content.decode()
    links = "".join(
        f'<li><a href="{escape(row["audio"])}">{escape(row["title"])}, '
        f"{max(1, round(row['seconds'] / 60))} min</a> {escape(row.get('needs') or '')}</li>"
        for row in rows
    )
    told = "".join(
        f"<li>{escape(text)}</li>" for text in (*signs["emergency"], *signs["do_not_start"])
    )
    foot = "".join(f"<p>{escape(text)}</p>" for text in (clinic.contact, clinic.privacy) if text)
    plain = (
        f"<noscript><h1>{escape(clinic.title)}</h1><h2>Don't start, and get help, with</h2>"
        f"<ul>{told}</ul><h2>Sessions</h2><ul>{links}</ul><p>This is not medical advice.</p>{foot}"
        "</noscript>"
    )
    start, _, rest = page.partition("<noscript>")
    page = start + plain + rest.partition("</noscript>")[2]
    page = page.replace(
        '<meta name="voiceguide-source" content="server">',
        '<meta name="voiceguide-source" content="folder">\n'
        '<meta http-equiv="Content-Security-Policy" content="'
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
        "base-uri 'none'; form-action 'none'\">",
    )
    if clinic.url is not None:
        page = page.replace(
            '<link rel="manifest"',
            '<link rel="alternate" type="application/rss+xml" href="feed.xml">\n<link rel="manifest"',
        )
    return page.replace(
        "<title>voiceguide</title>", f"<title>{escape(clinic.title)}</title>"
    ).encode()


def _plain(name: str) -> str:
    return name.replace("/", "-")


def _write(path: Path, value: object) -> None:
    _bytes(path, json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def _bytes(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        if path.read_bytes() == content:
            return
    except OSError:
        pass
    write_bytes(path, content, force=True)
