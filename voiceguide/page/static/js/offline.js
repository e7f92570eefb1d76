// Sessions that the listener keeps on this phone, to be played while the computer is off.

import { source } from "./source.js";

const NAME = "voiceguide-sessions";

/** Whether this connection allows it. */
export const can = () => isSecureContext && "caches" in window && "serviceWorker" in navigator && source.can.options;

const place = (id, kind) => `kept/${id}.${kind}`;

/** Keep a session. Its description comes last, so that one that was cut short is never listed. */
export async function keep(request, progress) {
  const session = await source.open(request, progress);
  navigator.storage?.persist?.();
  const cache = await caches.open(NAME);
  const stored = async (kind, address) => {
    const answer = await fetch(address, { credentials: "same-origin" });
    if (!answer.ok) throw new Error("It could not be kept: the computer gave no sound.");
    await cache.put(place(session.id, kind), answer);
  };
  try {
    await Promise.all([stored("mp3", session.audio), stored("jpg", session.cover)]);
    await cache.put(place(session.id, "json"), new Response(JSON.stringify(session)));
  } catch (error) {
    await forget(session.id);
    throw error.name === "QuotaExceededError" ? new Error("It could not be kept: this phone has no room left.") : error;
  }
  return session;
}

/** All that are kept, the latest last. */
export async function list() {
  if (!can() || !(await caches.has(NAME))) return [];
  const cache = await caches.open(NAME);
  const described = (await cache.keys()).filter((request) => request.url.endsWith(".json"));
  return Promise.all(described.map(async (request) => (await cache.match(request)).json()));
}

/** A session with its sound in addresses of this phone. */
export async function opened(session) {
  const cache = await caches.open(NAME);
  const local = async (kind) => URL.createObjectURL(await (await cache.match(place(session.id, kind))).blob());
  return { ...session, audio: await local("mp3"), cover: await local("jpg"), local: true };
}

export async function forget(id) {
  const cache = await caches.open(NAME);
  await Promise.all(["json", "mp3", "jpg"].map((kind) => cache.delete(place(id, kind))));
}
