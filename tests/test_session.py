"""The public verbs at their edges."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

import voiceguide as vg
from voiceguide import testing
from voiceguide.units import LONGEST, parse_duration

RATE = 44_100
RAIN = "---\nbackground: rain\nlead-in: 0s\n---\n# T\n\n"
ELASTIC = "---\nlead-in: 0s\n---\n# T\n\nHello there.\n\n- hold 10s-{longest}\n- hold 20.03s\n"


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """Writes a script, and gives its path."""
    monkeypatch.setenv("VOICEGUIDE_CACHE", str(tmp_path / "cache"))

    def written(text: str) -> str:
        path = tmp_path / "script.md"
        path.write_text(text)
        return str(path)

    return written


def _request(path: str, length: float | None = None) -> vg.Request:
    return vg.Request(path, vg.Options(length=length), voice="silent", mono=True)


def test_a_session_of_24_hours_is_the_longest(write) -> None:
    """To the frame: a day can be had, and not a frame more, written or asked for."""
    whole = vg.compile(_request(write(RAIN + "- hold 1440m\n")))
    assert whole.timeline.frames == LONGEST * RATE
    with pytest.raises(vg.ScriptError, match="passes 24 hours"):
        vg.compile(_request(write(RAIN + "- hold 1440m\n- pause 0.001s\n")))
    elastic = write(ELASTIC.format(longest="1440m"))
    assert vg.compile(_request(elastic, LONGEST)).timeline.frames == LONGEST * RATE
    with pytest.raises(vg.LengthError, match="at most 24 hours") as caught:
        vg.compile(_request(elastic, LONGEST + 1 / RATE))
    assert caught.value.reachable == (LONGEST,)


def test_the_lengths_that_are_offered_can_be_had(write) -> None:
    """Both ends that an error names, and those of `reach`, although they lie between two tenths."""
    path = write(ELASTIC.format(longest="30s"))
    lengths = vg.reach(path, voice="silent")
    assert lengths.shortest * 10 % 1 and lengths.longest * 10 % 1
    with pytest.raises(vg.LengthError) as caught:
        vg.compile(_request(path, 5.0))
    assert caught.value.reachable == (lengths.shortest, lengths.longest)
    offered = re.findall(r"(?:from|to) (\S+)", str(caught.value))
    least, most = map(parse_duration, offered)
    assert lengths.shortest <= least < lengths.shortest + 0.1
    assert lengths.longest - 0.1 < most <= lengths.longest
    for length in (*caught.value.reachable, least, most):
        assert vg.compile(_request(path, length)).seconds == pytest.approx(length, abs=1 / RATE)


def test_reach_is_of_the_options(write) -> None:
    """One side is shorter than two; a length that is asked for changes nothing; a session knows."""
    path = write("# T\n\n## A (each side)\n\nHello there.\n\n- hold 10-20s\n")
    both = vg.reach(path, voice="silent")
    one = vg.reach(path, vg.Options(side="left"), voice="silent")
    assert one.longest < both.longest and one.shortest < both.shortest
    assert both.shortest < both.usual < both.longest
    session = vg.compile(_request(path, both.longest))
    assert vg.reach(session) == both


def test_a_stream_is_what_an_export_holds(write) -> None:
    """From any second on, in blocks of float32; of a request just as of a session."""
    path = write("---\nbackground: rain\n---\n# T\n\nHello there.\n\n- hold 4s\n- chime\n\nBye.\n")
    for mono in (True, False):
        request = vg.Request(path, voice="silent", mono=mono)
        session = vg.compile(request)
        blocks = list(vg.stream(session))
        assert {block.dtype for block in blocks} == {np.dtype(np.float32)}
        whole = np.concatenate(blocks)
        assert whole.shape == (session.timeline.frames, 1 if mono else 2)
        assert whole.any()
        assert np.array_equal(np.concatenate(list(vg.stream(request))), whole)
        for start in (0.5, 3.21):
            tail = whole[round(start * RATE) :]
            for what in (session, request):
                assert np.array_equal(np.concatenate(list(vg.stream(what, start=start))), tail)
        for what in (session, request):
            assert list(vg.stream(what, start=session.seconds + 1)) == []


def test_a_stream_refuses_before_it_begins(write) -> None:
    """What can be known without a voice is told by the call, the rest by the first block."""
    path = write("# T\n\nHello.\n")
    for start in (-0.1, float("nan"), float("inf")):
        with pytest.raises(vg.UsageError, match="0 seconds or later"):
            vg.stream(path, start=start)
    with pytest.raises(vg.UsageError, match="tool"):
        vg.stream(path, vg.Options(tool="cork"))
    with pytest.raises(vg.UsageError, match="has its own already"):
        vg.stream(_request(path), vg.Options(side="left"))
    with pytest.raises(vg.UsageError, match="has its own already"):
        vg.stream(vg.compile(path, voice="silent"), mono=True)
    blocks = vg.stream(path, voice="nobody")
    with pytest.raises(vg.NotFoundError, match="nobody"):
        next(blocks)


@pytest.mark.parametrize("more", [0, 1, 575, 576, 577, 1151])
@pytest.mark.parametrize(("mono", "bitrate"), [(True, None), (False, 96)])
def test_the_size_of_a_growing_mp3_is_known_beforehand(
    write, tmp_path: Path, mono: bool, bitrate: int | None, more: int
) -> None:
    """Whatever the length; its frames are those of an export, and libsndfile finds all samples."""
    path = write(RAIN + f"- hold {(1152 * 100 + more) / RATE:.6f}s\n")
    session = vg.compile(vg.Request(path, voice="silent", mono=mono))
    assert session.timeline.frames % 1152 == more
    with vg.Growing(session, tmp_path / "grown.mp3", bitrate=bitrate) as growing:
        size = growing.size
        data = b"".join(growing.chunks())
    assert len(data) == size == growing.path.stat().st_size
    whole = vg.export(session, tmp_path / "whole.mp3", bitrate=bitrate).path.read_bytes()
    head = data.index(b"\xff", 1)
    assert head < 1000 and whole.endswith(data[head:])
    assert soundfile.info(growing.path).frames == session.timeline.frames


def test_a_growing_mp3_is_read_while_it_grows(write) -> None:
    """Any part of it, by several at once, each waiting for what it wants."""
    session = vg.compile(_request(write("---\nbackground: rain\n---\n# T\n\n- hold 4m\n")))
    with vg.Growing(session) as growing:
        assert growing.done < growing.size
        parts: dict[int, bytes] = {}

        def fetch(start: int) -> None:
            parts[start] = b"".join(growing.chunks(start, start + 50_000))

        starts = (growing.size - 50_000, 0, 1_000_000, growing.size - 10)
        readers = [threading.Thread(target=fetch, args=(start,)) for start in starts]
        for reader in readers:
            reader.start()
        assert growing.wait(timeout=60) and growing.done == growing.size
        for reader in readers:
            reader.join(60)
        whole = growing.path.read_bytes()
        assert parts == {start: whole[start : start + 50_000] for start in starts}
        assert growing.read(growing.size) == b""
        assert growing.wait(growing.size + 1, timeout=0)
    assert not growing.path.exists()


def test_what_is_asked_for_comes_first_and_changes_no_byte(write) -> None:
    """A listener who jumps to the end does not wait for all that is before it."""
    text = "---\nbackground: rain\n---\n# T\n\n## B (40 times)\n\n{round}.\n\n- hold 7s\n"
    session = vg.compile(_request(write(text)))
    with vg.Growing(session) as growing:
        growing.wait()
        whole = growing.path.read_bytes()
    with vg.Growing(session) as growing:
        for share in (0.9, 0.5, 0.7, 0.52):
            place = int(share * growing.size)
            growing.ask(place)
            assert growing.wait_at(place, timeout=60)
            assert growing.done < place or share < 0.9
            end = growing.until(place)
            assert growing.read(place, end - place) == whole[place:end]
        growing.wait()
        assert growing.path.read_bytes() == whole


def test_a_growing_mp3_can_be_stopped(write, tmp_path: Path) -> None:
    """Soon, leaving nothing behind; whoever waits is told, as of what cannot be made."""
    session = vg.compile(_request(write("---\nbackground: rain\n---\n# T\n\n- hold 600m\n")))
    growing = vg.Growing(session, tmp_path / "a.mp3")
    told: list[vg.VoiceguideError] = []

    def read() -> None:
        with pytest.raises(vg.SinkError) as caught:
            growing.read(growing.size - 1)
        told.append(caught.value)

    reader = threading.Thread(target=read)
    reader.start()
    assert not growing.wait(timeout=0.1)
    began = time.monotonic()
    growing.close()
    reader.join(60)
    assert time.monotonic() - began < 5
    assert len(told) == 1 and not growing.path.exists()
    growing.close()
    with pytest.raises(vg.UsageError, match="bitrate"):
        vg.Growing(session, bitrate=7)
    with pytest.raises(vg.SinkError, match="nowhere"):
        vg.Growing(session, tmp_path / "nowhere" / "a.mp3")
    (tmp_path / "b.mp3").write_bytes(b"mine")
    with pytest.raises(vg.ExistsError):
        vg.Growing(session, tmp_path / "b.mp3")
    assert (tmp_path / "b.mp3").read_bytes() == b"mine"

    def no_clip(key: str) -> object:
        raise vg.SoundError("the sound is gone")

    with (
        vg.Growing(replace(session, clips=no_clip)) as growing,
        pytest.raises(vg.SoundError, match="gone"),
    ):
        growing.wait()


INTERVALS = """---
background: rain
---
# T

Lie down.

- hold 8s
  - at 2s: Breathe.
  - halfway: Half.
  - 2s left: Nearly done.
  - end: chime bell

## Both (each side, 3s between)

- roll 12s
  - every 5s: chime
  - last 3s: countdown

## End

Well done.

- rest 6-20s

Bye.
"""


def _sound(session: vg.Session) -> np.ndarray:
    return np.concatenate(list(vg.stream(session)))


@pytest.mark.parametrize("length", [None, 55.0])
@pytest.mark.parametrize(("index", "seconds"), [(0, 30.0), (1, 0.75), (2, 10.0), (3, 20.0)])
def test_a_session_is_extended(write, length: float | None, index: int, seconds: float) -> None:
    """By what was asked, in that interval alone; all before it sounds alike, to the sample."""
    with testing.spoken_by(testing.ExactVoice(0.7)) as voice:
        options = vg.Options(length=length)
        session = vg.compile(write(INTERVALS), options, voice=voice)
    longer = session.extended(index, seconds)
    more = round(seconds * RATE)
    one, other = session.timeline, longer.timeline
    assert other.frames == one.frames + more
    interval, grown = one.lane("interval")[index], other.lane("interval")[index]
    assert (grown.start, grown.frames) == (interval.start, interval.frames + more)
    # What comes later comes that much later; what is counted from the start stays.
    moved = [event for event in other.events if event.lane not in ("background", "interval")]
    for event in one.lane("voice", "chime", "interval"):
        if event is interval or interval.start <= event.start < interval.end:
            continue
        shift = more if event.start >= interval.end else 0
        assert replace(event, start=event.start + shift) in other.events
    if index == 0:
        told = {
            e.text or e.sound: e.start - interval.start
            for e in moved
            if interval.start <= e.start <= grown.end
        }
        assert told["Breathe."] == 2 * RATE and told["Half."] == 4 * RATE
        assert told["Nearly done."] == grown.frames - 2 * RATE
        assert told["bell"] == grown.frames
    if index in (1, 2):
        strikes = [
            e.start - grown.start for e in other.lane("chime") if grown.start < e.start < grown.end
        ]
        assert strikes == list(range(5 * RATE, grown.frames, 5 * RATE))
        counted = [
            e.start - grown.end for e in other.lane("voice") if grown.start < e.start < grown.end
        ]
        assert counted == [-3 * RATE, -2 * RATE, -RATE]
    # Sound: alike until the background makes room for the first word that moves.
    firsts = [e.start for e in one.lane("voice", "chime") if e.start >= interval.start]
    kept = {e.start for e in other.lane("voice", "chime")}
    same = min(min((s for s in firsts if s not in kept), default=interval.end), interval.end)
    same -= round(2.1 * RATE)
    heard, longer_heard = _sound(session), _sound(longer)
    assert same > 0 and np.array_equal(heard[:same], longer_heard[:same])
    assert not np.array_equal(heard, longer_heard[: len(heard)])
    # The background goes on through it, and to the end.
    (rain,) = other.lane("background")
    assert (rain.start, rain.end) == (0, other.frames)
    middle = longer_heard[grown.end - RATE : grown.end]
    assert np.abs(middle).max() > 1e-4
    again = longer.extended(index, seconds)
    assert again.timeline == session.extended(index, 2 * seconds).timeline
    assert longer.extended(0, 1.0).more == {**longer.more, 0: longer.more.get(0, 0.0) + 1.0}


def test_an_extension_has_limits(write) -> None:
    """An interval that is there, some time, and a day for all."""
    session = vg.compile(_request(write(INTERVALS)))
    for index in (-1, 4):
        with pytest.raises(vg.UsageError, match=f"no interval {index}: there are 4"):
            session.extended(index, 30)
    for seconds in (0, -1, float("nan"), float("inf")):
        with pytest.raises(vg.UsageError, match="more than 0 seconds"):
            session.extended(0, seconds)
    with pytest.raises(vg.LengthError, match="24 hours"):
        session.extended(0, LONGEST)
    rest = LONGEST - session.seconds
    assert session.extended(0, rest).timeline.frames == LONGEST * RATE


def test_repeated_words_are_never_cut_short(write) -> None:
    """Where the interval would end in them, it becomes longer until they fit."""
    path = write("---\nlead-in: 0s\n---\n# T\n\n- hold 10s\n  - every 4s: Slowly.\n\nBye.\n")
    with testing.spoken_by(testing.ExactVoice(1.0)) as voice:
        session = vg.compile(path, voice=voice)
    longer = session.extended(0, 2.5)  # at 12 s the third one begins
    (grown,) = longer.timeline.lane("interval")
    assert grown.frames == 13 * RATE
    said = [event.start // RATE for event in longer.timeline.lane("voice")]
    assert said == [4, 8, 12, 13]
    assert longer.seconds == session.seconds + 3


def test_nothing_is_spoken_for_a_session_that_is_too_large(write) -> None:
    """Thousands of sentences take minutes; that it can't be made is told before."""
    hold = "- hold 1s\n" * 40
    path = write(f"# T\n\n## B (3000 times)\n\n{{round}}.\n\n{hold}")

    engine = testing.ExactVoice()
    with testing.spoken_by(engine) as voice, pytest.raises(vg.ScriptError) as caught:
        vg.compile(path, voice=voice)
    assert not engine.spoken
    assert [problem.code for problem in caught.value.problems] == ["too-many-events"]


SENTENCES = "# T\n\nOne.\n\n- pause 12s\n\nTwo.\n\n- pause 12s\n\nThree.\n\n- hold 3s\n"


def _alike(heard: np.ndarray, wanted: np.ndarray) -> bool:
    """Whether one is the other, but for one factor throughout of at most 1.5 decibels.

    How loud a session is made is settled before the last of it is spoken; for one of three words
    that is a coarse guess. The room under it is not made louder with it, and peaks are limited.
    """
    factor = float((heard * wanted).sum() / (wanted * wanted).sum())
    close = bool(np.abs(heard - factor * wanted).max() < 0.01)
    return close and abs(20 * np.log10(factor)) < 1.5


def test_a_session_is_played(write) -> None:
    """What is heard is what is exported, from any second on; orders are obeyed, events told."""
    session = vg.compile(write(SENTENCES), voice="silent")
    whole = np.rint(_sound(session) * 32_768)
    for what in (session, session.request):
        tape = testing.TapePlayer(speed=40)
        told: list[object] = []
        with vg.play(what, start=10.5, player=tape) as player:
            player.subscribe(told.append)
            assert player.wait(60)
        heard, wanted = tape.heard(), whole[round(10.5 * RATE) :]
        assert len(heard) == len(wanted) and _alike(heard[500:] / 32_768, wanted[500:] / 32_768)
        assert what is not session or np.array_equal(heard[500:], wanted[500:])
        assert isinstance(told[-1], vg.events.Ended)
    tape = testing.TapePlayer(speed=4)
    with vg.play(session, start_in=2, volume=50, player=tape) as player:
        assert player.status().seconds < 0
        player.seek(14.0)
        player.pause()
        assert player.wait_silent(60)
        assert 13.9 < player.status().seconds < 16
        player.resume()
        player.step(1)
        player.stop()
        assert player.wait(60)
    assert player.status().state == "left"


def test_sound_begins_while_the_voice_still_speaks(write) -> None:
    """In a stream and in a player: the last sentence waits until the first is heard."""
    path = write(SENTENCES)
    for play in (False, True):
        heard = threading.Event()

        def wait_for_sound(text: str, heard: threading.Event = heard) -> None:
            if text == "Three.":
                assert heard.wait(60)

        voice = testing.ExactVoice(1.0 + play / 10, before=wait_for_sound)
        with testing.spoken_by(voice) as name:
            if play:
                tape = testing.TapePlayer(speed=40)
                with vg.play(path, voice=name, player=tape) as player:
                    assert not player.status().whole
                    heard.set()
                    assert player.wait(60)
                sound = tape.heard()
                assert len(sound) == player.status().timeline.frames
            else:
                blocks = vg.stream(path, voice=name)
                first = next(blocks)
                assert len(first) and "Three." not in voice.spoken
                heard.set()
                sound = np.concatenate([first, *blocks])
                assert _alike(sound, _sound(vg.compile(path, voice=name)))


def test_who_stops_listening_stops_the_voice(write) -> None:
    """A stream that is closed, and a player that is stopped: the rest stays unspoken."""
    path = write("# T\n" + "".join(f"\nSentence number {k}.\n\n- pause 12s\n" for k in range(40)))
    for play in (False, True):
        voice = testing.ExactVoice(1.0 + play / 10, before=lambda text: time.sleep(0.05))
        with testing.spoken_by(voice) as name:
            if play:
                with vg.play(path, voice=name, player=testing.TapePlayer()):
                    pass
            else:
                blocks = vg.stream(path, voice=name)
                next(blocks)
                blocks.close()
            time.sleep(0.3)
            spoken = len(voice.spoken)
            time.sleep(0.3)
            assert len(voice.spoken) <= spoken + 1 < 30


def test_what_cannot_be_played_is_told_before_anything_is_spoken(write) -> None:
    """No device, no such place, no such wait."""
    path, voice = write(SENTENCES), testing.ExactVoice()
    tape = testing.TapePlayer()
    tape.missing = True
    with testing.spoken_by(voice) as name:
        with pytest.raises(vg.SinkError, match="no device"):
            vg.play(path, voice=name, player=tape)
        for more in ({"start": -1.0}, {"start_in": 0.2}, {"start_in": 601.0}):
            with pytest.raises(vg.UsageError):
                vg.play(path, voice=name, player=testing.TapePlayer(), **more)
        with pytest.raises(vg.NotFoundError, match="gramophone"):
            vg.play(path, voice=name, player="gramophone")
        assert voice.spoken == []
        tape = testing.TapePlayer()
        with pytest.raises(vg.UsageError, match="it cannot start at 9m"):
            vg.play(path, voice=name, start=540, player=tape)
        assert not len(tape.heard())


def test_a_proposal_is_played_as_it_is(write) -> None:
    """The finder's tracks come with options, which any verb takes."""
    proposal = vg.propose(vg.Answers(pain=("buttock",), side="left", tools=("tennis ball",)))
    release = proposal.muscles[0].release
    assert release is not None and release.options.sore == "left"
    lengths = vg.reach(release.name, release.options, voice="silent")
    assert lengths.shortest < lengths.longest
    with pytest.raises(vg.UsageError, match="pain place"):
        vg.propose(vg.Answers(pain=("elbow",)))
