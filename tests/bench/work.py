"""What the benchmarks do in processes of their own: `python -m tests.bench.work TASK ...`.

Each prints its figures as JSON. What is only preparation is not timed.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

MINUTES = 20


def _timed(call: Callable[[], object]) -> dict[str, float]:
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


def _session(minutes: float, voice: str, channels: int) -> Any:
    from voiceguide import Options, Request, compile  # noqa: A004

    return compile(
        Request("piriformis", Options(length=minutes * 60), voice=voice, mono=channels == 1)
    )


def samples(path: str, channels: str, voice: str) -> dict[str, float]:
    """The session's samples as an encoder takes them, into a file."""
    import numpy as np

    from voiceguide.mix import blocks
    from voiceguide.sinks.pcm import to_int16

    session = _session(MINUTES, voice, int(channels))
    out = np.empty((session.timeline.frames, int(channels)), np.int16)
    at = 0
    for block in blocks(session.timeline, session.clips):
        to_int16(block, out[at : at + len(block)])
        at += len(block)
    np.save(path, out)
    return {"frames": at}


def encode(path: str, bitrate: str, target: str) -> dict[str, float]:
    """One encoder over samples that lie in memory: the reference of every export."""
    import lameenc
    import numpy as np

    from voiceguide.sinks.mp3 import QUALITY

    pcm = np.load(path)
    step = 1 << 16

    def go() -> None:
        encoder = lameenc.Encoder()
        encoder.silence()
        encoder.set_in_sample_rate(44_100)
        encoder.set_out_sample_rate(44_100)
        encoder.set_channels(pcm.shape[1])
        encoder.set_bit_rate(int(bitrate))
        encoder.set_quality(QUALITY)
        with Path(target).open("wb") as file:
            for at in range(0, len(pcm), step):
                file.write(encoder.encode(pcm[at : at + step]))
            file.write(encoder.flush())

    return _timed(go)


def mix(minutes: str, voice: str) -> dict[str, float]:
    """The mixer alone, its blocks thrown away; and a plain copy of as many samples."""
    import numpy as np

    from voiceguide.mix import blocks

    session = _session(float(minutes), voice, 2)
    for _ in blocks(session.timeline, session.clips):  # what it reads is then at hand
        pass
    kept = np.concatenate(list(blocks(session.timeline, session.clips)))
    into = np.empty_like(kept)
    into[:] = 0

    def mixed() -> None:
        for _ in blocks(session.timeline, session.clips):
            pass

    tried, copied = [], []
    for _ in range(7):
        tried.append(_timed(mixed))
        copied.append(_timed(lambda: np.copyto(into, kept)))
    return {"mix": tried, "copy": copied}  # type: ignore[dict-item]


def script_of(lines: int) -> str:
    """A script of so many lines, with something of everything."""
    head = "---\nmuscles: [piriformis]\ntools: [tennis ball, massage ball]\nkind: release\n---\n\n"
    part = """## Place {n}

Lie down, and tuck the {{tool}} under your hip, place {n}. [1s] Breathe out.

- chime interval
- hold 2s (1s-4s)
- breathe in 1s, out 1s, 1-2 times

### Circles {n} (optional)

Draw small circles, and rest for {n} counts.

- roll 3s (2s-5s)
  - end: chime interval
- pause 1s

"""
    text = head + "# A long session\n\nThis is a long one.\n\n"
    number, count = 0, text.count("\n")
    parts = [text]
    while count < lines:
        number += 1
        parts.append(part.format(n=number))
        count += part.count("\n")
    # A step must not end without anything in it.
    kept = "".join(parts).splitlines()[:lines]
    while kept and (kept[-1].startswith("#") or not kept[-1]):
        kept.pop()
    return "\n".join([*kept, *["" for _ in range(lines - len(kept))]]) + "\n"


def compiled(lines: str) -> dict[str, float]:
    """Parse, plan and arrange a script, after a short one has loaded all that is needed."""
    from markdown_it import MarkdownIt

    from voiceguide.audio import AudioFormat
    from voiceguide.errors import LengthError
    from voiceguide.library.environment import LibraryEnvironment
    from voiceguide.plan import Options, build
    from voiceguide.script import Source, parse
    from voiceguide.timeline.arrange import arrange, measure

    figures: dict[str, float] = {}

    def go(text: str) -> None:
        environment = LibraryEnvironment()
        environment.sound("interval", "chime", None)
        environment.tones()
        start = time.process_time()
        script, _ = parse(Source("long.md", text, Path.cwd(), "long.md"), environment)
        parsed = time.process_time()
        plan = build(script, Options(), muscles=environment.muscles, tones=environment.tones())
        built = time.process_time()
        lengths = dict.fromkeys(plan.utterances(fitted=True), 20_000)
        timeline = arrange(plan, lengths, AudioFormat()).timeline
        arranged = time.process_time()
        reach = measure(plan, lengths, AudioFormat())
        middle = (reach.shortest + reach.longest) / 2
        before = time.process_time()
        with suppress(LengthError):  # a few lines have nothing elastic
            arrange(plan, lengths, AudioFormat(), round(middle, 1))
        fitted = time.process_time() - before
        MarkdownIt("commonmark").parse(text)
        figures.update(
            parse=parsed - start, plan=built - parsed, arrange=arranged - built, fit=fitted,
            markdown=time.process_time() - before - fitted, all=arranged - start,
            events=len(timeline.events),
        )  # fmt: skip

    go(script_of(40))
    text = script_of(int(lines))
    assert text.count("\n") == int(lines)
    go(text)
    return figures


def read_again(rounds: str) -> dict[str, float]:
    """What an editor asks for at each keystroke, in a warm process: the least of some rounds.

    A parse of every track, of which the one in the middle is told; a full check of the longest one.
    """
    from voiceguide.library.environment import LibraryEnvironment
    from voiceguide.library.tracks import open_track, tracks
    from voiceguide.script import parse
    from voiceguide.session.checking import check

    def least(call: Callable[[], object]) -> float:
        call()
        return min(_timed(call)["wall"] for _ in range(int(rounds)))

    sources = [open_track(track.name)[0] for track in tracks()]
    parses = sorted(least(lambda s=source: parse(s, LibraryEnvironment())) for source in sources)  # type: ignore[misc]
    return {
        "parse": parses[len(parses) // 2],
        "longest parse": parses[-1],
        "check": least(lambda: check("full-routine")),
    }


def null(path: str, voice: str) -> dict[str, float]:
    """A session through mixer and null sink."""
    from voiceguide import Request, compile  # noqa: A004
    from voiceguide.mix import blocks
    from voiceguide.sinks.null import NullSink

    session = compile(Request(path, voice=voice))
    sink = NullSink()
    for block in blocks(session.timeline, session.clips):
        sink.write(block)
    sink.close()
    return {"frames": sink.frames}


def parts(folder: str, voice: str) -> dict[str, float]:
    """Processor time of each part of an export with nothing spoken before; `folder` is empty."""
    began = time.process_time()
    from voiceguide import export
    from voiceguide.mix import blocks

    imported = time.process_time()
    session = _session(MINUTES, voice, 2)
    spoken = time.process_time()
    _session(MINUTES, voice, 2)
    compiled = time.process_time()
    for _ in blocks(session.timeline, session.clips):
        pass
    mixed = time.process_time()
    export(session, Path(folder) / "out.mp3")
    exported = time.process_time()
    return {
        "imports": imported - began,
        "speech": spoken - imported - (compiled - spoken),
        "script, plan, timeline": compiled - spoken,
        "mix": mixed - compiled,
        "LAME, tags and the file": exported - mixed - (mixed - compiled),
    }


TASKS = {
    task.__name__: task for task in (samples, encode, mix, compiled, read_again, null, parts)
}  # fmt: skip

if __name__ == "__main__":
    print(json.dumps(TASKS[sys.argv[1]](*sys.argv[2:])))  # noqa: T201
