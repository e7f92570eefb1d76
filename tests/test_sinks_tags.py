"""Tags, read back by mutagen and by ffprobe."""

from __future__ import annotations

import io
import json
import subprocess
from dataclasses import replace

import mutagen.id3
import pytest
from needs import needs
from sinks_support import feed, job, picture, sound, timeline

from voiceguide.audio import AudioFormat
from voiceguide.sinks import tags
from voiceguide.sinks.base import Tags
from voiceguide.sinks.registry import open_file
from voiceguide.timeline.model import Event
from voiceguide.units import Frames

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
AUDIO = AudioFormat()


def read(made, given) -> mutagen.id3.ID3:
    """The tag as mutagen reads it."""
    return mutagen.id3.ID3(io.BytesIO(tags.id3(made, given)))


def test_the_plain_frames():
    """Title, album, artist, genre, comment, language, length, grouping, number, cover."""
    given = Tags("Tïtle", "Album", "Artist", "Genre", "A comment", "de-AT", PNG, "calves", (3, 41))
    got = read(timeline(44_100 * 90, AUDIO), given)
    assert got.version == (2, 3, 0)
    names = ("TIT2", "TALB", "TPE1", "TCON", "TLAN", "TLEN", "TIT1", "TRCK")
    wanted = ["Tïtle", "Album", "Artist", "Genre", "ger", "90000", "calves", "3/41"]
    assert [str(got[n]) for n in names] == wanted
    assert str(got["COMM::ger"]) == "A comment"
    cover = got.getall("APIC")[0]
    assert (cover.type, cover.mime, cover.data) == (3, "image/png", PNG)


def test_words_have_their_times():
    """USLT has the text, SYLT each sentence at its start in milliseconds; breath words too."""
    made = timeline(44_100 * 10, AUDIO, words=("Breathe.", "And on."))
    breath = Event("breath", Frames(44_100), Frames(22_050), text="In ...")
    made = type(made)(
        made.format, made.frames, made.chapters, (made.events[0], breath, made.events[1])
    )
    got = read(made, Tags("x"))
    assert got.getall("USLT")[0].text == "Breathe.\nIn ...\nAnd on."
    words = got.getall("SYLT")[0]
    assert words.text == [("Breathe.", 0), ("In ...", 1000), ("And on.", 2000)]
    assert (words.format, words.type, words.lang) == (2, 1, "eng")


@pytest.mark.parametrize("count", [1, 255, 256, 600])
def test_contents_are_nested_where_one_table_is_too_small(count):
    """From the top-level table every chapter is reached once, in order; none has over 255."""
    got = read(timeline(44_100 * 1000, AUDIO, chapters=count), Tags("x"))
    tables = {t.element_id: t for t in got.getall("CTOC")}
    tops = [t for t in tables.values() if t.flags & 2]
    assert len(tops) == 1
    assert all(len(t.child_element_ids) <= 255 for t in tables.values())

    def leaves(name):
        if name not in tables:
            return [name]
        return [leaf for child in tables[name].child_element_ids for leaf in leaves(child)]

    found = leaves(tops[0].element_id)
    assert str(tops[0].sub_frames["TIT2"]) == "x"
    chapters = {c.element_id: c for c in got.getall("CHAP")}
    titles = [str(chapters[name].sub_frames["TIT2"]) for name in found]
    assert titles == [f"Step {i + 1}" for i in range(count)]


@needs("id3v2", "exiftool", "mp3val", "ffprobe")
def test_old_and_strict_readers(tmp_path):
    """Each shows the title, whatever its letters, and the rest; none has anything to warn of."""
    path = tmp_path / "x.mp3"
    samples = sound(8)
    given = Tags("Tïtle – one", comment="Stop at once.", cover=picture(), grouping="calves")
    made = job(len(samples), tags=given, chapters=3, words=("Lie dówn.", "“In”."))
    feed(open_file(path, made), samples)

    def told(*command: str) -> str:
        done = subprocess.run([*command, str(path)], capture_output=True, check=True)
        assert done.stderr == b""
        return done.stdout.decode()

    listed = told("id3v2", "-l")
    for text in ("Tïtle – one", "voiceguide", "Stop at once.", "calves", "Lie dówn.", "“In”."):
        assert text in listed
    assert listed.count("CHAP") == 3
    shown = told("exiftool", "-s")
    assert "Warning" not in shown and "Tïtle – one" in shown and "Stop at once." in shown
    assert "WARNING" not in told("mp3val")
    probed = told("ffprobe", "-v", "warning", "-show_chapters", "-show_format")
    assert "Tïtle – one" in probed and probed.count("[CHAPTER]") == 3


def test_a_title_can_be_changed_in_place(tmp_path):
    """There is room for it: the sound does not move."""
    path = tmp_path / "x.mp3"
    samples = sound(2)
    feed(open_file(path, job(len(samples))), samples)
    size = path.stat().st_size
    found = mutagen.id3.ID3(path)
    found.add(mutagen.id3.TIT2(encoding=1, text=["Another title, rather longer"]))
    found.save(v2_version=3)
    assert path.stat().st_size == size


def test_the_same_tag_twice_has_the_same_bytes():
    """Nothing of the clock or of chance."""
    made = timeline(44_100 * 10, AUDIO, chapters=9, words=("One.", "Two."))
    assert tags.id3(made, Tags("x", cover=PNG)) == tags.id3(made, Tags("x", cover=PNG))


def test_control_characters_stay_out():
    """Line ends and terminal escapes in a title become spaces."""
    got = read(timeline(44_100, AUDIO), Tags("a\nb\x1b[2Jc\x00d"))
    assert str(got["TIT2"]) == "a b [2Jc d"


@pytest.mark.parametrize(
    ("tag", "wanted"),
    [("en", "eng"), ("en-GB", "eng"), ("DE", "ger"), ("fil", "fil"), ("xx", "und"), ("", "und")],
)
def test_languages(tag, wanted):
    """BCP 47 to ISO 639-2; what is not known is undetermined."""
    assert tags.language_code(tag) == wanted


@needs("ffmpeg", "ffprobe")
@pytest.mark.parametrize("name", ["mp3", "wav", "flac", "ogg", "opus", "m4a", "m4b"])
def test_every_format_shows_title_and_chapters(name, tmp_path):
    """ffprobe finds the title and each chapter within a millisecond of its place."""
    path = tmp_path / f"x.{name}"
    samples = sound(7)[:300_001]
    made = job(len(samples), tags=Tags("A = title; #1"), chapters=7)
    feed(open_file(path, made), samples)
    command = [
        "ffprobe",
        "-v",
        "error",
        "-of",
        "json",
        "-show_chapters",
        "-show_format",
        "-show_streams",
        str(path),
    ]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stderr == b""
    found = json.loads(done.stdout)
    everywhere = {**found["format"].get("tags", {}), **found["streams"][0].get("tags", {})}
    assert {key.lower(): value for key, value in everywhere.items()}["title"] == "A = title; #1"
    assert len(found["chapters"]) == 7
    for got, wanted in zip(found["chapters"], made.timeline.chapters, strict=True):
        assert abs(float(got["start_time"]) - wanted.start / 44_100) <= 0.001
        assert got["tags"]["title"] == wanted.title


def test_chapters_stand_in_the_order_of_time():
    """In the file itself, however long their titles are."""
    made = timeline(44_100 * 100, AUDIO, chapters=5)
    titles = ("A very long title for the first", "B", "A title in between", "CC", "D")
    chapters = tuple(
        replace(chapter, title=title) for chapter, title in zip(made.chapters, titles, strict=True)
    )
    raw = tags.id3(replace(made, chapters=chapters), Tags("x"))
    places = [raw.index(f"chp{number}\0".encode()) for number in range(5)]
    assert places == sorted(places)
