"""The finder: from where it hurts to muscles, tracks and the commands that play them.

All of it is pure: the answers and the tracks go in, a proposal comes out.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from voiceguide.errors import UsageError, did_you_mean
from voiceguide.library import catalogue
from voiceguide.library.catalogue import Caution, Tool
from voiceguide.library.tracks import Entry
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
    """A track for this listener.

    Attributes:
        name: as commands take it.
        tool: what to do it with, or None where it needs nothing.
        missing: whether the listener lacks that tool.
        note: what to know of the tool, or None.
        length: of the session as written, or None where it has none.
        command: the words that play it.
    """

    name: str
    title: str
    kind: str
    summary: str | None
    tool: str | None
    missing: bool
    note: str | None
    length: Seconds | None
    command: tuple[str, ...]


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


def propose(answers: Answers, entries: Iterable[Entry]) -> Proposal:
    """Muscles in the order to try them, each with reasons and tracks; or a stop.

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
    entries = tuple(entries)
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
            name, entry.title, front.kind, front.summary, tool, missing, _note(tool, missing),
            front.length, command("play", name, sides=sore(side), tool=tool),
        )  # fmt: skip
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


def command(
    verb: str,
    name: str,
    *,
    sides: tuple[str, ...] = (),
    tool: str | None = None,
    minutes: int | None = None,
) -> tuple[str, ...]:
    """The words of a command that plays or exports a track.

    Args:
        sides: the option that says which sides are worked and how, as `sore` gives it.
    """
    words = ["voiceguide", verb, name, *sides]
    if tool is not None:
        words += ["--tool", tool]
    if minutes is not None:
        words += ["--minutes", str(minutes)]
    return tuple(words)


def sore(side: SideChoice) -> tuple[str, ...]:
    """The option for a sore side, which comes first and gets more time; none for both."""
    return () if side == "both" else ("--sore", side)


def command_line(words: Iterable[str]) -> str:
    """The words as one line that a shell takes."""
    # Double quotes where they are enough: every shell knows them.
    return " ".join(
        word if re.fullmatch(r"[\w./-]+", word)
        else f'"{word}"' if re.fullmatch(r"[\w ./,-]+", word)
        else shlex.quote(word)
        for word in words
    )  # fmt: skip


# ------------------------------------------------------------------------- words to answers


def pain_places(words: Iterable[str]) -> tuple[str, ...]:
    """Ids of pain places, each once; see `choose`."""
    return _all(words, {p.id: p.name for p in catalogue.pain_places().values()}, "pain place")


def worse_things(words: Iterable[str]) -> tuple[str, ...]:
    """Ids of what makes it worse, each once; see `choose`."""
    known = {sign.id: sign.name for sign in catalogue.aggravators().values()}
    return _all(words, known, "thing that makes it worse")


def tool_names(words: Iterable[str]) -> tuple[str, ...]:
    """Names of tools, each once; see `choose`."""
    return _all(words, {tool: tool for tool in catalogue.tools()}, "tool")


def flag_ids(words: Iterable[str]) -> tuple[str, ...]:
    """Ids of red flags, each once; see `choose`."""
    return _all(words, {flag.id: flag.id for flag in red_flags()}, "red flag")


def _all(words: Iterable[str], known: Mapping[str, str], what: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(choose(word, known, what) for word in words))


def choose(word: str, known: Mapping[str, str], what: str) -> str:
    """The id that a word means: an id, a name, or the beginning of a word in one of them.

    Args:
        known: ids to names.
        what: what is asked for, as messages call it.

    Raises:
        UsageError: it means none, or more than one.
    """
    wanted = _plain(word)
    for key, name in known.items():
        if wanted in (_plain(key), _plain(name)):
            return key
    near = [
        key
        for key, name in known.items()
        if wanted
        and any(f" {text}".find(f" {wanted}") >= 0 for text in (_plain(key), _plain(name)))
    ]
    if len(near) == 1:
        return near[0]
    if near:
        raise UsageError(f'"{word}" could be {" or ".join(near)}: write more of it')
    hint = did_you_mean(word, known) or "there are " + ", ".join(known)
    raise UsageError(f'there is no {what} "{word[:80]}": {hint}')


def _plain(text: str) -> str:
    return " ".join(re.split(r"[\s_-]+", text.strip().casefold()))


def _check(ids: Iterable[str], what: str, known: Mapping[str, object]) -> None:
    for named in ids:
        if named not in known:
            hint = did_you_mean(named, known) or "there are " + ", ".join(known)
            raise UsageError(f'there is no {what} "{named[:80]}": {hint}')
