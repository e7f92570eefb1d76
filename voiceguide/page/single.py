"""A session as one HTML file, for e-mail or a stick: player, steps and words, nothing loaded."""

from __future__ import annotations

import base64
import hashlib
import json
import mimetypes
from html import escape
from pathlib import Path
from typing import Any

from voiceguide.page.landscape import steps
from voiceguide.page.sessions import mind
from voiceguide.practice.needs import needed
from voiceguide.session import Session
from voiceguide.session.exporting import tags
from voiceguide.sinks.atomic import check_target, write_text

_STYLE = """
:root{color-scheme:light dark;--paper:#faf7f2;--ink:#33302d;--soft:#676059;--teal:#0e6d68;--line:#e6dccd}
@media(prefers-color-scheme:dark){:root{--paper:#101817;--ink:#f1ece4;--soft:#b2ada3;--teal:#4cc4b8;--line:#2c3936}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:40rem;padding:1rem;background:var(--paper);color:var(--ink);font:1.0625rem/1.5 system-ui,sans-serif}
img{width:100%;max-width:16rem;border-radius:1rem;display:block}
h1{font-weight:500;font-size:1.75rem;line-height:1.2}
audio{width:100%;margin:1rem 0}
#now{font-size:1.375rem;line-height:1.3;min-height:4em}
#step{color:var(--teal);font-weight:600}
ol{list-style:none;padding:0}
li button{display:flex;justify-content:space-between;gap:1rem;width:100%;min-height:48px;align-items:center;text-align:left;font:inherit;color:inherit;background:none;border:0;border-top:1px solid var(--line);cursor:pointer}
li[aria-current] button{color:var(--teal);font-weight:600}
:focus-visible{outline:3px solid var(--teal);outline-offset:2px}
.soft{color:var(--soft)}
"""
_SCRIPT = """
const told = JSON.parse(document.getElementById("session").textContent);
const audio = document.querySelector("audio"), list = document.querySelector("ol");
const say = document.getElementById("say"), step = document.getElementById("step");
const clock = s => Math.floor(s / 60) + ":" + String(Math.floor(s % 60)).padStart(2, "0");
for (const each of told.steps) {
  const button = document.createElement("button"), row = document.createElement("li");
  for (const text of [each.title + (each.side ? ", " + each.side + " side" : ""), clock(each.start)]) {
    const part = document.createElement("span"); part.textContent = text; button.append(part);
  }
  button.onclick = () => { audio.currentTime = each.start; audio.play(); };
  row.append(button); list.append(row);
}
function show() {
  const at = audio.currentTime;
  const number = Math.max(0, told.steps.findIndex(each => at < each.end));
  [...list.children].forEach((row, n) => n === number ? row.setAttribute("aria-current", "step") : row.removeAttribute("aria-current"));
  step.textContent = list.children[number].firstChild.firstChild.textContent;
  const words = told.words.filter(each => each[0] <= at).at(-1);
  say.textContent = words ? words[1] : "";
}
audio.ontimeupdate = audio.onseeked = show;
show();
"""


def write_html(session: Session, sound: Path, *, force: bool = False) -> Path:
    """Write the page of a session beside its sound file; gives its path.

    Raises:
        ExistsError: it is there already.
        UsageError, SinkError: it can't be written.
    """
    path = sound.with_suffix(".html")
    check_target(path, force=force)
    write_text(path, to_html(session, sound), force=force)
    return path


def to_html(session: Session, sound: Path) -> str:
    """The page, with the sound of a file in it."""
    about = tags(session)
    kind = mimetypes.guess_type(sound.name)[0] or "audio/mpeg"
    rate = session.timeline.format.rate
    told: dict[str, Any] = {
        "steps": steps(session.timeline),
        "words": [
            [round(event.start / rate, 2), event.text]
            for event in session.timeline.lane("voice", "breath")
            if event.text
        ],
    }
    # "</" ends a script wherever it stands.
    values = json.dumps(told, ensure_ascii=False).replace("<", "\\u003c")
    policy = (
        "default-src 'none'; img-src data:; media-src data:; "
        f"style-src 'sha256-{_digest(_STYLE)}'; script-src 'sha256-{_digest(_SCRIPT)}'"
    )
    cover = _data(about.cover, "image/jpeg") if about.cover else ""
    front = session.script.front
    notes = "".join(f"<li>{escape(text)}</li>" for text in mind(front.muscles))
    need = needed(session.draft)
    return f"""<!doctype html>
<html lang="{escape(front.language)}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{escape(session.title)}</title>
<style>{_STYLE}</style>
<main>
<img src="{cover}" alt="" width="1000" height="1000">
<h1>{escape(session.title)}</h1>
<p class="soft">{escape(front.summary or "")}</p>
<p>{escape(need or "")}</p>
<audio controls preload="auto" src="{_data(sound.read_bytes(), kind)}"></audio>
<div id="now"><p id="step"></p><p id="say"></p></div>
<h2>Steps</h2>
<ol></ol>
<h2>While you lie there</h2>
<ul>{notes}</ul>
<p class="soft">{escape(about.comment or "")}</p>
<p class="soft">This is not medical advice.</p>
</main>
<script type="application/json" id="session">{values}</script>
<script>{_SCRIPT}</script>
</html>
"""


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _data(content: bytes, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
