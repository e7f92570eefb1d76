// The editor: CodeMirror in a shadow root, where its own style sheets are allowed.

import { EditorState, EditorView, HighlightStyle, StreamLanguage, autocompletion, basicSetup, keymap, setDiagnostics, syntaxHighlighting, tags } from "../vendor/codemirror/codemirror.js";

const CUE = /^\s*- [a-z]+/;

/** Headings, cues, notes, brackets and comments of a script. */
const SCRIPT = StreamLanguage.define({
  startState: () => ({ comment: false, front: 0 }),
  token(stream, state) {
    if (stream.sol() && stream.match(/^---\s*$/) && state.front < 2) { state.front += 1; return "meta"; }
    if (stream.sol() && state.front === 0 && !stream.eol()) state.front = 2;
    if (state.comment) { if (stream.match(/.*?-->/)) state.comment = false; else stream.skipToEnd(); return "comment"; }
    if (stream.match("<!--")) { state.comment = true; return "comment"; }
    if (state.front === 1) { stream.skipToEnd(); return "meta"; }
    if (stream.sol() && stream.match(/^#{1,6} [^(]*/)) return "heading";
    if (stream.sol() && stream.match(/^>.*/)) return "comment";
    if (stream.sol() && stream.match(CUE)) return "keyword";
    if (stream.match(/\{[^}]*\}/) || stream.match(/\[[^\]]*\]/) || stream.match(/\([^)]*\)/)) return "atom";
    if (stream.match(/\d+(?:\.\d+)?(?:ms|s|m|h)?\b/)) return "number";
    stream.next();
    return null;
  },
});
const LOOK = HighlightStyle.define([
  { tag: tags.heading, color: "var(--deep)", fontWeight: "600" },
  { tag: tags.keyword, color: "var(--teal)", fontWeight: "600" },
  { tag: tags.atom, color: "var(--muscle)" },
  { tag: tags.number, color: "var(--teal)" },
  { tag: tags.comment, color: "var(--soft)" },
  { tag: tags.meta, color: "var(--soft)" },
]);
const THEME = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--card)", borderRadius: "var(--r2)", border: "1px solid var(--line)", fontSize: "var(--t-body)", height: "100%" },
  "&.cm-focused": { outline: "2px solid var(--teal)" },
  ".cm-content": { fontFamily: "var(--font)", padding: "12px 0", caretColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--card)", color: "var(--soft)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--sunk)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-tooltip": { backgroundColor: "var(--card)", color: "var(--ink)", border: "1px solid var(--edge)", borderRadius: "var(--r1)" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--teal)", color: "var(--on-teal)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--mist)" },
});

/**
 * An editor of one text.
 *
 * `changed` is called after each change, `save` for Ctrl-S; `complete(line, column)` promises what can be
 * written there. Lines and columns are counted from 1, in characters as the computer's side counts them.
 */
export async function editor({ text, changed, save, complete }) {
  const dom = document.createElement("div");
  dom.className = "editor";
  const root = dom.attachShadow({ mode: "open" });
  const view = new EditorView({
    parent: root, root,
    state: EditorState.create({ doc: text, extensions: [
      keymap.of([{ key: "Mod-s", preventDefault: true, run: () => { save(); return true; } }]),
      basicSetup, SCRIPT, syntaxHighlighting(LOOK), THEME, EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": "The script", spellcheck: "true" }),
      EditorView.updateListener.of((update) => { if (update.docChanged) changed(); }),
      autocompletion({ override: [completions] }),
    ] }),
  });

  view.scrollDOM.tabIndex = 0; // it scrolls by keys, too

  async function completions(context) {
    const line = context.state.doc.lineAt(context.pos);
    const before = line.text.slice(0, context.pos - line.from);
    const found = await complete(line.number, points(before) + 1);
    if (!found.length || context.aborted) return null;
    const from = line.from + units(line.text, found[0].column - 1);
    return { from, options: found.map((each) => ({ label: each.label, apply: each.text, info: each.detail || undefined, type: each.kind })) };
  }
  const place = (line, column) => {
    const row = view.state.doc.line(Math.min(Math.max(1, line), view.state.doc.lines));
    return Math.min(row.to, row.from + units(row.text, column - 1));
  };
  return {
    dom,
    text: () => view.state.doc.toString(),
    set(next) { view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } }); },
    focus: () => view.focus(),
    line: () => view.state.doc.lineAt(view.state.selection.main.head).number,
    go(line, column, focus = true) {
      const at = place(line, column);
      view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
      if (focus) view.focus();
    },
    /** Write lines below the cursor's, with an empty one before them, and go there. */
    below(lines) {
      const row = view.state.doc.lineAt(view.state.selection.main.head);
      const written = `\n${lines}`.replace(/\n$/, "");
      view.dispatch({ changes: { from: row.to, insert: row.text ? written : written.slice(1) }, selection: { anchor: row.to + (row.text ? written.length : written.length - 1) }, scrollIntoView: true });
      view.focus();
    },
    replace(line, column, length, insert) {
      const from = place(line, column);
      view.dispatch({ changes: { from, to: place(line, column + length), insert } });
    },
    mark(problems, repair) {
      view.dispatch(setDiagnostics(view.state, problems.map((problem) => {
        const from = place(problem.line, problem.column);
        return {
          from, to: Math.max(from, place(problem.line, problem.column + (problem.length ?? 1))), severity: problem.severity, message: problem.hint ? `${problem.message}: ${problem.hint}` : problem.message,
          actions: problem.fix ? [{ name: problem.fix.text ? `Write ${problem.fix.text.slice(0, 24)}` : "Leave it out", apply: () => repair(problem) }] : [],
        };
      })));
    },
    end: () => view.destroy(),
  };
}

/** Characters of a text, of which some are two units of the browser's strings. */
const points = (text) => [...text].length;
const units = (text, count) => [...text].slice(0, count).join("").length;
