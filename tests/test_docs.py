"""README and docs: what they show can be copied as it stands, and the site has every page."""

from __future__ import annotations

import importlib.util
import re
import shlex
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from cli_support import voiceguide

import voiceguide as vg
from voiceguide.__main__ import sections
from voiceguide.cli import cli
from voiceguide.script.codes import explanations

ROOT = Path(__file__).resolve().parent.parent
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = [ROOT / "README.md", *DOCS]
_BLOCK = re.compile(r"^( *)```+(\w*)\n(.*?)^\1```", re.M | re.S)


def blocks(page: Path, *languages: str) -> list[str]:
    """What stands between fences of some languages."""
    found = _BLOCK.findall(page.read_text("utf-8"))
    return [text for _, language, text in found if language in languages]


SCRIPTS = [
    pytest.param(text, id=f"{page.stem}-{number}")
    for page in PAGES
    if page.stem != "script"  # its examples are wrong on purpose, and tried where codes are
    for number, text in enumerate(blocks(page, "markdown"))
]
CALLS = [
    pytest.param(call, id=f"{page.stem}: {call}")
    for page in PAGES
    for text in blocks(page, "sh", "console", "bash")
    for call in re.findall(
        r"^(?:\$ )?voiceguide (.+?)(?:  +#.*)?$", text.replace("\\\n", " "), re.M
    )
]


@pytest.mark.parametrize("text", SCRIPTS)
def test_a_script_is_fine(text: str, tmp_path: Path) -> None:
    """An author may copy it: no error, no warning, and it can be fitted."""
    path = tmp_path / "own.md"
    path.write_text(text, "utf-8")
    found = vg.check(str(path), voice="silent")
    assert found.ok and not found.problems
    assert found.reach and found.reach.shortest <= found.reach.usual <= found.reach.longest
    if re.search(r"\d+s? ?\(\d+s-\d+|\boptional\b|-\d+ times", text):  # it can be fitted
        assert found.reach.shortest < found.reach.usual < found.reach.longest


@pytest.mark.parametrize("call", CALLS)
def test_a_command_is_as_it_is_written(call: str) -> None:
    """It has the options that are given, and takes their values."""
    name, *words = shlex.split(call)
    command = cli.get_command(click.Context(cli, obj=sections()), name)
    assert command is not None
    command.make_context(name, words)


def test_every_command_is_named() -> None:
    """Somewhere in the README or the docs, with what it is for."""
    text = "".join(page.read_text("utf-8") for page in PAGES)
    for table in sections().values():
        for name in table:
            assert f"voiceguide {name}" in text, name


@pytest.fixture(scope="module")
def tables() -> Any:
    """What makes pages of the program's own tables."""
    path = ROOT / "docs" / "tables.py"
    spec = importlib.util.spec_from_file_location("tables", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_code_command_and_name_has_its_page(tables: Any) -> None:
    """The site's generated pages have all that the tables have."""
    pages = dict(tables.pages())
    assert {name[6:] for name in pages if name.startswith("codes/")} == set(explanations())
    for code in explanations():
        assert f"codes/{code}.md" in pages["codes"]
    for table in sections().values():
        for name in table:
            assert f"### voiceguide {name}\n" in pages["commands"]
    for name in set(vg.__all__) - {"__version__"}:
        assert f"voiceguide.{name}\n" in pages["names"] or not callable(getattr(vg, name))


def test_every_page_is_in_the_site() -> None:
    """The index leads to each page of the folder."""
    index = (ROOT / "docs" / "index.md").read_text("utf-8")
    named = {line for line in index.splitlines() if re.fullmatch(r"[a-z/-]+", line)}
    assert {page.stem for page in DOCS} - {"index"} <= named
    assert "sphinx" not in sys.modules


def test_the_tutorial_leads_to_a_session(tmp_path: Path) -> None:
    """Its commands, one after the other, with the script that it has you paste: no word is wrong."""
    page = ROOT / "docs" / "tutorial.md"
    (script,) = blocks(page, "markdown")
    calls = [shlex.split(line) for text in blocks(page, "sh") for line in text.splitlines()]
    assert [call[1] for call in calls] == ["new", "check", "fmt", "timeline", "export"]
    for _, name, *words in calls:
        if name in ("check", "timeline", "export"):
            words += ["--voice", "silent"]
        done = voiceguide(name, *words, at=tmp_path)
        assert done.code == 0, (name, done.err)
        if name == "new":
            (tmp_path / "calf-circles.md").write_text(script, "utf-8")
        if name == "check":
            assert "fine" in done.out
        if name == "fmt":
            assert (tmp_path / "calf-circles.md").read_text("utf-8") == script
    made = {path.name for path in tmp_path.iterdir()}
    assert made == {"calf-circles.md", "calf-circles.svg", "calf-circles.mp3"}
