"""Where the listener's files are: written once, for all that read or write them.

`$VOICEGUIDE_HOME` moves all but the cache, `$VOICEGUIDE_CACHE` the cache; without them the files
are where the system keeps a program's data, state and caches. Nothing is made here. Where there
is no home at all, each is a folder that can't exist, so that nothing is found and nothing kept.
"""

from __future__ import annotations

import os
from pathlib import Path

_APP = "voiceguide"
_NOWHERE = Path(os.devnull, _APP)


def data() -> Path:
    """The listener's own: scripts, sounds, journal, settings."""
    if (home := _named("VOICEGUIDE_HOME")) is not None:
        return home
    import platformdirs

    try:
        return Path(platformdirs.user_data_dir(_APP, appauthor=False))
    except RuntimeError:
        return _NOWHERE


def state() -> Path:
    """What the program remembers of itself: where sessions were left, what was shown."""
    if (home := _named("VOICEGUIDE_HOME")) is not None:
        return home / "state"
    import platformdirs

    try:
        return Path(platformdirs.user_state_dir(_APP, appauthor=False))
    except RuntimeError:
        return _NOWHERE


def cache() -> Path:
    """Spoken sentences, which can be spoken again."""
    if (folder := _named("VOICEGUIDE_CACHE")) is not None:
        return folder
    import platformdirs

    try:
        return Path(platformdirs.user_cache_dir(_APP, appauthor=False), "clips")
    except RuntimeError:
        return _NOWHERE / "clips"


def rendered() -> Path:
    """Sessions as a server sends them, which go when it ends."""
    if (folder := _named("VOICEGUIDE_CACHE")) is not None:
        return folder / "rendered"
    return cache().with_name("rendered")


def podcast() -> Path:
    """Sessions that a podcast app fetched from a server, which can be rendered again."""
    return rendered().with_name("podcast")


def _named(variable: str) -> Path | None:
    """The folder that a variable of the environment names."""
    named = os.environ.get(variable)
    return Path(os.path.expanduser(named)) if named else None  # noqa: PTH111 - pathlib's raises
