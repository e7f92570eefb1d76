"""What comes back from a file: every field checked, with the limits that the listener has, too.

A hand, another version or a fault may have written anything there. What cannot be used is left out,
and the caller tells which fields those were.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

Check = Callable[[Any], bool]
"""Whether a value of JSON can be used."""

_LONGEST = 4_096
"""Letters of a text; no name of a file is longer."""


def fields_of(data: object, checks: Mapping[str, Check]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Those fields of an object of JSON that can be used, and the names of those that cannot.

    A field that is missing is neither; one that has no check is left out without a word, since
    another version may know it.
    """
    if not isinstance(data, dict):
        return {}, tuple(checks)
    good = {name: data[name] for name in checks if name in data and checks[name](data[name])}
    return good, tuple(name for name in checks if name in data and name not in good)


def number(least: float, most: float) -> Check:
    """A number between two; no truth value, and nothing that is no number."""
    return lambda value: type(value) in (int, float) and least <= value <= most


def whole(least: int, most: int) -> Check:
    """A whole number between two."""
    return lambda value: type(value) is int and least <= value <= most


def text(value: Any) -> bool:
    """A text that is not empty."""
    return isinstance(value, str) and 0 < len(value) <= _LONGEST


def flag(value: Any) -> bool:
    """Yes or no."""
    return isinstance(value, bool)


def one_of(known: Collection[str]) -> Check:
    """One of some texts."""
    return lambda value: isinstance(value, str) and value in known


def some_of(known: Collection[str]) -> Check:
    """A list of some texts."""
    allowed = one_of(known)
    return lambda value: isinstance(value, list) and all(map(allowed, value))


def maybe(check: Check) -> Check:
    """Null, or what another check takes."""
    return lambda value: value is None or check(value)


def left_out(what: str, names: Iterable[str]) -> str | None:
    """A sentence about fields that cannot be used, or None where there are none."""
    named = [name.replace("_", " ") for name in names]
    if not named:
        return None
    listed = " and ".join(filter(None, (", ".join(named[:-1]), named[-1])))
    return f"{what} has {listed} that can't be used, so the default is taken"
