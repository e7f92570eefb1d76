"""How loud each track is, how far its loudness ranges, and how fast it speaks.

::

    python tests/bench/levels.py [--voice NAME] [--background NAME] [--breath KIND] [--pace PACE] [TRACK ...]

Nothing is mixed: the energies of the clips are added up where the timeline lays them, as the session
does it for its own loudness, so peaks are not limited. The range is that of EBU Tech 3342: the 10th to
the 95th percentile of 3 s windows, those left out that lie 20 LU under the mean of all above -70 LUFS.
"""

from __future__ import annotations

import argparse
import math
import sys
from typing import TYPE_CHECKING

import numpy as np

from voiceguide.audio.loudness import CELL, gated
from voiceguide.audio.room import LEVEL_DB
from voiceguide.library.tracks import tracks
from voiceguide.plan import Options
from voiceguide.session import Request, Session, compile  # noqa: A004
from voiceguide.session.loudness import course

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voiceguide.audio.loudness import Doubles

WINDOW = 3 * CELL
"""Cells of a short-term window."""
GAP = 1.0
"""Seconds of a silence that count as a gap of the speech; the rest of a longer one is the session's."""

SHORTEST = 3
"""Words of a sentence; fewer are those of guided breathing, which has a time of its own."""


def loudness_range(cells: Doubles) -> float:
    """The range of a session in LU, from the energies of its cells.

    >>> loudness_range(np.repeat([1.0, 0.1], 600)).__round__(1)
    10.0
    """
    sums = np.concatenate([[0.0], np.cumsum(cells)])
    mean = (sums[WINDOW:] - sums[:-WINDOW]) * CELL / WINDOW
    mean = mean[mean > 10 ** ((-70 + 0.691) / 10)]
    if not len(mean):
        return 0.0
    low, high = np.percentile(mean[mean > mean.mean() / 100], [10, 95])
    return 10 * math.log10(high / low)


def words_a_minute(session: Session) -> tuple[float, float]:
    """Inside the clips, and with the gaps between them, each counted up to `GAP`."""
    rate = session.timeline.format.rate
    words, inside, with_gaps, end = 0, 0.0, 0.0, 0
    for event in session.timeline.lane("voice"):
        said = (event.text or "").split()
        if len(said) < SHORTEST:
            continue
        words += len(said)
        inside += event.frames / rate
        gap = (event.start - end) / rate
        with_gaps += event.frames / rate + min(max(gap, 0), GAP)
        end = event.end
    return 60 * words / max(inside, 1e-9), 60 * words / max(with_gaps, 1e-9)


def cells(session: Session) -> Doubles:
    """Energies of a session with its gain and its room, whose own weight hardly differs from none."""
    found = course(session.timeline, session.clips.energies)  # type: ignore[attr-defined]
    quiet = session.timeline.format.channels * 10 ** (LEVEL_DB / 10) / CELL
    return found * session.timeline.gain**2 + quiet


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a row for each track and the extremes; 1 where loudness is off by more than 1 LU."""
    parser = argparse.ArgumentParser(description="Loudness, its range, and pace of the tracks.")
    parser.add_argument("tracks", nargs="*", help="ids; all without")
    parser.add_argument("--voice", default="natural", help="engine or engine:voice")
    parser.add_argument("--background", help="rain, sea, drone or none; the track's own without")
    parser.add_argument("--breath", choices=("voice", "tone", "both"), default="both")
    parser.add_argument("--pace", choices=("gentle", "normal", "brisk"), default="normal")
    chosen = parser.parse_args(arguments)
    options = Options(background=chosen.background, breath=chosen.breath, pace=chosen.pace)
    names = chosen.tracks or [track.name for track in tracks() if track.origin == "built-in"]
    sys.stdout.write("  LUFS  range  inside  gaps  track\n")
    rows = []
    for name in names:
        session = compile(Request(name, options, chosen.voice))
        energies = cells(session)
        row = (gated(energies), loudness_range(energies), *words_a_minute(session))
        rows.append(row)
        sys.stdout.write("{:6.1f} {:6.1f} {:7.0f} {:5.0f}  ".format(*row) + f"{name}\n")
        sys.stdout.flush()
    for what, pick in (("least", np.min), ("median", np.median), ("most", np.max)):
        sys.stdout.write(
            "{:6.1f} {:6.1f} {:7.0f} {:5.0f}  ".format(*pick(rows, axis=0)) + f"{what}\n"
        )
    return int(any(abs(row[0] + 16) > 1 for row in rows))


if __name__ == "__main__":
    sys.exit(main())
