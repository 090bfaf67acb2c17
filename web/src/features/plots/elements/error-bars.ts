import { ChartCandlestick } from "lucide-react";
import { numbers, over, type PlotElement, values, valuesOf } from "./element";

export const errorBars: PlotElement = {
  id: "error-bars",
  title: "Error bars",
  about: "Points with how uncertain they are: one column for both sides or one for each.",
  icon: ChartCandlestick,
  reads: "table",
  roles: [
    over,
    values,
    { id: "error", title: "Error", types: numbers, on: "y", delta: true },
    { id: "below", title: "Error downwards, if different", types: numbers, optional: true, on: "y", delta: true },
  ],
  settings: [{ id: "size", title: "Size of the points", kind: "number", least: 0, most: 20, step: 1, fallback: 5 }],
  toTraces: ({ columns, settings, color }) => [
    {
      type: "scatter",
      mode: "markers",
      x: valuesOf(columns, "x"),
      y: valuesOf(columns, "y"),
      marker: { color, size: settings.size },
      error_y: {
        type: "data",
        array: valuesOf(columns, "error"),
        ...(columns.below && { symmetric: false, arrayminus: columns.below.values }),
        color,
        thickness: 1,
        width: 3,
      },
    },
  ],
};
