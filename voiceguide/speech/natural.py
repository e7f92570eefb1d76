"""Engine `natural`: the neural English voices of hibari-tts, on this machine.

One voice lies inside the package; others speak where their file is already here. Nothing is
downloaded but what `Natural.fetch` is asked for.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voiceguide.errors import NotFoundError, SpeechError, UsageError, did_you_mean
from voiceguide.plugins import brings_extra, not_installed
from voiceguide.speech import pace, pronounce
from voiceguide.speech.base import Offer, VoiceInfo, same_language
from voiceguide.speech.text import pieces, plain

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

VERSION = "0.2.1"
"""The release of hibari-tts that the sound was chosen with."""

HOW = brings_extra("natural")
DEFAULT = "heart"
LICENCE = "Apache-2.0"

_SEED = 1
_TICK = 0.2
_SPEEDS = {
    3.868: 0.15,
    3.263: 0.18,
    2.930: 0.2,
    2.699: 0.22,
    2.409: 0.24,
    2.147: 0.28,
    2.036: 0.29,
    1.870: 0.31,
    1.792: 0.34,
    1.614: 0.37,
    1.524: 0.4,
    1.446: 0.42,
    1.292: 0.45,
    1.260: 0.47,
    1.238: 0.5,
    1.212: 0.53,
    1.187: 0.55,
    1.150: 0.57,
    1.049: 0.58,
    1.031: 0.61,
    1.000: 0.65,
    0.985: 0.66,
    0.928: 0.67,
    0.892: 0.68,
    0.874: 0.7,
    0.842: 0.75,
    0.818: 0.79,
    0.762: 0.8,
    0.686: 0.82,
    0.659: 0.86,
    0.639: 0.9,
    0.614: 1.0,
    0.569: 1.2,
    0.546: 1.3,
    0.425: 1.35,
    0.396: 1.6,
}
"""Lengths of a sentence, as multiples of its calm one, to the model's own speeds: it moves in leaps.

Measured, the geometric mean of 16 sentences; single ones are off by 2 % at most places.
"""

_LONGEST_PIECE = 400
"""Characters given to the model at once; its memory grows with them."""


def installed_version() -> str | None:
    """The release that is installed, or None; imports nothing of it."""
    if not importlib.util.find_spec("hibari") or not importlib.util.find_spec("onnxruntime"):
        return None
    return _version("hibari-tts")


def is_ready() -> bool:
    """Whether the voice inside the package can speak here."""
    return installed_version() == VERSION


@functools.lru_cache(maxsize=8)
def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _assets() -> Path:
    spec = importlib.util.find_spec("hibari")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent / "assets"


@functools.lru_cache(maxsize=1)
def _catalogue() -> dict[str, dict[str, Any]]:
    """The voices that the package knows of."""
    loaded: dict[str, dict[str, Any]] = json.loads((_assets() / "voices.json").read_text("utf-8"))
    return loaded


def _entry(name: str) -> dict[str, Any]:
    """A voice of the catalogue; raises NotFoundError where there is none."""
    known = _catalogue()
    if name not in known:
        guess = did_you_mean(name, known) or f"it has {', '.join(known)}"
        raise NotFoundError(f'the engine "natural" has no voice "{name}"; {guess}')
    return known[name]


def voice_folder() -> Path:
    """Where the package looks for files of further voices."""
    if home := os.environ.get("HIBARI_HOME"):
        return Path(home)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or _home("~/AppData/Local")
    elif sys.platform == "darwin":
        base = _home("~/Library/Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or _home("~/.cache")
    return Path(base) / "hibari"


def _home(path: str) -> str:
    """A path with its home folder written out; as it is, where there is none."""
    return os.path.expanduser(path)  # noqa: PTH111 - pathlib's raises


def _file(name: str) -> Path:
    entry = _catalogue()[name]
    return (_assets() if entry.get("bundled") else voice_folder()) / str(entry["file"])


class NaturalEngine:
    """One neural voice. Thread-safe, and bit-exact in any order: the noise is seeded anew each time."""

    name = "natural"
    repeatable = True
    workers = 2

    def __init__(self, model: Path, *, label: str, british: bool, speed: float) -> None:
        self._model = model
        self._british = british
        self._speed = speed
        self._lock = threading.Lock()
        self._voice: Any = None
        # scipy's transform, used where it is installed, differs from numpy's in the last bits.
        scipy = _version("scipy") if importlib.util.find_spec("scipy") else None
        parts = {
            "natural": 3,
            "hibari-tts": _version("hibari-tts"),
            "onnxruntime": _version("onnxruntime"),
            "numpy": _version("numpy"),
            "scipy": scipy,
            "voice": label,
            "speed": round(speed, 4),
            "pace": pace.VERSION,
            "seed": _SEED,
            "words": pronounce.version(),
        }
        self.identity = " ".join(f"{key}={value}" for key, value in parts.items())

    def speak(self, text: str) -> tuple[NDArray[np.float32], int]:
        voice = self._load()
        import numpy as np

        words = plain(text)
        accent: pronounce.Alphabet = "gb" if self._british else "us"
        parts = [pronounce.pronounce(part, accent) for part in pieces(words, _LONGEST_PIECE)]
        if not parts:
            raise SpeechError("nothing to say")

        def at(stretch: float) -> tuple[NDArray[np.float32], int]:
            said = [voice(part, speed=_SPEEDS[stretch], seed=_SEED) for part in parts]
            return np.concatenate(said), int(voice.sample_rate)

        return pace.spoken(words, self._speed, at, possible=_SPEEDS)

    def _load(self) -> Any:
        with self._lock:
            if self._voice is None:
                os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # before its runtime is imported
                try:
                    from hibari import Hibari
                    from hibari.g2p import G2P

                    reader = G2P(british=self._british)
                    _ = reader.oov  # loaded here, while no other thread reads
                    # Words are all that it gets: its own reading of signs would guess again.
                    words = functools.partial(reader, normalize_text=False)
                    self._voice = Hibari(model=str(self._model), threads=1, g2p=words)
                except Exception as error:  # whatever its runtime makes of a broken file
                    raise SpeechError(f"{self._model} cannot be loaded ({error})") from error
            return self._voice

    def close(self) -> None:
        with self._lock:
            self._voice = None


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise NotFoundError(f"{path} cannot be read: {error.strerror}") from error


def _install(name: str) -> str:
    return f"voiceguide voices --install natural:{name}"


class Natural:
    """The engine `natural`."""

    about = "neural, on this machine"
    default = True

    def check(self) -> str:
        """Raises MissingError: hibari-tts is not installed here, or another release of it."""
        found = installed_version()
        if found is None:
            raise not_installed('the voice "natural"', HOW)
        if found != VERSION:
            raise not_installed(
                f'hibari-tts {VERSION}, which the voice "natural" needs in place of {found},', HOW
            )
        return f"hibari-tts {found}"

    def open(self, voice: str | None, *, speed: float, language: str) -> NaturalEngine:
        """The engine for a voice's name, or for the path of its .onnx file.

        Raises:
            MissingError: as `check`.
            NotFoundError: no such voice, or its file is not here.
            UsageError: the language is not English.
        """
        self.check()
        if not same_language(language, "en"):
            raise UsageError(
                f'the voice "natural" speaks English only, and the script is in "{language}"; '
                "pyttsx3 may speak it",
                settings=("voice",),
            )
        name = voice or DEFAULT
        if name.casefold().endswith(".onnx"):
            path = Path(_home(name))
            british = path.name.startswith(("bf_", "bm_"))
        else:
            british = bool(_entry(name)["british"])
            path = _file(name)
        if not path.is_file():
            how = f"{_install(name)} fetches it" if name in _catalogue() else f"put it at {path}"
            raise NotFoundError(f'the file of the voice "{name}" is not here: {how}')
        label = name if path.parent == _assets() else f"sha256:{_digest(path)}"
        return NaturalEngine(path, label=label, british=british, speed=speed)

    def voices(self) -> list[VoiceInfo]:
        """The voices the package knows of; only the default one where it is not installed."""
        if not is_ready():
            return [VoiceInfo("natural", DEFAULT, "en-US", LICENCE, False, HOW, self.about)]
        return [
            VoiceInfo(
                "natural",
                name,
                str(entry["language"]),
                LICENCE,
                ready := _file(name).is_file(),
                None if ready else _install(name),
                f"{self.about}, {entry['gender']}",
            )
            for name, entry in _catalogue().items()
        ]

    def offer(self, voice: str) -> Offer | None:
        """What would be fetched for a voice, or None where its file is here.

        Raises:
            MissingError: as `check`.
            NotFoundError: there is no such voice.
        """
        self.check()
        entry = _entry(voice)
        if (path := _file(voice)).is_file():
            return None
        from hibari.voices import BASE_URL

        address = f"{BASE_URL}{entry['file']}"
        return Offer(f"natural:{voice}", int(entry["bytes"]), LICENCE, address, path)

    def fetch(self, voice: str, progress: Callable[[int, int], None] | None = None) -> Path:
        """Fetch a voice's file, which is checked and appears when it is whole.

        Nothing else here touches the network.

        Args:
            progress: called with how many bytes came, and how many there are; from another thread.

        Raises:
            SpeechError: it cannot be fetched, or is not the file that it should be.
        """
        found = self.offer(voice)
        if found is None:
            return _file(voice)
        from hibari.voices import voice_path

        with _watched(found, progress):
            try:
                return Path(voice_path(voice))
            except (RuntimeError, OSError) as error:
                raise SpeechError(str(error).removeprefix("hibari: ").rstrip(".")) from error


@contextlib.contextmanager
def _watched(offer: Offer, progress: Callable[[int, int], None] | None) -> Iterator[None]:
    """Tells how much of a file has come, while its library fetches it without a word."""
    done = threading.Event()

    def watch() -> None:
        while progress is not None and not done.wait(_TICK):
            parts = offer.path.parent.glob(f"{offer.path.name}.*.part")
            with contextlib.suppress(OSError):
                progress(max((part.stat().st_size for part in parts), default=0), offer.size)

    watcher = threading.Thread(target=watch, name="fetching", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
    if progress is not None:
        progress(offer.size, offer.size)
