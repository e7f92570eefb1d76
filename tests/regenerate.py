"""Writes what the golden cases print now: `python tests/regenerate.py`.

Read every difference against the language before it is kept: these files say what is right.
"""

from __future__ import annotations

from pathlib import Path

from case_printing import cases, outlined, printed

from voiceguide.script.reference import reference

PAGE = Path(__file__).parent.parent / "docs" / "script.md"


def regenerate() -> None:
    """Write every expected file and the page of the language anew, and name those that changed."""
    if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != reference():
        PAGE.write_text(reference(), encoding="utf-8")
        print(PAGE)  # noqa: T201 - for whoever runs it
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
