"""What an author who has never programmed may write, and what the program tells her."""

from __future__ import annotations

import pytest
from world import World, read

from voiceguide.errors import ScriptError

# What is written | the words that get the carets | a part of the hint or of what was expected.
CUES = """
roll your foot for 45s          | your foot for 45s | words to be spoken go into a paragraph
hold 1 hour                     | 1 hour     | write 60m
hold 2,5s                       | 2,5s       | write 2.5s
hold 45s, 30s-60s               | , 30s-60s  | (30s-60s)
hold 30s (each side)            | each       | each side stands at a heading
hold 30s each side              | each side  | write (each side) at its heading
hold 30s 3 times                | 3 times    | write (3 times) at its heading
hold 30s x3                     | x3         | write (3 times) at its heading
hold 30s, then rest             | , then rest | one cue a line
hold 30s slowly                 | slowly     | words to be spoken go into a paragraph
wait 5s                         | wait       | did you mean "pause"?
inhale 4s, exhale 6s, 5 times   | inhale 4s, exhale 6s, 5 times | write breathe in 4s, out 6s, 5 times
breath in 4s, out 6s, 5 times   | breath     | did you mean "breathe"?
inclde part                     | inclde     | did you mean "include"?
gong                            | gong       | did you mean "chime"?
say hello                       | say hello  | end it with a full stop
repeat 3 times                  | repeat     | write (3 times) at its heading
30s hold                        | 30s        | write hold first
30s                             | 30s        | as in pause 30s
change sides                    | change     | write (each side) at its heading
breathe in 4s out 6s, 5 times   | out        | put it before this
breathe in 4s and out 6s, 5 times | and out  | in place of the "and"
breathe inhale 4s, out 6s, 5 times | inhale | did you mean "in"?
breathe 4-4-6, 5 times          | 4-4-6      | in 4s, hold 4s, out 6s
chime (3x)                      | (3x)       | write , 3 times
background rain softly          | rain softly | as in rain at -30 dB
chime bowl 3                    | 3          | write , 3 times
background none                 | none       | write off
include "part"                  | "part"     | write part
include [the part](parts/one)   | [the part](parts/one) | write parts/one
"""
TIMED = """
after 15s: Hi.                  | after      | did you mean "at"?
at the end: chime               | at the end | write end
middle: chime                   | middle     | did you mean "halfway"?
beginning: chime                | beginning  | did you mean "start"?
at 15s Say hello.               |  Say       | at 15s: Say hello.
every 15s - chime               |  -         | every 15s: chime
at 10s, 20s: chime              | ,          | one moment a line
last 5s: count down             | count down | write countdown
countdown 5s                    | countdown 5s | write last 5s: countdown
"""
MODIFIERS = """
(each side; 10s between)        | each side; 10s between | put commas between modifiers
(each side, 10s gap)            | 10s gap    | write 10s between
(each side, with 10s between)   | with 10s between | write 10s between
(left side)                     | left side  | write each side
(each side) (3 times)           | (each side) | join them by commas
(each side):                    | (each side) | move it to the end of the line
"""

# The beginning of a file | what gets the carets | a part of the hint.
BLOCKS = {
    "Hold 30s": ("Hold 30s", "write - hold 30s, or end it with a full stop"),
    "pause 5 seconds": ("pause 5 seconds", "write - pause 5 seconds"),
    "Hold for 30-60s": ("Hold for 30-60s", "write - hold 30-60s"),
    "breathe in 4s, out 6s, 5 times": ("breathe in 4s, out 6s, 5 times", "write - breathe in 4s"),
    "chime bowl, 3 times": ("chime bowl, 3 times", "write - chime bowl"),
    "background rain": ("background rain", "write - background rain"),
    "include parts/safety": ("include parts/safety", "write - include parts/safety"),
    "- hold 30s\n  - - end: chime": ("-", "one hyphen a line"),
    "- pause 5s\n- - chime": ("-", "one hyphen a line"),
    "Words **in bold.": ("**", "add its partner"),
    "So ~~not~~ this.": ("~~not~~", "leave the ~~ signs out"),
    "See https://x.org/y, please.": ("https://x.org/y,", "say it in words"),
    "See www.x.org now.": ("www.x.org", "say it in words"),
    "An ![image](x.png) here.": ("![image](x.png)", "leave it out"),
    "A note.[^1]": ("[^1]", "write \\[^1\\] to have it spoken"),
    "Your {left} leg.": ("{left}", "write left, or {side}"),
    "#Settle": ("#Settle", "write ## Settle"),
}
FRONTS = {
    "\u2014\ntools: [a]\n\u2014\n": ("\u2014", "write ---"),
    "-----\ntools: [a]\n-----\n": ("-----", "write ---"),
    "---\ntools: [a]\n-----\n": ("-----", "write ---"),
    "***\ntools: [a]\n***\n": ("***", "write ---"),
    "tools: [a]\n": ("tools: [a]", "a line --- above it and one below it"),
    "---\nsummary: \u201cSlow: soft\u201d\n---\n": (":", 'write summary: "Slow: soft"'),
    "---\ntools:\n\t- a\n---\n": (" - a", "use spaces"),
    "---\nTitle: A\n---\n": ("Title", "as in # Piriformis release"),
    "---\nmuscles: [neck]\n---\n": ("neck", "leave another muscle out here"),
    "---\nlength:10m\n---\n": ("length:10m", "write length: 10m"),
    "---\nlength: 7-10m\n---\n": ("7-10m", "write one duration"),
    "---\nsay: {psoas: so-as, psoas major}\n---\n": ("psoas major", "behind the colon"),
}


def _rows(table: str) -> list[tuple[str, str, str]]:
    rows = [line.split("|") for line in table.strip().splitlines()]
    return [(a.strip(), b[1:].rstrip(), c.strip()) for a, b, c in rows]


def _check(text: str, marked: str, hint: str) -> None:
    """There is one problem; what it marks begins with the words, and it says what to do."""
    with pytest.raises(ScriptError) as caught:
        read(text, World(dict.fromkeys(("part", "parts/one", "parts/safety"), "# P\n\nHi.\n")))
    (problem,) = caught.value.problems
    start = problem.location.column - 1
    shown = problem.source_line[start:]
    assert shown.startswith(marked)
    assert problem.length == len(marked) or problem.code in ("missing-colon", "yaml")
    assert hint in f"{problem.hint} {problem.expected}"


@pytest.mark.parametrize(("cue", "marked", "hint"), _rows(CUES))
def test_cues(cue: str, marked: str, hint: str) -> None:
    """A cue in other words than those of the language."""
    _check(f"# T\n\n- {cue}\n", marked, hint)


@pytest.mark.parametrize(("cue", "marked", "hint"), _rows(TIMED))
def test_timed_cues(cue: str, marked: str, hint: str) -> None:
    """The same inside an interval."""
    _check(f"# T\n\n- hold 30s\n  - {cue}\n", marked, hint)


@pytest.mark.parametrize(("bracket", "marked", "hint"), _rows(MODIFIERS))
def test_modifiers(bracket: str, marked: str, hint: str) -> None:
    """The same at a heading."""
    _check(f"# T\n\n## A {bracket}\n\nHi.\n", marked, hint)


@pytest.mark.parametrize("text", BLOCKS)
def test_what_would_be_spoken_or_lost(text: str) -> None:
    """Nothing of the language is read aloud, and nothing is dropped."""
    _check(f"# T\n\n{text}\n", *BLOCKS[text])


@pytest.mark.parametrize("text", FRONTS)
def test_front_matter(text: str) -> None:
    """Also where its lines are missing or are not three hyphens; the rest is read all the same."""
    _check(f"{text}\n# T\n\nHi.\n", *FRONTS[text])


@pytest.mark.parametrize(
    "text",
    [
        "Hold 30s.", "Hold 10 seconds on each side", "Hold it for 30s and breathe", "Chime", "Rest",
        "Background noise is fine", "Include the other leg.", "Play", "Breathe in, and out",
        "Five ~ six ~~ seven.",
    ],
)  # fmt: skip
def test_plain_speech_is_let_be(text: str) -> None:
    """What only begins like a cue is spoken."""
    (paragraph,) = read(f"# T\n\n{text}\n").root.content
    (sentence,) = paragraph.content  # type: ignore[union-attr,misc]
    assert sentence.parts == (text,)  # type: ignore[union-attr]


def test_a_title_without_its_space_is_one_problem() -> None:
    """It is not missing as well."""
    with pytest.raises(ScriptError) as caught:
        read("#T\n\nHi.\n")
    assert [p.code for p in caught.value.problems] == ["not-a-heading"]


def test_capital_letters_hide_no_mistake() -> None:
    """A cue that is written large is read like any other."""
    with pytest.raises(ScriptError) as caught:
        read("# T\n\n- Roll 30\n  - Halfway: Now {sde}.\n- Pause: 5s\n- Rest your legs a while\n")
    assert [(p.location.line, p.location.column, p.code) for p in caught.value.problems] == [
        (3, 8, "bad-duration"),
        (4, 18, "unknown-variable"),
        (6, 8, "bad-duration"),
    ]


@pytest.mark.parametrize("space", ["\xa0", "\u202f", "\u2009", "\u3000"])
def test_spaces_of_a_word_processor_are_spaces(space: str) -> None:
    """Wherever they stand."""
    text = "---\nlength: 1 m\n---\n\n# The title\n\nBe  still.\n\n- hold 30 s\n  - end: chime\n"
    assert read(text.replace(" ", space)).root == read(text).root


@pytest.mark.parametrize("sign", ["\u200e", "\u200f", "\u202e"])
def test_what_turns_the_direction_of_writing_is_pointed_at(sign: str) -> None:
    """It shows a text other than it is."""
    for text in (f"# T\n\nSo{sign}ft.\n", f"# T\n\n- hol{sign}d 30s\n"):
        with pytest.raises(ScriptError) as caught:
            read(text)
        (problem,) = caught.value.problems
        assert (problem.code, problem.source_line[problem.location.column - 1]) == (
            "control-character",
            "\ufffd",
        )


@pytest.mark.parametrize("sign", ["\xad", "\u200b", "\u2060", "\ufeff"])
def test_what_is_not_seen_is_left_out(sign: str) -> None:
    """And places are still those of the file, which holds it."""
    text = f"# {sign}T\n\nSo{sign}ft.\n\n{sign}- hol{sign}d 30s\n"
    assert read(text).root == read(text.replace(sign, "")).root
    with pytest.raises(ScriptError) as caught:
        read(f"# T\n\n{sign}- hol{sign}d 30{sign}s foo\n")
    (problem,) = caught.value.problems
    assert problem.source_line[problem.location.column - 1 :] == "foo"


@pytest.mark.parametrize("end", ["\u2028", "\u2029", "\x0b", "\x0c"])
def test_line_ends_of_other_programs(end: str) -> None:
    """They end a line."""
    assert (
        read(f"# T{end}{end}Hi.{end}{end}- hold 30s{end}").root
        == read("# T\n\nHi.\n\n- hold 30s\n").root
    )


def test_a_clock_may_stand_before_the_colon() -> None:
    """Of which there are then two."""
    script = read("# T\n\n- hold 2m\n  - at 0:15: Hi.\n  - 1:00 left: Ho.\n")
    (interval,) = script.root.content
    assert [nested.seconds for nested in interval.nested] == [15, 60]  # type: ignore[union-attr]
