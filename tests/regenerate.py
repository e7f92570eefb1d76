"""Writes what the golden cases print now, and what docs are made of: `python tests/regenerate.py`.

Read every difference against the language before it is kept: these files say what is right.
"""

from __future__ import annotations

from pathlib import Path

from case_printing import cases, outlined, printed

from voiceguide.pictures import lanes
from voiceguide.plan import Options
from voiceguide.script.reference import reference
from voiceguide.session import Request, compile  # noqa: A004

DOCS = Path(__file__).parent.parent / "docs"
PAGE = DOCS / "script.md"
PICTURE = DOCS / "pictures" / "timeline.svg"


def picture() -> str:
    """The drawn timeline of the README, with the lengths of the voice that every machine has."""
    request = Request("piriformis", Options(length=600.0), voice="silent")
    session = compile(request)
    return lanes.svg(session.timeline, session.title)


def regenerate() -> None:
    """Write every expected file and what the docs are made of anew, and name what changed."""
    for page, made in ((PAGE, reference()), (PICTURE, picture())):
        if not page.exists() or page.read_text(encoding="utf-8") != made:
            page.write_text(made, encoding="utf-8")
            print(page)  # noqa: T201 - for whoever runs it
    for kind, shown in (
        ("good", printed),
        ("bad", printed),
        ("author", outlined),
        ("pasted", outlined),
    ):
        for path in cases(kind):
            expected = path.with_suffix(".txt")
            text = shown(path)
            if not expected.exists() or expected.read_text(encoding="utf-8") != text:
                expected.write_text(text, encoding="utf-8")
                print(expected)  # noqa: T201 - for whoever runs it


if __name__ == "__main__":
    regenerate()
