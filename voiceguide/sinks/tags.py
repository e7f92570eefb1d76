"""What players show: titles, chapters, words and covers, as bytes for each kind of file."""

from __future__ import annotations

import contextlib
import importlib
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from voiceguide.errors import SinkError
from voiceguide.sinks.base import Tags
from voiceguide.sinks.transcript import milliseconds, one_line, spoken

if TYPE_CHECKING:
    from voiceguide.timeline import Timeline

_MOST_CHILDREN = 255
_LATIN, _UTF16 = 0, 1
PADDING = 1_024
"""Bytes after the frames: some readers want them, and a title can be changed without a new file."""

# Two-letter codes of languages (ISO 639-1), each with the three-letter one of ISO 639-2.
_LANGUAGES = """
af:afr am:amh ar:ara as:asm az:aze ba:bak be:bel bg:bul bn:ben bs:bos ca:cat cs:cze cy:wel da:dan
de:ger el:gre en:eng eo:epo es:spa et:est eu:baq fa:per fi:fin fo:fao fr:fre ga:gle gd:gla gl:glg
gn:grn gu:guj he:heb hi:hin hr:hrv ht:hat hu:hun hy:arm ia:ina id:ind io:ido is:ice it:ita ja:jpn
ka:geo kk:kaz kl:kal kn:kan ko:kor ku:kur ky:kir la:lat lb:ltz lt:lit lv:lav mi:mao mk:mac ml:mal
mr:mar ms:may mt:mlt my:bur nb:nob ne:nep nl:dut nn:nno no:nor om:orm or:ori pa:pan pl:pol pt:por
qu:que ro:rum ru:rus sd:snd si:sin sk:slo sl:slv sq:alb sr:srp sv:swe sw:swa ta:tam te:tel th:tha
tk:tuk tn:tsn tr:tur tt:tat ug:uig uk:ukr ur:urd uz:uzb vi:vie xh:xho yo:yor zh:chi zu:zul
"""


def mutagen(name: str) -> Any:
    """One of mutagen's modules, whose types are too partial to be checked against."""
    return importlib.import_module(f"mutagen.{name}")


@contextlib.contextmanager
def saving() -> Iterator[None]:
    """Gives what mutagen raises in its body as the system's own error, or else a SinkError."""
    try:
        yield
    except importlib.import_module("mutagen").MutagenError as error:
        if isinstance(error.__context__, OSError):
            raise error.__context__ from None
        raise SinkError(f"cannot write the tags: {error}") from error


def language_code(tag: str) -> str:
    """Three letters of ISO 639-2 for a BCP 47 tag; `und` where there are none."""
    primary = tag.partition("-")[0].lower()
    if len(primary) == 3 and primary.isascii() and primary.isalpha():
        return primary
    _, found, rest = _LANGUAGES.partition(f"{primary}:")
    return rest[:3] if found and len(primary) == 2 else "und"


def picture_type(data: bytes) -> str:
    """The media type of a picture by its first bytes."""
    return "image/jpeg" if data.startswith(b"\xff\xd8") else "image/png"


def lyrics(timeline: Timeline) -> str:
    """All that is said, one sentence a line."""
    return "\n".join(words.text for words in spoken(timeline))


_ID3_HEADER = 10


def id3_frames(timeline: Timeline, tags: Tags) -> list[Any]:
    """ID3 frames of a session: titles, length, chapters, words with their times, cover."""
    id3 = mutagen("id3")
    rate = timeline.format.rate
    language = language_code(tags.language)

    def text(frame: Any, value: str) -> Any:
        value = one_line(value)
        return frame(encoding=_encoding(value), text=[value])

    frames = [
        text(id3.TIT2, tags.title),
        text(id3.TALB, tags.album),
        text(id3.TPE1, tags.artist),
        text(id3.TCON, tags.genre),
        text(id3.TLAN, language),
        text(id3.TLEN, str(milliseconds(timeline.frames, rate))),
    ]
    if tags.grouping:
        frames.append(text(id3.TIT1, tags.grouping))
    if tags.track:
        frames.append(text(id3.TRCK, "/".join(map(str, tags.track))))
    if comment := one_line(tags.comment):
        frames.append(id3.COMM(encoding=_encoding(comment), lang=language, desc="", text=[comment]))
    ids = []
    for number, chapter in enumerate(timeline.chapters):
        ids.append(f"chp{number}")
        frames.append(
            id3.CHAP(
                element_id=ids[-1],
                start_time=milliseconds(chapter.start, rate),
                end_time=milliseconds(chapter.end, rate),
                start_offset=0xFFFFFFFF,
                end_offset=0xFFFFFFFF,
                sub_frames=[text(id3.TIT2, chapter.title)],
            )
        )
    if ids:
        frames += _contents(ids, text(id3.TIT2, tags.title))
    if words := spoken(timeline):
        said = lyrics(timeline)
        frames.append(id3.USLT(encoding=_encoding(said), lang=language, desc="", text=said))
        frames.append(
            id3.SYLT(
                encoding=_encoding(said),
                lang=language,
                format=2,  # times are in milliseconds
                type=1,  # lyrics
                desc="",
                text=[(line.text, line.start) for line in words],
            )
        )
    if tags.cover:
        frames.append(
            id3.APIC(
                encoding=_LATIN,
                mime=picture_type(tags.cover),
                type=3,  # front cover
                desc="",
                data=tags.cover,
            )
        )
    return frames


def _encoding(text: str) -> int:
    """Plain letters as every reader knows them, all others in UTF-16."""
    return _LATIN if text.isascii() else _UTF16


def _contents(ids: list[str], title: Any) -> list[Any]:
    """Tables of contents; one names at most 255 others, so long ones are nested."""
    id3 = mutagen("id3")

    def table(name: str, children: list[str], flags: Any) -> Any:
        return id3.CTOC(
            element_id=name, flags=flags, child_element_ids=children, sub_frames=[title]
        )

    ordered, top = id3.CTOCFlags.ORDERED, id3.CTOCFlags.TOP_LEVEL
    tables: list[Any] = []
    level = 0
    while len(ids) > _MOST_CHILDREN:
        level += 1
        groups = [ids[i : i + _MOST_CHILDREN] for i in range(0, len(ids), _MOST_CHILDREN)]
        names = [f"toc{level}.{number}" for number in range(len(groups))]
        tables += [table(*pair, ordered) for pair in zip(names, groups, strict=True)]
        ids = names
    return [table("toc", ids, top | ordered), *tables]


def id3(timeline: Timeline, tags: Tags) -> bytes:
    """An ID3v2.3 tag, to be put before the first frame of an MP3 file.

    Of the versions it is the one that everything reads; `docs/tags.md` has the table.
    """
    # One by one, since Mutagen sorts the frames of a tag by their size, and there are programs that
    # show chapters in the order in which they stand in the file.
    frames = b"".join(_one_frame(frame) for frame in id3_frames(timeline, tags))
    frames += bytes(PADDING)
    size = bytes(len(frames) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\x00\x00" + size + frames


def _one_frame(frame: Any) -> bytes:
    made = mutagen("id3").ID3()
    made.add(frame)
    buffer = io.BytesIO()
    made.save(buffer, v1=0, v2_version=3, padding=lambda _: 0)
    return buffer.getvalue()[_ID3_HEADER:]


def vorbis_comments(timeline: Timeline, tags: Tags) -> list[tuple[str, str]]:
    """Keys and values for FLAC, Ogg Vorbis and Opus, without the cover."""
    comments = [
        ("TITLE", tags.title),
        ("ALBUM", tags.album),
        ("ARTIST", tags.artist),
        ("GENRE", tags.genre),
        ("LANGUAGE", language_code(tags.language)),
    ]
    if tags.comment:
        comments.append(("COMMENT", tags.comment))
    if tags.grouping:
        comments.append(("GROUPING", tags.grouping))
    if tags.track:
        comments += zip(("TRACKNUMBER", "TRACKTOTAL"), map(str, tags.track), strict=True)
    for number, chapter in enumerate(timeline.chapters, 1):
        start = milliseconds(chapter.start, timeline.format.rate)
        minutes, rest = divmod(start, 60_000)
        clock = f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"
        comments.append((f"CHAPTER{number:03}", clock))
        comments.append((f"CHAPTER{number:03}NAME", chapter.title))
    comments = [(key, one_line(value)) for key, value in comments]
    if words := lyrics(timeline):
        comments.append(("LYRICS", words))
    return comments


def flac_picture(cover: bytes) -> Any:
    """A cover as FLAC and Ogg files hold it."""
    picture = mutagen("flac").Picture()
    picture.type = 3  # front cover
    picture.mime = picture_type(cover)
    picture.data = cover
    return picture
