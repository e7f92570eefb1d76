"""Utterances to clips: from the cache, or spoken, each distinct text once."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from voiceguide.audio import Clip
from voiceguide.errors import SoundError, SpeechError, VoiceguideError
from voiceguide.plan.model import Utterance
from voiceguide.speech.base import LONGEST_TEXT, Engine, KnowsLengths
from voiceguide.speech.cache import Cache, StoredClip, clip_key
from voiceguide.speech.workers import Overdue, Task, Workers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PROCESSING = 2
"""Version of how a voice's samples become a clip; a new one makes every cached clip anew."""

LIMIT = 60.0
"""Seconds after which a voice hangs that has not finished a sentence, plus 0.1 a character."""

T = TypeVar("T")
Progress = Callable[[int, int], None]


def render(
    engine: Engine,
    utterances: Iterable[Utterance],
    cache: Cache,
    *,
    progress: Progress | None = None,
    limit: float = LIMIT,
) -> dict[Utterance, Clip]:
    """The clip of each utterance.

    Args:
        progress: called with how many of the distinct texts are done, and how many there are.
        limit: seconds that the voice may take for a sentence, plus 0.1 for each character.

    Raises:
        SpeechError: the voice failed; the message names the sentence.
    """
    return dict(render_iter(engine, utterances, cache, progress=progress, limit=limit))


def render_iter(
    engine: Engine,
    utterances: Iterable[Utterance],
    cache: Cache,
    *,
    progress: Progress | None = None,
    limit: float = LIMIT,
) -> Generator[tuple[Utterance, Clip], None, None]:
    """As `render`, one by one in the order given, each utterance once, as soon as it is ready.

    The rest is spoken meanwhile, whether or not the next one is asked for. An iterator that is
    closed early leaves what was not begun unspoken.
    """
    wanted = list(dict.fromkeys(utterances))
    spoken = list(dict.fromkeys(utterance.spoken for utterance in wanted))
    speaker = _Speaker(engine, cache, limit)
    clips: dict[str, Clip] = {}
    for text in spoken:
        if clip := speaker.stored(text):
            clips[text] = clip
    missing = [text for text in spoken if text not in clips]
    done = len(clips)
    if progress:
        progress(done, len(spoken))
    if not missing:
        yield from ((utterance, clips[utterance.spoken]) for utterance in wanted)
        return
    workers = Workers(min(max(1, engine.workers), 2, len(missing)))
    tasks: dict[str, Task[Clip]] = {}
    try:
        for text in missing:
            tasks[text] = workers.submit(speaker.task(text))
        for utterance in wanted:
            text = utterance.spoken
            if text not in clips:
                clips[text] = _wait(engine, text, tasks[text], limit)
                done += 1
                if progress:
                    progress(done, len(spoken))
            yield utterance, clips[text]
    finally:
        for task in tasks.values():
            task.cancel()
        # A program should not end while a model computes; one that hangs is not waited for.
        workers.close(patience=1.0)


def _wait(engine: Engine, text: str, task: Task[T], limit: float) -> T:
    try:
        return task.wait(limit + 0.1 * len(text))
    except Overdue:
        raise SpeechError(
            f'the voice "{engine.name}" hangs at "{_short(text)}"', settings=("voice",)
        ) from None


class _Speaker:
    """An engine that speaks into a cache."""

    def __init__(self, engine: Engine, cache: Cache, limit: float) -> None:
        self._engine = engine
        self._cache = cache
        self._limit = limit
        self._lengths = engine if isinstance(engine, KnowsLengths) else None

    def _key(self, text: str) -> bytes:
        return clip_key(self._engine.identity, PROCESSING, text)

    def stored(self, text: str) -> Clip | None:
        """The clip of the cache, or one whose length is known beforehand, or None."""
        key = self._key(text)
        known = None if self._lengths is None else self._lengths.frames(text)
        frames = self._cache.find(key) if known is None else known
        return None if frames is None else self._clip(key, frames, text)

    def task(self, text: str) -> Callable[[], Clip]:
        """A call that speaks a text and gives its clip."""
        return lambda: self._clip(self._key(text), len(self.speak(text)), text)

    def _clip(self, key: bytes, frames: int, text: str) -> Clip:
        return StoredClip(self._cache, key, frames, lambda: self._again(text))

    def _again(self, text: str) -> NDArray[np.int16]:
        workers = Workers(1)
        try:
            task = workers.submit(lambda: self.speak(text))
            return _wait(self._engine, text, task, self._limit)
        finally:
            workers.close()

    def speak(self, text: str) -> NDArray[np.int16]:
        """Samples of a text, spoken now and stored."""
        name, where = self._engine.name, f'"{_short(text)}"'
        if len(text) > LONGEST_TEXT:
            raise SpeechError(
                f"{where} is a sentence of {len(text)} characters: "
                f"cut it into sentences of at most {LONGEST_TEXT}"
            )
        try:
            answer: Any = self._engine.speak(text)
        except VoiceguideError as error:
            raise SpeechError(f'the voice "{name}" failed at {where}: {error}') from error
        except (Exception, SystemExit) as error:  # an engine of another package may raise anything
            detail = f"{type(error).__name__}: {error}".rstrip(": ")
            raise SpeechError(f'the voice "{name}" failed at {where}: {detail}') from error
        from voiceguide.audio.shape import voice_clip

        if not (isinstance(answer, tuple) and len(answer) == 2):
            answer = None, None
        samples, rate = answer
        if fault := _fault(samples, rate, text):
            raise SpeechError(f'the voice "{name}" gave {fault} for {where}')
        try:
            data = voice_clip(samples, rate)
        except SoundError:
            raise SpeechError(f'the voice "{name}" gave no sound for {where}') from None
        self._cache.store(self._key(text), data)
        return data


def _fault(samples: object, rate: object, text: str) -> str | None:
    """What is wrong with an engine's answer, or None."""
    import numpy as np

    if not isinstance(samples, np.ndarray) or samples.dtype != np.float32 or samples.ndim != 1:
        return "something that is not sound"
    if not isinstance(rate, int) or not 4_000 <= rate <= 384_000:
        return f"a sample rate of {rate}"
    if not len(samples):
        return "no sound"
    if not np.isfinite(samples).all():
        return "samples that are not numbers"
    if len(samples) / rate > 10 + len(text):
        return f"{len(samples) / rate:.0f} seconds of sound"
    return None


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57].rstrip() + "..."
