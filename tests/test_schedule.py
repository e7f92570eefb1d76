"""What is worked on which day."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import pytest

from voiceguide.errors import UsageError
from voiceguide.library.tracks import Entry, entries
from voiceguide.plan import Options
from voiceguide.practice.listener import Listener
from voiceguide.practice.schedule import Day, Task, Worked, _Planner, plan

MONDAY = date(2026, 3, 2)


@cache
def _kinds() -> dict[str, str]:
    return {entry.track.name: entry.front.kind for entry in entries()}


def reach(name: str, options: Options) -> tuple[float, float]:
    """From 4:48 to 22 minutes, more with a sore side, less with one; the easy ones 3 to 8."""
    if _kinds()[name] != "release":
        return 180.0, 480.0
    if options.sore:
        return 330.0, 1400.0
    return (192.0, 800.0) if options.side != "both" else (288.0, 1320.0)


@pytest.fixture(scope="module")
def library() -> tuple[Entry, ...]:
    """The built-in tracks."""
    return tuple(entry for entry in entries() if entry.track.origin == "built-in")


def _plan(
    library: tuple[Entry, ...], listener: Listener, days: int = 14, *history: Worked
) -> tuple[Day, ...]:
    return plan(listener, library, history, MONDAY, days, reach)


def _muscles(days: tuple[Day, ...]) -> list[str | None]:
    return [day.muscle for day in days]


def test_one_muscle_a_day_in_the_finders_order(library: tuple[Entry, ...]) -> None:
    """The muscles of the finder in turn, a day of rest after each round, and again."""
    days = _plan(library, Listener(pain=("buttock",), side="left"), 12)
    turn = ["piriformis", "gluteus-maximus", "gluteus-medius", "hamstrings", "lower-back", None]
    assert _muscles(days) == turn * 2
    assert [day.day for day in days] == [MONDAY + timedelta(days=n) for n in range(12)]
    for day in days:
        if day.muscle:
            assert day.tasks[0].options.sore == "left"
            assert day.minutes == 10 and day.why.endswith(".")


def test_every_muscle_where_nothing_hurts_in_particular(library: tuple[Entry, ...]) -> None:
    """Without answers each muscle has its turn, the lower back last, and no week lacks a rest."""
    muscles = _muscles(_plan(library, Listener(), 14))
    assert muscles[:9] == [
        "piriformis", "gluteus-maximus", "gluteus-medius", "hamstrings", "calves", "hips", None,
        "lower-back", "piriformis",
    ]  # fmt: skip
    for week in range(8):
        assert None in muscles[week : week + 7]


def test_rest_after_strong_work(library: tuple[Entry, ...]) -> None:
    """With nothing but a firm ball every other day is for the hands; a long session brings a rest."""
    days = _plan(library, Listener(pain=("buttock",), tools=("massage ball",)), 112)
    worked = [day.tasks[0].options.tool for day in days if day.muscle]
    assert {"massage ball", "hands"} == set(worked)
    for day, after in itertools.pairwise(days):
        if day.muscle and day.tasks[0].options.tool == "massage ball" and after.muscle:
            assert after.tasks[0].options.tool == "hands"
            assert "With your hands today, since the massage ball is firm." in after.why
    assert len(days) - len(worked) < 25
    long = _plan(library, Listener(pain=("buttock",), minutes=20), 2)
    assert long[1].muscle is None and "20 minutes long" in long[1].why


def test_what_was_done_counts(library: tuple[Entry, ...]) -> None:
    """A muscle worked yesterday is not worked today; strong work or more pain brings a rest."""
    ease = Listener(pain=("buttock",))
    yesterday = MONDAY - timedelta(days=1)
    done = Worked(yesterday, "piriformis", 600)
    assert _muscles(_plan(library, ease, 2, done)) == ["gluteus-maximus", "gluteus-medius"]
    firm = replace(done, tool="lacrosse ball")
    by_hand, _ = _plan(library, ease, 2, firm)
    assert by_hand.muscle == "gluteus-maximus" and by_hand.tasks[0].options.tool == "hands"
    short = replace(done, seconds=60)
    assert _muscles(_plan(library, ease, 1, short)) == ["piriformis"]
    assert _muscles(_plan(library, ease, 1, replace(short, completed=True))) == ["gluteus-maximus"]
    worse = replace(done, pain_before=3, pain_after=5)
    (day,) = _plan(library, ease, 1, worse)
    assert day.muscle is None and "pain had grown" in day.why
    a_little = replace(done, pain_before=3, pain_after=4)
    assert _muscles(_plan(library, ease, 1, a_little)) == ["gluteus-maximus"]
    better = replace(done, pain_before=5, pain_after=3)
    assert _muscles(_plan(library, ease, 1, better)) == ["gluteus-maximus"]
    left_at_once = replace(done, seconds=60)
    assert _muscles(_plan(library, ease, 1, left_at_once)) == ["piriformis"]
    full = Worked(yesterday, "full-routine", 900)
    assert _muscles(_plan(library, ease, 2, full)) == [None, "lower-back"]
    unknown = Worked(yesterday, "no-longer-there", 900)
    assert _muscles(_plan(library, ease, 1, unknown)) == ["piriformis"]


def test_a_missed_day_is_no_debt(library: tuple[Entry, ...]) -> None:
    """The plan goes on with the muscle that was not worked for longest; long ago is forgotten."""
    ease = Listener(pain=("back-of-thigh",))
    history = [
        Worked(MONDAY - timedelta(days=4), "hamstrings", 600),
        Worked(MONDAY - timedelta(days=3), "piriformis", 600),
    ]
    assert _muscles(_plan(library, ease, 1, *history)) == ["gluteus-medius"]
    old = [replace(each, day=each.day - timedelta(days=20)) for each in history]
    assert _muscles(_plan(library, ease, 1, *old)) == ["hamstrings"]


def test_two_weeks_back_counts(library: tuple[Entry, ...]) -> None:
    """A muscle worked fourteen days ago waits for those that were not; after fifteen it is new."""
    ease = Listener(pain=("buttock",))
    for days, muscle in ((14, "gluteus-maximus"), (15, "piriformis")):
        worked = Worked(MONDAY - timedelta(days=days), "piriformis", 600)
        assert _muscles(_plan(library, ease, 1, worked)) == [muscle]


def test_today_and_the_plan_agree(library: tuple[Entry, ...]) -> None:
    """Who does each day what the plan says gets the same days one by one."""
    ease = Listener(pain=("lower-back",), side="right", worse=("sitting",), minutes=12)
    days = _plan(library, ease, 14)
    history: list[Worked] = []
    for number, planned in enumerate(days):
        today = MONDAY + timedelta(days=number)
        (found,) = plan(ease, library, history, today, 1, reach)
        assert found == planned
        for task in planned.tasks if planned.muscle else ():
            history.append(Worked(today, task.track, 60.0 * (task.minutes or 0)))


def test_a_track_for_two_muscles(library: tuple[Entry, ...]) -> None:
    """It counts for both, so that the one it is lent for does not have its turn again and again."""
    hands = Listener(pain=("buttock",), tools=("hands",))
    days = _plan(library, hands, 5)
    assert _muscles(days)[:4] == ["piriformis", "gluteus-maximus", "hamstrings", "lower-back"]
    assert days[1].tasks[0].track == "gluteus-maximus-hands"
    yesterday = Worked(MONDAY - timedelta(days=1), "gluteus-maximus-hands", 600, "hands")
    hips = replace(hands, pain=("hips",))
    assert _muscles(_plan(library, hips, 1)) == ["gluteus-medius"]
    assert _muscles(_plan(library, hips, 1, yesterday)) == ["hips"]
    (today,) = _plan(library, hips, 1, replace(yesterday, day=MONDAY))
    assert today.muscle == "gluteus-medius" and today.done


def test_done_today(library: tuple[Entry, ...]) -> None:
    """A session of the day does not move the plan on before the day is over; it is marked."""
    ease = Listener(pain=("buttock",))
    (open_day,) = _plan(library, ease, 1)
    (done,) = _plan(library, ease, 1, Worked(MONDAY, "piriformis-floor", 400))
    assert not open_day.done and done == replace(open_day, done=True)
    (other,) = _plan(library, ease, 1, Worked(MONDAY, "calves", 400))
    assert not other.done


@pytest.mark.parametrize("minutes", [4, 5, 8, 10, 15, 27, 45])
def test_fitted_to_the_minutes(library: tuple[Entry, ...], minutes: int) -> None:
    """Never more than asked; little time gives the sore side no more than its turn, less still
    works one side; much time ends with slow breathing."""
    for day in _plan(library, Listener(pain=("buttock",), side="left", minutes=minutes)):
        assert day.minutes is not None and day.minutes <= minutes
        if not day.muscle:
            continue
        chosen = day.tasks[0].options
        given = [chosen.side != "both", chosen.start == "left", chosen.sore == "left"]
        assert given == [minutes < 5, minutes == 5, minutes > 5]
        assert chosen.length == 60 * min(minutes, 23)
        assert day.tasks[0].minutes == min(minutes, 23)
        assert [task.track for task in day.tasks[1:]] == ["slow-breathing"] * (minutes > 26)


@pytest.mark.parametrize("minutes", [1, 3, 10])
@pytest.mark.parametrize("tools", [None, (), ("massage ball",)])
def test_no_muscle_two_days_running(
    library: tuple[Entry, ...], tools: tuple[str, ...] | None, minutes: int
) -> None:
    """Nor one that a track for another works beside it."""
    muscles = {entry.track.name: set(entry.front.muscles) for entry in library}
    for pain in ((), ("lower-back",), ("hips",), ("calf-or-foot",)):
        days = _plan(library, Listener(pain, "left", tools=tools, minutes=minutes), 56)
        for day, after in itertools.pairwise(days):
            if day.muscle and after.muscle:
                assert not muscles[day.tasks[0].track] & muscles[after.tasks[0].track]


def test_what_is_given_instead_of_the_minutes_is_said(library: tuple[Entry, ...]) -> None:
    """Where nothing is so short or so long."""
    for minutes, note in (
        (1, "the shortest that there is takes 4"),
        (10, None),
        (60, "for today takes 30"),
    ):
        (day,) = _plan(library, Listener(pain=("buttock",), side="left", minutes=minutes), 1)
        assert day.note is None if note is None else note in (day.note or "")


def test_too_little_time(library: tuple[Entry, ...]) -> None:
    """Where nothing is so short, the shortest there is, at a length that it has."""
    (day,) = _plan(library, Listener(pain=("buttock",), side="left", minutes=1), 1)
    assert day.minutes == 4 and day.tasks[0].options.side == "left"


def test_little_time_works_the_sore_side_first(library: tuple[Entry, ...]) -> None:
    """One side a day: the sore one twice, then the other, so that neither is forgotten."""
    listener = Listener(pain=("calf-or-foot",), side="right", minutes=4)
    days = [day for day in _plan(library, listener, 14) if day.muscle == "calves"]
    sides = [day.tasks[0].options.side for day in days]
    assert sides == ["right", "right", "left", "right"][: len(sides)] and len(sides) >= 3


@pytest.mark.parametrize("minutes", [1, 2, 3, 6, 7, 45])
def test_a_track_of_one_length(library: tuple[Entry, ...], minutes: int) -> None:
    """No length is asked of it that it does not have, and it counts as long as it is."""

    def rigid(name: str, options: Options) -> tuple[float, float]:
        return (151.0, 151.0) if _kinds()[name] == "release" else reach(name, options)

    (day,) = plan(Listener(("buttock",), "left", minutes=minutes), library, (), MONDAY, 1, rigid)
    release, *breathing = day.tasks
    assert release.minutes is None and release.options.length is None
    assert sum(60 * (task.minutes or 0) for task in breathing) <= max(0, 60 * minutes - 151)
    assert bool(breathing) == (minutes >= 7)


@pytest.mark.parametrize("minutes", range(1, 13))
def test_tools_at_hand_come_first(library: tuple[Entry, ...], minutes: int) -> None:
    """A session with what is there, however short the time."""
    hands = Listener(pain=("buttock",), side="left", tools=("hands",), minutes=minutes)
    for day in _plan(library, hands, 5):
        assert day.tasks[0].options.tool in (None, "hands")
    for day in _plan(library, replace(hands, pain=("hips",)), 5):
        assert {task.options.tool for task in day.tasks} <= {None, "hands"}


def test_what_was_done_today_moves_tomorrow(library: tuple[Entry, ...]) -> None:
    """Who did something else today, or more than was planned, has the days of `today` tomorrow."""
    ease = Listener(pain=("buttock",))
    firm = Worked(MONDAY, "piriformis", 600, tool="lacrosse ball")
    worse = Worked(MONDAY, "piriformis", 600, pain_before=2, pain_after=6)
    for done, muscles in (
        (firm, ["piriformis", "gluteus-maximus"]),
        (worse, ["piriformis", None]),
        (Worked(MONDAY, "gluteus-maximus", 600), ["piriformis", "gluteus-medius"]),
    ):
        assert _muscles(_plan(library, ease, 2, done)) == muscles


@pytest.mark.parametrize("start", [date.min, date.max, date.max - timedelta(days=3)])
def test_the_ends_of_the_calendar(library: tuple[Entry, ...], start: date) -> None:
    """A day from which no plan can be made is refused."""
    with pytest.raises(UsageError, match="calendar ends"):
        plan(Listener(), library, (), start, 7, reach)


def test_unknown_answers(library: tuple[Entry, ...]) -> None:
    """A place that is none is refused."""
    with pytest.raises(UsageError, match="elbow"):
        _plan(library, Listener(pain=("elbow",)))


def test_minutes_of_a_session_are_whole() -> None:
    """Of what it is fitted to; of what lasts as written nothing is said."""
    for seconds, minutes in ((3540.0, 59), (3570.0, 60), (60.0, 1)):
        assert Task("t", "T", None, Options(length=seconds)).minutes == minutes
    assert Task("t", "T", None, Options()).minutes is None


def test_one_side_takes_turns() -> None:
    """Left and right where no side is worse; where one is, it has two of three turns."""
    alike = _Planner(Listener(), (), lambda *_: None)
    assert [alike._one_side(times) for times in range(5)] == [
        "left", "right", "left", "right", "left",
    ]  # fmt: skip
    worse = _Planner(Listener(side="right"), (), lambda *_: None)
    assert [worse._one_side(times) for times in range(6)] == ["right", "right", "left"] * 2
