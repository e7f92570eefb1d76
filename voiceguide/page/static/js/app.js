// The page: lets this browser in, then shows the screen that the address names.

import { $, $$, h, say } from "./dom.js";
import { choose, source } from "./source.js";
import { loadBody } from "./body.js";
import { flush } from "./later.js";

const SCREENS = {
  choose: () => import("./chooser.js"),
  finder: () => import("./finder.js"),
  track: () => import("./track.js"),
  floor: () => import("./floor.js"),
  after: () => import("./after.js"),
  days: () => import("./days.js"),
  settings: () => import("./settings.js"),
  write: () => import("./write.js"),
};
const TABS = { choose: "#choose", finder: "#choose", track: "#choose", days: "#days", settings: "#settings", write: "#settings" };

let leave = null;
let first = true;
let turn = 0;

/** The screen of an address: #track/piriformis?minutes=10, or shorter #piriformis?minutes=10. */
function parse(hash) {
  const [path, query = ""] = hash.replace(/^#/, "").split("?");
  let [screen, ...rest] = path.split("/").map(decodeURIComponent);
  if (!screen) screen = "choose";
  if (!(screen in SCREENS)) { rest = [screen, ...rest]; screen = "track"; }
  return { screen, name: rest.join("/"), query: new URLSearchParams(query) };
}

async function route() {
  const mine = ++turn;
  const asked = parse(location.hash);
  leave?.();
  leave = null;
  const main = $("#main");
  for (const tab of $$(".tabs a")) {
    if (tab.getAttribute("href") === TABS[asked.screen]) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  document.body.dataset.screen = asked.screen;
  try {
    const module = await SCREENS[asked.screen]();
    const shown = await module.show(asked);
    if (mine !== turn) { shown.leave?.(); return; }
    leave = shown.leave ?? null;
    main.replaceChildren(shown.element);
    shown.shown?.();
  } catch (error) {
    if (mine !== turn) return;
    console.error(error);
    main.replaceChildren(trouble(error));
  }
  const heading = $("h1", main);
  document.title = heading ? `${heading.textContent} · voiceguide` : "voiceguide";
  if (!first && heading) { heading.tabIndex = -1; heading.focus({ preventScroll: true }); }
  if (!first) scrollTo(0, 0);
  first = false;
}

function trouble(error) {
  if (error.code === "unpaired") return unknownPhone();
  const gone = error.code === "offline";
  const again = h("button", { type: "button", class: "btn", on: { click: route } }, "Try now");
  const element = h("section", { class: "screen task" },
    h("h1", {}, gone ? "Your computer is not answering" : "That didn't work"),
    h("p", { class: "lead" }, gone ? "Is it awake, and on the same network? We try again every few seconds." : error.message ?? "Something is missing."),
    h("div", { class: "acts" }, again, h("a", { class: "btn quiet", href: "#choose" }, "Sessions")));
  if (gone) {
    const timer = setInterval(async () => {
      if (!element.isConnected) { clearInterval(timer); return; }
      try { await source.home(); clearInterval(timer); route(); } catch { /* not yet */ }
    }, 4000);
  }
  return element;
}

function unknownPhone() {
  const field = h("input", { id: "code", class: "field", autocomplete: "one-time-code", autocapitalize: "characters", maxlength: "12", required: true });
  const wrong = h("p", { class: "warn", role: "alert", hidden: true });
  const form = h("form", { on: { submit: async (event) => {
    event.preventDefault();
    if (await pair(field.value)) route();
    else { wrong.textContent = "This code is wrong, used, or too old. Ask the computer for a new one."; wrong.hidden = false; }
  } } }, h("label", { for: "code" }, "The code on the computer"), field, wrong, h("div", { class: "acts" }, h("button", { class: "btn" }, "Let me in")));
  return h("section", { class: "screen task" }, h("h1", {}, "This phone isn't known yet"),
    h("p", { class: "lead" }, "On the computer, choose “Let another phone in”, scan the code, or type it here."), form);
}

async function pair(code) {
  try { await source.pair(code.trim()); return true; } catch { return false; }
}

/** The address may carry a pass for this browser; it is used once and taken out of the address. */
async function letIn() {
  const found = /^#(?:t|pair)=([\w-]+)(?:&to=([\w/-]+))?/.exec(location.hash);
  if (!found) return;
  const ok = await pair(found[1]);
  history.replaceState(null, "", `${location.pathname}#${found[2] ?? "choose"}`);
  if (!ok) say("That code was used already, or is too old.", null, 12);
}

addEventListener("hashchange", route);
addEventListener("voiceguide:again", route);
$(".skip").addEventListener("click", (event) => { event.preventDefault(); $("#main").focus(); });
await choose();
if (!source.can.days) for (const tab of $$(".tabs a[href='#settings']")) tab.lastChild.textContent = "About";
await letIn();
await loadBody();
await route();
flush();
if ("serviceWorker" in navigator && isSecureContext) navigator.serviceWorker.register("sw.js").catch(() => {});
