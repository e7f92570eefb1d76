"""The podcast of a running server: who reaches it, what an app finds there, what is rendered."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from xml.etree import ElementTree as ET

import httpx
import podcastparser
import pytest
from sinks_support import by_ffmpeg
from web_support import SHORT, Site, browser, site

from voiceguide import folders
from voiceguide.catalogue.work import Made


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server whose listener has a short script of their own."""
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("home")
        patch.setenv("VOICEGUIDE_HOME", str(home))
        # Not the folder of the other processes that run tests.
        patch.setattr(folders, "podcast", lambda: home / "podcast")
        with site(home) as running:
            yield running


@pytest.fixture(scope="module")
def address(here: Site) -> str:
    """Of the feed; the emergency signs are answered."""
    assert here.call("GET", "podcast").json()["error"]["code"] == "safety"
    assert here.call("POST", "safety", {"none_applies": True}).status_code == 204
    told: str = here.call("GET", "podcast").json()["address"]
    return told


@pytest.fixture
def app() -> Iterator[httpx.Client]:
    """A podcast app: it has an address, and no cookie."""
    with httpx.Client(timeout=60) as client:
        yield client


def short(app: httpx.Client, address: str) -> dict[str, object]:
    """The episode of the script."""
    told = podcastparser.parse(address, io.BytesIO(app.get(address).content))
    (found,) = (each for each in told["episodes"] if each["title"].startswith("A short one"))
    return dict(found)


def test_an_app_reads_the_feed_and_fetches_a_session(
    address: str, app: httpx.Client, tmp_path: Path
) -> None:
    """The whole library is there; a size is exact once it was fetched; a part can be had."""
    feed = app.get(address)
    told = podcastparser.parse(address, io.BytesIO(feed.content))
    assert len(told["episodes"]) > 40
    (sound,) = short(app, address)["enclosures"]  # type: ignore[misc]
    url = sound["url"]
    assert url.startswith(address.removesuffix("feed.xml"))
    whole = app.get(url)
    assert whole.headers["content-type"] == "audio/mpeg"
    assert abs(sound["file_size"] - len(whole.content)) < 0.3 * len(whole.content)
    (tmp_path / "a.mp3").write_bytes(whole.content)
    assert len(by_ffmpeg(tmp_path / "a.mp3", 2)) > 30 * 44_100
    now = short(app, address)
    assert now["enclosures"][0]["file_size"] == len(whole.content)  # type: ignore[index]
    part = app.get(url, headers={"range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, whole.content[100:200])
    beyond = app.get(url, headers={"range": "bytes=999999999-"})
    assert beyond.status_code == 416
    head = app.head(url)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(whole.content))
    tag = whole.headers["etag"]
    assert app.get(url, headers={"if-none-match": tag}).status_code == 304
    chapters = app.get(url.removesuffix(".mp3") + ".chapters.json").json()
    assert chapters["chapters"][0]["startTime"] == 0
    assert app.get(url.removesuffix(".mp3") + ".vtt").text.startswith("WEBVTT")
    item = next(
        item
        for item in ET.fromstring(app.get(address).content).iter("item")
        if item.findtext("guid") == now["guid"]
    )
    image = item.find("{http://www.itunes.com/dtds/podcast-1.0.dtd}image")
    assert image is not None  # drawn before anything is rendered, and the same afterwards
    assert app.get(image.attrib["href"]).headers["content-type"] == "image/jpeg"


def test_the_feed_is_sent_once(address: str, app: httpx.Client) -> None:
    first = app.get(address)
    again = app.get(address, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert app.head(address).content == b""


def test_nobody_else_is_let_in(here: Site, address: str, app: httpx.Client) -> None:
    """A guess, a file of the folder that is no episode's, and an address that was changed."""
    base = address.removesuffix("feed.xml")
    for url in (
        address.replace("podcast/", "podcast/x"),
        base + "feed.html",
        base + "..%2Fphones.json",
        base + f"{'0' * 24}.mp3",
        base + f"{short(app, address)['guid']}.json",
        address.replace("/podcast/", "/podcast/%C3%A9"),
    ):
        assert app.get(url).status_code == 404, url
    fresh = here.call("POST", "podcast", {}).json()["address"]
    assert fresh != address
    assert app.get(address).status_code == 404
    assert app.get(fresh).status_code == 200
    state = folders.state() / "podcast.json"
    kept = json.loads(state.read_text())["secret"]
    assert state.stat().st_mode & 0o077 == 0
    for damaged in ("{", "[]", '{"secret": ""}', '{"secret": 5}'):
        state.write_text(damaged)
        assert app.get(fresh).status_code == 404
        assert app.get(fresh.replace(kept, "x")).status_code == 404
    state.write_text(json.dumps({"secret": address.split("/")[-2]}))


def test_two_apps_wait_for_one_rendering(
    here: Site, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a script that changed is another episode, whose old files go."""
    from voiceguide.catalogue import podcast

    made: list[str] = []
    real = podcast.make

    def counted(edition: podcast.Edition) -> Made:
        made.append(edition.id)
        return real(edition)

    monkeypatch.setattr(podcast, "make", counted)
    monkeypatch.setattr(podcast, "_FRESH", 0.0)
    with httpx.Client(timeout=60) as app:
        old = str(short(app, address)["guid"])
        script = folders.data() / "scripts" / "short.md"
        script.write_text(SHORT.replace("Let go.", "Let it go."), "utf-8")
        episode = short(app, address)
        assert episode["guid"] != old
        assert not list(folders.podcast().glob(f"{old}.*"))
        url = episode["enclosures"][0]["url"]  # type: ignore[index]
        threads = [Thread(target=httpx.get, args=(url,), kwargs={"timeout": 60}) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert made == [episode["guid"]]


def test_the_page_tells_the_address(here: Site, address: str) -> None:
    """Settings shows it, says for whom it is, and changes it."""
    with browser() as chromium:
        page = chromium.new_page()
        page.goto(f"{here.address}#t={here.serving.passes.token}&to=settings")
        page.click("text=Show the address")
        field = page.get_by_label("Address of the podcast")
        assert field.input_value() == address
        page.wait_for_selector("text=Only apps on this computer reach it.")
        page.click("text=Change the address")
        page.wait_for_function(
            "was => document.querySelector('input[readonly]').value !== was", arg=address
        )
        assert field.input_value() == here.call("GET", "podcast").json()["address"]
