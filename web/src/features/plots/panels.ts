import { ChartSpline } from "lucide-react";
import type { PanelKind } from "@/shared/panels/panel";

export const plotPanels: readonly PanelKind[] = [
  {
    id: "PlotView",
    title: "Plot",
    about: "Draws tables and grids of the project: lines, points, maps of colours, spectra and more.",
    icon: ChartSpline,
    permission: "datasets.view",
    load: () => import("./view/plot-view").then((module) => ({ default: module.PlotView })),
  },
];
