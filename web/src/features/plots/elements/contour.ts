import { Waves } from "lucide-react";
import { colorBar, scaleSetting } from "./color-scale";
import { type PlotElement, valuesOf } from "./element";
import { gridRoles } from "./heat-map";

export const contour: PlotElement = {
  id: "contour",
  title: "Contours",
  about: "Lines of equal value on a grid.",
  icon: Waves,
  reads: "table or grid",
  whole: true,
  roles: gridRoles,
  settings: [
    { id: "levels", title: "Levels", kind: "number", least: 2, most: 60, step: 1, fallback: 12 },
    {
      id: "fill",
      title: "Colours",
      kind: "choice",
      options: [
        ["fill", "Filled"],
        ["lines", "Coloured lines"],
        ["none", "Lines of one colour"],
      ],
      fallback: "lines",
    },
    { id: "labels", title: "Label the lines", kind: "switch", fallback: true },
    scaleSetting,
  ],
  toTraces({ columns, settings, color, theme }) {
    const plain = settings.fill === "none";
    return [
      {
        type: "contour",
        x: valuesOf(columns, "x"),
        y: valuesOf(columns, "y"),
        z: valuesOf(columns, "z"),
        colorscale: settings.scale,
        ncontours: settings.levels,
        autocontour: true,
        connectgaps: false,
        showscale: !plain,
        contours: {
          coloring: settings.fill,
          showlabels: settings.labels,
          labelfont: { color: theme.ink, size: 11 },
        },
        line: { width: settings.fill === "fill" ? 0.5 : 1.5, ...(plain && { color }) },
        ...(columns.z && { colorbar: colorBar(columns.z, theme) }),
      },
    ];
  },
};
