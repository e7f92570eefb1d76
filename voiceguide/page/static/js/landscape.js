// A session as a row of steps: width is time, height is pressure. The same shape everywhere.

import { h } from "./dom.js";

/** The row, with sides bracketed below. `sore` is drawn in the colour of pain. */
export function landscape(steps, { sore = null, at = null, sides = true } = {}) {
  const row = h("div", { class: "strip" }, steps.map((step) =>
    h("i", { class: `k-${step.kind}`, css: { "--w": Math.max(0.5, step.end - step.start) } })));
  const brackets = [];
  for (const step of steps) {
    const last = brackets.at(-1);
    if (last && last.side === step.side) last.end = step.end;
    else brackets.push({ side: step.side, start: step.start, end: step.end });
  }
  const under = sides && brackets.some((each) => each.side)
    ? h("div", { class: "sides" }, brackets.map((each) =>
      h("span", { class: each.side ? (each.side === sore ? "side sore" : "side") : null, css: { "--w": each.end - each.start } }, each.side)))
    : null;
  const land = h("div", { class: "land", "aria-hidden": "true" }, row, under);
  if (at !== null) mark(land, steps, at);
  return land;
}

/** Show how far it is. */
export function mark(land, steps, at) {
  const bars = land.firstElementChild.children;
  steps.forEach((step, number) => {
    const part = (at - step.start) / (step.end - step.start);
    const bar = bars[number];
    bar.classList.toggle("done", part >= 1);
    bar.classList.toggle("now", part >= 0 && part < 1);
    if (part >= 0 && part < 1) bar.style.setProperty("--p", `${(part * 100).toFixed(1)}%`);
  });
}

export const stepAt = (steps, at) => {
  const found = steps.findIndex((step) => at < step.end);
  return found < 0 ? steps.length - 1 : found;
};
