import { Box } from "lucide-react";
import { anything, type PlotElement, values, valuesOf } from "./element";

export const box: PlotElement = {
  id: "box",
  title: "Box",
  about: "Median, quartiles and outliers, of all rows or of each group.",
  icon: Box,
  reads: "table",
  whole: true,
  roles: [values, { id: "x", title: "Group by", types: anything, optional: true, on: "x" }],
  settings: [
    {
      id: "points",
      title: "Points",
      kind: "choice",
      options: [
        ["outliers", "Outliers"],
        ["all", "All"],
        ["none", "None"],
      ],
      fallback: "outliers",
    },
  ],
  // Without groups there is one box, under the element's name.
  prepare: ({ x, y }) =>
    x ? { x, y } : { x: { name: "", unit: null, type: "other", values: (y?.values ?? []).map(() => y?.name) }, y },
  toTraces: ({ columns, settings, color }) => [
    {
      type: "box",
      x: valuesOf(columns, "x"),
      y: valuesOf(columns, "y"),
      boxpoints: settings.points === "none" ? false : settings.points,
      marker: { color, size: 3 },
      line: { color, width: 1.3 },
    },
  ],
};
