"""Plug-ins: voice engines, file formats and players, each found by name, imported when asked for.

All three keep one contract, `PlugIn`; what an engine, a format or a player does besides stands in
`speech.base.EnginePlugIn`, `sinks.base.FileFormat` and `sinks.devices.Player`. A new one is one
file. Built in, it also needs a row in the `BUILT_IN` of its registry (`speech.registry`,
`sinks.registry`, `sinks.players`); from another package, an entry point instead::

    [project.entry-points."voiceguide.engines"]
    robot = "robot_voice:Robot"
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import EntryPoint, PackageNotFoundError, entry_points, requires
from typing import Any, Generic, Protocol, TypeVar

from voiceguide.errors import MissingError, NotFoundError, VoiceguideError, did_you_mean

_PACKAGES = {
    "PIL": "pillow",
    "dbus_fast": "dbus-fast",
    "espeakng_loader": "espeakng-loader",
    "hibari": "hibari-tts",
    "markdown_it": "markdown-it-py",
    "ruamel": "ruamel.yaml",
}
"""Modules whose package has another name."""


class PlugIn(Protocol):
    """What every plug-in has; its entry point names an object with this, or the object's class."""

    @property
    def about(self) -> str:
        """What it is, in a few words."""
        ...

    @property
    def default(self) -> bool:
        """Whether it may be taken where nobody names one.

        Those of other packages go first, then those built in; the first that works is taken.
        """
        ...

    def check(self) -> str:
        """What it works with here, in a few words.

        Raises:
            MissingError: a package or program is missing; made by `not_installed`.
            VoiceguideError: it does not work here for another reason.
        """
        ...


P = TypeVar("P", bound=PlugIn)


@dataclass(frozen=True, slots=True)
class Found:
    """A plug-in as lists show it.

    Attributes:
        about: what it is; empty where it cannot be loaded.
        works: whether it can be used here.
        detail: what it works with here, or why it does not work.
        how: the command that brings what is missing, or None.
    """

    name: str
    about: str
    works: bool
    detail: str
    how: str | None = None


class Registry(Generic[P]):
    """The plug-ins of one kind.

    Args:
        kind: what a message calls one, such as "player".
        group: of the entry points.
        built_in: name to "module:attribute", in the order in which defaults are tried.
        fault: the error of a plug-in that cannot be loaded or fails.
    """

    def __init__(
        self, kind: str, group: str, built_in: Mapping[str, str], fault: type[VoiceguideError]
    ) -> None:
        self._kind = kind
        self._group = group
        self._built_in = built_in
        self._fault = fault
        self._lent: dict[str, P] = {}

    @contextmanager
    def lent(self, name: str, plug_in: P) -> Iterator[None]:
        """Have a plug-in under a name for a while, before all others; for tests."""
        before = self._lent
        self._lent = {**before, name: plug_in}
        try:
            yield
        finally:
            self._lent = before

    def _added(self) -> dict[str, EntryPoint]:
        points = _points(self._group, tuple(sys.path))
        return {name: points[name] for name in sorted(points.keys() - self._built_in.keys())}

    def names(self) -> tuple[str, ...]:
        """All that can be named, those built in first; nothing is loaded."""
        return tuple(dict.fromkeys((*self._built_in, *self._added(), *self._lent)))

    def known(self, name: str) -> str:
        """A name as `names` has it, whatever its case.

        Raises:
            NotFoundError: there is none of that name; the message lists them.
        """
        plain = name.casefold()
        if plain in self._built_in or plain in (names := self.names()):
            return plain
        guess = did_you_mean(plain, names)
        raise NotFoundError(
            f'there is no {self._kind} "{name[:80]}": '
            f"{f'{guess} There' if guess else 'there'} are {', '.join(names)}"
        )

    def load(self, name: str) -> P:
        """The plug-in of a name; whether it works here is not looked at.

        Raises:
            NotFoundError: there is none of that name.
            MissingError: a package that it imports is not installed.
            VoiceguideError: it cannot be loaded.
        """
        name = self.known(name)
        if name in self._lent:
            return self._lent[name]
        try:
            if place := self._built_in.get(name):
                module, _, attribute = place.partition(":")
                found = getattr(importlib.import_module(module), attribute)
            else:
                found = self._added()[name].load()
            plug_in: P = found() if isinstance(found, type) else found
        except Exception as error:  # another package's module may fail in any way
            raise self._error(name, "cannot be loaded", error) from error
        return plug_in

    def checked(self, name: str) -> tuple[P, str]:
        """A plug-in that works here, and what it works with.

        Raises:
            VoiceguideError: as `load` and `PlugIn.check`.
        """
        plug_in = self.load(name)
        try:
            return plug_in, plug_in.check()
        except Exception as error:  # as above
            raise self._error(name, "fails", error) from error

    def defaults(self) -> Iterator[tuple[str, P]]:
        """Name and plug-in of those that may be taken unnamed, the first choice first."""
        for name in (*self._lent, *self._added(), *self._built_in):
            try:
                plug_in = self.load(name)
            except VoiceguideError:
                continue  # `survey` tells of it
            if getattr(plug_in, "default", False):
                yield name, plug_in

    def survey(self) -> tuple[Found, ...]:
        """Every plug-in, and whether it works here; none keeps another from being listed."""
        return tuple(self._found(name) for name in self.names())

    def _found(self, name: str) -> Found:
        about = ""
        try:
            about = str(getattr(self.load(name), "about", ""))
            return Found(name, about, True, self.checked(name)[1])
        except VoiceguideError as error:
            how = (error.how if isinstance(error, MissingError) else "") or None
            return Found(name, about, False, str(error).removesuffix(f": {how}"), how)

    def _error(self, name: str, what: str, error: Exception) -> VoiceguideError:
        if isinstance(error, VoiceguideError):
            return error
        named = f'the {self._kind} "{name}"'
        if isinstance(error, ModuleNotFoundError) and error.name:
            return not_installed(f"{error.name}, which {named} needs,", brings(error.name))
        detail = str(error) or type(error).__name__
        return self._fault(f"{named} {what}: {detail}")


@lru_cache(maxsize=16)
def _points(group: str, path: tuple[str, ...]) -> dict[str, EntryPoint]:  # noqa: ARG001
    """The entry points of a group, looked for once for each path of modules."""
    return {point.name.casefold(): point for point in entry_points(group=group)}


def not_installed(what: str, how: str) -> MissingError:
    """The error for something that is missing: a sentence, and the command that brings it.

    >>> print(not_installed('the player "miniaudio"', "pip install miniaudio"))
    the player "miniaudio" is not installed: pip install miniaudio
    """
    error = MissingError(f"{what} is not installed: {how}")
    error.how = how
    return error


def brings(module: str) -> str:
    """The command that brings a module.

    >>> brings("PIL.Image")
    'pip install pillow'
    """
    top = module.partition(".")[0]
    return f"pip install {_PACKAGES.get(top, top)}"


def brings_extra(extra: str) -> str:
    """The command that brings what an extra of this package has, also where that is a checkout."""
    try:
        needed = requires("voiceguide") or []
    except PackageNotFoundError:
        needed = []
    ours = [line.partition(";") for line in needed]
    names = [f'"{name.strip()}"' for name, _, when in ours if _EXTRA.findall(when) == [extra]]
    return f"pip install {' '.join(names)}" if names else f'pip install "voiceguide[{extra}]"'


_EXTRA = re.compile(r"""extra\s*==\s*['"]([\w-]+)['"]""")


def require(module: str, what: str, *, how: str | None = None) -> Any:
    """A module, imported now.

    Args:
        what: what needs it, such as 'the format "mp3"'.
        how: the command that brings it, where it is not `pip install` and its package.

    Raises:
        MissingError: it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        missing = error.name or module
        raise not_installed(f"{missing}, which {what} needs,", how or brings(missing)) from error
