import { ChartLine } from "lucide-react";
import { over, type PlotElement, values, valuesOf } from "./element";

export const line: PlotElement = {
  id: "line",
  title: "Line",
  about: "Values joined in their order.",
  icon: ChartLine,
  reads: "table",
  roles: [over, values],
  settings: [
    { id: "width", title: "Width", kind: "number", least: 0.5, most: 6, step: 0.5, fallback: 1.5 },
    {
      id: "dash",
      title: "Stroke",
      kind: "choice",
      options: [
        ["solid", "Solid"],
        ["dash", "Dashed"],
        ["dot", "Dotted"],
      ],
      fallback: "solid",
    },
    { id: "steps", title: "Steps instead of slopes", kind: "switch", fallback: false },
  ],
  toTraces: ({ columns, settings, color }) => [
    {
      type: "scatter",
      mode: "lines",
      x: valuesOf(columns, "x"),
      y: valuesOf(columns, "y"),
      // It has been thinned with care; Plotly would thin it once more and cut the corners.
      line: {
        color,
        width: settings.width,
        dash: settings.dash,
        shape: settings.steps ? "hv" : "linear",
        simplify: false,
      },
    },
  ],
};
