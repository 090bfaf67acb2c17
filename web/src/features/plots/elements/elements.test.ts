import { describe, expect, it } from "vitest";
import { faded, type Theme } from "../theme";
import { elementOf, elements } from "./";
import { type Column, type Columns, type ColumnType, settled } from "./element";
import { amplitudes, overTime } from "./fourier";
import { counted } from "./histogram";
import { residuals, rootMeanSquare } from "./misfit";

const theme: Theme = {
  ink: "rgb(0, 0, 0)",
  muted: "rgb(90, 90, 90)",
  grid: "rgb(200, 200, 200)",
  surface: "rgb(255, 255, 255)",
  accent: "rgb(200, 0, 0)",
  series: ["rgb(1, 2, 3)"],
  font: "sans-serif",
  faded,
};

const column = (values: readonly unknown[], unit: string | null = null, type: ColumnType = "number"): Column => ({
  name: "v",
  unit,
  type,
  values,
});

/** The traces of an element with these settings, as a plot would ask for them. */
function traces(id: string, read: Columns, given: Record<string, unknown> = {}) {
  const element = elementOf(id);
  if (!element) throw new Error(id);
  const settings = settled(element, given);
  const columns = element.prepare?.(read, settings) ?? read;
  return element.toTraces({ columns, settings, name: "n", color: "rgb(1, 2, 3)", theme });
}

const x = column([1, 2, 3], "s");
const y = column([4, null, 6], "m");

it("has each element once, with a role for what goes up or the values of a grid", () => {
  expect(new Set(elements.map(({ id }) => id)).size).toBe(elements.length);
  for (const { id, roles } of elements)
    expect(
      roles.some((role) => ["y", "z", "x"].includes(role.id)),
      id,
    ).toBe(true);
});

describe("traces", () => {
  it("of a line keep the holes", () => {
    expect(traces("line", { x, y }, { dash: "dot", steps: true })).toEqual([
      {
        type: "scatter",
        mode: "lines",
        x: [1, 2, 3],
        y: [4, null, 6],
        line: { color: "rgb(1, 2, 3)", width: 1.5, dash: "dot", shape: "hv", simplify: false },
      },
    ]);
  });

  it("of points have one colour, or those of a column with its legend", () => {
    expect(traces("points", { x, y })[0]?.marker).toMatchObject({ color: "rgb(1, 2, 3)", size: 6 });
    const colored = traces("points", { x, y, c: column([7, 8, 9], "<b>") })[0]?.marker;
    expect(colored).toMatchObject({ color: [7, 8, 9], showscale: true, colorbar: { title: { text: "v (&lt;b>)" } } });
  });

  it("of bars and a box draw the values themselves", () => {
    expect(traces("bars", { x, y })[0]).toMatchObject({ type: "bar", y: [4, null, 6] });
    expect(traces("box", { y })[0]).toMatchObject({ type: "box", x: ["v", "v", "v"], boxpoints: "outliers" });
    expect(traces("box", { y, x: column(["a", "b", "a"], null, "other") }, { points: "none" })[0]).toMatchObject({
      x: ["a", "b", "a"],
      boxpoints: false,
    });
  });

  it("of error bars are the same on both sides unless there are two columns", () => {
    const error = column([0.1, 0.2, 0.3]);
    expect(traces("error-bars", { x, y, error })[0]?.error_y).toMatchObject({ array: [0.1, 0.2, 0.3] });
    expect(traces("error-bars", { x, y, error, below: column([1, 1, 1]) })[0]?.error_y).toMatchObject({
      symmetric: false,
      arrayminus: [1, 1, 1],
    });
  });

  it("of a band fill from the upper edge to the lower", () => {
    const [lower, upper] = traces("band", { x, y: column([1, 1, 1]), upper: column([2, 3, 2]) }, { opacity: 0.5 });
    expect(lower).toMatchObject({ y: [1, 1, 1], showlegend: false });
    expect(upper).toMatchObject({ y: [2, 3, 2], fill: "tonexty", fillcolor: "rgba(1, 2, 3, 0.5)" });
  });

  it("of a heat map and of contours are its rows of values", () => {
    const z = column([
      [3, 4],
      [1, null],
    ]);
    const grid = { x: column([0, 1]), y: column([4, 5]), z };
    expect(traces("heat-map", grid)[0]).toMatchObject({ type: "heatmap", x: [0, 1], y: [4, 5], z: z.values });
    const [lines] = traces("contour", grid, { fill: "none", levels: 5 });
    expect(lines).toMatchObject({ type: "contour", ncontours: 5, showscale: false, line: { color: "rgb(1, 2, 3)" } });
  });

  it("of a histogram are counted bars", () => {
    expect(traces("histogram", { x: column([0, 0.4, 1, null, 2]) }, { bins: 2 })[0]).toMatchObject({
      type: "bar",
      x: [0.5, 1.5],
      y: [2, 2],
    });
  });

  it("of a misfit are observed, calculated and left over, with its root mean square", () => {
    const read = { x, y: column([1, 2, 4], "s"), calculated: column([1, 1, 2]) };
    const drawn = traces("misfit", read);
    expect(drawn.map(({ type }) => type)).toEqual(["scatter", "scatter", "bar"]);
    expect(drawn[2]).toMatchObject({ y: [0, 1, 2], name: "n, left over (RMS 1.29 s)" });
    expect(traces("misfit", read, { residuals: false })).toHaveLength(2);
    expect(traces("misfit", { x, y })[0]).toMatchObject({ mode: "lines+markers" });
  });
});

describe("a spectrum", () => {
  const count = 600;
  const times = Array.from({ length: count }, (_, i) => i / 100);
  const wave = times.map((t) => 5 + 0.3 * t + 2 * Math.sin(2 * Math.PI * 12.5 * t));

  it.each(["hann", "none"] as const)("finds frequency and amplitude of a wave on a trend (window %s)", (window) => {
    const { frequency, amplitude } = amplitudes(times, wave, window);
    const peak = amplitude.indexOf(Math.max(...amplitude));
    expect(frequency[peak]).toBeCloseTo(12.5, 0);
    expect(amplitude[peak]).toBeGreaterThan(1.9);
    expect(amplitude[peak]).toBeLessThan(2.1);
  });

  it("is computed over time and distance, and read as it is over frequencies", () => {
    const spectrum = elementOf("spectrum");
    const settings = settled({ settings: spectrum?.settings ?? [] }, {});
    const over = (unit: string) =>
      spectrum?.prepare?.({ x: column(times, unit), y: column(wave, "ppm") }, settings) ?? {};
    expect(over("s").x).toMatchObject({ unit: "Hz", name: "frequency" });
    expect(over("km").x).toMatchObject({ unit: "1/km", name: "wave number" });
    expect(over("s").y).toMatchObject({ unit: "ppm" });
    expect(over("cycles per year").x?.values).toBe(times);
  });

  it("of dates is per year when they span years", () => {
    const dates = Array.from(
      { length: 48 },
      (_, i) => `${1960 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, "0")}-01`,
    );
    const { x: years, unit } = overTime(dates);
    expect(unit).toBe("yr");
    expect(years[12]).toBeCloseTo(1, 2);
  });

  it("of too little is empty, not wrong", () => {
    expect(amplitudes([1, 2], [3, 4], "hann").frequency).toEqual([]);
    expect(amplitudes([1, 1, 1, 1], [1, 2, 3, 4], "hann").frequency).toEqual([]);
  });
});

it("counts values at the edges once, and one value alone", () => {
  expect(counted([0, 1, 2, 3, 4], 2)).toEqual({ centres: [1, 3], counts: [2, 3], width: 2 });
  expect(counted([7, 7], 10)).toEqual({ centres: [7], counts: [2], width: 1 });
  expect(counted([], 10).counts).toEqual([]);
});

it("leaves out rows that lack a value", () => {
  expect(residuals([1, null, 3], [0, 1, 5])).toEqual([1, null, -2]);
  expect(rootMeanSquare([3, null, 4])).toBeCloseTo(Math.sqrt(12.5));
});

it("replaces settings of a wrong kind and keeps numbers within their bounds", () => {
  const line = elementOf("line") as NonNullable<ReturnType<typeof elementOf>>;
  expect(settled(line, { width: 99, dash: "wavy", steps: "yes" })).toEqual({ width: 6, dash: "solid", steps: false });
});
