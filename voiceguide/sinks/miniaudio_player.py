"""Player `miniaudio`: every system's own sound, from a wheel that needs no compiler."""

from __future__ import annotations

import contextlib
import importlib.util
import sys
import time
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from voiceguide.audio import AudioFormat
from voiceguide.errors import SinkError
from voiceguide.plugins import not_installed
from voiceguide.sinks.alsa import hush
from voiceguide.sinks.devices import match_device
from voiceguide.sinks.queued import QueuedDevice

if TYPE_CHECKING:
    from voiceguide.sinks.pcm import Pcm

HOW = "pip install miniaudio"

_PERIOD = 200
"""Milliseconds that the device asks for at once: what a busy machine may be late by."""
_SILENT = 1.5
"""Seconds without a request after which the device is gone; a killed server is not reported."""
_SETTLED = 8
"""Requests after which it is known how far ahead of the ear they are."""


class Miniaudio:
    """Plays through PulseAudio or PipeWire, ALSA, JACK, Core Audio or WASAPI."""

    about = "every system's own sound"
    default = True

    def check(self) -> str:
        """What it plays through; see `Player.check`."""
        device = self.open(AudioFormat())  # a backend alone may have nothing to play on
        device.abort()
        return f"plays through {device.backend}"

    def devices(self) -> tuple[str, ...]:
        """The names of its devices."""
        return tuple(found["name"] for found in self._listed(self._open_list()))

    def open(
        self,
        audio: AudioFormat,
        *,
        device: str | None = None,
        frames: int | None = None,  # noqa: ARG002 - its queue is as good for any length
    ) -> MiniaudioDevice:
        """A device; see `Player.open`."""
        chosen = None
        if device is not None:
            found = self._listed(self._open_list())
            chosen = found[match_device(device, tuple(d["name"] for d in found))]["id"]
        return MiniaudioDevice(audio, chosen)

    @staticmethod
    def _open_list() -> Any:
        library = _library()
        try:
            return library.Devices(_backends(library))
        except library.MiniaudioError as error:
            raise _no_device() from error

    @staticmethod
    def _listed(found: Any) -> list[dict[str, Any]]:
        library = _library()
        try:
            playbacks: list[dict[str, Any]] = found.get_playbacks()
        except library.MiniaudioError as error:
            raise _no_device() from error
        return playbacks


def _library() -> Any:
    if not importlib.util.find_spec("miniaudio"):
        raise not_installed('the player "miniaudio"', HOW)
    try:
        import miniaudio
    except ImportError as error:
        raise SinkError(f'the player "miniaudio" cannot be loaded ({error}): {HOW}') from error
    hush()
    return miniaudio


def _backends(library: Any) -> list[Any]:
    """The backends that can be heard: left to itself it would take its silent one."""
    kinds = library.Backend
    if sys.platform == "darwin":
        return [kinds.COREAUDIO]
    if sys.platform == "win32":
        return [kinds.WASAPI, kinds.DSOUND, kinds.WINMM]
    return [
        getattr(kinds, name)
        for name in ("PULSEAUDIO", "ALSA", "SNDIO", "AUDIO4", "OSS")
        if hasattr(kinds, name)
    ]


def _no_device() -> SinkError:
    return SinkError(
        'the player "miniaudio" finds no sound device: '
        "plug one in, or make a file with voiceguide export"
    )


class MiniaudioDevice(QueuedDevice):
    """An opened device; its own thread asks for sound, about five times a second.

    Attributes:
        backend: what it plays through.
    """

    def __init__(self, audio: AudioFormat, device: Any = None) -> None:
        super().__init__(audio)
        library = _library()
        self._library = library
        try:
            self._device = library.PlaybackDevice(
                output_format=library.SampleFormat.SIGNED16,
                nchannels=audio.channels,
                sample_rate=audio.rate,
                buffersize_msec=_PERIOD,
                device_id=device,
                backends=_backends(library),
                app_name="voiceguide",
            )
        except library.MiniaudioError as error:
            raise _no_device() from error
        self.backend: str = self._device.backend
        self._stopped = False
        self._device.stop_callback = self._on_stop
        self._since = 0.0
        self._requests = 0
        self._asked = 0
        self._at = 0.0
        self._ahead = 0.0
        self._last_sound = 0.0

    def _start(self) -> None:
        source = self._source()
        next(source)
        self._since = self._at = time.monotonic()
        try:
            self._device.start(source)
        except self._library.MiniaudioError:
            self._stopped = True

    def _source(self) -> Generator[Pcm | bytes, int, None]:
        count = yield b""
        while True:
            block, real = self._take(count)
            now = time.monotonic()
            with self._changed:
                self._requests += 1
                self._asked += count
                self._at = now
                if real:
                    self._last_sound = now
                if self._requests <= _SETTLED:
                    self._ahead = self._asked - (now - self._since) * self.audio.rate
            count = yield block

    def _on_stop(self) -> None:
        self._stopped = True

    @property
    def heard(self) -> int:
        """Frames that have been heard."""
        with self._changed:
            if not self._requests:
                return 0
            since = (time.monotonic() - self._at) * self.audio.rate
            return max(0, min(self._taken, int(self._taken - self._ahead + since)))

    def _played_out(self) -> bool:
        with self._changed:
            if self._taken < self._written:
                return False
            # What the device holds, and a little for what lies behind it.
            late = max(self._ahead / self.audio.rate, 2 * _PERIOD / 1000) + 0.05
            return time.monotonic() > self._last_sound + late

    def _lost(self) -> str | None:
        if self._stopped or time.monotonic() - self._at > _SILENT:
            return "the sound device is gone"
        return None

    def _release(self) -> None:
        self._device.stop_callback = None
        self._device.close()
        # The library forgets its connection to the sound server, of which there are not many.
        with contextlib.suppress(AttributeError):
            self._library.lib.ma_context_uninit(self._device._context)
