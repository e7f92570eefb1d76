"""The player as other programs of a Linux desktop see it: the two interfaces of MPRIS.

Loaded only where dbus-fast is installed. Its decorators read the annotations below while the
classes are made, so they must not be put off.
"""

# ruff: noqa: N802, N803 - the names are those of MPRIS

import math
from typing import Annotated, Any

from dbus_fast import DBusError, ErrorType, PropertyAccess, Variant
from dbus_fast.annotations import (
    DBusBool,
    DBusDouble,
    DBusInt64,
    DBusObjectPath,
    DBusSignature,
    DBusStr,
)
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property, dbus_signal

from voiceguide.player.playable import State
from voiceguide.player.player import LOUDEST_PERCENT, Player

PATH = "/org/mpris/MediaPlayer2"
NAME = "org.mpris.MediaPlayer2.voiceguide"
TRACK = "/org/voiceguide/session"
_MICRO = 1_000_000
_READ = PropertyAccess.READ
_STATES: dict[State, str] = {
    "playing": "Playing",
    "waiting": "Playing",
    "paused": "Paused",
    "lost": "Paused",
}
_CHANGING = ("PlaybackStatus", "Metadata", "Volume", "CanGoNext")

_Strings = Annotated[list[str], DBusSignature("as")]
_Values = Annotated[dict[str, Variant], DBusSignature("a{sv}")]


class Root(ServiceInterface):
    """What voiceguide is."""

    def __init__(self, player: Player) -> None:
        super().__init__("org.mpris.MediaPlayer2")
        self._player = player

    @dbus_method()
    def Raise(self) -> None:
        """Nothing: it has no window of its own."""

    @dbus_method()
    def Quit(self) -> None:
        """Leave the session."""
        self._player.stop()

    @dbus_property(access=_READ)
    def CanQuit(self) -> DBusBool:
        """Whether `Quit` does something."""
        return True

    @dbus_property(access=_READ)
    def CanRaise(self) -> DBusBool:
        """Whether `Raise` does something."""
        return False

    @dbus_property(access=_READ)
    def HasTrackList(self) -> DBusBool:
        """Whether there is a list of tracks."""
        return False

    @dbus_property(access=_READ)
    def Identity(self) -> DBusStr:
        """Its name."""
        return "voiceguide"

    @dbus_property(access=_READ)
    def SupportedUriSchemes(self) -> _Strings:
        """What it opens: nothing."""
        return []

    @dbus_property(access=_READ)
    def SupportedMimeTypes(self) -> _Strings:
        """What it opens: nothing."""
        return []


class Transport(ServiceInterface):
    """What is played, and the buttons."""

    def __init__(self, player: Player, title: str) -> None:
        super().__init__("org.mpris.MediaPlayer2.Player")
        self._player = player
        self._title = title
        self._told = self._changing()

    # What others are told

    def tell_changes(self) -> None:
        """Signal the properties that are others than before."""
        values = self._changing()
        changed = {name: value for name, value in values.items() if value != self._told[name]}
        self._told = values
        if changed:
            self.emit_properties_changed(changed)

    def tell_jump(self) -> None:
        """Signal that the place jumped; else everybody reckons it by the clock."""
        self.Seeked()

    def _changing(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _CHANGING}

    @dbus_signal()
    def Seeked(self) -> DBusInt64:
        """The place jumped."""
        return _micro(max(0.0, self._player.status().seconds))

    @dbus_property(access=_READ)
    def PlaybackStatus(self) -> DBusStr:
        """Playing, Paused or Stopped."""
        return _STATES.get(self._player.status().state, "Stopped")

    @dbus_property(access=_READ)
    def Metadata(self) -> _Values:
        """The step, the session and its length."""
        status = self._player.status()
        number = status.chapter
        return {
            "mpris:trackid": Variant("o", TRACK),
            "mpris:length": Variant("x", _micro(status.length)),
            "xesam:title": Variant("s", status.timeline.chapters[number].title),
            "xesam:album": Variant("s", self._title),
            "xesam:artist": Variant("as", ["voiceguide"]),
            "xesam:trackNumber": Variant("i", number + 1),
        }

    @dbus_property()
    def Volume(self) -> DBusDouble:
        """1 is 100 per cent."""
        return self._player.status().volume / 100

    @Volume.setter  # type: ignore[no-redef]
    def Volume(self, value: DBusDouble) -> None:
        """What is no number is silence; what is too much is the most."""
        wanted = 0.0 if math.isnan(value) else 100 * value
        self._player.set_volume(round(min(max(0.0, wanted), LOUDEST_PERCENT)))

    @dbus_property(access=_READ)
    def Position(self) -> DBusInt64:
        """The place in microseconds."""
        return _micro(max(0.0, self._player.status().seconds))

    @dbus_property()
    def Rate(self) -> DBusDouble:
        """The speed, always 1."""
        return 1.0

    @Rate.setter  # type: ignore[no-redef]
    def Rate(self, value: DBusDouble) -> None:
        """Nothing: a session has one speed."""

    @dbus_property(access=_READ)
    def MinimumRate(self) -> DBusDouble:
        """The lowest speed."""
        return 1.0

    @dbus_property(access=_READ)
    def MaximumRate(self) -> DBusDouble:
        """The highest speed."""
        return 1.0

    @dbus_property(access=_READ)
    def CanGoNext(self) -> DBusBool:
        """Whether there is another step."""
        status = self._player.status()
        return status.chapter + 1 < len(status.timeline.chapters)

    @dbus_property(access=_READ)
    def CanGoPrevious(self) -> DBusBool:
        """Always: the first step can be begun again."""
        return True

    @dbus_property(access=_READ)
    def CanPlay(self) -> DBusBool:
        """Always."""
        return True

    @dbus_property(access=_READ)
    def CanPause(self) -> DBusBool:
        """Always."""
        return True

    @dbus_property(access=_READ)
    def CanSeek(self) -> DBusBool:
        """Always."""
        return True

    @dbus_property(access=_READ)
    def CanControl(self) -> DBusBool:
        """Always."""
        return True

    # What others ask for

    @dbus_method()
    def Play(self) -> None:
        """Play on."""
        self._player.resume()

    @dbus_method()
    def Pause(self) -> None:
        """Stand still."""
        self._player.pause()

    @dbus_method()
    def PlayPause(self) -> None:
        """The one or the other."""
        self._player.toggle()

    @dbus_method()
    def Stop(self) -> None:
        """Leave the session."""
        self._player.stop()

    @dbus_method()
    def Next(self) -> None:
        """Go to the next step."""
        self._player.step(1)

    @dbus_method()
    def Previous(self) -> None:
        """Go to the step before, or to where this one begins."""
        self._player.step(-1)

    @dbus_method()
    def Seek(self, Offset: DBusInt64) -> None:
        """Go some microseconds on, or back."""
        self._player.skip(Offset / _MICRO)

    @dbus_method()
    def SetPosition(self, TrackId: DBusObjectPath, Position: DBusInt64) -> None:
        """Go to a place; what was asked of another session, or lies outside, is left alone."""
        seconds = Position / _MICRO
        if TrackId == TRACK and 0 <= seconds <= self._player.status().length:
            self._player.seek(seconds)

    @dbus_method()
    def OpenUri(self, Uri: DBusStr) -> None:
        """Nothing."""
        raise DBusError(
            ErrorType.NOT_SUPPORTED, f"{Uri} cannot be opened here: voiceguide play does"
        )


def _micro(seconds: float) -> int:
    return round(seconds * _MICRO)
