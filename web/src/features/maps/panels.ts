import { Map as MapIcon } from "lucide-react";
import type { PanelKind } from "@/shared/panels/panel";

export const mapPanels: readonly PanelKind[] = [
  {
    id: "MapView",
    title: "Map",
    about: "Survey points, lines, grids and contours on a world map, linked with the plots.",
    icon: MapIcon,
    permission: "datasets.view",
    load: () => import("./map-panel"),
  },
];
