"""A session as blocks of samples."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from voiceguide.errors import UsageError
from voiceguide.plan.model import Options
from voiceguide.session.pipeline import Session
from voiceguide.session.preparation import Preparation
from voiceguide.session.request import Progress, Request
from voiceguide.units import to_frames

if TYPE_CHECKING:
    from voiceguide.audio import Samples
    from voiceguide.player.playable import Playable


def stream(
    request: Session | Request | str,
    options: Options | None = None,
    *,
    voice: str | None = None,
    speed: float = 1.0,
    mono: bool = False,
    start: float = 0.0,
    progress: Progress | None = None,
) -> Iterator[Samples]:
    """A session's samples, block by block; the same as an export has, but perhaps for its loudness.

    Given a request, the first blocks come while later sentences are still being spoken, unless it
    is fitted to a length or has a sore side. How loud it is made is then settled before all of it is
    known: by one factor throughout, half a decibel or so from what an export has. Close the iterator to stop early.

    Args:
        request, options, voice, speed, mono: a session, or what `compile` takes to make one.
        start: the first moment, in seconds; past the end there is nothing.
        progress: told how much is spoken.

    Returns:
        float32 blocks of shape (frames, channels), some 0.4 s each.

    Raises:
        VoiceguideError: as `compile`; some of it only when the first block is asked for.
        UsageError: the start is below 0 or no number.
    """
    preparation = Preparation.of(request, options, voice, speed, mono)
    return _early(preparation, start_frame(preparation, start), progress)


def start_frame(preparation: Preparation, start: float) -> int:
    """The frame of a moment in seconds.

    Raises:
        UsageError: it is below 0 or no number.
    """
    if not (math.isfinite(start) and start >= 0):
        raise UsageError(f"a session starts at 0 seconds or later, not at {start:g}")
    return to_frames(start, preparation.draft.request.format.rate)


def _early(preparation: Preparation, at: int, progress: Progress | None) -> Iterator[Samples]:
    """Blocks from a frame on, each as soon as it is certain."""
    from voiceguide.mix import QUANTUM, blocks

    with closing(preparation):
        preparation.start(progress)
        known: Playable | None = None
        source: Iterator[Samples] = iter(())
        while True:
            latest = preparation.until(at + QUANTUM)
            if latest is not known:
                known, source = latest, blocks(latest.timeline, latest.clips, start=at)
            block = next(source, None)
            if block is None:
                return
            at += len(block)
            yield block
