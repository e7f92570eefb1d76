"""Commands from a process that has loaded the program already: as many as are asked for, each in a
fork of its own, with an environment, a folder and standard streams of its own.

A command started afresh spends most of its time on imports. What concerns the start itself is
tested without this: signals, locales, closed streams, and what a command loads.
"""

from __future__ import annotations

import array
import atexit
import contextlib
import functools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

SERVE = """
import array, atexit, gc, io, json, os, signal, socket, sys, threading
import numpy, soundfile, soxr, lameenc, mutagen.id3, mutagen.mp3, ruamel.yaml, markdown_it
import rich.console, rich.progress, rich.table
import voiceguide.__main__
import voiceguide.cli.output, voiceguide.cli.params, voiceguide.cli.prose, voiceguide.mix
import voiceguide.session, voiceguide.session.exporting, voiceguide.speech.render

gc.freeze()
channel = socket.socket(fileno=int(sys.argv[1]))
while True:
    size = array.array("i", [0] * 3)
    head, ancillary, _, _ = channel.recvmsg(8, socket.CMSG_LEN(size.itemsize * 3))
    if not head:
        os._exit(0)
    size.frombytes(ancillary[0][2])
    streams = list(size)[-3:]
    told = b""
    while len(told) < int.from_bytes(head, "little"):
        told += channel.recv(1 << 16)
    child = os.fork()
    if child == 0:
        break
    for stream in streams:
        os.close(stream)
    channel.sendall(child.to_bytes(8, "little"))
    _, status = os.waitpid(child, 0)
    channel.sendall(os.waitstatus_to_exitcode(status).to_bytes(8, "little", signed=True))

channel.close()
words, folder, env, alone = json.loads(told)
if alone:
    os.setsid()
for number, stream in enumerate(streams):
    os.dup2(stream, number)
    os.close(stream)
os.chdir(os.fsencode(folder))
os.environ.clear()
os.environ.update(env)
for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
    old, number = getattr(sys, name), ("stdin", "stdout", "stderr").index(name)
    raw = open(number, mode + "b", closefd=False)
    tty = name == "stderr" or raw.isatty()
    new = io.TextIOWrapper(raw, old.encoding, old.errors, line_buffering=tty)
    setattr(sys, name, new)
    setattr(sys, f"__{name}__", new)
sys.argv = [voiceguide.__main__.__file__, *words]
try:
    voiceguide.__main__.main()
except SystemExit as stop:
    # Taking apart all that is loaded would cost more than a small command.
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(stop.code)
"""
FRESH = ("PYTHON", "LANG", "LC_", "LD_")
"""What the environment says with these has its effect before a program is loaded."""


class _Server:
    """The process that has everything loaded."""

    def __init__(self, env: dict[str, str]) -> None:
        self.env = env
        self._lock = threading.Lock()
        ours, theirs = socket.socketpair()
        self._channel = ours
        self._process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(theirs.fileno())],
            env=env | {"OPENBLAS_NUM_THREADS": "1"},
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
        )
        theirs.close()
        atexit.register(self.close)

    def close(self) -> None:
        self._channel.close()
        self._process.wait()

    def run(
        self,
        words: list[str],
        folder: str,
        env: dict[str, str],
        streams: tuple[int, int, int],
        alone: bool,
        timeout: float,
    ) -> int:
        told = json.dumps([words, folder, env, alone]).encode()
        with self._lock:
            sent = array.array("i", streams)
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, sent)]
            self._channel.settimeout(None)
            self._channel.sendmsg([len(told).to_bytes(8, "little")], rights)
            self._channel.sendall(told)
            child = int.from_bytes(self._receive(), "little")
            self._channel.settimeout(timeout)
            late = False
            try:
                code = self._receive()
            except TimeoutError:
                late = True
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
                self._channel.settimeout(None)
                code = self._receive()
        if late:
            raise subprocess.TimeoutExpired(words, timeout)
        return int.from_bytes(code, "little", signed=True)

    def _receive(self) -> bytes:
        got = b""
        while len(got) < 8:
            part = self._channel.recv(8 - len(got))
            assert part, "the process that runs commands has ended"
            got += part
        return got


@functools.lru_cache(maxsize=1)
def _server(env: tuple[tuple[str, str], ...]) -> _Server:
    return _Server(dict(env))


def serves(usual: dict[str, str], env: dict[str, str]) -> bool:
    """Whether a command in an environment is the same when it is not started afresh."""
    changed = {key for key in usual.keys() | env.keys() if usual.get(key) != env.get(key)}
    return not any(key.startswith(FRESH) for key in changed)


def run(
    words: list[str],
    *,
    at: Path,
    usual: dict[str, str],
    env: dict[str, str],
    streams: tuple[int, int, int],
    alone: bool = False,
    timeout: float = 120,
) -> int:
    """Run `voiceguide` with some words; its exit code, or below 0 the signal that ended it.

    Args:
        usual: the environment that most commands have.
        streams: what it has for stdin, stdout and stderr.
        alone: whether it leads a session of its own, as on a terminal of its own.
    """
    server = _server(tuple(sorted(usual.items())))
    return server.run(words, str(at), env, streams, alone, timeout)
