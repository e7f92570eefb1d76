"""Markdown to a `Script`, through includes, with every problem of a run at once.

The passes, in order: front matter, block structure (`_blocks`), then headings, paragraphs and
cues (each a module of its own), includes, and last the checks that need the whole (`context`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from mdit_py_plugins.front_matter import front_matter_plugin

from voiceguide.errors import Location, Problem, ScriptError, VoiceguideError
from voiceguide.script.context import check_context
from voiceguide.script.cues import CueReader, IncludeCue, Item
from voiceguide.script.environment import Environment
from voiceguide.script.frontmatter import read_front_matter
from voiceguide.script.inline import Inline, read_inline
from voiceguide.script.model import (
    FrontMatter,
    Include,
    Modifiers,
    Node,
    Note,
    Paragraph,
    Script,
    Step,
)
from voiceguide.script.modifiers import read_heading
from voiceguide.script.source import Findings, Source, in_order
from voiceguide.script.speech import read_speech

MAX_INCLUDES = 8
"""How deep includes nest, at most."""
_MAX_FILES = 500
_MAX_DEPTH = 10

_REFUSED = {
    "ordered_list_open": ("numbered-list", "numbered lists are not in the script language", 'start each line with "-"'),
    "table_open": ("table", "tables are not in the script language", "write paragraphs and cues"),
    "fence": ("code", "code blocks are not in the script language", "write a paragraph"),
    "code_block": ("code", "a line indented by four spaces is a code block, which is not in the script language", "move the text to the left margin"),
    "hr": ("thematic-break", "thematic breaks are not in the script language", "write pause 5s as a cue, or start a new step"),
}  # fmt: skip
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


@cache
def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"maxNesting": _MAX_DEPTH})
    # A definition such as "[x]: y" would vanish; as a paragraph it is an error with a place.
    parser.disable(["reference", "inline"]).enable("table")
    return parser.use(front_matter_plugin)


def parse(source: Source, environment: Environment) -> tuple[Script, tuple[Problem, ...]]:
    """A script and all it includes.

    Returns:
        the script, and the warnings.

    Raises:
        ScriptError: it does not compile; holds every root problem of the run.
    """
    problems: list[Problem] = []
    budget = _Budget()
    script = _parse_file(source, environment, (), (source.identity,), problems, budget)
    check_context(script, environment, budget.sources, problems, front_known=budget.front_known)
    if any(p.severity == "error" for p in problems):
        raise ScriptError(in_order(problems))
    return script, in_order(problems)


def read_head(source: Source, environment: Environment) -> tuple[str, FrontMatter]:
    """Title and front matter of a script, the rest not looked at.

    Raises:
        ScriptError: one of the two is missing or wrong.
    """
    findings = Findings(source)
    tokens = _markdown().parse(source.text)
    front = FrontMatter()
    if tokens and tokens[0].type == "front_matter":
        front = read_front_matter(tokens[0].content, 2, findings, environment)
        tokens = tokens[1:]
    for token, following in zip(tokens, tokens[1:], strict=False):
        if token.type == "heading_open" and token.tag == "h1":
            findings.raise_errors()
            return read_inline(following.content, ((1, 1),), Findings(source)).text.strip(), front
    findings.add(
        "no-title",
        "the script has no title",
        1,
        1,
        hint="start with a line such as # Piriformis release",
    )
    raise ScriptError(in_order(findings.problems))


@dataclass(slots=True)
class _Block:
    """A heading, paragraph, list, or note, before its words are read."""

    kind: str
    line: int
    inline: Inline | None = None
    level: int = 0
    items: tuple[Item, ...] = ()
    text: str = ""


class _Budget:
    """What one run may read, and what it has read."""

    def __init__(self) -> None:
        self.sources: dict[str, Source] = {}
        self.files = 0
        self.front_known = True


def _parse_file(
    source: Source,
    environment: Environment,
    chain: tuple[Location, ...],
    open_files: tuple[str, ...],
    problems: list[Problem],
    budget: _Budget,
) -> Script:
    budget.sources[source.name] = source
    findings = Findings(source, chain, problems)
    tokens = _markdown().parse(source.text)
    front = FrontMatter()
    if tokens and tokens[0].type == "front_matter":
        before = len(problems)
        front = read_front_matter(tokens[0].content, 2, findings, environment)
        if not chain and len(problems) > before:
            budget.front_known = False
        tokens = tokens[1:]
    elif source.lines[0].rstrip() == "---":
        findings.add(
            "front-matter", "the front matter is never closed", 1, 1, length=3,
            hint='put a line "---" after its last key',
        )  # fmt: skip
        return _empty(source, front)
    blocks = _Blocks(findings).read(tokens)
    builder = _Builder(source, environment, findings, open_files, budget)
    return builder.build(blocks, front)


def _empty(source: Source, front: FrontMatter) -> Script:
    where = Location(source.name, 1, 1)
    return Script(source.name, "", front, Step((), 1, Modifiers(), (), where))


class _Blocks:
    """Block tokens to headings, paragraphs, lists and notes; all else is reported."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._covered: set[int] = set()

    def read(self, tokens: list[Any]) -> list[_Block]:
        blocks: list[_Block] = []
        at = 0
        while at < len(tokens):
            token = tokens[at]
            if token.type in ("heading_open", "paragraph_open"):
                inline = self._inline(tokens[at + 1])
                kind = "heading" if token.type == "heading_open" else "paragraph"
                level = int(token.tag[1]) if kind == "heading" else 0
                if kind == "heading":
                    self._covered.update(range(token.map[0], token.map[1]))
                    self._warn_underlined(token)
                blocks.append(_Block(kind, token.map[0] + 1, inline, level))
                at += 3
            elif token.type == "bullet_list_open":
                items, at = self._list(tokens, at + 1)
                blocks.append(_Block("list", token.map[0] + 1, items=tuple(items)))
            elif token.type == "blockquote_open":
                block, at = self._note(tokens, at)
                blocks.append(block)
            else:
                at = self._refuse(tokens, at)
        self._check_all_covered()
        return blocks

    def _cover(self, token: Any) -> None:
        self._covered.update(range(token.map[0], token.map[1]))

    def _inline(self, token: Any) -> Inline:
        self._cover(token)
        lines = token.content.split("\n")
        places = []
        for row, text in enumerate(lines):
            number = token.map[0] + row + 1
            shown = self._findings.source.line(number)
            # A line of a paragraph is what remains of the source line after its indent and list
            # mark; a heading's has its marks cut off at both ends.
            column = shown.rfind(text) if text else len(shown)
            places.append((number, max(0, column) + 1))
        return read_inline(token.content, tuple(places), self._findings)

    def _warn_underlined(self, token: Any) -> None:
        if token.markup == "-":
            self._findings.add(
                "underlined", "the dashes below make this a heading, which is not spoken",
                token.map[0] + 1, 1, severity="warning",
                hint="put an empty line above the dashes to have it spoken, or write ## before it",
            )  # fmt: skip

    def _list(self, tokens: list[Any], at: int) -> tuple[list[Item], int]:
        """The items of a bullet list; `at` is behind its opening token."""
        items: list[Item] = []
        while tokens[at].type != "bullet_list_close":
            opening = tokens[at]
            inline: Inline | None = None
            below: tuple[Item, ...] = ()
            at += 1
            while tokens[at].type != "list_item_close":
                token = tokens[at]
                if token.type == "paragraph_open" and inline is None:
                    inline = self._inline(tokens[at + 1])
                    at += 3
                elif token.type == "bullet_list_open":
                    found, at = self._list(tokens, at + 1)
                    below += tuple(found)
                elif token.type == "blockquote_open":
                    _, at = self._note(tokens, at)
                elif token.type == "paragraph_open":
                    self._inline(tokens[at + 1])
                    line, column = self._first_char(token)
                    self._findings.add(
                        "paragraph-in-cue", "a cue is one line", line, column,
                        hint="to have this spoken after the cue, move it to the left margin",
                    )  # fmt: skip
                    at += 3
                elif token.type == "heading_open":
                    self._inline(tokens[at + 1])
                    self._cover(token)
                    line, column = self._first_char(token)
                    self._findings.add(
                        "heading-in-cue", "a heading cannot stand in a list", line, column,
                        hint="move it to the left margin",
                    )  # fmt: skip
                    at += 3
                else:
                    at = self._refuse(tokens, at)
            at += 1
            if inline is None:
                self._covered.add(opening.map[0])
                if not below:
                    line, column = self._first_char(opening)
                    self._findings.add(
                        "empty-cue", "this cue is empty", line, column,
                        expected="a cue, as in pause 5s", hint="write a cue, or delete the line",
                    )  # fmt: skip
            else:
                items.append(Item(inline, below))
        return items, at + 1

    def _note(self, tokens: list[Any], at: int) -> tuple[_Block, int]:
        opening = tokens[at]
        depth = 0
        while True:
            depth += tokens[at].type == "blockquote_open"
            depth -= tokens[at].type == "blockquote_close"
            at += 1
            if depth == 0:
                break
        self._cover(opening)
        rows = self._findings.source.lines[opening.map[0] : opening.map[1]]
        text = " ".join(re.sub(r"^[\s>]+", "", row).strip() for row in rows).strip()
        return _Block("note", opening.map[0] + 1, text=text), at

    def _first_char(self, token: Any) -> tuple[int, int]:
        shown = self._findings.source.line(token.map[0] + 1)
        return token.map[0] + 1, len(shown) - len(shown.lstrip()) + 1

    def _refuse(self, tokens: list[Any], at: int) -> int:
        """Report a block that is not in the language; returns the index behind it."""
        token = tokens[at]
        if token.map is not None:
            self._cover(token)
        if token.type == "html_block":
            self._html(token)
            return at + 1
        line, column = self._first_char(token)
        code, message, hint = _REFUSED[token.type]
        self._findings.add(code, message, line, column, hint=hint)
        if token.nesting == 1:
            depth = 0
            while True:
                depth += tokens[at].nesting
                at += 1
                if depth == 0:
                    return at
        return at + 1

    def _html(self, token: Any) -> None:
        rest = _COMMENT.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), token.content)
        if not rest.strip():
            return
        before = rest[: len(rest) - len(rest.lstrip())]
        line = token.map[0] + 1 + before.count("\n")
        shown = self._findings.source.line(line)
        text = rest.lstrip().split("\n")[0].rstrip()
        column = max(0, shown.rfind(text)) + 1
        if text.startswith("<!--"):
            message, hint, code = "this comment is never closed", "end it with -->", "open-comment"
        elif text.startswith("<"):
            message, hint, code = (
                "raw HTML is not in the script language",
                "write plain words",
                "html",
            )
        else:
            message, hint, code = (
                "this text stands behind a comment and would not be spoken",
                "put it on a line of its own, below an empty line",
                "text-after-comment",
            )
        self._findings.add(code, message, line, column, length=len(text), hint=hint)

    def _check_all_covered(self) -> None:
        """No line is ever dropped, whatever the Markdown library makes of it."""
        start = 0
        lines = self._findings.source.lines
        if lines and lines[0].rstrip() == "---":
            start = next((i for i in range(1, len(lines)) if lines[i].strip() == "---"), 0) + 1
        for index in range(start, len(lines)):
            if lines[index].strip() and index not in self._covered:
                self._findings.add(
                    "nested-too-deep", "this line is nested too deep", index + 1, 1,
                    length=len(lines[index]), hint="move it to the left",
                )  # fmt: skip
                return


class _Builder:
    """Blocks to steps."""

    def __init__(
        self,
        source: Source,
        environment: Environment,
        findings: Findings,
        open_files: tuple[str, ...],
        budget: _Budget,
    ) -> None:
        self._source = source
        self._environment = environment
        self._findings = findings
        self._open_files = open_files
        self._budget = budget
        self._cues = CueReader(findings, environment)

    def build(self, blocks: list[_Block], front: FrontMatter) -> Script:
        if not blocks or blocks[0].kind != "heading" or blocks[0].level != 1:
            self._no_title(blocks)
            blocks = [_Block("heading", 1, read_inline("-", ((1, 1),), self._findings), 1), *blocks]
        root, _ = self._step(blocks, 0)
        words = "".join(
            part if isinstance(part, str) else f"{{{part.name}}}" for part in root.title
        )
        return Script(self._source.name, words.strip(), front, root)

    def _no_title(self, blocks: list[_Block]) -> None:
        line = blocks[0].line if blocks else 1
        if not blocks:
            message, hint = (
                "the script is empty",
                "start with its title, as in # Piriformis release",
            )
        elif any(b.kind == "heading" and b.level == 1 for b in blocks):
            message, hint = "the title comes first", "move the line that starts with # to the top"
        else:
            message, hint = (
                "the script has no title",
                "start with a line such as # Piriformis release",
            )
        self._findings.add(
            "no-title", message, line, 1, length=len(self._source.line(line)), hint=hint
        )

    def _step(self, blocks: list[_Block], at: int) -> tuple[Step, int]:
        """The step whose heading stands at an index, and the index behind it."""
        heading = blocks[at]
        assert heading.inline is not None
        title, modifiers = read_heading(heading.inline, self._findings, title=heading.level == 1)
        content: list[Node] = []
        at += 1
        while at < len(blocks):
            block = blocks[at]
            if block.kind == "heading":
                if block.level == 1:
                    self._findings.add(
                        "second-title", "a script has one title", block.line, 1,
                        hint="start a step with ##",
                    )  # fmt: skip
                    # Read on as a step, so that what it holds is checked too.
                    block.level = 2
                if block.level <= heading.level:
                    break
                if block.level > heading.level + 1:
                    self._findings.add(
                        "skipped-level", f"this heading skips a level: it has {block.level} # signs below one with {heading.level}",
                        block.line, 1, length=block.level, hint="write " + "#" * (heading.level + 1),
                    )  # fmt: skip
                    block.level = heading.level + 1
                step, at = self._step(blocks, at)
                content.append(step)
                continue
            content.extend(self._content(block))
            at += 1
        where = Location(self._source.name, *heading.inline.place(0))
        return Step(tuple(title), heading.level, modifiers, tuple(content), where), at

    def _content(self, block: _Block) -> list[Node]:
        where = Location(self._source.name, block.line, 1)
        if block.kind == "note":
            return [Note(block.text, where)]
        if block.kind == "paragraph":
            assert block.inline is not None
            spoken = read_speech(block.inline, self._findings)
            place = Location(self._source.name, *block.inline.place(0))
            return [Paragraph(spoken, place)] if spoken else []
        nodes: list[Node] = []
        for item in block.items:
            cue = self._cues.read(item)
            if isinstance(cue, IncludeCue):
                if (included := self._include(cue)) is not None:
                    nodes.append(included)
            elif cue is not None:
                nodes.append(cue)
        return nodes

    def _include(self, cue: IncludeCue) -> Include | None:
        def refuse(code: str, message: str, hint: str | None = None) -> None:
            self._findings.add(
                code, message, cue.location.line, cue.location.column, length=cue.length, hint=hint
            )

        try:
            source = self._environment.script(cue.path, self._source.folder)
        except ScriptError as error:
            self._findings.problems.extend(error.problems)
            return None
        except VoiceguideError as error:
            refuse("include", str(error))
            return None
        if source.identity in self._open_files:
            refuse(
                "include-cycle",
                f'"{cue.path}" includes itself',
                "leave one of the two includes out",
            )
            return None
        if len(self._open_files) > MAX_INCLUDES:
            refuse(
                "include-depth",
                f"includes nest more than {MAX_INCLUDES} deep",
                "include it from a file further up",
            )
            return None
        self._budget.files += 1
        if self._budget.files > _MAX_FILES:
            if self._budget.files == _MAX_FILES + 1:
                refuse("include-count", f"more than {_MAX_FILES} includes in one script")
            return None
        script = _parse_file(
            source, self._environment, (*self._findings.chain, cue.location),
            (*self._open_files, source.identity), self._findings.problems, self._budget,
        )  # fmt: skip
        return Include(script, cue.location)
