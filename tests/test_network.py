"""No command needs a network, and none is asked for: the natural voice least of all."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cli_support import environment

WATCHED = """
import os, sys
asked = []
def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto",
                 "socket.sendmsg", "urllib.Request", "http.client.connect"):
        if event == "socket.connect" and isinstance(arguments[1], (str, bytes)):
            return  # a socket of this machine, such as the session bus
        asked.append((event, arguments[1:]))
sys.addaudithook(watch)
if sys.argv[1] == "ask":
    import socket
    with socket.socket() as one:
        one.connect_ex(("192.0.2.1", 9))
else:
    from voiceguide.cli import run
    code = run(sys.argv[1:])
    assert code == 0, code
    assert "natural" not in sys.argv or os.environ["ORT_DISABLE_TELEMETRY"] == "1"
print("asked:", asked)
"""


def alone() -> list[str]:
    """What runs a command without any network but its own loopback, or nothing."""
    for words in (["unshare", "-n"], ["unshare", "-rn"]):
        if (
            shutil.which("unshare")
            and subprocess.run([*words, "true"], capture_output=True).returncode == 0
        ):
            return words
    return []


def watched(*words: str, at: Path) -> str:
    """The last line of a command that is watched, in a process without a network."""
    done = subprocess.run(
        [*alone(), sys.executable, "-c", WATCHED, *words], cwd=at, capture_output=True, text=True,
        env=environment(VOICEGUIDE_CACHE=str(at / "clips")), timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def test_the_watch_sees_a_connection(tmp_path: Path) -> None:
    """What asks for an address outside is told; else the tests below would prove nothing."""
    assert "192.0.2.1" in watched("ask", at=tmp_path)


@pytest.mark.parametrize("voice", ["natural", "pyttsx3"])
def test_an_export_asks_for_no_network(tmp_path: Path, voice: str) -> None:
    """With every sentence spoken anew; nothing is looked up, connected to or sent."""
    (tmp_path / "s.md").write_text("# T\n\nHello. Breathe out.\n\n- chime bowl\n")
    words = ("export", "s.md", "--voice", voice, "--background", "rain", "--transcript", "vtt")
    assert watched(*words, at=tmp_path) == "asked: []"
    assert list((tmp_path / "clips").glob("*.clip")) and (tmp_path / "s.mp3").stat().st_size > 9_000


@pytest.mark.parametrize("command", ["tracks", "voices", "doctor", "today", "schema", "log"])
def test_other_commands_ask_for_none(tmp_path: Path, command: str) -> None:
    """Nor do those that only tell."""
    assert watched(command, at=tmp_path) == "asked: []"
