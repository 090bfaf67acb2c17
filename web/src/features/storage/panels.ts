// The panels of this feature; each is loaded when it is first shown.

import { Database } from "lucide-react";
import type { PanelKind } from "@/shared/panels/panel";

export const storagePanels: readonly PanelKind[] = [
  {
    id: "DatasetBrowser",
    title: "Data",
    about: "Find, look at and bring the files of the project",
    icon: Database,
    permission: "uploads.view",
    load: () => import("./browse/data-panel"),
  },
];
