"""A sound card made of software: a private PulseAudio with one null sink, recorded sample by sample.

It needs no privileges and no sound card. Programs of PulseAudio
find it through PULSE_SERVER, those of ALSA through a configuration that leads there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from types import TracebackType

import numpy as np
from needs import need
from numpy.typing import NDArray

RATE = 44_100
_PATIENCE = 15.0


class SoundServer:
    """A server with one sink; as a context manager also in this process's environment.

    Attributes:
        env: what a program needs in its environment to play there.
    """

    def __init__(self, rate: int = RATE, channels: int = 2) -> None:
        need("pulseaudio", "pactl", "parec")
        self.rate = rate
        self.channels = channels
        self.folder = Path(tempfile.mkdtemp(prefix="sound-"))
        self.folder.chmod(0o700)
        self._socket = self.folder / "native"
        self._unseen = self.folder / "unseen"
        self.env = {
            "PULSE_SERVER": f"unix:{self._socket}",
            "PULSE_RUNTIME_PATH": str(self.folder),
            "PULSE_COOKIE": str(self.folder / "cookie"),
            "XDG_RUNTIME_DIR": str(self.folder),
            "ALSA_CONFIG_PATH": str(self.folder / "asound.conf"),
        }
        # This replaces the machine's own ALSA configuration, whatever it is.
        (self.folder / "asound.conf").write_text(
            "pcm.!default { type pulse }\nctl.!default { type pulse }\n"
        )
        self._daemon: subprocess.Popen[bytes] | None = None
        self._recorder: subprocess.Popen[bytes] | None = None
        self._pump: threading.Thread | None = None
        self._chunks: list[bytes] = []
        self._times: list[float] = []
        self._before: dict[str, str | None] = {}

    def __enter__(self) -> SoundServer:
        self.start()
        self._before = {key: os.environ.get(key) for key in self.env}
        os.environ.update(self.env)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        for key, value in self._before.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, *, record: bool = False) -> None:
        """Start the daemon and wait until it answers.

        Args:
            record: record from before the first program can find it.
        """
        environment = {**os.environ, **self.env, "HOME": str(self.folder)}
        environment.pop("PULSE_SERVER")
        self._daemon = subprocess.Popen(
            [
                "pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--realtime=no",
                "--high-priority=yes", "--use-pid-file=no", "--disable-shm=yes",
                f"--log-target=file:{self.folder}/log",
                "-L", f"module-native-protocol-unix auth-anonymous=1 socket={self._unseen}",
                # With rewinds, the monitor loses what starts between two blocks.
                "-L", f"module-null-sink sink_name=test rate={self.rate} "
                f"channels={self.channels} format=s16le norewinds=1",
            ],
            env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        until = time.monotonic() + _PATIENCE
        unseen = {"PULSE_SERVER": f"unix:{self._unseen}"}
        while self._ask("info", **unseen).returncode:
            if self._daemon.poll() is not None or time.monotonic() > until:
                raise RuntimeError("pulseaudio did not start: " + self._log())
            time.sleep(0.05)
        if record:
            self.record(**unseen)
        self._unseen.rename(self._socket)

    def kill(self) -> None:
        """End the daemon at once, as a crash does."""
        assert self._daemon is not None
        self._daemon.kill()
        self._daemon.wait()
        self._socket.unlink(missing_ok=True)

    def stop(self) -> None:
        """End the recording and the daemon."""
        self.stop_recording()
        if self._daemon is not None and self._daemon.poll() is None:
            self._daemon.terminate()
            try:
                self._daemon.wait(5)
            except subprocess.TimeoutExpired:
                self._daemon.kill()
                self._daemon.wait()

    def streams(self) -> int:
        """How many programs play on it now."""
        listed = self._ask("list", "short", "sink-inputs").stdout.decode()
        return len(listed.splitlines())

    def clients(self) -> int:
        """How many programs are connected."""
        return len(self._ask("list", "short", "clients").stdout.decode().splitlines())

    def _ask(self, *words: str, **env: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            ["pactl", *words], env={**os.environ, **self.env, **env},
            capture_output=True, timeout=10,
        )  # fmt: skip

    def _log(self) -> str:
        log = self.folder / "log"
        return log.read_text()[-2000:] if log.exists() else "no log"

    def record(self, **env: str) -> None:
        """Record what the sink plays from now on; `env` is for the recording program alone."""
        self._chunks, self._times = [], []
        self._recorder = subprocess.Popen(
            [
                "parec", "--raw", "-d", "test.monitor", f"--rate={self.rate}",
                f"--channels={self.channels}", "--format=s16le", "--latency-msec=10",
                "--process-time-msec=10",
            ],
            stdout=subprocess.PIPE, env={**os.environ, **self.env, **env}, bufsize=0,
        )  # fmt: skip
        recorder = self._recorder
        assert recorder.stdout is not None
        handle = recorder.stdout.fileno()

        def pump() -> None:
            while chunk := os.read(handle, 1 << 16):
                self._chunks.append(chunk)
                self._times.append(time.time())

        self._pump = threading.Thread(target=pump, daemon=True)
        self._pump.start()
        until = time.monotonic() + _PATIENCE
        while not self._chunks:  # a monitor runs only while somebody listens
            if time.monotonic() > until:
                raise RuntimeError("the monitor is silent: " + self._log())
            time.sleep(0.005)

    def stop_recording(self) -> None:
        """End the recording; what was recorded stays."""
        if self._recorder is None:
            return
        self._recorder.terminate()
        self._recorder.wait()
        assert self._pump is not None and self._recorder.stdout is not None
        self._pump.join(5)
        self._recorder.stdout.close()
        self._recorder = None

    def samples(self) -> NDArray[np.int16]:
        """What was recorded, int16 of shape (frames, channels)."""
        raw = b"".join(self._chunks)
        size = 2 * self.channels
        return np.frombuffer(raw[: len(raw) // size * size], "<i2").reshape(-1, self.channels)

    def started(self) -> float:
        """The wall clock (time.time) of the first recorded frame, to some milliseconds."""
        size = 2 * self.channels * self.rate
        at, guesses = 0, []
        for chunk, when in zip(self._chunks, self._times, strict=True):
            at += len(chunk)
            guesses.append(when - at / size)
        return float(np.median(guesses))
