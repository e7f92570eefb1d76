// Before the first session, by any route: the emergency signs, whole, until "None of these".

import { h } from "./dom.js";
import { source } from "./source.js";

/** Show them if the listener has to be asked; true once none of them applies. */
export async function confirmed(home) {
  const asked = (home ?? await source.home()).safety;
  if (!asked.needed) return true;
  return new Promise((resolve) => {
    const before = document.activeElement;
    const close = (answer) => { dialog.close(); dialog.remove(); before?.focus?.(); resolve(answer); };
    const none = h("button", { type: "button", class: "btn big", on: { click: async () => {
      none.disabled = true;
      try { await source.confirmSafety(); close(true); } catch (error) {
        if (error.code === "offline") close(true); // a kept session; it is asked again with the computer
        else { none.disabled = false; wrong.textContent = error.message; }
      }
    } } }, "None of these");
    const one = h("button", { type: "button", class: "btn line big", on: { click: () => close(false) } }, "One of these is true for me");
    const wrong = h("p", { class: "warn", role: "alert" });
    const dialog = h("dialog", { class: "signs", "aria-labelledby": "signs-h", on: { cancel: (event) => { event.preventDefault(); close(false); } } },
      h("div", { class: "screen task" },
        h("p", { class: "eyebrow" }, "Before your first session"),
        h("h1", { id: "signs-h", tabindex: "-1" }, "Is any of this true for you?"),
        h("p", { class: "lead" }, "A ball would be the wrong thing then."),
        h("h2", {}, "Get emergency help now"),
        h("ul", { class: "signlist grave" }, asked.emergency.map((text) => h("li", {}, text))),
        h("h2", {}, "Don't start, and ask a doctor"),
        h("ul", { class: "signlist" }, asked.do_not_start.map((text) => h("li", {}, text))),
        wrong,
        h("div", { class: "acts col" }, none, one)));
    document.body.append(dialog);
    dialog.showModal();
    dialog.querySelector("h1").focus();
    dialog.scrollTo(0, 0);
  });
}

/** The number of the country that the listener chose, as a button; without one, words. */
function call() {
  const told = h("p", {}, "Call your local emergency number, or ask somebody to call for you. No massage today.");
  if (source.can.phones) source.settings().then(({ emergency_number: number }) => {
    if (number) told.replaceChildren(h("a", { class: "btn big", href: `tel:${number}` }, `Call ${number}`), " Or ask somebody to call for you. No massage today.");
  }).catch(() => {});
  return told;
}

/** What is said where a sign applies. */
export function stopped(flags, back) {
  const grave = flags.some((flag) => flag.level === "emergency");
  return h("section", { class: "screen task" },
    h("div", { class: "stop" },
      h("p", { class: "eyebrow" }, "No session now"),
      h("h1", {}, grave ? "Get emergency help now" : "See a doctor first"),
      flags.map((flag) => h("p", { class: "lead" }, flag.text)),
      grave ? call() : h("p", {}, "No massage until that is cleared up.")),
    h("div", { class: "acts col" }, h("button", { type: "button", class: "btn line", on: { click: back } }, "I marked that by mistake")));
}
