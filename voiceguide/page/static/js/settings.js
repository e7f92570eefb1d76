// Settings: what works on this connection, who is let in, how long, with what; the listener's data.

import { confirmed } from "./safety.js";
import { choice, h, icon, say } from "./dom.js";
import { source } from "./source.js";
import { waiting } from "./later.js";
import { CHOICES, want, wanted } from "./prefs.js";

export async function show() {
  if (!source.can.phones) return about();
  const [connection, settings, catalogue] = await Promise.all([source.connection(), source.settings(), source.catalogue()]);
  const element = h("section", { class: "screen", "aria-labelledby": "set-h" }, h("h1", { id: "set-h" }, "Settings"),
    h("div", { class: "set-grid" }, works(connection), phones(connection), podcast(), you(settings, catalogue), whilePlaying(), scripts(), data(settings)));
  return { element };
}

/** What a published folder says of itself. */
async function about() {
  const home = await source.home();
  const forget = h("button", { type: "button", class: "btn line", on: { click: () => { source.forgetAll(); say("Forgotten."); } } }, "Forget everything on this device");
  const element = h("section", { class: "screen", "aria-labelledby": "set-h" }, h("h1", { id: "set-h" }, "About"),
    h("div", { class: "set-grid" }, works({}), whilePlaying(),
      h("section", { class: "card" }, h("h2", {}, "Your data"), h("p", {}, "What you played, and the pain you wrote down, stay on this device. Nothing is sent anywhere."),
        [home.contact, home.privacy].filter(Boolean).map((text) => h("p", { class: "soft" }, text)), h("p", { class: "acts" }, forget))));
  return { element };
}

function works(connection) {
  const can = isSecureContext;
  const rows = [
    [true, "Sessions play, also with the screen off and from the lock screen."],
    [true, "A session that plays is kept on the phone until its end, even if the computer sleeps."],
    ["wakeLock" in navigator, "The screen stays on while a session plays."],
    [can && "serviceWorker" in navigator, "The page opens while the computer is off, with the sessions that you keep on this phone."],
  ];
  const later = waiting();
  return h("section", { class: "card" }, h("h2", {}, "What works here"),
    h("ul", { class: "works" }, rows.map(([yes, text]) => h("li", { class: yes ? "yes" : "no" }, h("span", { class: "mark2", "aria-hidden": "true" }, yes ? "✓" : "–"), h("span", {}, yes ? "" : h("b", {}, "Not here: "), text)))),
    can || !source.can.phones ? null : h("p", { class: "soft" }, "Keeping the screen on, and opening this page while the computer is off, need a secure address (HTTPS): start the computer's side with voiceguide serve --https and a certificate that this phone trusts."),
    connection.address ? h("p", { class: "soft" }, `In your network: ${connection.address}`) : null,
    later ? h("p", { class: "soft", role: "status" }, `${later} ${later === 1 ? "session waits" : "sessions wait"} on this phone to be written into the journal.`) : null,
    source.can.phones ? h("p", { class: "soft" }, "This computer's voiceguide is for one listener: whoever is let in shares one journal and one plan.") : null);
}

function phones(connection) {
  const box = h("div", {});
  const invite = h("button", { type: "button", class: "btn line", on: { click: async () => {
    try {
      const made = await source.invite();
      const picture = new DOMParser().parseFromString(made.qr, "image/svg+xml").documentElement;
      picture.setAttribute("role", "img");
      picture.setAttribute("aria-label", "The code as a picture to scan");
      box.replaceChildren(h("div", { class: "qr" }, document.importNode(picture, true)),
        h("p", {}, "Scan this with the phone, in the same network. Or open ", h("b", {}, connection.address), " and type ", h("b", { class: "code" }, `${made.code.slice(0, 4)}-${made.code.slice(4)}`), "."),
        h("p", { class: "soft" }, "It works once, for ten minutes."));
    } catch (error) { box.replaceChildren(h("p", { class: "warn", role: "alert" }, error.message)); }
  } } }, icon("phone"), "Let another phone in");
  const rows = h("ul", { class: "rows" }, connection.phones.map((phone) => {
    const row = h("li", { class: "entry" }, h("span", {}, h("span", { class: "row-t" }, phone.local ? `${phone.name}, on this computer` : phone.name), h("span", { class: "row-s" }, `last seen ${new Date(phone.seen).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" })}`)),
      h("button", { type: "button", class: "btn quiet", on: { click: async () => {
        try { await source.forget(phone.id); row.remove(); say(`${phone.name} is let in no longer.`); } catch (error) { say(error.message); }
      } } }, "Remove"));
    return row;
  }));
  return h("section", { class: "card" }, h("h2", {}, "Phones"), rows, connection.local ? h("div", { class: "acts" }, invite) : h("p", { class: "soft" }, "Another phone is let in on the computer itself."), box);
}

function podcast() {
  const box = h("div", {}), status = h("p", { class: "warn", role: "alert" });
  const tell = (ask) => async () => {
    status.textContent = "";
    try {
      if (!await confirmed()) return;
      const { address, lan } = await ask();
      const field = h("input", { class: "field", readonly: true, value: address, "aria-label": "Address of the podcast", on: { focus: () => field.select() } });
      box.replaceChildren(h("p", {}, "Add this address in the app:"), field,
        lan ? null : h("p", { class: "soft" }, "Only apps on this computer reach it. For the phone, start the computer's side with voiceguide serve --lan."),
        h("p", { class: "soft" }, "Keep it to yourself: whoever has it can hear your sessions. Apps that fetch through a service of their own can't reach your computer."),
        h("p", { class: "acts" }, h("button", { type: "button", class: "btn quiet", on: { click: tell(source.renewPodcast) } }, "Change the address")));
      field.focus();
    } catch (error) { status.textContent = error.message; }
  };
  return h("section", { class: "card" }, h("h2", {}, "In your podcast app"),
    h("p", {}, "Your podcast app can fetch the sessions, with chapters and words. Each is prepared when it is first fetched."),
    h("p", { class: "acts" }, h("button", { type: "button", class: "btn line", on: { click: tell(source.podcast) } }, "Show the address")), box, status);
}

function you(settings, catalogue) {
  const change = (told) => source.change(told).catch((error) => say(error.message));
  const tools = catalogue.finder.find((question) => question.id === "tools");
  const out = h("output", { for: "day-min" }, `${settings.minutes} minutes`);
  const slider = h("input", { id: "day-min", type: "range", min: 1, max: 60, value: Math.min(60, settings.minutes), css: { "--at": `${100 * (Math.min(60, settings.minutes) - 1) / 59}%` }, on: {
    input: () => { out.textContent = `${slider.value} minutes`; slider.style.setProperty("--at", `${100 * (slider.value - 1) / 59}%`); },
    change: () => change({ minutes: Number(slider.value) }),
  } });
  const have = new Set(settings.tools ?? []);
  const country = h("select", { id: "country", class: "field", on: { change: () => change({ country: country.value || null }) } },
    h("option", { value: "" }, "Not said"), Object.entries(catalogue.countries).map(([code, name]) => h("option", { value: code, selected: code === settings.country }, name)));
  return h("section", { class: "card" }, h("h2", {}, "You"),
    h("div", { class: "long" }, h("div", { class: "long-h" }, h("label", { for: "day-min" }, "Minutes a day"), out), slider),
    choice("Which side is sore?", "sore-side", [["left", "Left"], ["right", "Right"], ["both", "Both alike"], ["neither", "I can't say"]], settings.side, (value) => change({ side: value }), "seg wrap"),
    choice("How used to it are you?", "level", [["beginner", "New to it"], ["regular", "I do it often"]], settings.level, (value) => change({ level: value })),
    h("div", { class: "long" }, h("div", { class: "long-h" }, h("label", { for: "country" }, "Your country, for the emergency number")), country),
    h("fieldset", { class: "checks-box" }, h("legend", {}, "What is at hand?"), h("ul", { class: "checks small" }, Object.entries(tools.choices).map(([id, text]) => h("li", {}, h("label", { class: "check" }, h("input", { type: "checkbox", checked: have.has(id), on: { change: (event) => { if (event.target.checked) have.add(id); else have.delete(id); change({ tools: [...have] }); } } }), h("span", {}, text)))))));
}

function whilePlaying() {
  return h("section", { class: "card" }, h("h2", {}, "While a session plays"), CHOICES.map(([name, text, why]) =>
    h("label", { class: "switch" }, h("span", {}, text, why ? h("small", {}, why) : null),
      h("input", { type: "checkbox", role: "switch", checked: wanted(name), on: { change: (event) => want(name, event.target.checked) } }))));
}

function scripts() {
  return h("section", { class: "card" }, h("h2", {}, "Your own scripts"),
    h("p", {}, "Write a session of your own: what is wrong, what becomes of it and how it sounds are shown while you write."),
    h("p", { class: "acts" }, h("a", { class: "btn line", href: "#write" }, "Write")));
}

function data(settings) {
  const forget = h("button", { type: "button", class: "btn line", on: { click: async () => {
    try { await source.forgetAnswers(); say("Your answers are forgotten.", { name: "Undo", run: () => source.change(settings) }); } catch (error) { say(error.message); }
  } } }, "Forget my answers");
  return h("section", { class: "card" }, h("h2", {}, "Your data"),
    h("p", {}, "The journal, the places to resume and your answers are on your own computer, and nothing is sent anywhere else."),
    h("p", { class: "acts" }, h("a", { class: "btn line", href: source.links.csv, download: "" }, icon("down"), "The journal as a table"), forget));
}

