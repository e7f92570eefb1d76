"""Sessions as a podcast: RSS with chapters and transcripts, for the apps that people have."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from xml.etree import ElementTree as ET

_ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
_PODCAST = "https://podcastindex.org/namespace/1.0"
_ATOM = "http://www.w3.org/2005/Atom"
_SPACE = uuid.UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")
"""Of podcast GUIDs, as the podcast namespace defines them."""
_FIRST = datetime(2026, 1, 1, 6, tzinfo=UTC)
"""The date of the first episode. Apps sort by date, and sessions have none of their own."""


def feed(
    sessions: Iterable[Mapping[str, Any]],
    base: str,
    *,
    title: str,
    about: str,
    file: str,
    page: str | None = None,
) -> bytes:
    """The feed of some sessions, in their order.

    Args:
        sessions: as the site's JSON has them.
        base: the address of the files, with a slash at its end.
        file: the feed's own name below it.
        page: the address of the listener's page; the base without.
    """
    for prefix, uri in (("itunes", _ITUNES), ("podcast", _PODCAST), ("atom", _ATOM)):
        ET.register_namespace(prefix, uri)
    rss = ET.Element("rss", version="2.0")
    channel = ET.SubElement(rss, "channel")
    rows = list(sessions)
    _add(channel, "title", title)
    page = page or base
    _add(channel, "link", page)
    _add(channel, "description", about)
    _add(channel, "language", "en")
    _add(channel, f"{{{_ATOM}}}link", rel="self", href=base + file, type="application/rss+xml")
    _add(channel, f"{{{_ITUNES}}}author", title)
    _add(channel, f"{{{_ITUNES}}}block", "Yes")
    _add(channel, f"{{{_ITUNES}}}explicit", "false")
    _add(channel, f"{{{_ITUNES}}}type", "serial")
    _add(channel, f"{{{_ITUNES}}}category", text="Health & Fitness")
    _add(channel, f"{{{_PODCAST}}}block", "yes")
    _add(channel, f"{{{_PODCAST}}}medium", "podcast")
    own = base.removeprefix("https://").removeprefix("http://") + file
    _add(channel, f"{{{_PODCAST}}}guid", str(uuid.uuid5(_SPACE, own)))
    if rows:
        _add(channel, f"{{{_ITUNES}}}image", href=base + rows[0]["cover"])
        picture = _add(channel, "image")
        _add(picture, "url", base + rows[0]["cover"])
        _add(picture, "title", title)
        _add(picture, "link", page)
    for number, row in enumerate(rows, 1):
        _episode(channel, row, base, page, number)
    ET.indent(rss)
    told: bytes = ET.tostring(rss, encoding="utf-8", xml_declaration=True)
    return told


def _episode(
    channel: ET.Element, row: Mapping[str, Any], base: str, page: str, number: int
) -> None:
    item = _add(channel, "item")
    minutes = max(1, round(row["seconds"] / 60))
    _add(item, "title", f"{row['title']}, {minutes} min{_side(row)}")
    # The same content has the same name, so that no app offers it twice.
    _add(item, "guid", row["id"], isPermaLink="false")
    _add(item, "pubDate", format_datetime(_FIRST + timedelta(days=number - 1)))
    needs = row.get("needs")
    told = [row.get("summary"), needs, "This is not medical advice."]
    _add(item, "description", " ".join(text for text in told if text))
    _add(item, "link", f"{page}#{row['track']}")
    _add(item, "enclosure", url=base + row["audio"], type="audio/mpeg", length=str(row["bytes"]))
    _add(item, f"{{{_ITUNES}}}duration", str(round(row["seconds"])))
    _add(item, f"{{{_ITUNES}}}episode", str(number))
    _add(item, f"{{{_ITUNES}}}explicit", "false")
    _add(item, f"{{{_ITUNES}}}image", href=base + row["cover"])
    chapters = row["audio"].removesuffix(".mp3") + ".chapters.json"
    _add(item, f"{{{_PODCAST}}}chapters", url=base + chapters, type="application/json+chapters")
    _add(
        item,
        f"{{{_PODCAST}}}transcript",
        url=base + row["words"],
        type="text/vtt",
        language="en",
    )


def _side(row: Mapping[str, Any]) -> str:
    options = row.get("options", {})
    if options.get("side") in ("left", "right"):
        return f", {options['side']} side"
    return f", more on the {options['sore']}" if options.get("sore") else ""


def _add(to: ET.Element, tag: str, text: str | None = None, **given: str) -> ET.Element:
    if tag.endswith("}category") and text is not None:
        given, text = {"text": text}, None
    made = ET.SubElement(to, tag, given)
    made.text = text
    return made
