"""What the player's screen says, as lines of text; pure, nothing is written here."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from rich.cells import cell_len

from voiceguide.cli.messages import safe
from voiceguide.player.moment import Moment
from voiceguide.player.playable import Status
from voiceguide.units import format_clock

HELP = (
    ("space", "pause, resume"),
    ("left right", "back, forward 15 s"),
    ("n p", "next, previous step; also page down, page up"),
    ("r", "repeat this step"),
    ("m", "30 seconds more of this hold"),
    ("9 0", "softer, louder"),
    ("q", "quit; voiceguide resume continues"),
    ("?", "this help"),
)
_SHORT = (
    "space pause  <- -> 15 s  n/p step  r repeat  9/0 volume  q quit  ? help",
    "space pause  <- -> 15 s  n/p step  q quit  ? help",
    "space pause  q quit  ? help",
    "q quit  ? help",
    "q  ?",
)
"""What is explained of the keys, as much as there is room for."""
_STATES = {
    "playing": "playing",
    "waiting": "getting ready",
    "paused": "PAUSED",
    "lost": "NO DEVICE",
    "ended": "the end",
    "left": "left",
    "failed": "failed",
}
_PLAIN = str.maketrans("\u2018\u2019\u201c\u201d\u2013\u2014\u00a0", "''\"\"-- ", "")
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
        return (
            text.translate(_PLAIN)
            .replace("\u2026", "...")
            .encode("ascii", "replace")
            .decode("ascii")
        )


def fit(text: str, width: int) -> str:
    """A text cut to so many columns."""
    if cell_len(text) <= width:
        return text
    while text and cell_len(text) > max(0, width - 2):
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
    done = round(width * max(0.0, min(1.0, status.seconds / max(1e-9, status.length))))
    full, empty, mark, passed = (
        ("\u2501", "\u2500", "\u252c", "\u2533") if style.unicode else ("=", "-", "|", "|")
    )
    cells = [full if k < done else empty for k in range(width)]
    for chapter in status.timeline.chapters[1:]:
        at = min(width - 1, width * chapter.start // total)
        cells[at] = passed if at < done else mark
    return "".join(cells)


def compose(
    title: str,
    status: Status,
    moment: Moment,
    size: tuple[int, int],
    style: Style,
    *,
    extra: tuple[str, ...] = (),
    with_help: bool = False,
) -> list[str]:
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
        if cell_len(text) > width:
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
    keys = next((text for text in _SHORT if len(text) <= width), None)
    if height >= 7 and not with_help and keys is not None:
        tail.append(paint.dim(keys))
    if height < 6:
        important = [body[0], *said[:1], *coming[:1]] if height > 2 else []
        return [*important[: height - len(tail)], *tail][-height:]
    room = height - len(tail) - 2
    if len(body) > room:
        body = [line for line in body if line]
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
    left = max(0.0, status.length - status.seconds)
    about = "" if status.whole else "~"
    return format_clock(max(0.0, status.seconds)), f"-{about}{format_clock(left)}"


def _spread(left: str, right: str, width: int) -> str:
    room = width - cell_len(right) - 1
    if room < 4:
        return fit(left, width)
    left = fit(left, room)
    return left + " " * (width - cell_len(left) - cell_len(right)) + right


def _wrapped(text: str, width: int, most: int) -> list[str]:
    room = max(4, width)
    lines = textwrap.wrap(text, room) or [""]
    while room > 4 and any(cell_len(line) > width for line in lines):
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
