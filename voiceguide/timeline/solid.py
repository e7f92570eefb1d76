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
from voiceguide.timeline.nested import Inside, Placed, joint, ring
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
        tail: frames that it sounds past its end, over what follows, at most.
        inside: the chimes in it, which may sound past its end, or None.
        insides: where a sentence repeats in it, what its length must hold.
        breaths, breath: index of the elastic count of its breaths, or None; frames of one.
    """

    fixed: int = 0
    elastic: Elastic | None = None
    sore: bool = False
    tail: int = 0
    inside: Inside | None = None
    insides: tuple[Inside, ...] = ()
    breaths: int | None = None
    breath: int = 0

    def frames(self, t: float, rate: int) -> int:
        """How long it takes for some t."""
        if self.elastic is None:
            return self.fixed
        frames: int = to_frames(stretch(self.elastic, t, sore=self.sore), rate)
        # The same for every run of a cue, so that both sides are equal.
        return joint(self.insides, frames) if self.insides else frames

    def reach(self, frames: int) -> int:
        """When its last sound has faded, where it takes some frames."""
        return self.inside.faded(frames) if self.inside else frames + self.tail


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
        longest_tail: frames that a session sounds past its last item, at most.
    """

    def __init__(
        self,
        pieces: list[_Piece],
        insides: dict[int, Inside],
        lengths: Mapping[Utterance, int],
        warnings: list[Problem],
        rate: int,
    ) -> None:
        self.insides = insides
        self.lengths = lengths
        self.warnings = warnings
        self.longest_tail = max((piece.tail for piece in pieces), default=0)
        self._pieces = pieces
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
                    reach = max(reach, fixed - piece.fixed + piece.reach(piece.fixed))
        self._row.append((fixed, reach, None))

    def frames(self, index: int, t: float) -> int:
        """The length of one item."""
        return self._pieces[index].frames(t, self._rate)

    def total(self, t: float) -> int:
        """The session's length, its last sound included; it never falls as t grows."""
        at = reach = 0
        for fixed, fixed_reach, piece in self._row:
            if fixed_reach:
                reach = max(reach, at + fixed_reach)
            at += fixed
            if piece is not None:
                frames = piece.frames(t, self._rate)
                if piece.tail:
                    reach = max(reach, at + piece.reach(frames))
                at += frames
        return max(at, reach)

    def terms(self, paths: Sequence[tuple[int, ...]], t: float) -> dict[tuple[int, ...], int]:
        """The lengths of a model's items, added up by the counts that multiply them.

        Args:
            paths: for each item, the counts that it is a further round of.
        """
        found: dict[tuple[int, ...], int] = {}
        for piece, path in zip(self._pieces, paths, strict=True):
            if piece.breaths is None:
                frames = piece.frames(t, self._rate)
            else:
                frames, path = piece.breath, (*path, piece.breaths)
            if frames:
                found[path] = found.get(path, 0) + frames
        return found


def solidify(
    items: Sequence[Item],
    lengths: Mapping[Utterance, int],
    plan: Plan,
    rate: int,
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
        cue: _raise(plan, spans[cue], inside, rate, lengths, warnings)
        for cue, inside in groups.items()
    }
    pieces = [
        _piece(item, lengths, raised, groups, insides.get(index), rate)
        for index, item in enumerate(items)
    ]
    return Solid(pieces, insides, lengths, warnings, rate)


def _piece(
    item: Item,
    lengths: Mapping[Utterance, int],
    raised: Mapping[int, Elastic],
    groups: Mapping[int, list[Inside]],
    inside: Inside | None,
    rate: int,
) -> _Piece:
    if isinstance(item, Say):
        return _Piece(lengths[item.utterance])
    if isinstance(item, Quiet):
        return _elastic(item.duration, item.sore, rate)
    if isinstance(item, Span):
        assert inside is not None
        piece = _elastic(raised[item.cue], item.sore, rate)
        insides = groups[item.cue]
        repeats = tuple(insides) if any(inside.repeats for inside in insides) else ()
        tail = inside.rings
        chimes = inside if tail else None
        return _Piece(piece.fixed, piece.elastic, piece.sore, tail, chimes, repeats)
    if isinstance(item, Breaths):
        if item.duration is not None:
            # Phases become frames one by one, and may so take a frame more than the whole.
            breath = to_seconds(breath_frames(item, rate), rate)
            given = item.duration
            least, usual, greatest = (
                Seconds(max(breath, s)) for s in (given.least, given.usual, given.greatest)
            )
            return _elastic(Elastic(least, usual, greatest), item.sore, rate)
        assert item.count is not None
        one = breath_frames(item, rate)
        return _Piece(one * item.count, breaths=item.elastic, breath=one)
    if isinstance(item, Strikes):
        frames = to_frames(item.sound.strike, rate) * item.count
        return _Piece(frames, tail=max(0, ring(item, rate) - frames))
    if isinstance(item, Sounding):
        return _Piece(item.sound.frames)
    return _Piece()


def _elastic(duration: Elastic, sore: bool, rate: int) -> _Piece:
    if duration.is_fixed:
        return _Piece(to_frames(duration.usual, rate))
    return _Piece(elastic=duration, sore=sore)


def breath_frames(breaths: Breaths, rate: int) -> int:
    """Frames of one breath."""
    return sum(to_frames(seconds, rate) for _, seconds in breaths.phases)


def _raise(
    plan: Plan,
    span: Span,
    insides: list[Inside],
    rate: int,
    lengths: Mapping[Utterance, int],
    warnings: list[Problem],
) -> Elastic:
    """The interval's duration, raised where its sentences would not end inside it."""
    for timed in span.timed:
        if isinstance(timed.what, Countdown):
            _check_countdown(plan, timed.what, lengths, rate, timed.location)
    written = span.duration
    at_least, at_usual = to_frames(written.least, rate), to_frames(written.usual, rate)
    try:
        least = joint(insides, at_least)
        usual = joint(insides, max(least, at_usual))
    except OverflowError:
        problem = plan.problem(
            "words-never-fit",
            f"the words in this {span.label} fit into no length: some come again too soon",
            span.location,
            length=len(span.label),
            hint="repeat them less often, or use fewer words",
        )
        raise ScriptError([problem]) from None
    if least > at_least or usual > at_usual:
        lasts, needs = (written.least, least) if least > at_least else (written.usual, usual)
        seconds = -(-needs * 10 // rate) / 10
        warnings.append(
            plan.problem(
                "raised-interval",
                f"the words in this {span.label} need {format_seconds(seconds)}, and it has "
                f"{format_seconds(lasts)}: it is made longer",
                span.location,
                length=len(span.label),
                hint=f"give it at least {format_seconds(-(-seconds // 1))}, or use fewer words",
                severity="warning",
            )
        )
    _warn_of_waits(plan, insides, usual, rate, warnings)
    if least == at_least and usual == at_usual:
        return written
    low = max(written.least, to_seconds(least, rate))
    middle = max(written.usual, to_seconds(usual, rate))
    return Elastic(Seconds(low), Seconds(middle), Seconds(max(written.greatest, middle)))


def _check_countdown(
    plan: Plan, countdown: Countdown, lengths: Mapping[Utterance, int], rate: int, where: Location
) -> None:
    for utterance in countdown.words:
        if lengths[utterance] > rate:
            seconds = to_seconds(lengths[utterance], rate)
            problem = plan.problem(
                "countdown-too-slow",
                f'this voice takes {seconds:.1f} s for "{utterance.text}", '
                "and a countdown has a second for each number",
                where,
                hint="choose a faster --speed, or count down from fewer",
            )
            raise ScriptError([problem])


def _warn_of_waits(
    plan: Plan, insides: list[Inside], frames: int, rate: int, warnings: list[Problem]
) -> None:
    """One warning for each sentence of the script that waits long, with its longest wait."""
    longest: dict[Location, Placed] = {}
    for inside in insides:
        for placed in inside.place(frames):
            known = longest.get(placed.location)
            if known is None or abs(placed.waited) > abs(known.waited):
                longest[placed.location] = placed
    for placed in longest.values():
        seconds = to_seconds(abs(placed.waited), rate)
        if seconds <= LONG_WAIT or not isinstance(placed.what, Utterance):
            continue
        how = (
            f"waits {seconds:.1f} s for the sentence before it"
            if placed.waited > 0
            else f"starts {seconds:.1f} s before its time, or it would not end in time"
        )
        warnings.append(
            plan.problem(
                "sentence-waits",
                f'"{placed.what.text[:60]}" {how}',
                placed.location,
                length=len(placed.what.text),
                hint="move it, or use fewer words",
                severity="warning",
            )
        )
