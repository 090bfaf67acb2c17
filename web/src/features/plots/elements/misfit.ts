import { Target } from "lucide-react";
import { type Column, finite, numbers, over, type PlotElement, valuesOf } from "./element";

/** Observed less calculated, row by row; a row that lacks one of them has none. */
export function residuals(observed: readonly unknown[], calculated: readonly unknown[]): (number | null)[] {
  return observed.map((value, row) => {
    const other = calculated[row];
    return typeof value === "number" && typeof other === "number" ? value - other : null;
  });
}

export function rootMeanSquare(list: readonly unknown[]): number {
  const known = finite(list);
  return Math.sqrt(known.reduce((sum, value) => sum + value * value, 0) / Math.max(1, known.length));
}

const short = (value: number, { unit }: Column) => `${Number(value.toPrecision(3))}${unit ? ` ${unit}` : ""}`;

export const misfit: PlotElement = {
  id: "misfit",
  title: "Misfit",
  about: "Observed against calculated values with what is left over, or a misfit by iteration or weight.",
  icon: Target,
  reads: "table",
  roles: [
    { ...over, title: "Point, iteration or weight (X)" },
    { id: "y", title: "Observed, or the misfit itself", types: numbers, on: "y" },
    { id: "calculated", title: "Calculated", types: numbers, optional: true, on: "y" },
  ],
  settings: [{ id: "residuals", title: "Draw what is left over", kind: "switch", fallback: true }],
  // The misfit of an inversion falls by orders of magnitude, over weights that do as well.
  logarithmic: ({ x, y, calculated }) =>
    calculated ? {} : { y: positive(y), x: positive(x) && finite(x?.values ?? []).length > 2 && wide(x) },
  toTraces({ columns, settings, name, color, theme }) {
    const [x, y] = [valuesOf(columns, "x"), valuesOf(columns, "y")];
    const { calculated, y: observed } = columns;
    if (!calculated || !observed) {
      return [
        { type: "scatter", mode: "lines+markers", x, y, line: { color, width: 1.5 }, marker: { color, size: 6 } },
      ];
    }
    const left = residuals(y, calculated.values);
    const rest = { name: `${name}, left over (RMS ${short(rootMeanSquare(left), observed)})` };
    return [
      { type: "scatter", mode: "markers", x, y, name: `${name}, observed`, marker: { color, size: 5 } },
      {
        type: "scatter",
        mode: "lines",
        x,
        y: calculated.values,
        name: `${name}, calculated`,
        line: { color: theme.ink, width: 1.2 },
      },
      ...(settings.residuals
        ? [{ type: "bar", x, y: left, ...rest, marker: { color, line: { width: 0 } }, opacity: 0.5 }]
        : []),
    ];
  },
};

function positive(column: Column | undefined): boolean {
  const known = finite(column?.values ?? []);
  return known.length > 0 && known.every((value) => value > 0);
}

/** Over more than two orders of magnitude. */
function wide(column: Column | undefined): boolean {
  const known = finite(column?.values ?? []);
  return known.reduce((a, b) => Math.max(a, b), 0) > 100 * known.reduce((a, b) => Math.min(a, b), Infinity);
}
