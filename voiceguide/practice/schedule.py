"""What is worked on which day: one muscle group a day, and rest after strong work.

Pure: the listener's answers, the tracks, what was done before and the dates go in, days come out;
the same in gives the same out. A day that was missed is not held against anybody: the plan goes on
from what was done.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from voiceguide.errors import UsageError
from voiceguide.library import catalogue
from voiceguide.library.catalogue import tool_parts
from voiceguide.library.tracks import Entry
from voiceguide.plan import Options
from voiceguide.practice.finder import HANDS, Suggestion, propose, suggestions
from voiceguide.practice.listener import Listener
from voiceguide.units import Seconds, Side

WINDOW = 14
"""How many days back a muscle counts as worked."""
FIRM = 6
"""Tools from this firmness on make strong work: a day with the hands alone follows."""
LONG = Seconds(20 * 60.0)
"""A session of this length or more is strong work."""
PAIN_GREW = 2
"""A day of rest follows where the pain grew by as much in a session."""
ROUND = 6
"""After so many days of work in a row comes a day of rest."""
_BRIEF = Seconds(120.0)
"""A session that was left before that does not count."""
_SPARE = 3
"""So many minutes left over are worth some slow breathing."""
_EASY = ("stretch", "check-in", "breathing")

Reach = Callable[[str, Options], "tuple[float, float] | None"]
"""(shortest, longest) in seconds of a track with options, or None where that is not known."""


@dataclass(frozen=True, slots=True)
class Worked:
    """A session of the past.

    Attributes:
        track: its name.
        seconds: how much of it was played.
        completed: whether it was heard to its end, or marked as done; then it counts however short.
    """

    day: date
    track: str
    seconds: float
    tool: str | None = None
    pain_before: int | None = None
    pain_after: int | None = None
    completed: bool = False

    @property
    def counts(self) -> bool:
        """Whether it was enough to count as done."""
        return self.completed or self.seconds >= _BRIEF


@dataclass(frozen=True, slots=True)
class Task:
    """One session of a day.

    Attributes:
        track: its name, as `library.tracks.find` takes it.
        options: how to play it; `length` is None where it lasts as its script says.
    """

    track: str
    title: str
    summary: str | None
    options: Options

    @property
    def minutes(self) -> int | None:
        """How long it is to be, whole, or None where it lasts as its script says."""
        return None if self.options.length is None else round(self.options.length / 60)


@dataclass(frozen=True, slots=True)
class Day:
    """What a day brings.

    Attributes:
        muscle: the one to work, or None on a day of rest.
        why: one or two sentences.
        tasks: sessions in order; on a day of rest something easy, for those who like.
        done: whether the muscle was worked on that day already, or anything on a day of rest.
        note: what it lasts in place of the minutes there are, in a sentence, or None.
    """

    day: date
    muscle: str | None
    why: str
    tasks: tuple[Task, ...]
    done: bool = False
    note: str | None = None

    @property
    def title(self) -> str:
        """The muscle's name, or that it is a day of rest."""
        return catalogue.muscles()[self.muscle].name.capitalize() if self.muscle else "Rest"

    @property
    def minutes(self) -> int | None:
        """How long it takes, or None where that is not known."""
        lengths = [task.minutes for task in self.tasks]
        known = [minutes for minutes in lengths if minutes is not None]
        return sum(known) if known and len(known) == len(lengths) else None


@dataclass(frozen=True, slots=True)
class _Past:
    """A day's work on one muscle, done or planned.

    Attributes:
        strong: why a day of rest follows, or None.
        firm: why a day with the hands alone follows, or None.
    """

    day: date
    muscle: str
    strong: str | None = None
    firm: str | None = None
    grew: bool = False


def plan(
    listener: Listener,
    entries: Iterable[Entry],
    history: Iterable[Worked],
    start: date,
    days: int,
    reach: Reach,
) -> tuple[Day, ...]:
    """So many days from a date on; each counts on the ones before it being done.

    Raises:
        UsageError: one of the listener's answers is not known, or the calendar ends before the
            plan, or begins with it.
    """
    try:
        _ = start - timedelta(days=WINDOW), start + timedelta(days=days)
    except OverflowError:
        raise UsageError(f"no plan can begin on {start}: the calendar ends there") from None
    planner = _Planner(listener, tuple(entries), reach)
    history = tuple(history)
    past = [each for worked in history if worked.day < start for each in planner.past(worked)]
    found = []
    for number in range(days):
        day = planner.day(start + timedelta(days=number), past)
        done = [
            each for worked in history if worked.day == day.day for each in planner.past(worked)
        ]
        found.append(planner.with_done(day, history))
        past += done
        if not any(each.muscle == day.muscle for each in done):
            past += planner.assumed(day)
    return tuple(found)


class _Planner:
    def __init__(self, listener: Listener, entries: tuple[Entry, ...], reach: Reach) -> None:
        self._listener = listener
        self._entries = entries
        self._reach = reach
        names = {entry.track.name: entry for entry in entries}
        self._known = names | {entry.track.ref: entry for entry in entries}
        self._order = self._muscles()

    def _muscles(self) -> dict[str, str]:
        """Muscles in the order of their turns, and why each has one."""
        asked = self._listener
        if asked.pain:
            found = propose(asked.answers, self._entries)
            if found.ask_back is not None:
                raise UsageError(f"that is an emergency sign: {found.ask_back.question}")
            return {m.muscle: m.reasons[0] for m in found.muscles}
        # The back comes last: pain is often felt there and seldom starts there.
        names = sorted(catalogue.muscles(), key=lambda muscle: muscle == "lower-back")
        return dict.fromkeys(names, "")

    # What was

    def past(self, worked: Worked) -> Iterator[_Past]:
        """The work in a session of the journal, if it was any."""
        entry = self._known.get(worked.track)
        if entry is None or not worked.counts or entry.front.kind not in _WORK:
            return
        tool = worked.tool or next(iter(entry.front.tools), None)
        strong = _strong(entry, worked.seconds)
        before, after = worked.pain_before, worked.pain_after
        grew = before is not None and after is not None and after - before >= PAIN_GREW
        for muscle in entry.front.muscles:
            yield _Past(worked.day, muscle, strong, _firm(tool), grew)

    def assumed(self, day: Day) -> Iterator[_Past]:
        """A planned day as if it were done."""
        if day.muscle is None:
            return
        task = day.tasks[0]
        seconds = max(_BRIEF, 60.0 * (task.minutes or 0))
        yield from self.past(Worked(day.day, task.track, seconds, task.options.tool))

    def with_done(self, day: Day, history: Sequence[Worked]) -> Day:
        """The day, marked if the journal knows of its work."""
        today = [worked for worked in history if worked.day == day.day]
        if day.muscle is None:
            done = any(worked.counts for worked in today)
        else:
            done = any(p.muscle == day.muscle for worked in today for p in self.past(worked))
        return replace(day, done=done)

    # What comes

    def day(self, when: date, past: Sequence[_Past]) -> Day:
        why = _reason_to_rest(when, past, len(self._order))
        if why is not None:
            return self._rest(when, why)
        yesterday = [p for p in past if p.day == when - timedelta(days=1)]
        firm = next((p.firm for p in yesterday if p.firm), None)
        tired = {p.muscle for p in yesterday}
        recent = [p for p in past if timedelta(0) < when - p.day <= timedelta(days=WINDOW)]
        last = {p.muscle: p.day for p in sorted(recent, key=lambda p: p.day)}
        # The one that was not worked for longest; of those never worked, the first in order.
        turns = sorted(self._order, key=lambda muscle: last.get(muscle, date.min))
        for muscle in turns:
            times = sum(p.muscle == muscle for p in recent)
            releases = self._releases(muscle, tired, by_hand=firm is not None)
            if releases:
                tasks = self._work(releases, times)
                chosen = next(each for each in releases if each.name == tasks[0].track)
                parts = [self._order[muscle] or catalogue.muscles()[muscle].where]
                if chosen.missing and chosen.note:
                    parts.append(chosen.note)
                if firm is not None:
                    parts.append(f"With your hands today, since {firm}.")
                day = Day(when, muscle, " ".join(parts), tasks)
                return replace(day, note=_instead(day, self._listener.minutes))
        if firm is not None:
            return self._rest(when, f"Rest after strong work: {firm}.")
        if tired:
            return self._rest(when, "All that is due was worked yesterday: a day to settle.")
        return self._rest(when, "The library has no track for these muscles.")

    def _releases(self, muscle: str, tired: set[str], *, by_hand: bool) -> list[Suggestion]:
        """The tracks that release a muscle with what is at hand, else with what is not.

        Args:
            tired: muscles that none of them may work.
            by_hand: whether nothing but hands is wanted.
        """
        asked = self._listener
        tools = () if by_hand else asked.tools
        releases = [
            each
            for each in suggestions(muscle, asked.side, tools, self._entries, asked.level)
            if each.kind == "release" and not tired & self._muscles_of(each)
        ]
        here = [each for each in releases if not each.missing]
        if by_hand:
            return [each for each in here if each.tool == HANDS]
        return here or releases

    def _muscles_of(self, track: Suggestion) -> set[str]:
        return set(self._known[track.name].front.muscles)

    def _work(self, releases: Sequence[Suggestion], times: int) -> tuple[Task, ...]:
        """The sessions that work a muscle, for the `times`-th time, with one of its tracks."""
        asked = self._listener
        room = asked.minutes * 60.0
        worse = self._worse
        # More time for the sore side where there is time, else it only comes first.
        only = Options(side=self._one_side(times))
        for options in dict.fromkeys((Options(sore=worse), Options(start=worse), only)):
            for release in releases:
                if (reach := self._lengths(release, options)) and _fits(reach, room):
                    task = _task(release, options, _minutes(reach, asked.minutes))
                    left = asked.minutes - (task.minutes or _whole(reach[1]))
                    return (task, *self._breathing(left))
        # Nothing is so short: the shortest that there is, at its shortest.
        reaches = [(self._lengths(each, only) or (math.inf, 0.0), each) for each in releases]
        reach, nearest = min(reaches, key=lambda pair: pair[0][0])
        minutes = _minutes(reach, _whole(reach[0])) if reach[0] < math.inf else None
        return (_task(nearest, only, minutes),)

    def _lengths(self, track: Suggestion, options: Options) -> tuple[float, float] | None:
        return self._reach(track.name, replace(options, tool=track.tool))

    def _one_side(self, times: int) -> Side:
        """The side for a session with time for one: the sore one twice, then the other."""
        worse = self._worse
        if worse is None:
            return "left" if times % 2 == 0 else "right"
        other: Side = "right" if worse == "left" else "left"
        return other if times % 3 == 2 else worse

    @property
    def _worse(self) -> Side | None:
        """The side that hurts more, if there is one."""
        side = self._listener.side
        return side if side == "left" or side == "right" else None

    def _breathing(self, minutes: int) -> tuple[Task, ...]:
        """Slow breathing for what is left of the time."""
        easy = [each for each in self._easy() if each.kind == "breathing"]
        # The shortest that there is: others are for the evening or the practised.
        for track in sorted(easy, key=lambda track: track.length or math.inf):
            reach = self._lengths(track, track.options)
            if minutes >= _SPARE and reach and _fits(reach, minutes * 60.0):
                return (_task(track, track.options, _minutes(reach, minutes)),)
        return ()

    def _rest(self, when: date, why: str) -> Day:
        room = self._listener.minutes
        fitting = [
            (track, reach)
            for track in self._easy()
            if (reach := self._lengths(track, track.options)) and _fits(reach, room * 60.0)
        ]
        if not fitting:
            return Day(when, None, why, ())
        track, reach = fitting[when.toordinal() % len(fitting)]
        usual = max(1, round((track.length or reach[0]) / 60))
        minutes = _minutes(reach, min(room, max(usual, _whole(reach[0]))))
        return Day(when, None, why, (_task(track, track.options, minutes),))

    def _easy(self) -> tuple[Suggestion, ...]:
        """What does no harm on a day of rest."""
        return tuple(
            Suggestion(
                name=entry.track.ref,
                title=entry.title,
                kind=entry.front.kind,
                summary=entry.front.summary,
                options=Options(),
                missing=False,
                note=None,
                length=entry.front.length,
            )
            for entry in self._entries
            if entry.front.kind in _EASY and entry.front.level == "beginner" and not entry.problem
        )


_WORK = ("release", "routine")


def _task(track: Suggestion, options: Options, minutes: int | None) -> Task:
    length = None if minutes is None else minutes * 60.0
    chosen = replace(options, tool=track.tool, length=length)
    return Task(track.name, track.title, track.summary, chosen)


def _reason_to_rest(when: date, past: Sequence[_Past], muscles: int) -> str | None:
    yesterday = [p for p in past if p.day == when - timedelta(days=1)]
    if any(p.grew for p in yesterday):
        return "The pain had grown after the last session: a day without pressure."
    strong = next((p.strong for p in yesterday if p.strong), None)
    if strong:
        return f"Rest after strong work: {strong}."
    days = {p.day for p in past}
    row = 0
    while when - timedelta(days=row + 1) in days:
        row += 1
    if row and row % min(ROUND, muscles) == 0:
        return f"{row} days of work in a row: a day for the muscles to settle."
    return None


def _firm(tool: str | None) -> str | None:
    """Why a tool is strong work, in a few words, or None where it is not."""
    known = catalogue.tools()
    firm = (p for p in tool_parts(tool or "") if p in known and known[p].firmness >= FIRM)
    found = next(firm, None)
    return found and f"the {found} is firm"


def _strong(entry: Entry, seconds: float) -> str | None:
    """Why work was strong whatever it was done with, in a few words, or None where it was not."""
    if entry.front.level != "beginner":
        return f"{entry.title} is for the practised"
    if seconds >= LONG:
        return f"the last session was {round(seconds / 60)} minutes long"
    return None


def _instead(day: Day, minutes: int) -> str | None:
    """What a day's work lasts where that is not nearly the minutes there are."""
    if day.minutes is None:
        return None
    if day.minutes > minutes:
        return f"You have {minutes} min, and the shortest that there is takes {day.minutes}."
    if minutes - day.minutes >= _SPARE:
        return f"You have {minutes} min, and what there is for today takes {day.minutes}."
    return None


# Lengths are estimates before anything is spoken: an hundredth is left free on either side.


def _fits(reach: tuple[float, float], room: float) -> bool:
    return reach[0] * 1.01 <= room


def _minutes(reach: tuple[float, float], most: int) -> int | None:
    """The whole minutes of a session, or None where it has no length of whole minutes."""
    minutes = min(most, int(reach[1] * 0.99 // 60))
    return minutes if _fits(reach, minutes * 60.0) else None


def _whole(shortest: float) -> int:
    return math.ceil(shortest * 1.01 / 60)
