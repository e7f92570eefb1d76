"""The page in a real browser, against the real server with real sound."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from web_support import Site, browser, site

from voiceguide.practice import places, safety
from voiceguide.practice.journal import read

PHONE = {"width": 360, "height": 640}
DESKTOP = {"width": 1280, "height": 800}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("home")
        patch.setenv("VOICEGUIDE_HOME", str(folder))
        with site(folder) as made:
            yield made


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as made:
        yield made


@pytest.fixture
def page(here: Site, chromium: Any) -> Iterator[Any]:
    """A phone that was let in, and that has said that no emergency sign applies."""
    safety.confirm()
    context = chromium.new_context(viewport=PHONE, has_touch=True, reduced_motion="reduce")
    made = context.new_page()
    wrong: list[str] = []
    made.on("pageerror", lambda error: wrong.append(str(error)))
    made.goto(f"{here.address}#t={here.serving.passes.token}")
    made.wait_for_selector("#choose-h")
    yield made
    context.close()
    assert not wrong


def opened(chromium: Any, where: Site) -> Any:
    """The page on a phone that was just let in."""
    page = chromium.new_context(viewport=PHONE).new_page()
    page.goto(f"{where.address}#t={where.serving.passes.token}")
    page.wait_for_selector("#choose-h")
    return page


def go(page: Any, where: str, until: str) -> None:
    page.evaluate("where => { location.hash = where }", where)
    page.wait_for_selector(until)


def start(page: Any, where: str = "#short") -> None:
    go(page, where, ".dock .btn")
    page.wait_for_selector(".landbox .strip i")
    page.click(".dock .btn")
    page.wait_for_selector(".floor")
    page.wait_for_function("() => document.querySelector('.clock').textContent !== '0:00 of 1:06'")


def until(page: Any, told: str) -> None:
    """Until an expression over the page's player `p` holds; it may be a promise."""
    for _ in range(400):
        if page.evaluate(f"import('./js/player.js').then(m => m.playing()).then(p => {told})"):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{told} never held: {page.inner_text('body')}")


def until_sent(page: Any) -> None:
    """Until nothing waits on the phone to be written into the journal."""
    until(page, "import('./js/later.js').then(m => m.flush().then(() => m.waiting() === 0))")


def seconds(text: str) -> int:
    minutes, rest = text.split(" of ")[0].split(":")
    return int(minutes) * 60 + int(rest)


def test_before_the_first_session_the_signs_fill_the_screen_by_any_route(
    here: Site, page: Any
) -> None:
    (places.state.folder() / "safety.json").unlink()
    go(page, "#short?minutes=1", ".dock .btn")
    page.click(".dock .btn")
    page.wait_for_selector("dialog.signs[open]")
    box = page.locator("dialog.signs").bounding_box()
    assert (box["width"], box["height"]) == (PHONE["width"], PHONE["height"])
    said = page.inner_text("dialog.signs")
    asked = safety.needed()
    assert asked is not None
    assert all(text in said for text in (*asked.emergency, *asked.do_not_start))
    page.click("text=One of these is true for me")
    page.wait_for_selector("text=First, is any of this true for you?")
    assert safety.needed() is not None
    go(page, "#short", ".dock .btn")
    page.click(".dock .btn")
    page.click("text=None of these")
    page.wait_for_selector(".floor")
    assert safety.needed() is None


def test_a_muscle_of_the_map_opens_its_tracks(page: Any) -> None:
    page.click(".back .labels >> text=piriformis")
    page.wait_for_selector("#list-piriformis[open]")
    assert page.get_attribute(".back .labels >> text=piriformis", "aria-pressed") == "true"
    page.click(".back .labels >> text=hips")
    assert page.locator(".figure.front").is_visible()
    page.click("#list-hips .row >> nth=0")
    page.wait_for_selector("#track-h")


def test_a_red_flag_stops_the_finder_and_a_place_gives_tracks(page: Any) -> None:
    go(page, "#finder", "text=First, is any of this true for you?")
    page.check(".check >> nth=0")
    page.click("text=Next")
    page.wait_for_selector(".stop >> text=Get emergency help now")
    assert page.locator("a[href^='#track']").count() == 0
    assert page.locator("a[href^='tel:']").count() == 0  # no country was chosen
    go(page, "#settings", "#country")
    with page.expect_response("**/settings"):
        page.select_option("#country", "NZ")
    go(page, "#finder", "text=First, is any of this true for you?")
    page.check(".check >> nth=0")
    page.click("text=Next")
    page.wait_for_selector("a[href='tel:111'] >> text=Call 111")
    page.click("text=I marked that by mistake")
    page.uncheck(".check >> nth=0")
    page.click("text=None of these")
    page.click("text=Show me what to try")
    page.wait_for_selector("text=Mark at least one place")
    page.check(".check >> nth=0")
    page.click("text=Show me what to try")
    page.wait_for_selector(".proposal a.btn")
    page.click(".proposal a.btn >> nth=0")
    page.wait_for_selector("#track-h")


def test_the_slider_offers_what_can_be_had_and_says_when_it_moves(page: Any) -> None:
    go(page, "#hips?minutes=5", ".landbox .strip i")
    page.wait_for_function("() => document.querySelector('#mins').min !== '1'")
    least = int(page.get_attribute("#mins", "min"))
    page.evaluate("document.querySelector('[name=sore][value=left]').click()")
    page.wait_for_selector("text=/is the shortest. The session is set to/")
    assert int(page.input_value("#mins")) > least
    assert page.input_value("#mins") in page.inner_text(".dock")


def test_it_plays_pauses_jumps_and_undoes(page: Any) -> None:
    start(page)
    page.wait_for_function("() => document.querySelector('.clock').textContent > '0:01'")
    page.keyboard.press(" ")
    page.wait_for_selector(".floor.paused")
    first = page.inner_text(".clock")
    page.keyboard.press("n")
    page.wait_for_function(
        "first => document.querySelector('.clock').textContent !== first", arg=first
    )
    title = page.inner_text(".step")
    page.click("text=Undo")
    page.wait_for_function(
        "first => document.querySelector('.clock').textContent === first", arg=first
    )
    assert page.inner_text(".step") != title


def test_the_countdown_is_that_of_the_sound(page: Any) -> None:
    """The place that the page shows, against the samples' own clock, while it plays."""
    start(page)
    away = page.evaluate("""async () => {
      const { playing } = await import('./js/player.js')
      const player = playing(), hold = player.session.intervals.find(each => each.label === 'hold')
      player.audio.currentTime = hold.start + 1
      await new Promise(done => player.audio.addEventListener('seeked', done, { once: true }))
      let most = 0
      for (let count = 0; count < 20; count++) {
        const now = player.moment(), left = hold.end - player.audio.currentTime
        most = Math.max(most, Math.abs(now.left - left))
        await new Promise(done => setTimeout(done, 20))
      }
      return [most, player.moment().word]
    }""")
    assert away[0] < 0.1
    assert away[1] == "hold"


def test_more_here_goes_on_without_a_gap(page: Any) -> None:
    start(page)
    told = page.evaluate("""async () => {
      const { playing } = await import('./js/player.js')
      const player = playing(), hold = player.session.intervals.find(each => each.label === 'hold')
      player.audio.currentTime = hold.start + 0.5
      await new Promise(done => player.audio.addEventListener('seeked', done, { once: true }))
      const before = player.session.seconds, places = []
      const watch = setInterval(() => places.push([performance.now() / 1000, player.at]), 10)
      const says = await player.more()
      await new Promise(done => setTimeout(done, 400))
      clearInterval(watch)
      let gap = 0
      for (let n = 1; n < places.length; n++) {
        const clock = places[n][0] - places[0][0], sound = places[n][1] - places[0][1]
        gap = Math.max(gap, Math.abs(clock - sound))
      }
      const twin = player.session.intervals.find(each => player.offered && player.offered[each.index])
      return { says, longer: player.session.seconds - before, gap, muted: player.audio.muted, paused: player.audio.paused, twin: twin?.side }
    }""")
    assert told["says"] == "30 seconds more."
    assert told["longer"] == pytest.approx(30, abs=0.01)
    assert told["gap"] < 0.5
    assert (told["muted"], told["paused"], told["twin"]) == (False, False, "right")


def test_reloaded_it_waits_where_it_was_and_left_it_is_resumed(page: Any) -> None:
    start(page)
    page.keyboard.press("n")
    page.wait_for_function("() => document.querySelector('.step').textContent === 'One side'")
    page.wait_for_function(
        "() => sessionStorage.getItem('voiceguide.floor') && JSON.parse(sessionStorage.getItem('voiceguide.floor')).at > 1"
    )
    page.reload()
    page.wait_for_selector(".floor")
    page.wait_for_function("() => document.querySelector('.step').textContent === 'One side'")
    page.click(".end")
    page.wait_for_selector(".after")
    (left,) = places.left()
    assert left.place.step.startswith("One side")
    page.click(".after >> text=/^Done$|^Skip$/")
    page.wait_for_selector(".goon")
    page.click(".goon")
    page.wait_for_selector(".floor")
    page.wait_for_function("() => document.querySelector('.step').textContent === 'One side'")


def test_the_pain_is_not_asked_for_where_that_is_turned_off(page: Any) -> None:
    go(page, "#settings", ".switch")
    page.uncheck("text=Ask for the pain afterwards")
    start(page)
    page.evaluate(
        "import('./js/player.js').then(m => { const p = m.playing(); p.heard = 60; return p.end(true) })"
    )
    page.wait_for_selector(".after")
    assert "0 to 10" not in page.inner_text(".after")


def test_it_ends_asks_for_the_pain_and_draws_it(page: Any) -> None:
    rows = len(read().records)
    go(page, "#short", ".dock .btn")
    page.wait_for_selector(".scale")
    page.evaluate("document.querySelector('[name=pain][value=\"6\"]').click()")
    page.click(".dock .btn")
    page.wait_for_selector(".floor")
    page.evaluate("""async () => {
      const { playing } = await import('./js/player.js')
      const player = playing()
      await new Promise(done => player.audio.readyState > 2 ? done() : player.audio.addEventListener('canplay', done, { once: true }))
      player.audio.currentTime = player.session.seconds - 1
    }""")
    page.wait_for_selector(".after >> text=Done")
    page.wait_for_selector("text=/Parts were skipped/")
    page.evaluate("document.querySelector('.after [name=pain][value=\"3\"]').click()")
    page.wait_for_selector("text=3 less than before.")
    page.click(".after >> text=Keep")
    page.wait_for_selector("#choose-h")
    records = read().records
    assert len(records) == rows + 1
    assert (records[-1].pain_before, records[-1].pain_after) == (6, 3)
    assert (records[-1].completed, records[-1].skipped) == (False, True)
    go(page, "#days", ".chart")
    page.wait_for_function("() => document.querySelector('.chart').naturalWidth > 0")
    assert "pain 6" in page.inner_text(".journal")


def test_the_computer_is_gone_and_comes_back(
    chromium: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICEGUIDE_HOME", str(tmp_path))
    safety.confirm()
    with site(tmp_path) as first:
        port, page = first.serving.port, opened(chromium, first)
        start(page)
        page.keyboard.press(" ")
        page.wait_for_selector(".floor.paused")
        until(page, "p.kept")
    page.evaluate(
        "import('./js/player.js').then(m => { m.playing().jump(20, 'x'); return m.playing().play() })"
    )
    until(page, "p.report().then(() => p.gone)")
    page.wait_for_selector("text=/This session is on the phone and goes on to its end/")
    until(page, "p.at > 20.5")
    page.evaluate(
        "import('./js/player.js').then(m => { const p = m.playing(); p.heard = 60; return p.end(true) })"
    )
    page.wait_for_selector("text=/written into the journal later/")
    assert not read().records
    with site(tmp_path, port=port) as second:
        assert second.serving.port == port
        until_sent(page)
        (record,) = read().records
        assert record.track == "short"
        page.context.close()


def test_what_is_on_the_phone_plays_until_it_is_over_and_on_when_the_computer_is_back(
    chromium: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICEGUIDE_HOME", str(tmp_path))
    safety.confirm()
    with site(tmp_path) as first:
        port, page = first.serving.port, opened(chromium, first)
        start(page)
        until(page, "p.kept")
        # As if the network had gone before the rest of it came, and the browser had dropped what
        # it had read ahead.
        page.evaluate("""async () => {
          const p = (await import('./js/player.js')).playing(), k = p.keeping
          k.session = {...k.session}
          const bytes = new Uint8Array(await new Blob(k.pieces).arrayBuffer())
          k.pieces = [bytes.slice(0, bytes.length * 0.41)]
          k.have = k.pieces[0].length
        }""")
    page.evaluate("""import('./js/player.js').then(m => {
      const p = m.playing(); p.audio.src = p.session.audio + '?gone'; p.audio.currentTime = 14; p.play();
    })""")
    until(page, "p.fromPhone && p.at > 14.5 && (p.pause(), true)")
    page.wait_for_selector("text=/The phone has the session up to 0:24/")
    page.evaluate("import('./js/player.js').then(m => m.playing().jump(23, ''))")
    page.evaluate("import('./js/player.js').then(m => m.playing().play())")
    with site(tmp_path, port=port):
        until(page, "p.at > 25 && !p.fromPhone && !p.gone")
        page.context.close()


def test_a_session_kept_on_the_phone_plays_without_the_computer(
    chromium: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICEGUIDE_HOME", str(tmp_path))
    safety.confirm()
    with site(tmp_path) as first:
        port, page = first.serving.port, opened(chromium, first)
        page.evaluate("navigator.serviceWorker.ready")
        page.reload()  # what is seen from here on goes through the worker
        go(page, "#short", ".landbox .strip i")
        page.click("text=Keep on this phone")
        page.wait_for_selector("text=/On this phone: 1:00/")
        go(page, "#choose", "#kept-h")
    page.reload()
    page.wait_for_selector("text=/plays without the computer/")
    page.click("text=/plays without the computer/")
    page.wait_for_selector(".floor")
    until(page, "p.at > 1")
    page.evaluate(
        "import('./js/player.js').then(m => { const p = m.playing(); p.heard = 60; return p.end(true) })"
    )
    page.wait_for_selector("text=/written into the journal later/")
    with site(tmp_path, port=port):
        until_sent(page)
        (record,) = read().records
        assert record.track == "short"
        go(page, "#choose", "#kept-h")
        page.click("text=Remove")
        page.wait_for_selector("#kept-h", state="hidden")
        page.context.close()


SCREENS = (
    ("#choose", "#choose-h"),
    ("#finder", "text=First, is any of this true for you?"),
    ("#piriformis", ".landbox .strip i"),
    ("#days", "#days-h"),
    ("#settings", "#set-h"),
)


@pytest.mark.parametrize(
    ("scheme", "size"), [("light", PHONE), ("dark", DESKTOP)], ids=["phone", "desktop"]
)
def test_axe_finds_nothing_on_any_screen(
    here: Site, chromium: Any, scheme: str, size: dict[str, int]
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    safety.confirm()
    context = chromium.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{here.address}#t={here.serving.passes.token}")
    page.wait_for_selector("#choose-h")
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

    def check(what: str) -> None:
        found = Axe().run(page, options={"runOnly": tags})
        told = [
            (row["id"], [node["html"][:160] for node in row["nodes"]][:3])
            for row in found.response["violations"]
        ]
        assert not told, (what, told)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), what

    if scheme == "light":  # else floor mode is dark in both
        go(page, "#settings", ".switch")
        page.uncheck("text=Dark, at any time of day")
    for where, until in SCREENS:
        go(page, where, until)
        check(where)
    start(page)
    page.keyboard.press(" ")
    page.wait_for_selector(".floor.paused")
    check("floor")
    page.click(".end")
    page.wait_for_selector(".after")
    check("after")
    context.close()


def test_by_keyboard_alone_from_the_list_to_the_sound(page: Any) -> None:
    go(page, "#choose", "#choose-h")
    page.focus("#list-other summary")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#track-h")
    assert page.evaluate("document.activeElement.id") == "track-h"
    for _ in range(60):
        if page.evaluate("document.activeElement.closest('.dock') !== null"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".floor")
    assert page.evaluate("document.activeElement.className") == "step"


def test_the_first_screen_is_small(here: Site, chromium: Any) -> None:
    context = chromium.new_context(viewport=PHONE)
    page = context.new_page()
    got: list[int] = []
    page.on("requestfinished", lambda request: got.append(request.sizes()["responseBodySize"]))
    page.goto(f"{here.address}#t={here.serving.passes.token}")
    page.wait_for_selector("#choose-h")
    page.wait_for_load_state("networkidle")
    assert sum(got) < 200_000
    assert threading.active_count() < 60
    context.close()


def test_nothing_of_the_page_comes_from_elsewhere() -> None:
    from voiceguide.page import files

    for name in files.names():
        content, kind = files.read(name) or (b"", "")
        if kind.startswith("text") or kind.endswith(("svg+xml", "json")):
            text = content.decode()
            urls = set(re.findall(r"https?://[\w./-]+", text))
            assert urls <= {"http://www.w3.org/2000/svg"}, name
            assert "innerHTML" not in text, name
            assert "eval(" not in text, name


def test_a_session_in_one_file_plays_from_anywhere(
    here: Site, chromium: Any, tmp_path: Path
) -> None:
    safety.confirm()
    told = here.open(track="short")
    answer = here.client.get(f"/{told['downloads']['html']}")
    assert answer.headers["content-disposition"].endswith('short-1min.html"')
    file = tmp_path / "session.html"
    file.write_bytes(answer.content)
    context = chromium.new_context(viewport=PHONE, offline=True)
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    page.goto(file.as_uri())
    page.wait_for_function("() => document.querySelector('audio').duration > 60")
    page.click("li >> nth=1")
    page.wait_for_function("() => document.querySelector('audio').currentTime > 3")
    page.wait_for_function("() => document.getElementById('step').textContent !== ''")
    assert "side" in page.inner_text("ol")
    assert not wrong
    context.close()
