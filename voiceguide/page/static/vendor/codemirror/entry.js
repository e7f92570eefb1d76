export { EditorView, keymap } from "@codemirror/view";
export { EditorState } from "@codemirror/state";
export { setDiagnostics } from "@codemirror/lint";
export { autocompletion } from "@codemirror/autocomplete";
export { basicSetup } from "codemirror";
export { HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
export { tags } from "@lezer/highlight";
