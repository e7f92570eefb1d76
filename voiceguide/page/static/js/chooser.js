// Choose: go on, today, again; where it is sore; the sessions by muscle.

import { $, $$, capital, clock, h, icon, link, listed, minutes } from "./dom.js";
import { source } from "./source.js";
import { figure, picture } from "./body.js";
import { begin, beginKept } from "./begin.js";
import { forget, list as allKept } from "./offline.js";
import { landscape } from "./landscape.js";

export async function show() {
  const [home, catalogue] = await Promise.all([source.home(), source.catalogue()]);
  const tracks = new Map(catalogue.tracks.map((track) => [track.name, track]));
  const element = h("section", { class: "screen", "aria-labelledby": "choose-h" },
    h("h1", { id: "choose-h" }, home.title && home.title !== "voiceguide" ? home.title : home.newcomer ? "Welcome" : greeting()),
    h("div", { class: "top" }, top(home, tracks)),
    kept(),
    h("section", { class: "where", "aria-labelledby": "where-h" },
      h("div", { class: "where-head" }, h("h2", { id: "where-h" }, "Where is it sore?"), source.can.days ? h("a", { class: "btn line", href: "#finder" }, "Help me find it") : null),
      h("div", { class: "where-grid" }, bodyMap(catalogue), list(catalogue, tracks))),
    home.notes.map((note) => h("p", { class: "fine" }, note)),
    h("p", { class: "fine" }, "This is not medical advice. Numbness between the legs, new trouble with bladder or bowel, weakness or pain in both legs, chest pain or trouble breathing: get emergency help. ", source.can.days ? h("a", { href: "#finder" }, "More warning signs") : null),
    [home.contact, home.privacy].filter(Boolean).map((text) => h("p", { class: "fine" }, text)),
    home.feed ? h("p", { class: "fine" }, h("a", { href: "feed.xml" }, "These sessions as a podcast")) : null);
  return { element };
}

function greeting() {
  const hour = new Date().getHours();
  return hour < 5 ? "Good night" : hour < 12 ? "Good morning" : hour < 18 ? "Good afternoon" : "Good evening";
}

const words = (track) => [track.needs ? `You need ${track.needs}.` : null].filter(Boolean).join(" ");

function top(home, tracks) {
  const cards = [];
  const [left] = home.resume;
  if (home.newcomer) cards.push(welcome(home, tracks));
  if (left) cards.push(goOn(left, tracks));
  const today = home.today;
  if (today && !today.done && today.sessions.length && tracks.has(today.sessions[0].track)) cards.push(hero(today, tracks));
  const again = home.again.find((each) => each.track !== left?.track && tracks.has(each.track));
  if (again) cards.push(h("a", { class: "card againrow", href: link(again.track, again.options) },
    icon("repeat"), h("span", {}, h("span", { class: "eyebrow" }, `Again, ${again.minutes} min`), h("span", { class: "row-t" }, again.title)), icon("next", "i go")));
  return cards;
}

/** Sessions that are kept on this phone, where there are any. */
function kept() {
  const rows = h("ul", { class: "rows" });
  const element = h("section", { class: "card", hidden: true, "aria-labelledby": "kept-h" }, h("h2", { id: "kept-h" }, "On this phone"), rows);
  allKept().then((found) => {
    for (const session of found) {
      const row = h("li", { class: "entry" },
        h("button", { type: "button", class: "btn quiet row", on: { click: () => beginKept(session) } }, icon("play"), h("span", {}, h("span", { class: "row-t" }, session.title), h("span", { class: "row-s" }, `${Math.round(session.seconds / 60)} min, plays without the computer`))),
        h("button", { type: "button", class: "btn quiet", "aria-label": `Remove ${session.title} from this phone`, on: { click: async () => { await forget(session.id); row.remove(); element.hidden = !rows.children.length; } } }, "Remove"));
      rows.append(row);
    }
    element.hidden = !found.length;
  }).catch(() => {});
  return element;
}

function welcome(home, tracks) {
  const track = tracks.get("first-session");
  return h("article", { class: "hero night" }, picture(["gluteus-maximus"], "art", { night: true, zoom: 0.55 }),
    h("div", { class: "hero-t" },
      h("h2", {}, "Lie down on a ball, shut your eyes, and let a calm voice lead you."),
      h("p", { class: "soft" }, track ? `${capital(minutes(track.length ?? 480))}, a tennis ball, a clear floor.` : "A tennis ball and a clear floor are enough."),
      h("p", { class: "acts" }, track ? h("a", { class: "btn", href: link("first-session") }, icon("play"), "Your first session") : null, source.can.days ? h("a", { class: "btn quiet", href: "#finder" }, "Help me find it") : null)));
}

function goOn(left, tracks) {
  const muscles = tracks.get(left.track)?.muscles ?? [];
  const run = () => begin({ track: left.track, options: left.options, voice: left.voice, speed: left.speed, added: left.added }, { at: left.at, resume: left.key });
  const thread = h("span", { class: "thread", "aria-hidden": "true" }, h("i", { css: { "--p": `${100 * left.at / Math.max(1, left.length)}%` } }));
  source.reach(left.track, left.options).then((reach) => {
    const strip = landscape(reach.steps, { sore: left.options.sore ?? null, at: left.at * reach.seconds / Math.max(1, left.length), sides: false });
    strip.classList.add("whole");
    thread.replaceWith(strip);
  }).catch(() => {});
  return h("button", { type: "button", class: "card goon", on: { click: run } },
    h("span", { class: "thumb" }, picture(muscles, "art")),
    h("span", {}, h("span", { class: "eyebrow" }, `Resume, ${clock(left.length - left.at)} to go`), h("span", { class: "row-t" }, left.title), h("span", { class: "row-s" }, left.step)),
    h("span", { class: "disc" }, icon("play")),
    thread);
}

function hero(today, tracks) {
  const session = today.sessions[0], track = tracks.get(session.track);
  const side = session.options.sore ?? session.options.start;
  const about = [session.minutes ? `${session.minutes} min` : null, side ? `${side} side first` : null].filter(Boolean).join(", ");
  return h("article", { class: "hero night", "aria-labelledby": "today-h" }, picture(track.muscles, "art", { night: true, zoom: 0.55 }),
    h("div", { class: "hero-t" },
      h("p", { class: "eyebrow" }, "Today"),
      h("h2", { id: "today-h" }, session.title),
      h("p", { class: "soft" }, [about && `${about}.`, words(track)].filter(Boolean).join(" ")),
      h("p", { class: "acts" }, h("a", { class: "btn", href: link(session.track, session.options) }, icon("play"), "Begin"), h("a", { class: "btn quiet", href: "#days" }, "Not today"))));
}

// ---- the body: a label, a muscle and a row of the list are one thing

const GAP = 57, TOP = 112, TALL = 690, LIFT = 40, LABELS = 152;

/** Where labels stand, each clear of the one before it and a little above what it names. */
function spread(rows) {
  const out = [];
  for (const y of rows) out.push(Math.max(y - LIFT, out.length ? out.at(-1) + GAP : 0));
  return out;
}

function bodyMap(catalogue) {
  const order = catalogue.map.map((row) => row.muscle);
  const sides = { back: ["left", "right"], front: ["right", "left"] };
  const figures = ["back", "front"].map((view) => {
    const labels = catalogue.map.filter((row) => row.view === view || (view === "back" && row.muscle === "hips"))
      .map((row) => (row.view === view ? row : { ...row, x: 60, y: 335 })).sort((a, b) => a.y - b.y);
    const rows = spread(labels.map((row) => row.y));
    return h("div", { class: `figure ${view}` },
      h("svg:svg", { class: "fig", viewBox: `-136 ${TOP} 464 ${TALL}`, "aria-hidden": "true", focusable: "false" },
        figure(view, order, null),
        labels.map((row, number) => [
          h("svg:path", { class: "lead-line", d: `M${row.x} ${row.y}L${LABELS} ${rows[number]}` }),
          h("svg:circle", { class: "lead-dot", cx: row.x, cy: row.y, r: 3.4 })])),
      h("ul", { class: "labels", "aria-label": `Muscles of the ${view}` }, labels.map((row, number) =>
        h("li", { css: { "--y": `${100 * (rows[number] - TOP) / TALL}%` } },
          h("button", { type: "button", "data-muscle": row.muscle, "data-turn": row.view === view ? null : row.view, "aria-pressed": "false" }, row.name)))),
      h("p", { class: "lr", "aria-hidden": "true" }, sides[view].map((side) => h("span", {}, side))));
  });
  const turn = h("fieldset", { class: "seg small turnbody" }, h("legend", { class: "vh" }, "Which view"), h("div", { class: "opts" }, ["back", "front"].map((view) =>
    h("label", {}, h("input", { type: "radio", name: "view", value: view, checked: view === "back", on: { change: () => { map.dataset.view = view; } } }), h("span", {}, capital(view))))));
  const map = h("div", { class: "bodymap card", "data-view": "back" }, turn, figures,
    h("p", { class: "key", "aria-hidden": "true" }, h("span", {}, h("i", { class: "key-muscle" }), "the muscle"), h("span", {}, h("i", { class: "key-felt" }), "where it is felt")));
  map.addEventListener("click", (event) => {
    const hit = event.target.closest("[data-muscle]");
    if (!hit) return;
    if (hit.dataset.turn) { map.dataset.view = hit.dataset.turn; $(`[name=view][value=${hit.dataset.turn}]`, map).checked = true; }
    chooseMuscle(hit.dataset.muscle, true);
  });
  return map;
}

function chooseMuscle(muscle, fromMap) {
  const map = $(".bodymap");
  map.classList.add("chosen");
  for (const part of $$("[data-muscle]", map)) {
    const on = part.dataset.muscle === muscle;
    if (part.tagName === "BUTTON") part.setAttribute("aria-pressed", String(on));
    else part.classList.toggle("on", on);
  }
  for (const view of ["back", "front"]) {
    const felt = $(`.${view} .felt`, map), id = `p-${muscle}-${view}`;
    felt.replaceChildren(...(document.getElementById(id) ? [h("svg:use", { href: `#${id}`, class: "b-hatch", fill: "url(#hatch)" })] : []));
  }
  const row = document.getElementById(`list-${muscle}`);
  if (fromMap && row) {
    row.open = true;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    row.scrollIntoView({ block: "nearest", behavior: still ? "auto" : "smooth" });
  }
}

// ---- the list

function list(catalogue, tracks) {
  const groups = catalogue.muscles.filter((muscle) => muscle.tracks.length).map((muscle) =>
    group(`list-${muscle.id}`, muscle.title, picture([muscle.id], "art"), muscle.where, muscle.tracks, tracks, () => chooseMuscle(muscle.id, false)));
  const other = catalogue.tracks.filter((track) => !catalogue.muscles.some((muscle) => muscle.tracks.includes(track.name)));
  if (other.length) groups.push(group("list-other", "For the whole body", picture([], "art"), null, other.map((track) => track.name), tracks));
  return h("div", { class: "list" }, h("h3", {}, "By muscle"), groups);
}

function group(id, title, art, about, names, tracks, opened) {
  const found = names.map((name) => tracks.get(name)).filter(Boolean);
  const rows = h("details", { class: "muscle", name: "muscle", id },
    h("summary", {}, h("span", { class: "thumb" }, art), h("span", {}, h("span", { class: "row-t" }, title), h("span", { class: "row-s" }, found.length === 1 ? "1 session" : `${found.length} sessions`)), icon("next", "i fold")),
    about ? h("p", { class: "about" }, about) : null,
    h("ul", { class: "rows" }, found.map((track) => h("li", {}, h("a", { class: "row", href: link(track.name) },
      h("span", {}, h("span", { class: "row-t" }, track.title), h("span", { class: "row-s" }, details(track))), icon("next", "i go"))))));
  rows.addEventListener("toggle", () => { if (rows.open) opened?.(); });
  return rows;
}

function details(track) {
  return [track.length ? `${Math.round(track.length / 60)} min` : null, listed(track.tools) || null, track.position, track.origin === "own" ? "yours" : null].filter(Boolean).join(" · ");
}
