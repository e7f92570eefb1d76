"""The finder: from where it hurts to muscles, and to tracks with the options to play them with.

All of it is pure: the answers and the tracks go in, a proposal comes out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from voiceguide.errors import UsageError, did_you_mean
from voiceguide.library import catalogue
from voiceguide.library.catalogue import Caution, Tool, tool_parts
from voiceguide.library.tracks import Entry
from voiceguide.library.tracks import entries as all_entries
from voiceguide.plan import Options
from voiceguide.units import Seconds

SoreSide = Literal["left", "right", "both", "neither"]
"""Which side hurts more; `both` are sore alike, `neither` is for who can't say."""
Practised = Literal["beginner", "regular"]

SIDES: tuple[SoreSide, ...] = ("left", "right", "both", "neither")
PRACTISED: tuple[Practised, ...] = ("beginner", "regular")
HANDS = "hands"
ASSUMED = "tennis ball"
"""What is taken to be at hand where nobody said: most people have one, or something like it."""
_SELDOM_THE_SOURCE = "lower-back"
"""Pain is often felt there and seldom starts there: tried last, whatever points to it."""
_WORSE_COUNTS = 1.5
"""How many ranks a muscle gains where what makes the pain worse speaks for it too."""
_HIGHEST = 5
_LEGS = ("back-of-thigh", "calf-or-foot")
"""Pain there on both sides at once is a red flag."""
_BOTH_LEGS = "both-legs"


@dataclass(frozen=True, slots=True)
class Answers:
    """What a listener says.

    Attributes:
        pain: ids of pain places, at least one for a proposal.
        side: the sore side.
        worse: ids of what makes it worse.
        tools: what is at hand beside the hands; None where nobody said.
        red_flags: ids of the red flags that were answered yes.
        level: how practised; a beginner is proposed nothing that is for others.
    """

    pain: tuple[str, ...]
    side: SoreSide = "neither"
    worse: tuple[str, ...] = ()
    tools: tuple[str, ...] | None = None
    red_flags: tuple[str, ...] = ()
    level: Practised = "beginner"


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
        ask_back: a red flag that the answers speak of and that nobody answered yes: it is asked,
            and until then there are no muscles.
        muscles: in the order to try them.
        ask_first: what to ask a doctor about beforehand.
    """

    answers: Answers
    stopped: tuple[Caution, ...]
    muscles: tuple[Candidate, ...]
    ask_first: tuple[Caution, ...]
    ask_back: Caution | None = None


def contradiction(answers: Answers) -> Caution | None:
    """The red flag that the answers speak of though it was not answered yes, or None.

    Pain in both legs at once is an emergency sign, and not a side that hurts like the other.
    """
    legs = answers.side == "both" and any(place in _LEGS for place in answers.pain)
    if not legs or _BOTH_LEGS in answers.red_flags:
        return None
    return catalogue.cautions()[_BOTH_LEGS]


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
    if (ask_back := contradiction(answers)) is not None:
        return Proposal(answers, (), (), ask_first, ask_back)
    entries = tuple(all_entries() if entries is None else entries)
    muscles = tuple(
        Candidate(
            muscle,
            reasons,
            suggestions(muscle, answers.side, answers.tools, entries, answers.level),
        )
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
    muscle: str,
    side: SoreSide,
    tools: Sequence[str] | None,
    entries: Iterable[Entry],
    level: Practised = "beginner",
) -> tuple[Suggestion, ...]:
    """The tracks that find or release a muscle with what is at hand, the best first.

    Args:
        side: the sore side.
        tools: what is at hand beside the hands, or None where nobody said.
        level: how practised the listener is.
    """
    entries = tuple(entries)
    at_hand = {HANDS, *([ASSUMED] if tools is None else tools)}
    found = []
    for entry in entries:
        front = entry.front
        if entry.problem or front.kind not in ("find", "release") or muscle not in front.muscles:
            continue
        if front.kind == "find" and front.muscles[0] != muscle:
            continue
        fit = [tool for tool in front.tools if level != "beginner" or not _hard(tool)]
        if level == "beginner" and front.level != "beginner" or front.tools and not fit:
            continue
        tool, missing = mildest_tool(fit, at_hand, gentle=front.kind == "find")
        suggestion = Suggestion(
            name=entry.track.ref,
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
        _hard(suggestion.tool or ""),
        suggestion.tool == HANDS and front.kind != "find",
        front.muscles[0] != muscle,
        front.level != "beginner",
        name != muscle,
        not name.startswith(muscle),
        suggestion.name,
    )


def mildest_tool(
    tools: Sequence[str], at_hand: Collection[str], *, gentle: bool = False
) -> tuple[str | None, bool]:
    """What to do a track with, and whether it is missing: the softest first, the hardest last.

    What the listener brings comes before bare hands, except where the touch is to be light. A
    tool of several parts is at hand where all of them are.

    Args:
        tools: one of them is enough.
        gentle: whether the touch is to be light.
    """
    if not tools:
        return None, False
    have = [tool for tool in tools if all(part in at_hand for part in tool_parts(tool))]

    def rank(tool: str) -> tuple[bool, bool, int]:
        return _hard(tool), tool == HANDS and not gentle, _firmness(tool)

    return min(have or tools, key=rank), not have


def _firmness(tool: str) -> int:
    """Of the firmest part of a tool; what the catalogue does not know is the firmest."""
    known, hardest = catalogue.tools(), _hardest().firmness
    parts = tool_parts(tool)
    return max((known[part].firmness if part in known else hardest for part in parts), default=0)


def _hard(tool: str) -> bool:
    """Whether it is, or has in it, the hardest tool there is."""
    return _hardest().id in tool_parts(tool)


def _hardest() -> Tool:
    return max(catalogue.tools().values(), key=lambda tool: tool.firmness)


def _note(name: str | None, missing: bool) -> str | None:
    known = [
        catalogue.tools()[part] for part in tool_parts(name or "") if part in catalogue.tools()
    ]
    if missing:
        told = [f"{tool.instead.rstrip('.')} can stand in for it." for tool in known[:1]]
        return " ".join([f"It needs {in_words(name or '')}.", *told])
    return next((tool.text for tool in known if _hard(tool.id)), None)


def in_words(tool: str) -> str:
    """A tool, or several that are all needed, as in `a tennis ball and a massage ball`."""
    parts = tool_parts(tool)
    if parts == (HANDS,):
        return "your hands"
    named = [
        part if part == HANDS else f"{'an' if part[0] in 'aeiou' else 'a'} {part}" for part in parts
    ]
    return " and ".join(named)


def sore(side: SoreSide, tool: str | None = None) -> Options:
    """Options for a sore side, which comes first and gets more time; the same for both."""
    return Options(sore=side if side in ("left", "right") else None, tool=tool)


def _check(ids: Iterable[str], what: str, known: Mapping[str, object]) -> None:
    for named in ids:
        if named not in known:
            hint = did_you_mean(named, known) or "there are " + ", ".join(known)
            raise UsageError(f'there is no {what} "{named[:80]}": {hint}')
