"""The figures as they are kept: `results.json`, and the table in `README.md` that is made of it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results.json"
README = Path(__file__).parent / "README.md"
BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->\n"
SAYS = {True: "yes", False: "**no**", None: ""}


def keep(path: Path, found: dict[str, Any], order: Iterable[str]) -> None:
    """Put figures into a file, in the place of older ones of the same groups."""
    kept = json.loads(path.read_text("utf-8")) if path.exists() else {}
    kept.update(found)
    ordered = {name: kept[name] for name in order if name in kept}
    path.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")
    if path == RESULTS:
        README.write_text(with_table(README.read_text("utf-8"), ordered), encoding="utf-8")


def with_table(text: str, groups: dict[str, Any]) -> str:
    """A text with the table of these groups between its two marks."""
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return head + BEGIN + markdown(groups) + END + tail


def markdown(groups: dict[str, Any]) -> str:
    """The groups as one table."""
    lines = ["| group | what | against | ratio | target | holds |", "|---|---|---|---|---|---|"]
    for name, group in groups.items():
        for row in group["rows"]:
            target = (row["target"] or "").replace("<=", "at most").replace(">=", "at least")
            cells = (
                f"`{name}`", row["name"], row["against"], f"{row['ratio']:.2f}", target,
                SAYS[row["holds"]],
            )  # fmt: skip
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
