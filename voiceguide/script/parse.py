"""Markdown to a `Script`, through includes, with every problem of a run at once.

The passes, in order: front matter, block structure (`blocks`), then headings, paragraphs and
cues (each a module of its own), includes, and last the checks that need the whole (`context`).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import PurePath

from voiceguide.errors import Edit, Location, Problem, ScriptError, VoiceguideError
from voiceguide.script.advice import advise
from voiceguide.script.blocks import Block, markdown_tokens, read_blocks
from voiceguide.script.context import check_context
from voiceguide.script.cues import CueReader, IncludeCue
from voiceguide.script.environment import Environment
from voiceguide.script.frontmatter import cut_front, read_front_matter
from voiceguide.script.inline import read_inline
from voiceguide.script.model import (
    File,
    FrontMatter,
    Include,
    Modifiers,
    Node,
    Note,
    Paragraph,
    Script,
    Silence,
    Step,
    Variable,
)
from voiceguide.script.modifiers import read_heading
from voiceguide.script.source import MAX_LINES, Findings, Source, check_characters, in_order
from voiceguide.script.speech import read_parts, read_speech

MAX_INCLUDES = 8
"""How deep includes nest, at most."""
_MAX_FILES = 500
_MAX_TEXT = 2 << 20
HARMLESS = frozenset(
    {
        *("unknown-key", "key-twice", "unknown-caution", "unknown-muscle", "bad-value", "yaml"),
        *("link", "html", "code", "lone-mark", "struck-out", "stray-bracket", "open-bracket"),
        *("bracket-in-heading", "second-title", "skipped-level", "not-a-heading"),
    }
)
"""Errors beside which the length of a session is as good as known."""
_MOST_TRIED = 100_000
"""Characters that are read again to try hints out."""


def parse(source: Source, environment: Environment) -> tuple[Script, tuple[Problem, ...]]:
    """A script and all it includes.

    Returns:
        the script, and the warnings.

    Raises:
        ScriptError: it does not compile; holds every root problem of the run.
    """
    script, problems = read_anyway(source, environment)
    if any(p.severity == "error" for p in problems):
        raise ScriptError(_with_right_hints(source, environment, problems))
    return script, problems


def read_anyway(source: Source, environment: Environment) -> tuple[Script, tuple[Problem, ...]]:
    """A script as far as it can be read, and all that is wrong with it."""
    problems: list[Problem] = []
    budget = _Budget()
    try:
        script = _parse_file(source, environment, (), (source.identity,), problems, budget)
        check_context(script, environment, budget.sources, problems, front_known=budget.front_known)
        advise(script, environment, budget.sources, problems)
    except ScriptError as error:  # there are too many
        return _empty(source, FrontMatter()), error.problems
    return replace(script, files=budget.files_read), in_order(problems)


def _with_right_hints(
    source: Source, environment: Environment, problems: tuple[Problem, ...]
) -> tuple[Problem, ...]:
    """The problems, without the hints that would lead to another error at their place.

    Each change is tried out, as long as that takes no time that anybody would notice.
    """
    tried = 0
    found = []
    for problem in problems:
        fix = problem.fix
        if fix is None or problem.severity == "warning" or problem.location.source != source.name:
            found.append(problem)
            continue
        tried += len(source.text) + 500
        if tried <= _MOST_TRIED and _leads_on(source, environment, problem, problems):
            problem = replace(problem, hint=None, fix=None)
        found.append(problem)
    return tuple(found)


def _leads_on(
    source: Source, environment: Environment, problem: Problem, before: tuple[Problem, ...]
) -> bool:
    """Whether the change that a problem asks for gives an error on its lines that was not there."""
    fix = problem.fix
    assert fix is not None
    changed = replace(source, text=obeyed("\n".join(source.raw_lines), fix))
    _, after = read_anyway(changed, environment)
    lines = range(fix.line, fix.line + fix.text.count("\n") + 1)
    known = Counter((p.code, p.message) for p in before if p is not problem)
    told = Counter(
        (p.code, p.message)
        for p in after
        if p.severity == "error" and p.location.source == source.name and p.location.line in lines
    )
    return bool(told - known)


def obeyed(text: str, fix: Edit) -> str:
    """A script's text with a change made."""
    lines = text.split("\n")
    line, start = lines[fix.line - 1], fix.column - 1
    lines[fix.line - 1] = line[:start] + fix.text + line[start + fix.length :]
    return "\n".join(lines)


def read_head(source: Source, environment: Environment) -> tuple[str, FrontMatter]:
    """Title and front matter of a script, the rest not looked at.

    Raises:
        ScriptError: one of the two is missing or wrong.
    """
    findings = Findings(source)
    if check_characters(findings) and (cut := cut_front(source, findings)) is not None:
        front = read_front_matter(cut.text, cut.line, findings, environment)
        lines = source.lines
        first = next((k for k in range(cut.end, len(lines)) if lines[k].startswith("# ")), 0)
        # What looks like the title may stand in a comment: then all is read.
        for end in (first + 1, len(lines)):
            for token, content in pairwise(markdown_tokens(source, cut.end, end)):
                if token.type == "heading_open" and token.tag == "h1":
                    findings.raise_errors()
                    inline = read_inline(content.content, ((1, 1),), findings)
                    parts, _ = read_heading(inline, findings, title=True)
                    return _title(parts, front, environment), front
        if source.text.strip() and not any(line.startswith("# ") for line in lines[cut.end :]):
            findings.raise_errors()
            return title_of(source.name), front
        findings.add(
            "no-title",
            "the script has no title",
            1,
            1,
            hint="start with a line such as # Piriformis release",
        )
    raise ScriptError(in_order(findings.problems))


def _title(parts: tuple[str | Variable, ...], front: FrontMatter, environment: Environment) -> str:
    """The title's words, for a listener who has chosen nothing."""
    values = {
        "tool": front.tools[0] if front.tools else "",
        "muscle": environment.muscles.get(front.muscles[0], "") if front.muscles else "",
    }
    words = (p if isinstance(p, str) else values.get(p.name, "") for p in parts)
    return "".join(words).strip()


def title_of(name: str) -> str:
    """What a script without a title is called: its file's name in words.

    >>> title_of("tests/neck-and_shoulders.md")
    'Neck and shoulders'
    """
    words = " ".join(re.split(r"[-_\s]+", PurePath(name).stem)).strip()
    return words[:1].upper() + words[1:] or "Session"


class _Budget:
    """What one run may read, and what it has read."""

    def __init__(self) -> None:
        self.sources: dict[str, Source] = {}
        self.included: dict[tuple[str, PurePath | None], Source] = {}
        self.files_read: dict[str, File] = {}
        self.files = 0
        self.size = 0
        self.front_known = True

    @property
    def full(self) -> bool:
        """Whether nothing more may be included."""
        return self.files > _MAX_FILES or self.size > _MAX_TEXT


def _parse_file(
    source: Source,
    environment: Environment,
    chain: tuple[Location, ...],
    open_files: tuple[str, ...],
    problems: list[Problem],
    budget: _Budget,
) -> Script:
    budget.sources[source.name] = source
    budget.files_read.setdefault(source.name, File(source.lines, chain))
    findings = Findings(source, chain, problems)
    if len(source.lines) > MAX_LINES:
        findings.add(
            "script-too-long",
            f"the script has {len(source.lines):,} lines",
            MAX_LINES + 1,
            1,
            expected=f"at most {MAX_LINES:,}",
            hint="move parts of it to files of their own and include them",
        )
        return _empty(source, FrontMatter())
    before = len(problems)
    if not check_characters(findings):
        # They hide no other mistake: the rest is read without them.
        source = replace(source, text="\n".join(source.raw_lines), strict=False)
        budget.sources[source.name] = source
        findings = Findings(source, chain, problems)
    if (cut := cut_front(source, findings)) is None:
        budget.front_known &= bool(chain)
        return _empty(source, FrontMatter())
    front = read_front_matter(cut.text, cut.line, findings, environment)
    if len(problems) > before:
        budget.front_known &= bool(chain)
    findings.language = front.language
    blocks = read_blocks(findings, cut.end)
    builder = _Builder(source, environment, findings, open_files, budget)
    return builder.build(blocks, front)


def _empty(source: Source, front: FrontMatter) -> Script:
    where = Location(source.name, 1, 1)
    return Script(source.name, "", front, Step((), 1, Modifiers(), (), where))


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
        self._front = FrontMatter()

    def build(self, blocks: list[Block], front: FrontMatter) -> Script:
        self._front = front
        if not blocks or blocks[0].kind != "heading" or blocks[0].level != 1:
            if not self._almost_title(blocks):
                self._no_title(blocks)
            # Read on all the same, under the title that stands in the wrong place or a made-up one.
            late = next((b for b in blocks if b.kind == "heading" and b.level == 1), None)
            blocks = [b for b in blocks if b is not late]
            name = title_of(self._source.name)
            made_up = Block("heading", 1, read_inline(name, ((1, 1),), self._findings), 1)
            blocks.insert(0, late or made_up)
        root, _ = self._step(blocks, 0)
        title = _title(root.title, front, self._environment)
        return Script(self._source.name, title, front, root)

    def _almost_title(self, blocks: list[Block]) -> bool:
        """Whether the first line is known to be a heading that is written wrongly."""
        return any(
            problem.code == "not-a-heading"
            and problem.location.source == self._source.name
            and problem.location.line == blocks[0].line
            for problem in self._findings.problems
        )

    def _no_title(self, blocks: list[Block]) -> None:
        line = blocks[0].line if blocks else 1
        if not blocks:
            message, hint = (
                "the script is empty",
                "start with its title, as in # Piriformis release",
            )
        elif any(b.kind == "heading" and b.level == 1 for b in blocks):
            message, hint = "the title comes first", "move the line that starts with # to the top"
        else:
            self._title_from_name(blocks[0])
            return
        self._findings.add(
            "no-title", message, line, 1, length=len(self._source.line(line)), hint=hint
        )

    def _title_from_name(self, first: Block) -> None:
        """Tell that the script has no title, and so is called by its file."""
        name = title_of(self._source.name)
        shown = self._source.line(first.line)
        fix = f"# {name}\n\n{shown}"
        hint = f"start with a line such as # {name}"
        if first.kind == "paragraph" and len(shown) <= 60 and shown[-1:] not in (*".,;:!?", ""):
            # A first line without a full stop is most likely the title that was meant.
            fix = f"# {shown.strip()}"
            hint = f"write {fix}"
        if first.kind == "heading" and not shown.startswith("#") and first.inline is not None:
            fix = f"# {first.inline.text}"
            hint = f"write {fix}"
        self._findings.add(
            "untitled",
            f'the script has no title: it is called "{name}", as its file is',
            first.line,
            1,
            length=len(shown),
            hint=hint,
            fix=fix,
            severity="warning",
        )

    def _step(self, blocks: list[Block], at: int) -> tuple[Step, int]:
        """The step whose heading stands at an index, and the index behind it."""
        heading = blocks[at]
        assert heading.inline is not None
        tools = (*self._front.tools, *self._environment.tools)
        title, modifiers = read_heading(
            heading.inline, self._findings, title=heading.level == 1, tools=tools
        )
        content: list[Node] = []
        at += 1
        while at < len(blocks):
            block = blocks[at]
            if block.kind == "heading":
                if block.level == 1:
                    self._findings.add(
                        "second-title",
                        "a script has one title",
                        block.line,
                        1,
                        hint="start a step with ##",
                        fix="##" if self._source.line(block.line).startswith("#") else None,
                    )
                    # Read on as a step, so that what it holds is checked too.
                    block = blocks[at] = replace(block, level=2)
                if block.level <= heading.level:
                    break
                if block.level > heading.level + 1:
                    self._findings.add(
                        "skipped-level",
                        f"this heading skips a level: it has {block.level} # signs below one with {heading.level}",
                        block.line,
                        1,
                        length=block.level,
                        fix="#" * (heading.level + 1),
                    )
                    blocks[at] = replace(block, level=heading.level + 1)
                step, at = self._step(blocks, at)
                content.append(step)
                continue
            content.extend(self._content(block))
            at += 1
        where = Location(self._source.name, *heading.inline.place(0))
        return Step(tuple(title), heading.level, modifiers, tuple(content), where), at

    def _content(self, block: Block) -> list[Node]:
        where = Location(self._source.name, block.line, 1)
        if block.kind == "note":
            assert block.inline is not None
            words = read_parts(block.inline, self._findings, brackets="plain")
            parts = tuple(
                re.sub(r"\s+", " ", part) if isinstance(part, str) else part
                for part, _ in words
                if not isinstance(part, Silence)
            )
            return [Note(parts, where)] if parts else []
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

        asked = (cue.path, self._source.folder)
        try:
            source = self._budget.included.get(asked) or self._environment.script(*asked)
            self._budget.included[asked] = source
        except ScriptError as error:
            chain = (*self._findings.chain, cue.location)
            self._findings.problems.extend(
                replace(problem, included_from=chain) for problem in error.problems
            )
            return None
        except VoiceguideError as error:
            refuse("include", str(error))
            return None
        if source.identity in self._open_files:
            refuse(
                "include-cycle",
                f'"{cue.path}" would include itself',
                "leave this include out",
            )
            return None
        if len(self._open_files) > MAX_INCLUDES:
            refuse(
                "include-depth",
                f"includes nest more than {MAX_INCLUDES} deep",
                "include it from a file further up",
            )
            return None
        budget = self._budget
        if budget.full:
            return None
        budget.files += 1
        budget.size += len(source.text)
        if budget.full:
            refuse(
                "include-size",
                "all that this script includes is too much",
                f"at most {_MAX_FILES} includes, of {_MAX_TEXT:,} characters together",
            )
            return None
        script = _parse_file(
            source,
            self._environment,
            (*self._findings.chain, cue.location),
            (*self._open_files, source.identity),
            self._findings.problems,
            self._budget,
        )
        return Include(script, cue.location)
