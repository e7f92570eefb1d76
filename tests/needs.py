"""The programs that some tests need, and the Debian packages that bring them."""

from __future__ import annotations

import importlib.util
import shutil

import pytest

DEBIAN = {
    "chromium": "chromium",
    "dbus-daemon": "dbus",
    "dbus-monitor": "dbus",
    "dbus-send": "dbus",
    "exiftool": "libimage-exiftool-perl",
    "ffmpeg": "ffmpeg",
    "ffprobe": "ffmpeg",
    "gcc": "gcc libc6-dev",
    "id3v2": "id3v2",
    "ip": "iproute2",
    "mp3val": "mp3val",
    "mpg123": "mpg123",
    "pactl": "pulseaudio-utils",
    "parec": "pulseaudio-utils",
    "playerctl": "playerctl",
    "pulseaudio": "pulseaudio",
    "unshare": "util-linux",
}
"""By a program, what `apt install` is given."""

COMPILED = "gcc libc6-dev python3-dev libasound2-dev libasound2-plugins"
"""What `apt install` is given before simpleaudio can be installed, which has no wheels."""


def lacking(*names: str) -> str:
    """Which of some programs, or the library simpleaudio, are missing, and what brings them."""
    if "simpleaudio" in names and importlib.util.find_spec("simpleaudio") is None:
        return f'simpleaudio is missing: apt install {COMPILED}; pip install -e ".[simpleaudio]"'
    missing = [n for n in names if n != "simpleaudio" and shutil.which(n) is None]
    packages = " ".join(dict.fromkeys(DEBIAN[name] for name in missing))
    return f"{' and '.join(missing)} missing: apt install {packages}" if missing else ""


def need(*names: str) -> None:
    """Skip the test that calls this where something is missing."""
    if reason := lacking(*names):
        pytest.skip(reason)


def needs(*names: str) -> pytest.MarkDecorator:
    """The mark of a test, or of one of its parameters, that is skipped where something is missing."""
    reason = lacking(*names)
    return pytest.mark.skipif(bool(reason), reason=reason)
