// The values of a published folder: prepared sessions, and a journal that stays on this device.

import { SourceError } from "./source.js";

const DEVICE = "voiceguide.device";
const MONTH = 30 * 86400e3;

function device() {
  try { return JSON.parse(localStorage.getItem(DEVICE)) ?? {}; } catch { return {}; }
}
function keep(change) {
  const value = { ...device(), ...change };
  try { localStorage.setItem(DEVICE, JSON.stringify(value)); } catch { /* a private window keeps nothing */ }
  return value;
}

const known = new Map();
async function read(file) {
  if (known.has(file)) return known.get(file);
  let answer;
  try { answer = await fetch(file); } catch { throw new SourceError("offline", "There is no connection, and this part isn't on the phone yet."); }
  if (!answer.ok) throw new SourceError("not-found", "This session isn't here any more.", answer.status);
  const value = await answer.json();
  known.set(file, value);
  return value;
}

const site = () => read("site.json");

async function track(name) {
  const file = (await site()).files[name];
  if (!file) throw new SourceError("not-found", "There is no such session here.", 404);
  return read(file);
}

const same = (edition, options) => ["side", "sore"].every((key) => (edition.options[key] ?? null) === (normal(options[key]) ?? null));
const normal = (value) => (value === "both" || value === "" ? null : value);

/** The sessions that were made of a track with these choices, the shortest first. */
function fitting(found, options) {
  const right = found.editions.filter((each) => same(each, options));
  return (right.length ? right : found.editions).toSorted((a, b) => a.seconds - b.seconds);
}
const nearest = (rows, seconds) => rows.reduce((best, row) => (Math.abs(row.seconds - seconds) < Math.abs(best.seconds - seconds) ? row : best));

function reachOf(found, options) {
  const rows = fitting(found, options);
  const chosen = options.length ? nearest(rows, options.length) : rows[0];
  return {
    shortest: rows[0].seconds, longest: rows.at(-1).seconds, usual: chosen.seconds, seconds: chosen.seconds,
    minutes: [...new Set(rows.map((row) => Math.max(1, Math.round(row.seconds / 60))))], says: null,
    steps: chosen.steps, left_out: 0, sides: chosen.sides.length > 0,
  };
}

export const source = {
  can: { more: false, other: false, sore: false, voice: false, journal: true, phones: false, days: false, options: false },
  async home() {
    const told = await site(), mine = device();
    const asked = !mine.safe || Date.now() - mine.safe > MONTH;
    const rows = mine.journal ?? [];
    const again = [];
    for (const row of rows.toReversed()) if (told.files[row.track] && !again.some((each) => each.track === row.track)) again.push({ track: row.track, title: row.title ?? row.track, minutes: Math.max(1, Math.round(row.seconds / 60)), options: row.options ?? {}, when: row.started });
    return {
      newcomer: !rows.length && !mine.place, title: told.title, feed: told.feed, contact: told.contact, privacy: told.privacy,
      safety: { needed: asked, emergency: told.signs.emergency, do_not_start: told.signs.do_not_start },
      resume: mine.place ? [mine.place] : [], today: null, again: again.slice(0, 3), notes: [], answered: false,
    };
  },
  catalogue: () => read("catalogue.json"),
  async track(name) {
    const found = await track(name);
    const reach = reachOf(found, found.chosen);
    const sides = [...new Set(found.editions.map((each) => each.options.side ?? "both"))];
    return { ...found, ...reach, tools: found.tools.slice(0, 1), backgrounds: [], sides: sides.length > 1 };
  },
  reach: async (name, options) => reachOf(await track(name), options),
  async find() { throw new SourceError("no-finder", "The finder needs voiceguide on a computer. Choose a muscle on the body instead."); },
  confirmSafety: async () => { keep({ safe: Date.now() }); },
  ahead: async () => {},
  async open(request) {
    const rows = fitting(await track(request.track), request.options ?? {});
    return read(`sessions/${nearest(rows, request.options?.length ?? rows[0].seconds).id}.json`);
  },
  more: async () => ({ refused: "" }),
  other: async () => ({ refused: "" }),
  async place(id, told) {
    const session = await read(`sessions/${id}.json`);
    const step = session.steps.find((each) => told.at < each.end) ?? session.steps.at(-1);
    keep({ place: { track: session.track, options: session.options, title: session.title, step: step.title + (step.side ? `, ${step.side} side` : ""), at: told.at, length: session.seconds, key: id, when: new Date().toISOString() } });
  },
  async end(id, told) {
    const session = await read(`sessions/${id}.json`);
    const mine = device();
    if (told.ended) keep({ place: null });
    else await this.place(id, told);
    if ((mine.journal ?? []).some((row) => row.key === told.key)) return { row: told.key, finished: told.ended };
    const heard = told.heard ?? told.at;
    if (heard < 30 && !told.ended) return { row: null, finished: false };
    const completed = told.ended && heard >= 0.9 * session.seconds;
    const row = { id: told.key, key: told.key, track: session.track, title: session.title, options: session.options, started: new Date(Date.now() - heard * 1000).toISOString(), seconds: heard, completed, skipped: told.ended && !completed, pain_before: told.pain_before ?? null, pain_after: null };
    keep({ journal: [...(mine.journal ?? []), row].slice(-500) });
    return { row: told.key, finished: completed };
  },
  async journal() {
    const rows = device().journal ?? [];
    return { sessions: rows.toReversed(), figures: { sessions: rows.length, minutes: rows.reduce((sum, row) => sum + row.seconds / 60, 0), pain_before: mean(rows, "pain_before"), pain_after: mean(rows, "pain_after") }, note: null };
  },
  add: async () => ({ row: null }),
  async pain(row, told) { keep({ journal: (device().journal ?? []).map((each) => (each.id === row ? { ...each, ...told } : each)) }); },
  async remove(row) { keep({ journal: (device().journal ?? []).filter((each) => each.id !== row) }); },
  plan: async () => ({ days: [], note: null }),
  settings: async () => ({}),
  change: async () => ({}),
  voices: async () => [],
  forgetAll: () => { try { localStorage.removeItem(DEVICE); } catch { /* nothing was kept */ } },
  links: {},
};

function mean(rows, key) {
  const told = rows.map((row) => row[key]).filter((value) => value !== null && value !== undefined);
  return told.length ? told.reduce((sum, value) => sum + value, 0) / told.length : null;
}
