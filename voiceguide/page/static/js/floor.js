// Floor mode: the dial, the sentence, the landscape, six buttons; readable from an arm's length, lying down.

import { $, clock, h, icon } from "./dom.js";
import { landscape, mark, stepAt } from "./landscape.js";
import { hold, playing, remembered } from "./player.js";
import { wanted } from "./prefs.js";
import { source } from "./source.js";
import { confirmed } from "./safety.js";
// Here before it is needed: the computer may be gone by then.
import "./after.js";

const QUIET_AFTER = 8000, HOLD = 600, RING = 2 * Math.PI * 46;

export async function show() {
  let player = playing();
  if (!player) player = await restore();
  if (!player) { location.replace("#choose"); return { element: h("section", { class: "screen" }, h("h1", {}, "No session is playing")) }; }
  return floor(player);
}

/** After a reload the session waits where it was, for a touch. */
async function restore() {
  const kept = remembered();
  if (!kept || !(await confirmed())) return null;
  const request = Object.fromEntries(Object.entries(kept.request).filter(([, value]) => value !== null && value !== undefined));
  const session = await source.open(request);
  return hold(session, new Audio(), { at: kept.at, key: kept.key });
}

function floor(player) {
  const title = h("h1", { class: "step", tabindex: "-1" }), side = h("p", { class: "step-side" });
  const time = h("p", { class: "clock" });
  const number = h("b", {}), word = h("span", {});
  const arc = h("svg:circle", { class: "arc", cx: 50, cy: 50, r: 46, "stroke-dasharray": `0 ${RING}`, transform: "rotate(-90 50 50)" });
  const disc = h("svg:circle", { class: "breath", cx: 50, cy: 50, r: 32 });
  const dial = h("div", { class: "dial", role: "img" }, h("svg:svg", { viewBox: "0 0 100 100", "aria-hidden": "true" }, h("svg:circle", { class: "rail", cx: 50, cy: 50, r: 46 }), disc, arc), h("div", { class: "count", "aria-hidden": "true" }, number, word));
  const sentence = h("p", { class: "sentence" }), next = h("p", { class: "next" });
  const bubble = h("output", { class: "bubble", hidden: true });
  let land = landscape(player.session.steps, { sore: player.session.sore });
  const seek = h("input", { class: "seek", type: "range", min: 0, max: Math.ceil(player.session.seconds), step: 5, "aria-label": "Place in the session" });
  const track = h("div", { class: "landhold" }, land, seek, bubble);
  const steps = h("ol", { class: "steplist" });
  const button = (name, picture, run, look = "") => h("button", { type: "button", class: `tool ${look}`.trim(), on: { click: run } }, icon(picture), h("span", {}, name));
  const play = button("Pause", "pause", () => toggle(), "main");
  const more = button("More here", "more", () => act(player.more()));
  const other = button("Other side", "swap", () => act(player.other()));
  const tools = h("div", { class: "tools" },
    button("15 s back", "rewind", () => player.back()), play, button("Next step", "step", () => player.next()),
    button("Repeat step", "repeat", () => player.repeat()), more, other);
  const line = h("p", { class: "floorline", role: "status" });
  const undo = h("button", { type: "button", class: "undo", hidden: true, on: { click: () => { player.undo(); undo.hidden = true; line.textContent = ""; } } }, "Undo");
  const end = h("button", { type: "button", class: "end", on: { click: () => finish() } }, icon("close"), "End");
  const held = h("button", { type: "button", class: "btn big held", hidden: true, on: { click: () => player.play() } }, icon("play"), "Touch to start");
  const element = h("section", { class: wanted("dark") ? "floor night" : "floor", "aria-label": player.session.title },
    h("div", { class: "floorbar" }, end, time),
    h("div", { class: "dialbox" }, dial, held),
    h("div", { class: "stepbox" }, title, side),
    h("div", { class: "words" }, sentence, next, h("div", { class: "told" }, line, undo)),
    h("div", { class: "aside" }, h("h2", {}, "Steps"), steps),
    track, tools);

  let shown = -1, frame = 0, quiet = 0, undoTimer = 0, lastSecond = -1;

  function listSteps() {
    steps.replaceChildren(...player.session.steps.map((step) => h("li", {}, h("button", { type: "button", on: { click: () => player.jump(step.start, `On to ${step.title}.`) } }, h("i", { class: `k-${step.kind}`, "aria-hidden": "true" }), h("span", {}, step.title, step.side ? h("small", {}, ` ${step.side}`) : null), h("time", {}, clock(step.start))))));
  }

  function draw() {
    const at = player.at, now = player.moment(at);
    const left = Math.max(1, Math.ceil(now.left - 0.05));
    number.textContent = left > 99 ? clock(left) : String(left);
    number.classList.toggle("long", left > 99);
    word.textContent = player.paused ? "paused" : now.word;
    const part = Math.min(1, 1 - now.left / now.lasts);
    arc.setAttribute("stroke-dasharray", `${Math.max(0.3, part * RING)} ${RING}`);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const breath = now.lane === "breath" && !still ? 27 + 9 * (/in$/.test(now.word) ? part : /out$/.test(now.word) ? 1 - part : 1) : 32;
    disc.setAttribute("r", breath.toFixed(2));
    const second = Math.floor(at * 2);
    if (second === lastSecond && now.number === shown) return;
    lastSecond = second;
    dial.setAttribute("aria-label", `${now.word}, ${left} seconds left`);
    time.textContent = `${clock(at)} of ${clock(player.session.seconds)}`;
    if (sentence.textContent !== now.sentence) sentence.textContent = now.sentence;
    next.textContent = now.next ? `Next: ${now.next.title}${now.next.side && now.next.side !== now.step.side ? `, ${now.next.side} side` : ""}, in ${now.next.in < 100 ? `${Math.ceil(now.next.in)} s` : clock(now.next.in)}` : `Ends in ${clock(player.session.seconds - at)}`;
    mark(land, player.session.steps, at);
    if (document.activeElement !== seek || !dragging) seek.value = String(at);
    seek.setAttribute("aria-valuetext", where(at));
    const twin = player.twinOffer();
    more.classList.toggle("offer", twin !== null);
    $("span", more).textContent = twin ? "Same here" : "More here";
    const running = player.session.intervals.find((each) => each.start <= at && at < each.end);
    more.disabled = !source.can.more || !running || (running.more_left === 0 && !["hold", "roll", "press", "knead", "stretch", "work"].includes(running.label));
    const side2 = source.can.other ? player.otherSide : null;
    other.hidden = side2 === null;
    if (side2) $("span", other).textContent = `${side2 === "left" ? "Left" : "Right"} side`;
    if (now.number !== shown) {
      shown = now.number;
      title.textContent = now.step.title;
      side.textContent = now.step.side ? `${now.step.side} side` : "";
      side.classList.toggle("sore", now.step.side !== "" && now.step.side === player.session.sore);
      document.title = `${now.step.title} · voiceguide`;
      [...steps.children].forEach((row, index) => { row.classList.toggle("now", index === shown); if (index === shown) row.firstChild.setAttribute("aria-current", "step"); else row.firstChild.removeAttribute("aria-current"); });
      const row = steps.children[shown];
      if (row) steps.scrollTop = row.offsetTop - steps.offsetTop - steps.clientHeight / 3;
    }
  }

  const where = (at) => {
    const step = player.session.steps[stepAt(player.session.steps, at)];
    return `${step.title}${step.side ? `, ${step.side} side` : ""}, ${clock(at)} of ${clock(player.session.seconds)}`;
  };

  function loop() {
    draw();
    frame = document.hidden ? 0 : requestAnimationFrame(loop);
  }

  function state() {
    const paused = player.paused;
    play.replaceChildren(icon(paused ? "play" : "pause"), h("span", { class: "vh" }, paused ? "Play" : "Pause"));
    held.hidden = !player.held;
    element.classList.toggle("paused", paused);
    if (player.held) tell("The phone held the sound back. It wants a touch first.");
    else if (player.gone) tell(player.kept ? "Your computer is not answering. This session is on the phone and goes on to its end." : `Your computer is not answering. The phone has the session up to ${clock(player.keptUntil)}. It goes on by itself when the computer is back.`);
    else if (player.waiting) tell("One moment: this part is being made.");
    else if (undo.hidden) line.textContent = "";
    if (!frame) draw();
  }

  function tell(words, undoable = false) {
    line.textContent = words ?? "";
    undo.hidden = !undoable;
    clearTimeout(undoTimer);
    if (undoable || words) undoTimer = setTimeout(() => { undo.hidden = true; if (!player.gone && !player.held) line.textContent = ""; }, 8000);
  }

  const act = async (doing) => { const words = await doing; if (words && words !== player.lastJump) tell(words); };
  const toggle = () => player.toggle();
  async function finish() { await player.end(false); location.replace("#after"); }

  // ---- first touch wakes, second acts

  let woke = 0;
  function wake() {
    element.classList.remove("quiet");
    clearTimeout(quiet);
    quiet = setTimeout(() => { if (wanted("quiet") && !player.paused && !element.contains(document.activeElement?.closest(".tools, .seek"))) element.classList.add("quiet"); }, QUIET_AFTER);
  }
  element.addEventListener("pointerdown", () => { if (element.classList.contains("quiet")) { woke = Date.now(); wake(); } else wake(); }, true);
  element.addEventListener("click", (event) => {
    // The touch that woke it does nothing else; a click without a finger (keyboard, screen reader) acts at once.
    if (event.detail !== 0 && Date.now() - woke < 500) { event.stopPropagation(); event.preventDefault(); }
  }, true);
  element.addEventListener("focusin", wake);

  // ---- a hold on the landscape moves the place

  let dragging = false, holding = 0, aim = 0;
  const placeOf = (event) => { const box = track.getBoundingClientRect(); return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * player.session.seconds; };
  track.addEventListener("pointerdown", (event) => {
    if (Date.now() - woke < 500) return;
    event.preventDefault();
    tell("Keep holding to move");
    holding = setTimeout(() => { dragging = true; navigator.vibrate?.(15); track.setPointerCapture(event.pointerId); aim = placeOf(event); point(event); }, HOLD);
  });
  const point = (event) => {
    const box = track.getBoundingClientRect(), away = event.clientY < box.top - 60;
    aim = placeOf(event);
    bubble.hidden = false;
    bubble.textContent = away ? "Let go to stay here" : where(aim);
    bubble.style.setProperty("--x", `${100 * aim / player.session.seconds}%`);
    bubble.dataset.away = away ? "yes" : "";
  };
  track.addEventListener("pointermove", (event) => { if (dragging) point(event); });
  const drop = () => {
    clearTimeout(holding);
    if (dragging && !bubble.dataset.away) player.jump(aim, `Moved to ${clock(aim)}.`);
    else if (!dragging) tell("");
    dragging = false;
    bubble.hidden = true;
  };
  track.addEventListener("pointerup", drop);
  track.addEventListener("pointercancel", () => { bubble.dataset.away = "yes"; drop(); });
  seek.addEventListener("change", () => player.jump(Number(seek.value), `Moved to ${clock(Number(seek.value))}.`));

  // ---- keys, as in the terminal

  const KEYS = {
    " ": toggle, k: toggle, ArrowLeft: () => player.back(), ArrowRight: () => player.ahead(),
    n: () => player.next(), p: () => player.previous(), r: () => player.repeat(), m: () => act(player.more()), o: () => act(player.other()), Escape: () => finish(),
  };
  const key = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || $("dialog[open]")) return;
    if (event.target.matches("button") && event.key === " ") return;
    if (event.target === seek && event.key.startsWith("Arrow")) return;
    const run = KEYS[event.key];
    if (!run) return;
    event.preventDefault();
    wake();
    run();
  };
  const seen = () => { if (!document.hidden && !frame) loop(); };
  const fresh = () => {
    const made = landscape(player.session.steps, { sore: player.session.sore });
    land.replaceWith(made);
    land = made;
    seek.max = Math.ceil(player.session.seconds);
    shown = -1;
    listSteps();
  };
  const jumped = (event) => tell(event.detail, true);
  const over = () => { location.replace("#after"); };
  const listeners = [["state", state], ["moved", draw], ["session", fresh], ["jumped", jumped], ["over", over]];
  for (const [name, call] of listeners) player.addEventListener(name, call);
  addEventListener("keydown", key);
  document.addEventListener("visibilitychange", seen);
  listSteps();
  draw();
  state();

  return {
    element,
    shown: () => { loop(); wake(); title.focus({ preventScroll: true }); if (player.paused && !player.begun) { player.begun = true; player.play().then(state); } },
    leave: () => {
      cancelAnimationFrame(frame);
      clearTimeout(quiet);
      for (const [name, call] of listeners) player.removeEventListener(name, call);
      removeEventListener("keydown", key);
      document.removeEventListener("visibilitychange", seen);
      if (!player.over && !player.paused) document.body.dataset.playing = "yes";
    },
  };
}
