"""The words of a session as text beside the sound: WebVTT, SubRip and LRC."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, get_args

from voiceguide.errors import NotFoundError, did_you_mean
from voiceguide.sinks.base import Tags
from voiceguide.timeline import Chapter, Timeline

TranscriptFormat = Literal["vtt", "srt", "lrc"]
FORMATS: tuple[str, ...] = get_args(TranscriptFormat)


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence or a breath word.

    Attributes:
        start, end: in milliseconds from the beginning of the session.
        text: one line, as written in the script.
    """

    start: int
    end: int
    text: str


def milliseconds(frames: int, rate: int) -> int:
    """Frames at a rate in hertz as whole milliseconds, to the nearest."""
    return (frames * 2000 + rate) // (rate * 2)


def one_line(text: str) -> str:
    """A text without line ends and other characters that are not written."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def spoken(timeline: Timeline) -> list[Words]:
    """All that is said, in order; of two that overlap the first ends where the next starts."""
    rate = timeline.format.rate
    found: list[Words] = []
    for event in timeline.lane("voice", "breath"):
        text = one_line(event.text or "")
        if not text:
            continue
        start, end = milliseconds(event.start, rate), milliseconds(event.end, rate)
        if found and found[-1].start == start:
            last = found[-1]
            found[-1] = replace(last, end=max(last.end, end), text=f"{last.text} {text}")
            continue
        if found and found[-1].end > start:
            found[-1] = replace(found[-1], end=start)
        found.append(Words(start, max(end, start + 1), text))
    return found


def write_transcript(timeline: Timeline, format_name: str, tags: Tags) -> str:
    """The words of a session, one cue a sentence.

    Args:
        format_name: `vtt`, `srt` or `lrc`.

    Raises:
        NotFoundError: there is no such format.
    """
    words = spoken(timeline)
    match format_name:
        case "vtt":
            return _vtt(words, timeline, tags)
        case "srt":
            return _srt(words)
        case "lrc":
            return _lrc(words, timeline, tags)
    question = did_you_mean(format_name, FORMATS)
    raise NotFoundError(
        f'there is no transcript format "{format_name}"; {f"{question} The" if question else "the"} '
        f"formats are {', '.join(FORMATS)}"
    )


def _clock(time: int, point: str) -> str:
    minutes, rest = divmod(time, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}{point}{rest % 1000:03}"


def _vtt(words: list[Words], timeline: Timeline, tags: Tags) -> str:
    blocks = [_header(tags)]
    chapters = list(timeline.chapters)
    for cue in words:
        while chapters and milliseconds(chapters[0].start, timeline.format.rate) <= cue.start:
            blocks.append(_note(chapters.pop(0)))
        text = cue.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        blocks.append(f"{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}\n{text}")
    blocks += [_note(chapter) for chapter in chapters]
    return "\n\n".join(blocks) + "\n"


def _header(tags: Tags) -> str:
    return f"WEBVTT - {_no_arrow(one_line(tags.title))}"


def _note(chapter: Chapter) -> str:
    lines = (f"Chapter: {chapter.title}", *chapter.notes)
    return "\n".join(["NOTE", *(_no_arrow(one_line(line)) for line in lines if one_line(line))])


def _no_arrow(text: str) -> str:
    """An arrow would make a line of its own meaning; it looks the same so."""
    return text.replace("-->", "\N{RIGHTWARDS ARROW}")


def _srt(words: list[Words]) -> str:
    blocks = (
        f"{number}\n{_clock(cue.start, ',')} --> {_clock(cue.end, ',')}\n{_no_arrow(cue.text)}\n"
        for number, cue in enumerate(words, 1)
    )
    return "\n".join(blocks)


def _lrc(words: list[Words], timeline: Timeline, tags: Tags) -> str:
    length = milliseconds(timeline.frames, timeline.format.rate)
    head = {
        "ti": tags.title,
        "ar": tags.artist,
        "al": tags.album,
        "length": f"{length // 60_000:02}:{length // 1000 % 60:02}",
    }
    lines: Iterable[str] = (f"[{key}:{_no_brackets(value)}]" for key, value in head.items())
    timed = (
        f"[{cue.start // 60_000:02}:{cue.start // 1000 % 60:02}.{cue.start % 1000 // 10:02}]"
        f"{_no_brackets(cue.text)}"
        for cue in words
    )
    return "\n".join((*lines, *timed)) + "\n"


def _no_brackets(text: str) -> str:
    """Square brackets would be read as a time or a tag."""
    return one_line(text).replace("[", "(").replace("]", ")")
