"""Names of muscles are said right, and nothing an author writes is a command."""

from __future__ import annotations

import ctypes
import json

import pytest
import world
from hibari.g2p import ASSETS, G2P
from hypothesis import given
from hypothesis import strategies as st

from voiceguide.speech import espeak_driver
from voiceguide.speech.pronounce import pronounce, words
from voiceguide.speech.text import pieces, plain


@pytest.fixture(scope="module")
def readers() -> dict[str, G2P]:
    """What turns words into phonemes in the natural voices."""
    return {"us": G2P(), "gb": G2P(british=True)}


def espeak_phonemes(text: str) -> str:
    """What eSpeak NG makes of a text, in its own phoneme names."""
    with espeak_driver._Library() as library:
        library.c.espeak_TextToPhonemes.restype = ctypes.c_char_p
        library.c.espeak_SetVoiceByName(b"gmw/en-US")
        callback = espeak_driver._Callback(lambda *_: 0)
        library.c.espeak_SetSynthCallback(callback)
        # Brackets are read as phonemes once a sentence with that flag was spoken.
        library.c.espeak_Synth(b"a", 2, 0, 0, 0, 0x101, None, None)
        pointer = ctypes.c_char_p(text.encode())
        raw = library.c.espeak_TextToPhonemes(ctypes.byref(pointer), 1, 0)
        return str(raw.decode()).strip()


@pytest.mark.parametrize("alphabet", ["us", "gb"])
def test_every_entry_reaches_the_natural_voice(alphabet: str, readers: dict[str, G2P]) -> None:
    """In its alphabet, inside a sentence; none is there that the voice says so by itself."""
    with open(f"{ASSETS}/vocab.json", encoding="utf-8") as file:  # noqa: PTH123 - a name from outside
        known = set(json.load(file))
    read = readers[alphabet]
    for word, sound in words(alphabet).items():  # type: ignore[arg-type]
        assert set(sound) <= known, word
        marked = read(pronounce(f"Press the {word}, slowly.", alphabet))  # type: ignore[arg-type]
        assert f" {sound}, " in marked
        assert marked != read(f"Press the {word}, slowly."), f"{word} needs no entry"


@pytest.mark.parametrize("word", ["p\u0131riformis", "p\u017foas"])
def test_letters_that_only_look_alike(word: str) -> None:
    """A dotless i or a long s makes another word, which is left to the voice."""
    assert pronounce(f"The {word}, slowly.", "gb") == f"The {word}, slowly."


def test_every_entry_reaches_espeak() -> None:
    """Its phonemes are ones that the voice has, and they change what it would say."""
    for word in words("espeak"):
        told = espeak_phonemes(pronounce(word, "espeak"))
        assert told != espeak_phonemes(word), f"{word} needs no entry"
        assert "_:_:" not in told and " " not in told


def test_key_names_have_their_stress(readers: dict[str, G2P]) -> None:
    """Both voices: piriFORmis, GLUteus, sciATic, laCROSSE."""
    for word, natural, espeak in (
        ("piriformis", "fˈɔɹmɪs", "f'o@mIs"),
        ("gluteus", "ɡlˈu", "gl'u:"),
        ("medius", "mˈidiəs", "m'i:dI"),
        ("sciatic", "sIˈæTɪk", "saI'at#Ik"),
        ("lacrosse", "ləkɹˈɔs", "l@kr'O2s"),
        ("hamstrings", "hˈæmstɹ", "h'amstrINz"),
        ("infraspinatus", "spInˈATəs", "spaIn'eIt"),
        ("serratus", "səɹˈATəs", "s3r'eIt"),
        ("pectoralis", "pˌɛktəɹˈAlɪs", "p,Ekt"),
        ("levator ani", "vˈATəɹ ˈAnI", "'eInaI"),
        ("obturator internus", "ɪntˈɜɹnəs", "Int'3:n@s"),
        ("brachialis", "bɹˌAkiˈAlɪs", "br,eIki'eIlIs"),
        ("calcaneus", "kælkˈAniəs", "kalk'eIni@s"),
        ("acetabulum", "tˈæbj", "t'abjUl"),
        ("fasciitis", "fˌæʃiˈITɪs", "f,aSi'aIt"),
        ("spondylolisthesis", "θˈisɪs", "T'i:sIs"),
    ):
        assert natural in readers["us"](pronounce(word, "us"))
        told = espeak_phonemes(pronounce(word, "espeak"))
        assert espeak.replace("#", "") in told.replace("#", "").replace(";", "")


def test_letters_are_no_articles(readers: dict[str, G2P]) -> None:
    """An A among letters is said as one; before a word it stays what it is."""
    for letters in ("the A C joint", "the A S I S here", "at seven A M", "A C L tears"):
        assert "ˈA" in readers["us"](pronounce(letters, "us"))
        assert "'eI" in espeak_phonemes(pronounce(letters, "espeak"))
    for article in ("A V shape", "a ball", "A ball"):
        assert pronounce(article, "us") == article


def test_words_are_found_whole_in_any_case() -> None:
    """With what follows them, and not inside other words."""
    assert pronounce("Psoas, PSOAS.", "espeak") == "[[s'oU@s]], [[s'oU@s]]."
    assert pronounce("psoasis psoas-like", "espeak") == "psoasis [[s'oU@s]]-like"
    assert pronounce(
        "the sacrum\u2019s edge", "us"
    ) == "the [sacrum](/sˈAkɹəmz/)\u2019s edge".replace("\u2019s", "")
    assert pronounce("piriformis's", "espeak") == "[[p,IrIf'o@mIsI2z]]"


@given(st.text())
def test_plain_text_has_no_commands(text: str) -> None:
    """No brackets, no control characters, whatever was written; ordinary words stay."""
    result = plain(text)
    assert not set(result) & set("[]\x00\x01\x1b\n\r")
    result.encode("utf-8")
    assert plain("Breathe in, and out.") == "Breathe in, and out."


MARKUP = [
    r"the \[ball\](/kˈæt/) now",
    r"the \[piriformis\](/kˈæt/) now",
    r"the \[\[k'at\]\] ball",
    r"the \[\[slnc 5000\]\] ball",
    r"the \<break time='5s'/> ball",
    r"the \<voice name='de'> ball",
    r"the \[ball\](/kˈæt/ and psoas\](/kˈæt/) now",
]


@pytest.mark.parametrize("written", MARKUP)
def test_escaped_markup_is_only_text(written: str, readers: dict[str, G2P]) -> None:
    """From the script to the phonemes of either voice; captions show the words as written."""
    script = world.read(f"# T\n\nPress {written} here.\n")
    (said,) = world.plan_of(script).utterances(fitted=False)
    assert said.text == f"Press {written} here.".replace("\\", "")
    words = plain(said.spoken)
    for accent in ("us", "gb"):
        marked = pronounce(words, accent)  # type: ignore[arg-type]
        ours = {token.text for token in readers[accent].tokenize(marked) if token.rating == 5}
        assert ours <= {"piriformis", "psoas"}, marked
    assert "k'at" not in espeak_phonemes(pronounce(words, "espeak"))
    assert "here" in words and words.count("[") == 0


PIECES = ("[", "]", "(", ")", "](/", "/)", "ˈkæt", "sacrum", " ", "ball", "<", ">", "\\", "'s")


@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_no_text_is_read_as_markup(readers: dict[str, G2P], pieces: list[str]) -> None:
    """Whatever brackets and slashes stand around it, only listed words carry sounds, and ours."""
    for token in readers["us"].tokenize(pronounce(plain("".join(pieces)), "us")):
        if token.rating == 5:
            assert token.text == "sacrum"
            assert token.phonemes in (words("us")["sacrum"], words("us")["sacrum"] + "z")


@given(st.text(alphabet="ab ,.", max_size=300), st.integers(1, 40))
def test_pieces_lose_no_word(text: str, longest: int) -> None:
    """None is too long, and together they are the text but for its spaces."""
    parts = pieces(text, longest)
    assert all(0 < len(part) <= longest for part in parts)
    assert "".join(parts).replace(" ", "") == text.replace(" ", "")


def test_pieces_end_at_a_comma_if_they_can() -> None:
    """Else between words."""
    assert pieces("one two, three four", 12) == ["one two,", "three four"]
    assert pieces("one two three", 8) == ["one two", "three"]
