"""A pyttsx3 driver over the eSpeak NG library inside `espeakng-loader`.

No system package, no sound device. Everything queued is written, and `runAndWait` returns once
the files are whole. Registered as `pyttsx3.drivers.voiceguide_espeak`.

The library keeps oscillator state between sentences, which neither seeding nor its own
terminate-and-initialise resets, so what it says would depend on what it said before. Each sentence
therefore gets the library freshly loaded (2 ms): the same text gives the same bytes in any order.
"""

from __future__ import annotations

import ctypes as c
import platform
import sys
import threading
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

NAME = "voiceguide_espeak"

_RATE, _VOLUME, _PITCH, _GAP = 1, 2, 3, 7
_SLOWEST = 80
"""The library's lowest rate; what is asked for below it, it makes up for between words."""
_GAPS = 17.5
"""Units of its silence between words for as much time as a word takes at that rate."""
_SYNCHRONOUS = 2
_DONT_EXIT = 0x8000
_UTF8, _PHONEMES = 0x1, 0x100
_OK = 0

_Callback = c.CFUNCTYPE(c.c_int, c.POINTER(c.c_short), c.c_int, c.c_void_p)

_alone = threading.RLock()


class _Voice(c.Structure):
    """What the library's `espeak_ListVoices` points to."""

    _fields_ = (
        ("name", c.c_char_p),
        ("languages", c.c_char_p),
        ("identifier", c.c_char_p),
        ("gender", c.c_ubyte),
        ("age", c.c_ubyte),
        ("variant", c.c_ubyte),
        ("reserved", c.c_ubyte),
        ("score", c.c_int),
        ("spare", c.c_void_p),
    )


def is_fresh_each_time() -> bool:
    """Whether unloading the library here forgets its state: not where dlclose does nothing."""
    return platform.libc_ver()[0] == "glibc"


class _Library:
    """The library, loaded on entry and unloaded on exit; one at a time in a process."""

    def __enter__(self) -> _Library:
        import espeakng_loader

        _alone.acquire()
        try:
            self.c = c.CDLL(espeakng_loader.get_library_path())
            data = espeakng_loader.get_data_path().encode()
            self.rate: int = self.c.espeak_Initialize(_SYNCHRONOUS, 0, data, _DONT_EXIT)
            if self.rate <= 0:
                raise RuntimeError("eSpeak NG cannot read its data")
        except BaseException:
            _alone.release()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        try:
            self.c.espeak_Terminate()
            if sys.platform != "win32":
                import _ctypes

                _ctypes.dlclose(self.c._handle)
        finally:
            _alone.release()


def list_voices() -> list[tuple[str, str, str]]:
    """(identifier, language tag, name) of each voice whose data is there."""
    found: list[tuple[str, str, str]] = []
    with _Library() as library:
        library.c.espeak_ListVoices.restype = c.POINTER(c.POINTER(_Voice))
        entries = library.c.espeak_ListVoices(None)
        index = 0
        while entries[index]:
            entry = entries[index].contents
            index += 1
            identifier, language, name = (
                text.decode("utf-8", "replace")
                # The first byte of the language is a priority, not a letter.
                for text in (entry.identifier, entry.languages[1:], entry.name)
            )
            # Those under "mb" need files of another program.
            if not identifier.startswith("mb/") and _has_dictionary(identifier, language):
                found.append((identifier, language, name))
    return found


def _has_dictionary(identifier: str, language: str) -> bool:
    """Whether the words of a voice are there: a few voices come without, and say nothing."""
    import espeakng_loader

    data = Path(espeakng_loader.get_data_path())
    if (data / f"{language.split('-')[0]}_dict").exists():
        return True
    for line in (data / "lang" / identifier).read_text("utf-8", "replace").splitlines():
        if line.startswith("dictionary"):
            return (data / f"{line.split()[1]}_dict").exists()
    return False


def synthesize(text: str, voice: str, rate: int, volume: float, pitch: int) -> tuple[bytes, int]:
    """int16 mono samples of a text, and their rate.

    Phonemes stand in double square brackets.

    Raises:
        ValueError: no such voice.
        RuntimeError: the library failed.
    """
    out = bytearray()

    def collect(samples: Any, count: int, _events: Any) -> int:
        if count > 0:
            out.extend(c.string_at(samples, 2 * count))
        return 0

    callback = _Callback(collect)  # must live as long as the library may call it
    with _Library() as library:
        library.c.espeak_Synth.argtypes = [
            c.c_char_p,
            c.c_size_t,
            c.c_uint,
            c.c_int,
            c.c_uint,
            c.c_uint,
            c.c_void_p,
            c.c_void_p,
        ]
        library.c.espeak_SetSynthCallback(callback)
        if library.c.espeak_SetVoiceByName(voice.encode()) != _OK:
            raise ValueError(f"no such voice: {voice}")
        settings = (
            (_RATE, max(rate, _SLOWEST)),
            (_VOLUME, round(100 * volume)),
            (_PITCH, pitch),
            (_GAP, round(_GAPS * max(0.0, _SLOWEST / rate - 1))),
        )
        for parameter, value in settings:
            library.c.espeak_SetParameter(parameter, value, 0)
        raw = text.encode("utf-8")
        flags = _UTF8 | _PHONEMES
        if library.c.espeak_Synth(raw, len(raw) + 1, 0, 0, 0, flags, None, None) != _OK:
            raise RuntimeError("eSpeak NG failed")
        return bytes(out), library.rate


class Driver:
    """What pyttsx3 asks of a driver; the names are its own."""

    def __init__(self, proxy: Any) -> None:
        self._proxy = proxy
        self._values: dict[str, Any] = {
            "voice": "gmw/en-US",
            "rate": 175,
            "volume": 1.0,
            "pitch": 50,
        }

    def getProperty(self, name: str) -> Any:  # noqa: N802
        if name == "voices":
            from pyttsx3.voice import Voice

            return [
                Voice(id=identifier, name=title, languages=[language])
                for identifier, language, title in list_voices()
            ]
        return self._values[name]

    def setProperty(self, name: str, value: Any) -> None:  # noqa: N802
        if name not in self._values:
            raise KeyError(f"unknown property {name}")
        self._values[name] = value

    def save_to_file(self, text: str, filename: str) -> None:
        self._proxy.notify("started-utterance")
        values = self._values
        data, rate = synthesize(
            text, values["voice"], values["rate"], values["volume"], values["pitch"]
        )
        with wave.open(str(filename), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes(data)
        self._proxy.notify("finished-utterance", completed=True)

    def say(self, text: str) -> None:  # noqa: ARG002 - pyttsx3's signature
        raise RuntimeError("this driver writes files and plays nothing")

    def startLoop(self) -> None:  # noqa: N802
        self._proxy.setBusy(False)  # runs the whole queue, up to the end of the loop

    def iterate(self) -> Iterator[None]:
        self._proxy.setBusy(False)
        yield

    def endLoop(self) -> None:  # noqa: N802
        return

    def stop(self) -> None:
        return

    def destroy(self) -> None:
        return


buildDriver = Driver  # noqa: N816 - the name that pyttsx3 looks for


def register() -> str:
    """Make the driver known to pyttsx3; the name to open it by."""
    sys.modules.setdefault(f"pyttsx3.drivers.{NAME}", sys.modules[__name__])
    return NAME
