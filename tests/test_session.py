"""The public verbs at their edges."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import voiceguide as vg
from voiceguide.units import LONGEST, parse_duration

RATE = 44_100
ELASTIC = "# T\n\nHello there.\n\n- hold 10s-{longest}\n- hold 20.03s\n"


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
    whole = vg.compile(_request(write("# T\n\n- hold 1440m\n")))
    assert whole.timeline.frames == LONGEST * RATE
    with pytest.raises(vg.ScriptError, match="passes 24 hours"):
        vg.compile(_request(write("# T\n\n- hold 1440m\n- pause 0.001s\n")))
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
