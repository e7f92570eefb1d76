"""Fuzzing of what is read besides scripts: sounds, manifest, catalogue, journal, answers, places,
clips. Each is made from real files, by slips in their structure and in their bytes.

    python tests/fuzz/data_files.py              every target for ten minutes
    python tests/fuzz/data_files.py sound 600    one target, so many seconds
    python tests/fuzz/data_files.py sound x300   one target, so many examples, always the same ones

What is read must come back whole, be refused by a `VoiceguideError` of one line, or be set aside
as documented. Each example may take a second of this process's time; all of them together may
take `ROOM` bytes of address space more than there was before the first.
"""

from __future__ import annotations

import contextlib
import copy
import faulthandler
import io
import json
import math
import os
import resource
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import lameenc
import numpy as np
import soundfile
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from voiceguide.audio.container import examine
from voiceguide.audio.files import SHORT, clip_loudness, open_clip, probe
from voiceguide.errors import SoundError, VoiceguideError
from voiceguide.library import catalogue
from voiceguide.library.sounds import load_manifest
from voiceguide.practice import safety
from voiceguide.practice.journal import FILE_NAME, Journal
from voiceguide.practice.places import KeptPlace, Place, left
from voiceguide.session import Request
from voiceguide.speech.cache import Cache, clip_key

ROOM = 200 << 20
SLOW = 1.0
"""Seconds of computing that an example may take."""
STUCK = 20.0
"""Seconds of computing after which an example is ended, and where it was is printed."""
ASLEEP = 300.0
"""Seconds of waiting after which it is; a machine that is busy elsewhere keeps none so long."""
ROUND = 50

Slip = tuple[str, float, bytes]
Tally = Counter[str]


# ------------------------------------------------------------------------------------ slips

_EDGES = [
    struct.pack(form, value & (1 << 8 * struct.calcsize(form)) - 1)
    for form in ("<B", "<H", ">H", "<I", ">I", "<Q", ">Q")
    for value in (0, 1, -1, -2, 1 << 7, 1 << 15, 1 << 31, 1 << 63, (1 << 31) - 1, 0x7FFF_0000)
]
_MARKS = [b"RIFF", b"WAVE", b"data", b"fmt ", b"fLaC", b"OggS", b"ID3\4\0\0\x7f\x7f\x7f\x7f",
          b"Xing\0\0\0\1", b"\xff\xfb\x90\0", b"\xff\xf3\x18\0", b"FORM", b"SSND", b"caff", b".snd",
          b"RF64", b"\0" * 64, b"\xff" * 64, b"\x7f\xc0\0\0"]  # fmt: skip


def slips(most: int = 6) -> st.SearchStrategy[list[Slip]]:
    """What is done to bytes, one after another; places are parts of the length."""
    place = st.one_of(st.floats(0, 1), st.integers(0, 200).map(lambda n: -n - 1.0))
    what = st.one_of(st.sampled_from(_EDGES), st.sampled_from(_MARKS), st.binary(max_size=12))
    kind = st.sampled_from(["over", "over", "over", "over", "in", "out", "cut", "twice"])
    return st.lists(st.tuples(kind, place, what), max_size=most)


def slipped(data: bytes, done: list[Slip]) -> bytes:
    """The bytes after all of it; a place below zero counts from the start."""
    for kind, place, what in done:
        at = min(len(data), int(-place) - 1 if place < 0 else int(place * len(data)))
        match kind:
            case "over":
                data = data[:at] + what + data[at + len(what) :]
            case "in":
                data = data[:at] + what + data[at:]
            case "out":
                data = data[:at] + data[at + 7 * len(what) + 1 :]
            case "cut":
                data = data[:at]
            case _:
                data = data[:at] + data[at // 2 :]
    return data[: 1 << 21]


ODD: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from(["left", "\x1b[2J", "\ud800", "../../x", 10**400, -1, 1e308, "a\nb"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip
"""Any value of JSON, and some that no JSON has."""


def changes() -> st.SearchStrategy[list[tuple[list[int], str, Any]]]:
    """What is done to a tree of tables and lists: the way down, and what happens there."""
    way = st.lists(st.integers(0, 40), min_size=1, max_size=5)
    return st.lists(st.tuples(way, st.sampled_from(["set", "drop", "add"]), ODD), max_size=3)


def changed(tree: Any, done: list[tuple[list[int], str, Any]]) -> Any:
    """A copy of the tree after all of it."""
    tree = copy.deepcopy(tree)
    for way, what, value in done:
        at = tree
        for step in way:
            if not isinstance(at, dict | list) or not at:
                break
            key = list(at)[step % len(at)] if isinstance(at, dict) else step % len(at)
            if step is not way[-1] and isinstance(at[key], dict | list) and at[key]:
                at = at[key]
                continue
            if what == "drop":
                del at[key]
            elif what == "set":
                at[key] = value
            elif isinstance(at, dict):
                at[str(value)[:9]] = value
            else:
                at.append(value)
            break
    return tree


def toml(value: Any) -> str:
    """A value as TOML in one line; what TOML has no word for becomes something that is none."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    if isinstance(value, float):
        return "nan" if math.isnan(value) else "inf" if math.isinf(value) else repr(value)
    return json.dumps(value, ensure_ascii=False)


def toml_file(tree: dict[str, Any]) -> bytes:
    """A tree as a TOML file."""
    lines = [f"{json.dumps(key)} = {toml(value)}\n" for key, value in tree.items()]
    return "".join(lines).encode("utf-8", "surrogatepass")


# ---------------------------------------------------------------------------------- targets


def refused(tally: Tally, error: VoiceguideError, path: Path) -> None:
    """Count a refusal, which has to be one line that names the file."""
    said = str(error)
    assert str(path) in said and said.isprintable(), said
    tally["refused"] += 1


@cache
def sounds() -> tuple[tuple[str, bytes], ...]:
    """Whole sound files of many kinds, each with its suffix."""
    made: list[tuple[str, bytes]] = []
    chance = np.random.default_rng(1)

    def write(suffix: str, seconds: float, rate: int, channels: int, subtype: str) -> None:
        samples = 0.1 * chance.standard_normal((round(seconds * rate), channels))
        kind = {"opus": "OGG"}.get(suffix, suffix.upper())
        file = io.BytesIO()
        soundfile.write(file, samples, rate, format=kind, subtype=subtype)
        made.append((suffix, file.getvalue()))

    for suffix, rate, channels, subtype in (
        ("wav", 44_100, 2, "PCM_16"), ("wav", 8_000, 1, "PCM_U8"), ("wav", 96_000, 2, "PCM_24"),
        ("wav", 48_000, 6, "PCM_16"), ("wav", 44_100, 2, "FLOAT"), ("wav", 22_050, 1, "IMA_ADPCM"),
        ("flac", 44_100, 2, "PCM_16"), ("flac", 96_000, 1, "PCM_24"), ("flac", 48_000, 6, "PCM_16"),
        ("ogg", 44_100, 2, "VORBIS"), ("opus", 48_000, 2, "OPUS"), ("mp3", 44_100, 2, "MPEG_LAYER_III"),
        ("aiff", 44_100, 2, "PCM_16"), ("caf", 44_100, 2, "PCM_16"), ("au", 8_000, 1, "ULAW"),
        ("w64", 44_100, 1, "PCM_16"), ("rf64", 44_100, 1, "PCM_16"),
    ):  # fmt: skip
        write(suffix, 0.3, rate, channels, subtype)
    write("wav", SHORT + 2, 4_000, 1, "PCM_U8")
    write("flac", SHORT + 2, 8_000, 1, "PCM_16")
    encoder = lameenc.Encoder()
    encoder.set_bit_rate(32)
    encoder.set_in_sample_rate(16_000)
    encoder.set_channels(1)
    encoder.silence()
    made.append(("mp3", bytes(encoder.encode(bytes(32_000))) + bytes(encoder.flush())))
    made.append(("m4a", b"\0\0\0\x20ftypM4A \0\0\2\0" + bytes(200)))
    return tuple(made)


def try_sound(draw: Any, folder: Path, tally: Tally) -> None:
    """Sound files: what is opened is read to its end, from the middle too."""
    kinds = sounds()
    suffix, data = kinds[draw(st.integers(0, len(kinds) - 1))]
    suffix = draw(st.sampled_from([suffix, suffix, suffix, "raw", "mp3", "wav"]))
    path = folder / f"s.{suffix}"
    path.write_bytes(slipped(data, draw(slips())))
    try:
        # The program that reads rare kinds has a time limit of its own.
        if examine(path).kind == "foreign":
            with contextlib.suppress(SoundError):
                open_clip(path)
            tally["for another program"] += 1
            return
        extent = probe(path)
        clip = open_clip(path)
        assert (clip.frames, clip.channels) == (extent.frames, extent.channels)
        for start in (0, clip.frames // 2, max(0, clip.frames - 5)):
            count = min(50_000, clip.frames - start)
            samples = clip.read(start, count)
            assert samples.shape == (count, clip.channels) and np.isfinite(samples).all()
        loud = clip_loudness(clip)
        assert not math.isnan(loud) and loud < 60
    except SoundError as error:
        refused(tally, error, path)
        return
    tally["read"] += 1


MANIFEST: dict[str, Any] = {
    "format": 1,
    "sound": [
        {"name": "gong", "kind": "chime", "file": "gong.flac", "nature": "A gong.", "licence": "CC0",
         "loudness": -20, "seconds": 8.0, "strike": 2.5, "samples_sha256": "a" * 64},
        {"name": "rain", "kind": "bed", "file": "rain.flac", "nature": "Rain.", "licence": "CC0",
         "loudness": -40.5, "seconds": 60, "samples_sha256": "0" * 64},
    ],
}  # fmt: skip


def try_manifest(draw: Any, folder: Path, tally: Tally) -> None:
    """Manifests: what is read names files of the folder and holds numbers."""
    for name in ("gong.flac", "rain.flac"):
        (folder / name).touch()
    path = folder / "manifest.toml"
    path.write_bytes(slipped(toml_file(changed(MANIFEST, draw(changes()))), draw(slips(2))))
    try:
        found = load_manifest(folder)
    except SoundError as error:
        refused(tally, error, path)
        return
    assert all(s.path.parent == folder and math.isfinite(s.loudness) for s in found.values())
    tally["read"] += 1


@cache
def small_catalogue() -> dict[str, Any]:
    """The catalogue with three entries of each table, and what these name."""
    whole = tomllib.loads(catalogue.FILE.read_text("utf-8"))
    small = {name: dict(list(table.items())[:3]) for name, table in whole.items()}
    for sign in (*small["pain_places"].values(), *small["aggravators"].values()):
        small["muscles"] |= {p["muscle"]: whole["muscles"][p["muscle"]] for p in sign["points_to"]}
    for muscle in small["muscles"].values():
        small["cautions"] |= {name: whole["cautions"][name] for name in muscle["mind"]}
    return small


def try_catalogue(draw: Any, folder: Path, tally: Tally) -> None:
    """Catalogues: what is read names only what is there."""
    path = folder / "catalogue.toml"
    tree = changed(small_catalogue(), draw(changes()))
    path.write_bytes(slipped(toml_file(tree), draw(slips(2))))
    try:
        found = catalogue.read(path)
    except VoiceguideError as error:
        refused(tally, error, path)
        return
    signs = (*found.pain_places.values(), *found.aggravators.values())
    assert all(p.muscle in found.muscles for sign in signs for p in sign.points_to)
    tally["read"] += 1


WHEN = datetime(2026, 3, 2, 18, 30, tzinfo=UTC)


@cache
def journal() -> bytes:
    """A journal of forty sessions."""
    with tempfile.TemporaryDirectory() as folder, Journal(Path(folder, FILE_NAME)) as made:
        for index in range(40):
            made.record(started=WHEN, track=f"track-{index}", seconds=600, pain_before=index % 11)
        made.close()
        return made.path.read_bytes()


_CELLS = ODD.filter(lambda v: v is None or isinstance(v, str | float | int)) | st.binary(max_size=9)
_COLUMNS = ("started", "ended", "track", "side", "tool", "seconds", "completed", "pain_before")


def try_journal(draw: Any, folder: Path, tally: Tally) -> None:
    """Journals: after an opening that succeeds, writing and reading succeed, and the next too."""
    path = folder / FILE_NAME
    path.write_bytes(journal())
    cells = draw(st.lists(st.tuples(st.sampled_from(_COLUMNS), _CELLS), max_size=3))
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for number, (column, value) in enumerate(cells):
            # Some values do not fit into any cell.
            with contextlib.suppress(sqlite3.Error, OverflowError, UnicodeEncodeError):
                connection.execute(
                    f"UPDATE sessions SET {column} = ? WHERE id = ?", (value, number + 1)
                )
    path.write_bytes(slipped(path.read_bytes(), draw(slips(3))))
    if draw(st.booleans()):
        (folder / f"{FILE_NAME}-journal").write_bytes(slipped(journal(), draw(slips(2))))
    try:
        with Journal(path) as opened:
            new = opened.record(started=WHEN, track="calves", seconds=1)
            assert opened.get(new).track == "calves"
            whole = len(opened.records())
            assert opened.note or whole == 41 or path.read_bytes() != b""
            note = opened.note
        with Journal(path) as again:
            assert len(again.records()) == whole and again.delete(new).id == new
    except VoiceguideError as error:
        refused(tally, error, path)
        return
    tally["set aside, or in part" if note else "read"] += 1


ANSWERS = {
    "pain": ["lower-back"],
    "side": "left",
    "worse": ["sitting"],
    "tools": None,
    "minutes": 20,
}


def try_answers(draw: Any, folder: Path, tally: Tally) -> None:
    """Remembered answers: whatever is read makes a listener that can be asked."""
    from voiceguide.practice.finder import SIDES
    from voiceguide.practice.listener import SETTINGS, recall

    path = folder / SETTINGS
    tree = draw(ODD) if draw(st.integers(0, 4)) == 0 else changed(ANSWERS, draw(changes()))
    path.write_bytes(slipped(json.dumps(tree).encode(), draw(slips(2))))
    try:
        found = recall()
    except VoiceguideError as error:
        refused(tally, error, path)
        return
    assert found is not None and found.side in SIDES
    assert 1 <= found.minutes <= 180
    tally["read"] += 1


PLACE = {
    "request": {"name": "hips", "speed": 1.0}, "how": {"volume": 80}, "title": "Hips",
    "step": "Lie", "seconds": 61.5, "of": 600.0, "when": time.time(),
}  # fmt: skip


def try_places(draw: Any, folder: Path, tally: Tally) -> None:
    """Places that were left: damaged ones are passed over, and a whole one beside them is found."""
    state = folder / "state"
    tree = draw(ODD) if draw(st.integers(0, 4)) == 0 else changed(PLACE, draw(changes()))
    state.mkdir()
    raw = slipped(json.dumps(tree).encode(), draw(slips(2)))
    (state / "1-1-a.session.json").write_bytes(raw)
    (state / "safety.json").write_bytes(raw)
    keeper = KeptPlace()
    keeper.save(Place(Request("hips"), {}, "whole", "whole", "Lie", 61.5, 0.0, 600.0, time.time()))
    keeper.close()
    safety.needed()
    found = [entry.place for entry in left()]
    assert sum(place.title == "whole" for place in found) >= 1 or len(found) > 1
    for place in found:
        assert math.isfinite(place.seconds) and round(place.seconds * 44_100) >= 0
    tally["read" if len(found) == 2 else "passed over"] += 1


def try_clips(draw: Any, folder: Path, tally: Tally) -> None:
    """Clips on disk: the very samples that were stored, or none."""
    kept = Cache(folder, warn=lambda _: None)
    key = clip_key("voice", 1, "Breathe.")
    data = np.arange(-2_000, 2_000, dtype=np.int16)
    kept.store(key, data)
    path = kept.path(key)
    path.write_bytes(slipped(path.read_bytes(), draw(slips())))
    fresh = Cache(folder, warn=lambda _: None)
    frames, found = fresh.find(key), fresh.load(key)
    assert frames in (None, len(data))
    assert found is None or np.array_equal(found, data)
    tally["passed over" if found is None else "read"] += 1


TARGETS: dict[str, Callable[[Any, Path, Tally], None]] = {
    "sound": try_sound,
    "manifest": try_manifest,
    "catalogue": try_catalogue,
    "journal": try_journal,
    "answers": try_answers,
    "places": try_places,
    "clips": try_clips,
}


# ---------------------------------------------------------------------------------- running


def run(name: str, *, seconds: float = math.inf, examples: int = sys.maxsize) -> str:
    """Try one target until the time or the number is used up; a sentence about it.

    Raises whatever an example raises that it must not.
    """
    target, tally, folder = TARGETS[name], Counter[str](), Path(tempfile.mkdtemp())
    slowest, began = 0.0, time.monotonic()
    inner = folder / "inner"

    def example(data: st.DataObject) -> None:
        nonlocal slowest
        shutil.rmtree(inner, ignore_errors=True)
        inner.mkdir()
        os.environ["VOICEGUIDE_HOME"] = str(inner)
        signal.setitimer(signal.ITIMER_PROF, STUCK)
        faulthandler.dump_traceback_later(ASLEEP, exit=True)
        drawn = 0.0

        def draw(strategy: st.SearchStrategy[Any]) -> Any:
            nonlocal drawn
            start = time.process_time()
            value = data.draw(strategy)
            drawn += time.process_time() - start
            return value

        start = time.process_time()
        target(draw, inner, tally)
        took = time.process_time() - start - drawn
        signal.setitimer(signal.ITIMER_PROF, 0)
        faulthandler.cancel_dump_traceback_later()
        slowest = max(slowest, took)
        assert took < SLOW, f"it took {took:.1f} s"

    number = 0
    # Chained, so that what the signal does by itself, which is to end the process, follows.
    faulthandler.register(signal.SIGPROF, chain=True)
    try:
        while tally.total() < examples and time.monotonic() - began < seconds:
            number += 1
            # The first ones load what is loaded once, and do not count as room.
            some = min(ROUND if number > 1 else 10, examples - tally.total())
            seed(number if examples < sys.maxsize else time.time_ns())(
                settings(
                    max_examples=some, deadline=None, database=None, print_blob=False,
                    phases=[Phase.generate, Phase.shrink], suppress_health_check=list(HealthCheck),
                )(given(st.data())(example))
            )()  # fmt: skip
            if number == 1:
                _bound(ROOM)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        faulthandler.cancel_dump_traceback_later()
        shutil.rmtree(folder, ignore_errors=True)
    kinds = ", ".join(f"{count} {what}" for what, count in sorted(tally.items()))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"{name}: {tally.total()} examples in {time.monotonic() - began:.0f} s ({kinds}); "
        f"the slowest {1000 * slowest:.0f} ms, memory at most {peak:.0f} MB"
    )


def _bound(room: int) -> None:
    """Allow this process so many bytes more than it has."""
    with Path("/proc/self/statm").open() as file:
        has = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (has + room, has + room))


def main(words: list[str]) -> None:
    """The command line; without words each target in a process of its own."""
    match words:
        case []:
            ends = [
                subprocess.run([sys.executable, __file__, name, "600"], check=False).returncode
                for name in TARGETS
            ]
            sys.exit(int(any(ends)))
        case [name, amount] if amount.startswith("x"):
            print(run(name, examples=int(amount[1:])))  # noqa: T201
        case [name, amount]:
            print(run(name, seconds=float(amount)))  # noqa: T201
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
