// What couldn't be sent is kept on the phone and sent later, each with a key, so that it counts once.

import { source } from "./source.js";

const KEY = "voiceguide.later";

function read() {
  try { return JSON.parse(localStorage.getItem(KEY)) ?? []; } catch { return []; }
}

function write(rows) {
  try { localStorage.setItem(KEY, JSON.stringify(rows)); } catch { /* a private window keeps nothing */ }
}

export const newKey = () => crypto.getRandomValues(new Uint32Array(4)).reduce((text, part) => text + part.toString(16).padStart(8, "0"), "");

/** A session for the journal, now or when the computer is back. Its row, or null where it has to wait. */
export async function addRow(row) {
  try {
    return (await source.add(row)).row;
  } catch (error) {
    if (error.code !== "offline") throw error;
    write([...read(), row]);
    return null;
  }
}

/** Say how the pain is, of a session that still waits to be sent. */
export function amend(key, told) {
  write(read().map((row) => (row.key === key ? { ...row, ...told } : row)));
}

let sending = false;
export async function flush() {
  if (sending) return;
  sending = true;
  try {
    for (const row of read()) {
      try { await source.add(row); } catch (error) {
        if (error.code === "offline" || error.code === "unpaired") return;
      }
      write(read().filter((each) => each.key !== row.key));
    }
  } finally { sending = false; }
}

export const waiting = () => read().length;
addEventListener("online", flush);
