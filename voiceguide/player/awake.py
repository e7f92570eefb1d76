"""A machine that does not sleep while a session plays."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator


@contextlib.contextmanager
def kept_awake() -> Iterator[None]:
    """The machine does not sleep meanwhile, where it lets itself be told."""
    over = threading.Event()

    def hold() -> None:
        # Asked for and given back by one thread, since some systems count by thread.
        try:
            from wakepy import keep

            with keep.running(on_fail="pass"):
                over.wait()
        except Exception:  # whatever a desktop's services answer, the session plays
            return

    thread = threading.Thread(target=hold, name="awake", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(1.0)
