"""The page's Write screen and its calls: problems while one types, saving, what another editor writes."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from cli_support import COMMAND, environment, voiceguide
from web_support import HEADERS, SHORT, Site, browser, site

from voiceguide.practice import safety
from voiceguide.workshop import desk

DESKTOP = {"width": 1280, "height": 800}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def here(home: Path) -> Iterator[Site]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VOICEGUIDE_HOME", str(home))
        safety.confirm()
        with site(home) as made:
            yield made


def test_scripts_are_saved_over_what_they_were_made_from_alone(here: Site, home: Path) -> None:
    """Another version stays as it is, and both are known; line ends stay those of the file."""
    path = home / "scripts" / "evening.md"
    made = here.call("POST", "scripts", {"name": "evening"})
    assert made.status_code == 201 and path.read_text() == made.json()["text"]
    assert here.call("POST", "scripts", {"name": "evening"}).status_code == 409
    path.write_bytes(SHORT.replace("\n", "\r\n").encode())
    stale = here.call(
        "PUT", "scripts/evening", {"text": "# Mine\n", "base": made.json()["version"]}
    )
    assert (stale.status_code, stale.json()["error"]["code"]) == (409, "changed")
    now = here.call("GET", "scripts/evening").json()
    assert now["text"] == SHORT
    changed = SHORT.replace("Rest for a while.", "Rest.")
    saved = here.call("PUT", "scripts/evening", {"text": changed, "base": now["version"]}).json()
    assert path.read_bytes() == changed.replace("\n", "\r\n").encode()
    assert saved["version"] == desk.version_of("evening")
    assert [each.name for each in path.parent.iterdir() if each.suffix != ".md"] == []
    copy = here.call("POST", "scripts", {"name": "mine", "like": "calves"}).json()
    assert "parts/safety" in copy["text"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "scripts/none", None, 404),
        ("GET", "scripts/..%2Fjournal", None, 404),
        ("GET", "scripts/Evening.MD", None, 400),
        ("PUT", "scripts/-rf", {"text": "", "base": ""}, 400),
        ("PUT", "scripts/short", {"text": "# T\n"}, 400),
        ("PUT", "scripts/short", {"text": 3, "base": ""}, 400),
        ("PUT", "scripts/short", {"text": "# T\n", "base": "0"}, 409),
        ("POST", "scripts", {"name": "a/b"}, 400),
        ("POST", "scripts", {"name": "x", "like": "/etc/passwd"}, 404),
        ("POST", "scripts/short/completions", {"text": "# T\n", "line": 0, "column": 1}, 400),
        ("PUT", "scripts/short", b'{"text": "# T \\ud800", "base": ""}', 400),
        ("POST", "scripts/short/formatted", b'{"text": "# T \\ud800"}', 400),
        ("POST", "find", b'{"pain": ["\\udfff"]}', 400),
    ],
)
def test_what_cannot_be(here: Site, method: str, path: str, body: Any, status: int) -> None:
    """One sentence, and no file of anybody is read, made or changed."""
    before = desk.read("short")
    if isinstance(body, bytes):  # half a character, which no library of the test would send
        answer = here.call(method, path, content=body)
    else:
        answer = here.call(method, path, body)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["message"]
    assert desk.read("short") == before


def test_what_becomes_of_a_text(here: Site) -> None:
    """Problems with their safe fixes; the drawing, the lengths and the words; what can be written."""
    wrong = SHORT.replace("- hold 12s", "- hold 12").replace("Let go.", "Let go at 6/10.")
    told = here.call("POST", "scripts/short/problems", {"text": wrong}).json()["problems"]
    (error,) = [each for each in told if each["severity"] == "error"]
    assert wrong.split("\n")[error["line"] - 1].startswith("- hold 12")
    assert here.call("POST", "scripts/short/picture", {"text": wrong}).json() == {}
    right = wrong.replace("- hold 12 ", "- hold 12s ")
    drawn = here.call("POST", "scripts/short/picture", {"text": right, "dark": True}).json()
    line = right.split("\n").index("- hold 12s (6s-60s)") + 1
    assert f'data-line="{line}"' in drawn["svg"] and drawn["reach"][0] < drawn["length"]
    assert [each["said"] for each in drawn["spoken"]] == ["Let go at six out of ten."]
    place = {"text": "# T\n\n- ho", "line": 3, "column": 5}
    found = here.call("POST", "scripts/short/completions", place).json()["completions"]
    assert any(each["label"].startswith("hold") for each in found)


def test_when_a_line_is_heard(here: Site) -> None:
    """In the spoken session: of two sides the nearer one; a line without a sound means the next."""
    session = here.open(track="own/short")
    lines = SHORT.split("\n")

    def at(words: str, near: float = 0.0) -> float:
        line = lines.index(words) + 1
        asked = f"sessions/{session['id']}/line?line={line}&near={near}"
        moment: float = here.call("GET", asked).json()["at"]
        return moment

    first = at("- hold 12s (6s-60s)")
    second = at("- hold 12s (6s-60s)", session["seconds"])
    assert 0 < first < second < at("- rest 10s (5s-120s)")
    assert at("## Rest") == at("Rest for a while.")


def test_a_file_of_another_folder_is_heard(here: Site, tmp_path: Path) -> None:
    """By the name that it gets, and with what is saved in it."""
    path = tmp_path / "My Neck.md"
    path.write_text(SHORT)
    name = desk.name_for(path)
    assert name == "my-neck" and desk.name_for(path) == name
    told = here.call("POST", f"scripts/{name}/session", {})
    assert told.status_code == 201
    session = here.serving.lives.find(told.json()["id"])
    assert session is not None and session.draft.request.name == str(path)


def _note_error(line: Any, wrong: list[str]) -> None:
    """Note an error of the console, but the browser's own line on an answer of 409."""
    if line.type == "error" and " 409 " not in line.text:
        wrong.append(line.text)


def test_writing_in_the_browser(here: Site, home: Path) -> None:
    """A mistake is marked and fixed; a save; what another editor writes; both where both changed."""
    path = home / "scripts" / "short.md"
    path.write_text(SHORT)
    with browser() as chromium:
        page = chromium.new_context(viewport=DESKTOP, reduced_motion="reduce").new_page()
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda line: _note_error(line, wrong))
        page.goto(f"{here.address}#t={here.serving.passes.token}&to=write/short")
        page.wait_for_selector(".drawn svg")
        page.wait_for_selector("text=Nothing is wrong.")
        page.click(".cm-line:has-text('hold 12s')")
        page.keyboard.press("End")
        page.keyboard.type(" bad")
        page.wait_for_selector(".found .error")
        page.wait_for_selector(".cm-lintRange-error")
        page.keyboard.press("Control+z")
        page.wait_for_selector("text=Nothing is wrong.")
        page.click(".cm-line:has-text('Lie down and breathe')")
        page.keyboard.press("End")
        page.keyboard.type(" Good.")
        page.wait_for_selector("text=Not saved yet.")
        page.click("text=Breaths")
        page.wait_for_selector(".cm-line:has-text('breathe in 4s, out 6s, 5 times')")
        page.wait_for_selector("text=Nothing is wrong.")
        page.click("text=Save")
        page.wait_for_selector("text=Saved.")
        assert "stop. Good.\n" in path.read_text()
        elsewhere = path.read_text().replace("Let go.", "Let it go.")
        path.write_text(elsewhere)
        page.wait_for_selector(".cm-line:has-text('Let it go.')")
        page.click(".cm-line:has-text('Lie down and breathe')")
        page.keyboard.press("End")
        page.keyboard.type(" Mine.")
        path.write_text(elsewhere.replace("Rest for a while.", "Rest well."))
        page.wait_for_selector(".both pre:has-text('Rest well.')")
        assert "Mine." not in path.read_text()
        page.click("text=Keep what is in the editor")
        page.wait_for_selector(".both", state="hidden")
        page.wait_for_function(
            "() => document.querySelector('.desk-head .soft').textContent === 'Saved.'"
        )
        assert "Mine." in path.read_text() and "Rest for a while." in path.read_text()
        page.click(".drawn [data-line] >> nth=3")
        page.wait_for_function("() => document.querySelector('audio').currentTime > 0.2")
        page.wait_for_selector("text=Take it with you")
        page.click(".cm-line:has-text('Lie down and breathe')")
        page.keyboard.press("End")
        page.keyboard.type(" Kept.")
        path.write_text(elsewhere)  # in the moment before the screen is left
        page.evaluate("location.hash = 'settings'")
        page.wait_for_selector("#set-h")
        page.evaluate("location.hash = 'write/short'")
        page.wait_for_selector(".cm-line:has-text('Kept.')")
        page.wait_for_selector(".both pre:has-text('Let it go.')")
        assert path.read_text() == elsewhere
        found = page.evaluate(
            "() => document.querySelector('.editor').shadowRoot.adoptedStyleSheets.length"
        )
        assert found > 0
        assert not wrong


def test_watching_a_file_of_any_folder(tmp_path: Path) -> None:
    """The command tells the address of the page on this file; no sound comes before the signs are asked."""
    path = tmp_path / "My Neck.md"
    path.write_text(SHORT)
    done = voiceguide("watch", "gone.md", at=tmp_path)
    assert done.code != 0 and "there is no file" in done.err
    env = environment(VOICEGUIDE_HOME=str(tmp_path / "home"), PYTHONUNBUFFERED="1")
    running = subprocess.Popen(
        [*COMMAND, "watch", str(path)],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert running.stdout is not None
        told = running.stdout.readline()
        found = re.search(r"(http://\S+?)/#t=(\S+)&to=write/my-neck$", told.strip())
        assert found, told
        with httpx.Client(base_url=found[1], headers=HEADERS, timeout=60) as client:
            assert client.post("/api/v1/pair", json={"code": found[2]}).status_code == 204
            assert client.get("/api/v1/scripts/my-neck").json()["text"] == SHORT
            asked = client.post("/api/v1/scripts/my-neck/session", json={})
            assert asked.json()["error"]["code"] == "safety"
    finally:
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=30)
        assert running.returncode in (0, 130), said
