// Keeps the page on the phone, so that it opens while the computer is off. Sound never goes through here.

const NAME = "voiceguide-page-5";
const MODULES = ["app", "after", "begin", "body", "chooser", "days", "dom", "finder", "floor", "folder", "kept", "landscape", "later", "offline", "player", "prefs", "safety", "server", "settings", "source", "track"];
const FIRST = ["./", "style.css", "body.svg", "icon.svg", "manifest.webmanifest", ...MODULES.map((name) => `js/${name}.js`)];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(FIRST)).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => {
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter((name) => name !== NAME && name !== "voiceguide-sessions").map((name) => caches.delete(name)))).then(() => self.clients.claim()));
});
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const scope = new URL(self.registration.scope).pathname;
  const path = url.pathname.slice(scope.length);
  if (event.request.method !== "GET" || url.origin !== location.origin || path.startsWith("media/") || path.endsWith(".mp3")) return;
  if (path.startsWith("api/") && !/^api\/v1\/(home|catalogue|tracks\/|plan|journal|settings|connection)/.test(path)) return;
  event.respondWith(fresh(event.request));
});

/** From the computer where it answers, else what was seen last. */
async function fresh(request) {
  const cache = await caches.open(NAME);
  try {
    const answer = await fetch(request);
    if (answer.ok) cache.put(request, answer.clone());
    return answer;
  } catch (error) {
    const kept = await cache.match(request, { ignoreSearch: request.mode === "navigate" });
    if (kept) return kept;
    throw error;
  }
}
