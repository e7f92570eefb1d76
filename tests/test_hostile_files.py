"""What somebody else hands over: pipes, devices, links, names, marks that steer a terminal."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import soundfile
from cli_support import SCRIPT, environment, voiceguide
from click import unstyle
from needs import needs

from voiceguide.audio.container import examine
from voiceguide.audio.files import open_clip, probe
from voiceguide.cli.messages import format_problem
from voiceguide.errors import NotFoundError, ScriptError, SoundError, VoiceguideError
from voiceguide.library.environment import LibraryEnvironment, read_source
from voiceguide.library.finding import user_folder
from voiceguide.library.tracks import tracks
from voiceguide.practice import journal, safety
from voiceguide.practice.journal import FILE_NAME, Journal
from voiceguide.practice.listener import recall
from voiceguide.practice.places import left
from voiceguide.session import Request, compile, export  # noqa: A004
from voiceguide.session.exporting import tags
from voiceguide.sinks.transcript import write_transcript
from voiceguide.speech.cache import Cache, clip_key

BOUNDED = """
import resource, sys
from pathlib import Path
from voiceguide.errors import VoiceguideError
path = Path(sys.argv[1])
import voiceguide.practice.listener, voiceguide.library.catalogue, voiceguide.speech.render
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
{code}
"""


def bounded(code: str, path: Path, home: Path) -> str:
    """What some code prints in a process that may take 20 s and 2 GB; `path` is there in it."""
    done = subprocess.run(
        [sys.executable, "-c", BOUNDED.format(code=code), path],
        capture_output=True, text=True, timeout=20, env=environment(VOICEGUIDE_HOME=str(home)),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The listener's folder, with places for scripts and sounds."""
    for kind in ("scripts", "sounds"):
        (tmp_path / "home" / kind).mkdir(parents=True)
    monkeypatch.setenv("VOICEGUIDE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def ring(path: Path, seconds: float = 1) -> None:
    """A quiet sound."""
    soundfile.write(path, np.full((round(44_100 * seconds), 2), 0.1), 44_100, format="WAV")


# ----------------------------------------------------------------------- pipes, devices, links


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _zeros(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


def _folder(path: Path) -> None:
    path.mkdir()


def _memory(path: Path) -> None:
    path.symlink_to("/proc/self/mem")


def _sparse(path: Path) -> None:
    path.touch()
    os.truncate(path, 1 << 40)


STRANGE = [_pipe, _zeros, _loop, _folder, _memory, _sparse]

READERS = {
    "script": """
from voiceguide.library.environment import read_source
try: read_source(path)
except VoiceguideError as error: print("refused", error)
""",
    "sound": """
from voiceguide.audio.files import open_clip
try: open_clip(path)
except VoiceguideError as error: print("refused", error)
""",
    "catalogue": """
from voiceguide.library.catalogue import read
try: read(path)
except VoiceguideError as error: print("refused", error)
""",
    "answers": """
from voiceguide.practice.listener import recall
try: recall()
except VoiceguideError as error: print("refused", error)
""",
    "journal": """
from voiceguide.practice.journal import Journal
try: Journal(path)
except VoiceguideError as error: print("refused", error)
""",
}
NAMES = {"script": "a.md", "sound": "a.mp3", "catalogue": "c.toml", "answers": "listener.json",
         "journal": FILE_NAME}  # fmt: skip


@pytest.mark.parametrize("reader", READERS)
def test_what_is_no_ordinary_file(tmp_path: Path, reader: str) -> None:
    """Pipes, endless devices, loops of links, folders, memory and a hole of a terabyte: a sentence,
    in bounded time and memory. A journal may set the last two aside instead."""
    code = f"def attempt(path):\n{_indented(READERS[reader])}\n"
    code += "for folder in sorted(path.iterdir()):\n"
    code += "    import os; os.environ['VOICEGUIDE_HOME'] = str(folder); print(folder.name)\n"
    code += f"    attempt(folder / {NAMES[reader]!r})\n"
    for make in STRANGE:
        if reader == "journal" and make in (_memory, _sparse):
            continue
        folder = tmp_path / make.__name__
        folder.mkdir()
        make(folder / NAMES[reader])
    said = bounded(code, tmp_path, tmp_path).splitlines()
    assert said[::2] == sorted(p.name for p in tmp_path.iterdir())
    assert all(line.startswith("refused ") and NAMES[reader] in line for line in said[1::2]), said


def _indented(code: str) -> str:
    return "\n".join(f"    {line}" for line in code.strip().splitlines())


def test_places_and_clips_that_are_no_files(home: Path) -> None:
    """Passed over, without waiting, in a process that may not take long."""
    state, clips = home / "state", home / "clips"
    state.mkdir()
    clips.mkdir()
    key = clip_key("voice", 1, "Hello.")
    for number, make in enumerate(STRANGE):
        make(state / f"{number}-1-a.session.json")
    os.mkfifo(state / "safety.json")
    os.mkfifo(clips / f"{key.hex()}.clip")
    said = bounded(
        "from voiceguide.practice import safety\n"
        "from voiceguide.practice.places import left\n"
        "from voiceguide.speech.cache import Cache, clip_key\n"
        "print(left(), safety.needed() is None)\n"
        "key, cache = clip_key('voice', 1, 'Hello.'), Cache(path)\n"
        "print(cache.find(key), cache.load(key))",
        clips, home,
    )  # fmt: skip
    assert said.splitlines() == ["[] False", "None None"]


def test_a_library_full_of_traps(home: Path, tmp_path: Path) -> None:
    """Listed quickly with a warning each; names that steer a terminal are no tracks."""
    folder = home / "scripts"
    for number, make in enumerate(STRANGE):
        make(folder / f"trap-{number}.md")
    (folder / "all").symlink_to("/")
    bad = [
        "evil\x1b[31m",
        "two\nlines",
        "c1\x9b2j",
        "bidi\u202egpj",
        os.fsdecode(b"no-text\xff"),
        "-rf",
    ]
    for name in [*bad, "fine", "$(touch x)"]:
        (folder / f"{name}.md").write_text(SCRIPT)
    began = time.monotonic()
    own = [track.name for track in tracks() if track.origin == "own"]
    assert own == ["$(touch x)", "fine", *(f"trap-{n}" for n in range(len(STRANGE)))]
    done = voiceguide("tracks", at=tmp_path, env=environment(VOICEGUIDE_HOME=str(home)))
    assert done.code == 0 and done.err.count("Warning: ") == len(STRANGE)
    assert "\x1b" not in done.out + done.err and "evil" not in done.out
    assert time.monotonic() - began < 10


# ------------------------------------------------------------------------------------- names

OUTSIDE = [
    "../secret", "/etc/passwd", "~/secret", "~root/x", "a/../../secret", "..", "link/../../secret",
    "C:/secret", "C:secret", "\\\\server\\share", "..\\secret", "a.wav:stream", "file:///etc/passwd",
    "two\nlines", "esc\x1b[31m", "zero\0", "c1\x9b", "pipe|ls", "<in", "what?", "st*r", 'quo"te',
]  # fmt: skip
RESERVED = ["CON", "nul", "Aux.wav", "com1.md", "LPT9.txt", "COM\N{SUPERSCRIPT ONE}", "prn .x",
            "sub/nul.wav", "conin$", "x.", "x ", ".. /x", "a./b"]  # fmt: skip


@pytest.mark.parametrize("name", [*OUTSIDE, *RESERVED, "x" * 301, "x" * 5_000_000])
def test_names_that_lead_elsewhere(tmp_path: Path, home: Path, name: str) -> None:
    """Refused for sounds and scripts with a reason, whatever lies where they would lead."""
    folder = tmp_path / "scripts"
    folder.mkdir()
    (tmp_path / "secret.md").write_text(SCRIPT)
    ring(tmp_path / "secret.wav")
    around = LibraryEnvironment()
    reasons = r"absolute path|climbs out|cannot hold|device on Windows|space or a dot|at most 300"
    for ask in (
        lambda: around.script(name, folder),
        lambda: around.sound(name, "sound", folder),
        lambda: around.sound(name, "bed", None),
    ):
        with pytest.raises(NotFoundError, match=reasons) as caught:
            ask()
        assert len(str(caught.value)) < 500
    assert home.exists()


def test_names_like_those_that_are_fine(tmp_path: Path) -> None:
    """What only looks like a device or a way out is found."""
    for name in ("console.wav", "com10.wav", "nul-song.wav", "a..b.wav", ".hidden.wav"):
        ring(tmp_path / name)
        assert LibraryEnvironment(listing=True).sound(name, "sound", tmp_path).name == name


def test_links_that_lead_elsewhere(tmp_path: Path, home: Path) -> None:
    """A link in a script's folder counts as long as it stays in it."""
    folder, around = tmp_path / "theirs", LibraryEnvironment(listing=True)
    (folder / "in").mkdir(parents=True)
    (tmp_path / "secret.md").write_text(SCRIPT)
    ring(tmp_path / "secret.wav")
    ring(folder / "in" / "real.wav")
    (folder / "file.wav").symlink_to(tmp_path / "secret.wav")
    (folder / "file.md").symlink_to("../secret.md")
    (folder / "up").symlink_to("..")
    (folder / "fine.wav").symlink_to("in/real.wav")
    (folder / "twice.wav").symlink_to("file.wav")
    for name in ("file", "file.wav", "up/secret", "up/secret.wav", "twice.wav"):
        with pytest.raises(NotFoundError, match="there is no sound"):
            around.sound(name, "sound", folder)
    for name in ("file", "file.md", "up/secret"):
        with pytest.raises(NotFoundError, match="there is no script"):
            around.script(name, folder)
    assert around.sound("fine", "sound", folder).key.endswith("fine.wav")
    assert home.exists()


@pytest.mark.parametrize(
    "named", ["/dev/null", "/proc/1/nothing/x", "a\nb\x1b[31m", "~/there", "rel/ative"]
)
def test_odd_homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    """Nothing of the listener's is found there, and that is no error; `~` is the home."""
    monkeypatch.setenv("VOICEGUIDE_HOME", named)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert {track.origin for track in tracks()} == {"built-in"}
    assert recall() is None and journal.read().records == ()
    assert left() == [] and safety.needed() is not None
    assert user_folder("x") == (tmp_path / "there/x" if named[0] == "~" else Path(named, "x"))
    assert list(tmp_path.iterdir()) == []


def test_a_home_that_can_be_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that no folder can have is told of where something is to be kept there."""
    monkeypatch.setenv("VOICEGUIDE_HOME", "x" * 5000)
    assert {track.origin for track in tracks()} == {"built-in"}
    assert left() == [] and safety.needed() is not None
    for ask in (recall, journal.read):
        with pytest.raises(VoiceguideError, match="File name too long"):
            ask()


# --------------------------------------------------------------------------- words that are shown

TITLES = ["CON", "../../up", "a/b\\c", ".", "-rf", "x --> y", "\\<svg onload=x>", "\\[00:01.00\\] z",
          "%s %n $id", "\u05d0 right to left", "=1+1"]  # fmt: skip


@pytest.mark.parametrize("title", TITLES)
def test_titles_that_are_more_than_words(tmp_path: Path, title: str) -> None:
    """No file is named by one, and none adds a line or a time to the words beside the sound."""
    (tmp_path / "s.md").write_text(f"# {title}\n\nBreathe --> out.\n\n## {title}\n\nRest.\n")
    session = compile(Request(str(tmp_path / "s.md"), voice="silent"))
    export(session, tmp_path / "out.mp3", transcript="vtt")
    assert {p.name for p in tmp_path.iterdir()} == {"s.md", "out.mp3", "out.vtt"}
    words = [write_transcript(session.timeline, k, tags(session)) for k in ("vtt", "srt", "lrc")]
    assert (tmp_path / "out.vtt").read_text() == words[0]
    assert [text.count(" --> ") for text in words[:2]] == [2, 2]
    assert all(line[0] == "[" and line.count("[") == 1 for line in words[2].splitlines())


MARKS = ["&#27;[31m", "&#x9b;2J", "&#x202e;", "\x1b]0;x\a", "\x9b2J", "\u202e", "&#7;"]


@pytest.mark.parametrize("mark", MARKS)
def test_marks_that_steer_a_terminal(tmp_path: Path, mark: str) -> None:
    """Written out or as they are, in titles, steps and words: refused, and not repeated."""
    for text in (
        f"# a{mark}b\n\nHi.\n",
        f"# T\n\n## a{mark}b\n\nHi.\n",
        f"# T\n\nHi {mark} you.\n",
        f"# T\n\n- play {mark}\n",
    ):
        (tmp_path / "s.md").write_text(text)
        with pytest.raises(ScriptError) as caught:
            compile(Request(str(tmp_path / "s.md"), voice="silent"))
        assert "control-character" in {problem.code for problem in caught.value.problems}
        said = "".join(format_problem(problem) for problem in caught.value.problems)
        assert not any(sign in unstyle(said) for sign in "\x1b\x9b\u202e\u2028\a")


def test_a_line_separator_is_the_end_of_a_line(tmp_path: Path) -> None:
    """As a word processor leaves it; nothing of it comes into a title or a sentence."""
    (tmp_path / "s.md").write_text("# a\u2028b\n\nHi \u2028 you.\n")
    session = compile(Request(str(tmp_path / "s.md"), voice="silent"))
    said = [event.text or "" for event in session.timeline.lane("voice")]
    assert session.title == "a" and said == ["b", "Hi you."]


# ----------------------------------------------------------------------------- what is kept


def stored(folder: Path) -> tuple[Cache, bytes, Path]:
    """A folder with a clip in it."""
    kept, key = Cache(folder), clip_key("voice", 1, "Hello.")
    kept.store(key, np.arange(100, dtype=np.int16))
    return kept, key, kept.path(key)


def test_clips_of_other_users_are_not_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a folder that all may write to, only one's own clips are used; theirs is replaced."""
    tmp_path.chmod(0o777)
    _, key, path = stored(tmp_path)
    assert Cache(tmp_path).find(key) == 100
    if os.geteuid():
        monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    else:
        os.chown(path, 12_345, -1)
    assert Cache(tmp_path).find(key) is None and Cache(tmp_path).load(key) is None


def test_a_planted_link_is_neither_read_nor_written_through(tmp_path: Path) -> None:
    """A link in the place of a clip is replaced, and what it leads to stays."""
    _, key, path = stored(tmp_path / "clips")
    outside = tmp_path / "outside"
    path.rename(outside)
    path.symlink_to(outside)
    before = outside.read_bytes()
    fresh = Cache(tmp_path / "clips")
    assert fresh.find(key) is None and fresh.load(key) is None
    fresh.store(key, np.zeros(7, np.int16))
    assert outside.read_bytes() == before and not path.is_symlink() and fresh.find(key) == 7


def test_a_folder_that_holds_other_things(tmp_path: Path) -> None:
    """A cache in somebody's own folder removes nothing that it has not made."""
    others = ["mine.tmp", "song.clip", "new-.tmp.txt", f"{'g' * 64}.clip"]
    for name in others:
        (tmp_path / name).write_bytes(bytes(5_000))
        os.utime(tmp_path / name, (0, 0))
    (tmp_path / f"{'a' * 64}.clip").mkdir()
    left_behind = tmp_path / "new-abc123.tmp"
    left_behind.touch()
    os.utime(left_behind, (1, 1))
    Cache(tmp_path, limit=1_000).store(clip_key("v", 1, "a"), np.zeros(9_000, np.int16))
    assert all((tmp_path / name).exists() for name in others)
    assert not left_behind.exists()


def test_temporary_files_that_were_planted(tmp_path: Path) -> None:
    """An export into a folder of others follows none of their links and takes none of their names."""
    (tmp_path / "s.md").write_text("# T\n\nHello.\n")
    outside = tmp_path / "outside"
    outside.write_text("mine")
    folder = tmp_path / "shared"
    folder.mkdir()
    for number in range(3):
        (folder / f".out.mp3.0000000{number}.voiceguide-part").symlink_to(outside)
    os.mkfifo(folder / ".out.mp3.00000009.voiceguide-part")
    export(Request(str(tmp_path / "s.md"), voice="silent"), folder / "out.mp3")
    assert outside.read_text() == "mine" and (folder / "out.mp3").stat().st_size > 1_000


def _changed_journal(home: Path, statements: str) -> Path:
    """A journal of one session that somebody has changed."""
    path = home / FILE_NAME
    with Journal(path) as made:
        made.record(started=datetime(2026, 3, 2, 18, tzinfo=UTC), track="hips", seconds=60)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(statements)
    return path


def test_a_view_in_place_of_the_sessions(home: Path) -> None:
    """One without end: set aside, at once."""
    endless = "WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id FROM n) SELECT * FROM n"
    path = _changed_journal(home, f"DROP TABLE sessions; CREATE VIEW sessions AS {endless}")
    code = "from voiceguide.practice.journal import Journal\njournal = Journal(path)\n"
    said = bounded(code + "print(journal.note); print(journal.records())", path, home)
    assert "the journal was damaged" in said and said.endswith("()\n")


def test_a_journal_with_views_and_triggers_of_ones_own(home: Path) -> None:
    """They are no damage: they stay, they do what they are for, and the journal is read."""
    path = _changed_journal(
        home,
        "CREATE VIEW mine AS SELECT track FROM sessions; CREATE TABLE copies (track TEXT);"
        "CREATE TRIGGER copy AFTER INSERT ON sessions BEGIN INSERT INTO copies VALUES (new.track); END",
    )
    with Journal(path) as opened:
        opened.record(started=datetime(2026, 3, 3, 18, tzinfo=UTC), track="calves", seconds=60)
        assert [r.track for r in opened.records()] == ["hips", "calves"] and opened.note is None
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT * FROM copies").fetchall() == [("calves",)]
        assert len(connection.execute("SELECT * FROM mine").fetchall()) == 2


def test_a_trigger_without_end(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The write is given up in bounded time, with a sentence; what was there stays."""
    path = _changed_journal(
        home,
        "CREATE TRIGGER t AFTER INSERT ON sessions BEGIN DELETE FROM sessions WHERE id IN "
        "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT -i FROM n) SELECT i FROM n); END",
    )
    monkeypatch.setattr("voiceguide.practice.journal.WAIT", 0.3)
    with Journal(path) as opened:
        with pytest.raises(VoiceguideError, match="trigger"):
            opened.record(started=datetime(2026, 3, 3, 18, tzinfo=UTC), track="calves", seconds=60)
        assert [r.track for r in opened.records()] == ["hips"]


# ------------------------------------------------------------------------------------- sounds


def test_an_mp3_of_crumbs(tmp_path: Path) -> None:
    """Frames with stray bytes between them, which look like frames: given up on soon."""
    start = b"\xff\xf3\x18\xc4"
    frame, crumbs = start + bytes(32), (start + b"\0") * 700
    path = tmp_path / "crumbs.mp3"
    path.write_bytes((frame + frame + crumbs) * 3_000)
    began = time.process_time()
    with pytest.raises(SoundError, match="stray bytes in too many places"):
        examine(path)
    assert time.process_time() - began < 1


def test_a_sound_that_changes_meanwhile(tmp_path: Path) -> None:
    """Shorter than when the session was laid out: a sentence, and no file; longer: as laid out."""
    for seconds, whole in ((0.1, False), (90, True)):
        ring(tmp_path / "ring.wav", 3)
        (tmp_path / "s.md").write_text("# T\n\nHello.\n\n- play ring.wav\n\nBye.\n")
        session = compile(Request(str(tmp_path / "s.md"), voice="silent"))
        ring(tmp_path / "ring.wav", seconds)
        if whole:
            assert export(session, tmp_path / "out.mp3").frames == session.timeline.frames
        else:
            with pytest.raises(SoundError, match="changed meanwhile"):
                export(session, tmp_path / "out.mp3")
            assert {p.name for p in tmp_path.iterdir()} == {"s.md", "ring.wav"}


def test_a_script_that_changes_meanwhile(tmp_path: Path) -> None:
    """Gone, or another one, between two readings: a sentence, or a session of what was read."""
    path = tmp_path / "s.md"
    path.write_text("# T\n\nHello.\n")
    session = compile(Request(str(path), voice="silent"))
    path.write_bytes(b"\xff" * 100)
    assert export(session, tmp_path / "a.mp3").seconds > 0
    path.unlink()
    assert export(session, tmp_path / "b.mp3").seconds > 0
    with pytest.raises(NotFoundError, match="there is no file"):
        read_source(path)


@needs("ffmpeg")
def test_a_small_file_that_grows_without_end(tmp_path: Path) -> None:
    """Minutes of eight channels at 384 kHz in a few hundred kilobytes, for ffmpeg to unpack."""
    path = tmp_path / "bomb.wv"
    source = "anullsrc=r=384000:cl=7.1"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, "-t", "20", "-c:a", "wavpack", path],
        check=True,
    )
    code = "from voiceguide.audio.files import open_clip\nclip = open_clip(path)\n"
    code += "print(clip.frames, clip.channels)\n"
    # getrusage would count what the parent had before this process began.
    code += "status = open('/proc/self/status').read()\n"
    code += "print(int(status.split('VmHWM:')[1].split()[0]) // 1024)"
    frames, memory = bounded(code, path, tmp_path).splitlines()
    assert frames == f"{20 * 44_100} 2" and int(memory) < 200


def test_a_film_that_names_other_files(tmp_path: Path) -> None:
    """A list of addresses that calls itself something else is not followed."""
    secret = tmp_path / "secret.wav"
    ring(secret)
    path = tmp_path / "list.m4a"
    for text in (
        f"#EXTM3U\n#EXTINF:1,\nfile://{secret}\n",
        f"ffconcat version 1.0\nfile {secret}\n",
    ):
        for head in (b"", b"\0\0\0\x18ftypM4A ", b"#!AMR\n", b"MP+"):
            path.write_bytes(head + text.encode())
            try:
                clip = open_clip(path)
            except SoundError:
                continue
            # What follows may pass for a frame or two of a telephone's speech, never for more.
            assert clip.frames < probe(secret).frames // 10
