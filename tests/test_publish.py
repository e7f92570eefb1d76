"""A published folder: what is rendered and what is not, what a visitor meets, what apps read."""

from __future__ import annotations

import functools
import hashlib
import http.server
import io
import json
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import podcastparser
import pytest
from waiting import wait_for
from web_support import SHORT, browser

from voiceguide.catalogue import work
from voiceguide.catalogue.editions import Asked, editions
from voiceguide.errors import UsageError
from voiceguide.publish import site, workers

URL = "https://clinic.example/massage/"
PHONE = {"width": 360, "height": 640}


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A listener with two scripts of their own."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("home")
        patch.setenv("VOICEGUIDE_HOME", str(folder))
        (folder / "scripts").mkdir()
        (folder / "scripts" / "short.md").write_text(SHORT, "utf-8")
        other = SHORT.replace("# A short one", "# Another & one").replace("Let go.", "Let it go.")
        (folder / "scripts" / "other.md").write_text(other, "utf-8")
        yield folder


ASKED = Asked(("short", "other"), (60.0, 120.0), ("both", "left"))


def publish(folder: Path, asked: Asked = ASKED) -> list[str]:
    """The site, by one process; the names of what was rendered."""
    found, _ = editions(asked)
    sessions = site.begin(folder)
    waiting = [each for each in found if not work.is_there(sessions, each.id)]
    for made in workers.in_processes(waiting, 1):
        work.write(sessions, made)
    site.finish(folder, found, site.Clinic("Studio Hill", "Call us", "Nothing is kept.", URL))
    return [each.id for each in waiting]


@pytest.fixture(scope="module")
def published(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published")
    publish(folder)
    return folder


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def named(folder: Path) -> set[str]:
    """What the index of a folder leads to."""
    return set(json.loads((folder / "published.json").read_text())["sessions"])


# ---- what is rendered


def test_each_session_is_made_once_and_the_left_side_of_a_length_is_another(home: Path) -> None:
    found, notes = editions(ASKED)
    assert len({each.id for each in found}) == len(found) == 8
    assert notes == []
    again, _ = editions(ASKED)
    assert [each.id for each in again] == [each.id for each in found]
    _, told = editions(Asked(("short",), (60.0, 3600.0)))
    assert "short has no 60m: it lasts from" in told[0]
    with pytest.raises(UsageError, match="nothing is left to publish"):
        editions(Asked(("short",), (3600.0,)))


def test_only_what_changed_is_rendered(published: Path, home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    shutil.copytree(published, folder)
    before = digests(folder)
    assert publish(folder) == []
    assert digests(folder) == before
    script = home / "scripts" / "other.md"
    was = script.read_text()
    script.write_text(was.replace("Let it go.", "Let it all go."))
    try:
        fresh = publish(folder)
    finally:
        script.write_text(was)
    assert len(fresh) == 4
    changed = {name for name, digest in digests(folder).items() if before.get(name) != digest}
    sessions = {name for name in changed if name.startswith("sessions/")}
    assert {name.split("/")[1].split(".")[0] for name in sessions} == set(fresh)
    assert len(named(folder)) == 8
    assert site.prune(folder) == 4 * len(work.SUFFIXES)
    assert {p.name.split(".")[0] for p in (folder / "sessions").iterdir()} == named(folder)


def test_two_processes_give_the_same_bytes(published: Path) -> None:
    found, _ = editions(ASKED)
    two = {made.id: made.files for made in workers.in_processes(found[:2], 2)}
    for name, files in two.items():
        for suffix, content in files.items():
            assert (published / "sessions" / f"{name}{suffix}").read_bytes() == content, suffix


def test_a_cluster_gives_the_same_bytes_also_where_a_worker_dies(published: Path) -> None:
    from distributed import LocalCluster

    found, _ = editions(ASKED)
    with LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    ) as cluster:
        address = cluster.scheduler_address
        pids = [nanny.pid for nanny in cluster.workers.values()]
        jobs = workers.on_cluster(found[:4], address, 2)
        first = next(jobs)
        victim = pids[0]
        subprocess.run(["kill", "-9", str(victim)], check=True)
        made = {each.id: each.files for each in (first, *jobs)}
    assert set(made) == {each.id for each in found[:4]}
    for name, files in made.items():
        assert (published / "sessions" / f"{name}.mp3").read_bytes() == files[".mp3"]


def test_machines_with_other_versions_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Cluster:
        def run(self, what: Any) -> dict[str, dict[str, str]]:
            return {"tcp://10.0.0.9:1": {**what(), "numpy": "0.1"}}

    with pytest.raises(UsageError, match=r"10\.0\.0\.9:1 has numpy 0\.1, and this machine"):
        workers._check_versions(Cluster())
    with pytest.raises(UsageError, match="no Dask scheduler answers at"):
        list(workers.on_cluster([], "nonsense://x", 1))


def test_killed_at_any_moment_the_index_names_nothing_missing(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    command = [
        sys.executable, "-m", "voiceguide", "publish", "short", "other", "-o", str(folder),
        "--minutes", "1,2", "--url", URL, "--workers", "1",
    ]  # fmt: skip
    for moment in (0.8, 1.8, 3.0):
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(moment)
        children = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()
        running.send_signal(signal.SIGKILL)
        running.wait()
        wait_for(lambda: not any(map(_runs, children)))  # noqa: B023 - within this round
        if (folder / "published.json").exists():
            assert all(work.is_there(folder / "sessions", name) for name in named(folder))
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    assert told["sessions"] == 4
    assert len(named(folder)) == 4
    assert not list((folder / "sessions").glob("*.part*"))
    assert json.loads(
        subprocess.run([*command, "--json"], capture_output=True, text=True, check=True).stdout
    )["to_render"] == (0)


def _runs(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_length_that_the_voice_misses_is_left_out(home: Path, tmp_path: Path) -> None:
    """Lengths are estimated before anything is spoken; one that is off takes no other session along."""
    script = home / "scripts" / "wordy.md"
    script.write_text(
        "# Wordy\n\n" + "Let it go a little more, and breathe out slowly. " * 26, "utf-8"
    )
    folder = tmp_path / "site"
    command = ["publish", "wordy", "short", "-o", str(folder), "--minutes", "2", "--json"]
    try:
        assert editions(Asked(("wordy",), (120.0,)))[1] == []
        done = subprocess.run(
            [sys.executable, "-m", "voiceguide", *command, "--voice", "silent"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    finally:
        script.unlink()
    assert re.search(r"Note: left out: .*Wordy.* cannot be 2m long", done.stderr)
    assert json.loads(done.stdout)["sessions"] == len(named(folder)) == 1


def test_a_folder_of_somebody_elses_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(UsageError, match="has files that publish didn't write"):
        site.check_folder(tmp_path)
    with pytest.raises(UsageError, match="is a file"):
        site.check_folder(tmp_path / "mine.txt")


# ---- what apps read


def test_a_podcast_program_reads_the_feed(published: Path) -> None:
    feed = (published / "feed.xml").read_bytes()
    told = podcastparser.parse(URL + "feed.xml", io.BytesIO(feed))
    assert told["title"] == "Studio Hill"
    assert len(told["episodes"]) == 8
    rows = {
        name: json.loads((published / f"sessions/{name}.json").read_text())
        for name in named(published)
    }
    for episode in told["episodes"]:
        row = rows[episode["guid"]]
        (sound,) = episode["enclosures"]
        assert sound["url"] == URL + row["audio"]
        assert sound["file_size"] == (published / row["audio"]).stat().st_size == row["bytes"]
        assert sound["mime_type"] == "audio/mpeg"
        assert episode["total_time"] == round(row["seconds"])
        chapters = json.loads((published / f"sessions/{row['id']}.chapters.json").read_text())
        assert chapters["chapters"][-1]["endTime"] == row["seconds"]
    items = ET.fromstring(feed).iter("item")
    space = "{https://podcastindex.org/namespace/1.0}"
    for item in items:
        row = rows[item.findtext("guid") or ""]
        assert item.find(f"{space}transcript").attrib["url"] == URL + row["words"]  # type: ignore[union-attr]
        assert item.find(f"{space}chapters").attrib["type"] == "application/json+chapters"  # type: ignore[union-attr]
    assert "Another & one" in {e["title"].split(",")[0] for e in told["episodes"]}
    muscle = podcastparser.parse("x", io.BytesIO((published / "feed-piriformis.xml").read_bytes()))
    assert len(muscle["episodes"]) == 8


# ---- what a visitor meets


@pytest.fixture(scope="module")
def served(published: Path) -> Iterator[str]:
    """The folder under a path of a plain static server."""
    handler = functools.partial(Plain, directory=str(published.parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/{published.name}/"
        server.shutdown()


class Plain(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as made:
        yield made


def test_a_visitor_chooses_plays_and_is_remembered_on_the_device(
    served: str, chromium: Any, published: Path
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    context = chromium.new_context(viewport=PHONE, reduced_motion="reduce")
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(served)
    page.wait_for_selector("#choose-h >> text=Studio Hill")
    page.evaluate("location.hash = '#short'")
    page.wait_for_selector(".landbox .strip i")
    assert (page.get_attribute("#mins", "min"), page.get_attribute("#mins", "max")) == ("1", "2")
    assert page.locator("text=Is one side worse?").is_hidden()
    page.evaluate("document.querySelector('[name=side][value=left]').click()")
    page.click(".dock .btn")
    page.click("dialog.signs >> text=None of these")
    page.wait_for_selector(".floor")
    page.wait_for_function(
        "() => import('./js/player.js').then(m => m.playing().audio.currentTime > 0.3)"
    )
    told = page.evaluate("import('./js/player.js').then(m => m.playing().session)")
    assert told["options"]["side"] == "left"
    assert told["seconds"] == pytest.approx(60, abs=0.01)
    assert page.locator(".tool:has-text('Right side')").is_hidden()
    page.evaluate(
        "import('./js/player.js').then(m => { const p = m.playing(); p.audio.currentTime = p.session.seconds - 0.5 })"
    )
    page.wait_for_selector(".after")
    page.evaluate("document.querySelector('.after [name=pain][value=\"2\"]').click()")
    page.click(".after >> text=Keep")
    page.wait_for_selector("#choose-h")
    page.evaluate("location.hash = '#days'")
    page.wait_for_selector(".journal >> text=pain")
    for where, until in (("#choose", "#choose-h"), ("#days", "#days-h"), ("#settings", "#set-h")):
        page.evaluate("where => { location.hash = where }", where)
        page.wait_for_selector(until)
        found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
        assert not [row["id"] for row in found.response["violations"]], where
    assert not wrong
    assert all(url.startswith((served, "blob:")) for url in asked)
    context.close()


def test_offline_the_page_opens(served: str, chromium: Any) -> None:
    context = chromium.new_context(viewport=PHONE)
    page = context.new_page()
    page.goto(served)
    page.wait_for_selector("#choose-h")
    page.evaluate("navigator.serviceWorker.ready")
    page.reload()
    page.wait_for_selector("#choose-h")
    page.evaluate("location.hash = '#short'")
    page.wait_for_selector(".landbox .strip i")
    context.set_offline(True)
    page.goto(served + "#choose")
    page.reload()
    page.wait_for_selector("#choose-h >> text=Studio Hill")
    page.evaluate("location.hash = '#short'")
    page.wait_for_selector(".landbox .strip i")
    context.close()


def test_without_javascript_the_sessions_are_links(
    served: str, chromium: Any, published: Path
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(served)
    text = (published / "index.html").read_text()
    links = [
        part.split('"')[0]
        for part in text.split('href="')[1:]
        if part.split('"')[0].endswith(".mp3")
    ]
    assert len(links) == 8
    assert all((published / link).is_file() for link in links)
    assert "get emergency help now" in page.content()
    context.close()
