// What this browser does while a session plays; on, unless it was turned off.

const KEY = "voiceguide.while-playing";

function read() {
  try { return JSON.parse(localStorage.getItem(KEY)) ?? {}; } catch { return {}; }
}

export const CHOICES = [
  ["dark", "Dark, at any time of day", "A bright screen in a dim room is no rest."],
  ["quiet", "Buttons step back after 8 seconds", "The first touch only brings them back."],
  ["ask", "Ask for the pain afterwards", ""],
];

export const wanted = (name) => read()[name] !== false;

export function want(name, on) {
  try { localStorage.setItem(KEY, JSON.stringify({ ...read(), [name]: on })); } catch { /* a private window keeps nothing */ }
}
