import { Grid3x3 } from "lucide-react";
import { colorBar, scaleSetting } from "./color-scale";
import { numberish, numbers, type PlotElement, type Role, valuesOf } from "./element";

/** The roles of what lies on a grid. */
export const gridRoles: readonly Role[] = [
  { id: "x", title: "Over (X)", types: numberish, on: "x" },
  { id: "y", title: "Over (Y)", types: numberish, on: "y" },
  { id: "z", title: "Values", types: numbers },
];

export const heatMap: PlotElement = {
  id: "heat-map",
  title: "Heat map",
  about: "Values on a grid as colours.",
  icon: Grid3x3,
  reads: "table or grid",
  whole: true,
  roles: gridRoles,
  settings: [scaleSetting, { id: "smooth", title: "Smooth between nodes", kind: "switch", fallback: false }],
  toTraces: ({ columns, settings, theme }) => [
    {
      type: "heatmap",
      x: valuesOf(columns, "x"),
      y: valuesOf(columns, "y"),
      z: valuesOf(columns, "z"),
      colorscale: settings.scale,
      zsmooth: settings.smooth ? "best" : false,
      ...(columns.z && { colorbar: colorBar(columns.z, theme) }),
    },
  ],
};
