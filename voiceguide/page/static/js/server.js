// The values of the server, over HTTP.

import { SourceError } from "./source.js";

const BASE = "api/v1/";
const GONE = "Your computer is not answering. Is it awake, and on the same network?";

async function call(method, path, body, patience = 30000) {
  const stop = AbortSignal.timeout ? AbortSignal.timeout(patience) : undefined;
  const given = { method, signal: stop, credentials: "same-origin", headers: {} };
  if (method !== "GET") {
    given.headers["X-Voiceguide"] = "page";
    given.headers["Content-Type"] = "application/json";
    given.body = JSON.stringify(body ?? {});
    given.keepalive = method !== "PATCH" && given.body.length < 10000; // more is not allowed to outlive a page
  }
  let answer;
  try {
    answer = await fetch(BASE + path, given);
  } catch {
    throw new SourceError("offline", GONE);
  }
  if (answer.status === 204) return null;
  const value = await answer.json().catch(() => null);
  if (!answer.ok) {
    const error = value?.error ?? { code: "http", message: `The computer answered ${answer.status}.` };
    throw new SourceError(error.code, error.message, answer.status);
  }
  return value;
}

const get = (path) => call("GET", path);
const name = encodeURIComponent;
const query = (options) => new URLSearchParams(Object.entries(options).filter(([, value]) => value !== null && value !== undefined)).toString();

let known = null;

/** A session that is whole, of one that was asked for; `progress` is told (done, of) while it is spoken. */
async function whole(asked, progress = () => {}) {
  let value = await asked;
  while (!value.ready) {
    progress(value.done, value.of);
    value = await get(`sessions/${value.id}?after=${value.done}`);
  }
  return value;
}

export const source = {
  /** What this source can do; a folder can do less. */
  can: { more: true, other: true, sore: true, voice: true, journal: true, phones: true, days: true, options: true, write: true },
  home: () => get("home"),
  catalogue: async () => (known ??= await get("catalogue")),
  track: (track) => get(`tracks/${name(track)}`),
  reach: (track, options) => get(`tracks/${name(track)}/reach?${query(options)}`),
  find: (answers) => call("POST", "find", answers),
  confirmSafety: () => call("POST", "safety", { none_applies: true }),
  ahead: (request) => call("POST", "ahead", request),
  open: (request, progress) => whole(call("POST", "sessions", request), progress),
  hear: (own, progress) => whole(call("POST", `scripts/${name(own)}/session`, {}), progress),
  more: (id, at, key) => call("POST", `sessions/${id}/more`, { at, key }),
  other: (id, at, key) => call("POST", `sessions/${id}/other`, { at, key }),
  place: (id, told) => call("PUT", `sessions/${id}/place`, told, 8000),
  end: (id, told) => call("POST", `sessions/${id}/end`, told),
  journal: () => get("journal"),
  add: (row) => call("POST", "journal", row),
  pain: (row, told) => call("PATCH", `journal/${row}`, told),
  remove: (row) => call("DELETE", `journal/${row}`),
  plan: () => get("plan"),
  settings: () => get("settings"),
  change: (told) => call("PATCH", "settings", told),
  scripts: () => get("scripts"),
  beginScript: (told) => call("POST", "scripts", told),
  script: (own, after) => call("GET", `scripts/${name(own)}${after ? `?after=${after}` : ""}`),
  saveScript: (own, told) => call("PUT", `scripts/${name(own)}`, told),
  problems: (own, told) => call("POST", `scripts/${name(own)}/problems`, told),
  picture: (own, told) => call("POST", `scripts/${name(own)}/picture`, told),
  formatted: (own, told) => call("POST", `scripts/${name(own)}/formatted`, told),
  completions: (own, told) => call("POST", `scripts/${name(own)}/completions`, told),
  heardAt: (id, line, near) => get(`sessions/${id}/line?line=${line}&near=${near}`),
  forgetCatalogue: () => { known = null; },
  forgetAnswers: () => call("DELETE", "settings"),
  voices: () => get("voices"),
  connection: () => get("connection"),
  podcast: () => get("podcast"),
  renewPodcast: () => call("POST", "podcast"),
  invite: () => call("POST", "invite"),
  pair: (code) => call("POST", "pair", { code }),
  forget: (phone) => call("DELETE", `phones/${phone}`),
  links: { csv: `${BASE}journal.csv`, calendar: `${BASE}plan.ics`, chart: `${BASE}chart.svg` },
};
