import { AudioLines } from "lucide-react";
import { inverse, isFrequency } from "@/shared/units/units";
import { type Columns, numberish, type PlotElement, type Values, values, valuesOf } from "./element";
import { amplitudes, overTime } from "./fourier";

/** Over frequencies it is a spectrum already; over time or distance it is computed. */
const isSpectrum = ({ x }: Columns) => x !== undefined && isFrequency(x.unit);

function computed(columns: Columns, settings: Values): Columns {
  const { x, y } = columns;
  if (!x || !y || isSpectrum(columns)) return columns;
  const base = x.type === "time" ? overTime(x.values) : { x: x.values, unit: x.unit };
  const { frequency, amplitude } = amplitudes(base.x, y.values, settings.window === "none" ? "none" : "hann");
  const unit = x.type === "time" || x.unit ? inverse(base.unit) : null;
  const named = unit && isFrequency(unit) ? "frequency" : "wave number";
  return {
    x: { name: named, unit, type: "number", values: frequency },
    y: { name: `amplitude of ${y.name}`, unit: y.unit, type: "number", values: amplitude },
  };
}

export const spectrum: PlotElement = {
  id: "spectrum",
  title: "Spectrum",
  about: "The amplitude spectrum, computed of a series or read as it is over frequencies.",
  icon: AudioLines,
  reads: "table",
  whole: true,
  roles: [
    { id: "x", title: "Time, distance or frequency (X)", types: numberish, optional: true, rows: true, on: "x" },
    values,
  ],
  settings: [
    {
      id: "window",
      title: "Window, when it is computed",
      kind: "choice",
      options: [
        ["hann", "Hann"],
        ["none", "None"],
      ],
      fallback: "hann",
    },
    {
      id: "log",
      title: "Axes",
      kind: "choice",
      options: [
        ["both", "Both logarithmic"],
        ["y", "Amplitude logarithmic"],
        ["none", "Linear"],
      ],
      fallback: "both",
    },
  ],
  prepare: computed,
  logarithmic: (_, { log }) => ({ x: log === "both", y: log === "both" || log === "y" }),
  toTraces: ({ columns, color }) => [
    {
      type: "scatter",
      mode: "lines",
      x: valuesOf(columns, "x"),
      y: valuesOf(columns, "y"),
      line: { color, width: 1.3 },
    },
  ],
};
