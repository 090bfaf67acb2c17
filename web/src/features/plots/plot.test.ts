import { describe, expect, it } from "vitest";
import { brushed, inPolygon } from "./brush";
import { build, described, type Loaded } from "./build";
import type { Structure } from "./data/structure";
import { ownBounds } from "./data/use-loaded";
import { thinnedWords } from "./data/words";
import { elementOf } from "./elements";
import type { Column, ColumnType } from "./elements/element";
import { pinned, plotFile, readPlotFile, usedData } from "./exchange";
import { asKind, guessColumns, guessElement } from "./guess";
import { type ElementSpec, emptySpec, freeColor, type PlotSpec, parseSpec } from "./spec";
import { faded, type Theme } from "./theme";
import { zoomTo } from "./view/zoom";
import { bare, withUnit } from "./words";

const theme: Theme = {
  ink: "rgb(0, 0, 0)",
  muted: "rgb(90, 90, 90)",
  grid: "rgb(200, 200, 200)",
  surface: "rgb(255, 255, 255)",
  accent: "rgb(200, 0, 0)",
  series: ["rgb(1, 2, 3)", "rgb(4, 5, 6)"],
  font: "sans-serif",
  faded,
};

const column = (
  name: string,
  values: readonly unknown[],
  unit: string | null,
  type: ColumnType = "number",
): Column => ({
  name,
  unit,
  type,
  values,
});

const element = (id: string, more: Partial<ElementSpec> = {}): ElementSpec => ({
  id,
  kind: "line",
  source: { data: `ds_${id}` },
  columns: { x: "t", y: "v" },
  settings: {},
  ...more,
});

const loaded = (id: string, x: Column, y: Column): [string, Loaded] => [
  id,
  {
    columns: { x, y },
    row: x.values.map((_, row) => row),
    data: `ds_${id}`,
    from: `${id}.csv`,
    total: x.values.length,
    thinned: false,
  },
];

const two = (): [PlotSpec, Map<string, Loaded>] => [
  { ...emptySpec, elements: [element("a"), element("b")] },
  new Map([
    loaded("a", column("t", [0, 60], "s"), column("depth", [100, 200], "m")),
    loaded("b", column("t", [0, 1], "min"), column("height", [1, 2], "km")),
  ]),
];

describe("building", () => {
  it("converts both directions to the units of the first element", () => {
    const { traces, drawn } = build(...two(), { theme });
    expect(traces[1]).toMatchObject({ x: [0, 60], y: [1000, 2000], xaxis: "x", yaxis: "y" });
    expect(drawn[1]?.y.unit).toBe("m");
  });

  it("follows the unit that was chosen for the axis", () => {
    const [spec, data] = two();
    const { traces, layout } = build({ ...spec, axes: { y: { unit: "km" } } }, data, { theme });
    expect(traces[0]).toMatchObject({ y: [0.1, 0.2] });
    expect(layout.yaxis).toMatchObject({ title: { text: "depth, height (km)" } });
  });

  it("converts an error as a difference", () => {
    const spec = { ...emptySpec, elements: [element("a", { kind: "error-bars" })], axes: { y: { unit: "K" } } };
    const [id, data] = loaded("a", column("t", [0], "s"), column("T", [20], "degC"));
    data.columns = { ...data.columns, error: column("e", [2], "degC") };
    const { traces } = build(spec, new Map([[id, data]]), { theme });
    expect(traces[0]).toMatchObject({ y: [293.15], error_y: { array: [2] } });
  });

  it("gives a second quantity an axis on the right, and escapes what stands in names", () => {
    const [spec, data] = two();
    data.set(...loaded("b", column("t", [0, 1], "min"), column("<a href=x>", [1, 2], "s")));
    const { traces, layout } = build(spec, data, { theme });
    expect(traces[1]).toMatchObject({ yaxis: "y2", name: "&lt;a href=x>" });
    expect(layout.yaxis2).toMatchObject({ side: "right", overlaying: "y" });
  });

  it("tells the same column of two data sets apart by where it comes from, unless it has a name", () => {
    const [spec, data] = two();
    data.set(...loaded("b", column("t", [0, 1], "min"), column("depth", [1, 2], "km")));
    const names = (plot: PlotSpec) => build(plot, data, { theme }).traces.map(({ name }) => name);
    expect(names(spec)).toEqual(["depth, a.csv", "depth, b.csv"]);
    expect(names({ ...spec, elements: [element("a", { name: "mine" }), element("b")] })).toEqual(["mine", "depth"]);
  });

  it("leaves out what is hidden or has no data, and draws rows when nothing is chosen across", () => {
    const [spec, data] = two();
    const hidden = { ...spec, elements: [element("a", { hidden: true }), element("b"), element("c")] };
    expect(build(hidden, data, { theme }).drawn.map(({ id }) => id)).toEqual(["b"]);
    const rows = new Map(data);
    const { columns, ...rest } = rows.get("a") as Loaded;
    rows.set("a", { ...rest, columns: { y: columns.y }, row: [3, 9] });
    expect(build(spec, rows, { theme }).traces[0]).toMatchObject({ x: [3, 9] });
  });

  it("keeps Plotly's axes without holes when only the right one is used", () => {
    const [spec, data] = two();
    const right = { ...spec, elements: [element("a", { axis: "y2" })] };
    const { traces, layout } = build(right, data, { theme });
    expect(traces[0]?.yaxis).toBe("y");
    expect(layout.yaxis).toMatchObject({ side: "right" });
  });

  it("marks picked rows of the same data, and says what it shows", () => {
    const figure = build(...two(), { theme, picked: { data: "ds_b", rows: [1, 7] } });
    expect(figure.traces[2]).toMatchObject({ x: [60], y: [2000], mode: "markers", showlegend: false });
    expect(described(figure)).toBe("Plot of depth over t; height over t");
  });
});

describe("brushing", () => {
  const figure = build(...two(), { theme });
  it("picks the rows in a box, of the data that have most there", () => {
    expect(brushed({ range: { x: [-1, 61], y: [50, 1500] } }, figure)).toEqual({ data: "ds_a", rows: [0, 1] });
    expect(brushed({ range: { x: [59, 61], y: [1500, 2500] } }, figure)).toEqual({ data: "ds_b", rows: [1] });
    expect(brushed({ range: { x: [100, 200], y: [0, 1] } }, figure)).toBeUndefined();
  });

  it("picks the rows in a lasso", () => {
    const lassoPoints = { x: [-5, 5, 5, -5], y: [90, 90, 110, 110] };
    expect(brushed({ lassoPoints }, figure)).toEqual({ data: "ds_a", rows: [0] });
    expect(inPolygon(0.9, 0.9, [0, 1, 0], [0, 0, 1])).toBe(false);
  });

  it("compares times as times", () => {
    const dates = column("date", ["2001-01-01", "2002-01-01T00:00:00Z"], null, "time");
    const one = build(
      { ...emptySpec, elements: [element("a")] },
      new Map([loaded("a", dates, column("v", [1, 2], "m"))]),
      {
        theme,
      },
    );
    const range = { x: ["2001-06-01 12:00", "2003-01-01"], y: [0, 5] } as const;
    expect(brushed({ range }, one)?.rows).toEqual([1]);
  });
});

describe("zooming", () => {
  const figure = build(...two(), { theme });
  it("asks for the bounds in the element's own unit, and for all again when it is reset", () => {
    const view = zoomTo({}, { x: [30, 60] }, figure);
    const place = figure.drawn[1]?.axes;
    expect(ownBounds(view, place, figure.axes, "min")).toEqual({ from: 0.5, to: 1 });
    expect(ownBounds(zoomTo(view, { x: null }, figure), place, figure.axes, "min")).toEqual({});
  });

  it("reads powers of ten and times", () => {
    const log = build({ ...(two()[0] as PlotSpec), axes: { y: { scale: "log" } } }, two()[1], { theme });
    expect(zoomTo({}, { y: [2, 3] }, log).y?.range).toEqual([100, 1000]);
    const times = { axes: [{ ...log.axes[0], type: "date" as const }] as never, names: new Map([["x", "x"]]) as never };
    expect(zoomTo({}, { x: ["2001-01-01 12:00", "2002-01-01"] }, times).x?.range).toEqual([
      "2001-01-01T12:00:00.000Z",
      "2002-01-01T00:00:00.000Z",
    ]);
  });
});

describe("thinning", () => {
  it("is said in rows", () => {
    const base = { columns: {}, row: [1, 2, 3], data: "", from: "", total: 1_200_000, thinned: true };
    expect(thinnedWords(base)).toBe(`thinned: 3 of ${(1_200_000).toLocaleString()} rows`);
    expect(thinnedWords({ ...base, thinned: false })).toBeNull();
  });
});

describe("guessing", () => {
  const fields = [
    { name: "date", unit: null, type: "time" as const },
    { name: "co2", unit: "ppm", type: "number" as const },
    { name: "temperature", unit: "degC", type: "number" as const },
    { name: "adjusted", unit: "ppm", type: "number" as const },
  ];
  const structure = { id: "ds_1", name: "n", kind: "table", fields } as unknown as Structure;

  it("draws the first numbers over time", () => {
    expect(guessElement(structure, { data: "ds_1" }, "e1", 0)).toMatchObject({
      kind: "line",
      columns: { x: "date", y: "co2" },
    });
    const alone = fields.slice(1, 2);
    expect(guessColumns(elementOf("line") as never, alone)).toEqual({ y: "co2" });
  });

  it("prefers a column of the same unit for the same axis", () => {
    expect(guessColumns(elementOf("band") as never, fields)).toEqual({ x: "date", y: "co2", upper: "adjusted" });
  });

  it("draws frequencies as a spectrum and grids as colours", () => {
    const frequencies = [{ name: "f", unit: "Hz", type: "number" as const }, ...fields.slice(1)];
    expect(guessElement({ ...structure, fields: frequencies }, { data: "x" }, "e1", 0).kind).toBe("spectrum");
    expect(guessElement({ ...structure, kind: "grid" }, { data: "x" }, "e1", 0).kind).toBe("heat-map");
  });

  it("keeps columns that another kind of element takes as well", () => {
    const line = element("a", { columns: { x: "date", y: "adjusted" } });
    expect(asKind(line, elementOf("points") as never, fields).columns).toEqual({ x: "date", y: "adjusted" });
    expect(asKind(line, elementOf("histogram") as never, fields).columns).toEqual({ x: "co2" });
  });
});

describe("a plot's description", () => {
  const spec: PlotSpec = {
    v: 1,
    title: "CO₂",
    elements: [
      element("a", { name: "n", color: 2, axis: "y2", hidden: true, settings: { width: 2 } }),
      element("b", { source: { process: "proc_1", output: "spectrum" } }),
    ],
    axes: { y: { unit: "ppm", scale: "log", reversed: true, range: [1, 2] } },
    legend: false,
  };

  it("survives being written and read", () => {
    expect(parseSpec(JSON.parse(JSON.stringify(spec)))).toEqual(spec);
  });

  it("is read with care", () => {
    expect(parseSpec(null)).toBeNull();
    expect(parseSpec({ v: 2, elements: [] })).toBeNull();
    const foreign = parseSpec({
      v: 1,
      elements: [
        7,
        { kind: "pie" },
        { kind: "line", id: "a", columns: { y: 3 }, color: -1 },
        { kind: "line", id: "a" },
      ],
      axes: { y: { scale: "cubic", range: [1, null] }, z: {} },
    });
    expect(foreign?.elements.map(({ id }) => id)).toEqual(["a", "e2"]);
    expect(foreign?.elements[0]).toEqual(element("a", { source: null, columns: {} }));
    expect(foreign?.axes).toEqual({});
  });

  it("takes the colour that is used least", () => {
    expect(freeColor({ ...emptySpec, elements: [element("a"), element("b", { color: 0 })] }, 3)).toBe(1);
  });

  it("is exported with what its data were, and comes back fixed to them", () => {
    const structure = {
      id: "ds_9",
      name: "spectrum",
      mediaType: "text/csv",
      sha256: "abc",
      process: "proc_1",
      version: 3,
    };
    const data = usedData(spec, () => structure as Structure);
    const file = plotFile({
      spec,
      data,
      project: { id: "proj_1", name: "demo" },
      software: { name: "castalia", version: "1.0" },
      exported_at: "2026-01-01T00:00:00Z",
    });
    const read = readPlotFile(JSON.stringify(file));
    expect(read.data[1]).toMatchObject({ id: "ds_9", sha256: "abc", version: 3 });
    expect(pinned(read, new Map()).elements[1]?.source).toEqual({ data: "ds_9" });
    expect(pinned(read, new Map([["ds_9", "ds_here"]])).elements[1]?.source).toEqual({ data: "ds_here" });
    expect(() => readPlotFile("{")).toThrow("no JSON");
    expect(() => readPlotFile('{"format":"other"}')).toThrow("no plot");
    expect(() => readPlotFile('{"format":"castalia.plot","v":2}')).toThrow("newer");
  });
});

it("writes a unit once", () => {
  expect(withUnit("co2 (ppm)", "ppm")).toBe("co2 (ppm)");
  expect(withUnit("co2", "ppm")).toBe("co2 (ppm)");
  expect(bare("rate (mean)", "m")).toBe("rate (mean)");
});
