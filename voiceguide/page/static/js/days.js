// Day by day: the plan, the pain over time, the journal.

import { h, icon, link, minutes, say } from "./dom.js";
import { source } from "./source.js";

export async function show() {
  const [plan, journal] = await Promise.all([source.plan(), source.journal()]);
  const element = h("section", { class: "screen", "aria-labelledby": "days-h" }, h("h1", { id: "days-h" }, "Day by day"),
    [plan.note, journal.note].filter(Boolean).map((text) => h("p", { class: "fine" }, text)),
    h("div", { class: "days-grid" },
      !source.can.days ? null : h("section", { "aria-labelledby": "plan-h" }, h("h2", { id: "plan-h" }, "The days to come"), h("ol", { class: "days" }, plan.days.map(day)),
        h("p", { class: "acts" }, h("a", { class: "btn line", href: source.links.calendar, download: "" }, icon("day"), "For the calendar"), h("a", { class: "btn quiet", href: "#finder" }, "Change my answers"))),
      h("div", {}, pain(journal), log(journal))));
  return { element };
}

const date = (text, look) => new Date(text.length === 10 ? `${text}T12:00` : text).toLocaleDateString(undefined, look);

function day(each) {
  const when = date(each.date, { weekday: "short", day: "numeric", month: "short" });
  const today = each.date === new Date().toLocaleDateString("sv");
  return h("li", { class: today ? "card today" : "card" },
    h("div", { class: "day-h" }, h("time", { datetime: each.date, class: "eyebrow" }, today ? "Today" : when), each.done ? h("span", { class: "done" }, "done") : null),
    h("h3", {}, each.title), h("p", { class: "soft" }, each.why), each.note ? h("p", { class: "soft" }, each.note) : null,
    each.sessions.length && !each.muscle ? h("p", { class: "soft" }, "If you like:") : null,
    h("ul", { class: "rows" }, each.sessions.map((session) => h("li", {}, h("a", { class: "row", href: link(session.track, session.options) }, h("span", {}, h("span", { class: "row-t" }, session.title), session.minutes ? h("span", { class: "row-s" }, `${session.minutes} min`) : null), icon("next", "i go"))))));
}

function pain(journal) {
  const figures = journal.figures;
  if (!figures.sessions) return h("section", { class: "card" }, h("h2", {}, "Pain over time"), h("p", { class: "soft" }, "After your first session the chart begins here."));
  const mean = (value) => (value === null || value === undefined ? null : value.toFixed(1));
  const told = mean(figures.pain_before) && mean(figures.pain_after) ? `Pain before, on average ${mean(figures.pain_before)}; after, ${mean(figures.pain_after)}.` : "Say how the pain is before and after a session, and it is drawn here.";
  return h("section", { class: "card" }, h("h2", {}, "Pain over time"), h("p", { class: "soft" }, `${figures.sessions} ${figures.sessions === 1 ? "session" : "sessions"}, ${minutes(figures.minutes * 60)} in all. ${told}`),
    !source.links.chart ? null : h("img", { class: "chart", src: `${source.links.chart}?${journal.sessions[0].id}-${journal.sessions[0].pain_after}`, alt: told, width: 900, height: 520 }));
}

function log(journal) {
  const rows = h("ul", { class: "rows journal" }, journal.sessions.slice(0, 60).map(row));
  return h("section", { class: "card" }, h("h2", {}, "Journal"),
    journal.sessions.length ? rows : h("p", { class: "soft" }, "No session yet."),
    journal.sessions.length && source.links.csv ? h("p", { class: "acts" }, h("a", { class: "btn line", href: source.links.csv, download: "" }, icon("down"), "As a table (CSV)")) : null);
}

function row(record) {
  const pains = [record.pain_before, record.pain_after];
  const state = record.completed ? "finished" : record.skipped ? "skipped to the end" : record.marked ? "marked as done" : "stopped early";
  const element = h("li", { class: "entry" },
    h("span", {}, h("span", { class: "row-t" }, record.track), h("span", { class: "row-s" }, `${date(record.started, { day: "numeric", month: "short" })} · ${minutes(record.seconds)} · ${state}`)),
    pains.some((value) => value !== null) ? h("span", { class: "pains" }, `pain ${pains[0] ?? "–"} → ${pains[1] ?? "–"}`) : null,
    h("button", { type: "button", class: "icon", "aria-label": `Delete ${record.track} of ${date(record.started, { day: "numeric", month: "long" })}`, on: { click: () => {
      element.hidden = true;
      let kept = false;
      say("Deleted from the journal.", { name: "Undo", run: () => { kept = true; element.hidden = false; } });
      setTimeout(() => { if (!kept) source.remove(record.id).catch((error) => { element.hidden = false; say(error.message); }); }, 8200);
    } } }, icon("close")));
  return element;
}
