"""ALSA's library writes to standard error, over the screen; its errors are told in our own words."""

from __future__ import annotations

import functools
import sys


@functools.cache
def hush() -> None:
    """Let ALSA's library write nothing, where there is one."""
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    try:
        alsa = ctypes.CDLL("libasound.so.2")
        # A function that does nothing with what it is given, and needs no interpreter to do it.
        nothing = ctypes.cast(ctypes.CDLL(None).getpid, ctypes.c_void_p)
        alsa.snd_lib_error_set_handler.argtypes = [ctypes.c_void_p]
        alsa.snd_lib_error_set_handler(nothing)
    except (OSError, AttributeError):
        return
