"""The language server, over standard input and output, as an editor talks to it."""

from __future__ import annotations

import asyncio
import itertools
import sys
from pathlib import Path

import pytest
import pytest_lsp
from cli_support import environment
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types as lsp
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

from voiceguide.editor.positions import Places
from voiceguide.library.data import data_folder
from voiceguide.script.source import Source, file_lines

pytestmark = pytest.mark.asyncio(loop_scope="module")
NUMBERS = itertools.count()
SCRIPT = """---
muscles: [piriformis]
tools: [tennis ball]
---

# Mine

Lie down on your back, and bend your knees. \U0001f60a

- include parts/nerve-buttock

## Roll (each side)

Take the {tool}, and put it under your {side} buttock.

- hold 30s (20s-40s)
  - halfway: Let go.
  - end: chime
- holdd 10s
"""


def _environment() -> dict[str, str]:
    return {**environment(), "PYTHONIOENCODING": "utf-8"}


@pytest_lsp.fixture(
    scope="module",
    config=ClientServerConfig(
        server_command=[sys.executable, "-m", "voiceguide", "lsp"], server_env=_environment()
    ),
)
async def client(lsp_client: LanguageClient):  # type: ignore[no-untyped-def]
    """One server for the file; each test opens a document of its own."""
    await lsp_client.initialize_session(
        lsp.InitializeParams(capabilities=client_capabilities("visual-studio-code"))
    )
    yield
    await lsp_client.shutdown_session()


class Opened:
    """A document in the editor."""

    def __init__(self, client: LanguageClient, folder: Path, text: str, language: str) -> None:
        self.client, self.text, self.version = client, text, 1
        self.uri = (folder / f"script{next(NUMBERS)}.md").as_uri()
        self.document = lsp.TextDocumentIdentifier(self.uri)
        client.text_document_did_open(
            lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(self.uri, language, 1, text))
        )

    async def problems(self) -> list[lsp.Diagnostic]:
        """Those of the text as it is; waits until they are told."""
        while self.uri not in self.client.diagnostics:
            await asyncio.sleep(0.002)
        return list(self.client.diagnostics[self.uri])

    async def write(self, line: int, column: int, length: int, text: str) -> None:
        """Put other characters in place of some, and wait for the problems."""
        self.version += 1
        span = lsp.Range(lsp.Position(line, column), lsp.Position(line, column + length))
        change = lsp.TextDocumentContentChangePartial(span, text)
        document = lsp.VersionedTextDocumentIdentifier(version=self.version, uri=self.uri)
        self.client.diagnostics.pop(self.uri, None)
        self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(document, [change]))
        await self.problems()

    async def offered(self, text: str) -> dict[str, str]:
        """What can follow a last line, and what would be written."""
        row = self.text.count("\n")
        await self.write(row, 0, 0, text)
        found = await self.client.text_document_completion_async(
            lsp.CompletionParams(self.document, lsp.Position(row, len(text)))
        )
        await self.write(row, 0, len(text), "")
        items = found.items if isinstance(found, lsp.CompletionList) else found or []
        return {i.label: i.text_edit.new_text for i in items if i.text_edit}

    async def hints(self) -> dict[int, str]:
        whole = lsp.Range(lsp.Position(0, 0), lsp.Position(999, 0))
        found = await self.client.text_document_inlay_hint_async(
            lsp.InlayHintParams(self.document, whole)
        )
        return {hint.position.line: str(hint.label) for hint in found or []}

    def changed(self, edits: list[lsp.TextEdit]) -> str:
        """The text with one edit made."""
        (edit,) = edits
        lines = self.text.splitlines(keepends=True) + [""]
        first, last = edit.range.start, edit.range.end
        before = "".join(lines[: first.line]) + lines[first.line][: first.character]
        after = lines[last.line][last.character :] + "".join(lines[last.line + 1 :])
        return before + edit.new_text + after


FIXED = SCRIPT.replace("holdd", "hold")


async def test_problems_come_and_go(client: LanguageClient, tmp_path: Path) -> None:
    opened = Opened(client, tmp_path, SCRIPT, "markdown")
    (found,) = await opened.problems()
    assert (found.code, found.severity) == ("unknown-cue", lsp.DiagnosticSeverity.Error)
    assert found.range == lsp.Range(lsp.Position(18, 2), lsp.Position(18, 7))
    assert 'did you mean "hold"' in found.message
    await opened.write(18, 2, 5, "hold")
    assert await opened.problems() == []


async def test_columns_are_counted_in_utf_16(client: LanguageClient, tmp_path: Path) -> None:
    opened = Opened(client, tmp_path, "# T\n\nHi \U0001f60a\U0001f60a {sid} there.\n", "voiceguide")
    found = next(p for p in await opened.problems() if p.code == "unknown-variable")
    assert found.range.start == lsp.Position(2, 8)


async def test_other_markdown_is_left_alone(client: LanguageClient, tmp_path: Path) -> None:
    text = "# A project\n\n| a | b |\n|---|---|\n\n- buy milk\n\n```\ncode\n```\n"
    assert await Opened(client, tmp_path, text, "markdown").problems() == []
    assert await Opened(client, tmp_path, text, "voiceguide").problems()


@pytest.mark.parametrize(
    ("before", "label", "written"),
    [
        ("- ho", "hold", "hold 30s"),
        ("- chime b", "bowl", "bowl"),
        ("- background r", "rain", "rain"),
        ("- include parts/", "parts/safety", "parts/safety"),
        ("- breathe ", "box, 4 times", "box, 4 times"),
        ("  - ha", "halfway", "halfway: "),
        ("  - las", "last", "last 5s: countdown"),
        ("  - halfway: ", "chime", "chime"),
        ("## Step (ea", "each side", "each side"),
        ("## Step (each side, with ", "tennis ball", "tennis ball"),
        ("Take the {to", "tool", "tool}"),
    ],
)
async def test_what_can_follow_is_offered(
    client: LanguageClient, tmp_path: Path, before: str, label: str, written: str
) -> None:
    opened = Opened(client, tmp_path, FIXED, "markdown")
    assert (await opened.offered(before))[label] == written


async def test_the_front_matter_is_offered(client: LanguageClient, tmp_path: Path) -> None:
    opened = Opened(client, tmp_path, "---\n", "voiceguide")
    assert (await opened.offered("le"))["length"] == "length: "
    assert "gluteus-medius" in await opened.offered("muscles: [piriformis, glu")
    assert "find" in await opened.offered("kind: ")


async def test_pointing_at_a_word_tells_what_it_means_and_when(
    client: LanguageClient, tmp_path: Path
) -> None:
    opened = Opened(client, tmp_path, FIXED, "markdown")

    async def told(line: int, column: int) -> str:
        found = await client.text_document_hover_async(
            lsp.HoverParams(opened.document, lsp.Position(line, column))
        )
        assert found is not None
        assert isinstance(found.contents, lsp.MarkupContent)
        return found.contents.value

    interval = await told(15, 3)
    assert interval.startswith("Hold still for a time.")
    assert "for 30s (20s to 40s), and once more." in interval
    assert "The side being worked" in await told(13, 39)
    assert await told(11, 12) == "The step is done on both sides."
    assert "In the middle" in await told(16, 5)
    assert await told(1, 2) == "The muscles that are worked."
    assert (await told(7, 3)).startswith("At about 0:0")


async def test_hints_tell_when_each_step_begins_but_not_where_one_writes(
    client: LanguageClient, tmp_path: Path
) -> None:
    opened = Opened(client, tmp_path, FIXED, "markdown")
    hints = await opened.hints()
    assert set(hints) == {5, 11, 15, 18}
    assert hints[5] == "0:01"  # after the lead-in
    assert hints[15].endswith(", 30s")
    await client.text_document_document_highlight_async(
        lsp.DocumentHighlightParams(opened.document, lsp.Position(15, 4))
    )
    assert set(await opened.hints()) == {5, 11, 18}
    await opened.write(18, 7, 1, "2")
    assert set(await opened.hints()) == {5, 11, 15}


async def test_a_script_is_formatted(client: LanguageClient, tmp_path: Path) -> None:
    text = "# T\n\n* Hold 30 sec.\n\n\nHi \U0001f60a."
    opened = Opened(client, tmp_path, text, "markdown")
    options = lsp.FormattingOptions(tab_size=2, insert_spaces=True)
    params = lsp.DocumentFormattingParams(opened.document, options)
    edits = await client.text_document_formatting_async(params)
    assert opened.changed(list(edits or [])) == "# T\n\n- hold 30s\n\nHi \U0001f60a.\n"


async def test_a_mistake_is_fixed(client: LanguageClient, tmp_path: Path) -> None:
    opened = Opened(client, tmp_path, SCRIPT, "markdown")
    (problem,) = await opened.problems()
    context = lsp.CodeActionContext([problem])
    found = await client.text_document_code_action_async(
        lsp.CodeActionParams(opened.document, problem.range, context)
    )
    quick, everything = found or []
    for action in (quick, everything):
        assert isinstance(action, lsp.CodeAction)
        assert action.edit is not None
        assert action.edit.changes is not None
        assert opened.changed(list(action.edit.changes[opened.uri])) == FIXED
    assert quick.kind == lsp.CodeActionKind.QuickFix


async def test_an_include_is_gone_to(client: LanguageClient, tmp_path: Path) -> None:
    opened = Opened(client, tmp_path, FIXED, "markdown")
    params = lsp.DefinitionParams(opened.document, lsp.Position(9, 14))
    found = await client.text_document_definition_async(params)
    assert isinstance(found, lsp.Location)
    part = data_folder("scripts") / "parts" / "nerve-buttock.md"
    assert found.uri == part.resolve().as_uri()


async def test_an_include_that_is_fixed_puts_its_script_right(
    client: LanguageClient, tmp_path: Path
) -> None:
    part = tmp_path / "mine.md"
    part.write_text("# P\n\n- hold 30\n", "utf-8")
    text = "# T\n\nHi.\n\n- include mine\n\nThen rest a while.\n"
    opened = Opened(client, tmp_path, text, "markdown")
    (found,) = await opened.problems()
    assert (found.code, found.range.start.line) == ("bad-duration", 4)
    part.write_text("# P\n\nHold.\n", "utf-8")
    client.text_document_did_save(lsp.DidSaveTextDocumentParams(opened.document))
    while await opened.problems():
        await asyncio.sleep(0.01)


@given(st.text(alphabet="a\u00e9\U0001f60a\r\n\u2028\ufeff", max_size=20))
async def test_places_go_there_and_back(text: str) -> None:
    places = Places(text)
    assert places.lines == list(Source("x.md", text, strict=False).raw_lines)
    for number, line in enumerate(file_lines(text), 1):
        for column in range(1, len(line) + 1):
            assert places.place(places.position(number, column)) == (number, column)
