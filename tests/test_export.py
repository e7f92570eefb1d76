"""A real track at ten minutes: its MP3 holds what the timeline says, where it says so.

Decoded by decoders that are not ours: libsndfile, ffmpeg and mpg123.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyloudnorm
import pytest
import soundfile
from cli_support import SCRIPT, environment, listing, voiceguide, works
from mutagen.id3 import ID3
from mutagen.mp3 import MP3
from needs import needs
from numpy.typing import NDArray

import voiceguide as vg
from voiceguide.audio import RATE
from voiceguide.library import catalogue
from voiceguide.library.data import data_folder
from voiceguide.library.tracks import tracks as known_tracks
from voiceguide.units import to_factor

FRAMES = 600 * RATE
ASKED = ("piriformis", "--minutes", "10")

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Made:
    """One export: its file, its timeline as the command prints it, and its sound decoded."""

    folder: Path
    cache: Path
    told: dict[str, Any]
    plan: dict[str, Any]

    @property
    def path(self) -> Path:
        """The MP3."""
        return self.folder / "piriformis.mp3"

    def events(self, lane: str) -> list[dict[str, Any]]:
        """The timeline's events of one lane."""
        return [event for event in self.plan["events"] if event["lane"] == lane]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The track in the voice that is the default here, with nothing cached."""
    folder = tmp_path_factory.mktemp("made")
    cache = tmp_path_factory.mktemp("cache") / "clips"
    env = environment(VOICEGUIDE_CACHE=str(cache))
    (told,) = json.loads(works("export", *ASKED, "--json", at=folder, env=env))
    plan = json.loads(works("timeline", *ASKED, "--json", at=folder, env=env))
    return Made(folder, cache, told, plan)


@pytest.fixture(scope="module")
def heard(made: Made) -> Samples:
    """What libsndfile decodes, (frames, 2)."""
    samples, rate = soundfile.read(made.path, dtype="float32", always_2d=True)
    assert rate == RATE
    return samples


@pytest.fixture(scope="module")
def session(made: Made) -> vg.Session:
    """The same session through the library, for the clips it is made of."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VOICEGUIDE_CACHE", str(made.cache))
        return vg.compile("piriformis", vg.Options(length=600))


def test_only_the_file_is_there(made: Made) -> None:
    """The natural voice made it, and nothing else lies beside it."""
    assert list(listing(made.folder)) == ["piriformis.mp3"]
    assert made.told["voice"] == "natural"
    assert made.told["frames"] == made.plan["frames"] == FRAMES
    assert made.told["duration"] == made.plan["duration"] == 600
    assert made.told["size"] == made.path.stat().st_size


def decoded_bytes(*command: str | Path) -> int:
    """How many bytes a decoder writes; it must find nothing to complain about."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as decoder:
        assert decoder.stdout is not None and decoder.stderr is not None
        count = sum(len(part) for part in iter(lambda: decoder.stdout.read(1 << 20), b""))
        complaints = decoder.stderr.read()
    assert (decoder.returncode, complaints) == (0, b"")
    return count


@needs("ffmpeg", "mpg123")
def test_exactly_ten_minutes_in_every_decoder(made: Made, heard: Samples) -> None:
    """26,460,000 frames, neither the encoder's delay nor its padding."""
    assert heard.shape == (FRAMES, 2)
    pipe = ("-map", "0:a", "-f", "s16le", "-")
    assert decoded_bytes("ffmpeg", "-v", "error", "-i", made.path, *pipe) == FRAMES * 4
    assert decoded_bytes("mpg123", "-q", "-s", made.path) == FRAMES * 4
    assert MP3(made.path).info.bitrate == 128_000


@needs("ffmpeg")
def test_loudness_and_peak(made: Made, heard: Samples) -> None:
    """-16 LUFS and no true peak above -1 dBTP, by ffmpeg's own meter; silence at the end."""
    meter = ("-map", "0:a", "-af", "ebur128=peak=true:framelog=verbose", "-f", "null", "-")
    done = subprocess.run(
        ["ffmpeg", "-hide_banner", "-nostats", "-i", made.path, *meter],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    summary = done.stderr[done.stderr.rindex("Summary:") :]
    loudness = float(re.search(r"I:\s+(-?[\d.]+) LUFS", summary)[1])  # type: ignore[index]
    peak = float(re.search(r"Peak:\s+(-?[\d.]+) dBFS", summary)[1])  # type: ignore[index]
    assert -17 <= loudness <= -15
    assert -12 < peak <= -1
    assert np.abs(heard[-200:]).max() < to_factor(-50)  # the room, and nothing else


def test_mono_is_as_loud_to_the_ear(made: Made) -> None:
    """-19 LUFS, in one channel and half the bytes, and as long."""
    env = environment(VOICEGUIDE_CACHE=str(made.cache))
    works(
        "export", "piriformis", "--minutes", "6", "--mono", "-o", "m.mp3", at=made.folder, env=env
    )
    path = made.folder / "m.mp3"
    sound, rate = soundfile.read(path, dtype="float32")
    size = path.stat().st_size
    path.unlink()
    assert sound.shape == (360 * RATE,)
    assert size < made.path.stat().st_size * 0.6 * 0.55
    assert -20 <= pyloudnorm.Meter(rate).integrated_loudness(sound) <= -18
    assert np.abs(sound).max() < to_factor(-1)


def test_chapters_are_those_of_the_timeline(made: Made) -> None:
    """Within a millisecond, in order, without gaps, all in one table of contents."""
    tags = ID3(made.path)
    chapters = {frame.element_id: frame for frame in tags.getall("CHAP")}
    (contents,) = tags.getall("CTOC")
    found = [chapters[name] for name in contents.child_element_ids]
    planned = made.plan["chapters"]
    assert len(found) == len(chapters) == len(planned) == made.told["chapters"]
    for frame, chapter in zip(found, planned, strict=True):
        assert frame.sub_frames["TIT2"].text == [chapter["title"]]
        assert abs(frame.start_time - 1000 * chapter["start"]) <= 1
        assert abs(frame.end_time - 1000 * chapter["end"]) <= 1
    assert planned[0]["start"] == 0 and planned[-1]["end"] == 600
    assert all(one["end"] == other["start"] for one, other in pairwise(planned))


def test_tags_tell_what_it_is(made: Made) -> None:
    """Title, artist, length, language, a cover that is a picture, and every word with its time."""
    tags = ID3(made.path)
    assert tags["TIT2"].text == [made.told["title"]]
    assert tags["TLEN"].text == ["600000"]
    assert tags["TLAN"].text == ["eng"]
    assert tags["TALB"].text == ["voiceguide"] and tags["TPE1"].text and tags["TCON"].text
    number, of = map(int, tags["TRCK"].text[0].split("/"))
    assert 1 <= number <= of == len([t for t in known_tracks() if t.origin == "built-in"])
    (comment,) = tags.getall("COMM")[0].text
    assert "natural" in comment
    for caution in catalogue.cautions().values():
        assert not caution.everywhere or caution.text in comment
    assert not re.search(r"[.!?] [a-z]", comment) and comment[0].isupper()
    assert tags["TIT1"].text == ["piriformis"]
    (cover,) = tags.getall("APIC")
    assert cover.data.startswith((b"\x89PNG", b"\xff\xd8")) and len(cover.data) > 2000
    voiced = made.events("voice")
    words = tags.getall("USLT")[0].text
    assert all(event["text"] in words for event in voiced)
    times = {text: [] for text, _ in tags.getall("SYLT")[0].text}
    for text, at in tags.getall("SYLT")[0].text:
        times[text].append(at)
    for event in voiced:
        near = min(abs(at - 1000 * event["start"]) for at in times[event["text"]])
        assert near <= 1


def test_no_two_sentences_at_once(made: Made) -> None:
    """And none runs past the end."""
    voiced = sorted((e["start"], e["start"] + e["duration"]) for e in made.events("voice"))
    assert len(voiced) > 60
    assert all(one[1] <= other[0] + 1e-6 for one, other in pairwise(voiced))
    assert voiced[-1][1] <= 600


def likeness(clip: Samples, sound: Samples) -> float:
    """Normalised correlation of two stretches of sound."""
    power = float(np.vdot(clip, clip)) * float(np.vdot(sound, sound))
    return float(np.vdot(clip, sound)) / power**0.5 if power else 0.0


def offset(clip: Samples, sound: Samples, reach: int) -> tuple[int, float]:
    """Where in a stretch that starts `reach` early a clip fits best: (frames late, likeness)."""
    size = 1 << (len(clip) + 2 * reach).bit_length()
    spectrum = np.conj(np.fft.rfft(clip, size)) * np.fft.rfft(sound, size)
    products = np.fft.irfft(spectrum, size)[: 2 * reach + 1]
    squares = np.concatenate([[0.0], np.cumsum(np.square(sound, dtype=np.float64))])
    power = squares[len(clip) : len(clip) + 2 * reach + 1] - squares[: 2 * reach + 1]
    scores = products / np.sqrt(np.maximum(power * float(np.vdot(clip, clip)), 1e-12))
    best = int(np.argmax(scores))
    return best - reach, float(scores[best])


def test_every_chime_is_where_the_timeline_has_it(made: Made, heard: Samples) -> None:
    """Within 2 ms, by cross-correlation with the shipped sound over half a second either way."""
    chimes = made.events("chime")
    assert len(chimes) >= 5
    reach, middle = RATE // 2, heard.mean(axis=1)
    for chime in chimes:
        path = next(data_folder("sounds").glob(f"**/{chime['sound']}.*"))
        sound, rate = soundfile.read(path, dtype="float32", always_2d=True)
        assert rate == RATE
        clip = sound.mean(axis=1)[:RATE]
        at = round(chime["start"] * RATE)
        near = middle[at - reach : at + reach + len(clip)]
        late, score = offset(clip, near, reach)
        assert abs(late) <= RATE * 2 // 1000, chime
        assert score > 0.9, chime


def test_every_sentence_is_whole_and_in_its_place(
    session: vg.Session, made: Made, heard: Samples
) -> None:
    """Its clip is found where the timeline has it, beginning, middle and end."""
    assert session.timeline.frames == FRAMES
    spoken = [event for event in session.timeline.events if event.lane == "voice"]
    assert [e.text for e in spoken] == [e["text"] for e in made.events("voice")]
    middle = heard.mean(axis=1)
    for event, planned in zip(spoken, made.events("voice"), strict=True):
        assert event.clip is not None
        assert event.start == round(planned["start"] * RATE)
        clip = session.clips(event.clip).read(0, event.frames)[:, 0]
        assert len(clip) == event.frames == round(planned["duration"] * RATE)
        sound = middle[event.start : event.end]
        assert likeness(clip, sound) > 0.93, event.text
        # A session may begin and end with its words: silence stands in for what lies outside.
        around = np.pad(middle, 441)[event.start : event.end + 2 * 441]
        late, _ = offset(clip, around, 441)
        assert abs(late) <= 1, event.text
        loud = float(np.square(clip).mean())
        for part, heard_part in zip(np.array_split(clip, 8), np.array_split(sound, 8), strict=True):
            if float(np.square(part).mean()) > loud / 30:
                # A word for the breath has a swell under it.
                assert likeness(part, heard_part) > 0.7, event.text


def test_the_same_bytes_from_an_empty_cache(made: Made, tmp_path: Path) -> None:
    """In another process, which speaks everything again."""
    env = environment(VOICEGUIDE_CACHE=str(tmp_path / "clips"))
    works("export", *ASKED, "-o", "again.mp3", at=tmp_path, env=env)
    assert (tmp_path / "again.mp3").read_bytes() == made.path.read_bytes()
    first, second = (listing(folder) for folder in (made.cache, tmp_path / "clips"))
    assert first == second


@pytest.mark.parametrize(
    ("voice", "caches"),
    [("natural", "aa"), ("pyttsx3", "aab"), ("silent", "aab")],
)
def test_the_same_bytes_in_other_processes(voice: str, caches: str, tmp_path: Path) -> None:
    """From the same cache in every voice; eSpeak NG repeats itself from an empty one, too."""
    (tmp_path / "a.md").write_text(SCRIPT)
    made = []
    for cache in caches:
        env = environment(VOICEGUIDE_CACHE=str(tmp_path / cache))
        works(
            "export", "a.md", "--voice", voice, "--minutes", "1.5", "--force", at=tmp_path, env=env
        )
        made.append((tmp_path / "a.mp3").read_bytes())
    assert set(made) == {made[0]}


def test_another_request_gives_another_file(tmp_path: Path) -> None:
    """Each option is heard."""
    (tmp_path / "a.md").write_text(SCRIPT)
    made = set()
    for words in ("", "--pace gentle", "--sore right", "--breath tone", "--background sea"):
        args = ("export", "a.md", "--voice", "silent", "--minutes", "1.5", "-o", "a.mp3", "--force")
        works(*args, *words.split(), at=tmp_path)
        made.add((tmp_path / "a.mp3").read_bytes())
    assert len(made) == 5


@pytest.mark.parametrize(
    ("name", "rate"),
    [("wav", RATE), ("flac", RATE), ("ogg", RATE), ("opus", 48_000)],
)
def test_other_formats_have_the_exact_length(name: str, rate: int, tmp_path: Path) -> None:
    """By the suffix, or by --format."""
    (tmp_path / "a.md").write_text(SCRIPT)
    how = ["-o", f"out.{name}"] if name in ("wav", "ogg") else ["--format", name]
    said = works("export", "a.md", "--voice", "silent", "--length", "97.3s", *how, at=tmp_path)
    path = tmp_path / said.split("  ")[0]
    assert path.suffix == f".{name}"
    info = soundfile.info(path)
    assert (info.frames, info.samplerate) == (round(97.3 * rate), rate)


@needs("ffmpeg", "ffprobe")
def test_an_audiobook_through_ffmpeg(tmp_path: Path) -> None:
    """M4B with the timeline's chapters, by ffprobe."""
    (tmp_path / "a.md").write_text(SCRIPT)
    args = ("a.md", "--voice", "silent", "--minutes", "1.5")
    works("export", *args, "-o", "a.m4b", at=tmp_path)
    plan = json.loads(works("timeline", *args, "--json", at=tmp_path))
    done = subprocess.run(
        ["ffprobe", "-v", "error", "-show_chapters", "-show_format", "-of", "json", "a.m4b"],
        cwd=tmp_path, capture_output=True, check=True,
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert [c["tags"]["title"] for c in found["chapters"]] == [c["title"] for c in plan["chapters"]]
    for one, other in zip(found["chapters"], plan["chapters"], strict=True):
        assert abs(float(one["start_time"]) - other["start"]) <= 0.001
    assert abs(float(found["format"]["duration"]) - 90) < 0.05


def test_several_at_once_into_a_folder(tmp_path: Path) -> None:
    """A file each under the track's whole name, with transcripts beside them."""
    (tmp_path / "mine.md").write_text(SCRIPT)
    names = ("mine.md", "box-b", "body-check-in")
    args = ("--voice", "silent", "--transcript", "srt", "--mono", "-o", "all", "--json")
    told = json.loads(works("export", *names, *args, at=tmp_path))
    assert [Path(t["path"]).name for t in told] == [
        "mine.mp3", "box-breathing.mp3", "body-check-in.mp3",
    ]  # fmt: skip
    assert len(list((tmp_path / "all").iterdir())) == 6
    for entry in told:
        assert soundfile.info(tmp_path / entry["path"]).frames == entry["frames"]
        assert "-->" in (tmp_path / entry["transcript"]).read_text()


def test_transcripts_follow_the_timeline(tmp_path: Path) -> None:
    """Each sentence of a WebVTT file starts where the timeline has it."""
    (tmp_path / "a.md").write_text(SCRIPT)
    args = ("a.md", "--voice", "silent", "--minutes", "1.5")
    works("export", *args, "--transcript", "vtt", at=tmp_path)
    text = (tmp_path / "a.vtt").read_text()
    cues = re.findall(r"(\d+):(\d+\.\d+) --> .*\n(.*)", text)
    plan = json.loads(works("timeline", *args, "--json", at=tmp_path))
    voiced = [event for event in plan["events"] if event["lane"] == "voice"]
    assert [words for _, _, words in cues] == [event["text"] for event in voiced]
    for (minutes, seconds, _), event in zip(cues, voiced, strict=True):
        assert abs(60 * int(minutes) + float(seconds) - event["start"]) <= 0.001


def test_the_plain_voice_says_how_to_get_the_other(tmp_path: Path) -> None:
    """Not where it was asked for by name."""
    (tmp_path / "a.md").write_text("# T\n\nHello.\n")
    done = voiceguide("export", "a.md", "--voice", "pyttsx3", at=tmp_path)
    assert (done.code, done.err) == (0, "")
    code = (
        "import importlib.util as u, sys; real = u.find_spec\n"
        "u.find_spec = lambda n, *a: None if n == 'hibari' else real(n, *a)\n"
        "from voiceguide.cli import run; sys.exit(run(sys.argv[1:]))"
    )
    other = subprocess.run(
        [sys.executable, "-c", code, "export", "a.md", "--force"],
        cwd=tmp_path, env=environment(), capture_output=True, text=True,
    )  # fmt: skip
    assert other.returncode == 0
    assert re.fullmatch(
        r'Tip: pip install "hibari-tts==\S+" brings a natural voice\.\n', other.stderr
    )
