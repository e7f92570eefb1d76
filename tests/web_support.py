"""The real server on a loopback port, and a browser that looks at its page."""

from __future__ import annotations

import contextlib
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from needs import need
from waiting import wait_for

from voiceguide.web.serving import Serving

HEADERS = {"X-Voiceguide": "page"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
SHORT = """---
muscles: [piriformis]
tools: [tennis ball, massage ball]
---

# A short one

## Settle

Lie down and breathe. If it hurts sharply, stop.

- breathe in 2s, out 2s, 2 times

## One side (each side)

Put the ball under your {side} side.

- hold 12s (6s-60s)

Let go.

## Rest

Rest for a while.

- rest 10s (5s-120s)
"""


@dataclass(frozen=True)
class Site:
    """A server that runs in this process.

    Attributes:
        address: of the page, without a token.
        client: of this computer, let in.
    """

    serving: Serving
    address: str
    client: httpx.Client

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """One call as the page makes it."""
        more.setdefault("headers", HEADERS)
        if body is not None:
            more["json"] = body
        return self.client.request(method, f"/api/v1/{path}", **more)

    def open(self, **request: Any) -> dict[str, Any]:
        """A session that is whole."""
        told: dict[str, Any] = self.call("POST", "sessions", request).json()
        while told.get("ready") is False:
            told = self.call("GET", f"sessions/{told['id']}?after={told['done']}").json()
        assert "error" not in told, told
        return told


@contextlib.contextmanager
def site(home: Path, *, port: int = 0, **how: Any) -> Iterator[Site]:
    """A running server; `VOICEGUIDE_HOME` leads to `home` already."""
    (home / "scripts").mkdir(parents=True, exist_ok=True)
    (home / "scripts" / "short.md").write_text(SHORT, "utf-8")
    with Serving(port, **how) as serving:
        thread = threading.Thread(target=serving.run, daemon=True)
        thread.start()
        wait_for(lambda: serving.started)
        address, _, token = serving.local_address.partition("#t=")
        with httpx.Client(base_url=address.rstrip("/"), timeout=60) as client:
            answer = client.post("/api/v1/pair", json={"code": token}, headers=HEADERS)
            assert answer.status_code == 204
            yield Site(serving, address, client)
        serving.stop()
        thread.join(60)
        assert not thread.is_alive()


@contextlib.contextmanager
def browser() -> Iterator[Any]:
    """Debian's Chromium, driven by Playwright."""
    from playwright.sync_api import sync_playwright

    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        need("chromium")
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=found, args=list(ARGUMENTS))
        try:
            yield made
        finally:
            made.close()
