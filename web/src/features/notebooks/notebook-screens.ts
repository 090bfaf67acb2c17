// Everything that is loaded when notebooks are first looked at, as one chunk: each chunk costs the shell its name. The
// document, the editor and the outputs come when a notebook is opened.

export { NotebooksPage } from "./list/list-page";
export { NotebookPage } from "./notebook-page";
export { default as NotebookPanel } from "./notebook-panel";
