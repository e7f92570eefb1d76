// A session's sound on the phone: fetched while it plays, and from where it stopped if that broke off.

const AGAIN = 4000;

export class Kept {
  /** `done` is called once it is whole. */
  constructor(session, done) {
    this.session = session;
    this.pieces = [];
    this.have = 0;
    this.made = null;
    this.stop = new AbortController();
    this.fetched(done);
  }

  get whole() { return this.have === this.session.bytes; }
  /** Up to which second it is here; its bitrate is constant. */
  get until() { return this.session.seconds * this.have / this.session.bytes; }

  /** An address of what is here. */
  url() {
    this.forget();
    this.made = URL.createObjectURL(new Blob(this.pieces, { type: "audio/mpeg" }));
    return this.made;
  }

  async fetched(done) {
    const { signal } = this.stop;
    while (!signal.aborted && !this.whole) {
      try { await this.more(signal); } catch { /* it is streamed all the same */ }
      if (!signal.aborted && !this.whole) await new Promise((later) => setTimeout(later, AGAIN));
    }
    if (this.whole) done();
  }

  async more(signal) {
    const range = this.have ? { Range: `bytes=${this.have}-` } : {};
    const answer = await fetch(this.session.audio, { credentials: "same-origin", headers: range, signal });
    if (answer.status !== (this.have ? 206 : 200)) return;
    const reader = answer.body.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      this.pieces.push(part.value);
      this.have += part.value.length;
    }
  }

  forget() {
    if (this.made) URL.revokeObjectURL(this.made);
    this.made = null;
  }
  close() {
    this.stop.abort();
    this.forget();
  }
}
