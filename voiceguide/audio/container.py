"""What a sound file's frame says, before anything decodes it: its kind, and whether it is whole.

A decoder that meets a cut file gives what is there without a word, and one that meets an MP3
without a length guesses. So the outermost structure is walked here first, in little time.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Literal

from voiceguide.errors import SoundError
from voiceguide.units import LONGEST

Kind = Literal["wav", "aiff", "ogg", "mp3", "flac", "other", "foreign"]
"""`other` is rare, and known to the decoder; `foreign` is known too, and needs ffmpeg."""

_OTHER = (b"caff", b".snd", b"dns.", b"riff", b"RF64", b"RIFX")

_FOREIGN: tuple[tuple[int, bytes], ...] = (
    (4, b"ftyp"),  # MP4, M4A, 3GP
    (0, b"\x1a\x45\xdf\xa3"),  # Matroska, WebM
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),  # WMA
    (0, b"MAC "),
    (0, b"wvpk"),
    (0, b"TTA1"),
    (0, b"MPCK"),
    (0, b"MP+"),
    (0, b"DSD "),
    (0, b"#!AMR"),
    (0, b"\x0b\x77"),  # AC-3
    (0, b"ADIF"),
)
_PLACEHOLDER = 0x7FFF_0000
"""A chunk at least this long was written by a program that could not know its length."""
_PAGE = 65_307
"""The longest page of an Ogg stream, in bytes."""


@dataclass(frozen=True, slots=True)
class Container:
    """What was found.

    Attributes:
        kind: which decoder it is for.
        frames: how many an MP3 holds that does not state its length, else None.
    """

    kind: Kind
    frames: int | None = None


def examine(path: Path) -> Container:
    """The kind of a sound file.

    Raises:
        SoundError: it cannot be read, holds nothing, or ends before it should.
    """
    try:
        if not path.exists():
            raise SoundError(f"{path}: there is no such file")
        # Asked before opening: a pipe or a device would never end.
        if not path.is_file():
            what = "a folder" if path.is_dir() else "no ordinary file"
            raise SoundError(f"{path} is {what}, and a sound file is needed here")
        with path.open("rb", buffering=1 << 18) as file:
            return _examine(path, file)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SoundError(f"{path} cannot be read: {reason}") from error


def cut(path: Path) -> SoundError:
    """The error for a file that holds less than it says."""
    return SoundError(
        f"{path} is cut short or damaged: it ends before its header says; copy it anew"
    )


def _examine(path: Path, file: BinaryIO) -> Container:
    size = os.fstat(file.fileno()).st_size
    if not size:
        raise SoundError(f"{path} is empty: it holds 0 bytes")
    head = file.read(16)
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        _walk_chunks(path, file, size, "little", b"data")
        return Container("wav")
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        _walk_chunks(path, file, size, "big", b"SSND")
        return Container("aiff")
    if head[:4] == b"OggS":
        _find_last_page(path, file, size)
        return Container("ogg")
    if any(head[at : at + len(mark)] == mark for at, mark in _FOREIGN):
        return Container("foreign")
    if head[:4] in _OTHER:
        return Container("other")
    start = _after_tags(file)
    file.seek(start)
    head = file.read(4)
    if head == b"fLaC":
        return Container("flac")
    if len(head) == 4 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return Container("foreign")  # AAC
    if start or _frame(head) or path.suffix.lower() == ".mp3":
        return Container("mp3", _walk_frames(path, file, start, size))
    raise SoundError(f"{path} is not a sound file that can be read; use WAV, FLAC, OGG or MP3")


def _walk_chunks(
    path: Path, file: BinaryIO, size: int, order: Literal["little", "big"], sound: bytes
) -> None:
    """Raises where the chunk that holds the sound reaches past the end of the file."""
    at = 12
    for _ in range(10_000):
        file.seek(at)
        head = file.read(8)
        if len(head) < 8:
            break
        length = int.from_bytes(head[4:], order)
        if head[:4] == sound:
            if at + 8 + length > size and length < _PLACEHOLDER:
                raise cut(path)
            return
        at += 8 + length + length % 2
    raise SoundError(f"{path} has no sound in it, or is cut short before it")


def _find_last_page(path: Path, file: BinaryIO, size: int) -> None:
    """Raises where an Ogg stream's last page is not marked as the last."""
    file.seek(max(0, size - 2 * _PAGE))
    tail = file.read()
    at = tail.rfind(b"OggS")
    if at < 0 or len(tail) < at + 27 or not tail[at + 5] & 0x04:
        raise cut(path)
    lengths = tail[at + 27 : at + 27 + tail[at + 26]]
    if len(tail) < at + 27 + tail[at + 26] + sum(lengths):
        raise cut(path)


# --- MP3 ---------------------------------------------------------------------------------------

_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_KBIT_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBIT_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_JUNK = 4_096
"""How many stray bytes between frames are looked over."""
_GAPS = 200
"""How often there may be stray bytes; a file that has more was not made by an encoder."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """A frame's length in bytes, and what it holds: frames of sound at a rate in hertz."""

    length: int
    samples: int
    rate: int


def _after_tags(file: BinaryIO) -> int:
    """Where the sound starts, after any ID3v2 tags."""
    at = 0
    for _ in range(100):
        file.seek(at)
        head = file.read(10)
        if len(head) < 10 or head[:3] != b"ID3":
            break
        length = 0
        for byte in head[6:10]:
            length = length << 7 | byte & 0x7F
        at += 10 + length + (10 if head[5] & 0x10 else 0)
    return at


@lru_cache(maxsize=4096)
def _frame(head: bytes) -> _Frame | None:
    """The layer III frame that starts with these four bytes, if one does."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return None
    version, kbit, rate = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or kbit in (0, 15) or rate == 3:
        return None
    hertz = _RATES[version][rate]
    samples = 1152 if version == 3 else 576
    bits = (_KBIT_1 if version == 3 else _KBIT_2)[kbit] * 1000
    return _Frame(samples // 8 * bits // hertz + (head[2] >> 1 & 1), samples, hertz)


def _walk_frames(path: Path, file: BinaryIO, at: int, size: int) -> int | None:
    """How many frames of sound an MP3 holds, or None where its header tells, and tells right.

    Raises:
        SoundError: the header promises more than there is, or there is no sound at all.
    """
    promised, count, samples, rate, gaps = None, 0, 0, 44_100, 0
    while True:
        file.seek(at)
        head = file.read(4)
        frame = _frame(head)
        if frame is None:
            found = _next_frame(file, at)
            if found is None:
                break
            gaps += 1
            if gaps > _GAPS:
                raise SoundError(
                    f"{path} is a damaged MP3: it has stray bytes in too many places; make it anew"
                )
            at = found
            continue
        if at + frame.length > size:
            break
        if not count and not samples and promised is None:
            promised = _promise(file.read(frame.length - 4))
            if promised is not None:
                at += frame.length
                continue
        at += frame.length
        count += 1
        samples += frame.samples
        rate = frame.rate
        if samples > LONGEST * rate:
            raise too_long(path)
    if promised is not None and count < promised:
        raise cut(path)
    if not count:
        raise SoundError(f"{path} is not a sound file, or a damaged one: it holds no MP3 frame")
    return None if promised else samples


def _next_frame(file: BinaryIO, at: int) -> int | None:
    """Where the next frame starts after stray bytes: one that another follows."""
    file.seek(at)
    near = file.read(_JUNK + 4)
    for step in range(1, len(near) - 3):
        if near[step] == 0xFF and (frame := _frame(near[step : step + 4])):
            file.seek(at + step + frame.length)
            if _frame(file.read(4)):
                return at + step
    return None


def _promise(body: bytes) -> int | None:
    """How many frames follow, by a Xing or Info header in the first one's body."""
    for mark in (b"Xing", b"Info"):
        # After the side information, whose length depends on version and channels, and a checksum.
        found = body.find(mark, 0, 48)
        if found >= 0 and len(body) >= found + 12 and body[found + 7] & 1:
            return int.from_bytes(body[found + 8 : found + 12], "big")
    return None


def too_long(path: Path) -> SoundError:
    """The error for a file of more than a day."""
    return SoundError(f"{path} says that it is longer than 24 hours; cut it to a shorter piece")
