"""Random scripts that compile, grown along the grammar of the language."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from voiceguide.plan import Options

WORDS = ("roll", "softly", "breathe", "the hip", "left", "hold", "a", "press", "wait", "knee")


@st.composite
def durations(draw: Any, low: int = 1, high: int = 40) -> str:
    """A fixed or an elastic duration, in any of the forms."""
    least = draw(st.integers(low, high))
    kind = draw(st.integers(0, 5))
    if kind <= 2:
        fraction = draw(st.sampled_from(["", "", ".5", ".001", ".333"]))
        return f"{least}{fraction}s"
    greatest = draw(st.integers(least, high + 20))
    if kind == 3:
        return f"{least}-{greatest}s"
    usual = draw(st.integers(least, greatest))
    return f"{usual}s ({least}s-{greatest}s)"


def least_of(duration: str) -> float:
    """The least seconds of a duration as `durations` writes it."""
    inner = duration.split("(")[1] if "(" in duration else duration
    return float(inner.split("-")[0].rstrip("s"))


@st.composite
def sentences(draw: Any, *, most: int = 3, variables: tuple[str, ...] = ()) -> str:
    """Some sentences, with silences and variables."""
    found = []
    for _ in range(draw(st.integers(1, most))):
        words = draw(st.lists(st.sampled_from((*WORDS, *variables)), min_size=1, max_size=7))
        if draw(st.booleans()):
            words[0] = f"*{words[0]}*"
        text = " ".join(words)
        found.append("Now " + text + draw(st.sampled_from([".", "!", "…", "?"])))
        if draw(st.integers(0, 4)) == 0:
            found.append(draw(st.sampled_from(["[1s]", "[0.5s]", "[2s] [1s]"])))
    return " ".join(found)


@st.composite
def intervals(draw: Any, variables: tuple[str, ...]) -> str:
    """An interval with cues in it."""
    duration = draw(durations(4, 60))
    least = int(least_of(duration))
    lines = [f"- {draw(st.sampled_from(['hold', 'roll', 'rest']))} {duration}"]
    countdown = draw(st.integers(0, 3)) == 0 and least >= 8
    last = draw(st.integers(2, min(6, least // 2 - 1))) if countdown else 0
    if countdown:
        lines.append(f"  - last {last}s: countdown")
    said = again = False
    for _ in range(draw(st.integers(0, 4))):
        when = draw(st.sampled_from(["start", "halfway", "at", "left", "end", "every"]))
        chime = draw(st.booleans())
        seconds = draw(st.integers(1, least))
        if when == "at" and not chime and seconds >= least - last:
            seconds = 1
        if when == "left" and not chime and seconds <= last:
            seconds = least
        if when == "every":
            seconds = draw(st.integers(7 if not chime else 1, 20))
        if when == "end" and countdown and not chime:
            continue
        if not chime:
            # A text that comes again and again may leave no room for others, at any length.
            if again or (when == "every" and (said or countdown)):
                continue
            said, again = True, when == "every"
        moment = {"at": f"at {seconds}s", "left": f"{seconds}s left", "every": f"every {seconds}s"}
        text = draw(sentences(most=2 if when != "every" else 1, variables=variables))
        if when == "every":
            text = "Go on."
        what = draw(st.sampled_from(["chime", "chime bell, 2 times"])) if chime else text
        lines.append(f"  - {moment.get(when, when)}: {what}")
    return "\n".join(lines)


@st.composite
def cues(draw: Any, variables: tuple[str, ...]) -> str:
    """One cue."""
    kind = draw(st.integers(0, 8))
    if kind == 8:
        least = draw(st.integers(1, 5))
        most = draw(st.sampled_from(["", f"-{least + draw(st.integers(0, 4))}"]))
        nested = draw(st.sampled_from(["", "\n  - halfway: chime", "\n  - at 1: Hi there."]))
        return f"- count {least}{most}, {draw(st.integers(1, 4))}s each{nested}"
    if kind == 0:
        return f"- pause {draw(durations(0, 20))}"
    if kind <= 2:
        return str(draw(intervals(variables)))
    if kind == 3:
        least = draw(st.integers(1, 4))
        times = draw(st.sampled_from([f"{least}", f"{least}-{least + draw(st.integers(0, 4))}"]))
        hold = draw(st.sampled_from(["", "hold 0.3s, "]))
        return f"- breathe in {draw(st.integers(1, 4))}s, {hold}out 0.7s, {times} times"
    if kind == 4:
        return f"- breathe in 1.1s, out 1.2s for {draw(durations(3, 20))}"
    if kind == 5:
        return f"- chime {draw(st.sampled_from(['bowl', 'bell', 'interval, 2 times']))}"
    if kind == 6:
        return "- play waves.flac"
    bed = draw(st.sampled_from(["rain", "sea at -30 dB", "rain at 0 dB", "off"]))
    return f"- background {bed}"


@st.composite
def steps(draw: Any, level: int, around: frozenset[str]) -> str:
    """A heading with content and steps below it."""
    modifiers = []
    inner = set(around)
    if "sides" not in around and draw(st.integers(0, 2)) == 0:
        modifiers.append("each side")
        inner.add("sides")
    elif "sides" in around and draw(st.integers(0, 3)) == 0:
        modifiers.append(draw(st.sampled_from(["first side", "second side"])))
    if draw(st.integers(0, 3)) == 0 and "deep" not in around:
        least = draw(st.integers(1, 3))
        greatest = least + draw(st.integers(0, 2))
        modifiers.append(f"{least} times" if least == greatest else f"{least}-{greatest} times")
        inner |= {"rounds", "deep"}
    repeated = "each side" in modifiers or any("times" in m for m in modifiers)
    if repeated and draw(st.booleans()):
        modifiers.append(f"{draw(st.integers(0, 5))}s between")
    if draw(st.integers(0, 4)) == 0:
        modifiers.append("optional")
    if draw(st.integers(0, 5)) == 0:
        modifiers.append("with " + draw(st.sampled_from(["tennis ball", "foam roller"])))
    draw(st.randoms(use_true_random=False)).shuffle(modifiers)
    bracket = f" ({', '.join(modifiers)})" if modifiers else ""
    body = draw(contents(level, frozenset(inner)))
    if "between" in bracket:
        # The gap of a block without content takes the place of a longer one: more rounds are less.
        body = f"Now wait.\n\n{body}"
    return f"{'#' * level} Step{bracket}\n\n{body}"


@st.composite
def contents(draw: Any, level: int, around: frozenset[str]) -> str:
    """What stands below a heading."""
    variables = ["{tool}"]
    variables += ["{side}", "{other side}"] if "sides" in around else []
    variables += ["{round}", "{rounds}"] if "rounds" in around else []
    blocks = []
    for _ in range(draw(st.integers(0, 3))):
        kind = draw(st.integers(0, 3))
        if kind == 0:
            blocks.append("> A note.")
        elif kind == 1:
            blocks.append(draw(sentences(variables=tuple(variables))))
        else:
            blocks.append(draw(cues(tuple(variables))))
    if level < 4:
        for _ in range(draw(st.integers(0, 2))):
            blocks.append(draw(steps(level + 1, around)))
    return "\n\n".join(blocks)


@st.composite
def scripts(draw: Any) -> str:
    """A whole script that compiles and has something to play."""
    bed = draw(st.sampled_from(["", "background: rain\n", "background: sea at -20 dB\n"]))
    head = f"---\ntools: [tennis ball, foam roller]\n{bed}---\n\n# Title\n\nHello there.\n\n"
    return head + str(draw(contents(1, frozenset())))


@st.composite
def options(draw: Any) -> Options:
    """What a listener may ask, without contradictions."""
    side = draw(st.sampled_from(["both", "left", "right"]))
    first = draw(st.sampled_from([None, "left", "right"])) if side == "both" else None
    return Options(
        side=side,
        start=first,
        sore=draw(st.sampled_from([None, first or "left"])) if side == "both" else None,
        tool=draw(st.sampled_from([None, "tennis ball", "foam roller"])),
        pace=draw(st.sampled_from(["gentle", "normal", "brisk"])),
        background=draw(st.sampled_from([None, "none", "sea"])),
        breath=draw(st.sampled_from(["voice", "tone", "both"])),
    )
