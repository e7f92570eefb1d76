"""Pages of an Ogg stream: a serial number that is always the same."""

from __future__ import annotations

import zlib
from typing import BinaryIO

SERIAL = 1

_HEAD = 27
_MIRROR = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def _checksum(page: bytes | bytearray) -> bytes:
    """The checksum of a page whose own one is zero.

    It is zlib's with all bits the other way round, and without the inversions there.
    """
    crc = ~zlib.crc32(page.translate(_MIRROR), 0xFFFFFFFF) & 0xFFFFFFFF
    return crc.to_bytes(4, "little").translate(_MIRROR)[::-1]


def number_stream(stream: BinaryIO, serial: int = SERIAL) -> None:
    """Give all pages of a file one serial number; encoders draw lots for it.

    Raises:
        ValueError: the file is not made of Ogg pages.
    """
    at = 0
    stream.seek(0)
    while head := stream.read(_HEAD):
        if len(head) < _HEAD or head[:4] != b"OggS":
            raise ValueError(f"no Ogg page at byte {at}")
        table = stream.read(head[26])
        page = bytearray(head + table + stream.read(sum(table)))
        page[14:18] = serial.to_bytes(4, "little")
        page[22:26] = bytes(4)
        page[22:26] = _checksum(page)
        stream.seek(at)
        stream.write(page)
        at += len(page)
        stream.seek(at)
