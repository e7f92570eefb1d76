"""No command needs a network, and none is asked for: the natural voice least of all."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cli_support import environment
from needs import needs

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


HOME = """
import threading, time, sys
import httpx
from zeroconf import Zeroconf
from voiceguide.web.serving import Serving
with Serving(0, lan=True) as serving:
    thread = threading.Thread(target=serving.run, daemon=True)
    thread.start()
    while not serving.started:
        time.sleep(0.02)
    other = Zeroconf(interfaces=["10.77.0.1"])
    found = other.get_service_info("_http._tcp.local.", "voiceguide._http._tcp.local.", 20_000)
    name = found.server.rstrip(".")
    assert name.endswith(".local") and serving.address() == f"http://{name}:{found.port}/"
    address = f"http://{found.parsed_addresses()[0]}:{found.port}/"
    page = httpx.get(address, headers={"host": f"{name}:{found.port}"})
    assert page.status_code == 200 and "voiceguide" in page.text
    assert httpx.get(address, headers={"host": "elsewhere.example"}).status_code == 421
    assert httpx.get(address + "api/v1/home").status_code == 401
    other.close()
    serving.stop()
    thread.join(60)
"""


@needs("ip", "unshare")
def test_a_phone_finds_the_page_by_its_name(tmp_path: Path) -> None:
    """In a network of its own, where only the test is: the name is told, and leads to the page."""
    network = (
        "ip link set lo up && ip link add net0 type veth peer name net1"
        " && ip addr add 10.77.0.1/24 dev net0 && ip link set net0 up && ip link set net1 up"
        ' && ip route add default dev net0 && exec "$0" -c "$1"'
    )
    done = subprocess.run(
        [*alone(), "sh", "-c", network, sys.executable, HOME], cwd=tmp_path,
        capture_output=True, text=True, timeout=120,
        env=environment(VOICEGUIDE_HOME=str(tmp_path), PYTHONWARNINGS=None),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
