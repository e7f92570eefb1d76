"""The server: what it gives, what it remembers, whom it refuses."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from waiting import wait_for
from web_support import HEADERS, SHORT, Site, site

from voiceguide import Options, Request
from voiceguide.errors import UsageError, VoiceguideError
from voiceguide.practice import places
from voiceguide.practice.journal import read
from voiceguide.web.answers import RefusedError
from voiceguide.web.calls import CALLS
from voiceguide.web.lives import LiveSessions
from voiceguide.web.security import LARGEST, Passes
from voiceguide.web.serving import Serving


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("home")
        patch.setenv("VOICEGUIDE_HOME", str(folder))
        yield folder


@pytest.fixture(scope="module")
def here(home: Path) -> Iterator[Site]:
    with site(home) as made:
        yield made


@pytest.fixture(scope="module")
def session(here: Site) -> dict[str, object]:
    assert here.call("POST", "sessions", {"track": "short"}).json()["error"]["code"] == "safety"
    assert here.call("GET", "home").json()["safety"]["emergency"]
    assert here.call("POST", "safety", {"none_applies": True}).status_code == 204
    assert not here.call("GET", "home").json()["safety"]["needed"]
    return here.open(track="short")


# ---- values


def test_the_catalogue_has_every_track_and_question(here: Site) -> None:
    told = here.call("GET", "catalogue").json()
    names = {track["name"] for track in told["tracks"]}
    assert {"piriformis", "short"} <= names
    assert all("path" not in track for track in told["tracks"])
    assert {m["id"] for m in told["muscles"]} == {row["muscle"] for row in told["map"]}
    assert {q["id"] for q in told["finder"]} == {"red_flags", "pain", "side", "worse", "tools"}


def test_a_length_that_cannot_be_had_is_told_with_the_nearest(here: Site) -> None:
    told = here.call("GET", "tracks/short/reach?length=5").json()
    assert told["seconds"] == pytest.approx(told["shortest"], abs=0.1)
    assert "shortest" in told["says"]
    within = here.call("GET", f"tracks/short/reach?length={told['minutes'][0] * 60}").json()
    assert within["says"] is None
    assert within["steps"][-1]["end"] == within["seconds"] == told["minutes"][0] * 60


def test_steps_fill_the_session_and_say_what_is_done(session: dict) -> None:
    steps = session["steps"]
    assert steps[0]["start"] == 0
    assert steps[-1]["end"] == session["seconds"]
    assert all(a["end"] == b["start"] for a, b in zip(steps, steps[1:], strict=False))
    kinds = {step["title"]: step["kind"] for step in steps}
    assert (kinds["Settle"], kinds["One side"], kinds["Rest"]) == ("breath", "hold", "rest")
    assert [step["side"] for step in steps if step["title"] == "One side"] == ["left", "right"]


def test_red_flags_stop_the_finder_and_both_legs_are_asked_back(here: Site) -> None:
    stopped = here.call("POST", "find", {"red_flags": ["chest-or-breath"]})
    flags = [q for q in here.call("GET", "catalogue").json()["finder"] if q["id"] == "red_flags"]
    if stopped.status_code == 400:  # the ids are the catalogue's own
        stopped = here.call("POST", "find", {"red_flags": [next(iter(flags[0]["choices"]))]})
    assert stopped.json()["stopped"]
    assert not stopped.json()["muscles"]
    asked = here.call("POST", "find", {"pain": ["calf-or-foot"], "side": "both", "red_flags": []})
    assert asked.json()["ask_back"]["level"] == "emergency"
    fine = here.call("POST", "find", {"pain": ["buttock"], "side": "left", "red_flags": []}).json()
    assert fine["muscles"][0]["tracks"][0]["options"]["sore"] == "left"


# ---- sound


def test_the_size_is_known_at_once_and_any_range_is_the_same_bytes(
    here: Site, session: dict
) -> None:
    whole = here.client.get(f"/{session['audio']}")
    assert len(whole.content) == session["bytes"] == int(whole.headers["content-length"])
    for asked, first, last in (
        ("bytes=0-1", 0, 1),
        ("bytes=1000-", 1000, session["bytes"] - 1),
        ("bytes=-500", session["bytes"] - 500, session["bytes"] - 1),
        ("bytes=5-99999999999", 5, session["bytes"] - 1),
    ):
        part = here.client.get(f"/{session['audio']}", headers={"Range": asked})
        assert part.status_code == 206
        assert part.content == whole.content[first : last + 1]
        assert part.headers["content-range"] == f"bytes {first}-{last}/{session['bytes']}"
    past = here.client.get(f"/{session['audio']}", headers={"Range": "bytes=99999999999-"})
    assert (past.status_code, past.headers["content-range"]) == (416, f"bytes */{session['bytes']}")
    again = here.client.get(
        f"/{session['audio']}", headers={"If-None-Match": whole.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    head = here.client.head(f"/{session['audio']}")
    assert int(head.headers["content-length"]) == session["bytes"]


def test_endless_ranges_are_one_answer(here: Site, session: dict) -> None:
    many = "bytes=" + ",".join(f"{n}-{n + 1}" for n in range(1000))
    answer = here.client.get(f"/{session['audio']}", headers={"Range": many})
    assert answer.status_code == 200
    assert len(answer.content) == session["bytes"]


def test_words_cover_and_downloads(here: Site, session: dict) -> None:
    words = here.client.get(f"/{session['words']}").text
    assert words.startswith("WEBVTT")
    assert "Lie down and breathe." in words
    assert here.client.get(f"/{session['cover']}").content[:2] == b"\xff\xd8"
    mp3 = here.client.get(f"/media/{session['id']}/any.mp3")
    assert mp3.content[:3] == b"ID3"
    assert "short-1min.mp3" in mp3.headers["content-disposition"]
    assert "Let go." in here.client.get(f"/media/{session['id']}/any.srt").text
    assert here.client.get(f"/media/{session['id']}/any.exe").status_code == 404


def test_a_rendering_that_nobody_hears_ends(here: Site) -> None:
    told = here.open(track="short", options={"length": 120})
    live = here.serving.lives.find(told["id"])
    live.tidy(time.monotonic() + 60)
    assert live.bytes in (0, told["bytes"])  # gone, or whole already
    assert len(here.client.get(f"/{told['audio']}").content) == told["bytes"]


# ---- more here, the other side


def test_more_here_is_the_same_session_up_to_now_and_ends_at_a_minute(
    here: Site, session: dict
) -> None:
    hold = next(each for each in session["intervals"] if each["label"] == "hold")
    first = here.call("POST", f"sessions/{session['id']}/more", {"at": hold["start"] + 1}).json()
    longer = first["session"]
    assert longer["seconds"] == pytest.approx(session["seconds"] + 30, abs=0.01)
    assert first["twin"] is not None
    assert session["intervals"][first["twin"]]["side"] == "right"
    old, new = (here.client.get(f"/{each['audio']}").content for each in (session, longer))
    same = next(n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b and n > 500)
    assert same / len(old) * session["seconds"] > hold["start"]
    second = here.call("POST", f"sessions/{longer['id']}/more", {"at": hold["start"] + 1}).json()
    refused = here.call(
        "POST", f"sessions/{second['session']['id']}/more", {"at": hold["start"] + 1}
    )
    assert refused.json() == {"refused": "That's enough for this spot today."}
    nothing = here.call("POST", f"sessions/{session['id']}/more", {"at": 0.0}).json()
    assert "nothing to lengthen" in nothing["refused"]


def test_the_other_side_begins_or_is_gone_to(here: Site, session: dict) -> None:
    other = f"sessions/{session['id']}/other"
    turned = here.call("POST", other, {"at": 1.0}).json()
    sides = [step["side"] for step in turned["session"]["steps"] if step["side"]]
    assert sides == ["right", "left"]
    left, right = (step for step in session["steps"] if step["side"])
    on = here.call("POST", other, {"at": left["start"] + 1}).json()
    assert on["seek"] == pytest.approx(right["start"], abs=0.001)
    assert "refused" in here.call("POST", other, {"at": right["start"] + 1}).json()


# ---- memory


def test_a_place_kept_here_is_resumed_there_and_the_other_way_round(
    here: Site, session: dict
) -> None:
    key = {"key": "0123456789abcdef"}
    told = {"at": 20.0, "played": [[0.0, 20.0]]}
    assert here.call("PUT", f"sessions/{session['id']}/place", told).status_code == 204
    assert here.call("GET", "home").json()["resume"] == []  # it plays
    done = here.call("POST", f"sessions/{session['id']}/end", {"at": 20.0, "ended": False}).json()
    assert done == {"row": None, "finished": False, "says": None}
    (left,) = places.left()
    assert (left.place.title, left.place.seconds) == ("A short one", 20.0)
    (shown,) = here.call("GET", "home").json()["resume"]
    assert shown["at"] == 20.0
    here.call(
        "PUT",
        f"sessions/{session['id']}/place",
        key | {"at": 21.0, "played": [[20.0, 21.0]], "resume": shown["key"]},
    )
    assert not places.left()
    rest = [[21.0, session["seconds"]]]
    ended = {"at": session["seconds"], "ended": True, "played": rest, "pain_before": 6}
    rows = [
        here.call("POST", f"sessions/{session['id']}/end", ended | key).json() for _ in range(2)
    ]
    assert rows[0] == rows[1]
    assert rows[0]["finished"]
    row = rows[0]["row"]
    after = here.call("PATCH", f"journal/{row}", {"pain_after": 3}).json()
    assert (after["pain_before"], after["pain_after"]) == (6, 3)
    (record,) = read().records
    assert (record.track, record.completed, record.pain_after) == ("short", True, 3)
    late = key | {"at": 22.0, "played": [[21.0, 22.0]]}
    assert here.call("PUT", f"sessions/{session['id']}/place", late).status_code == 204
    assert not list(places.state.folder().glob("*.session*"))  # the end overtook it


def test_two_that_play_the_same_session_are_two_times(here: Site, session: dict) -> None:
    """A family's two phones: neither's place nor minutes become the other's."""
    before = len(read().records)
    assert here.open(track="short")["id"] == session["id"]
    path, one, two = f"sessions/{session['id']}", "one-phone", "two-phone"
    here.call("PUT", f"{path}/place", {"at": 33.0, "played": [[0, 33]], "key": one})
    here.call("PUT", f"{path}/place", {"at": 50.0, "played": [[5, 50]], "key": two})
    longer = here.call("POST", f"{path}/more", {"at": 20.0, "key": two}).json()["session"]
    here.call("PUT", f"{path}/place", {"at": 34.0, "played": [[33, 34]], "key": one})
    here.call("POST", f"{path}/end", {"at": 34.0, "key": one})
    end = {"at": 50.5, "played": [[50, 50.5]], "key": two}
    here.call("POST", f"sessions/{longer['id']}/end", end)
    assert [record.seconds for record in read().records[before:]] == [34.0, 45.5]
    shown = sorted(entry["at"] for entry in here.call("GET", "home").json()["resume"])
    assert shown == [50.5]  # one place a track, the latest
    for entry in places.left():
        entry.path.unlink()


def test_what_is_sent_twice_is_written_once_also_by_another_server(here: Site) -> None:
    row = {
        "key": "fedcba9876543210",
        "track": "piriformis",
        "started": "2026-03-02T18:30:00+01:00",
        "seconds": 300,
        "completed": True,
    }
    before = len(read().records)
    first = here.call("POST", "journal", row).json()
    here.serving.passes  # noqa: B018 - the same folder, another object that remembers nothing
    from voiceguide.web.sent import Sent

    assert Sent().once(row["key"], lambda: {"row": -1}) == first
    assert len(read().records) == before + 1
    assert here.call("DELETE", f"journal/{first['row']}").status_code == 204
    assert here.call("DELETE", f"journal/{first['row']}").status_code == 404


def test_a_long_pause_is_one_session_and_the_other_side_is_what_is_kept(
    here: Site, session: dict
) -> None:
    told = here.open(track="short", options={"length": 100})
    ident, key = told["id"], {"key": "a-page-0001"}
    half, more, end = 35.0, 70.0, told["seconds"]
    rows = len(read().records)
    here.call("PUT", f"sessions/{ident}/place", key | {"at": half, "played": [[0.0, half]]})
    live = here.serving.lives.find(ident)
    live.tidy(time.monotonic() + 100)
    assert [left.place.seconds for left in places.left()] == [half]  # others may resume it
    here.call("PUT", f"sessions/{ident}/place", key | {"at": more, "played": [[half, more]]})
    assert not places.left()
    live.tidy(time.monotonic() + 4000)  # the page is gone, and its session written down
    assert len(read().records) == rows + 1
    over = {"at": end, "ended": True, "played": [[more, end]], "key": "a-page-0002"}
    done = here.call("POST", f"sessions/{ident}/end", over).json()
    assert done["finished"]  # the same session went on where it was left

    first = here.open(track="short", options={"length": 100})
    here.call("PUT", f"sessions/{first['id']}/place", key | {"at": 1.0, "played": [[0.0, 1.0]]})
    turned = here.call("POST", f"sessions/{first['id']}/other", {"at": 1.0}).json()["session"]
    here.call("PUT", f"sessions/{turned['id']}/place", key | {"at": 2.0, "played": [[1.0, 2.0]]})
    here.call("POST", f"sessions/{turned['id']}/end", key | {"at": 2.0, "ended": False})
    (left,) = places.left()
    assert left.place.request.options.start == "right"
    left.take()


def test_the_number_of_sessions_on_their_way_is_bounded(home: Path) -> None:
    lives = LiveSessions()
    lives._pool.shutdown()
    lives._pool = held = _Held()  # type: ignore[assignment]
    requests = [Request("short", Options(length=90.0 + n)) for n in range(20)]
    with pytest.raises(RefusedError, match="try again"):
        for request in requests:
            lives.open(request)
    assert 2 < len(held.calls) < 20
    live = lives.find(lives.open(requests[0]).id)
    assert live is not None
    live.tidy(time.monotonic() + 60)  # nobody waits for it
    with pytest.raises(VoiceguideError, match="let go"):
        live.whole()
    lives.close()
    assert all(each.error for each in held.lives())


class _Held:
    """A pool that begins nothing."""

    def __init__(self) -> None:
        self.calls: list[Any] = []

    def submit(self, call: Any, *_: Any) -> None:
        self.calls.append(call)

    def lives(self) -> list[Any]:
        return [call.__self__ for call in self.calls]

    def shutdown(self, **_: Any) -> None:
        pass


def test_settings_are_the_command_lines(here: Site) -> None:
    from voiceguide.practice.listener import recall

    assert here.call("PATCH", "settings", {"minutes": 17, "tools": ["tennis ball"]}).json()[
        "minutes"
    ] == (17)
    assert recall().minutes == 17
    told = here.call("PATCH", "settings", {"country": "DE"}).json()
    assert told["emergency_number"] == "112" and told["minutes"] == 17
    told = here.call("PATCH", "settings", {"country": None}).json()
    assert told["emergency_number"] is None
    assert here.call("PATCH", "settings", {"country": "XX"}).status_code == 400
    wrong = here.call("PATCH", "settings", {"minutes": 1e9})
    assert wrong.status_code == 400
    assert "minutes" in wrong.json()["error"]["message"]
    assert recall().minutes == 17


# ---- who is refused


REFUSED = [
    ("another host", {"Host": "evil.example"}, 421),
    ("another origin", {**HEADERS, "Origin": "http://evil.example"}, 403),
    ("an origin of nothing", {**HEADERS, "Origin": "null"}, 403),
    ("a form of another site", {}, 403),
]


@pytest.mark.parametrize(
    ("headers", "status"), [row[1:] for row in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_what_no_page_of_ours_sends_is_refused(here: Site, headers: dict, status: int) -> None:
    answer = here.client.post("/api/v1/safety", json={"none_applies": True}, headers=headers)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


def test_nobody_is_let_in_without_a_pass_nor_with_another_ones(here: Site) -> None:
    with httpx.Client(base_url=here.address.rstrip("/")) as stranger:
        for path in ("api/v1/home", "api/v1/journal", "media/0.mp3"):
            assert stranger.get(f"/{path}").status_code == 401
        stranger.cookies.set("voiceguide", "x" * 43)
        assert stranger.get("/api/v1/home").status_code == 401
        assert stranger.get("/").status_code == 200  # the empty page, which says what to do
    cookie = here.client.cookies.get("voiceguide")
    assert cookie
    assert cookie not in "".join(p.read_text() for p in Path(places.state.folder()).glob("*.json"))


@pytest.mark.parametrize(
    "path",
    [
        "/../pyproject.toml", "/%2e%2e/%2e%2e/etc/passwd", "/js/..%2f..%2f__init__.py",
        "/media/..%2f..%2fetc/passwd", "/api/v1/tracks/..%2f..%2fetc%2fpasswd", "//etc/passwd",
    ],
)  # fmt: skip
def test_no_path_leads_out(here: Site, path: str) -> None:
    host, port = "127.0.0.1", here.serving.port
    with socket.create_connection((host, port)) as plain:
        cookie = here.client.cookies.get("voiceguide")
        plain.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nCookie: voiceguide={cookie}\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        told = b""
        while piece := plain.recv(65536):
            told += piece
    assert b" 404 " in told.split(b"\r\n")[0]
    assert b"root:" not in told


def test_a_script_of_the_listeners_is_named_and_never_its_path(here: Site, home: Path) -> None:
    path = str(home / "scripts" / "short.md")
    assert here.call("POST", "sessions", {"track": path}).status_code == 404
    sound = {"track": "short", "options": {"background": path}}
    assert here.call("POST", "sessions", sound).status_code == 404


def test_too_much_and_too_slow_is_refused(here: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer_to(length: int, body: bytes) -> bytes:
        """The first line that comes back when no more than this is sent."""
        with socket.create_connection(("127.0.0.1", here.serving.port), 30) as line:
            cookie = here.client.cookies.get("voiceguide")
            line.sendall(
                f"POST /api/v1/find HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: voiceguide={cookie}\r\n"
                f"X-Voiceguide: page\r\nContent-Length: {length}\r\n\r\n".encode()
                + body
            )
            return line.recv(65536).split(b"\r\n")[0]

    assert b" 413 " in answer_to(LARGEST + 1, b"")

    def pieces() -> Iterator[bytes]:
        for _ in range(LARGEST // 1000 + 50):
            yield b" " * 1000

    # What is sent behind the answer may reset the connection before the answer is read.
    with contextlib.suppress(httpx.RemoteProtocolError, httpx.WriteError, httpx.ReadError):
        endless = here.client.post("/api/v1/find", content=pieces(), headers=HEADERS)
        assert endless.status_code == 413
    monkeypatch.setattr("voiceguide.web.security.PATIENCE", 0.2)
    assert b" 413 " in answer_to(100, b"{")


def test_a_thousand_guesses_get_nobody_in(home: Path) -> None:
    passes = Passes()
    code, _ = passes.invite()
    for guess in range(1000):
        assert passes.admit(f"{guess:08d}", local=False, name="x") is None
    assert passes.admit(code, local=False, name="x") is None
    assert passes.admit(passes.token, local=False, name="x") is None
    assert passes.admit(passes.token, local=True, name="x")  # its owner isn't shut out


def test_connections_that_ask_nothing_are_ended(
    here: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voiceguide.web.security.PATIENCE", 0.2)
    for start in (
        b"",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\nG",
    ):
        with socket.create_connection(("127.0.0.1", here.serving.port), 30) as silent:
            silent.sendall(start)
            while silent.recv(65536):
                pass


def test_https_with_a_certificate_of_ones_own(home: Path, tmp_path: Path) -> None:
    import trustme

    ca = trustme.CA()
    made = ca.issue_cert("127.0.0.1", "localhost")
    certificate, key, root = (tmp_path / name for name in ("cert.pem", "key.pem", "ca.pem"))
    for number, blob in enumerate(made.cert_chain_pems):
        blob.write_to_path(certificate, append=number > 0)
    made.private_key_pem.write_to_path(key)
    ca.cert_pem.write_to_path(root)
    with pytest.raises(UsageError, match="no certificate and its key"):
        Serving(0, https=(key, certificate)).__enter__()
    context = ssl.create_default_context(cafile=str(root))
    with Serving(0, https=(certificate, key)) as serving:
        thread = threading.Thread(target=serving.run, daemon=True)
        thread.start()
        wait_for(lambda: serving.started)
        address, _, token = serving.local_address.partition("#t=")
        assert address.startswith("https://")
        origin = {"Origin": address.rstrip("/")}
        with httpx.Client(base_url=address, verify=context) as client:
            told = client.post("api/v1/pair", json={"code": token}, headers=HEADERS | origin)
            assert told.status_code == 204
            assert "secure" in told.headers["set-cookie"].lower()
            assert client.get("api/v1/home").status_code == 200
        serving.stop()
        thread.join(60)


def test_a_code_works_once_and_a_removed_phone_is_out(home: Path) -> None:
    passes = Passes()
    code, _ = passes.invite()
    secret = passes.admit(f"{code[:4]}-{code[4:].lower()}", local=False, name="iPhone")
    assert secret is not None
    assert passes.admit(code, local=False, name="x") is None
    found = Passes().find(secret, local=False)  # after a new start, too
    assert found is not None
    assert found.name == "iPhone"
    assert passes.revoke(found.id)
    assert passes.find(secret, local=False) is None
    assert not passes.revoke(found.id)


def test_a_browser_that_opens_the_address_again_keeps_its_pass(home: Path) -> None:
    passes = Passes()
    first = passes.admit(passes.token, local=True, name="here")
    assert first is not None
    count = len(passes.all())
    assert passes.admit(passes.token, local=True, name="here", cookie=first) == first
    assert len(passes.all()) == count
    assert passes.admit(passes.token, local=True, name="here", cookie="made up") != "made up"


def test_the_pass_of_this_computer_is_worth_nothing_elsewhere(home: Path) -> None:
    passes = Passes()
    secret = passes.admit(passes.token, local=True, name="here")
    assert secret is not None
    assert passes.find(secret, local=True) is not None
    assert passes.find(secret, local=False) is None


def test_every_answer_has_the_headers_and_the_cookie_is_for_nobody_else(here: Site) -> None:
    for path in ("/", "/api/v1/home", "/nothing"):
        headers = here.client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
    token = here.serving.passes.token
    told = here.client.post("/api/v1/pair", json={"code": token}, headers=HEADERS)
    cookie = told.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


# ---- its life


def test_a_phone_of_the_network_is_let_in_by_code_and_removed(home: Path) -> None:
    with site(home, lan=True, host="127.0.0.2") as near:
        near.serving.address = lambda: f"http://127.0.0.2:{near.serving.port}/"  # type: ignore[method-assign]
        told = near.call("POST", "invite").json()
        assert told["qr"].startswith("<svg")
        with httpx.Client(base_url=near.address.rstrip("/")) as phone:
            assert phone.get("/api/v1/home").status_code == 401
            answer = phone.post("/api/v1/pair", json={"code": told["code"]}, headers=HEADERS)
            assert answer.status_code == 204
            assert phone.get("/api/v1/home").status_code == 200
            listed = near.call("GET", "connection").json()["phones"]
            latest = max(listed, key=lambda each: each["seen"])
            for each in listed:
                if not each["local"]:
                    near.call("DELETE", f"phones/{each['id']}")
            assert latest
            assert phone.get("/api/v1/home").status_code == 401


def test_the_command_tells_where_it_is_and_ends_at_once(tmp_path: Path) -> None:
    env = {"VOICEGUIDE_HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "voiceguide", "serve", "--no-browser", "--port", "0"]
    assert subprocess.run(command, env=env, capture_output=True, check=False).returncode == 2
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = str(taken.getsockname()[1])
        command[-1] = port
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert f"port {port} can't be used" in done.stderr
        assert "Traceback" not in done.stderr
    with subprocess.Popen(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        address = running.stdout.readline().split()[-1]
        wait_for(lambda: _answers(int(port)))
        second = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        assert "is running already" in second.stderr
        assert address.split("#")[0] in second.stderr
        running.send_signal(signal.SIGINT)
        assert running.wait(60) == 0
        assert "Traceback" not in running.stderr.read()  # type: ignore[union-attr]


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def test_it_ends_at_once_in_the_middle_of_everything(tmp_path: Path) -> None:
    """Sentences are spoken, somebody waits for them, somebody reads, and a rendering was left over."""
    cache = tmp_path / "clips"
    folder = cache / "rendered"
    folder.mkdir(parents=True)
    (folder / "voiceguide-999999999-old.mp3").touch()
    env = {"VOICEGUIDE_HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "PYTHONUNBUFFERED": "1"}
    env |= {"VOICEGUIDE_CACHE": str(cache)}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [sys.executable, "-m", "voiceguide", "serve", "--no-browser", "--port", port]
    with subprocess.Popen(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        address, _, token = running.stdout.readline().split()[-1].partition("#t=")
        wait_for(lambda: _answers(int(port)))
        assert not list(folder.iterdir())
        with httpx.Client(base_url=address + "api/v1/", headers=HEADERS, timeout=60) as client:
            assert client.post("pair", json={"code": token}).status_code == 204
            client.post("safety", json={"none_applies": True})
            for minutes in (10, 20):
                asked = {"track": "piriformis", "options": {"length": minutes * 60}}
                told = client.post("sessions", json=asked).json()
            waiting = threading.Thread(
                target=_quietly, args=(client, f"sessions/{told['id']}?after=100000")
            )
            waiting.start()
            time.sleep(0.3)
            running.send_signal(signal.SIGINT)
            began = time.monotonic()
            assert running.wait(60) == 0
            assert time.monotonic() - began < 10  # a poll lasts 20 s
            waiting.join()
        assert "Traceback" not in running.stderr.read()  # type: ignore[union-attr]
    assert not list(folder.iterdir())


def _quietly(client: httpx.Client, path: str) -> None:
    with contextlib.suppress(httpx.HTTPError):
        client.get(path)


def test_ten_listeners_hear_the_same(here: Site, session: dict) -> None:
    told = here.open(track="short", options={"length": 90})
    heard: list[int] = []

    def listen() -> None:
        with httpx.Client(
            base_url=here.address.rstrip("/"), cookies=here.client.cookies, timeout=60
        ) as one:
            heard.append(hash(one.get(f"/{told['audio']}").content))

    listeners = [threading.Thread(target=listen) for _ in range(10)]
    for each in listeners:
        each.start()
    for each in listeners:
        each.join(60)
    assert len(heard) == 10
    assert len(set(heard)) == 1


def test_markup_in_a_script_stays_text(here: Site, home: Path) -> None:
    title = "A <b>bold</b> & <script> one"
    written = title.replace("<", "\\<")
    text = SHORT.replace("# A short one", f"# {written}", 1)
    (home / "scripts" / "marked.md").write_text(text, "utf-8")
    told = here.call("GET", "tracks/marked").json()
    assert told.get("title") == title, told
    answer = here.call("GET", "tracks/marked")
    assert answer.headers["content-type"] == "application/json"
    (home / "scripts" / "marked.md").unlink()


def test_the_calls_are_described(here: Site) -> None:
    told = here.call("GET", "openapi.json").json()
    assert json.dumps(told)
    assert "/api/v1/sessions/{id}/more" in told["paths"]
    assert told["paths"]["/api/v1/pair"]["post"]["security"] == []


def test_no_call_is_answered_with_a_fault_of_ours(here: Site) -> None:
    """Whatever the description allows, and much that it does not: a sentence, never a 500."""
    import schemathesis

    cookie = here.client.cookies.get("voiceguide")
    schema = schemathesis.openapi.from_dict(here.call("GET", "openapi.json").json())
    tried = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        # A call that takes nothing is the same each time.
        takes = any(map(list, (operation.path_parameters, operation.query, operation.body)))
        several = 200 if "VOICEGUIDE_FUZZ" in os.environ else 4

        @settings(
            max_examples=several if takes else 1,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            answer = case.call(
                base_url=here.address.rstrip("/"),
                headers=HEADERS,
                cookies={"voiceguide": cookie},
                timeout=60,
            )
            assert answer.status_code < 500, (case.method, case.path, answer.text[:300])

        ask()
        tried += 1
    assert tried == len(CALLS)
