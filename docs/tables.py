"""Pages that are made of the program's own tables: commands, codes, public names."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

import voiceguide
from voiceguide.__main__ import sections
from voiceguide.cli import cli
from voiceguide.script.codes import Explanation, explanations, whole


def pages() -> Iterator[tuple[str, str]]:
    """The name of each page, without its suffix, and its Markdown."""
    yield "commands", _commands()
    yield "names", _names()
    yield "codes", _codes()
    for entry in explanations().values():
        yield f"codes/{entry.code}", _code(entry)


def _commands() -> str:
    """The help of every command, as the program prints it."""
    table = sections()
    context = click.Context(cli, obj=table, info_name="voiceguide", max_content_width=90)
    parts = ["# Every command\n"]
    for title, names in table.items():
        parts.append(f"## {title}\n")
        for name in names:
            command = cli.get_command(context, name)
            assert command is not None
            inside = click.Context(command, info_name=name, parent=context)
            parts.append(f"### voiceguide {name}\n\n```text\n{command.get_help(inside)}\n```\n")
    return "\n".join(parts)


def _codes() -> str:
    """All codes in one table, each with its page."""
    rows = [
        f"| [{entry.code}](codes/{entry.code}.md) | {entry.title} |"
        for entry in sorted(explanations().values(), key=lambda entry: entry.code)
    ]
    tree = "```{toctree}\n:hidden:\n:glob:\n\ncodes/*\n```\n"
    return "\n".join(
        (
            "# What a mistake's code stands for\n",
            "`voiceguide check` names a code with everything it finds. Here each has a page, as",
            "`voiceguide check --explain CODE` prints it.\n",
            "| code | |",
            "|---|---|",
            *rows,
            "",
            tree,
        )
    )


def _code(entry: Explanation) -> str:
    parts = [f"# {entry.code}\n", f"**{entry.title}.** {entry.text}\n"]
    for title, script in (("Not so", entry.wrong), ("But so", entry.right)):
        if script:
            parts.append(f"{title}:\n\n````markdown\n{whole(script).strip()}\n````\n")
    return "\n".join(parts)


def _names() -> str:
    """Every public name with its docstring."""
    parts = ["# Every public name\n", "```{eval-rst}"]
    for name in voiceguide.__all__:
        value = getattr(voiceguide, name)
        if inspect.isclass(value):
            parts.append(f".. autoclass:: voiceguide.{name}\n   :members:\n")
        elif callable(value):
            parts.append(f".. autofunction:: voiceguide.{name}\n")
    return "\n".join((*parts, "```\n"))
