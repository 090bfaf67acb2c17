import { ChartArea } from "lucide-react";
import { numbers, over, type PlotElement, valuesOf } from "./element";

export const band: PlotElement = {
  id: "band",
  title: "Band",
  about: "The area between two columns, such as a range of confidence.",
  icon: ChartArea,
  reads: "table",
  roles: [
    over,
    { id: "y", title: "Lower edge", types: numbers, on: "y" },
    { id: "upper", title: "Upper edge", types: numbers, on: "y" },
  ],
  settings: [{ id: "opacity", title: "Opacity", kind: "number", least: 0.05, most: 1, step: 0.05, fallback: 0.3 }],
  toTraces({ columns, settings, color, theme }) {
    const edge = { type: "scatter", mode: "lines", x: valuesOf(columns, "x"), line: { color, width: 0.5 } };
    return [
      { ...edge, y: valuesOf(columns, "y"), showlegend: false },
      {
        ...edge,
        y: valuesOf(columns, "upper"),
        fill: "tonexty",
        fillcolor: theme.faded(color, Number(settings.opacity)),
      },
    ];
  },
};
