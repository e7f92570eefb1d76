// The finder: red flags first, then where, which side, what makes it worse, what is at hand; then what to try.

import { $, capital, h, icon, link } from "./dom.js";
import { source } from "./source.js";
import { picture } from "./body.js";
import { stopped } from "./safety.js";

export async function show() {
  const catalogue = await source.catalogue();
  const asked = new Map(catalogue.finder.map((question) => [question.id, question]));
  const told = { red_flags: [], pain: [], worse: [], tools: [], side: "neither" };
  const element = h("div", {});
  const turn = (screen) => {
    element.replaceChildren(screen);
    scrollTo(0, 0);
    const heading = $("h1", element);
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
    document.title = `${heading.textContent} · voiceguide`;
  };
  const checks = (question, key, changed = () => {}) => h("ul", { class: "checks" }, Object.entries(question.choices).map(([id, text]) =>
    h("li", {}, h("label", { class: "check" }, h("input", { type: "checkbox", value: id, checked: told[key].includes(id), on: { change: (event) => {
      told[key] = told[key].filter((each) => each !== id);
      if (event.target.checked) told[key].push(id);
      changed();
    } } }), h("span", {}, capital(text))))));
  const up = (words, back) => h("button", { type: "button", class: "up", on: { click: back } }, icon("back"), words);

  const flags = () => {
    const go = h("button", { type: "button", class: "btn big", on: { click: propose } }, told.red_flags.length ? "Next" : "None of these");
    async function propose() {
      if (!told.red_flags.length) { turn(place()); return; }
      const found = await source.find({ red_flags: told.red_flags });
      turn(stopped(found.stopped, () => turn(flags())));
    }
    return h("section", { class: "screen task" }, h("a", { class: "up", href: "#choose" }, icon("back"), "Sessions"),
      h("p", { class: "eyebrow" }, "1 of 3"), h("h1", {}, "First, is any of this true for you?"),
      h("p", { class: "lead" }, "A ball would be the wrong thing then. Mark what is true."),
      checks(asked.get("red_flags"), "red_flags", () => { go.textContent = told.red_flags.length ? "Next" : "None of these"; }),
      h("div", { class: "acts col" }, go));
  };

  const place = (note = null) => {
    const wrong = h("p", { class: "warn", role: "alert" }, note ?? "");
    const next = async () => {
      if (!told.pain.length) { wrong.textContent = "Mark at least one place where it hurts."; return; }
      await proposal();
    };
    const side = asked.get("side");
    return h("section", { class: "screen task wide" }, up("Back", () => turn(flags())),
      h("p", { class: "eyebrow" }, "2 of 3"), h("h1", {}, "Where does it hurt?"),
      h("div", { class: "columns" },
        h("div", {}, checks(asked.get("pain"), "pain"),
          h("fieldset", { class: "seg" }, h("legend", {}, side.text), h("div", { class: "opts wrap" }, Object.entries(side.choices).map(([id, text]) =>
            h("label", {}, h("input", { type: "radio", name: "side", value: id, checked: told.side === id, on: { change: () => { told.side = id; } } }), h("span", {}, capital(text))))))),
        h("div", {}, h("h2", {}, asked.get("worse").text), checks(asked.get("worse"), "worse"),
          h("h2", {}, "What is at hand?"), checks(asked.get("tools"), "tools"))),
      wrong, h("div", { class: "acts col" }, h("button", { type: "button", class: "btn big", on: { click: next } }, "Show me what to try")));
  };

  const proposal = async (keep = false) => {
    const found = await source.find({ ...told, keep });
    if (found.ask_back) { turn(back(found.ask_back)); return; }
    if (found.stopped.length) { turn(stopped(found.stopped, () => turn(place()))); return; }
    turn(proposed(found, catalogue, told, up("Back", () => turn(place()))));
  };

  const back = (flag) => h("section", { class: "screen task" }, up("Back", () => turn(place())),
    h("p", { class: "eyebrow" }, "You said both sides"), h("h1", {}, flag.question),
    h("div", { class: "acts col" },
      h("button", { type: "button", class: "btn line", on: { click: () => { told.red_flags = [...told.red_flags, flag.id]; turn(stopped([flag], () => { told.red_flags = []; turn(place()); })); } } }, "Yes"),
      h("button", { type: "button", class: "btn", on: { click: () => { told.side = "neither"; turn(place("Then say which side hurts more.")); } } }, "No")));

  element.append(flags());
  return { element };
}

function proposed(found, catalogue, told, up) {
  const muscles = found.muscles.filter((muscle) => muscle.tracks.length).slice(0, 4);
  const kept = h("button", { type: "button", class: "btn line", on: { click: async () => {
    await source.find({ ...told, keep: true });
    kept.replaceWith(h("p", { class: "soft", role: "status" }, "Kept, for today's session and the plan."));
  } } }, "Keep my answers for the plan");
  return h("section", { class: "screen task wide" }, up, h("p", { class: "eyebrow" }, "3 of 3"), h("h1", {}, "Try these, one a day"),
    h("p", { class: "lead" }, "Begin with the first. If it changes nothing after a few days, try the next."),
    h("div", { class: "proposals" }, muscles.map((muscle, number) => {
      const release = muscle.tracks.find((track) => track.kind === "release") ?? muscle.tracks[0];
      const search = muscle.tracks.find((track) => track.kind === "find");
      return h("article", { class: "card proposal" },
        h("div", { class: "proposal-h" }, h("span", { class: "thumb" }, picture([muscle.id], "art")), h("div", {}, h("h2", {}, muscle.title), h("p", { class: "soft" }, muscle.where))),
        muscle.reasons.map((reason) => h("p", {}, reason)),
        release.note ? h("p", { class: "warn" }, release.note) : null,
        h("p", { class: "acts" }, h("a", { class: number ? "btn line" : "btn", href: link(release.track, release.options) }, release.title),
          search ? h("a", { class: "btn quiet", href: link(search.track, search.options) }, "Find the spot first") : null));
    })),
    source.can.journal ? h("div", { class: "acts" }, kept) : null,
    h("details", { class: "fold" }, h("summary", {}, "Ask a doctor first with"), h("ul", { class: "signlist" }, found.ask_first.map((each) => h("li", {}, each.text)))),
    h("p", { class: "fine" }, "This is not medical advice."));
}

