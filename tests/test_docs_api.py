"""docs/api.md and docs/page.py: they run as they stand, and every public name has an example."""

from __future__ import annotations

import http.client
import importlib.util
import json
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import voiceguide as vg
from voiceguide import testing
from voiceguide.sinks.players import PLAYERS

DOCS = Path(__file__).resolve().parent.parent / "docs"
API = (DOCS / "api.md").read_text("utf-8")
BLOCKS = re.compile(r"^```python\n(.*?)^```", re.M | re.S)
CODE = "\n".join(BLOCKS.findall(API))
PAGE = DOCS / "page.py"


class _Voice(testing.ExactVoice):
    default = True


class _Player(testing.TapePlayer):
    default = True


@pytest.fixture
def doubles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[_Player]:
    """A quick voice and a quick player, which are the defaults; a folder to work in."""
    monkeypatch.setenv("VOICEGUIDE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("VOICEGUIDE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    player = _Player(speed=40)
    with testing.spoken_by(_Voice(0.8)), PLAYERS.lent("tape", player):
        yield player


def test_the_examples_run(doubles: _Player, capsys: pytest.CaptureFixture[str]) -> None:
    """All of them, in one program; what they say of themselves holds."""
    names: dict[str, Any] = {"__name__": "example"}
    for block in BLOCKS.finditer(API):
        before = "\n" * API.count("\n", 0, block.start(1))  # so that an error tells its line
        exec(compile(before + block[1], str(DOCS / "api.md"), "exec"), names)
    told = capsys.readouterr().out.splitlines()
    assert "30.0" in told and "True" in told
    assert any(line.startswith("box.mp3 180.0") for line in told)
    assert doubles.heard().any()


def test_every_public_name_has_an_example() -> None:
    """In code; and the page's table names them, too."""
    used = set(re.findall(r"voiceguide\.(\w+)", CODE))
    assert set(vg.__all__) - {"__version__"} <= used
    assert used <= {*vg.__all__, "testing", "speech"}


def test_the_page_is_short_and_knows_the_public_names_alone() -> None:
    """Under 60 lines, over the standard library and what `voiceguide` exports."""
    text = PAGE.read_text("utf-8")
    assert len(text.splitlines()) < 60
    assert set(re.findall(r"voiceguide\.(\w+)", text)) <= set(vg.__all__)
    assert "from voiceguide" not in text and text.count("import voiceguide") == 1


class _Reader:
    """Reads the page's events, as a browser does."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("localhost", port, timeout=20)
        self._connection.request("GET", "/events")
        self._answer = self._connection.getresponse()
        assert self._answer.headers["Content-Type"] == "text/event-stream"

    def until(self, condition: Any) -> dict[str, Any]:
        """What the page shows once a condition holds."""
        end = time.monotonic() + 20
        while time.monotonic() < end:
            line = self._answer.readline()
            if line.startswith(b"data: "):
                now: dict[str, Any] = json.loads(line[6:])
                if condition(now):
                    return now
        raise AssertionError("the page never showed it")


def test_the_page_plays_pauses_seeks_and_counts_down(doubles: _Player) -> None:
    """On a device that keeps what it is given; what is shown is where the sound is."""
    found = importlib.util.spec_from_file_location("page", PAGE)
    assert found is not None and found.loader is not None
    page = importlib.util.module_from_spec(found)
    found.loader.exec_module(page)
    doubles.speed = 4
    Path("mine.md").write_text("# T\n\nOne.\n\n## A\n\n- roll 1m\n\n## B\n\nTwo.\n\n- hold 1m\n")
    with vg.play("mine.md", player=doubles) as player:
        server = page.serve(player, 0)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.server_address[1]

        def ask(method: str, path: str, body: str = "") -> tuple[int, bytes]:
            connection = http.client.HTTPConnection("localhost", port, timeout=20)
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.read()

        try:
            status, text = ask("GET", "/")
            assert status == 200 and b"EventSource" in text
            reader = _Reader(port)
            first = reader.until(lambda now: now["count"].startswith("roll"))
            later = reader.until(lambda now: now["count"] not in (first["count"], ""))
            assert int(later["count"].split()[1]) < int(first["count"].split()[1])
            assert later["step"] == "A" and later["seconds"] > first["seconds"]
            assert ask("POST", "/toggle")[0] == 204
            still = reader.until(lambda now: now["state"] == "paused")
            assert ask("POST", "/seek", "70")[0] == 204
            moved = reader.until(lambda now: now["step"] == "B")
            assert moved["state"] == "paused" and 65 < moved["seconds"] <= 70.1
            assert moved["length"] > 120 and still["seconds"] < 60
            ask("POST", "/toggle")
            held = reader.until(lambda now: now["state"] == "playing")
            assert held["count"].startswith("hold") and held["seconds"] >= moved["seconds"]
            ask("POST", "/stop")
            assert player.status().state != "left"
        finally:
            server.shutdown()
            server.server_close()
    assert doubles.heard().any()
