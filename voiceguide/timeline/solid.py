"""Items with their lengths in frames: fixed ones added up, elastic ones as functions of t."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from voiceguide.errors import Location, Problem, ScriptError
from voiceguide.plan import Plan, Utterance
from voiceguide.plan.model import (
    Breaths,
    Countdown,
    Item,
    Quiet,
    Say,
    Sounding,
    Span,
    Strikes,
)
from voiceguide.timeline.nested import Inside
from voiceguide.units import Elastic, Seconds, format_seconds, to_frames, to_seconds

SORE = 1.5
"""How much longer the elastic durations of the sore side are."""
LONG_WAIT = 2.0
"""A sentence that waits longer than this, in seconds, is worth a warning."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """How long one item takes.

    Attributes:
        fixed: frames, where it does not give.
        elastic: its duration, where it does.
        tail: frames that it sounds past its end, over what follows.
    """

    fixed: int = 0
    elastic: Elastic | None = None
    sore: bool = False
    tail: int = 0


def stretch(elastic: Elastic, t: float, *, sore: bool) -> float:
    """Seconds of an elastic duration; on the sore side longer, held to its greatest."""
    seconds = elastic.at(t)
    return min(seconds * SORE, elastic.greatest) if sore else seconds


class Solid:
    """The items of one shape with their lengths.

    Attributes:
        insides: what is inside each interval, by the item's index.
        lengths: frames of each utterance.
        warnings: for the author.
    """

    def __init__(
        self,
        items: Sequence[Item],
        pieces: list[_Piece],
        insides: dict[int, Inside],
        lengths: Mapping[Utterance, int],
        groups: dict[int, list[Inside]],
        warnings: list[Problem],
        rate: int,
    ) -> None:
        self.insides = insides
        self.lengths = lengths
        self.warnings = warnings
        self._items = items
        self._pieces = pieces
        self._groups = groups
        self._rate = rate
        # Runs of fixed pieces are added up once; solving for t looks only at the rest.
        self._row: list[tuple[int, int, _Piece | None]] = []
        fixed, reach = 0, 0
        for piece in pieces:
            if piece.elastic is not None:
                self._row.append((fixed, reach, piece))
                fixed, reach = 0, 0
            else:
                fixed += piece.fixed
                if piece.tail:
                    reach = max(reach, fixed + piece.tail)
        self._row.append((fixed, reach, None))

    def frames(self, index: int, t: float) -> int:
        """The length of one item."""
        piece = self._pieces[index]
        if piece.elastic is None:
            return piece.fixed
        frames: int = to_frames(stretch(piece.elastic, t, sore=piece.sore), self._rate)
        item = self._items[index]
        if isinstance(item, Span):
            # The same for every run of a cue, so that both sides are equal.
            for inside in self._groups[item.cue]:
                frames = inside.shortest(frames)
        return frames

    def total(self, t: float) -> int:
        """The session's length, its last sound included."""
        at, reach, rate = 0, 0, self._rate
        for fixed, fixed_reach, piece in self._row:
            if fixed_reach:
                reach = max(reach, at + fixed_reach)
            at += fixed
            if piece is not None:
                assert piece.elastic is not None
                at += to_frames(stretch(piece.elastic, t, sore=piece.sore), rate)
                if piece.tail:
                    reach = max(reach, at + piece.tail)
        return max(at, reach)


def solidify(
    items: Sequence[Item], lengths: Mapping[Utterance, int], plan: Plan, rate: int
) -> Solid:
    """Lengths for every item of a shape.

    Raises:
        ScriptError: an interval cannot hold its sentences.
    """
    gap = to_frames(plan.gaps.sentence, rate)
    known: dict[tuple[int, tuple[object, ...]], Inside] = {}
    insides: dict[int, Inside] = {}
    groups: dict[int, list[Inside]] = {}
    spans: dict[int, Span] = {}
    for index, item in enumerate(items):
        if isinstance(item, Span):
            spans.setdefault(item.cue, item)
            key = (item.cue, item.timed)
            if key not in known:
                known[key] = Inside(item, lengths, rate, gap)
                groups.setdefault(item.cue, []).append(known[key])
            insides[index] = known[key]
    warnings: list[Problem] = []
    raised = {
        cue: _raise(spans[cue], inside, rate, lengths, warnings) for cue, inside in groups.items()
    }
    pieces = [_piece(item, lengths, raised, rate) for item in items]
    return Solid(items, pieces, insides, lengths, groups, warnings, rate)


def _piece(
    item: Item, lengths: Mapping[Utterance, int], raised: Mapping[int, Elastic], rate: int
) -> _Piece:
    if isinstance(item, Say):
        return _Piece(lengths[item.utterance])
    if isinstance(item, Quiet):
        return _elastic(item.duration, item.sore, rate)
    if isinstance(item, Span):
        tail = max((_ring(timed.what, rate) for timed in item.timed
                    if timed.moment == "end" and isinstance(timed.what, Strikes)), default=0)  # fmt: skip
        piece = _elastic(raised[item.cue], item.sore, rate)
        return _Piece(piece.fixed, piece.elastic, piece.sore, tail)
    if isinstance(item, Breaths):
        if item.duration is not None:
            return _elastic(item.duration, item.sore, rate)
        assert item.count is not None
        return _Piece(breath_frames(item, rate) * item.count)
    if isinstance(item, Strikes):
        frames = to_frames(item.sound.strike, rate) * item.count
        return _Piece(frames, tail=max(0, _ring(item, rate) - frames))
    if isinstance(item, Sounding):
        return _Piece(item.sound.frames)
    return _Piece()


def _elastic(duration: Elastic, sore: bool, rate: int) -> _Piece:
    if duration.is_fixed:
        return _Piece(to_frames(duration.usual, rate))
    return _Piece(elastic=duration, sore=sore)


def _ring(strikes: Strikes, rate: int) -> int:
    """Frames from the first strike until the last has faded."""
    return to_frames(strikes.sound.strike, rate) * (strikes.count - 1) + strikes.sound.frames


def breath_frames(breaths: Breaths, rate: int) -> int:
    """Frames of one breath."""
    return sum(to_frames(seconds, rate) for _, seconds in breaths.phases)


def _raise(
    span: Span,
    insides: list[Inside],
    rate: int,
    lengths: Mapping[Utterance, int],
    warnings: list[Problem],
) -> Elastic:
    """The interval's duration, raised where its sentences would not end inside it."""
    for timed in span.timed:
        if isinstance(timed.what, Countdown):
            _check_countdown(timed.what, lengths, rate, timed.location)
    written = span.duration
    least = usual = 0
    try:
        for inside in insides:
            least = max(least, inside.shortest(to_frames(written.least, rate)))
        for inside in insides:
            usual = max(usual, inside.shortest(max(least, to_frames(written.usual, rate))))
    except OverflowError:
        problem = Problem(
            "words-never-fit",
            "what is said in this interval never ends: it comes again before it is over",
            span.location,
            hint="say it less often, or in fewer words",
        )
        raise ScriptError([problem]) from None
    if least > to_frames(written.least, rate):
        needs = to_seconds(least, rate)
        warnings.append(
            Problem(
                "raised-interval",
                f"the words in this {span.label} need {format_seconds(needs)}, "
                f"and it may last only {format_seconds(written.least)}: it is made longer",
                span.location,
                length=len(span.label),
                hint=f"give it at least {format_seconds(-(-needs // 1))}, or fewer words",
                severity="warning",
            )
        )
    _warn_of_waits(insides, usual, rate, warnings)
    if least == to_frames(written.least, rate) and usual == to_frames(written.usual, rate):
        return written
    low = max(written.least, to_seconds(least, rate))
    middle = max(written.usual, to_seconds(usual, rate))
    return Elastic(Seconds(low), Seconds(middle), Seconds(max(written.greatest, middle)))


def _check_countdown(
    countdown: Countdown, lengths: Mapping[Utterance, int], rate: int, where: Location
) -> None:
    for utterance in countdown.words:
        if lengths[utterance] > rate:
            seconds = to_seconds(lengths[utterance], rate)
            problem = Problem(
                "countdown-too-slow",
                f'this voice takes {seconds:.1f} s for "{utterance.text}", '
                "and a countdown has a second for each number",
                where,
                hint="choose a faster --speed, or count down from fewer",
            )
            raise ScriptError([problem])


def _warn_of_waits(insides: list[Inside], usual: int, rate: int, warnings: list[Problem]) -> None:
    for inside in insides:
        for placed in inside.place(usual):
            seconds = to_seconds(abs(placed.waited), rate)
            if seconds > LONG_WAIT and isinstance(placed.what, Utterance):
                how = (
                    f"waits {seconds:.1f} s for the sentence before it"
                    if placed.waited > 0
                    else f"starts {seconds:.1f} s before its time, or it would not end in time"
                )
                warnings.append(
                    Problem(
                        "sentence-waits",
                        f'"{placed.what.text[:60]}" {how}',
                        placed.location,
                        hint="move it, or use fewer words",
                        severity="warning",
                    )
                )
                return
