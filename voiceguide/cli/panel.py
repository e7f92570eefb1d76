"""What the player's screen says, as lines of text; pure, nothing is written here."""

from __future__ import annotations

import textwrap
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, replace

from voiceguide.cli.messages import safe
from voiceguide.player.score import Status
from voiceguide.timeline import Event, Timeline
from voiceguide.units import format_clock

HELP = (
    ("space", "pause, go on"),
    ("left right", "back, forward 15 s"),
    ("n p", "next, previous step; also page down, page up"),
    ("r", "repeat this step"),
    ("9 0", "softer, louder"),
    ("q", "quit; voiceguide resume goes on"),
    ("?", "this help"),
)
_SHORT = "space pause  <- -> 15 s  n/p step  r repeat  9/0 volume  q quit  ? help"
_STATES = {
    "playing": "playing", "waiting": "waiting", "paused": "PAUSED",
    "lost": "NO DEVICE", "ended": "the end", "left": "left", "failed": "failed",
}  # fmt: skip
_PHASES = {"in": "breathe in", "out": "breathe out", "hold": "hold"}
_PLAIN = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-",
     "\u2026": "...", "\u00a0": " "}
)  # fmt: skip
_DIGITS = {
    "0": ("###", "# #", "# #", "# #", "###"),
    "1": (" # ", "## ", " # ", " # ", "###"),
    "2": ("###", "  #", "###", "#  ", "###"),
    "3": ("###", "  #", "###", "  #", "###"),
    "4": ("# #", "# #", "###", "  #", "  #"),
    "5": ("###", "#  ", "###", "  #", "###"),
    "6": ("###", "#  ", "###", "# #", "###"),
    "7": ("###", "  #", "  #", "  #", "  #"),
    "8": ("###", "# #", "###", "# #", "###"),
    "9": ("###", "# #", "###", "  #", "###"),
    ":": (" ", "#", " ", "#", " "),
}


@dataclass(frozen=True, slots=True)
class Style:
    """What a terminal can show.

    Attributes:
        unicode: whether blocks, lines and typographic signs are there.
        colour: whether text may be bold, dim or coloured.
    """

    unicode: bool = True
    colour: bool = True

    def text(self, text: str) -> str:
        """A text in signs that the terminal has."""
        text = safe(" ".join(text.split()))
        if self.unicode:
            return text
        return text.translate(_PLAIN).encode("ascii", "replace").decode("ascii")


@dataclass(frozen=True, slots=True)
class Moment:
    """What happens at a frame.

    Attributes:
        step: the chapter's title; "" before the session.
        number, steps: which chapter it is, from 1, and how many there are.
        sentence: what is being said, or "".
        label: what the running interval, breath or pause is called, or "".
        left: seconds that it still lasts.
        coming: the next thing that sounds or begins, or "".
        coming_in: seconds until then.
        notes: silent texts of the chapter.
    """

    step: str
    number: int
    steps: int
    sentence: str = ""
    label: str = ""
    left: float = 0.0
    coming: str = ""
    coming_in: float = 0.0
    notes: tuple[str, ...] = ()


class Guide:
    """Answers what happens at a frame of a timeline."""

    def __init__(self, timeline: Timeline, lead: Timeline | None = None) -> None:
        self.timeline = timeline
        self._lead = lead
        self._rate = timeline.format.rate
        self._events = [e for e in timeline.events if e.lane != "background"]
        self._starts = [e.start for e in self._events]
        self._longest = max((e.frames for e in self._events), default=0)

    def at(self, frame: int, chapter: int) -> Moment:
        """The moment of a frame in a chapter."""
        if frame < 0 and self._lead is not None:
            return self._before(frame, self._lead)
        chapters = self.timeline.chapters
        here = chapters[chapter]
        found = Moment(here.title, chapter + 1, len(chapters), notes=here.notes)
        after = bisect_right(self._starts, frame)
        for event in self._running(frame, after):
            if event.lane == "voice" and event.text:
                found = replace(found, sentence=event.text)
            elif event.lane in ("interval", "breath", "pause"):
                left = (event.end - frame) / self._rate
                found = replace(found, label=_label(event), left=left)
        for event in self._events[after:]:
            if what := _coming(event):
                return replace(found, coming=what, coming_in=(event.start - frame) / self._rate)
        return found

    def _running(self, frame: int, after: int) -> list[Event]:
        first = bisect_right(self._starts, frame - self._longest - 1)
        return [event for event in self._events[first:after] if event.end > frame]

    def _before(self, frame: int, lead: Timeline) -> Moment:
        at = frame + lead.frames
        said = [e.text for e in lead.events if e.start <= at < e.end and e.text]
        first = self.timeline.chapters[0].title
        return Moment(
            "", 0, len(self.timeline.chapters), said[0] if said else "", "starting in",
            -frame / self._rate, first, -frame / self._rate,
        )  # fmt: skip


def _label(event: Event) -> str:
    if event.lane == "breath":
        return _PHASES.get(event.label or "", event.label or "breathe")
    return event.label or event.lane


def _coming(event: Event) -> str:
    if event.lane == "voice":
        return f'"{event.text}"'
    if event.lane == "chime":
        return "chime"
    if event.lane in ("interval", "breath"):
        return _label(event)
    return event.sound or "" if event.lane == "sound" else ""


def width_of(text: str) -> int:
    """Columns that a text takes in a terminal."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def fit(text: str, width: int) -> str:
    """A text cut to so many columns."""
    if width_of(text) <= width:
        return text
    while text and width_of(text) > max(0, width - 2):
        text = text[:-1]
    return (text.rstrip() + "..")[:width]


def big(text: str, style: Style, scale: int = 2) -> list[str]:
    """Digits and colons, five lines high."""
    ink = "\u2588" if style.unicode else "#"
    rows = []
    for row in range(5):
        cells = (_DIGITS[c][row] for c in text)
        rows.append("  ".join("".join(sign * scale for sign in cell) for cell in cells))
    return [row.replace("#", ink) for row in rows]


def bar(status: Status, width: int, style: Style) -> str:
    """The way through the session, each chapter's start marked."""
    total = max(1, status.timeline.frames)
    done = round(width * max(0, min(status.frame, total)) / total)
    full, empty, mark, passed = (
        ("\u2501", "\u2500", "\u252c", "\u2533") if style.unicode else ("=", "-", "|", "|")
    )
    cells = [full if k < done else empty for k in range(width)]
    for chapter in status.timeline.chapters[1:]:
        at = min(width - 1, width * chapter.start // total)
        cells[at] = passed if at < done else mark
    return "".join(cells)


def compose(
    title: str, status: Status, moment: Moment, size: tuple[int, int], style: Style,
    *, extra: tuple[str, ...] = (), with_help: bool = False,
) -> list[str]:  # fmt: skip
    """The screen's lines, at most as many as there is room for, none wider than there is.

    Args:
        size: columns and rows.
        extra: lines that the listener should see while there is room.
        with_help: whether the keys are explained.
    """
    width, height = max(1, size[0]), max(1, size[1])
    paint = _Paint(style)
    state = _STATES[status.state]
    volume = f"volume {status.volume} %"
    right = f"{state}  {volume}" if width >= 44 else state
    head = _spread(style.text(title), right, width)
    step = style.text(moment.step)
    if moment.number:
        counted = f"{moment.number}/{moment.steps}"
        step = f"{counted}  {step}" if width >= 20 else step
    clock = _times(status)
    foot: list[str] = []
    if width >= 3 + len(clock[0]) + len(clock[1]) + 10:
        room = width - len(clock[0]) - len(clock[1]) - 2
        foot.append(f"{clock[0]} {bar(status, room, style)} {clock[1]}")
    else:
        foot.append(fit(" ".join(clock), width))
    body: list[str] = [paint.bold(fit(step, width))]
    said = _wrapped(f'"{style.text(moment.sentence)}"', width, 3) if moment.sentence else []
    count = _countdown(moment, width, height, style, paint)
    coming: list[str] = []
    if moment.coming:
        text = f"then {style.text(moment.coming)} in {format_clock(max(0, moment.coming_in))}"
        if width_of(text) > width:
            seconds = f" in {format_clock(max(0, moment.coming_in))}"
            text = fit(f"then {style.text(moment.coming)}", width - len(seconds)) + seconds
        coming = [paint.dim(fit(text, width))]
    notice = [paint.warn(fit(style.text(status.notice), width))] if status.notice else []
    if with_help:
        body += ["", *(fit(f"{key:>11}  {what}", width) for key, what in HELP)]
    else:
        body += ["", *said, *[""] * (2 - len(said)), *count, "", *coming]
        for text in (*moment.notes, *extra):
            body += ["", *(paint.dim(line) for line in _wrapped(style.text(text), width, 4))]
    tail = [*notice, *foot]
    if height >= 8 and not with_help and width >= 30:
        tail.append(paint.dim(fit(_SHORT, width)))
    if height < 6:
        important = [body[0], *said[:1], *coming[:1]] if height > 2 else []
        return [*important[: height - len(tail)], *tail][-height:]
    room = height - len(tail) - 2
    return [paint.title(head), "", *body[:room], *[""] * (room - len(body)), *tail][:height]


def _countdown(moment: Moment, width: int, height: int, style: Style, paint: _Paint) -> list[str]:
    """What runs now and how long it still runs, as large as there is room for."""
    if not moment.label:
        return []
    clock = format_clock(max(0.0, moment.left))
    label = style.text(moment.label)
    for scale in (3, 2):
        rows = big(clock, style, scale)
        if len(rows[0]) <= width and height >= 16:
            return [paint.bold(fit(label, width)), "", *(paint.accent(row) for row in rows)]
    return [paint.bold(fit(f"{label} {clock}", width))]


def _times(status: Status) -> tuple[str, str]:
    rate = status.timeline.format.rate
    left = (status.timeline.frames - status.frame) / rate
    about = "" if status.whole else "~"
    return format_clock(max(0, status.frame) / rate), f"-{about}{format_clock(max(0.0, left))}"


def _spread(left: str, right: str, width: int) -> str:
    room = width - width_of(right) - 1
    if room < 4:
        return fit(left, width)
    left = fit(left, room)
    return left + " " * (width - width_of(left) - width_of(right)) + right


def _wrapped(text: str, width: int, most: int) -> list[str]:
    room = max(4, width)
    lines = textwrap.wrap(text, room) or [""]
    while room > 4 and any(width_of(line) > width for line in lines):
        room -= 1  # signs that take two columns
        lines = textwrap.wrap(text, room)
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1] + " .."]
    return [fit(line, width) for line in lines]


class _Paint:
    """Text with the codes of a terminal, or without."""

    def __init__(self, style: Style) -> None:
        self._on = style.colour

    def _with(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._on and text else text

    def bold(self, text: str) -> str:
        return self._with("1", text)

    def dim(self, text: str) -> str:
        return self._with("2", text)

    def title(self, text: str) -> str:
        return self._with("1;36", text)

    def accent(self, text: str) -> str:
        return self._with("1;32", text)

    def warn(self, text: str) -> str:
        return self._with("1;33", text)
