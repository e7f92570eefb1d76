"""The package as it is installed: from a wheel, outside the checkout, and editable."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
import soundfile
from cli_support import SCRIPT, environment

ROOT = Path(__file__).resolve().parent.parent
WHERE = """
import json, voiceguide, voiceguide.library.data as data
print(json.dumps([voiceguide.__file__, *(str(data.data_folder(k)) for k in ("scripts", "sounds"))]))
"""


def outside() -> dict[str, str]:
    """The environment without what could bring the checkout in; pip asks no index."""
    return environment(PYTHONPATH=None, PYTHONWARNINGS=None, PIP_NO_INDEX="1",
                       PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_ROOT_USER_ACTION="ignore")  # fmt: skip


def run(*command: str | Path, at: Path) -> str:
    """The stdout of a command that must succeed."""
    done = subprocess.run(command, cwd=at, env=outside(), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is needed to build, so that building leaves nothing in the real one."""
    copy = tmp_path_factory.mktemp("copy")
    for name in ("voiceguide", "scripts", "sounds"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, copy / name, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    return copy


@pytest.fixture(scope="module")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that pip builds."""
    folder = tmp_path_factory.mktemp("wheel")
    how = ("--no-deps", "--no-build-isolation", "-q", "-w", folder)
    run(sys.executable, "-m", "pip", "wheel", checkout, *how, at=folder)
    (made,) = folder.glob("*.whl")
    return made


@dataclass(frozen=True)
class Place:
    """A fresh virtual environment with voiceguide in it, and a folder to work in."""

    folder: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "venv" / "bin" / "python"

    @property
    def program(self) -> Path:
        """Its console script."""
        return self.python.with_name("voiceguide")


def install(folder: Path, *what: str | Path) -> Place:
    """A place where something was installed by pip.

    The libraries come from the environment of the tests, by a path in a .pth file, after the place's
    own packages. Python does not follow .pth files that lie in there, so that an editable voiceguide
    of that environment cannot be imported here.
    """
    place = Place(folder)
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", at=folder)
    lib = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = folder / "venv" / "lib" / lib / "site-packages"
    (packages / "zz-libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    how = ("--python", place.python, "install", "--no-deps", "--no-build-isolation", "-q")
    run(sys.executable, "-m", "pip", *how, "--ignore-installed", *what, at=folder)
    return place


def check_works(place: Place, home: Path) -> None:
    """Tracks are listed and a session is made, all of it from below `home`."""
    places = json.loads(run(place.python, "-c", WHERE, at=place.folder))
    assert all(Path(path).is_relative_to(home) for path in places), places
    tracks = run(place.program, "tracks", at=place.folder).splitlines()
    assert len(tracks) == len(json.loads(run(place.program, "tracks", "--json", at=place.folder)))
    assert any(line.startswith("piriformis\t") for line in tracks)
    (place.folder / "a.md").write_text(
        SCRIPT.replace("# A short session\n", "# T\n\n- include parts/safety\n")
    )
    args = ("a.md", "--voice", "silent", "--background", "rain", "--minutes", "3")
    run(place.program, "export", *args, "-o", "a.mp3", at=place.folder)
    assert soundfile.info(place.folder / "a.mp3").frames == 180 * 44_100
    events = json.loads(run(place.program, "timeline", *args, "--json", at=place.folder))["events"]
    assert {"rain", "bowl", "end"} <= {event.get("sound") for event in events}
    run(place.python, "-m", "voiceguide", "doctor", at=place.folder)


def test_what_is_in_the_wheel(wheel: Path) -> None:
    """The package, its types, all scripts and sounds with their licences, and nothing else."""
    assert wheel.stat().st_size < 8_200_000
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        metadata = archive.read(next(n for n in names if n.endswith("/METADATA"))).decode()
    tops = {name.split("/")[0] for name in names}
    assert len(tops) == 2 and "voiceguide" in tops
    unwanted = ("test", "__pycache__", ".pyc")
    found = {name for name in names if any(word in name.lower() for word in unwanted)}
    assert found == {"voiceguide/testing.py"}  # which is public
    assert "voiceguide/py.typed" in names
    for kind in ("scripts", "sounds"):
        shipped = {
            f"voiceguide/_data/{path.relative_to(ROOT).as_posix()}"
            for path in (ROOT / kind).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        assert shipped <= names
    code = {p.relative_to(ROOT).as_posix() for p in (ROOT / "voiceguide").rglob("*.py")}
    assert code <= names
    assert sum("LICENSE" in name and ".dist-info" in name for name in names) == 3
    assert "License-Expression: GPL-3.0-or-later AND CC-BY-4.0" in metadata
    assert "Provides-Extra: natural" in metadata


def test_the_wheel_works_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    """Scripts and sounds come from inside the package."""
    place = install(tmp_path, wheel)
    check_works(place, tmp_path / "venv")


def test_an_editable_install_works(checkout: Path, tmp_path: Path) -> None:
    """Scripts and sounds come from the checkout, as they are edited there."""
    place = install(tmp_path, "-e", checkout)
    check_works(place, checkout)
    own = checkout / "scripts" / "piriformis" / "brand-new.md"
    own.write_text("# Brand new\n\nHello.\n")
    assert "brand-new\t" in run(place.program, "tracks", at=tmp_path)
    own.unlink()
