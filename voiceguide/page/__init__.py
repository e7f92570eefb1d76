"""The page that a listener holds: its files, and the values that it reads as JSON.

The server gives both live, a published folder holds both as files, so neither knows how the page is
brought to the phone. `FILES` has the page itself: HTML, CSS and JavaScript, nothing built.
"""

from __future__ import annotations

from pathlib import Path

FILES = Path(__file__).with_name("static")
"""The folder of the page's own files."""
