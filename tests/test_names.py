"""Names of tracks: whatever `tracks` prints opens, however it is typed; and the listener's folder."""

from __future__ import annotations

import json
import shutil
import time
import unicodedata
from pathlib import Path

import pytest
from cli_support import environment, voiceguide, works
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from voiceguide.errors import NotFoundError
from voiceguide.library import heads
from voiceguide.library.tracks import entries, find, linked_folders, open_track, plain, tracks
from voiceguide.practice.finder import suggestions

SCRIPT = "---\nmuscles: [hamstrings]\nkind: release\n---\n\n# {title}\n\nHello.\n\n- hold 20s\n"


@pytest.fixture
def scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The listener's own scripts: an empty folder."""
    monkeypatch.setenv("VOICEGUIDE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("VOICEGUIDE_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "home" / "scripts"
    folder.mkdir(parents=True)
    return folder


def _write(folder: Path, name: str, title: str = "Mine") -> Path:
    path = folder / f"{name}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(SCRIPT.format(title=title), encoding="utf-8")
    return path


_LETTERS = st.text(
    st.sampled_from("abcxyz019 _-.,'()&\u00fc\u00df\u00e9\u0301u\u0308\u03a9\u4e2d\u0130"),
    min_size=1,
    max_size=8,
)


@given(st.lists(_LETTERS, min_size=1, max_size=5))
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None
)
def test_every_name_that_is_listed_opens(scripts: Path, names: list[str]) -> None:
    """As it is printed, in capitals, with what stands between words written otherwise, composed
    or decomposed: that track, or a sentence that names several."""
    shutil.rmtree(scripts)
    scripts.mkdir()
    for name in names:
        name = name.strip(" .").lower()
        assume(name and name[0] not in "-.")
        _write(scripts, name)
    mine = [track for track in tracks() if track.origin == "own"]
    assert mine
    for track in mine:
        for form in ("NFC", "NFD"):
            assert find(unicodedata.normalize(form, track.ref)).path == track.path
        assert find(f" {track.ref} ").path == track.path
        _, opened = open_track(track.ref)
        assert opened == track
        # A name of nothing but signs has to be typed as it is.
        wordless = not any(sign.isalnum() for sign in track.name)
        for typed in (
            ()
            if wordless
            else (track.ref.upper(), track.ref.replace(" ", "_"), track.ref.replace("_", "-"))
        ):
            try:
                found = find(typed)
            except NotFoundError as error:
                assert "say which" in str(error) or "could be" in str(error)
            else:
                assert plain(found.name) == plain(track.name)
    assert len({track.ref for track in tracks()}) == len(tracks())
    assert len({track.file_name for track in mine}) == len(mine)


@pytest.mark.parametrize(
    ("file", "typed"),
    [
        ("my_session", "my session"),
        ("my session", "MY-SESSION"),
        ("fu\u00df", "fuss"),
        ("u\u0308bung", "\u00fcbung"),
        ("\u00fcbung", "u\u0308bung"),
    ],
)
def test_names_that_did_not_open(scripts: Path, tmp_path: Path, file: str, typed: str) -> None:
    """The commands take both what is printed and what a hand types."""
    _write(scripts, file)
    env = environment(VOICEGUIDE_HOME=str(scripts.parent))
    printed = works("tracks", "--muscle", "hamstrings", at=tmp_path, env=env)
    (name,) = [line.split("\t")[0] for line in printed.splitlines() if "(yours)" in line]
    for word in (name, typed, f"own/{name}"):
        assert '"Mine"' in works(
            "timeline", word, "--json", "--voice", "silent", at=tmp_path, env=env
        )
    works("log", "--add", typed, "--minutes", "5", at=tmp_path, env=env)


def test_titles_open_too(scripts: Path) -> None:
    """A title, where no name is like it and only one track has it."""
    _write(scripts, "one", "The long evening, in bed")
    assert find("the long evening, in bed").name == "one"
    assert find("Hips, at the wall").name == "hips"
    _write(scripts, "two", "The long evening, in bed")
    with pytest.raises(NotFoundError):
        find("The long evening, in bed")


def test_two_of_one_name(scripts: Path, tmp_path: Path) -> None:
    """In two folders: listed, opened, proposed and exported apart."""
    first, second = _write(scripts, "twice", "First"), _write(scripts, "a/twice", "Second")
    third = _write(scripts, "hips", "My hips")
    refs = {track.ref: track.path for track in tracks() if track.name in ("twice", "hips")}
    assert refs["own/twice"] == first and refs["own/a/twice"] == second
    assert refs["own/hips"] == third and "built-in/hips" in refs
    for ref, path in refs.items():
        assert find(ref).path == path
    with pytest.raises(NotFoundError, match=r"own/twice .* and own/a/twice .*"):
        find("twice")
    proposed = {each.name for each in suggestions("hamstrings", "left", None, entries())}
    assert {"own/twice", "own/a/twice"} <= proposed


def test_hidden_files_are_no_tracks(scripts: Path) -> None:
    """Nor what is in a hidden folder."""
    (scripts / "._mac.md").write_bytes(b"\x00\x05\x16\x07")
    (scripts / ".#emacs.md").write_text("x")
    _write(scripts, ".git/notes")
    assert [track for track in tracks() if track.origin == "own"] == []


@pytest.mark.parametrize("name", ["con", "aux.1", "a:b", "what?"])
def test_names_that_windows_refuses_are_told(scripts: Path, name: str) -> None:
    """In the list, before a file is made of them."""
    _write(scripts, name)
    (mine,) = (entry for entry in entries() if entry.track.origin == "own")
    assert mine.problem is not None and ("Windows" in mine.problem or "cannot hold" in mine.problem)


def test_linked_folders_are_told(scripts: Path, tmp_path: Path) -> None:
    """Their tracks are none, and `tracks` and `doctor` say so."""
    elsewhere = tmp_path / "elsewhere"
    _write(elsewhere, "other")
    (scripts / "linked").symlink_to(elsewhere)
    assert linked_folders() == (scripts / "linked",)
    env = environment(VOICEGUIDE_HOME=str(scripts.parent))
    done = voiceguide("tracks", at=tmp_path, env=env)
    assert done.code == 0 and "linked" in done.err and "is not looked into" in done.err
    found = json.loads(voiceguide("doctor", "--json", at=tmp_path, env=env).out)
    assert any("is not looked into" in finding["detail"] for finding in found)


# --------------------------------------------------------------------------- what is kept


def _own() -> dict[str, str | None]:
    return {e.track.name: e.problem for e in entries() if e.track.origin == "own"}


def test_what_is_kept_is_as_what_is_read(scripts: Path) -> None:
    """Titles, fields and lengths are the same, read anew or not."""
    for track in tracks():
        shutil.copy(track.path, scripts / f"my-{track.name}.md")
    keys = ("muscles", "tools", "kind", "position", "level", "summary", "length", "cautions")
    read = [[e.title, e.problem, *(getattr(e.front, k) for k in keys)] for e in entries()]
    assert (scripts.parent.parent / "cache" / heads.FILE_NAME).is_file()
    assert read == [[e.title, e.problem, *(getattr(e.front, k) for k in keys)] for e in entries()]


def test_a_change_is_seen(scripts: Path) -> None:
    """Of the script itself, of what it includes, and of the sounds there are."""
    _write(scripts, "mine", "Old")
    path = _write(scripts, "asks", "Asks")
    path.write_text(path.read_text() + "\n- include parts/extra\n- play waves.wav\n")
    assert "extra" in (_own()["asks"] or "")
    extra = scripts / "parts" / "extra.md"
    extra.parent.mkdir()
    extra.write_text("# Extra\n\nMore.\n")
    assert "waves" in (_own()["asks"] or "")
    sounds = scripts.parent / "sounds"
    sounds.mkdir()
    (sounds / "waves.wav").write_bytes(b"x")
    assert _own() == {"mine": None, "asks": None}
    extra.write_text("# Extra\n\n- holt 30s\n")
    assert "holt" in (_own()["asks"] or "")
    _write(scripts, "mine", "New")
    assert [e.title for e in entries() if e.track.name == "mine"] == ["New"]


@pytest.mark.parametrize("odd", ["", "[]", "{", '{"a": 1}', "null", "[" * 9999, "\x00"])
def test_a_damaged_store_is_none(scripts: Path, odd: str) -> None:
    """What is kept can be lost, or be anything, or be nowhere."""
    _write(scripts, "mine")
    entries()
    file = scripts.parent.parent / "cache" / heads.FILE_NAME
    data = json.loads(file.read_text())
    file.write_text(odd)
    assert _own() == {"mine": None}
    for value in (1, None, [], {"title": 3}, {**next(iter(data.values())), "tools": [1]}):
        file.write_text(json.dumps(dict.fromkeys(data, value)))
        assert _own() == {"mine": None}
    shutil.rmtree(file.parent)
    file.parent.write_text("no folder")
    assert _own() == {"mine": None}


def test_many_scripts_cost_little(scripts: Path) -> None:
    """Two hundred of one's own cost at most half a second of computing more, once they are known."""
    text = find("piriformis").path.read_text(encoding="utf-8")

    def cost() -> float:
        start = time.process_time()
        entries()
        return time.process_time() - start

    entries()
    alone = min(cost() for _ in range(3))
    for number in range(200):
        (scripts / f"mine-{number}.md").write_text(text.replace("# ", f"# {number} ", 1))
    entries()
    assert min(cost() for _ in range(3)) < alone + 0.5
    (kept,) = (scripts.parent.parent / "cache").iterdir()
    assert kept.name == heads.FILE_NAME
