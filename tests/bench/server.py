"""The server as a phone meets it: touch to sound, the first screen, seeking, ten at once, memory."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.measure import COMPILED, ROOT, Row

if TYPE_CHECKING:
    from tests.bench.cases import Setup

TRACK = "piriformis"
_LISTENERS = 10
_SESSIONS = 30
_FILES = (
    "index.html", "style.css", "body.svg", "js/app.js", "api/v1/home", "api/v1/catalogue",
)  # fmt: skip
_PIECE = 1 << 14
_BYTES_A_SECOND = 16_000


@dataclass(slots=True)
class Phone:
    """A browser that was let in, without the browser."""

    port: int
    cookie: str = ""
    lines: list[HTTPConnection] = field(default_factory=list)

    def ask(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> tuple[Any, HTTPConnection]:
        """The answer, not yet read, and its connection."""
        line = HTTPConnection("127.0.0.1", self.port, timeout=300)
        told = {"X-Voiceguide": "page", "Cookie": self.cookie, **headers}
        line.request(method, "/" + path, None if body is None else json.dumps(body), told)
        return line.getresponse(), line

    def read(self, method: str, path: str, body: object = None, **headers: str) -> bytes:
        """A whole answer."""
        answer, line = self.ask(method, path, body, **headers)
        with contextlib.closing(line):
            content: bytes = answer.read()
            if answer.status >= 400:
                raise ValueError(content.decode())
            return content

    def open(self, seconds: float, **more: object) -> dict[str, Any]:
        """A session that is ready to be read."""
        asked = {"track": TRACK, "options": {"length": seconds}} | more
        return self.whole("api/v1/sessions", asked)

    def whole(self, path: str, asked: object) -> dict[str, Any]:
        """A session that is asked for, once it is ready to be read."""
        told: dict[str, Any] = json.loads(self.read("POST", path, asked))
        while not told["ready"]:
            path = f"api/v1/sessions/{told['id']}?after={told['done']}"
            told = json.loads(self.read("GET", path))
        return told


@contextlib.contextmanager
def server(setup: Setup) -> Iterator[tuple[Phone, int]]:
    """A server with nothing remembered and all clips spoken, a phone, and the process's number."""
    home = setup.folder / "home"
    shutil.rmtree(home, ignore_errors=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "voiceguide", "serve", "--no-browser", "--port", str(port)]
    env = {**os.environ, **COMPILED, **setup.warm, "VOICEGUIDE_HOME": str(home)}
    with subprocess.Popen(
        command, cwd=ROOT, env={**env, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as running:  # fmt: skip
        try:
            assert running.stdout is not None
            token = running.stdout.readline().strip().partition("#t=")[2]
            phone = Phone(port)
            _wait(port)
            answer, line = phone.ask("POST", "api/v1/pair", {"code": token})
            phone.cookie = answer.headers["set-cookie"].partition(";")[0]
            line.close()
            phone.read("POST", "api/v1/safety", {"none_applies": True})
            yield phone, running.pid
        finally:
            running.send_signal(signal.SIGINT)


def serve(setup: Setup) -> Iterator[Row]:
    """All of it; targets are seconds and bytes, as nobody else serves such sessions."""
    with server(setup) as (phone, _):
        yield from _first_screen(phone)
    with server(setup) as (phone, _):
        phone.open(599)  # the clips are spoken, whatever is loaded late is there
        sound = [_touch(phone, 600 + n) for n in range(setup.rounds)]
        yield _seconds("touch to the first sound, 10 min, clips cached", sound, 0.5)
        seek = [_timed(lambda n=n: _last_bytes(phone, 1200 + n)) for n in range(setup.rounds)]
        yield _seconds("touch to the last second, 20 min, nothing rendered", seek, 6.0)
        again = [_timed(lambda: _last_bytes(phone, 1200)) for _ in range(setup.rounds)]
        yield _seconds("seeking in 20 min, rendered", again, 1.0)
    with server(setup) as (phone, _):
        phone.open(599)
        rates = _all_at_once(phone)
        yield Row(
            f"{_LISTENERS} listeners at once, 20 min each, the slowest's sound",
            "its own time", round(min(rates), 2), target=">= 1", figures={"rates": rates},
        )  # fmt: skip
    with server(setup) as (phone, pid):
        phone.open(300, speed=1.05)  # a session that is spoken, so that the voice is in memory
        held = [_held_after(phone, pid, 300 + n) for n in range(_SESSIONS)]
        yield Row(
            f"memory of the server after {_SESSIONS} sessions, its voice loaded", "after 5",
            round(max(held[4:]) / held[4], 3), target="<= 1.2",
            figures={"held": [round(each) for each in held]},
        )  # fmt: skip


def _first_screen(phone: Phone) -> Iterator[Row]:
    """What a browser that knows nothing fetches for the first screen, one after the other."""
    first, count, files = _fetched(phone)
    yield Row(
        "first screen, bytes", "200 kB", round(count / 200_000, 3), target="<= 1",
        figures={"bytes": count, "files": files},
    )  # fmt: skip
    times = [_fetched(phone)[0] for _ in range(3)]
    yield _seconds("first screen", times, 0.5)
    yield Row(
        "first screen, in the moment when the server starts", "0.5 s", round(first / 0.5, 3),
        figures={"seconds": [round(first, 3)]},
    )  # fmt: skip


def _fetched(phone: Phone) -> tuple[float, int, int]:
    """Seconds, bytes and files of the first screen."""
    files = list(_FILES)
    started = time.perf_counter()
    count, seen = 0, set()
    for path in files:
        content = phone.read("GET", path, **{"Accept-Encoding": "gzip"})
        count += len(content)
        if path.endswith(".js"):
            text = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
            for part in text.decode().split('"./')[1:]:
                name = "js/" + part.partition('"')[0]
                if name not in seen and name not in files:
                    seen.add(name)
                    files.append(name)
    return time.perf_counter() - started, count, len(files)


def _touch(phone: Phone, seconds: float) -> float:
    """Seconds until the first sound is there; the rest of it is read before the next touch."""
    began = time.perf_counter()
    session = phone.open(seconds)
    answer, line = phone.ask("GET", session["audio"])
    with contextlib.closing(line):
        answer.read(_PIECE)
        took = time.perf_counter() - began
        answer.read()
    return took


def _last_bytes(phone: Phone, seconds: float) -> None:
    session = phone.open(seconds)
    phone.read("GET", session["audio"], Range=f"bytes={session['bytes'] - _BYTES_A_SECOND}-")


def _all_at_once(phone: Phone) -> list[float]:
    """For each listener, how much faster than it is heard its sound came, at the slowest."""
    rates = [0.0] * _LISTENERS

    def listen(number: int) -> None:
        session = phone.open(1200 + number)
        answer, line = phone.ask("GET", session["audio"])
        with contextlib.closing(line):
            got, slowest = len(answer.read(_PIECE)), float("inf")
            began = time.perf_counter()
            while piece := answer.read(_PIECE):
                heard = max(time.perf_counter() - began, 1e-6)
                slowest = min(slowest, got / _BYTES_A_SECOND / heard)
                got += len(piece)
        rates[number] = round(slowest, 2)

    listeners = [threading.Thread(target=listen, args=(n,)) for n in range(_LISTENERS)]
    for each in listeners:
        each.start()
    for each in listeners:
        each.join()
    return rates


def _held_after(phone: Phone, pid: int, seconds: float) -> float:
    """MB that the server holds after one more session was heard whole."""
    phone.read("GET", phone.open(seconds)["audio"])
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def _timed(call: Callable[[], None]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _seconds(name: str, times: list[float], target: float) -> Row:
    """The quickest, against what is allowed: what else runs on a machine only adds."""
    shown = [round(each, 3) for each in times]
    return Row(
        name, f"{target:g} s", round(min(times) / target, 3), target="<= 1",
        figures={"seconds": shown},
    )  # fmt: skip


def _wait(port: int) -> None:
    for _ in range(600):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise TimeoutError("the server never answered")
