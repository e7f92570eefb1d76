"""The reference of the script language, made from the tables that the parser reads by."""

from __future__ import annotations

from voiceguide.script.codes import explanations, whole
from voiceguide.script.forms import FORMS

_ESCAPED = str.maketrans({"|": "\\|", "\n": " ⏎ "})
_INVISIBLE = str.maketrans({"\u00ad": "-", "\u200b": "", "\u2011": "‑"})


def forms_reference() -> str:
    """Every form that is read as well, beside the canonical one, as a Markdown table."""
    rows = ["| also read | the same as | |", "|---|---|---|"]
    for form in FORMS:
        written, canonical = zip(*form.examples, strict=True)
        both = (_code(written), _code(dict.fromkeys(canonical)))
        rows.append(f"| {both[0]} | {both[1]} | {form.meaning} |")
    return "\n".join(rows) + "\n"


def codes_reference() -> str:
    """Every code of an error or a warning with its explanation and its example, as Markdown."""
    parts = []
    for entry in explanations().values():
        parts.append(f"### `{entry.code}`\n\n**{entry.title}.** {entry.text}\n")
        if entry.wrong:
            wrong, right = whole(entry.wrong).strip(), whole(entry.right).strip()
            parts.append(
                f"Wrong:\n\n```markdown\n{wrong}\n```\n\nRight:\n\n```markdown\n{right}\n```\n"
            )
    return "\n".join(parts)


def reference() -> str:
    """The whole page."""
    return (
        "# The script language: what is read as well, and what every code means\n\n"
        "[The language itself](language.md) is one page. This one is made from the parser's own tables by\n"
        "`python tests/regenerate.py`.\n\n"
        "## Read as well\n\n"
        "What can only mean one thing is read, however it is written. What is nearly a cue or a\n"
        "modifier stays an error.\n\n"
        f"{forms_reference()}\n"
        "## Errors and warnings\n\n"
        f"{codes_reference()}"
    )


def _code(texts: object) -> str:
    assert isinstance(texts, tuple | dict)
    shown = (str(text).translate(_INVISIBLE).translate(_ESCAPED) for text in texts)
    return ", ".join(f"`` {text} ``" if "`" in text else f"`{text}`" for text in shown)
