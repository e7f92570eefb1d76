// A track: what it is for, what is needed, how long, which side; and "Start".

import { capital, choice, clock, h, icon, scale } from "./dom.js";
import { source } from "./source.js";
import { picture } from "./body.js";
import { landscape } from "./landscape.js";
import { begin } from "./begin.js";
import { can, keep } from "./offline.js";

const KEYS = ["side", "start", "sore", "tool", "pace", "background"];

export async function show({ name, query }) {
  const track = await source.track(name);
  const chosen = { ...track.chosen };
  for (const key of KEYS) if (query.get(key)) chosen[key] = query.get(key);
  const asked = Number(query.get("minutes"));
  chosen.length = asked > 0 ? asked * 60 : (chosen.length ?? Math.round(track.usual / 60) * 60);
  const state = { chosen, reach: track, pain: null, voice: query.get("voice") ?? undefined };
  const parts = {};
  let turn = 0;

  const muscles = track.muscles.map((muscle) => muscle.id);
  const needs = h("p", { class: "need" });
  const land = h("div", { class: "landbox" });
  const note = h("p", { class: "note", role: "status" });
  const count = h("output", { for: "mins" });
  const least = h("span"), most = h("span");
  const slider = h("input", { id: "mins", type: "range", step: "1", on: { input: () => { chosen.length = Number(slider.value) * 60; words(); fit(); } } });
  const start = h("button", { type: "button", class: "btn big", on: { click: go } });

  function request() {
    const options = Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== null && value !== undefined && value !== ""));
    if (!state.reach.minutes.length) delete options.length;
    return { track: track.name, options, ...(state.voice ? { voice: state.voice } : {}) };
  }
  function go() { begin(request(), { painBefore: state.pain }); }

  /** A button that keeps this very session on the phone, where the connection allows it. */
  function keeping() {
    const told = h("span", { role: "status" }, "To play it while the computer is off.");
    const button = h("button", { type: "button", class: "btn line", on: { click: async () => {
      button.disabled = true;
      told.textContent = "The voice is being prepared.";
      try {
        const session = await keep(request(), (done, of) => { if (of) told.textContent = `The voice is being prepared: ${done} of ${of} sentences.`; });
        told.textContent = `On this phone: ${clock(session.seconds)}, ${(session.bytes / 1e6).toFixed(1)} MB. It stands under Sessions.`;
      } catch (error) { told.textContent = error.message; }
      button.disabled = false;
    } } }, icon("down"), "Keep on this phone");
    return h("p", { class: "acts soft" }, button, told);
  }

  function words() {
    const shown = Math.round(chosen.length / 60);
    const span = state.reach.minutes;
    count.replaceChildren(h("b", {}, String(shown)), shown === 1 ? " minute" : " minutes");
    slider.setAttribute("aria-valuetext", `${shown} minutes`);
    slider.style.setProperty("--at", `${span.length > 1 ? 100 * (shown - span[0]) / (span.at(-1) - span[0]) : 100}%`);
    start.replaceChildren(icon("play"), `Start, ${span.length ? (shown === 1 ? "1 minute" : `${shown} minutes`) : clock(state.reach.seconds)}`);
  }

  /** What can be had with these choices; where the length can't, it moves and says so. */
  async function fit() {
    const mine = ++turn;
    const wanted = chosen.length;
    let reach;
    try { reach = await source.reach(track.name, chosen); } catch (error) { if (mine === turn) note.textContent = error.message; return; }
    if (mine !== turn) return;
    state.reach = reach;
    const span = reach.minutes;
    parts.long.hidden = span.length < 2;
    if (span.length) {
      slider.min = span[0];
      slider.max = span.at(-1);
      least.textContent = span[0];
      most.textContent = span.at(-1);
      const near = Math.min(span.at(-1), Math.max(span[0], Math.round(wanted / 60)));
      chosen.length = near * 60;
      slider.value = near;
      if (near * 60 !== wanted) { note.textContent = `With these choices, ${near} minutes is the ${wanted < near * 60 ? "shortest" : "longest"}. The session is set to ${near}.`; words(); return fit(); }
    }
    words();
    land.replaceChildren(landscape(reach.steps, { sore: chosen.sore ?? null }));
    parts.steps.replaceChildren(...reach.steps.map((step) => h("li", {}, h("span", {}, step.title, step.side ? h("small", {}, ` ${step.side}`) : null), h("span", { class: "soft" }, clock(step.start)))));
    const left = reach.left_out;
    const told = left ? `${reach.steps.length} steps; ${left} ${left === 1 ? "is" : "are"} left out to keep the time.` : `${reach.steps.length} steps.`;
    if (!note.textContent.startsWith("With these") || wanted !== state.last) note.textContent = note.textContent.startsWith("With these") ? note.textContent : told;
    state.last = wanted;
    parts.told = told;
    source.ahead({ track: track.name, options: { ...chosen, length: chosen.length }, voice: state.voice }).catch(() => {});
  }

  const set = (key) => (value) => { chosen[key] = value || null; note.textContent = ""; if (key === "tool") need(); fit(); };
  function need() {
    const tool = track.tools.find((each) => each.id === (chosen.tool ?? track.tools[0]?.id));
    const hands = !tool || tool.id === "hands";
    needs.replaceChildren(...(hands ? [icon("ball"), h("span", {}, tool ? "Your hands are all you need" : "You need nothing but a clear floor")] : [icon("ball"), h("span", {}, "You need: ", h("b", {}, tool.name))]));
  }

  const sore = !track.sides ? null : h("div", {},
    choice("Which sides?", "side", [["both", "Both"], ["left", "Left"], ["right", "Right"]], chosen.side ?? "both", (value) => { chosen.side = value === "both" ? null : value; if (value !== "both") chosen.sore = null; parts.sore.hidden = !source.can.sore || value !== "both"; note.textContent = ""; fit(); }),
    parts.sore = h("div", { hidden: !source.can.sore || ["left", "right"].includes(chosen.side) }, choice("Is one side worse?", "sore", [["", "No"], ["left", "Left"], ["right", "Right"]], chosen.sore ?? "", (value) => { chosen.sore = value || null; soreNote.textContent = soreWords(); note.textContent = ""; fit(); }), null));
  const soreWords = () => (chosen.sore ? "It comes first, and is held half as long again." : "Both sides get the same time.");
  const soreNote = h("p", { class: "note" }, soreWords());
  if (parts.sore) parts.sore.append(soreNote);

  const cautions = track.cautions.filter((each) => each.level === "during" || each.level === "ask first");
  parts.steps = h("ol", { class: "steps" });
  parts.long = h("div", { class: "long" }, h("div", { class: "long-h" }, h("label", { for: "mins" }, "How long?"), count), slider, h("div", { class: "long-ends", "aria-hidden": "true" }, least, most));
  const element = h("section", { class: "screen task trackpage", "aria-labelledby": "track-h" },
    h("a", { class: "up", href: "#choose" }, icon("back"), "Sessions"),
    h("div", { class: "track-grid" },
      h("div", { class: "track-left" },
        h("div", { class: "cover night" }, picture(muscles, "art", { night: true, ratio: 1.6 })),
        h("h1", { id: "track-h" }, track.title),
        h("p", { class: "lead soft" }, track.summary),
        needs, track.position ? h("p", { class: "soft place" }, capital(track.position), ".") : null),
      h("div", { class: "track-right" },
        h("div", { class: "card choices" }, parts.long, land, note, sore,
          source.can.options && track.tools.length > 1 ? choice("With what?", "tool", track.tools.map((tool) => [tool.id, tool.id]), chosen.tool ?? track.tools[0].id, set("tool"), "seg wrap") : null),
        !source.can.options ? null : h("details", { class: "card fold" }, h("summary", {}, "Voice, pace and background"), h("div", {},
          choice("Pace", "pace", [["gentle", "Gentle"], ["normal", "Normal"], ["brisk", "Brisk"]], chosen.pace ?? "normal", set("pace")),
          choice("Background", "background", [["", "As it is"], ["none", "None"], ...track.backgrounds.map((each) => [each, capital(each)])], chosen.background ?? "", set("background"), "seg wrap"),
          source.can.voice ? voices(state, fit) : null)),
        h("details", { class: "card fold" }, h("summary", {}, "The steps"), parts.steps),
        can() ? keeping() : null,
        source.can.journal ? h("div", { class: "card" }, scale("Pain now? You can leave this out.", "pain", null, null, (value) => { state.pain = value; })) : null,
        h("section", { class: "card mind" }, h("h2", {}, icon("mind"), "While you lie there"), h("ul", { class: "signlist" }, (track.mind.length ? track.mind : cautions.filter((each) => each.level === "during").map((each) => each.text)).map((text) => h("li", {}, text))),
          h("details", { class: "plainfold" }, h("summary", {}, "Ask a doctor first with"), h("ul", { class: "signlist" }, cautions.filter((each) => each.level === "ask first").map((each) => h("li", {}, each.text))))))),
    h("div", { class: "dock" }, start));
  need();
  words();
  return { element, shown: () => { slider.min = 1; slider.max = 120; slider.value = Math.round(chosen.length / 60); fit(); } };
}

function voices(state, fit) {
  const box = h("div", {});
  source.voices().then((all) => {
    const ready = all.filter((voice) => voice.ready && voice.language.startsWith("en")).slice(0, 8);
    if (ready.length < 2) return;
    const first = `${ready[0].engine}:${ready[0].name}`;
    box.append(choice("Voice", "voice", ready.map((voice) => [`${voice.engine}:${voice.name}`, capital(voice.name)]), state.voice ?? first, (value) => { state.voice = value === first ? undefined : value; fit(); }, "seg wrap"));
  }).catch(() => {});
  return box;
}

