"""Takes the pictures of the page for the README and the docs: python docs/screens.py [FOLDER]."""

from __future__ import annotations

import io
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))
PHONE, DESKTOP = {"width": 360, "height": 640}, {"width": 1280, "height": 800}


def kept(page: Any, path: Path, colours: int = 128) -> None:
    """A picture of what is seen, in few colours."""
    with Image.open(io.BytesIO(page.screenshot())) as picture:
        picture.convert("RGB").quantize(colours).save(path, optimize=True)


def main(folder: Path) -> None:
    """Every screen, phone-sized and wide, light and dark."""
    from web_support import browser, site

    from voiceguide.practice import safety

    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        os.environ["VOICEGUIDE_HOME"] = home
        safety.confirm()
        with site(Path(home)) as here, browser() as chromium:
            (Path(home) / "scripts" / "short.md").unlink()
            for size, scheme, mark in (
                (PHONE, "light", ""),
                (DESKTOP, "dark", "-wide"),
            ):
                context = chromium.new_context(viewport=size, color_scheme=scheme)
                page = context.new_page()
                page.goto(f"{here.address}#t={here.serving.passes.token}")
                page.wait_for_selector("#choose-h")
                page.click(".labels >> text=piriformis")
                page.wait_for_timeout(900)
                if not mark:
                    page.locator(".where").scroll_into_view_if_needed()
                    page.evaluate("document.querySelector('.where').scrollIntoView()")
                kept(page, folder / f"choose{mark}.png")
                page.evaluate("location.hash = '#piriformis?minutes=10&sore=left'")
                page.wait_for_selector(".landbox .strip i")
                page.wait_for_timeout(300)
                kept(page, folder / f"track{mark}.png")
                page.click(".dock .btn")
                page.wait_for_selector(".floor")
                page.evaluate(
                    "import('./js/player.js').then(m => { const p = m.playing();"
                    " p.audio.currentTime = p.session.intervals.find(i => i.label === 'hold').start + 12 })"
                )
                page.wait_for_timeout(9000)
                page.mouse.move(5, 5)
                page.keyboard.press("Tab")
                page.wait_for_timeout(500)
                page.evaluate("document.activeElement.blur()")
                kept(page, folder / f"floor{mark}.png")
                page.click(".end")
                page.wait_for_selector(".after")
                for screen, until in (("days", ".days"), ("settings", ".works")):
                    page.evaluate(f"location.hash = '#{screen}'")
                    page.wait_for_selector(until)
                    page.wait_for_timeout(300)
                    kept(page, folder / f"{screen}{mark}.png")
                context.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else ROOT / "docs" / "pictures")
