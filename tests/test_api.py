"""The library as a program uses it: the README's example, the names, the types, the weight."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import mutagen.flac
import pytest
import soundfile
from cli_support import SCRIPT, environment

import voiceguide as vg

ROOT = Path(__file__).resolve().parent.parent
README, DOCS = ROOT / "README.md", ROOT / "docs"
EXAMPLES = re.findall(r"^```python\n(.*?)^```", README.read_text("utf-8"), re.M | re.S)


def test_the_examples_of_the_readme_run(tmp_path: Path) -> None:
    """As they stand, in one program, in a folder of their own."""
    assert EXAMPLES
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "\n".join(EXAMPLES)],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip()
    (made,) = tmp_path.iterdir()
    assert soundfile.info(made).frames == 600 * 44_100
    assert "26460000" in done.stdout


def loaded_after(code: str) -> set[str]:
    """The modules that are loaded once some code has run."""
    code += "\nimport sys; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_import_weighs_nothing() -> None:
    """Only the package and its version; the rest comes when it is named."""
    loaded = loaded_after("import voiceguide")
    own = {name for name in loaded if name.partition(".")[0] == "voiceguide"}
    assert own == {"voiceguide", "voiceguide._version"}
    assert loaded.isdisjoint({"numpy", "soundfile", "click", "rich", "asyncio", "email"})
    named = loaded_after("import voiceguide; voiceguide.Options; voiceguide.ScriptError")
    assert named.isdisjoint({"numpy", "soundfile", "onnxruntime", "pydub", "rich"})


def test_every_name_is_there() -> None:
    """Two or three dozen, documented; an unknown one is an AttributeError."""
    assert 20 <= len(vg.__all__) <= 36
    assert sorted(vg.__all__) == vg.__all__
    for name in vg.__all__:
        value = getattr(vg, name)
        assert value.__doc__ or name == "__version__"
        assert name in dir(vg)
    with pytest.raises(AttributeError, match="no attribute 'exprot'"):
        vg.exprot  # noqa: B018
    loaded = loaded_after("from voiceguide import *; assert callable(export) and Options")
    assert "voiceguide.session" in loaded


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A script's path, in the current folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VOICEGUIDE_CACHE", environment()["VOICEGUIDE_CACHE"])
    (tmp_path / "a.md").write_text(SCRIPT)
    return "a.md"


def test_load_compile_and_export(script: str) -> None:
    """One step at a time, or all in one; the results say what was made."""
    loaded = vg.load(script)
    assert loaded.script.title == "A short session" and loaded.warnings == ()
    request = vg.Request(script, vg.Options(length=90.0, start="right"), voice="silent")
    session = vg.compile(request)
    assert isinstance(session, vg.Session) and isinstance(session.timeline, vg.Timeline)
    assert session.seconds == 90 and session.timeline.frames == 90 * 44_100
    sides = [chapter.side for chapter in session.timeline.chapters if chapter.side]
    assert sides == ["right", "left"]
    done = vg.export(session, "one.mp3")
    again = vg.export(request, Path("two.mp3"))
    assert done.path.read_bytes() == again.path.read_bytes()
    assert (done.frames, done.seconds) == (90 * 44_100, 90)
    assert done.size == Path("one.mp3").stat().st_size and done.transcript is None


def test_the_chosen_tool_is_in_the_title(script: str) -> None:
    """What players show names the tool that is used, not the script's first."""
    Path("tools.md").write_text(
        "---\ntools: [tennis ball, foam roller]\n---\n# With the {tool}\n\nHi.\n"
    )
    request = vg.Request("tools.md", vg.Options(tool="foam roller"), voice="silent")
    done = vg.export(request, "a.flac")
    assert done.session.title == "With the foam roller"
    assert mutagen.flac.FLAC("a.flac")["title"] == ["With the foam roller"]


def test_a_length_out_of_reach_is_found_where_it_is_written(script: str) -> None:
    """With its line, as every other problem."""
    Path("long.md").write_text("---\nlength: 9m\n---\n# T\n\nHi.\n")
    (problem,) = vg.check("long.md", voice="silent").problems
    assert problem.code == "length-out-of-reach"
    assert (problem.location.line, problem.source_line) == (2, "length: 9m")


def test_progress_is_told(script: str) -> None:
    """Stage by stage, up to the end of each; what it raises stops the work without a trace."""
    told: list[tuple[str, int, int]] = []

    def progress(*words: object) -> None:
        told.append(words)  # type: ignore[arg-type]

    request = vg.Request(script, vg.Options(length=80.0), voice="silent", mono=True)
    vg.export(request, "a.wav", progress=progress)
    assert list(dict.fromkeys(stage for stage, _, _ in told)) == ["speaking", "writing"]
    for stage in ("speaking", "writing"):
        steps = [(done, total) for name, done, total in told if name == stage]
        assert steps == sorted(steps) and steps[-1][0] == steps[-1][1]
    assert told[-1] == ("writing", 80 * 44_100, 80 * 44_100)

    def stop(stage: str, *_: int) -> None:
        if stage == "writing":
            raise InterruptedError

    with pytest.raises(InterruptedError):
        vg.export(request, "b.wav", progress=stop)
    assert sorted(path.name for path in Path.cwd().iterdir()) == ["a.md", "a.wav"]


def test_errors_are_of_one_tree(script: str) -> None:
    """A program can catch each, or all at once."""
    Path("bad.md").write_text("# T\n\nHi [x].\n\n- hold 4\n")
    with pytest.raises(vg.ScriptError) as caught:
        vg.load("bad.md")
    assert [problem.location.line for problem in caught.value.problems] == [3, 5]
    assert all(isinstance(problem, vg.Problem) for problem in caught.value.problems)
    with pytest.raises(vg.LengthError) as reach:
        vg.compile(vg.Request(script, vg.Options(length=5.0), voice="silent"))
    shortest, longest = reach.value.reachable
    assert 5 < shortest < longest
    with pytest.raises(vg.UsageError, match="cannot be the right one"):
        vg.compile(script, vg.Options(side="left", sore="right"))
    with pytest.raises(vg.UsageError, match="did you mean"):
        vg.find("piriformus")
    with pytest.raises(vg.UsageError, match="already there"):
        Path("a.mp3").touch()
        vg.export(script, "a.mp3")
    with pytest.raises(vg.UsageError, match="give one of them"):
        vg.export(script, "b.mp3", format_name="wav")
    with pytest.raises(vg.UsageError, match="transcript"):
        vg.export(script, "b.mp3", transcript="txt")
    request = vg.Request(script, voice="silent")
    for more in (
        {"options": vg.Options(length=90.0)},
        {"voice": "silent"},
        {"speed": 1.1},
        {"mono": True},
    ):
        for call in (partial(vg.compile, request), partial(vg.export, request, "b.mp3")):
            with pytest.raises(vg.UsageError, match="has its own already"):
                call(**more)
    for kind in (vg.ScriptError, vg.LengthError, vg.UsageError):
        assert issubclass(kind, vg.VoiceguideError)
    assert sorted(path.name for path in Path.cwd().iterdir()) == ["a.md", "a.mp3", "bad.md"]


def test_check_and_tracks(script: str) -> None:
    """What is wrong and how long it can be; what there is."""
    found = vg.check(script, voice="silent")
    assert found.ok and found.reach is not None
    assert found.reach.shortest < found.reach.usual < found.reach.longest
    Path("bad.md").write_text("# T\n\n- hold 4\n")
    bad = vg.check("bad.md", voice="silent")
    assert not bad.ok and bad.reach is None and len(bad.problems) == 1
    names = [track.name for track in vg.tracks()]
    assert {"piriformis", "gluteus-maximus", "hamstrings"} <= set(names)
    assert vg.find("piriformis").path.is_file()


def test_types_are_shipped_and_checked(tmp_path: Path) -> None:
    """The examples pass mypy --strict in a program of their own; a mistake does not."""
    config = tmp_path / "mypy.ini"
    config.write_text("[mypy]\nstrict = true\nfollow_imports = silent\n")

    def check(code: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "program.py").write_text(code)
        words = ["--config-file", str(config), "--cache-dir", str(tmp_path / "cache"), "program.py"]
        return subprocess.run(
            [sys.executable, "-m", "mypy", *words], cwd=tmp_path, capture_output=True, text=True
        )

    documented = re.findall(
        r"^```python\n(.*?)^```", (DOCS / "api.md").read_text("utf-8"), re.M | re.S
    )
    page = (DOCS / "page.py").read_text("utf-8")
    for code in ("\n".join([*EXAMPLES, *documented]), page):
        good = check(code)
        assert good.returncode == 0, good.stdout
    bad = check("import voiceguide\nvoiceguide.compile(3).seconds.upper()\n")
    assert bad.returncode == 1 and bad.stdout.count(": error:") == 2


@pytest.mark.parametrize(
    "name", ["gluteus maximus", "Gluteus_Maximus", " gluteus-maximus ", "built-in/Gluteus maximus"]
)
def test_names_as_people_write_them(name: str) -> None:
    """Spaces, underscores and capital letters lead to the track, too."""
    assert vg.find(name).name == "gluteus-maximus"


def test_a_name_that_is_not_there_is_told_as_it_was_given() -> None:
    """Even where a track of that name is elsewhere."""
    with pytest.raises(vg.NotFoundError, match='no track "own/piriformis"'):
        vg.find("own/piriformis")
