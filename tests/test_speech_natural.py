"""The natural voice: on this machine, repeatable, downloading only what it is told to."""

from __future__ import annotations

import hashlib
import http.server
import importlib.metadata
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hibari import voices

from voiceguide.audio.shape import trim, voice_clip
from voiceguide.errors import MissingError, NotFoundError, SpeechError, UsageError
from voiceguide.speech import natural, registry

TEXTS = ["Make small, slow circles.", "In.", "Rest on the piriformis."]

HASHES = """
import sys, hashlib
from voiceguide.speech.registry import open_engine
from voiceguide.audio.shape import voice_clip
engine = open_engine(sys.argv[1])
for text in sys.argv[2:]:
    print(text, hashlib.sha256(voice_clip(*engine.speak(text)).tobytes()).hexdigest())
"""


def hashes(engine: str, texts: list[str]) -> list[str]:
    """Digests of the clips of some texts, made in another process in that order."""
    command = [sys.executable, "-c", HASHES, engine, *texts]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return sorted(done.stdout.splitlines())


@pytest.fixture(scope="module")
def engine() -> natural.NaturalEngine:
    """The default voice."""
    return natural.Natural().open(None, speed=1, language="en")


@pytest.mark.parametrize("name", ["natural", "pyttsx3"])
def test_the_same_bytes_in_any_order_and_process(name: str) -> None:
    """Two processes that speak in opposite orders agree on every sample."""
    assert hashes(name, TEXTS) == hashes(name, TEXTS[::-1])


def test_opening_loads_nothing() -> None:
    """Identity and readiness are known without the model or its runtime."""
    code = (
        "import sys; from voiceguide.speech.registry import open_engine; open_engine('natural');"
        "print([m for m in ('hibari', 'onnxruntime', 'numpy', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_telemetry_is_off_before_the_runtime_loads() -> None:
    """Whatever the environment says."""
    code = (
        "import os; os.environ['ORT_DISABLE_TELEMETRY'] = '0'\n"
        "from voiceguide.speech.registry import open_engine\n"
        "class Watch:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'onnxruntime': print(os.environ['ORT_DISABLE_TELEMETRY'])\n"
        "engine = open_engine('natural')\n"
        "import sys; sys.meta_path.insert(0, Watch()); engine.speak('Hi.')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"


@pytest.mark.parametrize("text", ["Feel the hips soften.", "Sit.", "Fix this.", "Half."])
def test_trimming_keeps_every_sound(engine: natural.NaturalEngine, text: str) -> None:
    """Silence goes, and of the energy in any band not a thousandth with it: no s or f is cut."""
    samples, rate = engine.speak(text)
    trimmed = trim(samples, rate)
    assert len(samples) - len(trimmed) > 0.3 * rate
    whole, kept = (np.abs(np.fft.rfft(part, 1 << 18)) ** 2 for part in (samples, trimmed))
    for low, high in ((80, 1_000), (1_000, 4_000), (4_000, 11_000)):
        band = slice(low * (1 << 18) // rate, high * (1 << 18) // rate)
        assert kept[band].sum() == pytest.approx(whole[band].sum(), rel=1e-3)


def test_speed_changes_the_length(engine: natural.NaturalEngine) -> None:
    """Faster is shorter, and another identity."""
    fast = natural.Natural().open(None, speed=1.5, language="en")
    text = TEXTS[0]
    assert len(voice_clip(*fast.speak(text))) < 0.8 * len(voice_clip(*engine.speak(text)))
    assert fast.identity != engine.identity


def test_markup_in_a_text_is_only_words(engine: natural.NaturalEngine) -> None:
    """What looks like a pronunciation does not replace the word before it."""
    plain, _ = engine.speak("the ball")
    marked, _ = engine.speak("the [ball](/kˈæt/)")
    assert len(marked) > 1.3 * len(plain)


def test_a_long_sentence_is_spoken_to_its_end(engine: natural.NaturalEngine) -> None:
    """Also one without a comma, in parts."""
    text = "and breathe in and breathe out " * 30
    samples, rate = engine.speak(text)
    assert len(samples) / rate > 40


def test_nothing_to_say_is_an_error(engine: natural.NaturalEngine) -> None:
    """Spaces and control characters are no words."""
    with pytest.raises(SpeechError, match="nothing to say"):
        engine.speak(" \x00\n ")


def test_an_engine_speaks_again_after_it_was_closed() -> None:
    """For a clip that was lost meanwhile."""
    engine = natural.Natural().open(None, speed=1, language="en-GB")
    first, _ = engine.speak("In.")
    engine.close()
    second, _ = engine.speak("In.")
    assert (first == second).all()


def test_only_english() -> None:
    """Another language is refused, with the engine that may speak it."""
    with pytest.raises(UsageError, match='English only.*"de".*pyttsx3'):
        natural.Natural().open(None, speed=1, language="de")


def test_unknown_voice_has_a_suggestion() -> None:
    """Or the list, where nothing is near."""
    with pytest.raises(NotFoundError, match='did you mean "heart"'):
        natural.Natural().open("hart", speed=1, language="en")
    with pytest.raises(NotFoundError, match="it has heart, "):
        natural.Natural().open("zzzzz", speed=1, language="en")


def test_a_missing_voice_is_never_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the command that fetches it, and no connection is tried."""

    def refuse(*_: object) -> None:
        raise AssertionError("a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setenv("HIBARI_HOME", str(tmp_path))
    with pytest.raises(NotFoundError, match="voices --install natural:emma fetches it"):
        natural.Natural().open("emma", speed=1, language="en")
    with pytest.raises(NotFoundError, match="put it at"):
        natural.Natural().open(str(tmp_path / "none.onnx"), speed=1, language="en")
    listed = {voice.name: voice for voice in natural.Natural().voices()}
    assert listed["heart"].ready and listed["heart"].how is None
    assert not listed["emma"].ready and "--install natural:emma" in str(listed["emma"].how)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, bytes]]:
    """A server on this machine in the place of the one that has the voices: files by their path."""
    files: dict[str, bytes] = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802 - the library's name
            if self.path not in files:
                self.send_error(404)
                return
            body = files[self.path]
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            for at in range(0, len(body), 1 << 20):
                self.wfile.write(body[at : at + (1 << 20)])
                time.sleep(0.1)

        def log_message(self, *_: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setattr(voices, "BASE_URL", f"http://127.0.0.1:{server.server_port}/")
    monkeypatch.setenv("HIBARI_HOME", str(tmp_path / "voices"))
    yield files
    server.shutdown()
    server.server_close()


def test_a_voice_is_fetched(shop: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """Its size, licence and place are known before; it comes whole, is checked, and speaks."""
    body = (natural._assets() / "hibari.onnx").read_bytes()
    shop["/bf_emma.int8.onnx"] = body
    monkeypatch.setitem(voices.VOICES["emma"], "sha256", hashlib.sha256(body).hexdigest())
    offered = registry.offer("natural:emma")
    assert offered is not None
    assert (offered.size, offered.licence) == (len(body), "Apache-2.0")
    assert offered.address.endswith("/bf_emma.int8.onnx") and not offered.path.exists()
    told: list[tuple[int, int]] = []
    path = registry.fetch("natural:emma", lambda *both: told.append(both))
    assert path == offered.path and path.read_bytes() == body
    assert [name.name for name in path.parent.iterdir()] == [path.name]
    assert told == sorted(told) and told[-1] == (len(body), len(body))
    assert any(0 < done < len(body) for done, _ in told)
    assert registry.offer("natural:emma") is None
    shop.clear()
    assert registry.fetch("natural:emma") == path
    assert len(registry.open_engine("natural:emma").speak("In.")[0]) > 1_000


def test_a_voice_that_cannot_be_fetched(shop: dict[str, bytes], tmp_path: Path) -> None:
    """A file of other content, or none, is one sentence and leaves nothing."""
    with pytest.raises(SpeechError, match="could not download .*404"):
        registry.fetch("natural:emma")
    shop["/bf_emma.int8.onnx"] = b"something else"
    with pytest.raises(SpeechError, match="does not match"):
        registry.fetch("natural:emma")
    assert not list((tmp_path / "voices").glob("*"))
    with pytest.raises(NotFoundError, match='did you mean "emma"'):
        registry.offer("natural:ema")
    with pytest.raises(UsageError, match="none is fetched"):
        registry.offer("pyttsx3:en-us")
    with pytest.raises(UsageError, match="names no voice"):
        registry.offer("natural")
    with pytest.raises(NotFoundError, match="no voice engine"):
        registry.fetch("nature:emma")


def test_a_voice_whose_file_is_here_speaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By name from the folder, or by its path; its content is its identity."""
    bundled = natural._assets() / "hibari.onnx"
    monkeypatch.setenv("HIBARI_HOME", str(tmp_path))
    shutil.copy(bundled, tmp_path / "bf_emma.int8.onnx")
    named = natural.Natural().open("emma", speed=1, language="en")
    by_path = natural.Natural().open(str(tmp_path / "bf_emma.int8.onnx"), speed=1, language="en")
    assert named.identity == by_path.identity
    assert len(named.speak("Lie down.")[0]) > 10_000
    assert {voice.name: voice.ready for voice in natural.Natural().voices()}["emma"]


def test_a_broken_voice_file_is_one_sentence(tmp_path: Path) -> None:
    """Not whatever the runtime throws."""
    path = tmp_path / "broken.onnx"
    path.write_bytes(b"not a model")
    with pytest.raises(SpeechError, match=r"broken\.onnx cannot be loaded"):
        natural.Natural().open(str(path), speed=1, language="en").speak("In.")


def test_where_it_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error and the list name the command; the default is the other engine."""
    from voiceguide.speech.registry import default_engine_name

    monkeypatch.setattr(natural, "installed_version", lambda: None)
    with pytest.raises(MissingError, match=r'pip install "hibari-tts=='):
        natural.Natural().open(None, speed=1, language="en")
    (voice,) = natural.Natural().voices()
    assert not voice.ready and voice.how == natural.HOW
    assert default_engine_name() == "pyttsx3"
    monkeypatch.setattr(natural, "installed_version", lambda: "0.3.0")
    with pytest.raises(MissingError, match=r"hibari-tts 0\.2\.1, .* in place of 0\.3\.0"):
        natural.Natural().open(None, speed=1, language="en")


def test_the_pinned_release_is_the_one_asked_for() -> None:
    """The extra in the package's metadata and the engine agree."""
    wanted = importlib.metadata.requires("voiceguide") or []
    assert any(line.startswith(f"hibari-tts=={natural.VERSION}") for line in wanted)
