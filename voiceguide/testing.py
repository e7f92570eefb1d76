"""Test doubles, and conformance tests for voices, file formats and players of one's own.

Nothing here needs a sound device, a voice or a test framework. A program that plays is tested with
a player that keeps what it is given, faster than time, and with a voice whose sentences last what
the test says::

    from voiceguide import testing

    def test_my_page(tmp_path):
        tape = testing.TapePlayer()
        with testing.spoken_by(testing.ExactVoice(2.0)) as voice:
            player = voiceguide.play("piriformis", voice=voice, player=tape)
            player.wait()
        assert tape.heard().any()

Whoever adds a voice engine, a file format or a player calls the function that checks it; it raises
an AssertionError that says what is wrong::

    def test_my_engine():
        testing.check_engine(Robot())
"""

from __future__ import annotations

import hashlib
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from voiceguide.audio import RATE, AudioFormat
from voiceguide.errors import SinkError, UsageError
from voiceguide.plan.model import Utterance
from voiceguide.sinks.queued import QueuedDevice
from voiceguide.speech.base import Engine, EnginePlugIn, VoiceInfo

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from voiceguide.audio import Samples
    from voiceguide.plugins import PlugIn
    from voiceguide.sinks.base import FileFormat
    from voiceguide.sinks.devices import Player

_TICK = 0.005
_SHORTEST = 0.1


class TapeDevice(QueuedDevice):
    """A sound device that keeps what it plays, some times faster than time.

    Attributes:
        tape: what was heard, in pieces; int16 of shape (frames, channels).
        cuts: what each `cut` returned.
        speed: how many times faster than time it plays.
        limit: frames that it plays at most, or None for all.
        dead: set it to have the device go away.
        slow: seconds that letting go of it takes.
    """

    def __init__(self, audio: AudioFormat, speed: float = 8.0) -> None:
        super().__init__(audio)
        self.tape: list[NDArray[np.int16]] = []
        self.cuts: list[int] = []
        self.speed = speed
        self.limit: int | None = None
        self.dead = False
        self.slow = 0.0
        self._thread = threading.Thread(target=self._run, name="tape", daemon=True)

    def _start(self) -> None:
        self._thread.start()

    def _run(self) -> None:
        last = time.monotonic()
        while not self._released and not self.dead:
            now = time.monotonic()
            count = int((now - last) * self.audio.rate * self.speed)
            if self.limit is not None:
                count = min(count, self.limit - self._taken)
            block, real = self._take(max(0, count))
            last = now
            self.tape.append(block[:real])
            time.sleep(_TICK)

    def cut(self) -> int:
        """Fade out and forget the rest; kept in `cuts`."""
        end = super().cut()
        self.cuts.append(end)
        return end

    @property
    def heard(self) -> int:
        """Frames that have been heard, exactly."""
        return self._taken

    def _played_out(self) -> bool:
        return self._taken == self._written

    def _lost(self) -> str | None:
        return "the sound device is gone" if self.dead else None

    def _release(self) -> None:
        if self._thread.is_alive():
            self._thread.join(2)
        time.sleep(self.slow)

    def samples(self) -> NDArray[np.int16]:
        """All that was heard, int16 of shape (frames, channels)."""
        import numpy as np

        return np.concatenate([*self.tape, np.zeros((0, self.audio.channels), np.int16)])


class TapePlayer:
    """A player whose devices keep what they play; `voiceguide.play` takes it as its `player`.

    Attributes:
        opened: its devices, in order.
        speed: how many times faster than time the next one plays.
        limit: frames that the next one plays at most, or None for all.
        missing: whether there is no device to be opened now.
    """

    about = "keeps what it plays, for tests"
    default = False

    def __init__(self, speed: float = 8.0) -> None:
        self.opened: list[TapeDevice] = []
        self.speed = speed
        self.limit: int | None = None
        self.missing = False

    def check(self) -> str:
        """What it plays through."""
        if self.missing:
            raise SinkError("no device")
        return "a tape"

    def devices(self) -> tuple[str, ...]:
        """None has a name."""
        return ()

    def open(
        self,
        audio: AudioFormat,
        *,
        device: str | None = None,  # noqa: ARG002
        frames: int | None = None,  # noqa: ARG002
    ) -> TapeDevice:
        """Another device.

        Raises:
            SinkError: `missing` is set.
        """
        self.check()
        opened = TapeDevice(audio, self.speed)
        opened.limit = self.limit
        self.opened.append(opened)
        return opened

    def heard(self) -> NDArray[np.int16]:
        """What all devices played, one after another; int16 of shape (frames, channels)."""
        import numpy as np

        played = [device.samples() for device in self.opened]
        return np.concatenate(played) if played else np.zeros((0, 2), np.int16)


class ExactVoice:
    """A voice engine whose sentences last what the test says: soft noise, another for each text.

    Args:
        seconds: how long each sentence is, 0.1 or more.
        texts: how long some texts are, as they are spoken, instead.
        before: called with each text before it is spoken; may wait, or raise.

    Attributes:
        spoken: the texts that were asked for, in order; a text that is cached is not.
    """

    about = "sentences of exact lengths, for tests"
    default = False
    name = "exact"
    repeatable = True
    workers = 1

    def __init__(
        self,
        seconds: float = 1.0,
        texts: Mapping[str, float] | None = None,
        before: Callable[[str], None] | None = None,
    ) -> None:
        self._seconds = seconds
        self._texts = dict(texts or {})
        self._before = before
        self.spoken: list[str] = []
        if min(seconds, *self._texts.values(), seconds) < _SHORTEST:
            raise UsageError(f"a sentence lasts {_SHORTEST:g} s or more")
        told = repr((seconds, sorted(self._texts.items())))
        self.identity = f"exact/1 {hashlib.sha256(told.encode()).hexdigest()}"

    def check(self) -> str:
        """What it speaks with."""
        return "soft noise"

    def open(self, voice: str | None, *, speed: float, language: str) -> ExactVoice:  # noqa: ARG002
        """Itself: it is the same for every voice, speed and language."""
        return self

    def voices(self) -> list[VoiceInfo]:
        """The one that there is."""
        return [VoiceInfo(self.name, self.name, "en", "GPL-3.0-or-later", True, None, self.about)]

    def speak(self, text: str) -> tuple[NDArray[np.float32], int]:
        """Noise of the text's length."""
        from voiceguide.speech.silent import noise

        if self._before is not None:
            self._before(text)
        self.spoken.append(text)
        return noise(text, round(self._texts.get(text, self._seconds) * RATE)), RATE

    def close(self) -> None:
        """Nothing is held."""


@contextmanager
def spoken_by(engine: EnginePlugIn, name: str = "exact") -> Iterator[str]:
    """Make a voice engine known under a name for a while; gives the name, for `Request.voice`."""
    from voiceguide.speech.registry import ENGINES

    with ENGINES.lent(name, engine):
        yield name


def check_engine(engine: EnginePlugIn, language: str = "en") -> None:
    """Check a voice engine as its entry point names it.

    It speaks a few sentences of a language, in threads of its own as a session does.

    Raises:
        AssertionError: it is not what the program expects; says why.
        VoiceguideError: it does not work here.
    """
    from voiceguide.speech.base import same_language

    _check_plug_in(engine)
    voices = engine.voices()
    assert voices, "voices() lists none"
    for voice in voices:
        assert isinstance(voice, VoiceInfo), f"voices() gives {voice!r}, which is no VoiceInfo"
        assert voice.engine and voice.name, f"{voice} has no name"
        assert voice.language and voice.licence, f"{voice} has no language or no licence"
        assert voice.ready is (voice.how is None), f"{voice}: `how` tells what makes it ready"
    known = [v for v in voices if v.language == "mul" or same_language(v.language, language)]
    assert any(v.ready for v in known), f"no voice for {language} is ready"
    opened = engine.open(None, speed=1.0, language=language)
    try:
        _check_opened(opened)
    finally:
        opened.close()
    for speed in (0.5, 2.0):
        engine.open(None, speed=speed, language=language).close()


_SENTENCES = ("Lie down on your back.", "Breathe in, and out.", "Ten.", 'Say "[a] & <b>" {c}.')


def _check_opened(engine: Engine) -> None:
    import numpy as np

    for word in ("name", "identity"):
        value = getattr(engine, word)
        assert isinstance(value, str), f"its {word} is {value!r}, which is no text"
        assert value and "\n" not in value, f"its {word} is {value!r}: give it one line"
    assert isinstance(engine.repeatable, bool), "`repeatable` is neither True nor False"
    assert engine.workers >= 1, f"`workers` is {engine.workers}"
    first = _clips(engine)
    # As they come from the engine: a clip is as long as its sentence asks for.
    spoken = [engine.speak(text)[0] for text in _SENTENCES[:2]]
    assert not np.array_equal(spoken[0], spoken[1]), "two sentences sound the same"
    if engine.repeatable:
        for text, one, other in zip(_SENTENCES, first, _clips(engine), strict=True):
            assert np.array_equal(one, other), (
                f'"{text}" is not the same the second time, and the engine says it is repeatable'
            )


def _clips(engine: Engine) -> list[Samples]:
    """What a session makes of some sentences, spoken now."""
    from voiceguide.speech.cache import Cache
    from voiceguide.speech.render import render

    words = [Utterance(text, text) for text in _SENTENCES]
    with tempfile.TemporaryDirectory() as folder:
        clips = render(engine, words, Cache(Path(folder)))
        return [clips[word].read(0, clips[word].frames) for word in words]


def check_format(
    format: FileFormat,  # noqa: A002
    suffix: str,
    *,
    frames: Callable[[Path], int] | None = None,
) -> None:
    """Check a file format as its entry point names it: it writes a few seconds.

    Args:
        suffix: without its dot.
        frames: how many frames a file has that it wrote, by a reader that is not the format's own.

    Raises:
        AssertionError: it is not what the program expects; says why.
        VoiceguideError: it does not work here.
    """
    from voiceguide.sinks.registry import FORMATS

    _check_plug_in(format)
    for audio in (AudioFormat(RATE, 2), AudioFormat(RATE, 1)):
        format.accept(audio, None)
        try:
            format.accept(audio, -1)
        except UsageError:
            pass
        else:
            raise AssertionError("accept() takes a bitrate of -1 kbit/s")
        sound = _sound(audio, 2.5)
        with tempfile.TemporaryDirectory() as folder, FORMATS.lent(suffix, format):
            paths = [Path(folder) / f"{k}.{suffix}" for k in range(3)]
            _write(paths[0], sound, audio, 16_384)
            _write(paths[1], sound, audio, 1_000)
            _write(paths[2], sound, audio, 16_384, abort=True)
            made = sorted(path.name for path in Path(folder).iterdir())
            assert made == [path.name for path in paths[:2]], f"it left {made} behind"
            assert paths[0].stat().st_size, "the file is empty"
            assert paths[0].read_bytes() == paths[1].read_bytes(), (
                "the bytes depend on how the sound is cut into blocks, or on chance"
            )
            if frames is not None:
                found = frames(paths[0])
                assert found == len(sound), f"the file has {found} frames instead of {len(sound)}"


def _write(
    path: Path, sound: Samples, audio: AudioFormat, size: int, *, abort: bool = False
) -> None:
    from voiceguide.sinks.base import FileJob, Tags
    from voiceguide.sinks.registry import open_file
    from voiceguide.timeline import Chapter, Event, Timeline
    from voiceguide.units import Frames

    end, middle = Frames(len(sound)), Frames(len(sound) // 2)
    chapters = (Chapter("One", Frames(0), middle), Chapter("Two", middle, end))
    words = Event("voice", Frames(0), middle, text="Words.")
    sink = open_file(
        path, FileJob(audio, Timeline(audio, end, chapters, (words,)), lambda: Tags("A test"))
    )
    for at in range(0, len(sound), size):
        sink.write(sound[at : at + size])
    if abort:
        sink.abort()
    else:
        sink.close()


def _sound(audio: AudioFormat, seconds: float) -> Samples:
    """A few rising notes; float32 of shape (frames, channels)."""
    import numpy as np

    times = np.arange(round(seconds * audio.rate)) / audio.rate
    wave = 0.2 * np.sin(2 * np.pi * 220 * (1 + np.floor(times * 4) / 8) * times)
    return np.repeat(wave[:, None], audio.channels, axis=1).astype(np.float32)


def check_player(player: Player) -> None:
    """Check a player as its entry point names it: it plays about two seconds, softly.

    Raises:
        AssertionError: it is not what the program expects; says why.
        VoiceguideError: it does not work here.
    """
    _check_plug_in(player)
    assert isinstance(player.devices(), tuple), "devices() gives no tuple"
    audio = AudioFormat(RATE, 2)
    sound = _sound(audio, 1.0)
    device = player.open(audio)
    try:
        device.gain = 0.1
        assert device.heard == 0, "something was heard before anything was written"
        assert device.room >= RATE, "there is no room for a second of sound"
        device.write(sound)
        device.check()
        began = time.monotonic()
        while not device.heard:
            assert time.monotonic() - began < 5, "nothing was heard 5 s after it was written"
            time.sleep(_TICK)
        cut = device.cut()
        assert 0 < cut <= len(sound), f"cut() tells {cut} of {len(sound)} frames"
        device.write(sound)
        before = device.heard
        device.close()
        assert before <= device.heard <= cut + len(sound), "more was heard than was written"
    finally:
        device.abort()
    other = player.open(audio, frames=len(sound))
    other.write(sound)
    other.abort()
    other.abort()


def _check_plug_in(plug_in: PlugIn) -> None:
    """What every plug-in has."""
    assert isinstance(plug_in.about, str) and plug_in.about, "`about` says nothing"
    assert isinstance(plug_in.default, bool), "`default` is neither True nor False"
    told = plug_in.check()
    assert isinstance(told, str) and told, "check() says nothing"
