"""MP3: encoded by LAME in several threads at once, gapless, tagged from the first byte on.

A session is cut into stretches by its length alone, so the bytes do not depend on the number of
threads or on the size of blocks. Each stretch has its own encoder, whose state has settled when its
frames begin to count, and which runs a little past the start of the next. Two neighbours are joined
at a frame that both have encoded (`_seam`).

Frames borrow room from frames before them (the bit reservoir): frame j's data begins
`main_data_begin` bytes before j's own place, counted over main data only. If the later encoder
borrows no more than the earlier one at j, the earlier frames before j do not reach into what the
later frame j needs, and the later encoder's borrowed bytes can be put there (`_joined`).
"""

from __future__ import annotations

import itertools
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from voiceguide.audio import AudioFormat
from voiceguide.errors import UsageError
from voiceguide.plugins import require
from voiceguide.sinks import mp3frames
from voiceguide.sinks.base import FileJob, Part, Sink
from voiceguide.sinks.pcm import to_int16

if TYPE_CHECKING:
    from voiceguide.audio import Samples
    from voiceguide.sinks.pcm import Pcm

QUALITY = 5
"""LAME's scale: 0 is best, 9 is fastest."""

_SETTLED = 12
"""Frames after which an encoder hears as one that has been at it for long."""

_STEP = 64
"""Frames by which an encoder goes on where no seam was found."""

_PIECE = 1 << 18
"""Samples given to an encoder at once; it takes about as much memory for what comes out."""

_REACH = 24
"""Frames before a seam that it may change: it borrows at most 511 bytes, at low rates 255."""

_LOOKAHEAD = 4
"""Frames of sound that an encoder wants to see before it gives a frame out."""


def default_bitrate(audio: AudioFormat) -> int:
    """Constant bitrate in kbit/s for speech over a quiet background: 64 a channel."""
    return 64 * audio.channels


@dataclass(frozen=True, slots=True)
class Cut:
    """How a session is cut into stretches, each with an encoder of its own; in frames of MP3.

    Attributes:
        longest, shortest: what a stretch may be long; multiples of `mp3frames.PERIOD`.
        warm_up: what an encoder is given before its frames count.
        overlap: how long its neighbour before it goes on then; they are joined in there.
    """

    longest: int = 32 * mp3frames.PERIOD
    shortest: int = 8 * mp3frames.PERIOD
    warm_up: int = 40
    overlap: int = 12

    def lengths(self, frames: int) -> Iterator[int]:
        """From where one stretch starts to where the next does, without end.

        They begin short, so that all cores soon have work and a listener something to hear; and end
        short, so that no core is left with a long one when the others are done.

        Args:
            frames: of the session.
        """
        most = self.shortest
        while True:
            share = frames // 4 // mp3frames.PERIOD * mp3frames.PERIOD
            length = max(self.shortest, min(most, share))
            yield length
            frames = max(0, frames - length)
            most = min(2 * most, self.longest)

    def seams(self, start: int) -> Iterator[int]:
        """Frames to try for a seam before a stretch that starts at a frame: the best first.

        A new encoder saves up its reservoir in its first frames, so that a seam that is not
        to be had later is to be had there; but its picture of the sound is not settled yet.
        """
        border = start + self.warm_up
        yield from range(border + 1, border + self.overlap + 1)
        yield from range(border, self.settled(start), -1)

    def sure(self, start: int) -> int:
        """The first frame of a stretch that starts at a frame which no neighbour changes."""
        return start + self.warm_up + self.overlap + _REACH if start else 0

    def settled(self, start: int) -> int:
        """The frame after which there may be a seam before a stretch that starts at a frame."""
        return start + min(_SETTLED, self.warm_up)


class Mp3:
    """The file format `mp3`."""

    about = "MP3 with chapters, cover and words"
    default = True

    def check(self) -> str:
        """Raises MissingError: a library is not installed."""
        for module in ("lameenc", "mutagen"):
            require(module, 'the format "mp3"')
        return self.about

    def accept(self, audio: AudioFormat, bitrate: int | None) -> None:
        """Raises UsageError: MP3 has no such sample rate or bitrate."""
        if audio.rate not in mp3frames.RATES:
            rates = ", ".join(str(rate) for rate in sorted(mp3frames.RATES))
            raise UsageError(f"MP3 has no sample rate of {audio.rate} Hz; it has {rates}")
        legal = mp3frames.bitrates(audio.rate)
        if bitrate is not None and bitrate not in legal:
            listed = ", ".join(str(rate) for rate in legal)
            raise UsageError(
                f"MP3 at {audio.rate} Hz has no bitrate of {bitrate} kbit/s; choose one of {listed}"
            )

    def create(self, part: Part, job: FileJob) -> Sink:
        """A sink that writes into a new, empty file."""
        self.accept(job.format, job.bitrate)
        return Mp3Sink(part, job)


@dataclass(slots=True)
class _Stretch:
    """What one encoder was given and what it gave.

    Attributes:
        start: the session's frame of MP3 with which it begins; a multiple of the period.
        end: the one with which the next begins.
        samples: the session's from there on.
        given: the session's sample up to which the encoder was given them.
        last: whether the session ends in it.
        encoder: not flushed unless `last`, so that more can be added.
        data: whole frames.
    """

    start: int
    end: int
    samples: Pcm
    given: int
    last: bool
    encoder: Any
    data: bytearray


class Mp3Sink:
    """Writes an MP3 file.

    Args:
        part: a new, empty file.
        workers: threads that encode; by default one a core, at most 4.
        cut: how the session is cut; decides the bytes.
        bare: no tag, and a first frame that is never changed, so that whoever gets the file while
            it grows gets the same bytes; `bare_size` of them.
        first: number of the stretch to begin with, of a bare file: what is written is all from the
            byte `begins` on, and wants the session's samples from `first_sample` on.

    Attributes:
        begins: the file's byte that is written first.
        first_sample: the session's sample that is taken first.
    """

    def __init__(
        self,
        part: Part,
        job: FileJob,
        *,
        workers: int | None = None,
        cut: Cut | None = None,
        bare: bool = False,
        first: int = 0,
    ) -> None:
        self._file = part.stream
        self._job = job
        self._audio = job.format
        self._bitrate = job.bitrate or default_bitrate(job.format)
        self._cut = cut or Cut()
        self._unit = mp3frames.frame_samples(job.format.rate)
        self._layout = mp3frames.Layout.of(job.format.rate, job.format.channels, self._bitrate)
        self._info = mp3frames.InfoFrame(job.format.rate, job.format.channels, self._bitrate)

        self._bare = bare
        self._info_at: int | None = None
        workers = workers or min(4, _cores())
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="mp3")
        self._one_core = workers == 1
        self._room = workers + 1
        self._queue: deque[Future[_Stretch]] = deque()
        self._lengths = self._cut.lengths(-(-job.timeline.frames // self._unit))
        self._spare: list[Pcm] = []
        self._start = sum(itertools.islice(self._lengths, first))
        self._window = self._new_window()
        self._filled = 0
        self._earlier: _Stretch | None = None
        self._samples = self._music = self._crc = 0
        self._frames = self._cut.sure(self._start)
        self.first_sample = self._start * self._unit
        self.begins = 0
        if first:
            self._info_at = 0
            self.begins = len(_bare_head(job)) + self._layout.offset(self._frames)

    def write(self, block: Samples) -> None:
        at = 0
        while at < len(block):
            if self._filled == len(self._window):
                self._next_window()
            while self._queue and self._queue[0].done():
                self._take()  # somebody may wait for it
            count = min(len(self._window) - self._filled, len(block) - at)
            target = self._window[self._filled : self._filled + count]
            to_int16(block[at : at + count], target)
            self._filled += count
            at += count
        self._samples += len(block)

    def close(self) -> None:
        try:
            # An encoder that was given nothing gives nothing, and a file has at least a frame.
            self._window[self._filled : self._filled + 1] = 0
            self._submit(self._start, self._window[: max(self._filled, 1)], last=True)
            while self._queue:
                self._take()
        finally:
            self._pool.shutdown(cancel_futures=True)
        if self._bare:
            return
        assert self._info_at is not None
        info = self._info.build(
            samples=self._samples,
            frames=self._frames,
            music=self._music,
            music_crc=self._crc,
        )
        self._file.seek(self._info_at)
        self._file.write(info)

    def abort(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def _new_window(self) -> Pcm:
        """Room for the next stretch, up to where the one after it is joined to it."""
        import numpy as np

        self._length = next(self._lengths)
        beyond = self._cut.warm_up + self._cut.overlap + _LOOKAHEAD
        frames = (self._length + beyond) * self._unit
        if self._spare:
            return self._spare.pop()[:frames]
        # All as large as the largest of this session, so that each can be used again.
        most = min(self._cut.longest, self._job.timeline.frames // (4 * self._unit))
        room = (max(self._length, most) + beyond) * self._unit
        return np.empty((room, self._audio.channels), np.int16)[:frames]

    def _next_window(self) -> None:
        again = self._window[self._length * self._unit :]
        given, start = self._window, self._start
        self._start += self._length
        window = self._new_window()
        window[: len(again)] = again
        self._submit(start, given, last=False)
        self._window, self._filled = window, len(again)

    def _submit(self, start: int, samples: Pcm, *, last: bool) -> None:
        while self._queue and (len(self._queue) >= self._room or self._queue[0].done()):
            self._take()
        end = start + self._length if last else self._start
        encoded = self._pool.submit(self._encoded, start, end, samples, last)
        if self._one_core:
            wait([encoded])  # nothing is mixed meanwhile, so that one core is what it takes
        self._queue.append(encoded)

    def _encoded(self, start: int, end: int, samples: Pcm, last: bool) -> _Stretch:
        import lameenc

        encoder = lameenc.Encoder()
        encoder.silence()
        encoder.set_in_sample_rate(self._audio.rate)
        encoder.set_out_sample_rate(self._audio.rate)
        encoder.set_channels(self._audio.channels)
        encoder.set_bit_rate(self._bitrate)
        encoder.set_quality(QUALITY)
        data = _encode(encoder, samples, last)
        given = start * self._unit + len(samples)
        return _Stretch(start, end, samples, given, last, encoder, data)

    def _take(self) -> None:
        """Join the oldest stretch to what is there, and write what no later one can change."""
        later = self._queue.popleft().result()
        earlier, layout = self._earlier, self._layout
        if earlier is not None:
            seam = _seam(earlier, later, layout, self._cut.seams(later.start))
            while seam is None and earlier.given < later.given:
                seam = _seam(earlier, later, layout, self._go_on(earlier, later))
            if seam is not None:
                self._put(_joined(earlier, later, layout, seam), earlier.start, seam)
            else:
                self._put(earlier.data, earlier.start, later.start)
                later.encoder = earlier.encoder
                later.data = earlier.data[layout.offset(later.start - earlier.start) :]
            if earlier.samples.base is not None:
                self._spare.append(earlier.samples.base)
        if later.last:
            self._put(later.data, later.start, later.start + layout.count(len(later.data)))
        else:
            sure = self._cut.settled(later.end) + 1 - _REACH
            self._put(later.data, later.start, max(sure, self._frames))
        self._earlier = later

    def _go_on(self, earlier: _Stretch, later: _Stretch) -> range:
        """Let the earlier encoder go on into the later one's sound; the frames it adds."""
        known = self._layout.count(len(earlier.data))
        stop = min(earlier.given + _STEP * self._unit, later.given)
        first = later.start * self._unit
        samples = later.samples[earlier.given - first : stop - first]
        earlier.data += _encode(earlier.encoder, samples, later.last and stop == later.given)
        earlier.given = stop
        return range(earlier.start + known, earlier.start + self._layout.count(len(earlier.data)))

    def _begin(self) -> None:
        """Write what goes before the sound; by now the encoders are at work."""
        from voiceguide.sinks import tags

        prefix = b"" if self._bare else tags.id3(self._job.timeline, self._job.describe())
        self._info_at = len(prefix)
        self._file.write(prefix + (_bare_head(self._job) if self._bare else bytes(self._info.size)))

    def _put(self, data: bytearray, start: int, end: int) -> None:
        """Write those frames of some that begin with `start` that are not written, up to `end`."""
        if self._info_at is None:
            self._begin()
        offset = self._layout.offset
        music = data[offset(self._frames - start) : offset(end - start)]
        self._file.write(music)
        self._crc = mp3frames.crc16(music, self._crc)
        self._music += len(music)
        self._frames = end


def stretch_at(job: FileJob, byte: int, cut: Cut | None = None) -> int:
    """Number of the last stretch whose own bytes, in a bare file, begin at a byte or before it."""
    cut = cut or Cut()
    bitrate = job.bitrate or default_bitrate(job.format)
    layout = mp3frames.Layout.of(job.format.rate, job.format.channels, bitrate)
    frame = layout.count(max(0, byte - len(_bare_head(job))))
    total, _ = _music_size(job)
    start = 0
    for number, length in enumerate(cut.lengths(total)):
        start += length
        if start >= total or cut.sure(start) > frame:
            return number
    raise AssertionError("lengths have no end")


def bare_size(job: FileJob) -> int:
    """Bytes of a bare file, known before a sample is encoded."""
    return len(_bare_head(job)) + _music_size(job)[1]


def _bare_head(job: FileJob) -> bytes:
    """The first frame of a bare file: all of it but the checksum of what is still to come."""
    bitrate = job.bitrate or default_bitrate(job.format)
    info = mp3frames.InfoFrame(job.format.rate, job.format.channels, bitrate)
    frames, music = _music_size(job)
    return info.build(samples=job.timeline.frames, frames=frames, music=music, music_crc=0)


def _music_size(job: FileJob) -> tuple[int, int]:
    """How many frames a session becomes, and how many bytes they have."""
    bitrate = job.bitrate or default_bitrate(job.format)
    layout = mp3frames.Layout.of(job.format.rate, job.format.channels, bitrate)
    frames = mp3frames.frame_count(job.timeline.frames, job.format.rate)
    return frames, layout.offset(frames)


def _encode(encoder: Any, samples: Pcm, last: bool) -> bytearray:
    """More frames from an encoder, and all that it still holds if they are the last."""
    data = bytearray()
    for at in range(0, len(samples), _PIECE):
        data += encoder.encode(samples[at : at + _PIECE])
    if last:
        data += encoder.flush()
    return data


def _seam(
    earlier: _Stretch, later: _Stretch, layout: mp3frames.Layout, frames: Iterable[int]
) -> int | None:
    """The frame from which on to take the later of two stretches, or None where there is none.

    Best is a frame that both encoded alike, so that there is no seam at all. Otherwise it is the
    first at which the reservoir allows one and the windows fit: what leads into short blocks in
    one encoder must not be followed by long ones from the other.
    """
    usable = None
    known = layout.count(len(earlier.data))
    for frame in frames:
        at, at_2 = frame - earlier.start, frame - later.start
        if at >= known:
            continue  # an encoder keeps its last frames to itself for a while
        before, here, after = (layout.offset(at + i) for i in (-1, 0, 1))
        before_2, here_2, after_2 = (layout.offset(at_2 + i) for i in (-1, 0, 1))
        if earlier.data[before:after] == later.data[before_2:after_2]:
            return frame
        if (
            usable is None
            and mp3frames.main_data_begin(later.data, here_2, layout)
            <= mp3frames.main_data_begin(earlier.data, here, layout)
            and mp3frames.window_types(later.data, before_2, layout)
            == mp3frames.window_types(earlier.data, before, layout)
        ):
            usable = frame
    return usable


def _joined(earlier: _Stretch, later: _Stretch, layout: mp3frames.Layout, seam: int) -> bytearray:
    """The earlier frames, with what the later frame `seam` has borrowed put into the last ones."""
    data = bytearray(earlier.data)
    at, at_2 = seam - earlier.start, seam - later.start
    borrowed = mp3frames.main_data_begin(later.data, layout.offset(at_2), layout)
    spare = mp3frames.main_data_begin(data, layout.offset(at), layout) - borrowed
    while borrowed or spare:
        at, at_2 = at - 1, at_2 - 1
        start, end = layout.offset(at) + layout.head, layout.offset(at + 1)
        end_2 = layout.offset(at_2 + 1)
        count = min(borrowed, end - start)
        data[end - count : end] = later.data[end_2 - count : end_2]
        borrowed -= count
        # Nobody reads these any more.
        empty = min(spare, end - start - count)
        data[end - count - empty : end - count] = bytes(empty)
        spare -= empty
    return data


def _cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        found = len(os.sched_getaffinity(0))
    else:
        found = os.cpu_count() or 1
    asked = os.environ.get("OMP_NUM_THREADS", "")  # as numerical libraries are told
    return min(found, int(asked)) if asked.isdecimal() and int(asked) else found
