import { Waypoints } from "lucide-react";
import type { PanelKind } from "@/shared/panels/panel";

export const flowPanels: readonly PanelKind[] = [
  {
    id: "FlowView",
    title: "Flow",
    about: "The graph of processes and the data between them.",
    icon: Waypoints,
    permission: "processes.view",
    load: () => import("./flow-view"),
  },
];
