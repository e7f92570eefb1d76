// Small helpers that every screen uses: elements, icons, times in words.

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes and children. `on` has listeners, `css` custom properties. */
export function h(tag, given = {}, ...children) {
  const svg = tag.startsWith("svg:");
  const made = svg ? document.createElementNS(SVG, tag.slice(4)) : document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") for (const [event, call] of Object.entries(value)) made.addEventListener(event, call);
    else if (name === "css") for (const [property, text] of Object.entries(value)) made.style.setProperty(property, text);
    else if (name === "class") made.setAttribute("class", value);
    else if (value === true) made.setAttribute(name, "");
    else made.setAttribute(name, value);
  }
  made.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

export const icon = (name, look = "i") =>
  h("svg:svg", { class: look, "aria-hidden": "true", focusable: "false" }, h("svg:use", { href: `#i-${name}` }));

export const $ = (what, within = document) => within.querySelector(what);
export const $$ = (what, within = document) => [...within.querySelectorAll(what)];

/** Seconds as 3:05, or 1:02:05. */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds + 1e-6));
  const pad = (value) => String(value).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes}:${pad(whole % 60)}` : `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${pad(whole % 60)}`;
}

export const minutes = (seconds) => {
  const count = Math.max(1, Math.round(seconds / 60));
  return count === 1 ? "1 minute" : `${count} minutes`;
};

export const listed = (words, joint = "or") =>
  words.length < 2 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} ${joint} ${words.at(-1)}`;

export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

export const link = (name, options = {}) => {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(options)) {
    if (key === "length") query.set("minutes", String(Math.round(value / 60)));
    else query.set(key, value);
  }
  const text = query.toString();
  return `#track/${encodeURIComponent(name)}${text ? `?${text}` : ""}`;
};

/** A line at the foot of the screen, with at most one thing to do; it goes by itself. */
let going = 0;
export function say(text, action, seconds = 8) {
  const line = $("#line");
  clearTimeout(going);
  if (!text) { line.hidden = true; return; }
  line.replaceChildren(h("span", {}, text), action ? h("button", { type: "button", on: { click: () => { line.hidden = true; action.run(); } } }, action.name) : null);
  line.hidden = false;
  if (seconds) going = setTimeout(() => { line.hidden = true; }, seconds * 1000);
}

/** A row of choices of which one holds. `choices` are [value, words]. */
export function choice(legend, name, choices, chosen, change, look = "seg") {
  return h("fieldset", { class: look }, h("legend", {}, legend), h("div", { class: "opts" }, choices.map(([value, words]) =>
    h("label", {}, h("input", { type: "radio", name, value, checked: value === chosen, on: { change: () => change(value) } }), h("span", {}, words)))));
}

/** 0 to 10, in a row of radio buttons. */
export function scale(legend, name, chosen, before, change) {
  return h("fieldset", { class: "scale" }, h("legend", {}, legend), h("div", { class: "opts" }, Array.from({ length: 11 }, (_, value) =>
    h("label", { class: value === before ? "before" : null }, h("input", { type: "radio", name, value, checked: value === chosen, on: { change: () => change(value) } }), h("span", {}, String(value))))),
    h("div", { class: "ends", "aria-hidden": "true" }, h("span", {}, "no pain"), h("span", {}, "worst pain")));
}
