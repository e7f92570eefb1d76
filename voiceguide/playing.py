"""From a request to what a transport plays: sound begins while the rest is still being spoken.

A session played as written is arranged again and again while its sentences become ready: positions
are sums, so what comes before the first missing one stands fast, but for the background, which is
turned down a little before the next words. A session fitted to a length waits for all of them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from voiceguide.audio import RATE, Clip
from voiceguide.errors import LengthError, ScriptError, UsageError, VoiceguideError
from voiceguide.plan import Options, Plan, Utterance
from voiceguide.plan.model import Item, Span, said
from voiceguide.player.score import Score
from voiceguide.session import (
    Loaded,
    Progress,
    Request,
    Session,
    arrange_session,
    make_plan,
    open_voice,
    prepare,
)
from voiceguide.timeline import Chapter, Event, Timeline
from voiceguide.units import Frames, format_seconds, to_frames

if TYPE_CHECKING:
    from voiceguide.audio import Samples
    from voiceguide.speech.base import Engine

MARGIN = 7.0
"""Seconds before the first missing sentence in which the background may still change: its fades,
its ducking and the look-ahead of the limiter are shorter together."""
_FIRST = 4.0
"""Certain seconds with which a first score is given out."""
_AGAIN = 1.0
"""Least seconds between two scores."""
_LETTERS = 14.0
"""Letters a second, for a guess at what is not spoken yet."""

_PATIENCE = 3.0
"""Seconds for which a sentence that is being spoken is waited for at the end."""

LONGEST_LEAD = 600.0
"""Seconds that `--start-in` takes at most."""


class _Closed(Exception):
    """Nobody waits for the session any more."""


@dataclass(frozen=True, slots=True)
class _Guess:
    """A clip that is not spoken yet, as long as it may become."""

    frames: int
    channels: int = 1

    def read(self, start: int, count: int) -> Samples:  # noqa: ARG002
        raise AssertionError("what is not spoken yet is never played")


class Preparation:
    """A session on its way; called, it gives what is known of it as a `Score`.

    Attributes:
        loaded: the script.
        session: the session, once all of it is known, else None.
    """

    def __init__(self, loaded: Loaded, request: Request) -> None:
        self.loaded = loaded
        self.session: Session | None = None
        self._request = request
        self._progress: Progress | None = None
        self._score: Score | None = None
        self._error: BaseException | None = None
        self._changed = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="preparation", daemon=True)

    def start(self, progress: Progress | None = None) -> None:
        """Begin to speak and to arrange."""
        self._progress = progress
        self._thread.start()

    def first(self) -> Score:
        """The first score, as soon as there is one.

        Raises:
            VoiceguideError: as `session.compile`.
        """
        with self._changed:
            # With a time limit, so that a signal is noticed on every system.
            while self._score is None and self._error is None:
                self._changed.wait(0.5)
        return self()

    def __call__(self) -> Score:
        """The latest score.

        Raises:
            VoiceguideError: the session cannot be completed.
        """
        if self._error is not None:
            raise self._error
        assert self._score is not None
        return self._score

    def close(self) -> None:
        """Leave unspoken what is not spoken yet."""
        self._stopped = True
        if self._thread.is_alive():
            self._thread.join(_PATIENCE)

    def _report(self, stage: str, done: int, total: int) -> None:
        """Tell how far it is; nobody waits for what is left of it once it is closed."""
        if self._stopped:
            raise _Closed
        if self._progress is not None:
            self._progress(stage, done, total)

    def _publish(self, session: Session, ready: int) -> None:
        with self._changed:
            self._score = Score(session.timeline, session.clips, ready)
            self._changed.notify_all()

    def _run(self) -> None:
        try:
            self.session = self._prepare()
            self._publish(self.session, self.session.timeline.frames)
        except BaseException as error:  # handed on to the one who plays
            with self._changed:
                self._error = error
                self._changed.notify_all()

    def _prepare(self) -> Session:
        request, loaded = self._request, self.loaded
        fitted = request.options.length or loaded.script.front.length
        # On a sore side, what comes later can move what came before.
        if fitted is not None or request.options.sore is not None:
            return prepare(loaded, request, progress=self._report)
        plan = make_plan(loaded, request.options)
        engine = open_voice(request, loaded.script)
        try:
            return self._grow(plan, engine)
        finally:
            engine.close()

    def _grow(self, plan: Plan, engine: Engine) -> Session:
        from voiceguide.speech.cache import Cache
        from voiceguide.speech.render import render_iter

        beginning = Beginning(self.loaded, self._request, plan)
        voiced: dict[Utterance, Clip] = {}
        last = 0.0
        spoken = render_iter(
            engine, beginning.order, Cache(),
            progress=lambda done, total: self._report("speaking", done, total),
        )  # fmt: skip
        for utterance, clip in spoken:
            voiced[utterance] = clip
            # Cached sentences come by the hundred: there is no need to look at each.
            if len(voiced) == len(beginning.order) or (
                self._score is not None and time.monotonic() - last < _AGAIN
            ):
                continue
            if found := beginning.session(voiced, engine.name):
                self._publish(*found)
                last = time.monotonic()
        return arrange_session(self.loaded, self._request, plan, voiced, engine.name)


class Beginning:
    """What is certain of a session as written while only some of its sentences are spoken.

    Attributes:
        order: all that is said, in the order in which it is needed.
    """

    def __init__(self, loaded: Loaded, request: Request, plan: Plan) -> None:
        self._loaded = loaded
        self._request = request
        self._plan = plan
        self._items = plan.unfold(plan.usual())
        self._needed = _needs(self._items)
        self.order = list(dict.fromkeys(word for words in self._needed for word in words))

    def session(self, voiced: Mapping[Utterance, Clip], voice: str) -> tuple[Session, int] | None:
        """The session with guesses for what is not spoken yet, and how many frames are certain.

        Returns:
            None as long as that is too little to begin with.
        """
        clips = {word: voiced.get(word) or _guess(word, self._request) for word in self.order}
        try:
            ready = self._certain(voiced, clips) - round(MARGIN * RATE)
            if ready < _FIRST * RATE:
                return None
            session = arrange_session(self._loaded, self._request, self._plan, clips, voice)
        except (ScriptError, LengthError):
            return None  # the guesses may be at fault; the last arrangement tells
        return session, min(ready, session.timeline.frames - 1)

    def _certain(self, voiced: Mapping[Utterance, Clip], clips: Mapping[Utterance, Clip]) -> int:
        """Where the first item stands whose length is not certain."""
        from voiceguide.timeline.solid import solidify

        lengths = {utterance: clip.frames for utterance, clip in clips.items()}
        solid = solidify(self._items, lengths, self._plan, RATE)
        at = 0
        for index, words in enumerate(self._needed):
            if not all(word in voiced for word in words):
                break
            at += solid.frames(index, 0.0)
        return at


def _needs(items: Iterable[Item]) -> list[tuple[Utterance, ...]]:
    """What has to be spoken before an item's place and length are certain.

    An interval is as long as its words need in any of its runs, so all of them count.
    """
    items = list(items)
    runs: dict[int, list[Utterance]] = {}
    for item in items:
        if isinstance(item, Span):
            runs.setdefault(item.cue, []).extend(said(item))
    return [tuple(runs[i.cue]) if isinstance(i, Span) else said(i) for i in items]


def _guess(utterance: Utterance, request: Request) -> _Guess:
    seconds = min(0.9, 0.4 + len(utterance.spoken) / 20)
    if len(utterance.spoken) > 12:
        seconds = len(utterance.spoken) / _LETTERS
    return _Guess(to_frames(seconds / max(request.speed, 1.0), RATE))


def make_lead(loaded: Loaded, request: Request, seconds: float) -> Score:
    """What is said before a session starts: how long it will be, and the last seconds.

    Raises:
        SpeechError: the voice failed.
    """
    from voiceguide.speech.cache import Cache
    from voiceguide.speech.render import render
    from voiceguide.timeline.placing import voice_key

    total = to_frames(seconds, RATE)
    engine = open_voice(request, loaded.script)
    try:
        wanted = _lead_words(seconds)
        voiced = render(engine, [utterance for _, utterance in wanted], Cache())
    finally:
        engine.close()
    events: list[Event] = []
    for left, utterance in wanted:
        start, frames = total - to_frames(left, RATE), voiced[utterance].frames
        # The later one matters more: what runs into it is left out.
        while events and events[-1].end > start:
            events.pop()
        if start + frames <= total:
            events.append(
                Event(
                    "voice", Frames(start), Frames(frames), clip=voice_key(utterance),
                    text=utterance.text,
                )
            )  # fmt: skip
    chapter = Chapter("Starting soon", Frames(0), Frames(total))
    clips = {voice_key(utterance): clip for utterance, clip in voiced.items()}
    timeline = Timeline(request.format, Frames(total), (chapter,), tuple(events))
    return Score(timeline, clips.__getitem__, total)


def _lead_words(seconds: float) -> list[tuple[float, Utterance]]:
    """(seconds left, what is said then), in order."""
    from voiceguide.script.words import words

    numbers = words("en").numbers
    said = [(seconds, f"Starting in {_in_words(seconds, numbers)}.")] if seconds >= 4 else []
    said += [
        (float(left), f"{_in_words(left, numbers).capitalize()}.")
        for left in (300, 120, 60, 30, 10)
        if left < seconds - 4
    ]
    counted = range(min(5, int(seconds)), 0, -1)
    return [
        *((left, Utterance(text, text)) for left, text in said),
        *((float(k), Utterance(numbers[k - 1], numbers[k - 1] + ".")) for k in counted),
    ]


def _in_words(seconds: float, numbers: tuple[str, ...]) -> str:
    parts = zip(divmod(int(seconds), 60), ("minute", "second"), strict=True)
    said = []
    for count, unit in parts:
        number = numbers[count - 1].casefold() if 0 < count <= len(numbers) else str(count)
        if count:
            said.append(f"{number} {unit}{'s' if count != 1 else ''}")
    return " and ".join(said)


def check_lead(seconds: float) -> None:
    """Raises UsageError: no session waits so long, or so little."""
    if not 1 <= seconds <= LONGEST_LEAD:
        raise UsageError(
            f"a session starts in 1s to {format_seconds(LONGEST_LEAD)}, "
            f"not in {format_seconds(seconds)}"
        )


def request_as_dict(request: Request) -> dict[str, Any]:
    """A request as JSON-ready values."""
    return asdict(request)


def request_from_dict(data: Mapping[str, Any]) -> Request:
    """The request of `request_as_dict`.

    Raises:
        VoiceguideError: another version has written it, or somebody's hand.
    """
    try:
        known = {field.name for field in fields(Request)}
        options = Options(**data["options"])
        rest = {key: value for key, value in data.items() if key in known and key != "options"}
        request = Request(options=options, **rest)
        texts = (request.voice, options.tool, options.background)
        if (
            not isinstance(request.name, str)
            or not all(isinstance(text, str | None) for text in texts)
            or type(request.speed) not in (int, float)
        ):
            raise TypeError("a value is of another kind")
    except (KeyError, TypeError, ValueError) as error:
        raise VoiceguideError(
            f"what was kept of the last session cannot be read ({error}): start it with play"
        ) from error
    return request
