"""The sounds that ship: what the manifest says holds, and the ear is served."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from voiceguide.audio import RATE
from voiceguide.audio.files import clip_loudness, open_clip
from voiceguide.audio.loudness import loudness, true_peak
from voiceguide.audio.stretch import stretch
from voiceguide.errors import SoundError, VoiceguideError
from voiceguide.library import data
from voiceguide.library.data import data_folder
from voiceguide.library.sounds import SoundInfo, load_manifest

SOUNDS = load_manifest(data_folder("sounds"))
CHIMES = [name for name, info in SOUNDS.items() if info.kind == "chime"]
BEDS = [name for name, info in SOUNDS.items() if info.kind == "bed"]
BREATHS = ["breath-in", "breath-out"]


def samples(name: str) -> np.ndarray:
    """A sound's samples, float64."""
    clip = open_clip(SOUNDS[name].path)
    return clip.read(0, clip.frames).astype(np.float64)


def loudest(sound: np.ndarray, window: float) -> float:
    """LUFS of the loudest stretch of some seconds, by the program's own meter."""
    length, hop = round(window * RATE), RATE // 10
    starts = range(0, max(1, len(sound) - length), hop)
    return max(loudness(sound[at : at + length].astype(np.float32), RATE) for at in starts)


def centroid(sound: np.ndarray) -> float:
    """The middle of a sound's spectrum, in hertz, by power."""
    mono = sound.mean(axis=1)
    power = np.abs(np.fft.rfft(mono * np.hanning(len(mono)))) ** 2
    freqs = np.fft.rfftfreq(len(mono), 1 / RATE)
    return float((power * freqs).sum() / power.sum())


def peaks(sound: np.ndarray) -> list[float]:
    """The frequencies that stand out in a chime, in hertz, strongest first, a semitone apart."""
    mono = sound[: 2 * RATE].mean(axis=1)
    power = np.abs(np.fft.rfft(mono * np.hanning(len(mono)), 1 << 19)) ** 2
    freqs = np.fft.rfftfreq(1 << 19, 1 / RATE)
    found: list[float] = []
    floor = power.max() / 10_000
    for index in np.argsort(power)[::-1][:200_000]:
        if power[index] < floor:
            break
        if freqs[index] > 60 and all(abs(np.log2(freqs[index] / f)) > 1 / 12 for f in found):
            found.append(float(freqs[index]))
    return found


# --- manifest and generator --------------------------------------------------------------------


def test_what_ships() -> None:
    """Four chimes of their own kind and two more, both breaths, three beds; no other files."""
    assert {"start", "interval", "switch", "end", "bowl", "bell"} == set(CHIMES)
    assert {name for name, info in SOUNDS.items() if info.kind == "breath"} == set(BREATHS)
    assert set(BEDS) == {"rain", "sea", "drone"}
    folder = data_folder("sounds")
    assert {path.name for path in folder.glob("*.flac")} == {i.path.name for i in SOUNDS.values()}
    assert sum(path.stat().st_size for path in folder.glob("*")) < 8_000_000


@pytest.mark.parametrize("name", SOUNDS)
def test_manifest_tells_the_truth(name: str) -> None:
    """Length, samples and loudness are as stated; the licence is ours; the sound is stereo."""
    info = SOUNDS[name]
    whole, rate = soundfile.read(info.path, dtype="int16", always_2d=True)
    assert rate == RATE
    assert whole.shape[1] == 2
    assert len(whole) / rate == pytest.approx(info.seconds, abs=0.001)
    assert hashlib.sha256(whole.astype("<i2").tobytes()).hexdigest() == info.samples_sha256
    assert info.licence.startswith("CC BY 4.0")
    assert info.nature.endswith(".")
    sound = whole / 32768.0
    window = {"chime": 0.4, "breath": 1.5}.get(info.kind)
    measured = loudest(sound, window) if window else clip_loudness(open_clip(info.path))
    assert measured == pytest.approx(info.loudness, abs=0.5)
    assert abs(sound.mean()) < 1e-5


def test_generator_remakes_every_file() -> None:
    """The generator makes the shipped bytes again."""
    script = data_folder("sounds") / "generate.py"
    done = subprocess.run(
        [sys.executable, script, "--check"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_generator_finds_what_differs(tmp_path: Path) -> None:
    """A check tells a changed file from one that is missing."""
    for path in filter(Path.is_file, data_folder("sounds").iterdir()):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    changed = samples("bell")
    changed[1000] += 0.01
    soundfile.write(tmp_path / "bell.flac", changed, RATE, subtype="PCM_16")
    (tmp_path / "rain.flac").unlink()
    done = subprocess.run(
        [sys.executable, tmp_path / "generate.py", "--check"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "bell.flac differs\n" in done.stdout
    assert "rain.flac is missing\n" in done.stdout
    assert "sea.flac differs\n" not in done.stdout


# --- chimes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CHIMES)
def test_chimes_are_struck_metal(name: str) -> None:
    """Inharmonic partials that die away for seconds, high ones first, after a soft, quick rise."""
    sound = samples(name)
    found = sorted(peaks(sound))
    assert len(found) >= 3
    ratios = [freq / found[0] for freq in found[1:]]
    assert any(abs(ratio - round(ratio)) > 0.1 for ratio in ratios)
    length = len(sound)
    early, late = sound[RATE // 10 : length // 4], sound[length * 2 // 5 : length * 4 // 5]
    assert centroid(late) < centroid(early)
    level = np.sqrt((sound**2).mean(axis=1))
    assert level[2 * RATE : 3 * RATE].max() < 0.5 * level.max()
    assert level[2 * RATE : 3 * RATE].max() > 0.01 * level.max()
    # The first half of its height is reached within 2 to 30 ms: neither a click nor a swell.
    rise = int(np.argmax(level > level[: RATE // 2].max() / 2)) / RATE
    assert 0.002 < rise < 0.03


@pytest.mark.parametrize("name", CHIMES)
def test_chimes_are_clear_and_never_startle(name: str) -> None:
    """Loudness near -20 LUFS, peaks under -8 dBTP, and a strike time within the sound."""
    info = SOUNDS[name]
    assert -21 < info.loudness <= -19.9
    assert true_peak(samples(name).astype(np.float32)) < -8
    assert 2 <= info.strike <= 3
    assert info.strike < info.seconds


def test_chimes_differ() -> None:
    """No two chimes have the same strongest pitch, nor the same shape of spectrum."""
    spectra = {}
    edges = np.geomspace(60, 12_000, 60)
    for name in CHIMES:
        mono = samples(name)[: 3 * RATE].mean(axis=1)
        power = np.abs(np.fft.rfft(mono)) ** 2
        freqs = np.fft.rfftfreq(len(mono), 1 / RATE)
        bands = np.sqrt(np.histogram(freqs, edges, weights=power)[0])
        spectra[name] = bands / np.linalg.norm(bands)
    for index, one in enumerate(CHIMES):
        for other in CHIMES[:index]:
            assert spectra[one] @ spectra[other] < 0.7, (one, other)
            assert abs(np.log2(peaks(samples(one))[0] / peaks(samples(other))[0])) > 1 / 6


def test_switch_has_two_tones() -> None:
    """The change of sides goes from the left to the right, and up."""
    sound = samples("switch")
    first, second = sound[: RATE // 2], sound[round(0.62 * RATE) : round(1.1 * RATE)]
    balance = [float((part[:, 1] ** 2).sum() / (part[:, 0] ** 2).sum()) for part in (first, second)]
    assert balance[0] < 0.9 < 1.1 < balance[1]
    assert peaks(second)[0] > 1.3 * peaks(first)[0]


@pytest.mark.parametrize("name", [*CHIMES, *BREATHS])
def test_ends_are_silent(name: str) -> None:
    """Chimes and breaths begin and end at exact zero, without a step."""
    sound = samples(name)
    assert not sound[0].any() and not sound[-1].any()
    step = np.abs(np.diff(sound, axis=0))
    assert step[:20].max() < 0.003
    assert step[-200:].max() < 0.001
    assert np.abs(sound[-200:]).max() < 0.001


# --- breaths -----------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [2.0, 4.0, 6.0, 12.0])
def test_breaths_are_told_apart(seconds: float) -> None:
    """In rises in pitch and level, out falls, at every length, and both stay under the voice."""
    for name, rising in (("breath-in", True), ("breath-out", False)):
        sound = stretch(samples(name).astype(np.float32), round(seconds * RATE))
        parts = np.array_split(sound[1000:-1000], 8)
        middles = [centroid(part) for part in parts[1:-1]]
        levels = [float((part**2).mean()) for part in parts]
        slope = np.polyfit(range(6), np.log2(middles), 1)[0]
        assert (slope > 0.15) if rising else (slope < -0.15)
        strongest = int(np.argmax(levels))
        assert strongest >= 5 if rising else strongest <= 2
        assert loudest(sound, min(3.0, seconds)) < -29
        # The start of each can be heard: the change from one to the other is the cue.
        assert levels[0] > max(levels) / 3000


def test_breaths_hold_no_tone() -> None:
    """Noise only: nothing stands out of its own surroundings, so that it can be stretched."""
    for name in BREATHS:
        part = samples(name)[2 * RATE : 4 * RATE].mean(axis=1)
        power = np.abs(np.fft.rfft(part * np.hanning(len(part)))) ** 2
        freqs = np.fft.rfftfreq(len(part), 1 / RATE)
        inside = power[(freqs > 200) & (freqs < 4000)]
        smooth = np.convolve(inside, np.ones(101) / 101, "same")
        assert (inside / np.maximum(smooth, smooth.max() * 1e-4)).max() < 20


# --- beds --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BEDS)
def test_beds_loop_without_a_seam(name: str) -> None:
    """Over the join neither the wave, nor its slope, nor its power or colour, steps."""
    sound = samples(name)
    twice = np.concatenate([sound[-RATE:], sound[:RATE]])
    step = np.abs(np.diff(twice, axis=0)).max(axis=1)
    bend = np.abs(np.diff(twice, 2, axis=0)).max(axis=1)
    for change in (step, bend):
        assert change[RATE - 3 : RATE + 2].max() <= 1.2 * change.max()
        assert change[RATE - 3 : RATE + 2].max() < 6 * np.sqrt((change**2).mean())

    def spectrum(part: np.ndarray) -> np.ndarray:
        power = np.abs(np.fft.rfft(part.mean(axis=1) * np.hanning(len(part)))) ** 2
        edges = np.geomspace(200, 10_000, 9)
        freqs = np.fft.rfftfreq(len(part), 1 / RATE)
        return 10 * np.log10(np.histogram(freqs, edges, weights=power)[0] + 1e-9)

    # The half second over a place against those on either side of it: the join does no worse than
    # the rest, where drops and waves come and go as well.
    half = RATE // 2
    looped = np.concatenate([sound, sound[:RATE]])

    def change_at(at: int) -> float:
        over = spectrum(looped[at - half // 2 : at + half // 2])
        around = (spectrum(looped[at - half : at]) + spectrum(looped[at : at + half])) / 2
        return float(np.abs(over - around)[:-1].max())

    elsewhere = [change_at(at) for at in range(RATE, len(sound) - RATE, RATE // 2)]
    assert change_at(len(sound)) <= max(2.5, np.quantile(elsewhere, 0.9))


@pytest.mark.parametrize("name", BEDS)
def test_beds_can_be_predicted_over_the_join(name: str) -> None:
    """What goes on smoothly is foretold as well at the join as anywhere else."""
    mono = samples(name).mean(axis=1)
    looped = np.concatenate([mono[-4000:], mono[:4000]])
    order = 16
    rows = np.stack([mono[20_000 + i : 60_000 + i] for i in range(order)], axis=1)
    weights = np.linalg.lstsq(rows, mono[20_000 + order : 60_000 + order], rcond=None)[0]
    at = np.arange(len(looped) - order)[:, None] + np.arange(order)
    error = np.abs(looped[order:] - looped[at] @ weights)
    join = 4000 - order
    assert error[join : join + order].max() < 5 * np.sqrt((error**2).mean())


def test_beds_are_even_in_loudness() -> None:
    """All backgrounds are equally loud, even, and long enough."""
    for name in BEDS:
        assert SOUNDS[name].loudness == -46.0
        assert 19 < SOUNDS[name].seconds < 70
        sound = samples(name).astype(np.float32)
        parts = [loudness(sound[at : at + 2 * RATE], RATE) for at in range(0, 17 * RATE, RATE)]
        assert max(parts) - min(parts) < 5


def banded(sound: np.ndarray, low: float, high: float) -> np.ndarray:
    """A sound with nothing but what lies between two frequencies, in hertz."""
    spectrum = np.fft.rfft(sound, axis=0)
    freqs = np.fft.rfftfreq(len(sound), 1 / RATE)
    spectrum[(freqs < low) | (freqs > high)] = 0
    return np.fft.irfft(spectrum, len(sound), axis=0)


def level_over_time(sound: np.ndarray, hop: int) -> np.ndarray:
    """Power of each stretch of some frames, in decibels."""
    power = (sound**2).sum(axis=1)
    whole = len(power) // hop * hop
    return 10 * np.log10(power[:whole].reshape(-1, hop).mean(axis=1) + 1e-15)


def test_drops_are_heard_in_the_rain() -> None:
    """One or more a second stand 6 dB out of the wash around them, and none 20 dB: it stays calm."""
    level = level_over_time(banded(samples("rain"), 600, 5000), 220)
    # The wash: the median of the second around each moment.
    around = np.lib.stride_tricks.sliding_window_view(np.pad(level, 100, mode="wrap"), 201)
    above = level - np.median(around, axis=1)[: len(level)]
    starts = np.flatnonzero((above[1:] > 6) & (above[:-1] <= 6))
    assert 1 < len(starts) / SOUNDS["rain"].seconds < 5
    assert above.max() < 20


def test_the_waves_of_the_sea_are_heard_by_their_colour() -> None:
    """They come and go in their high tones, while three seconds of it are never 1 dB under the mean."""
    level = level_over_time(banded(samples("sea"), 1500, 6000), RATE // 5)
    assert np.percentile(level, 95) - np.percentile(level, 5) > 6
    sound = samples("sea").astype(np.float32)
    parts = [loudness(sound[at : at + 3 * RATE], RATE) for at in range(0, 62 * RATE, RATE)]
    assert min(parts) > -47


def test_the_sea_has_no_period() -> None:
    """Waves come when they come: their level is nowhere like itself some seconds before."""
    assert SOUNDS["sea"].seconds >= 60
    level = level_over_time(banded(samples("sea"), 1500, 6000), RATE // 10)
    smooth = np.convolve(np.pad(level, 4, mode="wrap"), np.hanning(11)[1:-1] / 5, "valid")
    smooth -= smooth.mean()
    likeness = [
        float((smooth * np.roll(smooth, lag)).mean() / (smooth**2).mean())
        for lag in range(30, len(smooth) // 2)
    ]
    assert max(likeness) < 0.4


def test_the_drone_is_heard_on_a_phone() -> None:
    """What lies between 400 and 1,500 Hz is at most 13 dB weaker than all of it."""
    sound = samples("drone")
    high = banded(sound, 400, 1500)
    assert 10 * np.log10((high**2).mean() / (sound**2).mean()) > -13


def test_breaths_are_heard_from_the_start_to_the_end() -> None:
    """In is within 20 dB of its greatest after 0.3 s; out still is 0.3 s before its end."""
    for name in BREATHS:
        level = level_over_time(samples(name), RATE // 10)
        edge = level[2:4] if name == "breath-in" else level[-4:-2]
        assert edge.min() > level.max() - 20


# --- where they are, and what a bad manifest says ----------------------------------------------


def test_folder_of_an_installed_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Inside a package the data comes first; a stranger's folder beside it is not taken for it."""
    package = tmp_path / "voiceguide"
    (package / "_data" / "sounds").mkdir(parents=True)
    (tmp_path / "sounds").mkdir()
    monkeypatch.setattr(data, "PACKAGE", package)
    assert data_folder("sounds") == package / "_data" / "sounds"
    with pytest.raises(VoiceguideError, match="install voiceguide anew"):
        data_folder("scripts")


GOOD = f'''
format = 1
encoder = "e"

[[sound]]
name = "gong"
kind = "chime"
file = "gong.flac"
nature = "A gong."
licence = "CC0"
loudness = -20
seconds = 8.0
strike = 2.5
samples_sha256 = "{"a" * 64}"
'''


def load(folder: Path, text: str) -> dict[str, SoundInfo]:
    """The manifest of that text, beside an empty gong.flac."""
    (folder / "gong.flac").touch()
    (folder / "manifest.toml").write_text(text, encoding="utf-8")
    return load_manifest(folder)


def test_good_manifest(tmp_path: Path) -> None:
    """A manifest is read as it is written."""
    assert load(tmp_path, GOOD) == {
        "gong": SoundInfo("gong", "chime", tmp_path / "gong.flac", "A gong.", "CC0", -20.0, 8.0,
                          2.5, "a" * 64)
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("format = 1", "format = 2", "format is 2"),
        ("format = 1", "format = true", "format is True"),
        ("format = 1", "", "format is None"),
        ("format = 1", "format = ", "not a TOML file"),
        ("format = 1", "format = 1\nfile = 'x'", "unknown key 'file'"),
        ("[[sound]]", "[sound]", "lists no sound"),
        ("[[sound]]", "[[sounds]]", 'did you mean "sound"'),
        ("strike", "strikes", 'did you mean "strike"'),
        ("strike = 2.5", "", "strike is missing"),
        ("strike = 2.5", "strike = 9.5", "longer than the sound"),
        ("strike = 2.5", "strike = nan", "strike is nan"),
        ("strike = 2.5", "strike = '2'", "strike is '2'"),
        ("loudness = -20", "loudness = 4", "loudness is 4"),
        ("loudness = -20", "loudness = true", "loudness is True"),
        ("seconds = 8.0", "seconds = inf", "seconds is inf"),
        ('"chime"', '"bell"', "kind is 'bell'"),
        ('"chime"', '"bed"', "only a chime"),
        ('"gong"', '"Gong!"', "name is 'Gong!'"),
        ('"gong"', "7", "name is 7"),
        ('"gong.flac"', '"../gong.flac"', "which is not a file"),
        ('"gong.flac"', '"/etc/passwd"', "which is not a file"),
        ('"gong.flac"', '"none.flac"', "there is no file none.flac"),
        ('"A gong."', '"A \\u001b[31mgong."', "nature is"),
        ('"A gong."', '" "', "nature is"),
        ('licence = "CC0"', "", "licence is missing"),
        ("a" * 64, "A" * 64, "samples_sha256 is"),
    ],
)
def test_bad_manifests(tmp_path: Path, old: str, new: str, expected: str) -> None:
    """Each slip is one sentence that says where and what."""
    assert old in GOOD
    with pytest.raises(SoundError) as caught:
        load(tmp_path, GOOD.replace(old, new))
    message = str(caught.value)
    assert expected in message
    assert message.startswith(str(tmp_path / "manifest.toml"))
    assert message.isprintable()


def test_worse_manifests(tmp_path: Path) -> None:
    """Missing, not text, too large, nested without end, twice the same name, a link outwards."""
    with pytest.raises(SoundError, match="cannot be read"):
        load_manifest(tmp_path)
    with pytest.raises(SoundError, match="two sounds named"):
        load(tmp_path, GOOD + GOOD[GOOD.index("[[sound]]") :])
    with pytest.raises(SoundError, match="more than"):
        load(tmp_path, "#" * 1_000_001)
    with pytest.raises(SoundError, match=r"too deeply|not a TOML"):
        load(tmp_path, "x = " + "[" * 100_000)
    with pytest.raises(SoundError, match="expected a table"):
        load(tmp_path, "format = 1\nsound = [3]")
    (tmp_path / "manifest.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SoundError, match="not a TOML"):
        load_manifest(tmp_path)
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "gong.flac").symlink_to(tmp_path / "gong.flac")
    with pytest.raises(SoundError, match=r"there is no file gong\.flac"):
        load(inner, GOOD)
