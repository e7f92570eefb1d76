// The session that is heard: one <audio> over one growing file, and what happens when, from its events.

import { Kept } from "./kept.js";
import { source } from "./source.js";
import { addRow, flush, newKey } from "./later.js";
import { stepAt } from "./landscape.js";

const REPORT = 5000;
const QUIET = 0.35;
const EDGE = 3;
const COUNTED = ["interval", "breath", "pause"];

let current = null;
let told = null;

/** The session that is heard now, or null. */
export const playing = () => current;
/** How the last one went: for the screen that comes after it. */
export const outcome = () => told;
export const forgetOutcome = () => { told = null; };

/** Make a session the one that is heard. */
export function hold(session, audio, from = {}) {
  current?.close();
  told = null;
  current = new Player(session, audio, from);
  return current;
}

/** After a reload: the session that was on the floor, from the same place. */
export function remembered() {
  try { return JSON.parse(sessionStorage.getItem("voiceguide.floor")); } catch { return null; }
}

export class Player extends EventTarget {
  constructor(session, audio, { at = 0, resume = null, painBefore = null, key = newKey() } = {}) {
    super();
    this.session = session;
    this.audio = audio;
    this.resume = resume;
    this.painBefore = painBefore;
    this.key = key;
    this.started = new Date();
    this.heard = 0;
    this.played = [];
    this.stretch = null;
    this.gone = false;
    this.keeping = null;
    this.fromPhone = false;
    this.first = at;
    this.over = false;
    this.undoing = null;
    this.attach(audio);
    audio.src = session.audio;
    if (at > 0) audio.currentTime = at;
    this.timer = setInterval(() => this.report(), REPORT);
    this.hiding = () => { if (document.hidden) this.report(); };
    document.addEventListener("visibilitychange", this.hiding);
    this.leaving = () => this.report();
    addEventListener("pagehide", this.leaving);
    this.media();
    this.remember();
    this.keep();
  }

  attach(audio) {
    const on = (event, call) => audio.addEventListener(event, () => { if (audio === this.audio) call(); });
    on("timeupdate", () => this.listened());
    on("seeking", () => { this.closeStretch(); this.tell("moved"); });
    on("seeked", () => this.tell("moved"));
    on("play", () => { this.awake(); this.tell("state"); });
    on("playing", () => { this.held = false; this.tell("state"); });
    on("pause", () => { this.listened(); this.closeStretch(); if (!this.over) { this.report(); this.tell("state"); } });
    on("waiting", () => this.tell("state"));
    on("ended", () => { if (this.fromPhone && this.phoneUntil < this.session.seconds - 1) this.broken(true); else this.finish(); });
    on("error", () => this.broken());
  }

  tell(what) { this.dispatchEvent(new CustomEvent(what)); this.position(); }

  get at() { return this.over ? this.session.seconds : Math.min(this.audio.currentTime, this.fromPhone ? this.phoneUntil : Infinity); }
  get paused() { return this.audio.paused; }
  get waiting() { return !this.audio.paused && this.audio.readyState < 3; }
  get number() { return stepAt(this.session.steps, this.at); }
  get step() { return this.session.steps[this.number]; }

  /** What happens now: the sentence, and what is counted down. */
  moment(at = this.at) {
    const { events, steps } = this.session;
    const number = stepAt(steps, at), step = steps[number];
    let sentence = "", running = null, before = step.start, until = step.end, next = null;
    for (const event of events) {
      if (event.start > at) {
        if (COUNTED.includes(event.lane) && event.start < until) until = event.start;
        if (event.start >= step.end) break;
        continue;
      }
      if (event.lane === "voice" && event.text) sentence = event.text;
      if (COUNTED.includes(event.lane)) {
        if (event.end > at) { if (!running || event.lane !== "pause") running = event; }
        else if (event.end > before) before = event.end;
      }
    }
    if (number + 1 < steps.length) next = { ...steps[number + 1], in: steps[number + 1].start - at };
    const span = running ?? { start: before, end: until, text: "listen", lane: "" };
    const word = running ? (running.lane === "pause" ? "pause" : running.text || "hold") : "listen";
    return { number, step, sentence, word, lane: span.lane, left: Math.max(0, span.end - at), lasts: Math.max(0.01, span.end - span.start), next };
  }

  async play() {
    try {
      await this.audio.play();
      return true;
    } catch (error) {
      this.held = error.name === "NotAllowedError";
      this.tell("state");
      return false;
    }
  }
  pause() { this.audio.pause(); }
  toggle() { return this.paused ? this.play() : this.pause(); }

  /** Jump; what it was can be undone for a while. */
  jump(to, words) {
    this.undoing = { at: this.at, until: Date.now() + 8000 };
    this.audio.currentTime = Math.min(Math.max(0, to), this.session.seconds - 0.05);
    this.lastJump = words;
    this.dispatchEvent(new CustomEvent("jumped", { detail: words }));
    this.report();
  }
  undo() {
    if (!this.undoing || Date.now() > this.undoing.until) return;
    const { at } = this.undoing;
    this.undoing = null;
    this.audio.currentTime = at;
  }
  back() { this.jump(this.at - 15, "15 seconds back."); }
  ahead() { this.jump(this.at + 15, "15 seconds on."); }
  next() {
    const next = this.session.steps[this.number + 1];
    if (next) this.jump(next.start, `Next: ${next.title}.`);
    else this.jump(this.session.seconds - 0.05, "To the end.");
  }
  previous() {
    const { number, step } = this;
    const to = this.at - step.start < EDGE && number > 0 ? this.session.steps[number - 1] : step;
    this.jump(to.start, `Back to ${to.title}.`);
  }
  repeat() { this.jump(this.step.start, `${this.step.title}, once more.`); }

  /** 30 s more of what runs: a longer session that is the same up to now takes over in a quiet moment. */
  async more() {
    if (this.changing) return null;
    this.changing = true;
    try {
      const answer = await source.more(this.session.id, this.at, this.key);
      if (answer.refused) return answer.refused;
      await this.changeOver(answer.session);
      const twin = answer.twin === null ? null : this.session.intervals[answer.twin];
      if (twin) this.offered = { ...(this.offered ?? {}), [answer.twin]: answer.added };
      return answer.says;
    } catch (error) {
      return error.code === "offline" ? "Your computer is not answering, so the session stays as it is." : error.message;
    } finally { this.changing = false; }
  }

  /** The interval of the second side that gets the same as the first had, if it runs now. */
  twinOffer() {
    const at = this.at;
    return this.session.intervals.find((each) => this.offered?.[each.index] && each.start <= at && at < each.end) ?? null;
  }

  /** To the other side: a jump, or a session that begins with it. */
  async other() {
    try {
      const answer = await source.other(this.session.id, this.at, this.key);
      if (answer.refused) return answer.refused;
      if (answer.session) await this.changeOver(answer.session);
      else this.jump(answer.seek, answer.says);
      return answer.says;
    } catch (error) {
      return error.code === "offline" ? "Your computer is not answering. Go on with Next step." : error.message;
    }
  }
  get otherSide() {
    const sided = this.session.steps.filter((step) => step.side);
    const sides = new Set(sided.map((step) => step.side));
    if (sides.size < 2) return null;
    const first = sided[0].side, second = first === "left" ? "right" : "left";
    const begins = sided.find((step) => step.side === second).start;
    return this.at < begins ? second : null;
  }

  /** Another session that equals this one up to now goes on in its place, the place in time the same. */
  async changeOver(session) {
    const old = this.audio, fresh = new Audio();
    fresh.preload = "auto";
    fresh.src = session.audio;
    fresh.muted = true;
    fresh.currentTime = old.currentTime;
    await until(fresh, "canplay", 15000);
    const swap = () => {
      this.listened();
      this.closeStretch();
      this.session = session;
      this.audio = fresh;
      this.attach(fresh);
      fresh.muted = false;
      fresh.volume = old.volume;
      this.over = false;
      old.pause();
      old.removeAttribute("src");
      old.load();
      this.fromPhone = false;
      this.media();
      this.remember();
      this.keep();
      this.dispatchEvent(new CustomEvent("session"));
      this.tell("state");
    };
    if (old.paused) { fresh.currentTime = old.currentTime; swap(); return; }
    await this.quiet(old, 4000);
    fresh.currentTime = old.currentTime;
    await fresh.play().catch(() => {});
    await until(fresh, "playing", 3000, () => !fresh.paused && fresh.readyState >= 3);
    const late = old.currentTime - fresh.currentTime;
    if (Math.abs(late) > 0.04) fresh.currentTime = old.currentTime + 0.02;
    swap();
  }

  /** Until no words sound for a moment, but no longer than that. */
  async quiet(audio, most) {
    const ends = Date.now() + most;
    const words = this.session.events.filter((event) => event.lane === "voice");
    while (Date.now() < ends && !audio.paused) {
      const at = audio.currentTime;
      if (!words.some((event) => event.start - QUIET < at && at < event.end)) return;
      await new Promise((done) => setTimeout(done, 60));
    }
  }

  // ---- memory

  listened() {
    const at = this.audio.currentTime;
    if (this.stretch && at >= this.stretch[1] && at - this.stretch[1] < 3) {
      this.heard += at - this.stretch[1];
      this.stretch[1] = at;
    } else if (!this.audio.paused) {
      this.closeStretch();
      this.stretch = [at, at];
    }
  }
  closeStretch() {
    if (this.stretch && this.stretch[1] > this.stretch[0]) this.played.push(this.stretch);
    this.stretch = null;
  }
  take() {
    const open = this.stretch;
    this.closeStretch();
    if (open) this.stretch = [open[1], open[1]];
    const rows = this.played.map(([a, b]) => [round(a), round(b)]);
    this.played = [];
    return rows;
  }

  report() {
    if (!this.over) this.reporting = this.tellPlace();
    return this.reporting;
  }

  async tellPlace() {
    const rows = this.take();
    this.remember();
    if (!rows.length && this.reported === this.at) return;
    this.reported = this.at;
    try {
      await source.place(this.session.id, { at: round(this.at), played: rows, key: this.key, ...(this.resume ? { resume: this.resume } : {}) });
      this.resume = null;
      if (this.gone) { this.gone = false; this.tell("state"); flush(); }
    } catch (error) {
      this.played.unshift(...rows);
      if (error.code === "offline") { if (!this.gone) { this.gone = true; this.tell("state"); } }
      else if (error.code === "session") this.again();
    }
  }

  /** The computer was started anew and knows nothing of this session: the same one is opened again. */
  async again() {
    const { track, options, voice, speed, added } = this.session;
    try {
      const session = await source.open({ track, options, ...(voice ? { voice } : {}), ...(speed ? { speed } : {}), added });
      if (session.id === this.session.id && this.audio.error) this.reload(false, !this.audio.paused);
    } catch { /* it is tried again with the next report */ }
  }

  remember() {
    const { track, options, voice, speed, added } = this.session;
    try { sessionStorage.setItem("voiceguide.floor", JSON.stringify({ request: { track, options, voice, speed, added }, at: this.at, key: this.key })); } catch { /* nothing is resumed then */ }
  }

  /** Keep the whole session on the phone while it plays, so that it goes on without the computer. */
  keep() {
    this.keeping?.close();
    const whole = { whole: true, until: this.session.seconds, url: () => this.session.audio, close() {} };
    this.keeping = this.session.local ? whole : new Kept(this.session, () => this.dispatchEvent(new CustomEvent("kept")));
  }
  get kept() { return this.keeping.whole; }
  get keptUntil() {
    if (this.fromPhone) return this.keeping.until;
    const ranges = this.audio.buffered;
    return Math.max(this.keeping.until, ranges.length ? ranges.end(ranges.length - 1) : 0);
  }

  /** The stream broke, or what the phone had is over: on from what it has now, or from the computer once it is back. */
  broken(ended = false) {
    if (this.over) return;
    const going = ended || !this.audio.paused;
    const at = Math.min(this.audio.currentTime || this.lastAt || this.first, ended ? this.phoneUntil : Infinity);
    this.lastAt = at;
    this.gone = true;
    this.tell("state");
    if (this.keeping.until > at + 1 && (!this.fromPhone || ended)) this.reload(true, going);
    else setTimeout(() => { if (!this.over) this.again().then(() => { if (!this.over && (ended || this.audio.error)) this.reload(this.keeping.until > at + 1, going); }); }, 4000);
  }
  reload(fromPhone, going) {
    const at = this.lastAt ?? this.at;
    this.lastAt = null;
    this.fromPhone = fromPhone;
    this.phoneUntil = this.keeping.until;
    this.audio.src = fromPhone ? this.keeping.url() : this.session.audio;
    this.audio.currentTime = at;
    if (going) this.play();
  }

  // ---- lock screen and sleep

  media() {
    if (!("mediaSession" in navigator)) return;
    const media = navigator.mediaSession;
    const set = (name, call) => { try { media.setActionHandler(name, call); } catch { /* not every browser has each */ } };
    set("play", () => this.play());
    set("pause", () => this.pause());
    set("stop", () => this.pause());
    set("nexttrack", () => this.next());
    set("previoustrack", () => this.previous());
    set("seekbackward", (details) => this.jump(this.at - (details.seekOffset ?? 15), "Back."));
    set("seekforward", (details) => this.jump(this.at + (details.seekOffset ?? 15), "On."));
    set("seekto", (details) => { this.audio.currentTime = this.step.start + details.seekTime; });
    this.shownStep = -1;
    this.position();
  }
  position() {
    if (!("mediaSession" in navigator) || typeof MediaMetadata === "undefined") return;
    const media = navigator.mediaSession, number = this.number, step = this.session.steps[number];
    if (number !== this.shownStep) {
      this.shownStep = number;
      media.metadata = new MediaMetadata({ title: step.side ? `${step.title}, ${step.side} side` : step.title, artist: this.session.title, album: "voiceguide", artwork: [{ src: this.session.cover, sizes: "1000x1000", type: "image/jpeg" }] });
    }
    media.playbackState = this.paused ? "paused" : "playing";
    const duration = Math.max(0.1, step.end - step.start);
    try { media.setPositionState({ duration, position: Math.min(duration, Math.max(0, this.at - step.start)), playbackRate: 1 }); } catch { /* between two steps */ }
  }
  async awake() {
    if (!("wakeLock" in navigator) || this.lock) return;
    try {
      this.lock = await navigator.wakeLock.request("screen");
      this.lock.addEventListener("release", () => { this.lock = null; });
    } catch { this.lock = null; }
  }

  // ---- the end

  async finish() { await this.end(true); }

  /** It is over, or left: the journal is told; gives what the next screen shows. */
  async end(ended = false) {
    if (this.over) return;
    this.listened();
    this.closeStretch();
    const at = ended ? this.session.seconds : this.audio.currentTime;
    this.over = true;
    this.audio.pause();
    const result = { session: this.session, at, heard: this.heard, ended, key: this.key, painBefore: this.painBefore, row: null, finished: ended };
    told = result;
    current = null;
    this.close();
    await this.reporting; // what could not be told is told with the end
    const rows = this.take();
    try {
      const answer = await source.end(this.session.id, { at: round(at), ended, heard: round(this.heard), played: rows, key: this.key, ...(this.painBefore === null ? {} : { pain_before: this.painBefore }) });
      result.row = answer.row;
      result.finished = answer.finished;
    } catch {
      const { track, options } = this.session;
      const all = this.heard >= 0.9 * this.session.seconds;
      result.finished = ended && all;
      if (this.heard >= 30 || ended) {
        result.row = await addRow({
          key: this.key, track, started: this.started.toISOString(), ended: new Date().toISOString(), seconds: round(this.heard),
          side: options.side ?? "both", tool: options.tool ?? null, completed: result.finished, skipped: ended && !all, pain_before: this.painBefore,
        }).catch(() => null);
        result.later = result.row === null;
      }
    }
    this.dispatchEvent(new CustomEvent("over"));
  }

  close() {
    clearInterval(this.timer);
    document.removeEventListener("visibilitychange", this.hiding);
    removeEventListener("pagehide", this.leaving);
    this.audio.pause();
    this.lock?.release?.();
    this.keeping.close();
    try { sessionStorage.removeItem("voiceguide.floor"); } catch { /* nothing was kept */ }
    if ("mediaSession" in navigator) { navigator.mediaSession.metadata = null; navigator.mediaSession.playbackState = "none"; }
  }
}

const round = (value) => Math.round(value * 1000) / 1000;

function until(target, event, most, already = () => target.readyState >= 3) {
  if (already()) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("no sound came")), most);
    target.addEventListener(event, () => { clearTimeout(timer); resolve(); }, { once: true });
    target.addEventListener("error", () => { clearTimeout(timer); reject(new Error("no sound came")); }, { once: true });
  });
}

