"""Texts that were written to make a reader slow, large or blind, of about any size."""

from __future__ import annotations

from collections.abc import Callable

HEAD = "# T\n\n"
_REPEATED = (
    "a\n", "a\n\n", "word ", "A word. ", "Hi.\n\n", "-\n", "- pause 1s\n",
    "- hold 30s\n  - halfway: Hi.\n", "## a\n", "## a (10000 times)\n", "#\n", "#", ">", "> a\n",
    "> a\nb\n", "[", "]", "[]", "[1s]", "[](", "![", "![a](b) ", "{", "{}", "{tool} ", "(", "*",
    "*a ", "*a_ ", "*a*", "**a*", "_a", "a_", "`", "`a``", "a<!--", "<!--", "a <!--->", "<!-- -", "-->",
    "a<a", "a <b> ", "</a>", "<!", "<?", "a.", "a. ", "!", "a!", "?\"", ".'", "&", "&amp;", "&#1", "&#x1b;", "\\",
    "\\*", "\\<!--", "1. ", "1. a\n", "\t", "    a\n", " ", "\n", "| ", "|-", "a|b\n-|-\n", "a\n=\n", "a\n-\n",
    "***\n", "---\n", "```\n", "~~~\n", "<div>\n", "<div>\n\n", "[a]: b\n", "- a\n* b\n", "- > a\n",
    "\u202e", "\x1b[31m", "\u0300", "\U0001f9d8", "- include x\n", "- chime bowl, 9 times\n",
    "- play at at at 5\n", "- background rain\n", "- breathe box, 5 times\n", ": ", "- a: ",
)  # fmt: skip
_INSIDE: dict[str, tuple[str, str, str]] = {
    "bracket of a heading": ("## a (", ",", ")"),
    "modifiers of a heading": ("## a (", "optional,", ")"),
    "tools of a heading": ("## a (with ", "a or ", "b)"),
    "brackets of a heading": ("## ", "(", ""),
    "escapes of a heading": ("## ", "\\(", "(a,b)"),
    "closing marks of a heading": ("## a ", "# ", ""),
    "level of a sound": ("- background a", " at", ""),
    "levels of a sound": ("- background a", " at 5", ""),
    "phases of a breath": ("- breathe ", "in 1s, out 1s, ", "5 times"),
    "no phases of a breath": ("- breathe ", ", ", "5 times"),
    "for after for": ("- breathe ", "for ", "5s"),
    "digits of a duration": ("- pause ", "9", "s"),
    "dashes of a duration": ("- pause 1s", " -", "2s"),
    "spaces of a duration": ("- pause", " ", "2s"),
    "colons of a nested cue": ("- hold 9s\n  - halfway", ":", ""),
    "quotes after a sentence": ("a.", '"', "x"),
    "stops of a sentence": ("a", ".!?", "x"),
    "nesting of a list": ("", "- ", "a"),
    "nesting of a quote": ("", "> ", "- a"),
    "cells of a table": ("a|b\n-|-\n", "|", ""),
    "columns of a table": ("|a" * 50 + "\n", "|-", "\n"),
    "words of a text": ("", "a", ""),
}
_FRONT = (
    "a: b\n", "a:\n", "tools: [a]\n", "[", "{", "{a: ", "- ", "? ", "#", " ", "a", "'", '"', "&a ", "*a ", "!a ", "!!map ",
    "a: &a [*a,*a]\n", "|\n", ">\n", "%YAML 1.1\n", "\t", ", ", "a,", "say: {a: b}\n", "a: b: ", "\\x41", "...\n", "@", "`",
)  # fmt: skip


def texts() -> dict[str, Callable[[int], str]]:
    """By a name, what makes a text of at most some characters."""
    found: dict[str, Callable[[int], str]] = {}
    for part in _REPEATED:
        found[repr(part)] = lambda size, p=part: HEAD + p * ((size - 10) // len(p.encode()))  # type: ignore[misc]
    for name, (before, part, after) in _INSIDE.items():
        found[name] = lambda size, b=before, p=part, a=after: (  # type: ignore[misc]
            HEAD + b + p * ((size - len(b) - len(a) - 10) // len(p)) + a
        )
    for part in _FRONT:
        found[f"front {part!r}"] = lambda size, p=part: (  # type: ignore[misc]
            "---\n" + p * ((size - 30) // len(p)) + "\n---\n" + HEAD + "Hi."
        )
        found[f"value {part!r}"] = lambda size, p=part: (  # type: ignore[misc]
            "---\ntools: " + p * ((size - 40) // len(p)) + "\n---\n" + HEAD + "Hi."
        )
    found["ladder of lists"] = lambda size: (
        HEAD + "".join(" " * (2 * k) + "- hold 9s\n" for k in range(int(size**0.5) - 9))
    )
    found["ladder of code marks"] = lambda size: (
        HEAD + "".join("`" * k + "a" for k in range(int((2 * size) ** 0.5) - 2))
    )
    found["marks that open and marks that close"] = lambda size: (
        HEAD + "*a **b " * (size // 16) + "b* a** " * (size // 16)
    )
    return found
