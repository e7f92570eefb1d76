"""One walk over a script for one shape: blocks to a flat row of items, gaps included."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, assert_never

from voiceguide.errors import Location, ScriptError
from voiceguide.plan.model import (
    BackgroundChange,
    Breaths,
    ChapterMark,
    CountdownWords,
    CountedWords,
    IntervalRun,
    Item,
    NestedCue,
    NestedSentence,
    NestedSpeech,
    Origin,
    PlayedSound,
    Quiet,
    Say,
    Shape,
    Strikes,
)
from voiceguide.plan.survey import Survey
from voiceguide.plan.texts import Run, Speaker, by_side, filled
from voiceguide.script.model import (
    Background,
    Breathe,
    Chime,
    Countdown,
    Counting,
    Include,
    Interval,
    Nested,
    Note,
    Paragraph,
    Pause,
    Play,
    Silence,
    Spoken,
    Step,
    Variable,
    is_for,
)
from voiceguide.units import Elastic, Seconds, Side

MAX_EVENTS = 100_000
"""A session holds at most this many events."""
_MOST_WALKED = 3 * MAX_EVENTS
BACKGROUND_DB = -14.0
"""Level of a background where the script states none, in dB relative to the voice; ducked below speech.

At this level even a session of few words measures as loud as its voice: the loudness gate of
BS.1770 leaves out what lies 10 dB below the mean.
"""
PLAY_DB = -3.0
"""Level of a played sound where the script states none, in dB relative to the voice."""


class Unfolding:
    """One walk over the script for one shape."""

    def __init__(self, survey: Survey, shape: Shape) -> None:
        self._survey = survey
        self._shape = shape
        self._items: list[Item] = []
        self._gaps = survey.gaps
        self._last: Literal["nothing", "speech", "cue", "written"] = "nothing"
        self._new_step = False
        self._mark: tuple[Step, Run] | None = None
        self._notes: list[str] = []
        self._marked: int | None = None
        self._count = self._added = 0
        self._walked = 0
        self._origin = Origin()
        self._between: tuple[Seconds, Location, Run] | None = None
        self._noted: dict[int, list[str]] = {}
        self._speaker = Speaker(survey)
        self.origins: list[Origin] = []

    def items(self) -> list[Item]:
        script, chosen = self._survey.script, self._survey.background
        if chosen is not None:
            self._put(BackgroundChange(chosen, BACKGROUND_DB, script.root.location))
        elif script.front.background is not None:
            self._background(script.front.background)
        if script.front.lead_in:
            self._put(Quiet(Elastic.fixed(script.front.lead_in)))
        self._step(script.root, Run(say=(script.front.say,)))
        for index, notes in self._noted.items():
            mark = self._items[index]
            assert isinstance(mark, ChapterMark)
            self._items[index] = replace(mark, notes=(*mark.notes, *notes))
        return self._items

    # Blocks

    def _step(self, step: Step, run: Run) -> None:
        modifiers, survey = step.modifiers, self._survey
        if modifiers.tools and not is_for(survey.tool, modifiers.tools):
            return
        if survey.dropped(step, self._shape) or (modifiers.only and modifiers.only != run.turn):
            return
        if id(step) in survey.numbers.empty:
            self._new_step = True
            return
        noted = len(self._notes)
        if modifiers.optional:
            run = replace(run, optional=survey.numbers.optional[id(step)])
        runs = [run]
        loops = [self._by_round, self._by_side]
        if modifiers.sides_outside:
            loops.reverse()
        for loop in loops:
            runs = [inner for outer in runs for inner in loop(step, outer)]
        outer, around = self._origin, self._between
        first = self._added
        for inner in runs:
            self._origin = Origin(inner.path, inner.optional)
            before = self._added
            if before > first and modifiers.between is not None:
                where = modifiers.locations.get("between", step.location)
                self._between = modifiers.between, where, inner
            self._new_step = True
            self._mark = (step, inner)
            self._marked = None
            self._block(step, step, inner)
            # A block that is left without content takes the gap before it with it.
            self._between = around if self._added == first else None
        self._origin = outer
        del self._notes[noted:]

    def _by_side(self, step: Step, run: Run) -> list[Run]:
        return by_side(self._survey, step, run)

    def _by_round(self, step: Step, run: Run) -> list[Run]:
        if step.modifiers.count is None:
            return [run]
        rounds = self._survey.number(step, step.modifiers.count, self._shape)
        self._walk(rounds, step)
        index = self._survey.numbers.count_of.get(id(step))
        later = run.path if index is None else (*run.path, index)
        return [
            replace(run, round=k + 1, rounds=rounds, path=later if k else run.path)
            for k in range(rounds)
        ]

    def _block(self, step: Step, holder: Step, run: Run) -> None:
        """The content of a block; `holder` is the step whose chapter it belongs to."""
        for node in step.content:
            self._walk(1, step)
            match node:
                case Step():
                    before = len(self._items)
                    waiting, marked = self._mark, self._marked
                    self._step(node, run)
                    # What an include brings after its steps belongs to the holder again.
                    if len(self._items) > before:
                        waiting, marked = (holder, run), None
                    self._mark, self._marked = waiting, marked
                case Include():
                    say = (*run.say, node.script.front.say)
                    self._block(node.script.root, holder, replace(run, say=say))
                case Paragraph():
                    self._paragraph(node, run)
                case Note():
                    self._note(filled(self._survey, node.parts, run))
                case Pause():
                    self._before("written")
                    self._add(Quiet(node.duration, True, run.side, node.location))
                case Interval():
                    self._before("cue")
                    self._add(self._interval(node, run))
                case Counting():
                    self._before("cue")
                    self._add(self._counting(node, run))
                case Breathe():
                    self._before("cue")
                    self._add(self._breaths(node, run))
                case Chime():
                    self._before("cue")
                    self._add(_strikes(node, run, node.location))
                case Play():
                    self._before("cue")
                    gain = PLAY_DB if node.gain is None else node.gain
                    played = PlayedSound(node.sound, gain, run.side, node.location)
                    self._add(replace(played, duration=node.duration, fade=node.fade))
                case Background():
                    self._background(node)
                case _:
                    assert_never(node)

    def _walk(self, nodes: int, step: Step) -> None:
        """Count what is walked through: blocks that make no events may still repeat too often."""
        self._walked += nodes
        if self._walked > _MOST_WALKED:
            raise self._too_many(step.location)

    def _title(self, step: Step, run: Run) -> str:
        names = {part.name for part in step.title if isinstance(part, Variable)}
        title = filled(self._survey, step.title, run).strip()
        words = self._survey.words
        if run.side and not names & {"side", "other side"}:
            title += ", " + words.side_title.format(words.sides[run.side])
        if run.rounds > 1 and "round" not in names:
            title += ", " + words.round_title.format(run.round)
        return title

    # Content

    def _note(self, text: str) -> None:
        """A note belongs to the chapter that it stands in, or else to the next one."""
        if self._marked is None:
            self._notes.append(text)
        else:
            self._noted.setdefault(self._marked, []).append(text)

    def _background(self, node: Background) -> None:
        if self._survey.options.background is None:
            if self._between is not None:
                self._put_between(*self._between)
            gain = BACKGROUND_DB if node.gain is None else node.gain
            self._put(BackgroundChange(node.sound, gain, node.location, node.fade))
            self._added += 1

    def _paragraph(self, node: Paragraph, run: Run) -> None:
        inside = False
        for piece in node.content:
            if isinstance(piece, Silence):
                self._written(piece.seconds, run.side, piece.location)
            else:
                self._before("speech", same_paragraph=inside)
                self._add(Say(self._speaker.sentence(piece, run), run.side, piece.location))
            inside = True

    def _interval(self, node: Interval, run: Run) -> IntervalRun:
        nested = tuple(self._nested(nested, run) for nested in node.nested)
        cue = self._survey.numbers.cue_of[id(node)]
        return IntervalRun(cue, node.label, node.duration, nested, run.side, node.location)

    def _counting(self, node: Counting, run: Run) -> IntervalRun:
        """Counted repetitions as an interval, whose cues stand at some of them."""
        number = self._survey.number(node, node.count, self._shape)
        words = self._speaker.count(number, run)
        if node.down:
            words = words[::-1]
        counted = CountedWords(words, node.each, node.tick)
        nested = [NestedCue("start", Seconds(0.0), counted, node.location)]
        for cue in node.nested:
            moment, index = cue.moment, 0
            match moment:
                case "at":
                    index = int(cue.seconds) - 1
                case "last":
                    moment, index = "at", number - int(cue.seconds)
                case "halfway":
                    index = number // 2
                    moment = "at" if isinstance(cue.what, Chime) else moment
                case "start" | "end" | "left" | "every":
                    pass
                case _:
                    assert_never(moment)
            seconds = Seconds(max(0, index) * node.each)
            nested.append(self._nested(replace(cue, moment=moment, seconds=seconds), run))
        return IntervalRun(
            cue=self._survey.numbers.cue_of[id(node)],
            label="count",
            duration=Elastic.fixed(number * node.each),
            nested=tuple(nested),
            side=run.side,
            location=node.location,
            elastic=self._survey.numbers.count_of.get(id(node)),
            unit=node.each,
        )

    def _breaths(self, node: Breathe, run: Run) -> Breaths:
        survey = self._survey
        first, later = self._speaker.breath(node, run)
        return Breaths(
            phases=node.phases,
            count=survey.number(node, node.count, self._shape) if node.count else None,
            duration=node.duration,
            first_words=first,
            words=later,
            # In the voice's guide the tones stand in for words that a phase is too short for.
            tones=tuple(survey.tones.get(name) for name, _ in node.phases),
            side=run.side,
            location=node.location,
            elastic=survey.numbers.count_of.get(id(node)),
        )

    def _nested(self, nested: Nested, run: Run) -> NestedCue:
        what: Strikes | CountdownWords | NestedSpeech
        match nested.what:
            case Chime():
                what = _strikes(nested.what, run, nested.location)
            case tuple():
                what = self._nested_speech(nested.what, run)
            case Countdown():
                what = CountdownWords(self._speaker.countdown(nested, run))
            case _:
                assert_never(nested.what)
        return NestedCue(nested.moment, nested.seconds, what, nested.location)

    def _nested_speech(self, spoken: Spoken, run: Run) -> NestedSpeech:
        sentences = []
        gap = 0.0
        written: float | None = 0.0
        for piece in spoken:
            if isinstance(piece, Silence):
                written = (written or 0.0) + piece.seconds
                continue
            before = Seconds(gap if written is None else written)
            said = self._speaker.sentence(piece, run)
            sentences.append(NestedSentence(before, said, piece.location))
            gap, written = self._gaps.sentence.least, None
        return NestedSpeech(tuple(sentences), None if written is None else Seconds(written))

    # Gaps and bookkeeping

    def _written(self, seconds: Seconds, side: Side | None, where: Location) -> None:
        self._before("written")
        self._add(Quiet(Elastic.fixed(seconds), False, side, where))

    def _before(
        self, kind: Literal["speech", "cue", "written"], *, same_paragraph: bool = False
    ) -> None:
        """Put the silence that stands before an item of a kind, then its chapter."""
        if self._between is not None:
            self._put_between(*self._between)
        gap = Elastic.fixed(0.0)
        if self._last not in ("nothing", "written") and kind != "written":
            if self._new_step:
                gap = Elastic.fixed(self._gaps.step)
            elif same_paragraph:
                gap = self._gaps.sentence
            elif "speech" in (self._last, kind):
                gap = Elastic.fixed(self._gaps.paragraph)
        if gap.greatest:
            self._put(Quiet(gap))
        self._last = kind
        self._new_step = False
        if self._mark is not None:
            self._marked = len(self._items)
            step, run = self._mark
            self._put(ChapterMark(self._title(step, run), run.side, tuple(self._notes)))
            self._notes.clear()
            self._mark = None

    def _put_between(self, seconds: Seconds, where: Location, run: Run) -> None:
        """The gap between two runs of a block, which still belongs to the chapter before it."""
        self._between = None
        mark, self._mark = self._mark, None
        origin, self._origin = self._origin, Origin(run.path, run.optional)
        self._written(seconds, run.side, where)
        self._mark, self._origin, self._new_step = mark, origin, True

    def _put(self, item: Item) -> None:
        self._items.append(item)
        self.origins.append(self._origin)

    def _add(self, item: Item) -> None:
        self._put(item)
        self._added += 1
        self._count += events_of(item)
        if self._count > MAX_EVENTS:
            raise self._too_many(getattr(item, "location", self._survey.script.root.location))

    def _too_many(self, where: Location) -> ScriptError:
        message = f"the session has more than {MAX_EVENTS:,} events"
        hint = "repeat it fewer times"
        return ScriptError([self._survey.problem("too-many-events", message, where, hint=hint)])


def _strikes(chime: Chime, run: Run, where: Location) -> Strikes:
    return Strikes(chime.sound, chime.strikes, run.side, where, chime.gain)


def events_of(item: Item) -> int:
    """How many events an item makes at least."""
    match item:
        case Say() | PlayedSound():
            return 1
        case Strikes():
            return item.count
        case Breaths():
            return len(item.phases) * (item.count or 1)
        case Quiet():
            return int(item.cue)
        case IntervalRun():
            return 1 + sum(_events_inside(nested, item.duration) for nested in item.nested)
        case BackgroundChange() | ChapterMark():
            return 0
        case _:
            assert_never(item)


def _events_inside(nested: NestedCue, duration: Elastic) -> int:
    times = int(duration.least / nested.seconds) if nested.moment == "every" else 1
    match nested.what:
        case Strikes():
            return times * nested.what.count
        case NestedSpeech() | CountdownWords() | CountedWords():
            return times
        case _:
            assert_never(nested.what)
