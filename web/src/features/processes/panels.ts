// The panels that processes bring to the workbench.

import { FilePenLine, ScrollText } from "lucide-react";
import type { PanelKind } from "@/shared/panels/panel";

export const processPanels: readonly PanelKind[] = [
  {
    id: "ProcessEditor",
    title: "Process",
    about: "Start a process, or see, change and run again the active one",
    icon: FilePenLine,
    permission: "processes.view",
    load: () => import("./editor/editor-panel"),
  },
  {
    id: "ProcessLog",
    title: "Log",
    about: "What the active process writes, as it writes it",
    icon: ScrollText,
    permission: "processes.view",
    load: () => import("./log/log-panel"),
  },
];
