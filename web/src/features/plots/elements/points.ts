import { ChartScatter } from "lucide-react";
import { colorBar, scaleSetting } from "./color-scale";
import { numbers, over, type PlotElement, values, valuesOf } from "./element";

export const points: PlotElement = {
  id: "points",
  title: "Points",
  about: "A mark for each row, coloured by a further column if wanted.",
  icon: ChartScatter,
  reads: "table",
  roles: [over, values, { id: "c", title: "Colour by", types: numbers, optional: true }],
  settings: [
    { id: "size", title: "Size", kind: "number", least: 2, most: 20, step: 1, fallback: 6 },
    {
      id: "symbol",
      title: "Mark",
      kind: "choice",
      options: [
        ["circle", "Circle"],
        ["circle-open", "Ring"],
        ["square", "Square"],
        ["diamond", "Diamond"],
        ["cross-thin-open", "Cross"],
        ["triangle-up", "Triangle"],
      ],
      fallback: "circle",
    },
    scaleSetting,
  ],
  toTraces({ columns, settings, color, theme }) {
    const by = columns.c;
    return [
      {
        type: "scatter",
        mode: "markers",
        x: valuesOf(columns, "x"),
        y: valuesOf(columns, "y"),
        marker: {
          size: settings.size,
          symbol: settings.symbol,
          ...(by
            ? { color: by.values, colorscale: settings.scale, showscale: true, colorbar: colorBar(by, theme) }
            : { color }),
        },
      },
    ];
  },
};
