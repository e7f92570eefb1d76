"""What helps an author: safe edits, made in the text and in the file."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path

import pytest
from cli_support import voiceguide, works
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

import voiceguide as voiceguide_package
from voiceguide.errors import Edit, UsageError
from voiceguide.library.data import data_folder
from voiceguide.library.environment import LibraryEnvironment
from voiceguide.script.codes import explanations, whole
from voiceguide.script.frontmatter import KEYS
from voiceguide.script.items import CUES, MOMENTS
from voiceguide.script.model import VARIABLES
from voiceguide.workshop import meanings
from voiceguide.workshop.drafting import Wishes, from_notes, new
from voiceguide.workshop.fixes import apply, fixed, problems, safe_edits
from voiceguide.workshop.formatting import formatted


def test_edits_are_made_where_they_say_whatever_ends_a_line() -> None:
    """Of two that overlap the first counts; one beyond the text is left out."""
    text = "one\r\ntwo\rthree\nfour"
    edits = [Edit(2, 1, 3, "2"), Edit(3, 2, 2, "HR"), Edit(2, 2, 1, "x"), Edit(9, 1, 1, "y")]
    assert apply(text, edits) == ("one\r\n2\rtHRee\nfour", 2)
    assert apply(text, []) == (text, 0)


@given(st.text(alphabet="ab\r\n", max_size=30))
def test_without_edits_nothing_changes(text: str) -> None:
    assert apply(text, []) == (text, 0)


@pytest.mark.parametrize("code", sorted(explanations()))
def test_what_can_be_fixed_stays_fixed(code: str, tmp_path: Path) -> None:
    """Mending the wrong example of each code leaves no safe edit, and mends the same again."""
    path = tmp_path / "script.md"
    text, _ = fixed(whole(explanations()[code].wrong), path)
    assert not safe_edits(problems(text, path))
    assert fixed(text, path) == (text, 0)


def test_a_file_is_fixed_once_and_told(tmp_path: Path) -> None:
    path = tmp_path / "mine.md"
    path.write_text("# Mine\n\nLie down. If it hurts sharply, stop.\n\n- holdd 30s\n", "utf-8")
    before = voiceguide("check", "mine.md", "--voice", "silent", at=tmp_path)
    assert before.code == 1
    done = voiceguide("check", "mine.md", "--fix", "--voice", "silent", at=tmp_path)
    assert "mine.md: 1 place fixed" in done.err
    assert "- hold 30s\n" in path.read_text("utf-8")
    assert done.code == 0
    again = voiceguide("check", "mine.md", "--fix", "--voice", "silent", at=tmp_path)
    assert "fixed" not in again.err


def test_a_code_is_explained(tmp_path: Path) -> None:
    text = works("check", "--explain", "bad-count", at=tmp_path)
    assert "3 times, or 2-4 times" in text.replace("\n", " ")
    assert "But so:" in text
    wrong = voiceguide("check", "--explain", "bad-cuont", at=tmp_path)
    assert wrong.code == 2
    assert 'did you mean "bad-count"' in wrong.err
    assert "needs FILE, or --explain CODE" in voiceguide("check", at=tmp_path).err


ONE_FORM = {
    "* Hold 30 sec.": "- hold 30s",
    "+ roll for 2 minutes": "- roll 2m",
    "-    press 30 \u2013 60 s": "- press 30-60s",
    "- [ ] stretch 1 min 30 sec": "- stretch 1m30s",
    "- breathe box, 5x": "- breathe box, 5 times",
    "- Breathe In 4 sec, Out 6 sec, for 1 minute": "- breathe in 4s, out 6s, for 1m",
    "- chime: bowl, x3": "- chime bowl, 3 times",
    "- hold 30s\n    *  Halfway:  Let  go.": "- hold 30s\n  - halfway: Let go.",
    "- hold 30s\n   - 10 sec left : Chime": "- hold 30s\n  - 10s left: chime",
    "\u2022\tHold 30 sec\n\u2022\tRest 10 sec": "- hold 30s\n- rest 10s",
    "Rest. [PAUSE:5] Let go. [long pause]": "Rest. [5s] Let go. [5s]",
    "1. Roll.\n2. Rest.": "Roll.\n\nRest.",
    "- Inhale deeply.\n- hold 10s": "Inhale deeply.\n\n- hold 10s",
    "Lie down.\n- hold 10s\nLook up.": "Lie down.\n\n- hold 10s\n\nLook up.",
    "Hi.\n\n***\n\n\n\nBye.": "Hi.\n\nBye.",
    "##  Step ##\nHi.": "## Step\n\nHi.",
    "## Step (Both Sides, X3)\n\nHi.": "## Step (each side, 3 times)\n\nHi.",
    "Step\n----\n\nHi.": "## Step\n\nHi.",
    ">A note,\n>  of two lines.": "> A note,\n> of two lines.",
    "<!-- for me:\n\n\n  a remark -->\n- hold 10s": "<!-- for me:\n\n\n  a remark -->\n- hold 10s",
    "- hold 10s\n\n- rest 5s\n- hold 10s": "- hold 10s\n\n- rest 5s\n- hold 10s",
    "- holdd 30s": "- holdd 30s",
    "Hold 30 sec": "- hold 30s",
    "Hold 30 sec, please": "Hold 30 sec, please",
}
"""What is written, and its one form. What is more than form, or would be heard otherwise, stays."""


@pytest.mark.parametrize("written", ONE_FORM)
def test_a_script_has_one_form(written: str, tmp_path: Path) -> None:
    path = tmp_path / "script.md"
    made = formatted(f"\ufeff# T\r\n\n{written}  \n\n\nHi.\n\n".replace("\n", "\r\n"), path)
    assert made.text == f"# T\n\n{ONE_FORM[written]}\n\nHi.\n"


def test_the_front_matter_has_one_form(tmp_path: Path) -> None:
    front = "muscles:   gluteus medius, Piriformis\ntools: [ hands,ball ] # mine\nlength: 5 min"
    made = formatted(f"---\n{front}\n---\n# T\n\nHi.\n", tmp_path / "x.md").text
    assert made.startswith(
        "---\nmuscles: [gluteus-medius, piriformis]\ntools: [ hands,ball ] # mine\nlength: 5m\n---\n\n# T\n"
    )


def test_shipped_tracks_are_in_their_form() -> None:
    """So the command changes none of them."""
    environment = LibraryEnvironment()
    for track in sorted(data_folder("scripts").rglob("*/*.md")):
        text = track.read_text("utf-8")
        assert formatted(text, track, environment).text == text, track


def test_files_are_formatted(tmp_path: Path) -> None:
    path = tmp_path / "mine.md"
    written = "# Mine\n\n* Hold 30 sec.\n\nRest now, for 30 seconds.\n"
    path.write_text(written, "utf-8")
    checked = voiceguide("fmt", "--check", "mine.md", at=tmp_path)
    assert (checked.code, checked.out) == (1, "mine.md: would change\n")
    shown = voiceguide("fmt", "--diff", "mine.md", at=tmp_path)
    assert (shown.code, "-* Hold 30 sec.\n+- hold 30s\n" in shown.out) == (0, True)
    assert "mine.md:5:" in shown.err
    assert "(time-not-kept)" in shown.err
    assert path.read_text("utf-8") == written
    assert voiceguide("fmt", "--write", "mine.md", "gone.md", at=tmp_path).code == 2
    assert path.read_text("utf-8") == written.replace("* Hold 30 sec.", "- hold 30s")
    assert "choose one" in voiceguide("fmt", "--check", "--diff", "mine.md", at=tmp_path).err


def test_a_new_script_checks_clean_and_is_in_its_form() -> None:
    environment = LibraryEnvironment()
    path = Path("x.md")
    choices = itertools.product(
        (*list(environment.muscles)[:2], None), (*environment.tools, None), (True, False)
    )
    for muscle, tool, sides in choices:
        text = new(Wishes("My [neck] (each side) *", muscle, tool, sides))
        assert not problems(text, path, environment), (muscle, tool, sides)
        assert formatted(text, path, environment).text == text


NOTES = """Neck release \u2013 evening

Sit on a chair. Let your shoulders drop

Left and right:
1. Turn your head to the left and hold for 30 seconds.
2) Turn it back
\u2022 Hold 20 sec
(pause)
Repeat 3 times
Take ten breaths. [see page 3]

Created: 3 March 2024
"""
DRAFT = """# Neck release \u2013 evening

Sit on a chair. Let your shoulders drop.

## Left and right

Turn your head to the left and hold for 30 seconds.

<!-- HERE: 30 seconds: a cue keeps time, such as - hold 30s -->

Turn it back.

- hold 20s
- pause 2s

<!-- HERE: Repeat 3 times: a time is a cue, such as - hold 30s; a repeat stands at the heading, as in (3 times) -->

<!-- HERE: Take ten breaths. [see page 3] -->

<!-- HERE: ten breaths: a cue keeps time, such as - hold 30s -->

<!-- Created: 3 March 2024 -->
"""


@pytest.mark.parametrize("empty", [">", ">\n>", "> \n>  "])
def test_an_empty_note_stays_one(empty: str) -> None:
    text = f"# T\n\nHello there.\n\n{empty}\n\n> A note.\n"
    made = formatted(text, Path("x.md"), LibraryEnvironment()).text
    assert made.count(">") == text.count(">")
    assert formatted(made, Path("x.md"), LibraryEnvironment()).text == made


def test_notes_become_a_draft() -> None:
    assert from_notes(NOTES, Path("x.md")) == DRAFT
    assert from_notes("Breathe out slowly.", Path("my-neck.md")).startswith("# My neck\n\nBreathe")
    front = "---\nmuscles: [hips]\ntools: [softball]\nkind: release\n---\n\n"
    assert from_notes(NOTES, Path("x.md"), Wishes("", "hips", "softball")) == front + DRAFT
    assert "HERE: what is to be said?" in from_notes(
        "Created: 3 March 2024", Path("x.md"), Wishes("", "hips")
    )


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                *NOTES.splitlines(),
                "[",
                "{x}",
                "<b>",
                "---",
                "# H",
                "```",
                "- ",
                "| a |",
                "*",
                "\x1b",
            ]
        ),
        max_size=12,
    )
)
def test_any_notes_become_a_script_that_compiles(lines: list[str]) -> None:
    try:
        draft = from_notes("\n".join(lines), Path("x.md"))
    except UsageError as error:
        assert "no words" in str(error)
        return
    assert not [p for p in problems(draft, Path("x.md")) if p.severity == "error"], draft


def test_a_script_is_begun(tmp_path: Path) -> None:
    done = voiceguide("new", "--title", "My neck", "--tool", "Tennis Ball", at=tmp_path)
    assert (done.code, done.out) == (0, "my-neck.md\n")
    begun = (tmp_path / "my-neck.md").read_text("utf-8")
    assert "tools: [tennis ball]" in begun
    again = voiceguide("new", "my-neck", at=tmp_path)
    assert again.code == 2
    assert "my-neck.md" in again.err
    (tmp_path / "notes.txt").write_text(NOTES, "utf-8")
    drafted = voiceguide("new", "my-neck.md", "--from", "notes.txt", "--force", at=tmp_path)
    assert "4 places need you" in drafted.err
    assert (tmp_path / "my-neck.md").read_text("utf-8") == DRAFT
    wrong = voiceguide("new", "x.md", "--muscle", "piriformus", at=tmp_path)
    assert 'did you mean "piriformis"' in wrong.err
    assert not (tmp_path / "x.md").exists()


def test_findings_are_told_as_other_programs_read_them(tmp_path: Path) -> None:
    (tmp_path / "a b.md").write_text("# T\n\nHi.\n\n- include mine\n- holdd 30s\n", "utf-8")
    (tmp_path / "mine.md").write_text("# P\n\n- hold 30\n", "utf-8")
    told = voiceguide("check", "a b.md", "--format", "github", at=tmp_path)
    assert told.code == 1
    assert told.out.splitlines()[0] == (
        "::error file=a b.md,line=6,col=3,endColumn=8,title=unknown-cue::"
        'there is no cue "holdd" (did you mean "hold"?)'
    )
    found = json.loads(voiceguide("check", "a b.md", "--format", "sarif", at=tmp_path).out)
    (run,) = found["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [
        "bad-duration",
        "unknown-cue",
    ]
    first, second = run["results"]
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%20b.md"
    assert place["region"] == {"startLine": 6, "startColumn": 3, "endColumn": 8}
    (fix,) = first["fixes"][0]["artifactChanges"][0]["replacements"]
    assert fix["insertedContent"]["text"] == "hold"
    assert second["relatedLocations"][0]["physicalLocation"]["region"]["startLine"] == 5
    as_json = voiceguide("check", "a b.md", "--format", "json", at=tmp_path).out
    assert as_json == voiceguide("check", "a b.md", "--json", at=tmp_path).out
    assert (
        "leave one" in voiceguide("check", "a b.md", "--json", "--format", "sarif", at=tmp_path).err
    )


def test_editors_colour_the_words_of_the_language() -> None:
    """The extension's own list of cues, moments and variables is that of the parser."""
    folder = Path(voiceguide_package.__file__).parent / "editor" / "vscode"
    cues, timed, _, variable = json.loads((folder / "cues.tmLanguage.json").read_text("utf-8"))[
        "patterns"
    ]
    assert cues["match"].split("(")[2].split(")")[0].split("|") == list(CUES)
    assert timed["match"].split("(?:")[1].split(")")[0].split("|") == list(MOMENTS)
    assert variable["match"].split("(")[1].split(")")[0].split("|") == list(VARIABLES)
    assert re.match(timed["match"], "  - 10s left: chime")
    package = json.loads((folder / "package.json").read_text("utf-8"))
    named = [package["main"], *(each["path"] for each in package["contributes"]["grammars"])]
    assert all((folder / name).is_file() for name in named)


def test_every_word_has_a_meaning() -> None:
    """For completion and for who points at it: none of the language's own tables is left out."""
    assert set(meanings.CUES) == set(CUES)
    assert set(meanings.MOMENTS) == {*MOMENTS, "left"}
    assert set(meanings.VARIABLES) == set(VARIABLES)
    assert set(meanings.KEYS) == set(KEYS)


def test_hooks_are_commands_that_there_are(tmp_path: Path) -> None:
    hooks = YAML(typ="safe").load(Path(__file__).parent.parent / ".pre-commit-hooks.yaml")
    (tmp_path / "x.md").write_text("# T\n\n* Hold 10 sec\n\nHi.\n", "utf-8")
    for hook in hooks:
        program, *words = hook["entry"].split()
        assert program == "voiceguide"
        assert voiceguide(*words, "x.md", at=tmp_path).code == 0
    assert (tmp_path / "x.md").read_text("utf-8") == "# T\n\n- hold 10s\n\nHi.\n"
