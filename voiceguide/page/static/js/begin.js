// From "Start" to the floor: safety first, the voice prepared, then the session.

import { h, say } from "./dom.js";
import { source } from "./source.js";
import { confirmed } from "./safety.js";
import { hold } from "./player.js";
import { opened } from "./offline.js";

/** Open a session and go to the floor. `from` is { at, resume, painBefore }. */
export async function begin(request, from = {}) {
  const status = h("p", { class: "lead", role: "status" }, "No sound yet. The voice is being prepared.");
  const bar = h("i");
  const cover = h("dialog", { class: "wait night", "aria-label": "The voice is being prepared" }, h("div", {}, status, h("div", { class: "thread" }, bar), h("button", { type: "button", class: "btn quiet", on: { click: () => { stopped = true; cover.close(); cover.remove(); } } }, "Not now")));
  let stopped = false;
  if (!(await confirmed())) { location.hash = "#finder"; return; }
  // Sound may start only from a touch: the element is made while this one still counts.
  const audio = new Audio();
  audio.preload = "auto";
  const timer = setTimeout(() => { if (!stopped) { document.body.append(cover); cover.showModal(); } }, 300);
  try {
    const session = await source.open(clean(request), (done, of) => {
      if (of) { bar.style.setProperty("--p", `${100 * done / of}%`); status.textContent = `No sound yet. The voice is being prepared: ${done} of ${of} sentences.`; }
    });
    clearTimeout(timer);
    cover.remove();
    if (stopped) return;
    hold(session, audio, from);
    location.hash = "#floor";
  } catch (error) {
    clearTimeout(timer);
    cover.remove();
    say(error.message, { name: "Try again", run: () => begin(request, from) }, 0);
  }
}

/** Play a session that is kept on this phone. */
export async function beginKept(session) {
  if (!(await confirmed())) { location.hash = "#finder"; return; }
  const audio = new Audio();
  audio.preload = "auto";
  try {
    hold(await opened(session), audio);
    location.hash = "#floor";
  } catch { say("This session is not on the phone any more."); }
}

const clean = (request) => Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined && value !== null));

