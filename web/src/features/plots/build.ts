// From a plot's description and its data to what Plotly draws.

import { converter } from "@/shared/units/units";
import { type Assignment, type Axis, assign, axisKey, type Wish } from "./axes";
import { elementOf } from "./elements";
import { type Column, type Columns, type PlotElement, settled, type Trace, type Values } from "./elements/element";
import type { ElementSpec, PlotSpec, Slot, XSlot, YSlot } from "./spec";
import type { Theme } from "./theme";
import { plainText } from "./words";

/** What was read for an element. */
export interface Loaded {
  columns: Columns;
  /** The row of the data behind each value; none for grids. */
  row: readonly number[];
  /** The data's id, for whoever highlights its rows. */
  data: string;
  /** What the data are called. */
  from: string;
  total: number;
  thinned: boolean;
}

/** What stands on the plot, in the units of its axes: for brushing, tables and words. */
export interface Drawn {
  id: string;
  name: string;
  data: string;
  row: readonly number[];
  x: Column;
  y: Column;
  z?: Column;
  axes: { x: XSlot; y: YSlot };
}

export interface Figure {
  traces: Trace[];
  layout: Record<string, unknown>;
  axes: Axis[];
  drawn: Drawn[];
  left: Assignment["left"];
  /** Plotly's name for each axis, `x`, `y2`…: without holes, while ours stay where a hand put them. */
  names: ReadonlyMap<Slot, string>;
  view: View;
}

export type Range = readonly [number | string, number | string];

/** Where a person has zoomed to, by axis, as long as the axis is the same one (`axisKey`). */
export type View = Readonly<Partial<Record<Slot, { of: string; range: Range }>>>;

export const rangeOf = (view: View, axis: Axis): Range | undefined => {
  const own = view[axis.slot];
  return own?.of === axisKey(axis) ? own.range : undefined;
};

export interface Options {
  theme: Theme;
  /** Picked rows by the data's id. */
  picked?: { data: string; rows: readonly number[] } | undefined;
  view?: View;
}

interface Ready {
  spec: ElementSpec;
  kind: PlotElement;
  settings: Values;
  columns: Columns;
  loaded: Loaded;
  color: string;
}

const rowNumbers = (row: readonly number[]): Column => ({ name: "row", unit: null, type: "number", values: row });

function ready(spec: PlotSpec, loaded: ReadonlyMap<string, Loaded>, theme: Theme): Ready[] {
  return spec.elements.flatMap((element, index) => {
    const [kind, data] = [elementOf(element.kind), loaded.get(element.id)];
    if (!kind || !data || element.hidden) return [];
    const settings = settled(kind, element.settings);
    const color = theme.series[(element.color ?? index) % theme.series.length] ?? theme.ink;
    const read = withX(kind, data);
    const columns = kind.prepare?.(read, settings) ?? read;
    return [{ spec: element, kind, settings, columns, loaded: data, color }];
  });
}

/** An x that nobody chose is the row's number, where that makes sense. */
function withX({ roles }: PlotElement, { columns, row }: Loaded): Columns {
  const numbered = roles.some(({ id, rows }) => id === "x" && rows);
  return columns.x || !numbered ? columns : { ...columns, x: rowNumbers(row) };
}

/** Its values in the unit of the axis. */
function onAxis(column: Column, axis: Axis, delta: boolean): Column {
  const convert = column.type === "number" ? converter(column.unit, axis.unit) : null;
  if (!convert) return column;
  const zero = delta ? convert(0) : 0;
  const values = column.values.map((value) => (typeof value === "number" ? convert(value) - zero : value));
  return { ...column, unit: axis.unit, values };
}

export const nameOf = ({ spec, columns }: Pick<Ready, "spec" | "columns">): string =>
  spec.name ?? columns.z?.name ?? (columns.y?.name === "count" ? columns.x?.name : columns.y?.name) ?? "";

export function build(spec: PlotSpec, loaded: ReadonlyMap<string, Loaded>, options: Options): Figure {
  const { theme, picked } = options;
  const list = ready(spec, loaded, theme);
  const wishes = list.flatMap(({ spec: { id, axis }, kind, columns, settings }): Wish[] =>
    columns.x && columns.y
      ? [{ id, axis, x: columns.x, y: columns.y, logarithmic: kind.logarithmic?.(columns, settings) ?? {} }]
      : [],
  );
  const { axes, places, left } = assign(wishes, spec.axes);
  const names = named(axes);
  const traces: Trace[] = [];
  const drawn: Drawn[] = [];
  const marks: Trace[] = [];
  const single = places.size === 1;
  const called = list.map(nameOf);
  for (const [index, item] of list.entries()) {
    const place = places.get(item.spec.id);
    if (!place) continue;
    const columns = converted(item, axes, place);
    const { x, y, z } = columns;
    if (!x || !y) continue;
    const plain = called[index] ?? "";
    // The same column of two data sets is told apart by where it comes from.
    const twice = item.spec.name === undefined && called.filter((other) => other === plain).length > 1;
    const name = twice ? `${plain}, ${item.loaded.from}` : plain;
    const own = { xaxis: names.get(place.x), yaxis: names.get(place.y), legendgroup: item.spec.id };
    const made = item.kind.toTraces({ columns, settings: item.settings, name, color: item.color, theme });
    for (const trace of made) {
      const shown = plainText(String(trace.name ?? name));
      traces.push({ ...trace, ...own, name: shown, hovertemplate: hover(trace, shown, axes, place, z) });
    }
    const computed = item.kind.prepare !== undefined;
    drawn.push({
      id: item.spec.id,
      name,
      data: item.loaded.data,
      row: computed ? [] : item.loaded.row,
      x,
      y,
      ...(z && { z }),
      axes: place,
    });
    if (picked && picked.data === item.loaded.data && !computed && item.loaded.row.length > 0) {
      marks.push({ ...highlight(x, y, item.loaded.row, picked.rows, theme), ...own });
    }
  }
  const layout = layoutOf(spec, axes, names, options, single && marks.length === 0 ? 1 : traces.length);
  return { traces: [...traces, ...marks], layout, axes, drawn, left, names, view: options.view ?? {} };
}

function converted({ kind, columns }: Ready, axes: readonly Axis[], place: { x: Slot; y: Slot }): Columns {
  const axisOf = (slot: Slot) => axes.find((axis) => axis.slot === slot);
  return Object.fromEntries(
    Object.entries(columns).map(([role, column]) => {
      const known = kind.roles.find(({ id }) => id === role);
      const on = known ? known.on : role === "x" || role === "y" ? role : undefined;
      const axis = on && axisOf(place[on]);
      return [role, column && axis ? onAxis(column, axis, known?.delta ?? false) : column];
    }),
  );
}

/** Rings around picked rows that the thinned picture has. */
function highlight(x: Column, y: Column, row: readonly number[], rows: readonly number[], theme: Theme): Trace {
  const wanted = new Set(rows);
  const at = row.flatMap((number, index) => (wanted.has(number) ? [index] : []));
  return {
    type: "scatter",
    mode: "markers",
    name: "picked",
    x: at.map((index) => x.values[index]),
    y: at.map((index) => y.values[index]),
    marker: { color: theme.faded(theme.accent, 0.35), size: 9, line: { color: theme.accent, width: 1.5 } },
    hoverinfo: "skip",
    showlegend: false,
  };
}

function hover(
  trace: Trace,
  name: string,
  axes: readonly Axis[],
  place: { x: Slot; y: Slot },
  z?: Column,
): string | undefined {
  if (trace.type === "box") return undefined;
  const unit = (slot: Slot) => {
    const own = axes.find((axis) => axis.slot === slot)?.unit;
    return own ? ` ${plainText(own)}` : "";
  };
  const extra = trace.type === "heatmap" || trace.type === "contour";
  const value = extra ? `<br>%{z:.6~g}${z?.unit ? ` ${plainText(z.unit)}` : ""}` : "";
  return `%{x}${unit(place.x)}<br>%{y:.6~g}${unit(place.y)}${value}<extra>${name}</extra>`;
}

/** Plotly wants the first axis of a direction to be `x` or `y`. */
function named(axes: readonly Axis[]): Map<Slot, string> {
  const names = new Map<Slot, string>();
  for (const letter of ["x", "y"]) {
    const own = axes.filter(({ slot }) => slot.startsWith(letter));
    for (const [index, { slot }] of own.entries()) names.set(slot, index === 0 ? letter : `${letter}${index + 1}`);
  }
  return names;
}

const layoutKey = (name: string) => name.replace(/^([xy])/, "$1axis");

function layoutOf(
  spec: PlotSpec,
  axes: readonly Axis[],
  names: ReadonlyMap<Slot, string>,
  { theme, picked, view = {} }: Options,
  entries: number,
): Record<string, unknown> {
  const layout: Record<string, unknown> = {
    showlegend: spec.legend && entries > 1,
    legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", font: { color: theme.ink } },
    barmode: "overlay",
    hovermode: "closest",
    uirevision: "kept",
    // The area is taken away once its rows are marked.
    selections: [],
    selectionrevision: picked ? `${picked.data} ${picked.rows.length} ${picked.rows[0]}` : "none",
    ...(spec.title && { title: { text: plainText(spec.title), x: 0.01, xanchor: "left", y: 0.985, yanchor: "top" } }),
  };
  for (const axis of axes) {
    const name = names.get(axis.slot) ?? axis.slot;
    const first = name === "x" || name === "y";
    const shown = rangeOf(view, axis) ?? axis.range;
    const range = shown && (axis.type === "log" ? shown.map((end) => Math.log10(Number(end))) : [...shown]);
    const turned = axis.reversed && range ? [range[1], range[0]] : range;
    layout[layoutKey(name)] = {
      title: { text: plainText(axis.title), standoff: 8 },
      type: axis.type,
      // What a person zoomed to stays when data or colours change.
      uirevision: JSON.stringify([axisKey(axis), axis.range, axis.reversed]),
      ...(turned ? { range: turned, autorange: false } : { autorange: axis.reversed ? "reversed" : true }),
      ...(axis.type === "log" && { exponentformat: "power" }),
      ...(!first && { overlaying: name.charAt(0), side: name.startsWith("x") ? "top" : "right", showgrid: false }),
      ...(first && axis.slot !== name && { side: "right" }),
      ...(name === "y3" && { anchor: "free", autoshift: true, shift: 10 }),
    };
  }
  return layout;
}

/** What the plot shows, in words. */
export function described({ drawn }: Pick<Figure, "drawn">): string {
  if (drawn.length === 0) return "Empty plot";
  const parts = drawn.map(({ name, x, y, z }) => {
    const what = (z ?? y).name;
    const across = z ? `${x.name} and ${y.name}` : x.name;
    return name && name !== what ? `${name}: ${what} over ${across}` : `${what} over ${across}`;
  });
  return `Plot of ${parts.join("; ")}`;
}
