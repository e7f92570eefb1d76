"""All that decides a session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from voiceguide.audio import RATE, AudioFormat
from voiceguide.errors import UsageError
from voiceguide.plan.model import Options
from voiceguide.units import LONGEST, Seconds

Progress = Callable[[str, int, int], None]
"""Called with a stage ("speaking", "writing"), how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class Request:
    """All that decides a session; the same request gives the same sound.

    Attributes:
        name: a track's name or a script file's path.
        options: what the listener asks for.
        voice: `engine` or `engine:voice`, or None for the best that is installed.
        speed: of the voice, 0.5 to 2; 1 is calm.
        mono: one channel instead of two.
    """

    name: str
    options: Options = field(default_factory=Options)
    voice: str | None = None
    speed: float = 1.0
    mono: bool = False

    @property
    def voice_speed(self) -> float:
        """Of the voice at the pace that was asked for."""
        from voiceguide.plan.build import TEMPO
        from voiceguide.speech.registry import FASTEST, SLOWEST

        paced = self.speed * TEMPO[self.options.pace].voice
        return min(max(paced, min(SLOWEST, self.speed)), max(FASTEST, self.speed))

    def own_length(self, written: Seconds) -> Seconds:
        """What a script's own length becomes at the speed and the pace that were asked for."""
        from voiceguide.plan.build import TEMPO

        scaled = written * TEMPO[self.options.pace].length / self.speed
        return Seconds(min(LONGEST, written if scaled == written else float(round(scaled))))

    @property
    def format(self) -> AudioFormat:
        """What its blocks look like."""
        return AudioFormat(RATE, 1 if self.mono else 2)


def as_request(
    what: Request | str,
    options: Options | None = None,
    voice: str | None = None,
    speed: float = 1.0,
    mono: bool = False,
) -> Request:
    """The request of a track's name or a script file's path, or the one that was given.

    Raises:
        UsageError: a request was given, and more than that.
    """
    if isinstance(what, str):
        return Request(what, options or Options(), voice, speed, mono)
    check_bare(options, voice, speed, mono)
    return what


def check_bare(options: Options | None, voice: str | None, speed: float, mono: bool) -> None:
    """Raises UsageError: something was asked for beside a request or a session."""
    if options is not None or voice is not None or speed != 1.0 or mono:
        raise UsageError(
            "options, voice, speed and mono go with a track's name: "
            "a request, or a session, has its own already"
        )
