"""Transcripts: the exact text."""

from __future__ import annotations

import pytest

from voiceguide.audio import AudioFormat
from voiceguide.errors import NotFoundError
from voiceguide.sinks.base import Tags
from voiceguide.sinks.transcript import write_transcript
from voiceguide.timeline.model import Chapter, Event, Lane, Timeline
from voiceguide.units import Frames


def say(start: float, length: float, text: str, lane: Lane = "voice") -> Event:
    return Event(lane, Frames(int(start * 1000)), Frames(int(length * 1000)), text=text)


def made(*events: Event, chapters: tuple[Chapter, ...] = ()) -> Timeline:
    """At 1000 Hz, so that frames are milliseconds."""
    return Timeline(AudioFormat(1000, 1), Frames(7_300_000), chapters, events)


BOTH = made(
    say(0, 2.5, "Lie <down> & rest --> now."),
    say(2, 1, "In ...", "breath"),
    say(3723.004, 1.2, "[Left] side."),
    chapters=(
        Chapter("Set-up", Frames(0), Frames(3_000_000), notes=("Ball --> floor", "Soft\nball")),
        Chapter("Piriformis", Frames(3_000_000), Frames(7_300_000)),
    ),
)


def test_vtt():
    """Marks are escaped, chapters are notes, a cue ends where the next one starts."""
    assert write_transcript(BOTH, "vtt", Tags("A --> B")) == (
        "WEBVTT - A → B\n\n"
        "NOTE\nChapter: Set-up\nBall → floor\nSoft ball\n\n"
        "00:00:00.000 --> 00:00:02.000\nLie &lt;down&gt; &amp; rest --&gt; now.\n\n"
        "00:00:02.000 --> 00:00:03.000\nIn ...\n\n"
        "NOTE\nChapter: Piriformis\n\n"
        "01:02:03.004 --> 01:02:04.204\n[Left] side.\n"
    )


def test_srt():
    """Numbered, with commas; nothing looks like a second time line."""
    assert write_transcript(BOTH, "srt", Tags("x")) == (
        "1\n00:00:00,000 --> 00:00:02,000\nLie <down> & rest → now.\n\n"
        "2\n00:00:02,000 --> 00:00:03,000\nIn ...\n\n"
        "3\n01:02:03,004 --> 01:02:04,204\n[Left] side.\n"
    )


def test_lrc():
    """Minutes go beyond sixty; square brackets are kept for times."""
    assert write_transcript(BOTH, "lrc", Tags("[x]")) == (
        "[ti:(x)]\n[ar:voiceguide]\n[al:voiceguide]\n[length:121:40]\n"
        "[00:00.00]Lie <down> & rest --> now.\n[00:02.00]In ...\n[62:03.00](Left) side.\n"
    )


def test_two_at_once_are_one_cue():
    """No cue is empty, and no two overlap."""
    text = write_transcript(made(say(1, 1, "A."), say(1, 2, "B.", "breath")), "srt", Tags("x"))
    assert text == "1\n00:00:01,000 --> 00:00:03,000\nA. B.\n"


@pytest.mark.parametrize("name", ["vtt", "srt", "lrc"])
def test_a_session_without_words(name):
    """It is still a file of its kind."""
    assert write_transcript(made(), name, Tags("x")).endswith("\n") or name == "srt"


def test_an_unknown_format():
    """The message lists the formats and the nearest."""
    with pytest.raises(NotFoundError, match='did you mean "vtt"'):
        write_transcript(made(), "vt", Tags("x"))
