"""The player: what is heard is what is exported, whatever is pressed."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from player_support import (
    FADED,
    Deck,
    at_second,
    exported,
    frame_of,
    in_state,
    make_playable,
    until,
)

from voiceguide.audio import RATE
from voiceguide.errors import SinkError
from voiceguide.player.events import StateChanged
from voiceguide.player.playable import Playable, chapter_at, sentence_start
from voiceguide.player.player import Player
from voiceguide.player.transport import Transport


def _play(session: Playable, deck: Deck | None = None, **more: object) -> tuple[Player, Deck]:
    deck = deck or Deck()
    player = Player(lambda: session, deck, **more)  # type: ignore[arg-type]
    player.start()
    return player, deck


def _same_but_fades(
    heard: NDArray[np.int16], wanted: NDArray[np.int16], fades_in: bool, fades_out: bool
) -> None:
    """The same samples, softer only where sound begins and breaks off."""
    assert len(heard) == len(wanted)
    first = FADED if fades_in else 0
    last = len(wanted) - (FADED if fades_out else 0)
    assert np.array_equal(heard[first:last], wanted[first:last])
    assert (np.abs(heard.astype(int)) <= np.abs(wanted.astype(int)) + 1).all()
    for faded, edge in ((fades_in, heard[:8]), (fades_out, heard[-8:])):
        if faded:
            assert np.abs(edge).max() < 0.05 * 32_768


def test_a_session_is_heard_sample_for_sample() -> None:
    """Up to the device it is the export, but for the few milliseconds in which sound begins."""
    session = make_playable(6.0)
    player, deck = _play(session)
    assert player.wait(60)
    assert player.status().state == "ended"
    _same_but_fades(deck.heard(), exported(session), fades_in=True, fades_out=False)


def test_a_pause_loses_nothing_and_doubles_nothing() -> None:
    """Between two sentences, playing goes on with the very next sample."""
    session = make_playable(8.0, sentences=((0.0, 1.0), (6.5, 7.0)))
    player, deck = _play(session)
    until(player, at_second(2.0))
    player.pause()
    paused = until(player, in_state("paused"))
    player.resume()
    assert player.wait(60)
    one, two = (device.samples() for device in deck.opened)
    assert len(one) == frame_of(paused)
    wanted = exported(session)
    _same_but_fades(one, wanted[: len(one)], fades_in=True, fades_out=True)
    _same_but_fades(two, wanted[len(one) :], fades_in=True, fades_out=False)


def test_a_sentence_that_a_pause_cut_starts_again() -> None:
    """It is doubled from its beginning up to the cut, and nothing else is."""
    session = make_playable(8.0, sentences=((1.0, 1.4), (1.5, 6.0)))
    player, deck = _play(session)
    until(player, at_second(2.5))
    player.toggle()
    paused = until(player, in_state("paused"))
    assert 2.5 * RATE <= frame_of(paused) < 6 * RATE
    player.toggle()
    assert player.wait(60)
    one, two = (device.samples() for device in deck.opened)
    wanted = exported(session)
    _same_but_fades(one, wanted[: frame_of(paused)], fades_in=True, fades_out=True)
    _same_but_fades(two, wanted[round(1.5 * RATE) :], fades_in=True, fades_out=False)


def test_a_seek_lands_on_its_frame_within_one_stream() -> None:
    """What was queued is dropped, and the new place follows without a gap."""
    session = make_playable(40.0)
    player, deck = _play(session)
    until(player, at_second(3.0))
    player.seek(30)
    assert player.wait(60)
    (device,) = deck.opened
    (cut,) = device.cuts
    heard, wanted = device.samples(), exported(session)
    _same_but_fades(heard[:cut], wanted[:cut], fades_in=True, fades_out=True)
    _same_but_fades(heard[cut:], wanted[30 * RATE :], fades_in=True, fades_out=False)


def test_skips_count_from_what_is_heard() -> None:
    """Fifteen seconds forward and back, and never past either end."""
    session = make_playable(60.0)
    player, deck = _play(session, Deck(speed=1.0))
    until(player, at_second(0.5))
    player.skip(15)
    first = until(player, lambda s: s.jumps == 1)
    assert 15.5 <= first.seconds < 17
    player.skip(15)
    second = until(player, lambda s: s.jumps == 2)
    assert 15 * RATE <= frame_of(second) - frame_of(first) < 16 * RATE
    player.skip(-100)
    assert until(player, lambda s: s.jumps == 3).seconds < 1
    player.skip(1000)
    assert player.wait(60)
    assert player.status().state == "ended"
    assert len(deck.opened) == 1


def test_a_step_back_in_the_first_step_is_its_beginning() -> None:
    """Not the last one, which a number below 0 would name."""
    player, _ = _play(make_playable(60.0, steps=(0.0, 20.0, 40.0)), Deck(speed=1.0))
    until(player, in_state("playing"))
    player.step(-1)
    assert until(player, lambda s: s.jumps == 1).seconds < 1
    player.stop()
    assert player.wait(60)


def test_a_transport_is_as_loud_as_the_export_at_first() -> None:
    """Whoever makes it: 100 per cent."""
    session = make_playable(1.0)
    assert Transport(lambda: session, Deck()).look().status.volume == 100


def test_steps() -> None:
    """Next, again, previous; the last step has no next."""
    session = make_playable(60.0, steps=(0.0, 20.0, 40.0))
    player, _ = _play(session, Deck(speed=1.0))
    until(player, in_state("playing"))
    player.step(1)
    assert 20 <= until(player, lambda s: s.jumps == 1).seconds < 21
    player.step(1)
    assert 40 <= until(player, lambda s: s.jumps == 2).seconds < 41
    player.step(1)
    assert until(player, lambda s: s.notice is not None).notice == "this is the last step"
    player.seek(45)
    until(player, lambda s: s.jumps == 3)
    player.repeat()
    assert 40 <= until(player, lambda s: s.jumps == 4).seconds < 41
    player.step(-1)
    assert 20 <= until(player, lambda s: s.jumps == 5).seconds < 21
    player.seek(30)
    until(player, lambda s: s.jumps == 6)
    player.step(-1)
    assert 20 <= until(player, lambda s: s.jumps == 7).seconds < 21
    player.stop()
    assert player.wait(60)
    assert player.status().state == "left"


def test_what_is_told_while_it_plays_goes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """That there is no next step is read once, and then it is in the way."""
    monkeypatch.setattr("voiceguide.player.transport._TELLING", 0.3)
    player, _ = _play(make_playable(60.0), Deck(speed=1.0))
    until(player, in_state("playing"))
    player.step(1)
    until(player, lambda s: s.notice == "this is the last step")
    assert until(player, lambda s: s.notice is None).jumps == 0
    player.stop()
    assert player.wait(60)


def test_a_seek_while_it_stands_still() -> None:
    """It stays still; playing on begins with the sentence that lies there."""
    session = make_playable(30.0, sentences=((20.0, 22.0),))
    player, deck = _play(session)
    until(player, in_state("playing"))
    player.pause()
    until(player, in_state("paused"))
    player.seek(21)
    status = until(player, lambda s: s.jumps == 1)
    assert status.state == "paused"
    assert frame_of(status) == 21 * RATE
    player.resume()
    assert player.wait(60)
    heard = deck.opened[-1].samples()
    _same_but_fades(heard, exported(session, 20 * RATE), fades_in=True, fades_out=False)


def test_volume_scales_every_sample() -> None:
    """Half the volume is half of every sample; the loudest stays within full scale."""
    session = make_playable(3.0)
    player, deck = _play(session, volume=50)
    assert player.wait(60)
    heard, wanted = deck.heard().astype(int), exported(session).astype(int)
    assert np.abs(heard - wanted / 2)[FADED:].max() <= 0.5
    player, deck = _play(session, volume=100)
    player.change_volume(1000)
    assert player.wait(60)
    assert player.status().volume == 130
    assert np.abs(deck.heard().astype(int)).max() <= 32_767


def test_a_change_of_volume_glides() -> None:
    """No step between two samples gives a click."""
    session = make_playable(6.0)
    steady = exported(session)[:, 0].astype(float)
    player, deck = _play(session)
    until(player, at_second(2.0))
    player.set_volume(0)
    assert player.wait(60)
    heard = deck.heard()[:, 0].astype(float)
    loud = np.abs(steady) > 3000
    gains = np.where(loud, heard / np.where(loud, steady, 1), np.nan)[FADED:]
    gains = gains[~np.isnan(gains)]
    assert np.abs(np.diff(gains)).max() < 0.02
    assert gains[-1] == 0


def test_a_lost_device_is_waited_for() -> None:
    """Playing goes on with the sentence that was cut, on the device that comes back."""
    session = make_playable(10.0, sentences=((2.0, 6.0),))
    player, deck = _play(session)
    until(player, at_second(3.0))
    deck.missing = True
    deck.opened[0].dead = True
    status = until(player, in_state("lost"))
    assert status.notice is not None and "gone" in status.notice
    assert 2 * RATE < frame_of(status) <= 6 * RATE
    deck.missing = False
    assert player.wait(60)
    first, second = (device.samples() for device in deck.opened)
    wanted = exported(session)
    _same_but_fades(first, wanted[: len(first)], fades_in=True, fades_out=False)
    _same_but_fades(second, wanted[2 * RATE :], fades_in=True, fades_out=False)


def test_a_device_that_opens_and_plays_nothing_is_lost_once() -> None:
    """Some open although nobody is there to play: that is not told as back and lost, over and over."""
    session = make_playable(10.0, sentences=((2.0, 6.0),))
    player, deck = _play(session)
    seen: list[object] = []
    player.subscribe(seen.append)
    until(player, at_second(3.0))
    deck.dead = True
    deck.opened[0].dead = True
    until(player, in_state("lost"))
    until(player, lambda _: len(deck.opened) >= 3)
    states = [event.state for event in seen if isinstance(event, StateChanged)]
    assert states[-1] == "lost" and states.count("lost") == 1
    assert player.status().notice is not None
    deck.dead = False
    assert player.wait(60)
    states = [event.state for event in seen if isinstance(event, StateChanged)]
    assert states[states.index("lost") :] == ["lost", "playing", "ended"]
    heard = deck.opened[-1].samples()
    _same_but_fades(heard, exported(session, 2 * RATE), fades_in=True, fades_out=False)


def test_the_place_stays_while_a_lost_device_is_let_go() -> None:
    """What is shown and kept meanwhile is the place that was heard last, not where it began."""
    session = make_playable(10.0)
    player, deck = _play(session)
    until(player, at_second(3.0))
    deck.missing = True
    deck.opened[0].slow = 0.3
    deck.opened[0].dead = True
    while (status := player.status()).state != "lost" or not player.wait_silent(0):
        assert status.seconds >= 3.0
    player.stop()
    assert player.wait(60)


def test_a_lost_device_stays_explained() -> None:
    """A seek meanwhile moves the place; why nothing is heard is still told."""
    session = make_playable(10.0)
    player, deck = _play(session)
    until(player, at_second(1.0))
    deck.missing = True
    deck.opened[0].dead = True
    until(player, in_state("lost"))
    player.seek(5)
    status = until(player, lambda s: s.jumps == 1)
    assert (status.state, frame_of(status)) == ("lost", 5 * RATE)
    assert status.notice is not None and "gone" in status.notice
    deck.missing = False
    assert player.wait(60)


def test_silence_is_told_of_the_first_device_too() -> None:
    """Whoever stops the program after a pause waits until it has faded out."""
    session = make_playable(10.0)
    deck = Deck()
    player, _ = _play(session, deck, device=deck(None))
    until(player, at_second(1.0))
    assert not player.wait_silent(0)
    player.pause()
    assert player.wait_silent(60)
    assert player.status().state == "paused"
    player.stop()
    assert player.wait(60)
    (device,) = deck.opened
    assert len(device.samples()) == frame_of(player.status())


def test_no_device_when_playing_goes_on() -> None:
    """After a pause it is waited for; before the first sound it is an error."""
    session = make_playable(5.0)
    player, deck = _play(session)
    until(player, in_state("playing"))
    player.pause()
    until(player, in_state("paused"))
    deck.missing = True
    player.resume()
    until(player, in_state("lost"))
    deck.missing = False
    assert player.wait(60)
    deck.missing = True
    player, _ = _play(session, deck)
    try:
        player.wait(60)
    except SinkError:
        assert player.status().state == "failed"
    else:
        raise AssertionError("it played on no device")


def test_a_pause_while_the_device_is_lost() -> None:
    """It stays paused when a device is back."""
    session = make_playable(5.0)
    player, deck = _play(session)
    until(player, at_second(1.0))
    deck.missing = True
    deck.opened[0].dead = True
    until(player, in_state("lost"))
    player.pause()
    until(player, in_state("paused"))
    deck.missing = False
    player.resume()
    assert player.wait(60)
    assert len(deck.opened) == 2


def test_what_is_not_certain_is_waited_for() -> None:
    """Playing stops before it, says why, and goes on without losing a sample."""
    whole = make_playable(14.0)
    current = [make_playable(14.0, ready=5.0)]
    deck = Deck()
    # A device that runs dry before it can be faded out is another matter: this one stops short.
    deck.limit = round(4.5 * RATE)
    player = Player(lambda: current[0], deck)
    player.start()
    status = until(player, lambda s: s.state == "waiting" and s.seconds > 3)
    assert status.notice == "the voice is still being prepared"
    assert not status.whole
    deck.opened[0].limit = None
    current[0] = whole
    assert player.wait(60)
    heard, wanted = deck.heard(), exported(whole)
    (cut,) = deck.opened[0].cuts
    _same_but_fades(heard[:cut], wanted[:cut], fades_in=True, fades_out=True)
    _same_but_fades(heard[cut:], wanted[cut:], fades_in=True, fades_out=False)


def test_back_at_the_beginning_is_the_beginning() -> None:
    """However far back is asked for, playing goes on from the first sample."""
    session = make_playable(8.0, sentences=((1.0, 2.0),))
    player, deck = _play(session)
    until(player, in_state("playing"))
    player.skip(-15)
    until(player, lambda s: s.jumps == 1)
    player.seek(-100)
    status = until(player, lambda s: s.jumps == 2)
    assert 0 <= status.seconds < 2
    assert player.wait(60)
    cut = deck.opened[0].cuts[-1]
    _same_but_fades(deck.heard()[cut:], exported(session), fades_in=True, fades_out=False)


def test_a_lead_is_heard_first() -> None:
    """What counts down lies before frame 0, which follows it without a gap."""
    session, lead = make_playable(4.0), make_playable(3.0)
    player, deck = _play(session, lead=lead)
    assert frame_of(player.status()) <= 0
    assert player.wait(60)
    heard = deck.heard()
    _same_but_fades(heard[: 3 * RATE], exported(lead), fades_in=True, fades_out=False)
    assert np.array_equal(heard[3 * RATE :], exported(session))


def test_next_ends_the_lead() -> None:
    """Whoever is ready sooner begins at once."""
    session, lead = make_playable(4.0, steps=(0.0, 2.0)), make_playable(60.0)
    player, deck = _play(session, Deck(speed=1.0), lead=lead)
    until(player, in_state("playing"))
    player.step(1)
    status = until(player, lambda s: s.jumps == 1)
    assert 0 <= frame_of(status) < RATE
    player.stop()
    assert player.wait(60)


def test_a_lead_before_a_later_place() -> None:
    """It is heard to its end; what the session begins with then is where it was told to."""
    session, lead = make_playable(6.0, steps=(0.0, 2.0)), make_playable(3.0)
    player, deck = _play(session, lead=lead, start=123_456 / RATE)
    assert player.wait(60)
    heard = deck.heard()
    _same_but_fades(heard[: 3 * RATE], exported(lead), fades_in=True, fades_out=False)
    _same_but_fades(heard[3 * RATE :], exported(session, 123_456), fades_in=True, fades_out=False)


def test_next_ends_the_lead_before_a_later_place() -> None:
    """So do fifteen seconds on; a step back from there is one of the session."""
    session, lead = make_playable(40.0, steps=(0.0, 20.0)), make_playable(14.0)
    for press, seconds in (("step", 25.0), ("skip", 26.0)):
        player, _ = _play(session, Deck(speed=1.0), lead=lead, start=25)
        until(player, in_state("playing"))
        player.skip(15.0) if press == "skip" else player.step(1)
        status = until(player, lambda s: s.jumps == 1)
        assert seconds - 0.5 <= status.seconds < seconds + 1
        player.step(-1)
        assert 20 <= until(player, lambda s: s.jumps == 2).seconds < 21
        player.stop()
        assert player.wait(60)


def test_back_in_the_lead_is_its_beginning() -> None:
    """Whoever asks for more time, or for the countdown again, does not land in the session."""
    session, lead = make_playable(4.0, steps=(0.0, 2.0)), make_playable(60.0)
    player, _ = _play(session, lead=lead)
    for jumps, press in enumerate((lambda: player.step(-1), player.repeat), 1):
        until(player, at_second(-55.0))
        press()
        assert -60 <= until(player, lambda s, n=jumps: s.jumps == n).seconds < -56
    player.stop()
    assert player.wait(60)


def test_it_begins_where_it_is_told() -> None:
    """From a frame on, as `--from` and `resume` ask for."""
    session = make_playable(6.0)
    player, deck = _play(session, start=123_456 / RATE)
    assert player.wait(60)
    _same_but_fades(deck.heard(), exported(session, 123_456), fades_in=True, fades_out=False)


def test_leaving_tells_the_place() -> None:
    """The place that is kept is the one up to which it was heard."""
    session = make_playable(20.0)
    player, deck = _play(session)
    until(player, at_second(4.0))
    player.stop()
    assert player.wait(60)
    assert frame_of(player.status()) == len(deck.heard())


def test_sentence_start_and_chapter() -> None:
    """A frame inside a sentence belongs to its beginning; one at either edge to itself."""
    timeline = make_playable(10.0, sentences=((2.0, 3.0),), steps=(0.0, 5.0)).timeline
    assert sentence_start(timeline, 2 * RATE + 1) == 2 * RATE
    assert sentence_start(timeline, 2 * RATE) == 2 * RATE
    assert sentence_start(timeline, 3 * RATE) == 3 * RATE
    assert sentence_start(timeline, 3 * RATE + 10, 20) == 2 * RATE
    assert [chapter_at(timeline, f) for f in (-5, 0, 5 * RATE - 1, 5 * RATE, 99 * RATE)] == [
        0, 0, 0, 1, 1,
    ]  # fmt: skip
