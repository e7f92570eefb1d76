"""Reading scripts: places, limits, includes and heads; what is right and wrong is golden."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from world import World, read

from voiceguide.audio.foreign import FOREIGN_LONGEST
from voiceguide.errors import ScriptError
from voiceguide.library.environment import LibraryEnvironment, read_source
from voiceguide.plan.unfold import MAX_EVENTS
from voiceguide.script import Source, context, decode, frontmatter, items, parse
from voiceguide.script.model import Interval, Note, Paragraph, Sentence
from voiceguide.script.modifiers import MOST_TIMES
from voiceguide.script.parse import MAX_INCLUDES, read_anyway, read_head
from voiceguide.script.source import MAX_BYTES, MAX_LINES, MOST_ON_LINE, MOST_PROBLEMS
from voiceguide.script.speech import MAX_SENTENCE
from voiceguide.units import LONGEST

parse_module = sys.modules["voiceguide.script.parse"]  # the package's own name is the function's
PACKAGE = Path(__file__).parent.parent / "voiceguide"


def _problems(text: str | bytes, world: World | None = None) -> list[tuple[str, int, int]]:
    """Code, line and column of every error."""
    data = text.encode() if isinstance(text, str) else text
    with pytest.raises(ScriptError) as caught:
        parse(decode(data, "x.md"), world or World())
    errors = [p for p in caught.value.problems if p.severity == "error"]
    return [(p.code, p.location.line, p.location.column) for p in errors]


@pytest.mark.parametrize(
    ("front", "marked"),
    [
        ("summary: &a Some text", "&a Some text"),
        ("summary: *a", "*a"),
        ("summary: !!str Some text", "!!str Some text"),
        ("tools:\n  wide ball: 3  # why\n  ball: 4", "wide ball: 3"),
        ("say: >\n  a word\n  b word", ">"),
        ("- muscles\n- tools", "- muscles"),
        ("length: 7 eons  # long", "7 eons"),
    ],
)
def test_the_whole_of_a_wrong_value_is_marked(front: str, marked: str) -> None:
    """To its end, or to the end of its first line."""
    with pytest.raises(ScriptError) as caught:
        read(f"---\n{front}\n---\n\n# T\n\nHi.\n")
    (problem,) = caught.value.problems
    start = problem.location.column - 1
    assert problem.source_line[start : start + problem.length] == marked


def test_front_matter_knows_where_its_values_stand() -> None:
    """Where each begins, and how many characters of the line it takes."""
    front = read("---\nlength: 7m  # usual\nsummary: 'Two words'\n---\n\n# T\n\nHi.\n").front
    assert (front.locations["length"].column, front.lengths["length"]) == (9, 2)
    assert (front.locations["summary"].column, front.lengths["summary"]) == (10, 11)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_and_a_byte_order_mark(end: str) -> None:
    """A file from any system reads the same, and its places are the same."""
    text = "\ufeff" + end.join(["# Title", "", "Words.", "", "- paus 5s"])
    assert _problems(text) == [("unknown-cue", 5, 3)]


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("-\tpaus 5s", 3), ("  - paus 5s", 5), ("*   paus 5s", 5), ("+ paus 5s", 3),
        ("- *paus* 5s", 4),
    ],
)  # fmt: skip
def test_columns_count_characters(line: str, column: int) -> None:
    """Tabs, markup and comments before a word do not move its place."""
    assert _problems(f"# T\n\nÄöü — 日本.\n\n{line}\n") == [("unknown-cue", 5, column)]


def test_places_in_wrapped_and_nested_lines() -> None:
    """A mistake is found on its own line, whatever it is wrapped or nested in."""
    text = (
        "# T\n\nOne *two\nthree* {four}\n  and [five]\n\n- hold 9s\n  - halfway: One\n    {two}\n"
    )
    assert _problems(text) == [
        ("unknown-variable", 4, 8), ("unknown-bracket", 5, 7), ("unknown-variable", 9, 5),
    ]  # fmt: skip


def test_a_sentence_knows_where_it_starts() -> None:
    """Each sentence of a paragraph has its own place."""
    script = read("# T\n\nOne. Two\nis here. *Three.* [1s] Four.\n")
    paragraph = script.root.content[0]
    assert isinstance(paragraph, Paragraph)
    places = [p.location for p in paragraph.content if isinstance(p, Sentence)]
    assert [(p.line, p.column) for p in places] == [(3, 1), (3, 6), (4, 11), (4, 24)]


def test_emphasis_leaves_no_trace_and_takes_no_words() -> None:
    """Every word between the marks is there, and no mark is."""
    script = read("# T\n\nPress *very* **softly** into ***it***, and _do not_ move.\n")
    paragraph = script.root.content[0]
    assert isinstance(paragraph, Paragraph)
    assert isinstance(paragraph.content[0], Sentence)
    assert paragraph.content[0].parts == ("Press very softly into it, and do not move.",)


def test_a_note_keeps_its_words() -> None:
    """Its marks and comments are gone, its variables stay."""
    script = read(
        "---\ntools: [ball]\n---\n# T\n\n> Keep the **{tool}** moving.\n> <!-- no --> Yes \\[it\\].\n\nHi.\n"
    )
    note = script.root.content[0]
    assert isinstance(note, Note)
    assert note.text == "Keep the {tool} moving. Yes [it]."


def test_a_cue_may_be_wrapped() -> None:
    """An indented line goes on with the cue above it."""
    script = read(
        "# T\n\n- hold 30s\n  - halfway: Let your\n    jaw soften.\n  - end:\n    chime bowl\n"
    )
    interval = script.root.content[0]
    assert isinstance(interval, Interval)
    assert len(interval.nested) == 2


# Limits


def test_a_script_of_one_mebibyte_compiles() -> None:
    """The limit itself is allowed, one byte more is not."""
    text = (
        "# T\n\n"
        + "Breathe in and out, slowly and softly, for as long as it takes you to.\n\n" * 14_000
    )
    text += "<!-- " + "x" * (MAX_BYTES - len(text) - 10) + " -->\n"
    assert len(text) == MAX_BYTES
    assert len(read(text).root.content) == 14_000
    assert _problems(text + "\n") == [("script-too-large", 1, 1)]


def test_too_many_lines() -> None:
    """A script of so many lines is refused before it is read."""
    assert _problems("# T\n" + "\n" * MAX_LINES) == [("script-too-long", MAX_LINES + 1, 1)]


def test_problems_are_bounded() -> None:
    """A file full of mistakes reports many of them, and says that there are more."""
    found = _problems("# T\n\n" + "- paus 5s\n" * 5000)
    assert len(found) == MOST_PROBLEMS + 1
    assert found[-1][0] == "too-many-problems"
    assert _problems("# T\n\n" + "{x} " * 50)[-1][0] == "too-many-problems"
    assert len(_problems("# T\n\n" + "{x} " * 50)) == MOST_ON_LINE


def test_a_line_of_which_nothing_is_left() -> None:
    """Its problems stand at its start."""
    assert _problems("</aside> \u2028\n") == [("no-title", 1, 1)]


def test_warnings_are_never_too_many() -> None:
    """A script full of them compiles, and not all of them are told."""
    sentence = "Word " * 40 + ". "
    _, told = parse(
        Source("x.md", f"# T\n\n{sentence * 60}\n\n{(sentence + chr(10)) * 2000}"), World()
    )
    assert {p.severity for p in told} == {"warning"} and len(told) < MOST_PROBLEMS


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("# T\n\n" + "word " * 300, "sentence-too-long"),
        ("# T\n\n" + "*word* here. " * 10_000, "paragraph-too-long"),
        ("# T\n\n" + "Hi. " * 20_001, "paragraph-too-long"),
        ("---\nsummary: " + "a" * 1001 + "\n---\n# T\n\nHi.\n", "bad-value"),
        ("---\n# " + "a" * 40_000 + "\n---\n# T\n\nHi.\n", "front-matter"),
        ("# T\n\n" + "- " * 12 + "deep\n\nHi.\n", "nested-too-deep"),
    ],
)
def test_limits_of_a_part(text: str, code: str) -> None:
    """Each has its own sentence, with the place."""
    assert [found[0] for found in _problems(text)] == [code]


def test_lists_nested_too_deep_lose_no_line() -> None:
    """However deep a list is nested, each line is read or reported."""
    text = "# T\n\n" + "".join(f"{'  ' * k}- hold 9s\n" for k in range(200))
    assert {code for code, _, _ in _problems(text)} <= {
        "nested-cue",
        "unknown-moment",
        "nested-too-deep",
    }


# Includes


def _chain(length: int) -> World:
    scripts = {f"p{k}": f"# P{k}\n\n- include p{k + 1}\n" for k in range(1, length)}
    return World({**scripts, f"p{length}": "# Last\n\nHi.\n"})


def test_includes_nest_eight_deep() -> None:
    """Eight are allowed, the ninth is an error at its cue."""
    assert read("# T\n\n- include p1\n", _chain(MAX_INCLUDES))
    assert _problems("# T\n\n- include p1\n", _chain(MAX_INCLUDES + 1)) == [
        ("include-depth", 3, 11)
    ]


def test_includes_are_bounded_together() -> None:
    """Neither many small ones nor a few large ones take long."""
    small, large = (
        World({"s": "# S\n\nHi.\n"}),
        World({"s": "# S\n\n" + ("Word " * 180 + ". ") * 900}),
    )
    assert _problems("# T\n\n" + "- include s\n" * 600, small) == [("include-size", 503, 11)]
    assert _problems("# T\n\n" + "- include s\n" * 600, large) == [("include-size", 5, 11)]


def test_an_include_of_something_unreadable(tmp_path: Path) -> None:
    """A binary or a broken file is reported as its own problem."""
    (tmp_path / "bad.md").write_bytes(b"# T\n\n\xff\n")
    (tmp_path / "a.md").write_text("# T\n\n- include bad\n- paus 5s\n")
    with pytest.raises(ScriptError) as caught:
        parse(read_source(tmp_path / "a.md"), LibraryEnvironment())
    assert [p.code for p in caught.value.problems] == ["unknown-cue", "not-utf-8"]


@pytest.mark.parametrize(
    "name", ["../secret", "/etc/passwd", "a/../../secret", "link", "folder/secret"]
)
def test_includes_never_leave_the_folder(tmp_path: Path, name: str) -> None:
    """Neither by dots, nor by an absolute path, nor through a symbolic link."""
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "secret.md").write_text("# Secret\n\nHidden words.\n")
    (home / "link.md").symlink_to(tmp_path / "secret.md")
    (home / "folder").symlink_to(tmp_path)
    (home / "a.md").write_text(f"# T\n\n- include {name}\n")
    with pytest.raises(ScriptError) as caught:
        parse(read_source(home / "a.md"), LibraryEnvironment())
    assert [p.code for p in caught.value.problems] == ["include"]
    assert "Hidden" not in str(caught.value)


def test_a_cycle_through_a_symbolic_link(tmp_path: Path) -> None:
    """A file is known by what it is, not by its name."""
    (tmp_path / "a.md").write_text("# T\n\n- include b\n")
    (tmp_path / "b.md").symlink_to(tmp_path / "a.md")
    with pytest.raises(ScriptError) as caught:
        parse(read_source(tmp_path / "a.md"), LibraryEnvironment())
    assert [p.code for p in caught.value.problems] == ["include-cycle"]


# Heads


def test_the_head_of_a_script() -> None:
    """Title and front matter, the rest not looked at; variables as for whoever chose nothing."""
    text = "---\nmuscles: [calves]\ntools: [ball]\n---\n<!-- x -->\n# The {muscle} and the *{tool}*\n\n- paus\n"
    title, front = read_head(Source("x.md", text), World())
    assert (title, front.tools) == ("The calf muscles and the ball", ("ball",))
    assert read_head(Source("my/neck-pain.md", "Hi.\n"), World())[0] == "Neck pain"


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "no-title"), ("---\ntols: 1\n---\n# T\n", "unknown-key"),
     ("---\n# T\n", "front-matter"), ("# T\x1b[31m\n", "control-character")],
)  # fmt: skip
def test_a_head_that_is_wrong(text: str, code: str) -> None:
    """It is refused with its place."""
    with pytest.raises(ScriptError) as caught:
        read_head(Source("x.md", text), World())
    assert [p.code for p in caught.value.problems] == [code]


def test_the_docs_state_the_limits() -> None:
    """Those that an author may meet, as the code has them."""
    text = (PACKAGE.parent / "docs" / "language.md").read_text("utf-8")
    assert MAX_BYTES == 1 << 20 and parse_module._MAX_TEXT == 2 << 20
    assert FOREIGN_LONGEST == 10 * 60 and LONGEST == 24 * 3600
    for stated in (
        f"1 MiB, {MAX_LINES:,} lines",
        f"{frontmatter._MAX_SIZE:,} characters",
        f"{MAX_INCLUDES} deep; {parse_module._MAX_FILES} of them, 2 MiB",
        f"24 hours, {MAX_EVENTS:,} events",
        f"{MOST_TIMES:,} times, and {context._MOST_ROUNDS:,} with",
        f"may be {context._VERSIONS} numbers",
        f"strikes {items._LONGEST_STRIKES} times",
        f"| {MAX_SENTENCE:,} characters",
        f"{MOST_ON_LINE} of a line, {MOST_PROBLEMS:,} of a run",
    ):
        assert stated in text, stated


@pytest.mark.parametrize(
    "text",
    [
        "Do max. 5 reps, min. 3 reps. | Max. 30 sec. | See p. 12, vol. 2, ch. 3, ex. 5. | TrP. 1 is here.",
        "At 7 a.m. Monday we start. | Rest at 8 p.m. | Then sleep. | At 9 a.m. March has begun.",
        "This was plan B. | Now rest. | Take vitamin D. | Then lie down. | So do I. | Now turn.",
        "Vitamin C. | Then rest. | Use ball A. | Roll it.",
        "It is by J. Smith. | Ask Dr. A. Miller. | George W. Bush was here. | J. K. Rowling, too.",
        "Rest 5 min. | 3 more to go. | Wait approx. 5 s, ca. 2 m. | Stretch, roll, etc. | Then rest.",
        "Go on e.g. Monday, vs. Tuesday. | No. | Not so. | See No. 3. | Wk. 2 is hard.",
        'He said "stop." | Then he left. | Wait... | Now go. | Really?! | Yes.',
    ],
)
def test_sentences_are_cut_where_they_end(text: str) -> None:
    """Not behind an abbreviation or an initial."""
    wanted = [sentence.strip() for sentence in text.split("|")]
    (paragraph,) = read(f"# T\n\n{' '.join(wanted)}\n").root.content
    assert isinstance(paragraph, Paragraph)
    found = ["".join(map(str, s.parts)) for s in paragraph.content if isinstance(s, Sentence)]
    assert found == wanted


def test_lines_of_every_kind_are_counted_where_a_byte_is_no_letter() -> None:
    """A lone carriage return ends a line there as everywhere."""
    with pytest.raises(ScriptError) as caught:
        decode(b"# T\r\rHi.\r\n\r\nAnd \xff so.\rOn.\n", "x.md")
    (problem,) = caught.value.problems
    assert (problem.location.line, problem.location.column) == (5, 5)
    assert problem.source_line == "And \ufffd so."


def test_what_is_read_again_is_reported_again() -> None:
    """What is remembered of a text is remembered only where there was nothing to say about it."""
    bad = "# T\n\nLie (5s) down. See https://a.example/b now.\n\n### Deep (3x tmes)\n\n# Two\n\n- hold 5s\n"
    first = _problems(bad)
    assert {code for code, _, _ in first} >= {"link", "skipped-level", "second-title"}
    assert _problems(bad) == first
    good = "# T\n\nLie down.\n\n## Deep\n\n- hold 5s\n"
    for _ in range(2):
        assert not read_anyway(decode(good.encode(), "x.md"), World())[1]
    assert _problems(bad) == first
