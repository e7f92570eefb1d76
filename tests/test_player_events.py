"""What a player tells: each thing once, in order and at its moment, whatever subscribers do."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from player_support import Deck, at_second, in_state, make_playable, until
from waiting import wait_for

from voiceguide.audio import RATE
from voiceguide.errors import SinkError
from voiceguide.player.events import (
    LAST,
    Clock,
    Countdown,
    DeviceBack,
    DeviceLost,
    Ended,
    Failed,
    Jumped,
    Left,
    LengthChanged,
    PlayerEvent,
    SentenceBegan,
    SentenceEnded,
    StateChanged,
    StepBegan,
    VolumeChanged,
)
from voiceguide.player.playable import Playable, Status
from voiceguide.player.player import Player
from voiceguide.player.watch import Look, Watcher
from voiceguide.timeline import Event
from voiceguide.units import Frames


def _session(seconds: float = 8.0) -> Playable:
    """Two steps and two sentences; the second step rolls for 3 s."""
    session = make_playable(seconds, sentences=((0.5, 1.5), (2.0, 3.0)), steps=(0.0, 4.0))
    roll = Event("interval", Frames(4 * RATE), Frames(3 * RATE), label="roll")
    events = sorted((*session.timeline.events, roll), key=lambda e: e.start)
    return replace(session, timeline=replace(session.timeline, events=tuple(events)))


def _noted(player: Player) -> list[PlayerEvent]:
    seen: list[PlayerEvent] = []
    player.subscribe(seen.append)
    return seen


def _plain(seen: list[PlayerEvent]) -> list[str]:
    """What was told but the clock, a word or two each."""
    return [
        " ".join(str(part) for part in _parts(event))
        for event in seen
        if not isinstance(event, Clock)
    ]


def _parts(event: PlayerEvent) -> tuple[object, ...]:
    match event:
        case StateChanged():
            return ("state", event.state)
        case StepBegan():
            return ("step", f"{event.number}/{event.steps}", event.title)
        case SentenceBegan() | SentenceEnded():
            return (type(event).__name__, event.text)
        case Countdown():
            return (event.label, -(-event.left // 1))
        case _:
            return (type(event).__name__,)


def test_a_session_is_told_from_its_beginning_to_its_end() -> None:
    """Every step and sentence in order, and each at its moment; of a countdown what a busy machine lets by."""
    session = _session()
    player = Player(lambda: session, Deck(speed=4.0))
    seen = _noted(player)
    player.start()
    assert player.wait(60)
    told = _plain(seen)
    left = [row for row in told if row.startswith("roll")]
    assert left == sorted(left, reverse=True) and set(left) <= {f"roll {n}.0" for n in range(4)}
    assert [row for row in told if row not in left] == [
        "LengthChanged",
        "state waiting",
        "step 1/2 Step 1",
        "state playing",
        "SentenceBegan At 0.5.",
        "SentenceEnded At 0.5.",
        "SentenceBegan At 2.0.",
        "SentenceEnded At 2.0.",
        "step 2/2 Step 2",
        "state ended",
        "Ended",
    ]
    places = [event.seconds for event in seen]
    assert places == sorted(places)
    assert [e.seconds for e in seen if isinstance(e, SentenceBegan)] == [0.5, 2.0]
    assert sum(isinstance(event, Clock) for event in seen) > 5


def test_every_second_of_a_countdown_is_told() -> None:
    """To whoever looks often enough."""
    watcher = Watcher(None)
    at = Status("playing", 0.0, 100, 0, None, _session().timeline, True)
    seen = [e for n in range(40) for e in watcher.see(Look(replace(at, seconds=n / 4)))]
    left = [row for row in _plain(seen) if row.startswith("roll")]
    assert left == ["roll 3.0", "roll 2.0", "roll 1.0", "roll 0.0"]


def test_what_goes_by_between_two_looks_is_told() -> None:
    """A busy machine loses no sentence and no step; of a countdown it tells where it is now."""
    session = _session()
    watcher = Watcher(None)
    at = Status("playing", 0.0, 100, 0, None, session.timeline, True)
    assert list(watcher.see(Look(at)))
    seen = list(watcher.see(Look(replace(at, seconds=5.5))))
    assert _plain(seen) == [
        "SentenceBegan At 0.5.",
        "SentenceEnded At 0.5.",
        "SentenceBegan At 2.0.",
        "SentenceEnded At 2.0.",
        "step 2/2 Step 2",
        "roll 3.0",
        "roll 2.0",
    ]
    # What a jump goes over was not heard.
    seen = list(watcher.see(Look(replace(at, seconds=0.2, jumps=1))))
    assert _plain(seen) == ["Jumped", "roll 0.0", "step 1/2 Step 1"]
    seen = list(watcher.see(Look(replace(at, seconds=5.0, jumps=2))))
    assert _plain(seen) == ["Jumped", "step 2/2 Step 2", "roll 2.0"]


def test_orders_are_told_when_they_are_obeyed() -> None:
    """A pause, a jump, the volume, and that it was left."""
    session = _session(60.0)
    player = Player(lambda: session, Deck(speed=1.0))
    seen = _noted(player)
    player.start()
    until(player, at_second(0.7))
    player.pause()
    until(player, in_state("paused"))
    player.step(1)
    until(player, lambda s: s.jumps == 1)
    player.set_volume(80)
    player.change_volume(-500)
    player.resume()
    until(player, at_second(4.2))
    player.stop()
    assert player.wait(60)
    told = _plain(seen)
    assert told[3:] == [
        "state playing",
        "SentenceBegan At 0.5.",
        "state paused",
        "Jumped",
        "SentenceEnded At 0.5.",
        "step 2/2 Step 2",
        "roll 3.0",
        "VolumeChanged",
        "VolumeChanged",
        "state waiting",
        "state playing",
        "roll 0.0",
        "state left",
        "Left",
    ]
    assert [e.volume for e in seen if isinstance(e, VolumeChanged)] == [80, 0]
    (jump,) = [e for e in seen if isinstance(e, Jumped)]
    assert jump.seconds == 4.0


def test_a_device_that_goes_and_comes_is_told() -> None:
    """Once each, with the reason."""
    session = make_playable(10.0)
    deck = Deck()
    player = Player(lambda: session, deck)
    seen = _noted(player)
    player.start()
    until(player, at_second(2.0))
    deck.missing = True
    deck.opened[0].dead = True
    until(player, in_state("lost"))
    deck.missing = False
    assert player.wait(60)
    (lost,) = [event for event in seen if isinstance(event, DeviceLost)]
    assert "gone" in lost.reason and lost.seconds >= 2
    (back,) = [event for event in seen if isinstance(event, DeviceBack)]
    assert seen.index(lost) < seen.index(back)
    assert isinstance(seen[-1], Ended)


def test_a_failure_is_the_last_event() -> None:
    """It holds what `wait` raises."""
    deck = Deck()
    deck.missing = True
    session = make_playable(5.0)
    player = Player(lambda: session, deck)
    seen = _noted(player)
    player.start()
    with pytest.raises(SinkError) as raised:
        player.wait(60)
    assert isinstance(seen[-1], Failed) and seen[-1].error is raised.value
    assert sum(isinstance(event, LAST) for event in seen) == 1


def test_what_leads_in_is_counted_down() -> None:
    """Before the first step, below 0; then the session begins."""
    session, lead = _session(4.0), make_playable(2.0, sentences=((1.0, 1.5),))
    player = Player(lambda: session, Deck(speed=2.0), lead=lead)
    seen = _noted(player)
    assert player.moment().label == "starting in"
    player.start()
    assert player.wait(60)
    told = _plain(seen)
    assert told[2:9] == [
        "starting in 2.0",
        "state playing",
        "starting in 1.0",
        "SentenceBegan At 1.0.",
        "SentenceEnded At 1.0.",
        "starting in 0.0",
        "step 1/2 Step 1",
    ]


def test_more_of_the_session_becomes_known() -> None:
    """Its length is told anew, and when it is final."""
    known = [make_playable(14.0, ready=6.0)]
    player = Player(lambda: known[0], Deck(speed=1.0))
    seen = _noted(player)
    player.start()
    until(player, in_state("playing"))
    known[0] = make_playable(12.0)
    until(player, lambda s: s.whole)
    player.stop()
    assert player.wait(60)
    lengths = [(e.length, e.whole) for e in seen if isinstance(e, LengthChanged)]
    assert lengths == [(14.0, False), (12.0, True)]


def test_no_subscriber_stops_the_sound(caplog: pytest.LogCaptureFixture) -> None:
    """One raises, one never comes back; the session is heard to its end all the same."""
    session = make_playable(4.0, sentences=((0.5, 1.0),))
    player, free = Player(lambda: session, (deck := Deck())), threading.Event()
    seen: list[PlayerEvent] = []

    def broken(event: PlayerEvent) -> None:
        raise ValueError(type(event).__name__)

    def slow(event: PlayerEvent) -> None:
        if isinstance(event, SentenceBegan):
            free.wait(20)

    player.subscribe(broken)
    unsubscribe = player.subscribe(seen.append)
    player.subscribe(slow)
    player.start()
    until(player, in_state("ended"))
    assert player.wait(60)
    assert len(deck.heard()) == 4 * RATE
    wait_for(lambda: seen and isinstance(seen[-1], SentenceBegan))
    unsubscribe()
    unsubscribe()
    known = len(seen)
    free.set()
    wait_for(lambda: "a subscriber raised on Ended" in caplog.text)
    assert len(seen) == known


def test_a_player_that_never_began_is_over_at_once() -> None:
    """Its device is let go, and it is told."""
    deck, session = Deck(), make_playable(4.0)
    device = deck(None)
    with Player(lambda: session, deck, device=device) as player:
        seen = _noted(player)
    assert player.wait(60)
    assert isinstance(seen[-1], Left)
    assert device._released
    player.start()
    assert player.status().state == "left"


def test_a_change_that_is_seen_early_waits_for_its_turn() -> None:
    """A look between two changes must not be told before the first of them."""
    session = make_playable(4.0)
    player = Player(lambda: session, Deck())
    last = player._transport.look()
    player._transport._state = "paused"
    first = replace(last, status=replace(last.status, state="playing"))
    threading.Timer(0.05, player._looks.put, [first]).start()
    assert player._next(last, 0.0) is first
