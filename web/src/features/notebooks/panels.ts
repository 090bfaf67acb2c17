// The panel that notebooks bring to the workbench.

import { NotebookPen } from "lucide-react";
import type { PanelKind } from "@/shared/panels/panel";

export const notebookPanels: readonly PanelKind[] = [
  {
    id: "Notebook",
    title: "Notebook",
    about: "Write and run cells together, on one kernel",
    icon: NotebookPen,
    permission: "notebooks.view",
    load: () => import("./notebook-screens").then((m) => ({ default: m.NotebookPanel })),
  },
];
