"""What an editor asks, each thing with its handler."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from lsprotocol import types as lsp
from pygls import uris
from pygls.lsp.server import LanguageServer

from voiceguide._version import __version__
from voiceguide.editor.positions import Places
from voiceguide.errors import Problem, VoiceguideError
from voiceguide.library.environment import LibraryEnvironment
from voiceguide.script.items import CUES
from voiceguide.workshop import fixes
from voiceguide.workshop.completing import Completion, complete
from voiceguide.workshop.formatting import formatted
from voiceguide.workshop.pointing import hover, in_front, include_at, inlays
from voiceguide.workshop.times import Times, times

LANGUAGE = "voiceguide"
"""Of documents that are scripts, whatever they hold; in others only scripts are looked at."""
_SCRIPT = re.compile(
    rf"(?m)^ *[-*+] +(?:{'|'.join(CUES)})\b"
    r"|\A\ufeff?---\r?\n(?:[a-z-]+:.*\r?\n)*?(?:muscles|tools|kind|position|lead-in|cautions):",
    re.IGNORECASE,
)
"""What tells a script from other Markdown: a cue, or a key of its front matter."""
_KINDS = {
    "cue": lsp.CompletionItemKind.Keyword,
    "moment": lsp.CompletionItemKind.Event,
    "modifier": lsp.CompletionItemKind.Property,
    "variable": lsp.CompletionItemKind.Variable,
    "key": lsp.CompletionItemKind.Field,
    "value": lsp.CompletionItemKind.Value,
    "sound": lsp.CompletionItemKind.File,
    "include": lsp.CompletionItemKind.Module,
}
_SEVERITIES = {
    "error": lsp.DiagnosticSeverity.Error,
    "warning": lsp.DiagnosticSeverity.Warning,
}


@dataclass(slots=True)
class _Known:
    """What was found out of one state of a document.

    Attributes:
        cursor: the line, from 0, that is being written, or None.
    """

    text: str
    path: Path
    places: Places
    problems: tuple[Problem, ...] = ()
    times: Times | None = None
    timed: bool = False
    cursor: int | None = None
    environment: LibraryEnvironment = field(default_factory=LibraryEnvironment)


class Server(LanguageServer):
    """The language server of scripts."""

    def __init__(self) -> None:
        super().__init__("voiceguide", __version__)
        self._known: dict[str, _Known] = {}

    def known(self, uri: str) -> _Known:
        """What is known of a document as it is now."""
        document = self.workspace.get_text_document(uri)
        text = document.source
        before = self._known.get(uri)
        if before is not None and before.text == text:
            return before
        found = _Known(text, _path(uri), Places(text))
        if before is not None:
            found.cursor, found.environment = before.cursor, before.environment
        if document.language_id == LANGUAGE or _SCRIPT.search(text):
            found.problems = fixes.problems(text, found.path, found.environment)
        self._known[uri] = found
        return found

    def times(self, found: _Known) -> Times | None:
        """When the lines of a document happen; those it had before while it does not compile."""
        if not found.timed:
            found.timed = True
            found.times = times(found.text, found.path, found.environment)
        return found.times

    def look_again(self, uri: str) -> None:
        """Forget what was known, as what is included may have changed."""
        if (before := self._known.pop(uri, None)) is not None:
            found = self.known(uri)
            found.cursor = before.cursor

    def tell(self, uri: str) -> None:
        """Publish the problems of a document."""
        found = self.known(uri)
        told = [_diagnostic(p, found.places) for p in found.problems]
        version = self.workspace.get_text_document(uri).version
        self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, told, version))

    def moved(self, uri: str, line: int) -> None:
        """The cursor is on a line, from 0, now."""
        found = self.known(uri)
        if found.cursor == line:
            return
        found.cursor = line
        workspace = self.client_capabilities.workspace
        if workspace and workspace.inlay_hint and workspace.inlay_hint.refresh_support:
            self.workspace_inlay_hint_refresh(None)

    def forget(self, uri: str) -> None:
        """A document was closed."""
        self._known.pop(uri, None)
        self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, []))


server = Server()


def _path(uri: str) -> Path:
    """Where a document is; one that was never saved is in the working folder."""
    found = uris.to_fs_path(uri) if uri.startswith("file:") else None
    return Path(found) if found else Path.cwd() / "untitled.md"


def _diagnostic(problem: Problem, places: Places) -> lsp.Diagnostic:
    hint = f" ({problem.hint})" if problem.hint else ""
    where = f"{problem.location}: " if problem.included_from else ""
    return lsp.Diagnostic(
        places.of_problem(problem),
        f"{where}{problem.message}{hint}",
        severity=_SEVERITIES[problem.severity],
        code=problem.code,
        source="voiceguide",
    )


@server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
def _opened(server: Server, params: lsp.DidOpenTextDocumentParams) -> None:
    server.tell(params.text_document.uri)


@server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
def _changed(server: Server, params: lsp.DidChangeTextDocumentParams) -> None:
    uri = params.text_document.uri
    for change in params.content_changes:
        if isinstance(change, lsp.TextDocumentContentChangePartial):
            server.known(uri).cursor = change.range.start.line + change.text.count("\n")
    server.tell(uri)


@server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
def _saved(server: Server, _: lsp.DidSaveTextDocumentParams) -> None:
    """Others may include what was saved."""
    for uri in list(server.workspace.text_documents):
        server.look_again(uri)
        server.tell(uri)


@server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
def _closed(server: Server, params: lsp.DidCloseTextDocumentParams) -> None:
    server.forget(params.text_document.uri)


@server.feature(
    lsp.TEXT_DOCUMENT_COMPLETION,
    lsp.CompletionOptions(trigger_characters=["-", " ", "{", "(", ":", ",", "["]),
)
def _complete(server: Server, params: lsp.CompletionParams) -> list[lsp.CompletionItem]:
    found = server.known(params.text_document.uri)
    line, column = found.places.place(params.position)
    offered = complete(found.text, line, column, found.path, found.environment)

    def item(each: Completion) -> lsp.CompletionItem:
        first = found.places.position(line, each.column)
        edit = lsp.TextEdit(lsp.Range(first, params.position), each.text)
        return lsp.CompletionItem(
            each.label, kind=_KINDS[each.kind], detail=each.detail or None, text_edit=edit
        )

    return [item(each) for each in offered]


@server.feature(lsp.TEXT_DOCUMENT_HOVER)
def _hover(server: Server, params: lsp.HoverParams) -> lsp.Hover | None:
    found = server.known(params.text_document.uri)
    line, column = found.places.place(params.position)
    front = in_front(found.places.lines, line)
    told = hover(found.places.line(line), line, column, server.times(found), front=front)
    if told is None:
        return None
    first = found.places.position(line, told.column)
    last = found.places.position(line, told.column + told.length)
    content = lsp.MarkupContent(lsp.MarkupKind.Markdown, told.text)
    return lsp.Hover(content, lsp.Range(first, last))


@server.feature(lsp.TEXT_DOCUMENT_INLAY_HINT)
def _inlays(server: Server, params: lsp.InlayHintParams) -> list[lsp.InlayHint]:
    found = server.known(params.text_document.uri)
    if (known := server.times(found)) is None:
        return []
    at_cursor = None if found.cursor is None else found.cursor + 1
    shown = params.range
    hints = []
    for each in inlays(known, but=at_cursor):
        place = found.places.position(each.line, len(found.places.line(each.line)) + 1)
        if shown.start.line <= place.line <= shown.end.line:
            hints.append(lsp.InlayHint(place, each.text, padding_left=True))
    return hints


@server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
def _cursor(server: Server, params: lsp.DocumentHighlightParams) -> None:
    """An editor asks this wherever the cursor goes; nothing is highlighted."""
    server.moved(params.text_document.uri, params.position.line)


@server.feature(
    lsp.TEXT_DOCUMENT_CODE_ACTION,
    lsp.CodeActionOptions([lsp.CodeActionKind.QuickFix, lsp.CodeActionKind.SourceFixAll]),
)
def _actions(server: Server, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
    uri = params.text_document.uri
    found = server.known(uri)
    server.moved(uri, params.range.end.line)
    wanted = params.context.only
    safe = fixes.safe_edits(found.problems)
    actions = []
    for problem in found.problems:
        if problem.fix is None or problem.included_from:
            continue
        marked = found.places.of_problem(problem)
        if marked.end.line < params.range.start.line or marked.start.line > params.range.end.line:
            continue
        edit = lsp.TextEdit(found.places.of_edit(problem.fix), problem.fix.text)
        actions.append(
            lsp.CodeAction(
                problem.hint or "fix it",
                kind=lsp.CodeActionKind.QuickFix,
                diagnostics=[_diagnostic(problem, found.places)],
                is_preferred=problem.fix in safe,
                edit=lsp.WorkspaceEdit({uri: [edit]}),
            )
        )
    asked = wanted is None or any(kind.startswith("source") for kind in wanted)
    if safe and asked:
        text, _ = fixes.fixed(found.text, found.path)
        everything = lsp.Range(lsp.Position(0, 0), found.places.end)
        actions.append(
            lsp.CodeAction(
                "Fix all that can only mean one thing",
                kind=lsp.CodeActionKind.SourceFixAll,
                edit=lsp.WorkspaceEdit({uri: [lsp.TextEdit(everything, text)]}),
            )
        )
    return [
        a for a in actions if wanted is None or any((a.kind or "").startswith(k) for k in wanted)
    ]


@server.feature(lsp.TEXT_DOCUMENT_FORMATTING)
def _format(server: Server, params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit]:
    found = server.known(params.text_document.uri)
    text = formatted(found.text, found.path, found.environment).text
    if text == found.text:
        return []
    return [lsp.TextEdit(lsp.Range(lsp.Position(0, 0), found.places.end), text)]


@server.feature(lsp.TEXT_DOCUMENT_DEFINITION)
def _definition(server: Server, params: lsp.DefinitionParams) -> lsp.Location | None:
    found = server.known(params.text_document.uri)
    line, _ = found.places.place(params.position)
    try:
        source = include_at(found.places.line(line), found.path, found.environment)
    except VoiceguideError:
        return None
    if source is None or (uri := uris.from_fs_path(source.identity)) is None:
        return None
    start = lsp.Position(0, 0)
    return lsp.Location(uri, lsp.Range(start, start))
