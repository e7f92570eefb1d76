"""A session to keep: the MP3 with its tags, the words, the cover."""

from __future__ import annotations

import tempfile
import unicodedata
from pathlib import Path

from starlette.background import BackgroundTask
from starlette.requests import Request as HttpRequest
from starlette.responses import FileResponse, Response

from voiceguide.page.single import write_html
from voiceguide.session import Session, export
from voiceguide.session.exporting import tags
from voiceguide.sinks.base import Tags
from voiceguide.sinks.transcript import write_transcript
from voiceguide.web.answers import RefusedError, packed
from voiceguide.web.live import Live

_TRANSCRIPTS = ("vtt", "srt", "lrc")


def words(http: HttpRequest, live: Live) -> Response:
    """What is said, with the time of each sentence, for a `<track>`."""
    session = _session(live)
    text = write_transcript(session.timeline, "vtt", Tags(session.title))
    return packed(http, text.encode(), "text/vtt; charset=utf-8")


def cover(http: HttpRequest, live: Live) -> Response:
    """The square picture, 1000 x 1000 pixels."""
    if live.cover is None:
        live.cover = tags(_session(live)).cover or b""
    return packed(http, live.cover, "image/jpeg")


def download(http: HttpRequest, live: Live) -> Response:
    """A file to keep; its suffix says which."""
    session = _session(live)
    suffix = http.path_params["name"].rpartition(".")[2]
    name = _file_name(session)
    if suffix in _TRANSCRIPTS:
        text = write_transcript(session.timeline, suffix, tags(session))
        headers = {"content-disposition": f'attachment; filename="{name}.{suffix}"'}
        return Response(text, 200, headers, "text/plain; charset=utf-8")
    if suffix not in ("mp3", "html"):
        raise RefusedError(
            404, "not-found", "there is no such file: mp3, vtt, srt or lrc can be had"
        )
    folder = tempfile.TemporaryDirectory(prefix="voiceguide-")
    path = Path(folder.name) / f"{name}.mp3"
    export(session, path)
    if suffix == "html":
        path = write_html(session, path)
    return FileResponse(
        path,
        media_type="text/html" if suffix == "html" else "audio/mpeg",
        filename=path.name,
        background=BackgroundTask(folder.cleanup),
    )


def _session(live: Live) -> Session:
    assert live.session is not None, "it is spoken first"
    return live.session


def _file_name(session: Session) -> str:
    track = session.loaded.track
    name = track.file_name if track else Path(session.request.name).stem
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    kept = "".join(c if c.isalnum() or c in "-_" else "-" for c in plain).strip("-")
    return f"{kept or 'session'}-{max(1, round(session.seconds / 60))}min"
