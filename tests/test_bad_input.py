"""Whatever is given to the command line: one sentence, the right exit code, nothing left behind."""

from __future__ import annotations

import os
import re
import resource
import shlex
import subprocess
from pathlib import Path

import pytest
from cli_support import (
    COMMAND,
    SCRIPT,
    environment,
    listing,
    namespace,
    powerless,
    refused,
    voiceguide,
    works,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a script."""
    place = tmp_path / "place"
    place.mkdir()
    (place / "ok.md").write_text(SCRIPT)
    return place


def check_refused(folder: Path, words: list[str], code: int, *parts: str) -> str:
    """The sentence of a command that is refused and leaves the folder as it was."""
    before = listing(folder)
    said = refused(voiceguide(*words, at=folder), code, *parts)
    assert listing(folder) == before
    return said


FILES = {
    "missing": ("gone.md", None, 2, 'there is no file "gone.md"'),
    "missing folder": ("no/such/gone.md", None, 2, 'there is no file "no/such/gone.md"'),
    "binary": ("noise.md", bytes(range(256)) * 12, 1, "error[not-text]"),
    "binary without a suffix": ("./noise", b"\x7fELF\0\0\0\1", 1, "error[not-text]"),
    "empty": ("empty.md", b"", 1, "error[no-title]"),
    "blank": ("blank.md", b" \n\n\t\n", 1, "error["),
    "5 MB": ("big.md", b"# T\n\n" + b"Word word. " * 500_000, 1, "error[script-too-large]"),
    "bad UTF-8": ("bad.md", b"# T\n\nHello \xff there.\n", 1, "error[not-utf-8]"),
    "UTF-16": ("wide.md", "# T\n\nHello.\n".encode("utf-16"), 1, "error["),
    "no script": ("page.md", b"| a | b |\n|---|---|\n", 1, "error["),
}


@pytest.mark.parametrize("case", FILES)
def test_files_that_are_no_scripts(folder: Path, case: str) -> None:
    """Export says what the file is instead, with its name."""
    name, content, code, said = FILES[case]
    if content is not None:
        (folder / name).write_bytes(content)
    check_refused(folder, ["export", name, "-o", "out.mp3"], code, said, Path(name).name)


@pytest.mark.parametrize("command", ["export", "timeline", "show", "check"])
def test_folders_as_scripts(folder: Path, command: str) -> None:
    """A folder is called one, whether or not its name looks like a script's."""
    for name in ("inner", "inner.md"):
        (folder / name).mkdir()
        check_refused(folder, [command, name], 2, f'"{name}" is a folder')


@pytest.mark.parametrize("command", ["export", "timeline", "show", "check"])
def test_unknown_track_asks_back(folder: Path, command: str) -> None:
    """A near name is offered, and where none is near the command that lists them."""
    check_refused(folder, [command, "piriformus"], 2, 'did you mean "piriformis"')
    check_refused(folder, [command, "qqqq"], 2, "voiceguide tracks lists them")


def test_names_without_end(folder: Path) -> None:
    """A name that no file can have is not there; one with a script's suffix cannot be read."""
    check_refused(folder, ["export", "x" * 5000], 2, "there is no track")
    check_refused(folder, ["check", "x" * 5000 + ".md"], 2, "cannot be read")


def test_names_that_steer_a_terminal_or_are_no_text(folder: Path) -> None:
    """Control characters and bytes that are no text are shown as what they are not."""
    said = check_refused(folder, ["export", "a\x1b[31mb\nError: c.md"], 2, "there is no file")
    assert "\x1b" not in said
    done = voiceguide("check", b"\xff\xfe.md", at=folder)
    refused(done, 2, "there is no file")


USAGE = {
    "export": "which track?",
    "export ''": "which track?",
    "export ok.md --all": "not both",
    "export ok.md --minutes 10 --length 5m": "--minutes and --length",
    "export piriformis --side left --sore right": "(--side, --sore)",
    "export piriformis --side left --start right": "(--side, --start)",
    "export piriformis --start left --sore right": "(--sore, --start)",
    "export piriformis hamstrings -o both.mp3": '"both.mp3" is one file',
    "export ok.md ./ok.md": "export them one by one",
    "export ok.md -o out.mp3 --format wav": "give one of them",
    "export ok.md -o out.mp33": 'did you mean "mp3"?',
    "export ok.md -o out": "no suffix",
    "export ok.md -o ''": "-o needs the name of a file or a folder",
    "export ok.md --format mp33": 'did you mean "mp3"?',
    "export piriformis --tool hammer": "it has tennis ball",
    "export ok.md --tool hammer": "--tool",
    "export ok.md --voice natrual": 'did you mean "natural"?',
    "export ok.md --voice natural:hart": 'did you mean "heart"?',
    "export ok.md --voice pyttsx3:zz-zz": '"zz-zz"',
    "export ok.md --voice natural:gone.onnx": "is not here",
    "export ok.md --voice natural:~nobody-of-that-name/x.onnx": "is not here",
    "export ok.md --background rian": 'did you mean "rain"?',
    "export ok.md --background gone.wav": "gone.wav",
    "export ok.md --background ../x.wav": "no sound file",
    "export ok.md --background ~nobody-of-that-name": "~nobody-of-that-name",
    f"export ok.md --background {'x' * 300}": "there is no background",
    f"export ok.md --background ./{'x' * 300}/y.wav": "no sound file",
    f"export ok.md --background {'x' * 301}": "at most 300 characters",
    "export ok.md --speed 3": "from 0.5 to 2",
    "export ok.md --speed nan": "from 0.5 to 2",
    "export ok.md --speed fast": "is not a number",
    "export ok.md --minutes ten": "is not a number",
    "export ok.md --minutes 0": "more than 0 and at most 1440",
    "export ok.md --minutes -3": "more than 0 and at most 1440",
    "export ok.md --minutes nan": "more than 0 and at most 1440",
    "export ok.md --minutes inf": "more than 0 and at most 1440",
    "export ok.md --minutes 2000": "more than 0 and at most 1440",
    "export ok.md --length 5": "write 5s for seconds or 5m for minutes",
    "export ok.md --length 0s": "a session of no time",
    "export ok.md --length 1500m": "24 hours",
    "export ok.md --bitrate 100": "choose one of 32, 40",
    "export ok.md --bitrate -1": "choose one of 32, 40",
    "export ok.md --bitrate much": "much",
    "export ok.md --bitrate 64 -o out.wav": "WAV has no bitrate: that is for MP3, M4A and M4B (--bitrate)",
    "export ok.md --transcript vt": 'did you mean "vtt"?',
    "export ok.md --side lft": 'did you mean "left"?',
    "export ok.md --sidee left": 'there is no option "--sidee": did you mean --side?',
    "export ok.md --qqq": "voiceguide export --help lists them",
    "export ok.md --side up": '--side: "up" is not one of both, left, right',
    "export ok.md --side": "--side needs a value",
    "export ok.md --json=3": "--json takes no value",
    "export ok.md --bitrate 1.5": '--bitrate: "1.5" is not a whole number',
    "play ok.md --volume 200": "--volume: 200 is out of range: from 0 to 130",
    "play": "which track? voiceguide tracks lists them",
    "play ' '": "which track?",
    "show ''": "which track?",
    "tracks --tool ball": "could be lacrosse ball or massage ball or tennis ball",
    "play slow breathing": 'did you mean "slow-breathing"?',
    "--json tracks": "come after it",
    "map hips": "did you mean --muscle hips?",
    "tracks hips": "did you mean --muscle hips?",
    "find 'lower back'": 'did you mean --pain "lower back"?',
    "log hips": "did you mean --add hips?",
    "doctor now": 'has no use for "now"',
    "today --minutes 0": "--minutes: 0 is out of range: from 1 to 180",
    "log --add hips --minutes nan": "out of range: from 0.1 to 1440",
    "export ok.md --pace slow": "gentle",
    "exprot ok.md": 'did you mean "export"?',
    "zzzz": "the commands are",
    "--color sometimes tracks": "always",
    "check": "voiceguide check needs FILE",
    "timeline": "which track?",
    "timeline ok.md ok.md": 'takes one track: "ok.md" is too much',
    "tracks --muscle liver": "there are piriformis",
    "tracks --kind zzz": "there are breathing",
    "tracks --tool hammer": "there are",
    "completion": "needs {bash|zsh|fish}",
    "completion tcsh": "is not one of bash, zsh, fish",
}


@pytest.mark.parametrize("line", USAGE)
def test_wrong_usage(folder: Path, line: str) -> None:
    """Exit code 2, before any work."""
    check_refused(folder, shlex.split(line), 2, USAGE[line])


def test_length_out_of_reach_names_the_range(folder: Path) -> None:
    """Both ends of the range that the message names can be had."""
    sentence = check_refused(
        folder, ["export", "ok.md", "--minutes", "60", "--voice", "silent"], 1, "cannot be"
    )
    told, _, hint = sentence.partition("; try ")
    shortest, longest = told.rsplit("from ", 1)[1].split(" to ")
    lengths = [("--length", shortest), ("--length", longest)]
    if hint:
        lengths.append(tuple(hint.split(",")[0].split()))
    for length in lengths:
        assert works("timeline", "ok.md", *length, "--voice", "silent", at=folder)
    check_refused(
        folder, ["export", "ok.md", "--length", "2s", "--voice", "silent"], 1, shortest, longest
    )


def test_a_length_out_of_reach_names_whole_minutes(folder: Path) -> None:
    """What to give instead, nearest first, and it works."""
    asked = ["timeline", "piriformis", "--voice", "silent", "--minutes"]
    sentence = check_refused(folder, [*asked, "3"], 1, "; try --minutes")
    minutes = re.findall("[0-9]+", sentence.partition("--minutes ")[2])
    assert len(minutes) == 2
    for number in minutes:
        assert works(*asked, number, at=folder)


def test_targets_that_cannot_be_written(folder: Path) -> None:
    """Each says why; a folder that is not there is not made for a single file."""
    check_refused(folder, ["export", "ok.md", "-o", "no/out.mp3"], 1, "no such folder")
    check_refused(folder, ["export", "ok.md", "-o", "ok.md/out.mp3"], 1, "no such folder")
    check_refused(folder, ["export", "ok.md", "-o", f"{'x' * 300}.mp3"], 1, "too long")
    (folder / "dir.mp3").mkdir()
    (folder / "dir.mp3" / "ok.mp3").write_bytes(b"old")
    check_refused(folder, ["export", "ok.md", "-o", "dir.mp3"], 2, "--force replaces it")
    os.mkfifo(folder / "pipe.mp3")
    done = voiceguide("export", "ok.md", "-o", "pipe.mp3", "--force", at=folder)
    refused(done, 2, "not an ordinary file")


def test_what_is_there_stays_without_force(folder: Path) -> None:
    """The sound and its transcript; with --force both are replaced."""
    args = ["export", "ok.md", "--voice", "silent", "--transcript", "vtt"]
    (folder / "ok.vtt").write_text("mine")
    check_refused(folder, args, 2, '"ok.vtt" is already there; --force replaces it')
    (folder / "ok.mp3").write_text("mine too")
    check_refused(folder, args, 2, '"ok.mp3" is already there; --force replaces it')
    said = works(*args, "--force", at=folder).splitlines()
    assert said[0].startswith("ok.mp3  1:25") and said[1:] == ["ok.vtt"]
    assert (folder / "ok.mp3").read_bytes().startswith(b"ID3")
    assert (folder / "ok.vtt").read_text().startswith("WEBVTT")


def test_several_into_a_folder(folder: Path) -> None:
    """Each failure is told; a folder that was made for sessions that all failed goes again."""
    check_refused(folder, ["export", "gone.md", "-o", "new/"], 2, 'there is no file "gone.md"')
    check_refused(folder, ["export", "ok.md", "-o", "ok.md/"], 1, "ok.md")
    before = listing(folder)
    done = voiceguide("export", "gone-a.md", "gone-b.md", "-o", "new", at=folder)
    assert (done.code, done.out) == (1, "")
    assert [line.split(": ")[:2] for line in done.err.splitlines()] == [
        ["Error", "gone-a.md"], ["Error", "gone-b.md"],
    ]  # fmt: skip
    assert listing(folder) == before
    done = voiceguide("export", "gone.md", "ok.md", "--voice", "silent", "-o", "new", at=folder)
    assert done.code == 1 and done.out.startswith("new/ok.mp3")
    assert done.err.startswith("Error: gone.md: ")
    assert (folder / "new" / "ok.mp3").exists()


def test_an_unwritable_folder(folder: Path) -> None:
    """Said before a word is spoken."""
    locked = folder / "locked"
    locked.mkdir()
    locked.chmod(0o555)
    done = subprocess.run(
        [*powerless(), *COMMAND, "export", "ok.md", "-o", "locked/out.mp3"],
        cwd=folder, env=environment(), capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        'Error: cannot write "locked/out.mp3": '
        "writing there is not allowed; choose another with --output\n"
    )
    assert list(locked.iterdir()) == []


def test_a_script_that_may_not_be_read(folder: Path) -> None:
    """The system's reason stands in the sentence."""
    (folder / "ok.md").chmod(0)
    done = subprocess.run(
        [*powerless(), *COMMAND, "check", "ok.md"],
        cwd=folder, env=environment(), capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == 'Error: "ok.md" cannot be read: Permission denied\n'


IN_TMPFS = """
mount -t tmpfs -o size=$1 none "$2"; shift
cd "$1"; shift
printf old > out.mp3
"$@"
code=$?
echo "$code $(cat out.mp3 | head -c 9) $(ls -A | tr '\\n' ' ')"
"""


@pytest.mark.parametrize("name", ["out.mp3", "out.wav", "out.flac", "out.ogg", "out.opus"])
@pytest.mark.parametrize("kilobytes", [4, 64])
def test_a_full_disk(folder: Path, name: str, kilobytes: int) -> None:
    """At the first write and later: the old file stays, and nothing else does.

    The disk is a small one of the command's own; where none can be mounted, files are bounded.
    """
    words = [*COMMAND, "export", str(folder / "ok.md"), "--voice", "silent", "--minutes", "1.5",
             "-o", name, "--force"]  # fmt: skip
    small = namespace()
    disk = folder / "disk"
    disk.mkdir()
    if small:
        script = ["sh", "-c", IN_TMPFS, "sh", f"{kilobytes}k", str(disk)]
        done = subprocess.run(
            [*small, *script, *words], env=environment(), capture_output=True, text=True
        )
        code, *rest = done.stdout.split()
        assert rest == ["old", "out.mp3"]
        reason = "the disk is full; free some space or choose another folder"
    else:
        (disk / "out.mp3").write_text("old")

        def bound() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes << 10, kilobytes << 10))

        done = subprocess.run(
            words, env=environment(), cwd=disk, capture_output=True, text=True, preexec_fn=bound
        )
        code = str(done.returncode)
        assert listing(disk) == {"out.mp3": b"old"}
        reason = "the file would be larger than this system allows"
    assert code == "1"
    assert done.stderr == f'Error: cannot write "{name}": {reason}\n'
