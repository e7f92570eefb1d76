"""What is inside an MP3 stream: headers, side information, checksums and the Info frame.

Pure functions over bytes; nothing here encodes. Only what one Layer III encoder at a constant
bitrate produces is read: no free format, no checksummed frames.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BITRATES_1 = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_BITRATES_2 = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_MPEG_1 = (44_100, 48_000, 32_000)
_MPEG_2 = (22_050, 24_000, 16_000)

RATES = (*_MPEG_1, *_MPEG_2)
"""The sample rates that are written, in hertz."""

PERIOD = 49
"""At a constant bitrate the frames' lengths repeat after this many frames (at 44.1 and 22.05 kHz;
at the other rates all are equal)."""

DELAY = 576
"""Samples that the encoder puts before the first one it is given."""

_INFO_LENGTH = 156
"""Bytes that an Info frame has to say."""


def bitrates(rate: int) -> tuple[int, ...]:
    """The bitrates that a sample rate allows, in kbit/s, ascending."""
    return _BITRATES_1 if rate in _MPEG_1 else _BITRATES_2


def frame_samples(rate: int) -> int:
    """How many samples a channel has in one frame."""
    return 1152 if rate in _MPEG_1 else 576


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things lie in every frame of a stream.

    Attributes:
        lengths: of `PERIOD` frames in a row, header included, in bytes.
        side: length of the side information, in bytes.
        mpeg1: whether a frame has two granules.
        channels: 1 or 2.
    """

    lengths: tuple[int, ...]
    side: int
    mpeg1: bool
    channels: int

    @classmethod
    def of(cls, rate: int, channels: int, bitrate: int) -> Layout:
        """The layout of a stream of a sample rate in hertz and a bitrate in kbit/s."""
        mpeg1 = rate in _MPEG_1
        whole, rest = divmod(frame_samples(rate) // 8 * bitrate * 1000, rate)
        lengths, lag = [], rest
        # An encoder is in debt by the fraction it leaves out, and pays with a padding byte.
        for _ in range(PERIOD):
            lag -= rest
            pad = lag < 0
            lag += rate if pad else 0
            lengths.append(whole + pad)
        side = (17 if channels == 1 else 32) if mpeg1 else (9 if channels == 1 else 17)
        return cls(tuple(lengths), side, mpeg1, channels)

    @property
    def head(self) -> int:
        """Bytes of a frame before its main data."""
        return 4 + self.side

    def offset(self, frame: int) -> int:
        """Where a frame starts in a stream, in bytes from frame 0."""
        rounds, rest = divmod(frame, PERIOD)
        return rounds * sum(self.lengths) + sum(self.lengths[:rest])

    def count(self, size: int) -> int:
        """How many whole frames a stream of some bytes has."""
        rounds, rest = divmod(size, sum(self.lengths))
        frames = rounds * PERIOD
        for length in self.lengths:
            rest -= length
            if rest < 0:
                break
            frames += 1
        return frames


def _bits(data: bytes | bytearray, at: int, count: int) -> int:
    first, last = at // 8, (at + count + 7) // 8
    value = int.from_bytes(data[first:last], "big")
    return value >> (last * 8 - at - count) & (1 << count) - 1


def main_data_begin(data: bytes | bytearray, at: int, layout: Layout) -> int:
    """How many bytes of main data before its own place the frame at an offset begins with."""
    return _bits(data, (at + 4) * 8, 9 if layout.mpeg1 else 8)


def window_types(data: bytes | bytearray, at: int, layout: Layout) -> tuple[int, ...]:
    """The window of each channel in the last granule of the frame at an offset.

    0 is the long one, 1 leads from long to short, 2 is short, 3 leads back; bit 2 marks a mix.
    """
    private = (5 if layout.channels == 1 else 3) if layout.mpeg1 else layout.channels
    start = 9 + private + 4 * layout.channels if layout.mpeg1 else 8 + private
    size, flag = (59, 33) if layout.mpeg1 else (63, 38)
    if layout.mpeg1:
        start += size * layout.channels
    types = []
    for channel in range(layout.channels):
        place = (at + 4) * 8 + start + size * channel + flag
        switched, kind, mixed = _bits(data, place, 1), *divmod(_bits(data, place + 1, 3), 2)
        types.append((kind | mixed << 2) if switched else 0)
    return tuple(types)


def frame_count(samples: int, rate: int) -> int:
    """How many frames an encoder makes of some samples a channel; it starts `DELAY` late."""
    return -(-samples // frame_samples(rate)) + 1


@functools.cache
def _crc_tables() -> tuple[NDArray[np.uint16], list[int]]:
    """Checksums of all two-byte words (little-endian), and of all bytes."""
    import numpy as np

    words = np.arange(65_536, dtype=np.uint32)
    for bit in range(16):
        if bit == 8:
            short = words[:256].astype(np.uint16).tolist()
        words = np.where(words & 1, words >> 1 ^ 0xA001, words >> 1)
    return words.astype(np.uint16), short


_ROW = 256
"""Two-byte words in a row."""


@functools.cache
def _row_of_zeros() -> list[int]:
    """What each checksum becomes after a row of zeros."""
    import numpy as np

    table, _ = _crc_tables()
    bits = 1 << np.arange(16)
    for _ in range(_ROW):
        bits = table[bits]
    # What the bits of a checksum become adds up: it is linear.
    shifted = np.zeros(1, np.uint16)
    for bit in bits:
        shifted = np.concatenate([shifted, shifted ^ bit])
    result: list[int] = shifted.tolist()
    return result


def crc16(data: bytes | bytearray, crc: int = 0) -> int:
    """The checksum of an Info frame (CRC-16, reflected polynomial 0xA001), continued from `crc`.

    The data is cut into rows that are worked on side by side: the checksum is linear.
    """
    import numpy as np

    table, short = _crc_tables()
    height = len(data) // (2 * _ROW)
    rows = np.frombuffer(data, "<u2", height * _ROW).reshape(height, _ROW)
    sums = np.zeros(height, np.uint16)
    for column in np.ascontiguousarray(rows.T):
        sums = table[sums ^ column]
    shift = _row_of_zeros()
    for value in sums.tolist():
        crc = shift[crc] ^ value
    for byte in memoryview(data)[height * 2 * _ROW :]:
        crc = crc >> 8 ^ short[(crc ^ byte) & 0xFF]
    return crc


@dataclass(frozen=True, slots=True)
class InfoFrame:
    """The frame before the first one, which tells players the exact length.

    It is a frame without sound; its size does not depend on what it says.
    """

    rate: int
    channels: int
    bitrate: int
    version: bytes = b"LAME3.100"

    def _header(self) -> tuple[bytes, Layout]:
        """Its first four bytes and its layout, at the least bitrate from the stream's on with room."""
        mpeg1 = self.rate in _MPEG_1
        rates = _MPEG_1 if mpeg1 else _MPEG_2
        legal = bitrates(self.rate)
        layouts = [Layout.of(self.rate, self.channels, kilobits) for kilobits in legal]
        index = next(
            index
            for index, layout in enumerate(layouts)
            if legal[index] >= self.bitrate and layout.lengths[0] >= layout.head + _INFO_LENGTH
        )
        third = index + 1 << 4 | rates.index(self.rate) << 2
        mode = 0b11 if self.channels == 1 else 0b01
        return bytes((0xFF, 0xFB if mpeg1 else 0xF3, third, mode << 6)), layouts[index]

    @property
    def size(self) -> int:
        """Its length in bytes."""
        return self._header()[1].lengths[0]

    def build(self, *, samples: int, frames: int, music: int, music_crc: int) -> bytes:
        """The frame for a finished stream.

        Args:
            samples: how many a channel has, as given to the encoder.
            frames: how many the stream has, without this one.
            music: bytes of the stream, without this frame.
            music_crc: checksum of those bytes.
        """
        header, layout = self._header()
        length = layout.lengths[0]
        total = length + music
        padding = frames * frame_samples(self.rate) - samples - DELAY
        seek = bytes((length + music * i // 100) * 256 // total for i in range(100))
        source = {32_000: 0, 44_100: 1, 48_000: 2}.get(self.rate, 0)
        mode = 0 if self.channels == 1 else 3
        body = b"".join(
            (
                header,
                bytes(layout.side),
                b"Info",
                (0b1111).to_bytes(4, "big"),
                frames.to_bytes(4, "big"),
                total.to_bytes(4, "big"),
                seek,
                (50).to_bytes(4, "big"),
                self.version,
                bytes((0x01, 0)),  # tag revision 0, constant bitrate; low-pass not stated
                bytes(8),  # no peak, no gains
                bytes((0x14, min(self.bitrate, 255))),
                (DELAY << 12 | padding).to_bytes(3, "big"),
                bytes((source << 6 | mode << 2, 0, 0, 0)),
                total.to_bytes(4, "big"),
                music_crc.to_bytes(2, "big"),
            )
        )
        body += crc16(body).to_bytes(2, "big")
        return body + bytes(length - len(body))
