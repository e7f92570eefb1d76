"""The documentation as a site: `python -m sphinx -W docs build/docs`."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from tables import pages  # noqa: E402

from voiceguide import __version__  # noqa: E402

project = "voiceguide"
release = __version__
author = "the authors of voiceguide"
copyright = author  # noqa: A001 - Sphinx's own name for it
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_theme = "furo"
html_title = "voiceguide"
myst_heading_anchors = 4
autodoc_member_order = "bysource"
autodoc_typehints = "signature"

for _name, _text in pages():
    _page = HERE / "made" / f"{_name}.md"
    _page.parent.mkdir(parents=True, exist_ok=True)
    if not _page.exists() or _page.read_text("utf-8") != _text:
        _page.write_text(_text, "utf-8")
