"""The finder: from where it hurts to muscles, and to tracks with the options to play them with.

All of it is pure: the answers and the tracks go in, a proposal comes out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from voiceguide.errors import UsageError, did_you_mean
from voiceguide.library import catalogue
from voiceguide.library.catalogue import Caution, Tool
from voiceguide.library.tracks import Entry
from voiceguide.library.tracks import entries as all_entries
from voiceguide.plan import Options
from voiceguide.units import Seconds, SideChoice

SIDES: tuple[SideChoice, ...] = ("left", "right", "both")
HANDS = "hands"
ASSUMED = "tennis ball"
"""What is taken to be at hand where nobody said: most people have one, or something like it."""
_SELDOM_THE_SOURCE = "lower-back"
"""Pain is often felt there and seldom starts there: tried last, whatever points to it."""
_WORSE_COUNTS = 1.5
"""How many ranks a muscle gains where what makes the pain worse speaks for it too."""
_HIGHEST = 5
_LEVELS = ("beginner", "regular", "experienced")


@dataclass(frozen=True, slots=True)
class Answers:
    """What a listener says.

    Attributes:
        pain: ids of pain places, at least one for a proposal.
        side: the sore side.
        worse: ids of what makes it worse.
        tools: what is at hand beside the hands; None where nobody said.
        red_flags: ids of the red flags that were answered yes.
    """

    pain: tuple[str, ...]
    side: SideChoice = "both"
    worse: tuple[str, ...] = ()
    tools: tuple[str, ...] | None = None
    red_flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A track for this listener, and how to play it.

    Attributes:
        name: as `library.tracks.find` takes it.
        options: the sore side, and the tool to do it with.
        missing: whether the listener lacks that tool.
        note: what to know of the tool, or None.
        length: of the session as written, or None where it has none.
    """

    name: str
    title: str
    kind: str
    summary: str | None
    options: Options
    missing: bool
    note: str | None
    length: Seconds | None

    @property
    def tool(self) -> str | None:
        """What to do it with, or None where it needs nothing."""
        return self.options.tool


@dataclass(frozen=True, slots=True)
class Candidate:
    """A muscle worth trying.

    Attributes:
        reasons: why, a sentence each, the strongest first; at least one.
        tracks: those that find its spot, then those that release it, the best first.
    """

    muscle: str
    reasons: tuple[str, ...]
    tracks: tuple[Suggestion, ...]

    @property
    def release(self) -> Suggestion | None:
        """The track to release it with, or None where the library has none."""
        return next((track for track in self.tracks if track.kind == "release"), None)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the finder says.

    Attributes:
        stopped: the red flags that forbid it, the gravest first; then there are no muscles.
        muscles: in the order to try them.
        ask_first: what to ask a doctor about beforehand.
    """

    answers: Answers
    stopped: tuple[Caution, ...]
    muscles: tuple[Candidate, ...]
    ask_first: tuple[Caution, ...]


def red_flags() -> tuple[Caution, ...]:
    """What is asked before anything else, the gravest first; each has a question."""
    return tuple(caution for caution in catalogue.cautions().values() if caution.question)


def propose(answers: Answers, entries: Iterable[Entry] | None = None) -> Proposal:
    """Muscles in the order to try them, each with reasons and tracks; or a stop.

    Args:
        entries: the tracks to choose from, or None for the library's.

    Raises:
        UsageError: no place is named, or one of the answers is not known.
    """
    if not answers.pain:
        known = ", ".join(catalogue.pain_places())
        raise UsageError(f"it has to be known where it hurts: {known}")
    flags = {flag.id: flag for flag in red_flags()}
    for asked, what, ids in (
        (answers.pain, "pain place", catalogue.pain_places()),
        (answers.worse, "thing that makes it worse", catalogue.aggravators()),
        (answers.tools or (), "tool", catalogue.tools()),
        (answers.red_flags, "red flag", flags),
    ):
        _check(asked, what, ids)
    everywhere = [c for c in catalogue.cautions().values() if c.everywhere]
    ask_first = tuple(caution for caution in everywhere if caution.level == "ask first")
    if answers.red_flags:
        stopped = tuple(flag for flag in flags.values() if flag.id in answers.red_flags)
        return Proposal(answers, stopped, (), ask_first)
    entries = tuple(all_entries() if entries is None else entries)
    muscles = tuple(
        Candidate(muscle, reasons, suggestions(muscle, answers.side, answers.tools, entries))
        for muscle, reasons in _ranked(answers)
    )
    return Proposal(answers, (), muscles, ask_first)


def _ranked(answers: Answers) -> list[tuple[str, tuple[str, ...]]]:
    """Muscles with their reasons, the most likely first."""
    scores: dict[str, float] = {}
    ranked: dict[str, list[tuple[int, str]]] = {}
    for place in answers.pain:
        for rank, pointer in enumerate(catalogue.pain_places()[place].points_to):
            scores[pointer.muscle] = scores.get(pointer.muscle, 0.0) + _HIGHEST - rank
            ranked.setdefault(pointer.muscle, []).append((rank, pointer.reason))
    reasons = {
        muscle: [reason for _, reason in sorted(found, key=lambda pair: pair[0])]
        for muscle, found in ranked.items()
    }
    places = set(scores)
    signs = [catalogue.aggravators()[worse] for worse in answers.worse]
    for sign in signs:
        for pointer in sign.points_to:
            if pointer.muscle in places:
                reasons[pointer.muscle].append(pointer.reason)
        # Of the muscles that only what makes it worse speaks for, its first is worth a try.
        extra = next((p for p in sign.points_to if p.muscle not in scores), None)
        if extra is not None:
            scores[extra.muscle] = 0.0
            reasons[extra.muscle] = [extra.reason]
    spoken_for = {pointer.muscle for sign in signs for pointer in sign.points_to}
    for muscle in places & spoken_for:
        scores[muscle] += _WORSE_COUNTS
    order = sorted(scores, key=lambda m: (m == _SELDOM_THE_SOURCE, -scores[m]))
    return [(muscle, tuple(reasons[muscle])) for muscle in order]


def suggestions(
    muscle: str, side: SideChoice, tools: Sequence[str] | None, entries: Iterable[Entry]
) -> tuple[Suggestion, ...]:
    """The tracks that find or release a muscle with what is at hand, the best first.

    Args:
        side: the sore side.
        tools: what is at hand beside the hands, or None where nobody said.
    """
    entries = tuple(entries)
    at_hand = {HANDS, *([ASSUMED] if tools is None else tools)}
    known = [entry.track.name for entry in entries]
    found = []
    for entry in entries:
        front = entry.front
        if entry.problem or front.kind not in ("find", "release") or muscle not in front.muscles:
            continue
        if front.kind == "find" and front.muscles[0] != muscle:
            continue
        twice = known.count(entry.track.name) > 1
        name = f"{entry.track.origin}/{entry.track.name}" if twice else entry.track.name
        tool, missing = _tool(front.tools, at_hand, gentle=front.kind == "find")
        suggestion = Suggestion(
            name=name,
            title=entry.title,
            kind=front.kind,
            summary=front.summary,
            options=sore(side, tool),
            missing=missing,
            note=_note(tool, missing),
            length=front.length,
        )
        found.append((_key(entry, muscle, suggestion), suggestion))
    return tuple(suggestion for _, suggestion in sorted(found, key=lambda pair: pair[0]))


def _key(entry: Entry, muscle: str, suggestion: Suggestion) -> tuple[object, ...]:
    front, name = entry.front, entry.track.name
    return (
        front.kind != "find",
        suggestion.missing,
        suggestion.tool == _hardest().id,
        suggestion.tool == HANDS and front.kind != "find",
        front.muscles[0] != muscle,
        _LEVELS.index(front.level) if front.level in _LEVELS else len(_LEVELS),
        name != muscle,
        not name.startswith(muscle),
        suggestion.name,
    )


def _tool(tools: Sequence[str], at_hand: set[str], *, gentle: bool) -> tuple[str | None, bool]:
    """What to do a track with, and whether it is missing: the softest first, the hardest last.

    What the listener brings comes before bare hands, except where the touch is to be light.
    """
    if not tools:
        return None, False
    have = [tool for tool in tools if tool in at_hand]
    firmness = {tool.id: tool.firmness for tool in catalogue.tools().values()}
    hardest = _hardest()

    def rank(tool: str) -> tuple[bool, bool, int]:
        firm = firmness.get(tool, hardest.firmness)
        return tool == hardest.id, tool == HANDS and not gentle, firm

    return min(have or tools, key=rank), not have


def _hardest() -> Tool:
    return max(catalogue.tools().values(), key=lambda tool: tool.firmness)


def _note(name: str | None, missing: bool) -> str | None:
    tool = catalogue.tools().get(name or "")
    if tool is None:
        return None
    if missing:
        return f"It needs a {tool.id}. {tool.instead.rstrip('.')} can stand in for it."
    return tool.text if tool.id == _hardest().id else None


def sore(side: SideChoice, tool: str | None = None) -> Options:
    """Options for a sore side, which comes first and gets more time; the same for both."""
    return Options(sore=None if side == "both" else side, tool=tool)


def _check(ids: Iterable[str], what: str, known: Mapping[str, object]) -> None:
    for named in ids:
        if named not in known:
            hint = did_you_mean(named, known) or "there are " + ", ".join(known)
            raise UsageError(f'there is no {what} "{named[:80]}": {hint}')
