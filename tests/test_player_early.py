"""Sound begins while the rest is being spoken, and is what it would have been."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from player_support import FADED, Deck, exported, until

from voiceguide.audio.loudness import to_db
from voiceguide.errors import UsageError, VoiceguideError
from voiceguide.mix import blocks
from voiceguide.plan import Options
from voiceguide.player.playable import Playable
from voiceguide.player.player import Player
from voiceguide.session import Request, compile, draft  # noqa: A004
from voiceguide.session.lead import check_lead, make_lead
from voiceguide.session.pipeline import Spoken, speak
from voiceguide.session.preparation import Beginning, Preparation

SCRIPT = """---
tools: [tennis ball]
background: rain
---

# Long enough

Welcome. This is a session with everything that can move something else.
It begins while the rest of it is still being spoken.

- background sea at -25 dB
- chime, 2 times

## Work (each side, 3s between)

Put the {tool} under your {side} leg, and let it rest there for a while.

- roll 8s
  - at 1s: Now the {side} side rolls slowly, from the hip down to the knee, and back again.
  - every 4s: chime
  - end: chime bowl

### Only here (first side)

Something that is said on one side alone, and takes its time.

- background off

## Breathe (2 times)

- breathe in 2s, out 2s, 3 times
- background rain

That was round {round}. Lie still for a moment, and feel what has changed since you began.

- pause 4s

## End

- hold 6s
  - last 3s: countdown

Stay as long as you like. Then roll to one side, and get up slowly.
"""


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The script's path, with an empty cache for its sentences."""
    monkeypatch.setenv("VOICEGUIDE_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "long.md"
    path.write_text(SCRIPT)
    return str(path)


def test_what_is_certain_stays_as_it_is(script: str) -> None:
    """However many sentences are there: up to the frame that is certain, nothing moves any more."""
    request = Request(script, voice="pyttsx3")
    made = draft(request)
    beginning = Beginning(made)
    voiced = speak(made, beginning.order).clips
    whole = compile(request)
    sound = np.concatenate(list(blocks(whole.timeline, whole.clips)))
    seen = []
    for count in range(len(beginning.order)):
        known = {word: voiced[word] for word in beginning.order[:count]}
        # How loud it is made is settled with the first that is given out.
        found = beginning.session(Spoken("pyttsx3", known), whole.timeline.gain)
        if found is None:
            continue
        session, ready = found
        settled, _ = beginning.session(Spoken("pyttsx3", known)) or (session, 0)
        assert abs(to_db(settled.timeline.gain / whole.timeline.gain)) < 0.5
        seen.append(ready)
        early = []
        for block in blocks(session.timeline, session.clips):
            if sum(map(len, early)) + len(block) > ready:
                break
            early.append(block)
        start = np.concatenate(early)
        assert np.array_equal(start, sound[: len(start)]), count
    assert seen == sorted(seen)
    assert len(seen) > 5
    assert seen[-1] > len(sound) / 2


def test_the_first_sound_comes_before_the_last_sentence(script: str) -> None:
    """Played with an empty cache, a session is heard as it is exported, to the sample."""
    preparation = Preparation(draft(Request(script, voice="pyttsx3")))
    preparation.start()
    early = preparation.first()
    deck = Deck(speed=1)
    player = Player(preparation, deck)
    player.start()
    assert not early.whole
    until(player, lambda status: status.whole, seconds=60)
    assert deck.opened[0].samples().any()
    deck.opened[0].speed = 30
    assert player.wait(60)
    session = preparation.session
    assert session is not None
    wanted = exported(Playable(session.timeline, session.clips, session.timeline.frames))
    heard = deck.heard()
    assert len(heard) == len(wanted)
    assert np.array_equal(heard[FADED:], wanted[FADED:])


def test_a_session_of_known_sentences_is_whole_at_once(script: str) -> None:
    """Nothing is guessed where all is spoken already: it is as loud as what is exported."""
    request = Request(script, voice="pyttsx3")
    whole = compile(request)
    preparation = Preparation(draft(request))
    preparation.start()
    try:
        first = preparation.first()
        assert first.whole
        assert first.timeline == whole.timeline
    finally:
        preparation.close()


def test_a_fitted_session_waits_for_all_its_words(script: str) -> None:
    """Its first playable is its last, and the same as the compiler's."""
    reach = compile(Request(script, voice="pyttsx3")).seconds
    request = Request(script, Options(length=None, sore="left"), voice="pyttsx3")
    preparation = Preparation(draft(request))
    preparation.start()
    first = preparation.first()
    assert first.whole
    assert first.timeline == compile(request).timeline
    assert first.timeline.frames > reach


def test_errors_come_out(script: str) -> None:
    """What stops a compilation stops a preparation, with the same words."""
    request = Request(script, Options(length=5.0), voice="pyttsx3")  # type: ignore[arg-type]
    preparation = Preparation(draft(request))
    preparation.start()
    with pytest.raises(VoiceguideError, match="cannot be"):
        preparation.first()
    preparation = Preparation(draft(Request(script, voice="pyttsx4")))
    preparation.start()
    with pytest.raises(UsageError, match="pyttsx4"):
        preparation.first()
    with pytest.raises(UsageError, match="cork"):
        draft(Request(script, Options(tool="cork")))


@pytest.mark.parametrize(
    ("seconds", "texts"),
    [
        (1.0, ["One"]),
        (3.0, ["Three", "Two", "One"]),
        (
            20.0,
            ["Starting in twenty seconds.", "Ten seconds.", "Five", "Four", "Three", "Two", "One"],
        ),
        (
            90.5,
            [
                "Starting in one minute and 30 seconds.",
                "One minute.",
                "30 seconds.",
                "Ten seconds.",
                "Five",
                "Four",
                "Three",
                "Two",
                "One",
            ],
        ),
    ],
)
def test_the_countdown_before_it(script: str, seconds: float, texts: list[str]) -> None:
    """It lasts what was asked; each number is said so many seconds before the session."""
    lead = make_lead(draft(Request(script, voice="pyttsx3")), seconds)
    rate = lead.timeline.format.rate
    assert lead.timeline.frames == round(seconds * rate)
    said = [event.text or "" for event in lead.timeline.events]
    assert said == texts
    assert lead.timeline.events[-1].start == lead.timeline.frames - rate
    ends = [event.end for event in lead.timeline.events]
    assert all(b.start >= a for a, b in zip(ends, lead.timeline.events[1:], strict=False))
    assert exported(lead).any()


def test_a_lead_has_limits() -> None:
    """Neither no time nor an hour."""
    check_lead(1)
    check_lead(600)
    for seconds in (0.5, 601):
        with pytest.raises(UsageError, match="starts in"):
            check_lead(seconds)
