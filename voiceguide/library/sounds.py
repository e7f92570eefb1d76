"""The sounds that ship, read from the manifest that describes them.

The manifest, `manifest.toml`, says of each sound what it is, how loud, and under which licence;
the comment at its top states what every key means. It is checked whole on load.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from voiceguide.audio import RATE
from voiceguide.errors import SoundError, did_you_mean
from voiceguide.library.finding import read_ordinary

MANIFEST = "manifest.toml"
LARGEST = 1_000_000
"""A manifest of more bytes is not read."""

SoundKind = Literal["chime", "breath", "bed"]
KINDS: tuple[SoundKind, ...] = ("chime", "breath", "bed")

_NAME = re.compile(r"[a-z][a-z0-9-]{0,40}")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,60}\.[a-z0-9]{1,5}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_TEXTS = ("name", "kind", "file", "nature", "licence", "samples_sha256")
_NUMBERS = {"loudness": (-70.0, 0.0), "seconds": (0.01, 3600.0), "strike": (0.1, 60.0)}


@dataclass(frozen=True, slots=True)
class SoundInfo:
    """What is known of a sound.

    Attributes:
        path: its file.
        nature: what it is and how it was made, one sentence.
        licence: under which it may be used.
        loudness: in LUFS: of a chime's loudest 0.4 s, a breath's loudest 1.5 s, the whole of a bed.
        seconds: its length, to the frame.
        strike: seconds after which what follows a chime starts, while it fades; 0 for other kinds.
        samples_sha256: of the 16-bit little-endian samples, channels interleaved.
    """

    name: str
    kind: SoundKind
    path: Path
    nature: str
    licence: str
    loudness: float
    seconds: float
    strike: float
    samples_sha256: str

    @property
    def frames(self) -> int:
        """Its length."""
        return round(self.seconds * RATE)


def load_manifest(folder: Path) -> dict[str, SoundInfo]:
    """The sounds of a folder by name, in the manifest's order.

    Raises:
        SoundError: the manifest is missing or wrong, or a file it names is not there.
    """
    path = folder / MANIFEST
    try:
        raw = read_ordinary(path, LARGEST)
    except OSError as error:
        raise SoundError(f"{path} cannot be read: {error.strerror or error}") from error
    if len(raw) > LARGEST:
        raise SoundError(f"{path} has more than {LARGEST:,} bytes; that is no list of sounds")
    try:
        data = tomllib.loads(raw.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SoundError(f"{path} is not a TOML file: {error}") from error
    except RecursionError as error:
        raise SoundError(f"{path} is nested too deeply") from error
    sounds: dict[str, SoundInfo] = {}
    for index, entry in enumerate(_entries(path, data), 1):
        info = _info(f"{path}, sound {index}", folder, entry)
        if info.name in sounds:
            raise SoundError(f'{path}, sound {index}: there are two sounds named "{info.name}"')
        sounds[info.name] = info
    return sounds


def _entries(path: Path, data: dict[str, object]) -> list[object]:
    _known(str(path), data, ("format", "encoder", "sound"))
    version = data.get("format")
    if type(version) is not int or version != 1:
        raise SoundError(f"{path}: format is {version!r:.40}, and this program reads format = 1")
    entries = data.get("sound")
    if not isinstance(entries, list) or not entries:
        raise SoundError(f"{path}: it lists no sound; each is a [[sound]] table")
    return entries


def _known(where: str, table: dict[str, object], keys: tuple[str, ...]) -> None:
    for key in table:
        if key not in keys:
            hint = did_you_mean(key, keys)
            raise SoundError(f"{where}: unknown key {key!r:.60}" + (f", {hint}" if hint else ""))


def _info(where: str, folder: Path, entry: object) -> SoundInfo:
    if not isinstance(entry, dict):
        raise SoundError(f"{where}: expected a table, found {entry!r:.40}")
    _known(where, entry, (*_TEXTS, *_NUMBERS))
    texts = {key: _text(where, entry, key) for key in _TEXTS}
    kind = texts["kind"]
    if kind not in KINDS:
        raise SoundError(f"{where}: kind is {kind!r:.40}, and must be {', '.join(KINDS)}")
    for key, pattern in (("name", _NAME), ("file", _FILE), ("samples_sha256", _DIGEST)):
        if not pattern.fullmatch(texts[key]):
            raise SoundError(f"{where}: {key} is {texts[key]!r:.80}, which is not a {key}")
    if kind != "chime" and "strike" in entry:
        raise SoundError(f"{where}: only a chime has a strike time, and this is a {kind}")
    path = folder / texts["file"]
    # A link may not lead out of the folder either.
    if not path.is_file() or path.resolve().parent != folder.resolve():
        raise SoundError(f"{where}: there is no file {texts['file']} in {folder}")
    seconds = _number(where, entry, "seconds")
    strike = _number(where, entry, "strike") if kind == "chime" else 0.0
    if strike > seconds:
        raise SoundError(f"{where}: the strike time of {strike} s is longer than the sound")
    return SoundInfo(
        name=texts["name"],
        kind=kind,
        path=path,
        nature=texts["nature"],
        licence=texts["licence"],
        loudness=_number(where, entry, "loudness"),
        seconds=seconds,
        strike=strike,
        samples_sha256=texts["samples_sha256"],
    )


def _text(where: str, entry: dict[str, object], key: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        found = "is missing" if value is None else f"is {value!r:.40}"
        raise SoundError(f"{where}: {key} {found}; it must be a line of text")
    return value


def _number(where: str, entry: dict[str, object], key: str) -> float:
    least, greatest = _NUMBERS[key]
    value = entry.get(key)
    # NaN fails the comparison as well.
    if type(value) not in (int, float) or not least <= cast(float, value) <= greatest:
        found = "is missing" if value is None else f"is {value!r:.40}"
        raise SoundError(f"{where}: {key} {found}; it must lie from {least} to {greatest}")
    return float(cast(float, value))
