"""Clips kept on disk by their content: what was said once is never said again.

An entry is a file named after its key: a header, int16 mono samples, and how loud each tenth of a
second of them is, so that nobody has to read them to know. It is written beside its place and
renamed into it, so a reader finds all of it or nothing. The header states key, length and checksum: a cut, emptied, swapped or rotten entry is made again instead.
"""

from __future__ import annotations

import functools
import hashlib
import logging
import os
import re
import stat
import struct
import tempfile
import threading
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from voiceguide import folders

if TYPE_CHECKING:
    from io import FileIO

    import numpy as np
    from numpy.typing import NDArray

    from voiceguide.audio import Samples

    Data = NDArray[np.int16]

MIB = 1 << 20
LIMIT = 512 * MIB
"""Size of the folder above which the least recently used clips go, in bytes."""

_MAGIC = b"VGCLIP02"
_HEADER = struct.Struct("<8s32sQI")
_SUM = struct.Struct("<I")
_OURS = re.compile(r"[0-9a-f]{64}\.clip|new-\w+\.tmp")
_START = _HEADER.size + _SUM.size
_SHARE = 8
"""The folder is looked at again once this part of the limit was added: others add to it too."""
_HOUR = 3600.0
"""Seconds after which a temporary file is a leftover, and by which clocks may differ."""

_MOST_FRAMES = 3600 * 48_000
"""No sentence takes an hour: an entry that says so is not used."""
_READ = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_BINARY", 0)
)
"""A pipe is not waited for; no link is followed; bytes are bytes on every system."""

_LOADED = 16 * MIB
"""Bytes of clips that were read and are kept at hand."""
_HELD = 64 * MIB
"""Bytes of clips that are kept in memory where the folder can't be written."""
_MOST_LOUD = 8_192
"""Clips whose length and loudness are kept at hand, some 400 bytes each."""


def clip_key(identity: str, version: int, spoken: str) -> bytes:
    """The key of a clip, 32 bytes: what spoke, how it was processed, what was said."""
    digest = hashlib.sha256()
    for part in (identity, str(version), spoken):
        raw = part.encode("utf-8", "surrogatepass")
        digest.update(len(raw).to_bytes(8, "little") + raw)
    return digest.digest()


def default_folder() -> Path:
    """Where clips are kept; in a folder that cannot be made they stay in memory."""
    return folders.cache()


def shared() -> Cache:
    """The one of this process: many sessions keep what they read last in memory once."""
    return _in(default_folder())


@functools.lru_cache(maxsize=4)
def _in(folder: Path) -> Cache:
    return Cache(folder)


def _warn(message: str) -> None:
    logging.getLogger("voiceguide").warning("%s", message)


class Cache:
    """The clips on disk, and the few that were read last in memory. Safe to use from threads.

    A folder that cannot be written is no error: clips are then held in memory, and one warning
    is given.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        limit: int = LIMIT,
        warn: Callable[[str], None] = _warn,
    ) -> None:
        """
        Args:
            folder: where the entries lie, or None for `default_folder()`; made when needed.
            limit: bytes that the folder may hold.
            warn: takes the one warning.
        """
        self.folder = folder if folder is not None else default_folder()
        self._limit = limit
        self._warn = warn
        self._warned = False
        self._lock = threading.RLock()
        self._held: OrderedDict[bytes, Data] = OrderedDict()
        self._held_bytes = 0
        self._loaded: OrderedDict[bytes, Data] = OrderedDict()
        self._loaded_bytes = 0
        self._found: OrderedDict[bytes, tuple[int, tuple[int, ...]]] = OrderedDict()
        self._loud: OrderedDict[bytes, NDArray[np.float32]] = OrderedDict()
        self._size: int | None = None
        self._added = 0

    def path(self, key: bytes) -> Path:
        """The file of an entry."""
        return self.folder / f"{key.hex()}.clip"

    def find(self, key: bytes) -> int | None:
        """How many frames the clip has, or None where there is none that can be used.

        Only the header and the file's size are looked at; `load` checks the samples.
        """
        with self._lock:
            held = self._held.get(key)
        if held is not None:
            return len(held)
        path = self.path(key)
        try:
            seen = _seen(os.stat(path, follow_symlinks=False))  # noqa: PTH116 - pathlib's is slower
            with self._lock:
                known = self._found.get(key)
            if known is not None and known[1] == seen:
                return known[0]
            with _opened(path) as file:
                frames, _ = _read_header(file.read(_START) or b"", key)
                if os.fstat(file.fileno()).st_size != _START + 2 * frames + _energy_bytes(frames):
                    return None
            _touch(path)
            seen = _seen(os.stat(path, follow_symlinks=False))  # noqa: PTH116 - as above
        except (OSError, ValueError):
            return None
        with self._lock:
            self._found[key] = frames, seen
            self._loud.pop(key, None)  # another program may have spoken it anew
            while len(self._found) > _MOST_LOUD:
                self._found.popitem(last=False)
        return frames

    def load(self, key: bytes) -> Data | None:
        """The clip's samples, int16 of shape (frames,), or None where they cannot be used."""
        with self._lock:
            if (data := self._held.get(key)) is not None:
                return data
            if (data := self._loaded.get(key)) is not None:
                self._loaded.move_to_end(key)
                return data
        import numpy as np

        path = self.path(key)
        try:
            with _opened(path) as file:
                # The header of an entry says how much there is to read: no file is without end.
                head = file.read(_START) or b""
                frames, checksum = _read_header(head, key)
                whole = 2 * frames + _energy_bytes(frames)
                raw = head + (file.read(whole + 1) or b"")
        except (OSError, ValueError):
            return None
        body = memoryview(raw)[_START : _START + 2 * frames]
        if len(raw) != _START + whole or zlib.crc32(body) != checksum:
            return None
        _touch(path)
        data = np.frombuffer(body, "<i2").astype(np.int16, copy=False)
        self._keep(key, data)
        return data

    def energies(self, key: bytes) -> NDArray[np.float32] | None:
        """How loud a clip is, as `loudness.energies` tells it, or None where it can't be told."""
        with self._lock:
            if (known := self._loud.get(key)) is not None:
                self._loud.move_to_end(key)
                return known
            held = self._held.get(key)
        import numpy as np

        from voiceguide.audio import RATE
        from voiceguide.audio.loudness import energies

        if held is not None:
            return energies(held.astype(np.float32) / np.float32(32_768), RATE)
        try:
            with _opened(self.path(key)) as file:
                frames, _ = _read_header(file.read(_START) or b"", key)
                file.seek(_START + 2 * frames)
                raw = file.read(_energy_bytes(frames)) or b""
        except (OSError, ValueError):
            return None
        if len(raw) != _energy_bytes(frames) or zlib.crc32(raw[4:]) != _SUM.unpack_from(raw)[0]:
            return None
        one = np.frombuffer(raw[4:], "<f4").astype(np.float32)
        found = np.stack([2 * one, one], axis=1)
        found.flags.writeable = False
        with self._lock:
            self._loud[key] = found
            while len(self._loud) > _MOST_LOUD:
                self._loud.popitem(last=False)
        return found

    def store(self, key: bytes, data: Data) -> None:
        """Keep a clip's samples, int16 of shape (frames,), on disk or else in memory."""
        import numpy as np

        from voiceguide.audio import RATE
        from voiceguide.audio.loudness import energies

        body = data.astype("<i2", copy=False).tobytes()
        loud = energies(data.astype(np.float32) / np.float32(32_768), RATE)[:, 1]
        ending = loud.astype("<f4", copy=False).tobytes()
        header = _HEADER.pack(_MAGIC, key, len(data), zlib.crc32(body))
        with self._lock:
            self._loud.pop(key, None)
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            start = header + _SUM.pack(zlib.crc32(header))
            self._write(key, start + body + _SUM.pack(zlib.crc32(ending)) + ending)
        except OSError as error:
            with self._lock:
                self._hold(key, data)
                first, self._warned = not self._warned, True
            if first:
                self._warn(
                    f"clips cannot be kept in {self.folder} ({error.strerror or error}): "
                    "they are spoken anew next time"
                )
            return
        self._keep(key, data)
        self._bound(_START + len(body) + 4 + len(ending))

    def _write(self, key: bytes, content: bytes) -> None:
        handle, name = tempfile.mkstemp(prefix="new-", suffix=".tmp", dir=self.folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(name).replace(self.path(key))
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def _hold(self, key: bytes, data: Data) -> None:
        """What doesn't fit any more is spoken once more where it is needed."""
        if key not in self._held:
            self._held[key] = data
            self._held_bytes += data.nbytes
        while self._held_bytes > _HELD and len(self._held) > 1:
            self._held_bytes -= self._held.popitem(last=False)[1].nbytes

    def _keep(self, key: bytes, data: Data) -> None:
        with self._lock:
            if key not in self._loaded:
                self._loaded[key] = data
                self._loaded_bytes += data.nbytes
            while self._loaded_bytes > _LOADED and len(self._loaded) > 1:
                self._loaded_bytes -= self._loaded.popitem(last=False)[1].nbytes

    def _bound(self, added: int) -> None:
        """Count what was added; above the limit, remove what was not used for longest."""
        with self._lock:
            self._added += added
            full = self._size is None or self._size + self._added > self._limit
            if full or self._added > self._limit // _SHARE:
                self._size, self._added = self._clean(), 0

    def _clean(self) -> int:
        """Remove leftovers, and above the limit what was not used for longest; the bytes that stay.

        A clip that somebody is playing may be among it: it is spoken once more.
        """
        now = time.time()
        entries: list[tuple[float, int, str]] = []
        try:
            with os.scandir(self.folder) as found:
                # The folder may be one that holds other things as well.
                ours = [item for item in found if _OURS.fullmatch(item.name)]
        except OSError:
            return 0
        for item in ours:
            try:
                if not item.is_file(follow_symlinks=False):
                    continue
                status = item.stat(follow_symlinks=False)
                # A time in the future comes from a clock that was wrong.
                used = status.st_mtime if status.st_mtime <= now + _HOUR else 0.0
                if not item.name.endswith(".tmp"):
                    entries.append((used, status.st_size, item.path))
                elif now - used > _HOUR:
                    Path(item.path).unlink(missing_ok=True)
            except OSError:
                continue  # another program has renamed or removed it meanwhile
        size = sum(entry[1] for entry in entries)
        if size <= self._limit:
            return size
        for _, bytes_, path in sorted(entries)[:-1]:
            if size <= 0.9 * self._limit:
                break
            try:
                Path(path).unlink(missing_ok=True)
            except OSError:
                continue
            size -= bytes_
        return size


def _energy_bytes(frames: int) -> int:
    """Bytes behind the samples of an entry: a checksum, and a number for each tenth of a second."""
    from voiceguide.audio import RATE
    from voiceguide.audio.loudness import CELL

    return 4 + 4 * -(-frames // (RATE // CELL))


def _opened(path: Path) -> FileIO:
    """An entry, open to be read.

    Raises:
        OSError: it is not there, or is a link, a pipe, or another user's: where a folder is open
            to all, nobody else may say what is heard.
    """
    file = os.fdopen(os.open(path, _READ), "rb", buffering=0)
    status = os.fstat(file.fileno())
    trusted = not hasattr(os, "geteuid") or status.st_uid in (os.geteuid(), 0)
    if not stat.S_ISREG(status.st_mode) or not trusted:
        file.close()
        raise OSError(f"{path} is not used")
    return file


def _read_header(raw: bytes, key: bytes) -> tuple[int, int]:
    """(frames, checksum) of an entry; ValueError where it is not that key's, or damaged."""
    if len(raw) < _START or _SUM.unpack_from(raw, _HEADER.size)[0] != zlib.crc32(
        raw[: _HEADER.size]
    ):
        raise ValueError
    magic, owner, frames, checksum = _HEADER.unpack_from(raw)
    if magic != _MAGIC or owner != key or frames > _MOST_FRAMES:
        raise ValueError
    return frames, checksum


def _seen(status: os.stat_result) -> tuple[int, ...]:
    """What tells whether a file is the one that was looked at; after an hour, none is."""
    hour = int(time.time() // _HOUR)
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_uid, status.st_mode, hour


def _touch(path: Path) -> None:
    try:
        os.utime(path)
    except OSError:
        return  # a folder that can only be read


class StoredClip:
    """A clip of the cache, mono at the session's rate, whose samples are read when they are played.

    A thousand of them take no more memory than one. Should the entry vanish or turn out damaged
    meanwhile (another session cleared the cache), it is spoken once more.
    """

    __slots__ = ("_again", "_cache", "_frames", "_key", "_own")

    def __init__(self, cache: Cache, key: bytes, frames: int, again: Callable[[], Data]) -> None:
        """
        Args:
            again: makes the samples anew and stores them.
        """
        self._cache = cache
        self._key = key
        self._frames = frames
        self._again = again
        self._own: Data | None = None

    @property
    def frames(self) -> int:
        return self._frames

    @property
    def channels(self) -> int:
        return 1

    def read(self, start: int, count: int) -> Samples:
        import numpy as np

        data = self._data()[start : start + count]
        return (data.astype(np.float32) / np.float32(32_768))[:, None]

    def energies(self) -> NDArray[np.float32]:
        """How loud it is, as `loudness.energies` tells it, without reading its samples."""
        found = self._cache.energies(self._key)
        if found is None:
            from voiceguide.audio import RATE
            from voiceguide.audio.loudness import energies

            found = energies(self.read(0, self.frames), RATE)
        return found

    def _data(self) -> Data:
        if self._own is not None:
            return self._own
        data = self._cache.load(self._key)
        if data is None:
            data = self._again()
        if len(data) != self._frames:
            # Only a voice that does not repeat itself comes here; its place is already laid out.
            import numpy as np

            data = np.pad(data[: self._frames], (0, max(0, self._frames - len(data))))
            self._own = data
        return data
