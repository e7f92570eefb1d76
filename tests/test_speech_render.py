"""Utterances become clips, whatever the engine does."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from voiceguide.errors import SpeechError
from voiceguide.plan.model import Utterance
from voiceguide.speech.cache import Cache
from voiceguide.speech.registry import open_engine
from voiceguide.speech.render import render, render_iter
from voiceguide.speech.silent import SilentEngine, frames_of
from voiceguide.speech.workers import Workers

Answer = Callable[[str], tuple[object, object]]


class Engine(SilentEngine):
    """An engine that counts, and answers as it is told."""

    name = "odd"

    def __init__(self, answer: Answer | None = None, *, identity: str = "odd/1", workers: int = 1):
        self.spoken: list[str] = []
        self.identity = identity
        self.workers = workers
        self._answer = answer

    def frames(self, text: str) -> int | None:  # noqa: ARG002
        return None

    def speak(self, text: str) -> tuple[np.ndarray, int]:
        self.spoken.append(text)
        return self._answer(text) if self._answer else super().speak(text)  # type: ignore[return-value]


def said(*texts: str) -> list[Utterance]:
    """Utterances spoken as written."""
    return [Utterance(text, text) for text in texts]


def test_each_text_is_spoken_once(tmp_path: Path) -> None:
    """Two captions of one sound share it, and the second run speaks nothing."""
    utterances = [
        Utterance("gluteus", "gloo tee us"),
        Utterance("other", "gloo tee us"),
        *said("b"),
    ]
    engine = Engine()
    clips = render(engine, [*utterances, *utterances], Cache(tmp_path))
    assert list(clips) == utterances
    assert engine.spoken == ["gloo tee us", "b"]
    again = Engine()
    assert list(render(again, utterances, Cache(tmp_path))) == utterances
    assert again.spoken == []


def test_another_identity_is_another_voice(tmp_path: Path) -> None:
    """A voice never gets the clips of another."""
    render(Engine(), said("a"), Cache(tmp_path))
    other = Engine(identity="odd/2")
    render(other, said("a"), Cache(tmp_path))
    assert other.spoken == ["a"]


def test_one_changed_sentence_is_all_that_is_spoken(tmp_path: Path) -> None:
    """The rest comes from the cache."""
    render(Engine(), said("a", "b", "c"), Cache(tmp_path))
    engine = Engine()
    render(engine, said("a", "B", "c"), Cache(tmp_path))
    assert engine.spoken == ["B"]


def test_fresh_and_stored_clips_are_the_same(tmp_path: Path) -> None:
    """Sample for sample, also from memory when nothing can be written."""
    utterances = said("One sentence.", "And one more.")
    (tmp_path / "file").write_text("")
    caches = [
        Cache(tmp_path / "a"),
        Cache(tmp_path / "a"),
        Cache(tmp_path / "file" / "x", warn=lambda _: None),
    ]
    all_samples = []
    for cache in caches:
        clips = render(Engine(), utterances, cache)
        all_samples.append([clips[u].read(0, clips[u].frames) for u in utterances])
    for samples in all_samples[1:]:
        assert all((a == b).all() for a, b in zip(samples, all_samples[0], strict=True))


def test_the_silent_engine_has_lengths_by_text(tmp_path: Path) -> None:
    """60 ms a character and nothing trimmed off, at least 300 ms; each text a sound of its own."""
    utterances = said("in", "Hold it there.", "Hold it here..")
    clips = render(open_engine("silent"), utterances, Cache(tmp_path))
    for utterance in utterances:
        assert clips[utterance].frames == frames_of(utterance.spoken)
    assert clips[utterances[0]].frames == 13_230
    assert clips[utterances[1]].frames == 14 * 2_646
    one, two = (clips[u].read(0, 14 * 2_646)[:, 0] for u in utterances[1:])
    assert np.corrcoef(one, two)[0, 1] < 0.2


def test_progress_goes_up_to_the_end(tmp_path: Path) -> None:
    """What was in the cache counts as done from the start."""
    seen: list[tuple[int, int]] = []
    render(Engine(), said("a", "b"), Cache(tmp_path))
    render(
        Engine(), said("a", "b", "c", "d"), Cache(tmp_path), progress=lambda *at: seen.append(at)
    )
    assert seen == [(2, 4), (3, 4), (4, 4)]


def test_nothing_to_say() -> None:
    """No utterances, no clips."""
    assert render(Engine(), [], Cache(Path("/nonexistent"))) == {}


def test_clips_come_before_all_are_spoken(tmp_path: Path) -> None:
    """In the order asked for, while the next is still being spoken."""
    allow = threading.Event()

    def answer(text: str) -> tuple[object, object]:
        if text == "b":
            allow.wait(10)
        return SilentEngine().speak(text)

    clips = render_iter(Engine(answer), said("a", "b", "a", "c"), Cache(tmp_path))
    assert next(clips)[0].text == "a"
    allow.set()
    assert [utterance.text for utterance, _ in clips] == ["b", "c"]


def test_the_rest_is_spoken_meanwhile(tmp_path: Path) -> None:
    """Without anybody asking for the next one."""
    engine = Engine()
    clips = render_iter(engine, said(*"abcdef"), Cache(tmp_path))
    next(clips)
    end = time.monotonic() + 10
    while len(engine.spoken) < 6 and time.monotonic() < end:
        time.sleep(0.01)
    assert engine.spoken == list("abcdef")
    clips.close()


def test_closing_early_leaves_the_rest(tmp_path: Path) -> None:
    """What was not begun is not spoken any more."""
    allow = threading.Event()

    def answer(text: str) -> tuple[object, object]:
        if text == "b":
            allow.wait(10)
        return SilentEngine().speak(text)

    engine = Engine(answer)
    clips = render_iter(engine, said(*"abcdef"), Cache(tmp_path))
    next(clips)
    threading.Timer(0.1, allow.set).start()
    clips.close()
    assert engine.spoken in (["a"], ["a", "b"])


def test_two_threads_give_what_one_gives(tmp_path: Path) -> None:
    """Bit for bit, in any order."""
    utterances = said(*(f"Sentence number {index}." for index in range(20)))
    one = render(Engine(), utterances, Cache(tmp_path / "1"))
    two = render(Engine(workers=2), utterances[::-1], Cache(tmp_path / "2"))
    for utterance in utterances:
        assert (one[utterance].read(0, 99) == two[utterance].read(0, 99)).all()


def raising(error: BaseException) -> Answer:
    """An answer that is none."""

    def answer(_text: str) -> tuple[object, object]:
        raise error

    return answer


NOISE = np.zeros(9_000, np.float32) + 0.1
RUBBISH: list[tuple[Answer, str]] = [
    (raising(ValueError("no tongue")), "failed at .*: ValueError: no tongue"),
    (raising(KeyError()), "failed at .*: KeyError$"),
    (raising(TimeoutError("slow")), "failed at .*: TimeoutError: slow"),
    (raising(SpeechError("hoarse")), "failed at .*: hoarse"),
    (lambda _: (NOISE[:0], 22_050), "gave no sound for"),
    (lambda _: (NOISE * 0, 22_050), "gave no sound for"),
    (lambda _: (NOISE * np.nan, 22_050), "samples that are not numbers"),
    (lambda _: (NOISE / np.float32(0.0), 22_050), "samples that are not numbers"),
    (lambda _: (None, 22_050), "something that is not sound"),
    (lambda _: ([0.1] * 9_000, 22_050), "something that is not sound"),
    (lambda _: (NOISE.astype(np.int16), 22_050), "something that is not sound"),
    (lambda _: (NOISE[:, None], 22_050), "something that is not sound"),
    (lambda _: (NOISE, 0), "a sample rate of 0"),
    (lambda _: (NOISE, None), "a sample rate of None"),
    (lambda _: (np.zeros(10**6, np.float32) + 0.1, 8_000), "125 seconds of sound"),
    (lambda _: None, "gave something that is not sound"),  # type: ignore[arg-type, return-value]
    (lambda _: (NOISE,), "gave something that is not sound"),  # type: ignore[arg-type, return-value]
    (raising(SystemExit(0)), "failed at .*: SystemExit: 0"),
]


@pytest.mark.filterwarnings("ignore:divide by zero")
@pytest.mark.parametrize(("answer", "expected"), RUBBISH)
def test_a_failing_engine_names_the_sentence(tmp_path: Path, answer: Answer, expected: str) -> None:
    """One sentence that says which voice, which words and what; nothing is cached."""
    with pytest.raises(SpeechError, match=expected) as caught:
        render(Engine(answer), said("Lie down."), Cache(tmp_path / "clips"))
    assert '"Lie down."' in str(caught.value) and '"odd"' in str(caught.value)
    assert not list(tmp_path.glob("clips/*"))


def test_a_hanging_engine_ends_clearly(tmp_path: Path) -> None:
    """After its time limit, without waiting for it."""
    release = threading.Event()

    def answer(text: str) -> tuple[object, object]:
        release.wait(30)
        return SilentEngine().speak(text)

    begun = time.monotonic()
    with pytest.raises(SpeechError, match='"odd" hangs at "Breathe."'):
        render(Engine(answer), said("Breathe.", "Now."), Cache(tmp_path), limit=-0.7)
    assert time.monotonic() - begun < 5
    release.set()


def test_waiting_for_a_turn_is_not_hanging() -> None:
    """The limit counts from when a sentence begins, however long the one before it takes."""
    turn = threading.Event()
    workers = Workers(1)
    workers.submit(turn.wait)
    waiting = workers.submit(lambda: 1)
    threading.Timer(1.5, turn.set).start()
    assert waiting.wait(1.0) == 1
    workers.close(5.0)


def test_threads_that_cannot_be_made_ready_fail_every_call() -> None:
    """Whoever waits is told why, and does not wait for ever."""

    def fail() -> None:
        raise OSError("no apartment")

    workers = Workers(1, setup=fail)
    for task in [workers.submit(lambda: 1), workers.submit(lambda: 2)]:
        assert task.ended(5.0)
        with pytest.raises(OSError, match="no apartment"):
            task.wait(5.0)
    workers.close(5.0)


ENDLESS = """
import os, signal, sys, threading
import numpy as np, soxr
import voiceguide.cli
from voiceguide.__main__ import main
from voiceguide.cli.signals import Signals
from voiceguide.speech.workers import Workers

begun = threading.Event()

def endless():
    while True:
        begun.set()
        soxr.resample(np.zeros(1_000_000, np.float32), 44_100, 48_000)

def run(sections):
    with Signals():
        print("said")
        os.kill(os.getpid(), {signal})
        return 3

voiceguide.cli.run = run
Workers(2).submit(endless)
begun.wait()
main()
"""


@pytest.mark.parametrize(("signal", "code"), [("0", 3), ("signal.SIGTERM", 143)])
def test_a_voice_that_computes_to_the_end_does_not_change_the_exit_code(
    signal: str, code: int
) -> None:
    """Python would end its thread inside a library, which aborts the program."""
    for _ in range(4):
        done = subprocess.run(
            [sys.executable, "-c", ENDLESS.replace("{signal}", signal)],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert (done.returncode, done.stdout, done.stderr) == (code, "said\n", "")


def test_a_sentence_without_end_is_refused(tmp_path: Path) -> None:
    """Before any engine gets it."""
    engine = Engine()
    with pytest.raises(SpeechError, match="6000 characters: cut it"):
        render(engine, said("on and " * 857 + "o"), Cache(tmp_path))
    assert engine.spoken == []


def test_a_clip_lost_while_it_plays_is_spoken_again(tmp_path: Path) -> None:
    """Somebody clears the cache: the session goes on, and the cache heals."""
    engine = Engine()
    render(engine, said("Rest."), Cache(tmp_path))
    clip = render(engine, said("Rest."), Cache(tmp_path))[said("Rest.")[0]]
    expected = Cache(tmp_path)
    (entry,) = tmp_path.iterdir()
    before = entry.read_bytes()
    entry.unlink()
    assert clip.read(0, clip.frames).shape == (clip.frames, 1)
    assert engine.spoken == ["Rest.", "Rest."]
    assert entry.read_bytes() == before
    assert expected.folder == tmp_path


def test_a_full_cache_is_fast(tmp_path: Path) -> None:
    """300 sentences that were spoken before take well under 60 ms."""
    utterances = said(*(f"{index}" for index in range(300)))
    render(Engine(workers=2), utterances, Cache(tmp_path))
    best = 1.0
    for _ in range(3):
        begun = time.process_time()
        render(Engine(), utterances, Cache(tmp_path))
        best = min(best, time.process_time() - begun)
    assert best < 0.06
