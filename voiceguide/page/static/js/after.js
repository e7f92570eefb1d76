// After a session: what was done, and one question that can be left out.

import { h, link, minutes, scale, say } from "./dom.js";
import { amend } from "./later.js";
import { landscape } from "./landscape.js";
import { forgetOutcome, outcome } from "./player.js";
import { wanted } from "./prefs.js";
import { source } from "./source.js";

export async function show() {
  const done = outcome();
  if (!done) { location.replace("#choose"); return { element: h("section", {}) }; }
  const { session, at, heard, ended, finished, painBefore } = done;
  let pain = null;
  const note = h("p", { class: "note", role: "status" });
  const worse = h("p", { class: "warn", hidden: true }, "Worse than before, and it stays? Leave this muscle alone tomorrow. If it is new, sharp or goes down the leg, have it looked at.");
  const leave = () => { forgetOutcome(); location.replace("#choose"); };
  const keep = async () => {
    if (pain !== null) {
      try {
        if (done.row === null) amend(done.key, { pain_after: pain });
        else await source.pain(done.row, { pain_after: pain });
      } catch (error) { say(error.message, null, 12); return; }
    }
    leave();
  };
  const chosen = (value) => {
    pain = value;
    const less = painBefore === null ? null : painBefore - value;
    note.textContent = less === null ? "" : less > 0 ? `${less} less than before.` : less < 0 ? `${-less} more than before.` : "The same as before.";
    worse.hidden = less === null || less >= 0;
  };
  const counted = wanted("ask") && source.can.journal && (done.row !== null || done.later);
  const steps = session.steps.filter((step) => step.start < at).length;
  const element = h("section", { class: "screen task after" },
    h("h1", {}, ended ? "Done" : "Stopped for now"),
    h("p", { class: "lead" }, `${session.title}. You heard ${minutes(Math.max(heard, 1))}${ended ? "" : `, up to step ${steps} of ${session.steps.length}`}.`),
    h("div", { class: "card" }, landscape(session.steps, { sore: session.sore, at })),
    ended && !finished ? h("p", { class: "soft" }, "Parts were skipped, so it isn't counted as finished.") : null,
    ended ? null : h("p", { class: "soft" }, "The place is kept: you can resume here, or on the computer."),
    done.later ? h("p", { class: "soft" }, "Your computer is not answering. This session is kept on the phone and written into the journal later.") : null,
    counted ? h("div", { class: "card" }, scale("Pain now, 0 to 10?", "pain", null, painBefore, chosen), note, worse) : null,
    h("div", { class: "acts" }, h("button", { type: "button", class: "btn", on: { click: keep } }, counted ? "Keep" : "Done"), counted ? h("button", { type: "button", class: "btn quiet", on: { click: leave } }, "Skip") : null),
    session.downloads ? h("p", { class: "fine" }, "Take it with you: ", h("a", { href: session.downloads.mp3, download: "" }, "MP3"), " · ", h("a", { href: session.downloads.html, download: "" }, "page in one file"), " · ", h("a", { href: session.downloads.words, download: "" }, "words")) : null,
    h("p", { class: "fine" }, h("a", { href: link(session.track, session.options) }, "Once more"), " · ", h("a", { href: "#days" }, "Day by day")));
  return { element };
}
