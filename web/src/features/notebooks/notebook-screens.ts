// Everything that is loaded when notebooks are first looked at, as one chunk: each chunk costs the shell its name. The
// document, the editor and the outputs come when a notebook is opened.

import type { QueryClient } from "@tanstack/react-query";
import { preloadView } from "./load-view";
import { notebookQuery } from "./queries";

/** Begins to load what a notebook is shown with; a failure is told where it is shown. */
export function warm(client: QueryClient, id: string): void {
  preloadView();
  void client.prefetchQuery(notebookQuery(id));
}

export { NotebooksPage } from "./list/list-page";
export { NotebookPage } from "./notebook-page";
export { default as NotebookPanel } from "./notebook-panel";
