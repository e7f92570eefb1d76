"""The command line as a whole: help, streams, colour, width, and machines that lack things."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cli_support import (
    COMMAND,
    SCRIPT,
    environment,
    listing,
    on_terminal,
    powerless,
    voiceguide,
    works,
)
from jsonschema import Draft202012Validator

from voiceguide import __version__
from voiceguide.cli import COMMANDS, SECTIONS, run
from voiceguide.cli.prose import reach_texts
from voiceguide.library import catalogue
from voiceguide.library.data import data_folder

BAD = """\
---
lenght: 5m
---

# Title

Hello [wiat].

## Step

- hold 45
"""
HEAVY = {
    "numpy", "scipy", "soundfile", "soxr", "onnxruntime", "hibari", "pydub", "pyttsx3", "mutagen",
    "PIL", "lameenc", "miniaudio", "simpleaudio", "espeakng_loader",
}  # fmt: skip
ESCAPE = "\x1b["


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a good and a bad script."""
    (tmp_path / "ok.md").write_text(SCRIPT)
    (tmp_path / "bad.md").write_text(BAD)
    return tmp_path


def test_version_and_module(tmp_path: Path) -> None:
    """`python -m voiceguide` is the console script of the same name."""
    assert works("--version", at=tmp_path) == f"voiceguide {__version__}\n"
    script = Path(sys.executable).with_name("voiceguide")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"voiceguide {__version__}\n"


def test_help_lists_every_command(tmp_path: Path) -> None:
    """On stdout, with an example; without any words the same, as wrong usage; `help` does, too."""
    text = works("--help", at=tmp_path)
    assert all(re.search(rf"^  {name}\s+\S", text, re.M) for name in COMMANDS)
    assert "Example" in text
    bare = voiceguide(at=tmp_path)
    assert bare.code == 2 and text.strip() in bare.out + bare.err
    assert works("help", at=tmp_path) == text
    assert works("help", "log", at=tmp_path) == works("log", "--help", at=tmp_path)
    assert 'no command "lgo"' in voiceguide("help", "lgo", at=tmp_path).err


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_on_a_narrow_terminal(name: str, tmp_path: Path) -> None:
    """No line but an example's, which is there to be copied, is longer than the terminal."""
    text = works(*name.split(), "--help", at=tmp_path, env=environment(COLUMNS="40"))
    told = re.split(r"\n\n +Examples?\b", text)[0]
    assert max(map(len, told.splitlines())) <= 40


@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_free_of_the_jargon_of_parsers(name: str, tmp_path: Path) -> None:
    """Ranges are told in words."""
    assert "<=" not in works(name, "--help", at=tmp_path)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command(name: str, tmp_path: Path) -> None:
    """Has an example that calls it, fits 80 columns, and tells its options in sentences."""
    text = works(name, "--help", at=tmp_path, env=environment(COLUMNS="80"))
    assert f"Usage: voiceguide {name}" in text
    assert re.search(rf"Examples?[^\n]*:\n +voiceguide {name}", text)
    assert max(map(len, text.splitlines())) <= 80
    options = text.split("Options:\n")[1].split("\n\n")[0]
    described = re.findall(r"^  -.*?(?=^  -|\Z)", options, re.M | re.S)
    assert described
    assert all(re.search(r"[.\])]\s*$", option) for option in described), described
    assert works(name, "-h", at=tmp_path, env=environment(COLUMNS="80")) == text


def loaded_by(*words: str) -> set[str]:
    """The packages that a command imports."""
    code = (
        "import sys; from voiceguide.cli import run; code = run(sys.argv[1:])\n"
        "sys.stdout = sys.stderr; print(*sorted({m.split('.')[0] for m in sys.modules}))\n"
        "sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], env=environment(), capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("line", ["--help", "--version", "export --help", "completion bash"])
def test_help_loads_next_to_nothing(line: str) -> None:
    """Neither sound nor tables nor a parser."""
    assert loaded_by(*line.split()).isdisjoint(HEAVY | {"rich", "markdown_it", "ruamel"})


@pytest.mark.parametrize("line", ["tracks", "tracks --json", "schema", "voices --language en"])
def test_lists_load_no_sound(line: str) -> None:
    """What only reads names and heads of scripts imports nothing that makes sound, once the
    lengths of tracks are known."""
    if line.startswith("tracks"):
        loaded_by("tracks")
    assert loaded_by(*line.split()).isdisjoint(HEAVY - {"espeakng_loader"})


JSON = [
    "export ok.md --voice silent --json",
    "timeline ok.md --voice silent --json",
    "check ok.md --voice silent --json",
    "show ok.md --json",
    "tracks --json",
    "voices --json",
    "doctor --json",
    "schema",
]


@pytest.mark.parametrize("line", JSON)
def test_json_is_all_there_is(folder: Path, line: str) -> None:
    """Stdout parses, stderr is empty, also on a terminal, with colour and a progress bar there."""
    done = voiceguide(*line.split(), at=folder)
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)
    code, sent = on_terminal("--color", "always", *line.split(), *["--force"] * ("export" in line),
                             at=folder)  # fmt: skip
    assert code == 0
    assert json.loads(sent) and ESCAPE not in sent


def test_a_track_that_is_named_twice(folder: Path) -> None:
    """It is exported once."""
    args = ("export", "ok.md", "ok.md", "--voice", "silent", "-o", "new/")
    assert [line.split()[0] for line in works(*args, at=folder).splitlines()] == ["new/ok.mp3"]


def test_timeline_as_json_has_the_shape_that_is_promised(folder: Path) -> None:
    """Keys, lanes and seconds as decimals; lines point into the script."""
    args = ("timeline", "ok.md", "--voice", "silent", "--background", "rain", "--json")
    data = json.loads(works(*args, at=folder))
    schema = json.loads(works("schema", "timeline", at=folder))
    Draft202012Validator(schema).validate(data)
    assert data["version"] == 1
    assert data["duration"] == pytest.approx(data["frames"] / data["sample_rate"], abs=1e-6)
    assert {e["lane"] for e in data["events"]} == {
        "voice", "breath", "chime", "background", "interval",
    }  # fmt: skip
    lines = SCRIPT.splitlines()
    for event in data["events"]:
        assert {"lane", "start", "duration", "line", "chapter", "side"} <= event.keys()
        if event["lane"] == "voice" and "side" in event.get("text", ""):
            assert lines[event["line"] - 1] == "Rest on your {side} side."
            assert event["side"] in event["text"]
        if event["lane"] == "interval":
            assert event["label"] == "hold"
            assert lines[event["line"] - 1].startswith("- hold")


def test_a_day_is_the_longest_that_can_be_asked_for(tmp_path: Path) -> None:
    """1440 minutes can be had, and not one second more."""
    (tmp_path / "day.md").write_text("# T\n\nHi.\n\n- hold 10s-1440m\n")
    args = ("timeline", "day.md", "--voice", "silent", "--json")
    for length in (("--minutes", "1440"), ("--length", "1440m")):
        assert json.loads(works(*args, *length, at=tmp_path))["duration"] == 86_400
    for length in (("--minutes", "1440.01"), ("--length", "1440m1s")):
        assert voiceguide(*args, *length, at=tmp_path).code == 2


def test_check_as_json_gives_every_problem_its_place(folder: Path) -> None:
    """Of several files; the exit code is 1, stderr stays empty."""
    done = voiceguide("check", "ok.md", "bad.md", "--json", at=folder)
    assert (done.code, done.err) == (1, "")
    good, bad = json.loads(done.out)
    assert good["ok"] and good["problems"] == []
    assert good["length"]["shortest"] < good["length"]["usual"] < good["length"]["longest"]
    assert not bad["ok"] and bad["length"] is None
    assert [(p["line"], p["severity"]) for p in bad["problems"]] == [
        (2, "error"), (7, "error"), (11, "error"),
    ]  # fmt: skip
    assert all(p["code"] and p["message"] and p["file"] == "bad.md" for p in bad["problems"])


def test_check_for_people(folder: Path) -> None:
    """Line, mark, hint; a summary for each file, with the lengths where it is fine."""
    done = voiceguide("check", "bad.md", "ok.md", at=folder)
    assert (done.code, done.err) == (1, "")
    assert "  2 | lenght: 5m\n    | ^^^^^^\n" in done.out
    assert 'hint: did you mean "length"?' in done.out
    assert "bad.md: 3 errors\n" in done.out
    assert re.search(r"^ok\.md: fine; shortest \S+, usual \S+, longest \S+$", done.out, re.M)
    (folder / "fixed.md").write_text("# T\n\n## S\n\n- background rain\n- pause 5s\n")
    told = works("check", "fixed.md", at=folder)
    assert "softer than others" in told and told.endswith("always lasts 5.7s\n")
    gone = voiceguide("check", "gone.md", "ok.md", at=folder)
    assert gone.code == 2 and gone.out.startswith("ok.md: fine") and "gone.md" in gone.err


def test_tables_are_tabs_when_piped(tmp_path: Path) -> None:
    """So that `cut` and `awk` read them; no heading, no colour."""
    rows = [line.split("\t") for line in works("tracks", at=tmp_path).splitlines()]
    assert len({len(row) for row in rows}) == 1
    named = {row[0]: row for row in rows}
    assert named["piriformis"][1:3] == ["release", "piriformis"]
    chosen = works("tracks", "--muscle", "piri", "--kind", "release", at=tmp_path).splitlines()
    assert {line.split("\t")[0] for line in chosen} >= {"piriformis"}
    assert all(line.split("\t")[1] == "release" for line in chosen)
    loud = works("tracks", "--muscle", "PIRI", "--kind", "Release", at=tmp_path).splitlines()
    assert loud == chosen
    voices = [line.split("\t") for line in works("voices", at=tmp_path).splitlines()]
    assert ["natural:heart", "en-US", "Apache-2.0", "yes"] in [row[:4] for row in voices]


@pytest.mark.parametrize("columns", [80, 50, 40])
@pytest.mark.parametrize(
    "line", ["tracks", "voices --language en", "show piriformis", "check bad.md", "timeline ok.md",
             "export piriformis --minutes 2"],
)  # fmt: skip
def test_terminals_of_any_width(folder: Path, line: str, columns: int) -> None:
    """No line is longer, no name of a track or voice is cut, no word of a sentence either."""
    code, sent = on_terminal(*line.split(), at=folder, columns=columns)
    assert code == {"check": 1, "export": 1}.get(line.split()[0], 0)
    # A progress bar draws itself away; what stays is what comes after.
    stays = re.split(r"\x1b\[2K", sent)[-1]
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", stays)
    # A path is left whole, to be copied.
    assert all(len(row) <= columns or len(row.split()) == 1 for row in plain.splitlines())
    if line == "tracks":
        assert re.search(r"^gluteus-maximus-two-balls ", plain, re.M)
        words = set(works("tracks", at=folder).split())
        # Lines of their own name the muscles.
        heads = {m.name.capitalize() for m in catalogue.muscles().values()} | {"For the whole body"}
        lines = [line for line in plain.splitlines() if line.strip() not in heads]
        said = {word for line in lines for word in line.split()}
        assert said - {"track", "kind", "tools", "usual", "what", "it", "is"} <= words
    if line.startswith("voices"):
        assert re.search(r"^pyttsx3:en-gb-scotland ", plain, re.M)
    if line.startswith("show"):
        # The drawing of the body, and the two lines below it, are for a terminal alone.
        drawing = re.search(r"(?m)^.*[\u2800-\u28ff](?s:.*)[\u2800-\u28ff].*\n", plain)
        assert drawing and "where it is felt" in drawing[0]
        words = set(works("show", "piriformis", at=folder).split())
        assert set(plain.replace(drawing[0], "").split()) <= words


def test_doctor_on_a_narrow_terminal(tmp_path: Path) -> None:
    """Sentences are cut between words; a path that is too long is left whole, to be copied."""
    code, sent = on_terminal("doctor", at=tmp_path, columns=50)
    assert code == 0
    for line in re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", sent).splitlines():
        assert len(line) <= 50 or len(line.split()) == 1, line


def test_progress_only_on_a_terminal(folder: Path) -> None:
    """A bar that goes again; nothing of it when stderr is a pipe."""
    args = ("export", "ok.md", "--voice", "silent", "--minutes", "2", "--force")
    code, sent = on_terminal(*args, at=folder)
    assert code == 0
    assert "writing" in sent and "%" in sent and ESCAPE in sent
    assert sent.rstrip().splitlines()[-1].endswith(" MB")
    done = voiceguide(*args, at=folder)
    assert (done.code, done.err) == (0, "")
    assert re.fullmatch(r"ok\.mp3  2:00  \d+\.\d MB\n", done.out)


COLOURED = ["check bad.md", "export gone", "export ok.md --minutes 0", "show ok.md"]


@pytest.mark.parametrize("line", COLOURED)
def test_colour(folder: Path, line: str) -> None:
    """On a terminal, not in a pipe; NO_COLOR takes it away, and --color decides above all."""
    words = line.split()
    plain = environment(NO_COLOR="1")

    def coloured(sent: str) -> bool:
        return re.search(r"\x1b\[[0-9;]*[1-9][0-9;]*m", sent) is not None

    def piped(*args: str, env: dict[str, str] | None = None) -> bool:
        done = voiceguide(*args, at=folder, env=env)
        return coloured(done.out + done.err)

    assert coloured(on_terminal(*words, at=folder)[1])
    assert not coloured(on_terminal(*words, at=folder, env=plain)[1])
    assert not coloured(on_terminal("--color", "never", *words, at=folder)[1])
    assert coloured(on_terminal("--color", "always", *words, at=folder, env=plain)[1])
    assert not piped(*words)
    assert piped("--color", "always", *words)
    assert piped("--color", "always", *words, env=plain)
    # It may also stand behind the command, where most options stand.
    assert piped(*words, "--color", "always", env=plain)
    assert not coloured(on_terminal("--color", "always", *words, "--color", "never", at=folder)[1])


@pytest.mark.parametrize("streams", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed(folder: Path, streams: str) -> None:
    """Nothing is read from them or written to them, and nothing fails for it."""
    line = f'exec "$@" {streams}'
    for words, code in ((("tracks",), 0), (("find",), 2)):
        done = subprocess.run(
            ["/bin/sh", "-c", line, "sh", *COMMAND, *words], cwd=folder, env=environment(),
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == code
        assert "Traceback" not in done.stderr and "unforeseen" not in done.stderr


def test_a_stdout_without_room(folder: Path) -> None:
    """One sentence, as where a disk is full."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, "tracks"], cwd=folder, env=environment(), stdin=subprocess.DEVNULL,
            stdout=full, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
    assert done.returncode == 1
    assert re.fullmatch(r"Error: there is no room left [^\n]*\n", done.stderr)


@pytest.mark.parametrize("locale", ["C", "POSIX", "C.UTF-8", "xx_YY.nonsense"])
def test_any_locale(folder: Path, locale: str) -> None:
    """Titles, names and sentences that are not English come through."""
    (folder / "grüße.md").write_text("# Grüße – 日本\n\nHällo.\n", "utf-8")
    env = environment(LC_ALL=locale, LANG=locale)
    args = ("grüße.md", "--voice", "silent")
    assert works("export", *args, at=folder, env=env).startswith("grüße.mp3")
    data = json.loads(works("timeline", *args, "--json", at=folder, env=env))
    assert data["chapters"][0]["title"] == "Grüße – 日本"
    assert "Hällo." in works("timeline", *args, at=folder, env=env)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_stdout_that_cannot_say_it_all(folder: Path, encoding: str) -> None:
    """JSON is escaped; in text question marks stand for what is missing, and nothing fails."""
    (folder / "b.md").write_text("# One – two\n\nHello 日本.\n\n- hold 4\n", "utf-8")
    (folder / "c.md").write_text("# One – two\n\nHello 日本.\n", "utf-8")
    env = environment(PYTHONIOENCODING=encoding)
    done = voiceguide("check", "b.md", at=folder, env=env)
    assert done.code == 1 and "- hold 4" in done.out
    args = ("timeline", "c.md", "--voice", "silent")
    data = json.loads(works(*args, "--json", at=folder, env=env))
    assert data["events"][0]["text"] == "Hello 日本."
    assert re.search(r"Hello (\?\?|日本)\.", works(*args, at=folder, env=env))


def test_a_home_that_is_not_there(folder: Path) -> None:
    """Clips are then kept in memory, which is said once; the rest works."""
    env = environment(
        HOME="/proc/nowhere", VOICEGUIDE_CACHE=None, VOICEGUIDE_HOME=None, XDG_CACHE_HOME=None,
        XDG_DATA_HOME=None,
    )  # fmt: skip
    done = voiceguide("export", "ok.md", "--voice", "silent", at=folder, env=env)
    assert done.code == 0 and done.out.startswith("ok.mp3")
    assert done.err.count("clips cannot be kept") == 1
    assert works("tracks", at=folder, env=env)
    health = voiceguide("doctor", at=folder, env=env)
    assert health.code == 0 and "VOICEGUIDE_CACHE" in health.out


@pytest.mark.parametrize("command", ["export ok.md --voice silent", "tracks", "voices", "doctor"])
def test_nobody_has_no_home_at_all(folder: Path, command: str) -> None:
    """A user whom the system does not know, without HOME: no folder named `~` is made."""
    code = (
        "import os, pwd, sys\n"
        "def unknown(*_): raise KeyError\n"
        "pwd.getpwuid = unknown; os.environ.pop('HOME')\n"
        "from voiceguide.cli import run; sys.exit(run(sys.argv[1:]))"
    )
    unset = dict.fromkeys(
        ("VOICEGUIDE_CACHE", "VOICEGUIDE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "HIBARI_HOME")
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *command.split()], cwd=folder, env=environment(**unset),
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert set(listing(folder)) <= {"ok.md", "bad.md", "ok.mp3"}
    if command == "voices":
        assert re.search(r"^natural:heart\t.*\tyes\t", done.stdout, re.M)


def test_a_cache_that_can_only_be_read(folder: Path) -> None:
    """Clips come from it; what it lacks is spoken anew each time, which is said once."""
    cache = folder / "cache"
    env = environment(VOICEGUIDE_CACHE=str(cache))
    args = ["export", "ok.md", "--voice", "silent", "--force"]
    works(*args, at=folder, env=env)
    first = (folder / "ok.mp3").read_bytes()
    entries = listing(cache)
    cache.chmod(0o555)

    def again() -> str:
        done = subprocess.run(
            [*powerless(), *COMMAND, *args], cwd=folder, env=env, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        assert (folder / "ok.mp3").read_bytes() == first
        return done.stderr

    assert again() == ""
    assert listing(cache) == entries
    cache.chmod(0o755)
    next(cache.glob("*.clip")).unlink()
    kept = listing(cache)
    cache.chmod(0o555)
    assert again().count("clips cannot be kept") == 1
    cache.chmod(0o755)
    assert listing(cache) == kept


def test_a_reader_that_goes_away(tmp_path: Path) -> None:
    """`voiceguide tracks | head -n 1` ends without a word."""
    done = subprocess.run(
        ["sh", "-c", f"{' '.join(COMMAND)} timeline piriformis --voice silent | head -n 1"],
        cwd=tmp_path, env=environment(), capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


def test_completion_knows_commands_options_and_tracks(tmp_path: Path) -> None:
    """The scripts are printed; asked as bash asks, they complete."""
    for shell in ("bash", "zsh", "fish"):
        assert "_VOICEGUIDE_COMPLETE" in works("completion", shell, at=tmp_path)

    def complete(words: str) -> list[str]:
        count = len(words.split()) - (not words.endswith(" "))
        env = environment(
            _VOICEGUIDE_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(count)
        )
        script = Path(sys.executable).with_name("voiceguide")
        done = subprocess.run([script], env=env, cwd=tmp_path, capture_output=True, text=True)
        assert done.stderr == ""
        return [line.split(",")[1] for line in done.stdout.split()]

    assert "export" in complete("voiceguide ex")
    assert complete("voiceguide export piriformis-f") == ["piriformis-find", "piriformis-floor"]
    assert "--minutes" in complete("voiceguide export --m")
    assert complete("voiceguide export --side l") == ["left"]
    assert complete("voiceguide export --format fl") == ["flac"]
    assert complete("voiceguide map --muscle pir") == ["piriformis"]
    assert complete("voiceguide tracks --kind str") == ["stretch"]
    assert complete("voiceguide find --pain low") == ["lower-back"]
    assert complete("voiceguide find --worse w") == ["walking"]
    assert complete("voiceguide log --add piriformis-f") == ["piriformis-find", "piriformis-floor"]
    assert complete("voiceguide exprot piri") == []


def test_doctor_names_what_mends(tmp_path: Path) -> None:
    """Without ffmpeg on the path the formats that need it are not there, and it is said why."""
    fine = voiceguide("doctor", at=tmp_path)
    assert fine.code == 0 and "ok  voice natural" in fine.out and "ok  format mp3" in fine.out
    bare = voiceguide("doctor", "--json", at=tmp_path, env=environment(PATH="/nowhere"))
    assert bare.code == 0
    findings = {finding["name"]: finding for finding in json.loads(bare.out)}
    assert findings["format m4b"]["works"] is None and "ffmpeg" in findings["format m4b"]["fix"]
    assert findings["format mp3"]["works"] and findings["library"]["works"]
    done = voiceguide("export", "piriformis", "-o", "a.m4b", at=tmp_path,
                      env=environment(PATH="/nowhere"))  # fmt: skip
    assert done.code == 2 and "ffmpeg" in done.err and not (tmp_path / "a.m4b").exists()


def test_a_listeners_own_scripts(tmp_path: Path) -> None:
    """Doctor tells a mistake with its place and what shows more; the list says whose they are."""
    own = tmp_path / "home" / "scripts"
    own.mkdir(parents=True)
    (own / "mine.md").write_text("# Mine\n\nHello.\n\n- hodl 40s\n", "utf-8")
    env = environment(VOICEGUIDE_HOME=str(tmp_path / "home"))
    done = voiceguide("doctor", "--json", at=tmp_path, env=env)
    assert done.code == 0
    (found,) = (f for f in json.loads(done.out) if f["name"] == "library")
    assert found["works"] is None and "mine.md:5:3" in found["detail"]
    assert found["fix"] == f'voiceguide check "{own / "mine.md"}"'
    (own / "mine.md").write_text("# Mine\n\nHello.\n", "utf-8")
    assert "ok  library: " in works("doctor", at=tmp_path, env=env)
    rows = [row.split("\t") for row in works("tracks", at=tmp_path, env=env).splitlines()]
    assert [row[-1] for row in rows if row[0] == "mine"] == ["Mine (yours)"]


def test_both_ends_of_the_reach_can_be_asked_for(tmp_path: Path) -> None:
    """As `check` and `show` print them: rounded inwards, to lengths that `export` accepts."""
    (tmp_path / "a.md").write_text("# T\n\nHello there.\n\n- hold 20.33-40.77s\n", "utf-8")
    voice = ("--voice", "silent")
    printed = works("check", "a.md", *voice, at=tmp_path)
    shortest, longest = re.findall(r"(?:shortest|longest) (\S+?)(?:,|$)", printed, re.M)
    for length in (shortest, longest):
        works("export", "a.md", *voice, "--force", "--length", length, at=tmp_path)
    shown = works("show", "piriformis", at=tmp_path)
    assert re.search(r"^Length: \S+; from \S+ to \S+ with --length$", shown, re.M)
    assert reach_texts(10.04, 10.12, 10.14) == ("10.1s", "10.1s", "10.1s")
    assert reach_texts(10.04, 10.05, 10.06)[::2] == ("10s", "10.1s")
    assert reach_texts(10.1, 10.1, 10.1) == ("10.1s",) * 3
    assert reach_texts(10.02, 15.0, 20.08) == ("10.1s", "15s", "20s")
    assert reach_texts(10.02, 20.08, 20.08) == ("10.1s", "20s", "20s")
    assert reach_texts(10.02, 10.02, 20.08) == ("10.1s", "10.1s", "20s")
    # What is a tenth but for the noise of its arithmetic stays that tenth.
    assert reach_texts(0.1 + 0.2, 1.0, 1.3 - 0.1)[::2] == ("0.3s", "1.2s")
    assert reach_texts(0.1, 0.1, 0.3 - 0.1)[::2] == ("0.1s", "0.2s")


def test_show_tells_what_a_listener_must_know(tmp_path: Path) -> None:
    """Cautions, steps, lengths and tools, as text and as JSON."""
    text = works("show", "piriformis", at=tmp_path)
    data = json.loads(works("show", "piriformis", "--json", at=tmp_path))
    assert data["title"] in text and "not medical advice" in text
    assert all(caution["text"] in text for caution in data["cautions"])
    assert all(step["title"] in text for step in data["steps"])
    lengths = data["length"]
    assert lengths["shortest"] < lengths["usual"] < lengths["longest"]
    assert data["tools"] and all(tool in text for tool in data["tools"])


def test_terminal_escapes_in_a_script_stay_out_of_the_terminal(folder: Path) -> None:
    """In titles, sentences and problems, whatever command shows them."""
    (folder / "evil.md").write_bytes(
        b"# T\xc2\x9b31m\n\nHi \xe2\x80\xae there.\n\n## S\n\n- hold 4s\n"
    )
    (folder / "worse.md").write_bytes(b"# T\x1b]0;gone\x07\n\nHi [\x1b[2Jx].\n")
    for command in ("timeline", "show", "check", "export"):
        for name in ("evil.md", "worse.md"):
            done = voiceguide(
                command, name, *["--voice", "silent"] * (command != "show"), at=folder
            )
            for sign in ("\x1b", "\x9b", "\x07", "\u202e"):
                assert sign not in done.out + done.err, (command, name)


def test_a_bed_of_ones_own(folder: Path) -> None:
    """--background takes a built-in name or the path of any file, and says what it lacks."""
    sound = data_folder("sounds") / "rain.flac"
    for name in ("sea", str(sound), "own.flac"):
        (folder / "own.flac").write_bytes(sound.read_bytes())
        events = json.loads(
            works("timeline", "ok.md", "--voice", "silent", "--background", name, "--json",
                  at=folder)
        )["events"]  # fmt: skip
        beds = [e["sound"] for e in events if e["lane"] == "background"]
        assert beds == [Path(name).name]
    done = voiceguide(
        "timeline", "ok.md", "--voice", "silent", "--background", "no/such.flac", at=folder
    )
    assert done.code == 2 and "no/such.flac" in done.err and "\n" not in done.err.strip()


def test_the_commands_of_another_door(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are listed, run and asked back for beside the command line's own."""
    (tmp_path / "other_door.py").write_text(
        "import click\n@click.command('wave')\ndef command() -> int:\n    click.echo('Hello.')\n"
        "    return 3\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    table = {**SECTIONS, "More": {"wave": ("other_door", "Say hello.")}}
    assert run(["wave"], table) == 3 and capsys.readouterr().out == "Hello.\n"
    assert run(["wav"], table) == 2 and 'did you mean "wave"' in capsys.readouterr().err
    run(["--help"], table)
    assert re.search(r"More:\n  wave +Say hello\.", capsys.readouterr().out)
    assert run(["wave"]) == 2 and 'there is no command "wave"' in capsys.readouterr().err


def test_interrupted_while_it_loads(tmp_path: Path) -> None:
    """Ctrl-C before the commands are there: as any program that is interrupted, and in silence."""
    words = [sys.executable, "-X", "importtime", "-m", "voiceguide", "tracks"]
    child = subprocess.Popen(
        words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert child.stderr is not None
    for line in child.stderr:
        if line.rstrip().endswith("click.utils"):  # halfway through what the commands need
            child.send_signal(signal.SIGINT)
            break
    out, err = child.communicate(timeout=60)
    assert child.returncode in (130, -signal.SIGINT), err
    assert out == "" and "Traceback" not in err and "KeyboardInterrupt" not in err
