"""The YAML above the title: strict, positioned, no aliases and no tags."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePath
from typing import Any

from voiceguide.errors import Edit, Location, VoiceguideError
from voiceguide.script.durations import parse_duration
from voiceguide.script.environment import Environment
from voiceguide.script.model import BOTH, KINDS, LEVELS, Background, FrontMatter
from voiceguide.script.source import Findings, Source, has_forbidden, nearest
from voiceguide.script.words import languages
from voiceguide.units import DurationError, Seconds, format_seconds

KEYS = (
    "muscles",
    "tools",
    "kind",
    "position",
    "level",
    "summary",
    "length",
    "language",
    "cautions",
    "background",
    "lead-in",
    "say",
)
MOST_LEAD_IN = Seconds(30.0)
"""Silence before the first sound, at most."""
_MAX_DEPTH = 4
_MAX_TEXT = 1000
_MAX_SIZE = 32_768
_FENCE = re.compile(r"[-\u2010-\u2015\u2212_*=~]{1,80}")
"""A line that was meant as the three hyphens around front matter."""
_KEY = re.compile(rf"(?:{'|'.join(KEYS)})[ ]?:")
_MEANT = {
    **dict.fromkeys(("duration", "time", "minutes", "total", "runtime"), "length"),
    **dict.fromkeys(("tool", "equipment", "props", "prop", "needs"), "tools"),
    **dict.fromkeys(("muscle", "target", "targets", "area", "areas"), "muscles"),
    **dict.fromkeys(("music", "sound", "ambience"), "background"),
    **dict.fromkeys(("warning", "warnings", "contraindications", "caution"), "cautions"),
    **dict.fromkeys(("description", "about", "abstract"), "summary"),
    **dict.fromkeys(("lang", "locale"), "language"),
    **dict.fromkeys(("difficulty",), "level"),
    **dict.fromkeys(("type", "category"), "kind"),
    **dict.fromkeys(("pronunciation", "pronounce", "respell"), "say"),
}
"""Other words for a key, and the key."""
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_BED = re.compile(r"(.*?)(?: at ([-\u2212\u2013]?[0-9]{1,3}(?:\.[0-9]+)?) ?dB)?")


@dataclass(frozen=True, slots=True)
class CutFront:
    """Where the front matter stands: its text, the text's first line, the index behind it."""

    text: str
    line: int
    end: int


def cut_front(source: Source, findings: Findings) -> CutFront | None:
    """The front matter of a source; None where it never ends, which is reported."""
    lines = source.lines
    first = next((k for k, line in enumerate(lines) if line.strip()), 0)
    if lines[first].rstrip() != "---":
        return _cut_unfenced(lines, first, findings)
    end = next((k for k in range(first + 1, len(lines)) if lines[k].rstrip() == "---"), None)
    if end is None:
        return _cut_unclosed(lines, first, findings)
    if first:
        findings.add(
            "front-matter",
            "the front matter has to start on the first line of the file",
            first + 1,
            1,
            length=3,
            hint="delete the empty lines above it",
        )
    return CutFront("\n".join(lines[first + 1 : end]), first + 2, end + 1)


def _cut_unclosed(lines: Sequence[str], first: int, findings: Findings) -> CutFront | None:
    """A front matter that no line of three hyphens ends: something near it may do."""
    for number in range(first + 1, len(lines)):
        if _FENCE.fullmatch(lines[number].strip()):
            _report_fence(lines, number, findings)
            return CutFront("\n".join(lines[first + 1 : number]), first + 2, number + 1)
        if lines[number].startswith("# "):
            break
    findings.add(
        "front-matter",
        "the front matter is never closed",
        first + 1,
        1,
        length=3,
        hint="put a line --- after its last key",
    )
    title = next((k for k in range(first + 1, len(lines)) if lines[k].startswith("# ")), None)
    if title is None:
        return None
    # It most likely ends above the title, and the rest is read as if it did.
    return CutFront("\n".join(lines[first + 1 : title]), first + 2, title)


def _cut_unfenced(lines: Sequence[str], first: int, findings: Findings) -> CutFront:
    """The front matter of a file that starts otherwise: none, or one whose lines are missing."""
    start = first
    if _FENCE.fullmatch(lines[first].strip()) and first + 1 < len(lines):
        start = first + 1
    if not _KEY.match(lines[start]):
        return CutFront("", 1, 0)
    if start > first:
        _report_fence(lines, first, findings)
    else:
        findings.add(
            "front-matter",
            "this reads like front matter, which stands between two lines ---",
            first + 1,
            1,
            length=len(lines[first]),
            hint="put a line --- above it and one below it",
        )
    end = start
    while end < len(lines) and lines[end].strip() and not lines[end].startswith("# "):
        if _FENCE.fullmatch(lines[end].strip()):
            if start > first and lines[end].strip() != lines[first].strip():
                _report_fence(lines, end, findings)
            return CutFront("\n".join(lines[start:end]), start + 1, end + 1)
        end += 1
    return CutFront("\n".join(lines[start:end]), start + 1, end)


def _report_fence(lines: Sequence[str], number: int, findings: Findings) -> None:
    findings.add(
        "front-matter",
        "front matter stands between two lines of three hyphens",
        number + 1,
        1,
        length=len(lines[number].rstrip()),
        fix="---",
    )


def read_front_matter(
    text: str, first_line: int, findings: Findings, environment: Environment
) -> FrontMatter:
    """The keys of the front matter.

    Args:
        text: what stands between the `---` lines.
        first_line: the line of the file on which it starts, from 1.
    """
    if len(text) > _MAX_SIZE:
        findings.add(
            "front-matter",
            f"the front matter has {len(text):,} characters",
            first_line,
            1,
            expected=f"at most {_MAX_SIZE:,}",
            hint="keep to what the session needs",
        )
        return FrontMatter()
    if not text.strip():
        return FrontMatter()
    # A line that YAML cannot read hides no other: it is reported, and the rest is read without it.
    for _ in range(_MOST_BAD_LINES):
        found = len(findings.problems)
        root, bad = _compose(text, first_line, findings)
        if root is not None:
            return _Reader(first_line, findings, environment).read(root)
        if bad is None:
            break
        lines = text.split("\n")
        if not lines[bad].strip():
            break
        while bad and lines[bad].startswith((" ", "\t", "-")):
            lines[bad] = ""
            bad -= 1  # it belongs to the key above it
        lines[bad] = ""
        # What is indented below it belongs to it.
        for index in range(bad + 1, len(lines)):
            if lines[index].strip() and not lines[index].startswith((" ", "\t", "-")):
                break
            lines[index] = ""
        text = "\n".join(lines)
        if not text.strip() or len(findings.problems) == found:
            break
    return FrontMatter()


_MOST_BAD_LINES = 20
_REFERENCE = re.compile(r"(?<!\w)[&*!%]|- - |\? ")
_COLON = "a value that holds a colon has to stand in quotes"
_TAB = "a tab stands here"
_PLAIN_WORDS = (
    ("mapping values are not allowed", _COLON),
    ("'\\t' that cannot start", _TAB),
    ("could not find expected ':'", "a colon is missing behind this key"),
    ("cannot start any token", "this character cannot stand here outside of quotes"),
    ("unexpected end of stream", "a quote or bracket is never closed"),
    ("expected <block end>", "this line does not fit those above it"),
    ("did not find expected", "something before this is never closed"),
    ("expected ',' or", "a comma or a closing bracket is missing"),
    ("expected a single document", "it ends twice"),
    ("expected alphabetic", "this character cannot stand here outside of quotes"),
)


def _in_plain_words(problem: str) -> str:
    """What the YAML library says, for somebody who has never heard of YAML."""
    for theirs, ours in _PLAIN_WORDS:
        if theirs in problem:
            return ours
    return "this is not written as key: value"


def _hint_for(problem: str, line: str) -> tuple[str, str | None]:
    """What to write in place of a line that YAML cannot read, in words and as its new text."""
    key, _, value = line.partition(":")
    value = value.strip().strip("\"'\u201c\u201d\u201e")
    if problem == _TAB:
        return "use spaces", line.replace("\t", "  ")
    if problem == _COLON and value and len(value) < 80:
        fix = f"""{key.strip()}: "{value.replace('"', "'")}\""""
        return f"write {fix}", fix
    return "write key: value on each line", None


def _marked(line: str, start: Any, end: Any) -> int:
    """How many characters lie between two marks, of which the first stands in a line."""
    stop = end.column if end.line == start.line else len(line.split(" #")[0].rstrip())
    return max(1, int(stop - start.column))


def _is_flat(text: str) -> bool:
    """Whether a text can hold no bomb, whatever YAML makes of it: no reference, no tag, no depth."""
    lines = text.split("\n")
    indents = {len(line) - len(line.lstrip()) for line in lines}
    most = max(line.count("[") + line.count("{") for line in lines)
    deep = most > 2 or text.count("[") > 20 or len(indents) > _MAX_DEPTH
    return not deep and _REFERENCE.search(text) is None


@lru_cache(maxsize=64)
def _composed(text: str) -> Any:
    """The root node: what is written below it changes more often than the front matter does."""
    from ruamel.yaml import YAML

    return YAML(typ="safe", pure=True).compose(text)


def _compose(text: str, first_line: int, findings: Findings) -> tuple[Any, int | None]:
    """The root node; or None, and the line that cannot be read, from 0, where that is known."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    def refuse(event: Any, message: str, hint: str) -> None:
        mark = event.start_mark
        line = first_line + mark.line
        length = _marked(findings.source.line(line), mark, event.end_mark)
        findings.add("yaml", message, line, mark.column + 1, length=length, hint=hint)

    try:
        depth = 0
        # Events come one by one, so a bomb is seen before anything of it is built.
        for event in YAML(typ="safe", pure=True).parse("" if _is_flat(text) else text):
            kind = type(event).__name__
            depth += kind in ("MappingStartEvent", "SequenceStartEvent")
            depth -= kind in ("MappingEndEvent", "SequenceEndEvent")
            if depth > _MAX_DEPTH:
                refuse(event, "the front matter is nested too deep", "keep it flat")
                return None, None
            if getattr(event, "anchor", None) is not None:
                refuse(event, "a value cannot start with & or *", "put the value in quotes")
                return None, event.start_mark.line
            if getattr(event, "ctag", None) is not None or getattr(event, "tag", None):
                refuse(event, "a value cannot start with !", "put the value in quotes")
                return None, event.start_mark.line
        return _composed(text), None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line, mark.column + 1) if mark else (0, 1)
        line = min(line, text.count("\n"))
        problem = _in_plain_words(str(error.problem or error.context or ""))
        written = findings.source.line(first_line + line)
        hint, fix = _hint_for(problem, written)
        findings.add(
            "yaml",
            f"the front matter cannot be read: {problem}",
            first_line + line,
            min(column, len(written) + 1),
            hint=hint,
            fix=None if fix is None else Edit(first_line + line, 1, len(written), fix),
        )
        return None, line
    except (YAMLError, ValueError, RecursionError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0][:120]
        findings.add(
            "yaml",
            f"the front matter cannot be read: {reason}",
            first_line,
            1,
            hint="write key: value on each line",
        )
    return None, None


def _near(value: str, known: Iterable[str]) -> dict[str, Any]:
    """What to write for a name that there is not, if one is near."""
    near = nearest(value, known)
    return {"hint": f'did you mean "{near}"?', "fix": near} if near else {}


def _as_id(name: str) -> str:
    """A name as ids are written: small letters, hyphens for spaces."""
    return "-".join(name.casefold().split())


class _Reader:
    """Walks the composed YAML nodes, which know their places."""

    def __init__(self, first_line: int, findings: Findings, environment: Environment) -> None:
        self._first = first_line
        self._findings = findings
        self._environment = environment
        self._missing: dict[int, Any] = {}

    def read(self, root: Any) -> FrontMatter:
        if not self._is(root, "mapping"):
            line = self._findings.source.line(self._place(root)[0])
            glued = re.match(r"\s*([A-Za-z]+):(\S.{0,40})", line)
            self._add(
                root,
                "front-matter",
                "the front matter is not a list of keys",
                hint=f"write {glued[1]}: {glued[2]}, with a space behind the colon"
                if glued
                else "write key: value on each line",
            )
            return FrontMatter()
        values: dict[str, Any] = {}
        places: dict[str, Location] = {}
        lengths: dict[str, int] = {}
        there = {str(key.value) for key, _ in root.value}
        for key_node, node in root.value:
            key = key_node.value if self._is(key_node, "scalar") else ""
            if key not in KEYS:
                self._add(
                    key_node,
                    "unknown-key",
                    f'there is no key "{str(key)[:40]}"' if key else "a key is one word",
                    expected="one of " + ", ".join(KEYS),
                    **self._key_hint(key_node, str(key), there),
                )
                continue
            if key in places:
                self._add(
                    key_node,
                    "key-twice",
                    f'"{key}" stands twice',
                    hint="keep one of them",
                    fix=self._out(key_node),
                )
                continue
            if (
                self._is(node, "scalar")
                and not node.value
                and node.start_mark.index == node.end_mark.index
            ):
                self._missing[id(node)] = key_node
            places[key] = self._location(node)
            lengths[key] = self._length_of(node)
            field = key.replace("-", "_")
            reader: Callable[[Any], Any] = getattr(self, f"_{field}")
            value = reader(node)
            if value is not None:
                values[field] = value
        return FrontMatter(**values, locations=places, lengths=lengths)

    def _key_hint(self, node: Any, key: str, there: set[str]) -> dict[str, Any]:
        """What to write for a key that there is not."""
        small = key.casefold().strip()
        meant = _MEANT.get(small) or nearest(small, KEYS)
        if meant and meant not in there:
            return {"hint": f'did you mean "{meant}"?', "fix": meant}
        hint = "put # before it, and it is a comment"
        if small == "title":
            hint = f"the title stands below, as in # Piriformis release; {hint}"
        return {"hint": hint, "fix": self._out(node)}

    def _out(self, node: Any) -> Edit:
        """The change that makes a key's line a comment."""
        return Edit(self._place(node)[0], 1, 0, "# ")

    # Places

    def _place(self, node: Any) -> tuple[int, int]:
        return self._first + node.start_mark.line, node.start_mark.column + 1

    def _length_of(self, node: Any) -> int:
        line = self._findings.source.line(self._first + node.start_mark.line)
        return _marked(line, node.start_mark, node.end_mark)

    def _location(self, node: Any) -> Location:
        return Location(self._findings.source.name, *self._place(node))

    def _add(
        self,
        node: Any,
        code: str,
        message: str,
        *,
        expected: str | None = None,
        hint: str | None = None,
        fix: str | Edit | None = None,
    ) -> None:
        node = self._missing.get(id(node), node)
        line, column = self._place(node)
        self._findings.add(
            code,
            message,
            line,
            column,
            length=self._length_of(node),
            expected=expected,
            hint=hint,
            fix=fix,
        )

    @staticmethod
    def _is(node: Any, kind: str) -> bool:
        return bool(node.id == kind)

    # Values

    def _text(self, node: Any, what: str) -> str | None:
        if not self._is(node, "scalar") or not str(node.value).strip():
            self._add(
                node,
                "bad-value",
                f"{what} must be a line of text",
                hint="write it behind the colon",
            )
            return None
        value = " ".join(str(node.value).split())
        if len(value) > _MAX_TEXT:
            self._add(
                node,
                "bad-value",
                f"{what} has {len(value):,} characters",
                expected=f"at most {_MAX_TEXT}",
            )
            return None
        if has_forbidden(value):
            self._add(
                node,
                "control-character",
                f"{what} holds an invisible character, written as an escape",
                hint="write the text without it",
            )
            return None
        return value

    def _list(self, node: Any, what: str, *, split: bool = True) -> list[tuple[Any, str]]:
        if self._is(node, "scalar") and (alone := str(node.value).strip()):
            # One text is a list of one, or of what stands between its commas.
            pieces = re.split(r"[,;]", alone) if split else [alone]
            if self._text(node, what) is None:
                return []
            return [(node, text) for piece in pieces if (text := " ".join(piece.split()))]
        if not self._is(node, "sequence"):
            example = (
                str(node.value)[:60] if self._is(node, "scalar") and node.value else "one, two"
            )
            self._add(
                node, "bad-value", f"{what} must be a list", expected=f"as in {what}: [{example}]"
            )
            return []
        found = [(item, self._text(item, f"an entry of {what}")) for item in node.value]
        return [(item, text) for item, text in found if text is not None]

    def _one_of(self, node: Any, what: str, known: tuple[str, ...]) -> str | None:
        value = self._text(node, what)
        if value is None or _as_id(value) in known:
            return value and _as_id(value)
        self._add(
            node,
            "bad-value",
            f'"{value[:40]}" is not a {what}',
            expected="one of " + ", ".join(known),
            **_near(value, known),
        )
        return None

    def _muscles(self, node: Any) -> tuple[str, ...]:
        found = []
        known = self._environment.muscles
        names = {_as_id(name): key for key, name in known.items()}
        for item, value in self._list(node, "muscles"):
            name = _as_id(value)
            if name in known or name in names:
                found.append(name if name in known else names[name])
            else:
                near = _near(name, known) if self._is(node, "sequence") else {}
                self._add(
                    item,
                    "unknown-muscle",
                    f'there is no muscle "{value[:40]}"',
                    expected="one of " + ", ".join(known),
                    **(near or {"hint": "leave another muscle out here, and name it in the title"}),
                )
        return tuple(dict.fromkeys(found))

    def _tools(self, node: Any) -> tuple[str, ...]:
        """The tools, each as the catalogue writes it; `a + b` is one for which both are needed."""
        known = {tool.casefold(): tool for tool in self._environment.tools}
        found = []
        for _, value in self._list(node, "tools"):
            parts = (" ".join(part.split()) for part in value.split("+"))
            found.append(BOTH.join(known.get(part.casefold(), part) for part in parts if part))
        return tuple(dict.fromkeys(found))

    def _kind(self, node: Any) -> str | None:
        return self._one_of(node, "kind", KINDS)

    def _level(self, node: Any) -> str | None:
        return self._one_of(node, "level", LEVELS)

    def _position(self, node: Any) -> str | None:
        return self._text(node, "position")

    def _summary(self, node: Any) -> str | None:
        return self._text(node, "summary")

    def _length(self, node: Any) -> Seconds | None:
        value = self._text(node, "length")
        if value is None:
            return None
        try:
            seconds = parse_duration(value)
        except DurationError as error:
            hint = error.hint or "leave it out"
            if re.search(r"[0-9][a-z ]*[-\u2013]", value):
                hint = "write one duration, as in 10m"
            fix = getattr(error, "fix", None)
            if fix is not None:
                fix = value[: error.offset] + fix + value[error.offset + error.length :]
                hint = f"write {fix}"
            self._add(node, "bad-duration", f"length: {error}", hint=hint, fix=fix)
            return None
        if seconds <= 0:
            self._add(
                node,
                "zero-duration",
                "the length is zero",
                hint="write its usual length, as in 10m",
            )
            return None
        return seconds

    def _lead_in(self, node: Any) -> Seconds | None:
        value = self._text(node, "lead-in")
        if value is None:
            return None
        try:
            seconds = parse_duration(value)
        except DurationError as error:
            fix = getattr(error, "fix", None)
            hint = error.hint or "write one duration, as in 1s"
            self._add(node, "bad-duration", f"lead-in: {error}", hint=hint, fix=fix and str(fix))
            return None
        if seconds > MOST_LEAD_IN:
            most = format_seconds(MOST_LEAD_IN)
            self._add(node, "bad-duration", f"lead-in: at most {most}", fix=most)
            return None
        return seconds

    def _language(self, node: Any) -> str | None:
        value = self._text(node, "language")
        if value is None:
            return None
        if not _LANGUAGE.fullmatch(value):
            self._add(
                node,
                "bad-value",
                f'"{value[:40]}" is not a language tag',
                expected="as in en or en-GB",
            )
            return None
        if value.split("-")[0].lower() not in languages():
            self._add(
                node,
                "no-language",
                f'the program cannot say its own words (sides, breaths, numbers) in "{value}"',
                expected=" or ".join(languages()),
            )
            return None
        return value

    def _cautions(self, node: Any) -> tuple[str, ...]:
        known = self._environment.cautions
        found = []
        for item, value in self._list(node, "cautions", split=False):
            value = _as_id(value) if _as_id(value) in known else value
            if value not in known and " " not in value:
                self._add(
                    item,
                    "unknown-caution",
                    f'there is no caution "{value[:40]}"',
                    **(_near(value, known) or {"hint": "write it out as a text of several words"}),
                )
            else:
                found.append(value)
        return tuple(found)

    def _background(self, node: Any) -> Background | None:
        value = self._text(node, "background")
        if value is None:
            return None
        match = _BED.fullmatch(value)
        name, level = (match[1], match[2]) if match else (value, None)
        gain = float(level.replace("\u2212", "-").replace("\u2013", "-")) if level else None
        if gain is not None and not -90 <= gain <= 12:
            self._add(
                node,
                "bad-level",
                f"the level {gain:g} dB is out of range",
                expected="between -90 dB and 12 dB",
            )
            return None
        folder: PurePath | None = self._findings.source.folder
        try:
            sound = self._environment.sound(name.strip(), "bed", folder)
        except VoiceguideError as error:
            near = re.search(r'did you mean "([^"]+)"\?$', str(error))
            fix = f"{near[1]} at {level} dB" if near and level else near[1] if near else None
            self._add(node, "sound", str(error), fix=fix)
            return None
        return Background(sound, gain, self._location(node))

    def _say(self, node: Any) -> dict[str, str] | None:
        if not self._is(node, "mapping"):
            self._add(
                node,
                "bad-value",
                "say must give a respelling for each word",
                expected="as in say: {psoas: so-ass}",
            )
            return None
        found: dict[str, str] = {}
        for key_node, value_node in node.value:
            if value_node.start_mark.index == value_node.end_mark.index:
                self._missing[id(value_node)] = key_node
            key = self._text(key_node, "a word to respell")
            value = self._text(value_node, "a respelling")
            if key and key.casefold() in found:
                self._add(key_node, "key-twice", f'"{key}" stands twice', hint="keep one of them")
            elif key and value:
                found[key.casefold()] = value
        return found
