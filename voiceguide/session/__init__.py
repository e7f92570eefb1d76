"""The public verbs: from a track's name to a timeline with its clips, into a file or an ear.

One way leads through, whoever calls: `draft` loads and plans, `speak` gives each sentence its
clip, `arranged` puts all on exact frames::

    compile      draft -> speak -> arranged           a session
    export       compile -> mix -> a file
    Growing      compile -> mix -> an MP3 that is read while it is written
    play         as stream, on a sound device
    stream       compile -> mix; of a request as soon as some of it is spoken
    check        draft -> speak -> measured           what is wrong, and how long it can be
    Preparation  draft -> speak a little -> arranged, again and again   sound starts early
    make_lead    draft -> speak                       the countdown before a session
"""

from voiceguide.session.checking import Checked, check, reach
from voiceguide.session.exporting import Exported, export
from voiceguide.session.growing import Growing
from voiceguide.session.loading import Loaded, load
from voiceguide.session.pipeline import Draft, Session, compile, draft  # noqa: A004
from voiceguide.session.playing import play
from voiceguide.session.request import Progress, Request
from voiceguide.session.streaming import stream

__all__ = [
    "Checked",
    "Draft",
    "Exported",
    "Growing",
    "Loaded",
    "Progress",
    "Request",
    "Session",
    "check",
    "compile",
    "draft",
    "export",
    "load",
    "play",
    "reach",
    "stream",
]
