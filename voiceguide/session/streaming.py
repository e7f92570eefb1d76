"""A session as blocks of samples."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from voiceguide.errors import UsageError
from voiceguide.plan.model import Options
from voiceguide.session.pipeline import Session, draft
from voiceguide.session.preparation import Preparation
from voiceguide.session.request import Progress, Request, as_request, check_bare
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
    """A session's samples, block by block; the same as an export has.

    Of a request, the first blocks come while later sentences are still being spoken, unless it is
    fitted to a length or has a sore side. Close the iterator to stop speaking early.

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
    from voiceguide.mix import blocks

    if not (math.isfinite(start) and start >= 0):
        raise UsageError(f"a session starts at 0 seconds or later, not at {start:g}")
    if isinstance(request, Session):
        check_bare(options, voice, speed, mono)
        timeline = request.timeline
        return blocks(timeline, request.clips, start=to_frames(start, timeline.format.rate))
    request = as_request(request, options, voice, speed, mono)
    preparation = Preparation(draft(request))
    return _early(preparation, to_frames(start, request.format.rate), progress)


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
