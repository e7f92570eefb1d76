"""The panel's lines and the keys' bytes, without a terminal."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from voiceguide.audio import RATE, AudioFormat
from voiceguide.cli.keys import KeyReader
from voiceguide.cli.panel import Style, bar, big, compose, fit
from voiceguide.cli.screen import _plain_locale
from voiceguide.player.moment import Guide
from voiceguide.player.playable import Status
from voiceguide.timeline import Chapter, Event, Timeline
from voiceguide.units import Frames


def _event(lane: str, start: float, seconds: float, **more: object) -> Event:
    return Event(lane, Frames(int(start * RATE)), Frames(int(seconds * RATE)), **more)  # type: ignore[arg-type]


TIMELINE = Timeline(
    AudioFormat(),
    Frames(100 * RATE),
    (
        Chapter("Settle in", Frames(0), Frames(20 * RATE), notes=("Stop if it tingles.",)),
        Chapter("Small circles, left side", Frames(20 * RATE), Frames(100 * RATE), "left"),
    ),
    (
        _event("background", 0, 100, sound="rain"),
        _event("voice", 1, 3, text="Lie down \u2013 and don\u2019t move."),
        _event("breath", 6, 4, label="in", sound="swell"),
        _event("interval", 20, 45, label="roll"),
        _event("voice", 40, 2, text="Let go."),
        _event("chime", 65, 5, sound="bowl"),
    ),
)


def _status(seconds: float, state: str = "playing", notice: str | None = None) -> Status:
    return Status(state, seconds, 100, 0, notice, TIMELINE, True)  # type: ignore[arg-type]


def _shown(seconds: float, size: tuple[int, int] = (80, 24), **more: object) -> list[str]:
    status = _status(seconds)
    moment = Guide(TIMELINE).at(status.seconds)
    style = Style(unicode=bool(more.get("unicode", True)), colour=bool(more.get("colour", False)))
    return compose("A session", status, moment, size, style)


def test_what_happens_at_a_frame() -> None:
    """The sentence, the interval with what is left of it, and what comes next."""
    guide = Guide(TIMELINE)
    first = guide.at(2)
    assert first.sentence.startswith("Lie down")
    assert (first.coming, first.coming_in) == ("breathe in", 4.0)
    assert first.notes == ("Stop if it tingles.",)
    breath = guide.at(7)
    assert (breath.label, breath.left, breath.sentence) == ("breathe in", 3.0, "")
    roll = guide.at(30)
    assert (roll.label, roll.left) == ("roll", 35.0)
    assert (roll.coming, roll.coming_in) == ('"Let go."', 10.0)
    assert (roll.number, roll.steps) == (2, 2)
    last = guide.at(70)
    assert (last.coming, last.label) == ("", "")


def test_all_of_it_is_on_the_screen() -> None:
    """Step and side, countdown in large digits, the coming cue, bar, times and keys."""
    lines = _shown(30)
    text = "\n".join(lines)
    assert len(lines) == 24
    assert "2/2  Small circles, left side" in text
    assert 'then "Let go." in 0:10' in text
    assert text.count("\u2588") > 40
    assert "0:30 " in text and "-1:10" in text
    assert "space pause" in text
    assert "\x1b" not in text


@pytest.mark.parametrize(("columns", "rows"), [(50, 20), (28, 8), (16, 7)])
def test_a_small_panel_says_how_to_leave(columns: int, rows: int) -> None:
    """Quit and help are the last keys to go, and the countdown is there before empty lines are."""
    lines = _shown(30, (columns, rows))
    assert "quit" in lines[-1] or rows < 8
    assert "q" in lines[-1] and "?" in lines[-1]
    assert any("roll" in line for line in lines)


def test_a_pause_of_the_script_is_no_pause_of_the_listener() -> None:
    """What stands beside "playing" contradicts it in nothing."""
    pause = Event("pause", Frames(0), Frames(5 * RATE))
    timeline = Timeline(TIMELINE.format, TIMELINE.frames, TIMELINE.chapters, (pause,))
    assert Guide(timeline).at(1).label == "quiet"


def test_without_unicode_all_is_ascii() -> None:
    """Also what the script says."""
    lines = _shown(2, unicode=False)
    assert all(line.isascii() for line in lines)
    assert '"Lie down - and don\'t move."' in "\n".join(lines)


def test_colours_only_where_they_are_wanted() -> None:
    """With them, what is left without the codes is the same."""
    plain, painted = _shown(30), _shown(30, colour=True)
    assert plain == [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in painted]
    assert any("\x1b[" in line for line in painted)


@given(
    columns=st.integers(1, 200),
    rows=st.integers(1, 80),
    seconds=st.floats(0, 100),
    unicode=st.booleans(),
    title=st.text(max_size=60),
    notice=st.none() | st.text(max_size=200),
    with_help=st.booleans(),
)
def test_it_fits_into_every_size(
    columns: int, rows: int, seconds: float, unicode: bool, title: str, notice: str | None,
    with_help: bool,
) -> None:  # fmt: skip
    """No line is wider, and there are no more of them, than there is room for."""
    status = _status(seconds, notice=notice)
    moment = Guide(TIMELINE).at(status.seconds)
    lines = compose(
        title, status, moment, (columns, rows), Style(unicode, False), extra=("More.",),
        with_help=with_help,
    )  # fmt: skip
    assert 1 <= len(lines) <= rows
    for line in lines:
        assert cell_len(line) <= columns
        assert all(sign >= " " for sign in line)


def test_the_bar_marks_each_step() -> None:
    """At its place, before and after it is passed."""
    style = Style(unicode=False)
    assert bar(_status(0), 50, style) == "-" * 10 + "|" + "-" * 39
    assert bar(_status(50), 50, style) == "=" * 10 + "|" + "=" * 14 + "-" * 25
    assert bar(_status(100), 50, style).count("-") == 0


def test_wide_signs_count_twice() -> None:
    """Text is cut by columns, not by letters."""
    assert cell_len("\u5149a") == 3
    assert fit("\u5149\u5149\u5149\u5149", 6) == "\u5149\u5149.."
    assert cell_len(big("12:34", Style())[0]) == 4 * 6 + 2 + 4 * 2


@pytest.mark.parametrize("width", [20, 31, 80])
def test_sentences_of_wide_signs_are_whole(width: int) -> None:
    """A language that writes without spaces loses nothing at the ends of the lines."""
    said = "".join(chr(0x5149 + n) for n in range(width))
    lane = Event("voice", Frames(0), Frames(RATE), text=said)
    timeline = Timeline(TIMELINE.format, TIMELINE.frames, TIMELINE.chapters, (lane,))
    status = Status("playing", 0, 100, 0, None, timeline, True)
    lines = compose("A session", status, Guide(timeline).at(0), (width, 24), Style(colour=False))
    assert all(cell_len(line) <= width for line in lines)
    assert said in "".join(lines)


@pytest.mark.parametrize(
    ("environment", "plain"),
    [
        ({}, True),
        ({"LANG": "C"}, True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, True),
        ({"LC_ALL": "C.UTF-8"}, False),
        ({"LANG": "en_US.UTF-8"}, False),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "C"}, True),
        ({"LANG": "de_DE.utf8"}, False),
        ({"LANG": "de_DE.ISO-8859-1"}, True),
    ],
)
def test_locales(environment: dict[str, str], plain: bool) -> None:
    """Python turns a plain locale into UTF-8 for itself; the terminal stays plain."""
    assert _plain_locale(environment) is plain


def test_keys_come_whole() -> None:
    """However their bytes arrive; a lone Escape and unknown keys are nothing."""
    reader = KeyReader()
    assert reader.feed(b" n\x1b[C", 0.0) == [" ", "n", "right"]
    assert reader.feed(b"\x1b", 1.0) == []
    assert reader.feed(b"[5", 1.01) == []
    assert reader.feed(b"~q", 1.02) == ["pageup", "q"]
    assert reader.feed(b"\x1bOD\x1b[99;5~\x1b[6~", 2.0) == ["left", "pagedown"]
    assert reader.feed(b"\x1b", 3.0) == []
    assert reader.feed(b"", 3.5) == []
    assert reader.feed(b"q", 4.0) == ["q"]


@pytest.mark.parametrize(
    "data",
    [
        b"\x1b]11;rgb:0000/9999/0000\x1b\\",
        b"\x1b]11;rgb:0000/9999/0000\x07",
        b"\x1bP1$r0 q\x1b\\",
        b"\x1b_Gi=1;OK\x1b\\",
        b"\x1b[?62;22c",
        b"\x1b[M q9",
        b"\x1b[<0;9;9M",
        b"\x1b[200~q9900\x1b[D r\x1b[201~",
        b"\x1bq",
        b"\x1b\x1bq",
        b"quit this session now, 9990",
    ],
)
def test_what_is_no_key_of_ours(data: bytes) -> None:
    """A terminal's replies, a mouse, a paste, Alt: however they are cut, they press nothing."""
    for cut in range(len(data) + 1):
        if cut and not data.startswith(b"\x1b"):
            continue  # a paste that is not marked is known by coming at once
        reader = KeyReader()
        keys = reader.feed(data[:cut], 0.0) + reader.feed(data[cut:], 0.01)
        assert keys == [], cut
        assert reader.feed(b" ", 5.0) == [" "]


@given(st.binary(max_size=40))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    """Nothing is raised, and a plain key after it is read."""
    reader = KeyReader()
    reader.feed(data, 0.0)
    reader.feed(b"", 10.0)
    assert reader.feed(b"q", 20.0)[-1:] == ["q"]
