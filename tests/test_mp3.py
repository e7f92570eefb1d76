"""MP3 files, judged by decoders that are not ours."""

from __future__ import annotations

import dataclasses
import hashlib
import io
from itertools import pairwise

import mutagen.id3
import mutagen.mp3
import numpy as np
import pytest
from sinks_support import MemoryPart, by_ffmpeg, by_libsndfile, by_mpg123, feed, job, sound

from voiceguide.audio import AudioFormat
from voiceguide.errors import UsageError
from voiceguide.sinks import mp3, mp3frames
from voiceguide.sinks.base import Tags
from voiceguide.sinks.mp3 import Cut, Mp3, Mp3Sink

SHORT = Cut(longest=4 * mp3frames.PERIOD, shortest=4 * mp3frames.PERIOD)
"""Stretches of five seconds, for many seams in little sound."""
WHOLE = Cut(longest=200 * mp3frames.PERIOD, shortest=200 * mp3frames.PERIOD)
"""All of what is encoded here in one."""


def encoded(samples, *, workers=2, cut=None, block=16_384, **more) -> bytes:
    """An MP3 file's bytes."""
    part = MemoryPart()
    made = job(len(samples), channels=samples.shape[1], **more)
    feed(Mp3Sink(part, made, workers=workers, cut=cut), samples, block)
    return part.stream.getvalue()


def music(data: bytes) -> bytes:
    """The file without its tag."""
    return data[mutagen.id3.ID3(io.BytesIO(data)).size :]


@pytest.fixture
def decoded(tmp_path):
    """Decodes with three decoders, which must agree on the length; libsndfile's samples."""

    def decode(data: bytes, channels: int):
        path = tmp_path / "x.mp3"
        path.write_bytes(data)
        first = by_libsndfile(path)
        assert len(by_ffmpeg(path, channels)) == len(first)
        assert len(by_mpg123(path, channels)) == len(first)
        return first

    return decode


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("frames", [1, 575, 576, 577, 1151, 1152, 1153, 1728, 1729, 100_000])
def test_short_sounds_keep_their_exact_length(frames, channels, decoded):
    """Delay and padding are cut off to the frame, around every edge of encoder frames."""
    samples = sound(3, channels=channels)[:frames]
    assert len(decoded(encoded(samples), channels)) == frames


@pytest.mark.parametrize("more", [-1, 0, 1, 576, 1152, 5_000, 40_000])
def test_lengths_around_the_edge_of_a_segment(more, decoded):
    """A session may end anywhere near a seam."""
    window = (SHORT.longest + SHORT.warm_up + SHORT.overlap + 4) * 1152
    samples = sound(10, channels=1, seed=3)[: window + more]
    whole = decoded(encoded(samples, cut=SHORT), 1)
    assert len(whole) == window + more
    assert snr(samples, whole) > 10


def test_nothing_at_all_is_still_a_file(tmp_path):
    """No sound makes a file that decoders open and find empty or nearly so."""
    data = encoded(np.zeros((0, 2), np.float32))
    (tmp_path / "x.mp3").write_bytes(data)
    assert mutagen.mp3.MP3(io.BytesIO(data)).info.length < 0.06
    assert len(by_ffmpeg(tmp_path / "x.mp3", 2)) == 0


@pytest.mark.parametrize(
    ("rate", "channels", "bitrate"),
    [
        (44_100, 2, 32),
        (44_100, 1, 320),
        (44_100, 2, 192),
        (48_000, 2, 128),
        (32_000, 1, 56),
        (24_000, 1, 64),
        (22_050, 1, 32),
        (22_050, 2, 160),
        (16_000, 1, 8),
    ],
)
def test_every_rate_is_exact_across_seams(rate, channels, bitrate, decoded):
    """Both kinds of frames, all sample rates, the lowest and the highest bitrates."""
    samples = sound(16, rate=rate, channels=channels)
    data = encoded(samples, cut=SHORT, rate=rate, bitrate=bitrate)
    assert len(decoded(data, channels)) == len(samples)
    info = mutagen.mp3.MP3(io.BytesIO(data)).info
    assert (info.sample_rate, info.channels) == (rate, channels)
    assert info.bitrate == pytest.approx(bitrate * 1000, rel=0.01)


def test_bytes_depend_on_sound_alone():
    """Not on the size of blocks, the number of threads, or the run."""
    samples = sound(24)
    wanted = hashlib.sha256(encoded(samples, cut=SHORT, workers=1)).hexdigest()
    for workers, block in ((2, 16_384), (3, 777), (2, 10**9)):
        data = encoded(samples, cut=SHORT, workers=workers, block=block)
        assert hashlib.sha256(data).hexdigest() == wanted


def snr(wanted, got) -> float:
    """Signal to noise in decibels."""
    noise = np.square(wanted - got, dtype=np.float64).sum() + 1e-9
    return float(10 * np.log10((np.square(wanted, dtype=np.float64).sum() + 1e-9) / noise))


@pytest.mark.parametrize(
    ("channels", "bed", "bitrate"), [(2, 0.02, 128), (2, 0.3, 128), (1, 0.05, 64), (2, 0, 128)]
)
def test_seams_are_as_clean_as_the_rest(channels, bed, bitrate, decoded, monkeypatch):
    """Cut and joined, the sound is as near to the original as from one encoder: over the whole,
    around each seam, and in its loudest single deviation there, which a click would be."""
    samples = sound(60, channels=channels, bed=bed, seed=11)
    find, seams = mp3._seam, []

    def noted(*args):
        seams.append(find(*args))
        return seams[-1]

    monkeypatch.setattr(mp3, "_seam", noted)
    joined = decoded(encoded(samples, cut=SHORT, bitrate=bitrate), channels)
    places = [seam for seam in seams if seam is not None]
    serial = decoded(encoded(samples, cut=WHOLE, bitrate=bitrate), channels)
    assert len(places) >= 11
    assert abs(snr(samples, joined) - snr(samples, serial)) < 0.05
    for place in places:
        near = slice((place - 4) * 1152, (place + 5) * 1152)
        assert snr(samples[near], joined[near]) > snr(samples[near], serial[near]) - 0.5
        wide = slice((place - 12) * 1152, (place + 13) * 1152)
        usual = np.abs(serial[wide] - samples[wide]).max()
        assert np.abs(joined[near] - samples[near]).max() <= 1.25 * usual + 1e-4


def block_types(stream, layout) -> list[tuple[int, ...]]:
    """The block type of each channel (0 where windows do not switch) in every granule of a stream,
    read bit after bit in the order of ISO 11172-3 and 13818-3."""
    found = []
    for index in range(layout.count(len(stream))):
        frame = stream[layout.offset(index) : layout.offset(index + 1)]
        bits = "".join(f"{byte:08b}" for byte in frame[4 : layout.head])
        at = 8 + layout.channels
        if layout.mpeg1:
            at = 9 + (5 if layout.channels == 1 else 3) + 4 * layout.channels
        for _ in range(2 if layout.mpeg1 else 1):
            row = []
            for _ in range(layout.channels):
                at += 12 + 9 + 8 + (4 if layout.mpeg1 else 9)
                row.append(int(bits[at + 1 : at + 3], 2) if bits[at] == "1" else 0)
                at += 1 + 22 + (3 if layout.mpeg1 else 2)
            found.append(tuple(row))
    return found


FOLLOWS = {0: (0, 1), 1: (2,), 2: (2, 3), 3: (0, 1)}
"""Which block types may come after each: long, to short, short, back to long."""


def clicking(seconds, channels, rate=44_100):
    """Sound whose encoder often changes to short blocks."""
    samples = sound(seconds, channels=channels, rate=rate, seed=2)
    for at in range(0, len(samples), rate // 11):
        samples[at : at + 40] = np.clip(samples[at : at + 40] + 0.7, -1, 1)
    return samples


def stretch(samples, rate=44_100, bitrate=128):
    """One encoder's frames, and their layout."""
    made = job(len(samples), channels=samples.shape[1], rate=rate, bitrate=bitrate)
    sink = Mp3Sink(MemoryPart(), made, workers=1)
    found = sink._encoded(0, 0, np.rint(samples * 32_767).astype(np.int16), last=True)
    sink.abort()
    return found, mp3frames.Layout.of(rate, samples.shape[1], bitrate)


@pytest.mark.parametrize(("rate", "channels"), [(44_100, 1), (44_100, 2), (22_050, 1), (22_050, 2)])
def test_window_types_are_those_of_the_stream(rate, channels):
    """Those of the last granule of each frame, read in another way; short ones are among them."""
    found, layout = stretch(clicking(3, channels, rate), rate, 64)
    granules = block_types(found.data, layout)
    last = granules[1::2] if layout.mpeg1 else granules
    read = [
        mp3frames.window_types(found.data, layout.offset(index), layout)
        for index in range(len(last))
    ]
    assert read == last
    assert {0, 1, 2, 3} <= {kind for row in granules for kind in row}


def test_a_seam_is_where_the_windows_fit_and_the_reservoir_allows(tmp_path):
    """Of two sounds that have nothing in common, joined at each frame that may be a seam: every
    block follows the one before as it must, and the later sound is decoded as if it were alone."""
    quiet = np.random.default_rng(3).normal(0, 0.001, (4 * 44_100, 2)).astype(np.float32)
    for at in range(0, len(quiet), 44_100 // 7):
        quiet[at : at + 30] += 0.3
    earlier, layout = stretch(quiet)
    later, _ = stretch(clicking(4, 2))
    frames = range(mp3._SETTLED, layout.count(len(later.data)) - 4)
    allowed = [frame for frame in frames if mp3._seam(earlier, later, layout, [frame]) == frame]
    kinds, kinds_2 = (block_types(each.data, layout) for each in (earlier, later))
    for frame in allowed:
        # The first nine bits: how far back a frame's data begins.
        back, back_2 = (
            int.from_bytes(each.data[layout.offset(frame) + 4 :][:2], "big") >> 7
            for each in (earlier, later)
        )
        assert back_2 <= back, frame
        for before, after in zip(kinds[2 * frame - 1], kinds_2[2 * frame], strict=True):
            assert after in FOLLOWS[before], frame
    ruled_out = [
        frame
        for frame in frames
        if any(
            b not in FOLLOWS[a]
            for a, b in zip(kinds[2 * frame - 1], kinds_2[2 * frame], strict=True)
        )
    ]
    assert len(ruled_out) > 10 and len(allowed) > 10

    def decoded(data):
        (tmp_path / "x.mp3").write_bytes(data)
        return by_libsndfile(tmp_path / "x.mp3")

    alone = decoded(later.data)
    for frame in allowed[:: len(allowed) // 8]:
        made = mp3._joined(earlier, later, layout, frame)[: layout.offset(frame)]
        joined = decoded(made + later.data[layout.offset(frame) :])
        # A frame of the decoder's delay, one that overlaps the last of the earlier, and one more.
        start = (frame + 2) * 1152
        assert np.allclose(joined[start:], alone[start:], atol=1e-5), frame


def test_seams_are_looked_for_in_sound_that_both_have(monkeypatch):
    """Past the border first, then before it, never where the later encoder is not settled yet; and
    both have encoded nearly all of it."""
    cut = Cut(longest=2 * mp3frames.PERIOD, shortest=2 * mp3frames.PERIOD, overlap=8)
    start = 3 * mp3frames.PERIOD
    border = start + cut.warm_up
    assert list(cut.seams(start)) == [
        *range(border + 1, border + 9),
        *range(border, start + 12, -1),
    ]
    find, tried = mp3._seam, []

    def noted(earlier, later, layout, frames):
        frames = list(frames)
        # The encoder's own delay, and what it keeps until a frame's bytes are full.
        tried.append(max(frames) - earlier.start - layout.count(len(earlier.data)) <= 2)
        tried.append(max(frames) < later.start + layout.count(len(later.data)))
        return find(earlier, later, layout, frames)

    monkeypatch.setattr(mp3, "_seam", noted)
    encoded(sound(16, channels=1), cut=cut)
    assert len(tried) >= 8 and all(tried)


def test_the_best_seam_is_none():
    """A frame that both encoded alike goes before one that would only do; of those, the first."""
    found, layout = stretch(sound(3, channels=1), bitrate=64)
    data = bytearray(found.data)
    for frame in (30, 40):
        data[layout.offset(frame + 1) - 1] ^= 1
    other = dataclasses.replace(found, data=data)
    assert mp3._seam(found, other, layout, [31, 41, 51, 61]) == 51
    assert mp3._seam(found, other, layout, [31, 41]) == 31


def test_no_seam_where_the_earlier_encoder_has_nothing_yet():
    """Whatever the reservoir would allow: the frames before it would be missing."""
    found, layout = stretch(sound(3, channels=1), bitrate=320)
    known = layout.count(len(found.data)) - 20
    short = dataclasses.replace(found, data=found.data[: layout.offset(known) + 50])
    assert mp3._seam(short, found, layout, [known + 1, known]) is None
    assert mp3._seam(short, found, layout, [known + 1, known - 1]) == known - 1


@pytest.mark.parametrize("minutes", [0.01, 1, 5, 20, 600])
def test_stretches_begin_short_and_end_short(minutes):
    """So that no core waits: none has more left than a quarter of what is to come, nor the first of
    them more than some seconds; and their encoders begin where the frames' lengths repeat."""
    cut, total = Cut(), round(minutes * 60 * 44_100 / 1152)
    left, lengths = total, []
    for length in cut.lengths(total):
        if left <= 0:
            break
        assert length % mp3frames.PERIOD == 0
        assert cut.shortest <= length <= max(cut.shortest, min(cut.longest, left // 4))
        lengths.append(length)
        left -= length
    assert lengths[0] == lengths[-1] == cut.shortest
    assert cut.shortest * 1152 / 44_100 < 12
    for one, other in pairwise(lengths):
        assert other <= 2 * one
    # What is encoded twice, for the joints, costs little.
    joints = (len(lengths) - 1) * (cut.warm_up + cut.overlap + 4)
    assert minutes < 20 or joints < 0.05 * total


def test_a_sink_asks_for_its_tags_when_the_encoders_are_at_work():
    """Drawing the cover then costs no core its time; it is asked for once."""
    samples = sound(30)
    asked = []
    made = job(len(samples))
    sink = None

    def describe():
        asked.append(len(sink._queue))
        return Tags("Late")

    part = MemoryPart()
    made = dataclasses.replace(made, describe=describe)
    sink = Mp3Sink(part, made, workers=2, cut=SHORT)
    assert not asked
    feed(sink, samples)
    assert len(asked) == 1 and asked[0] >= 1
    assert str(mutagen.id3.ID3(io.BytesIO(part.stream.getvalue()))["TIT2"]) == "Late"


def test_an_encoder_is_settled_after_some_frames():
    """One that starts later hears, from then on, as the one that has been at it for long."""
    samples = sound(6, channels=1, seed=4)
    whole, layout = stretch(samples, bitrate=64)
    kinds = block_types(whole.data, layout)
    for late in range(mp3frames.PERIOD, 3 * mp3frames.PERIOD, mp3frames.PERIOD):
        part, _ = stretch(samples[late * 1152 :], bitrate=64)
        own = block_types(part.data, layout)
        settled = 2 * mp3._SETTLED
        assert own[settled : settled + 100] == kinds[2 * late + settled :][:100]


def test_without_a_seam_the_encoder_goes_on(decoded, monkeypatch):
    """Where no frame will do, the earlier encoder takes over: then it is all one encoder's."""
    samples = sound(20, channels=1)
    monkeypatch.setattr(mp3, "_seam", lambda *_: None)
    data = encoded(samples, cut=SHORT)
    monkeypatch.undo()
    assert music(data) == music(encoded(samples, cut=WHOLE))
    assert len(decoded(data, 1)) == len(samples)


def test_seams_hold_in_any_sound(decoded):
    """Sounds with hard changes: bursts, silence, full-scale noise, one channel only."""
    random = np.random.default_rng(5)
    samples = sound(30, bed=0, seed=9)
    loud = slice(6 * 44_100, 12 * 44_100)
    samples[loud] = random.uniform(-1, 1, samples[loud].shape)
    samples[15 * 44_100 :, 1] = 0
    samples[20 * 44_100 :: 3_000] = 1
    data = encoded(
        samples, cut=Cut(longest=2 * mp3frames.PERIOD, shortest=2 * mp3frames.PERIOD, overlap=8)
    )
    assert len(decoded(data, 2)) == len(samples)


def test_the_info_frame_tells_the_truth():
    """Frames, bytes, checksums, delay and seek table are those of the stream."""
    samples = sound(13)
    data = music(encoded(samples, cut=SHORT))
    layout = mp3frames.Layout.of(44_100, 2, 128)
    size = mp3frames.InfoFrame(44_100, 2, 128).size
    head, stream = data[:size], data[size:]
    at = 4 + 32
    assert head[at : at + 4] == b"Info"
    frames = layout.count(len(stream))
    assert layout.offset(frames) == len(stream)
    assert int.from_bytes(head[at + 8 : at + 12], "big") == frames
    assert int.from_bytes(head[at + 12 : at + 16], "big") == len(data)
    table = head[at + 16 : at + 116]
    assert list(table) == sorted(table)
    assert abs(table[50] / 256 - 0.5) < 0.01
    tag = head[at + 120 :]
    both = int.from_bytes(tag[21:24], "big")
    assert (both >> 12, frames * 1152 - (both & 4095)) == (576, len(samples) + 576)
    assert int.from_bytes(tag[28:32], "big") == len(data)
    assert int.from_bytes(tag[32:34], "big") == slow_crc(stream)
    assert int.from_bytes(tag[34:36], "big") == slow_crc(head[: at + 154])


@pytest.mark.parametrize(
    ("rate", "channels", "bitrate", "source", "mode"),
    [(32_000, 1, 64, 0, 0), (44_100, 2, 320, 1, 3), (48_000, 1, 96, 2, 0), (24_000, 2, 64, 0, 3)],
)
def test_the_info_frame_as_another_program_reads_it(rate, channels, bitrate, source, mode):
    """How it was encoded: constant bitrate, quality, joint stereo, source rate; and where to seek."""
    data = music(encoded(sound(9, rate=rate, channels=channels), rate=rate, bitrate=bitrate))
    stream = io.BytesIO(data)
    stream.seek(data.index(b"Info"))
    found = mutagen.mp3._util.XingHeader(stream)
    lame = found.lame_header
    assert (lame.vbr_method, lame.quality, lame.encoding_flags, lame.ath_type) == (1, 0, 1, 4)
    assert (lame.bitrate, lame.encoder_delay_start) == (min(bitrate, 255), 576)
    assert (lame.source_sample_frequency_enum, lame.stereo_mode) == (source, mode)
    assert found.frames > 0 and len(found.toc) == 100
    for percent in (0, 25, 50, 99):
        assert found.toc[percent] / 256 == pytest.approx(percent / 100, abs=0.012)


def slow_crc(data: bytes, crc: int = 0) -> int:
    """CRC-16 bit by bit."""
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc


@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, 3_000])
def test_checksums_side_by_side_are_the_plain_ones(size):
    """The fast checksum equals the one bit by bit, also when continued."""
    data = np.random.default_rng(size).bytes(size)
    assert mp3frames.crc16(data) == slow_crc(data)
    assert mp3frames.crc16(data, 0x1234) == slow_crc(data, 0x1234)
    assert mp3frames.crc16(b"123456789") == 0xBB3D


@pytest.mark.parametrize("bitrate", [0, 1, 129, -64, 400])
def test_a_bitrate_that_is_none(bitrate):
    """The message lists those that are."""
    with pytest.raises(UsageError, match="choose one of 32, 40, .*, 128, .*320"):
        Mp3().accept(AudioFormat(), bitrate)


def test_a_sample_rate_that_is_none():
    """The message lists those that are."""
    with pytest.raises(UsageError, match="44100"):
        Mp3().accept(AudioFormat(rate=96_000), None)


def test_full_scale_is_clipped_not_wrapped(decoded):
    """Samples at and over the edge stay on their side."""
    samples = np.full((20_000, 1), 1.5, np.float32)
    got = decoded(encoded(samples, bitrate=320), 1)
    assert got[5_000:15_000].min() > 0.9


def test_the_default_bitrate_follows_the_channels():
    """128 kbit/s stereo, 64 mono."""
    for channels, wanted in ((1, 64_000), (2, 128_000)):
        data = encoded(sound(2, channels=channels))
        assert mutagen.mp3.MP3(io.BytesIO(data)).info.bitrate == pytest.approx(wanted, rel=0.001)


def test_an_aborted_sink_ends_its_threads():
    """Nothing goes on in the background."""
    import threading

    before = threading.active_count()
    part = MemoryPart()
    sink = Mp3Sink(part, job(10**9), workers=2, cut=SHORT)
    sink.write(sound(20))
    sink.abort()
    assert threading.active_count() == before


def test_how_many_frames_there_are() -> None:
    """As many as hold the samples, and one more, since the encoder starts late."""
    for rate, size in ((44_100, 1152), (22_050, 576)):
        wanted = {1: 2, size - 1: 2, size: 2, size + 1: 3, 2 * size: 3, 2 * size + 1: 4}
        assert {n: mp3frames.frame_count(n, rate) for n in wanted} == wanted


def test_the_bitrates_are_those_of_the_standards() -> None:
    """Layer III of ISO/IEC 11172-3 and 13818-3, in kbit/s."""
    first = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
    second = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
    assert mp3frames.bitrates(44_100) == first
    assert mp3frames.bitrates(22_050) == second


def test_the_first_stretch_is_written_before_the_next_is_full():
    """Who waits for the first sound of a session gets it while the rest is still made."""
    samples, part = sound(60, channels=1), MemoryPart()
    sink = Mp3Sink(part, job(len(samples), channels=1), workers=2, cut=SHORT)
    window = (SHORT.longest + SHORT.warm_up + SHORT.overlap + 4) * 1152
    sink.write(samples[: window + 1])
    sink._queue[0].result()
    sink.write(samples[window + 1 : window + 2])
    early = part.stream.getvalue()
    sink.write(samples[window + 2 :])
    sink.close()
    assert len(music(early)) > 0.8 * (SHORT.longest * 1152 / 44_100) * 8_000
    # The first frame gets its checksum at the end; all others stay as they were.
    first = mp3frames.Layout.of(44_100, 1, 64).offset(1)
    assert music(part.stream.getvalue())[first : len(music(early))] == music(early)[first:]


def test_one_core_is_what_one_worker_takes():
    """Nothing is mixed while it encodes, so that as many processes as cores share them evenly."""
    samples, part = sound(60, channels=1), MemoryPart()
    sink = Mp3Sink(part, job(len(samples), channels=1), workers=1, cut=SHORT)
    for start in range(0, len(samples), 4_096):
        sink.write(samples[start : start + 4_096])
        assert all(each.done() for each in sink._queue)
    sink.close()
