"""Listening without a terminal: what a second front end gets, and what is remembered of a session."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from voiceguide.errors import UsageError
from voiceguide.player.events import PlayerEvent, StateChanged
from voiceguide.practice import journal, state
from voiceguide.practice.heard import Heard
from voiceguide.practice.listening import Listening, Playback, StartAt, resumed
from voiceguide.practice.more import ENOUGH, LAST, LONGER, NOTHING
from voiceguide.practice.places import left
from voiceguide.practice.remembering import say_pain, track_key
from voiceguide.session import Request
from voiceguide.sinks.players import PLAYERS
from voiceguide.testing import TapePlayer

SCRIPT = (
    "# Rehearsal\n\nLie down.\n\n- pause 20s\n\n## Roll\n\n- roll 40s\n\n## Rest\n\n- rest 40s\n"
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A listener's folder that is empty, and no media keys."""
    monkeypatch.setenv("VOICEGUIDE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    return tmp_path / "home"


@pytest.fixture
def tape() -> Iterator[TapePlayer]:
    """A player that keeps what it is given, forty times as fast as time."""
    player = TapePlayer(speed=40.0)
    with PLAYERS.lent("tape", player):
        yield player


@pytest.fixture
def request_of(tmp_path: Path) -> Request:
    """What is listened to."""
    path = tmp_path / "rehearsal.md"
    path.write_text(SCRIPT)
    return Request(str(path), voice="silent")


TAPE = Playback(player="tape", volume=80)


def _until(listening: Listening, seconds: float) -> None:
    """Wait until a place was passed, as the events tell it."""
    passed = threading.Event()

    def see(event: PlayerEvent) -> None:
        if event.seconds >= seconds:
            passed.set()

    unsubscribe = listening.player.subscribe(see)
    assert passed.wait(60)
    unsubscribe()


def test_a_session_to_its_end(request_of: Request, tape: TapePlayer) -> None:
    """All of it is played and counted, one line is in the journal, and no place is left."""
    with Listening(request_of, TAPE) as listening:
        assert listening.title == "Rehearsal"
        listening.prepare()
        listening.pain_before = 6
        listening.begin()
        assert left() == []  # in use
        assert listening.player.wait(60)
        outcome = listening.end()
    assert (outcome.state, outcome.finished, outcome.error) == ("ended", True, None)
    assert outcome.heard == pytest.approx(outcome.length, abs=0.5)
    assert outcome.seconds == pytest.approx(outcome.length)
    assert tape.heard().any()
    listening.keep()  # as a player's last word may do, which comes from a thread of its own
    assert list(state.folder().iterdir()) == []
    assert outcome.number is not None
    say_pain(outcome.number, 3)
    (record,) = journal.read().records
    assert (record.track, record.completed, record.skipped) == ("rehearsal", True, False)
    assert (record.pain_before, record.pain_after) == (6, 3)


def test_a_session_that_is_left_and_resumed(request_of: Request, tape: TapePlayer) -> None:
    """Its place is kept with its options; both halves together make it finished."""
    with Listening(request_of, TAPE) as listening:
        listening.prepare()
        listening.begin()
        _until(listening, 60.0)
        outcome = listening.end()
    assert outcome.state == "left" and not outcome.finished
    (place,) = left()
    assert place.place.track == track_key(request_of.name)
    assert place.place.seconds == pytest.approx(outcome.seconds, abs=0.1)
    with resumed(place, volume=50) as listening:
        listening.prepare()
        assert listening.player.status().volume == 50
        assert listening.player.status().seconds == pytest.approx(place.place.seconds, abs=0.01)
        listening.begin()
        assert left() == []
        assert listening.player.wait(60)
        assert listening.end().finished
    assert left() == []
    first, second = journal.read().records
    assert (first.completed, second.completed, second.skipped) == (False, True, False)


def test_skipping_to_the_end(request_of: Request, tape: TapePlayer) -> None:
    """It ends, and is no session that was finished; resuming behind a skip mends nothing."""
    with Listening(request_of, TAPE) as listening:
        listening.prepare()
        listening.begin()
        listening.player.seek(80.0)
        _until(listening, 85.0)
        listening.end()
    (place,) = left()
    assert place.place.missed > 60
    with resumed(place) as listening:
        listening.prepare()
        listening.begin()
        assert listening.player.wait(60)
        outcome = listening.end()
    assert outcome.state == "ended" and not outcome.finished
    record = journal.read().records[-1]
    assert (record.completed, record.skipped) == (False, True)


def test_more_time_here(request_of: Request, tape: TapePlayer) -> None:
    """The roll gets 30 s more, twice; then it is enough, and what is resumed keeps it."""
    with Listening(request_of, TAPE) as listening:
        listening.prepare()
        listening.begin()
        before = listening.player.status().length
        listening.player.pause()
        listening.player.seek(10.0)
        _until(listening, 10.0)
        listening.more()
        assert _notice(listening) == NOTHING
        for count, told in ((1, LONGER), (2, LAST), (2, ENOUGH)):
            listening.player.seek(30.0)
            _until(listening, 30.0)
            listening.more()
            assert _notice(listening) == told
            assert listening.player.status().length == pytest.approx(before + 30 * count, abs=0.01)
        assert listening.player.status().seconds == pytest.approx(30.0, abs=0.5)
        listening.end()
    (place,) = left()
    assert place.place.added == {"0": 60.0}
    with resumed(place) as listening:
        listening.prepare()
        assert listening.player.status().length == pytest.approx(before + 60, abs=0.01)
        listening.begin()
        assert listening.player.wait(60)
        assert listening.end().length == pytest.approx(before + 60, abs=0.01)


def _notice(listening: Listening) -> str | None:
    """What is shown, once something is."""
    ends = time.monotonic() + 20
    while not (notice := listening.player.status().notice) and time.monotonic() < ends:
        time.sleep(0.01)
    listening.player.note("")
    return notice


def test_next_to_nothing_is_no_session(request_of: Request, tape: TapePlayer) -> None:
    """It is left, its place is kept, and the journal does not hear of it."""
    with Listening(request_of, TAPE) as listening:
        listening.prepare()
        listening.begin()
        _until(listening, 1.0)
        assert listening.end().number is None
    assert len(left()) == 1
    assert journal.read().records == ()


def test_where_it_begins(request_of: Request, tape: TapePlayer) -> None:
    """A step or a time; what the session does not have is one sentence, and lets the device go."""
    for start, seconds in ((StartAt(step=2), 21.5), (StartAt(seconds=30.0), 30.0)):
        with Listening(request_of, TAPE, start) as listening:
            listening.prepare()
            assert abs(listening.player.status().seconds - seconds) < 2
    for start, told in ((StartAt(step=9), "no step 9"), (StartAt(seconds=900.0), "lasts")):
        with (
            Listening(request_of, TAPE, start) as listening,
            pytest.raises(UsageError, match=told),
        ):
            listening.prepare()
    assert all(device._released for device in tape.opened)


def test_a_device_that_goes_keeps_the_place(request_of: Request, tape: TapePlayer) -> None:
    """It is told, waited for, and can be left meanwhile."""
    lost = threading.Event()

    def see(event: PlayerEvent) -> None:
        if isinstance(event, StateChanged) and event.state == "lost":
            lost.set()

    with Listening(request_of, TAPE) as listening:
        listening.prepare()
        listening.player.subscribe(see)
        listening.begin()
        _until(listening, 30.0)
        tape.missing = True
        tape.opened[-1].dead = True
        assert lost.wait(60)
        outcome = listening.end()
    assert outcome.state == "left" and outcome.seconds >= 30
    assert left()[0].place.seconds == pytest.approx(outcome.seconds, abs=0.5)


def test_what_was_heard_of_a_session() -> None:
    """However its parts overlap; what a place has missed counts on."""
    heard = Heard()
    heard.add(0, 10)
    heard.add(20, 30)
    heard.add(5, 12)
    assert heard.missed(30) == 8 and heard.missed(11) == 0 and heard.missed(100) == 78
    assert not heard.all_of(40) and not heard.all_of(30)
    heard.add(11, 21)
    assert heard.missed(30) == 0 and heard.all_of(33) and not heard.all_of(34)
    later = Heard(100.0, 8.0)
    assert later.missed(100) == 8 and later.missed(120) == 28
    later.add(100, 120)
    assert later.all_of(120)
