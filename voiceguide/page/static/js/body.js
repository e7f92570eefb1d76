// The body, drawn from parts that are loaded once: the map, thumbnails and covers.

import { $, h } from "./dom.js";

/** Bring the parts into the page, so that every figure can use them. */
export async function loadBody() {
  if ($("#outline")) return;
  try {
    const text = await (await fetch("body.svg")).text();
    const parts = new DOMParser().parseFromString(text, "image/svg+xml").querySelectorAll("defs > *");
    $("#parts").append(...[...parts].map((part) => document.importNode(part, true)));
  } catch { /* the page works without its picture */ }
}

const use = (id, look, more = {}) => h("svg:use", { href: `#${id}`, class: look, ...more });
const there = (id) => document.getElementById(id) !== null;

/** The parts of one figure. Of `lit` muscles the pain is hatched; without any, all are shown. */
export function figure(view, order, lit, night = false) {
  const hatch = `url(#${night ? "hatch-night" : "hatch"})`;
  const parts = [use("outline", "b-body")];
  for (const muscle of lit ?? []) {
    const id = `p-${muscle}-${view}`;
    if (there(id)) parts.push(use(id, "b-wash"), use(id, "b-hatch", { fill: hatch }));
  }
  if (!lit) parts.push(h("svg:g", { class: "felt" }));
  for (const muscle of lit ?? order) {
    const id = `m-${muscle}-${view}`;
    if (there(id)) parts.push(use(id, "b-muscle", { "data-muscle": muscle }));
  }
  parts.push(use(`lines-${view}`, "b-line"), use("outline", "b-edge"));
  return parts;
}

/** Where a muscle is best seen: the view, and the part of the figure. */
const FRAMES = {
  piriformis: ["back", 355, 150], "gluteus-maximus": ["back", 365, 160], "gluteus-medius": ["back", 335, 170],
  hamstrings: ["back", 480, 210], calves: ["back", 610, 210], hips: ["front", 350, 190], "lower-back": ["back", 265, 190],
};

/** A picture of muscles, cut out of the body; `width` to `height` as the place wants it. */
export function picture(muscles, look, { night = false, ratio = 1, zoom = 1 } = {}) {
  const [view, y, tall] = FRAMES[muscles[0]] ?? ["back", 395, 800];
  const height = FRAMES[muscles[0]] ? tall / zoom : 830, width = height * ratio;
  return h("svg:svg", { class: look, viewBox: `${-width / 2} ${y - height / 2} ${width} ${height}`, preserveAspectRatio: "xMidYMid slice", "aria-hidden": "true", focusable: "false" },
    figure(view, muscles, muscles, night));
}
