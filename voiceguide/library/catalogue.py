"""The catalogue: muscles, kinds, tools, cautions, and which pain points to which muscle.

The data is `catalogue.toml`, beside this file; it is read at the first question and checked key
by key, so that a slip in it is one clear error and not a strange answer later.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeVar, cast, get_args

from voiceguide.errors import VoiceguideError, did_you_mean
from voiceguide.library.finding import read_ordinary

Level = Literal["emergency", "do not start", "ask first", "during"]
LEVELS: tuple[Level, ...] = get_args(Level)
"""Of cautions, the gravest first."""

FILE = Path(__file__).with_name("catalogue.toml")
"""Where the shipped catalogue is."""
LARGEST = 1_000_000
"""No more bytes of a catalogue are read."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Muscle:
    """A muscle, or a group that is worked as one.

    Attributes:
        id: as in a track's front matter.
        name: as written.
        spoken: as said in a session.
        where: where it lies, in plain words.
        felt: where its pain is felt.
        find: how to find it with the hand.
        mind: ids of the cautions that belong to it.
    """

    id: str
    name: str
    spoken: str
    where: str
    felt: str
    find: str
    mind: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a track is for.

    Attributes:
        id: as in a track's front matter.
        text: what it is, in a few words.
    """

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Tool:
    """Something to massage with.

    Attributes:
        id: its plain name, as in a track's front matter and as spoken.
        firmness: from 1, which gives most; the less firm is the one to begin with.
        text: what it is good for.
        instead: what serves where there is none.
    """

    id: str
    firmness: int
    text: str
    instead: str


@dataclass(frozen=True, slots=True)
class Caution:
    """A danger, and what to do about it.

    Attributes:
        id: as in a track's front matter.
        level: how grave it is, and when it counts.
        text: what to mind, and what to do.
        everywhere: whether it holds for every session, or only where a track names it.
        question: what to ask a listener beforehand; every emergency and every "do not start"
            has one.
    """

    id: str
    level: Level
    text: str
    everywhere: bool = False
    question: str | None = None


@dataclass(frozen=True, slots=True)
class Pointer:
    """A muscle worth trying, and why.

    Attributes:
        muscle: id of the muscle.
        reason: one sentence.
    """

    muscle: str
    reason: str


@dataclass(frozen=True, slots=True)
class Sign:
    """Where pain is felt, or what makes it worse.

    Attributes:
        id: as in options.
        name: as asked.
        points_to: muscles in the order to try them, no muscle twice.
    """

    id: str
    name: str
    points_to: tuple[Pointer, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All of it; each mapping in the order of the file, the id as key."""

    muscles: Mapping[str, Muscle]
    kinds: Mapping[str, Kind]
    tools: Mapping[str, Tool]
    cautions: Mapping[str, Caution]
    pain_places: Mapping[str, Sign]
    aggravators: Mapping[str, Sign]


def muscles() -> Mapping[str, Muscle]:
    """Every muscle, by id."""
    return _shipped().muscles


def kinds() -> Mapping[str, Kind]:
    """Every kind of track, by id."""
    return _shipped().kinds


def tools() -> Mapping[str, Tool]:
    """Every tool, by its plain name."""
    return _shipped().tools


def tool_parts(tool: str) -> tuple[str, ...]:
    """The tools that are all needed where a track names several as one, as in `ball + roller`."""
    return tuple(part.strip() for part in tool.split("+") if part.strip())


def cautions() -> Mapping[str, Caution]:
    """Every caution, by id, the gravest first."""
    return _shipped().cautions


def cautions_for(named: Iterable[str]) -> tuple[Caution, ...]:
    """What holds everywhere, then a track's own, the gravest first.

    Args:
        named: as in a track's front matter: ids of cautions, or whole sentences.
    """
    known, named = cautions(), tuple(named)
    ids = [caution.id for caution in known.values() if caution.everywhere]
    ids += [name for name in named if name in known and name not in ids]
    found = [known[each] for each in ids]
    found += [Caution("", "during", text) for text in named if text not in known]
    return tuple(sorted(found, key=lambda caution: LEVELS.index(caution.level)))


def pain_places() -> Mapping[str, Sign]:
    """The places where pain is felt, and the muscles each points to."""
    return _shipped().pain_places


def aggravators() -> Mapping[str, Sign]:
    """What makes a pain worse, and the muscles each speaks for."""
    return _shipped().aggravators


@cache
def _shipped() -> Catalogue:
    return read(FILE)


def read(path: Path) -> Catalogue:
    """The catalogue in a TOML file.

    Raises VoiceguideError, with the file and the key, where anything in it is missing, unknown,
    of the wrong type, or named and not there.
    """
    try:
        data = tomllib.loads(read_ordinary(path, LARGEST).decode("utf-8"))
    except OSError as error:
        raise VoiceguideError(
            f"the catalogue {path} cannot be read ({error.strerror}): install voiceguide again"
        ) from error
    except RecursionError as error:
        raise VoiceguideError(f"the catalogue {path} is nested too deeply") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise VoiceguideError(f"the catalogue {path} is not valid TOML: {error}") from error
    try:
        return _build(data)
    except _BadEntryError as error:
        raise VoiceguideError(f"the catalogue {path} is wrong at {error}") from error


class _BadEntryError(Exception):
    def __init__(self, place: str, message: str) -> None:
        text = f"{place}: {message}"
        super().__init__("".join(sign if sign.isprintable() else "\ufffd" for sign in text))


def _build(data: dict[str, Any]) -> Catalogue:
    known = [field.name for field in fields(Catalogue)]
    _only(data, known, "the top")
    for name in known:
        if not isinstance(data.get(name), dict) or not data[name]:
            raise _BadEntryError(name, "this table is missing or empty")
    muscles = _table(data, "muscles", Muscle)
    cautions = _table(data, "cautions", Caution)
    for muscle in muscles.values():
        _known(muscle.mind, cautions, f"muscles.{muscle.id}.mind")
    for caution in cautions.values():
        place = f"cautions.{caution.id}"
        if caution.level not in get_args(Level):
            raise _BadEntryError(f"{place}.level", f"one of {', '.join(get_args(Level))}")
        if caution.level in ("emergency", "do not start") and not caution.question:
            raise _BadEntryError(place, f'a caution of level "{caution.level}" needs a question')
    tools = _table(data, "tools", Tool)
    if len({tool.firmness for tool in tools.values()}) != len(tools):
        raise _BadEntryError("tools", "each firmness may stand once")
    texts = {key: {"text": text} for key, text in data["kinds"].items()}
    return Catalogue(
        muscles=muscles,
        kinds=_table({"kinds": texts}, "kinds", Kind),
        tools=tools,
        cautions=cautions,
        pain_places=_signs(data, "pain_places", muscles),
        aggravators=_signs(data, "aggravators", muscles),
    )


def _table(data: dict[str, Any], name: str, make: Callable[..., T]) -> Mapping[str, T]:
    rows = {key: _row(row, f"{name}.{key}", make, id=key) for key, row in data[name].items()}
    return MappingProxyType(rows)


def _signs(data: dict[str, Any], name: str, muscles: Mapping[str, Muscle]) -> Mapping[str, Sign]:
    signs = {}
    for key, row in data[name].items():
        place = f"{name}.{key}"
        if not isinstance(row, dict) or not isinstance(row.get("points_to"), list):
            raise _BadEntryError(place, "points_to has to be a list of muscles with reasons")
        pointers = tuple(_row(item, f"{place}.points_to", Pointer) for item in row["points_to"])
        named = [pointer.muscle for pointer in pointers]
        _known(named, muscles, f"{place}.points_to")
        if not named or len(set(named)) != len(named):
            raise _BadEntryError(f"{place}.points_to", "at least one muscle, and none twice")
        signs[key] = _row({**row, "points_to": pointers}, place, Sign, id=key)
    return MappingProxyType(signs)


def _row(row: object, place: str, make: Callable[..., T], **given: str) -> T:
    if not isinstance(row, dict):
        raise _BadEntryError(place, "has to be a table")
    columns = [field for field in fields(cast(Any, make)) if field.name not in given]
    _only(row, [column.name for column in columns], place)
    values: dict[str, object] = dict(given)
    for column in columns:
        if column.name in row:
            values[column.name] = _value(
                row[column.name], str(column.type), f"{place}.{column.name}"
            )
        elif column.default is MISSING:
            raise _BadEntryError(place, f'"{column.name}" is missing')
    return make(**values)


def _value(value: object, kind: str, place: str) -> object:
    """The value in the type that the dataclass states; annotations are texts here."""
    if kind == "bool":
        wanted, right = "true or false", isinstance(value, bool)
    elif kind == "int":
        wanted, right = "a whole number from 1", type(value) is int and value > 0
    elif kind == "tuple[str, ...]":
        wanted = "a list of texts"
        right = isinstance(value, list) and all(isinstance(item, str) for item in value)
        value = tuple(value) if isinstance(value, list) else value
    elif kind == "tuple[Pointer, ...]":
        return value  # already built
    else:
        wanted, right = "a text", isinstance(value, str) and bool(value.strip())
    if not right:
        raise _BadEntryError(place, f"has to be {wanted}")
    return value


def _only(row: dict[str, Any], known: Iterable[str], place: str) -> None:
    known = list(known)
    for key in row:
        if key not in known:
            hint = did_you_mean(key, known) or f"known are {', '.join(known)}"
            raise _BadEntryError(place, f'"{key}" is not known; {hint}')


def _known(ids: Iterable[str], known: Mapping[str, object], place: str) -> None:
    for named in ids:
        if named not in known:
            hint = did_you_mean(named, known) or f"known are {', '.join(known)}"
            raise _BadEntryError(place, f'"{named}" is not in the catalogue; {hint}')
