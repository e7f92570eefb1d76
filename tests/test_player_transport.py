"""The transport: what is heard is what is exported, whatever is pressed."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from player_support import FADED, Deck, at_second, exported, in_state, make_score, until

from voiceguide.audio import RATE
from voiceguide.errors import SinkError
from voiceguide.player.score import Score, chapter_at, sentence_start
from voiceguide.player.transport import Transport


def _play(score: Score, deck: Deck | None = None, **more: object) -> tuple[Transport, Deck]:
    deck = deck or Deck()
    transport = Transport(lambda: score, deck, **more)  # type: ignore[arg-type]
    transport.start()
    return transport, deck


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
    score = make_score(6.0)
    transport, deck = _play(score)
    assert transport.wait(20)
    assert transport.status().state == "ended"
    _same_but_fades(deck.heard(), exported(score), fades_in=True, fades_out=False)


def test_a_pause_loses_nothing_and_doubles_nothing() -> None:
    """Between two sentences, playing goes on with the very next sample."""
    score = make_score(8.0, sentences=((0.0, 1.0), (6.5, 7.0)))
    transport, deck = _play(score)
    until(transport, at_second(2.0))
    transport.pause()
    paused = until(transport, in_state("paused"))
    transport.resume()
    assert transport.wait(20)
    one, two = (device.samples() for device in deck.devices)
    assert len(one) == paused.frame
    wanted = exported(score)
    _same_but_fades(one, wanted[: len(one)], fades_in=True, fades_out=True)
    _same_but_fades(two, wanted[len(one) :], fades_in=True, fades_out=False)


def test_a_sentence_that_a_pause_cut_starts_again() -> None:
    """It is doubled from its beginning up to the cut, and nothing else is."""
    score = make_score(8.0, sentences=((1.0, 1.4), (1.5, 6.0)))
    transport, deck = _play(score)
    until(transport, at_second(2.5))
    transport.toggle()
    paused = until(transport, in_state("paused"))
    assert 2.5 * RATE <= paused.frame < 6 * RATE
    transport.toggle()
    assert transport.wait(20)
    one, two = (device.samples() for device in deck.devices)
    wanted = exported(score)
    _same_but_fades(one, wanted[: paused.frame], fades_in=True, fades_out=True)
    _same_but_fades(two, wanted[round(1.5 * RATE) :], fades_in=True, fades_out=False)


def test_a_seek_lands_on_its_frame_within_one_stream() -> None:
    """What was queued is dropped, and the new place follows without a gap."""
    score = make_score(40.0)
    transport, deck = _play(score)
    until(transport, at_second(3.0))
    transport.seek(30 * RATE)
    assert transport.wait(20)
    (device,) = deck.devices
    (cut,) = device.cuts
    heard, wanted = device.samples(), exported(score)
    _same_but_fades(heard[:cut], wanted[:cut], fades_in=True, fades_out=True)
    _same_but_fades(heard[cut:], wanted[30 * RATE :], fades_in=True, fades_out=False)


def test_skips_count_from_what_is_heard() -> None:
    """Fifteen seconds forward and back, and never past either end."""
    score = make_score(60.0)
    transport, deck = _play(score, Deck(speed=1.0))
    until(transport, at_second(0.5))
    transport.skip(15)
    first = until(transport, lambda s: s.jumps == 1)
    assert 15.5 <= first.seconds < 17
    transport.skip(15)
    second = until(transport, lambda s: s.jumps == 2)
    assert 15 * RATE <= second.frame - first.frame < 16 * RATE
    transport.skip(-100)
    assert until(transport, lambda s: s.jumps == 3).seconds < 1
    transport.skip(1000)
    assert transport.wait(20)
    assert transport.status().state == "ended"
    assert len(deck.devices) == 1


def test_steps() -> None:
    """Next, again, previous; the last step has no next."""
    score = make_score(60.0, steps=(0.0, 20.0, 40.0))
    transport, _ = _play(score, Deck(speed=1.0))
    until(transport, in_state("playing"))
    transport.next_step()
    assert 20 <= until(transport, lambda s: s.jumps == 1).seconds < 21
    transport.next_step()
    assert 40 <= until(transport, lambda s: s.jumps == 2).seconds < 41
    transport.next_step()
    assert until(transport, lambda s: s.notice is not None).notice == "this is the last step"
    transport.seek(45 * RATE)
    until(transport, lambda s: s.jumps == 3)
    transport.repeat_step()
    assert 40 <= until(transport, lambda s: s.jumps == 4).seconds < 41
    transport.previous_step()
    assert 20 <= until(transport, lambda s: s.jumps == 5).seconds < 21
    transport.seek(30 * RATE)
    until(transport, lambda s: s.jumps == 6)
    transport.previous_step()
    assert 20 <= until(transport, lambda s: s.jumps == 7).seconds < 21
    transport.leave()
    assert transport.wait(5)
    assert transport.status().state == "left"


def test_what_is_told_while_it_plays_goes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """That there is no next step is read once, and then it is in the way."""
    monkeypatch.setattr("voiceguide.player.transport._TELLING", 0.3)
    transport, _ = _play(make_score(60.0), Deck(speed=1.0))
    until(transport, in_state("playing"))
    transport.next_step()
    until(transport, lambda s: s.notice == "this is the last step")
    assert until(transport, lambda s: s.notice is None).jumps == 0
    transport.leave()
    assert transport.wait(5)


def test_a_seek_while_it_stands_still() -> None:
    """It stays still; playing on begins with the sentence that lies there."""
    score = make_score(30.0, sentences=((20.0, 22.0),))
    transport, deck = _play(score)
    until(transport, in_state("playing"))
    transport.pause()
    until(transport, in_state("paused"))
    transport.seek(21 * RATE)
    status = until(transport, lambda s: s.jumps == 1)
    assert status.state == "paused"
    assert status.frame == 21 * RATE
    transport.resume()
    assert transport.wait(20)
    heard = deck.devices[-1].samples()
    _same_but_fades(heard, exported(score, 20 * RATE), fades_in=True, fades_out=False)


def test_volume_scales_every_sample() -> None:
    """Half the volume is half of every sample; the loudest stays within full scale."""
    score = make_score(3.0)
    transport, deck = _play(score, volume=50)
    assert transport.wait(20)
    heard, wanted = deck.heard().astype(int), exported(score).astype(int)
    assert np.abs(heard - wanted / 2)[FADED:].max() <= 0.5
    transport, deck = _play(score, volume=100)
    transport.louder(1000)
    assert transport.wait(20)
    assert transport.status().volume == 130
    assert np.abs(deck.heard().astype(int)).max() <= 32_767


def test_a_change_of_volume_glides() -> None:
    """No step between two samples gives a click."""
    score = make_score(6.0)
    steady = exported(score)[:, 0].astype(float)
    transport, deck = _play(score)
    until(transport, at_second(2.0))
    transport.set_volume(0)
    assert transport.wait(20)
    heard = deck.heard()[:, 0].astype(float)
    loud = np.abs(steady) > 3000
    gains = np.where(loud, heard / np.where(loud, steady, 1), np.nan)[FADED:]
    gains = gains[~np.isnan(gains)]
    assert np.abs(np.diff(gains)).max() < 0.02
    assert gains[-1] == 0


def test_a_lost_device_is_waited_for() -> None:
    """Playing goes on with the sentence that was cut, on the device that comes back."""
    score = make_score(10.0, sentences=((2.0, 6.0),))
    transport, deck = _play(score)
    until(transport, at_second(3.0))
    deck.missing = True
    deck.devices[0].dead = True
    status = until(transport, in_state("lost"))
    assert status.notice is not None and "gone" in status.notice
    assert 2 * RATE < status.frame <= 6 * RATE
    deck.missing = False
    assert transport.wait(20)
    first, second = (device.samples() for device in deck.devices)
    wanted = exported(score)
    _same_but_fades(first, wanted[: len(first)], fades_in=True, fades_out=False)
    _same_but_fades(second, wanted[2 * RATE :], fades_in=True, fades_out=False)


def test_the_place_stays_while_a_lost_device_is_let_go() -> None:
    """What is shown and kept meanwhile is the place that was heard last, not where it began."""
    score = make_score(10.0)
    transport, deck = _play(score)
    until(transport, at_second(3.0))
    deck.missing = True
    deck.devices[0].slow = 0.3
    deck.devices[0].dead = True
    while (status := transport.status()).state != "lost" or not transport.silent.is_set():
        assert status.seconds >= 3.0
    transport.leave()
    assert transport.wait(5)


def test_a_lost_device_stays_explained() -> None:
    """A seek meanwhile moves the place; why nothing is heard is still told."""
    score = make_score(10.0)
    transport, deck = _play(score)
    until(transport, at_second(1.0))
    deck.missing = True
    deck.devices[0].dead = True
    until(transport, in_state("lost"))
    transport.seek(5 * RATE)
    status = until(transport, lambda s: s.jumps == 1)
    assert (status.state, status.frame) == ("lost", 5 * RATE)
    assert status.notice is not None and "gone" in status.notice
    deck.missing = False
    assert transport.wait(20)


def test_silence_is_told_of_the_first_device_too() -> None:
    """Whoever stops the program after a pause waits until it has faded out."""
    score = make_score(10.0)
    deck = Deck()
    transport, _ = _play(score, deck, device=deck(None))
    until(transport, at_second(1.0))
    assert not transport.silent.is_set()
    transport.pause()
    assert transport.silent.wait(5)
    assert transport.status().state == "paused"
    transport.leave()
    assert transport.wait(5)
    (device,) = deck.devices
    assert len(device.samples()) == transport.status().frame


def test_no_device_when_playing_goes_on() -> None:
    """After a pause it is waited for; before the first sound it is an error."""
    score = make_score(5.0)
    transport, deck = _play(score)
    until(transport, in_state("playing"))
    transport.pause()
    until(transport, in_state("paused"))
    deck.missing = True
    transport.resume()
    until(transport, in_state("lost"))
    deck.missing = False
    assert transport.wait(20)
    deck.missing = True
    transport, _ = _play(score, deck)
    try:
        transport.wait(5)
    except SinkError:
        assert transport.status().state == "failed"
    else:
        raise AssertionError("it played on no device")


def test_a_pause_while_the_device_is_lost() -> None:
    """It stays paused when a device is back."""
    score = make_score(5.0)
    transport, deck = _play(score)
    until(transport, at_second(1.0))
    deck.missing = True
    deck.devices[0].dead = True
    until(transport, in_state("lost"))
    transport.pause()
    until(transport, in_state("paused"))
    deck.missing = False
    transport.resume()
    assert transport.wait(20)
    assert len(deck.devices) == 2


def test_what_is_not_certain_is_waited_for() -> None:
    """Playing stops before it, says why, and goes on without losing a sample."""
    whole = make_score(14.0)
    current = [make_score(14.0, ready=5.0)]
    deck = Deck()
    transport = Transport(lambda: current[0], deck)
    transport.start()
    status = until(transport, lambda s: s.state == "waiting" and s.seconds > 3)
    assert status.notice == "the voice is still speaking"
    assert not status.whole
    current[0] = whole
    assert transport.wait(20)
    heard, wanted = deck.heard(), exported(whole)
    (cut,) = deck.devices[0].cuts
    _same_but_fades(heard[:cut], wanted[:cut], fades_in=True, fades_out=True)
    _same_but_fades(heard[cut:], wanted[cut:], fades_in=True, fades_out=False)


def test_a_lead_is_heard_first() -> None:
    """What counts down lies before frame 0, which follows it without a gap."""
    score, lead = make_score(4.0), make_score(3.0)
    transport, deck = _play(score, lead=lead)
    assert transport.status().frame <= 0
    assert transport.wait(20)
    heard = deck.heard()
    _same_but_fades(heard[: 3 * RATE], exported(lead), fades_in=True, fades_out=False)
    assert np.array_equal(heard[3 * RATE :], exported(score))


def test_next_ends_the_lead() -> None:
    """Whoever is ready sooner begins at once."""
    score, lead = make_score(4.0, steps=(0.0, 2.0)), make_score(60.0)
    transport, deck = _play(score, Deck(speed=1.0), lead=lead)
    until(transport, in_state("playing"))
    transport.next_step()
    status = until(transport, lambda s: s.jumps == 1)
    assert 0 <= status.frame < RATE
    transport.leave()
    assert transport.wait(5)


def test_a_lead_before_a_later_place() -> None:
    """It is heard to its end; what the session begins with then is where it was told to."""
    score, lead = make_score(6.0, steps=(0.0, 2.0)), make_score(3.0)
    transport, deck = _play(score, lead=lead, start=123_456)
    assert transport.wait(20)
    heard = deck.heard()
    _same_but_fades(heard[: 3 * RATE], exported(lead), fades_in=True, fades_out=False)
    _same_but_fades(heard[3 * RATE :], exported(score, 123_456), fades_in=True, fades_out=False)


def test_next_ends_the_lead_before_a_later_place() -> None:
    """So do fifteen seconds on; a step back from there is one of the session."""
    score, lead = make_score(40.0, steps=(0.0, 20.0)), make_score(14.0)
    for press, seconds in (("next_step", 25.0), ("skip", 26.0)):
        transport, _ = _play(score, Deck(speed=1.0), lead=lead, start=25 * RATE)
        until(transport, in_state("playing"))
        transport.skip(15.0) if press == "skip" else transport.next_step()
        status = until(transport, lambda s: s.jumps == 1)
        assert seconds - 0.5 <= status.seconds < seconds + 1
        transport.previous_step()
        assert 20 <= until(transport, lambda s: s.jumps == 2).seconds < 21
        transport.leave()
        assert transport.wait(5)


def test_back_in_the_lead_is_its_beginning() -> None:
    """Whoever asks for more time, or for the countdown again, does not land in the session."""
    score, lead = make_score(4.0, steps=(0.0, 2.0)), make_score(60.0)
    transport, _ = _play(score, lead=lead)
    for jumps, press in enumerate((transport.previous_step, transport.repeat_step), 1):
        until(transport, at_second(-55.0))
        press()
        assert -60 <= until(transport, lambda s, n=jumps: s.jumps == n).seconds < -56
    transport.leave()
    assert transport.wait(5)


def test_it_begins_where_it_is_told() -> None:
    """From a frame on, as `--from` and `resume` ask for."""
    score = make_score(6.0)
    transport, deck = _play(score, start=123_456)
    assert transport.wait(20)
    _same_but_fades(deck.heard(), exported(score, 123_456), fades_in=True, fades_out=False)


def test_leaving_tells_the_place() -> None:
    """The place that is kept is the one up to which it was heard."""
    score = make_score(20.0)
    transport, deck = _play(score)
    until(transport, at_second(4.0))
    transport.leave()
    assert transport.wait(5)
    assert transport.status().frame == len(deck.heard())


def test_sentence_start_and_chapter() -> None:
    """A frame inside a sentence belongs to its beginning; one at either edge to itself."""
    timeline = make_score(10.0, sentences=((2.0, 3.0),), steps=(0.0, 5.0)).timeline
    assert sentence_start(timeline, 2 * RATE + 1) == 2 * RATE
    assert sentence_start(timeline, 2 * RATE) == 2 * RATE
    assert sentence_start(timeline, 3 * RATE) == 3 * RATE
    assert sentence_start(timeline, 3 * RATE + 10, 20) == 2 * RATE
    assert [chapter_at(timeline, f) for f in (-5, 0, 5 * RATE - 1, 5 * RATE, 99 * RATE)] == [
        0, 0, 0, 1, 1,
    ]  # fmt: skip
