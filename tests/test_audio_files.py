"""Sound files as clips: every kind, every rate, and every way of being broken."""

from __future__ import annotations

import os
import subprocess
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import lameenc
import numpy as np
import pytest
import soundfile
from needs import need

from voiceguide.audio import RATE, ArrayClip
from voiceguide.audio.container import examine
from voiceguide.audio.files import clip_loudness, open_clip, probe
from voiceguide.audio.stretch import stretch
from voiceguide.errors import SoundError


def tone(seconds: float, rate: int = RATE, hertz: float = 440.0, channels: int = 2) -> np.ndarray:
    """A sine at a quarter of full scale, float32."""
    wave = 0.25 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)
    return np.repeat(wave[:, None], channels, axis=1).astype(np.float32)


def noise(seconds: float, rate: int = RATE, channels: int = 2) -> np.ndarray:
    """Quiet noise, the same at every call."""
    made = np.random.default_rng(7).standard_normal((round(seconds * rate), channels))
    return (0.05 * made).astype(np.float32)


def lame(samples: np.ndarray) -> bytes:
    """An MP3 that does not tell its length."""
    encoder = lameenc.Encoder()
    encoder.set_bit_rate(128)
    encoder.set_in_sample_rate(RATE)
    encoder.set_channels(2)
    encoder.set_quality(7)
    encoder.silence()
    pcm = (samples * 32767).astype("<i2").tobytes()
    return bytes(encoder.encode(pcm)) + bytes(encoder.flush())


# --- what can be read --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("suffix", "rate", "subtype"),
    [
        ("wav", 44_100, "PCM_16"),
        ("wav", 8_000, "PCM_U8"),
        ("wav", 96_000, "PCM_24"),
        ("wav", 48_000, "FLOAT"),
        ("aiff", 22_050, "PCM_16"),
        ("flac", 44_100, "PCM_16"),
        ("flac", 96_000, "PCM_24"),
        ("ogg", 44_100, "VORBIS"),
        ("ogg", 48_000, "OPUS"),
        ("mp3", 44_100, "MPEG_LAYER_III"),
        ("mp3", 24_000, "MPEG_LAYER_III"),
        ("au", 44_100, "PCM_16"),
        ("caf", 44_100, "PCM_16"),
    ],
)
def test_every_kind(tmp_path: Path, suffix: str, rate: int, subtype: str) -> None:
    """Each kind and rate gives the same sound, as long as probed, at the session's rate."""
    path = tmp_path / f"tone.{suffix}"
    soundfile.write(path, tone(1.5, rate), rate, subtype=subtype)
    clip = open_clip(path)
    assert (clip.frames, clip.channels) == (round(1.5 * RATE), 2)
    extent = probe(path)
    assert (extent.frames, extent.channels) == (clip.frames, clip.channels)
    samples = clip.read(0, clip.frames)
    assert samples.dtype == np.float32
    middle = slice(5_000, -5_000)
    away = np.abs(samples[middle] - tone(1.5)[middle])
    assert away.max() < (0.02 if suffix in ("mp3", "ogg") or subtype == "PCM_U8" else 0.001)


def test_mono_stays_mono(tmp_path: Path) -> None:
    """A mono file is a mono clip, 3 dB louder in a stereo session than on its one channel."""
    path = tmp_path / "mono.wav"
    soundfile.write(path, tone(3, hertz=1000, channels=1), RATE)
    clip = open_clip(path)
    assert clip.channels == probe(path).channels == 1
    both = tmp_path / "both.wav"
    soundfile.write(both, tone(3, hertz=1000), RATE)
    assert clip_loudness(clip) == pytest.approx(clip_loudness(open_clip(both)), abs=0.01)
    assert clip_loudness(clip) == pytest.approx(-12.0, abs=0.3)


@pytest.mark.parametrize("kind", [("wav", "PCM_16"), ("ogg", "VORBIS")])
def test_surround_is_folded(tmp_path: Path, kind: tuple[str, str]) -> None:
    """Of 5.1 the left stays left, the centre is in the middle, the deep effects are left out."""
    suffix, subtype = kind
    order = {"left": 0, "right": 1, "centre": 2, "deep": 3}
    if suffix == "ogg":
        order = {"left": 0, "centre": 1, "right": 2, "deep": 5}
    heard = {}
    for name, index in order.items():
        samples = np.zeros((RATE, 6), np.float32)
        samples[:, index] = tone(1, channels=1)[:, 0]
        path = tmp_path / f"{name}.{suffix}"
        soundfile.write(path, samples, RATE, subtype=subtype)
        clip = open_clip(path)
        assert clip.channels == 2
        heard[name] = np.sqrt((clip.read(5_000, 30_000) ** 2).mean(axis=0))
    assert heard["left"][0] > 0.05 > 0.001 > heard["left"][1]
    assert heard["right"][1] > 0.05 > 0.001 > heard["right"][0]
    assert heard["centre"][0] == pytest.approx(heard["centre"][1], rel=0.02)
    assert heard["centre"][0] > 0.04
    assert heard["deep"].max() < 0.001


def test_surround_does_not_overflow(tmp_path: Path) -> None:
    """All channels at full scale fold to full scale, whatever their number."""
    for channels in (3, 4, 5, 6, 7, 8, 12):
        path = tmp_path / f"{channels}.wav"
        soundfile.write(path, np.ones((100, channels), np.float32), RATE, subtype="FLOAT")
        samples = open_clip(path).read(0, 100)
        assert np.allclose(samples, 1.0, atol=1e-5)


def test_mp3_without_a_length(tmp_path: Path) -> None:
    """The length of an MP3 that does not state it is counted, not guessed."""
    path = tmp_path / "plain.mp3"
    path.write_bytes(lame(noise(5)))
    clip = open_clip(path)
    assert clip.frames == probe(path).frames
    assert clip.frames % 1152 == 0
    # The encoder's delay comes first: the noise itself lies within.
    samples = clip.read(0, clip.frames)[:, 0]
    size = 1 << 19
    match = np.fft.irfft(np.fft.rfft(samples, size) * np.conj(np.fft.rfft(noise(5)[:, 0], size)))
    delay = int(np.argmax(match))
    assert 0 < delay < 3000
    assert delay + 5 * RATE <= clip.frames


def test_mp3_after_a_tag(tmp_path: Path) -> None:
    """A tag with a picture before the sound, and an old one after it, change nothing."""
    plain, tagged = tmp_path / "plain.mp3", tmp_path / "tagged.mp3"
    data = lame(noise(2))
    plain.write_bytes(data)
    size = 300_000
    head = b"ID3\x04\x00\x00" + bytes(
        (size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127)
    )
    tagged.write_bytes(head + bytes(size) + data + b"TAG" + b"x" * 125)
    one, other = open_clip(plain), open_clip(tagged)
    assert one.frames == other.frames
    assert np.array_equal(one.read(0, one.frames), other.read(0, other.frames))


@pytest.mark.parametrize("seconds", [2, 70])
def test_an_odd_mp3_is_heard_in_silence(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], seconds: int
) -> None:
    """Bits that were lost within it, and junk behind it: it is read, and no decoder talks."""
    data = bytearray(lame(noise(seconds)))
    at = len(data) // 2
    data[at : at + 60] = b"\x55" * 60
    path = tmp_path / "odd.mp3"
    path.write_bytes(bytes(data) + b"APETAGEX" + b"junk " * 99)
    clip = open_clip(path)
    for start in range(0, clip.frames, 10 * RATE):
        clip.read(start, min(10 * RATE, clip.frames - start))
    os.write(2, b"heard")
    assert capfd.readouterr() == ("", "heard")


def test_wav_of_unknown_length(tmp_path: Path) -> None:
    """A WAV written to a pipe, whose header could not be filled in, is read whole."""
    path = tmp_path / "pipe.wav"
    soundfile.write(path, noise(1), RATE, subtype="PCM_16")
    data = bytearray(path.read_bytes())
    at = data.index(b"data")
    data[4:8] = data[at + 4 : at + 8] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    assert open_clip(path).frames == RATE


# --- long files --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("suffix", "rate", "subtype"),
    [
        ("wav", 44_100, "PCM_16"),
        ("flac", 48_000, "PCM_16"),
        ("wav", 11_025, "PCM_16"),
        ("ogg", 44_100, "VORBIS"),
        ("ogg", 48_000, "OPUS"),
        ("mp3", 44_100, "MPEG_LAYER_III"),
        ("mp3", 24_000, "MPEG_LAYER_III"),
    ],
)
def test_long_files_read_the_same_from_anywhere(
    tmp_path: Path, suffix: str, rate: int, subtype: str
) -> None:
    """Any block from any place equals the same frames of the whole, over joins of pieces too."""
    path = tmp_path / f"long.{suffix}"
    with soundfile.SoundFile(path, "w", rate, 1, subtype) as file:
        for block in np.array_split(noise(65.3, rate, 1), 60):
            file.write(block)
    clip = open_clip(path)
    assert not isinstance(clip, ArrayClip)
    assert clip.frames == probe(path).frames == round(65.3 * rate) * RATE // rate
    whole = clip.read(0, clip.frames)
    assert whole.shape == (clip.frames, 1)
    again = open_clip(path)
    for start, count in (
        (2_000_000, 3),
        (441_000 - 5, 10),
        (0, 100),
        (clip.frames - 1000, 1000),
        (1_323_000 - 300_000, 600_000),
        (77, 0),
    ):
        assert np.array_equal(again.read(start, count), whole[start : start + count])
    with pytest.raises(SoundError, match="changed meanwhile"):
        clip.read(clip.frames - 1, 2)


def test_pieces_meet_without_a_step(tmp_path: Path) -> None:
    """A long tone at another rate is the same tone after resampling piece by piece."""
    path = tmp_path / "long.wav"
    soundfile.write(path, tone(61, 48_000, 441.7, 1), 48_000, subtype="FLOAT")
    clip = open_clip(path)
    away = clip.read(0, clip.frames) - tone(61, RATE, 441.7, 1)
    assert np.abs(away[1000:-1000]).max() < 1e-5


def test_long_files_stay_on_disk(tmp_path: Path) -> None:
    """A 20-minute bed is read through in a small, fixed amount of memory."""
    path = tmp_path / "bed.wav"
    second = (np.random.default_rng(1).integers(-99, 99, (8_000, 1)) * 256).astype(np.int16)
    with soundfile.SoundFile(path, "w", 8_000, 1, "PCM_U8") as file:
        for _ in range(1_200):
            file.write(second)
    tracemalloc.start()
    clip = open_clip(path)
    assert clip.frames == 1_200 * RATE
    for start in range(0, clip.frames, 60 * RATE):
        clip.read(start, 4_096)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000
    assert -30 < clip_loudness(clip) < 0


# --- what cannot ------------------------------------------------------------------------------


def patched(data: bytes, mark: bytes, offset: int, new: bytes) -> bytes:
    """A file with some bytes replaced, counted from a mark."""
    at = data.index(mark) + offset
    return data[:at] + new + data[at + len(new) :]


def wav() -> bytes:
    """A good WAV to spoil."""
    return made("wav")


def made(suffix: str, **options: str) -> bytes:
    """A good file of some kind, to spoil."""
    import io

    file = io.BytesIO()
    soundfile.write(file, noise(4), RATE, format=suffix.upper(), **options)
    return file.getvalue()


def floats(value: float) -> bytes:
    """A float WAV with one strange value."""
    import io

    samples = noise(1)
    samples[20_000, 1] = value
    file = io.BytesIO()
    soundfile.write(file, samples, RATE, format="WAV", subtype="FLOAT")
    return file.getvalue()


def short(data: bytes) -> bytes:
    """Three fifths of a file."""
    return data[: len(data) * 3 // 5]


RUBBISH = np.random.default_rng(5).bytes(30_000)

BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty.wav": (lambda: b"", "is empty"),
    "one.wav": (lambda: b"R", "is not a sound file"),
    "text.wav": (lambda: b"these are words " * 99, "is not a sound file"),
    "text.raw": (lambda: b"these are words " * 99, "is not a sound file"),
    "text.gsm": (lambda: b"these are words " * 99, "is not a sound file"),
    "zeros.mp3": (lambda: bytes(100_000), "is not a sound file"),
    "rubbish.mp3": (lambda: RUBBISH, "is not a sound file"),
    "tagged.mp3": (lambda: b"ID3\x04" + bytes(6) + RUBBISH, "is not a sound file"),
    "rubbish.flac": (lambda: b"fLaC" + RUBBISH, "cannot be read as FLAC"),
    "rubbish.ogg": (lambda: b"OggS" + RUBBISH, "cut short or damaged|cannot be read as OGG"),
    "rubbish.caf": (lambda: b"caff" + RUBBISH, "cannot be read as sound"),
    "rubbish.wav": (lambda: b"RIFF\0\0\0\0WAVE" + RUBBISH, "no sound in it"),
    "no-frames.wav": (lambda: patched(wav(), b"data", 4, bytes(4))[:44], "holds no sound"),
    "cut.wav": (lambda: short(wav()), "cut short"),
    "cut-head.wav": (lambda: wav()[:30], "cut short"),
    "cut.aiff": (lambda: short(made("aiff")), "cut short"),
    "cut.flac": (lambda: short(made("flac")), "cut short"),
    "cut.ogg": (lambda: short(made("ogg")), "cut short"),
    "cut-late.ogg": (lambda: made("ogg")[:-9], "cut short"),
    "cut.mp3": (lambda: short(made("mp3")), "cut short"),
    "nan.wav": (lambda: floats(float("nan")), "not numbers"),
    "inf.wav": (lambda: floats(float("-inf")), "not numbers"),
    "huge.wav": (lambda: floats(1e30), "far beyond full scale"),
    "lying.wav": (lambda: patched(wav(), b"data", 4, b"\0\0\0\x40"), "cut short"),
    "rate.wav": (lambda: patched(wav(), b"fmt ", 12, b"\1\0\0\0"), "1 frames a second"),
    "fast.wav": (lambda: patched(wav(), b"fmt ", 12, b"\0\0\0\x7f"), "frames a second"),
    "many.wav": (lambda: patched(wav(), b"fmt ", 10, b"\x58\2"), "600 channels"),
    "none.wav": (lambda: patched(wav(), b"fmt ", 10, b"\0\0"), "cannot be read as WAV"),
    "codec.wav": (lambda: patched(wav(), b"fmt ", 8, b"\x99\x99"), "cannot be read as WAV"),
    "lying.flac": (lambda: patched(made("flac"), b"fLaC", 21, b"\xff" * 5), "24 hours"),
    "longer.flac": (lambda: patched(made("flac"), b"fLaC", 22, b"\0\3\xff\xff"), "cut short"),
    "untold.flac": (lambda: patched(made("flac"), b"fLaC", 21, b"\xf0" + bytes(4)), "its length"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files(tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Each broken file is one sentence with its path, and no decoder talks beside it."""
    make, expected = BAD[name]
    path = tmp_path / name
    path.write_bytes(make())
    with pytest.raises(SoundError, match=expected) as caught:
        open_clip(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    assert capfd.readouterr() == ("", "")


def test_what_is_no_file(tmp_path: Path) -> None:
    """A missing file, a folder, a pipe and a device are refused without being opened."""
    os.mkfifo(tmp_path / "pipe.wav")
    cases = [
        (tmp_path / "none.wav", "no such file"),
        (tmp_path, "is a folder"),
        (tmp_path / "pipe.wav", "no ordinary file"),
        (Path("/dev/zero"), "no ordinary file"),
        (tmp_path / ("x" * 300), "cannot be read"),
    ]
    for path, expected in cases:
        for function in (open_clip, probe):
            with pytest.raises(SoundError, match=expected):
                function(path)


def test_mp3_of_varying_rate_without_a_length(tmp_path: Path) -> None:
    """Where the decoder's guess at a length falls short, nothing is left out in silence."""
    frames = []
    for kbit, count in ((14, 3), (1, 400)):
        head = bytes((0xFF, 0xFB, kbit << 4, 0xC4))
        length = 144 * (320_000 if kbit == 14 else 32_000) // RATE
        frames += [head + bytes(length - 4)] * count
    path = tmp_path / "varying.mp3"
    path.write_bytes(b"".join(frames))
    assert examine(path).frames == 403 * 1152
    with pytest.raises(SoundError, match="does not tell its length"):
        probe(path)


def test_damage_inside_a_long_file(tmp_path: Path) -> None:
    """A long file that is not a number somewhere is refused when that place is read."""
    path = tmp_path / "long.wav"
    samples = noise(70, 8_000, 1)
    samples[40 * 8_000] = np.nan
    soundfile.write(path, samples, 8_000, subtype="FLOAT")
    clip = open_clip(path)
    clip.read(0, 20 * RATE)
    with pytest.raises(SoundError, match="not numbers"):
        clip.read(35 * RATE, RATE)


@pytest.mark.parametrize("seconds", [1, 70])
def test_damaged_files_are_closed(tmp_path: Path, seconds: int) -> None:
    """However long the error about one is kept."""
    path = tmp_path / "x.wav"
    soundfile.write(path, np.full(seconds * 8_000, np.nan, np.float32), 8_000, subtype="FLOAT")
    with pytest.raises(SoundError) as kept:
        open_clip(path)
    assert "not numbers" in str(kept.value)
    assert path.resolve() not in {handle.resolve() for handle in Path("/proc/self/fd").iterdir()}


def test_long_cut_file_is_found_at_once(tmp_path: Path) -> None:
    """A long FLAC without its end is refused when opened, not when the end is played."""
    path = tmp_path / "long.flac"
    soundfile.write(path, noise(65, 8_000, 1), 8_000, subtype="PCM_16")
    path.write_bytes(short(path.read_bytes()))
    with pytest.raises(SoundError, match="cut short"):
        open_clip(path)


def test_needs_ffmpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What only ffmpeg reads says so where there is none."""
    path = tmp_path / "song.m4a"
    path.write_bytes(b"\0\0\0\x18ftypM4A " + RUBBISH)
    monkeypatch.setenv("PATH", str(tmp_path))
    for function in (open_clip, probe):
        with pytest.raises(SoundError, match=r"song\.m4a: \.m4a needs ffmpeg"):
            function(path)


def test_through_ffmpeg(tmp_path: Path) -> None:
    """Where ffmpeg is, an M4A is read; rubbish in its place is one sentence either way."""
    bad = tmp_path / "bad.m4a"
    bad.write_bytes(b"\0\0\0\x18ftypM4A " + RUBBISH)
    with pytest.raises(SoundError, match=r"needs ffmpeg|even by ffmpeg"):
        open_clip(bad)
    need("ffmpeg", "ffprobe")
    source, path = tmp_path / "tone.wav", tmp_path / "tone.m4a"
    soundfile.write(source, tone(2, 48_000), 48_000)
    subprocess.run(["ffmpeg", "-v", "error", "-i", source, path], check=True)
    clip = open_clip(path)
    assert probe(path).frames == clip.frames
    assert abs(clip.frames - 2 * RATE) < 2_000
    assert np.sqrt((clip.read(20_000, 40_000) ** 2).mean()) == pytest.approx(0.177, abs=0.01)


# --- stretching -------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [1.0, 2.0, 3.71, 4.34, 5.0, 5.999, 6.0, 6.001, 9.7, 12.0, 17.5])
def test_stretch_keeps_level_and_pitch(seconds: float) -> None:
    """At any length the noise is as loud as before, as even, and of the same pitch."""
    source = noise(6)
    source[:, 1] = source[:, 0]
    spectrum = np.fft.rfft(source, axis=0)
    freqs = np.fft.rfftfreq(len(source), 1 / RATE)
    spectrum[(freqs < 600) | (freqs > 1200)] = 0
    source = np.fft.irfft(spectrum, axis=0).astype(np.float32)
    frames = round(seconds * RATE)
    out = stretch(source, frames)
    assert out.shape == (frames, 2)
    assert out.dtype == np.float32
    assert not out[0].any() and not out[-1].any()
    inner = out[3_000:-3_000, 0]
    level = 10 * np.log10((inner**2).mean() / (source**2).mean())
    assert abs(level) < 0.7
    power = np.abs(np.fft.rfft(inner)) ** 2
    freqs = np.fft.rfftfreq(len(inner), 1 / RATE)
    assert power[(freqs < 550) | (freqs > 1250)].sum() < 0.02 * power.sum()
    assert (power * freqs).sum() / power.sum() == pytest.approx(900, abs=30)
    assert np.array_equal(out, stretch(source, frames))


def test_stretch_makes_no_hum() -> None:
    """Grains that repeat what they share do not do so at one distance."""
    out = stretch(noise(6, channels=1), 12 * RATE)[5_000:-5_000, 0].astype(np.float64)
    size = 1 << 21
    match = np.fft.irfft(np.abs(np.fft.rfft(out, size)) ** 2)
    assert np.abs(match[200:20_000]).max() < 0.05 * match[0]


@pytest.mark.parametrize("frames", [0, 1, 2, 3, 7, 100, 5_000])
def test_stretch_of_little(frames: int) -> None:
    """Nothing, next to nothing, and sources shorter than a grain."""
    for length in (0, 1, 2, 5, 999):
        out = stretch(noise(1)[:length], frames)
        assert out.shape == (frames, 2)
        assert np.isfinite(out).all()
