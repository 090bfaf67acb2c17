import { ChartColumn } from "lucide-react";
import { over, type PlotElement, values, valuesOf } from "./element";

export const bars: PlotElement = {
  id: "bars",
  title: "Bars",
  about: "A bar for each row, from zero.",
  icon: ChartColumn,
  reads: "table",
  roles: [over, values],
  settings: [{ id: "opacity", title: "Opacity", kind: "number", least: 0.1, most: 1, step: 0.1, fallback: 0.9 }],
  toTraces: ({ columns, settings, color }) => [
    {
      type: "bar",
      x: valuesOf(columns, "x"),
      y: valuesOf(columns, "y"),
      opacity: settings.opacity,
      marker: { color, line: { width: 0 } },
    },
  ],
};
