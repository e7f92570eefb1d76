// Where the page gets its values: from the server, or from a published folder. Both give the same.

export class SourceError extends Error {
  constructor(code, message, status = 0) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

const kind = document.querySelector("meta[name=voiceguide-source]")?.content;
/** Filled in by `choose`, before any screen is shown. */
export let source = null;

export async function choose() {
  ({ source } = await (kind === "folder" ? import("./folder.js") : import("./server.js")));
}
