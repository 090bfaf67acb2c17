// Every kind of panel, in the order in which menus offer them. A feature lists its own in its `panels.ts`.

import { flowPanels } from "@/features/flow/panels";
import { mapPanels } from "@/features/maps/panels";
import { notebookPanels } from "@/features/notebooks/panels";
import { plotPanels } from "@/features/plots/panels";
import { processPanels } from "@/features/processes/panels";
import { storagePanels } from "@/features/storage/panels";
import { workspacePanels } from "@/features/workspaces/panels";
import type { PanelKind } from "@/shared/panels/panel";

export const panelKinds: readonly PanelKind[] = [
  ...flowPanels,
  ...processPanels,
  ...notebookPanels,
  ...plotPanels,
  ...mapPanels,
  ...storagePanels,
  ...workspacePanels,
];

export const panelKind = (id: string): PanelKind | undefined => panelKinds.find((kind) => kind.id === id);
