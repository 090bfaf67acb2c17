// The panels that workspaces bring to the workbench.

import { AppWindow, Boxes } from "lucide-react";
import type { PanelKind } from "@/shared/panels/panel";

export const workspacePanels: readonly PanelKind[] = [
  {
    id: "Workspaces",
    title: "Workspaces",
    about: "Open a lab or an IDE, see how it is, stop it",
    icon: Boxes,
    permission: "workspaces.view",
    load: () => import("./screens").then((m) => ({ default: m.WorkspacesPanel })),
  },
  {
    id: "WorkspaceFrame",
    title: "Workspace",
    about: "One workspace of your own, beside the other panels",
    icon: AppWindow,
    permission: "workspaces.use",
    load: () => import("./screens").then((m) => ({ default: m.WorkspaceFrame })),
  },
];
