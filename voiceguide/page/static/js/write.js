// Write: the listener's own scripts in an editor; beside it what is wrong, what it becomes, how it is said.

import { capital, clock, h, say } from "./dom.js";
import { source } from "./source.js";
import { editor } from "./editor.js";

/** What the buttons write: a name, and lines below the cursor's. */
const PIECES = [
  ["Step", "\n## A new step\n\nSay what to do.\n"],
  ["Both sides", "\n## Both sides (each side, 5s between)\n\nRest your {side} side on it.\n\n- hold 30s (20s-60s)\n  - end: chime interval\n"],
  ["Hold", "\n- hold 30s (20s-60s)\n  - halfway: Let your jaw soften.\n  - end: chime interval\n"],
  ["Count", "\n- count 8 slow circles, 4s each\n"],
  ["Breaths", "\n- breathe in 4s, out 6s, 5 times\n"],
  ["Chime", "\n- chime interval\n"],
  ["Safety", "\n- include parts/safety\n"],
];
const TYPED = 60;
const DRAWN = 350;

export async function show(asked) {
  return asked.name ? await desk(asked.name) : await shelf();
}

/** All scripts of one's own, and how a new one begins. */
async function shelf() {
  const [{ scripts, local }, catalogue] = await Promise.all([source.scripts(), source.catalogue()]);
  const field = h("input", { id: "script-name", class: "field", maxlength: "60", autocomplete: "off", spellcheck: "false", required: true });
  const like = h("select", { id: "script-like", class: "field" }, h("option", { value: "" }, "a short session with comments"),
    catalogue.tracks.map((track) => h("option", { value: track.name }, `a copy of “${track.title}”`)));
  const wrong = h("p", { class: "warn", role: "alert", hidden: true });
  const form = h("form", { class: "card", on: { submit: async (event) => {
    event.preventDefault();
    try {
      const name = field.value.trim().toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
      await source.beginScript({ name, ...(like.value ? { like: like.value } : {}) });
      source.forgetCatalogue();
      location.hash = `#write/${name}`;
    } catch (error) { wrong.textContent = error.message; wrong.hidden = false; }
  } } }, h("h2", {}, "A new script"), h("label", { for: "script-name" }, "Its name"), field,
  h("label", { for: "script-like" }, "Begin with"), like, wrong, h("div", { class: "acts" }, h("button", { class: "btn" }, "Begin")));
  const element = h("section", { class: "screen", "aria-labelledby": "write-h" }, h("h1", { id: "write-h" }, "Write"),
    scripts.length ? h("ul", { class: "rows" }, scripts.map((name) => h("li", { class: "entry" }, h("a", { href: `#write/${name}` }, name)))) : h("p", { class: "lead" }, "You have no script of your own yet."),
    local ? form : h("p", { class: "soft" }, "Scripts are written on the computer itself."));
  return { element };
}

/** One script: the text on the left, what becomes of it on the right. */
async function desk(name) {
  let { text, version } = await source.script(name);
  let saved = text;
  let alive = true;
  let turn = 0;
  let problems = [];
  const state = h("span", { class: "soft", role: "status" });
  const save = h("button", { type: "button", class: "btn", on: { click: () => store() } }, "Save");
  const hear = h("button", { type: "button", class: "btn line", on: { click: () => play(view.line(), null) } }, "Play from the cursor");
  const stop = h("button", { type: "button", class: "btn quiet", hidden: true, on: { click: () => audio.pause() } }, "Stop");
  const audio = h("audio", { preload: "none", on: { play: () => { stop.hidden = false; }, pause: () => { stop.hidden = true; } } });
  const files = h("p", { class: "fine", hidden: true });
  const below = h("input", { type: "checkbox", on: { change: () => changed() } });
  const tidy = h("button", { type: "button", class: "btn quiet", on: { click: async () => {
    const told = await source.formatted(name, { text: view.text() }).catch((error) => { tell(error.message); return null; });
    if (told && told.text !== view.text()) view.set(told.text);
  } } }, "Tidy up");
  const insert = h("div", { class: "pieces", role: "group", "aria-label": "Write below the cursor's line" },
    PIECES.map(([called, lines]) => h("button", { type: "button", class: "btn quiet", on: { click: () => view.below(lines) } }, called)), tidy);
  const found = h("ul", { class: "found" });
  const drawn = h("div", { class: "drawn", tabindex: "0", role: "group", "aria-label": "The session, drawn" });
  const lengths = h("p", {});
  const words = h("ul", { class: "rows" });
  const both = h("div", { class: "card both", hidden: true });
  const view = await editor({ text, changed, save: () => store(), complete: (line, column) => source.completions(name, { text: view.text(), line, column }).then((told) => told.completions) });
  view.dom.id = "script-text";
  const kept = left(name);
  if (kept && kept.text !== text) { ({ version } = kept); view.set(kept.text); say("This is what you wrote before; it isn't saved yet.", null, 8); }

  function tell(words) { state.textContent = words; }
  function changed() {
    tell(view.text() === saved ? "Saved." : "Not saved yet.");
    const mine = ++turn;
    setTimeout(() => mine === turn && alive && look(mine), TYPED);
    setTimeout(() => mine === turn && alive && draw(mine), DRAWN);
  }

  async function look(mine) {
    const told = await source.problems(name, { text: view.text() }).catch(() => null);
    if (!told || mine !== turn) return;
    problems = told.problems;
    view.mark(problems, repair);
    found.replaceChildren(...(problems.length ? problems.map(row) : [h("li", { class: "soft" }, "Nothing is wrong.")]));
  }
  function row(problem) {
    const go = h("button", { type: "button", class: "btn quiet", on: { click: () => view.go(problem.line, problem.column) } }, `Line ${problem.line}`);
    const fix = problem.fix ? h("button", { type: "button", class: "btn quiet", on: { click: () => repair(problem) } }, problem.fix.text ? `Write ${short(problem.fix.text)}` : "Leave it out") : null;
    return h("li", { class: problem.severity }, go, h("span", {}, sentence(problem.message), problem.hint ? h("span", { class: "soft" }, ` ${sentence(problem.hint)}`) : null), fix);
  }
  function repair(problem) {
    view.replace(problem.fix.line, problem.fix.column, problem.fix.length, problem.fix.text);
    view.focus();
  }

  async function draw(mine) {
    const told = await source.picture(name, { text: view.text(), dark: matchMedia("(prefers-color-scheme: dark)").matches, sides: below.checked }).catch(() => null);
    if (!told || mine !== turn) return;
    if (!told.svg) { lengths.textContent = drawn.firstChild ? "While an error stands, the drawing shows the last text that could be read." : "There is nothing to draw until the errors are gone."; return; }
    const picture = new DOMParser().parseFromString(told.svg, "image/svg+xml").documentElement;
    drawn.replaceChildren(document.importNode(picture, true));
    lengths.textContent = `It lasts ${clock(told.length)}, and can last from ${clock(told.reach[0])} to ${clock(told.reach[1])}.`;
    words.replaceChildren(...told.spoken.map((each) => h("li", {}, h("span", { class: "row-t" }, each.said), h("span", { class: "row-s" }, `line ${each.line}: ${each.text}`))));
  }
  drawn.addEventListener("click", (event) => {
    const part = event.target.closest("[data-at]");
    if (!part) return;
    const line = Number(part.dataset.line ?? 0);
    if (line) view.go(line, 1, false);
    play(line, Number(part.dataset.at));
  });

  /** Saves; gives whether the file is what the editor shows. */
  async function store() {
    const sent = view.text();
    if (sent === saved) { tell("Saved."); return true; }
    try {
      ({ version } = await source.saveScript(name, { text: sent, base: version }));
      saved = sent;
      source.forgetCatalogue();
      tell(view.text() === saved ? "Saved." : "Not saved yet.");
      return true;
    } catch (error) {
      if (error.code === "changed") await conflict();
      else tell(error.message);
      return false;
    }
  }

  /** The file and the editor differ, and both are shown: neither is written over the other unasked. */
  async function conflict() {
    const theirs = await source.script(name).catch((error) => { tell(error.message); return null; });
    if (!theirs) { version = ""; return; } // the file is gone: the next save makes it anew
    if (theirs.version === version) return;
    tell("Changed elsewhere.");
    const mine = h("button", { type: "button", class: "btn line", on: { click: async () => { version = theirs.version; both.hidden = true; saved = null; await store(); } } }, "Keep what is in the editor");
    const take = h("button", { type: "button", class: "btn line", on: { click: () => { both.hidden = true; adopt(theirs); } } }, "Take what is in the file");
    both.replaceChildren(h("h2", {}, "Another program has changed this file"), h("p", {}, "This is in the file now. What you wrote stands in the editor."), h("pre", { tabindex: "0" }, theirs.text), h("div", { class: "acts" }, take, mine));
    both.hidden = false;
  }
  function adopt(theirs) {
    ({ version } = theirs);
    saved = theirs.text;
    view.set(theirs.text);
    changed();
  }

  /** Plays from a line, or from the moment of the drawing that is nearest to it. */
  async function play(line, near) {
    if (!(await store())) return;
    tell("One moment.");
    try {
      const session = await source.hear(name, (done, of) => tell(`Speaking ${done} of ${of}.`));
      files.replaceChildren("Take it with you: ", h("a", { href: session.downloads.mp3, download: "" }, "MP3"), " · ", h("a", { href: session.downloads.html, download: "" }, "page in one file"), " · ", h("a", { href: session.downloads.words, download: "" }, "words"), ". A phone that was let in has it on its list.");
      files.hidden = false;
      const { at } = line ? await source.heardAt(session.id, line, near ?? 0) : { at: near ?? 0 };
      const address = new URL(session.audio, document.baseURI).href;
      if (audio.src !== address) audio.src = address;
      audio.currentTime = at;
      await audio.play();
      tell(`Playing from ${clock(at)}.`);
    } catch (error) { tell(error.message); }
  }

  /** What another editor writes appears at once; where both changed, both are shown. */
  async function watch() {
    while (alive) {
      try {
        const theirs = await source.script(name, version);
        if (!alive || theirs.version === version) continue;
        if (view.text() === saved) { adopt(theirs); say("Another program changed this file: here it is.", null, 5); }
        else await conflict();
        if (!both.hidden) await new Promise((done) => setTimeout(done, 2000));
      } catch { await new Promise((done) => setTimeout(done, 2000)); }
    }
  }

  /** A text that is not saved is saved, and until that is known kept in this browser. */
  async function keep() {
    const unsaved = view.text();
    if (unsaved === saved) return;
    const slot = KEPT + name;
    try { localStorage.setItem(slot, JSON.stringify({ text: unsaved, version })); } catch { /* there is no room */ }
    try {
      await source.saveScript(name, { text: unsaved, base: version });
      localStorage.removeItem(slot);
      source.forgetCatalogue();
    } catch { /* it is there when the script is opened again */ }
  }
  const leaving = (event) => { if (view.text() !== saved) event.preventDefault(); };
  addEventListener("beforeunload", leaving);
  const element = h("section", { class: "screen desk", "aria-labelledby": "write-h" },
    h("div", { class: "desk-head" }, h("h1", { id: "write-h" }, name), save, hear, stop, state),
    both,
    h("div", { class: "desk-grid" },
      h("div", { class: "desk-text" }, insert, view.dom),
      h("div", { class: "desk-side" },
        h("section", { class: "card" }, h("h2", {}, "To look at"), found),
        h("section", { class: "card" }, h("h2", {}, "The session"), lengths, h("p", { class: "soft" }, "Press a part of it to hear it."), h("label", { class: "check" }, below, h("span", {}, "The second side below the first")), drawn, files),
        h("section", { class: "card" }, h("h2", {}, "Said otherwise than written"), words))), audio);
  return { element, shown: () => { changed(); watch(); }, leave: () => { alive = false; audio.pause(); removeEventListener("beforeunload", leaving); keep(); view.end(); } };
}

const KEPT = "voiceguide.write.";

/** What was written and could not be saved, taken out; or null. */
function left(name) {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT + name));
    localStorage.removeItem(KEPT + name);
    return typeof kept?.text === "string" && typeof kept.version === "string" ? kept : null;
  } catch { return null; }
}

const sentence = (text) => `${capital(text)}${/[.?!]$/.test(text) ? "" : "."}`;
const short = (text) => (text.length > 24 ? `${text.slice(0, 23)}…` : text).replace(/\n/g, " ");
