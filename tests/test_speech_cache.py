"""Clips on disk: whole or not at all, bounded, and no trouble when the disk makes some."""

from __future__ import annotations

import contextlib
import os
import resource
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from voiceguide.speech import cache as speech_cache
from voiceguide.speech.cache import Cache, StoredClip, clip_key, default_folder

KEY = clip_key("engine", 1, "a")
OTHER = clip_key("engine", 1, "b")


def data(frames: int = 1_000, seed: int = 0) -> np.ndarray:
    """Some int16 samples."""
    return np.random.default_rng(seed).integers(-30_000, 30_000, frames, np.int16)


def silent_warning(message: str) -> None:
    """For where no warning may come."""
    raise AssertionError(message)


def test_what_is_stored_is_found(tmp_path: Path) -> None:
    """By this cache and by the next one, sample for sample."""
    Cache(tmp_path, warn=silent_warning).store(KEY, data())
    fresh = Cache(tmp_path, warn=silent_warning)
    assert fresh.find(KEY) == 1_000
    loaded = fresh.load(KEY)
    assert loaded is not None and (loaded == data()).all()
    assert fresh.find(OTHER) is None and fresh.load(OTHER) is None


def test_keys_tell_everything_apart() -> None:
    """No two of engine, version and text run into each other."""
    keys = {
        clip_key("ab", 1, "c"),
        clip_key("a", 1, "bc"),
        clip_key("ab", 11, "c"),
        clip_key("ab", 1, "1c"),
        clip_key("ab", 1, "C"),
    }
    assert len(keys) == 5


def cut(path: Path) -> None:
    """Lose the end."""
    path.write_bytes(path.read_bytes()[:-2])


def cut_header(path: Path) -> None:
    """Lose all but the beginning."""
    path.write_bytes(path.read_bytes()[:20])


def empty(path: Path) -> None:
    """Lose everything."""
    path.write_bytes(b"")


def longer(path: Path) -> None:
    """Gain something."""
    path.write_bytes(path.read_bytes() + b"xx")


def rot_header(path: Path) -> None:
    """One bit of the length turns."""
    raw = bytearray(path.read_bytes())
    raw[41] ^= 1
    path.write_bytes(raw)


def rot(path: Path) -> None:
    """One bit of the samples turns."""
    raw = bytearray(path.read_bytes())
    raw[-500] ^= 4
    path.write_bytes(raw)


def swap(path: Path) -> None:
    """Another entry's content."""
    other = Cache(path.parent)
    other.store(OTHER, data(seed=9))
    path.write_bytes(other.path(OTHER).read_bytes())


def directory(path: Path) -> None:
    """Something else of that name."""
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "damage", [cut, cut_header, empty, longer, rot_header, rot, swap, directory]
)
def test_a_damaged_entry_is_not_used(tmp_path: Path, damage: object) -> None:
    """However it was damaged, its samples are not handed out."""
    Cache(tmp_path).store(KEY, data())
    path = Cache(tmp_path).path(KEY)
    damage(path)  # type: ignore[operator]
    cache = Cache(tmp_path)
    assert cache.load(KEY) is None
    if damage is not rot:  # whose header is right; only reading the samples tells
        assert cache.find(KEY) is None


@pytest.mark.parametrize("damage", [cut, empty, rot, swap, Path.unlink])
def test_a_clip_whose_entry_is_lost_is_made_anew(tmp_path: Path, damage: object) -> None:
    """Also while the session is playing."""
    first = Cache(tmp_path)
    first.store(KEY, data())
    cache = Cache(tmp_path)
    made = []

    def again() -> np.ndarray:
        made.append(1)
        cache.store(KEY, data())
        return data()

    clip = StoredClip(cache, KEY, 1_000, again)
    damage(cache.path(KEY))  # type: ignore[operator]
    expected = data()[100:300, None] / np.float32(32_768)
    assert (clip.read(100, 200) == expected).all()
    assert (clip.read(100, 200) == expected).all()
    assert made == [1]
    repaired = Cache(tmp_path).load(KEY)
    assert repaired is not None and (repaired == data()).all()


@pytest.mark.parametrize("frames", [800, 1_200])
def test_a_clip_keeps_its_place_when_the_voice_varies(tmp_path: Path, frames: int) -> None:
    """Spoken anew with another length, it is cut or filled up to what was laid out."""
    cache = Cache(tmp_path)
    clip = StoredClip(cache, KEY, 1_000, lambda: data(frames))
    samples = clip.read(0, 1_000)
    assert samples.shape == (1_000, 1)
    assert (samples[:800, 0] * 32_768 == data(frames)[:800]).all()


def test_a_read_gives_float_samples(tmp_path: Path) -> None:
    """Of shape (count, 1), exact from int16."""
    cache = Cache(tmp_path)
    cache.store(KEY, data())
    clip = StoredClip(cache, KEY, 1_000, data)
    assert (clip.frames, clip.channels) == (1_000, 1)
    samples = clip.read(990, 10)
    assert samples.dtype == np.float32 and samples.shape == (10, 1)
    assert (samples[:, 0] * 32_768 == data()[990:]).all()


def test_memory_does_not_grow_with_what_is_played(tmp_path: Path) -> None:
    """100 MB of clips, read one after another, hold less than 40 MB."""
    cache = Cache(tmp_path)
    keys = [clip_key("engine", 1, str(index)) for index in range(100)]
    samples = data(500_000)
    for key in keys:
        cache.store(key, samples)
    for key in keys:
        StoredClip(cache, key, 500_000, data).read(0, 1_000)
    assert sum(part.nbytes for part in cache._loaded.values()) < 20 * 2**20
    assert not cache._held


def test_the_folder_is_bounded(tmp_path: Path) -> None:
    """Above the limit the oldest go, and what was used lately stays."""
    cache = Cache(tmp_path, limit=100_000)
    keys = [clip_key("engine", 1, str(index)) for index in range(20)]
    for age, key in enumerate(keys[:10]):
        cache.store(key, data(4_000))
        then = time.time() - 86_400 + age
        os.utime(cache.path(key), (then, then))
    assert Cache(tmp_path).find(keys[0])  # used now
    cache = Cache(tmp_path, limit=100_000)
    for key in keys[10:]:
        cache.store(key, data(4_000))
    kept = [key for key in keys if cache.path(key).exists()]
    assert keys[0] in kept and keys[1] not in kept
    assert all(key in kept for key in keys[10:])
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 100_000


def test_the_bound_holds_while_the_cache_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also for what was stored a moment ago, by two at once; and the folder is not looked through
    at each store. What is gone is spoken once more; the newest stays, however small the limit."""
    limit, scans = 400_000, 0
    scandir = os.scandir

    def counted(folder: Path) -> object:
        nonlocal scans
        scans += 1
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", counted)
    caches = [Cache(tmp_path, limit=limit) for _ in range(2)]
    keys = [clip_key("engine", 1, str(index)) for index in range(400)]
    for index, key in enumerate(keys):
        caches[index % 2].store(key, data(1_000))
        if index % 40 == 39:
            size = sum(path.stat().st_size for path in tmp_path.iterdir())
            assert size <= limit + 2 * limit // 8
    assert scans < len(keys) // 12
    assert not caches[0].path(keys[0]).exists() and caches[0].path(keys[-1]).exists()
    clip = StoredClip(Cache(tmp_path), keys[0], 1_000, lambda: data(1_000))
    assert clip.read(0, 1_000).any()
    small = Cache(tmp_path, limit=100)
    small.store(KEY, data(4_000))
    assert [path.name for path in tmp_path.iterdir()] == [small.path(KEY).name]


def test_a_wrong_clock_does_not_keep_entries_for_ever(tmp_path: Path) -> None:
    """A time far in the future counts as old."""
    cache = Cache(tmp_path, limit=10_000)
    cache.store(KEY, data(4_000))
    later = time.time() + 10**8
    os.utime(cache.path(KEY), (later, later))
    cache.store(OTHER, data(4_000))
    assert not cache.path(KEY).exists() and cache.path(OTHER).exists()


def test_leftovers_of_a_killed_run_go(tmp_path: Path) -> None:
    """A temporary file of yesterday is removed, one of now may still be written; others' files stay."""
    old, new, foreign = (tmp_path / name for name in ("new-a.tmp", "new-b.tmp", "notes.txt"))
    for path in (old, new, foreign):
        path.write_bytes(b"x")
    os.utime(old, (0, 0))
    os.utime(foreign, (0, 0))
    Cache(tmp_path).store(KEY, data())
    assert not old.exists() and new.exists() and foreign.exists()


def test_what_others_take_away_meanwhile_does_not_lift_the_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program renames its temporary files while this one counts what there is."""
    keys = [clip_key("engine", 1, str(index)) for index in range(5)]
    for key in keys:
        Cache(tmp_path).store(key, data(4_000))
        os.utime(Cache(tmp_path).path(key), (1, 1))
    scandir = os.scandir

    @contextlib.contextmanager
    def listed(folder: Path) -> Iterator[list[os.DirEntry[str]]]:
        passing = tmp_path / "new-other.tmp"
        passing.write_bytes(b"x")
        with scandir(folder) as found:
            items = sorted(found, key=lambda item: item.name, reverse=True)
        assert items[0].name == passing.name
        passing.unlink()
        yield items

    monkeypatch.setattr(os, "scandir", listed)
    Cache(tmp_path, limit=10_000).store(KEY, data(4_000))
    assert not any(Cache(tmp_path).path(key).exists() for key in keys)


def test_a_folder_that_cannot_be_made_is_no_error(tmp_path: Path) -> None:
    """Clips are kept in memory, and one warning says so."""
    (tmp_path / "file").write_text("in the way")
    warnings: list[str] = []
    cache = Cache(tmp_path / "file" / "clips", warn=warnings.append)
    cache.store(KEY, data())
    cache.store(OTHER, data(seed=1))
    assert cache.find(KEY) == cache.find(OTHER) == 1_000
    loaded = cache.load(OTHER)
    assert loaded is not None and (loaded == data(seed=1)).all()
    assert len(warnings) == 1 and str(tmp_path / "file" / "clips") in warnings[0]


def test_a_full_disk_is_no_error(tmp_path: Path) -> None:
    """A write that fails half-way leaves nothing behind, and the clip is there all the same."""
    warnings: list[str] = []
    cache = Cache(tmp_path, warn=warnings.append)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, hard))
    try:
        cache.store(KEY, data())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []
    assert cache.find(KEY) == 1_000
    assert len(warnings) == 1


def test_many_writers_at_once(tmp_path: Path) -> None:
    """Threads that store and load the same entries never see half of one."""
    wrong: list[object] = []

    def work(seed: int) -> None:
        cache = Cache(tmp_path, warn=silent_warning)
        for index in range(40):
            key = clip_key("engine", 1, str(index % 5))
            cache.store(key, data(5_000, index % 5))
            loaded = Cache(tmp_path).load(key)
            if loaded is None or not (loaded == data(5_000, index % 5)).all():
                wrong.append((seed, index))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(list(tmp_path.iterdir())) == 5


def test_the_folder_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """By an environment variable; otherwise it lies among the user's caches."""
    monkeypatch.setenv("VOICEGUIDE_CACHE", str(tmp_path / "here"))
    assert default_folder() == Cache().folder == tmp_path / "here"
    monkeypatch.delenv("VOICEGUIDE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_folder().parts[-2:] == ("voiceguide", "clips")


def test_what_cannot_be_kept_on_disk_is_bounded_in_memory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A server that runs for days on a full disk doesn't fill the memory too."""
    monkeypatch.setattr(speech_cache, "_HELD", 9_000)
    (tmp_path / "file").write_text("in the way")
    cache = Cache(tmp_path / "file" / "clips", warn=lambda _: None)
    keys = [clip_key("voice", 1, str(number)) for number in range(9)]
    for key in keys:
        cache.store(key, data(1_000))  # 2,000 bytes each
    assert [cache.find(key) for key in keys] == [None] * 5 + [1_000] * 4


def test_sessions_of_one_process_share_what_they_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Many sessions of a server take no more memory for it than one."""
    monkeypatch.setenv("VOICEGUIDE_CACHE", str(tmp_path))
    speech_cache.shared().store(KEY, data())
    first, second = speech_cache.shared().load(KEY), speech_cache.shared().load(KEY)
    assert first is second is not None
